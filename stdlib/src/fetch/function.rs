//! fetch. <https://fetch.spec.whatwg.org/#fetch-method>

use super::host::{BodyInit, IncomingResponse, OutgoingRequest};
use super::{Request, data_url, headers, host, request};
use crate::body::consume::{Package, consume_stream, raw_bytes};
use crate::body::{self, Body};
use crate::platform::try_platform;
use crate::streams::readable_ops as streams;
use crate::streams::support::{Slots, caught, record, type_error, upon};
use crate::streams::{byte_controller, default_controller, signal};
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
    #[promise_method]
    fn fetch(cx: &mut Context, input: Value, init: Optional<Value>) -> Result<Object> {
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
    match Body::of(cx, request) {
        Body::None => send(cx, state, None)?,
        Body::Text(text) => {
            let bytes = body::utf8(cx, text);
            send(cx, state, Some(bytes))?;
        }
        Body::Bytes(bytes) => {
            let bytes = raw_bytes(cx, bytes);
            send(cx, state, Some(bytes))?;
        }
        other => {
            // A stream is read to its end first; only then is its length known.
            let stream = body::source::to_stream(cx, other);
            Body::Stream(stream).store(cx, request);
            let bytes = consume_stream(cx, stream, Package::Bytes, None)?;
            upon(cx, bytes, body_read, body_failed, Value::cell(state));
        }
    }
    Ok(promise)
}

pub(super) fn body_read(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(state) = this.as_cell::<Values>() {
        let bytes = typed_array::bytes_of(cx, args.at(0)).unwrap_or_default();
        send(cx, state, Some(bytes))?;
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn body_failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(state) = this.as_cell::<Values>() {
        fail(cx, state, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

/// Hands the request to the host. Its refusal is told later, as any failure of the network would be.
fn send(cx: &mut Context, state: Ref<Values>, bytes: Option<Vec<u8>>) -> Result<()> {
    let Some(object) = state.object(cx, field::REQUEST) else { return Ok(()) };
    if state.flag(cx, field::DONE) {
        return Ok(());
    }
    let url = request::url_text(cx, object);
    let list = request::header_list(cx, object);
    let outgoing = OutgoingRequest {
        method: request::method_text(cx, object),
        url: url.split('#').next().unwrap_or_default().to_string(),
        headers: headers::to_bytes(cx, list),
        body: bytes,
        redirect: request::redirect_mode(cx, object),
    };
    if outgoing.url.starts_with("data:") {
        cx.enqueue_job(data_job, &[Value::cell(state)]);
        return Ok(());
    }
    let handle = cx.retain(Value::cell(state));
    let answer = match try_platform(cx) {
        Some(platform) => platform.fetch(outgoing, handle),
        None => Err("fetch is not available".to_string()),
    };
    match answer {
        Ok(operation) => state.put(cx, field::OPERATION, f64::from(operation)),
        Err(why) => {
            cx.release(handle);
            let error = type_error(cx, &why);
            cx.enqueue_job(fail_job, &[Value::cell(state), error]);
        }
    }
    Ok(())
}

// https://fetch.spec.whatwg.org/#scheme-fetch, for data: URLs
pub(super) fn data_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(state) = args.at(0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    let Some(object) = state.object(cx, field::REQUEST) else { return Ok(Value::UNDEFINED) };
    let url = request::url_text(cx, object);
    let url = url.split('#').next().unwrap_or_default().to_string();
    match data_url::process(&url) {
        Some((mime_type, body)) => {
            let body = if request::method_text(cx, object) == "HEAD" { BodyInit::None } else { BodyInit::Bytes(body) };
            let headers = vec![(b"content-type".to_vec(), mime_type.into_bytes())];
            let incoming = IncomingResponse { status: 200, status_text: b"OK".to_vec(), headers, url, redirected: false, body };
            settle(cx, state, Ok(incoming))?;
        }
        None => settle(cx, state, Err("The data: URL is malformed".to_string()))?,
    }
    Ok(Value::UNDEFINED)
}

pub(super) fn fail_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(state) = args.at(0).as_cell::<Values>() {
        fail(cx, state, args.at(1));
    }
    Ok(Value::UNDEFINED)
}

/// Rejects the promise, unless it is settled.
fn fail(cx: &mut Context, state: Ref<Values>, reason: Value) {
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
            let controller = streams::controller_of(cx, stream)?;
            let source = controller.at(cx, streams::controller::SOURCE);
            if streams::is_byte_stream(cx, stream) {
                if controller.int(cx, streams::controller::KIND) == crate::streams::source::kind::HOST {
                    body::source::cancel_host(cx, source);
                }
                byte_controller::error(cx, controller, reason)?;
            } else {
                default_controller::error(cx, controller, reason)?;
            }
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
            let error = type_error(cx, &why);
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
    state.put(cx, field::DONE, true);
    state.put(cx, field::RESPONSE, response);
    match state.object(cx, field::PROMISE) {
        Some(promise) => promise::resolve(cx, promise, response.value()),
        None => Ok(()),
    }
}
