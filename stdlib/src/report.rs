//! Uncaught exceptions and unhandled rejections, and the microtask checkpoint that finds them.
//! <https://html.spec.whatwg.org/multipage/webappapis.html#runtime-script-errors>

use crate::event;
use crate::event_target;
use crate::inspect;
use crate::platform::try_platform;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::promise;
use mayfly_engine::realm::error::{self as engine_error, FramePosition};
use mayfly_engine::{Report, Termination};

/// Most promises that are remembered as reported, for `rejectionhandled`.
const REMEMBERED: u32 = 1000;

// https://html.spec.whatwg.org/multipage/webappapis.html#report-an-exception
/// Fires `error` at the global object; when no listener cancels it, the platform gets the report. `Err` only when the instance is being
/// stopped.
pub fn report_exception(cx: &mut Context, exception: Value) -> Result<()> {
    report_exception_at(cx, exception, None)
}

/// Where the running script is: its frame, if any script runs.
pub fn current_position(cx: &mut Context) -> Option<FramePosition> {
    let prototype = cx.intrinsic(Intrinsic::ErrorPrototype);
    let error = engine_error::create(cx, prototype, None);
    engine_error::frames(cx, error).into_iter().find(|frame| frame.line > 0)
}

/// [`report_exception`] with a position for exceptions that carry none.
pub fn report_exception_at(cx: &mut Context, exception: Value, here: Option<FramePosition>) -> Result<()> {
    let global = cx.global();
    let busy = cx.embedder_root(roots::REPORTING) == Value::TRUE;
    if !busy && event_target::has_listener(cx, global, "error") {
        cx.set_embedder_root(roots::REPORTING, Value::TRUE);
        let message = format!("Uncaught {}", inspect::error_header(cx, exception));
        let frames = exception.as_object().map_or_else(Vec::new, |error| engine_error::frames(cx, error));
        let (file, line, column) =
            frames.first().or(here.as_ref()).map_or((String::new(), 0, 0), |frame| (frame.file.clone(), frame.line, frame.column));
        let error_event = event::create_error_event(cx, &message, &file, line, column, exception);
        let outcome = event_target::dispatch(cx, global, error_event);
        cx.set_embedder_root(roots::REPORTING, Value::FALSE);
        if !outcome? {
            return Ok(());
        }
    }
    tell_platform(cx, "Uncaught ", exception);
    Ok(())
}

fn tell_platform(cx: &mut Context, prefix: &str, value: Value) {
    let describer = try_platform(cx).and_then(|platform| platform.describer());
    let description = match describer {
        Some(describe) => describe(cx, value),
        None => inspect::inspect(cx, value),
    };
    let text = format!("{prefix}{description}");
    if let Some(platform) = try_platform(cx) {
        platform.uncaught(&text);
    }
}

/// Runs microtasks until none is left, then reports rejections that nobody handles; and so on, as listeners may make new microtasks.
/// `Err` only when the instance is being stopped. <https://html.spec.whatwg.org/multipage/webappapis.html#perform-a-microtask-checkpoint>
pub fn checkpoint(cx: &mut Context) -> Result<()> {
    loop {
        cx.run_jobs()?;
        notify_rejections(cx)?;
        if !cx.has_jobs() {
            return Ok(());
        }
    }
}

// https://html.spec.whatwg.org/multipage/webappapis.html#notify-about-rejected-promises
/// Reports what the engine gathered since the last call: to be called when no microtask is left.
pub fn notify_rejections(cx: &mut Context) -> Result<()> {
    for report in cx.take_reports() {
        match report {
            Report::Error(error) => report_exception(cx, error)?,
            Report::Rejected(rejected) => {
                let (_, reason) = promise::state(cx, rejected);
                if fire(cx, "unhandledrejection", true, rejected, reason)? {
                    tell_platform(cx, "Uncaught (in promise) ", reason);
                }
                remember(cx, rejected);
            }
            Report::Handled(handled) => {
                if forget(cx, handled) {
                    let (_, reason) = promise::state(cx, handled);
                    fire(cx, "rejectionhandled", false, handled, reason)?;
                }
            }
        }
    }
    Ok(())
}

fn fire(cx: &mut Context, event_type: &str, cancelable: bool, promise: Object, reason: Value) -> Result<bool> {
    let global = cx.global();
    if !event_target::has_listener(cx, global, event_type) {
        return Ok(true);
    }
    let rejection = event::create_rejection_event(cx, event_type, cancelable, promise, reason);
    event_target::dispatch(cx, global, rejection)
}

/// The outstanding rejected promises. <https://html.spec.whatwg.org/multipage/webappapis.html#outstanding-rejected-promises-weak-set>
fn outstanding(cx: &mut Context) -> Ref<Values> {
    cx.embedder_root(roots::REJECTIONS).as_cell().unwrap_or_else(|| cx.heap.new_values(4))
}

fn remember(cx: &mut Context, promise: Object) {
    let list = outstanding(cx);
    if list.length(&cx.heap) < REMEMBERED {
        let list = list.push(&cx.heap, promise.value());
        cx.set_embedder_root(roots::REJECTIONS, Value::cell(list));
    }
}

fn forget(cx: &mut Context, promise: Object) -> bool {
    let list = outstanding(cx);
    let found = (0..list.length(&cx.heap)).find(|&i| list.get(&cx.heap, i) == promise.value());
    if let Some(at) = found {
        list.set(&cx.heap, at, Value::HOLE);
    }
    found.is_some()
}

/// What became of a run that the host started: its value, or its exception reported. `Err` tells why the instance was stopped.
pub fn settle_run(cx: &mut Context, outcome: Result<Value>) -> std::result::Result<Option<Value>, Termination> {
    let stopped = |cx: &Context| cx.termination().unwrap_or(Termination::Host);
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(_) => match cx.take_exception() {
            Some(exception) => match report_exception(cx, exception) {
                Ok(()) => Ok(None),
                Err(_) => Err(stopped(cx)),
            },
            None => Err(stopped(cx)),
        },
    }
}
