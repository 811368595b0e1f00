//! CloseEvent. <https://websockets.spec.whatwg.org/#the-closeevent-interface>

use crate::event::{self, Event, EventInit, SUBCLASS};
use crate::streams::support::Slots;
use crate::webidl::prelude::*;

mod field {
    pub const WAS_CLEAN: u32 = 0;
    pub const CODE: u32 = 1;
    pub const REASON: u32 = 2;
}

/// CloseEventInit
#[derive(Dictionary)]
struct CloseEventInit {
    #[idl(parent)]
    base: EventInit,
    was_clean: bool,
    code: u16,
    reason: USVString,
}

fn fill(cx: &mut Context, event: Object, was_clean: bool, code: u16, reason: &str) {
    let reason = cx.new_string(reason);
    let fields = cx.heap.new_values_from(&[Value::bool(was_clean), Value::int(i32::from(code)), reason]);
    event.put(cx, SUBCLASS, Value::cell(fields));
}

fn get(cx: &Context, event: Object, field: u32) -> Value {
    event.at(cx, SUBCLASS).as_cell::<Values>().map_or(Value::UNDEFINED, |fields| fields.at(cx, field))
}

/// The end of a WebSocket.
#[interface(name = "CloseEvent", class = class::CLOSE_EVENT, parent = Event)]
impl CloseEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: CloseEventInit) -> Result<()> {
        event::initialise(cx, this, event_type.0, init.base, false);
        fill(cx, this, init.was_clean, init.code, &init.reason);
        Ok(())
    }

    #[getter(ts = "boolean")]
    fn was_clean(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get(cx, this, field::WAS_CLEAN))
    }

    #[getter(ts = "number")]
    fn code(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get(cx, this, field::CODE))
    }

    #[getter(ts = "string")]
    fn reason(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(get(cx, this, field::REASON))
    }
}

/// A trusted CloseEvent.
pub(super) fn create(cx: &mut Context, was_clean: bool, code: u16, reason: &str) -> Object {
    let event = event::create::<CloseEvent>(cx, "close", EventInit::default());
    fill(cx, event, was_clean, code, reason);
    event
}
