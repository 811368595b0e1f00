//! Jobs that can be suspended: an async function that computes for long after an await gives the core back like any other run.
//!
//! [`Context::start_job`] runs the first job. Where that is the continuation of an async function, or a promise handler that is a closure,
//! the run has no native frame below it and may be suspended at the end of a quantum; [`Context::resume_job`] goes on. Other jobs run to
//! their end as [`Context::run_one_job`] does.

use crate::builtins::promise::Capability;
use crate::builtins::{receiver, weak_ref};
use crate::context::Context;
use crate::heap::{Kind, STACK_START};
use crate::interpreter::{ResumeMode, RunState};
use crate::jobs;
use crate::native::Result;
use crate::value::Value;

/// Fuel of a job beside that of the code it runs: what the queue, the promises and the start cost, in loop iterations. Without it a chain of
/// tiny jobs would spend a quantum's fuel in tens of milliseconds.
const JOB_FUEL: u64 = 50;

/// What became of a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum JobState {
    /// There was none.
    Empty,
    /// It ran to its end.
    Done,
    /// The quantum ended: [`Context::resume_job`] goes on.
    Suspended,
}

impl Context {
    /// Runs the first job until its end or the end of the quantum. Only from the host, with nothing running or suspended. `Err` means that
    /// the instance is being stopped.
    pub fn start_job(&mut self) -> Result<JobState> {
        debug_assert_eq!(self.machine.depth, 0);
        self.enter(|cx| {
            let mut values = [Value::UNDEFINED; jobs::MOST_VALUES + 1];
            let Some((kind, count)) = jobs::dequeue(cx, &mut values) else { return Ok(JobState::Empty) };
            cx.spend_fuel(JOB_FUEL)?;
            let handler = values[0].as_object().filter(|_| jobs::is_reaction(kind));
            let capability = Capability::from_value(&cx.heap, values[2]);
            let rejected = jobs::is_rejection(kind);
            let outcome = match handler {
                Some(frame) if !frame.is_callable(&cx.heap) => {
                    cx.machine.top = STACK_START;
                    let mode = if rejected { ResumeMode::Throw } else { ResumeMode::Next };
                    cx.lay_awaiting(frame, values[1], mode).and_then(|()| cx.run_suspendable())
                }
                Some(function) if function.is(&cx.heap, Kind::Closure) => {
                    // The promise is no root otherwise while the handler runs.
                    cx.push_temporary(values[2]);
                    cx.start(function.value(), Value::UNDEFINED, &[values[1]])
                }
                _ => {
                    jobs::run(cx, kind, &values, count)?;
                    return Ok(JobState::Done);
                }
            };
            cx.end_job(outcome, capability)
        })
    }

    /// Goes on with a job that was suspended.
    pub fn resume_job(&mut self) -> Result<JobState> {
        self.enter(|cx| {
            let capability = cx.temporaries.first().map_or(Capability::None, |value| Capability::from_value(&cx.heap, *value));
            let outcome = cx.run_suspendable();
            cx.end_job(outcome, capability)
        })
    }

    /// The job's run ended or was suspended: its result goes to the capability.
    fn end_job(&mut self, outcome: Result<RunState>, capability: Capability) -> Result<JobState> {
        let settled = match outcome {
            Ok(RunState::Suspended) => return Ok(JobState::Suspended),
            Ok(RunState::Done(value)) => capability.resolve(self, value),
            Err(thrown) => {
                let reason = receiver::caught(self, thrown)?;
                match capability {
                    Capability::None => Err(self.throw(reason)),
                    capability => capability.reject(self, reason),
                }
            }
        };
        self.pop_temporaries(0);
        if let Err(thrown) = settled {
            let error = receiver::caught(self, thrown)?;
            crate::reports::report_error(self, error);
        }
        weak_ref::clear_kept_objects(self);
        Ok(JobState::Done)
    }
}
