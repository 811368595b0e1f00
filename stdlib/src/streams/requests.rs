//! Read requests and read-into requests. <https://streams.spec.whatwg.org/#read-request>
//!
//! A request is a promise, which takes `{ value, done }`, or a record of a number (one of [`kind`]) and a state.

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::Result;
use mayfly_engine::value::Value;

use super::support::Slots;
use super::{async_iterator, byte_tee, host_read, pipe, tee};
use crate::body::consume;

/// What requests other than promises do.
pub(crate) mod kind {
    /// ReadableStreamDefaultTee; state: its record.
    pub const TEE: i32 = 0;
    /// ReadableByteStreamTee with a default reader; state: its record.
    pub const BYTE_TEE: i32 = 1;
    /// ReadableByteStreamTee with a BYOB reader for branch 1; state: its record.
    pub const BYTE_TEE_INTO_1: i32 = 2;
    /// The same for branch 2.
    pub const BYTE_TEE_INTO_2: i32 = 3;
    /// ReadableStreamPipeTo; state: its record.
    pub const PIPE: i32 = 4;
    /// Asynchronous iteration; state: a record of iterator and promise.
    pub const ITERATOR: i32 = 5;
    /// Reading all of a body; state: its record.
    pub const CONSUME: i32 = 6;
    /// Reading for the host: the request is the record itself.
    pub const HOST: i32 = 7;
}

/// A request that is a record.
pub(crate) fn new(cx: &Context, kind: i32, state: Value) -> Value {
    Value::cell(cx.heap.new_values_from(&[Value::int(kind), state]))
}

/// The number and state of a record.
fn parts(cx: &Context, request: Value) -> Option<(i32, Value)> {
    request.as_cell::<Values>().map(|record| (record.int(cx, 0), record.at(cx, 1)))
}

fn state_record(state: Value) -> Ref<Values> {
    state.as_cell().unwrap_or(Ref::NULL)
}

/// Read request's chunk steps.
pub(crate) fn chunk(cx: &mut Context, request: Value, chunk: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        let result = cx.iterator_result(chunk, false);
        return promise::resolve(cx, promise, result);
    }
    match parts(cx, request) {
        Some((kind::TEE, state)) => tee::chunk(cx, state, chunk),
        Some((kind::BYTE_TEE, state)) => byte_tee::chunk(cx, state, chunk),
        Some((kind::PIPE, state)) => pipe::chunk(cx, state, chunk),
        Some((kind::ITERATOR, state)) => async_iterator::chunk(cx, state_record(state), chunk),
        Some((kind::CONSUME, state)) => consume::chunk(cx, state_record(state), chunk),
        Some((kind::HOST, _)) => host_read::chunk(cx, state_record(request), chunk),
        _ => Ok(()),
    }
}

/// Read request's close steps.
pub(crate) fn close(cx: &mut Context, request: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        let result = cx.iterator_result(Value::UNDEFINED, true);
        return promise::resolve(cx, promise, result);
    }
    match parts(cx, request) {
        Some((kind::TEE | kind::BYTE_TEE, state)) => tee::close(cx, state_record(state)),
        // The pipe hears of it by the reader's [[closedPromise]].
        Some((kind::PIPE, _)) => Ok(()),
        Some((kind::ITERATOR, state)) => async_iterator::close(cx, state_record(state)),
        Some((kind::CONSUME, state)) => consume::close(cx, state_record(state)),
        Some((kind::HOST, _)) => host_read::close(cx, state_record(request)),
        _ => Ok(()),
    }
}

/// Read request's error steps.
pub(crate) fn error(cx: &mut Context, request: Value, error: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        promise::reject(cx, promise, error);
        return Ok(());
    }
    match parts(cx, request) {
        Some((kind::TEE | kind::BYTE_TEE, state)) => {
            tee::failed(cx, state_record(state));
            Ok(())
        }
        Some((kind::ITERATOR, state)) => async_iterator::error(cx, state_record(state), error),
        Some((kind::CONSUME, state)) => consume::error(cx, state_record(state), error),
        Some((kind::HOST, _)) => host_read::error(cx, state_record(request), error),
        _ => Ok(()),
    }
}

/// Read-into request's chunk steps.
pub(crate) fn into_chunk(cx: &mut Context, request: Value, chunk: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        let result = cx.iterator_result(chunk, false);
        return promise::resolve(cx, promise, result);
    }
    match parts(cx, request) {
        Some((kind::BYTE_TEE_INTO_1, state)) => byte_tee::into_chunk(cx, state, chunk, false),
        Some((kind::BYTE_TEE_INTO_2, state)) => byte_tee::into_chunk(cx, state, chunk, true),
        _ => Ok(()),
    }
}

/// Read-into request's close steps; `chunk` may be undefined.
pub(crate) fn into_close(cx: &mut Context, request: Value, chunk: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        let result = cx.iterator_result(chunk, true);
        return promise::resolve(cx, promise, result);
    }
    match parts(cx, request) {
        Some((kind::BYTE_TEE_INTO_1, state)) => byte_tee::into_close(cx, state_record(state), chunk, false),
        Some((kind::BYTE_TEE_INTO_2, state)) => byte_tee::into_close(cx, state_record(state), chunk, true),
        _ => Ok(()),
    }
}

/// Read-into request's error steps.
pub(crate) fn into_error(cx: &mut Context, request: Value, error: Value) -> Result<()> {
    if let Some(promise) = request.as_object() {
        promise::reject(cx, promise, error);
        return Ok(());
    }
    if let Some((kind::BYTE_TEE_INTO_1 | kind::BYTE_TEE_INTO_2, state)) = parts(cx, request) {
        tee::failed(cx, state_record(state));
    }
    Ok(())
}
