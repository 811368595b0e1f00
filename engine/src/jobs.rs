//! The queue of jobs. <https://tc39.es/ecma262/#sec-jobs>
//!
//! Jobs lie one after the other in one Values cell of the cage: a header (kind, number of values) and the values. Reaction jobs of promises
//! are stored as their parts, so that no function object is made for them. The first job begins at `Root::JobsHead`.

use crate::builtins::promise::{self, Capability};
use crate::builtins::{receiver, weak_ref};
use crate::context::Context;
use crate::heap::{Ref, Root, Values};
use crate::native::{Args, NativeId, Result};
use crate::object::Object;
use crate::value::Value;

/// Most values of one job.
pub(crate) const MOST_VALUES: usize = 6;
const SMALLEST: u32 = 64;
/// Fuel that a job costs before it runs anything.
const JOB_FUEL: u64 = 4;

/// Kinds of jobs, the low bits of a header.
mod kind {
    /// Values: native index, then arguments.
    pub const NATIVE: u32 = 0;
    /// Values: handler, argument, capability. The promise was fulfilled.
    pub const FULFILLED: u32 = 1;
    /// The same; the promise was rejected.
    pub const REJECTED: u32 = 2;
    /// Values: promise, thenable, its `then`.
    pub const THENABLE: u32 = 3;
}

/// What [`Context::run_jobs`] left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunState {
    /// The queue is empty.
    Empty,
    /// Jobs are waiting: the limit on their number was reached.
    More,
}

fn enqueue(cx: &mut Context, kind: u32, values: &[Value]) {
    let heap = &cx.heap;
    let needed = 1 + values.len() as u32;
    let mut queue = heap.root(Root::Jobs).as_cell::<Values>().unwrap_or_else(|| {
        let queue = heap.new_values(SMALLEST);
        heap.set_root(Root::Jobs, Value::cell(queue));
        heap.set_root_raw(Root::JobsHead, 0);
        queue
    });
    let mut length = queue.length(heap);
    if length + needed > queue.capacity(heap) {
        let head = heap.root_raw(Root::JobsHead);
        let live = length - head;
        // Jobs that have run leave room in front; the queue is moved there when that is at least half of it.
        let target = if live + needed <= queue.capacity(heap) / 2 { queue } else { heap.new_values((2 * (live + needed)).max(SMALLEST)) };
        for i in 0..live {
            target.set(heap, i, queue.get(heap, head + i));
        }
        if target == queue {
            for i in live.max(head)..length {
                queue.set(heap, i, Value::HOLE);
            }
        }
        queue = target;
        length = live;
        heap.set_root(Root::Jobs, Value::cell(queue));
        heap.set_root_raw(Root::JobsHead, 0);
    }
    queue.set(heap, length, Value::int((kind | (values.len() as u32) << 4) as i32));
    for (i, value) in values.iter().enumerate() {
        queue.set(heap, length + 1 + i as u32, *value);
    }
    queue.set_length(heap, length + needed);
}

/// NewPromiseReactionJob and HostEnqueuePromiseJob. `handler` is a stored reaction handler of the promise module.
pub(crate) fn enqueue_reaction(cx: &mut Context, rejected: bool, handler: Value, argument: Value, capability: Value) {
    enqueue(cx, if rejected { kind::REJECTED } else { kind::FULFILLED }, &[handler, argument, capability]);
}

/// NewPromiseResolveThenableJob and HostEnqueuePromiseJob.
pub(crate) fn enqueue_thenable(cx: &mut Context, promise: Object, thenable: Object, then: Object) {
    enqueue(cx, kind::THENABLE, &[promise.value(), thenable.value(), then.value()]);
}

/// Enqueues cleanup jobs of the finalization registries that a collection found to have dead targets.
pub fn enqueue_finalizers(cx: &mut Context, registries: &[Value]) {
    for registry in registries {
        cx.enqueue_job(crate::builtins::finalization::cleanup_job, &[*registry]);
    }
}

/// The values of a job.
pub(crate) type JobValues = [Value; MOST_VALUES + 1];

/// Whether a job of this kind runs a promise's reaction.
pub(crate) fn is_reaction(kind: u32) -> bool {
    matches!(kind, kind::FULFILLED | kind::REJECTED)
}

/// Whether it runs the reaction to a rejection.
pub(crate) fn is_rejection(kind: u32) -> bool {
    kind == kind::REJECTED
}

/// Takes the first job: kind and number of values.
pub(crate) fn dequeue(cx: &mut Context, values: &mut JobValues) -> Option<(u32, usize)> {
    let heap = &cx.heap;
    let queue: Ref<Values> = heap.root(Root::Jobs).as_cell()?;
    let head = heap.root_raw(Root::JobsHead);
    let length = queue.length(heap);
    if head >= length {
        return None;
    }
    let header = queue.get(heap, head).as_int().unwrap_or(0) as u32;
    let count = ((header >> 4) as usize).min(values.len());
    queue.set(heap, head, Value::HOLE);
    for (i, value) in values.iter_mut().enumerate().take(count) {
        *value = queue.get(heap, head + 1 + i as u32);
        queue.set(heap, head + 1 + i as u32, Value::HOLE);
    }
    let next = head + 1 + count as u32;
    if next >= length {
        queue.set_length(heap, 0);
        heap.set_root_raw(Root::JobsHead, 0);
    } else {
        heap.set_root_raw(Root::JobsHead, next);
    }
    Some((header & 15, count))
}

/// Runs a job that was dequeued.
pub(crate) fn run(cx: &mut Context, kind: u32, values: &JobValues, count: usize) -> Result<()> {
    // A job may have no loop and no call that spends fuel, and yet enqueue another for ever.
    cx.spend_fuel(JOB_FUEL)?;
    let outcome = match kind {
        kind::NATIVE => {
            let function = values[0].as_int().and_then(|index| cx.natives.function(index as u32));
            match function {
                Some(function) => {
                    let arguments = Args::new(values.get(1..count).unwrap_or(&[]), Value::UNDEFINED, Value::UNDEFINED);
                    function(cx, Value::UNDEFINED, &arguments).map(|_| ())
                }
                None => Ok(()),
            }
        }
        kind::THENABLE => match (values[0].as_object(), values[1].as_object(), values[2].as_object()) {
            (Some(promise), Some(thenable), Some(then)) => promise::resolve_thenable_job(cx, promise, thenable, then),
            _ => Ok(()),
        },
        _ => promise::reaction_job(cx, kind == kind::REJECTED, values[0], values[1], Capability::from_value(&cx.heap, values[2])),
    };
    if let Err(thrown) = outcome {
        let error = receiver::caught(cx, thrown)?;
        crate::reports::report_error(cx, error);
    }
    weak_ref::clear_kept_objects(cx);
    Ok(())
}

impl Context {
    /// Enqueues a call of a native (one of the table; `hidden` members serve this) with at most six arguments.
    pub fn enqueue_job(&mut self, function: impl Into<NativeId>, arguments: &[Value]) {
        debug_assert!(arguments.len() <= MOST_VALUES);
        let index = self.natives.index_of(function.into());
        let mut values = [Value::UNDEFINED; MOST_VALUES + 1];
        values[0] = Value::int(index as i32);
        let count = arguments.len().min(MOST_VALUES);
        values[1..=count].copy_from_slice(&arguments[..count]);
        enqueue(self, kind::NATIVE, &values[..=count]);
    }

    /// Whether jobs are waiting.
    pub fn has_jobs(&self) -> bool {
        self.heap.root(Root::Jobs).as_cell::<Values>().is_some_and(|queue| self.heap.root_raw(Root::JobsHead) < queue.length(&self.heap))
    }

    /// Runs the first job; whether there was one. An error of a job goes to the host; `Err` means that the instance is being stopped.
    pub fn run_one_job(&mut self) -> Result<bool> {
        let mut values = [Value::UNDEFINED; MOST_VALUES + 1];
        let Some((kind, count)) = dequeue(self, &mut values) else { return Ok(false) };
        run(self, kind, &values, count)?;
        Ok(true)
    }

    /// Runs jobs until none is left. `Err` means that the instance is being stopped. Calling it again goes on where it stopped.
    pub fn run_jobs(&mut self) -> Result<RunState> {
        self.run_jobs_up_to(u64::MAX)
    }

    /// Runs at most `most` jobs.
    pub fn run_jobs_up_to(&mut self, most: u64) -> Result<RunState> {
        self.enter(|cx| cx.run_jobs_entered(most))
    }

    fn run_jobs_entered(&mut self, most: u64) -> Result<RunState> {
        for _ in 0..most {
            if !self.run_one_job()? {
                return Ok(RunState::Empty);
            }
            self.collect_between_jobs()?;
        }
        Ok(if self.has_jobs() { RunState::More } else { RunState::Empty })
    }
}
