//! %TypedArray%.prototype: getters, iteration, and the methods that only read.

use super::construct::{Access, validate};
use super::view::{View, element_type, view_slot};
use crate::builtins::array::access::{check_length, push_element};
use crate::builtins::array::iterator::{IterationKind, create as create_iterator};
use crate::builtins::array::support::relative_start;
use crate::builtins::receiver::require;
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::key;
use crate::string::{JsString, StringBuilder};
use crate::value::Value;

/// RequireInternalSlot(O, [[TypedArrayName]]).
pub(super) fn this_typed_array(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    require(cx, this, Kind::TypedArray, method)
}

// 23.2.3.2 get %TypedArray%.prototype.buffer, https://tc39.es/ecma262/#sec-get-%typedarray%.prototype.buffer
pub(super) fn buffer(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let array = this_typed_array(cx, this, "get TypedArray.prototype.buffer")?;
    Ok(array.internal(&cx.heap, view_slot::BUFFER))
}

// 23.2.3.3 get %TypedArray%.prototype.byteLength, https://tc39.es/ecma262/#sec-get-%typedarray%.prototype.bytelength
pub(super) fn byte_length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let array = this_typed_array(cx, this, "get TypedArray.prototype.byteLength")?;
    Ok(View::of(&cx.heap, array).map_or(Value::ZERO, |view| Value::from(view.byte_length())))
}

// 23.2.3.4 get %TypedArray%.prototype.byteOffset, https://tc39.es/ecma262/#sec-get-%typedarray%.prototype.byteoffset
pub(super) fn byte_offset(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let array = this_typed_array(cx, this, "get TypedArray.prototype.byteOffset")?;
    Ok(if View::of(&cx.heap, array).is_none() { Value::ZERO } else { array.internal(&cx.heap, view_slot::BYTE_OFFSET) })
}

// 23.2.3.20 get %TypedArray%.prototype.length, https://tc39.es/ecma262/#sec-get-%typedarray%.prototype.length
pub(super) fn length(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let array = this_typed_array(cx, this, "get TypedArray.prototype.length")?;
    Ok(View::of(&cx.heap, array).map_or(Value::ZERO, |view| Value::from(view.length)))
}

// 23.2.3.38 get %TypedArray%.prototype [ %Symbol.toStringTag% ],
// https://tc39.es/ecma262/#sec-get-%typedarray%.prototype-%symbol.tostringtag%
pub(super) fn to_string_tag(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let Some(array) = this.as_object().filter(|object| object.is(&cx.heap, Kind::TypedArray)) else {
        return Ok(Value::UNDEFINED);
    };
    Ok(cx.heap.intern_text(element_type(&cx.heap, array).name()).value())
}

// 23.2.3.7 %TypedArray%.prototype.entries ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.entries
pub(super) fn entries(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, _) = validate(cx, this, Access::Read, "%TypedArray%.prototype.entries")?;
    Ok(create_iterator(cx, array, IterationKind::Entries).value())
}

// 23.2.3.19 %TypedArray%.prototype.keys ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.keys
pub(super) fn keys(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, _) = validate(cx, this, Access::Read, "%TypedArray%.prototype.keys")?;
    Ok(create_iterator(cx, array, IterationKind::Keys).value())
}

// 23.2.3.35 %TypedArray%.prototype.values ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.values
pub(super) fn values(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, _) = validate(cx, this, Access::Read, "%TypedArray%.prototype.values")?;
    Ok(create_iterator(cx, array, IterationKind::Values).value())
}

// 23.2.3.1 %TypedArray%.prototype.at ( index ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.at
pub(super) fn at(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.at")?;
    let relative = cx.to_integer_or_infinity(args.at(0))?;
    let k = if relative >= 0.0 { relative } else { f64::from(view.length) + relative };
    if k < 0.0 || k >= f64::from(view.length) {
        return Ok(Value::UNDEFINED);
    }
    // Converting the index may have shrunk the array.
    Ok(get(cx, array, k as u32))
}

/// Get(O, ! ToString(𝔽(index))): undefined when the array has no such element (any more).
#[inline]
pub(super) fn get(cx: &Context, array: Object, index: u32) -> Value {
    match View::of(&cx.heap, array) {
        Some(view) if index < view.length => view.get(&cx.heap, index),
        _ => Value::UNDEFINED,
    }
}

/// The raw element that equals `target` strictly, if one can: for scanning without making values. NaN is not scanned for.
fn scan(cx: &Context, view: View, target: Value, mut indices: impl Iterator<Item = u32>) -> Option<u32> {
    let heap = &cx.heap;
    if view.ty.is_bigint() {
        if !target.is_bigint() {
            return None;
        }
        return indices.find(|&i| cx.strict_equals(view.get(heap, i), target));
    }
    let wanted = target.as_number()?;
    indices.find(|&i| view.ty.raw_to_f64(view.ty.load(heap, view.element(i))) == wanted)
}

// 23.2.3.15 %TypedArray%.prototype.includes ( searchElement [ , fromIndex ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.includes
pub(super) fn includes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.includes")?;
    if view.length == 0 {
        return Ok(Value::FALSE);
    }
    let length = view.length;
    let from = relative_start(cx, args.at(1), u64::from(length))? as u32;
    let target = args.at(0);
    cx.spend_fuel(u64::from(length - from) / 8)?;
    // Converting fromIndex may have shrunk the array: what is missing then reads as undefined.
    let now = View::of(&cx.heap, array);
    let present = now.map_or(0, |view| view.length).min(length);
    if target.is_undefined() {
        return Ok(Value::bool(present < length && from < length));
    }
    let Some(view) = now else { return Ok(Value::FALSE) };
    if target.as_number().is_some_and(f64::is_nan) {
        let heap = &cx.heap;
        let found = !view.ty.is_bigint() && (from..present).any(|i| view.ty.raw_to_f64(view.ty.load(heap, view.element(i))).is_nan());
        return Ok(Value::bool(found));
    }
    Ok(Value::bool(scan(cx, view, target, from..present).is_some()))
}

// 23.2.3.17 %TypedArray%.prototype.indexOf ( searchElement [ , fromIndex ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.indexof
pub(super) fn index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.indexOf")?;
    if view.length == 0 {
        return Ok(Value::int(-1));
    }
    let from = relative_start(cx, args.at(1), u64::from(view.length))? as u32;
    cx.spend_fuel(u64::from(view.length - from) / 8)?;
    // HasProperty skips what is missing after fromIndex was converted.
    let Some(now) = View::of(&cx.heap, array) else { return Ok(Value::int(-1)) };
    Ok(scan(cx, now, args.at(0), from..view.length.min(now.length)).map_or(Value::int(-1), Value::from))
}

// 23.2.3.20 %TypedArray%.prototype.lastIndexOf ( searchElement [ , fromIndex ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.lastindexof
pub(super) fn last_index_of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.lastIndexOf")?;
    if view.length == 0 {
        return Ok(Value::int(-1));
    }
    let length = f64::from(view.length);
    let relative = match args.get(1) {
        Some(from) => cx.to_integer_or_infinity(from)?,
        None => length - 1.0,
    };
    let end = if relative >= 0.0 { relative.min(length - 1.0) + 1.0 } else { (length + relative + 1.0).max(0.0) };
    cx.spend_fuel(end as u64 / 8)?;
    let Some(now) = View::of(&cx.heap, array) else { return Ok(Value::int(-1)) };
    let found = scan(cx, now, args.at(0), (0..(end as u32).min(now.length)).rev());
    Ok(found.map_or(Value::int(-1), Value::from))
}

// 23.2.3.18 %TypedArray%.prototype.join ( separator ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.join
pub(super) fn join(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.join")?;
    let separator = if args.at(0).is_undefined() { cx.heap.single_character(b',') } else { cx.to_string(args.at(0))? };
    join_elements(cx, array, view.length, separator, false)
}

fn join_elements(cx: &mut Context, array: Object, length: u32, separator: JsString, locale: bool) -> Result<Value> {
    let mut text = StringBuilder::new();
    for k in 0..length {
        cx.spend_fuel(1)?;
        if k > 0 {
            text.push_string(&cx.heap, separator);
        }
        let element = get(cx, array, k);
        if !element.is_undefined() {
            let element = if locale { cx.invoke(element, key::to_locale_string, &[])? } else { element };
            push_element(cx, &mut text, element)?;
        }
        check_length(cx, &text)?;
    }
    cx.reserve(2 * text.len() as u64)?;
    Ok(text.finish(&cx.heap).value())
}

// 23.2.3.31 %TypedArray%.prototype.toLocaleString ( [ reserved1 [ , reserved2 ] ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.tolocalestring
pub(super) fn to_locale_string(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.toLocaleString")?;
    let separator = cx.heap.single_character(b',');
    join_elements(cx, array, view.length, separator, true)
}
