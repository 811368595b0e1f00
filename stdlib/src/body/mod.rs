//! Bodies of requests and responses. <https://fetch.spec.whatwg.org/#bodies>
//!
//! A body stays what it was made from (text, bytes, a body that the host receives) until its stream is asked for. The slots are the same in
//! Request and Response objects.

pub mod consume;
pub mod extract;
pub mod form;
pub mod multipart;
pub mod source;

use crate::streams::support::Slots;
use crate::streams::{readable_ops as streams, tee};
use crate::webidl::prelude::*;
use mayfly_engine::heap::Raw;
use mayfly_engine::string::Units;

/// Slots of Request and Response objects that hold the body.
pub(crate) mod slot {
    /// One of the constants of `kind`.
    pub const KIND: u32 = 4;
    /// The body, as the kind says.
    pub const BODY: u32 = 5;
    /// The body was read without its stream having been made.
    pub const USED: u32 = 6;
    /// The fetch that the body came from was aborted; the body is a stream that has failed with the reason.
    pub const ABORTED: u32 = 11;
}

/// What a body is kept as.
pub(crate) mod kind {
    /// Null.
    pub const NONE: i32 = 0;
    /// A string, to be sent as UTF-8.
    pub const TEXT: i32 = 1;
    /// A Raw cell.
    pub const BYTES: i32 = 2;
    /// The number of a body that the host receives.
    pub const HOST: i32 = 3;
    /// A ReadableStream.
    pub const STREAM: i32 = 4;
}

/// A body not yet in an object.
#[derive(Clone, Copy)]
pub(crate) enum Body {
    /// Null.
    None,
    /// A string, to be sent as UTF-8.
    Text(JsString),
    /// Bytes.
    Bytes(Ref<Raw>),
    /// The number of a body that the host receives.
    Host(u32),
    /// A ReadableStream.
    Stream(Object),
}

impl Body {
    /// Puts it into a Request or Response.
    pub(crate) fn store(self, cx: &Context, owner: Object) {
        let (kind, value) = match self {
            Body::None => (kind::NONE, Value::UNDEFINED),
            Body::Text(text) => (kind::TEXT, text.value()),
            Body::Bytes(bytes) => (kind::BYTES, Value::cell(bytes)),
            Body::Host(number) => (kind::HOST, Value::from(number)),
            Body::Stream(stream) => (kind::STREAM, stream.value()),
        };
        owner.put(cx, slot::KIND, kind);
        owner.put(cx, slot::BODY, value);
    }

    /// The body of a Request or Response.
    pub(crate) fn of(cx: &Context, owner: Object) -> Body {
        let value = owner.at(cx, slot::BODY);
        match owner.int(cx, slot::KIND) {
            kind::TEXT => value.as_string().map_or(Body::None, Body::Text),
            kind::BYTES => value.as_cell().map_or(Body::None, Body::Bytes),
            kind::HOST => Body::Host(value.as_number().unwrap_or(0.0) as u32),
            kind::STREAM => value.as_object().map_or(Body::None, Body::Stream),
            _ => Body::None,
        }
    }

    /// Whether it is null.
    pub(crate) fn is_none(self) -> bool {
        matches!(self, Body::None)
    }
}

/// A Raw cell with these bytes.
pub(crate) fn new_bytes(cx: &mut Context, bytes: &[u8]) -> Result<Ref<Raw>> {
    cx.reserve(bytes.len() as u64)?;
    let raw = cx.heap.new_raw(bytes.len() as u32);
    cx.heap.cage().write_bytes(raw.data(), bytes);
    Ok(raw)
}

/// UTF-8 encode: lone surrogates become U+FFFD. <https://encoding.spec.whatwg.org/#utf-8-encode>
pub(crate) fn utf8(cx: &Context, text: JsString) -> Vec<u8> {
    match text.units(&cx.heap) {
        Units::Latin1(units) if units.is_ascii() => units.to_vec(),
        units => units.to_text().into_bytes(),
    }
}

/// UTF-8 decode: without a byte order mark, errors become U+FFFD. <https://encoding.spec.whatwg.org/#utf-8-decode>
pub(crate) fn decode_utf8(cx: &mut Context, bytes: &[u8]) -> Result<JsString> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    cx.reserve(2 * bytes.len() as u64)?;
    if bytes.is_ascii() {
        return Ok(cx.heap.new_latin1(bytes));
    }
    let text = String::from_utf8_lossy(bytes);
    Ok(cx.heap.new_string(&text))
}

// https://fetch.spec.whatwg.org/#dom-body-bodyused
pub(crate) fn is_used(cx: &Context, owner: Object) -> bool {
    match Body::of(cx, owner) {
        Body::Stream(stream) => streams::is_disturbed(cx, stream),
        _ => owner.flag(cx, slot::USED),
    }
}

// https://fetch.spec.whatwg.org/#body-unusable
pub(crate) fn is_unusable(cx: &Context, owner: Object) -> bool {
    match Body::of(cx, owner) {
        Body::Stream(stream) => streams::is_disturbed(cx, stream) || streams::is_locked(cx, stream),
        _ => owner.flag(cx, slot::USED),
    }
}

// https://fetch.spec.whatwg.org/#dom-body-body
/// The stream of a body, made now if it was not before; null for a null body.
pub(crate) fn stream(cx: &mut Context, owner: Object) -> Result<Value> {
    let body = Body::of(cx, owner);
    if body.is_none() {
        return Ok(Value::NULL);
    }
    let used = owner.flag(cx, slot::USED);
    let stream = source::to_stream(cx, body);
    if used {
        // What was read is gone: a stream that has ended, still locked to the reader that read it.
        streams::acquire_default_reader(cx, stream)?;
        let done = streams::cancel(cx, stream, Value::UNDEFINED)?;
        mayfly_engine::builtins::promise::mark_handled(cx, done);
    }
    Body::Stream(stream).store(cx, owner);
    Ok(stream.value())
}

// https://fetch.spec.whatwg.org/#concept-body-clone
/// Copies the body of `from` to `to`: a stream is teed, anything else shared.
pub(crate) fn clone(cx: &mut Context, from: Object, to: Object) -> Result<()> {
    let body = match Body::of(cx, from) {
        Body::Host(number) => Body::Stream(source::to_stream(cx, Body::Host(number))),
        body => body,
    };
    if let Body::Stream(stream) = body {
        let (first, second) = tee::tee(cx, stream, true)?;
        Body::Stream(first).store(cx, from);
        Body::Stream(second).store(cx, to);
    } else {
        body.store(cx, to);
    }
    Ok(())
}

/// Takes the body out of a request that serves as input of another one: it counts as used there.
pub(crate) fn take(cx: &mut Context, owner: Object) -> Result<Body> {
    let body = Body::of(cx, owner);
    match body {
        Body::None => Ok(Body::None),
        Body::Stream(stream) => {
            // "Create a proxy": an identity transform; the old stream is locked and disturbed.
            let (branch, other) = tee::tee(cx, stream, false)?;
            let done = streams::cancel(cx, other, Value::UNDEFINED)?;
            mayfly_engine::builtins::promise::mark_handled(cx, done);
            stream.put(cx, streams::stream::DISTURBED, true);
            Ok(Body::Stream(branch))
        }
        body => {
            owner.put(cx, slot::USED, true);
            Ok(body)
        }
    }
}
