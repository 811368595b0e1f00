//! %TypedArray%.prototype: methods that call a function for each element. The callback may shrink or detach the buffer: every step takes a
//! new look, and elements that are gone read as undefined.

use super::access::get;
use super::construct::{Access, species_create, validate};
use super::view::set_element;
use crate::builtins::array::support::{Callback, create_index, get_index};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::value::Value;

// 23.2.3.8 %TypedArray%.prototype.every ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.every
pub(super) fn every(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.every")?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[array.value()], |cx| {
        for k in 0..view.length {
            let element = get(cx, array, k);
            let result = callback.call(cx, element, u64::from(k), array)?;
            if !cx.to_boolean(result) {
                return Ok(Value::FALSE);
            }
        }
        Ok(Value::TRUE)
    })
}

// 23.2.3.28 %TypedArray%.prototype.some ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.some
pub(super) fn some(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.some")?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[array.value()], |cx| {
        for k in 0..view.length {
            let element = get(cx, array, k);
            let result = callback.call(cx, element, u64::from(k), array)?;
            if cx.to_boolean(result) {
                return Ok(Value::TRUE);
            }
        }
        Ok(Value::FALSE)
    })
}

// 23.2.3.15 %TypedArray%.prototype.forEach ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.foreach
pub(super) fn for_each(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, "%TypedArray%.prototype.forEach")?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[array.value()], |cx| {
        for k in 0..view.length {
            let element = get(cx, array, k);
            callback.call(cx, element, u64::from(k), array)?;
        }
        Ok(Value::UNDEFINED)
    })
}

// 23.2.3.22 %TypedArray%.prototype.map ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.map
pub(super) fn map(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.map";
    let (array, view) = validate(cx, this, Access::Read, METHOD)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    // 5. Let A be ? TypedArraySpeciesCreate(O, « 𝔽(len) »).
    let result = species_create(cx, array, u64::from(view.length), Access::Write, METHOD)?;
    callback.rooted(cx, &[array.value(), result.value()], |cx| {
        for k in 0..view.length {
            let element = get(cx, array, k);
            let mapped = callback.call(cx, element, u64::from(k), array)?;
            set_element(cx, result, u64::from(k), mapped)?;
        }
        Ok(result.value())
    })
}

// 23.2.3.10 %TypedArray%.prototype.filter ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.filter
pub(super) fn filter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    const METHOD: &str = "%TypedArray%.prototype.filter";
    let (array, view) = validate(cx, this, Access::Read, METHOD)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    // The kept elements: in a record, since BigInts are cells.
    let kept = cx.new_array(&[]);
    callback.rooted(cx, &[array.value(), kept.value()], |cx| {
        let mut count = 0;
        for k in 0..view.length {
            let element = get(cx, array, k);
            let selected = callback.call(cx, element, u64::from(k), array)?;
            if cx.to_boolean(selected) {
                create_index(cx, kept, count, element)?;
                count += 1;
            }
        }
        // 9. Let A be ? TypedArraySpeciesCreate(O, « 𝔽(captured) »).
        let result = species_create(cx, array, count, Access::Write, METHOD)?;
        for n in 0..count {
            let element = get_index(cx, kept, n)?;
            set_element(cx, result, n, element)?;
        }
        Ok(result.value())
    })
}

fn fold(cx: &mut Context, this: Value, args: &Args<'_>, ascending: bool, method: &str) -> Result<Value> {
    let (array, view) = validate(cx, this, Access::Read, method)?;
    let callback = Callback::new(cx, args.at(0), Value::UNDEFINED)?;
    let length = view.length;
    let index_of = |step: u32| if ascending { step } else { length - 1 - step };
    let (mut accumulator, first) = match args.get(1) {
        Some(initial) => (initial, 0),
        None if length == 0 => return Err(cx.throw_type_error("Reduce of empty array with no initial value")),
        None => (get(cx, array, index_of(0)), 1),
    };
    callback.rooted(cx, &[array.value()], |cx| {
        for step in first..length {
            let k = index_of(step);
            let element = get(cx, array, k);
            accumulator = callback.fold(cx, accumulator, element, u64::from(k), array)?;
        }
        Ok(accumulator)
    })
}

// 23.2.3.23 %TypedArray%.prototype.reduce ( callback [ , initialValue ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.reduce
pub(super) fn reduce(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    fold(cx, this, args, true, "%TypedArray%.prototype.reduce")
}

// 23.2.3.24 %TypedArray%.prototype.reduceRight ( callback [ , initialValue ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.reduceright
pub(super) fn reduce_right(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    fold(cx, this, args, false, "%TypedArray%.prototype.reduceRight")
}

/// FindViaPredicate, https://tc39.es/ecma262/#sec-findviapredicate
fn find_via_predicate(cx: &mut Context, this: Value, args: &Args<'_>, ascending: bool, method: &str) -> Result<Option<(u32, Value)>> {
    let (array, view) = validate(cx, this, Access::Read, method)?;
    let predicate = Callback::new(cx, args.at(0), args.at(1))?;
    predicate.rooted(cx, &[array.value()], |cx| {
        for step in 0..view.length {
            let k = if ascending { step } else { view.length - 1 - step };
            let element = get(cx, array, k);
            let found = predicate.call(cx, element, u64::from(k), array)?;
            if cx.to_boolean(found) {
                return Ok(Some((k, element)));
            }
        }
        Ok(None)
    })
}

// 23.2.3.11 %TypedArray%.prototype.find ( predicate [ , thisArg ] ), https://tc39.es/ecma262/#sec-%typedarray%.prototype.find
pub(super) fn find(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let found = find_via_predicate(cx, this, args, true, "%TypedArray%.prototype.find")?;
    Ok(found.map_or(Value::UNDEFINED, |(_, element)| element))
}

// 23.2.3.12 %TypedArray%.prototype.findIndex ( predicate [ , thisArg ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.findindex
pub(super) fn find_index(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let found = find_via_predicate(cx, this, args, true, "%TypedArray%.prototype.findIndex")?;
    Ok(found.map_or(Value::int(-1), |(index, _)| Value::from(index)))
}

// 23.2.3.13 %TypedArray%.prototype.findLast ( predicate [ , thisArg ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.findlast
pub(super) fn find_last(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let found = find_via_predicate(cx, this, args, false, "%TypedArray%.prototype.findLast")?;
    Ok(found.map_or(Value::UNDEFINED, |(_, element)| element))
}

// 23.2.3.14 %TypedArray%.prototype.findLastIndex ( predicate [ , thisArg ] ),
// https://tc39.es/ecma262/#sec-%typedarray%.prototype.findlastindex
pub(super) fn find_last_index(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let found = find_via_predicate(cx, this, args, false, "%TypedArray%.prototype.findLastIndex")?;
    Ok(found.map_or(Value::int(-1), |(index, _)| Value::from(index)))
}
