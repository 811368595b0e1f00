//! fetch. <https://fetch.spec.whatwg.org/#fetch-method>

use super::host::{BodyInit, IncomingResponse, OutgoingBody};
use super::{Request, blob, data_url, headers, host, integrity, outgoing, request, upload};
use crate::body::consume::{Package, consume, raw_bytes};
use crate::body::{self, Body};
use crate::platform::try_platform;
use crate::streams::identity;
use crate::streams::readable_ops as streams;
use crate::streams::support::{Slots, caught, record, type_error, upon};
use crate::streams::{readable_controller, signal};
use crate::url::record::Record;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::context::Handle;

/// Values of the record of a fetch in progress.
mod field {
    pub const PROMISE: u32 = 0;
    pub const REQUEST: u32 = 1;
    pub const SIGNAL: u32 = 2;
    /// The host's number.
    pub const OPERATION: u32 = 3;
    /// The promise is settled.
    pub const DONE: u32 = 4;
    pub const RESPONSE: u32 = 5;
    pub const COUNT: u32 = 6;
}

/// Members of the global object.
#[namespace(global)]
impl FetchFunction {
    // https://fetch.spec.whatwg.org/#dom-global-fetch
    #[promise_method(ts = "Response")]
    fn fetch(cx: &mut Context, #[ts("RequestInfo")] input: Value, #[ts("RequestInit")] init: Optional<Value>) -> Result<Object> {
        // 2.-3. What the constructor throws rejects the promise.
        let request = new_instance::<Request>(cx);
        request::initialize(cx, request, input, init.unwrap_or(Value::UNDEFINED))?;
        start(cx, request)
    }
}

/// Sends a request; the promise of its response. <https://fetch.spec.whatwg.org/#dom-global-fetch>
pub(crate) fn start(cx: &mut Context, request: Object) -> Result<Object> {
    let promise = promise::new_pending(cx);
    let state = record(cx, field::COUNT);
    state.put(cx, field::PROMISE, promise);
    state.put(cx, field::REQUEST, request);
    // 4. An aborted signal.
    if let Some(signal) = request::existing_signal(cx, request) {
        if let Some(reason) = signal::aborted(cx, signal) {
            promise::reject(cx, promise, reason);
            cancel_body(cx, request, reason)?;
            return Ok(promise);
        }
        state.put(cx, field::SIGNAL, signal);
        signal::add(cx, signal, aborted, Value::cell(state));
    }
    if body::is_unusable(cx, request) {
        let error = type_error(cx, "The request's body has already been used");
        promise::reject(cx, promise, error);
        return Ok(promise);
    }
    let body = match Body::of(cx, request) {
        Body::None => OutgoingBody::None,
        Body::Text(text) => OutgoingBody::Bytes(body::utf8(cx, text)),
        Body::Bytes(bytes) => OutgoingBody::Bytes(raw_bytes(cx, bytes)),
        Body::Host(number) => OutgoingBody::Host(number),
        Body::Stream(stream) => OutgoingBody::Stream(identity::fixed_length(cx, stream).map(|length| length as u64)),
    };
    scheme_fetch(cx, state, request, body)?;
    Ok(promise)
}

// https://fetch.spec.whatwg.org/#concept-scheme-fetch
fn scheme_fetch(cx: &mut Context, state: Ref<Values>, request: Object, body: OutgoingBody) -> Result<()> {
    let text = request::url_text(cx, request);
    let Some(url) = crate::url::parse(&text, None) else { return fail_later(cx, state, "the URL is not valid") };
    match url.scheme.as_str() {
        "http" | "https" => send(cx, state, request, &url, body),
        "data" | "blob" => {
            cx.enqueue_job(local_job, &[Value::cell(state)]);
            Ok(())
        }
        scheme => fail_later(cx, state, &format!("the scheme '{scheme}' is not supported")),
    }
}

/// Hands the request to the host.
fn send(cx: &mut Context, state: Ref<Values>, request: Object, url: &Record, body: OutgoingBody) -> Result<()> {
    let outgoing = match outgoing::prepare(cx, request, url, body) {
        Ok(outgoing) => outgoing,
        Err(why) => return fail_later(cx, state, &why),
    };
    let handle = cx.retain(Value::cell(state));
    let answer = match try_platform(cx) {
        Some(platform) => platform.fetch(outgoing, handle),
        None => Err("there is no network".to_string()),
    };
    match answer {
        Ok(operation) => {
            state.put(cx, field::OPERATION, f64::from(operation));
            match Body::of(cx, request) {
                Body::Stream(stream) => upload::start(cx, state, operation, stream),
                _ => Ok(()),
            }
        }
        Err(why) => {
            cx.release(handle);
            fail_later(cx, state, &why)
        }
    }
}

/// A network error is told later, as any failure of the network would be.
fn fail_later(cx: &mut Context, state: Ref<Values>, why: &str) -> Result<()> {
    let error = type_error(cx, &format!("fetch failed: {why}"));
    cx.enqueue_job(fail_job, &[Value::cell(state), error]);
    Ok(())
}

/// Answers data: and blob: URLs.
pub(super) fn local_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = args.at(0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let Some(object) = state.object(cx, field::REQUEST) else { return Ok(Value::UNDEFINED) };
    let outcome = local_response(cx, object);
    settle(cx, state, outcome)?;
    Ok(Value::UNDEFINED)
}

fn local_response(cx: &mut Context, request: Object) -> std::result::Result<IncomingResponse, String> {
    let text = request::url_text(cx, request);
    let url = text.split('#').next().unwrap_or_default().to_string();
    let method = request::method_text(cx, request);
    if url.starts_with("blob:") {
        return blob_response(cx, request, url, &method);
    }
    let Some((mime_type, body)) = data_url::process(&url) else { return Err("the data: URL is malformed".to_string()) };
    let body = if method == "HEAD" { BodyInit::None } else { BodyInit::Bytes(body) };
    let headers = vec![(b"content-type".to_vec(), mime_type.into_bytes())];
    Ok(IncomingResponse { status: 200, status_text: b"OK".to_vec(), headers, url, redirected: false, body })
}

/// Step "blob" of scheme fetch.
fn blob_response(cx: &mut Context, request: Object, url: String, method: &str) -> std::result::Result<IncomingResponse, String> {
    if method != "GET" {
        return Err("blob: URLs answer GET only".to_string());
    }
    let Some(blob) = request.object(cx, request::slot::BLOB) else { return Err("nothing has this blob: URL".to_string()) };
    let bytes = blob::bytes(cx, blob);
    let ty = blob::content_type(cx, blob).to_text(&cx.heap).into_bytes();
    let list = request::header_list(cx, request);
    let range = headers::to_bytes(cx, list).into_iter().find(|(name, _)| name == b"range").map(|(_, value)| value);
    let full = bytes.len();
    let (status, bytes, content_range) = match range {
        None => (200, bytes, None),
        Some(range) => {
            let Some((from, to)) = single_range(&range, full) else { return Err("the Range header cannot be satisfied".to_string()) };
            (206, bytes.get(from..=to).unwrap_or_default().to_vec(), Some(format!("bytes {from}-{to}/{full}")))
        }
    };
    let mut headers = vec![(b"content-length".to_vec(), bytes.len().to_string().into_bytes()), (b"content-type".to_vec(), ty)];
    if let Some(content_range) = content_range {
        headers.push((b"content-range".to_vec(), content_range.into_bytes()));
    }
    let status_text = if status == 200 { b"OK".to_vec() } else { b"Partial Content".to_vec() };
    Ok(IncomingResponse { status, status_text, headers, url, redirected: false, body: BodyInit::Bytes(bytes) })
}

// https://fetch.spec.whatwg.org/#simple-range-header-value, with whitespace allowed
/// First and last byte of a range in a body of `length` bytes; `None` is failure.
fn single_range(value: &[u8], length: usize) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(value).ok()?;
    let blank = |c: char| matches!(c, ' ' | '\t');
    let text = text.strip_prefix("bytes")?.trim_start_matches(blank).strip_prefix('=')?.trim_matches(blank);
    let (from, to) = text.split_once('-')?;
    let number = |text: &str| -> Option<Option<usize>> {
        let text = text.trim_matches(blank);
        if text.is_empty() {
            return Some(None);
        }
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Some(text.parse().unwrap_or(usize::MAX)))
    };
    let last = length.checked_sub(1);
    match (number(from)?, number(to)?) {
        (None, None) => None,
        // The last bytes; all of them when there are fewer.
        (None, Some(count)) => {
            if count == 0 {
                return None;
            }
            Some((length.saturating_sub(count), last?))
        }
        (Some(from), None) => (from < length).then_some((from, last?)),
        (Some(from), Some(to)) => (from <= to && from < length).then_some((from, to.min(last?))),
    }
}

pub(super) fn fail_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(state) = args.at(0).as_cell::<Values>() {
        fail(cx, state, args.at(1));
    }
    Ok(Value::UNDEFINED)
}

/// Rejects the promise, unless it is settled.
pub(super) fn fail(cx: &mut Context, state: Ref<Values>, reason: Value) {
    if state.flag(cx, field::DONE) {
        return;
    }
    state.put(cx, field::DONE, true);
    if let Some(promise) = state.object(cx, field::PROMISE) {
        promise::reject(cx, promise, reason);
    }
}

/// Cancels the stream of a request that is given up, whoever reads it.
fn cancel_body(cx: &mut Context, request: Object, reason: Value) -> Result<()> {
    if let Body::Stream(stream) = Body::of(cx, request) {
        let done = streams::cancel(cx, stream, reason)?;
        promise::mark_handled(cx, done);
    }
    Ok(())
}

// https://fetch.spec.whatwg.org/#abort-fetch
/// The abort algorithm; the fetch's record is in the function's slot.
pub(super) fn aborted(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = cx.native_slot(args.callee, 0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let reason = state.object(cx, field::SIGNAL).and_then(|signal| signal::aborted(cx, signal)).unwrap_or(Value::UNDEFINED);
    if !state.flag(cx, field::DONE) {
        if let (Some(operation), Some(platform)) = (state.at(cx, field::OPERATION).as_number(), try_platform(cx)) {
            platform.abort_fetch(operation as u32);
        }
        fail(cx, state, reason);
        if let Some(request) = state.object(cx, field::REQUEST) {
            cancel_body(cx, request, reason)?;
        }
        return Ok(Value::UNDEFINED);
    }
    // The response is there: its body fails.
    if let Some(response) = state.object(cx, field::RESPONSE) {
        let own = Body::of(cx, response);
        if let Body::Host(_) | Body::Stream(_) = own {
            let stream = body::source::to_stream(cx, own);
            Body::Stream(stream).store(cx, response);
            response.put(cx, body::slot::ABORTED, true);
            let controller = streams::controller_of(cx, stream)?;
            let source = controller.at(cx, streams::controller::SOURCE);
            if controller.int(cx, streams::controller::KIND) == crate::streams::source::kind::HOST {
                body::source::cancel_host(cx, source);
            }
            readable_controller::error(cx, controller, reason)?;
        }
    }
    Ok(Value::UNDEFINED)
}

/// The host delivers the response to a request that [`crate::platform::Platform::fetch`] took under this handle, or says why there is none.
pub fn deliver_response(cx: &mut Context, waiter: Handle, outcome: std::result::Result<IncomingResponse, String>) -> Result<()> {
    match cx.release(waiter).as_cell::<Values>() {
        Some(state) => settle(cx, state, outcome),
        None => Ok(()),
    }
}

/// Settles a fetch with what came of it.
fn settle(cx: &mut Context, state: Ref<Values>, outcome: std::result::Result<IncomingResponse, String>) -> Result<()> {
    if state.flag(cx, field::DONE) {
        if let (Ok(IncomingResponse { body: BodyInit::Host(number), .. }), Some(platform)) = (outcome, try_platform(cx)) {
            platform.cancel_body(number);
        }
        return Ok(());
    }
    let incoming = match outcome {
        Ok(incoming) => incoming,
        Err(why) => {
            let error = type_error(cx, &format!("fetch failed: {why}"));
            fail(cx, state, error);
            return Ok(());
        }
    };
    let response = match host::new_response(cx, incoming) {
        Ok(response) => response,
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            fail(cx, state, error);
            return Ok(());
        }
    };
    let metadata = match state.object(cx, field::REQUEST) {
        Some(request) => request::option_text(cx, request, request::option::INTEGRITY),
        None => String::new(),
    };
    if metadata.is_empty() {
        return succeed(cx, state, response);
    }
    // Main fetch, "if request's integrity metadata is not the empty string": the whole body is awaited.
    state.put(cx, field::RESPONSE, response);
    let bytes = consume(cx, response, Package::Bytes, None)?;
    upon(cx, bytes, whole_body, whole_body_failed, Value::cell(state));
    Ok(())
}

fn succeed(cx: &mut Context, state: Ref<Values>, response: Object) -> Result<()> {
    state.put(cx, field::DONE, true);
    state.put(cx, field::RESPONSE, response);
    match state.object(cx, field::PROMISE) {
        Some(promise) => promise::resolve(cx, promise, response.value()),
        None => Ok(()),
    }
}

pub(super) fn whole_body(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = this.as_cell::<Values>().filter(|state| !state.flag(cx, field::DONE)) else { return Ok(Value::UNDEFINED) };
    let (Some(request), Some(response)) = (state.object(cx, field::REQUEST), state.object(cx, field::RESPONSE)) else {
        return Ok(Value::UNDEFINED);
    };
    let bytes = typed_array::bytes_of(cx, args.at(0)).unwrap_or_default();
    let metadata = request::option_text(cx, request, request::option::INTEGRITY);
    if !integrity::matches(&bytes, &metadata) {
        let error = type_error(cx, "fetch failed: the body is not what the integrity metadata says");
        fail(cx, state, error);
        return Ok(Value::UNDEFINED);
    }
    let bytes = body::new_bytes(cx, &bytes)?;
    response.put(cx, body::slot::USED, false);
    Body::Bytes(bytes).store(cx, response);
    succeed(cx, state, response)?;
    Ok(Value::UNDEFINED)
}

pub(super) fn whole_body_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(state) = this.as_cell::<Values>() {
        fail(cx, state, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

#[cfg(test)]
mod tests {
    use super::single_range;

    #[test]
    fn ranges() {
        let range = |text: &str| single_range(text.as_bytes(), 10);
        assert_eq!(range("bytes=0-3"), Some((0, 3)));
        assert_eq!(range("bytes \t= 2 - "), Some((2, 9)));
        assert_eq!(range("bytes=-3"), Some((7, 9)));
        assert_eq!(range("bytes=-30"), Some((0, 9)));
        assert_eq!(range("bytes=5-99999999999999999999999"), Some((5, 9)));
        for bad in ["bytes=", "bytes=-", "bytes=-0", "bytes=3-2", "bytes=10-", "bytes=+1-2", "bytes=0-1,3-4", "lines=0-1"] {
            assert_eq!(range(bad), None, "{bad}");
        }
        assert_eq!(single_range(b"bytes=0-", 0), None);
    }
}
