//! IdentityTransformStream and FixedLengthStream: byte pipes without a queue, as other worker runtimes have them.
//! <https://developers.cloudflare.com/workers/runtime-apis/streams/transformstream/#identitytransformstream>
//!
//! A write is done when its bytes have been asked for on the readable side, which is a byte stream.

use super::readable_ops::{self as readable, stream as readable_stream};
use super::source::{Outcome, kind as source_kind};
use super::support::{Slots, rejected_type_error, resolved_undefined, type_error};
use super::transform::TransformStream;
use super::transform_ops::stream;
use super::writable_controller::{self, kind as sink_kind};
use super::writable_ops;
use super::{byte_controller, readable_controller};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};

/// Promise of a pull that waits for a write.
const PULL: u32 = 3;
/// Chunk of a write that waits for a pull.
const CHUNK: u32 = 4;
/// Promise of that write.
const WRITE: u32 = 5;
/// FixedLengthStream: bytes still to be written.
const REMAINING: u32 = 6;

/// `IdentityTransformStream`.
#[interface(
    name = "IdentityTransformStream",
    class = class::IDENTITY_TRANSFORM_STREAM,
    parent = TransformStream,
    extends = "TransformStream<BufferSource, Uint8Array<ArrayBuffer>>",
)]
impl IdentityTransformStream {
    #[constructor(ts = "(strategy?: { highWaterMark?: number }): IdentityTransformStream")]
    fn new(cx: &mut Context, this: Object, strategy: Optional<Value>) -> Result<()> {
        set_up(cx, this, strategy.unwrap_or(Value::UNDEFINED))
    }
}

/// `FixedLengthStream`.
#[interface(name = "FixedLengthStream", class = class::FIXED_LENGTH_STREAM, parent = IdentityTransformStream)]
impl FixedLengthStream {
    #[constructor(ts = "(length: number, strategy?: { highWaterMark?: number }): FixedLengthStream")]
    fn new(cx: &mut Context, this: Object, length: EnforceRange<u64>, strategy: Optional<Value>) -> Result<()> {
        set_up(cx, this, strategy.unwrap_or(Value::UNDEFINED))?;
        this.put(cx, REMAINING, length.0 as f64);
        Ok(())
    }
}

/// The length that a body from this readable stream, of which nothing was read, will have, if it is the readable side of a FixedLengthStream.
pub(crate) fn fixed_length(cx: &Context, stream: Object) -> Option<f64> {
    let controller = stream.object(cx, readable_stream::CONTROLLER)?;
    if controller.int(cx, readable::controller::KIND) != source_kind::IDENTITY {
        return None;
    }
    let pair = controller.object(cx, readable::controller::SOURCE)?;
    let remaining = pair.at(cx, REMAINING).as_number()?;
    let waiting = typed_array::byte_range(&cx.heap, pair.at(cx, CHUNK)).map_or(0, |(_, length)| length);
    Some(remaining + f64::from(waiting))
}

fn set_up(cx: &mut Context, pair: Object, strategy: Value) -> Result<()> {
    let mark = super::strategy::Strategy::convert(cx, strategy)?.high_water_mark(cx, 1.0)?;
    let source = byte_controller::create_stream(cx, source_kind::IDENTITY, pair.value(), Value::UNDEFINED, 0.0);
    pair.put(cx, stream::READABLE, source);
    let sink = writable_controller::create_stream(cx, sink_kind::NATIVE, pair, Value::UNDEFINED, mark, Value::UNDEFINED)?;
    pair.put(cx, stream::WRITABLE, sink);
    Ok(())
}

fn source_controller(cx: &mut Context, pair: Object) -> Result<Object> {
    match pair.object(cx, stream::READABLE) {
        Some(side) => readable::controller_of(cx, side),
        None => Err(cx.throw_type_error("The stream is not set up yet")),
    }
}

fn take(cx: &Context, pair: Object, slot: u32) -> Option<Object> {
    let object = pair.object(cx, slot);
    pair.put(cx, slot, Value::UNDEFINED);
    object
}

/// The write algorithm.
pub(super) fn write(cx: &mut Context, pair: Object, chunk: Value) -> Result<Object> {
    let Some(bytes) = typed_array::bytes_of(cx, chunk) else {
        return Ok(rejected_type_error(
            cx,
            "This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side",
        ));
    };
    if let Some(remaining) = pair.at(cx, REMAINING).as_number() {
        let rest = remaining - bytes.len() as f64;
        if rest < 0.0 {
            return Ok(rejected_type_error(cx, "Attempt to write too many bytes through a FixedLengthStream"));
        }
        pair.put(cx, REMAINING, rest);
    }
    if bytes.is_empty() {
        return Ok(resolved_undefined(cx));
    }
    let chunk = typed_array::create_uint8_array(cx, &bytes);
    if let Some(pull) = take(cx, pair, PULL) {
        let controller = source_controller(cx, pair)?;
        byte_controller::enqueue(cx, controller, chunk.value())?;
        promise::resolve(cx, pull, Value::UNDEFINED)?;
        return Ok(resolved_undefined(cx));
    }
    let promise = promise::new_pending(cx);
    pair.put(cx, CHUNK, chunk);
    pair.put(cx, WRITE, promise);
    Ok(promise)
}

/// The pull algorithm of the readable side.
pub(super) fn pull(cx: &mut Context, pair: Object, controller: Object) -> Result<Outcome> {
    if let Some(chunk) = take(cx, pair, CHUNK) {
        let write = take(cx, pair, WRITE);
        byte_controller::enqueue(cx, controller, chunk.value())?;
        super::support::resolve_slot(cx, write)?;
        return Ok(Outcome::Now);
    }
    let promise = promise::new_pending(cx);
    pair.put(cx, PULL, promise);
    Ok(Outcome::Later(promise))
}

/// The close algorithm.
pub(super) fn close(cx: &mut Context, pair: Object) -> Result<Object> {
    let controller = source_controller(cx, pair)?;
    if pair.at(cx, REMAINING).as_number().is_some_and(|remaining| remaining > 0.0) {
        let error = type_error(cx, "FixedLengthStream did not see all expected bytes before close()");
        readable_controller::error(cx, controller, error)?;
        return Ok(promise::new_rejected(cx, error));
    }
    byte_controller::close_stream(cx, controller)?;
    Ok(resolved_undefined(cx))
}

/// The abort algorithm.
pub(super) fn abort(cx: &mut Context, pair: Object, reason: Value) -> Result<Object> {
    let controller = source_controller(cx, pair)?;
    readable_controller::error(cx, controller, reason)?;
    Ok(resolved_undefined(cx))
}

/// The cancel algorithm of the readable side.
pub(super) fn cancel(cx: &mut Context, pair: Object, reason: Value) -> Result<()> {
    if let Some(write) = take(cx, pair, WRITE) {
        promise::reject(cx, write, reason);
    }
    pair.put(cx, CHUNK, Value::UNDEFINED);
    if let Some(side) = pair.object(cx, stream::WRITABLE) {
        let controller = writable_ops::controller_of(cx, side)?;
        writable_controller::error_if_needed(cx, controller, reason)?;
    }
    Ok(())
}
