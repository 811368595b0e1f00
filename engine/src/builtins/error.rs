//! Error objects: Error, the native errors, AggregateError, SuppressedError, and V8's conveniences for stack traces.
//! https://tc39.es/ecma262/#sec-error-objects

use crate::builtins::receiver::incompatible;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::{Object, PropertyDescriptor, attribute};
use crate::realm::{Intrinsic, IntrinsicId, Realm};
use crate::string::StringBuilder;
use crate::string::atoms::{key, name};
use crate::value::Value;

natives! { pub static ERROR: "Error" / 1 => construct_error, Error, ErrorPrototype; {
    static method "isError" / 1 => is_error,
    static method "captureStackTrace" / 2 => capture_stack_trace,
    method "toString" / 0 => to_string,
    accessor "stack" => get_stack, set_stack,
}}
natives! { pub static EVAL_ERROR: "EvalError" / 1 => construct_eval_error, EvalError, EvalErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static RANGE_ERROR: "RangeError" / 1 => construct_range_error, RangeError, RangeErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static REFERENCE_ERROR: "ReferenceError" / 1 => construct_reference_error, ReferenceError, ReferenceErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static SYNTAX_ERROR: "SyntaxError" / 1 => construct_syntax_error, SyntaxError, SyntaxErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static TYPE_ERROR: "TypeError" / 1 => construct_type_error, TypeError, TypeErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static URI_ERROR: "URIError" / 1 => construct_uri_error, UriError, UriErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static AGGREGATE_ERROR: "AggregateError" / 2 => construct_aggregate_error, AggregateError, AggregateErrorPrototype,
parent ErrorPrototype, Error; {}}
natives! { pub static SUPPRESSED_ERROR: "SuppressedError" / 3 => construct_suppressed_error, SuppressedError, SuppressedErrorPrototype,
parent ErrorPrototype, Error; {}}

/// What the tables cannot say: `name` and `message` of the prototypes, `Error.stackTraceLimit`.
pub fn finish(cx: &mut Context, realm: Realm) {
    let prototypes = [
        (Intrinsic::ErrorPrototype, "Error"),
        (Intrinsic::EvalErrorPrototype, "EvalError"),
        (Intrinsic::RangeErrorPrototype, "RangeError"),
        (Intrinsic::ReferenceErrorPrototype, "ReferenceError"),
        (Intrinsic::SyntaxErrorPrototype, "SyntaxError"),
        (Intrinsic::TypeErrorPrototype, "TypeError"),
        (Intrinsic::UriErrorPrototype, "URIError"),
        (Intrinsic::AggregateErrorPrototype, "AggregateError"),
        (Intrinsic::SuppressedErrorPrototype, "SuppressedError"),
    ];
    for (prototype, text) in prototypes {
        let prototype = realm.intrinsic(&cx.heap, prototype);
        let text = cx.heap.intern_text(text);
        prototype.add_property(&cx.heap, key::name, text.value(), attribute::METHOD);
        prototype.add_property(&cx.heap, key::message, name::empty.value(), attribute::METHOD);
    }
    realm.intrinsic(&cx.heap, Intrinsic::Error).add_property(&cx.heap, key::stack_trace_limit, Value::int(10), attribute::ALL);
}

// 20.5.1.1 Error ( message [ , options ] ), https://tc39.es/ecma262/#sec-error-message
// 20.5.6.1.1 NativeError ( message [ , options ] ), https://tc39.es/ecma262/#sec-nativeerror
fn create(cx: &mut Context, args: &Args<'_>, message: Value, default: impl Into<IntrinsicId>) -> Result<Object> {
    let new_target = if args.is_construct() { args.new_target } else { args.callee };
    let prototype = cx.prototype_from_constructor(new_target, default)?;
    let message = if message.is_undefined() { None } else { Some(cx.to_string(message)?) };
    Ok(crate::realm::error::create(cx, prototype, message))
}

/// What a NativeError constructor does. Those of the embedder pass the intrinsic that is their prototype.
pub fn create_with_options(cx: &mut Context, args: &Args<'_>, default: impl Into<IntrinsicId>) -> Result<Value> {
    let error = create(cx, args, args.at(0), default)?;
    install_error_cause(cx, error, args.at(1))?;
    Ok(error.value())
}

// 20.5.8.1 InstallErrorCause ( O, options ), https://tc39.es/ecma262/#sec-installerrorcause
fn install_error_cause(cx: &mut Context, error: Object, options: Value) -> Result<()> {
    if let Some(options) = options.as_object()
        && cx.has_property(options, key::cause)?
    {
        let cause = cx.get(options, key::cause)?;
        define_hidden(cx, error, key::cause, cause)?;
    }
    Ok(())
}

/// CreateNonEnumerableDataPropertyOrThrow
fn define_hidden(cx: &mut Context, object: Object, name: crate::string::PropertyKey, value: Value) -> Result<()> {
    cx.define_or_throw(object, name, &PropertyDescriptor::data(value, attribute::METHOD))
}

fn construct_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::ErrorPrototype)
}

fn construct_eval_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::EvalErrorPrototype)
}

fn construct_range_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::RangeErrorPrototype)
}

fn construct_reference_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::ReferenceErrorPrototype)
}

fn construct_syntax_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::SyntaxErrorPrototype)
}

fn construct_type_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::TypeErrorPrototype)
}

fn construct_uri_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    create_with_options(cx, args, Intrinsic::UriErrorPrototype)
}

// 20.5.7.1.1 AggregateError ( errors, message [ , options ] ), https://tc39.es/ecma262/#sec-aggregate-error
fn construct_aggregate_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let error = create(cx, args, args.at(1), Intrinsic::AggregateErrorPrototype)?;
    install_error_cause(cx, error, args.at(2))?;
    let errors = cx.iterator_to_list(args.at(0))?;
    let errors = cx.new_array(&errors);
    define_hidden(cx, error, key::errors, errors.value())?;
    Ok(error.value())
}

// 20.5.8.1.1 SuppressedError ( error, suppressed, message ), https://tc39.es/ecma262/#sec-suppressederror
fn construct_suppressed_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let error = create(cx, args, args.at(2), Intrinsic::SuppressedErrorPrototype)?;
    define_hidden(cx, error, key::error, args.at(0))?;
    define_hidden(cx, error, key::suppressed, args.at(1))?;
    Ok(error.value())
}

impl Context {
    /// A new SuppressedError, as disposal makes them.
    pub fn new_suppressed_error(&mut self, error: Value, suppressed: Value) -> Object {
        let prototype = self.intrinsic(Intrinsic::SuppressedErrorPrototype);
        let object = crate::realm::error::create(self, prototype, None);
        object.add_property(&self.heap, key::error, error, attribute::METHOD);
        object.add_property(&self.heap, key::suppressed, suppressed, attribute::METHOD);
        object
    }

    /// A new AggregateError, as `Promise.any` makes them.
    pub fn new_aggregate_error(&mut self, errors: &[Value], message: &str) -> Object {
        let prototype = self.intrinsic(Intrinsic::AggregateErrorPrototype);
        let message = self.heap.new_string(message);
        let object = crate::realm::error::create(self, prototype, Some(message));
        let errors = self.new_array(errors);
        object.add_property(&self.heap, key::errors, errors.value(), attribute::METHOD);
        object
    }
}

// 20.5.2.1 Error.isError ( arg ), https://tc39.es/ecma262/#sec-error.iserror
fn is_error(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(Value::bool(args.at(0).as_object().is_some_and(|object| object.is(&cx.heap, Kind::Error))))
}

// 20.5.3.4 Error.prototype.toString ( ), https://tc39.es/ecma262/#sec-error.prototype.tostring
fn to_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(object) = this.as_object() else {
        let shown = cx.display(this);
        return Err(cx.throw_type_error(&format!("Error.prototype.toString requires that 'this' be a JSReceiver, got {shown}")));
    };
    let kind = cx.get(object, key::name)?;
    let kind = if kind.is_undefined() { cx.heap.intern_text("Error") } else { cx.to_string(kind)? };
    let message = cx.get(object, key::message)?;
    let message = if message.is_undefined() { name::empty } else { cx.to_string(message)? };
    if kind.is_empty(&cx.heap) {
        return Ok(message.value());
    }
    if message.is_empty(&cx.heap) {
        return Ok(kind.value());
    }
    let mut text = StringBuilder::new();
    text.push_string(&cx.heap, kind);
    text.push_str(": ");
    text.push_string(&cx.heap, message);
    Ok(text.finish(&cx.heap).value())
}

// get Error.prototype.stack, https://tc39.es/proposal-error-stack-accessor/#sec-get-error.prototype.stack
fn get_stack(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    // 1.-2. If E is not an Object, throw a TypeError exception.
    let Some(error) = this.as_object() else { return Err(incompatible(cx, "get Error.prototype.stack", this)) };
    // 3. If E does not have an [[ErrorData]] internal slot, return undefined.
    if !error.is(&cx.heap, Kind::Error) {
        return Ok(Value::UNDEFINED);
    }
    // 4. Return an implementation-defined string that represents the stack trace of E.
    Ok(crate::realm::error::stack(cx, error))
}

// set Error.prototype.stack, https://tc39.es/proposal-error-stack-accessor/#sec-set-error.prototype.stack
fn set_stack(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    // 1.-2. If E is not an Object, throw a TypeError exception.
    let Some(error) = this.as_object() else { return Err(incompatible(cx, "set Error.prototype.stack", this)) };
    // 3. If v is not a String, throw a TypeError exception.
    if !args.at(0).is_string() {
        return Err(cx.throw_type_error("Error.prototype.stack can only be set to a string"));
    }
    // 4. Perform ? SetterThatIgnoresPrototypeProperties(this value, %Error.prototype%, "stack", v).
    cx.set_ignoring_prototype(error, Intrinsic::ErrorPrototype, key::stack, args.at(0))?;
    Ok(Value::UNDEFINED)
}

/// V8's `Error.captureStackTrace(object, function)`: gives any object a `stack`, of the frames below `function` when that is running.
/// https://v8.dev/docs/stack-trace-api#stack-trace-collection-for-custom-exceptions
fn capture_stack_trace(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(object) = args.at(0).as_object() else {
        let shown = cx.display(args.at(0));
        return Err(cx.throw_type_error(&format!("Invalid argument: {shown} is not an object")));
    };
    // Frames are captured by error objects; this one is only asked for its text.
    let prototype = cx.intrinsic(Intrinsic::ErrorPrototype);
    let carrier = crate::realm::error::create(cx, prototype, None);
    if args.at(1).is_object() {
        crate::realm::error::capture_callers(cx, carrier, args.at(1));
    }
    let carried = crate::realm::error::header(cx, carrier);
    let text = crate::realm::error::stack(cx, carrier);
    let text = cx.to_text(text)?;
    let header = crate::realm::error::header(cx, object);
    let stack = cx.new_string(&format!("{header}{}", text.get(carried.len()..).unwrap_or("")));
    define_hidden(cx, object, key::stack, stack)?;
    Ok(Value::UNDEFINED)
}
