//! One connection: hyper on one side, the workers' dispatchers on the other.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use mayfly_runtime::{Limits, ReplyBody, Respond, plain_reply};
use tokio::net::TcpStream;
use tokio::sync::watch;

use crate::directory::Found;
use crate::sites::Sites;

/// How long a client may take to send a request's head, or to begin one on an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// What the request line and separators may need beyond the limits.
const HEAD_SLACK: usize = 4 << 10;
/// hyper refuses smaller buffers.
const LEAST_BUFFER: usize = 8 << 10;

/// Requests of a connection go to the workers of its thread.
struct Handler(Rc<Sites>);

impl Service<Request<Incoming>> for Handler {
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        match self.0.find(&request) {
            Some(Found::Worker(dispatcher)) => Answer::Worker(dispatcher.respond(request)),
            Some(Found::Unloaded(name, file)) => {
                let sites = self.0.clone();
                Answer::Unloaded(Box::pin(async move {
                    let Some(directory) = sites.directory() else { return nobody() };
                    match directory.load(name, file).await {
                        Ok(dispatcher) => dispatcher.respond(request).await,
                        Err(reply) => reply,
                    }
                }))
            }
            None => Answer::Nobody,
        }
    }
}

fn nobody() -> Response<ReplyBody> {
    plain_reply(StatusCode::NOT_FOUND, "No worker is routed here.\n")
}

/// A reply to come.
#[allow(clippy::large_enum_variant)] // one per request in flight; boxing it would cost every request an allocation
enum Answer {
    /// From a worker.
    Worker(Respond<Incoming>),
    /// From a worker that is loaded first.
    Unloaded(Pin<Box<dyn Future<Output = Response<ReplyBody>>>>),
    /// No worker takes such requests.
    Nobody,
}

impl Future for Answer {
    type Output = Result<Response<ReplyBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Answer::Worker(respond) => Pin::new(respond).poll(cx).map(Ok),
            Answer::Unloaded(reply) => reply.as_mut().poll(cx).map(Ok),
            Answer::Nobody => Poll::Ready(Ok(nobody())),
        }
    }
}

/// How connections are handled.
pub fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        // Never `pipeline_flush`: with it hyper takes all of a body that is ready into its buffer, however slowly the client reads.
        .max_buf_size((limits.url_bytes + limits.header_bytes + HEAD_SLACK).max(LEAST_BUFFER));
    builder
}

/// Serves a connection until it ends, or until the server stops and the request in flight is done.
pub async fn serve(stream: TcpStream, protocol: &http1::Builder, sites: Rc<Sites>, mut stop: watch::Receiver<bool>) {
    let worker = sites.name();
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), Handler(sites)).with_upgrades());
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        _ = stop.wait_for(|stops| *stops) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        if error.is_parse_too_large() {
            tracing::warn!(worker = &*worker, limit = "header-bytes", "a request's head is too large");
        } else {
            // Clients that go away are everyday life.
            tracing::debug!(worker = &*worker, "connection ended: {error}");
        }
    }
}
