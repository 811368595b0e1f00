//! The instances of one worker on one thread.
//!
//! Idle instances keep their pages, so that a request touches nothing that is not resident. Those that have been idle for long are
//! trimmed, then dropped.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use mayfly_engine::ImageError;
use mayfly_engine::native::Natives;

use crate::instance::Instance;
use crate::natives::natives;
use crate::worker::Worker;

/// Most idle instances kept.
const MOST_IDLE: usize = 1024;
/// Idle instances that are never dropped.
const LEAST_IDLE: usize = 1;

/// Idle instances, the most recently used last.
pub struct Pool {
    worker: Worker,
    natives: Rc<Natives>,
    /// Boxed: they are large, and change hands several times a request.
    #[allow(clippy::vec_box)]
    idle: RefCell<Vec<Box<Instance>>>,
    /// Fewest idle instances since the last [`Pool::trim`]: these were not needed.
    least: Cell<usize>,
}

impl Pool {
    /// An empty pool.
    pub fn new(worker: Worker) -> Pool {
        Pool { worker, natives: natives(), idle: RefCell::default(), least: Cell::new(0) }
    }

    /// The worker whose instances these are.
    pub fn worker(&self) -> &Worker {
        &self.worker
    }

    /// Takes an idle instance, or makes one.
    ///
    /// # Errors
    /// Where the system gives no memory for another one.
    pub fn take(&self) -> Result<Box<Instance>, ImageError> {
        let mut idle = self.idle.borrow_mut();
        let instance = idle.pop();
        self.least.set(self.least.get().min(idle.len()));
        drop(idle);
        match instance {
            Some(mut instance) => {
                instance.cx.heap.refresh()?;
                Ok(instance)
            }
            None => Instance::new(&self.worker, &self.natives).map(Box::new),
        }
    }

    /// Takes an instance back after a request.
    pub fn put(&self, mut instance: Box<Instance>) {
        if instance.reset(&self.worker.options) && self.idle.borrow().len() < MOST_IDLE {
            self.idle.borrow_mut().push(instance);
        }
    }

    /// Takes an instance back in which nothing has run.
    pub fn put_unused(&self, instance: Box<Instance>) {
        self.idle.borrow_mut().push(instance);
    }

    /// To be called now and then: drops half of the instances that nobody needed since the last call, and gives the memory of the rest of
    /// them back to the system.
    pub fn trim(&self) {
        let mut idle = self.idle.borrow_mut();
        let unused = self.least.replace(idle.len()).min(idle.len());
        let dropped = (unused / 2).min(idle.len().saturating_sub(LEAST_IDLE));
        idle.drain(..dropped);
        for instance in idle.iter_mut().take(unused - dropped) {
            instance.trim();
        }
    }

    /// Drops every idle instance.
    pub fn clear(&self) {
        let idle = self.idle.take();
        self.least.set(0);
        drop(idle);
    }

    /// Number of idle instances.
    pub fn idle_count(&self) -> usize {
        self.idle.borrow().len()
    }
}
