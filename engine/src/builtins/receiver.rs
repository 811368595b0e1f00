//! Words for error messages: values as V8 shows them, and the error for a method called on the wrong kind of object.

use crate::context::Context;
use crate::heap::Kind;
use crate::native::{NativeId, Result, Thrown};
use crate::object::Object;
use crate::value::Value;

pub(crate) use crate::realm::error::describe;

/// TypeError for a method whose `this` is of the wrong kind.
#[cold]
pub(crate) fn incompatible(cx: &mut Context, method: &str, this: Value) -> Thrown {
    let receiver = describe(cx, this);
    cx.throw_type_error(&format!("Method {method} called on incompatible receiver {receiver}"))
}

/// `this` as an object of the kind that `method` needs.
#[inline]
pub(crate) fn require(cx: &mut Context, this: Value, kind: Kind, method: &str) -> Result<Object> {
    match this.as_object() {
        Some(object) if object.is(&cx.heap, kind) => Ok(object),
        _ => Err(incompatible(cx, method, this)),
    }
}

/// TypeError `… is not a function`.
#[cold]
pub(crate) fn not_callable(cx: &mut Context, value: Value) -> Thrown {
    let text = describe(cx, value);
    cx.throw_type_error(&format!("{text} is not a function"))
}

/// The exception behind a [`Thrown`], or the [`Thrown`] itself when the instance is being stopped.
pub(crate) fn caught(cx: &mut Context, thrown: Thrown) -> Result<Value> {
    match cx.take_exception() {
        Some(exception) => Ok(exception),
        None => Err(thrown),
    }
}

/// Whether `value` is the function object of this native (in any realm).
pub(crate) fn is_native(cx: &Context, value: Value, function: impl Into<NativeId>) -> bool {
    let Some(object) = value.as_object() else { return false };
    object.is(&cx.heap, Kind::NativeFunction)
        && object
            .internal(&cx.heap, 0)
            .as_int()
            .and_then(|index| cx.natives().entry(index as u32))
            .is_some_and(|entry| entry.id == function.into())
}
