//! Array.prototype.sort and toSorted, and the stable merge sort that typed arrays share.

use super::support::{delete_index, get_index, get_present, set_index, settled_length, this_and_length};
use crate::context::Context;
use crate::interpreter::Prepared;
use crate::native::{Args, Result, Thrown};
use crate::object::Object;
use crate::string::JsString;
use crate::value::{Type, Value};

/// Runs of this many elements are sorted by insertion before merging.
const RUN: usize = 8;

/// Sorts stably. `greater(a, b)` says whether `a` must come after `b`; it may throw and need not be consistent.
pub(crate) fn merge_sort<T: Copy>(
    cx: &mut Context,
    items: &mut [T],
    greater: &mut impl FnMut(&mut Context, T, T) -> Result<bool>,
) -> Result<()> {
    for run in items.chunks_mut(RUN) {
        for i in 1..run.len() {
            let item = run[i];
            let mut at = i;
            while at > 0 && greater(cx, run[at - 1], item)? {
                run[at] = run[at - 1];
                at -= 1;
            }
            run[at] = item;
        }
    }
    if items.len() <= RUN {
        return Ok(());
    }
    let mut left = Vec::with_capacity(items.len() / 2 + RUN);
    let mut width = RUN;
    while width < items.len() {
        for pair in items.chunks_mut(2 * width) {
            if pair.len() <= width || !greater(cx, pair[width - 1], pair[width])? {
                continue;
            }
            left.clear();
            left.extend_from_slice(&pair[..width]);
            let (mut i, mut j, mut to) = (0, width, 0);
            while i < left.len() && j < pair.len() {
                if greater(cx, left[i], pair[j])? {
                    pair[to] = pair[j];
                    j += 1;
                } else {
                    pair[to] = left[i];
                    i += 1;
                }
                to += 1;
            }
            pair[to..to + left.len() - i].copy_from_slice(&left[i..]);
        }
        width *= 2;
    }
    Ok(())
}

/// Keeps values alive until the temporaries above the number that it returns are popped.
fn root(cx: &mut Context, keep: &[Value], values: &[Value]) -> usize {
    let base = cx.temporaries.len();
    cx.temporaries.extend_from_slice(keep);
    let record = cx.heap.new_values_from(values);
    cx.push_temporary(Value::cell(record));
    base
}

/// Keeps values alive while `body` sorts them with a comparator, whose calls allow collection.
pub(crate) fn rooted<T>(cx: &mut Context, keep: &[Value], values: &[Value], body: impl FnOnce(&mut Context) -> Result<T>) -> Result<T> {
    let base = root(cx, keep, values);
    let result = body(cx);
    cx.pop_temporaries(base);
    result
}

/// A comparator, ready to be called by the native that checked it.
#[derive(Clone, Copy)]
pub(crate) struct Comparator {
    /// The function.
    pub function: Value,
    prepared: Option<Prepared>,
}

/// Whether `comparator(a, b)` says that `a` comes after `b`, within [`rooted`]. The call of SortCompare, https://tc39.es/ecma262/#sec-comparearrayelements
pub(crate) fn comparator_greater(cx: &mut Context, comparator: &Comparator, a: Value, b: Value) -> Result<bool> {
    cx.spend_fuel(1)?;
    let order = match &comparator.prepared {
        Some(prepared) => cx.call_prepared(prepared, Value::UNDEFINED, [a, b])?,
        None => cx.call_collecting(comparator.function, Value::UNDEFINED, &[a, b])?,
    };
    let order = match order.as_number() {
        Some(number) => number,
        None => cx.to_number(order)?,
    };
    // NaN counts as +0.
    Ok(order > 0.0)
}

/// If comparator is not undefined and IsCallable(comparator) is false, throw a TypeError exception.
#[inline]
pub(crate) fn check_comparator(cx: &mut Context, comparator: Value) -> Result<Option<Comparator>> {
    if comparator.is_undefined() {
        return Ok(None);
    }
    if comparator.as_object().is_some_and(|object| object.is_callable(&cx.heap)) {
        return Ok(Some(Comparator { function: comparator, prepared: cx.prepare_calls(comparator, 2) }));
    }
    Err(not_a_comparator(cx, comparator))
}

#[cold]
#[inline(never)]
fn not_a_comparator(cx: &mut Context, comparator: Value) -> Thrown {
    let text = crate::builtins::receiver::describe(cx, comparator);
    cx.throw_type_error(&format!("The comparison function must be either a function or undefined [{text}]"))
}

/// Sorts values by SortCompare. 23.1.3.30.2 CompareArrayElements ( x, y, comparator ),
/// https://tc39.es/ecma262/#sec-comparearrayelements
fn sort_values(cx: &mut Context, object: Object, items: &mut Vec<Value>, comparator: Option<Comparator>) -> Result<()> {
    // 1.-3. undefined comes last, and no comparator sees it.
    let length = items.len();
    items.retain(|item| !item.is_undefined());
    match comparator {
        Some(_) if items.len() < 2 => {}
        Some(comparator) => {
            cx.reserve(8 * length as u64)?;
            let base = root(cx, &[object.value(), comparator.function], items);
            let result = merge_sort(cx, items, &mut |cx, a, b| comparator_greater(cx, &comparator, a, b));
            cx.pop_temporaries(base);
            result?;
        }
        None => sort_as_strings(cx, items)?,
    }
    items.resize(length, Value::UNDEFINED);
    Ok(())
}

/// Steps 5-10 of CompareArrayElements: compares by ToString.
fn sort_as_strings(cx: &mut Context, items: &mut [Value]) -> Result<()> {
    if items.len() < 2 {
        return Ok(());
    }
    if items.iter().all(|item| !matches!(item.type_of(), Type::Object | Type::Symbol)) {
        // OPTIMIZATION: converting primitives other than symbols runs no JS and cannot fail, so once is enough.
        let mut keyed: Vec<(JsString, Value)> = Vec::with_capacity(items.len());
        for &item in items.iter() {
            keyed.push((cx.to_string(item)?, item));
        }
        let length = keyed.len() as u64;
        cx.spend_fuel(length * u64::from(length.ilog2()) / 4)?;
        let heap = &cx.heap;
        keyed.sort_by(|a, b| a.0.compare(b.0, heap));
        for (item, (_, sorted)) in items.iter_mut().zip(keyed) {
            *item = sorted;
        }
        return Ok(());
    }
    merge_sort(cx, items, &mut |cx, a, b| {
        cx.spend_fuel(1)?;
        let a = cx.to_string(a)?;
        let b = cx.to_string(b)?;
        Ok(a.compare(b, &cx.heap).is_gt())
    })
}

// 23.1.3.30 Array.prototype.sort ( comparator ), https://tc39.es/ecma262/#sec-array.prototype.sort
pub(super) fn sort(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    // 1.
    let comparator = check_comparator(cx, args.at(0))?;
    // OPTIMIZATION: what is sorted already, and written back as it is.
    if let Some(array) = this.as_object()
        && settled_length(&cx.heap, array).is_some_and(|length| length < 2)
    {
        return Ok(this);
    }
    sort_many(cx, this, comparator)
}

#[inline(never)]
fn sort_many(cx: &mut Context, this: Value, comparator: Option<Comparator>) -> Result<Value> {
    // 2.-3.
    let (object, length) = this_and_length(cx, this)?;
    // 5. Let sortedList be ? SortIndexedProperties(obj, len, SortCompare, skip-holes).
    let mut items = present_elements(cx, object, length)?;
    sort_values(cx, object, &mut items, comparator)?;
    // 7. Write the sorted elements back.
    for (j, &item) in items.iter().enumerate() {
        cx.spend_fuel(1)?;
        set_index(cx, object, j as u64, item)?;
    }
    // 9. As many holes as there were follow.
    for j in items.len() as u64..length {
        cx.spend_fuel(1)?;
        delete_index(cx, object, j)?;
    }
    Ok(object.value())
}

/// 23.1.3.30.1 SortIndexedProperties, the collecting part with skip-holes. https://tc39.es/ecma262/#sec-sortindexedproperties
fn present_elements(cx: &mut Context, object: Object, length: u64) -> Result<Vec<Value>> {
    let mut items = Vec::with_capacity(length.min(64) as usize);
    for k in 0..length {
        cx.spend_fuel(1)?;
        if let Some(element) = get_present(cx, object, k)? {
            items.push(element);
            // The list lies outside the heap, but must not be larger than what the heap would hold.
            if items.len() % (1 << 16) == 0 {
                cx.reserve(8 * items.len() as u64)?;
            }
        }
    }
    Ok(items)
}

// 23.1.3.34 Array.prototype.toSorted ( comparator ), https://tc39.es/ecma262/#sec-array.prototype.tosorted
pub(super) fn to_sorted(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let comparator = check_comparator(cx, args.at(0))?;
    let (object, length) = this_and_length(cx, this)?;
    // 4. Let A be ? ArrayCreate(len).
    if length > u64::from(u32::MAX) {
        return Err(cx.throw_range_error("Invalid array length"));
    }
    // 6. SortIndexedProperties with read-through-holes.
    cx.reserve(8 * length)?;
    let mut items = Vec::new();
    for k in 0..length {
        cx.spend_fuel(1)?;
        items.push(get_index(cx, object, k)?);
    }
    sort_values(cx, object, &mut items, comparator)?;
    Ok(cx.new_array(&items).value())
}
