//! Marks and measures. <https://w3c.github.io/user-timing/>

use super::entry::{self, DETAIL, PerformanceEntry};
use super::now;
use crate::dom_exception;
use crate::structured_clone;
use crate::webidl::prelude::*;
use crate::webidl::{Type, Typed};

/// PerformanceMarkOptions
#[derive(Dictionary)]
pub(super) struct PerformanceMarkOptions {
    #[idl(default = Value::UNDEFINED)]
    detail: Value,
    start_time: Optional<f64>,
}

/// A point in time.
#[interface(name = "PerformanceMark", class = class::PERFORMANCE_MARK, parent = PerformanceEntry)]
impl PerformanceMark {
    // https://w3c.github.io/user-timing/#the-performancemark-constructor
    #[constructor]
    fn new(cx: &mut Context, this: Object, name: DOMString, options: PerformanceMarkOptions) -> Result<()> {
        let place = Place::member(PlaceKind::Constructor, "PerformanceMark", "constructor");
        init_mark(cx, this, name.0, options, &place)
    }

    #[getter]
    fn detail(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, DETAIL))
    }
}

/// A stretch of time.
#[interface(name = "PerformanceMeasure", class = class::PERFORMANCE_MEASURE, parent = PerformanceEntry)]
impl PerformanceMeasure {
    #[getter]
    fn detail(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, DETAIL))
    }
}

fn cloned_detail(cx: &mut Context, detail: Value) -> Result<Value> {
    if detail.is_nullish() { Ok(Value::NULL) } else { structured_clone::clone(cx, detail, &[]) }
}

/// Fills a new mark.
pub(super) fn init_mark(cx: &mut Context, mark: Object, name: JsString, options: PerformanceMarkOptions, place: &Place<'_>) -> Result<()> {
    let start = match options.start_time.0 {
        Some(start) if start < 0.0 => {
            return Err(place.type_error(cx, &format!("'{}' cannot have a negative start time.", name.to_text(&cx.heap))));
        }
        Some(start) => start,
        None => now(cx)?,
    };
    let detail = cloned_detail(cx, options.detail)?;
    entry::init(cx, mark, name, "mark", start, 0.0, detail);
    Ok(())
}

/// PerformanceMeasureOptions
#[derive(Dictionary)]
pub(super) struct PerformanceMeasureOptions {
    #[idl(default = Value::UNDEFINED)]
    detail: Value,
    start: Optional<Moment>,
    duration: Optional<f64>,
    end: Optional<Moment>,
}

/// (DOMString or DOMHighResTimeStamp)
#[derive(Clone, Copy)]
enum Moment {
    Mark(JsString),
    Time(f64),
}

impl Typed for Moment {
    fn declared() -> Type {
        Type::Text("string | number")
    }
}

impl FromJs for Moment {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<Moment> {
        if value.is_number() { Ok(Moment::Time(f64::from_js(cx, value, place)?)) } else { Ok(Moment::Mark(cx.to_string(value)?)) }
    }
}

/// Attributes of PerformanceTiming, which stand for times in windows only.
const TIMING_ATTRIBUTES: [&str; 21] = [
    "navigationStart",
    "unloadEventStart",
    "unloadEventEnd",
    "redirectStart",
    "redirectEnd",
    "fetchStart",
    "domainLookupStart",
    "domainLookupEnd",
    "connectStart",
    "connectEnd",
    "secureConnectionStart",
    "requestStart",
    "responseStart",
    "responseEnd",
    "domLoading",
    "domInteractive",
    "domContentLoadedEventStart",
    "domContentLoadedEventEnd",
    "domComplete",
    "loadEventStart",
    "loadEventEnd",
];

// https://w3c.github.io/user-timing/#convert-a-mark-to-a-timestamp
fn timestamp(cx: &mut Context, moment: Moment, place: &Place<'_>) -> Result<f64> {
    match moment {
        Moment::Time(time) if time < 0.0 => Err(place.type_error(cx, "Given timestamp cannot be negative.")),
        Moment::Time(time) => Ok(time),
        Moment::Mark(name) if TIMING_ATTRIBUTES.iter().any(|known| name.equals_text(known, &cx.heap)) => {
            let shown = name.to_text(&cx.heap);
            Err(place.type_error(cx, &format!("'{shown}' is an attribute of PerformanceTiming, which only windows have.")))
        }
        Moment::Mark(name) => match entry::last_mark(cx, name) {
            Some(mark) => Ok(entry::start(cx, mark)),
            None => {
                let message = place.message(&format!("The mark '{}' does not exist.", name.to_text(&cx.heap)));
                Err(dom_exception::throw(cx, "SyntaxError", &message))
            }
        },
    }
}

// https://w3c.github.io/user-timing/#measure-method
/// Makes a measure. `start` is a mark's name or a PerformanceMeasureOptions.
pub(super) fn measure(cx: &mut Context, name: JsString, start: Value, end_mark: Option<JsString>) -> Result<Object> {
    let place = Place::method("Performance", "measure");
    let (options, start_mark) = if start.is_object() || start.is_nullish() {
        (Some(PerformanceMeasureOptions::from_js(cx, start, &place)?), None)
    } else {
        (None, Some(cx.to_string(start)?))
    };
    let options = options
        .filter(|options| options.start.is_some() || options.end.is_some() || options.duration.is_some() || !options.detail.is_undefined());
    if let Some(options) = &options {
        if end_mark.is_some() {
            return Err(place.type_error(cx, "If a non-empty PerformanceMeasureOptions object was passed, |end_mark| must not be passed."));
        }
        if options.start.is_none() && options.end.is_none() {
            return Err(place.type_error(cx, "If a non-empty PerformanceMeasureOptions object was passed, at least one of its 'start' or 'end' properties must be present."));
        }
        if options.start.is_some() && options.duration.is_some() && options.end.is_some() {
            return Err(place.type_error(
                cx,
                "If a non-empty PerformanceMeasureOptions object was passed, it must not have all of its 'start', 'duration', and 'end' properties defined",
            ));
        }
    }
    let parts = options.as_ref().map(|options| (options.start.0, options.duration.0, options.end.0));
    let (start_option, duration, end_option) = parts.unwrap_or((None, None, None));
    let end = match (end_mark, end_option, start_option, duration) {
        (Some(mark), ..) => timestamp(cx, Moment::Mark(mark), &place)?,
        (None, Some(end), ..) => timestamp(cx, end, &place)?,
        (None, None, Some(start), Some(duration)) => timestamp(cx, start, &place)? + duration,
        _ => now(cx)?,
    };
    let start = match (start_option, duration, start_mark) {
        (Some(start), ..) => timestamp(cx, start, &place)?,
        (None, Some(duration), _) => end - duration,
        (None, None, Some(mark)) => timestamp(cx, Moment::Mark(mark), &place)?,
        _ => 0.0,
    };
    let detail = cloned_detail(cx, options.map_or(Value::UNDEFINED, |options| options.detail))?;
    let measure = new_instance::<PerformanceMeasure>(cx);
    entry::init(cx, measure, name, "measure", start, end - start, detail);
    entry::queue(cx, measure);
    Ok(measure)
}
