//! The Atomics object. https://tc39.es/ecma262/#sec-atomics-object
//!
//! An instance that is an agent of its own cannot suspend (AgentCanSuspend is false), so `Atomics.wait` throws where it would have to;
//! `Atomics.waitAsync` works, and is woken by `Atomics.notify` of the same agent. It has no timers: a waiter with a finite timeout waits
//! until it is notified. One of several agents has waiter lists of its blocks: see `crate::agents`.

use crate::builtins::array::support::MAX_SAFE;
use crate::builtins::array_buffer::{detached_error, immutable_error};
use crate::builtins::promise;
use crate::builtins::typed_array::ElementType;
use crate::builtins::typed_array::view::{View, buffer_data, is_immutable};
use crate::context::Context;
use crate::heap::{Kind, Ref, Root, Values};
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::string::atoms::{key, name};
use crate::value::Value;

natives! { pub static ATOMICS: namespace "Atomics", Atomics; {
    static method "load" / 2 => load,
    static method "store" / 3 => store,
    static method "add" / 3 => add,
    static method "sub" / 3 => sub,
    static method "and" / 3 => and,
    static method "or" / 3 => or,
    static method "xor" / 3 => xor,
    static method "exchange" / 3 => exchange,
    static method "compareExchange" / 4 => compare_exchange,
    static method "isLockFree" / 1 => is_lock_free,
    static method "wait" / 4 => wait,
    static method "waitAsync" / 4 => wait_async,
    static method "notify" / 3 => notify,
    static method "pause" / 0 => pause,
    static tag "Atomics",
}}

/// What an operation needs of the typed array.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Read,
    Write,
    Wait,
}

// 25.4.3.1 ValidateIntegerTypedArray ( typedArray, waitable ), https://tc39.es/ecma262/#sec-validateintegertypedarray
fn validate(cx: &mut Context, value: Value, purpose: Use) -> Result<(Object, View)> {
    let array = value.as_object().filter(|object| object.is(&cx.heap, Kind::TypedArray));
    let Some(array) = array else { return Err(cx.throw_type_error("[object Array] is not an integer typed array.")) };
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, "Atomics operation")) };
    if purpose == Use::Write && is_immutable(&cx.heap, view.buffer) {
        return Err(immutable_error(cx, "Atomics operation"));
    }
    let suitable = match purpose {
        Use::Wait => matches!(view.ty, ElementType::Int32 | ElementType::BigInt64),
        Use::Read | Use::Write => view.ty.is_integer() && view.ty != ElementType::Uint8Clamped,
    };
    if !suitable {
        let message = if purpose == Use::Wait {
            "[object Array] is not an int32 or BigInt64 typed array."
        } else {
            "[object Array] is not an integer typed array."
        };
        return Err(cx.throw_type_error(message));
    }
    Ok((array, view))
}

// 25.4.3.2 ValidateAtomicAccess ( taRecord, requestIndex ), https://tc39.es/ecma262/#sec-validateatomicaccess
fn validate_access(cx: &mut Context, view: View, index: Value) -> Result<u32> {
    let index = cx.to_index(index)?;
    if index >= u64::from(view.length) {
        return Err(cx.throw_range_error("Invalid atomic access index"));
    }
    Ok(index as u32)
}

// 25.4.3.4 RevalidateAtomicAccess ( typedArray, byteIndexInBuffer ), https://tc39.es/ecma262/#sec-revalidateatomicaccess
/// Cage offset of the element, after conversions that may have run JS.
fn revalidate(cx: &mut Context, array: Object, index: u32) -> Result<u32> {
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, "Atomics operation")) };
    if index >= view.length {
        return Err(cx.throw_range_error("Invalid atomic access index"));
    }
    Ok(view.element(index))
}

/// ToBigInt, or ToIntegerOrInfinity as a Number. Returns the value and its raw element.
fn operand(cx: &mut Context, ty: ElementType, value: Value) -> Result<(Value, u64)> {
    if ty.is_bigint() {
        let bigint = cx.to_bigint(value)?;
        let raw = crate::bigint::to_u64_wrapping(&cx.heap, bigint);
        return Ok((bigint.value(), raw));
    }
    let integer = cx.to_integer_or_infinity(value)?;
    // ToIntegerOrInfinity never gives -0.
    Ok((Value::number(integer + 0.0), ty.number_to_raw(integer)))
}

// 25.4.3.17 AtomicReadModifyWrite ( typedArray, index, value, op ), https://tc39.es/ecma262/#sec-atomicreadmodifywrite
fn read_modify_write(cx: &mut Context, args: &Args<'_>, operation: impl Fn(u64, u64) -> u64) -> Result<Value> {
    let (array, view) = validate(cx, args.at(0), Use::Write)?;
    let index = validate_access(cx, view, args.at(1))?;
    let (_, operand) = operand(cx, view.ty, args.at(2))?;
    let at = revalidate(cx, array, index)?;
    let old = cx.heap.cage().atomic_update(at, view.ty.shift(), |old| operation(old, operand));
    Ok(view.ty.raw_to_value(&cx.heap, old))
}

// 25.4.4 Atomics.add ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.add
fn add(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, u64::wrapping_add)
}

// 25.4.5 Atomics.and ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.and
fn and(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, |a, b| a & b)
}

// 25.4.7 Atomics.exchange ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.exchange
fn exchange(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, |_, new| new)
}

// 25.4.10 Atomics.or ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.or
fn or(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, |a, b| a | b)
}

// 25.4.13 Atomics.sub ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.sub
fn sub(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, u64::wrapping_sub)
}

// 25.4.17 Atomics.xor ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.xor
fn xor(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    read_modify_write(cx, args, |a, b| a ^ b)
}

// 25.4.6 Atomics.compareExchange ( typedArray, index, expectedValue, replacementValue ),
// https://tc39.es/ecma262/#sec-atomics.compareexchange
fn compare_exchange(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, args.at(0), Use::Write)?;
    let index = validate_access(cx, view, args.at(1))?;
    let (_, expected) = operand(cx, view.ty, args.at(2))?;
    let (_, replacement) = operand(cx, view.ty, args.at(3))?;
    let at = revalidate(cx, array, index)?;
    let unused_bits = 64 - 8 * view.ty.size();
    let expected = expected << unused_bits >> unused_bits;
    let old = cx.heap.cage().atomic_update(at, view.ty.shift(), |old| if old == expected { replacement } else { old });
    Ok(view.ty.raw_to_value(&cx.heap, old))
}

// 25.4.8 Atomics.isLockFree ( size ), https://tc39.es/ecma262/#sec-atomics.islockfree
fn is_lock_free(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let size = cx.to_integer_or_infinity(args.at(0))?;
    Ok(Value::bool([1.0, 2.0, 4.0, 8.0].contains(&size)))
}

// 25.4.9 Atomics.load ( typedArray, index ), https://tc39.es/ecma262/#sec-atomics.load
fn load(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, args.at(0), Use::Read)?;
    let index = validate_access(cx, view, args.at(1))?;
    let at = revalidate(cx, array, index)?;
    let raw = cx.heap.cage().atomic_load(at, view.ty.shift());
    Ok(view.ty.raw_to_value(&cx.heap, raw))
}

// 25.4.12 Atomics.store ( typedArray, index, value ), https://tc39.es/ecma262/#sec-atomics.store
fn store(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, args.at(0), Use::Write)?;
    let index = validate_access(cx, view, args.at(1))?;
    let (value, raw) = operand(cx, view.ty, args.at(2))?;
    let at = revalidate(cx, array, index)?;
    cx.heap.cage().atomic_update(at, view.ty.shift(), |_| raw);
    Ok(value)
}

// 25.4.11 Atomics.pause ( [ N ] ), https://tc39.es/ecma262/#sec-atomics.pause
fn pause(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let count = args.at(0);
    let integral = count.as_number().is_some_and(|number| number.is_finite() && number.trunc() == number);
    if !count.is_undefined() && !integral {
        return Err(cx.throw_type_error("Atomics.pause: the argument is not an integer"));
    }
    std::hint::spin_loop();
    Ok(Value::UNDEFINED)
}

/// Steps 1-13 of DoWait: where to wait, whether the value there is the expected one, and the timeout in milliseconds.
/// 25.4.3.14 DoWait ( mode, typedArray, index, value, timeout ), https://tc39.es/ecma262/#sec-dowait
fn wait_arguments(cx: &mut Context, args: &Args<'_>) -> Result<(Object, u32, u64, ElementType, f64)> {
    let (array, view) = validate(cx, args.at(0), Use::Wait)?;
    // 3. If IsSharedArrayBuffer(buffer) is false, throw a TypeError exception.
    if !view.buffer.is(&cx.heap, Kind::SharedArrayBuffer) {
        return Err(cx.throw_type_error("[object Int32Array] is not a shared typed array."));
    }
    let index = validate_access(cx, view, args.at(1))?;
    let expected = if view.ty.is_bigint() {
        let bigint = cx.to_bigint(args.at(2))?;
        crate::bigint::to_u64_wrapping(&cx.heap, bigint)
    } else {
        u64::from(cx.to_int32(args.at(2))? as u32)
    };
    let timeout = cx.to_number(args.at(3))?;
    let timeout = if timeout.is_nan() { f64::INFINITY } else { timeout.max(0.0) };
    Ok((array, index, expected, view.ty, timeout))
}

// 25.4.14 Atomics.wait ( typedArray, index, value, timeout ), https://tc39.es/ecma262/#sec-atomics.wait
fn wait(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, index, expected, ty, timeout) = wait_arguments(cx, args)?;
    // 14. If mode is sync and AgentCanSuspend() is false, throw a TypeError exception.
    if !cx.can_block() {
        return Err(cx.throw_type_error("Atomics.wait cannot be called in this context"));
    }
    let (buffer, offset) = place(cx, array, index, "Atomics.wait")?;
    Ok(cx.wait_blocking(buffer, offset, ty.shift(), expected, timeout)?.value())
}

/// Buffer and byte offset in it of an element.
fn place(cx: &mut Context, array: Object, index: u32, method: &str) -> Result<(Object, u32)> {
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, method)) };
    let data = buffer_data(&cx.heap, view.buffer).unwrap_or(Ref::NULL);
    Ok((view.buffer, view.element(index) - data.data()))
}

/// Values per entry of the waiter list: data cell, byte offset in it, promise.
const WAITER: u32 = 3;

fn waiters(cx: &Context) -> Option<Ref<Values>> {
    cx.heap.root(Root::Waiters).as_cell()
}

// 25.4.15 Atomics.waitAsync ( typedArray, index, value, timeout ), https://tc39.es/ecma262/#sec-atomics.waitasync
fn wait_async(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, index, expected, ty, timeout) = wait_arguments(cx, args)?;
    let Some(view) = View::of(&cx.heap, array) else { return Err(detached_error(cx, "Atomics.waitAsync")) };
    let at = view.element(index);
    let result = cx.new_plain_object();
    let (is_async, value) = if cx.is_one_of_many_agents() {
        let (buffer, offset) = place(cx, array, index, "Atomics.waitAsync")?;
        match cx.wait_without_blocking(buffer, offset, ty.shift(), expected, timeout)? {
            Ok(promise) => (true, promise.value()),
            Err(outcome) => (false, outcome.value()),
        }
    } else if ty.load(&cx.heap, at) != expected {
        (false, name::not_equal.value())
    } else if timeout == 0.0 {
        (false, name::timed_out.value())
    } else {
        let promise = promise::new_pending(cx);
        let data = buffer_data(&cx.heap, view.buffer).unwrap_or(Ref::NULL);
        let mut list = waiters(cx).unwrap_or_else(|| cx.heap.new_values(4 * WAITER));
        for value in [Value::cell(data), Value::from(at - data.data()), promise.value()] {
            list = list.push(&cx.heap, value);
        }
        cx.heap.set_root(Root::Waiters, Value::cell(list));
        (true, promise.value())
    };
    cx.create_data_property_or_throw(result, key::async_, Value::bool(is_async))?;
    cx.create_data_property_or_throw(result, key::value, value)?;
    Ok(result.value())
}

// 25.4.16 Atomics.notify ( typedArray, index, count ), https://tc39.es/ecma262/#sec-atomics.notify
fn notify(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let (array, view) = validate(cx, args.at(0), Use::Wait)?;
    let index = validate_access(cx, view, args.at(1))?;
    let count =
        if args.at(2).is_undefined() { MAX_SAFE } else { cx.to_integer_or_infinity(args.at(2))?.clamp(0.0, MAX_SAFE as f64) as u64 };
    // 7. If IsSharedArrayBuffer(buffer) is false, return +0𝔽.
    if !view.buffer.is(&cx.heap, Kind::SharedArrayBuffer) {
        return Ok(Value::ZERO);
    }
    if cx.is_one_of_many_agents() {
        let (buffer, offset) = place(cx, array, index, "Atomics.notify")?;
        return Ok(Value::from_usize(cx.notify_waiters(buffer, offset, count)?));
    }
    let (Some(list), Some(data)) = (waiters(cx), buffer_data(&cx.heap, view.buffer)) else { return Ok(Value::ZERO) };
    let offset = view.element(index) - data.data();
    let (mut kept, mut woken) = (Vec::new(), Vec::new());
    for i in (0..list.length(&cx.heap)).step_by(WAITER as usize) {
        let entry = [0, 1, 2].map(|part| list.get(&cx.heap, i + part));
        let here = entry[0] == Value::cell(data) && entry[1] == Value::from(offset);
        if here && (woken.len() as u64) < count { woken.push(entry[2]) } else { kept.extend(entry) }
    }
    let rest = if kept.is_empty() { Value::UNDEFINED } else { Value::cell(cx.heap.new_values_from(&kept)) };
    cx.heap.set_root(Root::Waiters, rest);
    for promise in woken.iter().filter_map(|promise| promise.as_object()) {
        promise::resolve(cx, promise, name::ok.value())?;
    }
    Ok(Value::from_usize(woken.len()))
}
