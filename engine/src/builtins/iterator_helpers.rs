//! Iterator helper objects: what `map`, `filter`, `take`, `drop`, `flatMap`, `chunks` and `windows` return, and also `zip` and `concat`.
//! <https://tc39.es/ecma262/#sec-iterator-helper-objects>
//!
//! The specification makes them of generators with abstract closures. Here each kind has a step function that runs up to the next yield;
//! what the closure would keep lies in internal slots.
//!
//! Slots: 0 kind, 1 state, 2 underlying iterator, 3 its `next`, 4 function or size, 5 counter, 6 and 7 by kind: `flatMap` keeps the inner
//! iterator and its `next`; `chunks` and `windows` the buffer and whether the underlying iterator is exhausted; `zip` and `concat` see
//! `iterator_zip`.

use super::array::iterator as array_iterator;
use super::iterator::{Primitives, close_unread, get_iterator_flattenable, record_with_callback, require_object};
use super::iterator_zip;
use super::map_iterator;
use super::receiver::{caught, is_native, require};
use super::regexp_symbols;
use super::string_iterator;
use crate::context::Context;
use crate::heap::{Kind, Values};
use crate::iteration::IteratorRecord;
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static ITERATOR_HELPER: prototype "Iterator Helper", IteratorHelperPrototype, parent IteratorPrototype; {
    method "next" / 0 => next,
    method "return" / 0 => return_,
    tag "Iterator Helper",
}}

const KIND: u32 = 0;
const STATE: u32 = 1;
const ITERATOR: u32 = 2;
const NEXT: u32 = 3;
const FUNCTION: u32 = 4;
const COUNTER: u32 = 5;
const INNER: u32 = 6;
const INNER_NEXT: u32 = 7;
const BUFFER: u32 = 6;
const EXHAUSTED: u32 = 7;

/// Kinds of helpers.
mod kind {
    pub const MAP: i32 = 0;
    pub const FILTER: i32 = 1;
    pub const TAKE: i32 = 2;
    pub const DROP: i32 = 3;
    pub const FLAT_MAP: i32 = 4;
    pub const CHUNKS: i32 = 5;
    pub const WINDOWS: i32 = 6;
    pub const WINDOWS_PARTIAL: i32 = 7;
    pub const ZIP: i32 = 8;
    pub const CONCAT: i32 = 9;
}
pub(super) use kind::{CONCAT, ZIP};

/// States of helpers.
mod state {
    pub const SUSPENDED_START: i32 = 0;
    pub const SUSPENDED_YIELD: i32 = 1;
    pub const RUNNING: i32 = 2;
    pub const COMPLETED: i32 = 3;
}

/// A new helper that has not started.
pub(super) fn create(cx: &mut Context, kind: i32, record: Option<IteratorRecord>, function: Value, counter: Value) -> Object {
    let helper = cx.new_intrinsic_object(Kind::IteratorHelper, Intrinsic::IteratorHelperPrototype);
    let heap = &cx.heap;
    helper.set_internal(heap, KIND, Value::int(kind));
    helper.set_internal(heap, STATE, Value::int(state::SUSPENDED_START));
    if let Some(record) = record {
        helper.set_internal(heap, ITERATOR, record.iterator.value());
        helper.set_internal(heap, NEXT, record.next);
    }
    helper.set_internal(heap, FUNCTION, function);
    helper.set_internal(heap, COUNTER, counter);
    helper
}

fn record_at(cx: &Context, helper: Object, iterator: u32, next: u32) -> Option<IteratorRecord> {
    let object = helper.internal(&cx.heap, iterator).as_object()?;
    Some(IteratorRecord { iterator: object, next: helper.internal(&cx.heap, next), done: false })
}

/// The underlying iterator.
fn underlying(cx: &Context, helper: Object) -> IteratorRecord {
    // Helpers that have an underlying iterator always hold an object.
    record_at(cx, helper, ITERATOR, NEXT).unwrap_or(IteratorRecord { iterator: helper, next: Value::UNDEFINED, done: true })
}

/// The inner iterator of `flatMap` and `concat`.
pub(super) fn inner(cx: &Context, helper: Object) -> Option<IteratorRecord> {
    record_at(cx, helper, INNER, INNER_NEXT)
}

pub(super) fn set_inner(cx: &Context, helper: Object, record: Option<IteratorRecord>) {
    helper.set_internal(&cx.heap, INNER, record.map_or(Value::UNDEFINED, |record| record.iterator.value()));
    helper.set_internal(&cx.heap, INNER_NEXT, record.map_or(Value::UNDEFINED, |record| record.next));
}

fn state_of(cx: &Context, helper: Object) -> i32 {
    helper.internal(&cx.heap, STATE).as_int().unwrap_or(state::COMPLETED)
}

fn set_state(cx: &Context, helper: Object, state: i32) {
    helper.set_internal(&cx.heap, STATE, Value::int(state));
}

/// The counter, and one more for the next time.
pub(super) fn count(cx: &Context, helper: Object) -> f64 {
    let counter = helper.internal(&cx.heap, COUNTER).as_number().unwrap_or(0.0);
    helper.set_internal(&cx.heap, COUNTER, Value::number(counter + 1.0));
    counter
}

// 27.1.2.1.1 %IteratorHelperPrototype%.next ( ), https://tc39.es/ecma262/#sec-%iteratorhelperprototype%.next
fn next(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let helper = require(cx, this, Kind::IteratorHelper, "Iterator Helper.prototype.next")?;
    let value = advance(cx, helper)?;
    Ok(cx.iterator_result(value.unwrap_or(Value::UNDEFINED), value.is_none()))
}

/// The next value of a helper; `None` when it is completed.
fn advance(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    match state_of(cx, helper) {
        state::RUNNING => return Err(cx.throw_type_error("Generator is already running")),
        state::COMPLETED => return Ok(None),
        _ => {}
    }
    // Helpers on helpers step each other without a call between them.
    cx.check_native_stack()?;
    set_state(cx, helper, state::RUNNING);
    let outcome = step(cx, helper);
    match outcome {
        Ok(Some(_)) => set_state(cx, helper, state::SUSPENDED_YIELD),
        Ok(None) | Err(_) => complete(cx, helper),
    }
    outcome
}

/// One step of an iterator of arrays, typed arrays, maps, sets, strings or matches or of an iterator helper whose `next` is the built-in one; `None` for all others. The result
/// object is not made.
#[inline]
pub(crate) fn step_builtin(cx: &mut Context, iterator: Object, next_method: Value) -> Option<Result<Option<Value>>> {
    match iterator.kind(&cx.heap) {
        Kind::ArrayIterator if is_native(cx, next_method, array_iterator::next) => Some(array_iterator::step(cx, iterator)),
        Kind::MapIterator if is_native(cx, next_method, map_iterator::map_next) => Some(Ok(map_iterator::step(cx, iterator))),
        Kind::SetIterator if is_native(cx, next_method, map_iterator::set_next) => Some(Ok(map_iterator::step(cx, iterator))),
        Kind::StringIterator if is_native(cx, next_method, string_iterator::next) => Some(Ok(string_iterator::step(cx, iterator))),
        Kind::RegExpStringIterator if is_native(cx, next_method, regexp_symbols::iterator_next) => {
            Some(regexp_symbols::iterator_step(cx, iterator))
        }
        Kind::IteratorHelper if is_native(cx, next_method, next) => Some(advance(cx, iterator)),
        _ => None,
    }
}

fn complete(cx: &Context, helper: Object) {
    set_state(cx, helper, state::COMPLETED);
    // What it worked on may be collected.
    for slot in ITERATOR..=INNER_NEXT {
        helper.set_internal(&cx.heap, slot, Value::UNDEFINED);
    }
}

// 27.1.2.1.2 %IteratorHelperPrototype%.return ( ), https://tc39.es/ecma262/#sec-%iteratorhelperprototype%.return
fn return_(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let helper = require(cx, this, Kind::IteratorHelper, "Iterator Helper.prototype.return")?;
    match state_of(cx, helper) {
        state::RUNNING => return Err(cx.throw_type_error("Generator is already running")),
        state::COMPLETED => return Ok(cx.iterator_result(Value::UNDEFINED, true)),
        state::SUSPENDED_START => {
            // Completed first: an iterator that calls back finds it so.
            set_state(cx, helper, state::COMPLETED);
        }
        _ => set_state(cx, helper, state::RUNNING),
    }
    let closed = close(cx, helper);
    complete(cx, helper);
    closed?;
    Ok(cx.iterator_result(Value::UNDEFINED, true))
}

/// What a return completion does at the yield where the helper stands.
fn close(cx: &mut Context, helper: Object) -> Result<()> {
    match helper.internal(&cx.heap, KIND).as_int() {
        Some(kind::ZIP) => iterator_zip::close_all(cx, helper, Ok(())),
        Some(kind::CONCAT) => match inner(cx, helper) {
            Some(record) => cx.iterator_close(&record, Ok(())),
            None => Ok(()),
        },
        Some(kind::FLAT_MAP) => {
            let record = underlying(cx, helper);
            let closed = match inner(cx, helper) {
                Some(inner) => cx.iterator_close(&inner, Ok(())),
                None => Ok(()),
            };
            cx.iterator_close(&record, closed)
        }
        Some(kind::CHUNKS | kind::WINDOWS | kind::WINDOWS_PARTIAL) if helper.internal(&cx.heap, EXHAUSTED) == Value::TRUE => Ok(()),
        _ => {
            let record = underlying(cx, helper);
            cx.iterator_close(&record, Ok(()))
        }
    }
}

/// Runs to the next yield: its value, or `None` at the end.
fn step(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    match helper.internal(&cx.heap, KIND).as_int() {
        Some(kind::MAP) => step_map(cx, helper),
        Some(kind::FILTER) => step_filter(cx, helper),
        Some(kind::TAKE) => step_take(cx, helper),
        Some(kind::DROP) => step_drop(cx, helper),
        Some(kind::FLAT_MAP) => step_flat_map(cx, helper),
        Some(kind::CHUNKS) => step_chunks(cx, helper),
        Some(kind::WINDOWS) => step_windows(cx, helper, false),
        Some(kind::WINDOWS_PARTIAL) => step_windows(cx, helper, true),
        Some(kind::ZIP) => iterator_zip::step_zip(cx, helper),
        _ => iterator_zip::step_concat(cx, helper),
    }
}

// 27.1.4.9 Iterator.prototype.map ( mapper ), https://tc39.es/ecma262/#sec-iterator.prototype.map
pub(super) fn map(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let record = record_with_callback(cx, this, args.at(0), "map")?;
    Ok(create(cx, kind::MAP, Some(record), args.at(0), Value::ZERO).value())
}

fn step_map(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let mut record = underlying(cx, helper);
    let Some(value) = cx.iterator_step_value(&mut record)? else { return Ok(None) };
    let function = helper.internal(&cx.heap, FUNCTION);
    let counter = Value::number(count(cx, helper));
    match cx.call(function, Value::UNDEFINED, &[value, counter]) {
        Ok(mapped) => Ok(Some(mapped)),
        Err(thrown) => cx.iterator_close(&record, Err(thrown)),
    }
}

// 27.1.4.5 Iterator.prototype.filter ( predicate ), https://tc39.es/ecma262/#sec-iterator.prototype.filter
pub(super) fn filter(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let record = record_with_callback(cx, this, args.at(0), "filter")?;
    Ok(create(cx, kind::FILTER, Some(record), args.at(0), Value::ZERO).value())
}

fn step_filter(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let mut record = underlying(cx, helper);
    let function = helper.internal(&cx.heap, FUNCTION);
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        let counter = Value::number(count(cx, helper));
        match cx.call(function, Value::UNDEFINED, &[value, counter]) {
            Ok(selected) => {
                if cx.to_boolean(selected) {
                    return Ok(Some(value));
                }
            }
            Err(thrown) => return cx.iterator_close(&record, Err(thrown)),
        }
    }
    Ok(None)
}

/// Checks `this` and the limit of `take` and `drop`; the record and the limit as an integer or infinity.
fn record_with_limit(cx: &mut Context, this: Value, limit: Value, method: &str) -> Result<(IteratorRecord, f64)> {
    let object = require_object(cx, this, method)?;
    let number = match cx.to_number(limit) {
        Ok(number) => number,
        Err(thrown) => return close_unread(cx, object, thrown),
    };
    if number.is_nan() || number.trunc() < 0.0 || (number.is_finite() && number > 9_007_199_254_740_991.0) {
        let text = super::receiver::describe(cx, limit);
        let thrown = cx.throw_range_error(&format!("{text} must be positive and a safe integer or infinity"));
        return close_unread(cx, object, thrown);
    }
    Ok((cx.get_iterator_direct(object)?, number.trunc()))
}

// 27.1.4.12 Iterator.prototype.take ( limit ), https://tc39.es/ecma262/#sec-iterator.prototype.take
pub(super) fn take(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (record, limit) = record_with_limit(cx, this, args.at(0), "take")?;
    Ok(create(cx, kind::TAKE, Some(record), Value::UNDEFINED, Value::number(limit)).value())
}

fn step_take(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let mut record = underlying(cx, helper);
    let remaining = helper.internal(&cx.heap, COUNTER).as_number().unwrap_or(0.0);
    if remaining == 0.0 {
        return cx.iterator_close(&record, Ok(None));
    }
    helper.set_internal(&cx.heap, COUNTER, Value::number(remaining - 1.0));
    cx.iterator_step_value(&mut record)
}

// 27.1.4.3 Iterator.prototype.drop ( limit ), https://tc39.es/ecma262/#sec-iterator.prototype.drop
pub(super) fn drop(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let (record, limit) = record_with_limit(cx, this, args.at(0), "drop")?;
    Ok(create(cx, kind::DROP, Some(record), Value::UNDEFINED, Value::number(limit)).value())
}

fn step_drop(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let mut record = underlying(cx, helper);
    let mut remaining = helper.internal(&cx.heap, COUNTER).as_number().unwrap_or(0.0);
    while remaining > 0.0 {
        cx.spend_fuel(1)?;
        remaining -= 1.0;
        if cx.iterator_step(&mut record)?.is_none() {
            return Ok(None);
        }
    }
    helper.set_internal(&cx.heap, COUNTER, Value::ZERO);
    cx.iterator_step_value(&mut record)
}

// 27.1.4.7 Iterator.prototype.flatMap ( mapper ), https://tc39.es/ecma262/#sec-iterator.prototype.flatmap
pub(super) fn flat_map(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let record = record_with_callback(cx, this, args.at(0), "flatMap")?;
    Ok(create(cx, kind::FLAT_MAP, Some(record), args.at(0), Value::ZERO).value())
}

fn step_flat_map(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    let mut record = underlying(cx, helper);
    loop {
        cx.spend_fuel(1)?;
        if let Some(mut inner_record) = inner(cx, helper) {
            match cx.iterator_step_value(&mut inner_record) {
                Ok(Some(value)) => return Ok(Some(value)),
                Ok(None) => set_inner(cx, helper, None),
                Err(thrown) => return cx.iterator_close(&record, Err(thrown)),
            }
            continue;
        }
        let Some(value) = cx.iterator_step_value(&mut record)? else { return Ok(None) };
        let function = helper.internal(&cx.heap, FUNCTION);
        let counter = Value::number(count(cx, helper));
        let mapped = cx.call(function, Value::UNDEFINED, &[value, counter]);
        match mapped.and_then(|mapped| get_iterator_flattenable(cx, mapped, Primitives::Reject)) {
            Ok(inner_record) => set_inner(cx, helper, Some(inner_record)),
            Err(thrown) => return cx.iterator_close(&record, Err(thrown)),
        }
    }
}

/// The size that `chunks` and `windows` accept: an integral Number from 1 to 2³² - 1.
fn check_size(cx: &mut Context, object: Object, size: Value, name: &str) -> Result<()> {
    let Some(number) = size.as_number().filter(|number| number.is_finite() && number.fract() == 0.0) else {
        let thrown = cx.throw_type_error(&format!("{name} must be an integral number"));
        return close_unread(cx, object, thrown);
    };
    if !(1.0..=4_294_967_295.0).contains(&number) {
        let thrown = cx.throw_range_error(&format!("{name} is out of range"));
        return close_unread(cx, object, thrown);
    }
    Ok(())
}

// Iterator.prototype.chunks ( chunkSize ), https://tc39.es/proposal-iterator-chunking/#sec-iterator.prototype.chunks
pub(super) fn chunks(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, this, "chunks")?;
    check_size(cx, object, args.at(0), "chunkSize")?;
    let record = cx.get_iterator_direct(object)?;
    Ok(create(cx, kind::CHUNKS, Some(record), args.at(0), Value::ZERO).value())
}

fn step_chunks(cx: &mut Context, helper: Object) -> Result<Option<Value>> {
    if helper.internal(&cx.heap, EXHAUSTED) == Value::TRUE {
        return Ok(None);
    }
    let mut record = underlying(cx, helper);
    let size = helper.internal(&cx.heap, FUNCTION).as_number().unwrap_or(1.0);
    let mut buffer = Vec::new();
    while let Some(value) = cx.iterator_step_value(&mut record)? {
        cx.spend_fuel(1)?;
        if buffer.len() == buffer.capacity() {
            cx.reserve(16 * buffer.len() as u64)?;
        }
        buffer.push(value);
        if buffer.len() as f64 >= size {
            return Ok(Some(cx.new_array(&buffer).value()));
        }
    }
    helper.set_internal(&cx.heap, EXHAUSTED, Value::TRUE);
    Ok(if buffer.is_empty() { None } else { Some(cx.new_array(&buffer).value()) })
}

// Iterator.prototype.windows ( windowSize [ , undersized ] ), https://tc39.es/proposal-iterator-chunking/#sec-iterator.prototype.windows
pub(super) fn windows(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let object = require_object(cx, this, "windows")?;
    check_size(cx, object, args.at(0), "windowSize")?;
    let undersized = args.at(1).as_string().map(|text| text.to_text(&cx.heap));
    let kind = match undersized.as_deref() {
        None if args.at(1).is_undefined() => kind::WINDOWS,
        Some("only-full") => kind::WINDOWS,
        Some("allow-partial") => kind::WINDOWS_PARTIAL,
        _ => {
            let thrown = cx.throw_type_error("undersized must be \"only-full\" or \"allow-partial\"");
            return close_unread(cx, object, thrown);
        }
    };
    let record = cx.get_iterator_direct(object)?;
    Ok(create(cx, kind, Some(record), args.at(0), Value::ZERO).value())
}

fn step_windows(cx: &mut Context, helper: Object, partial: bool) -> Result<Option<Value>> {
    if helper.internal(&cx.heap, EXHAUSTED) == Value::TRUE {
        return Ok(None);
    }
    let mut record = underlying(cx, helper);
    let size = helper.internal(&cx.heap, FUNCTION).as_number().unwrap_or(1.0);
    let mut buffer: Vec<Value> = match helper.internal(&cx.heap, BUFFER).as_cell::<Values>() {
        Some(kept) => (0..kept.length(&cx.heap)).map(|i| kept.get(&cx.heap, i)).collect(),
        None => Vec::new(),
    };
    if buffer.len() as f64 >= size {
        buffer.remove(0);
    }
    loop {
        cx.spend_fuel(1)?;
        let Some(value) = cx.iterator_step_value(&mut record)? else {
            helper.set_internal(&cx.heap, EXHAUSTED, Value::TRUE);
            let started = helper.internal(&cx.heap, BUFFER).is_cell();
            return Ok(if partial && !started && !buffer.is_empty() { Some(cx.new_array(&buffer).value()) } else { None });
        };
        if buffer.len() == buffer.capacity() {
            cx.reserve(16 * buffer.len() as u64)?;
        }
        buffer.push(value);
        if buffer.len() as f64 >= size {
            helper.set_internal(&cx.heap, BUFFER, Value::cell(cx.heap.new_values_from(&buffer)));
            return Ok(Some(cx.new_array(&buffer).value()));
        }
    }
}

/// Both completions, of which a throw of the first wins; for lists of iterators that are closed one after the other.
pub(super) fn close_list(cx: &mut Context, records: &[IteratorRecord], completion: Result<()>) -> Result<()> {
    // IteratorCloseAll ( iters, completion ), https://tc39.es/ecma262/#sec-iteratorcloseall
    let mut completion = completion;
    for record in records.iter().rev() {
        completion = cx.iterator_close(record, completion);
        if let Err(thrown) = completion {
            let exception = caught(cx, thrown)?;
            completion = Err(cx.throw(exception));
        }
    }
    completion
}
