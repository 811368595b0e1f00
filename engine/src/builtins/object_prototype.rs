//! Properties of the Object prototype object. https://tc39.es/ecma262/#sec-properties-of-the-object-prototype-object

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::{Object, PropertyDescriptor};
use crate::realm::Intrinsic;
use crate::string::JsString;
use crate::string::atoms::{key, name, symbol};
use crate::value::{Type, Value};

// 20.1.3.2 Object.prototype.hasOwnProperty ( V ), https://tc39.es/ecma262/#sec-object.prototype.hasownproperty
pub(super) fn has_own_property(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let name = cx.to_property_key(args.at(0))?;
    let object = cx.to_object(this)?;
    Ok(Value::bool(cx.has_own_property(object, name)?))
}

// 20.1.3.3 Object.prototype.isPrototypeOf ( V ), https://tc39.es/ecma262/#sec-object.prototype.isprototypeof
pub(super) fn is_prototype_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(mut value) = args.at(0).as_object() else { return Ok(Value::FALSE) };
    let object = cx.to_object(this)?;
    while let Some(parent) = cx.get_prototype_of(value)? {
        if parent == object {
            return Ok(Value::TRUE);
        }
        // A proxy may answer with itself for ever.
        cx.spend_fuel(1)?;
        value = parent;
    }
    Ok(Value::FALSE)
}

// 20.1.3.4 Object.prototype.propertyIsEnumerable ( V ), https://tc39.es/ecma262/#sec-object.prototype.propertyisenumerable
pub(super) fn property_is_enumerable(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let name = cx.to_property_key(args.at(0))?;
    let object = cx.to_object(this)?;
    let descriptor = cx.get_own_property(object, name)?;
    Ok(Value::bool(descriptor.is_some_and(|descriptor| descriptor.enumerable == Some(true))))
}

// 20.1.3.5 Object.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ), https://tc39.es/ecma262/#sec-object.prototype.tolocalestring
pub(super) fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    cx.invoke(this, key::to_string, &[])
}

// 20.1.3.6 Object.prototype.toString ( ), https://tc39.es/ecma262/#sec-object.prototype.tostring
pub(super) fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if this.is_nullish() {
        return Ok(if this.is_undefined() { name::object_undefined } else { name::object_null }.value());
    }
    // OPTIMIZATION: the wrapper object of a primitive is not made where it would have no tag.
    let primitive = match this.type_of() {
        Type::String => Some((Intrinsic::StringPrototype, name::object_string)),
        Type::Number => Some((Intrinsic::NumberPrototype, name::object_number)),
        Type::Boolean => Some((Intrinsic::BooleanPrototype, name::object_boolean)),
        _ => None,
    };
    if let Some((prototype, text)) = primitive
        && cx.lacks_by_shape(cx.intrinsic(prototype), symbol::to_string_tag)
    {
        return Ok(text.value());
    }
    let object = cx.to_object(this)?;
    let builtin = builtin_tag(cx, object)?;
    let tag = cx.get_by_shape(object, symbol::to_string_tag)?;
    match tag.as_string() {
        Some(tag) => {
            let mut text = crate::string::StringBuilder::new();
            text.push_str("[object ");
            text.push_string(&cx.heap, tag);
            text.push_str("]");
            Ok(text.finish(&cx.heap).value())
        }
        None => Ok(builtin.value()),
    }
}

/// What it is called where it has no tag: by its kind.
fn builtin_tag(cx: &mut Context, object: Object) -> Result<JsString> {
    if cx.is_array(object.value())? {
        return Ok(name::object_array);
    }
    let heap = &cx.heap;
    Ok(match object.kind(heap) {
        Kind::Arguments => name::object_arguments,
        _ if object.is_callable(heap) => name::object_function,
        Kind::Error => name::object_error,
        Kind::PrimitiveWrapper => match object.internal(heap, 0).type_of() {
            Type::Boolean => name::object_boolean,
            Type::Number => name::object_number,
            Type::String => name::object_string,
            _ => name::object_object,
        },
        Kind::Date => name::object_date,
        Kind::RegExp => name::object_regexp,
        _ => name::object_object,
    })
}

// 20.1.3.7 Object.prototype.valueOf ( ), https://tc39.es/ecma262/#sec-object.prototype.valueof
pub(super) fn value_of(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(cx.to_object(this)?.value())
}

// 20.1.3.8.1 get Object.prototype.__proto__, https://tc39.es/ecma262/#sec-get-object.prototype.__proto__
pub(super) fn get_proto(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    Ok(cx.get_prototype_of(object)?.map_or(Value::NULL, Object::value))
}

// 20.1.3.8.2 set Object.prototype.__proto__, https://tc39.es/ecma262/#sec-set-object.prototype.__proto__
pub(super) fn set_proto(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    cx.require_object_coercible(this, "Object.prototype.__proto__")?;
    let parent = args.at(0);
    if !parent.is_object() && !parent.is_null() {
        return Ok(Value::UNDEFINED);
    }
    let Some(object) = this.as_object() else { return Ok(Value::UNDEFINED) };
    if !cx.set_prototype_of(object, parent.as_object())? {
        return Err(super::object::set_prototype_failure(cx, object));
    }
    Ok(Value::UNDEFINED)
}

fn define_accessor(cx: &mut Context, this: Value, args: &Args<'_>, what: &str, is_getter: bool) -> Result<Value> {
    let object = cx.to_object(this)?;
    let function = args.at(1);
    if !cx.is_callable(function) {
        return Err(cx.throw_type_error(&format!("Object.prototype.{what}: Expecting function")));
    }
    let mut descriptor = PropertyDescriptor { enumerable: Some(true), configurable: Some(true), ..PropertyDescriptor::default() };
    if is_getter {
        descriptor.get = Some(function);
    } else {
        descriptor.set = Some(function);
    }
    let name = cx.to_property_key(args.at(0))?;
    cx.define_or_throw(object, name, &descriptor)?;
    Ok(Value::UNDEFINED)
}

// 20.1.3.9.1 Object.prototype.__defineGetter__ ( P, getter ), https://tc39.es/ecma262/#sec-object.prototype.__defineGetter__
pub(super) fn define_getter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    define_accessor(cx, this, args, "__defineGetter__", true)
}

// 20.1.3.9.2 Object.prototype.__defineSetter__ ( P, setter ), https://tc39.es/ecma262/#sec-object.prototype.__defineSetter__
pub(super) fn define_setter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    define_accessor(cx, this, args, "__defineSetter__", false)
}

fn look_up_accessor(cx: &mut Context, this: Value, name: Value, is_getter: bool) -> Result<Value> {
    let object = cx.to_object(this)?;
    let name = cx.to_property_key(name)?;
    let mut holder = Some(object);
    while let Some(object) = holder {
        if let Some(descriptor) = cx.get_own_property(object, name)? {
            let accessor = if is_getter { descriptor.get } else { descriptor.set };
            return Ok(accessor.unwrap_or(Value::UNDEFINED));
        }
        cx.spend_fuel(1)?;
        holder = cx.get_prototype_of(object)?;
    }
    Ok(Value::UNDEFINED)
}

// 20.1.3.9.3 Object.prototype.__lookupGetter__ ( P ), https://tc39.es/ecma262/#sec-object.prototype.__lookupGetter__
pub(super) fn lookup_getter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    look_up_accessor(cx, this, args.at(0), true)
}

// 20.1.3.9.4 Object.prototype.__lookupSetter__ ( P ), https://tc39.es/ecma262/#sec-object.prototype.__lookupSetter__
pub(super) fn lookup_setter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    look_up_accessor(cx, this, args.at(0), false)
}
