//! WebSockets, as client and as server. <https://www.rfc-editor.org/rfc/rfc6455>

use std::cell::Cell;
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::{Sink, SinkExt, Stream, StreamExt};
use http::header::{AUTHORIZATION, HeaderValue, SEC_WEBSOCKET_PROTOCOL, USER_AGENT};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use mayfly_engine::context::Handle;
use mayfly_stdlib::websocket::host::{OutgoingSocket, SocketEvent, SocketMessage, deliver};
use tokio::sync::{Notify, mpsc};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error};

use super::client::describe;
use super::connect::{self, dial};
use crate::operations::Outbox;

/// Bytes of one message.
const MOST_MESSAGE: usize = 32 << 20;
/// Bytes of messages that may wait to be sent.
const MOST_BUFFERED: usize = 64 << 20;
/// Messages that may wait for the worker.
const MOST_WAITING: usize = 16;
/// How long the other side may take to answer the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Status codes that are never on the wire. <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
const NO_STATUS: u16 = 1005;
const ABNORMAL: u16 = 1006;

/// What the worker wants of a socket.
pub(super) enum Command {
    Send(SocketMessage),
    Close(Option<u16>, String),
    /// Too much waits to be sent.
    Fail,
}

/// The worker's end of a socket.
pub(super) struct Socket {
    commands: mpsc::UnboundedSender<Command>,
    buffered: Rc<Cell<usize>>,
}

impl Socket {
    /// Sends a message.
    pub(super) fn send(&self, message: SocketMessage) {
        let buffered = self.buffered.get() + message.length();
        self.buffered.set(buffered);
        // The other side of the channel is gone when the connection is closed.
        let _ = self.commands.send(if buffered > MOST_BUFFERED { Command::Fail } else { Command::Send(message) });
    }

    /// Starts the closing handshake.
    pub(super) fn close(&self, code: Option<u16>, reason: &str) {
        let _ = self.commands.send(Command::Close(code, reason.to_string()));
    }
}

/// The network's end of a socket.
pub(super) struct Link {
    commands: mpsc::UnboundedReceiver<Command>,
    buffered: Rc<Cell<usize>>,
    outbox: Outbox,
    waiter: Handle,
    /// Messages that the worker has not got yet.
    waiting: Rc<Cell<usize>>,
    taken: Rc<Notify>,
}

/// Both ends of a socket whose events go to `waiter`.
pub(super) fn link(outbox: Outbox, waiter: Handle) -> (Socket, Link) {
    let (sender, commands) = mpsc::unbounded_channel();
    let buffered = Rc::new(Cell::new(0));
    let socket = Socket { commands: sender, buffered: buffered.clone() };
    (socket, Link { commands, buffered, outbox, waiter, waiting: Rc::default(), taken: Rc::default() })
}

/// How a connection ended.
struct Ended {
    failed: bool,
    code: u16,
    reason: String,
    was_clean: bool,
}

impl Ended {
    fn failed() -> Ended {
        Ended { failed: true, code: ABNORMAL, reason: String::new(), was_clean: false }
    }
}

impl Link {
    fn deliver(&self, event: SocketEvent) {
        let waiter = self.waiter;
        self.outbox.push(move |cx| deliver(cx, waiter, event));
    }

    /// The last event; what remains to be done with the host's state is done when it is delivered.
    fn end(self, ended: Ended, after: impl FnOnce() + 'static) {
        let Ended { failed, code, reason, was_clean } = ended;
        let event = SocketEvent::Closed { failed, code, reason, was_clean };
        self.outbox.push(move |cx| {
            let outcome = deliver(cx, self.waiter, event);
            after();
            outcome
        });
    }
}

fn settings() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(MOST_MESSAGE)).max_frame_size(Some(MOST_MESSAGE))
}

// https://websockets.spec.whatwg.org/#concept-websocket-establish
async fn open(socket: &OutgoingSocket) -> Result<(WebSocketStream<connect::Stream>, String), String> {
    let mut request = socket.url.as_str().into_client_request().map_err(|error| describe(&error))?;
    let headers = request.headers_mut();
    let valid = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
    headers.insert(USER_AGENT, HeaderValue::from_static("Mayfly"));
    if !socket.protocols.is_empty() {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, valid(&socket.protocols.join(", "))?);
    }
    if let Some(authorization) = &socket.authorization {
        headers.insert(AUTHORIZATION, valid(authorization)?);
    }
    let stream = dial(request.uri(), false, true).await.map_err(|error| error.to_string())?;
    let (stream, response) =
        tokio_tungstenite::client_async_with_config(request, stream, Some(settings())).await.map_err(|e| describe(&e))?;
    let protocol = response.headers().get(SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok((stream, protocol.to_string()))
}

/// A client's socket from its handshake to its end.
pub(super) async fn run_client(socket: OutgoingSocket, mut link: Link, after: impl FnOnce() + 'static) {
    let opened = {
        let mut opening = pin!(open(&socket));
        loop {
            tokio::select! {
                biased;
                command = link.commands.recv() => match command {
                    // Closed while connecting: the handshake is given up.
                    Some(Command::Close(..) | Command::Fail) => break Err("closed".to_string()),
                    // Nothing can be sent yet.
                    Some(Command::Send(_)) => {}
                    None => return,
                },
                opened = &mut opening => break opened,
            }
        }
    };
    match opened {
        Ok((stream, protocol)) => {
            link.deliver(SocketEvent::Open { protocol });
            let ended = converse(stream, &mut link).await;
            link.end(ended, after);
        }
        Err(why) => {
            // Scripts must not learn it: they could explore networks with it.
            tracing::debug!("a WebSocket to {} was not opened: {why}", socket.url);
            link.end(Ended::failed(), after);
        }
    }
}

/// A served socket from the switch of protocols to its end.
pub(super) async fn run_server(upgrade: OnUpgrade, mut link: Link, after: impl FnOnce() + 'static) {
    let ended = match upgrade.await {
        Ok(upgraded) => {
            let stream = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(settings())).await;
            converse(stream, &mut link).await
        }
        Err(_) => Ended::failed(),
    };
    link.end(ended, after);
}

/// Value of `Sec-WebSocket-Accept` for a request's key.
pub(crate) fn accept_value(key: &[u8]) -> String {
    derive_accept_key(key)
}

/// Sends and receives until the connection is closed.
async fn converse<S>(stream: S, link: &mut Link) -> Ended
where
    S: Stream<Item = Result<Message, Error>> + Sink<Message, Error = Error>,
{
    let (sink, stream) = stream.split();
    let closing = Cell::new(false);
    let Link { commands, buffered, outbox, waiter, waiting, taken } = link;
    let (outbox, waiter) = (&*outbox, *waiter);
    let sending = send_all(sink, commands, buffered, outbox, waiter, &closing);
    let receiving = receive_all(stream, outbox, waiter, waiting, taken, &closing);
    tokio::select! {
        ended = receiving => ended,
        () = sending => Ended { failed: !closing.get(), ..Ended::failed() },
    }
}

/// Does what the worker wants. Ends when the socket is to be given up.
async fn send_all(
    mut sink: impl Sink<Message, Error = Error> + Unpin,
    commands: &mut mpsc::UnboundedReceiver<Command>,
    buffered: &Cell<usize>,
    outbox: &Outbox,
    waiter: Handle,
    closing: &Cell<bool>,
) {
    while let Some(command) = commands.recv().await {
        match command {
            Command::Send(message) => {
                let length = message.length();
                let message = match message {
                    SocketMessage::Text(text) => Message::Text(text.into()),
                    SocketMessage::Binary(bytes) => Message::Binary(Bytes::from(bytes)),
                };
                if sink.send(message).await.is_err() {
                    // The receiving side finds out how the connection ended.
                    return pending().await;
                }
                buffered.set(buffered.get().saturating_sub(length));
                outbox.push(move |cx| deliver(cx, waiter, SocketEvent::Sent(length)));
            }
            Command::Close(code, reason) => {
                closing.set(true);
                let frame = code.map(|code| CloseFrame { code: CloseCode::from(code), reason: reason.into() });
                // An error: the other side has closed it already.
                let _ = sink.send(Message::Close(frame)).await;
                tokio::time::sleep(CLOSE_TIMEOUT).await;
                return;
            }
            Command::Fail => return,
        }
    }
    pending().await
}

/// Receives messages as fast as the worker takes them.
async fn receive_all(
    mut stream: impl Stream<Item = Result<Message, Error>> + Unpin,
    outbox: &Outbox,
    waiter: Handle,
    waiting: &Rc<Cell<usize>>,
    taken: &Rc<Notify>,
    closing: &Cell<bool>,
) -> Ended {
    let mut close_frame = None;
    loop {
        while waiting.get() >= MOST_WAITING {
            taken.notified().await;
        }
        let message = match stream.next().await {
            Some(Ok(message)) => message,
            Some(Err(Error::ConnectionClosed)) | None => return ended(close_frame, closing.get()),
            Some(Err(_)) if close_frame.is_some() => return ended(close_frame, closing.get()),
            Some(Err(error)) => {
                tracing::debug!("a WebSocket broke off: {error}");
                return Ended { failed: !closing.get(), ..Ended::failed() };
            }
        };
        let message = match message {
            Message::Text(text) => SocketMessage::Text(text.as_str().to_string()),
            Message::Binary(bytes) => SocketMessage::Binary(bytes.to_vec()),
            Message::Close(frame) => {
                close_frame = Some(frame);
                outbox.push(move |cx| deliver(cx, waiter, SocketEvent::Closing));
                continue;
            }
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
        };
        waiting.set(waiting.get() + 1);
        let (waiting, taken) = (waiting.clone(), taken.clone());
        outbox.push(move |cx| {
            waiting.set(waiting.get().saturating_sub(1));
            taken.notify_one();
            deliver(cx, waiter, SocketEvent::Message(message))
        });
    }
}

fn ended(close_frame: Option<Option<CloseFrame>>, closing: bool) -> Ended {
    match close_frame {
        Some(Some(frame)) => Ended { failed: false, code: frame.code.into(), reason: frame.reason.as_str().to_string(), was_clean: true },
        Some(None) => Ended { failed: false, code: NO_STATUS, reason: String::new(), was_clean: true },
        None => Ended { failed: !closing, ..Ended::failed() },
    }
}

/// Keeps the compiler's view of an operation's result in one place.
pub(super) async fn without_delivery(socket: impl Future<Output = ()>) -> Option<crate::operations::Delivery> {
    socket.await;
    None
}
