//! Promise objects, and the operations on promises that the rest of the engine uses. <https://tc39.es/ecma262/#sec-promise-objects>
//!
//! Internal slots: 0 the state, 1 the result, 2 a record of reactions (triples of fulfil handler, reject handler, capability) while
//! pending, 3 whether a rejection is handled.
//!
//! Awaiting makes no function objects: a [`Reaction`] may name a suspended frame, or a native with a value, and a [`Capability`] of
//! %Promise% itself is just the promise. Combinators are in `promise_combinators`.

use std::cell::Cell;

use super::promise_combinators as combinators;
use super::receiver::{caught, describe, is_native, require};
use crate::context::Context;
use crate::heap::{Heap, Kind, Ref, Values};
use crate::host::RejectionEvent;
use crate::jobs;
use crate::native::{Args, NativeId, Result};
use crate::natives;
use crate::object::{Object, attribute};
use crate::realm::Intrinsic;
use crate::string::atoms::{key, symbol};
use crate::value::Value;

natives! { pub static PROMISE: "Promise" / 1 => construct, Promise, PromisePrototype; {
    static method "all" / 1 => combinators::all,
    static method "allSettled" / 1 => combinators::all_settled,
    static method "any" / 1 => combinators::any,
    static method "race" / 1 => combinators::race,
    static method "allKeyed" / 1 => combinators::all_keyed,
    static method "allSettledKeyed" / 1 => combinators::all_settled_keyed,
    static method "resolve" / 1 => resolve_static,
    static method "reject" / 1 => reject_static,
    static method "withResolvers" / 0 => with_resolvers,
    static method "try" / 1 => try_,
    static get @@species => species,
    method "then" / 2 => then,
    method "catch" / 1 => catch,
    method "finally" / 1 => finally,
    tag "Promise",
    hidden "" / 1 => resolve_function,
    hidden "" / 1 => reject_function,
    hidden "" / 2 => capability_executor,
    hidden "" / 1 => then_finally,
    hidden "" / 1 => catch_finally,
    hidden "" / 0 => value_thunk,
    hidden "" / 0 => thrower,
    hidden "" / 1 => resolve_given,
    hidden "" / 1 => reject_given,
    hidden "" / 1 => combinators::all_element,
    hidden "" / 1 => combinators::all_settled_fulfilled_element,
    hidden "" / 1 => combinators::all_settled_rejected_element,
    hidden "" / 1 => combinators::any_element,
    hidden "" / 1 => combinators::all_element_given,
    hidden "" / 1 => combinators::all_settled_fulfilled_given,
    hidden "" / 1 => combinators::all_settled_rejected_given,
    hidden "" / 1 => combinators::any_element_given,
}}

const STATE: u32 = 0;
const RESULT: u32 = 1;
const REACTIONS: u32 = 2;
const HANDLED: u32 = 3;

/// State of a promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PromiseState {
    /// Neither fulfilled nor rejected.
    Pending,
    /// Has a value.
    Fulfilled,
    /// Has a reason.
    Rejected,
}

/// State of a promise, with its value or reason (undefined while pending).
pub fn state(cx: &Context, promise: Object) -> (PromiseState, Value) {
    match promise.internal(&cx.heap, STATE).as_int() {
        Some(1) => (PromiseState::Fulfilled, promise.internal(&cx.heap, RESULT)),
        Some(2) => (PromiseState::Rejected, promise.internal(&cx.heap, RESULT)),
        _ => (PromiseState::Pending, Value::UNDEFINED),
    }
}

/// Marks a promise as handled, so that its rejection is not reported.
pub fn mark_handled(cx: &Context, promise: Object) {
    promise.set_internal(&cx.heap, HANDLED, Value::TRUE);
}

/// Whether somebody has looked after its rejection.
pub(crate) fn is_handled(cx: &Context, promise: Object) -> bool {
    promise.internal(&cx.heap, HANDLED) == Value::TRUE
}

/// What happens when a promise settles.
#[derive(Clone, Copy)]
pub enum Reaction {
    /// The value or reason goes on to the resulting promise.
    Pass,
    /// A function is called.
    Call(Object),
    /// The frame suspended in this (uncallable) object goes on: [`Context::resume_async`].
    Await(Object),
    /// A native of the table is called with this `this` value and the value or reason.
    Native(NativeId, Value),
}

impl Reaction {
    /// A call of a native.
    pub fn native(function: impl Into<NativeId>, this: Value) -> Reaction {
        Reaction::Native(function.into(), this)
    }

    /// A callable value, or else [`Reaction::Pass`].
    pub fn from_handler(cx: &Context, handler: Value) -> Reaction {
        match handler.as_object() {
            Some(function) if function.is_callable(&cx.heap) => Reaction::Call(function),
            _ => Reaction::Pass,
        }
    }

    /// Stored form: undefined, a callable or uncallable object, or a record of native index and `this` value.
    fn to_value(self, cx: &Context) -> Value {
        match self {
            Reaction::Pass => Value::UNDEFINED,
            Reaction::Call(object) | Reaction::Await(object) => object.value(),
            Reaction::Native(function, this) => {
                let index = cx.natives.index_of(function);
                Value::cell(cx.heap.new_values_from(&[Value::int(index as i32), this]))
            }
        }
    }
}

/// PromiseCapability Record. <https://tc39.es/ecma262/#sec-promisecapability-records>
#[derive(Clone, Copy, Debug)]
pub(crate) enum Capability {
    /// Nobody sees the result.
    None,
    /// A promise of %Promise% whose resolving functions nobody sees: they are not made.
    Native(Object),
    /// A promise and its resolving functions.
    Custom {
        /// [[Promise]]
        promise: Object,
        /// [[Resolve]]
        resolve: Value,
        /// [[Reject]]
        reject: Value,
    },
}

impl Capability {
    /// Stored form: undefined, the promise, or a record of the three parts.
    fn to_value(self, heap: &Heap) -> Value {
        match self {
            Capability::None => Value::UNDEFINED,
            Capability::Native(promise) => promise.value(),
            Capability::Custom { promise, resolve, reject } => Value::cell(heap.new_values_from(&[promise.value(), resolve, reject])),
        }
    }

    /// From [`Capability::to_value`].
    pub(crate) fn from_value(heap: &Heap, value: Value) -> Capability {
        if let Some(promise) = value.as_object() {
            return Capability::Native(promise);
        }
        match value.as_cell::<Values>().and_then(|record| record.get(heap, 0).as_object().map(|promise| (record, promise))) {
            Some((record, promise)) => Capability::Custom { promise, resolve: record.get(heap, 1), reject: record.get(heap, 2) },
            None => Capability::None,
        }
    }

    /// [[Promise]] as a value.
    pub(crate) fn promise(self) -> Value {
        match self {
            Capability::None => Value::UNDEFINED,
            Capability::Native(promise) | Capability::Custom { promise, .. } => promise.value(),
        }
    }

    /// Calls [[Resolve]].
    pub(crate) fn resolve(self, cx: &mut Context, value: Value) -> Result<()> {
        match self {
            Capability::None => Ok(()),
            Capability::Native(promise) => resolve(cx, promise, value),
            Capability::Custom { resolve, .. } => cx.call(resolve, Value::UNDEFINED, &[value]).map(|_| ()),
        }
    }

    /// Calls [[Reject]].
    pub(crate) fn reject(self, cx: &mut Context, reason: Value) -> Result<()> {
        match self {
            Capability::None => Ok(()),
            Capability::Native(promise) => {
                reject(cx, promise, reason);
                Ok(())
            }
            Capability::Custom { reject, .. } => cx.call(reject, Value::UNDEFINED, &[reason]).map(|_| ()),
        }
    }
}

// ── operations for the engine ──

/// A new pending promise of %Promise%.
pub fn new_pending(cx: &mut Context) -> Object {
    let promise = match known(cx) {
        // OPTIMIZATION: the shape need not be looked for.
        Some(known) => cx.heap.new_object(Kind::Promise, Ref::from_offset(known.shape.get()), 0),
        None => cx.new_intrinsic_object(Kind::Promise, Intrinsic::PromisePrototype),
    };
    init(&cx.heap, promise);
    promise
}

fn init(heap: &Heap, promise: Object) {
    promise.set_internal(heap, STATE, Value::int(0));
    promise.set_internal(heap, HANDLED, Value::FALSE);
}

/// A promise of %Promise% that is fulfilled with a value that is no thenable.
pub fn new_fulfilled(cx: &mut Context, value: Value) -> Object {
    let promise = new_pending(cx);
    fulfill(cx, promise, value);
    promise
}

/// A promise of %Promise% that is rejected.
pub fn new_rejected(cx: &mut Context, reason: Value) -> Object {
    let promise = new_pending(cx);
    reject(cx, promise, reason);
    promise
}

// 27.2.1.4 FulfillPromise ( promise, value ), https://tc39.es/ecma262/#sec-fulfillpromise
pub(crate) fn fulfill(cx: &mut Context, promise: Object, value: Value) {
    settle(cx, promise, false, value);
}

// 27.2.1.7 RejectPromise ( promise, reason ), https://tc39.es/ecma262/#sec-rejectpromise
/// Rejects a pending promise. A settled one stays as it is.
pub fn reject(cx: &mut Context, promise: Object, reason: Value) {
    if promise.internal(&cx.heap, STATE).as_int() != Some(0) {
        return;
    }
    if promise.internal(&cx.heap, HANDLED) != Value::TRUE {
        crate::reports::track_rejection(cx, promise, RejectionEvent::Reject);
    }
    settle(cx, promise, true, reason);
}

fn settle(cx: &mut Context, promise: Object, rejected: bool, value: Value) {
    let heap = &cx.heap;
    let reactions = promise.internal(heap, REACTIONS).as_cell::<Values>();
    promise.set_internal(heap, STATE, Value::int(if rejected { 2 } else { 1 }));
    promise.set_internal(heap, RESULT, value);
    // 27.2.1.8 TriggerPromiseReactions ( reactions, argument ), https://tc39.es/ecma262/#sec-triggerpromisereactions
    if let Some(reactions) = reactions {
        promise.set_internal(heap, REACTIONS, Value::UNDEFINED);
        for at in (0..reactions.length(&cx.heap)).step_by(3) {
            let handler = reactions.get(&cx.heap, at + u32::from(rejected));
            let capability = reactions.get(&cx.heap, at + 2);
            jobs::enqueue_reaction(cx, rejected, handler, value, capability);
        }
    }
}

// 27.2.1.3.2 Promise Resolve Functions, https://tc39.es/ecma262/#sec-promise-resolve-functions
/// What a promise's resolve function does when called for the first time. `Err` only when the instance is being stopped.
pub fn resolve(cx: &mut Context, promise: Object, resolution: Value) -> Result<()> {
    if promise.internal(&cx.heap, STATE).as_int() != Some(0) {
        return Ok(());
    }
    let Some(thenable) = resolution.as_object() else {
        fulfill(cx, promise, resolution);
        return Ok(());
    };
    if thenable == promise {
        let error = cx.new_error(crate::context::ErrorKind::TypeError, "Chaining cycle detected for promise #<Promise>");
        reject(cx, promise, error.value());
        return Ok(());
    }
    let then = match cx.get_by_shape(thenable, key::then) {
        Ok(then) => then,
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            reject(cx, promise, reason);
            return Ok(());
        }
    };
    match then.as_object() {
        Some(then) if then.is_callable(&cx.heap) => jobs::enqueue_thenable(cx, promise, thenable, then),
        _ => fulfill(cx, promise, resolution),
    }
    Ok(())
}

// 27.2.4.7.1 PromiseResolve ( C, x ) with C = %Promise%, https://tc39.es/ecma262/#sec-promise-resolve
/// The value itself when it is a promise of %Promise%, else a promise resolved with it.
pub fn promise_resolve(cx: &mut Context, value: Value) -> Result<Object> {
    let constructor = cx.intrinsic(Intrinsic::Promise).value();
    if let Some(object) = value.as_object()
        && object.is(&cx.heap, Kind::Promise)
        && (has_default_constructor(cx, object) || cx.get(object, key::constructor)? == constructor)
    {
        return Ok(object);
    }
    let promise = new_pending(cx);
    resolve(cx, promise, value)?;
    Ok(promise)
}

/// PromiseResolve for any constructor.
fn promise_resolve_with(cx: &mut Context, constructor: Value, value: Value) -> Result<Value> {
    if let Some(object) = value.as_object()
        && object.is(&cx.heap, Kind::Promise)
        && cx.get(object, key::constructor)? == constructor
    {
        return Ok(value);
    }
    let capability = new_capability(cx, constructor)?;
    capability.resolve(cx, value)?;
    Ok(capability.promise())
}

// 27.2.5.4.1 PerformPromiseThen ( promise, onFulfilled, onRejected [ , resultCapability ] ),
// https://tc39.es/ecma262/#sec-performpromisethen
/// `result` is the promise (of %Promise%) that takes what the reaction returns or throws.
pub fn perform_then(cx: &mut Context, promise: Object, on_fulfilled: Reaction, on_rejected: Reaction, result: Option<Object>) {
    perform_then_with(cx, promise, on_fulfilled, on_rejected, result.map_or(Capability::None, Capability::Native));
}

/// The frame suspended in `frame` goes on when `promise` settles.
pub(crate) fn await_promise(cx: &mut Context, promise: Object, frame: Object) {
    perform_then_with(cx, promise, Reaction::Await(frame), Reaction::Await(frame), Capability::None);
}

pub(crate) fn perform_then_with(cx: &mut Context, promise: Object, on_fulfilled: Reaction, on_rejected: Reaction, capability: Capability) {
    let capability = capability.to_value(&cx.heap);
    match state(cx, promise) {
        (PromiseState::Pending, _) => {
            let (fulfilled, rejected) = (on_fulfilled.to_value(cx), on_rejected.to_value(cx));
            let heap = &cx.heap;
            let list = match promise.internal(heap, REACTIONS).as_cell::<Values>() {
                None => heap.new_values_from(&[fulfilled, rejected, capability]),
                Some(list) => list.push(heap, fulfilled).push(heap, rejected).push(heap, capability),
            };
            promise.set_internal(heap, REACTIONS, Value::cell(list));
        }
        (PromiseState::Fulfilled, value) => {
            let handler = on_fulfilled.to_value(cx);
            jobs::enqueue_reaction(cx, false, handler, value, capability);
        }
        (PromiseState::Rejected, reason) => {
            if promise.internal(&cx.heap, HANDLED) != Value::TRUE {
                crate::reports::track_rejection(cx, promise, RejectionEvent::Handle);
            }
            let handler = on_rejected.to_value(cx);
            jobs::enqueue_reaction(cx, true, handler, reason, capability);
        }
    }
    promise.set_internal(&cx.heap, HANDLED, Value::TRUE);
}

// 27.2.2.1 NewPromiseReactionJob ( reaction, argument ), https://tc39.es/ecma262/#sec-newpromisereactionjob
/// Runs a reaction job whose parts lay in the queue.
pub(crate) fn reaction_job(cx: &mut Context, rejected: bool, handler: Value, argument: Value, capability: Capability) -> Result<()> {
    let outcome = if let Some(object) = handler.as_object() {
        if !object.is_callable(&cx.heap) {
            return cx.resume_async(object, argument, rejected);
        }
        // The handler's code may collect.
        let kept = keep_capability(cx, capability);
        let outcome = cx.call_top(handler, Value::UNDEFINED, &[argument]);
        cx.pop_temporaries(kept);
        outcome
    } else if let Some(record) = handler.as_cell::<Values>() {
        let function = record.get(&cx.heap, 0).as_int().and_then(|index| cx.natives.function(index as u32));
        let this = record.get(&cx.heap, 1);
        match function {
            Some(function) => function(cx, this, &Args::new(&[argument], Value::UNDEFINED, Value::UNDEFINED)),
            None => Ok(Value::UNDEFINED),
        }
    } else if rejected {
        return capability.reject(cx, argument);
    } else {
        Ok(argument)
    };
    match (outcome, capability) {
        (outcome, Capability::None) => outcome.map(|_| ()),
        (Ok(value), capability) => capability.resolve(cx, value),
        (Err(thrown), capability) => {
            let reason = caught(cx, thrown)?;
            capability.reject(cx, reason)
        }
    }
}

/// Keeps a capability alive while JS runs; returns what to hand to [`Context::pop_temporaries`].
fn keep_capability(cx: &mut Context, capability: Capability) -> usize {
    let first = cx.push_temporary(capability.promise());
    if let Capability::Custom { resolve, reject, .. } = capability {
        cx.push_temporary(resolve);
        cx.push_temporary(reject);
    }
    first
}

// 27.2.2.2 NewPromiseResolveThenableJob ( promiseToResolve, thenable, then ),
// https://tc39.es/ecma262/#sec-newpromiseresolvethenablejob
pub(crate) fn resolve_thenable_job(cx: &mut Context, promise: Object, thenable: Object, then_function: Object) -> Result<()> {
    if is_native(cx, then_function.value(), then) && has_default_species(cx, thenable) {
        // OPTIMIZATION: the built-in `then` would make a promise that nobody sees, and call resolving functions that nobody else has.
        let this = promise.value();
        perform_then(cx, thenable, Reaction::native(resolve_given, this), Reaction::native(reject_given, this), None);
        return Ok(());
    }
    let (resolve, reject) = create_resolving_functions(cx, promise);
    let kept = cx.push_temporary(reject);
    let outcome = cx.call_top(then_function.value(), thenable.value(), &[resolve, reject]);
    cx.pop_temporaries(kept);
    if let Err(thrown) = outcome {
        let reason = caught(cx, thrown)?;
        cx.call(reject, Value::UNDEFINED, &[reason])?;
    }
    Ok(())
}

/// Resolves the promise that is its `this` value.
fn resolve_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(promise) = this.as_object() {
        resolve(cx, promise, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

/// Rejects the promise that is its `this` value.
fn reject_given(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(promise) = this.as_object() {
        reject(cx, promise, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

// ── tests for the unmodified state ──

/// The value of an own plain data property.
fn own_data(cx: &Context, object: Object, name: crate::string::PropertyKey) -> Option<Value> {
    let property = object.shape(&cx.heap).lookup(&cx.heap, name)?;
    if property.attributes & (attribute::ACCESSOR | attribute::LAZY) != 0 {
        return None;
    }
    Some(object.slot_value(&cx.heap, property.slot))
}

/// Whether `promise` has no properties of its own and the current realm's %Promise.prototype%.
fn is_bare(cx: &Context, promise: Object) -> bool {
    let shape = promise.shape(&cx.heap);
    promise.is(&cx.heap, Kind::Promise)
        && shape.count(&cx.heap) == 0
        && shape.prototype(&cx.heap) == Some(cx.intrinsic(Intrinsic::PromisePrototype))
}

/// Where the properties are that the steps of promises look up and never change, and what was there. Good for a generation of the context, a
/// realm, the shapes of prototypes and of the constructor: what else may change are the values at these addresses and in the pair. Each field
/// is a cell of its own: this is looked at for every promise, and not to be copied for that.
#[derive(Default)]
pub(crate) struct Known {
    generation: Cell<u64>,
    realm: Cell<u32>,
    epoch: Cell<u32>,
    constructor_shape: Cell<u32>,
    /// Shape of new promises.
    shape: Cell<u32>,
    /// Address of the slot of %Promise.prototype%.constructor.
    constructor_at: Cell<u32>,
    /// Address of the slot of %Promise.prototype%.then, and the function.
    then_at: Cell<u32>,
    then: Cell<u64>,
    /// Address of the slot of the accessor %Promise%[%Symbol.species%], and its getter.
    species_at: Cell<u32>,
    species: Cell<u64>,
}

/// What is known, or can be found out; `None` when one of the properties is of another kind than at first.
#[inline]
fn known(cx: &Context) -> Option<&Known> {
    let known = &cx.promise_steps;
    let is_known = cx.is_current(known.generation.get())
        && known.realm.get() == cx.realm().0.offset()
        && known.epoch.get() == cx.heap.shape_epoch()
        && known.constructor_shape.get() == cx.intrinsic(Intrinsic::Promise).shape(&cx.heap).offset();
    if is_known { Some(known) } else { find_known(cx) }
}

#[cold]
#[inline(never)]
fn find_known(cx: &Context) -> Option<&Known> {
    let (heap, known) = (&cx.heap, &cx.promise_steps);
    let (prototype, constructor) = (cx.intrinsic(Intrinsic::PromisePrototype), cx.intrinsic(Intrinsic::Promise));
    // A dictionary keeps its shape when its properties change.
    if constructor.shape(heap).is_dictionary(heap) {
        return None;
    }
    let data =
        |name| prototype.shape(heap).lookup(heap, name).filter(|found| found.attributes & (attribute::ACCESSOR | attribute::LAZY) == 0);
    let own_constructor = data(key::constructor)?;
    let then_property = data(key::then)?;
    let own_species = constructor.shape(heap).lookup(heap, symbol::species).filter(|found| found.attributes & attribute::ACCESSOR != 0)?;
    let pair: Ref<Values> = cx.record(constructor.slot_value(heap, own_species.slot));
    let getter = if pair.is_null() { return None } else { pair.get(heap, 0) };
    let then_function = prototype.slot_value(heap, then_property.slot);
    if !is_native(cx, getter, species) || !is_native(cx, then_function, then) {
        return None;
    }
    known.shape.set(heap.root_shape(Some(prototype), Kind::Promise, 0).offset());
    known.constructor_at.set(prototype.slot_address(heap, own_constructor.slot));
    known.then_at.set(prototype.slot_address(heap, then_property.slot));
    known.then.set(then_function.to_bits());
    known.species_at.set(constructor.slot_address(heap, own_species.slot));
    known.species.set(getter.to_bits());
    known.generation.set(cx.generation_of(&[
        known.shape.get(),
        known.constructor_at.get(),
        known.then_at.get(),
        then_function.offset(),
        known.species_at.get(),
        getter.offset(),
        cx.realm().0.offset(),
        constructor.shape(heap).offset(),
    ]));
    known.realm.set(cx.realm().0.offset());
    known.epoch.set(heap.shape_epoch());
    known.constructor_shape.set(constructor.shape(heap).offset());
    Some(known)
}

/// Whether Get(promise, "constructor") would give the current realm's %Promise% and run no code.
fn has_default_constructor(cx: &Context, promise: Object) -> bool {
    let expected = cx.intrinsic(Intrinsic::Promise).value();
    is_bare(cx, promise)
        && match known(cx) {
            Some(known) => cx.heap.load::<Value>(known.constructor_at.get()) == expected,
            None => own_data(cx, cx.intrinsic(Intrinsic::PromisePrototype), key::constructor) == Some(expected),
        }
}

/// Whether SpeciesConstructor(promise, %Promise%) would give the current realm's %Promise% and run no code.
fn has_default_species(cx: &Context, promise: Object) -> bool {
    let Some(known) = known(cx) else { return false };
    let heap = &cx.heap;
    let pair: Value = heap.load(known.species_at.get());
    is_bare(cx, promise)
        && heap.load::<Value>(known.constructor_at.get()) == cx.intrinsic(Intrinsic::Promise).value()
        && pair.as_cell::<Values>().is_some_and(|pair| pair.get(heap, 0).to_bits() == known.species.get())
}

/// Whether `value.then(…)` would be the built-in one and make promises of %Promise%.
pub(super) fn has_default_then(cx: &Context, value: Value) -> Option<Object> {
    let promise = value.as_object()?;
    let known = known(cx)?;
    (has_default_species(cx, promise) && cx.heap.load::<u64>(known.then_at.get()) == known.then.get()).then_some(promise)
}

/// Whether `function` is the built-in Promise.resolve.
pub(super) fn is_default_resolve(cx: &Context, function: Value) -> bool {
    is_native(cx, function, resolve_static)
}

// ── capabilities and resolving functions ──

// 27.2.1.3 CreateResolvingFunctions ( promise ), https://tc39.es/ecma262/#sec-createresolvingfunctions
/// The resolve and reject functions. Slots of each: 0 the promise, undefined once one of the two was called; 1 the other function.
pub(crate) fn create_resolving_functions(cx: &mut Context, promise: Object) -> (Value, Value) {
    let resolve = cx.new_native_with_slots(resolve_function, &[promise.value()]).value();
    let reject = cx.new_native_with_slots(reject_function, &[promise.value(), resolve]).value();
    cx.set_native_slot(resolve, 1, reject);
    (resolve, reject)
}

/// The promise of a resolving function on the first call of the pair.
fn take_promise(cx: &Context, callee: Value) -> Option<Object> {
    let promise = cx.native_slot(callee, 0).as_object()?;
    cx.set_native_slot(cx.native_slot(callee, 1), 0, Value::UNDEFINED);
    cx.set_native_slot(callee, 0, Value::UNDEFINED);
    Some(promise)
}

fn resolve_function(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(promise) = take_promise(cx, args.callee) {
        resolve(cx, promise, args.at(0))?;
    }
    Ok(Value::UNDEFINED)
}

// 27.2.1.3.1 Promise Reject Functions, https://tc39.es/ecma262/#sec-promise-reject-functions
fn reject_function(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(promise) = take_promise(cx, args.callee) {
        reject(cx, promise, args.at(0));
    }
    Ok(Value::UNDEFINED)
}

// 27.2.1.5 NewPromiseCapability ( C ), https://tc39.es/ecma262/#sec-newpromisecapability
pub(crate) fn new_capability(cx: &mut Context, constructor: Value) -> Result<Capability> {
    if constructor == cx.intrinsic(Intrinsic::Promise).value() {
        // OPTIMIZATION: %Promise% would only hand its resolving functions to the executor, which only this capability sees.
        return Ok(Capability::Native(new_pending(cx)));
    }
    new_capability_with_functions(cx, constructor)
}

/// The same, with resolving functions that may be handed to JS.
pub(crate) fn new_capability_with_functions(cx: &mut Context, constructor: Value) -> Result<Capability> {
    let constructor = match constructor.as_object() {
        Some(constructor) if constructor.is_constructor(&cx.heap) => constructor,
        _ => {
            let text = describe(cx, constructor);
            return Err(cx.throw_type_error(&format!("{text} is not a constructor")));
        }
    };
    if constructor == cx.intrinsic(Intrinsic::Promise) {
        let promise = new_pending(cx);
        let (resolve, reject) = create_resolving_functions(cx, promise);
        return Ok(Capability::Custom { promise, resolve, reject });
    }
    let executor = cx.new_native(capability_executor).value();
    let promise = cx.construct(constructor, &[executor], constructor)?;
    let (resolve, reject) = (cx.native_slot(executor, 0), cx.native_slot(executor, 1));
    if !cx.is_callable(resolve) || !cx.is_callable(reject) {
        return Err(cx.throw_type_error("Promise resolve or reject function is not callable"));
    }
    Ok(Capability::Custom { promise, resolve, reject })
}

// 27.2.1.5.1 GetCapabilitiesExecutor Functions, https://tc39.es/ecma262/#sec-getcapabilitiesexecutor-functions
fn capability_executor(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !cx.native_slot(args.callee, 0).is_undefined() || !cx.native_slot(args.callee, 1).is_undefined() {
        return Err(cx.throw_type_error("Promise executor has already been invoked with non-undefined arguments"));
    }
    cx.set_native_slot(args.callee, 0, args.at(0));
    cx.set_native_slot(args.callee, 1, args.at(1));
    Ok(Value::UNDEFINED)
}

// ── the constructor ──

// 27.2.3.1 Promise ( executor ), https://tc39.es/ecma262/#sec-promise-executor
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Promise constructor cannot be invoked without 'new'"));
    }
    let executor = args.at(0);
    if !cx.is_callable(executor) {
        let text = describe(cx, executor);
        return Err(cx.throw_type_error(&format!("Promise resolver {text} is not a function")));
    }
    let promise = cx.create_from_constructor(args.new_target, Intrinsic::PromisePrototype, Kind::Promise)?;
    init(&cx.heap, promise);
    let (resolve, reject) = create_resolving_functions(cx, promise);
    if let Err(thrown) = cx.call(executor, Value::UNDEFINED, &[resolve, reject]) {
        let reason = caught(cx, thrown)?;
        cx.call(reject, Value::UNDEFINED, &[reason])?;
    }
    Ok(promise.value())
}

/// `this` of a static method as an object.
fn require_constructor(cx: &mut Context, this: Value, method: &str) -> Result<()> {
    if this.is_object() {
        return Ok(());
    }
    Err(cx.throw_type_error(&format!("{method} called on non-object")))
}

// 27.2.4.6 Promise.reject ( r ), https://tc39.es/ecma262/#sec-promise.reject
fn reject_static(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_constructor(cx, this, "PromiseReject")?;
    let capability = new_capability(cx, this)?;
    capability.reject(cx, args.at(0))?;
    Ok(capability.promise())
}

// 27.2.4.7 Promise.resolve ( x ), https://tc39.es/ecma262/#sec-promise.resolve
fn resolve_static(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_constructor(cx, this, "PromiseResolve")?;
    promise_resolve_with(cx, this, args.at(0))
}

// 27.2.4.8 Promise.try ( callback, ...args ), https://tc39.es/ecma262/#sec-promise.try
fn try_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    require_constructor(cx, this, "Promise.try")?;
    let capability = new_capability(cx, this)?;
    match cx.call(args.at(0), Value::UNDEFINED, args.from(1)) {
        Ok(value) => capability.resolve(cx, value)?,
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            capability.reject(cx, reason)?;
        }
    }
    Ok(capability.promise())
}

// 27.2.4.9 Promise.withResolvers ( ), https://tc39.es/ecma262/#sec-promise.withResolvers
fn with_resolvers(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let capability = new_capability_with_functions(cx, this)?;
    let object = cx.new_plain_object();
    if let Capability::Custom { promise, resolve, reject } = capability {
        cx.create_data_property_or_throw(object, key::promise, promise.value())?;
        cx.create_data_property_or_throw(object, key::resolve, resolve)?;
        cx.create_data_property_or_throw(object, key::reject, reject)?;
    }
    Ok(object.value())
}

// 27.2.4.10 get Promise [ %Symbol.species% ], https://tc39.es/ecma262/#sec-get-promise-%symbol.species%
fn species(_: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    Ok(this)
}

// ── the prototype ──

// 27.2.5.1 Promise.prototype.catch ( onRejected ), https://tc39.es/ecma262/#sec-promise.prototype.catch
fn catch(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    cx.invoke(this, key::then, &[Value::UNDEFINED, args.at(0)])
}

// 27.2.5.4 Promise.prototype.then ( onFulfilled, onRejected ), https://tc39.es/ecma262/#sec-promise.prototype.then
pub(crate) fn then(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let promise = require(cx, this, Kind::Promise, "Promise.prototype.then")?;
    // OPTIMIZATION: no code can tell that the look-up of an unmodified species did not happen.
    let capability = if has_default_species(cx, promise) {
        Capability::Native(new_pending(cx))
    } else {
        let constructor = cx.species_constructor(promise, Intrinsic::Promise)?;
        new_capability(cx, constructor.value())?
    };
    let (on_fulfilled, on_rejected) = (Reaction::from_handler(cx, args.at(0)), Reaction::from_handler(cx, args.at(1)));
    perform_then_with(cx, promise, on_fulfilled, on_rejected, capability);
    Ok(capability.promise())
}

// 27.2.5.3 Promise.prototype.finally ( onFinally ), https://tc39.es/ecma262/#sec-promise.prototype.finally
fn finally(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let Some(promise) = this.as_object() else {
        return Err(super::receiver::incompatible(cx, "Promise.prototype.finally", this));
    };
    let constructor = cx.species_constructor(promise, Intrinsic::Promise)?;
    let on_finally = args.at(0);
    let (first, second) = if cx.is_callable(on_finally) {
        let slots = [on_finally, constructor.value()];
        (cx.new_native_with_slots(then_finally, &slots).value(), cx.new_native_with_slots(catch_finally, &slots).value())
    } else {
        (on_finally, on_finally)
    };
    cx.invoke(this, key::then, &[first, second])
}

/// The thenFinally closure: calls onFinally, waits for its result, gives the value on.
fn then_finally(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    after_finally(cx, args, value_thunk)
}

/// The catchFinally closure: calls onFinally, waits for its result, throws the reason on.
fn catch_finally(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    after_finally(cx, args, thrower)
}

fn after_finally(cx: &mut Context, args: &Args<'_>, and_then: impl Into<NativeId>) -> Result<Value> {
    let (on_finally, constructor) = (cx.native_slot(args.callee, 0), cx.native_slot(args.callee, 1));
    let result = cx.call(on_finally, Value::UNDEFINED, &[])?;
    let promise = promise_resolve_with(cx, constructor, result)?;
    let thunk = cx.new_native_with_slots(and_then, &[args.at(0)]);
    cx.invoke(promise, key::then, &[thunk.value()])
}

fn value_thunk(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    Ok(cx.native_slot(args.callee, 0))
}

fn thrower(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let reason = cx.native_slot(args.callee, 0);
    Err(cx.throw(reason))
}
