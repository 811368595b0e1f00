//! Replies of one turn of the event loop, sent together.
//!
//! A turn polls some dozen connections. What they write is put together in one buffer and sent when the turn is over: the system sends many
//! replies in a row faster than one now and then between handlers, and a client on the same machine is woken once for all of them.
//! Nothing waits long: a turn is cut short when its first reply is [`LONGEST_WAIT`] old, and when a handler computes for more than a
//! quantum of fuel ([`mayfly_runtime::before_long_runs`]).

use std::cell::RefCell;
use std::future::Future;
use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use crate::io::Outlet;

/// How long the first reply of a turn may wait for others.
const LONGEST_WAIT: Duration = Duration::from_micros(200);
/// A turn is cut short when this much waits.
const MOST_BYTES: usize = 256 << 10;

/// What waits for the end of a turn.
struct Turn {
    /// Whether somebody sends what waits at the end of each turn of this thread.
    is_sent: bool,
    bytes: Vec<u8>,
    /// Whose bytes these are, in the order of writing.
    parts: Vec<(Arc<Outlet>, Range<usize>)>,
    /// When the first of them were written.
    since: Option<Instant>,
    /// The request that the time was taken from last.
    request: Option<Instant>,
}

thread_local! {
    static TURN: RefCell<Turn> =
        const { RefCell::new(Turn { is_sent: false, bytes: Vec::new(), parts: Vec::new(), since: None, request: None }) };
}

/// Puts bytes off until the end of the turn. `false` on threads without turns.
pub fn put_off(outlet: &Arc<Outlet>, pieces: &[std::io::IoSlice<'_>]) -> bool {
    let is_over = TURN.with_borrow_mut(|turn| {
        if !turn.is_sent {
            return None;
        }
        outlet.will_be_sent();
        let start = turn.bytes.len();
        for piece in pieces {
            turn.bytes.extend_from_slice(piece);
        }
        let range = start..turn.bytes.len();
        match turn.parts.last_mut() {
            Some((last, bytes)) if Arc::ptr_eq(last, outlet) => bytes.end = range.end,
            _ => turn.parts.push((outlet.clone(), range)),
        }
        // A reply that comes at once is as old as its request: the clock was read then. Others may be of any time.
        let request = mayfly_runtime::last_request();
        let now = match request {
            Some(began) if turn.request != request => began,
            _ => Instant::now(),
        };
        turn.request = request;
        let since = *turn.since.get_or_insert(now);
        Some(turn.bytes.len() > MOST_BYTES || now.saturating_duration_since(since) > LONGEST_WAIT)
    });
    if is_over == Some(true) {
        send();
    }
    is_over.is_some()
}

/// Sends what waits on this thread.
pub fn send() {
    // Taken out: sending wakes tasks.
    let (bytes, mut parts) = TURN.with_borrow_mut(|turn| {
        turn.since = None;
        (std::mem::take(&mut turn.bytes), std::mem::take(&mut turn.parts))
    });
    if parts.is_empty() {
        return;
    }
    for (outlet, range) in parts.drain(..) {
        outlet.send(&bytes[range]);
    }
    // The room is used again.
    TURN.with_borrow_mut(|turn| {
        if turn.parts.is_empty() {
            (turn.bytes, turn.parts) = (bytes, parts);
            turn.bytes.clear();
        }
    });
}

/// Runs a future with its local tasks; what they put off is sent after each turn.
pub fn block_on<F: Future>(local: &LocalSet, runtime: &Runtime, future: F) -> F::Output {
    TURN.with_borrow_mut(|turn| turn.is_sent = true);
    mayfly_runtime::before_long_runs(send);
    let mut run = pin!(local.run_until(future));
    let output = runtime.block_on(std::future::poll_fn(|cx| {
        let poll = run.as_mut().poll(cx);
        send();
        poll
    }));
    TURN.with_borrow_mut(|turn| turn.is_sent = false);
    output
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::Io;
    use hyper::rt::Write;
    use std::io::{IoSlice, Read};
    use std::pin::Pin;
    use std::sync::atomic::AtomicBool;
    use std::task::Poll;
    use tokio::net::{TcpListener, TcpStream};

    async fn pair() -> (Io, std::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (served, _): (TcpStream, _) = listener.accept().await.unwrap();
        client.set_nonblocking(true).unwrap();
        (Io::new(served, Arc::new(AtomicBool::new(false))), client)
    }

    fn received(client: &mut std::net::TcpStream) -> Vec<u8> {
        let mut bytes = vec![0; 1 << 20];
        match client.read(&mut bytes) {
            Ok(length) => bytes[..length].to_vec(),
            Err(error) => {
                assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
                Vec::new()
            }
        }
    }

    async fn write(io: &mut Io, bytes: &[u8]) -> std::io::Result<usize> {
        std::future::poll_fn(|cx| Pin::new(&mut *io).poll_write_vectored(cx, &[IoSlice::new(bytes)])).await
    }

    fn on_a_thread_with_turns<F: Future<Output = ()>>(test: impl FnOnce() -> F) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        block_on(&LocalSet::new(), &runtime, test());
    }

    #[test]
    fn short_writes_are_sent_when_the_turn_is_over() {
        on_a_thread_with_turns(|| async {
            let (mut first, mut first_client) = pair().await;
            let (mut second, mut second_client) = pair().await;
            // A turn that has just begun.
            tokio::task::yield_now().await;
            assert_eq!(write(&mut first, b"one ").await.unwrap(), 4);
            assert_eq!(received(&mut first_client), b"");
            tokio::task::yield_now().await;
            assert_eq!(received(&mut first_client), b"one ");
            // In order, whosever they are.
            write(&mut first, b"a").await.unwrap();
            write(&mut second, b"b").await.unwrap();
            write(&mut first, b"c").await.unwrap();
            send();
            assert_eq!((received(&mut first_client), received(&mut second_client)), (b"ac".to_vec(), b"b".to_vec()));
        });
    }

    #[test]
    fn a_turn_is_cut_short_when_its_first_reply_has_waited() {
        on_a_thread_with_turns(|| async {
            let (mut io, mut client) = pair().await;
            write(&mut io, b"first ").await.unwrap();
            std::thread::sleep(LONGEST_WAIT * 2);
            write(&mut io, b"second").await.unwrap();
            assert_eq!(received(&mut client), b"first second");
        });
    }

    #[test]
    fn long_writes_and_the_end_come_behind_what_was_put_off() {
        on_a_thread_with_turns(|| async {
            let (mut io, mut client) = pair().await;
            let long = vec![b'x'; 100_000];
            write(&mut io, b"short ").await.unwrap();
            let written = write(&mut io, &long).await.unwrap();
            write(&mut io, b" end").await.unwrap();
            std::future::poll_fn(|cx| Pin::new(&mut io).poll_shutdown(cx)).await.unwrap();
            let mut all = Vec::new();
            client.set_nonblocking(false).unwrap();
            client.read_to_end(&mut all).unwrap();
            let expected = [&b"short "[..], &long[..written], b" end"].concat();
            assert!(all == expected, "{} bytes", all.len());
        });
    }

    /// What the system does not take is kept, in order, and holds the writer back.
    #[test]
    fn a_client_that_does_not_read_holds_the_writer_back() {
        on_a_thread_with_turns(|| async {
            let (mut io, mut client) = pair().await;
            let mut written = Vec::new();
            let mut number = 0u32;
            loop {
                let piece: Vec<u8> = std::iter::repeat_with(|| number.to_le_bytes()).take(2000).flatten().collect();
                number += 1;
                let write = tokio::time::timeout(Duration::from_millis(200), write(&mut io, &piece));
                match write.await {
                    Ok(length) => written.extend_from_slice(&piece[..length.unwrap()]),
                    Err(_) => break,
                }
                assert!(written.len() < 64 << 20, "nothing holds it back");
                tokio::task::yield_now().await;
            }
            assert_eq!(the_rest(&mut io, &mut client, written.len()).await, written);
        });
    }

    /// As much as was written. What is left of it is sent by the one who writes, once there is room.
    async fn the_rest(io: &mut Io, client: &mut std::net::TcpStream, length: usize) -> Vec<u8> {
        let mut all = Vec::new();
        for _ in 0..10_000 {
            all.extend(received(client));
            if all.len() >= length {
                break;
            }
            let flush = std::future::poll_fn(|cx| Pin::new(&mut *io).poll_flush(cx));
            // Pending as long as there is no room.
            let _ = tokio::time::timeout(Duration::from_millis(1), flush).await;
        }
        all
    }

    /// A connection writes twice in a turn, with another one's bytes between, and the system does not take the first.
    #[test]
    fn what_is_left_stays_in_order_with_what_the_turn_still_has() {
        for length in [300, 1200, 4000, 9000] {
            on_a_thread_with_turns(|| async {
                let (mut io, mut client) = pair().await;
                let (mut other, mut other_client) = pair().await;
                let mut written = Vec::new();
                let mut holds_back = false;
                for number in 0..100_000u32 {
                    let mut pieces = [number.to_le_bytes().repeat(length / 4), (!number).to_le_bytes().repeat(10)];
                    // Now the one, now the other is the longer one.
                    pieces.rotate_left(number as usize % 2);
                    for piece in &pieces {
                        let poll =
                            std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut io).poll_write_vectored(cx, &[IoSlice::new(piece)])));
                        match poll.await {
                            Poll::Ready(length) => written.extend_from_slice(&piece[..length.unwrap()]),
                            Poll::Pending => holds_back = true,
                        }
                        write(&mut other, b".").await.unwrap();
                    }
                    if holds_back {
                        break;
                    }
                    tokio::task::yield_now().await;
                    received(&mut other_client);
                }
                assert!(holds_back, "nothing holds it back");
                let all = the_rest(&mut io, &mut client, written.len()).await;
                assert!(all == written, "{} of {} bytes", all.len(), written.len());
            });
        }
    }

    #[test]
    fn threads_without_turns_write_at_once() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (mut io, mut client) = pair().await;
            write(&mut io, b"at once").await.unwrap();
            assert_eq!(received(&mut client), b"at once");
        });
    }

    /// The client has gone: the writer learns of it though it was told that all was well.
    #[test]
    fn errors_are_told_later() {
        on_a_thread_with_turns(|| async {
            let (mut io, client) = pair().await;
            drop(client);
            for _ in 0..100 {
                if write(&mut io, b"anybody there?").await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            panic!("nobody noticed");
        });
    }
}
