//! The Reflect object. https://tc39.es/ecma262/#sec-reflect-object

use crate::context::Context;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::value::Value;

natives! { pub static REFLECT: namespace "Reflect", Reflect; {
    static method "apply" / 3 => apply,
    static method "construct" / 2 => construct,
    static method "defineProperty" / 3 => define_property,
    static method "deleteProperty" / 2 => delete_property,
    static method "get" / 2 => get,
    static method "getOwnPropertyDescriptor" / 2 => get_own_property_descriptor,
    static method "getPrototypeOf" / 1 => get_prototype_of,
    static method "has" / 2 => has,
    static method "isExtensible" / 1 => is_extensible,
    static method "ownKeys" / 1 => own_keys,
    static method "preventExtensions" / 1 => prevent_extensions,
    static method "set" / 3 => set,
    static method "setPrototypeOf" / 2 => set_prototype_of,
    static tag "Reflect",
}}

fn target(cx: &mut Context, args: &Args<'_>, method: &str) -> Result<Object> {
    match args.at(0).as_object() {
        Some(object) => Ok(object),
        None => Err(cx.throw_type_error(&format!("Reflect.{method} called on non-object"))),
    }
}

// 28.1.1 Reflect.apply ( target, thisArgument, argumentsList ), https://tc39.es/ecma262/#sec-reflect.apply
fn apply(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !cx.is_callable(args.at(0)) {
        let shown = cx.display(args.at(0));
        return Err(cx.throw_type_error(&format!("Function.prototype.apply was called on {shown}, which is not a function")));
    }
    let list = cx.create_list_from_array_like(args.at(2))?;
    cx.call_collecting(args.at(0), args.at(1), &list)
}

// 28.1.2 Reflect.construct ( target, argumentsList [ , newTarget ] ), https://tc39.es/ecma262/#sec-reflect.construct
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = constructor(cx, args.at(0))?;
    let new_target = match args.get(2) {
        Some(value) => constructor(cx, value)?,
        None => target,
    };
    let list = cx.create_list_from_array_like(args.at(1))?;
    Ok(cx.construct(target, &list, new_target)?.value())
}

fn constructor(cx: &mut Context, value: Value) -> Result<Object> {
    match value.as_object().filter(|object| object.is_constructor(&cx.heap)) {
        Some(object) => Ok(object),
        None => {
            let shown = cx.display(value);
            Err(cx.throw_type_error(&format!("{shown} is not a constructor")))
        }
    }
}

// 28.1.3 Reflect.defineProperty ( target, propertyKey, attributes ), https://tc39.es/ecma262/#sec-reflect.defineproperty
fn define_property(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "defineProperty")?;
    let name = cx.to_property_key(args.at(1))?;
    let descriptor = cx.to_property_descriptor(args.at(2))?;
    Ok(Value::bool(cx.define_own_property(target, name, &descriptor)?))
}

// 28.1.4 Reflect.deleteProperty ( target, propertyKey ), https://tc39.es/ecma262/#sec-reflect.deleteproperty
fn delete_property(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "deleteProperty")?;
    let name = cx.to_property_key(args.at(1))?;
    Ok(Value::bool(cx.delete(target, name)?))
}

// 28.1.5 Reflect.get ( target, propertyKey [ , receiver ] ), https://tc39.es/ecma262/#sec-reflect.get
fn get(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "get")?;
    let name = cx.to_property_key(args.at(1))?;
    cx.get_with_receiver(target, name, args.get(2).unwrap_or(target.value()))
}

// 28.1.6 Reflect.getOwnPropertyDescriptor ( target, propertyKey ), https://tc39.es/ecma262/#sec-reflect.getownpropertydescriptor
fn get_own_property_descriptor(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "getOwnPropertyDescriptor")?;
    let name = cx.to_property_key(args.at(1))?;
    let descriptor = cx.get_own_property(target, name)?;
    Ok(cx.from_property_descriptor(descriptor.as_ref()))
}

// 28.1.7 Reflect.getPrototypeOf ( target ), https://tc39.es/ecma262/#sec-reflect.getprototypeof
fn get_prototype_of(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "getPrototypeOf")?;
    Ok(cx.get_prototype_of(target)?.map_or(Value::NULL, Object::value))
}

// 28.1.8 Reflect.has ( target, propertyKey ), https://tc39.es/ecma262/#sec-reflect.has
fn has(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "has")?;
    let name = cx.to_property_key(args.at(1))?;
    Ok(Value::bool(cx.has_property(target, name)?))
}

// 28.1.9 Reflect.isExtensible ( target ), https://tc39.es/ecma262/#sec-reflect.isextensible
fn is_extensible(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "isExtensible")?;
    Ok(Value::bool(cx.is_extensible(target)?))
}

// 28.1.10 Reflect.ownKeys ( target ), https://tc39.es/ecma262/#sec-reflect.ownkeys
fn own_keys(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "ownKeys")?;
    let names = cx.own_keys(target)?;
    cx.spend_fuel(names.len() as u64)?;
    let list: Vec<Value> = names.into_iter().map(|name| name.to_value(&cx.heap)).collect();
    Ok(cx.new_array(&list).value())
}

// 28.1.11 Reflect.preventExtensions ( target ), https://tc39.es/ecma262/#sec-reflect.preventextensions
fn prevent_extensions(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "preventExtensions")?;
    Ok(Value::bool(cx.prevent_extensions(target)?))
}

// 28.1.12 Reflect.set ( target, propertyKey, V [ , receiver ] ), https://tc39.es/ecma262/#sec-reflect.set
fn set(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "set")?;
    let name = cx.to_property_key(args.at(1))?;
    Ok(Value::bool(cx.set_with_receiver(target, name, args.at(2), args.get(3).unwrap_or(target.value()))?))
}

// 28.1.13 Reflect.setPrototypeOf ( target, proto ), https://tc39.es/ecma262/#sec-reflect.setprototypeof
fn set_prototype_of(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let target = target(cx, args, "setPrototypeOf")?;
    let parent = args.at(1);
    if !parent.is_object() && !parent.is_null() {
        let shown = cx.display(parent);
        return Err(cx.throw_type_error(&format!("Object prototype may only be an Object or null: {shown}")));
    }
    Ok(Value::bool(cx.set_prototype_of(target, parent.as_object())?))
}
