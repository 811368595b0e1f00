//! A connection's bytes: tokio's sockets as hyper wants them. Small replies are put together with others of the same turn.

use std::io::{Error, IoSlice, Result};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use crate::turn;

/// Up to this many bytes are put together, pieces of one reply and replies of one turn. Copying them costs less than what `writev` costs more
/// than `send`: for a head and a short body about a microsecond of the kernel's.
const GATHERED_BYTES: usize = 16 << 10;

/// A socket.
pub struct Io {
    inlet: TokioIo<OwnedReadHalf>,
    outlet: Arc<Outlet>,
}

/// The end of a socket that is written to. Shared with the turn of its thread, which sends what waits; behind a lock because a connection
/// may move to another thread (that of a WebSocket, for all that hyper knows).
pub struct Outlet {
    state: Mutex<State>,
    /// Set whenever the other end has taken something.
    sent: Arc<AtomicBool>,
}

struct State {
    /// `None` only while it is dropped.
    socket: Option<OwnedWriteHalf>,
    /// Bytes that the turn has for it: everything written since must wait behind them.
    put_off: bool,
    /// What the system did not take, of bytes that the writer has been told are written.
    left: Vec<u8>,
    /// What sending such bytes came to: told to the writer at the next occasion.
    error: Option<Error>,
    /// The writer waits until what was put off is sent.
    waits: bool,
    /// The writer's task.
    waker: Option<Waker>,
}

impl State {
    /// Remembers whose task writes.
    fn remember(&mut self, cx: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.waker = Some(cx.waker().clone()),
        }
    }

    fn socket(&mut self) -> Result<&mut OwnedWriteHalf> {
        self.socket.as_mut().ok_or_else(|| Error::from(std::io::ErrorKind::NotConnected))
    }

    /// Writes what is left.
    fn poll_left(&mut self, cx: &mut Context<'_>, sent: &AtomicBool) -> Poll<Result<()>> {
        if let Some(error) = self.error.take() {
            return Poll::Ready(Err(error));
        }
        while !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            let written = Pin::new(self.socket()?).poll_write(cx, &left);
            self.left = left;
            match ready!(written)? {
                0 => return Poll::Ready(Err(std::io::ErrorKind::WriteZero.into())),
                written => drop(self.left.drain(..written)),
            }
            sent.store(true, Ordering::Relaxed);
        }
        // Idle connections keep no buffers.
        self.left = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl Outlet {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends bytes that were put off.
    pub fn send(&self, bytes: &[u8]) {
        let mut state = self.lock();
        state.put_off = false;
        let mut rest = bytes;
        while state.left.is_empty() && state.error.is_none() && !rest.is_empty() {
            match state.socket().and_then(|socket| socket.try_write(rest)) {
                Ok(written) => {
                    self.sent.store(true, Ordering::Relaxed);
                    rest = &rest[written..];
                    if written == 0 {
                        state.error = Some(std::io::ErrorKind::WriteZero.into());
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => state.left = rest.to_vec(),
                Err(error) => state.error = Some(error),
            }
        }
        if !state.waits && state.left.is_empty() && state.error.is_none() {
            return;
        }
        state.waits = false;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The state, once nothing is put off or left: what is written then comes behind everything else.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<MutexGuard<'_, State>>> {
        let mut state = self.lock();
        if state.put_off {
            drop(state);
            turn::send();
            state = self.lock();
        }
        if state.put_off {
            // It was another thread's turn.
            state.waits = true;
            state.remember(cx);
            return Poll::Pending;
        }
        ready!(state.poll_left(cx, &self.sent))?;
        Poll::Ready(Ok(state))
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(socket) = state.socket.take() {
            // Closing is all that an end needs that was not shut down in order.
            socket.forget();
        }
    }
}

impl Io {
    /// hyper's view of this socket. `sent` is set whenever the other end has taken something.
    pub fn new(stream: TcpStream, sent: Arc<AtomicBool>) -> Io {
        let (inlet, socket) = stream.into_split();
        let state = State { socket: Some(socket), put_off: false, left: Vec::new(), error: None, waits: false, waker: None };
        Io { inlet: TokioIo::new(inlet), outlet: Arc::new(Outlet { state: Mutex::new(state), sent }) }
    }

    /// Puts a short write off. `false` where it is to be written at once.
    fn put_off(&self, cx: &Context<'_>, pieces: &[IoSlice<'_>]) -> bool {
        let mut state = self.outlet.lock();
        if state.error.is_some() || !state.left.is_empty() {
            return false;
        }
        let was_put_off = std::mem::replace(&mut state.put_off, true);
        state.remember(cx);
        drop(state);
        let is_put_off = turn::put_off(&self.outlet, pieces);
        if !is_put_off {
            self.outlet.lock().put_off = was_put_off;
        }
        is_put_off
    }
}

impl Read for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.inlet).poll_read(cx, buffer)
    }
}

impl Write for Io {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        let length = pieces.iter().map(|piece| piece.len()).sum::<usize>();
        if length <= GATHERED_BYTES && self.put_off(cx, pieces) {
            return Poll::Ready(Ok(length));
        }
        let mut state = ready!(self.outlet.poll_ready(cx))?;
        let written = ready!(Pin::new(state.socket()?).poll_write_vectored(cx, pieces))?;
        if written > 0 {
            self.outlet.sent.store(true, Ordering::Relaxed);
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// What is put off counts as flushed: it is sent when the turn ends, whatever becomes of this connection.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        self.outlet.lock().poll_left(cx, &self.outlet.sent)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let mut state = ready!(self.outlet.poll_ready(cx))?;
        Pin::new(state.socket()?).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::{Connections, Told};
    use std::rc::Rc;
    use std::task::Waker;
    use tokio::net::TcpListener;

    /// A reply of one piece is hyper's as soon as it is known: the request is over while most of the reply is still to be sent.
    #[tokio::test]
    async fn a_client_that_takes_its_reply_slowly_is_not_cut_off() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (served, _) = listener.accept().await.unwrap();
        let connections = Rc::new(Connections::default());
        let open = connections.open();
        open.state.begin_request();
        let mut io = Io::new(served, open.state.sent());
        open.state.end_request();
        let told = |open: &crate::connections::Open| open.state.told(&Context::from_waker(Waker::noop()));
        for vectored in [false, true, false] {
            // As long as connections are borne without anything being sent, and then something is.
            for _ in 0..12 {
                connections.sweep();
            }
            assert_eq!(told(&open), Told::Nothing);
            let written = std::future::poll_fn(|cx| {
                if vectored {
                    return Pin::new(&mut io).poll_write_vectored(cx, &[IoSlice::new(b"more "), IoSlice::new(b"of it")]);
                }
                Pin::new(&mut io).poll_write(cx, b"more of it")
            });
            assert_eq!(written.await.unwrap(), 10);
        }
        // A client that takes nothing any more is.
        for _ in 0..14 {
            connections.sweep();
        }
        assert_eq!(told(&open), Told::Expire);
        drop(client);
    }
}
