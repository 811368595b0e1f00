//! ExtendableEvent, FetchEvent, ScheduledEvent, and the context object of module workers.
//! <https://w3c.github.io/ServiceWorker/#extendableevent-interface>
//!
//! Slot `SUBCLASS` of an event holds the record of extend-lifetime promises: 0 how many are pending, then the promises. `SUBCLASS_2` holds
//! the subclass's record. A context object has the same record in slot 1.

use crate::dom_exception;
use crate::event::{self, Event, EventInit, SUBCLASS, SUBCLASS_2, flag, initialise};
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise::{self, Reaction};

// ── extending lifetimes ──

/// Adds a promise to the record in `slot` of an event or context.
fn extend(cx: &mut Context, holder: Object, slot: u32, value: Value) -> Result<()> {
    let promise = promise::promise_resolve(cx, value)?;
    let heap = &cx.heap;
    let list = holder.internal(heap, slot).as_cell::<Values>().unwrap_or_else(|| heap.new_values_from(&[Value::ZERO]));
    let pending = list.get(heap, 0).as_int().unwrap_or(0);
    list.set(heap, 0, Value::int(pending + 1));
    holder.set_internal(heap, slot, Value::cell(list.push(heap, promise.value())));
    // The promise of a context has no other holder, so the slot must be told: the reaction's `this` is a pair.
    let pair = cx.new_array(&[holder.value(), Value::from(slot)]);
    promise::perform_then(
        cx,
        promise,
        Reaction::native(LifetimeReactions::settled, pair.value()),
        Reaction::native(LifetimeReactions::failed, pair.value()),
        None,
    );
    Ok(())
}

fn pending(cx: &Context, holder: Object, slot: u32) -> i32 {
    holder.internal(&cx.heap, slot).as_cell::<Values>().map_or(0, |list| list.get(&cx.heap, 0).as_int().unwrap_or(0))
}

fn promises(cx: &Context, holder: Object, slot: u32) -> Vec<Object> {
    let Some(list) = holder.internal(&cx.heap, slot).as_cell::<Values>() else { return Vec::new() };
    (1..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_object()).collect()
}

fn one_less(cx: &mut Context, pair: Value) {
    let Some(pair) = pair.as_object() else { return };
    let holder = pair.dense_element(&cx.heap, 0).and_then(Value::as_object);
    let slot = pair.dense_element(&cx.heap, 1).and_then(Value::as_int);
    if let (Some(holder), Some(slot)) = (holder, slot)
        && let Some(list) = holder.internal(&cx.heap, slot as u32).as_cell::<Values>()
    {
        let pending = list.get(&cx.heap, 0).as_int().unwrap_or(0);
        list.set(&cx.heap, 0, Value::int(pending - 1));
    }
}

/// Reactions on extend-lifetime promises.
#[namespace(name = "%lifetime%", class = class::CORE_REACTIONS, not_global, no_tag)]
impl LifetimeReactions {
    #[hidden]
    fn settled(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
        one_less(cx, this);
        Ok(Value::UNDEFINED)
    }

    /// A rejection does not disturb the reply, but it is no secret either.
    #[hidden]
    fn failed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
        one_less(cx, this);
        crate::report::report_exception(cx, args.at(0))?;
        Ok(Value::UNDEFINED)
    }
}

// ── ExtendableEvent ──

/// An event that may go on after its listeners.
#[interface(name = "ExtendableEvent", class = class::EXTENDABLE_EVENT, parent = Event)]
impl ExtendableEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: EventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init, false);
        Ok(())
    }

    // https://w3c.github.io/ServiceWorker/#dom-extendableevent-waituntil
    #[method]
    fn wait_until(cx: &mut Context, this: Object, #[ts("Promise<any>")] promise: Value) -> Result<()> {
        add_lifetime_promise(cx, this, promise)
    }
}

// https://w3c.github.io/ServiceWorker/#extendableevent-add-lifetime-promise
fn add_lifetime_promise(cx: &mut Context, event: Object, promise: Value) -> Result<()> {
    // The promise given to respondWith is a lifetime promise too, but its rejection is for the reply to report.
    let active = event::flags(cx, event) & flag::DISPATCH != 0 || pending(cx, event, SUBCLASS) > 0 || awaits_response(cx, event);
    if !active {
        let message = Place::method("ExtendableEvent", "waitUntil")
            .message("The event handler is already finished and no extend lifetime promises are outstanding.");
        return Err(dom_exception::throw(cx, "InvalidStateError", &message));
    }
    extend(cx, event, SUBCLASS, promise)
}

/// Whether the promise given to `respondWith` is pending.
fn awaits_response(cx: &Context, event: Object) -> bool {
    is_instance(cx, event.value(), class::FETCH_EVENT)
        && response_promise(cx, event).is_some_and(|promise| promise::state(cx, promise).0 == promise::PromiseState::Pending)
}

/// How many of an event's lifetime promises are pending.
pub fn pending_lifetime_promises(cx: &Context, event: Object) -> i32 {
    pending(cx, event, SUBCLASS)
}

/// The promises that an event waits for, settled ones too.
pub fn lifetime_promises(cx: &Context, event: Object) -> Vec<Object> {
    promises(cx, event, SUBCLASS)
}

/// A trusted ExtendableEvent of this type (`install`, `activate`).
pub fn create_extendable_event(cx: &mut Context, event_type: &str) -> Object {
    event::create::<ExtendableEvent>(cx, event_type, EventInit::default())
}

// ── FetchEvent ──

mod fetch_field {
    pub const REQUEST: u32 = 0;
    pub const RESPONSE: u32 = 1;
    pub const CLIENT_ID: u32 = 2;
    pub const HANDLED: u32 = 3;
    pub const PASS_THROUGH: u32 = 4;
    pub const PRELOAD: u32 = 5;
    pub const COUNT: usize = 6;
}

fn fetch_record(cx: &Context, event: Object) -> Ref<Values> {
    event.internal(&cx.heap, SUBCLASS_2).as_cell().unwrap_or_else(|| {
        let record = cx.heap.new_values_from(&[Value::UNDEFINED; fetch_field::COUNT]);
        event.set_internal(&cx.heap, SUBCLASS_2, Value::cell(record));
        record
    })
}

fn init_fetch_event(cx: &mut Context, event: Object, request: Value, client_id: JsString) {
    let handled = promise::new_pending(cx);
    promise::mark_handled(cx, handled);
    let record = fetch_record(cx, event);
    record.set(&cx.heap, fetch_field::REQUEST, request);
    record.set(&cx.heap, fetch_field::CLIENT_ID, client_id.value());
    record.set(&cx.heap, fetch_field::HANDLED, handled.value());
    record.set(&cx.heap, fetch_field::PASS_THROUGH, Value::FALSE);
}

/// FetchEventInit
#[derive(Dictionary)]
struct FetchEventInit {
    #[idl(parent)]
    base: EventInit,
    #[idl(required, ts = "Request")]
    request: Object,
    client_id: DOMString,
}

/// A request that wants a response. <https://w3c.github.io/ServiceWorker/#fetchevent-interface>
#[interface(name = "FetchEvent", class = class::FETCH_EVENT, parent = ExtendableEvent)]
impl FetchEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: FetchEventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init.base, false);
        init_fetch_event(cx, this, init.request.value(), init.client_id.0);
        Ok(())
    }

    #[getter(ts = "Request")]
    fn request(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(fetch_record(cx, this).get(&cx.heap, fetch_field::REQUEST))
    }

    #[getter(ts = "string")]
    fn client_id(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(fetch_record(cx, this).get(&cx.heap, fetch_field::CLIENT_ID))
    }

    // https://w3c.github.io/ServiceWorker/#fetch-event-preloadresponse
    /// There is no navigation preload: a promise of undefined, the same each time.
    #[getter(ts = "Promise<any>")]
    fn preload_response(cx: &mut Context, this: Object) -> Result<Value> {
        let record = fetch_record(cx, this);
        if record.get(&cx.heap, fetch_field::PRELOAD).is_undefined() {
            let preload = promise::new_fulfilled(cx, Value::UNDEFINED);
            record.set(&cx.heap, fetch_field::PRELOAD, preload.value());
        }
        Ok(record.get(&cx.heap, fetch_field::PRELOAD))
    }

    // https://w3c.github.io/ServiceWorker/#fetch-event-replacesclientid
    #[getter]
    fn replaces_client_id(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }

    #[getter]
    fn resulting_client_id(_: &mut Context, _this: Object) -> Result<&'static str> {
        Ok("")
    }

    #[getter(ts = "Promise<undefined>")]
    fn handled(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(fetch_record(cx, this).get(&cx.heap, fetch_field::HANDLED))
    }

    // https://w3c.github.io/ServiceWorker/#fetch-event-respondwith
    #[method]
    fn respond_with(cx: &mut Context, this: Object, #[ts("Response | PromiseLike<Response>")] response: Value) -> Result<()> {
        let place = Place::method("FetchEvent", "respondWith");
        if event::flags(cx, this) & flag::DISPATCH == 0 {
            let message = place.message("The event handler is already finished.");
            return Err(dom_exception::throw(cx, "InvalidStateError", &message));
        }
        let record = fetch_record(cx, this);
        if !record.get(&cx.heap, fetch_field::RESPONSE).is_undefined() {
            let message = place.message("The event has already been responded to.");
            return Err(dom_exception::throw(cx, "InvalidStateError", &message));
        }
        let response = promise::promise_resolve(cx, response)?;
        record.set(&cx.heap, fetch_field::RESPONSE, response.value());
        event::change_flags(cx, this, flag::STOP | flag::STOP_IMMEDIATE, 0);
        Ok(())
    }

    /// Cloudflare's: when the handler fails, the request goes on to the origin.
    #[method]
    fn pass_through_on_exception(cx: &mut Context, this: Object) -> Result<()> {
        fetch_record(cx, this).set(&cx.heap, fetch_field::PASS_THROUGH, Value::TRUE);
        Ok(())
    }
}

/// A trusted, cancelable `fetch` event for a request.
pub fn create_fetch_event(cx: &mut Context, request: Object) -> Object {
    let fetch = event::create::<FetchEvent>(cx, "fetch", EventInit { cancelable: true, ..EventInit::default() });
    init_fetch_event(cx, fetch, request.value(), mayfly_engine::string::atoms::EMPTY);
    fetch
}

/// The promise given to `respondWith`, if it was called.
pub fn response_promise(cx: &Context, event: Object) -> Option<Object> {
    fetch_record(cx, event).get(&cx.heap, fetch_field::RESPONSE).as_object()
}

/// Whether `passThroughOnException` was called.
pub fn passes_through(cx: &Context, event: Object) -> bool {
    fetch_record(cx, event).get(&cx.heap, fetch_field::PASS_THROUGH) == Value::TRUE
}

// ── ScheduledEvent ──

/// A time of a schedule has come. <https://developers.cloudflare.com/workers/runtime-apis/handlers/scheduled/>
#[interface(name = "ScheduledEvent", class = class::SCHEDULED_EVENT, parent = ExtendableEvent)]
impl ScheduledEvent {
    #[getter(ts = "number")]
    fn scheduled_time(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(scheduled_field(cx, this, 0))
    }

    #[getter(ts = "string")]
    fn cron(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(scheduled_field(cx, this, 1))
    }

    #[method]
    fn no_retry(_: &mut Context, _this: Object) -> Result<()> {
        Ok(())
    }
}

fn scheduled_field(cx: &Context, event: Object, index: u32) -> Value {
    event.internal(&cx.heap, SUBCLASS_2).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

/// A trusted `scheduled` event.
pub fn create_scheduled_event(cx: &mut Context, scheduled_time_ms: f64, cron: &str) -> Object {
    let scheduled = event::create::<ScheduledEvent>(cx, "scheduled", EventInit::default());
    let record = cx.heap.new_values_from(&[Value::number(scheduled_time_ms), cx.new_string(cron)]);
    scheduled.set_internal(&cx.heap, SUBCLASS_2, Value::cell(record));
    scheduled
}

// ── the context of module workers ──

const CONTEXT_PROMISES: u32 = 1;
const CONTEXT_PASSES: u32 = 2;

/// Third argument of a module worker's handlers. <https://developers.cloudflare.com/workers/runtime-apis/context/>
#[interface(name = "ExecutionContext", class = class::EXECUTION_CONTEXT, not_global)]
impl ExecutionContext {
    #[method]
    fn wait_until(cx: &mut Context, this: Object, #[ts("Promise<any>")] promise: Value) -> Result<()> {
        extend(cx, this, CONTEXT_PROMISES, promise)
    }

    #[method]
    fn pass_through_on_exception(cx: &mut Context, this: Object) -> Result<()> {
        this.set_internal(&cx.heap, CONTEXT_PASSES, Value::TRUE);
        Ok(())
    }
}

/// A new context object.
pub fn create_execution_context(cx: &mut Context) -> Object {
    new_instance::<ExecutionContext>(cx)
}

/// Adds a promise to those that a context waits for, as `waitUntil` does.
pub fn extend_context(cx: &mut Context, context: Object, promise: Value) -> Result<()> {
    extend(cx, context, CONTEXT_PROMISES, promise)
}

/// How many of a context's promises are pending.
pub fn pending_context_promises(cx: &Context, context: Object) -> i32 {
    pending(cx, context, CONTEXT_PROMISES)
}

/// Whether `passThroughOnException` was called on a context.
pub fn context_passes_through(cx: &Context, context: Object) -> bool {
    context.internal(&cx.heap, CONTEXT_PASSES) == Value::TRUE
}
