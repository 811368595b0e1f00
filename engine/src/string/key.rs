//! Property keys.

use super::{JsString, Units};
use crate::heap::{Heap, Ref, SymbolCell};
use crate::value::{Value, tag};

/// A property key: an atom, a symbol, or an integer index below 2³¹. Bit 0 tells indices from references.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct PropertyKey(u32);

impl std::fmt::Debug for PropertyKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_index() {
            Some(index) => write!(f, "key {index}"),
            None => write!(f, "key@{:#x}", self.0),
        }
    }
}

impl PropertyKey {
    /// Largest index that is stored as one; larger array indices are atoms.
    pub const MAX_INDEX: u32 = (1 << 31) - 1;

    /// An index key; `index` must be at most [`PropertyKey::MAX_INDEX`].
    #[inline(always)]
    pub const fn index(index: u32) -> PropertyKey {
        PropertyKey(index << 1 | 1)
    }

    /// The key of an atom that is not a small index.
    #[inline(always)]
    pub const fn atom(atom: JsString) -> PropertyKey {
        PropertyKey(atom.offset())
    }

    /// The key of a symbol.
    #[inline(always)]
    pub const fn symbol(symbol: Ref<SymbolCell>) -> PropertyKey {
        PropertyKey(symbol.offset())
    }

    /// From the bits stored in tables.
    #[inline(always)]
    pub const fn from_bits(bits: u32) -> PropertyKey {
        PropertyKey(bits)
    }

    /// The bits stored in tables.
    #[inline(always)]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Whether it is an index.
    #[inline(always)]
    pub const fn is_index(self) -> bool {
        self.0 & 1 != 0
    }

    /// The index, if it is one.
    #[inline(always)]
    pub const fn as_index(self) -> Option<u32> {
        if self.is_index() { Some(self.0 >> 1) } else { None }
    }

    /// Whether it is an atom that spells an array index too large to be stored as one.
    pub(crate) fn is_large_index(self, heap: &Heap) -> bool {
        !self.is_index() && heap.aux(self.0) == super::atoms::LARGE_INDEX && !self.is_symbol(heap)
    }

    /// Whether it is a symbol.
    pub fn is_symbol(self, heap: &Heap) -> bool {
        !self.is_index() && heap.kind(self.0) == crate::heap::Kind::Symbol
    }

    /// Whether it is a private name.
    pub fn is_private(self, heap: &Heap) -> bool {
        self.is_symbol(heap) && Ref::<SymbolCell>::from_offset(self.0).is_private(heap)
    }

    /// The atom, if it is one.
    pub fn as_atom(self, heap: &Heap) -> Option<JsString> {
        if self.is_index() || self.is_symbol(heap) { None } else { Some(JsString::from_offset(self.0)) }
    }

    /// As a JS value: a string or symbol.
    pub fn to_value(self, heap: &Heap) -> Value {
        match self.as_index() {
            Some(index) => heap.new_latin1(index.to_string().as_bytes()).value(),
            None if self.is_symbol(heap) => Value::tagged(tag::SYMBOL, self.0),
            None => Value::tagged(tag::STRING, self.0),
        }
    }

    /// As text for messages: `name`, `3`, `Symbol(description)`.
    pub fn to_text(self, heap: &Heap) -> String {
        match self.as_index() {
            Some(index) => index.to_string(),
            None if self.is_symbol(heap) => {
                let symbol = Ref::<SymbolCell>::from_offset(self.0);
                let description = symbol.description(heap).map_or_else(String::new, |text| text.to_text(heap));
                if symbol.is_private(heap) { format!("#{description}") } else { format!("Symbol({description})") }
            }
            None => JsString::from_offset(self.0).to_text(heap),
        }
    }

    /// Hash for property tables.
    #[inline(always)]
    pub(crate) fn table_hash(self) -> u32 {
        // Tables take the low bits, and of a product the high ones depend on all bits of the factors.
        let product = (self.0 >> 3).wrapping_mul(0x9E37_79B1);
        product ^ product >> 15
    }
}

/// The array index (0 … 2³²-2) that the units spell canonically, if they do.
pub fn parse_array_index(units: Units<'_>) -> Option<u32> {
    let length = units.len();
    if length == 0 || length > 10 {
        return None;
    }
    let first = units.at(0);
    if first == u16::from(b'0') {
        return if length == 1 { Some(0) } else { None };
    }
    let mut number: u64 = 0;
    for i in 0..length {
        let unit = units.at(i);
        if !(u16::from(b'0')..=u16::from(b'9')).contains(&unit) {
            return None;
        }
        number = number * 10 + u64::from(unit - u16::from(b'0'));
    }
    if number < u64::from(u32::MAX) { Some(number as u32) } else { None }
}

impl Heap {
    /// The property key of a string.
    #[inline]
    pub fn string_key(&self, string: JsString) -> PropertyKey {
        if string.is_atom(self) && self.aux(string.offset()) != super::atoms::MAY_BE_INDEX {
            return PropertyKey::atom(string);
        }
        self.string_key_slow(string)
    }

    #[inline(never)]
    fn string_key_slow(&self, string: JsString) -> PropertyKey {
        if let Some(atom) = self.known_atom(string.offset()) {
            return PropertyKey::from_bits(atom);
        }
        if string.length(self) <= 10
            && let Some(index) = parse_array_index(string.units(self))
            && index <= PropertyKey::MAX_INDEX
        {
            return PropertyKey::index(index);
        }
        let key = PropertyKey::atom(self.intern(string));
        self.note_known_atom(string.offset(), key.bits());
        key
    }

    /// The property key of a text.
    pub fn text_key(&self, text: &str) -> PropertyKey {
        if text.is_ascii()
            && let Some(index) = parse_array_index(Units::Latin1(text.as_bytes()))
            && index <= PropertyKey::MAX_INDEX
        {
            return PropertyKey::index(index);
        }
        PropertyKey::atom(self.intern_text(text))
    }

    /// The key of an array index or length of any size up to 2⁵³.
    pub fn number_key(&self, number: u64) -> PropertyKey {
        if number <= u64::from(PropertyKey::MAX_INDEX) {
            return PropertyKey::index(number as u32);
        }
        PropertyKey::atom(self.intern_text(&number.to_string()))
    }
}
