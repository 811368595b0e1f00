//! The Iterator constructor, %Iterator.prototype% and its methods that consume an iterator at once.
//! <https://tc39.es/ecma262/#sec-iterator-objects>
//!
//! Methods that return another iterator are in `iterator_helpers`, `Iterator.zip` and `Iterator.concat` in `iterator_zip`.

use super::receiver::{describe, incompatible, not_callable, require};
use super::{iterator_helpers as helpers, iterator_zip as zip};
use crate::context::Context;
use crate::heap::Kind;
use crate::iteration::IteratorRecord;
use crate::native::{Args, Result, Thrown};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::PropertyKey;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

natives! { pub static ITERATOR: "Iterator" / 0 => construct, Iterator, IteratorPrototype; {
    static method "from" / 1 => from,
    static method "concat" / 0 => zip::concat,
    static method "zip" / 1 => zip::zip,
    static method "zipKeyed" / 1 => zip::zip_keyed,
    accessor "constructor" => get_constructor, set_constructor,
    method "reduce" / 1 => reduce,
    method "toArray" / 0 => to_array,
    method "forEach" / 1 => for_each,
    method "some" / 1 => some,
    method "every" / 1 => every,
    method "find" / 1 => find,
    method "includes" / 1 => includes,
    method "join" / 1 => join,
    method "map" / 1 => helpers::map,
    method "filter" / 1 => helpers::filter,
    method "take" / 1 => helpers::take,
    method "drop" / 1 => helpers::drop,
    method "flatMap" / 1 => helpers::flat_map,
    method "chunks" / 1 => helpers::chunks,
    method "windows" / 1 => helpers::windows,
    method @@iterator / 0 => itself,
    method @@dispose / 0 => dispose,
    accessor @@to_string_tag "[Symbol.toStringTag]" => get_tag, set_tag,
}}

natives! { pub static WRAP_FOR_VALID_ITERATOR: prototype "%WrapForValidIteratorPrototype%", WrapForValidIteratorPrototype, parent IteratorPrototype; {
    method "next" / 0 => wrapper_next,
    method "return" / 0 => wrapper_return,
}}

// 27.1.3.1.1 Iterator ( ), https://tc39.es/ecma262/#sec-iterator
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor Iterator requires 'new'"));
    }
    if args.new_target == args.callee {
        return Err(cx.throw_type_error("Abstract class Iterator not directly constructable"));
    }
    Ok(cx.create_from_constructor(args.new_target, Intrinsic::IteratorPrototype, Kind::Object)?.value())
}

/// How GetIteratorFlattenable treats primitives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Primitives {
    /// Strings are iterated over, others refused.
    IterateStrings,
    /// All are refused.
    Reject,
}

// 7.4.5 GetIteratorFlattenable ( obj, primitiveHandling ), https://tc39.es/ecma262/#sec-getiteratorflattenable
pub(super) fn get_iterator_flattenable(cx: &mut Context, value: Value, primitives: Primitives) -> Result<IteratorRecord> {
    if !value.is_object() && (primitives == Primitives::Reject || !value.is_string()) {
        let text = describe(cx, value);
        return Err(cx.throw_type_error(&format!("{text} is not an object")));
    }
    let iterator = match cx.get_method(value, symbol::iterator)? {
        None => value,
        Some(method) => cx.call(method.value(), value, &[])?,
    };
    let Some(iterator) = iterator.as_object() else {
        let text = describe(cx, iterator);
        return Err(cx.throw_type_error(&format!("{text} is not an object")));
    };
    cx.get_iterator_direct(iterator)
}

// 27.1.3.2.1 Iterator.from ( O ), https://tc39.es/ecma262/#sec-iterator.from
fn from(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let record = get_iterator_flattenable(cx, args.at(0), Primitives::IterateStrings)?;
    let constructor = cx.intrinsic(Intrinsic::Iterator).value();
    if cx.ordinary_has_instance(constructor, record.iterator.value())? {
        return Ok(record.iterator.value());
    }
    let wrapper = cx.new_intrinsic_object(Kind::WrapForValidIterator, Intrinsic::WrapForValidIteratorPrototype);
    wrapper.set_internal(&cx.heap, 0, record.iterator.value());
    wrapper.set_internal(&cx.heap, 1, record.next);
    Ok(wrapper.value())
}

// 27.1.3.2.1.1.1 %WrapForValidIteratorPrototype%.next ( ), https://tc39.es/ecma262/#sec-%wrapforvaliditeratorprototype%.next
fn wrapper_next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let wrapper = require(cx, this, Kind::WrapForValidIterator, "%WrapForValidIteratorPrototype%.next")?;
    let (iterator, next) = (wrapper.internal(&cx.heap, 0), wrapper.internal(&cx.heap, 1));
    cx.call(next, iterator, &[])
}

// 27.1.3.2.1.1.2 %WrapForValidIteratorPrototype%.return ( ), https://tc39.es/ecma262/#sec-%wrapforvaliditeratorprototype%.return
fn wrapper_return(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let wrapper = require(cx, this, Kind::WrapForValidIterator, "%WrapForValidIteratorPrototype%.return")?;
    let iterator = wrapper.internal(&cx.heap, 0);
    match cx.get_method(iterator, key::return_)? {
        None => Ok(cx.iterator_result(Value::UNDEFINED, true)),
        Some(method) => cx.call(method.value(), iterator, &[]),
    }
}

// ── the prototype's accessors ──

// 27.1.4.1 Iterator.prototype.constructor, https://tc39.es/ecma262/#sec-iterator.prototype.constructor
fn get_constructor(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(cx.intrinsic(Intrinsic::Iterator).value())
}

fn set_constructor(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_ignoring_prototype(cx, this, key::constructor, args.at(0))
}

// 27.1.4.14 Iterator.prototype [ %Symbol.toStringTag% ], https://tc39.es/ecma262/#sec-iterator.prototype-%symbol.tostringtag%
fn get_tag(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    Ok(cx.new_string("Iterator"))
}

fn set_tag(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    set_ignoring_prototype(cx, this, symbol::to_string_tag, args.at(0))
}

fn set_ignoring_prototype(cx: &mut Context, this: Value, property: PropertyKey, value: Value) -> Result<Value> {
    let Some(object) = this.as_object() else {
        return Err(incompatible(cx, "Iterator.prototype setter", this));
    };
    cx.set_ignoring_prototype(object, Intrinsic::IteratorPrototype, property, value)?;
    Ok(Value::UNDEFINED)
}

// 27.1.4.? Iterator.prototype [ %Symbol.iterator% ] ( ), https://tc39.es/ecma262/#sec-%iteratorprototype%-%symbol.iterator%
fn itself(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// %Iterator.prototype% [ %Symbol.dispose% ] ( ), https://tc39.es/proposal-explicit-resource-management/#sec-%iteratorprototype%-@@dispose
fn dispose(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(method) = cx.get_method(this, key::return_)? {
        cx.call(method.value(), this, &[])?;
    }
    Ok(Value::UNDEFINED)
}

// ── methods that consume ──

/// `this` as an object, for the methods of %Iterator.prototype%.
pub(super) fn require_object(cx: &mut Context, this: Value, method: &str) -> Result<Object> {
    match this.as_object() {
        Some(object) => Ok(object),
        None => {
            let text = describe(cx, this);
            Err(cx.throw_type_error(&format!("Iterator.prototype.{method} called on non-object: {text}")))
        }
    }
}

/// Closes an iterator whose `next` was not read yet, because an argument was refused.
pub(super) fn close_unread<T>(cx: &mut Context, iterator: Object, thrown: Thrown) -> Result<T> {
    cx.iterator_close(&IteratorRecord { iterator, next: Value::UNDEFINED, done: false }, Err(thrown))
}

/// Checks `this` and a callback, in this order, and reads `next`.
pub(super) fn record_with_callback(cx: &mut Context, this: Value, callback: Value, method: &str) -> Result<IteratorRecord> {
    let object = require_object(cx, this, method)?;
    if !cx.is_callable(callback) {
        let thrown = not_callable(cx, callback);
        return close_unread(cx, object, thrown);
    }
    cx.get_iterator_direct(object)
}

// 27.1.4.10 Iterator.prototype.reduce ( reducer [ , initialValue ] ), https://tc39.es/ecma262/#sec-iterator.prototype.reduce
fn reduce(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let mut record = record_with_callback(cx, this, args.at(0), "reduce")?;
    let (mut accumulator, mut counter) = match args.get(1) {
        Some(initial) => (initial, 0.0),
        None => match cx.iterator_step_value(&mut record)? {
            Some(first) => (first, 1.0),
            None => return Err(cx.throw_type_error("Reduce of a done iterator with no initial value")),
        },
    };
    let kept = keep(cx, &record);
    let outcome = loop {
        match step(cx, &mut record) {
            Ok(Some(value)) => match cx.call_collecting(args.at(0), Value::UNDEFINED, &[accumulator, value, Value::number(counter)]) {
                Ok(result) => accumulator = result,
                Err(thrown) => break cx.iterator_close(&record, Err(thrown)),
            },
            Ok(None) => break Ok(accumulator),
            Err(thrown) => break Err(thrown),
        }
        counter += 1.0;
    };
    cx.pop_temporaries(kept);
    outcome
}

/// Keeps an iterator and its `next` alive below callbacks that may collect; gives what [`Context::pop_temporaries`] wants. A third
/// temporary is for the value at hand.
fn keep(cx: &mut Context, record: &IteratorRecord) -> usize {
    let kept = cx.push_temporary(record.iterator.value());
    cx.push_temporary(record.next);
    cx.push_temporary(Value::UNDEFINED);
    kept
}

fn step(cx: &mut Context, record: &mut IteratorRecord) -> Result<Option<Value>> {
    cx.spend_fuel(1)?;
    cx.iterator_step_value(record)
}

// 27.1.4.13 Iterator.prototype.toArray ( ), https://tc39.es/ecma262/#sec-iterator.prototype.toarray
fn to_array(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, this, "toArray")?;
    let mut record = cx.get_iterator_direct(object)?;
    let mut items = Vec::new();
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        if items.len() == items.capacity() {
            cx.reserve(16 * items.len() as u64)?;
        }
        items.push(value);
    }
    Ok(cx.new_array(&items).value())
}

/// Calls `callback(value, counter)` with every value until `decide` gives an answer, with which the iterator is closed.
fn each(
    cx: &mut Context,
    this: Value,
    callback: Value,
    method: &str,
    at_end: Value,
    decide: impl Fn(bool, Value) -> Option<Value>,
) -> Result<Value> {
    let mut record = record_with_callback(cx, this, callback, method)?;
    let mut counter = 0.0;
    let kept = keep(cx, &record);
    let outcome = loop {
        let value = match step(cx, &mut record) {
            Ok(Some(value)) => value,
            Ok(None) => break Ok(at_end),
            Err(thrown) => break Err(thrown),
        };
        cx.temporaries[kept + 2] = value;
        match cx.call_collecting(callback, Value::UNDEFINED, &[value, Value::number(counter)]) {
            Ok(result) => {
                if let Some(answer) = decide(cx.to_boolean(result), value) {
                    break cx.iterator_close(&record, Ok(answer));
                }
            }
            Err(thrown) => break cx.iterator_close(&record, Err(thrown)),
        }
        counter += 1.0;
    };
    cx.pop_temporaries(kept);
    outcome
}

// 27.1.4.8 Iterator.prototype.forEach ( procedure ), https://tc39.es/ecma262/#sec-iterator.prototype.foreach
fn for_each(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    each(cx, this, args.at(0), "forEach", Value::UNDEFINED, |_, _| None)
}

// 27.1.4.11 Iterator.prototype.some ( predicate ), https://tc39.es/ecma262/#sec-iterator.prototype.some
fn some(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    each(cx, this, args.at(0), "some", Value::FALSE, |holds, _| holds.then_some(Value::TRUE))
}

// 27.1.4.4 Iterator.prototype.every ( predicate ), https://tc39.es/ecma262/#sec-iterator.prototype.every
fn every(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    each(cx, this, args.at(0), "every", Value::TRUE, |holds, _| (!holds).then_some(Value::FALSE))
}

// 27.1.4.6 Iterator.prototype.find ( predicate ), https://tc39.es/ecma262/#sec-iterator.prototype.find
fn find(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    each(cx, this, args.at(0), "find", Value::UNDEFINED, |holds, value| holds.then_some(value))
}

// Iterator.prototype.includes ( searchElement [ , skippedElements ] ), https://tc39.es/proposal-iterator-includes/
fn includes(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, this, "includes")?;
    let to_skip = match args.at(1) {
        Value::UNDEFINED => 0.0,
        skipped => match skipped.as_number().filter(|number| number.is_infinite() || number.fract() == 0.0) {
            Some(number) => number,
            None => {
                let thrown = cx.throw_type_error("skippedElements must be an integral number");
                return close_unread(cx, object, thrown);
            }
        },
    };
    if to_skip < 0.0 || (to_skip.is_finite() && to_skip > 9_007_199_254_740_991.0) {
        let thrown = cx.throw_range_error("skippedElements is out of range");
        return close_unread(cx, object, thrown);
    }
    let mut record = cx.get_iterator_direct(object)?;
    let mut skipped = 0.0;
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        if skipped < to_skip {
            skipped += 1.0;
        } else if cx.same_value_zero(value, args.at(0)) {
            return cx.iterator_close(&record, Ok(Value::TRUE));
        }
    }
    Ok(Value::FALSE)
}

// Iterator.prototype.join ( separator ), https://tc39.es/proposal-iterator-join/
fn join(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, this, "join")?;
    let separator = if args.at(0).is_undefined() {
        cx.heap.new_string(",")
    } else {
        match cx.to_string(args.at(0)) {
            Ok(separator) => separator,
            Err(thrown) => return close_unread(cx, object, thrown),
        }
    };
    let mut record = cx.get_iterator_direct(object)?;
    let mut result = cx.heap.empty_string();
    let mut first = true;
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        let text = if value.is_nullish() { Ok(cx.heap.empty_string()) } else { cx.to_string(value) };
        let joined = text.and_then(|text| {
            let start = if first { result } else { cx.concat(result, separator)? };
            cx.concat(start, text)
        });
        match joined {
            Ok(joined) => result = joined,
            Err(thrown) => return cx.iterator_close(&record, Err(thrown)),
        }
        first = false;
    }
    Ok(result.value())
}
