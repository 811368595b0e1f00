//! Transferred streams: two halves that talk through message ports. <https://streams.spec.whatwg.org/#transferrable-streams>
//!
//! A controller's SOURCE or SINK is its port; the writable side keeps its backpressure promise in WRITE. Messages are pairs of a kind and a
//! cloned value.

use mayfly_engine::builtins::promise;
use mayfly_engine::context::Context;
use mayfly_engine::native::{Args, Result};
use mayfly_engine::object::Object;
use mayfly_engine::value::Value;

use super::readable_ops::{self as readable, stream as readable_stream};
use super::support::{Slots, caught, react, resolved_undefined};
use super::transform_ops::stream as transform_stream;
use super::writable_controller::{self, slot as sink};
use super::writable_ops::{self as writable, stream as writable_stream};
use super::{default_controller, pipe, readable_controller, source};
use crate::dom_exception;
use crate::messaging::port::{self, handler};

/// Kinds of messages.
mod message {
    pub const PULL: i32 = 1;
    pub const CHUNK: i32 = 2;
    pub const CLOSE: i32 = 3;
    pub const ERROR: i32 = 4;
}

// SetUpCrossRealmTransformReadable ( stream, port ), https://streams.spec.whatwg.org/#abstract-opdef-setupcrossrealmtransformreadable
fn set_up_readable(cx: &mut Context, stream: Object, port: Object) -> Result<()> {
    // 6.-10.
    let kind = source::kind::CROSS_REALM;
    default_controller::set_up_native(cx, stream, kind, port.value(), Value::UNDEFINED, Value::UNDEFINED, 0.0, Value::UNDEFINED)?;
    // 3.-5. The handler is `readable_message`.
    let controller = readable::controller_of(cx, stream)?;
    port::set_native_handler(cx, port, handler::READABLE, controller)
}

/// A message for the readable side.
pub(crate) fn readable_message(cx: &mut Context, own_port: Object, controller: Object, kind: Value, value: Value) -> Result<()> {
    match kind.as_int() {
        Some(message::CHUNK) => {
            if readable_controller::can_close_or_enqueue(cx, controller) {
                default_controller::enqueue(cx, controller, value)?;
            }
            Ok(())
        }
        Some(message::CLOSE) => {
            if readable_controller::can_close_or_enqueue(cx, controller) {
                default_controller::close(cx, controller)?;
            }
            port::disentangle(cx, own_port)
        }
        Some(message::ERROR) => {
            readable_controller::error(cx, controller, value)?;
            port::disentangle(cx, own_port)
        }
        _ => Ok(()),
    }
}

/// The pull algorithm.
pub(super) fn pull(cx: &mut Context, port: Object) -> Result<()> {
    port::post_packed(cx, port, message::PULL, Value::UNDEFINED)
}

/// The cancel algorithm.
pub(super) fn cancel(cx: &mut Context, port: Object, reason: Value) -> Result<Object> {
    send_error(cx, port, reason)
}

/// Sends a reason and lets the port go: the last message of either side.
fn send_error(cx: &mut Context, port: Object, reason: Value) -> Result<Object> {
    let outcome = post_handling_error(cx, port, message::ERROR, reason)?;
    port::disentangle(cx, port)?;
    Ok(match outcome {
        Some(error) => promise::new_rejected(cx, error),
        None => resolved_undefined(cx),
    })
}

// PackAndPostMessageHandlingError ( port, type, value ),
// https://streams.spec.whatwg.org/#abstract-opdef-packandpostmessagehandlingerror
/// The exception, if the value could not be cloned: the other side has been told then.
fn post_handling_error(cx: &mut Context, port: Object, kind: i32, value: Value) -> Result<Option<Value>> {
    let Err(thrown) = port::post_packed(cx, port, kind, value) else { return Ok(None) };
    let error = caught(cx, thrown)?;
    // CrossRealmTransformSendError ( port, error ): what comes of it is of no interest.
    if let Err(thrown) = port::post_packed(cx, port, message::ERROR, error) {
        caught(cx, thrown)?;
    }
    Ok(Some(error))
}

// SetUpCrossRealmTransformWritable ( stream, port ), https://streams.spec.whatwg.org/#abstract-opdef-setupcrossrealmtransformwritable
fn set_up_writable(cx: &mut Context, stream: Object, port: Object) -> Result<()> {
    // 7.-12.
    let kind = writable_controller::kind::CROSS_REALM;
    writable_controller::set_up_native(cx, stream, kind, port, Value::UNDEFINED, 1.0, Value::UNDEFINED)?;
    let controller = writable::controller_of(cx, stream)?;
    // 3.
    let backpressure = promise::new_pending(cx);
    controller.put(cx, sink::WRITE, backpressure);
    // 4.-6. The handler is `writable_message`.
    port::set_native_handler(cx, port, handler::WRITABLE, controller)
}

/// A message for the writable side.
pub(crate) fn writable_message(cx: &mut Context, controller: Object, kind: Value, value: Value) -> Result<()> {
    let backpressure = controller.object(cx, sink::WRITE);
    match kind.as_int() {
        Some(message::PULL) => {}
        Some(message::ERROR) => writable_controller::error_if_needed(cx, controller, value)?,
        _ => return Ok(()),
    }
    if let Some(backpressure) = backpressure {
        controller.put(cx, sink::WRITE, Value::UNDEFINED);
        promise::resolve(cx, backpressure, Value::UNDEFINED)?;
    }
    Ok(())
}

/// The write algorithm.
pub(super) fn write(cx: &mut Context, controller: Object, chunk: Value) -> Result<Object> {
    let backpressure = match controller.object(cx, sink::WRITE) {
        Some(backpressure) => backpressure,
        None => {
            let resolved = resolved_undefined(cx);
            controller.put(cx, sink::WRITE, resolved);
            resolved
        }
    };
    let state = cx.heap.new_values_from(&[controller.value(), chunk]);
    Ok(react(cx, backpressure, Some(write_when_pulled.into()), None, Value::cell(state)))
}

/// What follows when the other side has pulled.
pub(super) fn write_when_pulled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<mayfly_engine::heap::Values>() else { return Ok(Value::UNDEFINED) };
    let Some(controller) = state.object(cx, 0) else { return Ok(Value::UNDEFINED) };
    let backpressure = promise::new_pending(cx);
    controller.put(cx, sink::WRITE, backpressure);
    let Some(own_port) = controller.object(cx, sink::SINK) else { return Ok(Value::UNDEFINED) };
    if let Some(error) = post_handling_error(cx, own_port, message::CHUNK, state.at(cx, 1))? {
        port::disentangle(cx, own_port)?;
        return Err(cx.throw(error));
    }
    Ok(Value::UNDEFINED)
}

/// The close algorithm.
pub(super) fn close(cx: &mut Context, port: Object) -> Result<Object> {
    port::post_packed(cx, port, message::CLOSE, Value::UNDEFINED)?;
    port::disentangle(cx, port)?;
    Ok(resolved_undefined(cx))
}

/// The abort algorithm.
pub(super) fn abort(cx: &mut Context, port: Object, reason: Value) -> Result<Object> {
    send_error(cx, port, reason)
}

fn require_unlocked(cx: &mut Context, is_locked: bool, name: &str) -> Result<()> {
    if is_locked {
        return Err(dom_exception::throw(cx, "DataCloneError", &format!("Cannot transfer a locked {name}")));
    }
    Ok(())
}

// https://streams.spec.whatwg.org/#rs-transfer, transfer steps and transfer-receiving steps
/// `target` becomes what `source` was.
pub(crate) fn transfer_readable(cx: &mut Context, source: Object, target: Object) -> Result<()> {
    require_unlocked(cx, readable::is_locked(cx, source), "ReadableStream")?;
    let (near, far) = port::new_pair(cx);
    let sink = writable::new_stream(cx);
    set_up_writable(cx, sink, near)?;
    let piped = pipe::pipe_to(cx, source, sink, 0, None)?;
    promise::mark_handled(cx, piped);
    set_up_readable(cx, target, far)
}

// https://streams.spec.whatwg.org/#ws-transfer
/// `target` becomes what `source` was.
pub(crate) fn transfer_writable(cx: &mut Context, source: Object, target: Object) -> Result<()> {
    require_unlocked(cx, writable::is_locked(cx, source), "WritableStream")?;
    let (near, far) = port::new_pair(cx);
    let origin = readable::new_stream(cx);
    set_up_readable(cx, origin, near)?;
    let piped = pipe::pipe_to(cx, origin, source, 0, None)?;
    promise::mark_handled(cx, piped);
    set_up_writable(cx, target, far)
}

// https://streams.spec.whatwg.org/#ts-transfer
/// `target` becomes what `source` was.
pub(crate) fn transfer_transform(cx: &mut Context, source: Object, target: Object) -> Result<()> {
    let sides = (source.object(cx, transform_stream::READABLE), source.object(cx, transform_stream::WRITABLE));
    let (Some(readable_side), Some(writable_side)) = sides else {
        return Err(cx.throw_type_error("The TransformStream is not set up yet"));
    };
    require_unlocked(cx, readable::is_locked(cx, readable_side), "ReadableStream")?;
    require_unlocked(cx, writable::is_locked(cx, writable_side), "WritableStream")?;
    let new_readable = readable::new_stream(cx);
    transfer_readable(cx, readable_side, new_readable)?;
    let new_writable = writable::new_stream(cx);
    transfer_writable(cx, writable_side, new_writable)?;
    target.put(cx, transform_stream::READABLE, new_readable);
    target.put(cx, transform_stream::WRITABLE, new_writable);
    debug_assert!(new_readable.at(cx, readable_stream::CONTROLLER).is_object());
    debug_assert!(new_writable.at(cx, writable_stream::CONTROLLER).is_object());
    Ok(())
}
