//! ReadableStreamDefaultController. <https://streams.spec.whatwg.org/#rs-default-controller-class>

use super::readable_ops::{self as readable, controller as slot, stream};
use super::source::{self, Outcome};
use super::support::{Slots, caught, dequeue_value, enqueue_value_with_size, fifo, new_platform_object, reset_queue, upon};
use crate::webidl::prelude::*;

/// `ReadableStreamDefaultController`.
#[interface(name = "ReadableStreamDefaultController", class = class::READABLE_STREAM_DEFAULT_CONTROLLER, large, generics = "<R = any>")]
impl ReadableStreamDefaultController {
    // https://streams.spec.whatwg.org/#rs-default-controller-desired-size
    #[getter(ts = "number | null")]
    fn desired_size(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(desired_size(cx, this).map_or(Value::NULL, Value::number))
    }

    // https://streams.spec.whatwg.org/#rs-default-controller-close
    #[method]
    fn close(cx: &mut Context, this: Object) -> Result<()> {
        if !can_close_or_enqueue(cx, this) {
            return Err(cx.throw_type_error("The stream is not in a state that permits close"));
        }
        close(cx, this)
    }

    // https://streams.spec.whatwg.org/#rs-default-controller-enqueue
    #[method(ts = "(chunk?: R): void")]
    fn enqueue(cx: &mut Context, this: Object, chunk: Optional<Value>) -> Result<()> {
        if !can_close_or_enqueue(cx, this) {
            return Err(cx.throw_type_error("The stream is not in a state that permits enqueue"));
        }
        enqueue(cx, this, chunk.unwrap_or(Value::UNDEFINED))
    }

    // https://streams.spec.whatwg.org/#rs-default-controller-error
    #[method]
    fn error(cx: &mut Context, this: Object, e: Optional<Value>) -> Result<()> {
        error(cx, this, e.unwrap_or(Value::UNDEFINED))
    }
}

/// The stream. Every controller has one.
fn stream_of(cx: &Context, controller: Object) -> Object {
    controller.object(cx, slot::STREAM).unwrap_or(controller)
}

// CreateReadableStream ( startAlgorithm, pullAlgorithm, cancelAlgorithm [ , highWaterMark [ , sizeAlgorithm ] ] ),
// https://streams.spec.whatwg.org/#create-readable-stream, with algorithms that are natives and a start algorithm that returns `start`.
pub(crate) fn create_stream(
    cx: &mut Context,
    kind: i32,
    state: Value,
    extra: Value,
    start: Value,
    hwm: f64,
    size: Value,
) -> Result<Object> {
    let stream = readable::new_stream(cx);
    set_up_native(cx, stream, kind, state, extra, start, hwm, size)?;
    Ok(stream)
}

// SetUpReadableStreamDefaultController, https://streams.spec.whatwg.org/#set-up-readable-stream-default-controller, likewise.
pub(crate) fn set_up_native(
    cx: &mut Context,
    stream: Object,
    kind: i32,
    state: Value,
    extra: Value,
    start: Value,
    hwm: f64,
    size: Value,
) -> Result<()> {
    let controller = new_platform_object(cx, class::READABLE_STREAM_DEFAULT_CONTROLLER, true);
    controller.put(cx, slot::KIND, kind);
    controller.put(cx, slot::SOURCE, state);
    controller.put(cx, slot::PULL, extra);
    attach(cx, stream, controller, hwm, size);
    started(cx, controller, start)
}

/// Steps 1 to 8 of SetUpReadableStreamDefaultController.
fn attach(cx: &Context, stream: Object, controller: Object, hwm: f64, size: Value) {
    controller.put(cx, slot::STREAM, stream);
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    controller.put(cx, slot::SIZE, size);
    controller.put(cx, slot::HWM, hwm);
    stream.put(cx, stream::CONTROLLER, controller);
}

/// Steps 10 to 12 of SetUpReadableStreamDefaultController: waits for the result of the start algorithm.
fn started(cx: &mut Context, controller: Object, start: Value) -> Result<()> {
    if !start.is_object() {
        // OPTIMIZATION: nobody sees the promise; the steps run in the same order.
        cx.enqueue_job(start_job, &[controller.value()]);
        return Ok(());
    }
    let promise = super::support::resolved_with(cx, start)?;
    upon(cx, promise, start_fulfilled, start_rejected, controller.value());
    Ok(())
}

// SetUpReadableStreamDefaultControllerFromUnderlyingSource,
// https://streams.spec.whatwg.org/#set-up-readable-stream-default-controller-from-underlying-source
pub(crate) fn set_up_from_underlying_source(
    cx: &mut Context,
    stream: Object,
    underlying: &source::Underlying,
    hwm: f64,
    size: Value,
) -> Result<()> {
    let controller = new_platform_object(cx, class::READABLE_STREAM_DEFAULT_CONTROLLER, true);
    underlying.store(cx, controller);
    attach(cx, stream, controller, hwm, size);
    let start = underlying.call_start(cx, controller)?;
    started(cx, controller, start)
}

pub(super) fn start_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    start_fulfilled(cx, args.at(0), args)
}

pub(super) fn start_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        controller.put(cx, slot::STARTED, true);
        call_pull_if_needed(cx, controller)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn start_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        error(cx, controller, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

// ReadableStreamDefaultControllerCallPullIfNeeded ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-call-pull-if-needed
pub(crate) fn call_pull_if_needed(cx: &mut Context, controller: Object) -> Result<()> {
    // 1.-2.
    if !should_call_pull(cx, controller) {
        return Ok(());
    }
    // 3.
    if controller.flag(cx, slot::PULLING) {
        controller.put(cx, slot::PULL_AGAIN, true);
        return Ok(());
    }
    // 5.-8.
    controller.put(cx, slot::PULLING, true);
    match source::pull(cx, controller)? {
        Outcome::Now => cx.enqueue_job(pull_job, &[controller.value()]),
        Outcome::Later(promise) => upon(cx, promise, pull_fulfilled, pull_rejected, controller.value()),
    }
    Ok(())
}

pub(super) fn pull_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    pull_fulfilled(cx, args.at(0), args)
}

pub(super) fn pull_fulfilled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        controller.put(cx, slot::PULLING, false);
        if controller.flag(cx, slot::PULL_AGAIN) {
            controller.put(cx, slot::PULL_AGAIN, false);
            call_pull_if_needed(cx, controller)?;
        }
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn pull_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    start_rejected(cx, this, args)
}

// ReadableStreamDefaultControllerShouldCallPull ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-should-call-pull
fn should_call_pull(cx: &Context, controller: Object) -> bool {
    if !can_close_or_enqueue(cx, controller) || !controller.flag(cx, slot::STARTED) {
        return false;
    }
    let stream = stream_of(cx, controller);
    if readable::is_locked(cx, stream) && readable::read_request_count(cx, stream) > 0 {
        return true;
    }
    desired_size(cx, controller).is_some_and(|size| size > 0.0)
}

// ReadableStreamDefaultControllerClearAlgorithms ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-clear-algorithms
fn clear_algorithms(cx: &Context, controller: Object) {
    source::clear(cx, controller);
    controller.put(cx, slot::SIZE, Value::UNDEFINED);
}

// ReadableStreamDefaultControllerClose ( controller ), https://streams.spec.whatwg.org/#readable-stream-default-controller-close
pub(crate) fn close(cx: &mut Context, controller: Object) -> Result<()> {
    if !can_close_or_enqueue(cx, controller) {
        return Ok(());
    }
    controller.put(cx, slot::CLOSE_REQUESTED, true);
    if fifo::is_empty(cx, controller, slot::QUEUE) {
        clear_algorithms(cx, controller);
        readable::close(cx, stream_of(cx, controller))?;
    }
    Ok(())
}

// ReadableStreamDefaultControllerEnqueue ( controller, chunk ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-enqueue
pub(crate) fn enqueue(cx: &mut Context, controller: Object, chunk: Value) -> Result<()> {
    // 1.
    if !can_close_or_enqueue(cx, controller) {
        return Ok(());
    }
    // 2.-3.
    let stream = stream_of(cx, controller);
    if readable::is_locked(cx, stream) && readable::read_request_count(cx, stream) > 0 {
        readable::fulfill_read_request(cx, stream, chunk, false)?;
    } else {
        // 4. An abrupt completion errors the stream and is thrown on.
        let size_algorithm = controller.at(cx, slot::SIZE);
        let result = super::strategy::chunk_size(cx, size_algorithm, chunk)
            .and_then(|size| enqueue_value_with_size(cx, controller, slot::QUEUE, slot::TOTAL, chunk, size));
        if let Err(thrown) = result {
            let reason = caught(cx, thrown)?;
            error(cx, controller, reason)?;
            return Err(cx.throw(reason));
        }
    }
    // 5.
    call_pull_if_needed(cx, controller)
}

// ReadableStreamDefaultControllerError ( controller, e ), https://streams.spec.whatwg.org/#readable-stream-default-controller-error
pub(crate) fn error(cx: &mut Context, controller: Object, error: Value) -> Result<()> {
    let stream = stream_of(cx, controller);
    if readable::state(cx, stream) != stream::READABLE {
        return Ok(());
    }
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    clear_algorithms(cx, controller);
    readable::error(cx, stream, error)
}

// ReadableStreamDefaultControllerGetDesiredSize ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-get-desired-size
pub(crate) fn desired_size(cx: &Context, controller: Object) -> Option<f64> {
    match readable::state(cx, stream_of(cx, controller)) {
        stream::ERRORED => None,
        stream::CLOSED => Some(0.0),
        _ => Some(controller.number(cx, slot::HWM) - controller.number(cx, slot::TOTAL)),
    }
}

// ReadableStreamDefaultControllerHasBackpressure ( controller ),
// https://streams.spec.whatwg.org/#rs-default-controller-has-backpressure
pub(crate) fn has_backpressure(cx: &Context, controller: Object) -> bool {
    !should_call_pull(cx, controller)
}

// ReadableStreamDefaultControllerCanCloseOrEnqueue ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-can-close-or-enqueue
pub(crate) fn can_close_or_enqueue(cx: &Context, controller: Object) -> bool {
    !controller.flag(cx, slot::CLOSE_REQUESTED) && readable::state(cx, stream_of(cx, controller)) == stream::READABLE
}

// [[CancelSteps]]( reason ), https://streams.spec.whatwg.org/#rs-default-controller-private-cancel
pub(crate) fn cancel_steps(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    let promise = source::cancel(cx, controller, reason)?;
    clear_algorithms(cx, controller);
    Ok(promise)
}

// [[PullSteps]]( readRequest ), https://streams.spec.whatwg.org/#rs-default-controller-private-pull
pub(crate) fn pull_steps(cx: &mut Context, controller: Object, stream: Object, request: Value) -> Result<()> {
    if fifo::is_empty(cx, controller, slot::QUEUE) {
        readable::add_request(cx, stream, request);
        return call_pull_if_needed(cx, controller);
    }
    let chunk = dequeue_value(cx, controller, slot::QUEUE, slot::TOTAL);
    if controller.flag(cx, slot::CLOSE_REQUESTED) && fifo::is_empty(cx, controller, slot::QUEUE) {
        clear_algorithms(cx, controller);
        readable::close(cx, stream)?;
    } else {
        call_pull_if_needed(cx, controller)?;
    }
    super::requests::chunk(cx, request, chunk)
}
