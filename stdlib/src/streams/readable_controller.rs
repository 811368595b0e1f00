//! What the standard words alike for ReadableStreamDefaultController and ReadableByteStreamController: their lives from start to end.
//! <https://streams.spec.whatwg.org/#rs-default-controller-abstract-ops>, <https://streams.spec.whatwg.org/#rbs-controller-abstract-ops>

use mayfly_engine::context::Context;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as readable, controller as slot, stream};
use super::source::{self, Outcome};
use super::support::{Slots, new_platform_object, reset_queue, upon, upon_start};
use super::{byte_controller, default_controller};

/// The stream. Every controller has one.
pub(super) fn stream_of(cx: &Context, controller: Object) -> Object {
    controller.object(cx, slot::STREAM).unwrap_or(controller)
}

/// A new controller of this class with native algorithms: a constant of `source::kind` and what it says of the other two.
pub(super) fn new_native(cx: &Context, class: u32, kind: i32, state: Value, extra: Value) -> Object {
    let controller = new_platform_object(cx, class, true);
    controller.put(cx, slot::KIND, kind);
    controller.put(cx, slot::SOURCE, state);
    controller.put(cx, slot::PULL, extra);
    controller
}

/// Steps 2 to 8 of SetUpReadableStreamDefaultController, but for the size algorithm; 3 to 13 of SetUpReadableByteStreamController, but for
/// the chunk size.
pub(super) fn attach(cx: &Context, stream: Object, controller: Object, hwm: f64) {
    controller.put(cx, slot::STREAM, stream);
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    controller.put(cx, slot::HWM, hwm);
    stream.put(cx, stream::CONTROLLER, controller);
}

/// Steps 10 to 12 of SetUpReadableStreamDefaultController, 15 to 17 of SetUpReadableByteStreamController: waits for the result of the start
/// algorithm.
pub(super) fn started(cx: &mut Context, controller: Object, start: Value) -> Result<()> {
    upon_start(cx, start, start_job, start_fulfilled, failed, controller)
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

/// Upon rejection of startPromise, and of pullPromise.
pub(super) fn failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(controller) = this.as_object() {
        error(cx, controller, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

// ReadableStreamDefaultControllerCallPullIfNeeded ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-call-pull-if-needed
// ReadableByteStreamControllerCallPullIfNeeded ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-call-pull-if-needed
pub(super) fn call_pull_if_needed(cx: &mut Context, controller: Object) -> Result<()> {
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
        Outcome::Later(promise) => upon(cx, promise, pull_fulfilled, failed, controller.value()),
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

// ReadableStreamDefaultControllerShouldCallPull ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-should-call-pull
// ReadableByteStreamControllerShouldCallPull ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-should-call-pull
/// Nothing asks a default controller to read into anything, so that the step about read-into requests is right for both.
pub(super) fn should_call_pull(cx: &Context, controller: Object) -> bool {
    if !can_close_or_enqueue(cx, controller) || !controller.flag(cx, slot::STARTED) {
        return false;
    }
    let stream = stream_of(cx, controller);
    readable::read_request_count(cx, stream) > 0
        || readable::read_into_request_count(cx, stream) > 0
        || desired_size(cx, controller).is_some_and(|size| size > 0.0)
}

// ReadableStreamDefaultControllerGetDesiredSize ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-get-desired-size
// ReadableByteStreamControllerGetDesiredSize ( controller ),
// https://streams.spec.whatwg.org/#readable-byte-stream-controller-get-desired-size
/// `None` for null.
pub(super) fn desired_size(cx: &Context, controller: Object) -> Option<f64> {
    match readable::state(cx, stream_of(cx, controller)) {
        stream::ERRORED => None,
        stream::CLOSED => Some(0.0),
        _ => Some(controller.number(cx, slot::HWM) - controller.number(cx, slot::TOTAL)),
    }
}

// ReadableStreamDefaultControllerCanCloseOrEnqueue ( controller ),
// https://streams.spec.whatwg.org/#readable-stream-default-controller-can-close-or-enqueue
/// Byte streams have no name for it.
pub(super) fn can_close_or_enqueue(cx: &Context, controller: Object) -> bool {
    !controller.flag(cx, slot::CLOSE_REQUESTED) && readable::state(cx, stream_of(cx, controller)) == stream::READABLE
}

/// ReadableStreamDefaultControllerClose or ReadableByteStreamControllerClose.
pub(super) fn close(cx: &mut Context, controller: Object) -> Result<()> {
    if readable::is_byte_controller(cx, controller) {
        byte_controller::close(cx, controller)
    } else {
        default_controller::close(cx, controller)
    }
}

/// ReadableStreamDefaultControllerEnqueue or ReadableByteStreamControllerEnqueue.
pub(super) fn enqueue(cx: &mut Context, controller: Object, chunk: Value) -> Result<()> {
    if readable::is_byte_controller(cx, controller) {
        byte_controller::enqueue(cx, controller, chunk)
    } else {
        default_controller::enqueue(cx, controller, chunk)
    }
}

// ReadableStreamDefaultControllerError ( controller, e ), https://streams.spec.whatwg.org/#readable-stream-default-controller-error
// ReadableByteStreamControllerError ( controller, e ), https://streams.spec.whatwg.org/#readable-byte-stream-controller-error
/// Default controllers have no pull-into descriptors to clear.
pub(crate) fn error(cx: &mut Context, controller: Object, error: Value) -> Result<()> {
    let stream = stream_of(cx, controller);
    if readable::state(cx, stream) != stream::READABLE {
        return Ok(());
    }
    byte_controller::clear_pending(cx, controller);
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    source::clear(cx, controller);
    readable::error(cx, stream, error)
}

// [[CancelSteps]]( reason ), https://streams.spec.whatwg.org/#rs-default-controller-private-cancel and
// https://streams.spec.whatwg.org/#rbs-controller-private-cancel
pub(super) fn cancel_steps(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    byte_controller::clear_pending(cx, controller);
    reset_queue(cx, controller, slot::QUEUE, slot::TOTAL);
    let promise = source::cancel(cx, controller, reason)?;
    source::clear(cx, controller);
    Ok(promise)
}
