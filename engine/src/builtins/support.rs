//! Natives that belong to no class: %Function.prototype% itself, %ThrowTypeError%, and those that the interpreter makes function objects of.

use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::value::Value;

natives! { pub static SUPPORT: namespace "%support%", ThrowTypeError, not_global; {
    hidden "" / 0 => function_prototype,
    hidden "" / 0 => throw_type_error,
}}

// 20.2.3 Properties of the Function Prototype Object, https://tc39.es/ecma262/#sec-properties-of-the-function-prototype-object
/// %Function.prototype% accepts any arguments and returns undefined.
pub fn function_prototype(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::UNDEFINED)
}

// 10.2.4.1 %ThrowTypeError% ( ), https://tc39.es/ecma262/#sec-%throwtypeerror%
/// Thrown by `arguments.callee` and `Function.prototype.caller` in strict code.
pub fn throw_type_error(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Err(cx.throw_type_error(
        "'caller', 'callee', and 'arguments' properties may not be accessed on strict mode functions or the arguments objects for calls to them",
    ))
}
