//! Element types: sizes, names, and conversion between JS values and raw bytes.
//!
//! A raw element is a `u64` whose low bytes, little-endian, are the element. Numbers are converted to raw elements before buffers are
//! looked at, since conversion may run JS that detaches or resizes them.

use crate::bigint;
use crate::context::Context;
use crate::conversions::{number_to_int32, number_to_uint8_clamp};
use crate::heap::{Heap, Ref};
use crate::native::Result;
use crate::numeric::{f16_to_f64, f64_to_f16};
use crate::realm::Intrinsic;
use crate::value::Value;

/// Type of the elements of a typed array. The numbers are those of internal slot 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum ElementType {
    Int8,
    Uint8,
    Uint8Clamped,
    Int16,
    Uint16,
    Int32,
    Uint32,
    BigInt64,
    BigUint64,
    Float16,
    Float32,
    Float64,
}

impl ElementType {
    /// Every type, in the order of their numbers.
    pub const ALL: [ElementType; 12] = [
        ElementType::Int8,
        ElementType::Uint8,
        ElementType::Uint8Clamped,
        ElementType::Int16,
        ElementType::Uint16,
        ElementType::Int32,
        ElementType::Uint32,
        ElementType::BigInt64,
        ElementType::BigUint64,
        ElementType::Float16,
        ElementType::Float32,
        ElementType::Float64,
    ];

    /// From the number in internal slot 3; unknown numbers are taken for bytes.
    #[inline(always)]
    pub fn from_number(number: i32) -> ElementType {
        ElementType::ALL.get(number as usize).copied().unwrap_or(ElementType::Uint8)
    }

    /// Base-2 logarithm of the element size in bytes.
    #[inline(always)]
    pub const fn shift(self) -> u32 {
        match self {
            ElementType::Int8 | ElementType::Uint8 | ElementType::Uint8Clamped => 0,
            ElementType::Int16 | ElementType::Uint16 | ElementType::Float16 => 1,
            ElementType::Int32 | ElementType::Uint32 | ElementType::Float32 => 2,
            ElementType::BigInt64 | ElementType::BigUint64 | ElementType::Float64 => 3,
        }
    }

    /// Element size in bytes.
    #[inline(always)]
    pub const fn size(self) -> u32 {
        1 << self.shift()
    }

    /// Whether elements are BigInts (the specification's content type).
    #[inline(always)]
    pub const fn is_bigint(self) -> bool {
        matches!(self, ElementType::BigInt64 | ElementType::BigUint64)
    }

    /// Whether elements are integers of any kind.
    pub const fn is_integer(self) -> bool {
        !matches!(self, ElementType::Float16 | ElementType::Float32 | ElementType::Float64)
    }

    /// Name of the constructor.
    pub const fn name(self) -> &'static str {
        match self {
            ElementType::Int8 => "Int8Array",
            ElementType::Uint8 => "Uint8Array",
            ElementType::Uint8Clamped => "Uint8ClampedArray",
            ElementType::Int16 => "Int16Array",
            ElementType::Uint16 => "Uint16Array",
            ElementType::Int32 => "Int32Array",
            ElementType::Uint32 => "Uint32Array",
            ElementType::BigInt64 => "BigInt64Array",
            ElementType::BigUint64 => "BigUint64Array",
            ElementType::Float16 => "Float16Array",
            ElementType::Float32 => "Float32Array",
            ElementType::Float64 => "Float64Array",
        }
    }

    /// Intrinsic of the constructor.
    pub const fn constructor(self) -> Intrinsic {
        match self {
            ElementType::Int8 => Intrinsic::Int8Array,
            ElementType::Uint8 => Intrinsic::Uint8Array,
            ElementType::Uint8Clamped => Intrinsic::Uint8ClampedArray,
            ElementType::Int16 => Intrinsic::Int16Array,
            ElementType::Uint16 => Intrinsic::Uint16Array,
            ElementType::Int32 => Intrinsic::Int32Array,
            ElementType::Uint32 => Intrinsic::Uint32Array,
            ElementType::BigInt64 => Intrinsic::BigInt64Array,
            ElementType::BigUint64 => Intrinsic::BigUint64Array,
            ElementType::Float16 => Intrinsic::Float16Array,
            ElementType::Float32 => Intrinsic::Float32Array,
            ElementType::Float64 => Intrinsic::Float64Array,
        }
    }

    /// Intrinsic of the prototype.
    pub const fn prototype(self) -> Intrinsic {
        match self {
            ElementType::Int8 => Intrinsic::Int8ArrayPrototype,
            ElementType::Uint8 => Intrinsic::Uint8ArrayPrototype,
            ElementType::Uint8Clamped => Intrinsic::Uint8ClampedArrayPrototype,
            ElementType::Int16 => Intrinsic::Int16ArrayPrototype,
            ElementType::Uint16 => Intrinsic::Uint16ArrayPrototype,
            ElementType::Int32 => Intrinsic::Int32ArrayPrototype,
            ElementType::Uint32 => Intrinsic::Uint32ArrayPrototype,
            ElementType::BigInt64 => Intrinsic::BigInt64ArrayPrototype,
            ElementType::BigUint64 => Intrinsic::BigUint64ArrayPrototype,
            ElementType::Float16 => Intrinsic::Float16ArrayPrototype,
            ElementType::Float32 => Intrinsic::Float32ArrayPrototype,
            ElementType::Float64 => Intrinsic::Float64ArrayPrototype,
        }
    }

    /// The value of a raw element. 25.1.3.14 RawBytesToNumeric, https://tc39.es/ecma262/#sec-rawbytestonumeric
    #[inline(always)]
    pub fn raw_to_value(self, heap: &Heap, raw: u64) -> Value {
        match self {
            ElementType::Int8 => Value::int(i32::from(raw as i8)),
            ElementType::Uint8 | ElementType::Uint8Clamped => Value::int(i32::from(raw as u8)),
            ElementType::Int16 => Value::int(i32::from(raw as i16)),
            ElementType::Uint16 => Value::int(i32::from(raw as u16)),
            ElementType::Int32 => Value::int(raw as i32),
            ElementType::Uint32 => Value::from_usize(raw as u32 as usize),
            ElementType::BigInt64 => bigint::from_i64(heap, raw as i64).value(),
            ElementType::BigUint64 => bigint::from_u64(heap, raw).value(),
            ElementType::Float16 => Value::number(f16_to_f64(raw as u16)),
            ElementType::Float32 => Value::number(f64::from(f32::from_bits(raw as u32))),
            ElementType::Float64 => Value::number(f64::from_bits(raw)),
        }
    }

    /// The raw element of a Number, for types that hold Numbers. 25.1.3.17 NumericToRawBytes,
    /// https://tc39.es/ecma262/#sec-numerictorawbytes
    #[inline(always)]
    pub fn number_to_raw(self, number: f64) -> u64 {
        match self {
            ElementType::Uint8Clamped => u64::from(number_to_uint8_clamp(number)),
            ElementType::Float16 => u64::from(f64_to_f16(number)),
            ElementType::Float32 => u64::from((number as f32).to_bits()),
            ElementType::Float64 => number.to_bits(),
            _ => u64::from(number_to_int32(number) as u32),
        }
    }

    /// The raw element of a value that converts without running JS and fits the content type; `None` otherwise.
    #[inline(always)]
    pub fn value_to_raw_fast(self, heap: &Heap, value: Value) -> Option<u64> {
        if self.is_bigint() {
            return if value.is_bigint() { Some(bigint::to_u64_wrapping(heap, Ref::from_offset(value.offset()))) } else { None };
        }
        if let Some(int) = value.as_int() {
            return Some(match self {
                ElementType::Uint8Clamped => int.clamp(0, 255) as u64,
                ElementType::Float16 | ElementType::Float32 | ElementType::Float64 => self.number_to_raw(f64::from(int)),
                _ => u64::from(int as u32),
            });
        }
        if value.is_double() { value.as_number().map(|number| self.number_to_raw(number)) } else { None }
    }

    /// Converts any value to a raw element: ToBigInt or ToNumber, then NumericToRawBytes.
    pub fn value_to_raw(self, cx: &mut Context, value: Value) -> Result<u64> {
        if let Some(raw) = self.value_to_raw_fast(&cx.heap, value) {
            return Ok(raw);
        }
        if self.is_bigint() {
            let bigint = cx.to_bigint(value)?;
            return Ok(bigint::to_u64_wrapping(&cx.heap, bigint));
        }
        let number = cx.to_number(value)?;
        Ok(self.number_to_raw(number))
    }

    /// Loads the raw element at a cage offset.
    #[inline(always)]
    pub fn load(self, heap: &Heap, at: u32) -> u64 {
        match self.shift() {
            0 => u64::from(heap.load::<u8>(at)),
            1 => u64::from(heap.load::<u16>(at)),
            2 => u64::from(heap.load::<u32>(at)),
            _ => heap.load::<u64>(at),
        }
    }

    /// Stores a raw element at a cage offset.
    #[inline(always)]
    pub fn store(self, heap: &Heap, at: u32, raw: u64) {
        match self.shift() {
            0 => heap.store::<u8>(at, raw as u8),
            1 => heap.store::<u16>(at, raw as u16),
            2 => heap.store::<u32>(at, raw as u32),
            _ => heap.store::<u64>(at, raw),
        }
    }

    /// The number that a raw element means, for types that hold Numbers.
    #[inline(always)]
    pub fn raw_to_f64(self, raw: u64) -> f64 {
        match self {
            ElementType::Int8 => f64::from(raw as i8),
            ElementType::Uint8 | ElementType::Uint8Clamped => f64::from(raw as u8),
            ElementType::Int16 => f64::from(raw as i16),
            ElementType::Uint16 => f64::from(raw as u16),
            ElementType::Int32 => f64::from(raw as i32),
            ElementType::Uint32 => f64::from(raw as u32),
            ElementType::BigInt64 => raw as i64 as f64,
            ElementType::BigUint64 => raw as f64,
            ElementType::Float16 => f16_to_f64(raw as u16),
            ElementType::Float32 => f64::from(f32::from_bits(raw as u32)),
            ElementType::Float64 => f64::from_bits(raw),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clamping_rounds_ties_to_even_and_saturates() {
        for (number, expected) in [(0.5, 0), (1.5, 2), (2.5, 2), (254.5, 254), (255.5, 255), (-0.6, 0), (1e300, 255), (f64::NAN, 0)] {
            assert_eq!(ElementType::Uint8Clamped.number_to_raw(number), expected, "{number}");
        }
    }

    #[test]
    fn integers_wrap_exactly_far_outside_64_bits() {
        let modulo_2_32 = |number| ElementType::Int32.number_to_raw(number) as u32;
        assert_eq!(modulo_2_32(-1.0), u32::MAX);
        assert_eq!(modulo_2_32(-1.9), u32::MAX);
        assert_eq!(modulo_2_32(4_294_967_296.0 * 3.0 + 7.0), 7);
        assert_eq!(modulo_2_32(f64::INFINITY), 0);
        assert_eq!(modulo_2_32(f64::NAN), 0);
        // 2^84 + 2^32·5 is representable only as 2^84; -(2^63 + 2^11) needs the slow way.
        assert_eq!(modulo_2_32(2f64.powi(84)), 0);
        assert_eq!(modulo_2_32(-(2f64.powi(63) + 2048.0)), 0u32.wrapping_sub(2048));
        assert_eq!(modulo_2_32(2f64.powi(63) + 2048.0), 2048);
    }

    #[test]
    fn numbers_of_types_are_their_order() {
        for (i, ty) in ElementType::ALL.iter().enumerate() {
            assert_eq!(*ty as usize, i);
            assert_eq!(ElementType::from_number(i as i32), *ty);
        }
    }
}
