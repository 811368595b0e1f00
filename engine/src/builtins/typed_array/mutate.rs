//! %TypedArray%.prototype: copyWithin, fill, reverse, set, sort.

use super::access::{get, this_typed_array};
use super::construct::{Access, copy_elements, validate};
use super::element::ElementType;
use super::view::{View, is_immutable, set_element, view_slot};
use crate::builtins::array::sort::{Comparator, check_comparator, comparator_greater, merge_sort, rooted};
use crate::builtins::array::support::{get_index, length_of, relative_end, relative_start};
use crate::builtins::array_buffer::{detached_error, immutable_error};
use crate::context::Context;
use crate::heap::Kind;
use crate::native::{Args, Result};
use crate::object::Object;
use crate::value::Value;

// 23.2.3.6 %TypedArray%.prototype.copyWithin ( target, start [ , end ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.copywithin
pub(super) fn copy_within(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.copyWithin";
    let (array, view) = validate(cx, this, Access::Write, METHOD)?;
    let length = u64::from(view.length);
    let to = relative_start(cx, args.at(0), length)?;
    let from = relative_start(cx, args.at(1), length)?;
    let last = relative_end(cx, args.at(2), length)?;
    let count = last.saturating_sub(from).min(length - to);
    if count == 0 {
        return Ok(array.value());
    }
    // Converting the arguments may have detached or shrunk the buffer.
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, METHOD)) };
    let length = u64::from(view.length);
    // Bytes whose source or target lies past the end are left alone; the rest moves as if through a copy, which is what the
    // specification's choice of direction comes to.
    let count = count.min(length.saturating_sub(from)).min(length.saturating_sub(to));
    if count > 0 {
        cx.heap.cage().copy_within(view.element(from as u32), view.element(to as u32), (count as u32) << view.ty.shift());
    }
    Ok(array.value())
}

// 23.2.3.9 %TypedArray%.prototype.fill ( value [ , start [ , end ] ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.fill
pub(super) fn fill(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.fill";
    let (array, view) = validate(cx, this, Access::Write, METHOD)?;
    let length = u64::from(view.length);
    // 4.-5. ToBigInt or ToNumber comes before the indices.
    let raw = view.ty.value_to_raw(cx, args.at(0))?;
    let start = relative_start(cx, args.at(1), length)?;
    let end = relative_end(cx, args.at(2), length)?;
    // 14.-17.
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, METHOD)) };
    let end = end.min(u64::from(view.length));
    if start < end {
        cx.spend_fuel((end - start) / 16)?;
        let (start, end) = (start as u32, end as u32);
        // One element, then copies of what is there already, twice as much each time.
        let (first, total) = (view.element(start), (end - start) << view.ty.shift());
        view.ty.store(&cx.heap, first, raw);
        let mut filled = view.ty.size();
        while filled < total {
            let more = filled.min(total - filled);
            cx.heap.cage().copy_within(first, first + filled, more);
            filled += more;
        }
    }
    Ok(array.value())
}

// 23.2.3.25 %TypedArray%.prototype.reverse ( ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.reverse
pub(super) fn reverse(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Write, "%TypedArray%.prototype.reverse")?;
    cx.spend_fuel(u64::from(view.length) / 16)?;
    let heap = &cx.heap;
    for lower in 0..view.length / 2 {
        let (a, b) = (view.element(lower), view.element(view.length - 1 - lower));
        let (low, high) = (view.ty.load(heap, a), view.ty.load(heap, b));
        view.ty.store(heap, a, high);
        view.ty.store(heap, b, low);
    }
    Ok(array.value())
}

// 23.2.3.26 %TypedArray%.prototype.set ( source [ , offset ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.set
pub(super) fn set(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.set";
    // 1.-3.
    let target = this_typed_array(cx, this, METHOD)?;
    if target.internal(&cx.heap, view_slot::BUFFER).as_object().is_some_and(|buffer| is_immutable(&cx.heap, buffer)) {
        return Err(immutable_error(cx, METHOD));
    }
    // 4.-5.
    let offset = cx.to_integer_or_infinity(args.at(1))?;
    if offset < 0.0 {
        return Err(cx.throw_range_error("offset is out of bounds"));
    }
    // 6.-7.
    match args.at(0).as_object() {
        Some(source) if source.is(&cx.heap, Kind::TypedArray) => set_from_typed_array(cx, target, offset, source, METHOD)?,
        _ => set_from_array_like(cx, target, offset, args.at(0), METHOD)?,
    }
    Ok(Value::UNDEFINED)
}

// 23.2.3.26.1 SetTypedArrayFromTypedArray ( target, targetOffset, source ),
// https://tc39.es/ecma262/#sec-settypedarrayfromtypedarray
fn set_from_typed_array(cx: &mut Context, target: Object, offset: f64, source: Object, method: &str) -> Result<()> {
    let Some(to) = View::of(&cx.heap, target) else { return Err(detached_error(cx, method)) };
    let Some(from) = View::of(&cx.heap, source) else { return Err(detached_error(cx, method)) };
    if to.ty.is_bigint() != from.ty.is_bigint() {
        return Err(cx.throw_type_error("Cannot mix BigInt and other types, use explicit conversions"));
    }
    if f64::from(from.length) + offset > f64::from(to.length) {
        return Err(cx.throw_range_error("offset is out of bounds"));
    }
    cx.spend_fuel(u64::from(from.length) / 16)?;
    let window = View { at: to.element(offset as u32), length: from.length, ..to };
    if overlap(from, window) && from.ty != window.ty {
        // 17. The source is cloned when both share a buffer.
        let heap = &cx.heap;
        let source: Vec<u64> = (0..from.length).map(|i| from.ty.load(heap, from.element(i))).collect();
        for (i, raw) in source.into_iter().enumerate() {
            let raw = if from.ty.is_bigint() { raw } else { window.ty.number_to_raw(from.ty.raw_to_f64(raw)) };
            window.ty.store(heap, window.element(i as u32), raw);
        }
    } else {
        copy_elements(cx, from, window);
    }
    Ok(())
}

// 23.2.3.26.2 SetTypedArrayFromArrayLike ( target, targetOffset, source ),
// https://tc39.es/ecma262/#sec-settypedarrayfromarraylike
fn set_from_array_like(cx: &mut Context, target: Object, offset: f64, source: Value, method: &str) -> Result<()> {
    let Some(view) = View::of(&cx.heap, target) else { return Err(detached_error(cx, method)) };
    let source = cx.to_object(source)?;
    let length = length_of(cx, source)?;
    if length as f64 + offset > f64::from(view.length) {
        return Err(cx.throw_range_error("offset is out of bounds"));
    }
    let offset = offset as u64;
    for k in 0..length {
        cx.spend_fuel(1)?;
        let value = get_index(cx, source, k)?;
        set_element(cx, target, offset + k, value)?;
    }
    Ok(())
}

/// Sorts raw elements ascending: -0 before +0, NaN last. 23.2.4.7 CompareTypedArrayElements without a comparator,
/// https://tc39.es/ecma262/#sec-typedarray-sort
pub(super) fn sort_raw(ty: ElementType, raw: &mut [u64]) {
    match ty {
        ElementType::Float16 | ElementType::Float32 | ElementType::Float64 => {
            raw.sort_by(|&a, &b| {
                let (a, b) = (ty.raw_to_f64(a), ty.raw_to_f64(b));
                a.is_nan().cmp(&b.is_nan()).then_with(|| if a.is_nan() { std::cmp::Ordering::Equal } else { a.total_cmp(&b) })
            });
        }
        ElementType::BigUint64 | ElementType::Uint8 | ElementType::Uint8Clamped | ElementType::Uint16 | ElementType::Uint32 => {
            raw.sort_unstable();
        }
        ElementType::BigInt64 => raw.sort_unstable_by_key(|&raw| raw as i64),
        ElementType::Int8 => raw.sort_unstable_by_key(|&raw| raw as i8),
        ElementType::Int16 => raw.sort_unstable_by_key(|&raw| raw as i16),
        ElementType::Int32 => raw.sort_unstable_by_key(|&raw| raw as i32),
    }
}

/// The raw elements of a view, sorted by a comparator or by number. `keep` stays alive while the comparator runs.
pub(super) fn sorted_raw(cx: &mut Context, keep: Value, view: View, comparator: Option<Comparator>) -> Result<Vec<u64>> {
    let length = u64::from(view.length);
    cx.reserve(16 * length)?;
    cx.spend_fuel(length * u64::from((length | 1).ilog2()) / 16)?;
    let mut raw: Vec<u64> = (0..view.length).map(|i| view.ty.load(&cx.heap, view.element(i))).collect();
    match comparator {
        None => sort_raw(view.ty, &mut raw),
        Some(comparator) => {
            let ty = view.ty;
            let mut items: Vec<(u64, Value)> = raw.iter().map(|&raw| (raw, ty.raw_to_value(&cx.heap, raw))).collect();
            let values: Vec<Value> = items.iter().map(|item| item.1).collect();
            rooted(cx, &[keep, comparator.function], &values, |cx| {
                merge_sort(cx, &mut items, &mut |cx, a, b| comparator_greater(cx, &comparator, a.1, b.1))
            })?;
            for (raw, (sorted, _)) in raw.iter_mut().zip(items) {
                *raw = sorted;
            }
        }
    }
    Ok(raw)
}

// 23.2.3.29 %TypedArray%.prototype.sort ( comparator ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.sort
pub(super) fn sort(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let comparator = check_comparator(cx, args.at(0))?;
    let (array, view) = validate(cx, this, Access::Write, "%TypedArray%.prototype.sort")?;
    let raw = sorted_raw(cx, array.value(), view, comparator)?;
    // The comparator may have shrunk or detached the buffer; elements that are gone are not written.
    write_raw(cx, array, &raw);
    Ok(array.value())
}

/// Writes raw elements to the start of an array that has room for them.
pub(super) fn write_raw(cx: &Context, array: Object, raw: &[u64]) {
    if let Some(view) = View::of(&cx.heap, array) {
        for (i, &raw) in raw.iter().take(view.length as usize).enumerate() {
            view.ty.store(&cx.heap, view.element(i as u32), raw);
        }
    }
}

/// Reads elements one by one, those past the end as undefined, and sets them in another array: the general copying loop.
pub(super) fn copy_by_value(cx: &mut Context, from: Object, start: u32, end: u32, to: Object) -> Result<()> {
    for (n, k) in (start..end).enumerate() {
        cx.spend_fuel(1)?;
        let value = get(cx, from, k);
        set_element(cx, to, n as u64, value)?;
    }
    Ok(())
}

/// Whether two views' bytes share memory.
pub(super) fn overlap(a: View, b: View) -> bool {
    a.at < b.at + b.byte_length() && b.at < a.at + a.byte_length()
}
