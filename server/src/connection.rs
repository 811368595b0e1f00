//! One connection: hyper on one side, the dispatcher on the other.

use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use mayfly_runtime::{Dispatcher, Limits, ReplyBody, Respond};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// How long a client may take to send a request's head, or to begin one on an idle connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// What the request line and separators may need beyond the limits.
const HEAD_SLACK: usize = 4 << 10;
/// hyper refuses smaller buffers.
const LEAST_BUFFER: usize = 8 << 10;

/// Requests of a connection go to the dispatcher of its thread.
struct Handler(Rc<Dispatcher>);

impl Service<Request<Incoming>> for Handler {
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        Answer(self.0.respond(request))
    }
}

/// A reply to come.
struct Answer(Respond<Incoming>);

impl Future for Answer {
    type Output = Result<Response<ReplyBody>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map(Ok)
    }
}

/// How connections are handled.
pub fn protocol(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .pipeline_flush(true)
        .max_buf_size((limits.url_bytes + limits.header_bytes + HEAD_SLACK).max(LEAST_BUFFER));
    builder
}

/// Serves a connection until it ends, or until the server stops and the request in flight is done.
pub async fn serve(stream: TcpStream, protocol: &http1::Builder, dispatcher: Rc<Dispatcher>, mut stop: watch::Receiver<bool>) {
    // Replies are written whole: waiting for more helps nobody.
    let _ = stream.set_nodelay(true);
    let worker = dispatcher.worker().name.clone();
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), Handler(dispatcher)).with_upgrades());
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
