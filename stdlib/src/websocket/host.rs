//! What WebSockets exchange with the host.

use super::{WebSocket, deliver_event, slot};
use crate::platform::try_platform;
use crate::streams::support::{Slots, fifo};
use crate::webidl::prelude::*;
use mayfly_engine::context::Handle;

/// A WebSocket to be opened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutgoingSocket {
    /// Absolute URL with scheme `ws` or `wss`, without fragment and credentials.
    pub url: String,
    /// Subprotocols offered.
    pub protocols: Vec<String>,
    /// Value of `Authorization`, from the credentials of the URL.
    pub authorization: Option<String>,
}

/// A message of a WebSocket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketMessage {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

impl SocketMessage {
    /// Bytes of the message.
    pub fn length(&self) -> usize {
        match self {
            SocketMessage::Text(text) => text.len(),
            SocketMessage::Binary(bytes) => bytes.len(),
        }
    }
}

/// What happens to a WebSocket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SocketEvent {
    /// The handshake is done.
    Open {
        /// Subprotocol that the server chose; empty when none.
        protocol: String,
    },
    /// A message has come.
    Message(SocketMessage),
    /// This many bytes of messages were handed to the network.
    Sent(usize),
    /// The other side began the closing handshake.
    Closing,
    /// The connection is closed. Nothing happens after that.
    Closed {
        /// It failed, rather than being closed by either side.
        failed: bool,
        /// Status code: 1005 when none was sent, 1006 when the connection broke off.
        code: u16,
        /// Reason.
        reason: String,
        /// The closing handshake was complete.
        was_clean: bool,
    },
}

/// Something happened to the socket that is known under this handle.
pub fn deliver(cx: &mut Context, waiter: Handle, event: SocketEvent) -> Result<()> {
    let is_last = matches!(event, SocketEvent::Closed { .. });
    let socket = if is_last { cx.release(waiter) } else { cx.handle_value(waiter) };
    match instance::<WebSocket>(cx, socket) {
        Some(socket) => deliver_event(cx, socket, event),
        None => Ok(()),
    }
}

/// The end that a worker keeps of the pair whose other end it gave to a response, under a handle for [`deliver`]. TypeError when the response's
/// end was used before, or the worker's was not accepted.
pub fn couple(cx: &mut Context, given: Object) -> Result<Handle> {
    let Some(own) = given.object(cx, slot::PEER).filter(|_| !given.flag(cx, slot::COUPLED) && !given.flag(cx, slot::ACCEPTED)) else {
        return Err(cx.throw_type_error("The WebSocket of a Response must be an end of a new WebSocketPair that was not accepted"));
    };
    if !own.flag(cx, slot::ACCEPTED) {
        return Err(cx.throw_type_error("The other end of the Response's WebSocket was not accepted: call its accept() method first"));
    }
    given.put(cx, slot::COUPLED, true);
    Ok(cx.retain(own.value()))
}

/// Says under which number the host knows the connection of a coupled end, and sends what waited for it.
pub fn set_connection(cx: &mut Context, given: Object, number: u32) -> Result<()> {
    let Some(own) = given.object(cx, slot::PEER) else { return Ok(()) };
    own.put(cx, slot::NUMBER, f64::from(number));
    while let Some(item) = fifo::shift(cx, given, slot::QUEUE) {
        match super::pair::queued(cx, item) {
            Some(SocketEvent::Message(message)) => {
                if let Some(platform) = try_platform(cx) {
                    platform.send_message(number, message);
                }
            }
            Some(SocketEvent::Closed { code, reason, .. }) => {
                if let Some(platform) = try_platform(cx) {
                    platform.close_socket(number, (code != super::NO_STATUS).then_some(code), &reason);
                }
            }
            _ => {}
        }
    }
    Ok(())
}
