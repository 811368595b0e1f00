//! Strings: immutable sequences of UTF-16 code units, stored as Latin-1 where possible.
//!
//! Forms: *flat* (units in the cell), *rope* (lazy concatenation), *slice* (window on a flat string). Reading a rope's units flattens it
//! in place: the rope's cell becomes a slice of the flat result. An *atom* is a flat string interned in the heap's atom table, so that
//! its offset is its identity.
//!
//! | form | header word | +8 | +12 | +16 |
//! |---|---|---|---|---|
//! | flat | hash or 0 | length | – | units |
//! | rope | – | length | left | right |
//! | slice | – | length | parent (flat) | start |

pub mod atoms;
mod builder;
mod key;
mod utf8;

pub use builder::StringBuilder;
pub use key::{PropertyKey, parse_array_index};

use crate::heap::{Heap, Kind, Root};
use crate::value::{Value, tag};

/// Header flag: units are 16 bits wide.
pub const TWO_BYTE: u8 = 1;
/// Header flag: the string is an atom.
pub const ATOM: u8 = 2;
/// Offset of a flat string's units.
pub(crate) const FLAT_UNITS: u32 = 16;
/// Longest string, in code units (V8's limit on 64-bit machines).
pub const MAX_LENGTH: u32 = (1 << 29) - 24;
/// Concatenations up to this length are copied rather than made ropes.
const SHORT: u32 = 24;
/// Substrings from this length on are slices.
const SLICE_FROM: u32 = 24;

/// Units that change their width at once.
const RUN_UNITS: usize = 64;

/// A string in the cage.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct JsString(u32);

impl std::fmt::Debug for JsString {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "string@{:#x}", self.0)
    }
}

/// The units of a flat string.
#[derive(Clone, Copy, Debug)]
pub enum Units<'h> {
    /// One byte per unit.
    Latin1(&'h [u8]),
    /// Two bytes per unit.
    Utf16(&'h [u16]),
}

impl Units<'_> {
    /// Number of units.
    pub fn len(&self) -> usize {
        match self {
            Units::Latin1(units) => units.len(),
            Units::Utf16(units) => units.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Unit `index`; 0 past the end.
    #[inline(always)]
    pub fn at(&self, index: usize) -> u16 {
        match self {
            Units::Latin1(units) => units.get(index).map_or(0, |&unit| u16::from(unit)),
            Units::Utf16(units) => units.get(index).copied().unwrap_or(0),
        }
    }

    /// A window, clamped.
    pub fn window(&self, from: usize, to: usize) -> Self {
        let to = to.min(self.len());
        let from = from.min(to);
        match self {
            Units::Latin1(units) => Units::Latin1(&units[from..to]),
            Units::Utf16(units) => Units::Utf16(&units[from..to]),
        }
    }

    /// The units as a vector.
    pub fn to_vec(&self) -> Vec<u16> {
        match self {
            Units::Latin1(units) => units.iter().map(|&unit| u16::from(unit)).collect(),
            Units::Utf16(units) => units.to_vec(),
        }
    }

    /// As text; lone surrogates become U+FFFD.
    pub fn to_text(&self) -> String {
        match self {
            Units::Latin1(units) => {
                if units.is_ascii()
                    && let Ok(text) = std::str::from_utf8(units)
                {
                    text.to_string()
                } else {
                    units.iter().map(|&unit| unit as char).collect()
                }
            }
            Units::Utf16(units) => String::from_utf16_lossy(units),
        }
    }

    /// Code point at `index` (a lone surrogate is its own code point) and how many units it takes.
    pub fn code_point_at(&self, index: usize) -> (u32, usize) {
        let first = self.at(index);
        if (0xD800..0xDC00).contains(&first) && index + 1 < self.len() {
            let second = self.at(index + 1);
            if (0xDC00..0xE000).contains(&second) {
                return (0x1_0000 + ((u32::from(first) - 0xD800) << 10) + (u32::from(second) - 0xDC00), 2);
            }
        }
        (u32::from(first), 1)
    }
}

impl JsString {
    /// From a cage offset.
    #[inline(always)]
    pub const fn from_offset(offset: u32) -> JsString {
        JsString(offset)
    }

    /// Cage offset.
    #[inline(always)]
    pub const fn offset(self) -> u32 {
        self.0
    }

    /// As a value.
    #[inline(always)]
    pub fn value(self) -> Value {
        Value::tagged(tag::STRING, self.0)
    }

    /// Length in code units.
    #[inline(always)]
    pub fn length(self, heap: &Heap) -> u32 {
        heap.load(self.0 + 8)
    }

    /// Whether it is empty.
    pub fn is_empty(self, heap: &Heap) -> bool {
        self.length(heap) == 0
    }

    /// Whether it is an atom.
    #[inline(always)]
    pub fn is_atom(self, heap: &Heap) -> bool {
        heap.flags(self.0) & ATOM != 0
    }

    /// Whether units are stored in 16 bits.
    #[inline(always)]
    pub fn is_two_byte(self, heap: &Heap) -> bool {
        heap.flags(self.0) & TWO_BYTE != 0
    }

    /// The units; flattens a rope first.
    #[inline(always)]
    pub fn units(self, heap: &Heap) -> Units<'_> {
        match heap.kind(self.0) {
            Kind::FlatString => self.flat_units(heap),
            Kind::Rope => self.flatten_rope(heap),
            _ => self.slice_units(heap),
        }
    }

    #[inline(always)]
    fn flat_units(self, heap: &Heap) -> Units<'_> {
        let length = self.length(heap);
        if self.is_two_byte(heap) {
            Units::Utf16(heap.cage().slice_u16(self.0 + FLAT_UNITS, length))
        } else {
            Units::Latin1(heap.cage().slice(self.0 + FLAT_UNITS, length))
        }
    }

    fn slice_units(self, heap: &Heap) -> Units<'_> {
        let parent = JsString(heap.load(self.0 + 12));
        let start: u32 = heap.load(self.0 + 16);
        let length = self.length(heap);
        parent.flat_units(heap).window(start as usize, start as usize + length as usize)
    }

    #[cold]
    #[inline(never)]
    fn flatten_rope(self, heap: &Heap) -> Units<'_> {
        let length = self.length(heap);
        let two_byte = self.is_two_byte(heap);
        let flat = heap.new_flat(length, two_byte);
        // Write from the right end: left-deep ropes, the common form, then need no stack at all.
        let mut stack = vec![self];
        let mut end = length;
        while let Some(piece) = stack.pop() {
            if heap.kind(piece.0) == Kind::Rope {
                stack.push(JsString(heap.load(piece.0 + 12)));
                stack.push(JsString(heap.load(piece.0 + 16)));
                continue;
            }
            let units = piece.units(heap);
            end -= units.len() as u32;
            flat.write_units(heap, end, units);
        }
        heap.store::<u8>(self.0, Kind::Slice as u8);
        heap.store::<u32>(self.0 + 12, flat.0);
        heap.store::<u32>(self.0 + 16, 0);
        flat.flat_units(heap)
    }

    /// Writes units into a flat string under construction.
    pub(crate) fn write_units(self, heap: &Heap, at: u32, units: Units<'_>) {
        let start = self.0 + FLAT_UNITS;
        match (self.is_two_byte(heap), units) {
            (false, Units::Latin1(units)) => heap.cage().write_bytes(start + at, units),
            (true, Units::Utf16(units)) => heap.cage().write_u16(start + 2 * at, units),
            // Between widths, by way of the stack.
            (false, Units::Utf16(units)) => {
                let mut run = [0_u8; RUN_UNITS];
                for (number, units) in units.chunks(RUN_UNITS).enumerate() {
                    run.iter_mut().zip(units).for_each(|(narrow, &unit)| *narrow = unit as u8);
                    heap.cage().write_bytes(start + at + (number * RUN_UNITS) as u32, &run[..units.len()]);
                }
            }
            (true, Units::Latin1(units)) => {
                let mut run = [0_u16; RUN_UNITS];
                for (number, units) in units.chunks(RUN_UNITS).enumerate() {
                    run.iter_mut().zip(units).for_each(|(wide, &unit)| *wide = u16::from(unit));
                    heap.cage().write_u16(start + 2 * (at + (number * RUN_UNITS) as u32), &run[..units.len()]);
                }
            }
        }
    }

    /// Code unit `index`; 0 past the end.
    #[inline(always)]
    pub fn unit_at(self, heap: &Heap, index: u32) -> u16 {
        self.units(heap).at(index as usize)
    }

    /// As Rust text; lone surrogates become U+FFFD.
    pub fn to_text(self, heap: &Heap) -> String {
        self.units(heap).to_text()
    }

    /// Hash, the same for equal strings whatever their form; keyed per image.
    pub fn hash(self, heap: &Heap) -> u32 {
        if heap.kind(self.0) == Kind::FlatString {
            let known = heap.word(self.0);
            if known != 0 {
                return known;
            }
            let hash = hash_units(self.flat_units(heap), heap.root_raw(Root::HashKey));
            heap.store::<u32>(self.0 + 4, hash);
            return hash;
        }
        hash_units(self.units(heap), heap.root_raw(Root::HashKey))
    }

    /// Equality of contents.
    pub fn equals(self, other: JsString, heap: &Heap) -> bool {
        if self == other {
            return true;
        }
        if self.length(heap) != other.length(heap) || (self.is_atom(heap) && other.is_atom(heap)) {
            return false;
        }
        match (self.units(heap), other.units(heap)) {
            (Units::Latin1(a), Units::Latin1(b)) => a == b,
            (Units::Utf16(a), Units::Utf16(b)) => a == b,
            (Units::Latin1(a), Units::Utf16(b)) | (Units::Utf16(b), Units::Latin1(a)) => a.iter().zip(b).all(|(&x, &y)| u16::from(x) == y),
        }
    }

    /// Whether the contents are this text.
    pub fn equals_text(self, text: &str, heap: &Heap) -> bool {
        match self.units(heap) {
            Units::Latin1(units) if units.is_ascii() => units == text.as_bytes(),
            Units::Latin1(units) => units.iter().map(|&unit| u16::from(unit)).eq(text.encode_utf16()),
            Units::Utf16(units) => units.iter().copied().eq(text.encode_utf16()),
        }
    }

    /// Order by code units.
    pub fn compare(self, other: JsString, heap: &Heap) -> std::cmp::Ordering {
        match (self.units(heap), other.units(heap)) {
            (Units::Latin1(a), Units::Latin1(b)) => a.cmp(b),
            (Units::Utf16(a), Units::Utf16(b)) => a.cmp(b),
            (Units::Latin1(a), Units::Utf16(b)) => a.iter().map(|&unit| u16::from(unit)).cmp(b.iter().copied()),
            (Units::Utf16(a), Units::Latin1(b)) => a.iter().copied().cmp(b.iter().map(|&unit| u16::from(unit))),
        }
    }
}

/// Up to seven bytes, the first one lowest. Two loads that overlap: a copy of a length that is not known would be a call.
#[inline(always)]
fn short_word(bytes: &[u8]) -> u64 {
    let count = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*low)) | u64::from(u32::from_le_bytes(*high)) << (8 * (count - 4));
    }
    match *bytes {
        [] => 0,
        [one] => u64::from(one),
        [one, two] => u64::from(one) | u64::from(two) << 8,
        [one, two, three, ..] => u64::from(one) | u64::from(two) << 8 | u64::from(three) << 16,
    }
}

/// Keyed hash of units; never 0.
pub(crate) fn hash_units(units: Units<'_>, key: u32) -> u32 {
    const M: u64 = 0x9E37_79B9_7F4A_7C15;
    fn mix(a: u64, b: u64) -> u64 {
        let product = u128::from(a) * u128::from(b);
        (product as u64) ^ (product >> 64) as u64
    }
    let mut state = u64::from(key) << 32 | units.len() as u64;
    let mut fold = |chunk: u64| state = mix(state ^ chunk ^ M, M ^ u64::from(key).rotate_left(17));
    match units {
        Units::Latin1(bytes) => {
            let mut chunks = bytes.chunks_exact(8);
            for chunk in &mut chunks {
                let mut word = [0; 8];
                word.copy_from_slice(chunk);
                fold(u64::from_le_bytes(word));
            }
            fold(short_word(chunks.remainder()));
        }
        Units::Utf16(units) if units.iter().all(|&unit| unit < 256) => {
            let mut word = 0;
            let mut count = 0;
            for &unit in units {
                word |= u64::from(unit) << (8 * count);
                count += 1;
                if count == 8 {
                    fold(word);
                    word = 0;
                    count = 0;
                }
            }
            fold(word);
        }
        Units::Utf16(units) => {
            for chunk in units.chunks(4) {
                fold(chunk.iter().rev().fold(0, |word, &unit| word << 16 | u64::from(unit)));
            }
        }
    }
    let hash = (state ^ state >> 32) as u32;
    if hash == 0 { 1 } else { hash }
}

impl Heap {
    /// A flat string whose units the caller writes next.
    pub(crate) fn new_flat(&self, length: u32, two_byte: bool) -> JsString {
        let bytes = if two_byte { 2 * length } else { length };
        let at = self.allocate(16 + bytes.next_multiple_of(8));
        self.init_header(at, Kind::FlatString, if two_byte { TWO_BYTE } else { 0 }, 0, 0);
        self.cage().store_new::<u64>(at + 8, u64::from(length));
        JsString(at)
    }

    /// The empty string.
    #[inline(always)]
    pub fn empty_string(&self) -> JsString {
        atoms::EMPTY
    }

    /// A string of Latin-1 units.
    pub fn new_latin1(&self, units: &[u8]) -> JsString {
        match units {
            [] => atoms::EMPTY,
            [unit] => self.single_character(*unit),
            _ => {
                let string = self.new_flat(units.len() as u32, false);
                self.cage().write_bytes(string.0 + 16, units);
                string
            }
        }
    }

    /// A string of UTF-16 units, stored as Latin-1 when all fit.
    pub fn new_utf16(&self, units: &[u16]) -> JsString {
        if units.is_empty() {
            return atoms::EMPTY;
        }
        if let [unit @ 0..=255] = units {
            return self.single_character(*unit as u8);
        }
        let two_byte = units.iter().any(|&unit| unit > 255);
        let string = self.new_flat(units.len() as u32, two_byte);
        string.write_units(self, 0, Units::Utf16(units));
        string
    }

    /// A string of these units.
    pub fn new_units(&self, units: Units<'_>) -> JsString {
        match units {
            Units::Latin1(units) => self.new_latin1(units),
            Units::Utf16(units) => self.new_utf16(units),
        }
    }

    /// The one-character string of a Latin-1 unit.
    #[inline(always)]
    pub fn single_character(&self, unit: u8) -> JsString {
        let table = self.root_raw(Root::SingleCharacters);
        JsString(self.load(table + 8 + 4 * u32::from(unit)))
    }

    /// The one-unit string of any code unit.
    pub fn single_unit(&self, unit: u16) -> JsString {
        if unit < 256 { self.single_character(unit as u8) } else { self.new_utf16(&[unit]) }
    }

    /// The string of a code point.
    pub fn code_point_string(&self, code_point: u32) -> JsString {
        if code_point < 0x1_0000 {
            return self.single_unit(code_point as u16);
        }
        let rest = code_point - 0x1_0000;
        self.new_utf16(&[0xD800 + (rest >> 10) as u16, 0xDC00 + (rest & 0x3FF) as u16])
    }

    /// Concatenation; `None` when it would be longer than [`MAX_LENGTH`].
    #[inline]
    pub fn concat(&self, left: JsString, right: JsString) -> Option<JsString> {
        let (a, b) = (left.length(self), right.length(self));
        if a == 0 {
            return Some(right);
        }
        if b == 0 {
            return Some(left);
        }
        let length = a + b;
        if length > MAX_LENGTH {
            return None;
        }
        let two_byte = (self.flags(left.0) | self.flags(right.0)) & TWO_BYTE != 0;
        if length <= SHORT {
            let string = self.new_flat(length, two_byte);
            if let (Units::Latin1(left), Units::Latin1(right)) = (left.units(self), right.units(self)) {
                self.cage().write_bytes(string.0 + FLAT_UNITS, left);
                self.cage().write_bytes(string.0 + FLAT_UNITS + a, right);
                return Some(string);
            }
            string.write_units(self, 0, left.units(self));
            string.write_units(self, a, right.units(self));
            return Some(string);
        }
        let at = self.allocate(24);
        self.init_header(at, Kind::Rope, if two_byte { TWO_BYTE } else { 0 }, 0, 0);
        self.cage().store_new::<u32>(at + 8, length);
        self.cage().store_new::<u32>(at + 12, left.0);
        self.cage().store_new::<u64>(at + 16, u64::from(right.0));
        Some(JsString(at))
    }

    /// OPTIMIZATION: several Latin-1 strings as one, made in one piece; `None` where it would be long, or two of them are not worth it.
    pub(crate) fn concat_short(&self, pieces: impl Iterator<Item = JsString> + Clone) -> Option<JsString> {
        let (mut length, mut count, mut flags) = (0u32, 0, 0);
        for piece in pieces.clone() {
            let own = piece.length(self);
            // The rest is what it is then, and not looked at.
            if own > SHORT {
                return None;
            }
            length += own;
            count += u32::from(own != 0);
            flags |= self.flags(piece.0);
        }
        if count < 3 || length > SHORT || flags & TWO_BYTE != 0 {
            return None;
        }
        let string = self.new_flat(length, false);
        let mut at = string.0 + FLAT_UNITS;
        for piece in pieces {
            if let Units::Latin1(units) = piece.units(self) {
                self.cage().write_bytes(at, units);
                at += units.len() as u32;
            }
        }
        Some(string)
    }

    /// Units `from..to` of a string, clamped.
    pub fn substring(&self, string: JsString, from: u32, to: u32) -> JsString {
        let length = string.length(self);
        let to = to.min(length);
        let from = from.min(to);
        if from == 0 && to == length {
            return string;
        }
        let count = to - from;
        if count == 0 {
            return atoms::EMPTY;
        }
        let units = string.units(self);
        if count == 1 {
            return self.single_unit(units.at(from as usize));
        }
        if count < SLICE_FROM {
            return self.new_units(units.window(from as usize, to as usize));
        }
        let (parent, start) = match self.kind(string.0) {
            Kind::Slice => (self.load::<u32>(string.0 + 12), self.load::<u32>(string.0 + 16) + from),
            _ => (string.0, from),
        };
        let at = self.allocate(24);
        self.init_header(at, Kind::Slice, self.flags(parent) & TWO_BYTE, 0, 0);
        self.cage().store_new::<u32>(at + 8, count);
        self.cage().store_new::<u32>(at + 12, parent);
        self.cage().store_new::<u64>(at + 16, u64::from(start));
        JsString(at)
    }
}

#[cfg(test)]
mod tests {
    use super::short_word;

    #[test]
    fn short_words_are_their_bytes() {
        for count in 0..8 {
            let bytes: Vec<u8> = (0..count).map(|i| 0x81 + 7 * i).collect();
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(&bytes);
            assert_eq!(short_word(&bytes), u64::from_le_bytes(word));
        }
    }
}
