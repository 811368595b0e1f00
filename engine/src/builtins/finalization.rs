//! FinalizationRegistry objects. <https://tc39.es/ecma262/#sec-finalization-registry-objects>
//!
//! Internal slots: 0 the cleanup callback, 1 a Values cell that the collector looks after: the registry, then (target, held value, token)
//! triples. The collector puts a hole in the place of a dead target and undefined in the place of a dead token.

use super::receiver::{describe, incompatible, require};
use super::weak::can_be_held_weakly;
use crate::context::Context;
use crate::heap::{Kind, Ref, Values, WEAK_TRIPLES};
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static FINALIZATION_REGISTRY: "FinalizationRegistry" / 1 => construct, FinalizationRegistry, FinalizationRegistryPrototype; {
    method "register" / 2 => register,
    method "unregister" / 1 => unregister,
    tag "FinalizationRegistry",
    hidden "cleanup" / 1 => cleanup_job,
}}

const CALLBACK: u32 = 0;
const CELLS: u32 = 1;
/// Where the triples begin.
const FIRST: u32 = 1;

// 26.2.1.1 FinalizationRegistry ( cleanupCallback ), https://tc39.es/ecma262/#sec-finalization-registry-cleanup-callback
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor FinalizationRegistry requires 'new'"));
    }
    if !cx.is_callable(args.at(0)) {
        return Err(cx.throw_type_error("FinalizationRegistry: cleanup must be callable"));
    }
    let registry = cx.create_from_constructor(args.new_target, Intrinsic::FinalizationRegistryPrototype, Kind::FinalizationRegistry)?;
    let heap = &cx.heap;
    let cells = heap.new_values(FIRST + 3 * 4);
    cells.set(heap, 0, registry.value());
    cells.set_length(heap, FIRST);
    heap.set_flags(cells.offset(), WEAK_TRIPLES);
    registry.set_internal(heap, CALLBACK, args.at(0));
    registry.set_internal(heap, CELLS, Value::cell(cells));
    Ok(registry.value())
}

fn cells(cx: &Context, registry: Object) -> Ref<Values> {
    cx.record(registry.internal(&cx.heap, CELLS))
}

// 26.2.3.2 FinalizationRegistry.prototype.register ( target, heldValue [ , unregisterToken ] ),
// https://tc39.es/ecma262/#sec-finalization-registry.prototype.register
fn register(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let registry = require(cx, this, Kind::FinalizationRegistry, "FinalizationRegistry.prototype.register")?;
    let (target, held, token) = (args.at(0), args.at(1), args.at(2));
    if !can_be_held_weakly(cx, target) {
        return Err(cx.throw_type_error("FinalizationRegistry.prototype.register: invalid target"));
    }
    if target == held {
        return Err(cx.throw_type_error("FinalizationRegistry.prototype.register: target and holdings must not be same"));
    }
    if !token.is_undefined() && !can_be_held_weakly(cx, token) {
        let text = describe(cx, token);
        return Err(cx.throw_type_error(&format!("Invalid unregister token ('{text}')")));
    }
    let list = cells(cx, registry);
    if list.length(&cx.heap) + 3 > list.capacity(&cx.heap) {
        compact(cx, list);
    }
    let list = list.push(&cx.heap, target).push(&cx.heap, held).push(&cx.heap, token);
    registry.set_internal(&cx.heap, CELLS, Value::cell(list));
    Ok(Value::UNDEFINED)
}

// 26.2.3.3 FinalizationRegistry.prototype.unregister ( unregisterToken ),
// https://tc39.es/ecma262/#sec-finalization-registry.prototype.unregister
fn unregister(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    let registry = require(cx, this, Kind::FinalizationRegistry, "FinalizationRegistry.prototype.unregister")?;
    let token = args.at(0);
    if !can_be_held_weakly(cx, token) {
        let text = describe(cx, token);
        return Err(cx.throw_type_error(&format!("Invalid unregister token ('{text}')")));
    }
    let list = cells(cx, registry);
    let mut removed = false;
    for at in (FIRST..list.length(&cx.heap)).step_by(3) {
        if list.get(&cx.heap, at + 2) == token {
            clear(cx, list, at);
            removed = true;
        }
    }
    Ok(Value::bool(removed))
}

/// Removes a triple; [`compact`] gives its place back later.
fn clear(cx: &Context, list: Ref<Values>, at: u32) {
    for i in 0..3 {
        list.set(&cx.heap, at + i, Value::UNDEFINED);
    }
}

/// Gives back the places of removed triples.
fn compact(cx: &Context, list: Ref<Values>) {
    let heap = &cx.heap;
    let length = list.length(heap);
    let mut to = FIRST;
    for from in (FIRST..length).step_by(3) {
        if !list.get(heap, from).is_undefined() {
            for i in 0..3 {
                list.set(heap, to + i, list.get(heap, from + i));
            }
            to += 3;
        }
    }
    for i in to..length {
        list.set(heap, i, Value::UNDEFINED);
    }
    list.set_length(heap, to);
}

// 9.12 CleanupFinalizationRegistry ( finalizationRegistry ), https://tc39.es/ecma262/#sec-cleanup-finalization-registry
/// Job: cleans up the registry that is its argument.
pub(crate) fn cleanup_job(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let registry = match args.at(0).as_object() {
        Some(registry) if registry.is(&cx.heap, Kind::FinalizationRegistry) => registry,
        _ => return Err(incompatible(cx, "FinalizationRegistry cleanup", args.at(0))),
    };
    let callback = registry.internal(&cx.heap, CALLBACK);
    // The callback may register and unregister, which moves cells: passes go on until one finds nothing.
    loop {
        let mut found = false;
        let mut at = FIRST;
        while at < cells(cx, registry).length(&cx.heap) {
            let list = cells(cx, registry);
            if list.get(&cx.heap, at).is_hole() {
                found = true;
                let held = list.get(&cx.heap, at + 1);
                clear(cx, list, at);
                if let Err(thrown) = cx.call(callback, Value::UNDEFINED, &[held]) {
                    let error = super::receiver::caught(cx, thrown)?;
                    crate::reports::report_error(cx, error);
                    // What is left is looked after by another job.
                    cx.enqueue_job(cleanup_job, &[registry.value()]);
                    return Ok(Value::UNDEFINED);
                }
            }
            at += 3;
        }
        if !found {
            let list = cells(cx, registry);
            compact(cx, list);
            return Ok(Value::UNDEFINED);
        }
    }
}
