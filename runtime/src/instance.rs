//! One instance at work on one request: its handler, jobs and timers, run slice by slice.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use http::HeaderMap;
use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::heap::{HeapLimits, Kind};
use mayfly_engine::native::{Natives, Result, Thrown};
use mayfly_engine::{Context, ContextOptions, ErrorKind, ImageError, JobState, Object, RunState, Termination, Value};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::timers;
use smallvec::SmallVec;

use crate::limits::Limit;
use crate::platform::LivePlatform;
use crate::report::ErrorReport;
use crate::roots;
use crate::scope::{self, BodyInit, Form};
use crate::source_map::WorkerMaps;
use crate::state::HostState;
use crate::worker::Worker;

/// Heap that an idle instance may keep resident beyond its image.
const RESIDENT_BYTES: u32 = 4 << 20;

/// A request as the worker sees it.
pub struct RequestHead<'a> {
    /// Method.
    pub method: &'a str,
    /// Absolute URL.
    pub url: &'a str,
    /// Headers.
    pub headers: &'a HeaderMap,
    /// Whether there are `Cookie` headers among them.
    pub has_cookies: bool,
}

impl RequestHead<'_> {
    /// The Request object that handlers are given.
    pub(crate) fn object(&self, cx: &mut Context, body: BodyInit) -> Result<Object> {
        // (Filled where it is: `collect` would copy all of it.)
        let mut headers: SmallVec<[(&[u8], &[u8]); 24]> = SmallVec::new();
        headers.extend(self.headers.iter().map(|(name, value)| (name.as_str().as_bytes(), value.as_bytes())));
        let request = scope::new_request(cx, self.method, self.url, &headers, body)?;
        scope::set_request(cx, request);
        Ok(request)
    }
}

/// What a run that was suspended is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Run {
    Handler,
    Scheduled,
    Timer(u32),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Suspended {
    No,
    Run(Run),
    Job,
    /// Between two jobs, in the middle of a collection.
    Collection,
}

/// How far [`Instance::advance`] came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress {
    /// Nothing is left to do until something happens outside.
    Idle,
    /// The slice is over.
    Yield,
}

/// Why an instance was stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped(pub Limit);

/// What the handler came to.
pub enum Answer {
    /// Not known yet.
    Waiting,
    /// What it returned or gave to `respondWith`.
    Ready(Value),
    /// It failed.
    Failed(ErrorReport),
}

/// One instance of a worker.
pub struct Instance {
    /// The engine's part.
    pub cx: Context,
    /// The host's part.
    pub state: Rc<HostState>,
    form: Form,
    suspended: Suspended,
    handler_ended: bool,
    failure: Option<ErrorReport>,
    maps: Arc<WorkerMaps>,
}

impl Instance {
    /// A new instance, restored from the worker's image.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub fn new(worker: &Worker, natives: &Rc<Natives>) -> std::result::Result<Instance, ImageError> {
        let options = &worker.options;
        let state = Rc::new(HostState::new(worker.name.clone(), options.limits, true, options.frozen_clock));
        let host = Box::new(WorkerHost::new(Box::new(LivePlatform::of_worker(state.clone(), worker.stores.clone(), worker.maps.clone()))));
        Instance::with_host(worker, natives, host, state)
    }

    /// The same with another world around it.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub(crate) fn with_host(
        worker: &Worker,
        natives: &Rc<Natives>,
        host: Box<WorkerHost>,
        state: Rc<HostState>,
    ) -> std::result::Result<Instance, ImageError> {
        let options = &worker.options;
        let memory_bytes = options.limits.memory_mib.min(3 << 10) << 20;
        let context_options =
            ContextOptions { limits: HeapLimits { memory_bytes }, allow_eval: !options.no_eval, ..ContextOptions::default() };
        let mut cx = Context::from_image(&worker.image, host, natives.clone(), context_options)?;
        if options.gc_stress {
            cx.heap.stress.set(true);
            cx.set_quantum(1);
        }
        let form = if cx.embedder_root(roots::EXPORT).is_object() { Form::Module } else { Form::Event };
        Ok(Instance { cx, state, form, suspended: Suspended::No, handler_ended: false, failure: None, maps: worker.maps.clone() })
    }

    /// Gives the instance back to the state of its image. Returns false when it is of no further use.
    pub fn reset(&mut self, options: &crate::worker::WorkerOptions) -> bool {
        self.state.end();
        mayfly_stdlib::platform::end_request(&mut self.cx);
        self.failure = None;
        let stopped = self.cx.termination().is_some() || self.suspended != Suspended::No;
        self.suspended = Suspended::No;
        if options.reuse {
            scope::forget_request(&mut self.cx);
            return !stopped;
        }
        let is_large = self.cx.heap.used_bytes() > RESIDENT_BYTES;
        self.cx.reset();
        if is_large {
            self.cx.heap.trim();
        }
        if options.verify_reset
            && let Err(difference) = self.cx.verify_reset()
        {
            tracing::error!(worker = &*self.state.worker, "{difference}");
            return false;
        }
        true
    }

    /// Gives memory back that is only kept for speed.
    pub fn trim(&mut self) {
        self.cx.heap.trim();
    }

    /// Starts the handler on a request.
    ///
    /// # Errors
    /// Where a limit was passed.
    pub fn start(&mut self, head: &RequestHead<'_>, body: BodyInit) -> std::result::Result<(), Stopped> {
        self.handler_ended = false;
        self.failure = None;
        let outcome = match self.form {
            Form::Module => self.start_module(head, body),
            Form::Event => self.start_event(head, body),
        };
        match outcome {
            Ok(RunState::Suspended) => {
                self.suspended = Suspended::Run(Run::Handler);
                Ok(())
            }
            Ok(RunState::Done(value)) => self.end_run(Run::Handler, Ok(value)),
            Err(thrown) => self.end_run(Run::Handler, Err(thrown)),
        }
    }

    /// Dispatches an event of the worker's life, `install` or `activate`; whether anyone listens for it.
    ///
    /// # Errors
    /// Where a limit was passed.
    pub fn start_lifecycle(&mut self, event_type: &str) -> std::result::Result<bool, Stopped> {
        self.handler_ended = true;
        self.failure = None;
        if self.form == Form::Module || !scope::has_listener(&self.cx, event_type) {
            return Ok(false);
        }
        let dispatched = self.cx.enter(|cx| {
            let event = scope::new_extendable_event(cx, event_type);
            scope::dispatch(cx, event)
        });
        self.checked(dispatched)?;
        Ok(true)
    }

    /// Starts what the worker does when a time of its schedule has come; whether it does anything.
    ///
    /// # Errors
    /// Where a limit was passed.
    pub fn start_scheduled(&mut self, time_ms: f64, cron: &str) -> std::result::Result<bool, Stopped> {
        self.handler_ended = true;
        self.failure = None;
        if self.form == Form::Event {
            if !scope::has_listener(&self.cx, "scheduled") {
                return Ok(false);
            }
            let dispatched = self.cx.enter(|cx| {
                let event = scope::new_scheduled_event(cx, time_ms, cron);
                cx.set_embedder_root(roots::EVENT, event.value());
                scope::dispatch(cx, event)
            });
            self.checked(dispatched)?;
            return Ok(true);
        }
        let export = self.cx.embedder_root(roots::EXPORT);
        let found = self.cx.enter(|cx| {
            let key = cx.key("scheduled");
            let handler = match export.as_object() {
                Some(export) => cx.get(export, key)?,
                None => Value::UNDEFINED,
            };
            if handler.is_undefined() {
                return Ok(None);
            }
            let controller = scope::new_scheduled_event(cx, time_ms, cron);
            let context = scope::new_execution_context(cx);
            Ok(Some((handler, [controller.value(), cx.embedder_root(roots::ENVIRONMENT), context])))
        });
        let started = match found {
            Ok(None) => return Ok(false),
            Ok(Some((handler, arguments))) => self.cx.start(handler, export, &arguments),
            Err(thrown) => Err(thrown),
        };
        match started {
            Ok(RunState::Suspended) => self.suspended = Suspended::Run(Run::Scheduled),
            Ok(RunState::Done(value)) => self.end_run(Run::Scheduled, Ok(value))?,
            Err(thrown) => self.end_run(Run::Scheduled, Err(thrown))?,
        }
        Ok(true)
    }

    /// Whether anyone listens for the events of the worker's life.
    pub fn listens_to_lifecycle(&self) -> bool {
        self.form == Form::Event && ["install", "activate"].into_iter().any(|event_type| scope::has_listener(&self.cx, event_type))
    }

    /// Why a promise given to `waitUntil` was rejected, if one was.
    pub fn lifetime_failure(&mut self) -> Option<ErrorReport> {
        scope::lifetime_failure(&self.cx, self.form).map(|reason| ErrorReport::new(&mut self.cx, reason))
    }

    fn start_module(&mut self, head: &RequestHead<'_>, body: BodyInit) -> Result<RunState> {
        let export = self.cx.embedder_root(roots::EXPORT);
        let state = &self.state;
        let (handler, arguments) = self.cx.enter(|cx| {
            let handler = match export.as_object() {
                Some(export) => cx.get(export, mayfly_engine::string::atoms::key::fetch)?,
                None => Value::UNDEFINED,
            };
            // OPTIMIZATION: what the handler cannot see is not made. Without a request, the cookie store has its URL from the host.
            let seen = cx.visible_arguments(handler);
            let mut arguments = [Value::UNDEFINED, cx.embedder_root(roots::ENVIRONMENT), Value::UNDEFINED];
            if seen > 0 || head.has_cookies {
                arguments[0] = head.object(cx, body)?.value();
            } else {
                state.set_url(head.url);
            }
            if seen > 2 {
                arguments[2] = scope::new_execution_context(cx);
            }
            Ok((handler, arguments))
        })?;
        self.cx.start(handler, export, &arguments)
    }

    fn start_event(&mut self, head: &RequestHead<'_>, body: BodyInit) -> Result<RunState> {
        let (event, listener) = self.cx.enter(|cx| {
            let request = head.object(cx, body)?;
            let event = scope::new_fetch_event(cx, request);
            let listener = scope::sole_fetch_listener(cx);
            match listener {
                Some(_) => scope::begin_dispatch(cx, event),
                None => scope::dispatch(cx, event)?,
            }
            Ok((event, listener))
        })?;
        match listener {
            Some(listener) => {
                let this = self.cx.global().value();
                self.cx.start(listener.value(), this, &[event.value()])
            }
            None => Ok(RunState::Done(Value::UNDEFINED)),
        }
    }

    /// The listeners have run, or the only one has with `outcome`.
    fn end_event(&mut self, outcome: Result<Value>) -> Result<()> {
        if let Err(thrown) = outcome {
            match self.cx.take_exception() {
                Some(exception) => self.cx.enter(|cx| scope::report_exception(cx, exception))?,
                None => return Err(thrown),
            }
        }
        self.cx.enter(|cx| {
            scope::end_dispatch(cx);
            Ok(())
        })?;
        let response = scope::response_promise(&self.cx).map_or(Value::UNDEFINED, Object::value);
        self.keep_result(response)
    }

    /// Goes on until nothing is left to do or the slice is over.
    ///
    /// # Errors
    /// Where a limit was passed.
    pub fn advance(&mut self) -> std::result::Result<Progress, Stopped> {
        if self.cx.is_collecting() {
            self.state.charge_from_now();
        }
        loop {
            match self.suspended {
                Suspended::Run(run) => match self.cx.resume() {
                    Ok(RunState::Suspended) => return Ok(self.end_slice()),
                    Ok(RunState::Done(value)) => self.end_run(run, Ok(value))?,
                    Err(thrown) => self.end_run(run, Err(thrown))?,
                },
                Suspended::Job => {
                    let state = self.cx.resume_job();
                    if self.job_ended(state)? == JobState::Suspended {
                        return Ok(self.end_slice());
                    }
                }
                Suspended::Collection => self.suspended = Suspended::No,
                Suspended::No => {
                    let state = self.cx.start_job();
                    match self.job_ended(state)? {
                        JobState::Suspended => return Ok(self.end_slice()),
                        JobState::Done => {}
                        JobState::Empty => {
                            let reported = self.cx.enter(scope::notify_rejections);
                            self.checked(reported)?;
                            if !self.cx.has_jobs() {
                                self.state.end_slice();
                                return Ok(Progress::Idle);
                            }
                        }
                    }
                }
            }
            if self.suspended == Suspended::No {
                let collected = self.cx.start_collection_between_jobs();
                if !self.checked(collected)? {
                    self.suspended = Suspended::Collection;
                    return Ok(self.end_slice());
                }
            }
            if self.state.wants_to_yield() {
                return Ok(self.end_slice());
            }
        }
    }

    fn end_slice(&mut self) -> Progress {
        self.state.end_slice();
        Progress::Yield
    }

    fn job_ended(&mut self, state: Result<JobState>) -> std::result::Result<JobState, Stopped> {
        let state = self.checked(state)?;
        self.suspended = if state == JobState::Suspended { Suspended::Job } else { Suspended::No };
        Ok(state)
    }

    /// Results of what fails only when the instance is being stopped.
    fn checked<T>(&mut self, result: Result<T>) -> std::result::Result<T, Stopped> {
        result.map_err(|_| self.stopped())
    }

    fn stopped(&self) -> Stopped {
        Stopped(match (self.cx.termination(), self.state.violation()) {
            (Some(Termination::Memory), _) => Limit::Memory,
            (_, Some(limit)) => limit,
            (_, None) => Limit::Cpu,
        })
    }

    fn end_run(&mut self, run: Run, outcome: Result<Value>) -> std::result::Result<(), Stopped> {
        self.suspended = Suspended::No;
        let outcome = match (run, outcome) {
            (Run::Handler, outcome) if self.form == Form::Event => {
                self.handler_ended = true;
                self.end_event(outcome)
            }
            (Run::Handler, Ok(value)) => {
                self.handler_ended = true;
                self.keep_result(value)
            }
            (Run::Handler, Err(thrown)) => match self.cx.take_exception() {
                Some(exception) => {
                    self.handler_ended = true;
                    self.failure = Some(self.report(exception));
                    Ok(())
                }
                None => Err(thrown),
            },
            (Run::Scheduled, Ok(value)) => match self.cx.embedder_root(roots::EVENT).as_object() {
                Some(context) => self.cx.enter(|cx| scope::extend_context(cx, context, value)),
                None => Ok(()),
            },
            (Run::Scheduled, Err(thrown)) => match self.cx.take_exception() {
                Some(exception) => self.cx.enter(|cx| scope::report_exception(cx, exception)),
                None => Err(thrown),
            },
            (Run::Timer(number), Ok(_)) => self.cx.enter(|cx| timers::finish(cx, number)),
            (Run::Timer(number), Err(thrown)) => match self.cx.take_exception() {
                Some(exception) => self.cx.enter(|cx| {
                    scope::report_exception(cx, exception)?;
                    timers::finish(cx, number)
                }),
                None => Err(thrown),
            },
        };
        self.checked(outcome)
    }

    /// Keeps what the handler returned where the collector sees it.
    fn keep_result(&mut self, value: Value) -> Result<()> {
        let cx = &mut self.cx;
        let is_promise = |cx: &Context, value: Value| value.as_object().is_some_and(|object| object.is(&cx.heap, Kind::Promise));
        let mut value = value;
        if let Some(object) = value.as_object()
            && !is_promise(cx, value)
            && !object.is(&cx.heap, Kind::Platform)
            && !object.is(&cx.heap, Kind::PlatformLarge)
        {
            // Possibly a thenable.
            value = cx.enter(|cx| promise::promise_resolve(cx, value))?.value();
        }
        if let Some(promise) = value.as_object().filter(|_| is_promise(cx, value)) {
            promise::mark_handled(cx, promise);
        }
        cx.set_embedder_root(roots::RESULT, value);
        Ok(())
    }

    /// What the handler came to. Only while nothing is suspended.
    pub fn answer(&mut self) -> Answer {
        if let Some(failure) = self.failure.take() {
            return Answer::Failed(failure);
        }
        if !self.handler_ended {
            return Answer::Waiting;
        }
        let value = self.cx.embedder_root(roots::RESULT);
        let promise = match value.as_object() {
            Some(object) if object.is(&self.cx.heap, Kind::Promise) => object,
            Some(_) => return Answer::Ready(value),
            None if self.form == Form::Event => return Answer::Failed(self.nobody_responded()),
            None => return Answer::Ready(value),
        };
        match promise::state(&self.cx, promise) {
            (PromiseState::Pending, _) => Answer::Waiting,
            (PromiseState::Fulfilled, value) => Answer::Ready(value),
            (PromiseState::Rejected, reason) => Answer::Failed(self.report(reason)),
        }
    }

    fn nobody_responded(&self) -> ErrorReport {
        let mut report = ErrorReport::message("No listener for 'fetch' called event.respondWith(…)");
        if let Some(text) = self.state.uncaught.take() {
            report.cause = Some(Box::new(ErrorReport::message(text)));
        }
        report
    }

    /// Runs the first timer that is due at `now`; whether there was one. The run may end suspended: [`Instance::advance`] follows.
    ///
    /// # Errors
    /// Where a limit was passed.
    pub fn fire_timer(&mut self, now: Instant) -> std::result::Result<bool, Stopped> {
        debug_assert_eq!(self.suspended, Suspended::No);
        let Some(number) = self.state.timers.borrow_mut().take_due(now) else { return Ok(false) };
        let Some(timer) = timers::begin(&mut self.cx, number) else { return Ok(true) };
        if let Some(source) = timer.handler.as_string() {
            let source = source.to_text(&self.cx.heap);
            let outcome = if self.cx.eval_allowed() {
                self.cx.evaluate_script(&source, "timer")
            } else {
                Err(self.cx.throw_error(ErrorKind::EvalError, "Code generation from strings disallowed for this worker"))
            };
            self.end_run(Run::Timer(number), outcome)?;
            return Ok(true);
        }
        let this = self.cx.global().value();
        match self.cx.start(timer.handler, this, &timer.arguments) {
            Ok(RunState::Suspended) => self.suspended = Suspended::Run(Run::Timer(number)),
            Ok(RunState::Done(value)) => self.end_run(Run::Timer(number), Ok(value))?,
            Err(thrown) => self.end_run(Run::Timer(number), Err(thrown))?,
        }
        Ok(true)
    }

    /// Runs `body` on the engine.
    ///
    /// # Errors
    /// Where it threw (the outer result is then `Ok(Err(report))`) or a limit was passed.
    pub fn run<T>(
        &mut self,
        body: impl FnOnce(&mut Context) -> Result<T>,
    ) -> std::result::Result<std::result::Result<T, ErrorReport>, Stopped> {
        match self.cx.enter(body) {
            Ok(value) => Ok(Ok(value)),
            Err(Thrown { .. }) => match self.cx.take_exception() {
                Some(exception) => Ok(Err(self.report(exception))),
                None => Err(self.stopped()),
            },
        }
    }

    /// Describes a value that was thrown, with places in the files that people wrote.
    pub fn report(&mut self, thrown: Value) -> ErrorReport {
        ErrorReport::new(&mut self.cx, thrown).mapped(self.maps.of(&self.cx))
    }

    /// Whether promises given to `waitUntil` are pending, or the client has a WebSocket open.
    pub fn has_pending_lifetime(&self) -> bool {
        scope::has_pending_lifetime(&self.cx, self.form) || self.state.net.serves_socket()
    }

    /// Whether a run is suspended: nothing else may run before it.
    pub fn is_suspended(&self) -> bool {
        self.suspended != Suspended::No
    }

    /// Whether something is suspended or queued.
    pub fn is_busy(&self) -> bool {
        self.suspended != Suspended::No || self.cx.has_jobs()
    }
}
