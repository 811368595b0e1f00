//! Elements of typed arrays: length and bounds, raw reads and writes, canonical numeric keys.
//! https://tc39.es/ecma262/#sec-typedarray-exotic-objects

use super::Object;
use crate::context::Context;
use crate::heap::{BigIntCell, Heap, Kind, Raw, Ref};
use crate::native::Result;
use crate::string::{JsString, PropertyKey};
use crate::value::Value;

/// Element types, in the order of their numbers in internal slot 3.
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
    /// Every type, by number.
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

    /// log₂ of the element size in bytes.
    #[inline(always)]
    pub fn shift(self) -> u32 {
        match self {
            ElementType::Int8 | ElementType::Uint8 | ElementType::Uint8Clamped => 0,
            ElementType::Int16 | ElementType::Uint16 | ElementType::Float16 => 1,
            ElementType::Int32 | ElementType::Uint32 | ElementType::Float32 => 2,
            ElementType::BigInt64 | ElementType::BigUint64 | ElementType::Float64 => 3,
        }
    }

    /// Element size in bytes.
    #[inline(always)]
    pub fn size(self) -> u32 {
        1 << self.shift()
    }

    /// Whether elements are BigInts.
    #[inline(always)]
    pub fn is_bigint(self) -> bool {
        matches!(self, ElementType::BigInt64 | ElementType::BigUint64)
    }
}

/// Type of a typed array's elements.
#[inline(always)]
pub fn element_type(heap: &Heap, array: Object) -> ElementType {
    let number = array.internal(heap, 3).as_int_unchecked() as usize;
    ElementType::ALL[number.min(ElementType::ALL.len() - 1)]
}

fn number(value: Value) -> Option<u32> {
    value.as_number().map(|number| number as u32)
}

/// Current length in elements; `None` when the array is out of bounds or its buffer detached.
///
/// IsTypedArrayOutOfBounds and TypedArrayLength, https://tc39.es/ecma262/#sec-istypedarrayoutofbounds
#[inline]
pub fn length(heap: &Heap, array: Object) -> Option<u32> {
    let buffer = array.internal(heap, 0).as_object()?;
    if !buffer.internal(heap, 0).is_cell() {
        return None;
    }
    let byte_length = number(buffer.internal(heap, 1))?;
    let byte_offset = number(array.internal(heap, 1))?;
    match number(array.internal(heap, 2)) {
        Some(length) => {
            let end = u64::from(byte_offset) + (u64::from(length) << element_type(heap, array).shift());
            if end > u64::from(byte_length) { None } else { Some(length) }
        }
        None if byte_offset > byte_length => None,
        None => Some((byte_length - byte_offset) >> element_type(heap, array).shift()),
    }
}

/// Whether its length follows that of a resizable buffer or the buffer is resizable and not shared (IsTypedArrayFixedLength is false).
/// https://tc39.es/ecma262/#sec-istypedarrayfixedlength
pub fn is_fixed_length(heap: &Heap, array: Object) -> bool {
    if array.internal(heap, 2).is_undefined() {
        return false;
    }
    let Some(buffer) = array.internal(heap, 0).as_object() else { return true };
    buffer.internal(heap, 2).is_undefined() || buffer.is(heap, Kind::SharedArrayBuffer)
}

/// Cage offset of a valid element.
#[inline]
fn address(heap: &Heap, array: Object, index: u32) -> Option<u32> {
    if index >= length(heap, array)? {
        return None;
    }
    let data = array.internal(heap, 0).as_object()?.internal(heap, 0).as_cell::<Raw>()?;
    let offset = number(array.internal(heap, 1))?;
    Some(data.data().wrapping_add(offset).wrapping_add(index << element_type(heap, array).shift()))
}

// 10.4.5.18 TypedArrayGetElement ( O, index ), https://tc39.es/ecma262/#sec-typedarraygetelement
/// Element `index`; `None` when it is not a valid index.
#[inline]
pub fn get(heap: &Heap, array: Object, index: u32) -> Option<Value> {
    let at = address(heap, array, index)?;
    Some(load(heap, element_type(heap, array), at))
}

/// The element of type `element` in the bytes at cage offset `at` (little endian, any alignment).
#[inline]
pub fn load(heap: &Heap, element: ElementType, at: u32) -> Value {
    match element {
        ElementType::Int8 => Value::int(i32::from(heap.load::<u8>(at) as i8)),
        ElementType::Uint8 | ElementType::Uint8Clamped => Value::int(i32::from(heap.load::<u8>(at))),
        ElementType::Int16 => Value::int(i32::from(heap.load::<u16>(at) as i16)),
        ElementType::Uint16 => Value::int(i32::from(heap.load::<u16>(at))),
        ElementType::Int32 => Value::int(heap.load::<i32>(at)),
        ElementType::Uint32 => Value::from_usize(heap.load::<u32>(at) as usize),
        ElementType::BigInt64 => crate::bigint::from_i64(heap, heap.load::<u64>(at) as i64).value(),
        ElementType::BigUint64 => crate::bigint::from_u64(heap, heap.load::<u64>(at)).value(),
        ElementType::Float16 => Value::number(crate::numeric::f16_to_f64(heap.load::<u16>(at))),
        ElementType::Float32 => Value::number(f64::from(f32::from_bits(heap.load::<u32>(at)))),
        ElementType::Float64 => Value::number(heap.load::<f64>(at)),
    }
}

/// A value converted for an element: what ToNumber or ToBigInt gave, which may have run JS.
#[derive(Clone, Copy, Debug)]
pub enum ElementValue {
    /// For all but BigInt types.
    Number(f64),
    /// For BigInt types: the low 64 bits.
    BigInt(u64),
}

/// Stores a converted value in the bytes at cage offset `at` (little endian, any alignment).
#[inline]
pub fn store(heap: &Heap, element: ElementType, at: u32, value: ElementValue) {
    let number = match value {
        ElementValue::BigInt(bits) => {
            heap.store::<u64>(at, bits);
            return;
        }
        ElementValue::Number(number) => number,
    };
    match element {
        ElementType::Int8 | ElementType::Uint8 => heap.store::<u8>(at, crate::conversions::number_to_int32(number) as u8),
        ElementType::Uint8Clamped => heap.store::<u8>(at, crate::conversions::number_to_uint8_clamp(number)),
        ElementType::Int16 | ElementType::Uint16 => heap.store::<u16>(at, crate::conversions::number_to_int32(number) as u16),
        ElementType::Int32 | ElementType::Uint32 => heap.store::<i32>(at, crate::conversions::number_to_int32(number)),
        ElementType::Float16 => heap.store::<u16>(at, crate::numeric::f64_to_f16(number)),
        ElementType::Float32 => heap.store::<u32>(at, (number as f32).to_bits()),
        ElementType::Float64 => heap.store::<f64>(at, number),
        ElementType::BigInt64 | ElementType::BigUint64 => debug_assert!(false, "a number for a BigInt element"),
    }
}

/// What element `index` of a typed array would be converted from; false when it is not a valid index any more or the buffer is immutable.
pub fn set(heap: &Heap, array: Object, index: u32, value: ElementValue) -> bool {
    if is_immutable(heap, array) {
        return false;
    }
    match address(heap, array, index) {
        Some(at) => {
            store(heap, element_type(heap, array), at, value);
            true
        }
        None => false,
    }
}

/// Whether its buffer is immutable (flag 1 in the buffer's internal slot 3).
pub fn is_immutable(heap: &Heap, array: Object) -> bool {
    array.internal(heap, 0).as_object().is_some_and(|buffer| buffer.internal(heap, 3).as_int().unwrap_or(0) & 1 != 0)
}

impl Context {
    /// Converts a value for an element: ToNumber or ToBigInt.
    pub fn to_element_value(&mut self, element: ElementType, value: Value) -> Result<ElementValue> {
        if element.is_bigint() {
            let bigint: Ref<BigIntCell> = self.to_bigint(value)?;
            return Ok(ElementValue::BigInt(crate::bigint::to_u64_wrapping(&self.heap, bigint)));
        }
        Ok(ElementValue::Number(self.to_number(value)?))
    }

    // 10.4.5.19 TypedArraySetElement ( O, index, value ), https://tc39.es/ecma262/#sec-typedarraysetelement
    /// Converts and stores; `None` stands for a numeric key that is no index. False only when the buffer is immutable.
    pub(crate) fn typed_array_set_element(&mut self, array: Object, index: Option<u32>, value: Value) -> Result<bool> {
        // Immutable ArrayBuffer proposal: [[Set]] and [[DefineOwnProperty]] fail before converting.
        if is_immutable(&self.heap, array) {
            return Ok(false);
        }
        let value = self.to_element_value(element_type(&self.heap, array), value)?;
        if let Some(index) = index {
            set(&self.heap, array, index, value);
        }
        Ok(true)
    }
}

// 7.1.21 CanonicalNumericIndexString ( argument ), https://tc39.es/ecma262/#sec-canonicalnumericindexstring
/// Whether a key is a canonical numeric string: `Some(Some(index))` for those that may be valid indices, `Some(None)` for other numbers.
pub(crate) fn numeric_key(heap: &Heap, key: PropertyKey) -> Option<Option<u32>> {
    if let Some(index) = key.as_index() {
        return Some(Some(index));
    }
    if key.is_symbol(heap) {
        return None;
    }
    let atom = JsString::from_offset(key.bits());
    // Only numbers begin like this; names almost never do.
    let first = u8::try_from(atom.unit_at(heap, 0)).unwrap_or(0);
    if !(first.is_ascii_digit() || first == b'-' || first == b'I' || first == b'N') {
        return None;
    }
    if atom.equals_text("-0", heap) {
        return Some(None);
    }
    let number = crate::numeric::units_to_number(atom.units(heap));
    // Integers below 2³¹ would be index keys; no typed array is longer.
    if atom.equals_text(&crate::numeric::number_to_text(number), heap) { Some(None) } else { None }
}
