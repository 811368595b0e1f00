//! AsyncGenerator objects: the queue of requests. <https://tc39.es/ecma262/#sec-asyncgenerator-objects>
//!
//! The interpreter saves and resumes frames and calls [`yield_value`] and [`complete`]. Slots beside the interpreter's: 3 the queue, a
//! record of triples (mode, value, promise); 6 the index of its first triple. An awaiting body is "executing" to the specification; the
//! interpreter has it suspended with the slot for awaiting set.
//!
//! ```text
//! suspended-start ──next──▶ executing ◀──next, throw, return── suspended-yield
//!       │ return, throw          │ ▲ └────────────yield────────────▶ │
//!       ▼                        ▼ └ a request waits: goes on at once
//!   draining-queue ◀──────── return, throw
//!       │ no request waits
//!       ▼
//!   completed
//! ```

use super::promise::{Reaction, new_pending, perform_then, promise_resolve, reject, resolve};
use super::receiver::{caught, describe};
use crate::context::Context;
use crate::heap::{Kind, Values};
use crate::interpreter::{ResumeMode, frame_slot, generator_state as state};
use crate::native::{Args, Result};
use crate::natives;
use crate::object::Object;
use crate::value::Value;

natives! { pub static ASYNC_GENERATOR: prototype "AsyncGenerator", AsyncGeneratorPrototype, parent AsyncIteratorPrototype; {
    method "next" / 1 => next,
    method "return" / 1 => return_,
    method "throw" / 1 => throw,
    tag "AsyncGenerator",
    hidden "" / 1 => return_fulfilled,
    hidden "" / 1 => return_rejected,
}}

const QUEUE: u32 = frame_slot::PROMISE;
const HEAD: u32 = 6;

/// An AsyncGeneratorRequest Record. <https://tc39.es/ecma262/#sec-asyncgeneratorrequest-records>
#[derive(Clone, Copy)]
struct Request {
    mode: ResumeMode,
    value: Value,
    promise: Option<Object>,
}

fn state_of(cx: &Context, generator: Object) -> i32 {
    match generator.internal(&cx.heap, frame_slot::STATE).as_int() {
        Some(state::SUSPENDED_YIELD) if generator.internal(&cx.heap, frame_slot::AWAITING) == Value::TRUE => state::EXECUTING,
        Some(other) => other,
        None => state::COMPLETED,
    }
}

fn set_state(cx: &Context, generator: Object, state: i32) {
    generator.set_internal(&cx.heap, frame_slot::STATE, Value::int(state));
}

fn head(cx: &Context, generator: Object) -> u32 {
    generator.internal(&cx.heap, HEAD).as_int().unwrap_or(0) as u32
}

// 27.6.3.4 AsyncGeneratorEnqueue ( generator, completion, promiseCapability ), https://tc39.es/ecma262/#sec-asyncgeneratorenqueue
fn enqueue(cx: &mut Context, generator: Object, mode: ResumeMode, value: Value, promise: Object) {
    let heap = &cx.heap;
    let queue = generator.internal(heap, QUEUE).as_cell::<Values>().unwrap_or_else(|| heap.new_values(3));
    let queue = queue.push(heap, Value::int(mode as i32)).push(heap, value).push(heap, promise.value());
    generator.set_internal(heap, QUEUE, Value::cell(queue));
}

/// The first request.
fn first(cx: &Context, generator: Object) -> Option<Request> {
    let heap = &cx.heap;
    let queue = generator.internal(heap, QUEUE).as_cell::<Values>()?;
    let at = head(cx, generator);
    if at >= queue.length(heap) {
        return None;
    }
    let mode = match queue.get(heap, at).as_int() {
        Some(mode) if mode == ResumeMode::Throw as i32 => ResumeMode::Throw,
        Some(mode) if mode == ResumeMode::Return as i32 => ResumeMode::Return,
        _ => ResumeMode::Next,
    };
    Some(Request { mode, value: queue.get(heap, at + 1), promise: queue.get(heap, at + 2).as_object() })
}

fn remove_first(cx: &Context, generator: Object) {
    let heap = &cx.heap;
    let Some(queue) = generator.internal(heap, QUEUE).as_cell::<Values>() else { return };
    let at = head(cx, generator);
    for i in at..at + 3 {
        queue.set(heap, i, Value::HOLE);
    }
    let mut next = at + 3;
    if next >= queue.length(heap) {
        queue.set_length(heap, 0);
        next = 0;
    } else if next >= 64 && next * 2 >= queue.length(heap) {
        // Mostly answered requests: move the rest to the front.
        let rest = queue.length(heap) - next;
        for i in 0..rest {
            queue.set(heap, i, queue.get(heap, next + i));
        }
        for i in rest..queue.length(heap) {
            queue.set(heap, i, Value::HOLE);
        }
        queue.set_length(heap, rest);
        next = 0;
    }
    generator.set_internal(heap, HEAD, Value::int(next as i32));
}

// 27.6.3.5 AsyncGeneratorCompleteStep ( generator, completion, done [ , realm ] ),
// https://tc39.es/ecma262/#sec-asyncgeneratorcompletestep
/// `Err` in `completion` is a throw completion's value.
fn complete_step(cx: &mut Context, generator: Object, completion: std::result::Result<Value, Value>, done: bool) -> Result<()> {
    let Some(promise) = first(cx, generator).and_then(|request| request.promise) else { return Ok(()) };
    remove_first(cx, generator);
    match completion {
        Err(reason) => reject(cx, promise, reason),
        Ok(value) => {
            let result = cx.iterator_result(value, done);
            resolve(cx, promise, result)?;
        }
    }
    Ok(())
}

// 27.6.3.8 AsyncGeneratorYield ( value ), https://tc39.es/ecma262/#sec-asyncgeneratoryield
/// Answers the first request with a value, which was awaited already. When another request waits, the body goes on at once with what this
/// returns; otherwise the generator is suspended. `Err` only when the instance is being stopped.
pub(crate) fn yield_value(cx: &mut Context, generator: Object, value: Value) -> Result<Option<(ResumeMode, Value)>> {
    // Code that runs when the promise is resolved (a `then` on Object.prototype) must find the generator running.
    set_state(cx, generator, state::EXECUTING);
    complete_step(cx, generator, Ok(value), false)?;
    match first(cx, generator) {
        Some(request) => Ok(Some((request.mode, request.value))),
        None => {
            set_state(cx, generator, state::SUSPENDED_YIELD);
            Ok(None)
        }
    }
}

// 27.6.3.2 AsyncGeneratorStart ( generator, generatorBody ), the steps after the body, https://tc39.es/ecma262/#sec-asyncgeneratorstart
/// The body returned or threw. `Err` only when the instance is being stopped.
pub(crate) fn complete(cx: &mut Context, generator: Object, completion: std::result::Result<Value, Value>) -> Result<()> {
    set_state(cx, generator, state::DRAINING_QUEUE);
    complete_step(cx, generator, completion, true)?;
    drain_queue(cx, generator)
}

// 27.6.3.10 AsyncGeneratorDrainQueue ( generator ), https://tc39.es/ecma262/#sec-asyncgeneratordrainqueue
fn drain_queue(cx: &mut Context, generator: Object) -> Result<()> {
    while let Some(request) = first(cx, generator) {
        cx.spend_fuel(1)?;
        match request.mode {
            ResumeMode::Return => {
                if await_return(cx, generator, request.value)? {
                    return Ok(());
                }
            }
            ResumeMode::Next => complete_step(cx, generator, Ok(Value::UNDEFINED), true)?,
            ResumeMode::Throw => complete_step(cx, generator, Err(request.value), true)?,
        }
    }
    set_state(cx, generator, state::COMPLETED);
    Ok(())
}

// 27.6.3.9 AsyncGeneratorAwaitReturn ( generator ), https://tc39.es/ecma262/#sec-asyncgeneratorawaitreturn
/// Whether the answer waits for a promise. If not, the request was answered and the caller drains the rest of the queue.
fn await_return(cx: &mut Context, generator: Object, value: Value) -> Result<bool> {
    match promise_resolve(cx, value) {
        Ok(promise) => {
            let this = generator.value();
            perform_then(cx, promise, Reaction::native(return_fulfilled, this), Reaction::native(return_rejected, this), None);
            Ok(true)
        }
        Err(thrown) => {
            let reason = caught(cx, thrown)?;
            complete_step(cx, generator, Err(reason), true)?;
            Ok(false)
        }
    }
}

fn return_fulfilled(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(generator) = this.as_object() {
        complete_step(cx, generator, Ok(args.at(0)), true)?;
        drain_queue(cx, generator)?;
    }
    Ok(Value::UNDEFINED)
}

fn return_rejected(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(generator) = this.as_object() {
        complete_step(cx, generator, Err(args.at(0)), true)?;
        drain_queue(cx, generator)?;
    }
    Ok(Value::UNDEFINED)
}

// 27.6.3.6 AsyncGeneratorResume ( generator, completion ), https://tc39.es/ecma262/#sec-asyncgeneratorresume
fn resume(cx: &mut Context, generator: Object, mode: ResumeMode, value: Value) -> Result<()> {
    if let Err(thrown) = cx.resume_frame(generator, value, mode) {
        // Not an error of the body (that rejects its promise): there was no room for the frame.
        let reason = caught(cx, thrown)?;
        complete(cx, generator, Err(reason))?;
    }
    Ok(())
}

/// The common part of the three methods.
fn request(cx: &mut Context, this: Value, mode: ResumeMode, value: Value) -> Result<Value> {
    let promise = new_pending(cx);
    // AsyncGeneratorValidate, https://tc39.es/ecma262/#sec-asyncgeneratorvalidate
    let generator = match this.as_object() {
        Some(object) if object.is(&cx.heap, Kind::AsyncGenerator) => object,
        _ => {
            let text = describe(cx, this);
            let error = cx.new_error(crate::context::ErrorKind::TypeError, &format!("{text} is not an async generator"));
            reject(cx, promise, error.value());
            return Ok(promise.value());
        }
    };
    // The body may collect when it is resumed from a job.
    let kept = cx.push_temporary(promise.value());
    cx.push_temporary(this);
    let outcome = request_checked(cx, generator, mode, value, promise);
    cx.pop_temporaries(kept);
    outcome?;
    Ok(promise.value())
}

fn request_checked(cx: &mut Context, generator: Object, mode: ResumeMode, value: Value, promise: Object) -> Result<()> {
    let mut current = state_of(cx, generator);
    if mode == ResumeMode::Throw && current == state::SUSPENDED_START {
        set_state(cx, generator, state::COMPLETED);
        current = state::COMPLETED;
    }
    if current == state::COMPLETED {
        match mode {
            ResumeMode::Next => {
                let result = cx.iterator_result(Value::UNDEFINED, true);
                return resolve(cx, promise, result);
            }
            ResumeMode::Throw => {
                reject(cx, promise, value);
                return Ok(());
            }
            ResumeMode::Return => {}
        }
    }
    enqueue(cx, generator, mode, value, promise);
    match current {
        state::SUSPENDED_START | state::COMPLETED if mode == ResumeMode::Return => {
            set_state(cx, generator, state::DRAINING_QUEUE);
            if await_return(cx, generator, value)? { Ok(()) } else { drain_queue(cx, generator) }
        }
        state::SUSPENDED_START | state::SUSPENDED_YIELD => resume(cx, generator, mode, value),
        _ => Ok(()),
    }
}

// 27.6.1.2 %AsyncGeneratorPrototype%.next ( value ), https://tc39.es/ecma262/#sec-asyncgenerator-prototype-next
pub(crate) fn next(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    request(cx, this, ResumeMode::Next, args.at(0))
}

// 27.6.1.3 %AsyncGeneratorPrototype%.return ( value ), https://tc39.es/ecma262/#sec-asyncgenerator-prototype-return
fn return_(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    request(cx, this, ResumeMode::Return, args.at(0))
}

// 27.6.1.4 %AsyncGeneratorPrototype%.throw ( exception ), https://tc39.es/ecma262/#sec-asyncgenerator-prototype-throw
fn throw(cx: &mut Context, this: Value, args: &Args<'_>) -> Result<Value> {
    request(cx, this, ResumeMode::Throw, args.at(0))
}
