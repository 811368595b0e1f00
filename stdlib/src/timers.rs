//! setTimeout and setInterval. <https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timers>
//!
//! The timers of an instance are records in the cage (embedder root `TIMERS`): 0 number, 1 handler, 2 arguments (an array), 3 interval in
//! ms, undefined, or null for the timer of tasks, 4 nesting level. The platform knows numbers and delays alone, and calls [`fire`].

use crate::platform::{try_platform, with_platform};
use crate::report;
use crate::webidl::prelude::*;

mod field {
    pub const NUMBER: u32 = 0;
    pub const HANDLER: u32 = 1;
    pub const ARGUMENTS: u32 = 2;
    pub const INTERVAL: u32 = 3;
    pub const NESTING: u32 = 4;
}

/// Deepest nesting without the minimum delay of 4 ms.
const FREE_NESTING: i32 = 5;
/// Delay of timers that are nested deeper.
const NESTED_DELAY_MS: f64 = 4.0;

/// First value of the list: the last number given out, then the nesting level of the timer that runs now.
const LAST_NUMBER: u32 = 0;
const CURRENT_NESTING: u32 = 1;
const FIRST: u32 = 2;

fn list(cx: &mut Context) -> Ref<Values> {
    match cx.embedder_root(roots::TIMERS).as_cell() {
        Some(list) => list,
        None => {
            let list = cx.heap.new_values_from(&[Value::ZERO, Value::ZERO]);
            cx.set_embedder_root(roots::TIMERS, Value::cell(list));
            list
        }
    }
}

fn find(cx: &mut Context, number: u32) -> Option<(u32, Ref<Values>)> {
    let list = list(cx);
    (FIRST..list.length(&cx.heap)).find_map(|at| {
        let record = list.get(&cx.heap, at).as_cell::<Values>()?;
        (record.get(&cx.heap, field::NUMBER) == Value::from(number)).then_some((at, record))
    })
}

fn forget(cx: &mut Context, at: u32) {
    let list = list(cx);
    let length = list.length(&cx.heap);
    for i in at..length - 1 {
        list.set(&cx.heap, i, list.get(&cx.heap, i + 1));
    }
    list.set(&cx.heap, length - 1, Value::HOLE);
    list.set_length(&cx.heap, length - 1);
}

// https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#timer-initialisation-steps
/// Starts a timer; its number. The platform refuses timers while an image is built.
pub fn start(cx: &mut Context, handler: Value, delay_ms: f64, repeat: bool, arguments: &[Value]) -> Result<u32> {
    let list = list(cx);
    let number = list.get(&cx.heap, LAST_NUMBER).as_int().unwrap_or(0) as u32 + 1;
    let nesting = list.get(&cx.heap, CURRENT_NESTING).as_int().unwrap_or(0) + 1;
    let delay = if nesting > FREE_NESTING { delay_ms.max(NESTED_DELAY_MS) } else { delay_ms };
    with_platform(cx, |platform| platform.set_timer(number, delay))?;
    let arguments = cx.new_array(arguments);
    let interval = if repeat { Value::number(delay_ms) } else { Value::UNDEFINED };
    let record = cx.heap.new_values_from(&[Value::from(number), handler, arguments.value(), interval, Value::int(nesting)]);
    list.set(&cx.heap, LAST_NUMBER, Value::from(number));
    let list = list.push(&cx.heap, Value::cell(record));
    cx.set_embedder_root(roots::TIMERS, Value::cell(list));
    Ok(number)
}

/// Has `handler` called as soon as the event loop gets to it: a timer that scripts can neither see nor clear, and that nests nowhere.
pub fn start_task(cx: &mut Context, handler: Value) -> Result<()> {
    let list = list(cx);
    let number = list.get(&cx.heap, LAST_NUMBER).as_int().unwrap_or(0) as u32 + 1;
    with_platform(cx, |platform| platform.set_timer(number, 0.0))?;
    let record = cx.heap.new_values_from(&[Value::from(number), handler, Value::UNDEFINED, Value::NULL, Value::ZERO]);
    list.set(&cx.heap, LAST_NUMBER, Value::from(number));
    let list = list.push(&cx.heap, Value::cell(record));
    cx.set_embedder_root(roots::TIMERS, Value::cell(list));
    Ok(())
}

/// Stops a timer; unknown numbers are no error.
pub fn stop(cx: &mut Context, number: u32) {
    if let Some((at, record)) = find(cx, number)
        && !record.get(&cx.heap, field::INTERVAL).is_null()
    {
        forget(cx, at);
        if let Some(platform) = try_platform(cx) {
            platform.clear_timer(number);
        }
    }
}

/// Whether timers are waiting.
pub fn any_waiting(cx: &mut Context) -> bool {
    list(cx).length(&cx.heap) > FIRST
}

/// What a timer that is due is to call.
#[derive(Clone, Debug)]
pub struct DueTimer {
    /// The timer's number, for [`finish`].
    pub number: u32,
    /// A function, or the text of a script.
    pub handler: Value,
    /// Arguments.
    pub arguments: Vec<Value>,
}

/// Begins a timer that is due: what to call. `None` when it was stopped meanwhile. [`finish`] must follow the call.
pub fn begin(cx: &mut Context, number: u32) -> Option<DueTimer> {
    let (at, record) = find(cx, number)?;
    let handler = record.get(&cx.heap, field::HANDLER);
    let arguments = match record.get(&cx.heap, field::ARGUMENTS).as_object() {
        Some(array) => (0..array.array_length(&cx.heap)).filter_map(|i| array.dense_element(&cx.heap, i)).collect(),
        None => Vec::new(),
    };
    let nesting = record.get(&cx.heap, field::NESTING);
    list(cx).set(&cx.heap, CURRENT_NESTING, nesting);
    if record.get(&cx.heap, field::INTERVAL).is_nullish() {
        forget(cx, at);
    }
    Some(DueTimer { number, handler, arguments })
}

/// Ends a timer's run: one that repeats is set anew.
pub fn finish(cx: &mut Context, number: u32) -> Result<()> {
    list(cx).set(&cx.heap, CURRENT_NESTING, Value::ZERO);
    let Some((_, record)) = find(cx, number) else { return Ok(()) };
    let Some(interval) = record.get(&cx.heap, field::INTERVAL).as_number() else { return Ok(()) };
    let nesting = record.get(&cx.heap, field::NESTING).as_int().unwrap_or(0).saturating_add(1);
    record.set(&cx.heap, field::NESTING, Value::int(nesting));
    let delay = if nesting > FREE_NESTING { interval.max(NESTED_DELAY_MS) } else { interval };
    with_platform(cx, |platform| platform.set_timer(number, delay))
}

/// Runs a timer that is due: exceptions are reported, the jobs that it left are not run. `Err` only when the instance is being stopped.
pub fn fire(cx: &mut Context, number: u32) -> Result<()> {
    let Some(timer) = begin(cx, number) else { return Ok(()) };
    let outcome = match timer.handler.as_string() {
        Some(source) => {
            let source = source.to_text(&cx.heap);
            if cx.eval_allowed() {
                cx.evaluate_script(&source, "timer")
            } else {
                Err(cx.throw_error(mayfly_engine::context::ErrorKind::EvalError, "Code generation from strings disallowed for this worker"))
            }
        }
        None => {
            let this = cx.global().value();
            cx.call_top(timer.handler, this, &timer.arguments)
        }
    };
    if let Err(thrown) = outcome {
        match cx.take_exception() {
            Some(exception) => report::report_exception(cx, exception)?,
            None => return Err(thrown),
        }
    }
    finish(cx, number)
}

/// Handler of a timer: a function, or anything else as the text of a script.
fn handler(cx: &mut Context, value: Value) -> Result<Value> {
    if cx.is_callable(value) { Ok(value) } else { Ok(cx.to_string(value)?.value()) }
}

/// Timers of the global scope.
#[namespace(global)]
impl TimerFunctions {
    // https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-settimeout
    #[method(
        ts = "<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number",
        ts = "(callback: string, delay?: number): number"
    )]
    fn set_timeout(cx: &mut Context, callback: Value, timeout: Optional<i32>, arguments: Rest<Value>) -> Result<u32> {
        let handler = handler(cx, callback)?;
        start(cx, handler, f64::from(timeout.unwrap_or(0).max(0)), false, &arguments)
    }

    // https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-setinterval
    #[method(
        ts = "<A extends any[]>(callback: (...args: A) => void, delay?: number, ...args: A): number",
        ts = "(callback: string, delay?: number): number"
    )]
    fn set_interval(cx: &mut Context, callback: Value, timeout: Optional<i32>, arguments: Rest<Value>) -> Result<u32> {
        let handler = handler(cx, callback)?;
        start(cx, handler, f64::from(timeout.unwrap_or(0).max(0)), true, &arguments)
    }

    // https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-cleartimeout
    #[method]
    fn clear_timeout(cx: &mut Context, number: Optional<i32>) -> Result<()> {
        stop(cx, number.unwrap_or(0) as u32);
        Ok(())
    }

    // https://html.spec.whatwg.org/multipage/timers-and-user-prompts.html#dom-clearinterval
    #[method]
    fn clear_interval(cx: &mut Context, number: Optional<i32>) -> Result<()> {
        stop(cx, number.unwrap_or(0) as u32);
        Ok(())
    }
}
