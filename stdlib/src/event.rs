//! Event and its subclasses without a file of their own. <https://dom.spec.whatwg.org/#interface-event>
//!
//! Internal slots: 1 type, 2 target, 3 current target, 4 flags, 5 time stamp, 6 and 7 of the subclass.

use crate::platform::try_platform;
use crate::webidl::prelude::*;
use mayfly_engine::string::atoms::EMPTY;

const TYPE: u32 = 1;
const TARGET: u32 = 2;
const CURRENT_TARGET: u32 = 3;
const FLAGS: u32 = 4;
const TIME_STAMP: u32 = 5;
/// First slot for subclasses.
pub const SUBCLASS: u32 = 6;
/// Second slot for subclasses.
pub const SUBCLASS_2: u32 = 7;

/// Flags of events. <https://dom.spec.whatwg.org/#stop-propagation-flag>
pub mod flag {
    /// Stop propagation flag.
    pub const STOP: i32 = 1;
    /// Stop immediate propagation flag.
    pub const STOP_IMMEDIATE: i32 = 2;
    /// Canceled flag.
    pub const CANCELED: i32 = 4;
    /// In passive listener flag.
    pub const IN_PASSIVE: i32 = 8;
    /// Composed flag.
    pub const COMPOSED: i32 = 16;
    /// Initialized flag.
    pub const INITIALIZED: i32 = 32;
    /// Dispatch flag.
    pub const DISPATCH: i32 = 64;
    /// Bubbles.
    pub const BUBBLES: i32 = 128;
    /// Cancelable.
    pub const CANCELABLE: i32 = 256;
    /// Made by the runtime.
    pub const TRUSTED: i32 = 512;
    /// Event phase, two bits.
    pub const PHASE_SHIFT: i32 = 10;
}

/// EventInit
#[derive(Dictionary, Default, Clone, Copy)]
pub struct EventInit {
    /// bubbles
    pub bubbles: bool,
    /// cancelable
    pub cancelable: bool,
    /// composed
    pub composed: bool,
}

/// Flags of an event.
pub fn flags(cx: &Context, event: Object) -> i32 {
    event.internal(&cx.heap, FLAGS).as_int().unwrap_or(0)
}

/// Sets and clears flags.
pub fn change_flags(cx: &Context, event: Object, set: i32, clear: i32) {
    event.set_internal(&cx.heap, FLAGS, Value::int(flags(cx, event) & !clear | set));
}

/// Type of an event, as the script that made it said.
pub fn event_type(cx: &Context, event: Object) -> JsString {
    event.internal(&cx.heap, TYPE).as_string().unwrap_or(EMPTY)
}

/// Sets target, current target and phase for a dispatch.
pub fn set_targets(cx: &Context, event: Object, target: Value, current: Value, phase: i32) {
    event.set_internal(&cx.heap, TARGET, target);
    event.set_internal(&cx.heap, CURRENT_TARGET, current);
    change_flags(cx, event, phase << flag::PHASE_SHIFT, 3 << flag::PHASE_SHIFT);
}

/// The current target.
pub fn current_target(cx: &Context, event: Object) -> Value {
    event.internal(&cx.heap, CURRENT_TARGET)
}

// https://dom.spec.whatwg.org/#inner-event-creation-steps
/// Fills the slots of a new event.
pub fn initialise(cx: &mut Context, event: Object, event_type: JsString, init: EventInit, trusted: bool) {
    let mut bits = flag::INITIALIZED;
    for (condition, bit) in
        [(init.bubbles, flag::BUBBLES), (init.cancelable, flag::CANCELABLE), (init.composed, flag::COMPOSED), (trusted, flag::TRUSTED)]
    {
        if condition {
            bits |= bit;
        }
    }
    let now = try_platform(cx).and_then(|platform| platform.monotonic_ms().ok()).map_or(0.0, crate::performance::coarsen);
    let heap = &cx.heap;
    event.set_internal(heap, TYPE, event_type.value());
    event.set_internal(heap, TARGET, Value::NULL);
    event.set_internal(heap, CURRENT_TARGET, Value::NULL);
    event.set_internal(heap, FLAGS, Value::int(bits));
    event.set_internal(heap, TIME_STAMP, Value::number(now));
    // [LegacyUnforgeable]: an own accessor, one pair of functions for all events.
    let pair = cx.embedder_root(roots::IS_TRUSTED);
    let name = cx.key("isTrusted");
    event.add_property(&cx.heap, name, pair, attribute::ENUMERABLE | attribute::ACCESSOR);
}

/// A new event of class `T` made by the runtime. Slots of the subclass are undefined.
pub fn create<T: Interface>(cx: &mut Context, event_type: &str, init: EventInit) -> Object {
    let event = new_instance::<T>(cx);
    let event_type = cx.heap.intern_text(event_type);
    initialise(cx, event, event_type, init, true);
    event
}

/// Makes what all events share; called once for each realm.
pub fn install(cx: &mut Context) {
    let getter = cx.new_native(Event::is_trusted).value();
    let pair = cx.heap.new_values_from(&[getter, Value::UNDEFINED]);
    cx.set_embedder_root(roots::IS_TRUSTED, Value::cell(pair));
}

/// Something that happened, on its way to listeners.
#[interface(name = "Event", class = class::EVENT)]
impl Event {
    const NONE: u16 = 0;
    const CAPTURING_PHASE: u16 = 1;
    const AT_TARGET: u16 = 2;
    const BUBBLING_PHASE: u16 = 3;

    // https://dom.spec.whatwg.org/#dom-event-event
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: EventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init, false);
        Ok(())
    }

    // https://dom.spec.whatwg.org/#dom-event-istrusted
    #[hidden(name = "get isTrusted")]
    fn is_trusted(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
        match instance::<Event>(cx, this) {
            Some(event) => Ok(Value::bool(flags(cx, event) & flag::TRUSTED != 0)),
            None => Err(cx.throw_type_error("Illegal invocation")),
        }
    }

    #[getter(name = "type")]
    fn type_(cx: &mut Context, this: Object) -> Result<JsString> {
        Ok(event_type(cx, this))
    }

    #[getter(ts = "EventTarget | null")]
    fn target(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, TARGET))
    }

    #[getter(ts = "EventTarget | null")]
    fn src_element(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, TARGET))
    }

    #[getter(ts = "EventTarget | null")]
    fn current_target(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, CURRENT_TARGET))
    }

    // https://dom.spec.whatwg.org/#dom-event-composedpath
    #[method(ts = "EventTarget[]")]
    fn composed_path(cx: &mut Context, this: Object) -> Result<Vec<Value>> {
        // Targets have no parents here, so a path is the target alone, while it is dispatched to.
        let current = this.internal(&cx.heap, CURRENT_TARGET);
        Ok(if current.is_object() { vec![current] } else { Vec::new() })
    }

    #[getter]
    fn event_phase(cx: &mut Context, this: Object) -> Result<u16> {
        Ok((flags(cx, this) >> flag::PHASE_SHIFT & 3) as u16)
    }

    #[method]
    fn stop_propagation(cx: &mut Context, this: Object) -> Result<()> {
        change_flags(cx, this, flag::STOP, 0);
        Ok(())
    }

    #[getter]
    fn cancel_bubble(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::STOP != 0)
    }

    #[setter]
    fn set_cancel_bubble(cx: &mut Context, this: Object, value: bool) -> Result<()> {
        if value {
            change_flags(cx, this, flag::STOP, 0);
        }
        Ok(())
    }

    #[method]
    fn stop_immediate_propagation(cx: &mut Context, this: Object) -> Result<()> {
        change_flags(cx, this, flag::STOP | flag::STOP_IMMEDIATE, 0);
        Ok(())
    }

    #[getter]
    fn bubbles(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::BUBBLES != 0)
    }

    #[getter]
    fn cancelable(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::CANCELABLE != 0)
    }

    #[getter]
    fn return_value(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::CANCELED == 0)
    }

    #[setter]
    fn set_return_value(cx: &mut Context, this: Object, value: bool) -> Result<()> {
        if !value {
            cancel(cx, this);
        }
        Ok(())
    }

    #[method]
    fn prevent_default(cx: &mut Context, this: Object) -> Result<()> {
        cancel(cx, this);
        Ok(())
    }

    #[getter]
    fn default_prevented(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::CANCELED != 0)
    }

    #[getter]
    fn composed(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(flags(cx, this) & flag::COMPOSED != 0)
    }

    #[getter(ts = "number")]
    fn time_stamp(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, TIME_STAMP))
    }

    // https://dom.spec.whatwg.org/#dom-event-initevent
    #[method]
    fn init_event(
        cx: &mut Context,
        this: Object,
        event_type: DOMString,
        bubbles: Optional<bool>,
        cancelable: Optional<bool>,
    ) -> Result<()> {
        reinitialise(cx, this, event_type.0, bubbles.unwrap_or(false), cancelable.unwrap_or(false));
        Ok(())
    }
}

// https://dom.spec.whatwg.org/#set-the-canceled-flag
/// Cancels an event where that is possible.
pub fn cancel(cx: &Context, event: Object) {
    let bits = flags(cx, event);
    if bits & flag::CANCELABLE != 0 && bits & flag::IN_PASSIVE == 0 {
        change_flags(cx, event, flag::CANCELED, 0);
    }
}

// https://dom.spec.whatwg.org/#concept-event-initialize; the methods return at once while the event is dispatched.
/// Initialises an event again; false while it is dispatched.
pub(crate) fn reinitialise(cx: &Context, event: Object, event_type: JsString, bubbles: bool, cancelable: bool) -> bool {
    if flags(cx, event) & flag::DISPATCH != 0 {
        return false;
    }
    let set = flag::INITIALIZED | if bubbles { flag::BUBBLES } else { 0 } | if cancelable { flag::CANCELABLE } else { 0 };
    let clear = flag::STOP | flag::STOP_IMMEDIATE | flag::CANCELED | flag::TRUSTED | flag::BUBBLES | flag::CANCELABLE;
    change_flags(cx, event, set, clear);
    event.set_internal(&cx.heap, TARGET, Value::NULL);
    event.set_internal(&cx.heap, TYPE, event_type.value());
    true
}

/// CustomEventInit
#[derive(Dictionary)]
#[idl(generics = "<T = any>")]
struct CustomEventInit {
    #[idl(parent)]
    base: EventInit,
    #[idl(default = Value::NULL, ts = "T")]
    detail: Value,
}

/// An event with a value of the script's own. <https://dom.spec.whatwg.org/#interface-customevent>
#[interface(name = "CustomEvent", class = class::CUSTOM_EVENT, parent = Event, generics = "<T = any>", uses = [CustomEventInit])]
impl CustomEvent {
    #[constructor(ts = "<T>(type: string, eventInitDict?: CustomEventInit<T>): CustomEvent<T>")]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: CustomEventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init.base, false);
        this.set_internal(&cx.heap, SUBCLASS, init.detail);
        Ok(())
    }

    #[getter(ts = "T")]
    fn detail(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, SUBCLASS))
    }

    // https://dom.spec.whatwg.org/#dom-customevent-initcustomevent
    #[method(ts = "(type: string, bubbles?: boolean, cancelable?: boolean, detail?: T): void")]
    fn init_custom_event(
        cx: &mut Context,
        this: Object,
        event_type: DOMString,
        bubbles: Optional<bool>,
        cancelable: Optional<bool>,
        detail: Optional<Value>,
    ) -> Result<()> {
        if reinitialise(cx, this, event_type.0, bubbles.unwrap_or(false), cancelable.unwrap_or(false)) {
            this.set_internal(&cx.heap, SUBCLASS, detail.unwrap_or(Value::NULL));
        }
        Ok(())
    }
}

/// Values of a subclass that needs more than two slots, kept in one record.
fn set_fields(cx: &Context, event: Object, fields: &[Value]) {
    let record = cx.heap.new_values_from(fields);
    event.set_internal(&cx.heap, SUBCLASS, Value::cell(record));
}

fn get_field(cx: &Context, event: Object, index: u32) -> Value {
    event.internal(&cx.heap, SUBCLASS).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

/// ErrorEventInit
#[derive(Dictionary)]
struct ErrorEventInit {
    #[idl(parent)]
    base: EventInit,
    message: DOMString,
    filename: USVString,
    lineno: u32,
    colno: u32,
    #[idl(default = Value::UNDEFINED)]
    error: Value,
}

/// An uncaught exception. <https://html.spec.whatwg.org/multipage/webappapis.html#errorevent>
#[interface(name = "ErrorEvent", class = class::ERROR_EVENT, parent = Event)]
impl ErrorEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: ErrorEventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init.base, false);
        let filename = cx.new_string(&init.filename);
        let fields =
            [init.message.value(), filename, Value::number(f64::from(init.lineno)), Value::number(f64::from(init.colno)), init.error];
        set_fields(cx, this, &fields);
        Ok(())
    }

    #[getter(ts = "string")]
    fn message(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get_field(cx, this, 0))
    }

    #[getter(ts = "string")]
    fn filename(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get_field(cx, this, 1))
    }

    #[getter(ts = "number")]
    fn lineno(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get_field(cx, this, 2))
    }

    #[getter(ts = "number")]
    fn colno(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get_field(cx, this, 3))
    }

    #[getter]
    fn error(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get_field(cx, this, 4))
    }
}

/// A trusted, cancelable ErrorEvent. `line` and `column` count from 1.
pub fn create_error_event(cx: &mut Context, message: &str, filename: &str, line: u32, column: u32, error: Value) -> Object {
    let event = create::<ErrorEvent>(cx, "error", EventInit { cancelable: true, ..EventInit::default() });
    let fields = [cx.new_string(message), cx.new_string(filename), Value::number(f64::from(line)), Value::number(f64::from(column)), error];
    set_fields(cx, event, &fields);
    event
}

/// Arguments of an `onerror` handler: message, filename, lineno, colno, error. `None` for other events.
pub fn error_event_arguments(cx: &Context, event: Object) -> Option<[Value; 5]> {
    if !is_instance(cx, event.value(), class::ERROR_EVENT) {
        return None;
    }
    Some([0, 1, 2, 3, 4].map(|index| get_field(cx, event, index)))
}

/// PromiseRejectionEventInit
#[derive(Dictionary)]
struct PromiseRejectionEventInit {
    #[idl(parent)]
    base: EventInit,
    #[idl(required, ts = "Promise<any>")]
    promise: Object,
    #[idl(default = Value::UNDEFINED)]
    reason: Value,
}

/// A rejection without handler, or one that got its handler late.
/// <https://html.spec.whatwg.org/multipage/webappapis.html#promiserejectionevent>
#[interface(name = "PromiseRejectionEvent", class = class::PROMISE_REJECTION_EVENT, parent = Event)]
impl PromiseRejectionEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: PromiseRejectionEventInit) -> Result<()> {
        initialise(cx, this, event_type.0, init.base, false);
        this.set_internal(&cx.heap, SUBCLASS, init.promise.value());
        this.set_internal(&cx.heap, SUBCLASS_2, init.reason);
        Ok(())
    }

    #[getter(ts = "Promise<any>")]
    fn promise(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, SUBCLASS))
    }

    #[getter]
    fn reason(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, SUBCLASS_2))
    }
}

/// A trusted PromiseRejectionEvent.
pub fn create_rejection_event(cx: &mut Context, event_type: &str, cancelable: bool, promise: Object, reason: Value) -> Object {
    let event = create::<PromiseRejectionEvent>(cx, event_type, EventInit { cancelable, ..EventInit::default() });
    event.set_internal(&cx.heap, SUBCLASS, promise.value());
    event.set_internal(&cx.heap, SUBCLASS_2, reason);
    event
}
