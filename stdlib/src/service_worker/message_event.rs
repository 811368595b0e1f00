//! ExtendableMessageEvent: a message to the worker. <https://w3c.github.io/ServiceWorker/#extendablemessageevent-interface>
//!
//! Slot `SUBCLASS_2` holds a record: data, origin, last event ID, source, ports (a frozen array).

use crate::event::{self, EventInit, SUBCLASS_2, initialise};
use crate::event_target;
use crate::fetch_event::ExtendableEvent;
use crate::messaging::MessagePort;
use crate::webidl::prelude::*;
use crate::{location, structured_clone, tasks};
use mayfly_engine::object::IntegrityLevel;

/// ExtendableMessageEventInit
#[derive(Dictionary)]
struct ExtendableMessageEventInit {
    #[idl(parent)]
    base: EventInit,
    #[idl(default = Value::NULL)]
    data: Value,
    last_event_id: DOMString,
    origin: USVString,
    ports: Vec<Instance<MessagePort>>,
    #[idl(default = None, ts = "ServiceWorker | MessagePort | null")]
    source: Option<Value>,
}

/// A message to the worker.
#[interface(name = "ExtendableMessageEvent", class = class::EXTENDABLE_MESSAGE_EVENT, parent = ExtendableEvent)]
impl ExtendableMessageEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: ExtendableMessageEventInit) -> Result<()> {
        let source = match init.source {
            None => Value::NULL,
            Some(source) if is_instance(cx, source, class::MESSAGE_PORT) || is_instance(cx, source, class::SERVICE_WORKER) => source,
            Some(_) => {
                let place = Place::member(PlaceKind::Constructor, "ExtendableMessageEvent", "constructor");
                return Err(place.type_error(cx, "The 'source' property is neither a ServiceWorker nor a MessagePort."));
            }
        };
        initialise(cx, this, event_type.0, init.base, false);
        let origin = cx.new_string(&init.origin);
        let ports: Vec<Value> = init.ports.iter().map(|port| port.object.value()).collect();
        set_fields(cx, this, [init.data, origin, init.last_event_id.0.value(), source], &ports)
    }

    #[getter]
    fn data(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 0))
    }

    #[getter(ts = "string")]
    fn origin(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 1))
    }

    #[getter(ts = "string")]
    fn last_event_id(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 2))
    }

    #[getter(ts = "ServiceWorker | MessagePort | null")]
    fn source(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 3))
    }

    #[getter(ts = "readonly MessagePort[]")]
    fn ports(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 4))
    }
}

fn set_fields(cx: &mut Context, event: Object, fields: [Value; 4], ports: &[Value]) -> Result<()> {
    let ports = cx.new_array(ports);
    cx.set_integrity_level(ports, IntegrityLevel::Frozen)?;
    let [data, origin, last_event_id, source] = fields;
    let record = cx.heap.new_values_from(&[data, origin, last_event_id, source, ports.value()]);
    event.set_internal(&cx.heap, SUBCLASS_2, Value::cell(record));
    Ok(())
}

fn field(cx: &Context, event: Object, index: u32) -> Value {
    event.internal(&cx.heap, SUBCLASS_2).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

// https://w3c.github.io/ServiceWorker/#service-worker-postmessage
/// Sends a message from the worker to itself.
pub(super) fn post(cx: &mut Context, message: Value, transfer: &[Object]) -> Result<()> {
    let (data, transferred) = structured_clone::with_transfer(cx, message, transfer)?;
    let ports: Vec<Value> =
        transferred.into_iter().map(Object::value).filter(|object| is_instance(cx, *object, class::MESSAGE_PORT)).collect();
    let ports = cx.new_array(&ports);
    tasks::queue(cx, deliver, &[data, ports.value()])
}

pub(super) fn deliver(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let data = cx.native_slot(args.callee, 0);
    let ports = match cx.native_slot(args.callee, 1).as_object() {
        Some(array) => (0..array.array_length(&cx.heap)).filter_map(|i| array.dense_element(&cx.heap, i)).collect(),
        None => Vec::new(),
    };
    let event = event::create::<ExtendableMessageEvent>(cx, "message", EventInit::default());
    let origin = location::origin(cx).unwrap_or_default();
    let origin = cx.new_string(&origin);
    let source = cx.embedder_root(roots::SERVICE_WORKER);
    let empty = mayfly_engine::string::atoms::EMPTY.value();
    set_fields(cx, event, [data, origin, empty, source], &ports)?;
    let global = cx.global();
    event_target::dispatch_collecting(cx, global, event)?;
    Ok(Value::UNDEFINED)
}
