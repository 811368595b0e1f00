//! Generator objects and the constructors of generator and async functions. <https://tc39.es/ecma262/#sec-generator-objects>,
//! <https://tc39.es/ecma262/#sec-generatorfunction-objects>, <https://tc39.es/ecma262/#sec-async-function-objects>
//!
//! Saved frames and their resumption are the interpreter's.

use super::receiver::require;
use crate::context::Context;
use crate::heap::Kind;
use crate::interpreter::ResumeMode;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::function::{DynamicKind, create_dynamic};
use crate::realm::{Intrinsic, Realm};
use crate::string::PropertyKey;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static GENERATOR_FUNCTION: "GeneratorFunction" / 1 => construct_generator_function, GeneratorFunction, GeneratorFunctionPrototype,
    parent FunctionPrototype, Function, not_global; {
    tag "GeneratorFunction",
}}

natives! { pub static ASYNC_GENERATOR_FUNCTION: "AsyncGeneratorFunction" / 1 => construct_async_generator_function, AsyncGeneratorFunction,
    AsyncGeneratorFunctionPrototype, parent FunctionPrototype, Function, not_global; {
    tag "AsyncGeneratorFunction",
}}

natives! { pub static ASYNC_FUNCTION: "AsyncFunction" / 1 => construct_async_function, AsyncFunction, AsyncFunctionPrototype,
    parent FunctionPrototype, Function, not_global; {
    tag "AsyncFunction",
}}

natives! { pub static GENERATOR: prototype "Generator", GeneratorPrototype, parent IteratorPrototype; {
    method "next" / 1 => next,
    method "return" / 1 => return_,
    method "throw" / 1 => throw,
    tag "Generator",
}}

// 27.3.1.1 GeneratorFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-generatorfunction
fn construct_generator_function(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::Generator, args)
}

// 27.4.1.1 AsyncGeneratorFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-asyncgeneratorfunction
fn construct_async_generator_function(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::AsyncGenerator, args)
}

// 27.7.1.1 AsyncFunction ( ...parameterArgs, bodyArg ), https://tc39.es/ecma262/#sec-async-function-constructor-arguments
fn construct_async_function(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_dynamic(cx, DynamicKind::Async, args)
}

// 27.5.1.2 %GeneratorPrototype%.next ( value ), https://tc39.es/ecma262/#sec-generator.prototype.next
pub(crate) fn next(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.next")?;
    cx.resume_generator(generator, args.at(0), ResumeMode::Next)
}

// 27.5.1.3 %GeneratorPrototype%.return ( value ), https://tc39.es/ecma262/#sec-generator.prototype.return
fn return_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.return")?;
    cx.resume_generator(generator, args.at(0), ResumeMode::Return)
}

// 27.5.1.4 %GeneratorPrototype%.throw ( exception ), https://tc39.es/ecma262/#sec-generator.prototype.throw
fn throw(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let generator = require(cx, this, Kind::Generator, "[Generator].prototype.throw")?;
    cx.resume_generator(generator, args.at(0), ResumeMode::Throw)
}

/// Links that the tables cannot say: constructors that are not writable, and prototypes of prototypes.
pub(super) fn finish_install(cx: &mut Context, realm: Realm) {
    use Intrinsic as I;
    let constructors =
        [(I::GeneratorFunctionPrototype, I::GeneratorFunction), (I::AsyncGeneratorFunctionPrototype, I::AsyncGeneratorFunction), (I::AsyncFunctionPrototype, I::AsyncFunction)];
    for (prototype, constructor) in constructors {
        let constructor = realm.intrinsic(&cx.heap, constructor);
        define(cx, realm.intrinsic(&cx.heap, prototype), key::constructor, constructor);
    }
    for (function_prototype, prototype) in
        [(I::GeneratorFunctionPrototype, I::GeneratorPrototype), (I::AsyncGeneratorFunctionPrototype, I::AsyncGeneratorPrototype)]
    {
        let (function_prototype, prototype) = (realm.intrinsic(&cx.heap, function_prototype), realm.intrinsic(&cx.heap, prototype));
        define(cx, function_prototype, key::prototype, prototype);
        define(cx, prototype, key::constructor, function_prototype);
    }
}

/// Defines a property that is only configurable.
fn define(cx: &Context, object: Object, name: PropertyKey, value: Object) {
    let heap = &cx.heap;
    match object.shape(heap).lookup(heap, name) {
        None => object.add_property(heap, name, value.value(), attribute::CONFIG),
        Some(property) => {
            object.set_property_attributes(heap, property, attribute::CONFIG);
            if let Some(property) = object.shape(heap).lookup(heap, name) {
                object.set_slot_value(heap, property.slot, value.value());
            }
        }
    }
}
