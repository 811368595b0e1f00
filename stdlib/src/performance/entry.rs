//! PerformanceEntry and the timeline. <https://w3c.github.io/performance-timeline/>
//!
//! Internal slots of entries: 1 name, 2 type (atom), 3 start, 4 duration, 5 detail, 6 number (0 before it is on the timeline).

use super::observer;
use crate::webidl::prelude::*;

const NAME: u32 = 1;
const TYPE: u32 = 2;
const START: u32 = 3;
const DURATION: u32 = 4;
/// Detail of marks and measures.
pub(super) const DETAIL: u32 = 5;
const ID: u32 = 6;

/// Something measured.
#[interface(name = "PerformanceEntry", class = class::PERFORMANCE_ENTRY)]
impl PerformanceEntry {
    #[getter(ts = "string")]
    fn name(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, NAME))
    }

    #[getter(ts = "string")]
    fn entry_type(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, TYPE))
    }

    #[getter(ts = "number")]
    fn start_time(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, START))
    }

    #[getter(ts = "number")]
    fn duration(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, DURATION))
    }

    // https://w3c.github.io/performance-timeline/#dom-performanceentry-id
    #[getter(ts = "number")]
    fn id(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, ID))
    }

    // https://w3c.github.io/performance-timeline/#dom-performanceentry-navigationid: a worker navigates nowhere.
    #[getter]
    fn navigation_id(_: &mut Context, _this: Object) -> Result<u32> {
        Ok(0)
    }

    // https://w3c.github.io/performance-timeline/#dom-performanceentry-tojson
    #[method(name = "toJSON", ts = "any")]
    fn to_json(cx: &mut Context, this: Object) -> Result<Object> {
        let object = cx.new_plain_object();
        let mut parts = vec![("name", NAME), ("entryType", TYPE), ("startTime", START), ("duration", DURATION)];
        // Marks and measures have a detail, if only null.
        if !this.internal(&cx.heap, DETAIL).is_undefined() {
            parts.push(("detail", DETAIL));
        }
        for (name, slot) in parts {
            let name = cx.key(name);
            cx.create_data_property_or_throw(object, name, this.internal(&cx.heap, slot))?;
        }
        Ok(object)
    }
}

/// Fills the slots of a new entry.
pub(super) fn init(cx: &mut Context, entry: Object, name: JsString, entry_type: &str, start: f64, duration: f64, detail: Value) {
    let entry_type = cx.heap.intern_text(entry_type);
    let parts = [
        (NAME, name.value()),
        (TYPE, entry_type.value()),
        (START, Value::number(start)),
        (DURATION, Value::number(duration)),
        (DETAIL, detail),
        (ID, Value::ZERO),
    ];
    for (slot, value) in parts {
        entry.set_internal(&cx.heap, slot, value);
    }
}

/// Start of an entry.
pub(super) fn start(cx: &Context, entry: Object) -> f64 {
    entry.internal(&cx.heap, START).as_number().unwrap_or(0.0)
}

fn text_is(cx: &Context, entry: Object, slot: u32, wanted: JsString) -> bool {
    entry.internal(&cx.heap, slot).as_string().is_some_and(|text| text.equals(wanted, &cx.heap))
}

/// Whether an entry is of this type.
pub(super) fn has_type(cx: &Context, entry: Object, entry_type: JsString) -> bool {
    text_is(cx, entry, TYPE, entry_type)
}

/// Objects of a list kept in the cage.
pub(super) fn objects(cx: &Context, list: Value) -> Vec<Object> {
    let Some(list) = list.as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.get(&cx.heap, i).as_object()).collect()
}

/// The list with one more object.
pub(super) fn pushed(cx: &Context, list: Value, object: Object) -> Value {
    let list = list.as_cell::<Values>().unwrap_or_else(|| cx.heap.new_values(8));
    Value::cell(list.push(&cx.heap, object.value()))
}

/// A list of these objects.
pub(super) fn list_of(cx: &Context, objects: &[Object]) -> Value {
    let values: Vec<Value> = objects.iter().map(|object| object.value()).collect();
    Value::cell(cx.heap.new_values_from(&values))
}

/// Every entry, in the order they were made.
pub(super) fn all(cx: &Context) -> Vec<Object> {
    objects(cx, cx.embedder_root(roots::PERFORMANCE_ENTRIES))
}

// https://w3c.github.io/performance-timeline/#dfn-filter-buffer-by-name-and-type
/// Entries of this name and type, by start.
pub(super) fn filtered(cx: &Context, entries: Vec<Object>, name: Option<JsString>, entry_type: Option<JsString>) -> Vec<Object> {
    let mut found: Vec<Object> = entries
        .into_iter()
        .filter(|entry| name.is_none_or(|name| text_is(cx, *entry, NAME, name)))
        .filter(|entry| entry_type.is_none_or(|entry_type| has_type(cx, *entry, entry_type)))
        .collect();
    found.sort_by(|a, b| start(cx, *a).total_cmp(&start(cx, *b)));
    found
}

/// The last mark of this name.
pub(super) fn last_mark(cx: &mut Context, name: JsString) -> Option<Object> {
    let mark = cx.heap.intern_text("mark");
    all(cx).into_iter().rev().find(|entry| has_type(cx, *entry, mark) && text_is(cx, *entry, NAME, name))
}

// https://w3c.github.io/performance-timeline/#dfn-queue-a-performanceentry
/// Adds an entry to the timeline and tells the observers.
pub(super) fn queue(cx: &mut Context, entry: Object) {
    // https://w3c.github.io/performance-timeline/#dfn-generate-a-performance-entry-id, from 1.
    let id = Value::number(cx.embedder_root(roots::PERFORMANCE_LAST_ID).as_number().unwrap_or(0.0) + 1.0);
    cx.set_embedder_root(roots::PERFORMANCE_LAST_ID, id);
    entry.set_internal(&cx.heap, ID, id);
    observer::tell(cx, entry);
    let list = pushed(cx, cx.embedder_root(roots::PERFORMANCE_ENTRIES), entry);
    cx.set_embedder_root(roots::PERFORMANCE_ENTRIES, list);
}

/// Removes entries of a type, all or those of one name.
pub(super) fn clear(cx: &mut Context, entry_type: &str, name: Option<JsString>) {
    let entry_type = cx.heap.intern_text(entry_type);
    let kept: Vec<Object> = all(cx)
        .into_iter()
        .filter(|entry| !has_type(cx, *entry, entry_type) || name.is_some_and(|name| !text_is(cx, *entry, NAME, name)))
        .collect();
    let list = list_of(cx, &kept);
    cx.set_embedder_root(roots::PERFORMANCE_ENTRIES, list);
}
