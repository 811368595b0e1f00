//! NaN-boxed values.
//!
//! A [`Value`] is 64 bits. Doubles are stored as they are; every other type lives in the space of negative quiet NaNs, told apart by the
//! top 16 bits. References are 32-bit offsets into the instance's cage, so a value means the same in every copy of an image.

use crate::heap::{Cell, Ref};
use crate::object::Object;
use crate::string::JsString;

/// A JavaScript value, or one of the engine's internal markers (the hole, references to cells that JS never sees).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Value(pub(crate) u64);

/// Top 16 bits of each boxed type.
pub(crate) mod tag {
    /// Object reference.
    pub const OBJECT: u64 = 0xFFF9;
    /// String reference.
    pub const STRING: u64 = 0xFFFA;
    /// Symbol reference (private names too).
    pub const SYMBOL: u64 = 0xFFFB;
    /// BigInt reference.
    pub const BIGINT: u64 = 0xFFFC;
    /// undefined, null, booleans, the hole.
    pub const SPECIAL: u64 = 0xFFFD;
    /// Reference to a cell that is no JS value: environments, code, shapes, tables.
    pub const CELL: u64 = 0xFFFE;
    /// 32-bit integer. All ones, so that `(x & y) >> 48 == INT` tests two values at once.
    pub const INT: u64 = 0xFFFF;
}

/// Type of a value as `typeof` and abstract operations distinguish it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    /// undefined
    Undefined,
    /// null
    Null,
    /// true, false
    Boolean,
    /// Number
    Number,
    /// String
    String,
    /// Symbol
    Symbol,
    /// BigInt
    BigInt,
    /// Object
    Object,
    /// Not a JS value (hole, cells).
    Internal,
}

/// The int that a number is, if it is one; some int otherwise. `as` would bring what is out of range and NaN to defined values first, and
/// nobody asks for those.
#[inline(always)]
fn nearby_int(number: f64) -> i32 {
    // 1.5 · 2⁵²: in the sum, the integer stands in the low bits of the fraction, in two's complement.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (number + SHIFT).to_bits() as i32
}

impl Value {
    /// `undefined`
    pub const UNDEFINED: Value = Value(tag::SPECIAL << 48);
    /// `null`
    pub const NULL: Value = Value(tag::SPECIAL << 48 | 1);
    /// `false`
    pub const FALSE: Value = Value(tag::SPECIAL << 48 | 2);
    /// `true`
    pub const TRUE: Value = Value(tag::SPECIAL << 48 | 3);
    /// The hole: an absent element, an uninitialised binding.
    pub const HOLE: Value = Value(tag::SPECIAL << 48 | 4);
    /// NaN in its one canonical form.
    pub const NAN: Value = Value(0x7FF8_0000_0000_0000);
    /// Zero.
    pub const ZERO: Value = Value(tag::INT << 48);

    /// An integer.
    #[inline(always)]
    pub fn int(number: i32) -> Value {
        Value(tag::INT << 48 | u64::from(number as u32))
    }

    /// A number, stored as int32 when it is one (and not -0).
    #[inline(always)]
    pub fn number(number: f64) -> Value {
        let int = nearby_int(number);
        if f64::from(int).to_bits() == number.to_bits() { Value::int(int) } else { Value::double(number) }
    }

    /// A number kept as a double; NaNs become canonical.
    #[inline(always)]
    pub fn double(number: f64) -> Value {
        if number.is_nan() { Value::NAN } else { Value(number.to_bits()) }
    }

    /// A length or index.
    #[inline(always)]
    pub fn from_usize(number: usize) -> Value {
        if number <= i32::MAX as usize { Value::int(number as i32) } else { Value::double(number as f64) }
    }

    /// A boolean.
    #[inline(always)]
    pub fn bool(value: bool) -> Value {
        Value(Value::FALSE.0 | u64::from(value))
    }

    /// Reference to a cell that JS never sees.
    #[inline(always)]
    pub fn cell<T: Cell>(cell: Ref<T>) -> Value {
        Value(tag::CELL << 48 | u64::from(cell.offset()))
    }

    #[inline(always)]
    pub(crate) fn tagged(tag: u64, offset: u32) -> Value {
        Value(tag << 48 | u64::from(offset))
    }

    #[inline(always)]
    pub(crate) fn tag(self) -> u64 {
        self.0 >> 48
    }

    /// Cage offset of any reference.
    #[inline(always)]
    pub(crate) fn offset(self) -> u32 {
        self.0 as u32
    }

    /// The raw bits.
    pub const fn to_bits(self) -> u64 {
        self.0
    }

    /// Whether it refers to a heap cell.
    #[inline(always)]
    pub(crate) fn is_reference(self) -> bool {
        let tag = self.tag();
        (tag::OBJECT..=tag::BIGINT).contains(&tag) || tag == tag::CELL
    }

    /// Whether it is an object.
    #[inline(always)]
    pub fn is_object(self) -> bool {
        self.tag() == tag::OBJECT
    }

    /// Whether it is a string.
    #[inline(always)]
    pub fn is_string(self) -> bool {
        self.tag() == tag::STRING
    }

    /// Whether it is a symbol.
    #[inline(always)]
    pub fn is_symbol(self) -> bool {
        self.tag() == tag::SYMBOL
    }

    /// Whether it is a BigInt.
    #[inline(always)]
    pub fn is_bigint(self) -> bool {
        self.tag() == tag::BIGINT
    }

    /// Whether it is an int32.
    #[inline(always)]
    pub fn is_int(self) -> bool {
        self.tag() == tag::INT
    }

    /// Whether it is stored as a double.
    #[inline(always)]
    pub fn is_double(self) -> bool {
        self.0 < tag::OBJECT << 48
    }

    /// Whether it is a Number.
    #[inline(always)]
    pub fn is_number(self) -> bool {
        self.is_double() || self.is_int()
    }

    /// Whether it is a boolean.
    #[inline(always)]
    pub fn is_bool(self) -> bool {
        self.0 & !1 == Value::FALSE.0
    }

    /// Whether it is undefined.
    #[inline(always)]
    pub fn is_undefined(self) -> bool {
        self == Value::UNDEFINED
    }

    /// Whether it is null.
    #[inline(always)]
    pub fn is_null(self) -> bool {
        self == Value::NULL
    }

    /// Whether it is undefined or null.
    #[inline(always)]
    pub fn is_nullish(self) -> bool {
        self.0 & !1 == Value::UNDEFINED.0
    }

    /// Whether it is the hole.
    #[inline(always)]
    pub fn is_hole(self) -> bool {
        self == Value::HOLE
    }

    /// Whether it is a reference to an internal cell.
    #[inline(always)]
    pub fn is_cell(self) -> bool {
        self.tag() == tag::CELL
    }

    /// The integer of an int32 value (low 32 bits; meaningless for others).
    #[inline(always)]
    pub fn as_int_unchecked(self) -> i32 {
        self.0 as i32
    }

    /// The int32, if it is one.
    #[inline(always)]
    pub fn as_int(self) -> Option<i32> {
        if self.is_int() { Some(self.0 as i32) } else { None }
    }

    /// The Number, if it is one.
    #[inline(always)]
    pub fn as_number(self) -> Option<f64> {
        if self.is_int() {
            Some(f64::from(self.0 as i32))
        } else if self.is_double() {
            Some(f64::from_bits(self.0))
        } else {
            None
        }
    }

    /// The object, if it is one.
    #[inline(always)]
    pub fn as_object(self) -> Option<Object> {
        if self.is_object() { Some(Object::from_offset(self.offset())) } else { None }
    }

    /// The string, if it is one.
    #[inline(always)]
    pub fn as_string(self) -> Option<JsString> {
        if self.is_string() { Some(JsString::from_offset(self.offset())) } else { None }
    }

    /// The internal cell, if it refers to one. The caller knows its type from where the value was stored.
    #[inline(always)]
    pub fn as_cell<T: Cell>(self) -> Option<Ref<T>> {
        if self.is_cell() { Some(Ref::from_offset(self.offset())) } else { None }
    }

    /// The boolean, if it is one.
    #[inline(always)]
    pub fn as_bool(self) -> Option<bool> {
        if self.is_bool() { Some(self == Value::TRUE) } else { None }
    }

    /// The type as the specification's Type(v).
    pub fn type_of(self) -> Type {
        match self.tag() {
            tag::OBJECT => Type::Object,
            tag::STRING => Type::String,
            tag::SYMBOL => Type::Symbol,
            tag::BIGINT => Type::BigInt,
            tag::INT => Type::Number,
            tag::CELL => Type::Internal,
            tag::SPECIAL => match self {
                Value::UNDEFINED => Type::Undefined,
                Value::NULL => Type::Null,
                Value::TRUE | Value::FALSE => Type::Boolean,
                _ => Type::Internal,
            },
            _ => Type::Number,
        }
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.type_of() {
            Type::Undefined => f.write_str("undefined"),
            Type::Null => f.write_str("null"),
            Type::Boolean => write!(f, "{}", *self == Value::TRUE),
            Type::Number => write!(f, "{}", self.as_number().unwrap_or(f64::NAN)),
            other => write!(f, "{other:?}@{:#x}", self.offset()),
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Value {
        object.value()
    }
}

impl From<JsString> for Value {
    fn from(string: JsString) -> Value {
        string.value()
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::bool(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Value {
        Value::number(value)
    }
}

impl From<i32> for Value {
    fn from(value: i32) -> Value {
        Value::int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::from_usize(value as usize)
    }
}

impl From<usize> for Value {
    fn from(value: usize) -> Value {
        Value::from_usize(value)
    }
}
