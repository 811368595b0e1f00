//! The open connections of one thread: which of them wait for a request, and how they are told to end.
//!
//! A connection costs a request no timer and no clock: [`Connections::sweep`] counts how often it found one waiting.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::sync::Notify;

/// How often waiting connections are looked at.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(5);
/// A client may take this many sweeps, a minute, to send a request's head, or to begin one on an idle connection.
const PATIENCE: u32 = 12;

/// What a connection is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    /// Go on.
    Nothing,
    /// Finish the request in flight, take no other.
    Stop,
    /// End: the client has waited too long with its request.
    Expire,
}

/// One open connection.
pub struct State {
    told: Cell<Told>,
    /// Requests of which the reply is not yet handed over.
    requests: Cell<u32>,
    /// Sweeps that found it waiting for a request, with nothing sent since.
    waited: Cell<u32>,
    /// Something was sent since the last sweep. Shared with the socket, which may move to another thread (that of a WebSocket, for all that
    /// hyper knows).
    sent: Arc<AtomicBool>,
    waker: RefCell<Option<Waker>>,
}

impl State {
    /// What it is asked to do. The task of `cx` is woken when that changes.
    pub fn told(&self, cx: &Context<'_>) -> Told {
        let mut waker = self.waker.borrow_mut();
        match &mut *waker {
            Some(waker) => waker.clone_from(cx.waker()),
            None => *waker = Some(cx.waker().clone()),
        }
        self.told.get()
    }

    fn tell(&self, told: Told) {
        self.told.set(told);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    /// A request has arrived.
    pub fn begin_request(&self) {
        self.requests.set(self.requests.get() + 1);
    }

    /// What is to be set whenever the client has taken bytes. Large replies are on their way long after they were handed over: while they are,
    /// nobody waits for a request.
    pub fn sent(&self) -> Arc<AtomicBool> {
        self.sent.clone()
    }

    /// A reply is handed over, or given up.
    pub fn end_request(&self) {
        self.requests.set(self.requests.get().saturating_sub(1));
        self.waited.set(0);
    }
}

/// The open connections of one thread.
#[derive(Default)]
pub struct Connections {
    open: RefCell<Vec<Option<Rc<State>>>>,
    free: RefCell<Vec<usize>>,
    stopping: Cell<bool>,
    none: Notify,
}

impl Connections {
    /// A new connection, open until the result is dropped.
    pub fn open(self: &Rc<Self>) -> Open {
        let told = if self.stopping.get() { Told::Stop } else { Told::Nothing };
        let state = Rc::new(State {
            told: Cell::new(told),
            requests: Cell::new(0),
            waited: Cell::new(0),
            sent: Arc::default(),
            waker: RefCell::new(None),
        });
        let mut open = self.open.borrow_mut();
        let number = match self.free.borrow_mut().pop() {
            Some(number) => {
                open[number] = Some(state.clone());
                number
            }
            None => {
                open.push(Some(state.clone()));
                open.len() - 1
            }
        };
        Open { connections: self.clone(), number, state }
    }

    fn count(&self) -> usize {
        self.open.borrow().len() - self.free.borrow().len()
    }

    /// Counts the connections that wait for a request, and ends those that waited too long. To be called every [`SWEEP_INTERVAL`].
    pub fn sweep(&self) {
        for state in self.open.borrow().iter().flatten().filter(|state| state.requests.get() == 0) {
            let was_sent = state.sent.swap(false, Ordering::Relaxed);
            state.waited.set(if was_sent { 0 } else { state.waited.get() + 1 });
            if state.waited.get() > PATIENCE {
                state.tell(Told::Expire);
            }
        }
    }

    /// Lets every connection finish the request that it is at, and waits until none is open.
    pub async fn stop(&self) {
        self.stopping.set(true);
        for state in self.open.borrow().iter().flatten() {
            state.tell(Told::Stop);
        }
        while self.count() > 0 {
            self.none.notified().await;
        }
    }
}

/// Keeps a connection on the list of open ones.
pub struct Open {
    connections: Rc<Connections>,
    number: usize,
    /// What is known of it.
    pub state: Rc<State>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.connections.open.borrow_mut()[self.number] = None;
        self.connections.free.borrow_mut().push(self.number);
        if self.connections.count() == 0 {
            self.connections.none.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_wait_too_long_expire() {
        let connections = Rc::new(Connections::default());
        let (idle, busy) = (connections.open(), connections.open());
        busy.state.begin_request();
        let cx = Context::from_waker(Waker::noop());
        for _ in 0..PATIENCE {
            connections.sweep();
        }
        assert_eq!((idle.state.told(&cx), busy.state.told(&cx)), (Told::Nothing, Told::Nothing));
        connections.sweep();
        assert_eq!((idle.state.told(&cx), busy.state.told(&cx)), (Told::Expire, Told::Nothing));
        busy.state.end_request();
        for _ in 0..PATIENCE {
            connections.sweep();
        }
        assert_eq!(busy.state.told(&cx), Told::Nothing);
        connections.sweep();
        assert_eq!(busy.state.told(&cx), Told::Expire);
    }

    #[test]
    fn places_are_used_again() {
        let connections = Rc::new(Connections::default());
        let first = connections.open();
        let second = connections.open();
        drop(first);
        let third = connections.open();
        assert_eq!((second.number, third.number, connections.count()), (1, 0, 2));
        drop((second, third));
        assert_eq!(connections.count(), 0);
    }
}
