//! Bodies of requests that are streams: read chunk by chunk, as fast as the host takes them.
//! <https://fetch.spec.whatwg.org/#concept-request-transmit-body>

use super::function;
use crate::platform::try_platform;
use crate::streams::buffers;
use crate::streams::readable_ops as streams;
use crate::streams::support::{Slots, record, type_error, upon};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::context::Handle;
use mayfly_engine::string::atoms::key;

/// Answer of [`crate::platform::Platform::send_chunk`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sending {
    /// There is room for more.
    Room,
    /// The chunk was taken, and the host will call [`deliver_room`] with the handle it got.
    Full,
    /// Nobody takes the body any more.
    Closed,
}

/// Values of the record of a body being sent.
mod field {
    pub const READER: u32 = 0;
    /// The host's number of the fetch.
    pub const OPERATION: u32 = 1;
    /// The record of the fetch.
    pub const FETCH: u32 = 2;
    pub const COUNT: u32 = 3;
}

/// Starts sending a stream as the body of the fetch that the host knows by this number.
pub(super) fn start(cx: &mut Context, fetch: Ref<Values>, operation: u32, stream: Object) -> Result<()> {
    let reader = streams::acquire_default_reader(cx, stream)?;
    let upload = record(cx, field::COUNT);
    upload.put(cx, field::READER, reader);
    upload.put(cx, field::OPERATION, f64::from(operation));
    upload.put(cx, field::FETCH, Value::cell(fetch));
    read(cx, upload)
}

fn read(cx: &mut Context, upload: Ref<Values>) -> Result<()> {
    let Some(reader) = upload.object(cx, field::READER) else { return Ok(()) };
    let chunk = crate::streams::read_chunk(cx, reader)?;
    upon(cx, chunk, chunk_read, read_failed, Value::cell(upload));
    Ok(())
}

/// Tells the host that no chunk follows.
fn end(cx: &mut Context, upload: Ref<Values>, complete: bool) {
    let operation = upload.number(cx, field::OPERATION) as u32;
    if let Some(platform) = try_platform(cx) {
        platform.end_chunks(operation, complete);
    }
}

fn cancel(cx: &mut Context, upload: Ref<Values>, reason: Value) -> Result<()> {
    let Some(reader) = upload.object(cx, field::READER) else { return Ok(()) };
    let done = streams::reader_cancel(cx, reader, reason)?;
    promise::mark_handled(cx, done);
    Ok(())
}

pub(super) fn chunk_read(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (Some(upload), Some(result)) = (this.as_cell::<Values>(), args.at(0).as_object()) else { return Ok(Value::UNDEFINED) };
    let done = cx.get(result, key::done)?;
    if cx.to_boolean(done) {
        end(cx, upload, true);
        return Ok(Value::UNDEFINED);
    }
    let chunk = cx.get(result, key::value)?;
    let is_bytes = buffers::view_parts(cx, chunk).is_some_and(|view| view.ty == buffers::UINT8);
    if !is_bytes {
        let error = type_error(cx, "The stream of a request's body must give Uint8Array chunks");
        end(cx, upload, false);
        cancel(cx, upload, error)?;
        fail(cx, upload, error);
        return Ok(Value::UNDEFINED);
    }
    let bytes = typed_array::bytes_of(cx, chunk).unwrap_or_default();
    let operation = upload.number(cx, field::OPERATION) as u32;
    let waiter = cx.retain(Value::cell(upload));
    let sending = try_platform(cx).map_or(Sending::Closed, |platform| platform.send_chunk(operation, bytes, waiter));
    if sending != Sending::Full {
        cx.release(waiter);
        go_on(cx, upload, sending == Sending::Room)?;
    }
    Ok(Value::UNDEFINED)
}

fn go_on(cx: &mut Context, upload: Ref<Values>, wanted: bool) -> Result<()> {
    if wanted {
        return read(cx, upload);
    }
    // The server answered without waiting for the whole body, or the connection broke, of which the fetch is told.
    let error = type_error(cx, "The server takes no more of the request's body");
    cancel(cx, upload, error)
}

pub(super) fn read_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(upload) = this.as_cell::<Values>() {
        end(cx, upload, false);
        fail(cx, upload, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

fn fail(cx: &mut Context, upload: Ref<Values>, reason: Value) {
    if let Some(fetch) = upload.at(cx, field::FETCH).as_cell::<Values>() {
        function::fail(cx, fetch, reason);
    }
}

/// The host has room for more of the body whose chunk was answered with [`Sending::Full`] under this handle, or wants no more of it.
pub fn deliver_room(cx: &mut Context, waiter: Handle, wanted: bool) -> Result<()> {
    match cx.release(waiter).as_cell::<Values>() {
        Some(upload) => go_on(cx, upload, wanted),
        None => Ok(()),
    }
}
