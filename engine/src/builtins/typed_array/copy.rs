//! %TypedArray%.prototype: slice, subarray, toReversed, toSorted, with.

use super::access::{get, this_typed_array};
use super::construct::{
    Access, check_content_type, create_from_constructor, initialize_from_buffer, new_typed_array, species_constructor, species_create,
    validate,
};
use super::mutate::{copy_by_value, overlap, sorted_raw, write_raw};
use super::view::{View, element_type, init_typed_array, set_element, view_slot};
use crate::builtins::array::sort::check_comparator;
use crate::builtins::array::support::{has_default_typed_species, number, relative_end, relative_start};
use crate::builtins::array_buffer::{copied_array_buffer, detached_error};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::value::Value;

// 23.2.3.27 %TypedArray%.prototype.slice ( start, end ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.slice
pub(super) fn slice(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.slice";
    let (array, view) = validate(cx, this, Access::Read, METHOD)?;
    let length = u64::from(view.length);
    let start = relative_start(cx, args.at(0), length)?;
    let end = relative_end(cx, args.at(1), length)?;
    let count = end.saturating_sub(start);
    // OPTIMIZATION: with the intrinsic constructor, which is not observable, steps 13 and 14.g make a copy of the bytes, unless the conversions
    // above have taken some of them away.
    if let Some(view) = View::of(&cx.heap, array)
        && end <= u64::from(view.length)
        && has_default_typed_species(cx, array, view.ty.prototype(), view.ty.constructor())
    {
        return Ok(copy_of(cx, view, start.min(end) as u32, count as u32)?.value());
    }
    // 13. Let A be ? TypedArraySpeciesCreate(O, « 𝔽(countBytes) »).
    let result = species_create(cx, array, count, Access::Write, METHOD)?;
    if count == 0 {
        return Ok(result.value());
    }
    // 14.a.-c. All this may have detached or shrunk the buffer.
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, METHOD)) };
    let end = end.min(u64::from(view.length)).max(start);
    let (start, end) = (start as u32, end as u32);
    let Some(to) = View::of(&cx.heap, result) else { return Ok(result.value()) };
    if view.ty != to.ty {
        // h. Different types: element by element.
        copy_by_value(cx, array, start, end, result)?;
        return Ok(result.value());
    }
    // g. The same type: bytes, in ascending order (which shows when a species constructor gives a view of the same buffer).
    let from = View { at: view.element(start), length: end - start, ..view };
    let to = View { length: from.length.min(to.length), ..to };
    if overlap(from, to) && from.at < to.at {
        for i in 0..to.byte_length() {
            cx.heap.store::<u8>(to.at + i, cx.heap.load::<u8>(from.at + i));
        }
    } else {
        cx.heap.cage().copy_within(from.at, to.at, to.byte_length());
    }
    Ok(result.value())
}

/// A new typed array of the same type, of the intrinsic constructor, with `count` elements of a view from `start` on.
fn copy_of(cx: &mut Context, view: View, start: u32, count: u32) -> Result<Object> {
    let buffer = copied_array_buffer(cx, view.element(start), count << view.ty.shift())?;
    let array = cx.new_intrinsic_object(Kind::TypedArray, view.ty.prototype());
    init_typed_array(&cx.heap, array, view.ty, buffer, 0, Some(count));
    Ok(array)
}

// 23.2.3.30 %TypedArray%.prototype.subarray ( start, end ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.subarray
pub(super) fn subarray(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.subarray";
    // 1.-6. An array out of bounds counts as empty.
    let array = this_typed_array(cx, this, METHOD)?;
    let buffer = array.internal(&cx.heap, view_slot::BUFFER);
    let length = View::of(&cx.heap, array).map_or(0, |view| u64::from(view.length));
    let start = relative_start(cx, args.at(0), length)?;
    // 11.-14.
    let ty = element_type(&cx.heap, array);
    let byte_offset = array.internal(&cx.heap, view_slot::BYTE_OFFSET).as_int_unchecked() as u64;
    let begin = number(byte_offset + (start << ty.shift()));
    // 15.-16. A view that follows the buffer's length stays one when no end is given.
    let follows = array.internal(&cx.heap, view_slot::LENGTH).is_undefined() && args.at(1).is_undefined();
    let new_length = if follows {
        Value::UNDEFINED
    } else {
        let end = relative_end(cx, args.at(1), length)?;
        number(end.saturating_sub(start))
    };
    // 17. Return ? TypedArraySpeciesCreate(O, argumentsList).
    let constructor = species_constructor(cx, array, ty)?;
    if constructor.is_none()
        && let Some(buffer) = buffer.as_object()
    {
        // OPTIMIZATION: what the intrinsic constructor does for a buffer, with itself as new.target.
        let result = cx.new_intrinsic_object(Kind::TypedArray, ty.prototype());
        initialize_from_buffer(cx, result, ty, buffer, begin, new_length)?;
        return Ok(result.value());
    }
    let constructor = constructor.unwrap_or_else(|| cx.intrinsic(ty.constructor()));
    let all = [buffer, begin, new_length];
    let result = create_from_constructor(cx, constructor, if follows { &all[..2] } else { &all }, Access::Read, METHOD)?;
    check_content_type(cx, ty, result)?;
    Ok(result.value())
}

// 23.2.3.32 %TypedArray%.prototype.toReversed ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.toreversed
pub(super) fn to_reversed(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.toReversed")?;
    let result = new_typed_array(cx, view.ty, u64::from(view.length))?;
    cx.spend_fuel(u64::from(view.length) / 16)?;
    if let (Some(from), Some(to)) = (View::of(&cx.heap, array), View::of(&cx.heap, result)) {
        for k in 0..to.length {
            let raw = from.ty.load(&cx.heap, from.element(from.length - 1 - k));
            to.ty.store(&cx.heap, to.element(k), raw);
        }
    }
    Ok(result.value())
}

// 23.2.3.33 %TypedArray%.prototype.toSorted ( comparator ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.tosorted
pub(super) fn to_sorted(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let comparator = check_comparator(cx, args.at(0))?;
    let (_, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.toSorted")?;
    let result = new_typed_array(cx, view.ty, u64::from(view.length))?;
    let raw = sorted_raw(cx, result.value(), view, comparator)?;
    write_raw(cx, result, &raw);
    Ok(result.value())
}

// 23.2.3.36 %TypedArray%.prototype.with ( index, value ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.with
pub(super) fn with(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.with")?;
    let length = f64::from(view.length);
    let relative = cx.to_integer_or_infinity(args.at(0))?;
    let index = if relative >= 0.0 { relative } else { length + relative };
    // 7.-8. ToBigInt or ToNumber.
    let raw = view.ty.value_to_raw(cx, args.at(1))?;
    // 9. If IsValidIntegerIndex(O, 𝔽(actualIndex)) is false, throw a RangeError exception.
    let now = View::of(&cx.heap, array).map_or(0, |view| view.length);
    if index < 0.0 || index >= f64::from(now) {
        return Err(cx.throw_range_error("Invalid typed array index"));
    }
    let result = new_typed_array(cx, view.ty, u64::from(view.length))?;
    for k in 0..view.length {
        cx.spend_fuel(1)?;
        if f64::from(k) == index {
            if let Some(to) = View::of(&cx.heap, result) {
                to.ty.store(&cx.heap, to.element(k), raw);
            }
        } else {
            let value = get(cx, array, k);
            set_element(cx, result, u64::from(k), value)?;
        }
    }
    Ok(result.value())
}
