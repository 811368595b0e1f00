//! The HTTP client: requests on connections of the thread's pool or new ones, and the bodies they send.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::mpsc;

use super::connect::{Stream, dial, proxy_of};
use super::fields::Fields;
use super::http1::{self, Head, Received};
use super::pool::{self, Key, Pooled};
use crate::body::BoxError;

/// A request.
pub(super) struct Outgoing<'a> {
    /// Method.
    pub method: &'a str,
    /// URL without credentials and fragment.
    pub url: &'a str,
    /// Fields, without those that are about the connection.
    pub fields: &'a Fields,
    /// Body.
    pub body: RequestBody,
    /// It is to have a new connection.
    pub is_fresh: bool,
}

/// A response as soon as its head is there.
pub(super) struct Answer {
    /// Head. With HTTP/2 the reason phrase is empty.
    pub head: Head,
    /// Body.
    pub body: ResponseBody,
}

/// The body of a response.
pub(super) enum ResponseBody {
    /// All of it.
    Whole(Bytes),
    /// Pieces from a task that reads a connection, and `None` after the last.
    Pieces(mpsc::Receiver<Result<Option<Bytes>, String>>),
    /// A stream of HTTP/2.
    Http2(Incoming),
}

impl ResponseBody {
    /// The next piece, never empty; `None` after the last.
    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, String>> {
        loop {
            return match self {
                ResponseBody::Whole(bytes) => Poll::Ready(Ok(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()))),
                ResponseBody::Pieces(pieces) => {
                    pieces.poll_recv(cx).map(|piece| piece.unwrap_or_else(|| Err("the connection was given up".to_string())))
                }
                ResponseBody::Http2(body) => match std::task::ready!(Pin::new(body).poll_frame(cx)) {
                    None => Poll::Ready(Ok(None)),
                    Some(Err(error)) => Poll::Ready(Err(describe(&error))),
                    Some(Ok(frame)) => match frame.into_data() {
                        Ok(bytes) if !bytes.is_empty() => Poll::Ready(Ok(Some(bytes))),
                        // Trailers, or an empty piece.
                        _ => continue,
                    },
                },
            };
        }
    }
}

/// Why there is no response.
struct Failure {
    why: String,
    /// It may be the connection's age.
    is_unanswered: bool,
}

impl Failure {
    fn new(why: String) -> Failure {
        Failure { why, is_unanswered: false }
    }
}

/// Sends a request; the response as soon as its head is there.
pub(super) async fn send(request: Outgoing<'_>) -> Result<Answer, String> {
    let uri: Uri = base(request.url).parse().map_err(|error| format!("the URL cannot be requested: {error}"))?;
    let authority = uri.authority().map(|authority| authority.as_str().to_string()).ok_or("the URL has no host")?;
    let key = Key { encrypted: uri.scheme_str() == Some("https"), authority };
    // https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods: a server may have closed a connection that waited just when it was used
    // again. What may be done twice is sent once more.
    let may_repeat = matches!(request.method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE");
    let pooled = if request.is_fresh { None } else { pool::take(&key) };
    let mut body = Some(request.body);
    if let Some(pooled) = pooled {
        let again = body.as_ref().filter(|_| may_repeat).and_then(RequestBody::again);
        let parts = (request.method, request.url, request.fields, body.take().unwrap_or(RequestBody::Empty));
        let outcome = match pooled {
            Pooled::Exclusive(stream) => exclusive(stream, &key, parts).await,
            Pooled::Shared(sender) => shared(sender, parts).await,
        };
        match (outcome, again) {
            (Ok(answer), _) => return Ok(answer),
            (Err(Failure { is_unanswered: true, .. }), Some(again)) => body = Some(again),
            (Err(failure), _) => return Err(failure.why),
        }
    }
    let stream = dial(&uri, true, false).await.map_err(|error| error.to_string())?;
    let parts = (request.method, request.url, request.fields, body.unwrap_or(RequestBody::Empty));
    let outcome = if stream.is_http2() {
        let sender = handshake(stream).await?;
        pool::share(key, sender.clone());
        shared(sender, parts).await
    } else {
        exclusive(stream, &key, parts).await
    };
    outcome.map_err(|failure| failure.why)
}

/// Method, URL, fields and body.
type Parts<'a> = (&'a str, &'a str, &'a Fields, RequestBody);

/// Scheme and authority of a URL, as a URL.
fn base(url: &str) -> &str {
    &url[..url.len() - target(url).len()]
}

/// Path and query of a URL. <https://www.rfc-editor.org/rfc/rfc9112#name-origin-form>
fn target(url: &str) -> &str {
    let after_scheme = url.find("://").map_or(0, |index| index + 3);
    url[after_scheme..].find('/').map_or("", |index| &url[after_scheme + index..])
}

async fn exclusive(stream: Stream, key: &Key, (method, url, fields, body): Parts<'_>) -> Result<Answer, Failure> {
    let mut fields = fields.clone();
    let is_proxied = stream.is_proxied();
    if is_proxied
        && let Ok(uri) = base(url).parse()
        && let Some(credentials) = proxy_of(&uri).as_ref().and_then(|proxy| proxy.basic_auth())
    {
        fields.set("proxy-authorization", credentials.as_bytes());
    }
    // https://www.rfc-editor.org/rfc/rfc9112#name-absolute-form
    let target = if is_proxied { url } else { target(url) }.to_string();
    let request = http1::Sent { method: method.to_string(), target, host: key.authority.clone(), fields, body };
    match http1::start(stream, key.clone(), request).await {
        Ok(Ok(http1::Response { head, body })) => {
            let body = match body {
                Received::Whole(bytes) => ResponseBody::Whole(bytes),
                Received::Pieces(pieces) => ResponseBody::Pieces(pieces),
            };
            Ok(Answer { head, body })
        }
        Ok(Err(http1::Failure { why, is_unanswered })) => Err(Failure { why, is_unanswered }),
        Err(_) => Err(Failure::new("the request's body failed".to_string())),
    }
}

async fn handshake(stream: Stream) -> Result<SendRequest<RequestBody>, String> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder.timer(TokioTimer::new());
    let (sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(|error| describe(&error))?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // Those whose streams it ends learn of it themselves.
            tracing::debug!("an HTTP/2 connection ended: {}", describe(&error));
        }
    });
    Ok(sender)
}

async fn shared(mut sender: SendRequest<RequestBody>, (method, url, fields, body): Parts<'_>) -> Result<Answer, Failure> {
    let request = http2_request(method, url, fields, body).map_err(Failure::new)?;
    let unanswered = |error: hyper::Error| Failure { why: describe(&error), is_unanswered: true };
    sender.ready().await.map_err(unanswered)?;
    let (parts, body) = sender.send_request(request).await.map_err(unanswered)?.into_parts();
    let mut fields = Fields::default();
    parts.headers.iter().for_each(|(name, value)| fields.push(name.as_str().as_bytes(), value.as_bytes()));
    let head = Head { status: parts.status.as_u16(), minor: 1, reason: Vec::new(), fields };
    let body = if body.is_end_stream() { ResponseBody::Whole(Bytes::new()) } else { ResponseBody::Http2(body) };
    Ok(Answer { head, body })
}

fn http2_request(method: &str, url: &str, fields: &Fields, body: RequestBody) -> Result<Request<RequestBody>, String> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|_| "the method cannot be sent")?;
    *request.uri_mut() = url.parse().map_err(|error| format!("the URL cannot be requested: {error}"))?;
    for (name, value) in fields.iter() {
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) else {
            return Err(format!("the header {} cannot be sent", String::from_utf8_lossy(name)));
        };
        request.headers_mut().append(name, value);
    }
    Ok(request)
}

/// The causes of an error, outermost first, without those that only repeat.
pub(super) fn describe(error: &dyn Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
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
    /// Piece by piece.
    Stream {
        /// The pieces.
        pieces: mpsc::Receiver<Piece>,
        /// Bytes that are to come, when that is known.
        length: Option<u64>,
        /// Whether there are no more pieces because there are none, and not because the request is given up.
        is_complete: Arc<AtomicBool>,
    },
}

impl RequestBody {
    /// The same body, where it can be sent again.
    fn again(&self) -> Option<RequestBody> {
        match self {
            RequestBody::Empty => Some(RequestBody::Empty),
            RequestBody::Full(bytes) => Some(RequestBody::Full(bytes.clone())),
            RequestBody::Stream { .. } => None,
        }
    }
}

/// The other end of a streamed body.
#[derive(Clone)]
pub(super) struct Upload {
    /// Takes the pieces.
    pub pieces: mpsc::Sender<Piece>,
    is_complete: Arc<AtomicBool>,
}

impl Upload {
    /// A body that is sent piece by piece, and its length where that is known. `waiting` pieces may wait.
    pub(super) fn new(waiting: usize, length: Option<u64>) -> (Upload, RequestBody) {
        let (sender, pieces) = mpsc::channel(waiting);
        let is_complete = Arc::new(AtomicBool::new(false));
        (Upload { pieces: sender, is_complete: is_complete.clone() }, RequestBody::Stream { pieces, length, is_complete })
    }

    /// No more pieces follow. Without this, an end is taken for a failure.
    pub(super) fn complete(self) {
        self.is_complete.store(true, Ordering::Release);
    }
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
            RequestBody::Stream { pieces, length, is_complete } => match std::task::ready!(pieces.poll_recv(cx)) {
                Some(Ok(bytes)) => {
                    *length = length.map(|length| length.saturating_sub(bytes.len() as u64));
                    Poll::Ready(Some(Ok(Frame::data(bytes))))
                }
                Some(Err(error)) => Poll::Ready(Some(Err(error))),
                None if is_complete.load(Ordering::Acquire) => Poll::Ready(None),
                None => Poll::Ready(Some(Err("the request was given up".into()))),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            RequestBody::Empty => true,
            RequestBody::Full(bytes) => bytes.is_empty(),
            RequestBody::Stream { .. } => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            RequestBody::Empty => SizeHint::with_exact(0),
            RequestBody::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            RequestBody::Stream { length, .. } => length.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_urls() {
        for (url, start, rest) in [
            ("http://h/", "http://h", "/"),
            ("https://h:81/a//b?c=/d|\"", "https://h:81", "/a//b?c=/d|\""),
            ("http://[::1]:8/?x", "http://[::1]:8", "/?x"),
        ] {
            assert_eq!((base(url), target(url)), (start, rest));
        }
    }
}
