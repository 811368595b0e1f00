//! What the fetch classes exchange with the host: requests that come in, responses that go out, bodies in both directions.

use std::ops::Range;

use super::headers::{self, Guard};
use super::{Request, Response, response};
use crate::body::{Body, slot as body_slot};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;
use mayfly_engine::heap::Raw;
use mayfly_engine::string::atoms::name;
use smallvec::SmallVec;

pub use super::function::deliver_response;
pub use super::outgoing::is_bad_port;
pub use super::upload::{Sending, deliver_room};
pub use crate::body::source::deliver as deliver_body;

/// Answer of [`crate::platform::Platform::read_body`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyChunk {
    /// More bytes.
    Bytes(Vec<u8>),
    /// Everything has been read.
    End,
    /// The body cannot be read on, with a message for the user.
    Failed(String),
    /// Nothing is there yet: the host will call [`deliver_body`] with the handle it got.
    Pending,
}

/// A request that `fetch` sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutgoingRequest {
    /// Method, normalized.
    pub method: String,
    /// Absolute URL without fragment.
    pub url: String,
    /// Headers: names in lower case, values.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// The body.
    pub body: OutgoingBody,
    /// What to do with redirects.
    pub redirect: RedirectMode,
}

/// The body of a request that `fetch` sends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutgoingBody {
    /// None.
    None,
    /// All of it.
    Bytes(Vec<u8>),
    /// The number of a body that the host itself receives: it passes it on as it is.
    Host(u32),
    /// It comes through [`crate::platform::Platform::send_chunk`]. The length, when it is known.
    Stream(Option<u64>),
}

/// RequestRedirect. <https://fetch.spec.whatwg.org/#requestredirect>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RedirectMode {
    /// Follow them.
    Follow,
    /// They are errors.
    Error,
    /// Give them to the caller.
    Manual,
}

/// A response that the host got for `fetch`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IncomingResponse {
    /// Status, 200 to 599 (or a redirect given to the caller).
    pub status: u16,
    /// Status text.
    pub status_text: Vec<u8>,
    /// Headers.
    pub headers: Vec<(Vec<u8>, Vec<u8>)>,
    /// URL of the last request of a chain of redirects.
    pub url: String,
    /// Whether there were redirects.
    pub redirected: bool,
    /// The body.
    pub body: BodyInit,
}

/// A body from the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BodyInit {
    /// None.
    None,
    /// All of it.
    Bytes(Vec<u8>),
    /// Number under which [`crate::platform::Platform::read_body`] gives it.
    Host(u32),
}

impl BodyInit {
    pub(crate) fn into_body(self, cx: &mut Context) -> Result<Body> {
        Ok(match self {
            BodyInit::None => Body::None,
            BodyInit::Bytes(bytes) => Body::Bytes(crate::body::new_bytes(cx, &bytes)?),
            BodyInit::Host(number) => Body::Host(number),
        })
    }
}

/// A Request object for a request that the host received. `url` is absolute. Headers are kept as bytes until JS asks for them.
pub fn new_request(cx: &mut Context, method: &str, url: &str, headers: &[(&[u8], &[u8])], body: BodyInit) -> Result<Object> {
    let request = new_instance::<Request>(cx);
    let method = match method {
        "GET" => name::get_method,
        "HEAD" => name::head_method,
        "POST" => name::post_method,
        "PUT" => name::put_method,
        "DELETE" => name::delete_method,
        other => cx.heap.new_string(other),
    };
    request.put(cx, super::request::slot::METHOD, method);
    let url = cx.heap.new_string(url);
    request.put(cx, super::request::slot::URL, url);
    let packed = pack_headers(cx, headers)?;
    request.put(cx, super::request::slot::HEADERS, Value::cell(packed));
    request.put(cx, super::request::slot::FLAGS, super::request::flag::URL_FROM_HOST | super::request::flag::HEADERS_FROM_HOST);
    body.into_body(cx)?.store(cx, request);
    Ok(request)
}

/// Headers in one cell: for each, the lengths of name and value as 32-bit words, then both.
fn pack_headers(cx: &mut Context, headers: &[(&[u8], &[u8])]) -> Result<Ref<Raw>> {
    let length: usize = headers.iter().map(|(name, value)| 8 + name.len() + value.len()).sum();
    cx.reserve(length as u64)?;
    let raw = cx.heap.new_raw(length as u32);
    let mut rest = raw.bytes_mut(&mut cx.heap);
    let mut add = |part: &[u8]| {
        let (place, after) = std::mem::take(&mut rest).split_at_mut(part.len());
        place.copy_from_slice(part);
        rest = after;
    };
    for (name, value) in headers {
        add(&(name.len() as u32).to_le_bytes());
        add(&(value.len() as u32).to_le_bytes());
        add(name);
        add(value);
    }
    Ok(raw)
}

/// The header list in a cell of [`pack_headers`].
pub(crate) fn unpack_headers(cx: &mut Context, packed: Ref<Raw>) -> Ref<Values> {
    let bytes = packed.bytes(&cx.heap).to_vec();
    let mut rest = bytes.as_slice();
    let mut list = headers::new_list(cx);
    while let Some((lengths, after)) = rest.split_at_checked(8) {
        let length = |at: usize| lengths[at..at + 4].iter().rev().fold(0usize, |word, &byte| word << 8 | usize::from(byte));
        let (name_length, value_length) = (length(0), length(4));
        let Some((both, after)) = after.split_at_checked(name_length + value_length) else { break };
        let (name, value) = both.split_at(name_length);
        list = headers::append_bytes(cx, list, name, value);
        rest = after;
    }
    list
}

/// A response for the host to send.
pub struct ResponseParts {
    /// Status.
    pub status: u16,
    /// Status text, as Latin-1 bytes.
    pub status_text: Vec<u8>,
    /// Headers.
    pub headers: ReplyHeaders,
    /// Body.
    pub body: BodyParts,
    /// The WebSocket that takes the connection over, for [`crate::websocket::host::couple`].
    pub web_socket: Option<Object>,
}

/// Headers of a response for the host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReplyHeaders {
    /// `content-type` with what a body's type gives by itself, where there is nothing else: it was not copied.
    usual: Option<UsualType>,
    packed: PackedHeaders,
}

impl From<UsualType> for ReplyHeaders {
    fn from(usual: UsualType) -> ReplyHeaders {
        ReplyHeaders { usual: Some(usual), packed: PackedHeaders::default() }
    }
}

impl From<PackedHeaders> for ReplyHeaders {
    fn from(packed: PackedHeaders) -> ReplyHeaders {
        ReplyHeaders { usual: None, packed }
    }
}

impl ReplyHeaders {
    /// All of them in one buffer, to which others can be added.
    pub fn packed(&mut self) -> &mut PackedHeaders {
        if let Some(usual) = self.usual.take() {
            self.packed.push(b"content-type", usual.as_str().as_bytes());
        }
        &mut self.packed
    }

    /// The type, where it is all that there is, and one that a body's type gives by itself.
    pub fn usual_type(&self) -> Option<UsualType> {
        self.usual.or_else(|| match self.packed.ends[..] {
            [name, value] if self.packed.bytes[..name] == *b"content-type" => {
                UsualType::ALL.into_iter().find(|usual| *usual.as_str().as_bytes() == self.packed.bytes[name..value])
            }
            _ => None,
        })
    }
}

/// A type that a body has by itself. <https://fetch.spec.whatwg.org/#bodyinit-unions>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UsualType {
    /// Of strings.
    Text,
    /// Of `Response.json`.
    Json,
    /// Of URLSearchParams.
    UrlEncoded,
}

impl UsualType {
    const ALL: [UsualType; 3] = [UsualType::Text, UsualType::Json, UsualType::UrlEncoded];

    /// As a header value.
    pub const fn as_str(self) -> &'static str {
        match self {
            UsualType::Text => "text/plain;charset=UTF-8",
            UsualType::Json => "application/json",
            UsualType::UrlEncoded => "application/x-www-form-urlencoded;charset=UTF-8",
        }
    }
}

/// Headers in one buffer, so that a reply costs two allocations however many it has, and none where they are few.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PackedHeaders {
    /// Names, in lower case, and values as Latin-1 bytes, in turn.
    pub bytes: SmallVec<[u8; 64]>,
    /// Where each of them ends in `bytes`.
    pub ends: SmallVec<[usize; 4]>,
}

impl PackedHeaders {
    /// Ranges of `bytes` with name and value of each header.
    pub fn ranges(&self) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + '_ {
        let mut start = 0;
        self.ends.chunks_exact(2).map(move |ends| {
            let ranges = (start..ends[0], ends[0]..ends[1]);
            start = ends[1];
            ranges
        })
    }

    /// Adds a header; the name in lower case.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        for part in [name, value] {
            self.bytes.extend_from_slice(part);
            self.ends.push(self.bytes.len());
        }
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> + '_ {
        self.ranges().map(|(name, value)| (&self.bytes[name], &self.bytes[value]))
    }
}

/// The body of a response for the host.
#[derive(Debug)]
pub enum BodyParts {
    /// None.
    Empty,
    /// All of it.
    Bytes(Vec<u8>),
    /// The number of a body that the host itself receives: it may pass it on as it is.
    Host(u32),
    /// A ReadableStream; read it with [`crate::streams::acquire_reader`] and [`crate::streams::read_chunk`]. The length, when it is known.
    Stream(Object, Option<u64>),
}

/// Takes a response apart for sending. TypeError when it is none, was read already, or is a network error.
pub fn response_parts(cx: &mut Context, value: Value) -> Result<ResponseParts> {
    let Some(object) = instance::<Response>(cx, value) else {
        return Err(cx.throw_type_error("The handler did not return a Response"));
    };
    if response::is_error(cx, object) {
        return Err(cx.throw_type_error("The handler returned a network error (Response.error())"));
    }
    if crate::body::is_unusable(cx, object) {
        return Err(cx.throw_type_error("The body of the returned Response has already been used"));
    }
    let body = match Body::of(cx, object) {
        Body::None => BodyParts::Empty,
        Body::Text(text) => BodyParts::Bytes(crate::body::utf8(cx, text)),
        Body::Bytes(bytes) => BodyParts::Bytes(crate::body::consume::raw_bytes(cx, bytes)),
        Body::Host(number) => BodyParts::Host(number),
        Body::Stream(stream) => BodyParts::Stream(stream, crate::streams::identity::fixed_length(cx, stream).map(|length| length as u64)),
    };
    if !matches!(body, BodyParts::Empty | BodyParts::Stream(..)) {
        object.put(cx, body_slot::USED, true);
    }
    let status_text = object.at(cx, response::slot::STATUS_TEXT).as_string().filter(|text| !text.is_empty(&cx.heap));
    let status_text = status_text.map_or_else(Vec::new, |text| headers::latin1(cx, text));
    let list = headers::list_of_owner(cx, object, response::slot::HEADERS);
    let web_socket = object.object(cx, response::slot::WEB_SOCKET);
    Ok(ResponseParts { status: response::status(cx, object), status_text, headers: headers::of_reply(cx, list), body, web_socket })
}

/// A Response object for a response that the host got.
pub(crate) fn new_response(cx: &mut Context, incoming: IncomingResponse) -> Result<Object> {
    let object = new_instance::<Response>(cx);
    object.put(cx, response::slot::STATUS, i32::from(incoming.status));
    let status_text = cx.heap.new_latin1(&incoming.status_text);
    object.put(cx, response::slot::STATUS_TEXT, status_text);
    let mut list = headers::new_list(cx);
    for (name, value) in &incoming.headers {
        list = headers::append_bytes(cx, list, name, value);
    }
    let own = headers::new_object(cx, list, Guard::Immutable);
    object.put(cx, response::slot::HEADERS, own);
    let url = cx.heap.new_string(incoming.url.split('#').next().unwrap_or_default());
    object.put(cx, response::slot::URL, url);
    let redirected = if incoming.redirected { response::flag::REDIRECTED } else { 0 };
    object.put(cx, response::slot::FLAGS, response::flag::BASIC | redirected);
    incoming.body.into_body(cx)?.store(cx, object);
    Ok(object)
}
