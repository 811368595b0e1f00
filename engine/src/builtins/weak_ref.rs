//! WeakRef objects. <https://tc39.es/ecma262/#sec-weak-ref-objects>
//!
//! Internal slot 0 is the target, which the collector clears.

use super::receiver::{describe, require};
use super::weak::can_be_held_weakly;
use crate::context::Context;
use crate::heap::{Kind, Root, Values};
use crate::native::{Args, Result};
use crate::natives;
use crate::realm::Intrinsic;
use crate::value::Value;

natives! { pub static WEAK_REF: "WeakRef" / 1 => construct, WeakRef, WeakRefPrototype; {
    method "deref" / 0 => deref,
    tag "WeakRef",
}}

// 26.1.1.1 WeakRef ( target ), https://tc39.es/ecma262/#sec-weak-ref-target
fn construct(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if !args.is_construct() {
        return Err(cx.throw_type_error("Constructor WeakRef requires 'new'"));
    }
    let target = args.at(0);
    if !can_be_held_weakly(cx, target) {
        let text = describe(cx, target);
        return Err(cx.throw_type_error(&format!("Invalid value used as WeakRef target: {text}")));
    }
    let reference = cx.create_from_constructor(args.new_target, Intrinsic::WeakRefPrototype, Kind::WeakRef)?;
    add_to_kept_objects(cx, target);
    reference.set_internal(&cx.heap, 0, target);
    Ok(reference.value())
}

// 26.1.3.2 WeakRef.prototype.deref ( ), https://tc39.es/ecma262/#sec-weak-ref.prototype.deref
fn deref(cx: &mut Context, this: Value, _: &Args<'_>) -> Result<Value> {
    let reference = require(cx, this, Kind::WeakRef, "WeakRef.prototype.deref")?;
    // 26.1.4.1 WeakRefDeref ( weakRef ), https://tc39.es/ecma262/#sec-weakrefderef
    let target = reference.internal(&cx.heap, 0);
    if !target.is_undefined() {
        add_to_kept_objects(cx, target);
    }
    Ok(target)
}

// 9.11 AddToKeptObjects ( value ), https://tc39.es/ecma262/#sec-addtokeptobjects
fn add_to_kept_objects(cx: &mut Context, value: Value) {
    let heap = &cx.heap;
    let kept = heap.root(Root::KeptAlive).as_cell::<Values>().unwrap_or_else(|| heap.new_values(8));
    let length = kept.length(heap);
    if length > 0 && kept.get(heap, length - 1) == value {
        return;
    }
    // A job that looks at a few references again and again must not grow the list for ever.
    if length >= 64 && length.is_power_of_two() {
        let mut all: Vec<u64> = (0..length).map(|i| kept.get(heap, i).to_bits()).collect();
        all.sort_unstable();
        all.dedup();
        for i in 0..length {
            kept.set(heap, i, all.get(i as usize).map_or(Value::HOLE, |&bits| Value(bits)));
        }
        kept.set_length(heap, all.len() as u32);
    }
    let kept = kept.push(heap, value);
    heap.set_root(Root::KeptAlive, Value::cell(kept));
}

// 9.10 ClearKeptObjects ( ), https://tc39.es/ecma262/#sec-clear-kept-objects
/// To be called when a synchronous run of JS has come to its end; the runner of jobs does so after each job.
pub fn clear_kept_objects(cx: &mut Context) {
    if cx.heap.root(Root::KeptAlive).is_cell() {
        cx.heap.set_root(Root::KeptAlive, Value::UNDEFINED);
    }
}
