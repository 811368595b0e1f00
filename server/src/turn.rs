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
}

thread_local! {
    static TURN: RefCell<Turn> = const { RefCell::new(Turn { is_sent: false, bytes: Vec::new(), parts: Vec::new(), since: None }) };
}

/// Puts bytes off until the end of the turn. `false` on threads without turns.
pub fn put_off(outlet: &Arc<Outlet>, pieces: &[std::io::IoSlice<'_>]) -> bool {
    let is_over = TURN.with_borrow_mut(|turn| {
        if !turn.is_sent {
            return None;
        }
        let start = turn.bytes.len();
        for piece in pieces {
            turn.bytes.extend_from_slice(piece);
        }
        let range = start..turn.bytes.len();
        match turn.parts.last_mut() {
            Some((last, bytes)) if Arc::ptr_eq(last, outlet) => bytes.end = range.end,
            _ => turn.parts.push((outlet.clone(), range)),
        }
        let now = Instant::now();
        let since = *turn.since.get_or_insert(now);
        Some(turn.bytes.len() > MOST_BYTES || now - since > LONGEST_WAIT)
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
