//! What a request has under way outside of its instance: requests of its own, sockets, work on other threads.
//!
//! An operation is a future that the request's driver polls while it waits; what comes of it is a [`Delivery`], run on the engine when
//! nothing is suspended. All of it belongs to the request and is dropped with it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, StreamExt};
use mayfly_engine::native::Result;

/// Hands an outcome to the worker scope.
pub type Delivery = Box<dyn FnOnce(&mut mayfly_engine::Context) -> Result<()>>;

type Running = FuturesUnordered<Pin<Box<dyn Future<Output = Option<Delivery>>>>>;

/// Deliveries of operations that make several.
#[derive(Clone, Default)]
pub struct Outbox(Rc<RefCell<VecDeque<Delivery>>>);

impl Outbox {
    /// Adds a delivery. Only from within an operation: its driver looks here after polling it.
    pub fn push(&self, deliver: impl FnOnce(&mut mayfly_engine::Context) -> Result<()> + 'static) {
        self.0.borrow_mut().push_back(Box::new(deliver));
    }
}

/// The operations of one request.
#[derive(Default)]
pub struct Operations {
    running: RefCell<Running>,
    outbox: Outbox,
}

impl Operations {
    /// Starts an operation; its outcome, if any, is delivered.
    pub fn start(&self, operation: impl Future<Output = Option<Delivery>> + 'static) {
        self.running.borrow_mut().push(Box::pin(operation));
    }

    /// Where operations that deliver more than once put what they have.
    pub fn outbox(&self) -> Outbox {
        self.outbox.clone()
    }

    /// Whether nothing can be delivered any more.
    pub fn is_empty(&self) -> bool {
        self.running.borrow().is_empty() && self.outbox.0.borrow().is_empty()
    }

    /// Lets operations go on; the next delivery. Pending also when there are none.
    pub fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Delivery> {
        loop {
            if let Some(delivery) = self.outbox.0.borrow_mut().pop_front() {
                return Poll::Ready(delivery);
            }
            let polled = self.running.borrow_mut().poll_next_unpin(cx);
            match polled {
                Poll::Ready(Some(Some(delivery))) => {
                    // What it put out before comes first.
                    self.outbox.0.borrow_mut().push_back(delivery);
                }
                Poll::Ready(Some(None)) => {}
                Poll::Ready(None) | Poll::Pending => {
                    return match self.outbox.0.borrow_mut().pop_front() {
                        Some(delivery) => Poll::Ready(delivery),
                        None => Poll::Pending,
                    };
                }
            }
        }
    }

    /// Drops everything.
    pub fn clear(&self) {
        if !self.running.borrow().is_empty() {
            let running = self.running.take();
            drop(running);
        }
        self.outbox.0.borrow_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::task::Waker;

    fn poll(operations: &Operations) -> bool {
        operations.poll_next(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn deliveries_come_out_one_by_one() {
        let operations = Operations::default();
        assert!(operations.is_empty() && !poll(&operations));
        let outbox = operations.outbox();
        operations.start(async move {
            outbox.push(|_| Ok(()));
            outbox.push(|_| Ok(()));
            None
        });
        operations.start(async { Some(Box::new(|_: &mut mayfly_engine::Context| Ok(())) as Delivery) });
        assert!(!operations.is_empty());
        assert_eq!([poll(&operations), poll(&operations), poll(&operations), poll(&operations)], [true, true, true, false]);
        assert!(operations.is_empty());
    }

    #[test]
    fn clearing_drops_what_runs() {
        struct Dropped(Rc<Cell<bool>>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }
        let operations = Operations::default();
        let dropped = Rc::new(Cell::new(false));
        let guard = Dropped(dropped.clone());
        operations.start(async move {
            std::future::pending::<()>().await;
            drop(guard);
            None
        });
        assert!(!poll(&operations) && !operations.is_empty());
        operations.clear();
        assert!(dropped.get() && operations.is_empty());
    }
}
