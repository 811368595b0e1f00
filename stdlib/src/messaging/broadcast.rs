//! BroadcastChannel, within an instance: each request is a world of its own.
//! <https://html.spec.whatwg.org/multipage/web-messaging.html#broadcasting-to-other-browsing-contexts>
//!
//! Open channels stand in a list (embedder root `BROADCAST_CHANNELS`) in the order of their creation.

use super::event;
use crate::dom_exception;
use crate::event_target::{self, EventTarget};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;
use crate::{location, structured_clone, tasks};

/// Internal slots; slot 1 belongs to EventTarget.
mod slot {
    pub const NAME: u32 = 2;
    pub const CLOSED: u32 = 3;
}

/// A channel that all channels of its name hear.
#[interface(
    name = "BroadcastChannel",
    class = class::BROADCAST_CHANNEL,
    parent = EventTarget,
    events = "message: MessageEvent, messageerror: MessageEvent",
)]
impl BroadcastChannel {
    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-broadcastchannel
    #[constructor]
    fn new(cx: &mut Context, this: Object, name: DOMString) -> Result<()> {
        this.put(cx, slot::NAME, name.value());
        let list = cx.embedder_root(roots::BROADCAST_CHANNELS).as_cell().unwrap_or_else(|| cx.heap.new_values(4));
        let list = list.push(&cx.heap, this.value());
        cx.set_embedder_root(roots::BROADCAST_CHANNELS, Value::cell(list));
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-broadcastchannel-name
    #[getter(ts = "string")]
    fn name(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.at(cx, slot::NAME))
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-broadcastchannel-postmessage
    #[method]
    fn post_message(cx: &mut Context, this: Object, message: Value) -> Result<()> {
        if this.flag(cx, slot::CLOSED) {
            let text = Place::method("BroadcastChannel", "postMessage").message("Channel is closed");
            return Err(dom_exception::throw(cx, "InvalidStateError", &text));
        }
        let serialized = structured_clone::clone(cx, message, &[])?;
        let name = this.at(cx, slot::NAME);
        for destination in open_channels(cx) {
            cx.spend_fuel(1)?;
            if destination != this && cx.same_value(destination.at(cx, slot::NAME), name) {
                tasks::queue(cx, deliver, &[destination.value(), serialized])?;
            }
        }
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#dom-broadcastchannel-close
    #[method]
    fn close(cx: &mut Context, this: Object) -> Result<()> {
        if !this.flag(cx, slot::CLOSED) {
            this.put(cx, slot::CLOSED, true);
            let open: Vec<Value> = open_channels(cx).into_iter().filter(|channel| *channel != this).map(Object::value).collect();
            let list = cx.heap.new_values_from(&open);
            cx.set_embedder_root(roots::BROADCAST_CHANNELS, Value::cell(list));
        }
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#handler-broadcastchannel-onmessage
    #[getter(name = "onmessage")]
    fn onmessage(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "message"))
    }

    #[setter(name = "onmessage")]
    fn set_onmessage(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "message", value);
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/web-messaging.html#handler-broadcastchannel-onmessageerror
    #[getter(name = "onmessageerror")]
    fn onmessageerror(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "messageerror"))
    }

    #[setter(name = "onmessageerror")]
    fn set_onmessageerror(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "messageerror", value);
        Ok(())
    }
}

fn open_channels(cx: &Context) -> Vec<Object> {
    let Some(list) = cx.embedder_root(roots::BROADCAST_CHANNELS).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_object()).collect()
}

/// The task of a message for one channel: each receiver deserializes for itself.
pub(super) fn deliver(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(destination) = cx.native_slot(args.callee, 0).as_object() else { return Ok(Value::UNDEFINED) };
    if destination.flag(cx, slot::CLOSED) {
        return Ok(Value::UNDEFINED);
    }
    let serialized = cx.native_slot(args.callee, 1);
    let origin = location::origin(cx).unwrap_or_default();
    let event = match structured_clone::clone(cx, serialized, &[]) {
        Ok(data) => event::create(cx, "message", data, &origin, &[])?,
        Err(thrown) => {
            if cx.take_exception().is_none() {
                return Err(thrown);
            }
            event::create(cx, "messageerror", Value::NULL, &origin, &[])?
        }
    };
    event_target::dispatch_collecting(cx, destination, event)?;
    Ok(Value::UNDEFINED)
}
