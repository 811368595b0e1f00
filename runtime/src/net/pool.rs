//! Connections of a thread that wait for another request.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use hyper::client::conn::http2::SendRequest;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::task::JoinHandle;

use super::client::RequestBody;
use super::connect::Stream;

/// How long a connection waits for another request. Servers give up on their side after 5 s or more.
const IDLE: Duration = Duration::from_secs(15);
/// Connections to one server that may wait.
const MOST_IDLE: usize = 32;

/// The server that a connection leads to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    /// TLS is spoken.
    pub encrypted: bool,
    /// Host and port.
    pub authority: String,
}

/// A connection that was used before.
pub(super) enum Pooled {
    /// HTTP/1.1; nobody else uses it.
    Exclusive(Stream),
    /// HTTP/2.
    Shared(SendRequest<RequestBody>),
}

struct Idle {
    stream: Stream,
    since: Instant,
}

#[derive(Default)]
struct Pool {
    exclusive: HashMap<Key, Vec<Idle>>,
    shared: HashMap<Key, SendRequest<RequestBody>>,
    /// Closes what has waited too long. It ends when nothing is left, or with its executor.
    keeper: Option<JoinHandle<()>>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// A connection to a server, if one waits.
pub(super) fn take(key: &Key) -> Option<Pooled> {
    POOL.with_borrow_mut(|pool| {
        if let Some(sender) = pool.shared.get(key) {
            if !sender.is_closed() {
                return Some(Pooled::Shared(sender.clone()));
            }
            pool.shared.remove(key);
        }
        let idle = pool.exclusive.get_mut(key)?;
        // The one that was used last is the least likely to be closed soon.
        while let Some(mut next) = idle.pop() {
            if next.since.elapsed() < IDLE && is_quiet(&mut next.stream) {
                return Some(Pooled::Exclusive(next.stream));
            }
        }
        pool.exclusive.remove(key);
        None
    })
}

/// Keeps a connection that nothing is under way on.
pub(super) fn put(key: Key, stream: Stream) {
    POOL.with_borrow_mut(|pool| {
        let idle = pool.exclusive.entry(key).or_default();
        if idle.len() >= MOST_IDLE {
            idle.remove(0);
        }
        idle.push(Idle { stream, since: Instant::now() });
        if pool.keeper.as_ref().is_none_or(JoinHandle::is_finished) {
            pool.keeper = Some(tokio::spawn(keep()));
        }
    });
}

/// Keeps a connection that several requests can use.
pub(super) fn share(key: Key, sender: SendRequest<RequestBody>) {
    POOL.with_borrow_mut(|pool| pool.shared.insert(key, sender));
}

async fn keep() {
    loop {
        tokio::time::sleep(IDLE).await;
        let is_empty = POOL.with_borrow_mut(|pool| {
            pool.exclusive.retain(|_, idle| {
                idle.retain(|idle| idle.since.elapsed() < IDLE);
                !idle.is_empty()
            });
            pool.exclusive.is_empty()
        });
        if is_empty {
            return;
        }
    }
}

/// Whether the server has neither closed the connection nor sent what nobody asked for.
fn is_quiet(stream: &mut Stream) -> bool {
    let mut byte = [0];
    let polled = Pin::new(stream).poll_read(&mut Context::from_waker(Waker::noop()), &mut ReadBuf::new(&mut byte));
    matches!(polled, Poll::Pending)
}
