//! The runtime's platform with the suite around it: results are taken from the console, the suite's files answer `fetch`, endless loops are
//! stopped.

use std::any::Any;
use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use mayfly_engine::Context;
use mayfly_engine::context::Handle;
use mayfly_engine::host::{ModuleSource, Refuel};
use mayfly_stdlib::blocking::{Completion, Work};
use mayfly_stdlib::cache::CacheStore;
use mayfly_stdlib::fetch::host::{BodyChunk, BodyInit, IncomingResponse, OutgoingRequest, Sending, deliver_response};
use mayfly_stdlib::kv::KeyValueStore;
use mayfly_stdlib::platform::{LogLevel, Platform, WorkerHost};
use mayfly_stdlib::websocket::host::{OutgoingSocket, SocketMessage};

use crate::resources;
use crate::script::MARK;
use crate::substitute::{ALTERNATIVE_HOST, HOST};

/// What became known about a running test.
#[derive(Default)]
pub struct Observed {
    /// Lines after the mark.
    pub lines: Vec<String>,
    /// Errors that no listener handled.
    pub uncaught: Vec<String>,
    /// Whether a loop was stopped.
    pub stopped: bool,
    /// The test asked for a collection of garbage.
    pub wants_collection: bool,
    pub(crate) pending: Vec<(Handle, Result<IncomingResponse, String>)>,
}

/// The platform of a test.
pub struct SuitePlatform {
    inner: Box<dyn Platform>,
    observed: Rc<RefCell<Observed>>,
    /// Where the files are that answer `fetch`; none when the suite's servers do.
    root: Option<PathBuf>,
    deadline: Instant,
    console: bool,
}

impl SuitePlatform {
    /// Puts the suite around the platform of a context.
    pub fn wrap(cx: &mut Context, root: Option<PathBuf>, deadline: Instant, console: bool) -> Result<Rc<RefCell<Observed>>, String> {
        let observed = Rc::new(RefCell::new(Observed::default()));
        let host = cx.host().as_any().downcast_mut::<WorkerHost>().ok_or("the context's host is no worker's")?;
        let inner = std::mem::replace(&mut host.platform, Box::new(Nowhere));
        host.platform = Box::new(SuitePlatform { inner, observed: observed.clone(), root, deadline, console });
        Ok(observed)
    }
}

/// Between two turns: collects garbage if the test asked for it, hands replies to those who wait for them. False when the instance was
/// stopped meanwhile.
pub fn deliver(cx: &mut Context, observed: &RefCell<Observed>) -> bool {
    if std::mem::take(&mut observed.borrow_mut().wants_collection) {
        cx.collect_garbage();
    }
    loop {
        let pending = std::mem::take(&mut observed.borrow_mut().pending);
        if pending.is_empty() {
            return true;
        }
        for (waiter, outcome) in pending {
            if cx.enter(|cx| deliver_response(cx, waiter, outcome)).is_err() && cx.take_exception().is_none() {
                return false;
            }
        }
    }
}

/// Stands in while the platforms are exchanged.
struct Nowhere;

impl Platform for Nowhere {
    fn now_ms(&mut self) -> Result<f64, String> {
        Err("no platform".to_string())
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        Err("no platform".to_string())
    }

    fn fill_random(&mut self, _: &mut [u8]) -> Result<(), String> {
        Err("no platform".to_string())
    }

    fn set_timer(&mut self, _: u32, _: f64) -> Result<(), String> {
        Err("no platform".to_string())
    }

    fn clear_timer(&mut self, _: u32) {}

    fn log(&mut self, _: LogLevel, _: &str) {}

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

impl SuitePlatform {
    /// The suite's own answer to a request, if its servers need no handler for it.
    fn answer(&self, request: &OutgoingRequest) -> Option<IncomingResponse> {
        let root = self.root.as_ref()?;
        let (scheme, rest) = request.url.split_once("://")?;
        let authority = rest.split(['/', '?']).next()?;
        let host = authority.rsplit('@').next()?.split(':').next()?;
        let known = |base: &str| host == base || host.ends_with(&format!(".{base}"));
        if !matches!(scheme, "http" | "https") || !(known(HOST) || known(ALTERNATIVE_HOST)) {
            return None;
        }
        let target = rest.get(authority.len()..)?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if query.contains("pipe=") {
            return None;
        }
        let file = resources::file_of(root, path)?;
        let resource = resources::load(&file, &request.url).ok()?;
        let body = if request.method == "HEAD" { BodyInit::None } else { BodyInit::Bytes(resource.body) };
        let headers = resource.headers.into_iter().map(|(name, value)| (name.to_lowercase().into_bytes(), value.into_bytes())).collect();
        Some(IncomingResponse { status: 200, status_text: b"OK".to_vec(), headers, url: request.url.clone(), redirected: false, body })
    }
}

impl Platform for SuitePlatform {
    fn now_ms(&mut self) -> Result<f64, String> {
        self.inner.now_ms()
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        self.inner.monotonic_ms()
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        self.inner.fill_random(bytes)
    }

    fn set_timer(&mut self, timer: u32, delay_ms: f64) -> Result<(), String> {
        self.inner.set_timer(timer, delay_ms)
    }

    fn clear_timer(&mut self, timer: u32) {
        self.inner.clear_timer(timer);
    }

    fn log(&mut self, level: LogLevel, text: &str) {
        match text.trim_start_matches(' ').strip_prefix(MARK) {
            Some("[\"gc\"]") => self.observed.borrow_mut().wants_collection = true,
            Some(line) => self.observed.borrow_mut().lines.push(line.to_string()),
            None if self.console => self.inner.log(level, text),
            None => {}
        }
    }

    fn uncaught(&mut self, report: &str) {
        self.observed.borrow_mut().uncaught.push(report.to_string());
    }

    fn local_offset_minutes(&mut self, utc_ms: f64) -> f64 {
        self.inner.local_offset_minutes(utc_ms)
    }

    fn read_body(&mut self, body: u32, waiter: Handle) -> BodyChunk {
        self.inner.read_body(body, waiter)
    }

    fn cancel_body(&mut self, body: u32) {
        self.inner.cancel_body(body);
    }

    fn fetch(&mut self, request: OutgoingRequest, waiter: Handle) -> Result<u32, String> {
        match self.answer(&request) {
            Some(response) => {
                self.observed.borrow_mut().pending.push((waiter, Ok(response)));
                // The number of no operation of the runtime: giving it up changes nothing.
                Ok(0)
            }
            None => self.inner.fetch(request, waiter),
        }
    }

    fn abort_fetch(&mut self, operation: u32) {
        if operation != 0 {
            self.inner.abort_fetch(operation);
        }
    }

    fn caches(&mut self) -> Result<Arc<dyn CacheStore>, String> {
        self.inner.caches()
    }

    fn key_values(&mut self, binding: &str) -> Result<Arc<dyn KeyValueStore>, String> {
        self.inner.key_values(binding)
    }

    fn run_blocking(&mut self, work: Work, waiter: Handle) -> Option<Completion> {
        self.inner.run_blocking(work, waiter)
    }

    fn send_chunk(&mut self, operation: u32, bytes: Vec<u8>, waiter: Handle) -> Sending {
        self.inner.send_chunk(operation, bytes, waiter)
    }

    fn end_chunks(&mut self, operation: u32, complete: bool) {
        self.inner.end_chunks(operation, complete);
    }

    fn open_socket(&mut self, socket: OutgoingSocket, waiter: Handle) -> Result<u32, String> {
        self.inner.open_socket(socket, waiter)
    }

    fn send_message(&mut self, socket: u32, message: SocketMessage) {
        self.inner.send_message(socket, message);
    }

    fn close_socket(&mut self, socket: u32, code: Option<u16>, reason: &str) {
        self.inner.close_socket(socket, code, reason);
    }

    fn hardware_concurrency(&mut self) -> u32 {
        self.inner.hardware_concurrency()
    }

    fn load_module(&mut self, specifier: &str, referrer: &str, attributes: &[(String, String)]) -> Result<ModuleSource, String> {
        self.inner.load_module(specifier, referrer, attributes)
    }

    fn module_url(&mut self, name: &str) -> String {
        self.inner.module_url(name)
    }

    fn refuel(&mut self) -> Refuel {
        if Instant::now() > self.deadline {
            self.observed.borrow_mut().stopped = true;
            return Refuel::Stop;
        }
        self.inner.refuel()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self.inner.as_any()
    }
}
