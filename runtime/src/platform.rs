//! The platforms that instances run on: one for requests and programs, one for the evaluation of a worker's top level.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use mayfly_engine::context::Handle;
use mayfly_engine::host::{ModuleSource, Refuel};
use mayfly_engine::realm::error::FramePosition;
use mayfly_stdlib::blocking::{Completion, Work, deliver};
use mayfly_stdlib::cache::CacheStore;
use mayfly_stdlib::fetch::host::{OutgoingRequest, Sending};
use mayfly_stdlib::kv::KeyValueStore;
use mayfly_stdlib::platform::{Describer, LogLevel, Platform};
use mayfly_stdlib::websocket::host::{OutgoingSocket, SocketMessage};

use crate::blocking;
use crate::body::Incoming;
use crate::limits::Limit;
use crate::loader::FileLoader;
use crate::operations::Delivery;
use crate::random;
use crate::report::ErrorReport;
use crate::scope::BodyChunk;
use crate::source_map::{MapTexts, WorkerMaps};
use crate::state::{HostState, thread_cpu_time};
use crate::stores::Stores;

/// Where lines of `console` go.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    /// To the log, with the worker's name.
    Log,
    /// To standard output; warnings and errors to standard error.
    Streams,
}

/// Where the source maps are.
#[derive(Clone)]
enum Maps {
    /// With what is being loaded.
    Loading(Rc<MapTexts>),
    /// In the worker's image.
    Worker(Arc<WorkerMaps>),
}

/// Platform of requests and programs.
pub struct LivePlatform {
    state: Rc<HostState>,
    output: Output,
    loader: Option<FileLoader>,
    stores: Stores,
    maps: Maps,
}

impl LivePlatform {
    /// The platform of a program, which may import modules: lines go to the standard streams.
    pub fn of_program(state: Rc<HostState>, loader: FileLoader) -> LivePlatform {
        let maps = Maps::Loading(loader.maps.clone());
        LivePlatform { state, output: Output::Streams, loader: Some(loader), stores: Stores::default(), maps }
    }

    /// The platform of a worker's requests, in which nothing can be imported any more: lines go to the log.
    pub fn of_worker(state: Rc<HostState>, stores: Stores, maps: Arc<WorkerMaps>) -> LivePlatform {
        LivePlatform { state, output: Output::Log, loader: None, stores, maps: Maps::Worker(maps) }
    }
}

impl Platform for LivePlatform {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(self.state.unix_time_ms().floor())
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        Ok(self.state.monotonic_ms())
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        random::fill(bytes)
    }

    fn set_timer(&mut self, timer: u32, delay_ms: f64) -> Result<(), String> {
        self.state.timers.borrow_mut().set(timer, delay_ms, Instant::now());
        Ok(())
    }

    fn clear_timer(&mut self, timer: u32) {
        self.state.timers.borrow_mut().clear(timer);
    }

    fn log(&mut self, level: LogLevel, text: &str) {
        match self.output {
            Output::Log => log_line(&self.state.worker, level, text),
            Output::Streams => write_line(level, text),
        }
    }

    fn request_url(&mut self) -> Option<String> {
        self.state.url()
    }

    fn describer(&mut self) -> Option<Describer> {
        let maps = self.maps.clone();
        Some(Rc::new(move |cx, thrown| {
            let report = ErrorReport::new(cx, thrown);
            match &maps {
                Maps::Loading(texts) => report.mapped(&texts.decode()),
                Maps::Worker(maps) => report.mapped(maps.of(cx)),
            }
            .text()
        }))
    }

    fn uncaught(&mut self, report: &str) {
        self.log(LogLevel::Error, report);
        *self.state.uncaught.borrow_mut() = Some(report.to_string());
    }

    fn read_body(&mut self, number: u32, waiter: Handle) -> BodyChunk {
        if number != 0 {
            return self.state.read_download(number, waiter);
        }
        let mut body = self.state.body.borrow_mut();
        let Some(body) = &mut *body else { return BodyChunk::End };
        // Nobody is to be woken: when nothing is there, the request's driver asks again.
        match body.poll_next(&mut std::task::Context::from_waker(Waker::noop())) {
            Poll::Ready(incoming) => body_chunk(&self.state, incoming),
            Poll::Pending => {
                self.state.body_waiter.set(Some(waiter));
                BodyChunk::Pending
            }
        }
    }

    fn reply_chunk(&mut self, bytes: &[u8]) -> bool {
        self.state.reply.borrow().as_ref().is_some_and(|reply| reply.push(bytes))
    }

    fn cancel_body(&mut self, number: u32) {
        if number != 0 {
            self.state.net.cancel_body(number);
            return;
        }
        self.state.body_waiter.set(None);
        self.state.body.take();
    }

    fn fetch(&mut self, request: OutgoingRequest, waiter: Handle) -> Result<u32, String> {
        self.state.fetch(request, waiter)
    }

    fn abort_fetch(&mut self, operation: u32) {
        self.state.net.abort_fetch(operation);
    }

    fn send_chunk(&mut self, operation: u32, bytes: Vec<u8>, waiter: Handle) -> Sending {
        self.state.send_chunk(operation, bytes, waiter)
    }

    fn end_chunks(&mut self, operation: u32, complete: bool) {
        self.state.net.end_chunks(operation, complete);
    }

    fn open_socket(&mut self, socket: OutgoingSocket, waiter: Handle) -> Result<u32, String> {
        self.state.open_socket(socket, waiter)
    }

    fn send_message(&mut self, socket: u32, message: SocketMessage) {
        self.state.net.send_message(socket, message);
    }

    fn close_socket(&mut self, socket: u32, code: Option<u16>, reason: &str) {
        self.state.net.close_socket(socket, code, reason);
    }

    fn run_blocking(&mut self, work: Work, waiter: Handle) -> Option<Completion> {
        let receiver = match blocking::submit(work) {
            Ok(receiver) => receiver,
            Err(work) => return Some(work()),
        };
        let state = Rc::downgrade(&self.state);
        self.state.operations.start(async move {
            // Work that failed comes to nothing: the request ends as one that waits for nothing.
            let (completion, spent) = receiver.await.ok()?;
            if let Some(state) = state.upgrade() {
                state.charge(spent);
            }
            Some(Box::new(move |cx: &mut mayfly_engine::Context| deliver(cx, waiter, completion)) as Delivery)
        });
        None
    }

    fn caches(&mut self) -> Result<Arc<dyn CacheStore>, String> {
        Ok(self.stores.caches())
    }

    fn key_values(&mut self, binding: &str) -> Result<Arc<dyn KeyValueStore>, String> {
        self.stores.key_values(binding)
    }

    fn hardware_concurrency(&mut self) -> u32 {
        std::thread::available_parallelism().map_or(1, |count| u32::try_from(count.get()).unwrap_or(1))
    }

    fn load_module(&mut self, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<ModuleSource, String> {
        match &self.loader {
            Some(loader) => loader.load(specifier, referrer, attributes),
            None => Err(format!("Cannot import '{specifier}': modules are loaded when the worker is built, not while it serves")),
        }
    }

    fn module_url(&mut self, name: &str) -> String {
        crate::loader::module_url(self.loader.as_ref(), name)
    }

    fn refuel(&mut self) -> Refuel {
        self.state.refuel()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// A piece of the request's body as the worker scope takes it.
pub(crate) fn body_chunk(state: &HostState, incoming: Incoming) -> BodyChunk {
    match incoming {
        Incoming::Bytes(bytes) => BodyChunk::Bytes(bytes.to_vec()),
        Incoming::End => BodyChunk::End,
        Incoming::TooLong => {
            state.violate(Limit::Body);
            BodyChunk::Failed(Limit::Body.message(&state.limits))
        }
        Incoming::Failed(why) => BodyChunk::Failed(format!("The request's body could not be received: {why}")),
    }
}

fn log_line(worker: &str, level: LogLevel, text: &str) {
    match level {
        LogLevel::Debug => tracing::debug!(target: "console", worker, "{text}"),
        LogLevel::Log | LogLevel::Info => tracing::info!(target: "console", worker, "{text}"),
        LogLevel::Warn => tracing::warn!(target: "console", worker, "{text}"),
        LogLevel::Error => tracing::error!(target: "console", worker, "{text}"),
    }
}

/// Writes a line of `console`. A closed pipe is no reason to stop.
pub(crate) fn write_line(level: LogLevel, text: &str) {
    use std::io::Write;
    let _ = match level {
        LogLevel::Warn | LogLevel::Error => writeln!(std::io::stderr().lock(), "{text}"),
        _ => writeln!(std::io::stdout().lock(), "{text}"),
    };
}

/// CPU time that the evaluation of a top level may take.
const BUILD_CPU: Duration = Duration::from_secs(60);

/// Platform of a worker's top level, which is evaluated once and frozen into an image: no randomness, no I/O, and a clock that stands at 0.
///
/// Libraries read the clock while they are loaded, if only to compare it with later times; so it is not refused. It shows 0 and not the time
/// of the build, so that the same source gives the same image, and that whoever takes it for the time of a request notices.
pub struct BuildPlatform {
    loader: Option<FileLoader>,
    started: Duration,
    /// Whether it has been told that the clock stands still.
    has_warned: bool,
}

impl BuildPlatform {
    /// A platform that loads modules with `loader`.
    pub fn new(loader: Option<FileLoader>) -> BuildPlatform {
        BuildPlatform { loader, started: thread_cpu_time(), has_warned: false }
    }
}

fn refusal(what: &str) -> String {
    format!("{what} while the worker's top level is evaluated: it would be frozen into the image. Do it in the request handler")
}

const CLOCK_STANDS: &str = "Warning: the clock stands at 0 (1970-01-01) while the worker's top level is evaluated, and this code reads it: \
what it sees becomes part of the image. In requests the clock shows the time";

impl Platform for BuildPlatform {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn wants_clock_reader(&mut self) -> bool {
        !self.has_warned
    }

    fn clock_reader(&mut self, frames: Vec<FramePosition>) {
        self.has_warned = true;
        let mut report = ErrorReport { frames, ..ErrorReport::message(CLOCK_STANDS) };
        if let Some(loader) = &self.loader {
            report = report.mapped(&loader.maps.decode());
        }
        write_line(LogLevel::Warn, &report.text());
    }

    fn needs_request(&mut self, what: &str) -> Result<(), String> {
        Err(refusal(what))
    }

    fn fill_random(&mut self, _: &mut [u8]) -> Result<(), String> {
        Err(refusal("Random values cannot be made"))
    }

    fn set_timer(&mut self, _: u32, _: f64) -> Result<(), String> {
        Err(refusal("Timers cannot be set"))
    }

    fn fetch(&mut self, _: OutgoingRequest, _: Handle) -> Result<u32, String> {
        Err(refusal("Requests cannot be sent"))
    }

    fn open_socket(&mut self, _: OutgoingSocket, _: Handle) -> Result<u32, String> {
        Err(refusal("WebSockets cannot be opened"))
    }

    fn caches(&mut self) -> Result<Arc<dyn CacheStore>, String> {
        Err(refusal("Caches cannot be used"))
    }

    fn key_values(&mut self, _: &str) -> Result<Arc<dyn KeyValueStore>, String> {
        Err(refusal("KV namespaces cannot be used"))
    }

    fn clear_timer(&mut self, _: u32) {}

    fn log(&mut self, _: LogLevel, text: &str) {
        write_line(LogLevel::Error, text);
    }

    fn load_module(&mut self, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<ModuleSource, String> {
        match &self.loader {
            Some(loader) => loader.load(specifier, referrer, attributes),
            None => Err(format!("Cannot find module '{specifier}'")),
        }
    }

    fn module_url(&mut self, name: &str) -> String {
        // Absolute paths of the machine that builds have no place in an image.
        crate::loader::module_url(None, name)
    }

    fn refuel(&mut self) -> Refuel {
        if thread_cpu_time().saturating_sub(self.started) > BUILD_CPU {
            Refuel::Stop
        } else {
            Refuel::Continue(mayfly_engine::host::FUEL_QUANTUM)
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
