//! PerformanceObserver. <https://w3c.github.io/performance-timeline/#the-performanceobserver-interface>
//!
//! Internal slots of an observer: 1 callback, 2 entries that wait for it, 3 types that it observes (a list of atoms), 4 whether it observes
//! several types at once (undefined before the first `observe`). Registered observers are a list (embedder root `PERFORMANCE_OBSERVERS`).
//! The observers' task is a microtask here.

use super::entry::{self, filtered, list_of, objects, pushed};
use crate::dom_exception;
use crate::report;
use crate::webidl::prelude::*;
use mayfly_engine::object::IntegrityLevel;

const CALLBACK: u32 = 1;
const BUFFER: u32 = 2;
const TYPES: u32 = 3;
const MULTIPLE: u32 = 4;

/// Entry types that exist here, in alphabetical order.
const SUPPORTED: [&str; 2] = ["mark", "measure"];

/// PerformanceObserverInit
#[derive(Dictionary)]
struct PerformanceObserverInit {
    entry_types: Optional<Vec<DOMString>>,
    #[idl(name = "type")]
    entry_type: Optional<DOMString>,
    buffered: Optional<bool>,
}

/// Calls back with new entries.
#[interface(name = "PerformanceObserver", class = class::PERFORMANCE_OBSERVER)]
impl PerformanceObserver {
    #[constructor]
    fn new(cx: &mut Context, this: Object, #[ts("PerformanceObserverCallback")] callback: Callback) -> Result<()> {
        this.set_internal(&cx.heap, CALLBACK, callback.value());
        Ok(())
    }

    // https://w3c.github.io/performance-timeline/#observe-method
    #[method]
    fn observe(cx: &mut Context, this: Object, options: PerformanceObserverInit) -> Result<()> {
        let place = Place::method("PerformanceObserver", "observe");
        let multiple = match (&*options.entry_types, &*options.entry_type) {
            (None, None) => return Err(place.type_error(cx, "An observe() call must include either entryTypes or type arguments.")),
            (Some(_), Some(_)) => {
                return Err(place.type_error(cx, "An observe() call must not include both entryTypes and type arguments."));
            }
            (Some(_), None) if options.buffered.is_some() => {
                return Err(place.type_error(cx, "An observe() call must not include both entryTypes and buffered arguments."));
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
        };
        match this.internal(&cx.heap, MULTIPLE).as_bool() {
            None => this.set_internal(&cx.heap, MULTIPLE, Value::bool(multiple)),
            Some(known) if known != multiple => {
                let message = place.message("This PerformanceObserver cannot change between observing one type and several.");
                return Err(dom_exception::throw(cx, "InvalidModificationError", &message));
            }
            Some(_) => {}
        }
        let wanted: Vec<DOMString> = options.entry_types.0.unwrap_or_default().into_iter().chain(options.entry_type.0).collect();
        let mut types = if multiple { Vec::new() } else { observed(cx, this) };
        let mut any = false;
        for text in wanted {
            let text = cx.heap.intern(text.0);
            if SUPPORTED.iter().any(|known| text.equals_text(known, &cx.heap)) {
                any = true;
                if !types.contains(&text) {
                    types.push(text);
                }
            }
        }
        if !any {
            return Ok(());
        }
        let values: Vec<Value> = types.iter().map(|text| text.value()).collect();
        this.set_internal(&cx.heap, TYPES, Value::cell(cx.heap.new_values_from(&values)));
        let registered = cx.embedder_root(roots::PERFORMANCE_OBSERVERS);
        if !objects(cx, registered).contains(&this) {
            let list = pushed(cx, registered, this);
            cx.set_embedder_root(roots::PERFORMANCE_OBSERVERS, list);
        }
        if options.buffered.unwrap_or(false) {
            let wanted = types.last().copied();
            for known in filtered(cx, entry::all(cx), None, wanted) {
                add_to_buffer(cx, this, known);
            }
        }
        Ok(())
    }

    // https://w3c.github.io/performance-timeline/#disconnect-method
    #[method]
    fn disconnect(cx: &mut Context, this: Object) -> Result<()> {
        let kept: Vec<Object> =
            objects(cx, cx.embedder_root(roots::PERFORMANCE_OBSERVERS)).into_iter().filter(|known| *known != this).collect();
        let list = list_of(cx, &kept);
        cx.set_embedder_root(roots::PERFORMANCE_OBSERVERS, list);
        this.set_internal(&cx.heap, BUFFER, Value::UNDEFINED);
        this.set_internal(&cx.heap, TYPES, Value::UNDEFINED);
        Ok(())
    }

    // https://w3c.github.io/performance-timeline/#takerecords-method
    #[method(ts = "PerformanceEntry[]")]
    fn take_records(cx: &mut Context, this: Object) -> Result<Vec<Object>> {
        let entries = objects(cx, this.internal(&cx.heap, BUFFER));
        this.set_internal(&cx.heap, BUFFER, Value::UNDEFINED);
        Ok(entries)
    }

    // https://w3c.github.io/performance-timeline/#supportedentrytypes-attribute
    #[static_getter(ts = "readonly string[]")]
    fn supported_entry_types(cx: &mut Context) -> Result<Value> {
        let known = cx.embedder_root(roots::SUPPORTED_ENTRY_TYPES);
        if known.is_object() {
            return Ok(known);
        }
        let texts = SUPPORTED.map(|text| cx.new_string(text));
        let array = cx.new_array(&texts);
        cx.set_integrity_level(array, IntegrityLevel::Frozen)?;
        cx.set_embedder_root(roots::SUPPORTED_ENTRY_TYPES, array.value());
        Ok(array.value())
    }

    // https://w3c.github.io/performance-timeline/#queue-the-performanceobserver-task
    #[hidden]
    fn run_task(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
        cx.set_embedder_root(roots::PERFORMANCE_TASK, Value::UNDEFINED);
        for observer in objects(cx, cx.embedder_root(roots::PERFORMANCE_OBSERVERS)) {
            let entries = PerformanceObserver::take_records(cx, observer)?;
            if entries.is_empty() {
                continue;
            }
            let list = new_instance::<PerformanceObserverEntryList>(cx);
            list.set_internal(&cx.heap, ENTRIES, list_of(cx, &entries));
            let options = cx.new_plain_object();
            let dropped = cx.key("droppedEntriesCount");
            cx.create_data_property_or_throw(options, dropped, Value::ZERO)?;
            let callback = observer.internal(&cx.heap, CALLBACK);
            if let Err(thrown) = cx.call(callback, observer.value(), &[list.value(), observer.value(), options.value()]) {
                match cx.take_exception() {
                    Some(exception) => report::report_exception(cx, exception)?,
                    None => return Err(thrown),
                }
            }
        }
        Ok(Value::UNDEFINED)
    }
}

fn observed(cx: &Context, observer: Object) -> Vec<JsString> {
    let Some(list) = observer.internal(&cx.heap, TYPES).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_string()).collect()
}

fn add_to_buffer(cx: &mut Context, observer: Object, new: Object) {
    let list = pushed(cx, observer.internal(&cx.heap, BUFFER), new);
    observer.set_internal(&cx.heap, BUFFER, list);
    if cx.embedder_root(roots::PERFORMANCE_TASK) != Value::TRUE {
        cx.set_embedder_root(roots::PERFORMANCE_TASK, Value::TRUE);
        cx.enqueue_job(PerformanceObserver::run_task, &[]);
    }
}

/// Hands a new entry to the observers of its type.
pub(super) fn tell(cx: &mut Context, new: Object) {
    for observer in objects(cx, cx.embedder_root(roots::PERFORMANCE_OBSERVERS)) {
        if observed(cx, observer).into_iter().any(|wanted| entry::has_type(cx, new, wanted)) {
            add_to_buffer(cx, observer, new);
        }
    }
}

const ENTRIES: u32 = 1;

/// What an observer is called with. <https://w3c.github.io/performance-timeline/#the-performanceobserverentrylist-interface>
#[interface(name = "PerformanceObserverEntryList", class = class::PERFORMANCE_OBSERVER_ENTRY_LIST)]
impl PerformanceObserverEntryList {
    #[method(ts = "PerformanceEntry[]")]
    fn get_entries(cx: &mut Context, this: Object) -> Result<Vec<Object>> {
        Ok(filtered(cx, objects(cx, this.internal(&cx.heap, ENTRIES)), None, None))
    }

    #[method(ts = "PerformanceEntry[]")]
    fn get_entries_by_type(cx: &mut Context, this: Object, entry_type: DOMString) -> Result<Vec<Object>> {
        Ok(filtered(cx, objects(cx, this.internal(&cx.heap, ENTRIES)), None, Some(entry_type.0)))
    }

    #[method(ts = "PerformanceEntry[]")]
    fn get_entries_by_name(cx: &mut Context, this: Object, name: DOMString, entry_type: Optional<DOMString>) -> Result<Vec<Object>> {
        let entries = objects(cx, this.internal(&cx.heap, ENTRIES));
        Ok(filtered(cx, entries, Some(name.0), entry_type.map(|entry_type| entry_type.0)))
    }
}
