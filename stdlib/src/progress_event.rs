//! ProgressEvent. <https://xhr.spec.whatwg.org/#interface-progressevent>
//!
//! Slot 6 holds a record: 0 whether the total is known, 1 what was loaded, 2 the total.

use crate::event::{self, Event, EventInit, SUBCLASS};
use crate::event_target;
use crate::webidl::prelude::*;

/// ProgressEventInit
#[derive(Dictionary)]
struct ProgressEventInit {
    #[idl(parent)]
    base: EventInit,
    length_computable: bool,
    loaded: f64,
    total: f64,
}

fn set_fields(cx: &Context, event: Object, computable: bool, loaded: f64, total: f64) {
    let record = cx.heap.new_values_from(&[Value::bool(computable), Value::number(loaded), Value::number(total)]);
    event.set_internal(&cx.heap, SUBCLASS, Value::cell(record));
}

fn field(cx: &Context, event: Object, index: u32) -> Value {
    event.internal(&cx.heap, SUBCLASS).as_cell::<Values>().map_or(Value::UNDEFINED, |record| record.get(&cx.heap, index))
}

/// How far something is.
#[interface(name = "ProgressEvent", class = class::PROGRESS_EVENT, parent = Event)]
impl ProgressEvent {
    #[constructor]
    fn new(cx: &mut Context, this: Object, event_type: DOMString, init: ProgressEventInit) -> Result<()> {
        event::initialise(cx, this, event_type.0, init.base, false);
        set_fields(cx, this, init.length_computable, init.loaded, init.total);
        Ok(())
    }

    // https://xhr.spec.whatwg.org/#dom-progressevent-lengthcomputable
    #[getter(ts = "boolean")]
    fn length_computable(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 0))
    }

    // https://xhr.spec.whatwg.org/#dom-progressevent-loaded
    #[getter(ts = "number")]
    fn loaded(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 1))
    }

    // https://xhr.spec.whatwg.org/#dom-progressevent-total
    #[getter(ts = "number")]
    fn total(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(field(cx, this, 2))
    }
}

// https://xhr.spec.whatwg.org/#concept-event-fire-progress
/// Fires a trusted ProgressEvent, if anyone listens.
pub fn fire(cx: &mut Context, target: Object, event_type: &str, loaded: f64, total: f64) -> Result<()> {
    if event_target::has_listener(cx, target, event_type) {
        let event = event::create::<ProgressEvent>(cx, event_type, EventInit::default());
        set_fields(cx, event, true, loaded, total);
        event_target::dispatch(cx, target, event)?;
    }
    Ok(())
}
