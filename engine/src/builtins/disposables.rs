//! Lists of disposable resources, for `using` declarations and the two stacks.
//! <https://tc39.es/proposal-explicit-resource-management/#sec-disposecapability-records>
//!
//! A list is a record: 0 the resources, a record of triples (value, method or undefined, whether async); 1 whether an await is due for a
//! resource without a method; 2 whether anything was awaited.

use super::receiver::{caught, describe};
use crate::context::Context;
use crate::heap::Values;
use crate::native::{Args, Result};
use crate::object::attribute;
use crate::realm::Intrinsic;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

const RESOURCES: u32 = 0;
const NEEDS_AWAIT: u32 = 1;
const HAS_AWAITED: u32 = 2;

/// What one step of disposal came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DisposeStep {
    /// Nothing is left.
    Empty,
    /// One resource is done; go on.
    Next,
    /// This value must be awaited; a rejection goes to [`combine_error`].
    Await(Value),
}

/// NewDisposeCapability: an empty list.
pub(crate) fn new_list(cx: &mut Context) -> Value {
    let resources = cx.heap.new_values(3);
    Value::cell(cx.heap.new_values_from(&[Value::cell(resources), Value::FALSE, Value::FALSE]))
}

// AddDisposableResource ( disposeCapability, V, hint [ , method ] ),
// https://tc39.es/proposal-explicit-resource-management/#sec-adddisposableresource
/// Adds the resource `value`, whose method is looked up.
pub(crate) fn add(cx: &mut Context, list: Value, value: Value, is_async: bool) -> Result<()> {
    if value.is_nullish() {
        if is_async {
            push(cx, list, Value::UNDEFINED, Value::UNDEFINED, true);
        }
        return Ok(());
    }
    // CreateDisposableResource, https://tc39.es/proposal-explicit-resource-management/#sec-createdisposableresource
    if !value.is_object() {
        let text = describe(cx, value);
        return Err(cx.throw_type_error(&format!("{text} is not an object")));
    }
    let method = get_dispose_method(cx, value, is_async)?;
    if method.is_undefined() {
        let text = describe(cx, value);
        let name = if is_async { "Symbol.asyncDispose" } else { "Symbol.dispose" };
        return Err(cx.throw_type_error(&format!("{text} has no [{name}] method")));
    }
    push(cx, list, value, method, is_async);
    Ok(())
}

/// Adds a resource whose method is known.
pub(super) fn push(cx: &mut Context, list: Value, value: Value, method: Value, is_async: bool) {
    let record = cx.record(list);
    let resources = cx.record(record.get(&cx.heap, RESOURCES));
    let resources = resources.push(&cx.heap, value).push(&cx.heap, method).push(&cx.heap, Value::bool(is_async));
    record.set(&cx.heap, RESOURCES, Value::cell(resources));
}

// GetDisposeMethod ( V, hint ), https://tc39.es/proposal-explicit-resource-management/#sec-getdisposemethod
fn get_dispose_method(cx: &mut Context, value: Value, is_async: bool) -> Result<Value> {
    if is_async && let Some(method) = cx.get_method(value, symbol::async_dispose)? {
        return Ok(method.value());
    }
    let Some(method) = cx.get_method(value, symbol::dispose)? else { return Ok(Value::UNDEFINED) };
    // The result of a synchronous method is not awaited, only that it was called.
    Ok(if is_async { cx.new_native_with_slots(call_sync_method, &[method.value()]).value() } else { method.value() })
}

/// A synchronous dispose method in the place of an asynchronous one: gives a promise of undefined.
pub(super) fn call_sync_method(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let method = cx.native_slot(args.callee, 0);
    let promise = super::promise::new_pending(cx);
    match cx.call(method, this, &[]) {
        Ok(_) => super::promise::resolve(cx, promise, Value::UNDEFINED)?,
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            super::promise::reject(cx, promise, reason);
        }
    }
    Ok(promise.value())
}

// DisposeResources ( disposeCapability, completion ), https://tc39.es/proposal-explicit-resource-management/#sec-disposeresources
/// Disposes the last resource of a list. `completion` is the error with which the block is being left, if it is one, and takes the errors
/// of methods. `Err` only when the instance is being stopped.
pub(crate) fn dispose_step(cx: &mut Context, list: Value, completion: &mut Option<Value>) -> Result<DisposeStep> {
    let record = cx.record(list);
    let resources = cx.record(record.get(&cx.heap, RESOURCES));
    let length = resources.length(&cx.heap);
    let await_is_due = record.get(&cx.heap, NEEDS_AWAIT) == Value::TRUE && record.get(&cx.heap, HAS_AWAITED) != Value::TRUE;
    let is_async = length >= 3 && resources.get(&cx.heap, length - 1) == Value::TRUE;
    if await_is_due && !is_async {
        record.set(&cx.heap, NEEDS_AWAIT, Value::FALSE);
        return Ok(DisposeStep::Await(Value::UNDEFINED));
    }
    if length < 3 {
        return Ok(DisposeStep::Empty);
    }
    let (value, method) = (resources.get(&cx.heap, length - 3), resources.get(&cx.heap, length - 2));
    for i in length - 3..length {
        resources.set(&cx.heap, i, Value::HOLE);
    }
    resources.set_length(&cx.heap, length - 3);
    if method.is_undefined() {
        record.set(&cx.heap, NEEDS_AWAIT, Value::TRUE);
        return Ok(DisposeStep::Next);
    }
    match cx.call(method, value, &[]) {
        Ok(result) if is_async => {
            record.set(&cx.heap, HAS_AWAITED, Value::TRUE);
            Ok(DisposeStep::Await(result))
        }
        Ok(_) => Ok(DisposeStep::Next),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            combine_error(cx, error, completion);
            Ok(DisposeStep::Next)
        }
    }
}

/// Takes an error of a disposal into the completion: a SuppressedError when there was an error already.
pub(crate) fn combine_error(cx: &mut Context, error: Value, completion: &mut Option<Value>) {
    *completion = Some(match *completion {
        None => error,
        Some(suppressed) => {
            let prototype = cx.intrinsic(Intrinsic::SuppressedErrorPrototype);
            let combined = crate::realm::error::create(cx, prototype, None);
            combined.add_property(&cx.heap, key::error, error, attribute::METHOD);
            combined.add_property(&cx.heap, key::suppressed, suppressed, attribute::METHOD);
            combined.value()
        }
    });
}

/// Moves the resources of a list to a new one.
pub(super) fn take(cx: &mut Context, list: Value) -> Value {
    let record = cx.record(list);
    let taken = cx.heap.new_values_from(&[record.get(&cx.heap, RESOURCES), Value::FALSE, Value::FALSE]);
    let empty = cx.heap.new_values(3);
    record.set(&cx.heap, RESOURCES, Value::cell::<Values>(empty));
    Value::cell(taken)
}

/// Disposes everything at once: for lists without asynchronous resources.
pub(super) fn dispose_all(cx: &mut Context, list: Value) -> Result<()> {
    let mut completion = None;
    while dispose_step(cx, list, &mut completion)? != DisposeStep::Empty {
        cx.spend_fuel(1)?;
    }
    match completion {
        None => Ok(()),
        Some(error) => Err(cx.throw(error)),
    }
}
