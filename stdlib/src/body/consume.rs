//! Reading a whole body. <https://fetch.spec.whatwg.org/#concept-body-consume-body>

use super::{Body, slot};
use crate::streams::readable_ops as streams;
use crate::streams::requests;
use crate::streams::support::{Slots, caught, record, rejected_type_error, type_error};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::heap::Raw;

/// What a body is turned into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Package {
    /// A string.
    Text,
    /// What JSON.parse gives.
    Json,
    /// An ArrayBuffer.
    ArrayBuffer,
    /// A Uint8Array.
    Bytes,
    /// A Blob.
    Blob,
    /// A FormData.
    FormData,
}

impl Package {
    fn from_number(number: i32) -> Package {
        match number {
            0 => Package::Text,
            1 => Package::Json,
            2 => Package::ArrayBuffer,
            3 => Package::Bytes,
            4 => Package::Blob,
            _ => Package::FormData,
        }
    }
}

/// Values of the record of a body that is being read.
mod field {
    pub const PROMISE: u32 = 0;
    pub const READER: u32 = 1;
    /// Values cell of chunks.
    pub const CHUNKS: u32 = 2;
    pub const PACKAGE: u32 = 3;
    /// MIME type as a string, or undefined.
    pub const MIME_TYPE: u32 = 4;
    /// A read is going on in `pump`.
    pub const IN_PUMP: u32 = 5;
    /// A chunk came while it was.
    pub const GOT_CHUNK: u32 = 6;
    pub const LENGTH: u32 = 7;
    pub const COUNT: u32 = 8;
}

/// Starts reading the body of a Request or Response; gives the promise of the package.
pub(crate) fn consume(cx: &mut Context, owner: Object, package: Package, mime_type: Option<JsString>) -> Result<Object> {
    // As in browsers, why there is no body any more comes before the question whether somebody has asked for it before.
    if owner.flag(cx, slot::ABORTED)
        && let Body::Stream(stream) = Body::of(cx, owner)
        && let Some(reason) = streams::stored_error(cx, stream)
    {
        return Ok(promise::new_rejected(cx, reason));
    }
    if super::is_unusable(cx, owner) {
        let message =
            if super::is_used(cx, owner) { "Body has already been used. It can only be used once." } else { "Body is locked to a reader" };
        return Ok(rejected_type_error(cx, message));
    }
    let stream = match Body::of(cx, owner) {
        Body::None => return packaged(cx, &[], package, mime_type),
        Body::Text(text) => {
            owner.put(cx, slot::USED, true);
            // OPTIMIZATION: decoding what encoding gave changes nothing but lone surrogates and a byte order mark.
            if package == Package::Text && is_plain(cx, text) {
                return Ok(promise::new_fulfilled(cx, text.value()));
            }
            let bytes = super::utf8(cx, text);
            return packaged(cx, &bytes, package, mime_type);
        }
        Body::Bytes(bytes) => {
            owner.put(cx, slot::USED, true);
            let bytes = raw_bytes(cx, bytes);
            return packaged(cx, &bytes, package, mime_type);
        }
        body => super::source::to_stream(cx, body),
    };
    Body::Stream(stream).store(cx, owner);
    consume_stream(cx, stream, package, mime_type)
}

/// Reads a stream to its end.
pub(crate) fn consume_stream(cx: &mut Context, stream: Object, package: Package, mime_type: Option<JsString>) -> Result<Object> {
    let reader = streams::acquire_default_reader(cx, stream)?;
    let promise = promise::new_pending(cx);
    let state = record(cx, field::COUNT);
    state.put(cx, field::PROMISE, promise);
    state.put(cx, field::READER, reader);
    state.put(cx, field::CHUNKS, Value::cell(cx.heap.new_values(4)));
    state.put(cx, field::PACKAGE, package as i32);
    state.put(cx, field::MIME_TYPE, mime_type.map_or(Value::UNDEFINED, JsString::value));
    pump(cx, state)?;
    Ok(promise)
}

/// A copy of the bytes of a cell.
pub(crate) fn raw_bytes(cx: &Context, bytes: Ref<Raw>) -> Vec<u8> {
    bytes.bytes(&cx.heap).to_vec()
}

fn is_plain(cx: &Context, text: JsString) -> bool {
    match text.units(&cx.heap) {
        mayfly_engine::string::Units::Latin1(_) => true,
        mayfly_engine::string::Units::Utf16(units) => {
            units.first() != Some(&0xFEFF) && !units.iter().any(|unit| (0xD800..0xE000).contains(unit))
        }
    }
}

/// Reads as long as chunks are there, without recursion.
fn pump(cx: &mut Context, state: Ref<Values>) -> Result<()> {
    loop {
        let Some(reader) = state.object(cx, field::READER) else { return Ok(()) };
        let request = requests::new(cx, requests::kind::CONSUME, Value::cell(state));
        state.put(cx, field::GOT_CHUNK, false);
        state.put(cx, field::IN_PUMP, true);
        streams::default_reader_read(cx, reader, request)?;
        state.put(cx, field::IN_PUMP, false);
        if !state.flag(cx, field::GOT_CHUNK) {
            return Ok(());
        }
        cx.spend_fuel(10)?;
    }
}

/// Chunk steps.
pub(crate) fn chunk(cx: &mut Context, state: Ref<Values>, chunk: Value) -> Result<()> {
    let is_bytes = crate::streams::buffers::view_parts(cx, chunk).is_some_and(|view| view.ty == crate::streams::buffers::UINT8);
    if !is_bytes {
        let reason = type_error(cx, "Received non-Uint8Array chunk");
        if let Some(reader) = state.object(cx, field::READER) {
            let done = streams::reader_cancel(cx, reader, reason)?;
            promise::mark_handled(cx, done);
        }
        return error(cx, state, reason);
    }
    if let Some(chunks) = state.at(cx, field::CHUNKS).as_cell::<Values>() {
        let chunks = chunks.push(&cx.heap, chunk);
        state.put(cx, field::CHUNKS, Value::cell(chunks));
        let length = typed_array::byte_range(&cx.heap, chunk).map_or(0, |(_, length)| length);
        state.put(cx, field::LENGTH, state.number(cx, field::LENGTH) + f64::from(length));
    }
    if state.flag(cx, field::IN_PUMP) {
        state.put(cx, field::GOT_CHUNK, true);
        return Ok(());
    }
    pump(cx, state)
}

/// Close steps.
pub(crate) fn close(cx: &mut Context, state: Ref<Values>) -> Result<()> {
    let Some(promise) = state.object(cx, field::PROMISE) else { return Ok(()) };
    let length = state.number(cx, field::LENGTH) as u64;
    cx.reserve(length)?;
    let mut bytes = Vec::with_capacity(length as usize);
    if let Some(chunks) = state.at(cx, field::CHUNKS).as_cell::<Values>() {
        for i in 0..chunks.length(&cx.heap) {
            bytes.extend_from_slice(typed_array::bytes(&cx.heap, chunks.at(cx, i)).unwrap_or_default());
        }
    }
    let package = Package::from_number(state.int(cx, field::PACKAGE));
    let mime_type = state.at(cx, field::MIME_TYPE).as_string();
    match convert(cx, &bytes, package, mime_type) {
        Ok(value) => promise::resolve(cx, promise, value),
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            promise::reject(cx, promise, reason);
            Ok(())
        }
    }
}

/// Error steps.
pub(crate) fn error(cx: &mut Context, state: Ref<Values>, reason: Value) -> Result<()> {
    if let Some(promise) = state.object(cx, field::PROMISE) {
        promise::reject(cx, promise, reason);
    }
    Ok(())
}

/// The promise of a package of bytes at hand.
fn packaged(cx: &mut Context, bytes: &[u8], package: Package, mime_type: Option<JsString>) -> Result<Object> {
    match convert(cx, bytes, package, mime_type) {
        // What JSON text holds may have a `then`, as for any resolution.
        Ok(value) => {
            let promise = promise::new_pending(cx);
            promise::resolve(cx, promise, value)?;
            Ok(promise)
        }
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            Ok(promise::new_rejected(cx, reason))
        }
    }
}

// https://fetch.spec.whatwg.org/#concept-body-package-data
fn convert(cx: &mut Context, bytes: &[u8], package: Package, mime_type: Option<JsString>) -> Result<Value> {
    Ok(match package {
        Package::Text => super::decode_utf8(cx, bytes)?.value(),
        Package::Json => {
            let text = super::decode_utf8(cx, bytes)?;
            mayfly_engine::builtins::json::parse_string(cx, text)?
        }
        Package::ArrayBuffer => {
            cx.reserve(bytes.len() as u64)?;
            typed_array::create_array_buffer(cx, bytes).value()
        }
        Package::Bytes => {
            cx.reserve(bytes.len() as u64)?;
            typed_array::create_uint8_array(cx, bytes).value()
        }
        Package::Blob => {
            let raw = super::new_bytes(cx, bytes)?;
            let ty = mime_type.unwrap_or(cx.heap.empty_string());
            crate::fetch::blob::create(cx, raw, ty).value()
        }
        Package::FormData => super::form::parse_body(cx, bytes, mime_type)?.value(),
    })
}
