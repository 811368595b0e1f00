//! The HTTP client of a thread, which keeps connections for later requests, and the bodies it sends.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::mpsc;

use super::connect::Connector;
use crate::body::BoxError;

/// How long a connection waits for another request. Servers give up on their side after 5 s or more.
const IDLE: Duration = Duration::from_secs(15);
/// Connections to one server that may wait.
const MOST_IDLE: usize = 32;

thread_local! {
    static CLIENT: Client<Connector, RequestBody> = Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MOST_IDLE)
        .http1_max_buf_size(64 << 10)
        .build(Connector);
}

/// Sends a request; the response as soon as its head is there.
pub(super) async fn send(request: Request<RequestBody>) -> Result<Response<Incoming>, String> {
    let response = CLIENT.with(|client| client.request(request));
    response.await.map_err(|error| describe(&error))
}

/// The causes of an error, outermost first, without those that only repeat.
pub(super) fn describe(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // hyper's outer error says which step failed, which says nothing to users when there is a cause.
        let is_vague = text.starts_with("client error (") && error.source().is_some();
        if !is_vague && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
        next = error.source();
    }
    parts.join(": ")
}

/// A piece of a body, or what is to break the request off.
pub(super) type Piece = Result<Bytes, BoxError>;

/// The body of a request.
pub(super) enum RequestBody {
    /// None.
    Empty,
    /// All of it.
    Full(Bytes),
    /// Piece by piece. The length, when it is known.
    Stream(mpsc::Receiver<Piece>, Option<u64>),
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            RequestBody::Empty => Poll::Ready(None),
            RequestBody::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = RequestBody::Empty;
                Poll::Ready(if bytes.is_empty() { None } else { Some(Ok(Frame::data(bytes))) })
            }
            RequestBody::Stream(pieces, left) => match std::task::ready!(pieces.poll_recv(cx)) {
                Some(Ok(bytes)) => {
                    *left = left.map(|left| left.saturating_sub(bytes.len() as u64));
                    Poll::Ready(Some(Ok(Frame::data(bytes))))
                }
                Some(Err(error)) => Poll::Ready(Some(Err(error))),
                None => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Full(bytes) => bytes.is_empty(),
            RequestBody::Stream(..) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            RequestBody::Stream(_, length) => length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
