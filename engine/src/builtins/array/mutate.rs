//! Array methods that change the array: copyWithin, fill, pop, push, reverse, shift, splice, unshift.

use super::support::{
    MAX_DENSE, MAX_SAFE, copy_range, create_index, delete_index, get_index, get_present, initialised, is_simple_array, length_of,
    no_inherited_elements, number, relative_end, relative_start, set_index, settled_length, species_constructor, this_and_length, truncate,
};
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Values};
use crate::native::{Args, Result};
use crate::object::Object;
use crate::string::atoms::key;
use crate::value::Value;

/// Shifted arrays up to this length move their elements; longer ones move their header.
const MOVE_ON_SHIFT: u32 = 16;

// 23.1.3.23 Array.prototype.push ( ...items ), https://tc39.es/ecma262/#sec-array.prototype.push
pub(super) fn push(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(object) = this.as_object()
        && let Some(length) = settled_length(&cx.heap, object)
    {
        // OPTIMIZATION: on a settled array with nothing inherited, Set at the end only adds an element.
        let mut elements = object.elements(&cx.heap);
        if let [item] = args.as_slice()
            && !elements.is_null()
            && length < elements.capacity(&cx.heap)
        {
            cx.heap.store(elements.slot(length), *item);
            elements.set_length(&cx.heap, length + 1);
            let length = Value::from(length + 1);
            object.set_internal(&cx.heap, 0, length);
            return Ok(length);
        }
        for &item in args.as_slice() {
            elements = if elements.is_null() { cx.heap.new_values(4) } else { elements }.push(&cx.heap, item);
        }
        if !args.is_empty() {
            object.set_elements(&cx.heap, elements);
        }
        let length = Value::from_usize(length as usize + args.len());
        object.set_internal(&cx.heap, 0, length);
        return Ok(length);
    }
    // 1.-4.
    let (object, length) = this_and_length(cx, this)?;
    if length + args.len() as u64 > MAX_SAFE {
        let message =
            format!("Pushing {} elements on an array-like of length {length} is disallowed, as the total surpasses 2**53-1", args.len());
        return Err(cx.throw_type_error(&message));
    }
    // 5.-7.
    for (i, &item) in args.as_slice().iter().enumerate() {
        set_index(cx, object, length + i as u64, item)?;
    }
    let new_length = length + args.len() as u64;
    cx.set(object, key::length, number(new_length), true)?;
    Ok(number(new_length))
}

// 23.1.3.22 Array.prototype.pop ( ), https://tc39.es/ecma262/#sec-array.prototype.pop
pub(super) fn pop(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(object) = this.as_object()
        && let Some(length) = settled_length(&cx.heap, object)
    {
        // OPTIMIZATION: Get, Delete and Set of the length on a settled array run no JS.
        let Some(last) = length.checked_sub(1) else { return Ok(Value::UNDEFINED) };
        let elements = object.elements(&cx.heap);
        let value = present_or_undefined(elements.get(&cx.heap, last));
        elements.set(&cx.heap, last, Value::HOLE);
        elements.set_length(&cx.heap, last);
        object.set_internal(&cx.heap, 0, Value::from_usize(last as usize));
        return Ok(value);
    }
    let (object, length) = this_and_length(cx, this)?;
    // 3. If len = 0, then Set(O, "length", +0𝔽, true).
    if length == 0 {
        cx.set(object, key::length, Value::ZERO, true)?;
        return Ok(Value::UNDEFINED);
    }
    // 4.
    let element = get_index(cx, object, length - 1)?;
    delete_index(cx, object, length - 1)?;
    cx.set(object, key::length, number(length - 1), true)?;
    Ok(element)
}

/// What Get gives for a value of an elements cell when nothing is inherited.
fn present_or_undefined(value: Value) -> Value {
    if value.is_hole() { Value::UNDEFINED } else { value }
}

/// Drops the first element of `elements`, which has more than one.
fn drop_first(heap: &Heap, array: Object, elements: Ref<Values>) {
    let length = elements.length(heap);
    if length <= MOVE_ON_SHIFT {
        heap.cage().copy_within(elements.slot(1), elements.slot(0), 8 * (length - 1));
        elements.set(heap, length - 1, Value::HOLE);
        elements.set_length(heap, length - 1);
        return;
    }
    // OPTIMIZATION: the cell's header moves up by one value instead of all values down, so that queues take constant time. The first
    // eight bytes become a free cell; nothing but the array refers to its elements cell.
    let old = elements.offset();
    let (capacity, flags, aux) = (elements.capacity(heap), heap.flags(old), heap.aux(old));
    let new = old + 8;
    heap.cage().mark_cards(new, 16);
    heap.init_header(new, Kind::Values, flags, aux, capacity - 1);
    heap.store::<u64>(new + 8, u64::from(length - 1));
    heap.fill_free(old, new);
    array.set_elements(heap, Ref::from_offset(new));
}

// 23.1.3.27 Array.prototype.shift ( ), https://tc39.es/ecma262/#sec-array.prototype.shift
pub(super) fn shift(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(object) = this.as_object()
        && let Some(length) = settled_length(&cx.heap, object)
    {
        // OPTIMIZATION: moving the elements of a settled array runs no JS.
        if length == 0 {
            return Ok(Value::UNDEFINED);
        }
        let elements = object.elements(&cx.heap);
        let first = present_or_undefined(elements.get(&cx.heap, 0));
        drop_first(&cx.heap, object, elements);
        object.set_internal(&cx.heap, 0, Value::from_usize(length as usize - 1));
        return Ok(first);
    }
    let (object, length) = this_and_length(cx, this)?;
    if length == 0 {
        cx.set(object, key::length, Value::ZERO, true)?;
        return Ok(Value::UNDEFINED);
    }
    // 4.-6.
    let first = get_index(cx, object, 0)?;
    move_elements(cx, object, 1, 0, length - 1)?;
    // 7.-9.
    delete_index(cx, object, length - 1)?;
    cx.set(object, key::length, number(length - 1), true)?;
    Ok(first)
}

/// Moves `count` elements from `from` on to `to` on one by one, holes too, in ascending order when they move down and in descending order
/// when they move up: the loops of shift, unshift, splice and copyWithin.
fn move_elements(cx: &mut Context, object: Object, from: u64, to: u64, count: u64) -> Result<()> {
    for step in 0..count {
        cx.spend_fuel(1)?;
        let k = if to < from { step } else { count - 1 - step };
        match get_present(cx, object, from + k)? {
            Some(element) => set_index(cx, object, to + k, element)?,
            None => delete_index(cx, object, to + k)?,
        }
    }
    Ok(())
}

// 23.1.3.37 Array.prototype.unshift ( ...items ), https://tc39.es/ecma262/#sec-array.prototype.unshift
pub(super) fn unshift(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(object) = this.as_object()
        && let Some(length) = settled_length(&cx.heap, object)
    {
        // OPTIMIZATION: moving the elements of a settled array runs no JS.
        replace_range(cx, object, length, 0, 0, args.as_slice())?;
        return Ok(Value::from_usize(length as usize + args.len()));
    }
    let (object, length) = this_and_length(cx, this)?;
    let count = args.len() as u64;
    // 4. If argCount > 0, then
    if count > 0 {
        if length + count > MAX_SAFE {
            return Err(cx.throw_type_error("Unshifting elements surpasses 2**53-1"));
        }
        move_elements(cx, object, 0, count, length)?;
        for (i, &item) in args.as_slice().iter().enumerate() {
            set_index(cx, object, i as u64, item)?;
        }
    }
    // 5. Perform ? Set(O, "length", 𝔽(len + argCount), true).
    cx.set(object, key::length, number(length + count), true)?;
    Ok(number(length + count))
}

/// Replaces `delete_count` elements from `start` on of a settled array of `length` by `items`.
fn replace_range(cx: &mut Context, array: Object, length: u32, start: u32, delete_count: u32, items: &[Value]) -> Result<()> {
    let added = items.len() as u32;
    let new_length = length - delete_count + added;
    let tail = length - start - delete_count;
    cx.spend_fuel(u64::from(tail) / 16)?;
    let mut elements = array.elements(&cx.heap);
    if elements.is_null() {
        elements = cx.heap.new_values(added.max(4));
        array.set_elements(&cx.heap, elements);
    }
    if new_length > elements.capacity(&cx.heap) {
        let capacity = new_length.max(length + length / 2);
        cx.reserve(8 * u64::from(capacity))?;
        elements = elements.grown(&cx.heap, capacity);
        array.set_elements(&cx.heap, elements);
    }
    let heap = &cx.heap;
    if added != delete_count && tail > 0 {
        heap.cage().copy_within(elements.slot(start + delete_count), elements.slot(start + added), 8 * tail);
    }
    for (i, &item) in items.iter().enumerate() {
        elements.set(heap, start + i as u32, item);
    }
    if new_length < length {
        elements.set_length(heap, length);
        truncate(heap, array, new_length);
    } else {
        elements.set_length(heap, new_length);
        array.set_internal(heap, 0, Value::from_usize(new_length as usize));
    }
    Ok(())
}

// 23.1.3.31 Array.prototype.splice ( start, deleteCount, ...items ), https://tc39.es/ecma262/#sec-array.prototype.splice
pub(super) fn splice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    // 1.-6.
    let (object, length) = this_and_length(cx, this)?;
    let start = relative_start(cx, args.at(0), length)?;
    // 7.-10.
    let items = args.from(2);
    let delete_count = match args.len() {
        0 => 0,
        1 => length - start,
        _ => cx.to_integer_or_infinity(args.at(1))?.clamp(0.0, (length - start) as f64) as u64,
    };
    // 11. If len + itemCount - actualDeleteCount > 2^53 - 1, throw a TypeError exception.
    let new_length = length + items.len() as u64 - delete_count;
    if new_length > MAX_SAFE {
        return Err(cx.throw_type_error("Splicing elements surpasses 2**53-1"));
    }
    // 12. Let A be ? ArraySpeciesCreate(O, actualDeleteCount).
    let constructor = species_constructor(cx, object)?;
    if constructor.is_none()
        && let Some(packed) = settled_length(&cx.heap, object)
        && u64::from(packed) == length
        && new_length <= u64::from(MAX_DENSE)
    {
        // OPTIMIZATION: moving the elements of a settled array runs no JS.
        let (start, delete_count) = (start as u32, delete_count as u32);
        let removed = copy_range(cx, object, start, start + delete_count)?;
        replace_range(cx, object, packed, start, delete_count, items)?;
        return Ok(removed.value());
    }
    let removed = match constructor {
        Some(constructor) => cx.construct(constructor, &[number(delete_count)], constructor)?,
        None => super::support::array_create(cx, delete_count)?,
    };
    // 13.-15.
    for k in 0..delete_count {
        cx.spend_fuel(1)?;
        if let Some(element) = get_present(cx, object, start + k)? {
            create_index(cx, removed, k, element)?;
        }
    }
    cx.set(removed, key::length, number(delete_count), true)?;
    // 16.-17.
    let count = items.len() as u64;
    if count != delete_count {
        move_elements(cx, object, start + delete_count, start + count, length - start - delete_count)?;
        for k in (new_length..length).rev() {
            cx.spend_fuel(1)?;
            delete_index(cx, object, k)?;
        }
    }
    // 18.-20.
    for (i, &item) in items.iter().enumerate() {
        set_index(cx, object, start + i as u64, item)?;
    }
    cx.set(object, key::length, number(new_length), true)?;
    Ok(removed.value())
}

// 23.1.3.26 Array.prototype.reverse ( ), https://tc39.es/ecma262/#sec-array.prototype.reverse
pub(super) fn reverse(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    if settled_length(&cx.heap, object).is_some_and(|packed| u64::from(packed) == length) {
        // OPTIMIZATION: swapping elements of a settled array runs no JS.
        cx.spend_fuel(length / 8)?;
        let elements = object.elements(&cx.heap);
        for lower in 0..length as u32 / 2 {
            let upper = length as u32 - 1 - lower;
            let (a, b) = (elements.get(&cx.heap, lower), elements.get(&cx.heap, upper));
            elements.set(&cx.heap, lower, b);
            elements.set(&cx.heap, upper, a);
        }
        return Ok(object.value());
    }
    for lower in 0..length / 2 {
        cx.spend_fuel(1)?;
        let upper = length - 1 - lower;
        let lower_value = get_present(cx, object, lower)?;
        let upper_value = get_present(cx, object, upper)?;
        match (lower_value, upper_value) {
            (Some(low), Some(up)) => {
                set_index(cx, object, lower, up)?;
                set_index(cx, object, upper, low)?;
            }
            (None, Some(up)) => {
                set_index(cx, object, lower, up)?;
                delete_index(cx, object, upper)?;
            }
            (Some(low), None) => {
                delete_index(cx, object, lower)?;
                set_index(cx, object, upper, low)?;
            }
            (None, None) => {}
        }
    }
    Ok(object.value())
}

// 23.1.3.7 Array.prototype.fill ( value [ , start [ , end ] ] ), https://tc39.es/ecma262/#sec-array.prototype.fill
pub(super) fn fill(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let start = relative_start(cx, args.at(1), length)?;
    let end = relative_end(cx, args.at(2), length)?;
    let value = args.at(0);
    if start < end && fill_dense(cx, object, length, start, end, value)? {
        return Ok(object.value());
    }
    for k in start..end {
        cx.spend_fuel(1)?;
        set_index(cx, object, k, value)?;
    }
    Ok(object.value())
}

/// OPTIMIZATION: on a simple array with nothing inherited, Set only stores or adds elements, in whatever order. Fills the initialised part
/// and, when the range begins there, the part behind it. Returns whether it did.
fn fill_dense(cx: &mut Context, array: Object, length: u64, start: u64, end: u64, value: Value) -> Result<bool> {
    if !is_simple_array(&cx.heap, array) || !no_inherited_elements(&cx.heap, array) || end > u64::from(MAX_DENSE) {
        return Ok(false);
    }
    let used = initialised(&cx.heap, array);
    if u64::from(array.array_length(&cx.heap)) != length || start > u64::from(used) {
        return Ok(false);
    }
    cx.spend_fuel((end - start) / 8)?;
    let mut elements = array.elements(&cx.heap);
    if elements.is_null() || end > u64::from(elements.capacity(&cx.heap)) {
        cx.reserve(8 * end)?;
        elements = if elements.is_null() { cx.heap.new_values(end as u32) } else { elements.grown(&cx.heap, end as u32) };
        array.set_elements(&cx.heap, elements);
    }
    for i in start as u32..end as u32 {
        elements.set(&cx.heap, i, value);
    }
    if end > u64::from(used) {
        elements.set_length(&cx.heap, end as u32);
    }
    Ok(true)
}

// 23.1.3.4 Array.prototype.copyWithin ( target, start [ , end ] ), https://tc39.es/ecma262/#sec-array.prototype.copywithin
pub(super) fn copy_within(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let object = cx.to_object(this)?;
    let length = length_of(cx, object)?;
    let to = relative_start(cx, args.at(0), length)?;
    let from = relative_start(cx, args.at(1), length)?;
    let last = relative_end(cx, args.at(2), length)?;
    let count = last.saturating_sub(from).min(length - to);
    // 13. When the target lies inside the source, copying goes from the end.
    if from < to && to < from + count {
        move_elements(cx, object, from, to, count)?;
    } else {
        for k in 0..count {
            cx.spend_fuel(1)?;
            match get_present(cx, object, from + k)? {
                Some(element) => set_index(cx, object, to + k, element)?,
                None => delete_index(cx, object, to + k)?,
            }
        }
    }
    Ok(object.value())
}
