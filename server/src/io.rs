//! A connection's bytes: tokio's sockets as hyper wants them. Small replies are put together with others of the same turn.

use std::io::{Error, IoSlice, Result};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
///
/// OPTIMIZATION: what the writer asks for each reply it can tell from the atomics; they change while the lock is held, and only the writer's
/// task asks.
pub struct Outlet {
    state: Mutex<State>,
    /// Nothing is left, and there was no error.
    is_clear: AtomicBool,
    /// The turn has bytes for it: everything written since must wait behind them.
    put_off: AtomicBool,
    /// Tells the waker in `state` from others, as long as it is there; else 0.
    waker: AtomicUsize,
    /// Set whenever the other end has taken something.
    sent: Arc<AtomicBool>,
}

struct State {
    /// `None` only while it is dropped.
    socket: Option<OwnedWriteHalf>,
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

    /// Remembers whose task writes.
    fn remember(&self, state: &mut State, cx: &Context<'_>) {
        match &mut state.waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => state.waker = Some(cx.waker().clone()),
        }
        self.waker.store(cx.waker().data().addr(), Ordering::Relaxed);
    }

    /// To be called when what is left or the error may have changed.
    fn changed(&self, state: &State) {
        self.is_clear.store(state.left.is_empty() && state.error.is_none(), Ordering::Release);
    }

    /// Writes what is left.
    fn poll_left(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let poll = state.poll_left(cx, &self.sent);
        self.changed(state);
        poll
    }

    /// To be called when the turn takes bytes for it.
    pub fn will_be_sent(&self) {
        self.put_off.store(true, Ordering::Release);
    }

    /// Sends bytes that were put off.
    pub fn send(&self, bytes: &[u8]) {
        let mut state = self.lock();
        self.put_off.store(false, Ordering::Release);
        let mut rest = bytes;
        if !state.left.is_empty() {
            // Of the same turn, with another connection's between: these come behind.
            state.left.extend_from_slice(bytes);
            rest = &[];
        }
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
        self.changed(&state);
        state.waits = false;
        let waker = state.waker.take();
        self.waker.store(0, Ordering::Relaxed);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The state, once nothing is put off or left: what is written then comes behind everything else.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<MutexGuard<'_, State>>> {
        if self.put_off.load(Ordering::Acquire) {
            turn::send();
        }
        let mut state = self.lock();
        if self.put_off.load(Ordering::Acquire) {
            // It was another thread's turn.
            state.waits = true;
            self.remember(&mut state, cx);
            return Poll::Pending;
        }
        ready!(self.poll_left(&mut state, cx))?;
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
        let state = Mutex::new(State { socket: Some(socket), left: Vec::new(), error: None, waits: false, waker: None });
        let (is_clear, put_off, waker) = (AtomicBool::new(true), AtomicBool::new(false), AtomicUsize::new(0));
        Io { inlet: TokioIo::new(inlet), outlet: Arc::new(Outlet { state, is_clear, put_off, waker, sent }) }
    }

    /// Puts a short write off. `false` where it is to be written at once.
    fn put_off(&self, cx: &Context<'_>, pieces: &[IoSlice<'_>]) -> bool {
        let outlet = &self.outlet;
        if !outlet.is_clear.load(Ordering::Acquire) {
            return false;
        }
        if outlet.waker.load(Ordering::Relaxed) != cx.waker().data().addr() {
            outlet.remember(&mut outlet.lock(), cx);
        }
        turn::put_off(outlet, pieces)
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
        if self.outlet.is_clear.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        self.outlet.poll_left(&mut self.outlet.lock(), cx)
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
