//! WebSocket and WebSocketPair. <https://websockets.spec.whatwg.org/>
//!
//! The host knows connections by number. A client's WebSocket is created with one; an end of a [`pair`] gets one when its other end is given
//! to the response of an upgrade.

mod close_event;
pub mod host;
mod pair;

use crate::dom_exception;
use crate::event::{self, Event, EventInit};
use crate::event_target::{self, EventTarget};
use crate::fetch::{Blob, blob, outgoing};
use crate::messaging::event as message_event;
use crate::platform::{try_platform, with_platform};
use crate::streams::hidden_natives;
use crate::streams::support::{Slots, fifo};
use crate::tasks;
use crate::url;
use crate::webidl::prelude::*;
use host::{OutgoingSocket, SocketEvent, SocketMessage};
use mayfly_engine::builtins::typed_array;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};
use mayfly_engine::string::atoms::symbol;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] =
    &[close_event::CloseEvent::ENTRY, WebSocket::ENTRY, pair::WebSocketPair::ENTRY, ClassEntry::hidden(&TASKS)];

static TASKS: ClassSpec =
    hidden_natives("WebSocket tasks", &[table::hidden("", 0, native!(pair::flush_task)), table::hidden("", 0, native!(fail_task))]);

/// Slots; 1 is that of the listeners.
mod slot {
    /// Ready state.
    pub const STATE: u32 = 2;
    /// URL.
    pub const URL: u32 = 3;
    /// Subprotocol in use.
    pub const PROTOCOL: u32 = 4;
    /// One of the constants of `binary_type`.
    pub const BINARY_TYPE: u32 = 5;
    /// Bytes sent but not handed to the network.
    pub const BUFFERED: u32 = 6;
    /// The host's number of the connection, undefined while there is none.
    pub const NUMBER: u32 = 7;
    /// The other end of a pair; undefined for clients.
    pub const PEER: u32 = 8;
    /// What waits for this end to be accepted, or for its connection.
    pub const QUEUE: u32 = 9;
    /// This end of a pair was accepted.
    pub const ACCEPTED: u32 = 10;
    /// This end of a pair was given to a response.
    pub const COUPLED: u32 = 11;
    /// A job will deliver the queue.
    pub const SCHEDULED: u32 = 12;
}

const CONNECTING: i32 = 0;
const OPEN: i32 = 1;
const CLOSING: i32 = 2;
const CLOSED: i32 = 3;

mod binary_type {
    pub const BLOB: i32 = 0;
    pub const ARRAY_BUFFER: i32 = 1;
}

/// Status code of connections that were closed without one. <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
const NO_STATUS: u16 = 1005;
/// Status code of connections that broke off.
const ABNORMAL: u16 = 1006;
/// Most bytes of a reason.
const REASON_BYTES: usize = 123;

fn state(cx: &Context, this: Object) -> i32 {
    this.int(cx, slot::STATE)
}

/// `(DOMString or sequence<DOMString>) protocols`
fn convert_protocols(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Vec<String>> {
    if value.is_object() && cx.get_method(value, symbol::iterator)?.is_some() {
        let list = Vec::<DOMString>::from_js(cx, value, place)?;
        return Ok(list.into_iter().map(|text| text.0.to_text(&cx.heap)).collect());
    }
    Ok(vec![cx.to_text(value)?])
}

// https://websockets.spec.whatwg.org/#dom-websocket-websocket
fn construct(cx: &mut Context, this: Object, text: &str, protocols: Vec<String>) -> Result<()> {
    let place = Place::member(PlaceKind::Constructor, "WebSocket", "constructor");
    let syntax_error = |cx: &mut Context, detail: &str| {
        let message = place.message(detail);
        Err(dom_exception::throw(cx, "SyntaxError", &message))
    };
    // 1.-3. Get a URL record.
    let base = url::base(cx);
    let Some(mut url) = url::parse(text, base.as_deref()) else {
        return syntax_error(cx, &format!("The URL '{text}' is invalid."));
    };
    match url.scheme.as_str() {
        "http" => url.scheme = "ws".to_string(),
        "https" => url.scheme = "wss".to_string(),
        "ws" | "wss" => {}
        scheme => {
            let detail = format!("The URL's scheme must be either 'http', 'https', 'ws', or 'wss'. '{scheme}' is not allowed.");
            return syntax_error(cx, &detail);
        }
    }
    if url.fragment.is_some() {
        return syntax_error(cx, "The URL contains a fragment identifier. Fragment identifiers are not allowed in WebSocket URLs.");
    }
    // 4.-5. Protocols: tokens, each once.
    for (index, protocol) in protocols.iter().enumerate() {
        if protocol.is_empty() || !protocol.bytes().all(crate::fetch::headers::is_token_byte) {
            return syntax_error(cx, &format!("The subprotocol '{protocol}' is invalid."));
        }
        if protocols[..index].iter().any(|known| known.eq_ignore_ascii_case(protocol)) {
            return syntax_error(cx, &format!("The subprotocol '{protocol}' is duplicated."));
        }
    }
    // 6. Set this's url.
    let href = cx.heap.new_string(&url.serialize().href);
    this.put(cx, slot::URL, href);
    this.put(cx, slot::STATE, CONNECTING);
    this.put(cx, slot::BINARY_TYPE, binary_type::BLOB);
    this.put(cx, slot::BUFFERED, 0.0);
    // 8. Establish a WebSocket connection.
    if outgoing::is_bad_port(&url) {
        return tasks::queue(cx, fail_task, &[this.value()]);
    }
    let authorization = url.includes_credentials().then(|| outgoing::basic_credentials(&url));
    (url.username, url.password) = (String::new(), String::new());
    let socket = OutgoingSocket { url: url.serialize().href, protocols, authorization };
    let waiter = cx.retain(this.value());
    match with_platform(cx, |platform| platform.open_socket(socket, waiter)) {
        Ok(number) => {
            this.put(cx, slot::NUMBER, f64::from(number));
            Ok(())
        }
        Err(thrown) => {
            cx.release(waiter);
            Err(thrown)
        }
    }
}

/// A connection that was refused without asking the network.
fn fail_task(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(this) = cx.native_slot(args.callee, 0).as_object() {
        let event = SocketEvent::Closed { failed: true, code: ABNORMAL, reason: String::new(), was_clean: false };
        deliver_event(cx, this, event)?;
    }
    Ok(Value::UNDEFINED)
}

/// Converts what `send` was given. <https://websockets.spec.whatwg.org/#dom-websocket-send>
fn convert_message(cx: &mut Context, data: Value) -> Result<SocketMessage> {
    if let Some(blob) = instance::<Blob>(cx, data) {
        return Ok(SocketMessage::Binary(blob::bytes(cx, blob)));
    }
    if BufferSource::is_one(cx, data) {
        return Ok(SocketMessage::Binary(typed_array::bytes_of(cx, data).unwrap_or_default()));
    }
    let place = Place::method("WebSocket", "send");
    Ok(SocketMessage::Text(USVString::from_js(cx, data, &place)?.0))
}

/// InvalidStateError unless this end of a pair may be used.
fn require_accepted(cx: &mut Context, this: Object, what: &str) -> Result<()> {
    if this.object(cx, slot::PEER).is_none() || this.flag(cx, slot::ACCEPTED) {
        return Ok(());
    }
    let message = match this.flag(cx, slot::COUPLED) {
        true => format!("This WebSocket was given to a Response: it cannot {what} any more"),
        false => format!("Call accept() on this WebSocket before it can {what}"),
    };
    Err(dom_exception::throw(cx, "InvalidStateError", &message))
}

/// Sends a message on its way: to the network, or to the other end of a pair.
fn transmit(cx: &mut Context, this: Object, message: SocketMessage) -> Result<()> {
    if let Some(number) = this.at(cx, slot::NUMBER).as_number() {
        let length = message.length() as f64;
        this.put(cx, slot::BUFFERED, this.number(cx, slot::BUFFERED) + length);
        if let Some(platform) = try_platform(cx) {
            platform.send_message(number as u32, message);
        }
        return Ok(());
    }
    match this.object(cx, slot::PEER) {
        Some(peer) => pair::queue_message(cx, peer, &message),
        None => Ok(()),
    }
}

// https://websockets.spec.whatwg.org/#close-the-websocket
fn close(cx: &mut Context, this: Object, code: Option<u16>, reason: &str) -> Result<()> {
    if state(cx, this) >= CLOSING {
        return Ok(());
    }
    this.put(cx, slot::STATE, CLOSING);
    if let Some(number) = this.at(cx, slot::NUMBER).as_number() {
        if let Some(platform) = try_platform(cx) {
            platform.close_socket(number as u32, code, reason);
        }
    } else if let Some(peer) = this.object(cx, slot::PEER) {
        let code = code.unwrap_or(NO_STATUS);
        pair::queue_close(cx, peer, code, reason)?;
        // The other end of a pair in one worker answers at once.
        if !peer.flag(cx, slot::COUPLED) {
            pair::queue_close(cx, this, code, reason)?;
        }
    }
    Ok(())
}

/// What the specification does in tasks when something happened to the connection.
/// <https://websockets.spec.whatwg.org/#feedback-from-the-protocol>
pub(crate) fn deliver_event(cx: &mut Context, this: Object, event: SocketEvent) -> Result<()> {
    match event {
        SocketEvent::Open { protocol } => {
            if state(cx, this) != CONNECTING {
                return Ok(());
            }
            this.put(cx, slot::STATE, OPEN);
            let protocol = cx.heap.new_string(&protocol);
            this.put(cx, slot::PROTOCOL, protocol);
            fire(cx, this, "open")
        }
        SocketEvent::Message(message) => {
            // "If ready state is not OPEN (1), then return." Ends of a pair take what was sent before they were closed.
            if state(cx, this) != OPEN {
                return Ok(());
            }
            receive(cx, this, message)
        }
        SocketEvent::Sent(length) => {
            this.put(cx, slot::BUFFERED, (this.number(cx, slot::BUFFERED) - length as f64).max(0.0));
            Ok(())
        }
        SocketEvent::Closing => {
            if state(cx, this) < CLOSING {
                this.put(cx, slot::STATE, CLOSING);
            }
            Ok(())
        }
        SocketEvent::Closed { failed, code, reason, was_clean } => {
            if state(cx, this) == CLOSED {
                return Ok(());
            }
            this.put(cx, slot::STATE, CLOSED);
            this.put(cx, slot::NUMBER, Value::UNDEFINED);
            if failed {
                fire(cx, this, "error")?;
            }
            let event = close_event::create(cx, was_clean, code, &reason);
            event_target::dispatch_collecting(cx, this, event)?;
            Ok(())
        }
    }
}

fn fire(cx: &mut Context, this: Object, event_type: &str) -> Result<()> {
    let event = event::create::<Event>(cx, event_type, EventInit::default());
    event_target::dispatch_collecting(cx, this, event)?;
    Ok(())
}

// https://websockets.spec.whatwg.org/#websocket-message-received
fn receive(cx: &mut Context, this: Object, message: SocketMessage) -> Result<()> {
    let data = match message {
        SocketMessage::Text(text) => {
            cx.reserve(2 * text.len() as u64)?;
            cx.new_string(&text)
        }
        SocketMessage::Binary(bytes) => {
            cx.reserve(bytes.len() as u64)?;
            if this.int(cx, slot::BINARY_TYPE) == binary_type::BLOB {
                let raw = crate::body::new_bytes(cx, &bytes)?;
                let empty = cx.heap.empty_string();
                blob::create(cx, raw, empty).value()
            } else {
                typed_array::create_array_buffer(cx, &bytes).value()
            }
        }
    };
    let origin = match this.at(cx, slot::URL).as_string() {
        Some(text) => url::parse(&text.to_text(&cx.heap), None).map_or_else(String::new, |url| url.origin()),
        None => String::new(),
    };
    let event = message_event::create(cx, "message", data, &origin, &[])?;
    event_target::dispatch_collecting(cx, this, event)?;
    Ok(())
}

/// A connection for messages in both directions.
#[interface(
    name = "WebSocket",
    class = class::WEB_SOCKET,
    parent = EventTarget,
    large,
    events = "open: Event, message: MessageEvent<string | ArrayBuffer | Blob>, error: Event, close: CloseEvent",
)]
impl WebSocket {
    const CONNECTING: u16 = 0;
    const OPEN: u16 = 1;
    const CLOSING: u16 = 2;
    const CLOSED: u16 = 3;

    // https://websockets.spec.whatwg.org/#dom-websocket-websocket
    #[constructor]
    fn new(
        cx: &mut Context,
        this: Object,
        #[ts("string | URL")] url: USVString,
        #[ts("string | Iterable<string>")] protocols: Optional<Value>,
    ) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "WebSocket", "constructor");
        let protocols = match *protocols {
            Some(value) => convert_protocols(cx, value, &place.argument(1))?,
            None => Vec::new(),
        };
        construct(cx, this, &url, protocols)
    }

    #[getter]
    fn url(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(this.at(cx, slot::URL).as_string().unwrap_or(cx.heap.empty_string()))
    }

    #[getter(ts = "0 | 1 | 2 | 3")]
    fn ready_state(cx: &mut Context, this: Object) -> Result<i32> {
        Ok(state(cx, this))
    }

    #[getter(ts = "number")]
    fn buffered_amount(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::BUFFERED))
    }

    #[getter]
    fn extensions(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }

    #[getter]
    fn protocol(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(this.at(cx, slot::PROTOCOL).as_string().unwrap_or(cx.heap.empty_string()))
    }

    #[getter(ts = "BinaryType")]
    fn binary_type(cx: &mut Context, this: Object) -> Result<&'static str> {
        Ok(if this.int(cx, slot::BINARY_TYPE) == binary_type::BLOB { "blob" } else { "arraybuffer" })
    }

    // Values that are not of the enumeration are ignored. https://webidl.spec.whatwg.org/#js-attributes
    #[setter]
    fn set_binary_type(cx: &mut Context, this: Object, #[ts("BinaryType")] value: DOMString) -> Result<()> {
        match value.0.to_text(&cx.heap).as_str() {
            "blob" => this.put(cx, slot::BINARY_TYPE, binary_type::BLOB),
            "arraybuffer" => this.put(cx, slot::BINARY_TYPE, binary_type::ARRAY_BUFFER),
            _ => {}
        }
        Ok(())
    }

    // https://websockets.spec.whatwg.org/#dom-websocket-close
    #[method]
    fn close(cx: &mut Context, this: Object, code: Optional<Clamp<u16>>, reason: Optional<USVString>) -> Result<()> {
        let place = Place::method("WebSocket", "close");
        let code = code.as_ref().map(|code| code.0);
        if let Some(code) = code
            && code != 1000
            && !(3000..=4999).contains(&code)
        {
            // Ends of a pair are servers, which have more to say. https://www.rfc-editor.org/rfc/rfc6455#section-7.4
            let is_servers = this.object(cx, slot::PEER).is_some() && matches!(code, 1001..=1003 | 1007..=1014);
            if !is_servers {
                let detail = format!("The close code must be either 1000, or between 3000 and 4999. {code} is neither.");
                let message = place.message(&detail);
                return Err(dom_exception::throw(cx, "InvalidAccessError", &message));
            }
        }
        let reason = reason.as_ref().map_or("", |reason| &**reason);
        if reason.len() > REASON_BYTES {
            let message = place.message("The close reason must not be greater than 123 UTF-8 bytes.");
            return Err(dom_exception::throw(cx, "SyntaxError", &message));
        }
        require_accepted(cx, this, "be closed")?;
        // A reason needs a code on the wire.
        let code = if code.is_none() && !reason.is_empty() { Some(1000) } else { code };
        close(cx, this, code, reason)
    }

    // https://websockets.spec.whatwg.org/#dom-websocket-send
    #[method]
    fn send(cx: &mut Context, this: Object, #[ts("string | BufferSource | Blob")] data: Value) -> Result<()> {
        let message = convert_message(cx, data)?;
        require_accepted(cx, this, "send")?;
        match state(cx, this) {
            CONNECTING => {
                let message = Place::method("WebSocket", "send").message("Still in CONNECTING state.");
                Err(dom_exception::throw(cx, "InvalidStateError", &message))
            }
            OPEN => transmit(cx, this, message),
            _ => {
                this.put(cx, slot::BUFFERED, this.number(cx, slot::BUFFERED) + message.length() as f64);
                Ok(())
            }
        }
    }

    /// Cloudflare's: has this end of a pair deliver its messages to its listeners. WebSockets made by the constructor need no such call.
    #[method]
    fn accept(cx: &mut Context, this: Object) -> Result<()> {
        if this.object(cx, slot::PEER).is_none() {
            return Ok(());
        }
        if this.flag(cx, slot::COUPLED) {
            let message = "This WebSocket was given to a Response: it cannot be accepted any more";
            return Err(dom_exception::throw(cx, "InvalidStateError", message));
        }
        if !this.flag(cx, slot::ACCEPTED) {
            this.put(cx, slot::ACCEPTED, true);
            if !fifo::is_empty(cx, this, slot::QUEUE) {
                pair::schedule(cx, this)?;
            }
        }
        Ok(())
    }

    #[getter(name = "onopen")]
    fn onopen(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "open"))
    }

    #[setter(name = "onopen")]
    fn set_onopen(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "open", value);
        Ok(())
    }

    #[getter(name = "onmessage")]
    fn onmessage(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "message"))
    }

    #[setter(name = "onmessage")]
    fn set_onmessage(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "message", value);
        Ok(())
    }

    #[getter(name = "onerror")]
    fn onerror(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "error"))
    }

    #[setter(name = "onerror")]
    fn set_onerror(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "error", value);
        Ok(())
    }

    #[getter(name = "onclose")]
    fn onclose(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "close"))
    }

    #[setter(name = "onclose")]
    fn set_onclose(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "close", value);
        Ok(())
    }
}
