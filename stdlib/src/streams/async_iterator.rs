//! Asynchronous iteration of readable streams. <https://streams.spec.whatwg.org/#rs-asynciterator>

use super::readable_ops::{self as ops, reader};
use super::requests;
use super::support::{Slots, new_platform_object, react, rejected_type_error};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise::{self, PromiseState};

const READER: u32 = 1;
const PREVENT_CANCEL: u32 = 2;
/// The promise of the last call of `next` or `return`.
const ONGOING: u32 = 3;
const FINISHED: u32 = 4;

/// Asynchronous iterator of a `ReadableStream`.
#[interface(
    name = "ReadableStream AsyncIterator",
    class = class::READABLE_STREAM_ASYNC_ITERATOR,
    prototype_only,
    parent_prototype = AsyncIteratorPrototype
)]
impl ReadableStreamAsyncIterator {
    // https://webidl.spec.whatwg.org/#es-asynchronous-iterator-prototype-object
    #[promise_method]
    fn next(cx: &mut Context, this: Object) -> Result<Object> {
        let promise = match ongoing(cx, this) {
            Some(ongoing) => react(cx, ongoing, Some(next_after.into()), Some(next_after.into()), this.value()),
            None => next_steps(cx, this)?,
        };
        this.put(cx, ONGOING, promise);
        Ok(promise)
    }

    // https://webidl.spec.whatwg.org/#es-asynchronous-iterator-prototype-object
    #[promise_method(name = "return", length = 1)]
    fn return_(cx: &mut Context, this: Object, value: Optional<Value>) -> Result<Object> {
        let value = value.unwrap_or(Value::UNDEFINED);
        let promise = match ongoing(cx, this) {
            Some(ongoing) => {
                let state = Value::cell(cx.heap.new_values_from(&[this.value(), value]));
                react(cx, ongoing, Some(return_after.into()), Some(return_after.into()), state)
            }
            None => return_steps(cx, this, value)?,
        };
        this.put(cx, ONGOING, promise);
        Ok(promise)
    }
}

/// A new iterator over `stream`. <https://streams.spec.whatwg.org/#ref-for-asynchronous-iterator-initialization-steps>
pub(super) fn create(cx: &mut Context, stream: Object, prevent_cancel: bool) -> Result<Object> {
    let reader = ops::acquire_default_reader(cx, stream)?;
    let iterator = new_platform_object(cx, class::READABLE_STREAM_ASYNC_ITERATOR, false);
    iterator.put(cx, READER, reader);
    iterator.put(cx, PREVENT_CANCEL, prevent_cancel);
    Ok(iterator)
}

/// The last promise, while it is pending.
fn ongoing(cx: &Context, iterator: Object) -> Option<Object> {
    iterator.object(cx, ONGOING).filter(|promise| promise::state(cx, *promise).0 == PromiseState::Pending)
}

pub(super) fn next_after(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    match this.as_object() {
        Some(iterator) => Ok(next_steps(cx, iterator)?.value()),
        None => Ok(Value::UNDEFINED),
    }
}

// https://streams.spec.whatwg.org/#ref-for-dfn-get-the-next-iteration-result
fn next_steps(cx: &mut Context, iterator: Object) -> Result<Object> {
    if iterator.flag(cx, FINISHED) {
        let result = cx.iterator_result(Value::UNDEFINED, true);
        return Ok(promise::new_fulfilled(cx, result));
    }
    let Some(reader) = iterator.object(cx, READER).filter(|reader| reader.object(cx, reader::STREAM).is_some()) else {
        return Ok(rejected_type_error(cx, "Cannot get the next iteration result once the reader has been released"));
    };
    let promise = promise::new_pending(cx);
    let state = cx.heap.new_values_from(&[iterator.value(), promise.value()]);
    let request = requests::new(cx, requests::kind::ITERATOR, Value::cell(state));
    ops::default_reader_read(cx, reader, request)?;
    // The steps that make the result run in reaction to the promise of the next value.
    Ok(react(cx, promise, None, None, Value::UNDEFINED))
}

fn finish(cx: &mut Context, state: Ref<Values>) -> Result<Option<Object>> {
    if let Some(iterator) = state.object(cx, 0) {
        iterator.put(cx, FINISHED, true);
        if let Some(reader) = iterator.object(cx, READER) {
            ops::default_reader_release(cx, reader)?;
        }
    }
    Ok(state.object(cx, 1))
}

/// Chunk steps of the read request.
pub(super) fn chunk(cx: &mut Context, state: Ref<Values>, chunk: Value) -> Result<()> {
    let result = cx.iterator_result(chunk, false);
    match state.object(cx, 1) {
        Some(promise) => promise::resolve(cx, promise, result),
        None => Ok(()),
    }
}

/// Close steps of the read request.
pub(super) fn close(cx: &mut Context, state: Ref<Values>) -> Result<()> {
    let result = cx.iterator_result(Value::UNDEFINED, true);
    match finish(cx, state)? {
        Some(promise) => promise::resolve(cx, promise, result),
        None => Ok(()),
    }
}

/// Error steps of the read request.
pub(super) fn error(cx: &mut Context, state: Ref<Values>, error: Value) -> Result<()> {
    if let Some(promise) = finish(cx, state)? {
        promise::reject(cx, promise, error);
    }
    Ok(())
}

pub(super) fn return_after(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    match this.as_cell::<Values>().and_then(|state| state.object(cx, 0).map(|iterator| (iterator, state.at(cx, 1)))) {
        Some((iterator, value)) => Ok(return_steps(cx, iterator, value)?.value()),
        None => Ok(Value::UNDEFINED),
    }
}

// https://streams.spec.whatwg.org/#ref-for-asynchronous-iterator-return
fn return_steps(cx: &mut Context, iterator: Object, value: Value) -> Result<Object> {
    if iterator.flag(cx, FINISHED) {
        let result = cx.iterator_result(value, true);
        return Ok(promise::new_fulfilled(cx, result));
    }
    iterator.put(cx, FINISHED, true);
    let promise = match iterator.object(cx, READER) {
        Some(reader) if iterator.flag(cx, PREVENT_CANCEL) => {
            ops::default_reader_release(cx, reader)?;
            super::support::resolved_undefined(cx)
        }
        Some(reader) => {
            let promise = ops::reader_cancel(cx, reader, value)?;
            ops::default_reader_release(cx, reader)?;
            promise
        }
        None => super::support::resolved_undefined(cx),
    };
    Ok(react(cx, promise, Some(returned.into()), None, Value::cell(cx.heap.new_values_from(&[value]))))
}

pub(super) fn returned(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let value = this.as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.at(cx, 0));
    Ok(cx.iterator_result(value, true))
}
