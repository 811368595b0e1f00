//! ReadableStreamDefaultController. <https://streams.spec.whatwg.org/#rs-default-controller-class>

use super::readable_controller::{
    attach, call_pull_if_needed, can_close_or_enqueue, desired_size, error, new_native, should_call_pull, started, stream_of,
};
use super::readable_ops::{self as readable, controller as slot};
use super::source;
use super::support::{Slots, caught, dequeue_value, enqueue_value_with_size, fifo, new_platform_object};
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
    let controller = new_native(cx, class::READABLE_STREAM_DEFAULT_CONTROLLER, kind, state, extra);
    controller.put(cx, slot::SIZE, size);
    attach(cx, stream, controller, hwm);
    started(cx, controller, start)
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
    controller.put(cx, slot::SIZE, size);
    attach(cx, stream, controller, hwm);
    let start = underlying.call_start(cx, controller)?;
    started(cx, controller, start)
}

// ReadableStreamDefaultControllerClose ( controller ), https://streams.spec.whatwg.org/#readable-stream-default-controller-close
pub(crate) fn close(cx: &mut Context, controller: Object) -> Result<()> {
    if !can_close_or_enqueue(cx, controller) {
        return Ok(());
    }
    controller.put(cx, slot::CLOSE_REQUESTED, true);
    if fifo::is_empty(cx, controller, slot::QUEUE) {
        source::clear(cx, controller);
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
    if readable::read_request_count(cx, stream) > 0 {
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

// ReadableStreamDefaultControllerHasBackpressure ( controller ),
// https://streams.spec.whatwg.org/#rs-default-controller-has-backpressure
pub(crate) fn has_backpressure(cx: &Context, controller: Object) -> bool {
    !should_call_pull(cx, controller)
}

// [[PullSteps]]( readRequest ), https://streams.spec.whatwg.org/#rs-default-controller-private-pull
pub(crate) fn pull_steps(cx: &mut Context, controller: Object, stream: Object, request: Value) -> Result<()> {
    if fifo::is_empty(cx, controller, slot::QUEUE) {
        readable::add_request(cx, stream, request);
        return call_pull_if_needed(cx, controller);
    }
    let chunk = dequeue_value(cx, controller, slot::QUEUE, slot::TOTAL);
    if controller.flag(cx, slot::CLOSE_REQUESTED) && fifo::is_empty(cx, controller, slot::QUEUE) {
        source::clear(cx, controller);
        readable::close(cx, stream)?;
    } else {
        call_pull_if_needed(cx, controller)?;
    }
    super::requests::chunk(cx, request, chunk)
}
