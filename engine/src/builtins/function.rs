//! Function objects, and the constructors of generator and async functions. https://tc39.es/ecma262/#sec-function-objects

use crate::context::Context;
use crate::heap::{Kind, object_flag};
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::function::{DynamicKind, create_dynamic, source_text};
use crate::realm::{Intrinsic, Realm};
use crate::string::atoms::{key, name, symbol};
use crate::value::Value;

natives! { pub static FUNCTION: "Function" / 1 => construct, Function, FunctionPrototype; {
    method "apply" / 2 => apply,
    method "bind" / 1 => bind,
    method "call" / 1 => call,
    method "toString" / 0 => to_string,
    method @@has_instance "[Symbol.hasInstance]" / 1 => has_instance,
}}

natives! { pub static GENERATOR_FUNCTION: "GeneratorFunction" / 1 => construct_generator, GeneratorFunction, GeneratorFunctionPrototype,
parent FunctionPrototype, Function, not_global; { tag "GeneratorFunction", }}

natives! { pub static ASYNC_FUNCTION: "AsyncFunction" / 1 => construct_async, AsyncFunction, AsyncFunctionPrototype,
parent FunctionPrototype, Function, not_global; { tag "AsyncFunction", }}

natives! { pub static ASYNC_GENERATOR_FUNCTION: "AsyncGeneratorFunction" / 1 => construct_async_generator, AsyncGeneratorFunction,
AsyncGeneratorFunctionPrototype, parent FunctionPrototype, Function, not_global; { tag "AsyncGeneratorFunction", }}

/// What the tables cannot say: attributes that are not those of methods, %ThrowTypeError% and the properties that use it, the cycle
/// between generator functions' prototypes and generators' prototypes.
pub fn finish(cx: &mut Context, realm: Realm) {
    let heap = &cx.heap;
    let prototype = realm.intrinsic(heap, Intrinsic::FunctionPrototype);
    set_attributes(cx, prototype, symbol::has_instance, attribute::NONE);
    // 10.2.4.1 %ThrowTypeError% ( ), https://tc39.es/ecma262/#sec-%throwtypeerror%: frozen
    let thrower = cx.new_native(super::support::throw_type_error);
    set_attributes(cx, thrower, key::length, attribute::NONE);
    set_attributes(cx, thrower, key::name, attribute::NONE);
    thrower.add_flags(&cx.heap, object_flag::NON_EXTENSIBLE);
    realm.set_intrinsic(&cx.heap, Intrinsic::ThrowTypeError, thrower);
    // 10.2.4 AddRestrictedFunctionProperties ( F, realm ), https://tc39.es/ecma262/#sec-addrestrictedfunctionproperties
    for restricted in [key::caller, key::arguments] {
        let pair = cx.new_accessor_pair(thrower.value(), thrower.value());
        prototype.add_property(&cx.heap, restricted, pair, attribute::CONFIGURABLE | attribute::ACCESSOR);
    }
    for functions in [Intrinsic::GeneratorFunctionPrototype, Intrinsic::AsyncFunctionPrototype, Intrinsic::AsyncGeneratorFunctionPrototype]
    {
        if let Some(functions) = realm.try_intrinsic(&cx.heap, functions) {
            set_attributes(cx, functions, key::constructor, attribute::CONFIG);
        }
    }
    let cycles = [
        (Intrinsic::GeneratorFunctionPrototype, Intrinsic::GeneratorPrototype),
        (Intrinsic::AsyncGeneratorFunctionPrototype, Intrinsic::AsyncGeneratorPrototype),
    ];
    for (functions, generators) in cycles {
        if let (Some(functions), Some(generators)) = (realm.try_intrinsic(&cx.heap, functions), realm.try_intrinsic(&cx.heap, generators)) {
            put(cx, functions, key::prototype, generators);
            put(cx, generators, key::constructor, functions);
        }
    }
}

/// Makes an own named property that only is configurable.
fn put(cx: &mut Context, object: Object, name: crate::string::PropertyKey, value: Object) {
    match object.shape(&cx.heap).lookup(&cx.heap, name) {
        None => object.add_property(&cx.heap, name, value.value(), attribute::CONFIG),
        Some(property) => {
            object.set_property_attributes(&cx.heap, property, attribute::CONFIG);
            object.set_slot_value(&cx.heap, property.slot, value.value());
        }
    }
}

/// Changes the attributes of an own named property.
pub(super) fn set_attributes(cx: &Context, object: Object, name: crate::string::PropertyKey, attributes: u8) {
    if let Some(property) = object.shape(&cx.heap).lookup(&cx.heap, name) {
        object.set_property_attributes(&cx.heap, property, attributes);
    }
}

// 20.2.1.1 Function ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-function-p1-p2-pn-body
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::Normal, args)
}

// 27.3.1.1 GeneratorFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-generatorfunction
fn construct_generator(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::Generator, args)
}

// 27.7.1.1 AsyncFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-async-function-constructor-arguments
fn construct_async(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::Async, args)
}

// 27.4.1.1 AsyncGeneratorFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-asyncgeneratorfunction
fn construct_async_generator(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::AsyncGenerator, args)
}

// 20.2.3.1 Function.prototype.apply ( thisArg, argArray ), https://tc39.es/ecma262/#sec-function.prototype.apply
fn apply(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if !cx.is_callable(this) {
        return Err(cx.throw_type_error("Function.prototype.apply was called on a value that is not a function"));
    }
    if args.at(1).is_nullish() {
        return cx.call_collecting(this, args.at(0), &[]);
    }
    let list = cx.create_list_from_array_like(args.at(1))?;
    cx.call_collecting(this, args.at(0), &list)
}

// 20.2.3.2 Function.prototype.bind ( thisArg, ...args ), https://tc39.es/ecma262/#sec-function.prototype.bind
fn bind(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(target) = this.as_object().filter(|target| target.is_callable(&cx.heap)) else {
        return Err(cx.throw_type_error("Bind must be called on a function"));
    };
    let bound = bound_function_create(cx, target, args.at(0), args.from(1))?;
    let mut length = 0.0;
    if cx.has_own_property(target, key::length)?
        && let Some(number) = cx.get(target, key::length)?.as_number()
    {
        // Infinities need no case of their own: -∞ clamps to 0, and +∞ less any count stays.
        length = (crate::conversions::number_to_integer_or_infinity(number) - args.from(1).len() as f64).max(0.0);
    }
    bound.add_property(&cx.heap, key::length, Value::number(length), attribute::CONFIG);
    let target_name = cx.get(target, key::name)?;
    let target_name = target_name.as_string().unwrap_or(name::empty);
    let text = cx.concat(name::bound_, target_name)?;
    bound.add_property(&cx.heap, key::name, text.value(), attribute::CONFIG);
    Ok(bound.value())
}

// 10.4.1.3 BoundFunctionCreate ( targetFunction, boundThis, boundArgs ), https://tc39.es/ecma262/#sec-boundfunctioncreate
fn bound_function_create(cx: &mut Context, target: Object, this: Value, arguments: &[Value]) -> Result<Object> {
    let prototype = cx.get_prototype_of(target)?;
    let shape = cx.heap.root_shape(prototype, Kind::BoundFunction, 2);
    let flags = target.flags(&cx.heap) & (object_flag::CALLABLE | object_flag::CONSTRUCTOR);
    let bound = cx.heap.new_object(Kind::BoundFunction, shape, flags);
    bound.set_internal(&cx.heap, 0, target.value());
    bound.set_internal(&cx.heap, 1, this);
    let arguments = cx.heap.new_values_from(arguments);
    bound.set_internal(&cx.heap, 2, Value::cell(arguments));
    Ok(bound)
}

// 20.2.3.3 Function.prototype.call ( thisArg, ...args ), https://tc39.es/ecma262/#sec-function.prototype.call
fn call(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if !cx.is_callable(this) {
        return Err(cx.throw_type_error("Function.prototype.call was called on a value that is not a function"));
    }
    cx.call_collecting(this, args.at(0), args.from(1))
}

// 20.2.3.5 Function.prototype.toString ( ), https://tc39.es/ecma262/#sec-function.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(function) = this.as_object().filter(|function| function.is_callable(&cx.heap)) else {
        return Err(cx.throw_type_error("Function.prototype.toString requires that 'this' be a Function"));
    };
    let has_text = match function.kind(&cx.heap) {
        Kind::Closure => true,
        Kind::NativeFunction => has_name_for_text(cx, function),
        // Names of bound functions do not fit NativeFunction's grammar.
        _ => false,
    };
    match source_text(cx, function) {
        Some(text) if has_text => Ok(text.value()),
        _ => Ok(cx.new_string("function () { [native code] }")),
    }
}

/// Whether a native function's name fits NativeFunction's grammar: an identifier or computed name, perhaps after `get` or `set`.
fn has_name_for_text(cx: &Context, function: Object) -> bool {
    let Some(text) = cx.plain_data_property(function, key::name).and_then(Value::as_string) else { return false };
    let text = text.to_text(&cx.heap);
    let name = text.strip_prefix("get ").or_else(|| text.strip_prefix("set ")).unwrap_or(&text);
    let is_identifier = !name.starts_with(|first: char| first.is_ascii_digit())
        && name.chars().all(|unit| unit.is_ascii_alphanumeric() || unit == '_' || unit == '$');
    is_identifier || (name.starts_with("[Symbol.") && name.ends_with(']'))
}

// 20.2.3.6 Function.prototype [ %Symbol.hasInstance% ] ( V ), https://tc39.es/ecma262/#sec-function.prototype-%symbol.hasinstance%
fn has_instance(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(cx.ordinary_has_instance(this, args.at(0))?))
}
