//! Types of values, and their conversion. <https://webassembly.github.io/spec/js-api/#towebassemblyvalue>
//!
//! A WebAssembly value is kept as the JS value that ToJSValue makes of it, so that only one way needs steps.

use crate::webidl::prelude::*;
use mayfly_engine::bigint;

/// ValueType. <https://webassembly.github.io/spec/js-api/#enumdef-valuetype>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
pub enum ValueType {
    /// 32 bits.
    #[idl("i32")]
    I32,
    /// 64 bits, a BigInt in JS.
    #[idl("i64")]
    I64,
    /// Single precision.
    #[idl("f32")]
    F32,
    /// Double precision.
    #[idl("f64")]
    F64,
    /// A vector, which has no value in JS.
    #[idl("v128")]
    V128,
    /// Any JS value.
    #[idl("externref")]
    Externref,
    /// An exported function or null.
    #[idl("anyfunc")]
    Anyfunc,
}

const VALUE_TYPES: [ValueType; 7] =
    [ValueType::I32, ValueType::I64, ValueType::F32, ValueType::F64, ValueType::V128, ValueType::Externref, ValueType::Anyfunc];

impl ValueType {
    /// Its form in a slot.
    pub(super) fn to_slot(self) -> Value {
        Value::int(self as i32)
    }

    /// From that form.
    pub(super) fn from_slot(value: Value) -> ValueType {
        value.as_int().and_then(|number| VALUE_TYPES.get(number as usize)).copied().unwrap_or(ValueType::Externref)
    }
}

// https://webassembly.github.io/spec/js-api/#defaultvalue
/// What a value of a type is where none is given.
pub(super) fn default_value(cx: &Context, ty: ValueType) -> Value {
    match ty {
        ValueType::Externref => Value::UNDEFINED,
        ValueType::Anyfunc => Value::NULL,
        ValueType::I64 => bigint::from_i64(&cx.heap, 0).value(),
        ValueType::I32 | ValueType::F32 | ValueType::F64 | ValueType::V128 => Value::ZERO,
    }
}

// https://webassembly.github.io/spec/js-api/#towebassemblyvalue
/// A value as one of this type. `detail` says in a TypeError what is wrong with a value that is no function.
pub(super) fn convert(cx: &mut Context, value: Value, ty: ValueType, place: &Place<'_>) -> Result<Value> {
    Ok(match ty {
        ValueType::I32 => Value::int(cx.to_int32(value)?),
        ValueType::I64 => {
            let number = cx.to_bigint(value)?;
            let number = bigint::to_i64_wrapping(&cx.heap, number);
            bigint::from_i64(&cx.heap, number).value()
        }
        ValueType::F32 => Value::number(f64::from(cx.to_number(value)? as f32)),
        ValueType::F64 => Value::number(cx.to_number(value)?),
        ValueType::Externref => value,
        // No function is an Exported Function, as there is no code that could export one.
        ValueType::Anyfunc if value.is_null() => value,
        ValueType::Anyfunc => return Err(place.type_error(cx, "function-typed object expected")),
        ValueType::V128 => return Err(place.type_error(cx, "a v128 has no value in JavaScript")),
    })
}

/// The value given, converted, or the type's default.
pub(super) fn given_or_default(cx: &mut Context, value: Optional<Value>, ty: ValueType, place: &Place<'_>) -> Result<Value> {
    match *value {
        Some(value) => convert(cx, value, ty, place),
        None => Ok(default_value(cx, ty)),
    }
}

/// AddressType. <https://webassembly.github.io/spec/js-api/#enumdef-addresstype>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enumeration)]
pub enum AddressType {
    /// Addresses are numbers.
    #[default]
    #[idl("i32")]
    I32,
    /// Addresses are BigInts.
    #[idl("i64")]
    I64,
}

impl AddressType {
    // https://webassembly.github.io/spec/js-api/#addressvaluetou64
    pub(super) fn convert(self, cx: &mut Context, value: Value, place: &Place<'_>) -> Result<u64> {
        match self {
            AddressType::I32 => Ok(u64::from(EnforceRange::<u32>::from_js(cx, value, place)?.0)),
            AddressType::I64 => {
                let number = cx.to_bigint(value)?;
                if number.is_negative(&cx.heap) || number.limb_count(&cx.heap) > 1 {
                    return Err(place.type_error(cx, "Value is outside the 'u64' value range."));
                }
                Ok(bigint::to_u64_wrapping(&cx.heap, number))
            }
        }
    }

    // https://webassembly.github.io/spec/js-api/#u64toaddressvalue
    pub(super) fn to_value(self, cx: &Context, number: u64) -> Value {
        match self {
            AddressType::I32 => Value::number(number as f64),
            AddressType::I64 => bigint::from_u64(&cx.heap, number).value(),
        }
    }
}
