//! Performance: the clock, the timeline and user timing. <https://w3c.github.io/hr-time/#sec-performance>
//!
//! Entries lie in one list (embedder root `PERFORMANCE_ENTRIES`) in the order they were made; observers in another.

mod entry;
mod observer;
mod user_timing;

use crate::event_target::EventTarget;
use crate::platform::with_platform;
use crate::webidl::prelude::*;
use mayfly_engine::clock;

pub use entry::PerformanceEntry;
pub use observer::{PerformanceObserver, PerformanceObserverEntryList};
pub use user_timing::{PerformanceMark, PerformanceMeasure};

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[
    Performance::ENTRY,
    PerformanceAttribute::ENTRY,
    PerformanceEntry::ENTRY,
    PerformanceMark::ENTRY,
    PerformanceMeasure::ENTRY,
    PerformanceObserver::ENTRY,
    PerformanceObserverEntryList::ENTRY,
];

// https://w3c.github.io/hr-time/#dfn-coarsen-time
/// A time in milliseconds, to 5 µs: what is finer could tell what others do on the machine.
pub fn coarsen(ms: f64) -> f64 {
    (ms * 200.0).floor() / 200.0
}

/// Milliseconds since the request began.
fn now(cx: &mut Context) -> Result<f64> {
    let now = with_platform(cx, |platform| platform.monotonic_ms())?;
    if now == 0.0 {
        clock::note_reader(cx);
    }
    Ok(coarsen(now))
}

/// Clock of the request, and what was measured with it.
#[interface(name = "Performance", class = class::PERFORMANCE, parent = EventTarget)]
impl Performance {
    // https://w3c.github.io/hr-time/#now-method
    #[method]
    fn now(cx: &mut Context, _this: Object) -> Result<f64> {
        now(cx)
    }

    // https://w3c.github.io/hr-time/#timeorigin-attribute
    #[getter]
    fn time_origin(cx: &mut Context, _this: Object) -> Result<f64> {
        if let Some(known) = cx.embedder_root(roots::TIME_ORIGIN).as_number() {
            return Ok(known);
        }
        // The two clocks are read one after the other, and one counts whole milliseconds: only the first answer counts.
        let origin = with_platform(cx, |platform| Ok(platform.now_ms()? - platform.monotonic_ms()?)).map(coarsen)?;
        if origin == 0.0 {
            // The clock of a top level. Requests ask their own.
            clock::note_reader(cx);
            return Ok(origin);
        }
        cx.set_embedder_root(roots::TIME_ORIGIN, Value::number(origin));
        Ok(origin)
    }

    // https://w3c.github.io/hr-time/#tojson-method
    #[method(name = "toJSON", ts = "any")]
    fn to_json(cx: &mut Context, this: Object) -> Result<Object> {
        let origin = Performance::time_origin(cx, this)?;
        let object = cx.new_plain_object();
        let key = cx.key("timeOrigin");
        cx.create_data_property_or_throw(object, key, Value::number(origin))?;
        Ok(object)
    }

    // https://w3c.github.io/performance-timeline/#getentries-method
    #[method(ts = "PerformanceEntry[]")]
    fn get_entries(cx: &mut Context, _this: Object) -> Result<Vec<Object>> {
        Ok(entry::filtered(cx, entry::all(cx), None, None))
    }

    // https://w3c.github.io/performance-timeline/#getentriesbytype-method
    #[method(ts = "PerformanceEntry[]")]
    fn get_entries_by_type(cx: &mut Context, _this: Object, entry_type: DOMString) -> Result<Vec<Object>> {
        Ok(entry::filtered(cx, entry::all(cx), None, Some(entry_type.0)))
    }

    // https://w3c.github.io/performance-timeline/#getentriesbyname-method
    #[method(ts = "PerformanceEntry[]")]
    fn get_entries_by_name(cx: &mut Context, _this: Object, name: DOMString, entry_type: Optional<DOMString>) -> Result<Vec<Object>> {
        Ok(entry::filtered(cx, entry::all(cx), Some(name.0), entry_type.map(|entry_type| entry_type.0)))
    }

    // https://w3c.github.io/user-timing/#mark-method
    #[method(ts = "PerformanceMark")]
    fn mark(cx: &mut Context, _this: Object, name: DOMString, options: user_timing::PerformanceMarkOptions) -> Result<Object> {
        let place = Place::method("Performance", "mark");
        let mark = new_instance::<PerformanceMark>(cx);
        user_timing::init_mark(cx, mark, name.0, options, &place)?;
        entry::queue(cx, mark);
        Ok(mark)
    }

    // https://w3c.github.io/user-timing/#clearmarks-method
    #[method]
    fn clear_marks(cx: &mut Context, _this: Object, name: Optional<DOMString>) -> Result<()> {
        entry::clear(cx, "mark", name.map(|name| name.0));
        Ok(())
    }

    // https://w3c.github.io/user-timing/#measure-method
    #[method(ts = "PerformanceMeasure")]
    fn measure(
        cx: &mut Context,
        _this: Object,
        name: DOMString,
        #[ts(DOMString | user_timing::PerformanceMeasureOptions)] start: Optional<Value>,
        end: Optional<DOMString>,
    ) -> Result<Object> {
        user_timing::measure(cx, name.0, start.unwrap_or(Value::UNDEFINED), end.map(|end| end.0))
    }

    // https://w3c.github.io/user-timing/#clearmeasures-method
    #[method]
    fn clear_measures(cx: &mut Context, _this: Object, name: Optional<DOMString>) -> Result<()> {
        entry::clear(cx, "measure", name.map(|name| name.0));
        Ok(())
    }
}

/// `performance` of the global object.
#[namespace(global)]
impl PerformanceAttribute {
    #[getter(replaceable, ts = "Performance")]
    fn performance(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::PERFORMANCE))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let performance = new_instance::<Performance>(cx);
    cx.set_embedder_root(roots::PERFORMANCE, performance.value());
}
