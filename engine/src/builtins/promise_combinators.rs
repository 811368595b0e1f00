//! Promise.all, allSettled, any, race, allKeyed and allSettledKeyed. <https://tc39.es/ecma262/#sec-promise.all>
//!
//! The promises of one call share a record: the list of results, how many are outstanding, the function to call at the end, and the list
//! of keys for the keyed forms. An element function has the record, its index, and its partner (the other handler of the same promise) in
//! its slots; the record's slot becomes undefined when one of the two is called.

use super::promise::{Capability, Reaction, has_default_then, is_default_resolve, new_capability_with_functions, perform_then};
use super::receiver::{caught, not_callable};
use crate::context::Context;
use crate::heap::{Ref, Values};
use crate::iteration::{IteratorKind, IteratorRecord};
use crate::native::{Args, NativeId, Result, Thrown};
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::{key, name};
use crate::value::Value;

/// The shared record.
const RESULTS: u32 = 0;
const OUTSTANDING: u32 = 1;
const FINISH: u32 = 2;
const KEYS: u32 = 3;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Combinator {
    All,
    AllSettled,
    Any,
    Race,
}

/// The natives with which an element reacts: as function objects, and called with a record of (shared record, index) as `this`.
struct Elements {
    fulfilled: Option<(NativeId, NativeId)>,
    rejected: Option<(NativeId, NativeId)>,
}

impl Combinator {
    fn elements(self) -> Elements {
        match self {
            Combinator::All => Elements { fulfilled: Some((NativeId::of(all_element), NativeId::of(all_element_given))), rejected: None },
            Combinator::AllSettled => Elements {
                fulfilled: Some((NativeId::of(all_settled_fulfilled_element), NativeId::of(all_settled_fulfilled_given))),
                rejected: Some((NativeId::of(all_settled_rejected_element), NativeId::of(all_settled_rejected_given))),
            },
            Combinator::Any => Elements { fulfilled: None, rejected: Some((NativeId::of(any_element), NativeId::of(any_element_given))) },
            Combinator::Race => Elements { fulfilled: None, rejected: None },
        }
    }
}

// 27.2.4.1 Promise.all ( iterable ), https://tc39.es/ecma262/#sec-promise.all
pub(super) fn all(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine(cx, this, args.at(0), Combinator::All)
}

// 27.2.4.2 Promise.allSettled ( iterable ), https://tc39.es/ecma262/#sec-promise.allsettled
pub(super) fn all_settled(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine(cx, this, args.at(0), Combinator::AllSettled)
}

// 27.2.4.3 Promise.any ( iterable ), https://tc39.es/ecma262/#sec-promise.any
pub(super) fn any(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine(cx, this, args.at(0), Combinator::Any)
}

// 27.2.4.5 Promise.race ( iterable ), https://tc39.es/ecma262/#sec-promise.race
pub(super) fn race(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine(cx, this, args.at(0), Combinator::Race)
}

// Promise.allKeyed ( promises ), https://tc39.es/proposal-await-dictionary/#sec-promise.allkeyed
pub(super) fn all_keyed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine_keyed(cx, this, args.at(0), Combinator::All)
}

// Promise.allSettledKeyed ( promises ), https://tc39.es/proposal-await-dictionary/#sec-promise.allsettledkeyed
pub(super) fn all_settled_keyed(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    combine_keyed(cx, this, args.at(0), Combinator::AllSettled)
}

// 27.2.1.1.1 IfAbruptRejectPromise ( value, capability ), https://tc39.es/ecma262/#sec-ifabruptrejectpromise
fn reject_with_thrown(cx: &mut Context, thrown: Thrown, capability: Capability) -> Result<Value> {
    let reason = caught(cx, thrown)?;
    capability.reject(cx, reason)?;
    Ok(capability.promise())
}

// 27.2.4.1.1 GetPromiseResolve ( promiseConstructor ), https://tc39.es/ecma262/#sec-getpromiseresolve
fn get_promise_resolve(cx: &mut Context, constructor: Value) -> Result<Value> {
    let resolve = cx.get_v(constructor, key::resolve)?;
    if cx.is_callable(resolve) { Ok(resolve) } else { Err(cx.throw_type_error("Promise resolve or reject function is not callable")) }
}

fn combine(cx: &mut Context, constructor: Value, iterable: Value, which: Combinator) -> Result<Value> {
    let capability = new_capability_with_functions(cx, constructor)?;
    let promise_resolve = match get_promise_resolve(cx, constructor) {
        Ok(function) => function,
        Err(thrown) => return reject_with_thrown(cx, thrown, capability),
    };
    let mut record = match cx.get_iterator(iterable, IteratorKind::Sync) {
        Ok(record) => record,
        Err(thrown) => return reject_with_thrown(cx, thrown, capability),
    };
    let mut combination = Combination::new(cx, constructor, promise_resolve, capability, which, None);
    let outcome = perform(cx, &mut record, &mut combination);
    let outcome = if outcome.is_err() && !record.done { cx.iterator_close(&record, outcome) } else { outcome };
    match outcome {
        Ok(()) => Ok(capability.promise()),
        Err(thrown) => reject_with_thrown(cx, thrown, capability),
    }
}

// 27.2.4.1.2 PerformPromiseAll, https://tc39.es/ecma262/#sec-performpromiseall; the other combinators have the same form
fn perform(cx: &mut Context, record: &mut IteratorRecord, combination: &mut Combination) -> Result<()> {
    while let Some(next) = cx.iterator_step_value(record)? {
        cx.spend_fuel(1)?;
        combination.add(cx, next)?;
    }
    combination.finish_one(cx)
}

// PerformPromiseAllKeyed, https://tc39.es/proposal-await-dictionary/#sec-performpromiseallkeyed
fn combine_keyed(cx: &mut Context, constructor: Value, promises: Value, which: Combinator) -> Result<Value> {
    let capability = new_capability_with_functions(cx, constructor)?;
    let promise_resolve = match get_promise_resolve(cx, constructor) {
        Ok(function) => function,
        Err(thrown) => return reject_with_thrown(cx, thrown, capability),
    };
    let outcome = match promises.as_object() {
        Some(object) => perform_keyed(cx, object, constructor, promise_resolve, capability, which),
        None => Err(cx.throw_type_error("Promise.allKeyed called on non-object")),
    };
    match outcome {
        Ok(()) => Ok(capability.promise()),
        Err(thrown) => reject_with_thrown(cx, thrown, capability),
    }
}

fn perform_keyed(
    cx: &mut Context,
    promises: Object,
    constructor: Value,
    promise_resolve: Value,
    capability: Capability,
    which: Combinator,
) -> Result<()> {
    let keys = cx.own_keys(promises)?;
    let list = cx.heap.new_values(keys.len() as u32);
    let mut combination = Combination::new(cx, constructor, promise_resolve, capability, which, Some(list));
    for property in keys {
        cx.spend_fuel(1)?;
        if cx.get_own_property(promises, property)?.is_some_and(|descriptor| descriptor.enumerable == Some(true)) {
            let value = cx.get(promises, property)?;
            let text = property.to_value(&cx.heap);
            combination.keys = combination.keys.map(|keys| keys.push(&cx.heap, text));
            if let Some(keys) = combination.keys {
                combination.shared.set(&cx.heap, KEYS, Value::cell(keys));
            }
            combination.add(cx, value)?;
        }
    }
    combination.finish_one(cx)
}

/// A call of a combinator in progress.
struct Combination {
    constructor: Value,
    promise_resolve: Value,
    which: Combinator,
    shared: Ref<Values>,
    resolve: Value,
    reject: Value,
    keys: Option<Ref<Values>>,
    count: u32,
    /// %Promise% with the built-in `resolve`: elements need no function objects.
    plain: bool,
}

impl Combination {
    fn new(
        cx: &mut Context,
        constructor: Value,
        promise_resolve: Value,
        capability: Capability,
        which: Combinator,
        keys: Option<Ref<Values>>,
    ) -> Combination {
        let (resolve, reject) = match capability {
            Capability::Custom { resolve, reject, .. } => (resolve, reject),
            _ => (Value::UNDEFINED, Value::UNDEFINED),
        };
        let results = cx.heap.new_values(4);
        let finish = if which == Combinator::Any { reject } else { resolve };
        let keys_value = keys.map_or(Value::UNDEFINED, Value::cell);
        let shared = cx.heap.new_values_from(&[Value::cell(results), Value::int(1), finish, keys_value]);
        let plain = constructor == cx.intrinsic(Intrinsic::Promise).value() && is_default_resolve(cx, promise_resolve);
        Combination { constructor, promise_resolve, which, shared, resolve, reject, keys, count: 0, plain }
    }

    /// Takes one value of the iterable.
    fn add(&mut self, cx: &mut Context, value: Value) -> Result<()> {
        let index = self.count;
        self.count += 1;
        if self.which != Combinator::Race {
            let results = cx.record(self.shared.get(&cx.heap, RESULTS)).push(&cx.heap, Value::UNDEFINED);
            self.shared.set(&cx.heap, RESULTS, Value::cell(results));
        }
        let next = cx.call(self.promise_resolve, self.constructor, &[value])?;
        let elements = self.which.elements();
        if self.plain
            && let Some(promise) = has_default_then(cx, next)
        {
            // OPTIMIZATION: the built-in `then` would only keep the element functions and make a promise that nobody sees.
            self.change_outstanding(cx, 1);
            let this = Value::cell(cx.heap.new_values_from(&[Value::cell(self.shared), Value::from(index)]));
            let reaction = |pair: Option<(NativeId, NativeId)>, other: Value| match pair {
                Some((_, given)) => Reaction::native(given, this),
                None => other.as_object().map_or(Reaction::Pass, Reaction::Call),
            };
            perform_then(cx, promise, reaction(elements.fulfilled, self.resolve), reaction(elements.rejected, self.reject), None);
            return Ok(());
        }
        let slots = [Value::cell(self.shared), Value::from(index)];
        let fulfilled = match elements.fulfilled {
            Some((function, _)) => cx.new_native_with_slots(function, &slots).value(),
            None => self.resolve,
        };
        let rejected = match elements.rejected {
            Some((function, _)) => cx.new_native_with_slots(function, &slots).value(),
            None => self.reject,
        };
        if elements.fulfilled.is_some() && elements.rejected.is_some() {
            cx.set_native_slot(fulfilled, 2, rejected);
            cx.set_native_slot(rejected, 2, fulfilled);
        }
        self.change_outstanding(cx, 1);
        cx.invoke(next, key::then, &[fulfilled, rejected])?;
        Ok(())
    }

    fn change_outstanding(&self, cx: &Context, by: i32) {
        change_outstanding(cx, self.shared, by);
    }

    /// The iterable is exhausted: its own share of the outstanding count is given up.
    fn finish_one(&self, cx: &mut Context) -> Result<()> {
        if self.which == Combinator::Race || change_outstanding(cx, self.shared, -1) > 0 {
            return Ok(());
        }
        if self.which == Combinator::Any {
            // The iterable was empty or everything was rejected: thrown, so that the caller rejects.
            let error = aggregate_error(cx, self.shared)?;
            return Err(cx.throw(error));
        }
        finish(cx, self.shared, false)
    }
}

fn change_outstanding(cx: &Context, shared: Ref<Values>, by: i32) -> i32 {
    let outstanding = shared.get(&cx.heap, OUTSTANDING).as_int().unwrap_or(0) + by;
    shared.set(&cx.heap, OUTSTANDING, Value::int(outstanding));
    outstanding
}

fn result_list(cx: &Context, shared: Ref<Values>) -> Vec<Value> {
    let list = cx.record(shared.get(&cx.heap, RESULTS));
    (0..list.length(&cx.heap)).map(|i| list.get(&cx.heap, i)).collect()
}

/// Calls the function that settles the combination's promise.
fn finish(cx: &mut Context, shared: Ref<Values>, any: bool) -> Result<()> {
    let value = if any {
        aggregate_error(cx, shared)?
    } else {
        let results = result_list(cx, shared);
        match shared.get(&cx.heap, KEYS).as_cell::<Values>() {
            Some(keys) => keyed_result(cx, keys, &results)?,
            None => cx.new_array(&results).value(),
        }
    };
    let function = shared.get(&cx.heap, FINISH);
    if !cx.is_callable(function) {
        return Err(not_callable(cx, function));
    }
    cx.call(function, Value::UNDEFINED, &[value]).map(|_| ())
}

// CreateKeyedPromiseCombinatorResultObject, https://tc39.es/proposal-await-dictionary/#sec-createkeyedpromisecombinatorresultobject
fn keyed_result(cx: &mut Context, keys: Ref<Values>, results: &[Value]) -> Result<Value> {
    let object = cx.heap.new_object_with_prototype(crate::heap::Kind::Object, None);
    for (i, result) in results.iter().enumerate() {
        let property = cx.to_property_key(keys.get(&cx.heap, i as u32))?;
        cx.create_data_property_or_throw(object, property, *result)?;
    }
    Ok(object.value())
}

fn aggregate_error(cx: &mut Context, shared: Ref<Values>) -> Result<Value> {
    let prototype = cx.intrinsic(Intrinsic::AggregateErrorPrototype);
    let message = cx.heap.new_string("All promises were rejected");
    let error = crate::realm::error::create(cx, prototype, Some(message));
    let errors = result_list(cx, shared);
    let errors = cx.new_array(&errors);
    let descriptor = crate::object::PropertyDescriptor::data(errors.value(), attribute::METHOD);
    cx.define_or_throw(error, key::errors, &descriptor)?;
    Ok(error.value())
}

/// Puts a result in its place; settles the combination's promise when it was the last.
fn put(cx: &mut Context, shared: Ref<Values>, index: Value, value: Value, any: bool) -> Result<Value> {
    let results = cx.record(shared.get(&cx.heap, RESULTS));
    results.set(&cx.heap, index.as_int().unwrap_or(0) as u32, value);
    if change_outstanding(cx, shared, -1) == 0 {
        finish(cx, shared, any)?;
    }
    Ok(Value::UNDEFINED)
}

/// The shared record and index of an element function on its first call (or its partner's).
fn take_element(cx: &Context, callee: Value) -> Option<(Ref<Values>, Value)> {
    let shared = cx.native_slot(callee, 0).as_cell::<Values>()?;
    cx.set_native_slot(callee, 0, Value::UNDEFINED);
    let partner = cx.native_slot(callee, 2);
    cx.set_native_slot(partner, 0, Value::UNDEFINED);
    Some((shared, cx.native_slot(callee, 1)))
}

/// The shared record and index in the record that a reaction without a function object has as `this`.
fn given_element(cx: &Context, this: Value) -> Option<(Ref<Values>, Value)> {
    let record = this.as_cell::<Values>()?;
    Some((record.get(&cx.heap, 0).as_cell()?, record.get(&cx.heap, 1)))
}

/// `{ status, value }` or `{ status, reason }`.
fn settled(cx: &mut Context, fulfilled: bool, value: Value) -> Result<Value> {
    let object = cx.new_plain_object();
    let (status, property) = if fulfilled { (name::fulfilled, key::value) } else { (name::rejected, key::reason) };
    cx.create_data_property_or_throw(object, key::status, status.value())?;
    cx.create_data_property_or_throw(object, property, value)?;
    Ok(object.value())
}

// 27.2.4.1.3 Promise.all Resolve Element Functions, https://tc39.es/ecma262/#sec-promise.all-resolve-element-functions
pub(super) fn all_element(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match take_element(cx, args.callee) {
        Some((shared, index)) => put(cx, shared, index, args.at(0), false),
        None => Ok(Value::UNDEFINED),
    }
}

/// The same without a function object.
pub(super) fn all_element_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    match given_element(cx, this) {
        Some((shared, index)) => put(cx, shared, index, args.at(0), false),
        None => Ok(Value::UNDEFINED),
    }
}

// 27.2.4.2.2 Promise.allSettled Resolve Element Functions, https://tc39.es/ecma262/#sec-promise.allsettled-resolve-element-functions
pub(super) fn all_settled_fulfilled_element(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some((shared, index)) = take_element(cx, args.callee) else { return Ok(Value::UNDEFINED) };
    let value = settled(cx, true, args.at(0))?;
    put(cx, shared, index, value, false)
}

/// The same without a function object.
pub(super) fn all_settled_fulfilled_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((shared, index)) = given_element(cx, this) else { return Ok(Value::UNDEFINED) };
    let value = settled(cx, true, args.at(0))?;
    put(cx, shared, index, value, false)
}

// 27.2.4.2.3 Promise.allSettled Reject Element Functions, https://tc39.es/ecma262/#sec-promise.allsettled-reject-element-functions
pub(super) fn all_settled_rejected_element(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some((shared, index)) = take_element(cx, args.callee) else { return Ok(Value::UNDEFINED) };
    let value = settled(cx, false, args.at(0))?;
    put(cx, shared, index, value, false)
}

/// The same without a function object.
pub(super) fn all_settled_rejected_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some((shared, index)) = given_element(cx, this) else { return Ok(Value::UNDEFINED) };
    let value = settled(cx, false, args.at(0))?;
    put(cx, shared, index, value, false)
}

// 27.2.4.3.2 Promise.any Reject Element Functions, https://tc39.es/ecma262/#sec-promise.any-reject-element-functions
pub(super) fn any_element(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    match take_element(cx, args.callee) {
        Some((shared, index)) => put(cx, shared, index, args.at(0), true),
        None => Ok(Value::UNDEFINED),
    }
}

/// The same without a function object.
pub(super) fn any_element_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    match given_element(cx, this) {
        Some((shared, index)) => put(cx, shared, index, args.at(0), true),
        None => Ok(Value::UNDEFINED),
    }
}
