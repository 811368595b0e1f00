//! WorkerLocation. <https://html.spec.whatwg.org/multipage/workers.html#worker-locations>
//!
//! A worker has a location only when the runtime gives it one with [`set`]. Slot 1 holds a record of the parts of its URL.

use crate::url;
use crate::webidl::prelude::*;

const PARTS: u32 = 1;

/// Parts in the order of the record.
const NAMES: [&str; 9] = ["href", "origin", "protocol", "host", "hostname", "port", "pathname", "search", "hash"];

/// Where the worker's script is.
#[interface(name = "WorkerLocation", class = class::WORKER_LOCATION)]
impl WorkerLocation {
    /// Stringifier.
    #[method(ts = "string")]
    fn to_string(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 0))
    }

    #[getter(ts = "string")]
    fn href(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 0))
    }

    #[getter(ts = "string")]
    fn origin(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 1))
    }

    #[getter(ts = "string")]
    fn protocol(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 2))
    }

    #[getter(ts = "string")]
    fn host(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 3))
    }

    #[getter(ts = "string")]
    fn hostname(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 4))
    }

    #[getter(ts = "string")]
    fn port(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 5))
    }

    #[getter(ts = "string")]
    fn pathname(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 6))
    }

    #[getter(ts = "string")]
    fn search(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 7))
    }

    #[getter(ts = "string")]
    fn hash(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(part(cx, this, 8))
    }

    /// Getters of the global object's `location` and `origin`, which exist only when there is a location.
    #[hidden(name = "get location")]
    fn get_location(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
        crate::webidl::expansion::require_global(cx, this)?;
        Ok(cx.embedder_root(roots::LOCATION))
    }

    #[hidden(name = "get origin")]
    fn get_origin(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
        crate::webidl::expansion::require_global(cx, this)?;
        Ok(cx.embedder_root(roots::LOCATION).as_object().map_or(Value::NULL, |location| part(cx, location, 1)))
    }

    #[hidden(name = "set origin", length = 1)]
    fn set_origin(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
        crate::webidl::expansion::replace_attribute(cx, this, "origin", args.at(0))
    }
}

fn part(cx: &Context, location: Object, index: u32) -> Value {
    location.internal(&cx.heap, PARTS).as_cell::<Values>().map_or(Value::UNDEFINED, |parts| parts.get(&cx.heap, index))
}

/// Origin of the worker's location, if it has one.
pub fn origin(cx: &Context) -> Option<String> {
    let location = cx.embedder_root(roots::LOCATION).as_object()?;
    Some(part(cx, location, 1).as_string()?.to_text(&cx.heap))
}

/// Gives the worker its location, which is also the base of relative URLs. To be called before any script runs; TypeError when `href` is
/// no URL.
pub fn set(cx: &mut Context, href: &str) -> Result<()> {
    let constructor = cx.intrinsic(Intrinsic::embedder(2 * class::URL + 1));
    let text = cx.new_string(href);
    let parsed = cx.construct(constructor, &[text], constructor)?;
    let mut parts = Vec::with_capacity(NAMES.len());
    for name in NAMES {
        let name = cx.key(name);
        parts.push(cx.get(parsed, name)?);
    }
    let location = new_instance::<WorkerLocation>(cx);
    let parts = cx.heap.new_values_from(&parts);
    location.set_internal(&cx.heap, PARTS, Value::cell(parts));
    cx.set_embedder_root(roots::LOCATION, location.value());
    url::set_base(cx, href);
    let global = cx.global();
    let attributes = attribute::ENUMERABLE | attribute::CONFIGURABLE;
    let getter = cx.new_native(WorkerLocation::get_location).value();
    let name = cx.key("location");
    cx.define_or_throw(global, name, &PropertyDescriptor::accessor(getter, Value::UNDEFINED, attributes))?;
    let (getter, setter) = (cx.new_native(WorkerLocation::get_origin).value(), cx.new_native(WorkerLocation::set_origin).value());
    let name = cx.key("origin");
    cx.define_or_throw(global, name, &PropertyDescriptor::accessor(getter, setter, attributes))?;
    Ok(())
}
