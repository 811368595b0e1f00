//! %AsyncIteratorPrototype% and %AsyncFromSyncIteratorPrototype%. <https://tc39.es/ecma262/#sec-asynciteratorprototype>,
//! <https://tc39.es/ecma262/#sec-async-from-sync-iterator-objects>
//!
//! Internal slots of an async-from-sync iterator: 0 the synchronous iterator, 1 its `next`.

use super::promise::{Reaction, new_pending, perform_then, promise_resolve, reject, resolve};
use super::receiver::{caught, describe, incompatible};
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::IteratorRecord;
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::key;
use crate::value::Value;

natives! { pub static ASYNC_ITERATOR: prototype "AsyncIterator", AsyncIteratorPrototype; {
    method @@async_iterator "[Symbol.asyncIterator]" / 0 => itself,
    method @@async_dispose "[Symbol.asyncDispose]" / 0 => async_dispose,
    hidden "" / 1 => give_undefined,
}}

natives! { pub static ASYNC_FROM_SYNC_ITERATOR: prototype "Async-from-Sync Iterator", AsyncFromSyncIteratorPrototype, parent AsyncIteratorPrototype; {
    method "next" / 1 => next,
    method "return" / 1 => return_,
    method "throw" / 1 => throw,
    hidden "" / 1 => unwrap,
    hidden "" / 1 => close_iterator,
}}

// 27.1.5.1 %AsyncIteratorPrototype% [ %Symbol.asyncIterator% ] ( ),
// https://tc39.es/ecma262/#sec-%asynciteratorprototype%-%symbol.asynciterator%
fn itself(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// %AsyncIteratorPrototype% [ %Symbol.asyncDispose% ] ( ),
// https://tc39.es/proposal-explicit-resource-management/#sec-%asynciteratorprototype%-@@asyncdispose
fn async_dispose(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let promise = new_pending(cx);
    match call_return(cx, this) {
        Ok(None) => resolve(cx, promise, Value::UNDEFINED)?,
        Ok(Some(awaited)) => {
            let unwrap = Reaction::native(give_undefined, Value::UNDEFINED);
            perform_then(cx, awaited, unwrap, Reaction::Pass, Some(promise));
        }
        Err(thrown) => return reject_with(cx, promise, thrown),
    }
    Ok(promise.value())
}

/// Calls `return`, if there is one; the promise of its result.
fn call_return(cx: &mut Context, this: Value) -> Result<Option<Object>> {
    let Some(method) = cx.get_method(this, key::return_)? else { return Ok(None) };
    let result = cx.call(method.value(), this, &[])?;
    promise_resolve(cx, result).map(Some)
}

fn give_undefined(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(Value::UNDEFINED)
}

/// IfAbruptRejectPromise: rejects with what was thrown and gives the promise.
fn reject_with(cx: &mut Context, promise: Object, thrown: Thrown) -> Result<Value> {
    let reason = caught(cx, thrown)?;
    reject(cx, promise, reason);
    Ok(promise.value())
}

// 27.1.6.1 CreateAsyncFromSyncIterator ( syncIteratorRecord ), https://tc39.es/ecma262/#sec-createasyncfromsynciterator
/// Wraps a synchronous iterator.
pub(crate) fn create_async_from_sync_iterator(cx: &mut Context, record: IteratorRecord) -> Result<IteratorRecord> {
    let iterator = cx.new_intrinsic_object(Kind::AsyncFromSyncIterator, Intrinsic::AsyncFromSyncIteratorPrototype);
    iterator.set_internal(&cx.heap, 0, record.iterator.value());
    iterator.set_internal(&cx.heap, 1, record.next);
    cx.get_iterator_direct(iterator)
}

/// The synchronous iterator behind `this`.
fn sync_record(cx: &mut Context, this: Value) -> Result<IteratorRecord> {
    match this.as_object() {
        Some(object) if object.is(&cx.heap, Kind::AsyncFromSyncIterator) => match object.internal(&cx.heap, 0).as_object() {
            Some(iterator) => Ok(IteratorRecord { iterator, next: object.internal(&cx.heap, 1), done: false }),
            None => Err(incompatible(cx, "%AsyncFromSyncIteratorPrototype%", this)),
        },
        _ => Err(incompatible(cx, "%AsyncFromSyncIteratorPrototype%", this)),
    }
}

// 27.1.6.2.1 %AsyncFromSyncIteratorPrototype%.next ( [ value ] ),
// https://tc39.es/ecma262/#sec-%asyncfromsynciteratorprototype%.next
fn next(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let mut record = sync_record(cx, this)?;
    let promise = new_pending(cx);
    match cx.iterator_next(&mut record, args.get(0)) {
        Ok(result) => continuation(cx, result, promise, record, true),
        Err(thrown) => reject_with(cx, promise, thrown),
    }
}

// 27.1.6.2.2 %AsyncFromSyncIteratorPrototype%.return ( [ value ] ),
// https://tc39.es/ecma262/#sec-%asyncfromsynciteratorprototype%.return
fn return_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let record = sync_record(cx, this)?;
    let promise = new_pending(cx);
    match call_method(cx, &record, key::return_, args) {
        Ok(Some(result)) => continuation(cx, result, promise, record, false),
        Ok(None) => {
            let result = cx.iterator_result(args.at(0), true);
            resolve(cx, promise, result)?;
            Ok(promise.value())
        }
        Err(thrown) => reject_with(cx, promise, thrown),
    }
}

// 27.1.6.2.3 %AsyncFromSyncIteratorPrototype%.throw ( [ value ] ),
// https://tc39.es/ecma262/#sec-%asyncfromsynciteratorprototype%.throw
fn throw(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let record = sync_record(cx, this)?;
    let promise = new_pending(cx);
    match call_method(cx, &record, key::throw, args) {
        Ok(Some(result)) => continuation(cx, result, promise, record, true),
        Ok(None) => {
            // The protocol is violated: the iterator gets a chance to clean up.
            let thrown = match cx.iterator_close(&record, Ok(())) {
                Ok(()) => cx.throw_type_error("The iterator does not provide a 'throw' method"),
                Err(thrown) => thrown,
            };
            reject_with(cx, promise, thrown)
        }
        Err(thrown) => reject_with(cx, promise, thrown),
    }
}

/// Calls a method of the synchronous iterator, if it has it; the result must be an object.
fn call_method(cx: &mut Context, record: &IteratorRecord, name: crate::string::PropertyKey, args: &Args<'_>) -> Result<Option<Object>> {
    let iterator = record.iterator.value();
    let Some(method) = cx.get_method(iterator, name)? else { return Ok(None) };
    let arguments = args.as_slice();
    let result = cx.call(method.value(), iterator, arguments.get(..1).unwrap_or(&[]))?;
    match result.as_object() {
        Some(object) => Ok(Some(object)),
        None => {
            let text = describe(cx, result);
            Err(cx.throw_type_error(&format!("Iterator result {text} is not an object")))
        }
    }
}

// 27.1.6.4 AsyncFromSyncIteratorContinuation ( result, promiseCapability, syncIteratorRecord, closeOnRejection ),
// https://tc39.es/ecma262/#sec-asyncfromsynciteratorcontinuation
fn continuation(cx: &mut Context, result: Object, promise: Object, record: IteratorRecord, close_on_rejection: bool) -> Result<Value> {
    let parts = cx.iterator_complete(result).and_then(|done| Ok((done, cx.iterator_value(result)?)));
    let (done, value) = match parts {
        Ok(parts) => parts,
        Err(thrown) => return reject_with(cx, promise, thrown),
    };
    let closes = !done && close_on_rejection;
    let awaited = match promise_resolve(cx, value) {
        Ok(awaited) => awaited,
        Err(thrown) => {
            let outcome: Result<()> = if closes { cx.iterator_close(&record, Err(thrown)) } else { Err(thrown) };
            return match outcome {
                Err(thrown) => reject_with(cx, promise, thrown),
                Ok(()) => Ok(promise.value()),
            };
        }
    };
    let on_rejected = if closes { Reaction::native(close_iterator, record.iterator.value()) } else { Reaction::Pass };
    perform_then(cx, awaited, Reaction::native(unwrap, Value::bool(done)), on_rejected, Some(promise));
    Ok(promise.value())
}

/// 27.1.6.5 Async-from-Sync Iterator Value Unwrap Functions: `this` is whether the iterator is done.
fn unwrap(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    Ok(cx.iterator_result(args.at(0), this == Value::TRUE))
}

/// The value of a result was rejected: closes the iterator, which is the `this` value, and throws the reason on.
fn close_iterator(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let thrown = cx.throw(args.at(0));
    match this.as_object() {
        Some(iterator) => cx.iterator_close(&IteratorRecord { iterator, next: Value::UNDEFINED, done: false }, Err(thrown)),
        None => Err(thrown),
    }
}
