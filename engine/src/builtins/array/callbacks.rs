//! Array methods that call a function for each element.
//!
//! Every step looks at the array anew, as the specification does, since the callback may have changed it: an element that is there is read
//! directly, anything else takes the general way (see `support`).

use super::support::{Callback, create_index, get_index, get_present, number, reserve_elements, species_create, this_and_length};
use crate::context::Context;
use crate::native::{Args, Result};
use crate::value::Value;

// 23.1.3.6 Array.prototype.every ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.every
pub(super) fn every(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[object.value()], |cx| {
        for k in 0..length {
            if let Some(element) = get_present(cx, object, k)? {
                let result = callback.call(cx, element, k, object)?;
                if !cx.to_boolean(result) {
                    return Ok(Value::FALSE);
                }
            } else {
                cx.spend_fuel(1)?;
            }
        }
        Ok(Value::TRUE)
    })
}

// 23.1.3.29 Array.prototype.some ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.some
pub(super) fn some(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[object.value()], |cx| {
        for k in 0..length {
            if let Some(element) = get_present(cx, object, k)? {
                let result = callback.call(cx, element, k, object)?;
                if cx.to_boolean(result) {
                    return Ok(Value::TRUE);
                }
            } else {
                cx.spend_fuel(1)?;
            }
        }
        Ok(Value::FALSE)
    })
}

// 23.1.3.15 Array.prototype.forEach ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.foreach
pub(super) fn for_each(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    callback.rooted(cx, &[object.value()], |cx| {
        for k in 0..length {
            if let Some(element) = get_present(cx, object, k)? {
                callback.call(cx, element, k, object)?;
            } else {
                cx.spend_fuel(1)?;
            }
        }
        Ok(Value::UNDEFINED)
    })
}

// 23.1.3.21 Array.prototype.map ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.map
pub(super) fn map(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    // 4. Let A be ? ArraySpeciesCreate(O, len).
    let result = species_create(cx, object, length)?;
    if length == 0 {
        return Ok(result.value());
    }
    reserve_elements(cx, result, length)?;
    callback.rooted(cx, &[object.value(), result.value()], |cx| {
        for k in 0..length {
            if let Some(element) = get_present(cx, object, k)? {
                let mapped = callback.call(cx, element, k, object)?;
                create_index(cx, result, k, mapped)?;
            } else {
                cx.spend_fuel(1)?;
            }
        }
        Ok(result.value())
    })
}

// 23.1.3.8 Array.prototype.filter ( callback [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.filter
pub(super) fn filter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), args.at(1))?;
    // 4. Let A be ? ArraySpeciesCreate(O, 0).
    let result = species_create(cx, object, 0)?;
    if length == 0 {
        return Ok(result.value());
    }
    callback.rooted(cx, &[object.value(), result.value()], |cx| {
        let mut to = 0;
        for k in 0..length {
            if let Some(element) = get_present(cx, object, k)? {
                let selected = callback.call(cx, element, k, object)?;
                if cx.to_boolean(selected) {
                    create_index(cx, result, to, element)?;
                    to += 1;
                }
            } else {
                cx.spend_fuel(1)?;
            }
        }
        Ok(result.value())
    })
}

// 23.1.3.24 Array.prototype.reduce ( callback [ , initialValue ] ), https://tc39.es/ecma262/#sec-array.prototype.reduce
pub(super) fn reduce(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), Value::UNDEFINED)?;
    let mut k = 0;
    // 4.-8. The initial value, or else the first element present.
    let mut accumulator = args.get(1);
    while accumulator.is_none() && k < length {
        cx.spend_fuel(1)?;
        accumulator = get_present(cx, object, k)?;
        k += 1;
    }
    let Some(mut accumulator) = accumulator else {
        return Err(cx.throw_type_error("Reduce of empty array with no initial value"));
    };
    callback.rooted(cx, &[object.value()], |cx| {
        for k in k..length {
            match get_present(cx, object, k)? {
                Some(element) => accumulator = callback.fold(cx, accumulator, element, k, object)?,
                None => cx.spend_fuel(1)?,
            }
        }
        Ok(accumulator)
    })
}

// 23.1.3.25 Array.prototype.reduceRight ( callback [ , initialValue ] ), https://tc39.es/ecma262/#sec-array.prototype.reduceright
pub(super) fn reduce_right(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (object, length) = this_and_length(cx, this)?;
    let callback = Callback::new(cx, args.at(0), Value::UNDEFINED)?;
    let mut rest = length;
    let mut accumulator = args.get(1);
    while accumulator.is_none() && rest > 0 {
        cx.spend_fuel(1)?;
        rest -= 1;
        accumulator = get_present(cx, object, rest)?;
    }
    let Some(mut accumulator) = accumulator else {
        return Err(cx.throw_type_error("Reduce of empty array with no initial value"));
    };
    callback.rooted(cx, &[object.value()], |cx| {
        for k in (0..rest).rev() {
            match get_present(cx, object, k)? {
                Some(element) => accumulator = callback.fold(cx, accumulator, element, k, object)?,
                None => cx.spend_fuel(1)?,
            }
        }
        Ok(accumulator)
    })
}

// 23.1.3.12.1 FindViaPredicate ( O, len, direction, predicate, thisArg ), https://tc39.es/ecma262/#sec-findviapredicate
fn find_via_predicate(cx: &mut Context, this: Value, args: &Args<'_>, ascending: bool) -> Result<Option<(u64, Value)>> {
    let (object, length) = this_and_length(cx, this)?;
    let predicate = Callback::new(cx, args.at(0), args.at(1))?;
    predicate.rooted(cx, &[object.value()], |cx| {
        for step in 0..length {
            let k = if ascending { step } else { length - 1 - step };
            // Holes are visited: Get without HasProperty.
            let element = get_index(cx, object, k)?;
            let found = predicate.call(cx, element, k, object)?;
            if cx.to_boolean(found) {
                return Ok(Some((k, element)));
            }
        }
        Ok(None)
    })
}

fn found_value(found: Option<(u64, Value)>) -> Value {
    found.map_or(Value::UNDEFINED, |(_, element)| element)
}

fn found_index(found: Option<(u64, Value)>) -> Value {
    found.map_or(Value::int(-1), |(index, _)| number(index))
}

// 23.1.3.9 Array.prototype.find ( predicate [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.find
pub(super) fn find(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    find_via_predicate(cx, this, args, true).map(found_value)
}

// 23.1.3.10 Array.prototype.findIndex ( predicate [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.findindex
pub(super) fn find_index(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    find_via_predicate(cx, this, args, true).map(found_index)
}

// 23.1.3.11 Array.prototype.findLast ( predicate [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.findlast
pub(super) fn find_last(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    find_via_predicate(cx, this, args, false).map(found_value)
}

// 23.1.3.12 Array.prototype.findLastIndex ( predicate [ , thisArg ] ), https://tc39.es/ecma262/#sec-array.prototype.findlastindex
pub(super) fn find_last_index(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    find_via_predicate(cx, this, args, false).map(found_index)
}
