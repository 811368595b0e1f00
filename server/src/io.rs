//! A connection's bytes: tokio's sockets as hyper wants them, with small replies written in one piece.

use std::cell::RefCell;
use std::io::{IoSlice, Result};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Up to this many bytes of several pieces are put together before they are written. Copying them costs less than what `writev` costs more
/// than `send`: for a head and a short body about a microsecond of the kernel's.
const GATHERED_BYTES: usize = 16 << 10;

thread_local! {
    /// Where pieces are put together: one buffer serves all connections of a thread.
    static GATHERED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A socket.
pub struct Io {
    socket: TokioIo<TcpStream>,
    sent: Arc<AtomicBool>,
}

impl Io {
    /// hyper's view of this socket. `sent` is set whenever the other end has taken something.
    pub fn new(stream: TcpStream, sent: Arc<AtomicBool>) -> Io {
        Io { socket: TokioIo::new(stream), sent }
    }

    fn note(&self, outcome: Poll<Result<usize>>) -> Poll<Result<usize>> {
        if let Poll::Ready(Ok(1..)) = outcome {
            self.sent.store(true, Ordering::Relaxed);
        }
        outcome
    }
}

impl Read for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl Write for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let outcome = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.note(outcome)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        let socket = Pin::new(&mut self.socket);
        let outcome = if let [piece] = pieces {
            socket.poll_write(cx, piece)
        } else if pieces.iter().map(|piece| piece.len()).sum::<usize>() > GATHERED_BYTES {
            socket.poll_write_vectored(cx, pieces)
        } else {
            GATHERED.with_borrow_mut(|gathered| {
                gathered.clear();
                for piece in pieces {
                    gathered.extend_from_slice(piece);
                }
                socket.poll_write(cx, gathered)
            })
        };
        self.note(outcome)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
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
