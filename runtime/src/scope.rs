//! The seam to the worker scope: everything that the runtime asks of `mayfly-stdlib`.

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::native::Result;
use mayfly_engine::{Context, Object, Report, Value};
use mayfly_stdlib::{event_target, fetch_event};

use crate::report::ErrorReport;
use crate::roots;

pub use mayfly_stdlib::cookie_store::{self, reply_headers, set_request};
pub use mayfly_stdlib::fetch::host::{BodyChunk, BodyInit, BodyParts, ResponseParts, UsualType, deliver_body, new_request, response_parts};
pub use mayfly_stdlib::fetch_event::extend_context;
pub use mayfly_stdlib::report::{notify_rejections, report_exception};
pub use mayfly_stdlib::streams::{HostRead, acquire_reader, cancel_reader, host_read, host_read_state, new_host_read};
pub use mayfly_stdlib::websocket::host::{couple, set_connection};

/// Finishes the global object of a new context.
pub fn install(cx: &mut Context) -> Result<()> {
    mayfly_stdlib::install(cx)
}

/// Rejections that nobody handled and errors of jobs, gathered since the last call. For top levels, where none may remain.
pub fn unhandled(cx: &mut Context) -> Vec<ErrorReport> {
    let reports = cx.take_reports();
    reports
        .into_iter()
        .filter_map(|report| match report {
            Report::Rejected(promise) => {
                let (_, reason) = mayfly_engine::builtins::promise::state(cx, promise);
                Some(ErrorReport::new(cx, reason))
            }
            Report::Error(error) => Some(ErrorReport::new(cx, error)),
            Report::Handled(_) => None,
        })
        .collect()
}

/// Whether someone listens for `fetch` events.
pub fn has_fetch_listener(cx: &Context) -> bool {
    event_target::has_listener(cx, cx.global(), "fetch")
}

/// Whether someone listens for events of this type.
pub fn has_listener(cx: &Context, event_type: &str) -> bool {
    event_target::has_listener(cx, cx.global(), event_type)
}

/// Makes an event of the worker's life, kept as a root.
pub fn new_extendable_event(cx: &mut Context, event_type: &str) -> Object {
    let event = fetch_event::create_extendable_event(cx, event_type);
    cx.set_embedder_root(roots::EVENT, event.value());
    event
}

/// Makes the event of a schedule. It is the first argument of module workers' handlers too, which ask it for the same.
pub fn new_scheduled_event(cx: &mut Context, time_ms: f64, cron: &str) -> Object {
    fetch_event::create_scheduled_event(cx, time_ms, cron)
}

/// What a promise given to the event's `waitUntil` was rejected with, if one was.
pub fn lifetime_failure(cx: &Context, form: Form) -> Option<Value> {
    let event = cx.embedder_root(roots::EVENT).as_object().filter(|_| form == Form::Event)?;
    fetch_event::lifetime_promises(cx, event).into_iter().find_map(|promise| match promise::state(cx, promise) {
        (PromiseState::Rejected, reason) => Some(reason),
        _ => None,
    })
}

/// What the request's handlers extend its life with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// `export default { fetch }`: the `ctx` argument.
    Module,
    /// `addEventListener('fetch', …)`: the event.
    Event,
}

/// Makes the `ctx` argument, kept as a root.
pub fn new_execution_context(cx: &mut Context) -> Value {
    let context = fetch_event::create_execution_context(cx).value();
    cx.set_embedder_root(roots::EVENT, context);
    context
}

/// What an instance that is used again must not keep of a request.
pub fn forget_request(cx: &mut Context) {
    cookie_store::forget_request(cx);
    for root in [roots::EVENT, roots::RESULT, roots::READER, roots::CHUNK] {
        if !cx.embedder_root(root).is_undefined() {
            cx.set_embedder_root(root, Value::UNDEFINED);
        }
    }
}

/// Makes the event for a request, kept as a root.
pub fn new_fetch_event(cx: &mut Context, request: Object) -> Object {
    let event = fetch_event::create_fetch_event(cx, request);
    cx.set_embedder_root(roots::EVENT, event.value());
    event
}

/// The function that is the only listener for requests, if there is one: it may be run slice by slice, between [`begin_dispatch`] and
/// [`end_dispatch`].
pub fn sole_fetch_listener(cx: &Context) -> Option<Object> {
    event_target::sole_listener(cx, cx.global(), "fetch")
}

/// What comes before the sole listener's run.
pub fn begin_dispatch(cx: &mut Context, event: Object) {
    let global = cx.global();
    event_target::begin_dispatch(cx, global, event);
}

/// What comes after it.
pub fn end_dispatch(cx: &mut Context) {
    if let Some(event) = cx.embedder_root(roots::EVENT).as_object() {
        let global = cx.global();
        event_target::end_dispatch(cx, global, event);
    }
}

/// Dispatches an event at the global object. Exceptions of listeners are reported.
pub fn dispatch(cx: &mut Context, event: Object) -> Result<()> {
    let global = cx.global();
    event_target::dispatch_collecting(cx, global, event).map(|_| ())
}

/// The promise given to `respondWith`.
pub fn response_promise(cx: &Context) -> Option<Object> {
    cx.embedder_root(roots::EVENT).as_object().and_then(|event| fetch_event::response_promise(cx, event))
}

/// Whether promises given to `waitUntil` are pending.
pub fn has_pending_lifetime(cx: &Context, form: Form) -> bool {
    let Some(object) = cx.embedder_root(roots::EVENT).as_object() else { return false };
    match form {
        Form::Module => fetch_event::pending_context_promises(cx, object) > 0,
        Form::Event => fetch_event::pending_lifetime_promises(cx, object) > 0,
    }
}

/// Cancels a stream that nobody will read.
pub fn cancel_stream(cx: &mut Context, stream: Object) -> Result<Object> {
    let reader = acquire_reader(cx, stream)?;
    cancel_reader(cx, reader, mayfly_engine::Value::UNDEFINED)
}
