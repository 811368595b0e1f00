//! EventTarget: listeners and dispatch. <https://dom.spec.whatwg.org/#interface-eventtarget>
//!
//! Internal slot 1 of a target is its list of listeners, each a record: 0 type (atom), 1 callback, 2 flags, 3 signal. The list of the
//! global object is an embedder root. A removed listener keeps its record, marked, so that a running dispatch sees it.

use crate::abort::{self, AbortSignal};
use crate::event::{self, Event, flag};
use crate::report;
use crate::webidl::prelude::*;
use mayfly_engine::string::atoms::key;

/// Slot of the list of listeners.
const LISTENERS: u32 = 1;

mod field {
    pub const TYPE: u32 = 0;
    pub const CALLBACK: u32 = 1;
    pub const FLAGS: u32 = 2;
}

mod listener_flag {
    pub const CAPTURE: i32 = 1;
    pub const ONCE: i32 = 2;
    pub const PASSIVE: i32 = 4;
    pub const REMOVED: i32 = 8;
    /// An event handler (`onabort = …`): its return value cancels.
    pub const HANDLER: i32 = 16;
}

fn list(cx: &Context, target: Object) -> Option<Ref<Values>> {
    let value = if target == cx.global() { cx.embedder_root(roots::GLOBAL_LISTENERS) } else { target.internal(&cx.heap, LISTENERS) };
    value.as_cell()
}

fn set_list(cx: &mut Context, target: Object, list: Ref<Values>) {
    if target == cx.global() {
        cx.set_embedder_root(roots::GLOBAL_LISTENERS, Value::cell(list));
    } else {
        target.set_internal(&cx.heap, LISTENERS, Value::cell(list));
    }
}

fn records(cx: &Context, target: Object) -> Vec<Ref<Values>> {
    let Some(list) = list(cx, target) else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_cell()).collect()
}

fn record_flags(cx: &Context, record: Ref<Values>) -> i32 {
    record.get(&cx.heap, field::FLAGS).as_int().unwrap_or(0)
}

fn add_record(cx: &mut Context, target: Object, event_type: JsString, callback: Value, flags: i32, signal: Value) {
    let record = cx.heap.new_values_from(&[event_type.value(), callback, Value::int(flags), signal]);
    let list = list(cx, target).unwrap_or_else(|| cx.heap.new_values(4));
    let list = list.push(&cx.heap, Value::cell(record));
    set_list(cx, target, list);
}

// https://dom.spec.whatwg.org/#remove-an-event-listener
fn remove_record(cx: &mut Context, target: Object, record: Ref<Values>) {
    record.set(&cx.heap, field::FLAGS, Value::int(record_flags(cx, record) | listener_flag::REMOVED));
    let kept: Vec<Value> = records(cx, target).into_iter().filter(|other| *other != record).map(Value::cell).collect();
    let list = cx.heap.new_values_from(&kept);
    set_list(cx, target, list);
}

/// Whether a target has a listener for this type (which saves making the event).
pub fn has_listener(cx: &Context, target: Object, event_type: &str) -> bool {
    records(cx, target)
        .into_iter()
        .any(|record| record.get(&cx.heap, field::TYPE).as_string().is_some_and(|known| known.equals_text(event_type, &cx.heap)))
}

/// AddEventListenerOptions, flattened. <https://dom.spec.whatwg.org/#event-flatten-more>
struct ListenerOptions {
    flags: i32,
    signal: Value,
}

fn flatten_more(cx: &mut Context, options: Value, place: &Place<'_>) -> Result<ListenerOptions> {
    let Some(object) = options.as_object() else {
        let capture = if cx.to_boolean(options) { listener_flag::CAPTURE } else { 0 };
        return Ok(ListenerOptions { flags: capture, signal: Value::UNDEFINED });
    };
    let mut flags = 0;
    for (name, bit) in [(key::capture, listener_flag::CAPTURE), (key::once, listener_flag::ONCE), (key::passive, listener_flag::PASSIVE)] {
        let value = cx.get(object, name)?;
        if cx.to_boolean(value) {
            flags |= bit;
        }
    }
    let signal = cx.get(object, key::signal)?;
    if !signal.is_undefined() {
        let place = place.of_dictionary_member("AddEventListenerOptions", "signal");
        Instance::<AbortSignal>::from_js(cx, signal, &place)?;
    }
    Ok(ListenerOptions { flags, signal })
}

/// EventListener?: an object or null.
fn listener_callback(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Option<Object>> {
    match value.as_object() {
        Some(object) => Ok(Some(object)),
        None if value.is_nullish() => Ok(None),
        None => Err(place.argument(1).wrong_type(cx, "EventListener")),
    }
}

/// An object that events can be dispatched to.
#[interface(name = "EventTarget", class = class::EVENT_TARGET)]
impl EventTarget {
    // https://dom.spec.whatwg.org/#dom-eventtarget-eventtarget
    #[constructor]
    fn new(_: &mut Context, _: Object) -> Result<()> {
        Ok(())
    }

    // https://dom.spec.whatwg.org/#dom-eventtarget-addeventlistener
    #[method(ts = "(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | AddEventListenerOptions): void")]
    fn add_event_listener(cx: &mut Context, this: Object, event_type: DOMString, callback: Value, options: Optional<Value>) -> Result<()> {
        let place = Place::method("EventTarget", "addEventListener");
        let callback = listener_callback(cx, callback, &place)?;
        let ListenerOptions { flags, signal } = flatten_more(cx, options.unwrap_or(Value::UNDEFINED), &place)?;
        // https://dom.spec.whatwg.org/#add-an-event-listener
        let signal_object = signal.as_object();
        if signal_object.is_some_and(|signal| abort::is_aborted(cx, signal)) {
            return Ok(());
        }
        let Some(callback) = callback else { return Ok(()) };
        let event_type = cx.heap.intern(event_type.0);
        let same =
            records(cx, this).into_iter().any(|record| is_listener(cx, record, event_type, callback, flags & listener_flag::CAPTURE));
        if same {
            return Ok(());
        }
        add_record(cx, this, event_type, callback.value(), flags, signal);
        if let Some(signal) = signal_object {
            // The abort algorithm: remove this listener.
            let record = list(cx, this).map_or(Value::UNDEFINED, |list| list.get(&cx.heap, list.length(&cx.heap).wrapping_sub(1)));
            let algorithm = cx.new_native_with_slots(EventTarget::remove_on_abort, &[this.value(), record]);
            abort::add_algorithm(cx, signal, algorithm);
        }
        Ok(())
    }

    #[hidden]
    fn remove_on_abort(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
        let target = cx.native_slot(args.callee, 0).as_object();
        let record = cx.native_slot(args.callee, 1).as_cell::<Values>();
        if let (Some(target), Some(record)) = (target, record) {
            remove_record(cx, target, record);
        }
        Ok(Value::UNDEFINED)
    }

    // https://dom.spec.whatwg.org/#dom-eventtarget-removeeventlistener
    #[method(ts = "(type: string, callback: EventListenerOrEventListenerObject | null, options?: boolean | EventListenerOptions): void")]
    fn remove_event_listener(
        cx: &mut Context,
        this: Object,
        event_type: DOMString,
        callback: Value,
        options: Optional<Value>,
    ) -> Result<()> {
        let place = Place::method("EventTarget", "removeEventListener");
        let callback = listener_callback(cx, callback, &place)?;
        let options = options.unwrap_or(Value::UNDEFINED);
        let capture = match options.as_object() {
            Some(object) => {
                let capture = cx.get(object, key::capture)?;
                cx.to_boolean(capture)
            }
            None => cx.to_boolean(options),
        };
        let Some(callback) = callback else { return Ok(()) };
        let event_type = cx.heap.intern(event_type.0);
        let capture = if capture { listener_flag::CAPTURE } else { 0 };
        if let Some(record) = records(cx, this).into_iter().find(|record| is_listener(cx, *record, event_type, callback, capture)) {
            remove_record(cx, this, record);
        }
        Ok(())
    }

    // https://dom.spec.whatwg.org/#dom-eventtarget-dispatchevent
    #[method]
    fn dispatch_event(cx: &mut Context, this: Object, event: Instance<Event>) -> Result<bool> {
        let event = event.object;
        let flags = event::flags(cx, event);
        if flags & flag::DISPATCH != 0 || flags & flag::INITIALIZED == 0 {
            let message = Place::method("EventTarget", "dispatchEvent").message("The event is already being dispatched.");
            return Err(crate::dom_exception::throw(cx, "InvalidStateError", &message));
        }
        event::change_flags(cx, event, 0, flag::TRUSTED);
        dispatch_collecting(cx, this, event)
    }
}

fn is_listener(cx: &Context, record: Ref<Values>, event_type: JsString, callback: Object, capture: i32) -> bool {
    let flags = record_flags(cx, record);
    record.get(&cx.heap, field::TYPE) == event_type.value()
        && record.get(&cx.heap, field::CALLBACK) == callback.value()
        && flags & listener_flag::CAPTURE == capture
        && flags & listener_flag::HANDLER == 0
}

// https://dom.spec.whatwg.org/#concept-event-dispatch
/// Dispatches an event to a target; whether it was not canceled. `Err` only when the instance is being stopped: exceptions of listeners
/// are reported. Targets have no parents here, so the path is the target alone. Nothing is collected while listeners run, so callers may
/// hold references.
pub fn dispatch(cx: &mut Context, target: Object, event: Object) -> Result<bool> {
    dispatch_with(cx, target, event, Context::call)
}

/// How listeners are called.
type Caller = fn(&mut Context, Value, Value, &[Value]) -> Result<Value>;

/// The same, and the collector may run while listeners do: for the host, and for natives that hold nothing but their own arguments.
pub fn dispatch_collecting(cx: &mut Context, target: Object, event: Object) -> Result<bool> {
    let kept = cx.push_temporary(target.value());
    cx.push_temporary(event.value());
    let outcome = dispatch_with(cx, target, event, Context::call_collecting);
    cx.pop_temporaries(kept);
    outcome
}

fn dispatch_with(cx: &mut Context, target: Object, event: Object, call: Caller) -> Result<bool> {
    begin_dispatch(cx, target, event);
    let mut outcome = Ok(());
    for capture in [listener_flag::CAPTURE, 0] {
        if event::flags(cx, event) & flag::STOP != 0 {
            break;
        }
        outcome = invoke(cx, target, event, capture, call);
        if outcome.is_err() {
            break;
        }
    }
    end_dispatch(cx, target, event);
    outcome?;
    Ok(event::flags(cx, event) & flag::CANCELED == 0)
}

/// What comes before the listeners of a dispatch. For hosts that call the [sole listener](sole_listener) themselves.
pub fn begin_dispatch(cx: &mut Context, target: Object, event: Object) {
    event::change_flags(cx, event, flag::DISPATCH, 0);
    event::set_targets(cx, event, target.value(), target.value(), 2);
}

/// What comes after them.
pub fn end_dispatch(cx: &mut Context, target: Object, event: Object) {
    event::set_targets(cx, event, target.value(), Value::NULL, 0);
    event::change_flags(cx, event, 0, flag::DISPATCH | flag::STOP | flag::STOP_IMMEDIATE);
}

/// The callback of a type's only listener, if that is a function without options: calling it with the event, between [`begin_dispatch`] and
/// [`end_dispatch`], is then the whole dispatch.
pub fn sole_listener(cx: &Context, target: Object, event_type: &str) -> Option<Object> {
    let mut found = None;
    for record in records(cx, target) {
        if !record.get(&cx.heap, field::TYPE).as_string().is_some_and(|known| known.equals_text(event_type, &cx.heap)) {
            continue;
        }
        let callback = record.get(&cx.heap, field::CALLBACK).as_object().filter(|callback| callback.is_callable(&cx.heap))?;
        if found.is_some() || record_flags(cx, record) != 0 {
            return None;
        }
        found = Some(callback);
    }
    found
}

// https://dom.spec.whatwg.org/#concept-event-listener-inner-invoke
fn invoke(cx: &mut Context, target: Object, event: Object, capture: i32, call: Caller) -> Result<()> {
    // The event's type is interned by now, or it has no listeners.
    let event_type = cx.heap.intern(event::event_type(cx, event));
    let records = records(cx, target);
    // A listener may remove others, which then only this list holds.
    let kept = cx.push_temporary(event_type.value());
    for record in &records {
        cx.push_temporary(Value::cell(*record));
    }
    let outcome = invoke_records(cx, &records, event_type, target, event, capture, call);
    cx.pop_temporaries(kept);
    outcome
}

fn invoke_records(
    cx: &mut Context,
    records: &[Ref<Values>],
    event_type: JsString,
    target: Object,
    event: Object,
    capture: i32,
    call: Caller,
) -> Result<()> {
    for &record in records {
        let flags = record_flags(cx, record);
        if flags & listener_flag::REMOVED != 0
            || flags & listener_flag::CAPTURE != capture
            || record.get(&cx.heap, field::TYPE) != event_type.value()
        {
            continue;
        }
        if flags & listener_flag::ONCE != 0 {
            remove_record(cx, target, record);
        }
        if flags & listener_flag::PASSIVE != 0 {
            event::change_flags(cx, event, flag::IN_PASSIVE, 0);
        }
        let callback = record.get(&cx.heap, field::CALLBACK);
        let outcome = if flags & listener_flag::HANDLER != 0 {
            run_handler(cx, callback, target, event, call)
        } else {
            run_listener(cx, callback, target, event, call)
        };
        if let Err(thrown) = outcome {
            match cx.take_exception() {
                Some(exception) => report::report_exception(cx, exception)?,
                None => return Err(thrown),
            }
        }
        event::change_flags(cx, event, 0, flag::IN_PASSIVE);
        if event::flags(cx, event) & flag::STOP_IMMEDIATE != 0 {
            break;
        }
    }
    Ok(())
}

// https://webidl.spec.whatwg.org/#call-a-user-objects-operation with handleEvent
fn run_listener(cx: &mut Context, callback: Value, target: Object, event: Object, call: Caller) -> Result<()> {
    if cx.is_callable(callback) {
        return call(cx, callback, target.value(), &[event.value()]).map(|_| ());
    }
    let Some(object) = callback.as_object() else { return Ok(()) };
    let method = cx.get(object, key::handle_event)?;
    if !cx.is_callable(method) {
        return Err(cx.throw_type_error("EventListener.handleEvent is not a function"));
    }
    call(cx, method, object.value(), &[event.value()]).map(|_| ())
}

// https://html.spec.whatwg.org/multipage/webappapis.html#the-event-handler-processing-algorithm
fn run_handler(cx: &mut Context, callback: Value, target: Object, event: Object, call: Caller) -> Result<()> {
    if !cx.is_callable(callback) {
        return Ok(());
    }
    let is_error = event::event_type(cx, event).equals_text("error", &cx.heap) && target == cx.global();
    let arguments = if is_error { event::error_event_arguments(cx, event) } else { None };
    let returned = match arguments {
        Some(arguments) => call(cx, callback, target.value(), &arguments)? == Value::TRUE,
        None => call(cx, callback, target.value(), &[event.value()])? == Value::FALSE,
    };
    if returned {
        event::cancel(cx, event);
    }
    Ok(())
}

// https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-idl-attributes
/// Value of an event handler attribute such as `onabort`.
pub fn handler(cx: &mut Context, target: Object, event_type: &str) -> Value {
    let found = find_handler(cx, target, event_type);
    found.map_or(Value::NULL, |record| record.get(&cx.heap, field::CALLBACK))
}

/// Sets an event handler attribute: anything but an object is null.
pub fn set_handler(cx: &mut Context, target: Object, event_type: &str, value: Value) {
    match (find_handler(cx, target, event_type), value.is_object()) {
        (Some(record), true) => record.set(&cx.heap, field::CALLBACK, value),
        (Some(record), false) => remove_record(cx, target, record),
        (None, true) => {
            let event_type = cx.heap.intern_text(event_type);
            add_record(cx, target, event_type, value, listener_flag::HANDLER, Value::UNDEFINED);
        }
        (None, false) => {}
    }
}

fn find_handler(cx: &Context, target: Object, event_type: &str) -> Option<Ref<Values>> {
    records(cx, target).into_iter().find(|record| {
        record_flags(cx, *record) & listener_flag::HANDLER != 0
            && record.get(&cx.heap, field::TYPE).as_string().is_some_and(|known| known.equals_text(event_type, &cx.heap))
    })
}

/// Makes a trusted event of class `T` and dispatches it, if anyone listens; whether it was not canceled.
pub fn fire<T: Interface>(cx: &mut Context, target: Object, event_type: &str, init: event::EventInit) -> Result<bool> {
    if !has_listener(cx, target, event_type) {
        return Ok(true);
    }
    let event = event::create::<T>(cx, event_type, init);
    dispatch(cx, target, event)
}
