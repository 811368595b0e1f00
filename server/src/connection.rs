//! One connection: hyper on one side, the workers' dispatchers on the other.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::Service;
use mayfly_runtime::{Aborted, Limits, ReplyBody, Respond, plain_reply};
use tokio::net::TcpStream;

use crate::connections::{Open, State, Told};
use crate::directory::Found;
use crate::io::Io;
use crate::sites::Sites;

/// What the request line and separators may need beyond the limits.
const HEAD_SLACK: usize = 4 << 10;
/// hyper refuses smaller buffers.
const LEAST_BUFFER: usize = 8 << 10;

/// Requests of a connection go to the workers of its thread.
struct Handler {
    sites: Rc<Sites>,
    connection: Rc<State>,
}

impl Service<Request<Incoming>> for Handler {
    type Response = Response<Reply>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        let in_flight = Some(InFlight::new(&self.connection));
        let source = match self.sites.find(&request) {
            Some(Found::Worker(dispatcher)) => Source::Worker(dispatcher.respond(request)),
            Some(Found::Unloaded(name, file)) => {
                let sites = self.sites.clone();
                Source::Unloaded(Box::pin(async move {
                    let Some(directory) = sites.directory() else { return nobody() };
                    match directory.load(name, file).await {
                        Ok(dispatcher) => dispatcher.respond(request).await,
                        Err(reply) => reply,
                    }
                }))
            }
            None => Source::Nobody,
        };
        Answer { source, in_flight }
    }
}

/// A request of which the reply is not yet handed over.
struct InFlight(Rc<State>);

impl InFlight {
    fn new(connection: &Rc<State>) -> InFlight {
        connection.begin_request();
        InFlight(connection.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.end_request();
    }
}

fn nobody() -> Response<ReplyBody> {
    plain_reply(StatusCode::NOT_FOUND, "No worker is routed here.\n")
}

/// Where a reply comes from.
enum Source {
    /// From a worker.
    Worker(Respond<Incoming>),
    /// From a worker that is loaded first.
    Unloaded(Pin<Box<dyn Future<Output = Response<ReplyBody>>>>),
    /// No worker takes such requests.
    Nobody,
}

/// A reply to come.
struct Answer {
    source: Source,
    in_flight: Option<InFlight>,
}

impl Future for Answer {
    type Output = Result<Response<Reply>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = match &mut self.source {
            Source::Worker(respond) => std::task::ready!(Pin::new(respond).poll(cx)),
            Source::Unloaded(reply) => std::task::ready!(reply.as_mut().poll(cx)),
            Source::Nobody => nobody(),
        };
        let in_flight = self.in_flight.take();
        Poll::Ready(Ok(response.map(|body| Reply { body, _in_flight: in_flight })))
    }
}

/// A reply's body, with which its request ends.
struct Reply {
    body: ReplyBody,
    _in_flight: Option<InFlight>,
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// How connections are handled.
pub fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        // How long heads may take is watched by `Connections`, at no cost for those that come in time.
        .header_read_timeout(None)
        // Never `pipeline_flush`: with it hyper takes all of a body that is ready into its buffer, however slowly the client reads.
        .max_buf_size((limits.url_bytes + limits.header_bytes + HEAD_SLACK).max(LEAST_BUFFER));
    builder
}

/// Serves a connection until it ends, or until it is told to and the request in flight is done.
pub async fn serve(stream: TcpStream, protocol: &http1::Builder, sites: Rc<Sites>, open: Open) {
    let worker = sites.name();
    let handler = Handler { sites, connection: open.state.clone() };
    let mut connection = pin!(protocol.serve_connection(Io::new(stream, open.state.sent()), handler).with_upgrades());
    let mut stops = false;
    let outcome = std::future::poll_fn(|cx| {
        match open.state.told(cx) {
            Told::Nothing => {}
            Told::Expire => return Poll::Ready(Ok(())),
            Told::Stop if stops => {}
            Told::Stop => {
                stops = true;
                connection.as_mut().graceful_shutdown();
            }
        }
        connection.as_mut().poll(cx)
    })
    .await;
    if let Err(error) = outcome {
        if error.is_parse_too_large() {
            tracing::warn!(worker = &*worker, limit = "header-bytes", "a request's head is too large");
        } else {
            // Clients that go away are everyday life.
            tracing::debug!(worker = &*worker, "connection ended: {error}");
        }
    }
}
