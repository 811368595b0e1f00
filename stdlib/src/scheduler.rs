//! `scheduler`: `wait`, `postTask`, `yield`. <https://wicg.github.io/scheduling-apis/>
//!
//! Tasks that may run lie in slot 1 of the scheduler: a list of records of priority, kind, callback, promise, signal. Each of them has a
//! task of the event loop; the task that runs takes the first record of the highest priority. Signals are AbortSignals: priorities do not
//! change.

use crate::abort::{self, AbortSignal};
use crate::streams::support::{Slots, caught};
use crate::webidl::prelude::*;
use crate::{tasks, timers};
use mayfly_engine::builtins::promise;
use mayfly_engine::native;
use mayfly_engine::native::{ClassSpec, table};

const READY: u32 = 1;

/// The class tables of this file.
pub const CLASSES: &[ClassEntry] = &[Scheduler::ENTRY, SchedulerAttribute::ENTRY, ClassEntry::hidden(&TASKS)];

static TASKS: ClassSpec = crate::streams::hidden_natives(
    "scheduler tasks",
    &[table::hidden("", 0, native!(run_next)), table::hidden("", 0, native!(delay_over)), table::hidden("", 0, native!(aborted))],
);

/// Values of a task's record.
mod field {
    pub const PRIORITY: u32 = 0;
    pub const CALLBACK: u32 = 1;
    pub const PROMISE: u32 = 2;
    pub const SIGNAL: u32 = 3;
    /// The function that aborts it.
    pub const ALGORITHM: u32 = 4;
    /// Number of the timer of a delay.
    pub const TIMER: u32 = 5;
    /// Done or aborted.
    pub const DONE: u32 = 6;
    pub const COUNT: u32 = 7;
}

/// TaskPriority. <https://wicg.github.io/scheduling-apis/#enumdef-taskpriority>
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
enum TaskPriority {
    UserBlocking,
    UserVisible,
    Background,
}

impl TaskPriority {
    /// Lower runs first; what comes after `yield` runs before tasks of the same priority.
    fn rank(self, is_continuation: bool) -> i32 {
        let level = match self {
            TaskPriority::UserBlocking => 0,
            TaskPriority::UserVisible => 2,
            TaskPriority::Background => 4,
        };
        if is_continuation { level } else { level + 1 }
    }
}

/// SchedulerPostTaskOptions
#[derive(Dictionary)]
struct SchedulerPostTaskOptions {
    #[idl(default = EnforceRange(0))]
    delay: EnforceRange<u64>,
    priority: Optional<TaskPriority>,
    signal: Optional<Instance<AbortSignal>>,
}

/// Options of `wait`.
#[derive(Dictionary)]
struct SchedulerWaitOptions {
    signal: Optional<Instance<AbortSignal>>,
}

/// Gives work its turn.
#[interface(name = "Scheduler", class = class::SCHEDULER, uses = [SchedulerPostTaskOptions])]
impl Scheduler {
    // https://wicg.github.io/scheduling-apis/#dom-scheduler-posttask
    #[promise_method(ts = "<T>(callback: () => T | PromiseLike<T>, options?: SchedulerPostTaskOptions): Promise<T>")]
    fn post_task(cx: &mut Context, _this: Object, callback: Callback, options: SchedulerPostTaskOptions) -> Result<Object> {
        let rank = options.priority.unwrap_or(TaskPriority::UserVisible).rank(false);
        let signal = options.signal.as_ref().map(|signal| signal.object);
        schedule(cx, callback.value(), rank, signal, options.delay.0 as f64)
    }

    // https://wicg.github.io/scheduling-apis/#dom-scheduler-yield
    #[promise_method(ts = "void")]
    fn yield_(cx: &mut Context, _this: Object) -> Result<Object> {
        schedule(cx, Value::UNDEFINED, TaskPriority::UserVisible.rank(true), None, 0.0)
    }

    /// A promise that is fulfilled after a time, or rejected when the signal is aborted before.
    /// <https://developers.cloudflare.com/workers/runtime-apis/web-standards/#scheduler>
    #[promise_method(ts = "void")]
    fn wait(cx: &mut Context, _this: Object, delay: f64, options: SchedulerWaitOptions) -> Result<Object> {
        let signal = options.signal.as_ref().map(|signal| signal.object);
        schedule(cx, Value::UNDEFINED, TaskPriority::UserVisible.rank(true), signal, delay.max(0.0))
    }
}

/// `scheduler` of the global object.
#[namespace(global)]
impl SchedulerAttribute {
    // https://wicg.github.io/scheduling-apis/#dom-windoworworkerglobalscope-scheduler
    #[getter(replaceable, ts = "Scheduler")]
    fn scheduler(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::SCHEDULER))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let scheduler = new_instance::<Scheduler>(cx);
    cx.set_embedder_root(roots::SCHEDULER, scheduler.value());
}

// https://wicg.github.io/scheduling-apis/#schedule-a-posttask-task
fn schedule(cx: &mut Context, callback: Value, rank: i32, signal: Option<Object>, delay_ms: f64) -> Result<Object> {
    let promise = promise::new_pending(cx);
    if let Some(signal) = signal.filter(|signal| abort::is_aborted(cx, *signal)) {
        let reason = abort::reason(cx, signal);
        promise::reject(cx, promise, reason);
        return Ok(promise);
    }
    let task = crate::streams::support::record(cx, field::COUNT);
    task.put(cx, field::PRIORITY, rank);
    task.put(cx, field::CALLBACK, callback);
    task.put(cx, field::PROMISE, promise);
    if let Some(signal) = signal {
        let algorithm = cx.new_native_with_slots(aborted, &[Value::cell(task)]);
        task.put(cx, field::SIGNAL, signal);
        task.put(cx, field::ALGORITHM, algorithm);
        abort::add_algorithm(cx, signal, algorithm);
    }
    if delay_ms > 0.0 {
        let due = cx.new_native_with_slots(delay_over, &[Value::cell(task)]);
        let timer = timers::start(cx, due.value(), delay_ms, false, &[])?;
        task.put(cx, field::TIMER, Value::from(timer));
    } else {
        make_ready(cx, task)?;
    }
    Ok(promise)
}

/// A task may run: it takes its place among those that may.
fn make_ready(cx: &mut Context, task: Ref<Values>) -> Result<()> {
    tasks::queue(cx, run_next, &[])?;
    let Some(scheduler) = cx.embedder_root(roots::SCHEDULER).as_object() else { return Ok(()) };
    let list = scheduler.at(cx, READY).as_cell().unwrap_or_else(|| cx.heap.new_values(4));
    let list = list.push(&cx.heap, Value::cell(task));
    scheduler.put(cx, READY, Value::cell(list));
    Ok(())
}

/// Takes the first of the tasks with the highest priority.
fn take_ready(cx: &mut Context) -> Option<Ref<Values>> {
    let scheduler = cx.embedder_root(roots::SCHEDULER).as_object()?;
    let list = scheduler.at(cx, READY).as_cell::<Values>()?;
    let length = list.length(&cx.heap);
    let rank = |at: u32| list.at(cx, at).as_cell::<Values>().map_or(i32::MAX, |task| task.int(cx, field::PRIORITY));
    let first = (0..length).min_by_key(|&at| (rank(at), at))?;
    let task = list.at(cx, first).as_cell();
    for at in first + 1..length {
        list.put(cx, at - 1, list.at(cx, at));
    }
    list.put(cx, length - 1, Value::UNDEFINED);
    list.set_length(&cx.heap, length - 1);
    task
}

fn run_next(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let Some(task) = take_ready(cx) else { return Ok(Value::UNDEFINED) };
    if task.flag(cx, field::DONE) {
        return Ok(Value::UNDEFINED);
    }
    finish(cx, task);
    let (callback, Some(promise)) = (task.at(cx, field::CALLBACK), task.object(cx, field::PROMISE)) else {
        return Ok(Value::UNDEFINED);
    };
    if callback.is_undefined() {
        promise::resolve(cx, promise, Value::UNDEFINED)?;
        return Ok(Value::UNDEFINED);
    }
    let kept = cx.push_temporary(promise.value());
    let outcome = cx.call_collecting(callback, Value::UNDEFINED, &[]);
    cx.pop_temporaries(kept);
    match outcome {
        Ok(value) => promise::resolve(cx, promise, value)?,
        Err(thrown) => {
            let error = caught(cx, thrown)?;
            promise::reject(cx, promise, error);
        }
    }
    Ok(Value::UNDEFINED)
}

/// Nothing can abort the task any more.
fn finish(cx: &mut Context, task: Ref<Values>) {
    task.put(cx, field::DONE, true);
    if let (Some(signal), Some(algorithm)) = (task.object(cx, field::SIGNAL), task.object(cx, field::ALGORITHM)) {
        abort::remove_algorithm(cx, signal, algorithm);
    }
}

fn delay_over(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    if let Some(task) = cx.native_slot(args.callee, 0).as_cell::<Values>() {
        make_ready(cx, task)?;
    }
    Ok(Value::UNDEFINED)
}

/// The abort algorithm of a task.
fn aborted(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let Some(task) = cx.native_slot(args.callee, 0).as_cell::<Values>() else { return Ok(Value::UNDEFINED) };
    if task.flag(cx, field::DONE) {
        return Ok(Value::UNDEFINED);
    }
    task.put(cx, field::DONE, true);
    if let Some(timer) = task.at(cx, field::TIMER).as_number() {
        timers::stop(cx, timer as u32);
    }
    if let (Some(promise), Some(signal)) = (task.object(cx, field::PROMISE), task.object(cx, field::SIGNAL)) {
        let reason = abort::reason(cx, signal);
        promise::reject(cx, promise, reason);
    }
    Ok(Value::UNDEFINED)
}
