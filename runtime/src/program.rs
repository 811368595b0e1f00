//! Scripts and modules run from the command line: one context, no limits but memory, an event loop that ends when nothing is left to do.

use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::heap::Kind;
use mayfly_engine::{Context, Image, ImageError, Termination, Value};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::{inspect, timers};

use crate::image::{BuildError, base_image, context_options, random_hash_key};
use crate::limits::Limits;
use crate::loader::{FileLoader, SourceKind};
use crate::natives::natives;
use crate::operations::Delivery;
use crate::platform::LivePlatform;
use crate::report::ErrorReport;
use crate::state::HostState;

/// Why a program ended before its end.
#[derive(Debug)]
pub enum Ended {
    /// An error that nobody caught.
    Uncaught(Box<ErrorReport>),
    /// Errors that were reported while it ran: `console` and listeners have shown them.
    Reported,
    /// It was stopped.
    Stopped(String),
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ended::Uncaught(report) => write!(f, "Uncaught {}", report.text()),
            Ended::Reported => f.write_str("there were uncaught errors"),
            Ended::Stopped(why) => f.write_str(why),
        }
    }
}
impl std::error::Error for Ended {}

/// How a program is run.
#[derive(Clone, Copy, Debug)]
pub struct ProgramOptions {
    /// MiB of heap.
    pub memory_mib: u32,
    /// Collect garbage at every safepoint.
    pub gc_stress: bool,
    /// Refuse `eval` and `new Function`.
    pub no_eval: bool,
}

impl Default for ProgramOptions {
    fn default() -> Self {
        ProgramOptions { memory_mib: 2048, gc_stress: false, no_eval: false }
    }
}

/// A context of the command line.
pub struct Program {
    cx: Context,
    state: Rc<HostState>,
    loader: FileLoader,
    /// Runs what is under way outside; made when there is something.
    executor: Option<tokio::runtime::Runtime>,
    /// The last thing waited for was a timer: it is the operations' turn.
    timer_was_last: bool,
    /// The global variable that holds the last result.
    results_name: Option<&'static str>,
}

impl Drop for Program {
    fn drop(&mut self) {
        // What is under way refers to the executor.
        self.state.end();
    }
}

/// What a program waited for.
enum Woken {
    /// A timer is due.
    Timer,
    /// Something outside came to something.
    Delivery(Delivery),
    /// The deadline has come.
    Deadline,
    /// There is nothing to wait for.
    Never,
}

impl Program {
    /// A fresh worker scope. `name` is for messages.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub fn new(name: &str, options: &ProgramOptions) -> Result<Program, BuildError> {
        let hash_key = random_hash_key()?;
        Program::restore(&base_image(hash_key)?, name, options)
    }

    /// A scope restored from an image, such as one that [`Program::context`] was frozen into. `name` is for messages.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub fn restore(image: &Arc<Image>, name: &str, options: &ProgramOptions) -> Result<Program, BuildError> {
        let state = Rc::new(HostState::new(Arc::from(name), Limits::default(), false, false));
        let loader = FileLoader::default();
        let platform = LivePlatform::of_program(state.clone(), loader.clone());
        let host = Box::new(WorkerHost::new(Box::new(platform)));
        let context_options = context_options(0, options.memory_mib, !options.no_eval);
        let mut cx = Context::from_image(image, host, natives(), context_options).map_err(ImageError::from)?;
        if options.gc_stress {
            cx.heap.stress.set(true);
            cx.set_quantum(1);
        }
        state.begin();
        Ok(Program { cx, state, loader, executor: None, timer_was_last: false, results_name: None })
    }

    /// Runs a source text and everything that it starts. A module's top-level await is waited for.
    ///
    /// # Errors
    /// The first uncaught error; the message of others has been written.
    pub fn run(&mut self, source: &str, name: &str, kind: SourceKind) -> Result<(), Ended> {
        self.loader.note_source_map(source, name);
        if kind.resolve(source, name) == SourceKind::Script {
            let outcome = self.cx.evaluate_script(source, name).map(|_| ());
            self.checked(outcome)?;
            return self.run_to_end();
        }
        let evaluation = self.cx.evaluate_module(source, name);
        let evaluation = self.checked(evaluation)?;
        promise::mark_handled(&self.cx, evaluation.promise);
        let kept = self.cx.retain(evaluation.promise.value());
        let outcome = self.run_to_end();
        self.cx.release(kept);
        match promise::state(&self.cx, evaluation.promise) {
            (PromiseState::Fulfilled, _) => outcome,
            (PromiseState::Rejected, reason) => Err(Ended::Uncaught(Box::new(self.report(reason)))),
            (PromiseState::Pending, _) => {
                outcome?;
                Err(Ended::Stopped("The module's top-level await waits for something that can never happen".to_string()))
            }
        }
    }

    /// Evaluates a script and everything that it starts; what it gives, as text, unless that is undefined.
    ///
    /// # Errors
    /// The first uncaught error.
    pub fn evaluate(&mut self, source: &str, name: &str) -> Result<Option<String>, Ended> {
        let value = self.cx.evaluate_script(source, name);
        let value = self.checked(value)?;
        let kept = self.cx.retain(value);
        let outcome = self.run_to_end();
        let value = self.cx.release(kept);
        outcome?;
        Ok(self.shown(value))
    }

    /// Evaluates a script that gives a promise, and waits for it; what it comes to, as text, unless that is undefined.
    ///
    /// # Errors
    /// The first uncaught error, or what the promise was rejected with.
    pub fn evaluate_promise(&mut self, source: &str, name: &str) -> Result<Option<String>, Ended> {
        let value = self.cx.evaluate_script(source, name);
        let value = self.checked(value)?;
        let Some(promise) = value.as_object().filter(|object| object.is(&self.cx.heap, Kind::Promise)) else {
            return Err(Ended::Stopped("There is no promise to wait for".to_string()));
        };
        promise::mark_handled(&self.cx, promise);
        let kept = self.cx.retain(value);
        let outcome = self.run_to_end();
        let value = self.cx.release(kept);
        let Some(promise) = value.as_object() else { return Ok(None) };
        match promise::state(&self.cx, promise) {
            (PromiseState::Rejected, reason) => Err(Ended::Uncaught(Box::new(self.report(reason)))),
            (PromiseState::Fulfilled, value) => outcome.map(|()| self.shown(value)),
            (PromiseState::Pending, _) => {
                outcome?;
                Err(Ended::Stopped("The code waits for something that can never happen".to_string()))
            }
        }
    }

    /// Makes what the last evaluation gave a global variable from now on, or stops doing so.
    pub fn keep_results_as(&mut self, name: Option<&'static str>) {
        self.results_name = name;
    }

    /// The text of a result, which is kept where that is wanted.
    fn shown(&mut self, value: Value) -> Option<String> {
        if value.is_undefined() {
            return None;
        }
        if let Some(name) = self.results_name {
            let (global, key) = (self.cx.global(), self.cx.key(name));
            // A worker's own variable of this name may be in the way: it stays.
            if self.cx.enter(|cx| cx.create_data_property_or_throw(global, key, value)).is_err() {
                self.cx.take_exception();
            }
        }
        Some(self.inspect(value))
    }

    fn report(&mut self, thrown: Value) -> ErrorReport {
        ErrorReport::new(&mut self.cx, thrown).mapped(&self.loader.maps.decode())
    }

    /// The context, for tools that evaluate scripts of their own.
    pub fn context(&mut self) -> &mut Context {
        &mut self.cx
    }

    /// Runs what was started, as tools want it: uncaught errors, once reported, end nothing. Before each wait `turn` is asked; true ends the
    /// run, as the deadline does and having nothing left to wait for.
    ///
    /// # Errors
    /// Where the instance was stopped.
    pub fn drive(&mut self, deadline: Instant, turn: &mut dyn FnMut(&mut Context) -> bool) -> Result<(), Ended> {
        loop {
            let outcome = self.cx.enter(mayfly_stdlib::report::checkpoint);
            self.checked(outcome)?;
            let collected = self.cx.collect_between_jobs();
            self.checked(collected)?;
            if turn(&mut self.cx) {
                return Ok(());
            }
            if self.cx.has_jobs() {
                continue;
            }
            if Instant::now() >= deadline || !self.wait_and_run(Some(deadline))? {
                return Ok(());
            }
        }
    }

    /// A value as `console.log` shows it in an object.
    fn inspect(&mut self, value: Value) -> String {
        inspect::inspect(&mut self.cx, value)
    }

    /// Jobs and timers until none is left.
    fn run_to_end(&mut self) -> Result<(), Ended> {
        loop {
            let outcome = self.cx.enter(mayfly_stdlib::report::checkpoint);
            self.checked(outcome)?;
            let collected = self.cx.collect_between_jobs();
            self.checked(collected)?;
            if self.state.uncaught.take().is_some() {
                return Err(Ended::Reported);
            }
            if !self.wait_and_run(None)? {
                return Ok(());
            }
        }
    }

    /// Waits, and runs what it waited for; false when there is nothing to wait for.
    fn wait_and_run(&mut self, deadline: Option<Instant>) -> Result<bool, Ended> {
        let outcome = match self.wait(deadline)? {
            Woken::Never => return Ok(false),
            Woken::Deadline => Ok(()),
            Woken::Timer => {
                let number = self.state.timers.borrow_mut().take_due(Instant::now());
                number.map_or(Ok(()), |number| timers::fire(&mut self.cx, number))
            }
            Woken::Delivery(deliver) => self.cx.enter(deliver),
        };
        self.checked(outcome)?;
        Ok(true)
    }

    /// Waits for a timer or an operation, in turns when both are always ready.
    fn wait(&mut self, deadline: Option<Instant>) -> Result<Woken, Ended> {
        let due = self.state.timers.borrow_mut().next_due();
        let now = Instant::now();
        if due.is_some_and(|due| due <= now) && !std::mem::replace(&mut self.timer_was_last, true) {
            return Ok(Woken::Timer);
        }
        self.timer_was_last = false;
        if self.state.operations.is_empty() {
            let Some(due) = due else { return Ok(Woken::Never) };
            let until = deadline.map_or(due, |deadline| due.min(deadline));
            std::thread::sleep(until.saturating_duration_since(now));
            return Ok(if until == due { Woken::Timer } else { Woken::Deadline });
        }
        let until = [due, deadline].into_iter().flatten().min();
        let executor = match &mut self.executor {
            Some(executor) => executor,
            None => {
                let executor = tokio::runtime::Builder::new_current_thread().enable_all().build();
                self.executor.insert(executor.map_err(|error| Ended::Stopped(format!("No executor could be started: {error}")))?)
            }
        };
        let state = &self.state;
        Ok(executor.block_on(async {
            let mut sleep = pin!(async {
                match until {
                    Some(until) => tokio::time::sleep_until(until.into()).await,
                    None => std::future::pending().await,
                }
            });
            let woken = poll_fn(|cx| {
                if let Poll::Ready(delivery) = state.operations.poll_next(cx) {
                    return Poll::Ready(Woken::Delivery(delivery));
                }
                sleep.as_mut().poll(cx).map(|()| if until == due { Woken::Timer } else { Woken::Deadline })
            })
            .await;
            // Whatever has used up its turn (tokio's budget of a task) is woken when the executor next looks at the network. Those wakers
            // are forgotten where `block_on` ends before that, and what they belong to would stand still for ever.
            tokio::task::yield_now().await;
            woken
        }))
    }

    fn checked<T>(&mut self, result: mayfly_engine::Result<T>) -> Result<T, Ended> {
        result.map_err(|_| match self.cx.take_exception() {
            Some(thrown) => Ended::Uncaught(Box::new(self.report(thrown))),
            None => Ended::Stopped(match self.cx.termination() {
                Some(Termination::Memory) => "Out of memory".to_string(),
                Some(why) => why.to_string(),
                None => "Stopped".to_string(),
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    /// Uses up several turns and delivers something in each, so that the waiting ends while the operation is to be woken again.
    async fn much_in_each_turn(outbox: crate::operations::Outbox, delivered: Rc<Cell<u32>>) {
        for _ in 0..1000 {
            tokio::task::coop::consume_budget().await;
            let delivered = delivered.clone();
            outbox.push(move |_| {
                delivered.set(delivered.get() + 1);
                Ok(())
            });
        }
    }

    #[test]
    fn operations_that_use_up_their_turn_go_on() {
        let mut program = Program::new("test", &ProgramOptions::default()).unwrap();
        let (delivered, spawned) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let operations = &program.state.operations;
        let operation = much_in_each_turn(operations.outbox(), delivered.clone());
        operations.start(async move {
            operation.await;
            None
        });
        // As connections are: a task of the executor, which an operation waits for.
        let outbox = operations.outbox();
        let counted = spawned.clone();
        operations.start(async move {
            let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
            tokio::spawn(async move {
                for i in 0..1000 {
                    tokio::task::coop::consume_budget().await;
                    if sender.send(i).is_err() {
                        return;
                    }
                }
            });
            while receiver.recv().await.is_some() {
                let counted = counted.clone();
                outbox.push(move |_| {
                    counted.set(counted.get() + 1);
                    Ok(())
                });
            }
            None
        });
        program.drive(Instant::now() + Duration::from_secs(20), &mut |_| false).unwrap();
        assert_eq!((delivered.get(), spawned.get()), (1000, 1000));
    }
}
