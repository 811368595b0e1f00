//! Array methods that make a new array: concat, flat, flatMap, slice, toReversed, toSpliced, with.

use super::support::{
    Callback, MAX_DENSE, MAX_SAFE, copy_range, create_index, get_index, get_present, has_plain_elements, length_of, no_inherited_elements,
    number, relative_end, relative_start, reserve_elements, settled_length, species_constructor, species_create, this_and_length,
};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

// 23.1.3.2.1 IsConcatSpreadable ( O ), https://tc39.es/ecma262/#sec-isconcatspreadable
fn is_concat_spreadable(cx: &mut Context, value: Value) -> Result<Option<Object>> {
    let Some(object) = value.as_object() else { return Ok(None) };
    let spreadable = cx.get(object, symbol::is_concat_spreadable)?;
    let spread = if spreadable.is_undefined() { cx.is_array(value)? } else { cx.to_boolean(spreadable) };
    Ok(if spread { Some(object) } else { None })
}

/// Length of an Array whose elements can be copied, holes as holes, without running JS: plain elements, nothing inherited.
fn copyable_length(cx: &Context, object: Object) -> Option<u32> {
    let heap = &cx.heap;
    if !object.is(heap, Kind::Array) || !has_plain_elements(heap, object) || !no_inherited_elements(heap, object) {
        return None;
    }
    let length = object.array_length(heap);
    if length <= MAX_DENSE { Some(length) } else { None }
}

// 23.1.3.2 Array.prototype.concat ( ...items ), https://tc39.es/ecma262/#sec-array.prototype.concat
pub(super) fn concat(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    // 1.-2.
    let object = cx.to_object(this)?;
    let result = species_create(cx, object, 0)?;
    // 3.-5.
    let mut n: u64 = 0;
    for i in 0..=args.len() {
        let item = if i == 0 { object.value() } else { args.at(i - 1) };
        let Some(source) = is_concat_spreadable(cx, item)? else {
            if n >= MAX_SAFE {
                return Err(cx.throw_type_error("Concatenating elements surpasses 2**53-1"));
            }
            create_index(cx, result, n, item)?;
            n += 1;
            continue;
        };
        let length = length_of(cx, source)?;
        if n + length > MAX_SAFE {
            return Err(cx.throw_type_error("Concatenating elements surpasses 2**53-1"));
        }
        if append_dense(cx, result, n, source)? {
            n += length;
            continue;
        }
        for k in 0..length {
            cx.spend_fuel(1)?;
            if let Some(element) = get_present(cx, source, k)? {
                create_index(cx, result, n, element)?;
            }
            n += 1;
        }
    }
    // 6. Perform ? Set(A, "length", 𝔽(n), true).
    cx.set(result, key::length, number(n), true)?;
    Ok(result.value())
}

/// OPTIMIZATION: appends all elements of a settled Array, holes as holes, to one that ends at `at`; neither reading nor defining them
/// runs JS. Returns whether it did.
fn append_dense(cx: &mut Context, result: Object, at: u64, source: Object) -> Result<bool> {
    let Some(length) = settled_length(&cx.heap, source) else { return Ok(false) };
    if settled_length(&cx.heap, result).map(u64::from) != Some(at) || at + u64::from(length) > u64::from(MAX_DENSE) || source == result {
        return Ok(false);
    }
    if length == 0 {
        return Ok(true);
    }
    let (at, end) = (at as u32, at as u32 + length);
    let from = source.elements(&cx.heap);
    cx.spend_fuel(u64::from(length) / 16)?;
    let mut elements = result.elements(&cx.heap);
    if elements.is_null() || end > elements.capacity(&cx.heap) {
        cx.reserve(8 * u64::from(end))?;
        elements = if elements.is_null() { cx.heap.new_values(end) } else { elements.grown(&cx.heap, end) };
        result.set_elements(&cx.heap, elements);
    }
    cx.heap.cage().copy_within(from.slot(0), elements.slot(at), 8 * length);
    elements.set_length(&cx.heap, end);
    result.set_internal(&cx.heap, 0, Value::from_usize(end as usize));
    Ok(true)
}

// 23.1.3.28 Array.prototype.slice ( start, end ), https://tc39.es/ecma262/#sec-array.prototype.slice
pub(super) fn slice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let start = relative_start(cx, args.at(0), length)?;
    let end = relative_end(cx, args.at(1), length)?;
    let count = end.saturating_sub(start);
    // 8. Let A be ? ArraySpeciesCreate(O, count).
    let constructor = species_constructor(cx, object)?;
    if constructor.is_none()
        && let Some(copyable) = copyable_length(cx, object)
        && u64::from(copyable) == length
    {
        // OPTIMIZATION: reading the elements of such an array runs no JS; its holes are holes of the copy.
        return Ok(copy_range(cx, object, start as u32, start as u32 + count as u32)?.value());
    }
    let result = match constructor {
        Some(constructor) => cx.construct(constructor, &[number(count)], constructor)?,
        None => super::support::array_create(cx, count)?,
    };
    // 9.-11.
    for k in 0..count {
        cx.spend_fuel(1)?;
        if let Some(element) = get_present(cx, object, start + k)? {
            create_index(cx, result, k, element)?;
        }
    }
    cx.set(result, key::length, number(count), true)?;
    Ok(result.value())
}

/// What FlattenIntoArray is in the middle of: one level of nesting.
struct Level {
    source: Object,
    length: u64,
    next: u64,
}

// 23.1.3.13.1 FlattenIntoArray ( target, source, sourceLen, start, depth [ , mapperFunction, thisArg ] ),
// https://tc39.es/ecma262/#sec-flattenintoarray
// The recursion is a stack of levels here: nesting is bounded by memory and fuel, not by the native stack.
fn flatten_into(cx: &mut Context, target: Object, source: Object, length: u64, depth: f64, mapper: Option<Callback>) -> Result<()> {
    let mut levels = vec![Level { source, length, next: 0 }];
    let mut to: u64 = 0;
    while let Some(level) = levels.last_mut() {
        if level.next >= level.length {
            levels.pop();
            continue;
        }
        let (source, k) = (level.source, level.next);
        level.next += 1;
        cx.spend_fuel(1)?;
        let Some(mut element) = get_present(cx, source, k)? else { continue };
        let height = levels.len();
        // ii. Only the outermost level is mapped.
        if let (Some(mapper), 1) = (mapper, height) {
            element = mapper.call(cx, element, k, source)?;
        }
        // iii.-iv. If depth > 0, then let shouldFlatten be ? IsArray(element).
        if depth - (height - 1) as f64 > 0.0
            && let Some(array) = element.as_object()
            && cx.is_array(element)?
        {
            cx.reserve(64)?;
            let length = length_of(cx, array)?;
            levels.push(Level { source: array, length, next: 0 });
            continue;
        }
        // vi.
        if to >= MAX_SAFE {
            return Err(cx.throw_type_error("Flattening elements surpasses 2**53-1"));
        }
        create_index(cx, target, to, element)?;
        to += 1;
    }
    Ok(())
}

// 23.1.3.13 Array.prototype.flat ( [ depth ] ), https://tc39.es/ecma262/#sec-array.prototype.flat
pub(super) fn flat(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let depth = if args.at(0).is_undefined() { 1.0 } else { cx.to_integer_or_infinity(args.at(0))? };
    let result = species_create(cx, object, 0)?;
    flatten_into(cx, result, object, length, depth, None)?;
    Ok(result.value())
}

// 23.1.3.14 Array.prototype.flatMap ( mapperFunction [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.flatmap
pub(super) fn flat_map(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    if !args.at(0).as_object().is_some_and(|function| function.is_callable(&cx.heap)) {
        return Err(cx.throw_type_error("flatMap mapper function is not callable"));
    }
    let mapper = Callback::new(cx, args.at(0), args.at(1))?;
    let result = species_create(cx, object, 0)?;
    mapper.rooted(cx, &[object.value(), result.value()], |cx| flatten_into(cx, result, object, length, 1.0, Some(mapper)))?;
    Ok(result.value())
}

/// ArrayCreate's check of the length, before elements are read.
fn require_array_length(cx: &mut Context, length: u64) -> Result<()> {
    if length > u64::from(u32::MAX) { Err(cx.throw_range_error("Invalid array length")) } else { Ok(()) }
}

/// Get of every element in `from..to`, holes as undefined, appended to a list.
fn read_range(cx: &mut Context, object: Object, from: u64, to: u64, list: &mut Vec<Value>) -> Result<()> {
    cx.reserve(8 * (to - from).min(1 << 20))?;
    for k in from..to {
        cx.spend_fuel(1)?;
        let element = get_index(cx, object, k)?;
        list.push(element);
    }
    Ok(())
}

// 23.1.3.33 Array.prototype.toReversed ( ), https://tc39.es/ecma262/#sec-array.prototype.toreversed
pub(super) fn to_reversed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    require_array_length(cx, length)?;
    let result = cx.new_array(&[]);
    reserve_elements(cx, result, length)?;
    for k in 0..length {
        cx.spend_fuel(1)?;
        let element = get_index(cx, object, length - 1 - k)?;
        create_index(cx, result, k, element)?;
    }
    Ok(result.value())
}

// 23.1.3.35 Array.prototype.toSpliced ( start, skipCount, ...items ), https://tc39.es/ecma262/#sec-array.prototype.tospliced
pub(super) fn to_spliced(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let start = relative_start(cx, args.at(0), length)?;
    let skip = match args.len() {
        0 => 0,
        1 => length - start,
        _ => cx.to_integer_or_infinity(args.at(1))?.clamp(0.0, (length - start) as f64) as u64,
    };
    let items = args.from(2);
    let new_length = length + items.len() as u64 - skip;
    // 12. If newLen > 2^53 - 1, throw a TypeError exception. 13. ArrayCreate(newLen).
    if new_length > MAX_SAFE {
        return Err(cx.throw_type_error("Splicing elements surpasses 2**53-1"));
    }
    require_array_length(cx, new_length)?;
    let mut list = Vec::new();
    read_range(cx, object, 0, start, &mut list)?;
    list.extend_from_slice(items);
    read_range(cx, object, start + skip, length, &mut list)?;
    cx.reserve(8 * new_length)?;
    Ok(cx.new_array(&list).value())
}

// 23.1.3.39 Array.prototype.with ( index, value ), https://tc39.es/ecma262/#sec-array.prototype.with
pub(super) fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let relative = cx.to_integer_or_infinity(args.at(0))?;
    let index = if relative >= 0.0 { relative } else { length as f64 + relative };
    if index < 0.0 || index >= length as f64 {
        return Err(cx.throw_range_error("Invalid index : out of bounds"));
    }
    require_array_length(cx, length)?;
    let index = index as u64;
    let mut list = Vec::new();
    read_range(cx, object, 0, index, &mut list)?;
    list.push(args.at(1));
    read_range(cx, object, index + 1, length, &mut list)?;
    cx.reserve(8 * length)?;
    Ok(cx.new_array(&list).value())
}
