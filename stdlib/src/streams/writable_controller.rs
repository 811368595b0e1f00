//! WritableStreamDefaultController. <https://streams.spec.whatwg.org/#ws-default-controller-class>

use super::source::callback_member;
use super::strategy;
use super::support::{
    Slots, call_promise, caught, dequeue_value, enqueue_value_with_size, fifo, new_platform_object, reset_queue, resolved_undefined, upon,
    upon_start,
};
use super::transform_ops;
use super::writable_ops::{self as ops, stream};
use super::{cross_realm, identity, signal};
use crate::crypto::digest_stream;
use crate::webidl::prelude::*;

/// Slots of the controller.
pub(crate) mod slot {
    /// [[stream]]
    pub const STREAM: u32 = 1;
    /// [[queue]]; the close sentinel is the hole.
    pub const QUEUE: u32 = 2;
    /// [[queueTotalSize]]
    pub const TOTAL: u32 = 3;
    /// [[started]]
    pub const STARTED: u32 = 4;
    /// [[strategyHWM]]
    pub const HWM: u32 = 5;
    /// [[strategySizeAlgorithm]]: undefined for an algorithm that returns 1.
    pub const SIZE: u32 = 6;
    /// Which algorithms: a constant of `kind`.
    pub const KIND: u32 = 7;
    /// The underlying sink object, or the TransformStream.
    pub const SINK: u32 = 8;
    /// `write` of the underlying sink.
    pub const WRITE: u32 = 9;
    /// `close` of the underlying sink.
    pub const CLOSE: u32 = 10;
    /// `abort` of the underlying sink.
    pub const ABORT: u32 = 11;
    /// The signal of [[abortController]], made when first asked for.
    pub const SIGNAL: u32 = 12;
    /// A record with the reason, when [[abortController]] was aborted before its signal was made.
    pub const ABORT_REASON: u32 = 13;
}

/// Kinds of algorithms.
pub(crate) mod kind {
    /// Cleared, or they do nothing.
    pub const NONE: i32 = 0;
    /// An underlying sink object.
    pub const SCRIPT: i32 = 1;
    /// The writable side of a transform stream.
    pub const TRANSFORM: i32 = 2;
    /// The writable side of a pair without a queue (identity transform streams).
    pub const NATIVE: i32 = 3;
    /// A transferred stream: SINK is the port to the other half, WRITE the backpressure promise.
    pub const CROSS_REALM: i32 = 20;
    /// A DigestStream, which is its own sink.
    pub const DIGEST: i32 = 4;
}

/// `WritableStreamDefaultController`.
#[interface(name = "WritableStreamDefaultController", class = class::WRITABLE_STREAM_DEFAULT_CONTROLLER, large)]
impl WritableStreamDefaultController {
    // https://streams.spec.whatwg.org/#ws-default-controller-signal
    #[getter(ts = "AbortSignal")]
    fn signal(cx: &mut Context, this: Object) -> Result<Object> {
        if let Some(signal) = this.object(cx, slot::SIGNAL) {
            return Ok(signal);
        }
        let reason = this.at(cx, slot::ABORT_REASON).as_cell::<Values>().map(|record| record.at(cx, 0));
        let signal = signal::new(cx, reason)?;
        this.put(cx, slot::SIGNAL, signal);
        Ok(signal)
    }

    // https://streams.spec.whatwg.org/#ws-default-controller-error
    #[method]
    fn error(cx: &mut Context, this: Object, e: Optional<Value>) -> Result<()> {
        error_if_needed(cx, this, e.unwrap_or(Value::UNDEFINED))
    }
}

fn stream_of(cx: &Context, controller: Object) -> Object {
    controller.object(cx, slot::STREAM).unwrap_or(controller)
}

/// Signal abort on [[abortController]].
pub(crate) fn signal_abort(cx: &mut Context, controller: Object, reason: Value) -> Result<()> {
    match controller.object(cx, slot::SIGNAL) {
        Some(signal) => crate::abort::signal_abort(cx, signal, reason),
        None => {
            if controller.at(cx, slot::ABORT_REASON).is_undefined() {
                controller.put(cx, slot::ABORT_REASON, Value::cell(cx.heap.new_values_from(&[reason])));
            }
            Ok(())
        }
    }
}

/// UnderlyingSink dictionary. <https://streams.spec.whatwg.org/#dictdef-underlyingsink>
pub(crate) struct UnderlyingSink {
    object: Value,
    start: Value,
    write: Value,
    close: Value,
    abort: Value,
}

impl UnderlyingSink {
    /// Converts an underlying sink. Members are read in the order of their names. RangeError when there is a `type`.
    pub(crate) fn convert(cx: &mut Context, sink: Option<Object>) -> Result<UnderlyingSink> {
        let none = Value::UNDEFINED;
        let Some(object) = sink else {
            return Ok(UnderlyingSink { object: Value::NULL, start: none, write: none, close: none, abort: none });
        };
        let abort = callback_member(cx, object, "abort")?;
        let close = callback_member(cx, object, "close")?;
        let start = callback_member(cx, object, "start")?;
        let kind = cx.get(object, mayfly_engine::string::atoms::key::type_)?;
        let write = callback_member(cx, object, "write")?;
        if !kind.is_undefined() {
            return Err(cx.throw_range_error("Invalid type is specified"));
        }
        Ok(UnderlyingSink { object: object.value(), start, write, close, abort })
    }
}

// SetUpWritableStreamDefaultControllerFromUnderlyingSink,
// https://streams.spec.whatwg.org/#set-up-writable-stream-default-controller-from-underlying-sink
pub(crate) fn set_up_from_underlying_sink(cx: &mut Context, stream: Object, sink: &UnderlyingSink, hwm: f64, size: Value) -> Result<()> {
    let controller = new_platform_object(cx, class::WRITABLE_STREAM_DEFAULT_CONTROLLER, true);
    controller.put(cx, slot::KIND, kind::SCRIPT);
    controller.put(cx, slot::SINK, sink.object);
    controller.put(cx, slot::WRITE, sink.write);
    controller.put(cx, slot::CLOSE, sink.close);
    controller.put(cx, slot::ABORT, sink.abort);
    attach(cx, stream, controller, hwm, size)?;
    let start = if sink.start.is_undefined() { Value::UNDEFINED } else { cx.call(sink.start, sink.object, &[controller.value()])? };
    started(cx, controller, start)
}

// CreateWritableStream, https://streams.spec.whatwg.org/#create-writable-stream, with native algorithms of `kind` over `sink`, and a start
// algorithm that returns `start`.
pub(crate) fn create_stream(cx: &mut Context, kind: i32, sink: Object, start: Value, hwm: f64, size: Value) -> Result<Object> {
    let stream = ops::new_stream(cx);
    set_up_native(cx, stream, kind, sink, start, hwm, size)?;
    Ok(stream)
}

// SetUpWritableStreamDefaultController, https://streams.spec.whatwg.org/#set-up-writable-stream-default-controller, likewise.
pub(crate) fn set_up_native(cx: &mut Context, stream: Object, kind: i32, sink: Object, start: Value, hwm: f64, size: Value) -> Result<()> {
    let controller = new_platform_object(cx, class::WRITABLE_STREAM_DEFAULT_CONTROLLER, true);
    controller.put(cx, slot::KIND, kind);
    controller.put(cx, slot::SINK, sink);
    attach(cx, stream, controller, hwm, size)?;
    started(cx, controller, start)
}

/// Steps 3 to 14 of SetUpWritableStreamDefaultController.
fn attach(cx: &mut Context, stream: Object, controller: Object, hwm: f64, size: Value) -> Result<()> {
    controller.put(cx, slot::STREAM, stream);
    stream.put(cx, stream::CONTROLLER, controller);
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    controller.put(cx, slot::SIZE, size);
    controller.put(cx, slot::HWM, hwm);
    let backpressure = has_backpressure(cx, controller);
    ops::update_backpressure(cx, stream, backpressure)
}

/// Steps 16 to 18 of SetUpWritableStreamDefaultController.
fn started(cx: &mut Context, controller: Object, start: Value) -> Result<()> {
    upon_start(cx, start, start_job, start_fulfilled, start_rejected, controller)
}

pub(super) fn start_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    start_fulfilled(cx, args.at(0), args)
}

pub(super) fn start_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        controller.put(cx, slot::STARTED, true);
        advance_queue_if_needed(cx, controller)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn start_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        controller.put(cx, slot::STARTED, true);
        ops::deal_with_rejection(cx, stream_of(cx, controller), args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

// WritableStreamDefaultControllerAdvanceQueueIfNeeded ( controller ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-advance-queue-if-needed
fn advance_queue_if_needed(cx: &mut Context, controller: Object) -> Result<()> {
    let stream = stream_of(cx, controller);
    if !controller.flag(cx, slot::STARTED) || stream.at(cx, stream::IN_FLIGHT_WRITE).is_object() {
        return Ok(());
    }
    match ops::state(cx, stream) {
        stream::ERRORING => return ops::finish_erroring(cx, stream),
        stream::WRITABLE => {}
        _ => return Ok(()),
    }
    if fifo::is_empty(cx, controller, slot::QUEUE) {
        return Ok(());
    }
    let value = fifo::peek(cx, controller, slot::QUEUE, 0);
    if value.is_hole() { process_close(cx, controller) } else { process_write(cx, controller, value) }
}

// WritableStreamDefaultControllerClearAlgorithms ( controller ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-clear-algorithms
fn clear_algorithms(cx: &Context, controller: Object) {
    controller.put(cx, slot::KIND, kind::NONE);
    for at in [slot::SINK, slot::WRITE, slot::CLOSE, slot::ABORT, slot::SIZE] {
        controller.put(cx, at, Value::UNDEFINED);
    }
}

// WritableStreamDefaultControllerClose ( controller ), https://streams.spec.whatwg.org/#writable-stream-default-controller-close
pub(crate) fn close(cx: &mut Context, controller: Object) -> Result<()> {
    enqueue_value_with_size(cx, controller, slot::QUEUE, slot::TOTAL, Value::HOLE, 0.0)?;
    advance_queue_if_needed(cx, controller)
}

// WritableStreamDefaultControllerErrorIfNeeded ( controller, error ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-error-if-needed
pub(crate) fn error_if_needed(cx: &mut Context, controller: Object, error: Value) -> Result<()> {
    let stream = stream_of(cx, controller);
    if ops::state(cx, stream) != stream::WRITABLE {
        return Ok(());
    }
    // WritableStreamDefaultControllerError ( controller, error ), https://streams.spec.whatwg.org/#writable-stream-default-controller-error
    clear_algorithms(cx, controller);
    ops::start_erroring(cx, stream, error)
}

// WritableStreamDefaultControllerGetBackpressure ( controller ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-get-backpressure
fn has_backpressure(cx: &Context, controller: Object) -> bool {
    desired_size(cx, controller) <= 0.0
}

// WritableStreamDefaultControllerGetDesiredSize ( controller ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-get-desired-size
pub(crate) fn desired_size(cx: &Context, controller: Object) -> f64 {
    controller.number(cx, slot::HWM) - controller.number(cx, slot::TOTAL)
}

// WritableStreamDefaultControllerGetChunkSize ( controller, chunk ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-get-chunk-size
pub(crate) fn chunk_size(cx: &mut Context, controller: Object, chunk: Value) -> Result<f64> {
    let algorithm = controller.at(cx, slot::SIZE);
    match strategy::chunk_size(cx, algorithm, chunk) {
        Ok(size) => Ok(size),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            error_if_needed(cx, controller, error)?;
            Ok(1.0)
        }
    }
}

// WritableStreamDefaultControllerProcessClose ( controller ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-process-close
fn process_close(cx: &mut Context, controller: Object) -> Result<()> {
    let stream = stream_of(cx, controller);
    ops::mark_close_in_flight(cx, stream);
    dequeue_value(cx, controller, slot::QUEUE, slot::TOTAL);
    let sink = controller.at(cx, slot::SINK);
    let promise = match (controller.int(cx, slot::KIND), sink.as_object()) {
        (kind::SCRIPT, _) => call_member(cx, controller, slot::CLOSE, &[])?,
        (kind::TRANSFORM, Some(transform)) => transform_ops::sink_close(cx, transform)?,
        (kind::NATIVE, Some(pair)) => identity::close(cx, pair)?,
        (kind::CROSS_REALM, Some(port)) => cross_realm::close(cx, port)?,
        (kind::DIGEST, Some(digest)) => digest_stream::close(cx, digest)?,
        _ => resolved_undefined(cx),
    };
    clear_algorithms(cx, controller);
    upon(cx, promise, close_fulfilled, close_rejected, stream.value());
    Ok(())
}

/// Calls a method of the underlying sink, if it has it.
fn call_member(cx: &mut Context, controller: Object, member: u32, arguments: &[Value]) -> Result<Object> {
    let function = controller.at(cx, member);
    if function.is_undefined() {
        return Ok(resolved_undefined(cx));
    }
    call_promise(cx, function, controller.at(cx, slot::SINK), arguments)
}

pub(super) fn close_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(stream) = this.as_object() {
        ops::finish_in_flight_close(cx, stream)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn close_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(stream) = this.as_object() {
        ops::finish_in_flight_close_with_error(cx, stream, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

// WritableStreamDefaultControllerProcessWrite ( controller, chunk ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-process-write
fn process_write(cx: &mut Context, controller: Object, chunk: Value) -> Result<()> {
    ops::mark_write_in_flight(cx, stream_of(cx, controller));
    let sink = controller.at(cx, slot::SINK);
    let promise = match (controller.int(cx, slot::KIND), sink.as_object()) {
        (kind::SCRIPT, _) => call_member(cx, controller, slot::WRITE, &[chunk, controller.value()])?,
        (kind::TRANSFORM, Some(transform)) => transform_ops::sink_write(cx, transform, chunk)?,
        (kind::NATIVE, Some(pair)) => identity::write(cx, pair, chunk)?,
        (kind::CROSS_REALM, Some(_)) => cross_realm::write(cx, controller, chunk)?,
        (kind::DIGEST, Some(digest)) => digest_stream::write(cx, digest, chunk)?,
        _ => resolved_undefined(cx),
    };
    upon(cx, promise, write_fulfilled, write_rejected, controller.value());
    Ok(())
}

pub(super) fn write_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(controller) = this.as_object() else { return Ok(Value::UNDEFINED) };
    let stream = stream_of(cx, controller);
    ops::finish_in_flight_write(cx, stream)?;
    dequeue_value(cx, controller, slot::QUEUE, slot::TOTAL);
    if !ops::close_queued_or_in_flight(cx, stream) && ops::state(cx, stream) == stream::WRITABLE {
        let backpressure = has_backpressure(cx, controller);
        ops::update_backpressure(cx, stream, backpressure)?;
    }
    advance_queue_if_needed(cx, controller)?;
    Ok(Value::UNDEFINED)
}

pub(super) fn write_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(controller) = this.as_object() else { return Ok(Value::UNDEFINED) };
    let stream = stream_of(cx, controller);
    if ops::state(cx, stream) == stream::WRITABLE {
        clear_algorithms(cx, controller);
    }
    ops::finish_in_flight_write_with_error(cx, stream, args.at(0))?;
    Ok(Value::UNDEFINED)
}

// WritableStreamDefaultControllerWrite ( controller, chunk, chunkSize ),
// https://streams.spec.whatwg.org/#writable-stream-default-controller-write
pub(crate) fn write(cx: &mut Context, controller: Object, chunk: Value, size: f64) -> Result<()> {
    if let Err(thrown) = enqueue_value_with_size(cx, controller, slot::QUEUE, slot::TOTAL, chunk, size) {
        let error = caught(cx, thrown)?;
        return error_if_needed(cx, controller, error);
    }
    let stream = stream_of(cx, controller);
    if !ops::close_queued_or_in_flight(cx, stream) && ops::state(cx, stream) == stream::WRITABLE {
        let backpressure = has_backpressure(cx, controller);
        ops::update_backpressure(cx, stream, backpressure)?;
    }
    advance_queue_if_needed(cx, controller)
}

// [[AbortSteps]]( reason ), https://streams.spec.whatwg.org/#ws-default-controller-private-abort
pub(crate) fn abort_steps(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    let sink = controller.at(cx, slot::SINK);
    let promise = match (controller.int(cx, slot::KIND), sink.as_object()) {
        (kind::SCRIPT, _) => call_member(cx, controller, slot::ABORT, &[reason])?,
        (kind::TRANSFORM, Some(transform)) => transform_ops::sink_abort(cx, transform, reason)?,
        (kind::NATIVE, Some(pair)) => identity::abort(cx, pair, reason)?,
        (kind::CROSS_REALM, Some(port)) => cross_realm::abort(cx, port, reason)?,
        (kind::DIGEST, Some(digest)) => digest_stream::abort(cx, digest, reason)?,
        _ => resolved_undefined(cx),
    };
    clear_algorithms(cx, controller);
    Ok(promise)
}

// [[ErrorSteps]](), https://streams.spec.whatwg.org/#ws-default-controller-private-error
pub(crate) fn error_steps(cx: &Context, controller: Object) {
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
}
