//! The network for workers: requests and sockets that they open themselves, and WebSockets of their clients.
//!
//! | file | topic |
//! |---|---|
//! | `connect` | connections: proxies, TLS |
//! | `client` | requests on connections, bodies sent |
//! | `pool` | connections of a thread that wait for another request |
//! | `http1`, `fields` | HTTP/1.1, header fields |
//! | `fetch` | requests and their redirects |
//! | `download`, `decode` | bodies received, content codings |
//! | `socket` | WebSockets |
//!
//! Whatever is under way belongs to one request ([`Net`], [`Operations`](crate::operations::Operations)) and is dropped with it; only idle
//! connections stay, in the thread's pool.

mod client;
mod connect;
mod decode;
mod download;
mod fetch;
mod fields;
mod http1;
mod pool;
mod socket;
mod socks;

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use futures_util::future::{AbortHandle, Aborted, abortable};
use hashbrown::HashMap;
use hyper::upgrade::OnUpgrade;
use mayfly_engine::context::Handle;
use mayfly_stdlib::fetch::host::{BodyChunk, OutgoingBody, OutgoingRequest, Sending, deliver_body, deliver_response, deliver_room};
use mayfly_stdlib::websocket::host::{OutgoingSocket, SocketMessage};

use crate::body::Incoming;
use crate::operations::Delivery;
use crate::state::HostState;
use client::{RequestBody, Upload};
use download::Download;
use socket::Socket;

pub(crate) use socket::accept_value;

/// Pieces of a streamed body that may wait to be sent.
const UPLOAD_PIECES: usize = 2;

/// What one request has to do with the network. Numbers are not given twice.
pub struct Net {
    last: Cell<u32>,
    /// Requests and sockets that may be opened, and how many have been.
    limit: u32,
    opened: Cell<u32>,
    downloads: RefCell<HashMap<u32, Rc<RefCell<Download>>>>,
    uploads: RefCell<HashMap<u32, Upload>>,
    fetches: RefCell<HashMap<u32, AbortHandle>>,
    sockets: RefCell<HashMap<u32, Socket>>,
    /// Open WebSockets of the client.
    served: Cell<u32>,
}

impl Net {
    /// Nothing yet, and at most `limit` requests and sockets.
    pub fn new(limit: u32) -> Net {
        Net {
            last: Cell::new(0),
            limit,
            opened: Cell::new(0),
            downloads: RefCell::default(),
            uploads: RefCell::default(),
            fetches: RefCell::default(),
            sockets: RefCell::default(),
            served: Cell::new(0),
        }
    }

    /// Drops everything.
    pub fn clear(&self) {
        if self.last.get() == 0 && self.opened.get() == 0 {
            return;
        }
        self.last.set(0);
        self.opened.set(0);
        self.served.set(0);
        self.downloads.borrow_mut().clear();
        self.uploads.borrow_mut().clear();
        self.fetches.borrow_mut().clear();
        self.sockets.borrow_mut().clear();
    }

    fn number(&self) -> u32 {
        self.last.set(self.last.get() + 1);
        self.last.get()
    }

    /// Counts a request or socket that is opened.
    fn count(&self) -> Result<(), String> {
        if self.opened.get() >= self.limit {
            return Err(format!("the request may open at most {} requests and sockets of its own", self.limit));
        }
        self.opened.set(self.opened.get() + 1);
        Ok(())
    }

    fn add_download(&self, download: Download) -> u32 {
        let number = self.number();
        self.downloads.borrow_mut().insert(number, Rc::new(RefCell::new(download)));
        number
    }

    fn download(&self, number: u32) -> Option<Rc<RefCell<Download>>> {
        self.downloads.borrow().get(&number).cloned()
    }

    /// The next piece of a body that the worker fetched.
    pub fn poll_body(&self, number: u32, cx: &mut Context<'_>) -> Poll<Incoming> {
        match self.download(number) {
            Some(download) => download.borrow_mut().poll_next(cx),
            None => Poll::Ready(Incoming::End),
        }
    }

    /// Gives a body up.
    pub fn cancel_body(&self, number: u32) {
        if let Some(download) = self.downloads.borrow_mut().remove(&number) {
            download.borrow_mut().cancel();
        }
    }

    /// Gives a request up; its waiter is told.
    pub fn abort_fetch(&self, number: u32) {
        self.uploads.borrow_mut().remove(&number);
        if let Some(fetch) = self.fetches.borrow_mut().remove(&number) {
            fetch.abort();
        }
    }

    /// No more pieces of a streamed body follow.
    pub fn end_chunks(&self, number: u32, complete: bool) {
        let Some(upload) = self.uploads.borrow_mut().remove(&number) else { return };
        // Dropped without this, it is a body that failed: the part would be taken for the whole.
        if complete {
            upload.complete();
        }
    }

    /// Sends a message through a socket.
    pub fn send_message(&self, number: u32, message: SocketMessage) {
        if let Some(socket) = self.sockets.borrow().get(&number) {
            socket.send(message);
        }
    }

    /// Starts the closing handshake of a socket.
    pub fn close_socket(&self, number: u32, code: Option<u16>, reason: &str) {
        if let Some(socket) = self.sockets.borrow().get(&number) {
            socket.close(code, reason);
        }
    }

    /// Whether a WebSocket of the client is open: the request lives as long as that.
    pub fn serves_socket(&self) -> bool {
        self.served.get() > 0
    }
}

/// The handshake of a WebSocket that a request asks for.
pub struct Upgrade {
    /// Gives the connection once the reply has been sent.
    pub connection: OnUpgrade,
    /// Value of `Sec-WebSocket-Accept`.
    pub accept: String,
}

impl HostState {
    /// Counts a request or socket; one too many is logged.
    fn count(&self) -> Result<(), String> {
        self.net.count().inspect_err(|why| tracing::warn!(worker = &*self.worker, limit = "subrequests", "{why}"))
    }

    /// Sends a request of the worker's own.
    pub fn fetch(&self, request: OutgoingRequest, waiter: Handle) -> Result<u32, String> {
        self.count()?;
        let number = self.net.number();
        let body = match &request.body {
            OutgoingBody::None => RequestBody::Empty,
            OutgoingBody::Bytes(bytes) => RequestBody::Full(Bytes::from(bytes.clone())),
            OutgoingBody::Stream(length) => {
                let (upload, body) = Upload::new(UPLOAD_PIECES, *length);
                self.net.uploads.borrow_mut().insert(number, upload);
                body
            }
            OutgoingBody::Host(body) => {
                let (upload, sent) = Upload::new(UPLOAD_PIECES, None);
                self.pass_on(*body, upload);
                sent
            }
        };
        let net = self.net.clone();
        let (sending, abort) = abortable(fetch::run(net.clone(), request, body));
        net.fetches.borrow_mut().insert(number, abort);
        self.operations.start(async move {
            let outcome = sending.await.unwrap_or_else(|Aborted| Err("it was aborted".to_string()));
            net.fetches.borrow_mut().remove(&number);
            Some(Box::new(move |cx: &mut mayfly_engine::Context| deliver_response(cx, waiter, outcome)) as Delivery)
        });
        Ok(number)
    }

    /// Sends a body that the host receives as the body of a request.
    fn pass_on(&self, body: u32, upload: Upload) {
        let own = if body == 0 { self.body.take() } else { None };
        let download = self.net.download(body);
        self.operations.start(async move {
            let mut own = own;
            loop {
                let incoming = poll_fn(|cx| match (&mut own, &download) {
                    (Some(own), _) => own.poll_next(cx),
                    (None, Some(download)) => download.borrow_mut().poll_next(cx),
                    (None, None) => Poll::Ready(Incoming::End),
                });
                let piece = match incoming.await {
                    Incoming::Bytes(bytes) => Ok(bytes),
                    Incoming::End => {
                        upload.complete();
                        return None;
                    }
                    Incoming::TooLong => Err("the request's body is longer than allowed".into()),
                    Incoming::Failed(why) => Err(why.into()),
                };
                let is_last = piece.is_err();
                if upload.pieces.send(piece).await.is_err() || is_last {
                    return None;
                }
            }
        });
    }

    /// A piece of a request's streamed body.
    pub fn send_chunk(&self, number: u32, bytes: Vec<u8>, waiter: Handle) -> Sending {
        let Some(upload) = self.net.uploads.borrow().get(&number).cloned() else { return Sending::Closed };
        // One piece at a time: there is room, or nobody receives.
        if upload.pieces.try_send(Ok(Bytes::from(bytes))).is_err() {
            self.net.uploads.borrow_mut().remove(&number);
            return Sending::Closed;
        }
        if upload.pieces.capacity() > 0 {
            return Sending::Room;
        }
        self.operations.start(async move {
            let is_wanted = upload.pieces.reserve().await.is_ok();
            Some(Box::new(move |cx: &mut mayfly_engine::Context| deliver_room(cx, waiter, is_wanted)) as Delivery)
        });
        Sending::Full
    }

    /// The next piece of a body that the worker fetched; when there is none yet, `waiter` gets it later.
    pub fn read_download(&self, number: u32, waiter: Handle) -> BodyChunk {
        // Nobody is to be woken: what is pending becomes an operation.
        match self.net.poll_body(number, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(incoming) => chunk(incoming),
            Poll::Pending => {
                let net = self.net.clone();
                self.operations.start(async move {
                    let chunk = chunk(poll_fn(|cx| net.poll_body(number, cx)).await);
                    Some(Box::new(move |cx: &mut mayfly_engine::Context| deliver_body(cx, waiter, chunk)) as Delivery)
                });
                BodyChunk::Pending
            }
        }
    }

    /// Opens a WebSocket.
    pub fn open_socket(&self, outgoing: OutgoingSocket, waiter: Handle) -> Result<u32, String> {
        self.count()?;
        let number = self.net.number();
        let (socket, link) = socket::link(self.operations.outbox(), waiter);
        self.net.sockets.borrow_mut().insert(number, socket);
        let net = self.net.clone();
        let after = move || drop(net.sockets.borrow_mut().remove(&number));
        self.operations.start(socket::without_delivery(socket::run_client(outgoing, link, after)));
        Ok(number)
    }

    /// Serves the WebSocket that the request asked for; its number.
    pub fn serve_socket(&self, upgrade: OnUpgrade, waiter: Handle) -> u32 {
        let number = self.net.number();
        let (socket, link) = socket::link(self.operations.outbox(), waiter);
        self.net.sockets.borrow_mut().insert(number, socket);
        self.net.served.set(self.net.served.get() + 1);
        let net = self.net.clone();
        let after = move || {
            net.sockets.borrow_mut().remove(&number);
            net.served.set(net.served.get().saturating_sub(1));
        };
        self.operations.start(socket::without_delivery(socket::run_server(upgrade, link, after)));
        number
    }
}

fn chunk(incoming: Incoming) -> BodyChunk {
    match incoming {
        Incoming::Bytes(bytes) => BodyChunk::Bytes(bytes.to_vec()),
        Incoming::End => BodyChunk::End,
        Incoming::TooLong => BodyChunk::Failed("the body is longer than allowed".to_string()),
        Incoming::Failed(why) => BodyChunk::Failed(format!("The response's body could not be received: {why}")),
    }
}
