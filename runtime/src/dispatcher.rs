//! Requests to one worker on one thread.
//!
//! [`Dispatcher::respond`] gives a future per request. Making it runs the handler, or its first poll where the request has a body. A reply
//! that is ready by then is returned at once, with no task, no timer and no system call. Everything else moves into a task of its own
//! ([`crate::drive`]), which owns the instance and all that belongs to the request until reply and `waitUntil` are done.

use std::cell::Cell;
use std::future::Future;
use std::ops::Range;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use hyper::ext::ReasonPhrase;
use mayfly_engine::Object;
use mayfly_engine::builtins::promise;
use smallvec::SmallVec;
use tokio::sync::{Notify, oneshot};

use crate::at_once::{Rest, read_ahead};
use crate::body::{BoxError, IncomingBody, ReplyBody};
use crate::drive;
use crate::instance::{Answer, Instance, Progress, RequestHead, Stopped};
use crate::limits::Limit;
use crate::net::{self, Upgrade};
use crate::pool::Pool;
use crate::ready::Ready;
use crate::report::ErrorReport;
use crate::roots;
use crate::scope::{self, BodyInit, BodyParts, ResponseParts, UsualType};
use crate::url::UrlRoom;
use crate::worker::Worker;

/// Bodies up to this length are handed to the worker in one piece when they have arrived already.
const WHOLE_BODY: u64 = 1 << 20;

/// Requests to one worker on one thread.
pub struct Dispatcher {
    pool: Pool,
    /// Requests in tasks of their own.
    active: Cell<usize>,
    idle: Notify,
    /// Room for the URL of a request.
    url: Cell<UrlRoom>,
}

/// What is known of a request when its reply is written.
#[derive(Clone)]
pub(crate) struct RequestInfo {
    pub method: Method,
    pub path: String,
    /// Error replies are pages.
    pub wants_html: bool,
}

impl RequestInfo {
    fn new(method: &Method, uri: &Uri, headers: &HeaderMap) -> RequestInfo {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        RequestInfo {
            method: method.clone(),
            path: uri.path().to_string(),
            wants_html: accept.is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*")),
        }
    }
}

impl Dispatcher {
    /// A dispatcher for this thread.
    pub fn new(worker: Worker) -> Rc<Dispatcher> {
        Rc::new(Dispatcher { pool: Pool::new(worker), active: Cell::new(0), idle: Notify::new(), url: Cell::default() })
    }

    /// The worker.
    pub fn worker(&self) -> &Worker {
        self.pool.worker()
    }

    /// The instances.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Makes an instance, so that the first request finds one.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub fn warm_up(&self) -> Result<(), mayfly_engine::ImageError> {
        let instance = self.pool.take()?;
        self.pool.put_unused(instance);
        Ok(())
    }

    /// Dispatches `install` and `activate`, each in an instance of its own, and waits for what they were given with `waitUntil`. What they
    /// leave in caches and stores is there for all requests; nothing else of them is. Must run within a `LocalSet`.
    ///
    /// # Errors
    /// Where `install` was given a promise that was rejected, or a limit was passed: such a worker is not to be served. The message says
    /// why.
    pub async fn install(self: &Rc<Self>) -> Result<(), String> {
        let instance = self.pool.take().map_err(|error| error.to_string())?;
        let listens = instance.listens_to_lifecycle();
        self.pool.put_unused(instance);
        if !listens {
            return Ok(());
        }
        for event_type in ["install", "activate"] {
            let mut instance = self.pool.take().map_err(|error| error.to_string())?;
            instance.state.begin();
            let info = RequestInfo { method: Method::GET, path: format!("({event_type})"), wants_html: false };
            let outcome = match instance.start_lifecycle(event_type) {
                Ok(true) => drive::live(self, instance, info).await,
                Ok(false) => {
                    self.pool.put(instance);
                    Ok(())
                }
                Err(Stopped(limit)) => {
                    self.pool.put(instance);
                    Err(limit.message(&self.worker().options.limits))
                }
            };
            match outcome {
                Ok(()) => {}
                // https://w3c.github.io/ServiceWorker/#activation-algorithm: a worker whose `activate` event fails is active all the same.
                Err(why) if event_type == "activate" => tracing::error!(worker = &*self.worker().name, "activate: {why}"),
                Err(why) => return Err(format!("install: {why}")),
            }
        }
        Ok(())
    }

    /// Runs the worker's `scheduled` handler, in an instance of its own, to the end of all that it waits for; whether there is one. Its
    /// errors are logged. Must run within a `LocalSet`.
    ///
    /// # Errors
    /// Where the system gives no memory.
    pub async fn scheduled(self: &Rc<Self>, cron: &str, time_ms: f64) -> Result<bool, mayfly_engine::ImageError> {
        let mut instance = self.pool.take()?;
        instance.state.begin();
        let info = RequestInfo { method: Method::GET, path: format!("(scheduled {cron})"), wants_html: false };
        match instance.start_scheduled(time_ms, cron) {
            Ok(true) => {
                drive::finish(self, instance, info).await;
                Ok(true)
            }
            Ok(false) => {
                self.pool.put(instance);
                Ok(false)
            }
            Err(Stopped(limit)) => {
                self.pool.put(instance);
                self.log_limit(&info, limit);
                Ok(true)
            }
        }
    }

    /// Answers a request. To be called, and the future to be polled, within a `LocalSet`.
    #[inline(always)] // or the request would be copied once more
    pub fn respond<B>(self: &Rc<Self>, mut request: Request<B>) -> Respond<B>
    where
        B: Body<Data = Bytes> + Unpin + 'static,
        B::Error: Into<BoxError>,
    {
        // OPTIMIZATION: what has no body to wait for is answered before the server looks at the connection again: the request is gone then, and
        // the server reads the next one into the same buffer.
        let state = if request.body().is_end_stream() {
            RespondState::Begun(begin(self, &mut request, 0, |_| (BodyInit::None, None)))
        } else {
            RespondState::Start(Box::new(request.map(Some)))
        };
        Respond { dispatcher: self.clone(), state }
    }

    /// Waits until no request is in a task of its own.
    pub async fn wait_idle(&self) {
        while self.active.get() > 0 {
            self.idle.notified().await;
        }
    }

    pub(crate) fn task_began(&self) {
        self.active.set(self.active.get() + 1);
    }

    pub(crate) fn task_ended(&self) {
        self.active.set(self.active.get() - 1);
        if self.active.get() == 0 {
            self.idle.notify_waiters();
        }
    }

    /// What makes a request, whose body has at least so many bytes, unacceptable before the worker sees it.
    fn refusal<R>(&self, request: &Request<R>, header_bytes: usize, least_body: u64) -> Option<Response<ReplyBody>> {
        let limits = &self.worker().options.limits;
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        let limit = if target > limits.url_bytes {
            Limit::Url
        } else if header_bytes > limits.header_bytes {
            Limit::Headers
        } else if least_body > limits.body_bytes {
            Limit::Body
        } else {
            // https://fetch.spec.whatwg.org/#forbidden-method
            return matches!(request.method().as_str(), "CONNECT" | "TRACE" | "TRACK")
                .then(|| plain_reply(StatusCode::NOT_IMPLEMENTED, "This method cannot be handed to a worker.\n"));
        };
        Some(self.limit_reply(&RequestInfo::new(request.method(), request.uri(), request.headers()), limit))
    }

    /// Logs that a request ran into a limit, and makes the reply.
    pub(crate) fn limit_reply(&self, info: &RequestInfo, limit: Limit) -> Response<ReplyBody> {
        self.log_limit(info, limit);
        plain_reply(limit.status(), &format!("{}\n", limit.message(&self.worker().options.limits)))
    }

    /// Logs that a request ran into a limit.
    pub(crate) fn log_limit(&self, info: &RequestInfo, limit: Limit) {
        let worker = self.worker();
        let message = limit.message(&worker.options.limits);
        tracing::warn!(worker = &*worker.name, limit = limit.name(), method = %info.method, path = info.path, "{message}");
    }

    /// Logs that the stream of a reply failed.
    pub(crate) fn log_stream_failure(&self, info: &RequestInfo, report: &ErrorReport) {
        let worker = &*self.worker().name;
        tracing::error!(worker, method = %info.method, path = info.path, "the reply's stream failed: {}", report.text());
    }

    /// Logs that a handler failed, and makes the reply.
    pub(crate) fn failure_reply(&self, info: &RequestInfo, report: &ErrorReport) -> Response<ReplyBody> {
        let worker = self.worker();
        tracing::error!(worker = &*worker.name, method = %info.method, path = info.path, "Uncaught {}", report.text());
        if worker.options.production {
            return plain_reply(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error\n");
        }
        if !info.wants_html {
            return plain_reply(StatusCode::INTERNAL_SERVER_ERROR, &format!("Uncaught {}\n", report.text()));
        }
        let page = report.html(&format!("500: uncaught error in {}", worker.name));
        let mut response = Response::new(ReplyBody::Full(Bytes::from(page)));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response
    }
}

/// A reply in plain text.
pub fn plain_reply(status: StatusCode, text: &str) -> Response<ReplyBody> {
    let mut response = Response::new(ReplyBody::Full(Bytes::copy_from_slice(text.as_bytes())));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// Headers that belong to the connection, which is not the worker's.
fn is_hop_by_hop(name: &HeaderName) -> bool {
    matches!(*name, header::CONNECTION | header::TRANSFER_ENCODING | header::UPGRADE | header::TE | header::TRAILER)
        || matches!(name.as_str(), "keep-alive" | "proxy-connection")
}

/// A type as a header. (Checked when this is compiled: `from_static` reads its text each time.)
fn content_type(usual: UsualType) -> HeaderValue {
    match usual {
        UsualType::Text => const { HeaderValue::from_static(UsualType::Text.as_str()) },
        UsualType::Json => const { HeaderValue::from_static(UsualType::Json.as_str()) },
        UsualType::UrlEncoded => const { HeaderValue::from_static(UsualType::UrlEncoded.as_str()) },
    }
}

/// Head of a reply. `length_is_known` when the body's need not be said. The room of `spare`, the request's headers, is used for those of the
/// reply; where there is no reply, what error pages are chosen by is left in it.
pub(crate) fn reply_head(parts: &mut ResponseParts, length_is_known: bool, spare: &mut HeaderMap) -> Result<Ready, ErrorReport> {
    let mut ready = Ready::default();
    let response = ready.get_mut();
    *response.status_mut() =
        StatusCode::from_u16(parts.status).map_err(|_| ErrorReport::message(format!("{} cannot be sent as a status", parts.status)))?;
    // (Of a status without a usual reason hyper would say "<none>".)
    if (!parts.status_text.is_empty() || response.status().canonical_reason().is_none())
        && let Ok(reason) = ReasonPhrase::try_from(std::mem::take(&mut parts.status_text))
    {
        response.extensions_mut().insert(reason);
    }
    if let Some(usual) = parts.headers.usual_type() {
        let headers = response.headers_mut();
        std::mem::swap(headers, spare);
        headers.clear();
        headers.insert(header::CONTENT_TYPE, content_type(usual));
        return Ok(ready);
    }
    let packed = std::mem::take(parts.headers.packed());
    let accept = spare.remove(header::ACCEPT);
    let mut headers = std::mem::take(spare);
    headers.clear();
    headers.reserve(packed.ends.len() / 2);
    let ranges: SmallVec<[(Range<usize>, Range<usize>); 8]> = packed.ranges().collect();
    // All values share the one buffer.
    let bytes = Bytes::from(packed.bytes.into_vec());
    for (name, value) in ranges {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&bytes[name.clone()]), HeaderValue::from_maybe_shared(bytes.slice(value)))
        else {
            if let Some(accept) = accept {
                spare.insert(header::ACCEPT, accept);
            }
            return Err(ErrorReport::message(format!("The header {} cannot be sent", String::from_utf8_lossy(&bytes[name]))));
        };
        if is_hop_by_hop(&name) || length_is_known && name == header::CONTENT_LENGTH {
            continue;
        }
        headers.append(name, value);
    }
    *response.headers_mut() = headers;
    Ok(ready)
}

/// What handling a request needs to know of its headers, from one pass over them.
#[derive(Default)]
struct HeaderFacts<'a> {
    /// Bytes of names and values.
    bytes: usize,
    host: Option<&'a HeaderValue>,
    asks_for_upgrade: bool,
    has_cookies: bool,
}

impl<'a> HeaderFacts<'a> {
    fn of(headers: &'a HeaderMap) -> HeaderFacts<'a> {
        let mut facts = HeaderFacts::default();
        for (name, value) in headers {
            facts.bytes += name.as_str().len() + value.len();
            if *name == header::HOST {
                facts.host = facts.host.or(Some(value));
            } else if *name == header::UPGRADE {
                facts.asks_for_upgrade = true;
            } else if *name == header::COOKIE {
                facts.has_cookies = true;
            }
        }
        facts
    }
}

/// A request being answered.
pub struct Respond<B> {
    dispatcher: Rc<Dispatcher>,
    state: RespondState<B>,
}

enum RespondState<B> {
    /// The body is waited for first. A box, so that requests without a body are not as large.
    Start(Box<Request<Option<B>>>),
    Begun(Begun),
    /// The reply was given.
    Over,
}

impl<B> Future for Respond<B>
where
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    type Output = Response<ReplyBody>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Response<ReplyBody>> {
        let begun = match std::mem::replace(&mut self.state, RespondState::Over) {
            RespondState::Begun(begun) => begun,
            RespondState::Start(mut request) => {
                let least_body = request.body().as_ref().map_or(0, |body| body.size_hint().lower());
                let limit = self.dispatcher.worker().options.limits.body_bytes;
                begin(&self.dispatcher, &mut request, least_body, |body| match body.take() {
                    Some(body) => incoming_body(body, limit, cx),
                    None => (BodyInit::None, None),
                })
            }
            RespondState::Over => return Poll::Pending,
        };
        match begun {
            Begun::Done(ready) => Poll::Ready(ready.take()),
            Begun::Waits(mut receiver) => match Pin::new(&mut receiver).poll(cx) {
                // A task that ended without a reply panicked.
                Poll::Ready(reply) => {
                    Poll::Ready(reply.unwrap_or_else(|_| plain_reply(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error\n")))
                }
                Poll::Pending => {
                    self.state = RespondState::Begun(Begun::Waits(receiver));
                    Poll::Pending
                }
            },
        }
    }
}

enum Begun {
    Done(Ready),
    Waits(oneshot::Receiver<Response<ReplyBody>>),
}

/// The request's body for the worker: whole, when all of it is here. There is one: it has not ended before it was asked for.
fn incoming_body<B>(mut body: B, limit: u64, cx: &mut Context<'_>) -> (BodyInit, Option<IncomingBody>)
where
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<BoxError>,
{
    let mut ahead = None;
    if let Some(length) = body.size_hint().exact()
        && length <= WHOLE_BODY
        && let Poll::Ready(Some(Ok(frame))) = Pin::new(&mut body).poll_frame(cx)
        && let Ok(bytes) = frame.into_data()
    {
        if bytes.len() as u64 == length {
            return (BodyInit::Bytes(bytes.to_vec()), None);
        }
        ahead = Some(bytes);
    }
    let body = Box::pin(ErrorBoxed(body));
    (BodyInit::Host(0), Some(IncomingBody::new(body, ahead, limit)))
}

/// A body whose error is boxed.
struct ErrorBoxed<B>(B);

impl<B> Body for ErrorBoxed<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map(|frame| frame.map(|frame| frame.map_err(Into::into)))
    }
}

// https://www.rfc-editor.org/rfc/rfc6455#section-4.2.1
/// The WebSocket that a request asks for, if its handshake is right.
fn websocket_upgrade<R>(request: &mut Request<R>) -> Option<Upgrade> {
    let has_token = |name: HeaderName, wanted: &str| {
        let values = request.headers().get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|token| token.trim().eq_ignore_ascii_case(wanted))
    };
    let is_right = *request.method() == Method::GET
        && has_token(header::UPGRADE, "websocket")
        && has_token(header::CONNECTION, "upgrade")
        && request.headers().get(header::SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let accept = net::accept_value(request.headers().get(header::SEC_WEBSOCKET_KEY).filter(|_| is_right)?.as_bytes());
    Some(Upgrade { connection: request.extensions_mut().remove()?, accept })
}

/// Runs the handler. What is done by then is answered at once. The body has at least `least_body` bytes; `take_body` gives it when the
/// request is accepted.
#[inline(never)]
fn begin<R>(
    dispatcher: &Rc<Dispatcher>,
    request: &mut Request<R>,
    least_body: u64,
    take_body: impl FnOnce(&mut R) -> (BodyInit, Option<IncomingBody>),
) -> Begun {
    let done = |response: Response<ReplyBody>| Begun::Done(Ready::from(response));
    let HeaderFacts { bytes: header_bytes, host, asks_for_upgrade, has_cookies } = HeaderFacts::of(request.headers());
    let mut url = dispatcher.url.take();
    let has_url = url.write(request.uri(), host);
    if let Some(refusal) = dispatcher.refusal(request, header_bytes, least_body) {
        return done(refusal);
    }
    if !has_url {
        return done(plain_reply(StatusCode::BAD_REQUEST, "The Host header is not valid.\n"));
    }
    let mut instance = match dispatcher.pool.take() {
        Ok(instance) => instance,
        Err(error) => {
            tracing::error!(worker = &*dispatcher.worker().name, "no instance could be made: {error}");
            return done(plain_reply(StatusCode::SERVICE_UNAVAILABLE, "The server has no room for this request.\n"));
        }
    };
    instance.state.begin();
    if asks_for_upgrade {
        *instance.state.upgrade.borrow_mut() = websocket_upgrade(request);
    }
    let (body, incoming) = take_body(request.body_mut());
    *instance.state.body.borrow_mut() = incoming;
    let head = RequestHead { method: request.method().as_str(), url: url.text(), headers: request.headers(), has_cookies };
    let started = instance.start(&head, body);
    dispatcher.url.set(url);
    let info = |request: &Request<R>| RequestInfo::new(request.method(), request.uri(), request.headers());
    if let Err(Stopped(limit)) = started {
        dispatcher.pool.put(instance);
        return done(dispatcher.limit_reply(&info(request), limit));
    }
    // The common case first: the reply is there and complete.
    let is_head = *request.method() == Method::HEAD;
    let mut taken = take_reply(&mut instance, is_head, request.headers_mut());
    if !matches!(taken, Taken::Streamed(..)) {
        match instance.advance() {
            Ok(Progress::Idle) => {}
            Ok(Progress::Yield) => return Begun::Waits(drive::spawn(dispatcher, instance, info(request), taken)),
            Err(Stopped(limit)) => {
                let info = info(request);
                let ready = match taken {
                    // The reply was ready before the rest went wrong.
                    Taken::Whole(ready) => {
                        dispatcher.log_limit(&info, limit);
                        ready
                    }
                    _ => dispatcher.limit_reply(&info, limit).into(),
                };
                dispatcher.pool.put(instance);
                return Begun::Done(ready);
            }
        }
        if matches!(taken, Taken::NotYet) {
            taken = take_reply(&mut instance, is_head, request.headers_mut());
        }
    }
    let taken = match taken {
        Taken::Streamed(head, Source::Reader(length)) => return begin_stream(dispatcher, instance, head, length, || info(request)),
        taken => taken,
    };
    let is_over = !instance.is_busy() && !instance.has_pending_lifetime();
    let ready = match taken {
        Taken::Whole(ready) if is_over => ready,
        Taken::Failed(report) if is_over => dispatcher.failure_reply(&info(request), &report).into(),
        taken => return Begun::Waits(drive::spawn(dispatcher, instance, info(request), taken)),
    };
    dispatcher.pool.put(instance);
    Begun::Done(ready)
}

/// Reads what the reply's stream gives at once. The reply can be sent then, whatever is left to do.
fn begin_stream(
    dispatcher: &Rc<Dispatcher>,
    mut instance: Box<Instance>,
    head: Ready,
    length: Option<u64>,
    info: impl Fn() -> RequestInfo,
) -> Begun {
    let (ready, rest) = read_ahead(&mut instance, head, length);
    match rest {
        Rest::Stream(writer) => {
            drive::spawn_rest(dispatcher, instance, info(), Some(writer));
            return Begun::Done(ready);
        }
        Rest::Stopped(limit) => {
            dispatcher.log_limit(&info(), limit);
            dispatcher.pool.put(instance);
            return Begun::Done(ready);
        }
        Rest::Failed(report) => dispatcher.log_stream_failure(&info(), &report),
        Rest::Nothing => {}
    }
    if instance.is_busy() || instance.has_pending_lifetime() {
        drive::spawn_rest(dispatcher, instance, info(), None);
    } else {
        dispatcher.pool.put(instance);
    }
    Begun::Done(ready)
}

/// A reply as far as it is there.
pub(crate) enum Taken {
    /// The handler has not answered.
    NotYet,
    /// All of it.
    Whole(Ready),
    /// Its head; the body comes piece by piece.
    Streamed(Ready, Source),
    /// The handler failed, or what it returned is no reply.
    Failed(Box<ErrorReport>),
    /// A limit was passed meanwhile.
    Stopped(Limit),
}

/// Where the pieces of a reply's body come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Source {
    /// The reader in the root `READER`. The length, if it is known.
    Reader(Option<u64>),
    /// A body that the host receives, passed on: the request's own (0), or one that the worker fetched.
    Host(u32),
}

/// Takes the handler's answer, if it is there. Only while nothing is suspended, or it counts as not there. `spare` as for [`reply_head`].
pub(crate) fn take_reply(instance: &mut Instance, is_head: bool, spare: &mut HeaderMap) -> Taken {
    if instance.is_suspended() {
        return Taken::NotYet;
    }
    let value = match instance.answer() {
        Answer::Waiting => return Taken::NotYet,
        Answer::Failed(report) => return Taken::Failed(Box::new(report)),
        Answer::Ready(value) => value,
    };
    // Set from within: what `run` gives is copied several times.
    let mut parts = None;
    let outcome = instance.run(|cx| {
        let parts = parts.insert(scope::response_parts(cx, value)?);
        for cookie in scope::reply_headers(cx) {
            parts.headers.packed().push(b"set-cookie", &cookie);
        }
        if let BodyParts::Stream(stream, length) = &parts.body {
            let (stream, length) = (*stream, *length);
            if is_head {
                let done = scope::cancel_stream(cx, stream)?;
                promise::mark_handled(cx, done);
                parts.body = BodyParts::Empty;
            } else {
                let reader = scope::acquire_reader(cx, stream)?;
                cx.set_embedder_root(roots::READER, reader.value());
                cx.set_embedder_root(roots::CHUNK, scope::new_host_read(cx));
                parts.body = BodyParts::Stream(reader, length);
            }
        }
        Ok(())
    });
    match outcome {
        Ok(Ok(())) => {}
        Ok(Err(report)) => return Taken::Failed(Box::new(report)),
        Err(Stopped(limit)) => return Taken::Stopped(limit),
    }
    let Some(parts) = &mut parts else { return Taken::NotYet };
    if let Some(socket) = parts.web_socket {
        return take_socket(instance, parts, socket);
    }
    let body = std::mem::replace(&mut parts.body, BodyParts::Empty);
    match reply_head(parts, matches!(body, BodyParts::Bytes(_)), spare) {
        Err(report) => Taken::Failed(Box::new(report)),
        Ok(mut ready) => match body {
            BodyParts::Bytes(bytes) => {
                *ready.get_mut().body_mut() = ReplyBody::Full(Bytes::from(bytes));
                Taken::Whole(ready)
            }
            BodyParts::Stream(_, length) => Taken::Streamed(ready, Source::Reader(length)),
            BodyParts::Host(number) if !is_head => Taken::Streamed(ready, Source::Host(number)),
            BodyParts::Empty | BodyParts::Host(_) => Taken::Whole(ready),
        },
    }
}

/// A reply that switches to the WebSocket protocol. The worker keeps the other end of the socket that it answered with.
fn take_socket(instance: &mut Instance, parts: &mut ResponseParts, socket: Object) -> Taken {
    let Some(upgrade) = instance.state.upgrade.take() else {
        return Taken::Failed(Box::new(ErrorReport::message(
            "The handler answered with a WebSocket, but the request does not ask for one",
        )));
    };
    let state = instance.state.clone();
    let coupled = instance.run(|cx| {
        let waiter = scope::couple(cx, socket)?;
        let number = state.serve_socket(upgrade.connection, waiter);
        scope::set_connection(cx, socket, number)
    });
    match coupled {
        Ok(Ok(())) => {}
        Ok(Err(report)) => return Taken::Failed(Box::new(report)),
        Err(Stopped(limit)) => return Taken::Stopped(limit),
    }
    match reply_head(parts, false, &mut HeaderMap::new()) {
        Err(report) => Taken::Failed(Box::new(report)),
        Ok(mut ready) => {
            let headers = ready.get_mut().headers_mut();
            headers.remove(header::CONTENT_LENGTH);
            headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            if let Ok(accept) = HeaderValue::from_str(&upgrade.accept) {
                headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
            }
            Taken::Whole(ready)
        }
    }
}
