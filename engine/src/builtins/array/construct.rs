//! The Array constructor and its static methods.

use super::support::{Callback, array_create, create_index, get_index, length_of, number, reserve_elements};
use crate::context::Context;
use crate::iteration::{Flow, IteratorRecord};
use crate::native::{Args, Result};
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

// 23.1.1.1 Array ( ...values ), https://tc39.es/ecma262/#sec-array
pub(super) fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    // 1.-2. NewTarget, or else the active function; GetPrototypeFromConstructor(newTarget, "%Array.prototype%").
    let new_target = if args.is_construct() { args.new_target } else { args.callee };
    let usual = new_target == cx.intrinsic(Intrinsic::Array).value();
    // OPTIMIZATION: the `prototype` of %Array% cannot be changed.
    let prototype = if usual { None } else { Some(cx.prototype_from_constructor(new_target, Intrinsic::ArrayPrototype)?) };
    let array = match args.as_slice() {
        // 4. If numberOfArgs = 1, then a number is the length.
        [length] if length.is_number() => {
            let number = length.as_number().unwrap_or(f64::NAN);
            if f64::from(number as u32) != number {
                return Err(cx.throw_range_error("Invalid array length"));
            }
            let array = cx.new_array_of_length(number as u32);
            reserve_elements(cx, array, u64::from(number as u32))?;
            array
        }
        values => {
            cx.reserve(8 * values.len() as u64)?;
            cx.new_array(values)
        }
    };
    if let Some(prototype) = prototype {
        array.replace_prototype(&cx.heap, Some(prototype));
    }
    Ok(array.value())
}

// 23.1.2.2 Array.isArray ( arg ), https://tc39.es/ecma262/#sec-array.isarray
pub(super) fn is_array(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    cx.is_array(args.at(0)).map(Value::bool)
}

// 23.1.2.5 get Array [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-array-%symbol.species%
pub(super) fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

/// The receiver as a constructor other than %Array%; `None` when an ordinary array is to be made.
/// OPTIMIZATION: constructing %Array% is ArrayCreate.
pub(super) fn constructor_of(cx: &Context, this: Value) -> Option<Object> {
    this.as_object().filter(|object| object.is_constructor(&cx.heap) && *object != cx.intrinsic(Intrinsic::Array))
}

/// `IsConstructor(C)`: Construct(C, « 𝔽(len) »), else ArrayCreate(len).
fn create_with_length(cx: &mut Context, constructor: Option<Object>, length: u64) -> Result<Object> {
    match constructor {
        Some(constructor) => cx.construct(constructor, &[number(length)], constructor),
        None => {
            let array = array_create(cx, length)?;
            reserve_elements(cx, array, length)?;
            Ok(array)
        }
    }
}

// 23.1.2.3 Array.of ( ...items ), https://tc39.es/ecma262/#sec-array.of
pub(super) fn of(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(constructor) = constructor_of(cx, this) else {
        cx.reserve(8 * args.len() as u64)?;
        return Ok(cx.new_array(args.as_slice()).value());
    };
    let length = args.len() as u64;
    let array = create_with_length(cx, Some(constructor), length)?;
    for (k, &item) in args.as_slice().iter().enumerate() {
        create_index(cx, array, k as u64, item)?;
    }
    cx.set(array, key::length, number(length), true)?;
    Ok(array.value())
}

// 23.1.2.1 Array.from ( items [ , mapper [ , thisArg ] ] ), https://tc39.es/ecma262/#sec-array.from
pub(super) fn from(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let items = args.at(0);
    let constructor = constructor_of(cx, this);
    // 2.-3.
    let mapper = if args.at(1).is_undefined() { None } else { Some(Callback::new(cx, args.at(1), args.at(2))?) };
    // 4. Let usingIterator be ? GetMethod(items, %Symbol.iterator%).
    let Some(method) = cx.get_method(items, symbol::iterator)? else {
        return from_array_like(cx, constructor, items, mapper);
    };
    if constructor.is_none() && cx.has_builtin_array_iteration(items).is_some() {
        // OPTIMIZATION: `iterate` reads the elements as the built-in iterator would, and closes as it would be closed.
        let array = cx.new_array(&[]);
        let mut k: u64 = 0;
        let mut fill = |cx: &mut Context| {
            cx.iterate(items, |cx, value| {
                let value = match mapper {
                    Some(mapper) => mapper.map(cx, value, k)?,
                    None => value,
                };
                create_index(cx, array, k, value)?;
                k += 1;
                Ok(Flow::Continue)
            })
        };
        match mapper {
            Some(callback) => callback.rooted(cx, &[array.value(), items], fill)?,
            None => fill(cx)?,
        }
        return Ok(array.value());
    }
    // 5.
    let array = match constructor {
        Some(constructor) => cx.construct(constructor, &[], constructor)?,
        None => cx.new_array(&[]),
    };
    let record = cx.get_iterator_from_method(items, method)?;
    match mapper {
        Some(callback) => {
            let keep = [array.value(), record.iterator.value(), record.next];
            callback.rooted(cx, &keep, |cx| fill_from_iterator(cx, array, record, mapper))
        }
        None => fill_from_iterator(cx, array, record, None),
    }
}

/// Step 5.e of Array.from: defines the iterator's values, mapped.
fn fill_from_iterator(cx: &mut Context, array: Object, mut record: IteratorRecord, mapper: Option<Callback>) -> Result<Value> {
    let mut k: u64 = 0;
    loop {
        cx.spend_fuel(1)?;
        let Some(next) = cx.iterator_step_value(&mut record)? else {
            cx.set(array, key::length, number(k), true)?;
            return Ok(array.value());
        };
        let mapped = match mapper {
            Some(mapper) => mapper.map(cx, next, k),
            None => Ok(next),
        };
        let defined = match mapped {
            Ok(mapped) => create_index(cx, array, k, mapped),
            Err(thrown) => Err(thrown),
        };
        if defined.is_err() {
            return cx.iterator_close(&record, defined.map(|()| Value::UNDEFINED));
        }
        k += 1;
    }
}

/// Steps 6-13 of Array.from: `items` is not iterable.
fn from_array_like(cx: &mut Context, constructor: Option<Object>, items: Value, mapper: Option<Callback>) -> Result<Value> {
    let source = cx.to_object(items)?;
    let length = length_of(cx, source)?;
    let array = create_with_length(cx, constructor, length)?;
    match mapper {
        Some(callback) => {
            callback.rooted(cx, &[source.value(), array.value()], |cx| {
                for k in 0..length {
                    cx.spend_fuel(1)?;
                    let value = get_index(cx, source, k)?;
                    let mapped = callback.map(cx, value, k)?;
                    create_index(cx, array, k, mapped)?;
                }
                Ok(())
            })?;
        }
        None => {
            for k in 0..length {
                cx.spend_fuel(1)?;
                let value = get_index(cx, source, k)?;
                create_index(cx, array, k, value)?;
            }
        }
    }
    cx.set(array, key::length, number(length), true)?;
    Ok(array.value())
}
