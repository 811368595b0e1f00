//! Boolean objects. https://tc39.es/ecma262/#sec-boolean-objects

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::realm::Intrinsic;
use crate::string::atoms::name;
use crate::value::Value;

natives! { pub static BOOLEAN: "Boolean" / 1 => construct, Boolean, BooleanPrototype; {
    method "toString" / 0 => to_string,
    method "valueOf" / 0 => value_of,
}}

// 20.3.1.1 Boolean ( value ), https://tc39.es/ecma262/#sec-boolean-constructor-boolean-value
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let value = Value::bool(cx.to_boolean(args.at(0)));
    if !args.is_construct() {
        return Ok(value);
    }
    let object = cx.create_from_constructor(args.new_target, Intrinsic::BooleanPrototype, Kind::PrimitiveWrapper)?;
    object.set_internal(&cx.heap, 0, value);
    Ok(object.value())
}

// 20.3.3.3.1 ThisBooleanValue ( value ), https://tc39.es/ecma262/#sec-thisbooleanvalue
fn this_boolean_value(cx: &mut Context, this: Value, method: &str) -> Result<bool> {
    if let Some(boolean) = this.as_bool() {
        return Ok(boolean);
    }
    if let Some(wrapper) = this.as_object().filter(|object| object.is(&cx.heap, Kind::PrimitiveWrapper))
        && let Some(boolean) = wrapper.internal(&cx.heap, 0).as_bool()
    {
        return Ok(boolean);
    }
    Err(cx.throw_type_error(&format!("Boolean.prototype.{method} requires that 'this' be a Boolean")))
}

// 20.3.3.2 Boolean.prototype.toString ( ), https://tc39.es/ecma262/#sec-boolean.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let text = if this_boolean_value(cx, this, "toString")? { name::true_ } else { name::false_ };
    Ok(text.value())
}

// 20.3.3.3 Boolean.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-boolean.prototype.valueof
fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(this_boolean_value(cx, this, "valueOf")?))
}
