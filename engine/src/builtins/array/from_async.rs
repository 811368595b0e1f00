//! Array.fromAsync: an asynchronous function of the specification as a state machine.
//!
//! What survives an await is a record in the heap ([`field`]); the promise awaited calls [`on_fulfilled`] or [`on_rejected`] with it.

use super::construct::constructor_of;
use super::support::{array_create, create_index, get_index, length_of, number, require_callable};
use crate::builtins::promise::{self, Reaction};
use crate::context::Context;
use crate::heap::{Ref, Values};
use crate::iteration::IteratorRecord;
use crate::native::{Args, Result, Thrown};
use crate::object::Object;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

/// Values of the record.
mod field {
    /// The promise that fromAsync returned.
    pub const PROMISE: u32 = 0;
    /// Phase, as an integer.
    pub const PHASE: u32 = 1;
    /// The array being made.
    pub const TARGET: u32 = 2;
    /// Next index.
    pub const INDEX: u32 = 3;
    /// The async iterator, or the array-like.
    pub const SOURCE: u32 = 4;
    /// Its next method.
    pub const NEXT: u32 = 5;
    /// The mapping function or undefined.
    pub const MAPPER: u32 = 6;
    /// thisArg.
    pub const THIS: u32 = 7;
    /// Length of the array-like.
    pub const LENGTH: u32 = 8;
    /// The error that closing must not replace.
    pub const ERROR: u32 = 9;
    /// How many there are.
    pub const COUNT: u32 = 10;
}

/// What is being awaited.
mod phase {
    /// Iterator: the result of `next`.
    pub const NEXT: i32 = 0;
    /// Iterator: what the mapper returned.
    pub const MAPPED: i32 = 1;
    /// Iterator: the result of `return`, before the error is thrown.
    pub const CLOSING: i32 = 2;
    /// Array-like: an element.
    pub const ELEMENT: i32 = 3;
    /// Array-like: what the mapper returned.
    pub const MAPPED_ELEMENT: i32 = 4;
}

/// How far the machine came.
enum Step {
    /// The value is to be awaited.
    Await(Value),
    /// The array is complete.
    Done(Value),
}

// 23.1.2.2 Array.fromAsync ( items [ , mapper [ , thisArg ] ] ), https://tc39.es/ecma262/#sec-array.fromasync
pub(super) fn from_async(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let result = promise::new_pending(cx);
    let state = cx.heap.new_values_from(&[Value::UNDEFINED; field::COUNT as usize]);
    state.set(&cx.heap, field::PROMISE, result.value());
    state.set(&cx.heap, field::INDEX, Value::ZERO);
    state.set(&cx.heap, field::THIS, args.at(2));
    let step = begin(cx, state, this, args.at(0), args.at(1));
    settle(cx, state, step)?;
    Ok(result.value())
}

/// Up to the first await.
fn begin(cx: &mut Context, state: Ref<Values>, this: Value, items: Value, mapper: Value) -> Result<Step> {
    // a.-b.
    if !mapper.is_undefined() {
        let mapper = require_callable(cx, mapper)?;
        state.set(&cx.heap, field::MAPPER, mapper);
    }
    let constructor = constructor_of(cx, this);
    // c.-h.
    let record = match cx.get_method(items, symbol::async_iterator)? {
        Some(method) => Some(cx.get_iterator_from_method(items, method)?),
        None => match cx.get_method(items, symbol::iterator)? {
            Some(method) => {
                let record = cx.get_iterator_from_method(items, method)?;
                Some(crate::builtins::async_iterator::create_async_from_sync_iterator(cx, record)?)
            }
            None => None,
        },
    };
    // i. An iterable.
    if let Some(IteratorRecord { iterator, next, .. }) = record {
        let target = match constructor {
            Some(constructor) => cx.construct(constructor, &[], constructor)?,
            None => cx.new_array(&[]),
        };
        state.set(&cx.heap, field::TARGET, target.value());
        state.set(&cx.heap, field::SOURCE, iterator.value());
        state.set(&cx.heap, field::NEXT, next);
        return call_next(cx, state);
    }
    // j. An array-like.
    let source = cx.to_object(items)?;
    let length = length_of(cx, source)?;
    let target = match constructor {
        Some(constructor) => cx.construct(constructor, &[number(length)], constructor)?,
        None => array_create(cx, length)?,
    };
    state.set(&cx.heap, field::TARGET, target.value());
    state.set(&cx.heap, field::SOURCE, source.value());
    state.set(&cx.heap, field::LENGTH, number(length));
    next_element(cx, state)
}

/// Settles the promise, or awaits. Errors of the machine reject the promise; only termination comes out.
fn settle(cx: &mut Context, state: Ref<Values>, mut step: Result<Step>) -> Result<()> {
    let Some(result) = state.get(&cx.heap, field::PROMISE).as_object() else { return Ok(()) };
    loop {
        match step {
            Ok(Step::Done(value)) => return promise::resolve(cx, result, value),
            Ok(Step::Await(value)) => match promise::promise_resolve(cx, value) {
                Ok(awaited) => {
                    let this = Value::cell(state);
                    promise::perform_then(cx, awaited, Reaction::native(on_fulfilled, this), Reaction::native(on_rejected, this), None);
                    return Ok(());
                }
                // Await itself throws: as if the promise had been rejected.
                Err(thrown) => {
                    let Some(error) = cx.take_exception() else { return Err(thrown) };
                    step = advance(cx, state, Err(error));
                }
            },
            Err(thrown) => {
                let Some(error) = cx.take_exception() else { return Err(thrown) };
                promise::reject(cx, result, error);
                return Ok(());
            }
        }
    }
}

/// The awaited promise was fulfilled. `this` is the record.
pub(super) fn on_fulfilled(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    resume(cx, this, Ok(args.at(0)))
}

/// The awaited promise was rejected. `this` is the record.
pub(super) fn on_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    resume(cx, this, Err(args.at(0)))
}

fn resume(cx: &mut Context, this: Value, awaited: std::result::Result<Value, Value>) -> Result<Value> {
    if let Some(state) = this.as_cell::<Values>() {
        let step = advance(cx, state, awaited);
        settle(cx, state, step)?;
    }
    Ok(Value::UNDEFINED)
}

/// Goes on after an await, to the next one or the end. An `Err` that is awaited is an exception thrown by the await.
fn advance(cx: &mut Context, state: Ref<Values>, awaited: std::result::Result<Value, Value>) -> Result<Step> {
    match (state.get(&cx.heap, field::PHASE).as_int_unchecked(), awaited) {
        (phase::NEXT, Ok(result)) => after_next(cx, state, result),
        (phase::MAPPED, Ok(value)) => define(cx, state, value),
        (phase::MAPPED, Err(error)) => close(cx, state, error),
        (phase::CLOSING, _) => {
            // AsyncIteratorClose: the original completion is a throw, whatever `return` gave.
            let error = state.get(&cx.heap, field::ERROR);
            Err(cx.throw(error))
        }
        (phase::ELEMENT, Ok(value)) => {
            let mapper = state.get(&cx.heap, field::MAPPER);
            if mapper.is_undefined() {
                return define_element(cx, state, value);
            }
            let mapped = map(cx, state, mapper, value)?;
            Ok(wait(cx, state, phase::MAPPED_ELEMENT, mapped))
        }
        (phase::MAPPED_ELEMENT, Ok(value)) => define_element(cx, state, value),
        (_, Err(error)) => Err(cx.throw(error)),
        (_, Ok(_)) => Ok(Step::Done(Value::UNDEFINED)),
    }
}

fn wait(cx: &Context, state: Ref<Values>, phase: i32, value: Value) -> Step {
    state.set(&cx.heap, field::PHASE, Value::int(phase));
    Step::Await(value)
}

fn object_field(cx: &Context, state: Ref<Values>, field: u32) -> Object {
    Object::from_offset(state.get(&cx.heap, field).offset())
}

/// k, and its increment.
fn index(cx: &Context, state: Ref<Values>) -> u64 {
    state.get(&cx.heap, field::INDEX).as_number().unwrap_or(0.0) as u64
}

fn map(cx: &mut Context, state: Ref<Values>, mapper: Value, value: Value) -> Result<Value> {
    let this = state.get(&cx.heap, field::THIS);
    let k = state.get(&cx.heap, field::INDEX);
    cx.call(mapper, this, &[value, k])
}

/// i.iv: Let nextResult be ? Call(iteratorRecord.[[NextMethod]], iteratorRecord.[[Iterator]]), and await it.
fn call_next(cx: &mut Context, state: Ref<Values>) -> Result<Step> {
    let (next, iterator) = (state.get(&cx.heap, field::NEXT), state.get(&cx.heap, field::SOURCE));
    let result = cx.call(next, iterator, &[])?;
    Ok(wait(cx, state, phase::NEXT, result))
}

fn after_next(cx: &mut Context, state: Ref<Values>, result: Value) -> Result<Step> {
    let Some(result) = result.as_object() else {
        return Err(cx.throw_type_error("Iterator result is not an object"));
    };
    if cx.iterator_complete(result)? {
        return finish(cx, state);
    }
    let value = cx.iterator_value(result)?;
    let mapper = state.get(&cx.heap, field::MAPPER);
    if mapper.is_undefined() {
        return define(cx, state, value);
    }
    match map(cx, state, mapper, value) {
        Ok(mapped) => Ok(wait(cx, state, phase::MAPPED, mapped)),
        Err(thrown) => close_thrown(cx, state, thrown),
    }
}

/// Set(A, "length", 𝔽(k), true), return A.
fn finish(cx: &mut Context, state: Ref<Values>) -> Result<Step> {
    let target = object_field(cx, state, field::TARGET);
    let length = state.get(&cx.heap, field::INDEX);
    cx.set(target, key::length, length, true)?;
    Ok(Step::Done(target.value()))
}

fn define(cx: &mut Context, state: Ref<Values>, value: Value) -> Result<Step> {
    let (target, k) = (object_field(cx, state, field::TARGET), index(cx, state));
    if let Err(thrown) = create_index(cx, target, k, value) {
        return close_thrown(cx, state, thrown);
    }
    state.set(&cx.heap, field::INDEX, number(k + 1));
    call_next(cx, state)
}

fn close_thrown(cx: &mut Context, state: Ref<Values>, thrown: Thrown) -> Result<Step> {
    match cx.take_exception() {
        Some(error) => close(cx, state, error),
        None => Err(thrown),
    }
}

// 7.4.13 AsyncIteratorClose ( iteratorRecord, completion ) with a throw completion, https://tc39.es/ecma262/#sec-asynciteratorclose
fn close(cx: &mut Context, state: Ref<Values>, error: Value) -> Result<Step> {
    state.set(&cx.heap, field::ERROR, error);
    let iterator = state.get(&cx.heap, field::SOURCE);
    let inner = match cx.get_method(iterator, key::return_) {
        Ok(Some(method)) => cx.call(method.value(), iterator, &[]).map(Some),
        Ok(None) => Ok(None),
        Err(thrown) => Err(thrown),
    };
    match inner {
        Ok(Some(value)) => Ok(wait(cx, state, phase::CLOSING, value)),
        Ok(None) => Err(cx.throw(error)),
        Err(thrown) => {
            if cx.take_exception().is_none() {
                return Err(thrown);
            }
            Err(cx.throw(error))
        }
    }
}

/// j.vii: the next element of an array-like, to be awaited.
fn next_element(cx: &mut Context, state: Ref<Values>) -> Result<Step> {
    let k = index(cx, state);
    let length = state.get(&cx.heap, field::LENGTH).as_number().unwrap_or(0.0) as u64;
    if k >= length {
        return finish(cx, state);
    }
    let source = object_field(cx, state, field::SOURCE);
    let value = get_index(cx, source, k)?;
    Ok(wait(cx, state, phase::ELEMENT, value))
}

fn define_element(cx: &mut Context, state: Ref<Values>, value: Value) -> Result<Step> {
    let (target, k) = (object_field(cx, state, field::TARGET), index(cx, state));
    create_index(cx, target, k, value)?;
    state.set(&cx.heap, field::INDEX, number(k + 1));
    next_element(cx, state)
}
