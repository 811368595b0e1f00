//! MessagePort. <https://html.spec.whatwg.org/multipage/web-messaging.html#message-ports>
//!
//! Messages lie in the receiving port's queue until their tasks run: a task takes the first message of the queue that it then finds.

use super::{event, transfer};
use crate::dom_exception;
use crate::event::{Event, EventInit};
use crate::event_target::{self, EventTarget};
use crate::streams::cross_realm;
use crate::streams::support::{Slots, fifo};
use crate::structured_clone;
use crate::tasks;
use crate::webidl::prelude::*;

/// Internal slots of ports; slot 1 belongs to EventTarget.
mod slot {
    /// The port that this one is entangled with.
    pub const ENTANGLED: u32 = 2;
    /// Messages: records of data and ports.
    pub const QUEUE: u32 = 3;
    /// The queue is enabled.
    pub const ENABLED: u32 = 4;
    /// [[Detached]]: closed or transferred.
    pub const DETACHED: u32 = 5;
    /// Which native takes the messages in place of events: a constant of `handler`.
    pub const HANDLER: u32 = 6;
    /// What that native works on.
    pub const STATE: u32 = 7;
}

/// Natives that take messages.
pub(crate) mod handler {
    /// The readable side of a transferred stream.
    pub const READABLE: i32 = 1;
    /// The writable side of a transferred stream.
    pub const WRITABLE: i32 = 2;
}

/// One end of a channel.
#[interface(
    name = "MessagePort",
    class = class::MESSAGE_PORT,
    parent = EventTarget,
    events = "message: MessageEvent, messageerror: MessageEvent, close: Event",
)]
impl MessagePort {
    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-messageport-postmessage
    #[method(
        length = 1,
        ts = "(message: any, transfer: Iterable<Transferable>): void",
        ts = "(message: any, options?: StructuredSerializeOptions): void"
    )]
    fn post_message(cx: &mut Context, this: Object, message: Value, options: Optional<Value>) -> Result<()> {
        let place = Place::method("MessagePort", "postMessage");
        let transfer = transfer::argument(cx, options.unwrap_or(Value::UNDEFINED), &place.argument(1))?;
        post(cx, this, message, &transfer)
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-messageport-start
    #[method]
    fn start(cx: &mut Context, this: Object) -> Result<()> {
        start(cx, this)
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-messageport-close
    #[method]
    fn close(cx: &mut Context, this: Object) -> Result<()> {
        this.put(cx, slot::DETACHED, true);
        disentangle(cx, this)
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#handler-messageeventtarget-onmessage
    #[getter(name = "onmessage")]
    fn onmessage(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "message"))
    }

    #[setter(name = "onmessage")]
    fn set_onmessage(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "message", value);
        // Setting it enables the queue, as start() does.
        start(cx, this)
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#handler-messageeventtarget-onmessageerror
    #[getter(name = "onmessageerror")]
    fn onmessageerror(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "messageerror"))
    }

    #[setter(name = "onmessageerror")]
    fn set_onmessageerror(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "messageerror", value);
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#handler-messageport-onclose
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

/// Two new ports entangled with each other.
pub(crate) fn new_pair(cx: &mut Context) -> (Object, Object) {
    let (first, second) = (new_instance::<MessagePort>(cx), new_instance::<MessagePort>(cx));
    first.put(cx, slot::ENTANGLED, second);
    second.put(cx, slot::ENTANGLED, first);
    (first, second)
}

/// [[Detached]].
pub(crate) fn is_detached(cx: &Context, port: Object) -> bool {
    port.flag(cx, slot::DETACHED)
}

// https://html.spec.whatwg.org/multipage/web-messaging.html#message-port-post-message-steps
fn post(cx: &mut Context, source: Object, message: Value, transfer: &[Object]) -> Result<()> {
    let target = source.object(cx, slot::ENTANGLED);
    if transfer.contains(&source) {
        let text = Place::method("MessagePort", "postMessage").message("The transfer list contains the source port.");
        return Err(dom_exception::throw(cx, "DataCloneError", &text));
    }
    // A port sent to itself takes the message with it: nobody will ever get it.
    let is_doomed = target.is_some_and(|target| transfer.contains(&target));
    let (data, transferred) = structured_clone::with_transfer(cx, message, transfer)?;
    let Some(target) = target.filter(|_| !is_doomed) else { return Ok(()) };
    let ports: Vec<Value> =
        transferred.into_iter().map(Object::value).filter(|object| is_instance(cx, *object, class::MESSAGE_PORT)).collect();
    let ports = cx.new_array(&ports);
    enqueue(cx, target, data, ports.value())
}

/// Puts a message into a port's queue.
fn enqueue(cx: &mut Context, target: Object, data: Value, ports: Value) -> Result<()> {
    if target.flag(cx, slot::ENABLED) {
        tasks::queue(cx, deliver, &[target.value()])?;
    }
    let message = cx.heap.new_values_from(&[data, ports]);
    fifo::push(cx, target, slot::QUEUE, Value::cell(message));
    Ok(())
}

/// Sends a value to a port's native: its clone is part of a message of this kind.
pub(crate) fn post_packed(cx: &mut Context, source: Object, kind: i32, value: Value) -> Result<()> {
    let target = source.object(cx, slot::ENTANGLED);
    let clone = structured_clone::clone(cx, value, &[])?;
    match target {
        Some(target) => enqueue(cx, target, clone, Value::int(kind)),
        None => Ok(()),
    }
}

/// Has a native take a port's messages, from now on.
pub(crate) fn set_native_handler(cx: &mut Context, port: Object, handler: i32, state: Object) -> Result<()> {
    port.put(cx, slot::HANDLER, handler);
    port.put(cx, slot::STATE, state);
    start(cx, port)
}

/// Enables a port's queue.
fn start(cx: &mut Context, port: Object) -> Result<()> {
    if port.flag(cx, slot::ENABLED) {
        return Ok(());
    }
    for _ in 0..fifo::len(cx, port, slot::QUEUE) {
        tasks::queue(cx, deliver, &[port.value()])?;
    }
    port.put(cx, slot::ENABLED, true);
    Ok(())
}

/// The task of a message: the steps of the post message steps that run at the receiver.
pub(super) fn deliver(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(port) = cx.native_slot(args.callee, 0).as_object() else { return Ok(Value::UNDEFINED) };
    if !port.flag(cx, slot::ENABLED) {
        return Ok(Value::UNDEFINED);
    }
    // A transferred port has lost its messages to the new one.
    let Some(message) = fifo::shift(cx, port, slot::QUEUE).and_then(Value::as_cell::<Values>) else { return Ok(Value::UNDEFINED) };
    let (data, ports) = (message.at(cx, 0), message.at(cx, 1));
    match (port.int(cx, slot::HANDLER), port.object(cx, slot::STATE)) {
        (handler::READABLE, Some(controller)) => cross_realm::readable_message(cx, port, controller, ports, data)?,
        (handler::WRITABLE, Some(controller)) => cross_realm::writable_message(cx, controller, ports, data)?,
        _ => {
            let ports = match ports.as_object() {
                Some(array) => (0..array.array_length(&cx.heap)).filter_map(|i| array.dense_element(&cx.heap, i)).collect(),
                None => Vec::new(),
            };
            let event = event::create(cx, "message", data, "", &ports)?;
            event_target::dispatch_collecting(cx, port, event)?;
        }
    }
    Ok(Value::UNDEFINED)
}

// https://html.spec.whatwg.org/multipage/web-messaging.html#disentangle
/// The `close` event is a task, so that it comes after the messages under way.
pub(crate) fn disentangle(cx: &mut Context, port: Object) -> Result<()> {
    let Some(other) = port.object(cx, slot::ENTANGLED) else { return Ok(()) };
    port.put(cx, slot::ENTANGLED, Value::UNDEFINED);
    other.put(cx, slot::ENTANGLED, Value::UNDEFINED);
    if event_target::has_listener(cx, other, "close") {
        tasks::queue(cx, fire_close, &[other.value()])?;
    }
    Ok(())
}

pub(super) fn fire_close(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(port) = cx.native_slot(args.callee, 0).as_object() {
        let event = crate::event::create::<Event>(cx, "close", EventInit::default());
        event_target::dispatch_collecting(cx, port, event)?;
    }
    Ok(Value::UNDEFINED)
}

// https://html.spec.whatwg.org/multipage/web-messaging.html#message-ports:transfer-steps and its transfer-receiving steps
/// Moves messages and entanglement of a port to a new one.
pub(super) fn move_to(cx: &Context, source: Object, target: Object) {
    target.put(cx, slot::QUEUE, source.at(cx, slot::QUEUE));
    source.put(cx, slot::QUEUE, Value::UNDEFINED);
    if let Some(other) = source.object(cx, slot::ENTANGLED) {
        target.put(cx, slot::ENTANGLED, other);
        other.put(cx, slot::ENTANGLED, target);
        source.put(cx, slot::ENTANGLED, Value::UNDEFINED);
    }
    source.put(cx, slot::DETACHED, true);
}
