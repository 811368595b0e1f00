//! MessageEvent. <https://html.spec.whatwg.org/multipage/comms.html#messageevent>
//!
//! Slot `SUBCLASS` holds a record: data, origin, last event ID, source, ports (a frozen array).

use super::port::MessagePort;
use crate::event::{Event, EventInit, SUBCLASS, flag, initialise, reinitialise};
use crate::webidl::prelude::*;
use mayfly_engine::object::IntegrityLevel;
use mayfly_engine::string::atoms::EMPTY;

const DATA: u32 = 0;
const ORIGIN: u32 = 1;
const LAST_EVENT_ID: u32 = 2;
const SOURCE: u32 = 3;
const PORTS: u32 = 4;

/// MessageEventSource: of WindowProxy, MessagePort and ServiceWorker only the last two exist here.
fn check_source(cx: &mut Context, source: Option<Value>, place: &Place<'_>) -> Result<Value> {
    let Some(source) = source else { return Ok(Value::NULL) };
    if is_instance(cx, source, class::MESSAGE_PORT) || is_instance(cx, source, class::SERVICE_WORKER) {
        return Ok(source);
    }
    Err(place.type_error(cx, "The optional 'source' property is neither a Window nor MessagePort."))
}

/// MessageEventInit
#[derive(Dictionary)]
#[idl(generics = "<T = any>")]
struct MessageEventInit {
    #[idl(parent)]
    base: EventInit,
    #[idl(default = Value::NULL, ts = "T")]
    data: Value,
    last_event_id: DOMString,
    origin: USVString,
    ports: Vec<Instance<MessagePort>>,
    #[idl(default = None, ts = "MessageEventSource | null")]
    source: Option<Value>,
}

/// A message.
#[interface(name = "MessageEvent", class = class::MESSAGE_EVENT, parent = Event, generics = "<T = any>", uses = [MessageEventInit])]
impl MessageEvent {
    // https://html.spec.whatwg.org/multipage/comms.html#messageevent
    #[constructor(ts = "<T>(type: string, eventInitDict?: MessageEventInit<T>): MessageEvent<T>")]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: MessageEventInit) -> Result<()> {
        let source = check_source(cx, init.source, &Place::member(PlaceKind::Constructor, "MessageEvent", "constructor"))?;
        initialise(cx, this, event_type.0, init.base, false);
        let origin = cx.new_string(&init.origin);
        let ports: Vec<Value> = init.ports.iter().map(|port| port.object.value()).collect();
        set_fields(cx, this, [init.data, origin, init.last_event_id.value(), source], &ports)
    }

    #[getter(ts = "T")]
    fn data(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, DATA))
    }

    #[getter(ts = "string")]
    fn origin(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, ORIGIN))
    }

    #[getter(ts = "string")]
    fn last_event_id(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, LAST_EVENT_ID))
    }

    #[getter(ts = "MessageEventSource | null")]
    fn source(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, SOURCE))
    }

    #[getter(ts = "readonly MessagePort[]")]
    fn ports(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, PORTS))
    }

    // https://html.spec.whatwg.org/multipage/comms.html#dom-messageevent-initmessageevent
    #[method]
    fn init_message_event(
        cx: &mut Context,
        this: Object,
        event_type: DOMString,
        bubbles: Optional<bool>,
        cancelable: Optional<bool>,
        #[ts("T")] data: Optional<Value>,
        origin: Optional<USVString>,
        last_event_id: Optional<DOMString>,
        #[ts("MessageEventSource | null")] source: Optional<Option<Value>>,
        ports: Optional<Vec<Instance<MessagePort>>>,
    ) -> Result<()> {
        let source = check_source(cx, source.0.flatten(), &Place::method("MessageEvent", "initMessageEvent"))?;
        if !reinitialise(cx, this, event_type.0, bubbles.unwrap_or(false), cancelable.unwrap_or(false)) {
            return Ok(());
        }
        let origin = match &*origin {
            Some(origin) => cx.new_string(origin),
            None => EMPTY.value(),
        };
        let last_event_id = last_event_id.as_ref().map_or(EMPTY.value(), |id| id.0.value());
        let ports: Vec<Value> = ports.iter().flatten().map(|port| port.object.value()).collect();
        set_fields(cx, this, [data.unwrap_or(Value::NULL), origin, last_event_id, source], &ports)
    }
}

fn set_fields(cx: &mut Context, event: Object, fields: [Value; 4], ports: &[Value]) -> Result<()> {
    let ports = cx.new_array(ports);
    cx.set_integrity_level(ports, IntegrityLevel::Frozen)?;
    let [data, origin, last_event_id, source] = fields;
    let record = cx.heap.new_values_from(&[data, origin, last_event_id, source, ports.value()]);
    event.set_internal(&cx.heap, SUBCLASS, Value::cell(record));
    Ok(())
}

fn field(cx: &Context, event: Object, index: u32) -> Value {
    event.internal(&cx.heap, SUBCLASS).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

/// A trusted event with a message.
pub fn create(cx: &mut Context, event_type: &str, data: Value, origin: &str, ports: &[Value]) -> Result<Object> {
    let event = crate::event::create::<MessageEvent>(cx, event_type, EventInit::default());
    let origin = cx.new_string(origin);
    set_fields(cx, event, [data, origin, EMPTY.value(), Value::NULL], ports)?;
    debug_assert!(crate::event::flags(cx, event) & flag::TRUSTED != 0);
    Ok(event)
}

/// Sets the last event ID, as events of an EventSource have it.
pub(crate) fn set_last_event_id(cx: &Context, event: Object, id: JsString) {
    if let Some(record) = event.internal(&cx.heap, SUBCLASS).as_cell::<Values>() {
        record.set(&cx.heap, LAST_EVENT_ID, id.value());
    }
}
