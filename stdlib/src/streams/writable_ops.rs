//! Abstract operations of writable streams and their writers. <https://streams.spec.whatwg.org/#ws-all-abstract-ops>

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::context::Context;
use mayfly_engine::heap::{Ref, Values};
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{reject_handled, rejected_and_handled};
use super::support::{Slots, fifo, new_platform_object, rejected_type_error, resolve_slot, resolved_undefined, type_error, upon};
use super::writable_controller as controller;
use crate::class;

/// Slots of WritableStream objects.
pub(crate) mod stream {
    /// [[state]]: one of the constants below.
    pub const STATE: u32 = 1;
    /// [[storedError]]
    pub const ERROR: u32 = 2;
    /// [[controller]]
    pub const CONTROLLER: u32 = 3;
    /// [[writer]]
    pub const WRITER: u32 = 4;
    /// [[backpressure]]
    pub const BACKPRESSURE: u32 = 5;
    /// [[writeRequests]]
    pub const WRITE_REQUESTS: u32 = 6;
    /// [[inFlightWriteRequest]]
    pub const IN_FLIGHT_WRITE: u32 = 7;
    /// [[closeRequest]]
    pub const CLOSE_REQUEST: u32 = 8;
    /// [[inFlightCloseRequest]]
    pub const IN_FLIGHT_CLOSE: u32 = 9;
    /// [[pendingAbortRequest]]: a record of promise, reason, was already erroring.
    pub const PENDING_ABORT: u32 = 10;

    /// "writable"
    pub const WRITABLE: i32 = 0;
    /// "erroring"
    pub const ERRORING: i32 = 1;
    /// "errored"
    pub const ERRORED: i32 = 2;
    /// "closed"
    pub const CLOSED: i32 = 3;
}

/// Slots of writers.
pub(crate) mod writer {
    /// [[stream]]
    pub const STREAM: u32 = 1;
    /// [[closedPromise]]
    pub const CLOSED_PROMISE: u32 = 2;
    /// [[readyPromise]]
    pub const READY_PROMISE: u32 = 3;
}

/// [[state]]
pub(crate) fn state(cx: &Context, stream: Object) -> i32 {
    stream.int(cx, stream::STATE)
}

/// The controller. Every stream that is in anybody's hands has one.
pub(crate) fn controller_of(cx: &mut Context, stream: Object) -> Result<Object> {
    match stream.object(cx, stream::CONTROLLER) {
        Some(controller) => Ok(controller),
        None => Err(cx.throw_type_error("The WritableStream is not set up yet")),
    }
}

/// A new WritableStream object; InitializeWritableStream needs nothing more.
pub(crate) fn new_stream(cx: &Context) -> Object {
    new_platform_object(cx, class::WRITABLE_STREAM, true)
}

// IsWritableStreamLocked ( stream ), https://streams.spec.whatwg.org/#is-writable-stream-locked
pub(crate) fn is_locked(cx: &Context, stream: Object) -> bool {
    !stream.at(cx, stream::WRITER).is_undefined()
}

// AcquireWritableStreamDefaultWriter ( stream ), https://streams.spec.whatwg.org/#acquire-writable-stream-default-writer
pub(crate) fn acquire_writer(cx: &mut Context, stream: Object) -> Result<Object> {
    let writer = new_platform_object(cx, class::WRITABLE_STREAM_DEFAULT_WRITER, false);
    set_up_writer(cx, writer, stream)?;
    Ok(writer)
}

// SetUpWritableStreamDefaultWriter ( writer, stream ), https://streams.spec.whatwg.org/#set-up-writable-stream-default-writer
pub(crate) fn set_up_writer(cx: &mut Context, writer: Object, stream: Object) -> Result<()> {
    if is_locked(cx, stream) {
        return Err(cx.throw_type_error("Cannot create a writer for a stream that already has a writer"));
    }
    writer.put(cx, writer::STREAM, stream);
    stream.put(cx, stream::WRITER, writer);
    let error = stream.at(cx, stream::ERROR);
    let (ready, closed) = match state(cx, stream) {
        stream::WRITABLE => {
            let waits = !close_queued_or_in_flight(cx, stream) && stream.flag(cx, stream::BACKPRESSURE);
            (if waits { promise::new_pending(cx) } else { resolved_undefined(cx) }, promise::new_pending(cx))
        }
        stream::ERRORING => (rejected_and_handled(cx, error), promise::new_pending(cx)),
        stream::CLOSED => (resolved_undefined(cx), resolved_undefined(cx)),
        _ => (rejected_and_handled(cx, error), rejected_and_handled(cx, error)),
    };
    writer.put(cx, writer::READY_PROMISE, ready);
    writer.put(cx, writer::CLOSED_PROMISE, closed);
    Ok(())
}

// WritableStreamAbort ( stream, reason ), https://streams.spec.whatwg.org/#writable-stream-abort
pub(crate) fn abort(cx: &mut Context, stream: Object, reason: Value) -> Result<Object> {
    let is_over = |cx: &Context| matches!(state(cx, stream), stream::CLOSED | stream::ERRORED);
    // 1.
    if is_over(cx) {
        return Ok(resolved_undefined(cx));
    }
    // 2.-4. The signal's listeners may change the state.
    let own_controller = controller_of(cx, stream)?;
    controller::signal_abort(cx, own_controller, reason)?;
    if is_over(cx) {
        return Ok(resolved_undefined(cx));
    }
    // 5.
    if let Some(promise) = pending_abort(cx, stream).and_then(|request| request.object(cx, 0)) {
        return Ok(promise);
    }
    // 7.-8.
    let was_already_erroring = state(cx, stream) == stream::ERRORING;
    let reason = if was_already_erroring { Value::UNDEFINED } else { reason };
    // 9.-12.
    let promise = promise::new_pending(cx);
    let request = cx.heap.new_values_from(&[promise.value(), reason, Value::bool(was_already_erroring)]);
    stream.put(cx, stream::PENDING_ABORT, Value::cell(request));
    if !was_already_erroring {
        start_erroring(cx, stream, reason)?;
    }
    Ok(promise)
}

fn pending_abort(cx: &Context, stream: Object) -> Option<Ref<Values>> {
    stream.at(cx, stream::PENDING_ABORT).as_cell()
}

// WritableStreamClose ( stream ), https://streams.spec.whatwg.org/#writable-stream-close
pub(crate) fn close(cx: &mut Context, stream: Object) -> Result<Object> {
    let current = state(cx, stream);
    if matches!(current, stream::CLOSED | stream::ERRORED) {
        return Ok(rejected_type_error(cx, "The stream is not in the writable state and cannot be closed"));
    }
    let promise = promise::new_pending(cx);
    stream.put(cx, stream::CLOSE_REQUEST, promise);
    if let Some(writer) = stream.object(cx, stream::WRITER)
        && stream.flag(cx, stream::BACKPRESSURE)
        && current == stream::WRITABLE
    {
        resolve_slot(cx, writer.object(cx, writer::READY_PROMISE))?;
    }
    let own_controller = controller_of(cx, stream)?;
    controller::close(cx, own_controller)?;
    Ok(promise)
}

// WritableStreamAddWriteRequest ( stream ), https://streams.spec.whatwg.org/#writable-stream-add-write-request
fn add_write_request(cx: &mut Context, stream: Object) -> Object {
    let promise = promise::new_pending(cx);
    fifo::push(cx, stream, stream::WRITE_REQUESTS, promise.value());
    promise
}

// WritableStreamCloseQueuedOrInFlight ( stream ), https://streams.spec.whatwg.org/#writable-stream-close-queued-or-in-flight
pub(crate) fn close_queued_or_in_flight(cx: &Context, stream: Object) -> bool {
    stream.at(cx, stream::CLOSE_REQUEST).is_object() || stream.at(cx, stream::IN_FLIGHT_CLOSE).is_object()
}

// WritableStreamDealWithRejection ( stream, error ), https://streams.spec.whatwg.org/#writable-stream-deal-with-rejection
pub(crate) fn deal_with_rejection(cx: &mut Context, stream: Object, error: Value) -> Result<()> {
    if state(cx, stream) == stream::WRITABLE {
        return start_erroring(cx, stream, error);
    }
    finish_erroring(cx, stream)
}

// WritableStreamStartErroring ( stream, reason ), https://streams.spec.whatwg.org/#writable-stream-start-erroring
pub(crate) fn start_erroring(cx: &mut Context, stream: Object, reason: Value) -> Result<()> {
    let own_controller = controller_of(cx, stream)?;
    stream.put(cx, stream::STATE, stream::ERRORING);
    stream.put(cx, stream::ERROR, reason);
    if let Some(writer) = stream.object(cx, stream::WRITER) {
        ensure_rejected(cx, writer, writer::READY_PROMISE, reason);
    }
    if !has_operation_in_flight(cx, stream) && own_controller.flag(cx, controller::slot::STARTED) {
        finish_erroring(cx, stream)?;
    }
    Ok(())
}

// WritableStreamFinishErroring ( stream ), https://streams.spec.whatwg.org/#writable-stream-finish-erroring
pub(crate) fn finish_erroring(cx: &mut Context, stream: Object) -> Result<()> {
    // 3.-4.
    stream.put(cx, stream::STATE, stream::ERRORED);
    let own_controller = controller_of(cx, stream)?;
    controller::error_steps(cx, own_controller);
    // 5.-7.
    let error = stream.at(cx, stream::ERROR);
    for request in fifo::take_all(cx, stream, stream::WRITE_REQUESTS) {
        if let Some(promise) = request.as_object() {
            promise::reject(cx, promise, error);
        }
    }
    // 8.-10.
    let Some(request) = pending_abort(cx, stream) else { return reject_close_and_closed_promise(cx, stream) };
    stream.put(cx, stream::PENDING_ABORT, Value::UNDEFINED);
    // 11.
    if request.flag(cx, 2) {
        if let Some(promise) = request.object(cx, 0) {
            promise::reject(cx, promise, error);
        }
        return reject_close_and_closed_promise(cx, stream);
    }
    // 12.-14.
    let promise = controller::abort_steps(cx, own_controller, request.at(cx, 1))?;
    let state = cx.heap.new_values_from(&[stream.value(), request.at(cx, 0)]);
    upon(cx, promise, abort_done, abort_failed, Value::cell(state));
    Ok(())
}

/// Stream and promise of an abort request in progress.
fn abort_parts(cx: &Context, this: Value) -> Option<(Object, Object)> {
    let state = this.as_cell::<Values>()?;
    Some((state.object(cx, 0)?, state.object(cx, 1)?))
}

pub(super) fn abort_done(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some((stream, promise)) = abort_parts(cx, this) {
        promise::resolve(cx, promise, Value::UNDEFINED)?;
        reject_close_and_closed_promise(cx, stream)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn abort_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some((stream, promise)) = abort_parts(cx, this) {
        promise::reject(cx, promise, args.at(0));
        reject_close_and_closed_promise(cx, stream)?;
    }
    Ok(Value::UNDEFINED)
}

/// Takes the promise out of a slot.
fn take_promise(cx: &Context, stream: Object, slot: u32) -> Option<Object> {
    let promise = stream.object(cx, slot);
    stream.put(cx, slot, Value::UNDEFINED);
    promise
}

// WritableStreamFinishInFlightClose ( stream ), https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-close
pub(crate) fn finish_in_flight_close(cx: &mut Context, stream: Object) -> Result<()> {
    let promise = take_promise(cx, stream, stream::IN_FLIGHT_CLOSE);
    resolve_slot(cx, promise)?;
    if state(cx, stream) == stream::ERRORING {
        stream.put(cx, stream::ERROR, Value::UNDEFINED);
        if let Some(request) = pending_abort(cx, stream) {
            resolve_slot(cx, request.object(cx, 0))?;
            stream.put(cx, stream::PENDING_ABORT, Value::UNDEFINED);
        }
    }
    stream.put(cx, stream::STATE, stream::CLOSED);
    if let Some(writer) = stream.object(cx, stream::WRITER) {
        resolve_slot(cx, writer.object(cx, writer::CLOSED_PROMISE))?;
    }
    Ok(())
}

// WritableStreamFinishInFlightCloseWithError ( stream, error ),
// https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-close-with-error
pub(crate) fn finish_in_flight_close_with_error(cx: &mut Context, stream: Object, error: Value) -> Result<()> {
    if let Some(promise) = take_promise(cx, stream, stream::IN_FLIGHT_CLOSE) {
        promise::reject(cx, promise, error);
    }
    if let Some(request) = pending_abort(cx, stream) {
        if let Some(promise) = request.object(cx, 0) {
            promise::reject(cx, promise, error);
        }
        stream.put(cx, stream::PENDING_ABORT, Value::UNDEFINED);
    }
    deal_with_rejection(cx, stream, error)
}

// WritableStreamFinishInFlightWrite ( stream ), https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-write
pub(crate) fn finish_in_flight_write(cx: &mut Context, stream: Object) -> Result<()> {
    let promise = take_promise(cx, stream, stream::IN_FLIGHT_WRITE);
    resolve_slot(cx, promise)
}

// WritableStreamFinishInFlightWriteWithError ( stream, error ),
// https://streams.spec.whatwg.org/#writable-stream-finish-in-flight-write-with-error
pub(crate) fn finish_in_flight_write_with_error(cx: &mut Context, stream: Object, error: Value) -> Result<()> {
    if let Some(promise) = take_promise(cx, stream, stream::IN_FLIGHT_WRITE) {
        promise::reject(cx, promise, error);
    }
    deal_with_rejection(cx, stream, error)
}

// WritableStreamHasOperationMarkedInFlight ( stream ), https://streams.spec.whatwg.org/#writable-stream-has-operation-marked-in-flight
fn has_operation_in_flight(cx: &Context, stream: Object) -> bool {
    stream.at(cx, stream::IN_FLIGHT_WRITE).is_object() || stream.at(cx, stream::IN_FLIGHT_CLOSE).is_object()
}

// WritableStreamMarkCloseRequestInFlight ( stream ), https://streams.spec.whatwg.org/#writable-stream-mark-close-request-in-flight
pub(crate) fn mark_close_in_flight(cx: &Context, stream: Object) {
    stream.put(cx, stream::IN_FLIGHT_CLOSE, stream.at(cx, stream::CLOSE_REQUEST));
    stream.put(cx, stream::CLOSE_REQUEST, Value::UNDEFINED);
}

// WritableStreamMarkFirstWriteRequestInFlight ( stream ),
// https://streams.spec.whatwg.org/#writable-stream-mark-first-write-request-in-flight
pub(crate) fn mark_write_in_flight(cx: &Context, stream: Object) {
    let request = fifo::shift(cx, stream, stream::WRITE_REQUESTS).unwrap_or(Value::UNDEFINED);
    stream.put(cx, stream::IN_FLIGHT_WRITE, request);
}

// WritableStreamRejectCloseAndClosedPromiseIfNeeded ( stream ),
// https://streams.spec.whatwg.org/#writable-stream-reject-close-and-closed-promise-if-needed
fn reject_close_and_closed_promise(cx: &mut Context, stream: Object) -> Result<()> {
    let error = stream.at(cx, stream::ERROR);
    if let Some(promise) = take_promise(cx, stream, stream::CLOSE_REQUEST) {
        promise::reject(cx, promise, error);
    }
    if let Some(promise) = stream.object(cx, stream::WRITER).and_then(|writer| writer.object(cx, writer::CLOSED_PROMISE)) {
        reject_handled(cx, promise, error);
    }
    Ok(())
}

// WritableStreamUpdateBackpressure ( stream, backpressure ), https://streams.spec.whatwg.org/#writable-stream-update-backpressure
pub(crate) fn update_backpressure(cx: &mut Context, stream: Object, backpressure: bool) -> Result<()> {
    if let Some(writer) = stream.object(cx, stream::WRITER)
        && backpressure != stream.flag(cx, stream::BACKPRESSURE)
    {
        if backpressure {
            let promise = promise::new_pending(cx);
            writer.put(cx, writer::READY_PROMISE, promise);
        } else {
            resolve_slot(cx, writer.object(cx, writer::READY_PROMISE))?;
        }
    }
    stream.put(cx, stream::BACKPRESSURE, backpressure);
    Ok(())
}

// ── writers ──

// WritableStreamDefaultWriterCloseWithErrorPropagation ( writer ),
// https://streams.spec.whatwg.org/#writable-stream-default-writer-close-with-error-propagation
pub(crate) fn writer_close_with_error_propagation(cx: &mut Context, writer: Object) -> Result<Object> {
    let Some(stream) = writer.object(cx, writer::STREAM) else { return Ok(resolved_undefined(cx)) };
    let current = state(cx, stream);
    if close_queued_or_in_flight(cx, stream) || current == stream::CLOSED {
        return Ok(resolved_undefined(cx));
    }
    if current == stream::ERRORED {
        let error = stream.at(cx, stream::ERROR);
        return Ok(promise::new_rejected(cx, error));
    }
    close(cx, stream)
}

// WritableStreamDefaultWriterEnsureClosedPromiseRejected and …EnsureReadyPromiseRejected ( writer, error ),
// https://streams.spec.whatwg.org/#writable-stream-default-writer-ensure-ready-promise-rejected
fn ensure_rejected(cx: &mut Context, writer: Object, slot: u32, error: Value) {
    match writer.object(cx, slot) {
        Some(promise) if promise::state(cx, promise).0 == PromiseState::Pending => reject_handled(cx, promise, error),
        _ => {
            let promise = rejected_and_handled(cx, error);
            writer.put(cx, slot, promise);
        }
    }
}

// WritableStreamDefaultWriterGetDesiredSize ( writer ), https://streams.spec.whatwg.org/#writable-stream-default-writer-get-desired-size
pub(crate) fn writer_desired_size(cx: &Context, writer: Object) -> Option<f64> {
    let stream = writer.object(cx, writer::STREAM)?;
    match state(cx, stream) {
        stream::ERRORED | stream::ERRORING => None,
        stream::CLOSED => Some(0.0),
        _ => stream.object(cx, stream::CONTROLLER).map(|own_controller| controller::desired_size(cx, own_controller)),
    }
}

// WritableStreamDefaultWriterRelease ( writer ), https://streams.spec.whatwg.org/#writable-stream-default-writer-release
pub(crate) fn writer_release(cx: &mut Context, writer: Object) {
    let Some(stream) = writer.object(cx, writer::STREAM) else { return };
    let error = type_error(cx, "Writer was released and can no longer be used to monitor the stream's closedness");
    ensure_rejected(cx, writer, writer::READY_PROMISE, error);
    ensure_rejected(cx, writer, writer::CLOSED_PROMISE, error);
    stream.put(cx, stream::WRITER, Value::UNDEFINED);
    writer.put(cx, writer::STREAM, Value::UNDEFINED);
}

// WritableStreamDefaultWriterWrite ( writer, chunk ), https://streams.spec.whatwg.org/#writable-stream-default-writer-write
pub(crate) fn writer_write(cx: &mut Context, writer: Object, chunk: Value) -> Result<Object> {
    // 1.-4.
    let Some(stream) = writer.object(cx, writer::STREAM) else {
        return Ok(rejected_type_error(cx, "This writable stream writer has been released and cannot be used to write"));
    };
    let own_controller = controller_of(cx, stream)?;
    let size = controller::chunk_size(cx, own_controller, chunk)?;
    // 5. The size function may have released the writer.
    if writer.object(cx, writer::STREAM) != Some(stream) {
        return Ok(rejected_type_error(cx, "Cannot write to a stream using a released writer"));
    }
    // 6.-10.
    let error = stream.at(cx, stream::ERROR);
    let current = state(cx, stream);
    if current == stream::ERRORED {
        return Ok(promise::new_rejected(cx, error));
    }
    if close_queued_or_in_flight(cx, stream) || current == stream::CLOSED {
        return Ok(rejected_type_error(cx, "The stream is closing or closed and cannot be written to"));
    }
    if current == stream::ERRORING {
        return Ok(promise::new_rejected(cx, error));
    }
    // 11.-13.
    let promise = add_write_request(cx, stream);
    controller::write(cx, own_controller, chunk, size)?;
    Ok(promise)
}
