//! EventSource. <https://html.spec.whatwg.org/multipage/server-sent-events.html>
//!
//! A connection is a `fetch` like any other, whose body is read chunk by chunk; the parser is a resource outside the cage.

mod parser;

use crate::abort;
use crate::body;
use crate::dom_exception;
use crate::event::{self, Event, EventInit};
use crate::event_target::{self, EventTarget};
use crate::fetch::{Response, function, headers, request, response};
use crate::messaging::event as message_event;
use crate::platform::resources;
use crate::streams::readable_ops as streams;
use crate::streams::support::{Slots, upon};
use crate::streams::{buffers, hidden_natives, read_chunk};
use crate::timers;
use crate::url;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};
use mayfly_engine::string::atoms::key;
use parser::{Item, Parser};

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[EventSource::ENTRY, ClassEntry::hidden(&REACTIONS)];

static REACTIONS: ClassSpec = hidden_natives(
    "EventSource reactions",
    &[
        table::hidden("", 1, native!(responded)),
        table::hidden("", 1, native!(failed)),
        table::hidden("", 1, native!(chunk_read)),
        table::hidden("", 1, native!(stream_failed)),
    ],
);

/// Slots; 1 is that of the listeners.
mod slot {
    /// Ready state.
    pub const STATE: u32 = 2;
    /// URL.
    pub const URL: u32 = 3;
    /// withCredentials.
    pub const CREDENTIALS: u32 = 4;
    /// Reconnection time in milliseconds.
    pub const RETRY_MS: u32 = 5;
    /// Last event ID string.
    pub const LAST_EVENT_ID: u32 = 6;
    /// Signal that aborts the connection.
    pub const SIGNAL: u32 = 7;
    /// Reader of the response's body.
    pub const READER: u32 = 8;
    /// Number of the parser among the resources.
    pub const PARSER: u32 = 9;
    /// Origin of the response's URL.
    pub const ORIGIN: u32 = 10;
    /// Timer of the next attempt.
    pub const TIMER: u32 = 11;
}

const CONNECTING: i32 = 0;
const OPEN: i32 = 1;
const CLOSED: i32 = 2;

/// "An implementation-defined value, probably in the region of a few seconds."
const DEFAULT_RETRY_MS: f64 = 3000.0;

fn state(cx: &Context, this: Object) -> i32 {
    this.int(cx, slot::STATE)
}

fn text(cx: &Context, this: Object, slot: u32) -> String {
    this.at(cx, slot).as_string().map_or_else(String::new, |text| text.to_text(&cx.heap))
}

fn fire(cx: &mut Context, this: Object, event_type: &str) -> Result<()> {
    let event = event::create::<Event>(cx, event_type, EventInit::default());
    event_target::dispatch_collecting(cx, this, event)?;
    Ok(())
}

/// Fetches the resource. <https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource>, from step 8
fn connect(cx: &mut Context, this: Object) -> Result<()> {
    let signal = abort::new_signal(cx);
    this.put(cx, slot::SIGNAL, signal);
    let mut list = headers::new_list(cx);
    let accept = cx.heap.new_latin1(b"text/event-stream");
    list = headers::append_valid(cx, list, cx.heap.new_latin1(b"accept"), accept);
    let id = text(cx, this, slot::LAST_EVENT_ID);
    if !id.is_empty() {
        // UTF-8 bytes, as a header has them.
        let id = cx.heap.new_latin1(id.as_bytes());
        list = headers::append_valid(cx, list, cx.heap.new_latin1(b"last-event-id"), id);
    }
    let url = text(cx, this, slot::URL);
    let request = request::create_internal(cx, &url, list, "no-store", signal);
    let response = function::start(cx, request)?;
    upon(cx, response, responded, failed, this.value());
    Ok(())
}

// "processResponseEndOfBody", and the response itself
fn responded(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (Some(this), Some(response)) = (this.as_object(), instance::<Response>(cx, args.at(0))) else { return Ok(Value::UNDEFINED) };
    if state(cx, this) == CLOSED {
        return Ok(Value::UNDEFINED);
    }
    let list = headers::list_of_owner(cx, response, response::slot::HEADERS);
    let mime_type = response::mime_type(cx, list)?.map_or_else(String::new, |text| text.to_text(&cx.heap));
    let essence = mime_type.split(';').next().unwrap_or_default();
    if response::status(cx, response) != 200 || essence != "text/event-stream" {
        fail(cx, this)?;
        return Ok(Value::UNDEFINED);
    }
    let origin = url::parse(&text(cx, response, response::slot::URL), None).map_or_else(String::new, |url| url.origin());
    let origin = cx.heap.new_string(&origin);
    this.put(cx, slot::ORIGIN, origin);
    let Some(stream) = body::stream(cx, response)?.as_object() else {
        reestablish(cx, this)?;
        return Ok(Value::UNDEFINED);
    };
    let reader = streams::acquire_default_reader(cx, stream)?;
    this.put(cx, slot::READER, reader);
    let id = text(cx, this, slot::LAST_EVENT_ID);
    if let Some(resources) = resources(cx) {
        let number = resources.add(Box::new(Parser::new(id)));
        this.put(cx, slot::PARSER, f64::from(number));
    }
    // Announce the connection.
    this.put(cx, slot::STATE, OPEN);
    fire(cx, this, "open")?;
    read(cx, this)?;
    Ok(Value::UNDEFINED)
}

/// A network error: the connection is tried again, unless it was aborted.
fn failed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(this) = this.as_object() {
        reestablish(cx, this)?;
    }
    Ok(Value::UNDEFINED)
}

fn read(cx: &mut Context, this: Object) -> Result<()> {
    let Some(reader) = this.object(cx, slot::READER).filter(|_| state(cx, this) == OPEN) else { return Ok(()) };
    let chunk = read_chunk(cx, reader)?;
    upon(cx, chunk, chunk_read, stream_failed, this.value());
    Ok(())
}

fn chunk_read(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (Some(this), Some(result)) = (this.as_object(), args.at(0).as_object()) else { return Ok(Value::UNDEFINED) };
    if state(cx, this) != OPEN {
        return Ok(Value::UNDEFINED);
    }
    let done = cx.get(result, key::done)?;
    let chunk = cx.get(result, key::value)?;
    if cx.to_boolean(done) || buffers::view_parts(cx, chunk).is_none() {
        reestablish(cx, this)?;
        return Ok(Value::UNDEFINED);
    }
    let bytes = typed_array::bytes_of(cx, chunk).unwrap_or_default();
    cx.spend_fuel(bytes.len() as u64 / 16)?;
    let number = this.number(cx, slot::PARSER) as u32;
    let items = match resources(cx).and_then(|resources| resources.get::<Parser>(number)) {
        Some(parser) => parser.feed(&bytes),
        None => Ok(Vec::new()),
    };
    let Ok(items) = items else {
        fail(cx, this)?;
        return Ok(Value::UNDEFINED);
    };
    let kept = cx.push_temporary(this.value());
    let outcome = take_items(cx, this, items).and_then(|()| read(cx, this));
    cx.pop_temporaries(kept);
    outcome?;
    Ok(Value::UNDEFINED)
}

fn take_items(cx: &mut Context, this: Object, items: Vec<Item>) -> Result<()> {
    for item in items {
        // A listener may have closed it.
        if state(cx, this) == CLOSED {
            break;
        }
        match item {
            Item::Retry(milliseconds) => this.put(cx, slot::RETRY_MS, milliseconds),
            Item::Id(id) => {
                let id = cx.heap.new_string(&id);
                this.put(cx, slot::LAST_EVENT_ID, id);
            }
            Item::Event { event_type, data, id } => {
                let id = cx.heap.new_string(&id);
                this.put(cx, slot::LAST_EVENT_ID, id);
                cx.reserve(2 * data.len() as u64)?;
                let data = cx.new_string(&data);
                let origin = text(cx, this, slot::ORIGIN);
                let event = message_event::create(cx, &event_type, data, &origin, &[])?;
                message_event::set_last_event_id(cx, event, id);
                event_target::dispatch_collecting(cx, this, event)?;
            }
        }
    }
    Ok(())
}

fn stream_failed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(this) = this.as_object() {
        reestablish(cx, this)?;
    }
    Ok(Value::UNDEFINED)
}

fn drop_parser(cx: &mut Context, this: Object) {
    let number = this.number(cx, slot::PARSER) as u32;
    this.put(cx, slot::PARSER, Value::UNDEFINED);
    this.put(cx, slot::READER, Value::UNDEFINED);
    if let Some(resources) = resources(cx) {
        resources.remove(number);
    }
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
fn reestablish(cx: &mut Context, this: Object) -> Result<()> {
    drop_parser(cx, this);
    if state(cx, this) == CLOSED {
        return Ok(());
    }
    this.put(cx, slot::STATE, CONNECTING);
    let kept = cx.push_temporary(this.value());
    let outcome = fire(cx, this, "error").and_then(|()| {
        if state(cx, this) != CONNECTING {
            return Ok(());
        }
        let again = cx.new_native_with_slots(EventSource::connect_again, &[this.value()]);
        let timer = timers::start(cx, again.value(), this.number(cx, slot::RETRY_MS), false, &[])?;
        this.put(cx, slot::TIMER, f64::from(timer));
        Ok(())
    });
    cx.pop_temporaries(kept);
    outcome
}

// https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
fn fail(cx: &mut Context, this: Object) -> Result<()> {
    if state(cx, this) == CLOSED {
        return Ok(());
    }
    end(cx, this)?;
    fire(cx, this, "error")
}

/// Closes it and aborts its fetch.
fn end(cx: &mut Context, this: Object) -> Result<()> {
    this.put(cx, slot::STATE, CLOSED);
    let reader = this.object(cx, slot::READER);
    drop_parser(cx, this);
    if let Some(timer) = this.at(cx, slot::TIMER).as_number() {
        timers::stop(cx, timer as u32);
    }
    // A body that is being read is cancelled: aborting would make an error of it that nobody handles.
    if let Some(reader) = reader {
        let done = streams::reader_cancel(cx, reader, Value::UNDEFINED)?;
        promise::mark_handled(cx, done);
    }
    match this.object(cx, slot::SIGNAL) {
        Some(signal) => abort::signal_abort(cx, signal, Value::UNDEFINED),
        None => Ok(()),
    }
}

/// EventSourceInit
#[derive(Dictionary)]
struct EventSourceInit {
    with_credentials: bool,
}

/// Events that a server sends.
#[interface(
    name = "EventSource",
    class = class::EVENT_SOURCE,
    parent = EventTarget,
    large,
    events = "open: Event, message: MessageEvent<string>, error: Event",
)]
impl EventSource {
    const CONNECTING: u16 = 0;
    const OPEN: u16 = 1;
    const CLOSED: u16 = 2;

    // https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("string | URL")] url: USVString, init: EventSourceInit) -> Result<()> {
        let base = url::base(cx);
        let Some(parsed) = url::parse(&url, base.as_deref()) else {
            let place = Place::member(PlaceKind::Constructor, "EventSource", "constructor");
            let message = place.message(&format!("Cannot open an EventSource to '{}'. The URL is invalid.", &*url));
            return Err(dom_exception::throw(cx, "SyntaxError", &message));
        };
        let href = cx.heap.new_string(&parsed.serialize().href);
        this.put(cx, slot::URL, href);
        this.put(cx, slot::CREDENTIALS, init.with_credentials);
        this.put(cx, slot::STATE, CONNECTING);
        this.put(cx, slot::RETRY_MS, DEFAULT_RETRY_MS);
        connect(cx, this)
    }

    #[hidden]
    fn connect_again(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
        if let Some(this) = cx.native_slot(args.callee, 0).as_object()
            && state(cx, this) == CONNECTING
        {
            this.put(cx, slot::TIMER, Value::UNDEFINED);
            connect(cx, this)?;
        }
        Ok(Value::UNDEFINED)
    }

    #[getter(ts = "string")]
    fn url(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::URL))
    }

    #[getter]
    fn with_credentials(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(this.flag(cx, slot::CREDENTIALS))
    }

    #[getter(ts = "0 | 1 | 2")]
    fn ready_state(cx: &mut Context, this: Object) -> Result<i32> {
        Ok(state(cx, this))
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

    // https://html.spec.whatwg.org/multipage/server-sent-events.html#dom-eventsource-close
    #[method]
    fn close(cx: &mut Context, this: Object) -> Result<()> {
        if state(cx, this) == CLOSED { Ok(()) } else { end(cx, this) }
    }
}
