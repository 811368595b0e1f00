//! AbortController and AbortSignal. <https://dom.spec.whatwg.org/#interface-abortcontroller>
//!
//! Internal slots of a signal: 1 listeners (EventTarget), 2 abort reason (undefined while not aborted), 3 abort algorithms (a list of
//! function objects, holes where removed), 4 source signals, 5 dependent signals, 6 whether it is dependent. Of a controller: 1 the signal.

use crate::dom_exception;
use crate::event::{Event, EventInit};
use crate::event_target::{self, EventTarget};
use crate::timers;
use crate::webidl::prelude::*;

const REASON: u32 = 2;
const ALGORITHMS: u32 = 3;
const SOURCES: u32 = 4;
const DEPENDENTS: u32 = 5;
const DEPENDENT: u32 = 6;

/// Aborts what listens to its signal.
#[interface(name = "AbortController", class = class::ABORT_CONTROLLER)]
impl AbortController {
    // https://dom.spec.whatwg.org/#dom-abortcontroller-abortcontroller
    #[constructor]
    fn new(cx: &mut Context, this: Object) -> Result<()> {
        let signal = new_signal(cx);
        this.set_internal(&cx.heap, 1, signal.value());
        Ok(())
    }

    #[getter(ts = "AbortSignal")]
    fn signal(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(this.internal(&cx.heap, 1))
    }

    // https://dom.spec.whatwg.org/#dom-abortcontroller-abort
    #[method]
    fn abort(cx: &mut Context, this: Object, reason: Optional<Value>) -> Result<()> {
        match this.internal(&cx.heap, 1).as_object() {
            Some(signal) => signal_abort(cx, signal, reason.unwrap_or(Value::UNDEFINED)),
            None => Ok(()),
        }
    }
}

/// Says whether, and why, something is to stop.
#[interface(name = "AbortSignal", class = class::ABORT_SIGNAL, parent = EventTarget, events = "abort: Event")]
impl AbortSignal {
    // https://dom.spec.whatwg.org/#dom-abortsignal-abort
    #[static_method(ts = "AbortSignal")]
    fn abort(cx: &mut Context, reason: Optional<Value>) -> Result<Object> {
        let signal = new_signal(cx);
        let reason = given_or_abort_error(cx, reason.unwrap_or(Value::UNDEFINED));
        set_reason(cx, signal, reason);
        Ok(signal)
    }

    // https://dom.spec.whatwg.org/#dom-abortsignal-timeout
    #[static_method(ts = "AbortSignal")]
    fn timeout(cx: &mut Context, milliseconds: EnforceRange<u64>) -> Result<Object> {
        let signal = new_signal(cx);
        let expired = cx.new_native_with_slots(AbortSignal::time_out, &[signal.value()]);
        timers::start(cx, expired.value(), milliseconds.0 as f64, false, &[])?;
        Ok(signal)
    }

    #[hidden]
    fn time_out(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
        if let Some(signal) = cx.native_slot(args.callee, 0).as_object() {
            let error = dom_exception::create(cx, "TimeoutError", "The operation was aborted due to timeout");
            signal_abort(cx, signal, error.value())?;
        }
        Ok(Value::UNDEFINED)
    }

    // https://dom.spec.whatwg.org/#dom-abortsignal-any
    #[static_method(ts = "AbortSignal")]
    fn any(cx: &mut Context, signals: Vec<Instance<AbortSignal>>) -> Result<Object> {
        let signals: Vec<Object> = signals.into_iter().map(|signal| signal.object).collect();
        Ok(create_dependent_signal(cx, &signals))
    }

    #[getter]
    fn aborted(cx: &mut Context, this: Object) -> Result<bool> {
        Ok(is_aborted(cx, this))
    }

    #[getter]
    fn reason(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(reason(cx, this))
    }

    // https://dom.spec.whatwg.org/#dom-abortsignal-throwifaborted
    #[method]
    fn throw_if_aborted(cx: &mut Context, this: Object) -> Result<()> {
        if is_aborted(cx, this) {
            let reason = reason(cx, this);
            return Err(cx.throw(reason));
        }
        Ok(())
    }

    #[getter(name = "onabort")]
    fn onabort(cx: &mut Context, this: Object) -> Result<Value> {
        Ok(event_target::handler(cx, this, "abort"))
    }

    #[setter(name = "onabort")]
    fn set_onabort(cx: &mut Context, this: Object, value: Value) -> Result<()> {
        event_target::set_handler(cx, this, "abort", value);
        Ok(())
    }
}

/// A new signal that nothing has aborted.
pub fn new_signal(cx: &mut Context) -> Object {
    let signal = new_instance::<AbortSignal>(cx);
    signal.set_internal(&cx.heap, REASON, Value::UNDEFINED);
    signal.set_internal(&cx.heap, DEPENDENT, Value::FALSE);
    signal
}

/// Whether the signal is aborted.
pub fn is_aborted(cx: &Context, signal: Object) -> bool {
    !signal.internal(&cx.heap, REASON).is_undefined()
}

/// Its abort reason, undefined while it is not aborted.
pub fn reason(cx: &Context, signal: Object) -> Value {
    signal.internal(&cx.heap, REASON)
}

fn set_reason(cx: &Context, signal: Object, reason: Value) {
    signal.set_internal(&cx.heap, REASON, reason);
}

fn given_or_abort_error(cx: &mut Context, reason: Value) -> Value {
    if reason.is_undefined() { dom_exception::create(cx, "AbortError", "This operation was aborted").value() } else { reason }
}

fn values(cx: &Context, signal: Object, slot: u32) -> Vec<Value> {
    let Some(list) = signal.internal(&cx.heap, slot).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).map(|i| list.get(&cx.heap, i)).filter(|value| !value.is_hole()).collect()
}

fn push(cx: &Context, signal: Object, slot: u32, value: Value) {
    let heap = &cx.heap;
    let list = signal.internal(heap, slot).as_cell::<Values>().unwrap_or_else(|| heap.new_values(4));
    signal.set_internal(heap, slot, Value::cell(list.push(heap, value)));
}

// https://dom.spec.whatwg.org/#abortsignal-add
/// Adds a function that runs when the signal is aborted, before the event. Nothing happens when it is aborted already.
pub fn add_algorithm(cx: &mut Context, signal: Object, algorithm: Object) {
    if !is_aborted(cx, signal) {
        push(cx, signal, ALGORITHMS, algorithm.value());
    }
}

// https://dom.spec.whatwg.org/#abortsignal-remove
/// Removes it again.
pub fn remove_algorithm(cx: &mut Context, signal: Object, algorithm: Object) {
    let kept: Vec<Value> = values(cx, signal, ALGORITHMS).into_iter().filter(|known| *known != algorithm.value()).collect();
    let list = if kept.is_empty() { Value::UNDEFINED } else { Value::cell(cx.heap.new_values_from(&kept)) };
    signal.set_internal(&cx.heap, ALGORITHMS, list);
}

// https://dom.spec.whatwg.org/#abortsignal-signal-abort
/// Aborts a signal and those that depend on it. Without a reason (undefined) it is an AbortError.
pub fn signal_abort(cx: &mut Context, signal: Object, reason: Value) -> Result<()> {
    if is_aborted(cx, signal) {
        return Ok(());
    }
    let reason = given_or_abort_error(cx, reason);
    set_reason(cx, signal, reason);
    let mut to_abort = Vec::new();
    for dependent in values(cx, signal, DEPENDENTS).into_iter().filter_map(Value::as_object) {
        if !is_aborted(cx, dependent) {
            set_reason(cx, dependent, reason);
            to_abort.push(dependent);
        }
    }
    run_abort_steps(cx, signal)?;
    for dependent in to_abort {
        run_abort_steps(cx, dependent)?;
    }
    Ok(())
}

// https://dom.spec.whatwg.org/#run-the-abort-steps
fn run_abort_steps(cx: &mut Context, signal: Object) -> Result<()> {
    let algorithms = values(cx, signal, ALGORITHMS);
    let reason = reason(cx, signal);
    for algorithm in algorithms {
        if let Err(thrown) = cx.call(algorithm, signal.value(), &[reason]) {
            match cx.take_exception() {
                Some(exception) => crate::report::report_exception(cx, exception)?,
                None => return Err(thrown),
            }
        }
    }
    signal.set_internal(&cx.heap, ALGORITHMS, Value::UNDEFINED);
    event_target::fire::<Event>(cx, signal, "abort", EventInit::default())?;
    Ok(())
}

// https://dom.spec.whatwg.org/#create-a-dependent-abort-signal
/// A signal that is aborted as soon as one of these is.
pub fn create_dependent_signal(cx: &mut Context, signals: &[Object]) -> Object {
    let result = new_signal(cx);
    if let Some(aborted) = signals.iter().find(|signal| is_aborted(cx, **signal)) {
        let reason = reason(cx, *aborted);
        set_reason(cx, result, reason);
        return result;
    }
    result.set_internal(&cx.heap, DEPENDENT, Value::TRUE);
    let link = |cx: &mut Context, source: Object| {
        if !values(cx, result, SOURCES).contains(&source.value()) {
            push(cx, result, SOURCES, source.value());
            push(cx, source, DEPENDENTS, result.value());
        }
    };
    for signal in signals {
        if signal.internal(&cx.heap, DEPENDENT) == Value::TRUE {
            for source in values(cx, *signal, SOURCES).into_iter().filter_map(Value::as_object) {
                link(cx, source);
            }
        } else {
            link(cx, *signal);
        }
    }
    result
}
