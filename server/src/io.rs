//! A connection's bytes: tokio's sockets as hyper wants them, with small replies written in one piece.

use std::cell::RefCell;
use std::io::{IoSlice, Result};
use std::pin::Pin;
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
pub struct Io(TokioIo<TcpStream>);

impl Io {
    /// hyper's view of this socket.
    pub fn new(stream: TcpStream) -> Io {
        Io(TokioIo::new(stream))
    }
}

impl Read for Io {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Io {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, pieces: &[IoSlice<'_>]) -> Poll<Result<usize>> {
        let socket = Pin::new(&mut self.0);
        if let [piece] = pieces {
            return socket.poll_write(cx, piece);
        }
        if pieces.iter().map(|piece| piece.len()).sum::<usize>() > GATHERED_BYTES {
            return socket.poll_write_vectored(cx, pieces);
        }
        GATHERED.with_borrow_mut(|gathered| {
            gathered.clear();
            for piece in pieces {
                gathered.extend_from_slice(piece);
            }
            socket.poll_write(cx, gathered)
        })
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
