//! A server that is hyper and nothing else: what a request costs before any JavaScript.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::LocalSet;

use super::scenario::Scenario;

/// A reply's body: whole, or pieces of 1 KiB.
enum Reply {
    Whole(Option<Bytes>),
    Pieces { left: u32, piece: Bytes },
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(match &mut *self {
            Reply::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Reply::Pieces { left: 0, .. } => None,
            Reply::Pieces { left, piece } => {
                *left -= 1;
                Some(Ok(Frame::data(piece.clone())))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Reply::Whole(None) | Reply::Pieces { left: 0, .. })
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Reply::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Reply::Pieces { .. } => SizeHint::default(),
        }
    }
}

/// Serves a scenario on one thread until the process ends.
///
/// # Errors
/// Where the port cannot be listened on.
///
/// Where `scenario` is none, it answers hello, and requests for `/slow` after five seconds.
pub fn serve(scenario: Option<Scenario>, port: u16) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
        let mut protocol = http1::Builder::new();
        protocol.timer(TokioTimer::new()).pipeline_flush(true);
        let protocol = Rc::new(protocol);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let protocol = protocol.clone();
            tokio::task::spawn_local(async move {
                let service = service_fn(move |request| async move { Ok::<_, Infallible>(answer(scenario, request).await) });
                if let Err(error) = protocol.serve_connection(TokioIo::new(stream), service).await {
                    eprintln!("connection ended: {error}");
                }
            });
        }
    })
}

async fn answer(scenario: Option<Scenario>, request: Request<Incoming>) -> Response<Reply> {
    if scenario.is_none() && request.uri().path() == "/slow" {
        tokio::time::sleep(super::flight::SLOW).await;
    }
    let (content_type, status, body) = match scenario.unwrap_or(Scenario::Hello) {
        Scenario::Hello => ("text/plain", StatusCode::OK, Reply::Whole(Some(Bytes::from_static(b"Hello, World!")))),
        Scenario::Stream => {
            let piece = Bytes::from_static(&[b'x'; 1024]);
            ("application/octet-stream", StatusCode::OK, Reply::Pieces { left: 100, piece })
        }
        Scenario::Sha256 => match whole(request).await {
            Some(bytes) => ("text/plain", StatusCode::OK, Reply::Whole(Some(Bytes::from(digest(&bytes))))),
            None => bad_request(),
        },
        Scenario::Router => match orders(request).await {
            Some(reply) => ("application/json", StatusCode::CREATED, Reply::Whole(Some(Bytes::from(reply)))),
            None => bad_request(),
        },
        // There is no JavaScript here to measure.
        Scenario::Url | Scenario::Decode | Scenario::Clone => bad_request(),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn bad_request() -> (&'static str, StatusCode, Reply) {
    ("text/plain", StatusCode::BAD_REQUEST, Reply::Whole(None))
}

async fn whole(request: Request<Incoming>) -> Option<Bytes> {
    Some(request.into_body().collect().await.ok()?.to_bytes())
}

fn digest(bytes: &[u8]) -> String {
    use sha2::Digest;
    use std::fmt::Write;
    let mut text = String::with_capacity(64);
    for byte in sha2::Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The only route that is asked for, done as the worker does it.
async fn orders(request: Request<Incoming>) -> Option<Vec<u8>> {
    let (parts, body) = request.into_parts();
    let mut path = parts.uri.path().split('/').skip(1);
    let (Some("users"), Some(user), Some("orders"), None) = (path.next(), path.next(), path.next(), path.next()) else { return None };
    let user: u32 = user.parse().ok()?;
    let currency = parts.uri.query()?.split('&').find_map(|pair| pair.strip_prefix("currency="));
    let order: Value = serde_json::from_slice(&body.collect().await.ok()?.to_bytes()).ok()?;
    let items = order["items"].as_array()?;
    let quantity = |item: &Value| item["quantity"].as_u64().unwrap_or(0);
    let total: u64 = items.iter().map(|item| item["price"].as_u64().unwrap_or(0) * quantity(item)).sum();
    let accepted: Vec<&Value> = items.iter().filter(|item| quantity(item) > 0).map(|item| &item["name"]).collect();
    let reply = json!({ "user": user, "currency": currency, "total": total, "accepted": accepted, "note": order["note"].as_str()?.len() });
    serde_json::to_vec(&reply).ok()
}
