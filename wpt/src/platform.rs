//! The runtime's platform with the suite around it: results are taken from the console, the suite's files answer `fetch`, endless loops are
//! stopped.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Instant;

use mayfly_engine::Context;
use mayfly_engine::context::Handle;
use mayfly_engine::host::Refuel;
use mayfly_stdlib::fake::FakePlatform;
use mayfly_stdlib::fetch::host::{BodyInit, IncomingResponse, OutgoingRequest, deliver_response};
use mayfly_stdlib::platform::{Layer, LogLevel, Platform, WorkerHost};

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
        // Something has to stand there while the platforms are exchanged.
        let inner = std::mem::replace(&mut host.platform, Box::new(FakePlatform::default()));
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

impl Layer for SuitePlatform {
    fn inner(&mut self) -> &mut dyn Platform {
        &mut *self.inner
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

    fn refuel(&mut self) -> Refuel {
        if Instant::now() > self.deadline {
            self.observed.borrow_mut().stopped = true;
            return Refuel::Stop;
        }
        self.inner.refuel()
    }
}
