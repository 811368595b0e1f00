//! Streams of bodies: bytes at hand, and bodies that the host receives.

use super::Body;
use crate::fetch::host::BodyChunk;
use crate::platform::try_platform;
use crate::streams::readable_ops::controller as slot;
use crate::streams::source::{Outcome, kind};
use crate::streams::support::{Slots, type_error};
use crate::streams::{byte_controller, readable_controller};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::context::Handle;
use mayfly_engine::heap::Raw;

/// The stream of a body that is not null (for which it is an empty stream).
pub(crate) fn to_stream(cx: &mut Context, body: Body) -> Object {
    match body {
        Body::Stream(stream) => stream,
        Body::Host(number) => byte_controller::create_stream(cx, kind::HOST, Value::from(number), Value::UNDEFINED, 0.0),
        Body::Text(text) => byte_controller::create_stream(cx, kind::BYTES, text.value(), Value::UNDEFINED, 0.0),
        Body::Bytes(bytes) => byte_controller::create_stream(cx, kind::BYTES, Value::cell(bytes), Value::UNDEFINED, 0.0),
        Body::None => byte_controller::create_stream(cx, kind::BYTES, cx.heap.empty_string().value(), Value::UNDEFINED, 0.0),
    }
}

/// Pull algorithm of bytes at hand: one chunk, then the end.
pub(crate) fn pull_bytes(cx: &mut Context, controller: Object) -> Result<()> {
    let source = controller.at(cx, slot::SOURCE);
    let bytes = match source.as_string() {
        Some(text) => super::utf8(cx, text),
        None => source.as_cell::<Raw>().map_or_else(Vec::new, |raw| raw.bytes(&cx.heap).to_vec()),
    };
    if !bytes.is_empty() {
        cx.reserve(bytes.len() as u64)?;
        let chunk = typed_array::create_uint8_array(cx, &bytes);
        byte_controller::enqueue(cx, controller, chunk.value())?;
    }
    byte_controller::close_stream(cx, controller)
}

/// Pull algorithm of a body that the host receives.
pub(crate) fn pull_host(cx: &mut Context, controller: Object) -> Result<Outcome> {
    let number = controller.number(cx, slot::SOURCE) as u32;
    let promise = promise::new_pending(cx);
    let waiter = cx.heap.new_values_from(&[controller.value(), promise.value()]);
    let handle = cx.retain(Value::cell(waiter));
    let chunk = match try_platform(cx) {
        Some(platform) => platform.read_body(number, handle),
        None => BodyChunk::Failed("This host has no bodies".to_string()),
    };
    if matches!(chunk, BodyChunk::Pending) {
        return Ok(Outcome::Later(promise));
    }
    cx.release(handle);
    take_chunk(cx, controller, chunk)?;
    Ok(Outcome::Now)
}

fn take_chunk(cx: &mut Context, controller: Object, chunk: BodyChunk) -> Result<()> {
    match chunk {
        BodyChunk::Bytes(bytes) => {
            cx.reserve(bytes.len() as u64)?;
            let chunk = typed_array::create_uint8_array(cx, &bytes);
            byte_controller::enqueue(cx, controller, chunk.value())
        }
        BodyChunk::End => byte_controller::close_stream(cx, controller),
        BodyChunk::Failed(why) => {
            let error = type_error(cx, &why);
            readable_controller::error(cx, controller, error)
        }
        BodyChunk::Pending => Ok(()),
    }
}

/// The host delivers what [`crate::platform::Platform::read_body`] left pending under this handle.
pub fn deliver(cx: &mut Context, waiter: Handle, chunk: BodyChunk) -> Result<()> {
    let Some(record) = cx.release(waiter).as_cell::<Values>() else { return Ok(()) };
    if let Some(controller) = record.object(cx, 0)
        && controller.int(cx, slot::KIND) == kind::HOST
    {
        take_chunk(cx, controller, chunk)?;
    }
    match record.object(cx, 1) {
        Some(promise) => promise::resolve(cx, promise, Value::UNDEFINED),
        None => Ok(()),
    }
}

/// Cancel algorithm of a body that the host receives.
pub(crate) fn cancel_host(cx: &mut Context, source: Value) {
    if let (Some(number), Some(platform)) = (source.as_number(), try_platform(cx)) {
        platform.cancel_body(number as u32);
    }
}
