//! Abstract operations of transform streams. <https://streams.spec.whatwg.org/#ts-all-abstract-ops>

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as readable, stream as readable_stream};
use super::support::{Slots, call_promise, caught, new_platform_object, react, resolved_undefined, type_error, upon};
use super::writable_ops::{self as writable, stream as writable_stream};
use super::{compression, default_controller, readable_controller, source, text, writable_controller};
use crate::class;

/// Slots of TransformStream objects.
pub(crate) mod stream {
    /// [[readable]]
    pub const READABLE: u32 = 1;
    /// [[writable]]
    pub const WRITABLE: u32 = 2;
    /// [[controller]]
    pub const CONTROLLER: u32 = 3;
    /// [[backpressure]]
    pub const BACKPRESSURE: u32 = 4;
    /// [[backpressureChangePromise]]
    pub const BACKPRESSURE_CHANGE: u32 = 5;
}

/// Slots of controllers.
pub(crate) mod controller {
    /// [[stream]]
    pub const STREAM: u32 = 1;
    /// Which algorithms: a constant of `kind`.
    pub const KIND: u32 = 2;
    /// The transformer, or what the kind says.
    pub const TRANSFORMER: u32 = 3;
    /// `transform` of the transformer.
    pub const TRANSFORM: u32 = 4;
    /// `flush` of the transformer.
    pub const FLUSH: u32 = 5;
    /// `cancel` of the transformer.
    pub const CANCEL: u32 = 6;
    /// [[finishPromise]]
    pub const FINISH_PROMISE: u32 = 7;
}

/// Kinds of algorithms.
pub(crate) mod kind {
    /// Cleared.
    pub const NONE: i32 = 0;
    /// A transformer object; without `transform` chunks pass as they are.
    pub const SCRIPT: i32 = 1;
    /// TextEncoderStream: TRANSFORMER is its object.
    pub const TEXT_ENCODE: i32 = 2;
    /// TextDecoderStream: TRANSFORMER is its object.
    pub const TEXT_DECODE: i32 = 3;
    /// CompressionStream and DecompressionStream: TRANSFORMER is its object.
    pub const COMPRESS: i32 = 4;
}

/// [[stream]] of a controller.
pub(crate) fn stream_of(cx: &Context, controller: Object) -> Object {
    controller.object(cx, controller::STREAM).unwrap_or(controller)
}

fn part(cx: &mut Context, transform: Object, slot: u32) -> Result<Object> {
    match transform.object(cx, slot) {
        Some(part) => Ok(part),
        None => Err(cx.throw_type_error("The TransformStream is not set up yet")),
    }
}

/// [[readable]].[[controller]]
pub(crate) fn readable_controller(cx: &mut Context, transform: Object) -> Result<Object> {
    let side = part(cx, transform, stream::READABLE)?;
    readable::controller_of(cx, side)
}

/// [[writable]].[[controller]]
fn writable_side_controller(cx: &mut Context, transform: Object) -> Result<Object> {
    let side = part(cx, transform, stream::WRITABLE)?;
    writable::controller_of(cx, side)
}

// InitializeTransformStream, https://streams.spec.whatwg.org/#initialize-transform-stream
/// `marks`: high water mark and size algorithm of the writable and of the readable side.
pub(crate) fn initialize(cx: &mut Context, transform: Object, start: Value, marks: [(f64, Value); 2]) -> Result<()> {
    let [(writable_mark, writable_size), (readable_mark, readable_size)] = marks;
    let sink =
        writable_controller::create_stream(cx, writable_controller::kind::TRANSFORM, transform, start, writable_mark, writable_size)?;
    transform.put(cx, stream::WRITABLE, sink);
    let source = default_controller::create_stream(
        cx,
        source::kind::TRANSFORM,
        transform.value(),
        Value::UNDEFINED,
        start,
        readable_mark,
        readable_size,
    )?;
    transform.put(cx, stream::READABLE, source);
    set_backpressure(cx, transform, true)
}

/// A TransformStream with native algorithms: `kind` over `state`.
pub(crate) fn create_native(cx: &mut Context, kind: i32, state: Object) -> Result<Object> {
    let transform = new_platform_object(cx, class::TRANSFORM_STREAM, false);
    initialize(cx, transform, Value::UNDEFINED, [(1.0, Value::UNDEFINED), (0.0, Value::UNDEFINED)])?;
    let controller = new_platform_object(cx, class::TRANSFORM_STREAM_DEFAULT_CONTROLLER, true);
    controller.put(cx, controller::KIND, kind);
    controller.put(cx, controller::TRANSFORMER, state);
    controller.put(cx, controller::STREAM, transform);
    transform.put(cx, stream::CONTROLLER, controller);
    Ok(transform)
}

// TransformStreamError ( stream, e ), https://streams.spec.whatwg.org/#transform-stream-error
pub(crate) fn error(cx: &mut Context, transform: Object, error: Value) -> Result<()> {
    let controller = readable_controller(cx, transform)?;
    readable_controller::error(cx, controller, error)?;
    error_writable_and_unblock(cx, transform, error)
}

// TransformStreamErrorWritableAndUnblockWrite ( stream, e ),
// https://streams.spec.whatwg.org/#transform-stream-error-writable-and-unblock-write
fn error_writable_and_unblock(cx: &mut Context, transform: Object, error: Value) -> Result<()> {
    if let Some(controller) = transform.object(cx, stream::CONTROLLER) {
        clear_algorithms(cx, controller);
    }
    let controller = writable_side_controller(cx, transform)?;
    writable_controller::error_if_needed(cx, controller, error)?;
    unblock_write(cx, transform)
}

// TransformStreamSetBackpressure ( stream, backpressure ), https://streams.spec.whatwg.org/#transform-stream-set-backpressure
fn set_backpressure(cx: &mut Context, transform: Object, backpressure: bool) -> Result<()> {
    if let Some(promise) = transform.object(cx, stream::BACKPRESSURE_CHANGE) {
        promise::resolve(cx, promise, Value::UNDEFINED)?;
    }
    let promise = promise::new_pending(cx);
    transform.put(cx, stream::BACKPRESSURE_CHANGE, promise);
    transform.put(cx, stream::BACKPRESSURE, backpressure);
    Ok(())
}

// TransformStreamUnblockWrite ( stream ), https://streams.spec.whatwg.org/#transform-stream-unblock-write
fn unblock_write(cx: &mut Context, transform: Object) -> Result<()> {
    if transform.flag(cx, stream::BACKPRESSURE) { set_backpressure(cx, transform, false) } else { Ok(()) }
}

// TransformStreamDefaultControllerClearAlgorithms ( controller ),
// https://streams.spec.whatwg.org/#transform-stream-default-controller-clear-algorithms
fn clear_algorithms(cx: &Context, controller: Object) {
    controller.put(cx, controller::KIND, kind::NONE);
    for slot in [controller::TRANSFORMER, controller::TRANSFORM, controller::FLUSH, controller::CANCEL] {
        controller.put(cx, slot, Value::UNDEFINED);
    }
}

// TransformStreamDefaultControllerEnqueue ( controller, chunk ),
// https://streams.spec.whatwg.org/#transform-stream-default-controller-enqueue
pub(crate) fn enqueue(cx: &mut Context, controller: Object, chunk: Value) -> Result<()> {
    let transform = stream_of(cx, controller);
    let target = readable_controller(cx, transform)?;
    // 3.
    if !readable_controller::can_close_or_enqueue(cx, target) {
        return Err(cx.throw_type_error("Readable side is not in a state that permits enqueue"));
    }
    // 4.-5.
    if let Err(thrown) = default_controller::enqueue(cx, target, chunk) {
        let reason = caught(cx, thrown)?;
        error_writable_and_unblock(cx, transform, reason)?;
        let side = part(cx, transform, stream::READABLE)?;
        let stored = side.at(cx, readable_stream::ERROR);
        return Err(cx.throw(stored));
    }
    // 6.-7.
    let backpressure = default_controller::has_backpressure(cx, target);
    if backpressure != transform.flag(cx, stream::BACKPRESSURE) {
        set_backpressure(cx, transform, backpressure)?;
    }
    Ok(())
}

// TransformStreamDefaultControllerTerminate ( controller ),
// https://streams.spec.whatwg.org/#transform-stream-default-controller-terminate
pub(crate) fn terminate(cx: &mut Context, controller: Object) -> Result<()> {
    let transform = stream_of(cx, controller);
    let target = readable_controller(cx, transform)?;
    default_controller::close(cx, target)?;
    let error = type_error(cx, "The transform stream has been terminated");
    error_writable_and_unblock(cx, transform, error)
}

// TransformStreamDefaultControllerPerformTransform ( controller, chunk ),
// https://streams.spec.whatwg.org/#transform-stream-default-controller-perform-transform
fn perform_transform(cx: &mut Context, transform: Object, chunk: Value) -> Result<Object> {
    let controller = part(cx, transform, stream::CONTROLLER)?;
    let transformer = controller.at(cx, controller::TRANSFORMER);
    let function = controller.at(cx, controller::TRANSFORM);
    let promise = match controller.int(cx, controller::KIND) {
        kind::SCRIPT if !function.is_undefined() => call_promise(cx, function, transformer, &[chunk, controller.value()])?,
        kind::SCRIPT => {
            let outcome = enqueue(cx, controller, chunk);
            settled(cx, outcome)?
        }
        kind::NONE => resolved_undefined(cx),
        kind => {
            let outcome = native_transform(cx, kind, controller, transformer, chunk);
            settled(cx, outcome)?
        }
    };
    Ok(react(cx, promise, None, Some(transform_failed.into()), transform.value()))
}

fn native_transform(cx: &mut Context, kind: i32, controller: Object, state: Value, chunk: Value) -> Result<()> {
    match (kind, state.as_object()) {
        (kind::TEXT_ENCODE, Some(state)) => text::encode(cx, controller, state, chunk),
        (kind::TEXT_DECODE, Some(state)) => text::decode(cx, controller, state, chunk),
        (kind::COMPRESS, Some(state)) => compression::transform(cx, controller, state, chunk),
        _ => Ok(()),
    }
}

/// A promise for what a native algorithm did.
fn settled(cx: &mut Context, outcome: Result<()>) -> Result<Object> {
    match outcome {
        Ok(()) => Ok(resolved_undefined(cx)),
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            Ok(promise::new_rejected(cx, error))
        }
    }
}

pub(super) fn transform_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(transform) = this.as_object() {
        error(cx, transform, args.at(0))?;
    }
    Err(cx.throw(args.at(0)))
}

/// Performs the flush algorithm.
fn perform_flush(cx: &mut Context, controller: Object) -> Result<Object> {
    let transformer = controller.at(cx, controller::TRANSFORMER);
    let function = controller.at(cx, controller::FLUSH);
    let outcome = match (controller.int(cx, controller::KIND), transformer.as_object()) {
        (kind::SCRIPT, _) if !function.is_undefined() => return call_promise(cx, function, transformer, &[controller.value()]),
        (kind::TEXT_ENCODE, Some(state)) => text::flush_encoder(cx, controller, state),
        (kind::TEXT_DECODE, Some(state)) => text::flush_decoder(cx, controller, state),
        (kind::COMPRESS, Some(state)) => compression::flush(cx, controller, state),
        _ => Ok(()),
    };
    settled(cx, outcome)
}

/// Performs the cancel algorithm.
fn perform_cancel(cx: &mut Context, controller: Object, reason: Value) -> Result<Object> {
    let function = controller.at(cx, controller::CANCEL);
    if controller.int(cx, controller::KIND) == kind::SCRIPT && !function.is_undefined() {
        let transformer = controller.at(cx, controller::TRANSFORMER);
        return call_promise(cx, function, transformer, &[reason]);
    }
    Ok(resolved_undefined(cx))
}

// ── default sinks ──

// TransformStreamDefaultSinkWriteAlgorithm ( stream, chunk ),
// https://streams.spec.whatwg.org/#transform-stream-default-sink-write-algorithm
pub(crate) fn sink_write(cx: &mut Context, transform: Object, chunk: Value) -> Result<Object> {
    if transform.flag(cx, stream::BACKPRESSURE)
        && let Some(change) = transform.object(cx, stream::BACKPRESSURE_CHANGE)
    {
        let state = cx.heap.new_values_from(&[transform.value(), chunk]);
        return Ok(react(cx, change, Some(write_unblocked.into()), None, Value::cell(state)));
    }
    perform_transform(cx, transform, chunk)
}

pub(super) fn write_unblocked(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<mayfly_engine::heap::Values>() else { return Ok(Value::UNDEFINED) };
    let Some(transform) = state.object(cx, 0) else { return Ok(Value::UNDEFINED) };
    let side = part(cx, transform, stream::WRITABLE)?;
    if writable::state(cx, side) == writable_stream::ERRORING {
        let stored = side.at(cx, writable_stream::ERROR);
        return Err(cx.throw(stored));
    }
    Ok(perform_transform(cx, transform, state.at(cx, 1))?.value())
}

/// The beginning of the three finishing algorithms: an existing [[finishPromise]] as `Err`, else the controller with a new one.
fn begin_finish(cx: &mut Context, transform: Object) -> Result<std::result::Result<(Object, Object), Object>> {
    let controller = part(cx, transform, stream::CONTROLLER)?;
    if let Some(promise) = controller.object(cx, controller::FINISH_PROMISE) {
        return Ok(Err(promise));
    }
    let promise = promise::new_pending(cx);
    controller.put(cx, controller::FINISH_PROMISE, promise);
    Ok(Ok((controller, promise)))
}

/// Record for the reactions of finishing algorithms: transform stream and reason.
fn finish_state(cx: &Context, transform: Object, reason: Value) -> Value {
    Value::cell(cx.heap.new_values_from(&[transform.value(), reason]))
}

/// Transform stream, [[finishPromise]] and reason of such a record.
fn finish_parts(cx: &Context, this: Value) -> Option<(Object, Object, Value)> {
    let state = this.as_cell::<mayfly_engine::heap::Values>()?;
    let transform = state.object(cx, 0)?;
    let promise = transform.object(cx, stream::CONTROLLER)?.object(cx, controller::FINISH_PROMISE)?;
    Some((transform, promise, state.at(cx, 1)))
}

// TransformStreamDefaultSinkAbortAlgorithm ( stream, reason ),
// https://streams.spec.whatwg.org/#transform-stream-default-sink-abort-algorithm
pub(crate) fn sink_abort(cx: &mut Context, transform: Object, reason: Value) -> Result<Object> {
    let (controller, finish) = match begin_finish(cx, transform)? {
        Ok(parts) => parts,
        Err(promise) => return Ok(promise),
    };
    let promise = perform_cancel(cx, controller, reason)?;
    clear_algorithms(cx, controller);
    let state = finish_state(cx, transform, reason);
    upon(cx, promise, abort_done, readable_finish_failed, state);
    Ok(finish)
}

pub(super) fn abort_done(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some((transform, finish, reason)) = finish_parts(cx, this) else { return Ok(Value::UNDEFINED) };
    let side = part(cx, transform, stream::READABLE)?;
    if readable::state(cx, side) == readable_stream::ERRORED {
        let stored = side.at(cx, readable_stream::ERROR);
        promise::reject(cx, finish, stored);
    } else {
        let target = readable::controller_of(cx, side)?;
        readable_controller::error(cx, target, reason)?;
        promise::resolve(cx, finish, Value::UNDEFINED)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn readable_finish_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((transform, finish, _)) = finish_parts(cx, this) else { return Ok(Value::UNDEFINED) };
    let target = readable_controller(cx, transform)?;
    readable_controller::error(cx, target, args.at(0))?;
    promise::reject(cx, finish, args.at(0));
    Ok(Value::UNDEFINED)
}

// TransformStreamDefaultSinkCloseAlgorithm ( stream ),
// https://streams.spec.whatwg.org/#transform-stream-default-sink-close-algorithm
pub(crate) fn sink_close(cx: &mut Context, transform: Object) -> Result<Object> {
    let (controller, finish) = match begin_finish(cx, transform)? {
        Ok(parts) => parts,
        Err(promise) => return Ok(promise),
    };
    let promise = perform_flush(cx, controller)?;
    clear_algorithms(cx, controller);
    let state = finish_state(cx, transform, Value::UNDEFINED);
    upon(cx, promise, flush_done, readable_finish_failed, state);
    Ok(finish)
}

pub(super) fn flush_done(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some((transform, finish, _)) = finish_parts(cx, this) else { return Ok(Value::UNDEFINED) };
    let side = part(cx, transform, stream::READABLE)?;
    if readable::state(cx, side) == readable_stream::ERRORED {
        let stored = side.at(cx, readable_stream::ERROR);
        promise::reject(cx, finish, stored);
    } else {
        let target = readable::controller_of(cx, side)?;
        default_controller::close(cx, target)?;
        promise::resolve(cx, finish, Value::UNDEFINED)?;
    }
    Ok(Value::UNDEFINED)
}

// ── default sources ──

// TransformStreamDefaultSourceCancelAlgorithm ( stream, reason ),
// https://streams.spec.whatwg.org/#transform-stream-default-source-cancel
pub(crate) fn source_cancel(cx: &mut Context, transform: Object, reason: Value) -> Result<Object> {
    let (controller, finish) = match begin_finish(cx, transform)? {
        Ok(parts) => parts,
        Err(promise) => return Ok(promise),
    };
    let promise = perform_cancel(cx, controller, reason)?;
    clear_algorithms(cx, controller);
    let state = finish_state(cx, transform, reason);
    upon(cx, promise, cancel_done, cancel_failed, state);
    Ok(finish)
}

pub(super) fn cancel_done(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some((transform, finish, reason)) = finish_parts(cx, this) else { return Ok(Value::UNDEFINED) };
    let side = part(cx, transform, stream::WRITABLE)?;
    if writable::state(cx, side) == writable_stream::ERRORED {
        let stored = side.at(cx, writable_stream::ERROR);
        promise::reject(cx, finish, stored);
    } else {
        let target = writable::controller_of(cx, side)?;
        writable_controller::error_if_needed(cx, target, reason)?;
        unblock_write(cx, transform)?;
        promise::resolve(cx, finish, Value::UNDEFINED)?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn cancel_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((transform, finish, _)) = finish_parts(cx, this) else { return Ok(Value::UNDEFINED) };
    let target = writable_side_controller(cx, transform)?;
    writable_controller::error_if_needed(cx, target, args.at(0))?;
    unblock_write(cx, transform)?;
    promise::reject(cx, finish, args.at(0));
    Ok(Value::UNDEFINED)
}

// TransformStreamDefaultSourcePullAlgorithm ( stream ), https://streams.spec.whatwg.org/#transform-stream-default-source-pull
pub(crate) fn source_pull(cx: &mut Context, transform: Object) -> Result<Object> {
    set_backpressure(cx, transform, false)?;
    part(cx, transform, stream::BACKPRESSURE_CHANGE)
}
