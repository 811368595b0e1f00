//! Interfaces: brands, receivers, construction.

use super::place::Place;
use crate::class;
use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Kind, Values};
use mayfly_engine::native::{Args, ClassSpec, Result, Thrown};
use mayfly_engine::object::{Object, PropertyDescriptor, attribute};
use mayfly_engine::realm::Intrinsic;
use mayfly_engine::value::Value;

/// How instances of a class are kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Storage {
    /// 8 internal slots.
    Small,
    /// 24 internal slots.
    Large,
    /// An Error object; internal slot 1 holds a record whose first value is the class number.
    Error,
    /// Only the global object.
    Global,
}

/// A platform class, implemented by `#[interface]`.
pub trait Interface {
    /// Its name in JS.
    const NAME: &'static str;
    /// Its number in [`crate::class`].
    const CLASS: u32;
    /// How instances are kept.
    const STORAGE: Storage;
    /// Its class table.
    const SPEC: &'static ClassSpec;
}

/// Record slots of [`Storage::Error`] objects, class number included.
pub const ERROR_RECORD: u32 = 8;

/// Number of the class that a platform object was made as.
pub fn class_of(cx: &Context, object: Object) -> Option<u32> {
    let number = match object.kind(&cx.heap) {
        Kind::Platform | Kind::PlatformLarge => object.internal(&cx.heap, 0),
        Kind::Error => object.internal(&cx.heap, 1).as_cell::<Values>()?.get(&cx.heap, 0),
        _ if object == cx.global() => return Some(class::SERVICE_WORKER_GLOBAL_SCOPE),
        _ => return None,
    };
    number.as_int().map(|number| number as u32)
}

/// Whether a value is an instance of a class or of one that inherits from it.
pub fn is_instance(cx: &Context, value: Value, wanted: u32) -> bool {
    value.as_object().and_then(|object| class_of(cx, object)).is_some_and(|number| class::derives(number, wanted))
}

/// The value as an instance of `T`.
pub fn instance<T: Interface>(cx: &Context, value: Value) -> Option<Object> {
    if is_instance(cx, value, T::CLASS) { value.as_object() } else { None }
}

/// The object on which a member runs; TypeError when it is none of the class. Without a receiver it is the global object, as
/// `addEventListener(…)` needs. <https://webidl.spec.whatwg.org/#dfn-create-operation-function>
#[inline]
pub fn receiver<T: Interface>(cx: &mut Context, this: Value) -> Result<Object> {
    let this = if this.is_nullish() { cx.global().value() } else { this };
    match instance::<T>(cx, this) {
        Some(object) => Ok(object),
        None => Err(cx.throw_type_error("Illegal invocation")),
    }
}

/// TypeError unless a member of the global object is used on it (or without a receiver).
#[inline]
pub fn require_global(cx: &mut Context, this: Value) -> Result<()> {
    if this.is_nullish() || this == cx.global().value() { Ok(()) } else { Err(cx.throw_type_error("Illegal invocation")) }
}

/// TypeError unless called with `new`.
pub fn require_new(cx: &mut Context, args: &Args<'_>, place: &Place<'_>) -> Result<()> {
    if args.is_construct() {
        return Ok(());
    }
    Err(place.type_error(cx, "Please use the 'new' operator, this DOM object constructor cannot be called as a function."))
}

/// TypeError of classes that scripts cannot construct.
#[cold]
pub fn illegal_constructor(cx: &mut Context, _interface: &'static str) -> Result<Value> {
    Err(cx.throw_type_error("Illegal constructor"))
}

/// TypeError unless this many arguments were passed.
#[inline]
pub fn require_arguments(cx: &mut Context, args: &Args<'_>, required: usize, place: &Place<'_>) -> Result<()> {
    if args.len() >= required { Ok(()) } else { Err(too_few_arguments(cx, args.len(), required, place)) }
}

#[cold]
fn too_few_arguments(cx: &mut Context, present: usize, required: usize, place: &Place<'_>) -> Thrown {
    let plural = if required == 1 { "" } else { "s" };
    place.type_error(cx, &format!("{required} argument{plural} required, but only {present} present."))
}

/// A new instance with the prototype that `new_target` asks for (undefined: the class's own).
/// <https://webidl.spec.whatwg.org/#internally-create-a-new-object-implementing-the-interface>
pub fn create_instance<T: Interface>(cx: &mut Context, new_target: Value) -> Result<Object> {
    // OPTIMIZATION: the class's own constructor, whose `prototype` cannot be changed.
    let own = cx.realm().try_intrinsic(&cx.heap, Intrinsic::embedder(2 * T::CLASS + 1));
    if own.is_some_and(|own| own.value() == new_target) {
        return Ok(new_instance::<T>(cx));
    }
    let prototype = cx.prototype_from_constructor(new_target, Intrinsic::embedder(2 * T::CLASS))?;
    Ok(instance_with_prototype::<T>(cx, prototype))
}

/// A new instance made by Rust code: its slots are undefined, but for slot 0.
pub fn new_instance<T: Interface>(cx: &mut Context) -> Object {
    let prototype = cx.intrinsic(Intrinsic::embedder(2 * T::CLASS));
    instance_with_prototype::<T>(cx, prototype)
}

fn instance_with_prototype<T: Interface>(cx: &mut Context, prototype: Object) -> Object {
    let kind = match T::STORAGE {
        Storage::Small | Storage::Global => Kind::Platform,
        Storage::Large => Kind::PlatformLarge,
        Storage::Error => {
            let error = mayfly_engine::realm::error::create(cx, prototype, None);
            let record = cx.heap.new_values(ERROR_RECORD);
            record.set_length(&cx.heap, ERROR_RECORD);
            for i in 1..ERROR_RECORD {
                record.set(&cx.heap, i, Value::UNDEFINED);
            }
            record.set(&cx.heap, 0, Value::int(T::CLASS as i32));
            error.set_internal(&cx.heap, 1, Value::cell(record));
            return error;
        }
    };
    let object = cx.heap.new_object_with_prototype(kind, Some(prototype));
    object.set_internal(&cx.heap, 0, Value::int(T::CLASS as i32));
    object
}

/// What a member of promise type gives back: errors, those of the receiver too, reject the promise.
/// <https://webidl.spec.whatwg.org/#dfn-create-operation-function>
pub fn promise_from_outcome(cx: &mut Context, outcome: Result<Value>) -> Result<Value> {
    match outcome {
        Ok(value) => Ok(promise::promise_resolve(cx, value)?.value()),
        Err(thrown) => match cx.take_exception() {
            Some(reason) => Ok(promise::new_rejected(cx, reason).value()),
            None => Err(thrown),
        },
    }
}

/// Setter of `[Replaceable]` attributes of the global object: the property becomes an own data property.
/// <https://webidl.spec.whatwg.org/#Replaceable>
pub fn replace_attribute(cx: &mut Context, this: Value, name: &str, value: Value) -> Result<Value> {
    require_global(cx, this)?;
    let object = cx.global();
    let key = cx.key(name);
    cx.define_or_throw(object, key, &PropertyDescriptor::data(value, attribute::ALL))?;
    Ok(Value::UNDEFINED)
}
