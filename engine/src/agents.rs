//! Several agents with shared memory: what lets SharedArrayBuffers be seen by other instances, and Atomics.wait and notify reach them.
//! https://tc39.es/ecma262/#sec-agents and https://tc39.es/ecma262/#sec-waiterlist-records
//!
//! An instance is an agent of its own unless the host says otherwise ([`Context::join_agents`]). The host makes the threads; what is here is
//! what a waiter list needs: a lock, a condition, a deadline. Nothing of it lies in the cage but promises (held by handles), so it ends
//! with the request.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::builtins::host_memory::is_host_memory;
use crate::builtins::promise;
use crate::builtins::typed_array::view::{buffer_byte_length, buffer_data, buffer_slot, init_buffer, is_fixed_length};
use crate::context::{Context, Handle};
use crate::heap::{Kind, SharedMemory};
use crate::native::Result;
use crate::object::Object;
use crate::realm::Intrinsic;
use crate::string::JsString;
use crate::string::atoms::name;
use crate::value::Value;

/// Longest stretch between two questions whether a waiting agent is to be stopped.
const PATIENCE: Duration = Duration::from_millis(10);
/// Longer timeouts are as good as none.
const LONGEST_TIMEOUT_MS: f64 = 1e12;

/// Numbers of waiters, unique among all agents.
static NEXT_WAITER: AtomicU64 = AtomicU64::new(0);

/// A shared buffer on its way to another agent.
#[derive(Clone)]
pub struct SharedBuffer(Arc<Block>);

/// A shared block with its waiter list.
struct Block {
    memory: Arc<SharedMemory>,
    waiters: Mutex<Vec<Waiter>>,
    /// Told when waiters leave the list.
    notified: Condvar,
}

struct Waiter {
    number: u64,
    /// Byte offset in the block.
    offset: u32,
    /// Where an asynchronous waiter's agent learns of its waking.
    mailbox: Option<Arc<Mailbox>>,
}

/// Numbers of asynchronous waiters that were notified.
#[derive(Default)]
struct Mailbox {
    woken: Mutex<Vec<u64>>,
    arrived: Condvar,
}

/// An asynchronous waiter of this agent.
struct Pending {
    number: u64,
    promise: Handle,
    deadline: Option<Instant>,
    block: Arc<Block>,
}

/// What an instance is as one of several agents.
#[derive(Default)]
pub(crate) struct Agent {
    is_one_of_many: bool,
    can_block: bool,
    blocks: Vec<Arc<Block>>,
    mailbox: Arc<Mailbox>,
    pending: Vec<Pending>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What the locks guard is changed by single operations: it is whole whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Block {
    /// Takes a waiter off the list; whether it was there.
    fn remove(&self, number: u64) -> bool {
        let mut waiters = lock(&self.waiters);
        let before = waiters.len();
        waiters.retain(|waiter| waiter.number != number);
        waiters.len() < before
    }
}

impl Agent {
    pub(crate) fn reset(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            pending.block.remove(pending.number);
        }
        self.blocks.clear();
        match Arc::get_mut(&mut self.mailbox) {
            Some(mailbox) => mailbox.woken.get_mut().unwrap_or_else(PoisonError::into_inner).clear(),
            // A waiter that was just notified elsewhere may still have it.
            None => self.mailbox = Arc::default(),
        }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.reset();
    }
}

/// When a wait of `timeout` milliseconds ends; `None`: never.
fn deadline(timeout: f64) -> Option<Instant> {
    (timeout < LONGEST_TIMEOUT_MS).then(|| Instant::now() + Duration::from_secs_f64(timeout.max(0.0) / 1000.0))
}

impl Context {
    /// Makes this instance one of several agents; `can_block` is its [[CanBlock]], whether Atomics.wait may suspend it.
    pub fn join_agents(&mut self, can_block: bool) {
        self.agent.is_one_of_many = true;
        self.agent.can_block = can_block;
    }

    /// AgentCanSuspend ( ), https://tc39.es/ecma262/#sec-agentcansuspend
    pub(crate) fn can_block(&self) -> bool {
        self.agent.can_block
    }

    /// Whether waiter lists are shared with other agents.
    pub(crate) fn is_one_of_many_agents(&self) -> bool {
        self.agent.is_one_of_many
    }

    /// A SharedArrayBuffer as something that another agent can receive. TypeError for other values and growable buffers.
    pub fn share_buffer(&mut self, buffer: Value) -> Result<SharedBuffer> {
        match buffer.as_object().filter(|object| object.is(&self.heap, Kind::SharedArrayBuffer)) {
            Some(buffer) => self.block_of(buffer).map(SharedBuffer),
            None => Err(self.throw_type_error("The value is not a SharedArrayBuffer")),
        }
    }

    /// A new SharedArrayBuffer of the current realm over memory that another agent shares.
    pub fn receive_buffer(&mut self, shared: &SharedBuffer) -> Result<Object> {
        let data = match self.heap.cage_mut().map_shared(&shared.0.memory) {
            Ok(data) => data,
            Err(error) => return Err(self.throw_range_error(&error.to_string())),
        };
        if !self.agent.blocks.iter().any(|known| Arc::ptr_eq(known, &shared.0)) {
            self.agent.blocks.push(shared.0.clone());
        }
        let buffer = self.new_intrinsic_object(Kind::SharedArrayBuffer, Intrinsic::SharedArrayBufferPrototype);
        init_buffer(&self.heap, buffer, data, shared.0.memory.length(), None);
        Ok(buffer)
    }

    /// The block of a SharedArrayBuffer; its bytes move there when they were this instance's own.
    fn block_of(&mut self, buffer: Object) -> Result<Arc<Block>> {
        let Some(data) = buffer_data(&self.heap, buffer) else { return Err(self.throw_type_error("The buffer is detached")) };
        if let Some(memory) = self.heap.cage().shared_at(data)
            && let Some(block) = self.agent.blocks.iter().find(|block| Arc::ptr_eq(&block.memory, memory))
        {
            return Ok(block.clone());
        }
        if !is_fixed_length(&self.heap, buffer) {
            return Err(self.throw_type_error("Growable SharedArrayBuffers cannot be shared with other agents"));
        }
        // Other buffers may lie over the same bytes, and would stay behind.
        if is_host_memory(&self.heap, buffer) {
            return Err(self.throw_type_error("Memory of the host cannot be shared with other agents"));
        }
        let bytes = self.heap.cage().slice(data.data(), buffer_byte_length(&self.heap, buffer));
        let mapped = SharedMemory::new(bytes).and_then(|memory| Ok((self.heap.cage_mut().map_shared(&memory)?, memory)));
        let (cell, memory) = match mapped {
            Ok(mapped) => mapped,
            Err(error) => return Err(self.throw_range_error(&error.to_string())),
        };
        buffer.set_internal(&self.heap, buffer_slot::DATA, Value::cell(cell));
        let block = Arc::new(Block { memory, waiters: Mutex::default(), notified: Condvar::new() });
        self.agent.blocks.push(block.clone());
        Ok(block)
    }

    /// Steps 15-31 of DoWait for a blocking wait: `offset` is the byte offset in the buffer, `shift` the size of the element.
    /// 25.4.3.14 DoWait ( mode, typedArray, index, value, timeout ), https://tc39.es/ecma262/#sec-dowait
    pub(crate) fn wait_blocking(&mut self, buffer: Object, offset: u32, shift: u32, expected: u64, timeout: f64) -> Result<JsString> {
        let block = self.block_of(buffer)?;
        let Some(data) = buffer_data(&self.heap, buffer) else { return Err(self.throw_type_error("The buffer is detached")) };
        let deadline = deadline(timeout);
        let number = NEXT_WAITER.fetch_add(1, Ordering::Relaxed);
        // The lock is the critical section of the waiter list.
        let mut waiters = lock(&block.waiters);
        if self.heap.cage().atomic_load(data.data() + offset, shift) != expected {
            return Ok(name::not_equal);
        }
        waiters.push(Waiter { number, offset, mailbox: None });
        loop {
            let remaining = deadline.map_or(PATIENCE, |deadline| deadline.saturating_duration_since(Instant::now()));
            (waiters, _) = block.notified.wait_timeout(waiters, remaining.min(PATIENCE)).unwrap_or_else(PoisonError::into_inner);
            if !waiters.iter().any(|waiter| waiter.number == number) {
                return Ok(name::ok);
            }
            let timed_out = deadline.is_some_and(|deadline| deadline <= Instant::now());
            let stopped = !timed_out && !self.host.keep_waiting();
            if timed_out || stopped {
                waiters.retain(|waiter| waiter.number != number);
                drop(waiters);
                return if timed_out { Ok(name::timed_out) } else { Err(self.terminate(crate::Termination::Host)) };
            }
        }
    }

    /// The same for an asynchronous wait: a promise, or the outcome where there is nothing to wait for.
    pub(crate) fn wait_without_blocking(
        &mut self,
        buffer: Object,
        offset: u32,
        shift: u32,
        expected: u64,
        timeout: f64,
    ) -> Result<std::result::Result<Object, JsString>> {
        let block = self.block_of(buffer)?;
        let Some(data) = buffer_data(&self.heap, buffer) else { return Err(self.throw_type_error("The buffer is detached")) };
        let promise = promise::new_pending(self);
        let number = NEXT_WAITER.fetch_add(1, Ordering::Relaxed);
        let mut waiters = lock(&block.waiters);
        if self.heap.cage().atomic_load(data.data() + offset, shift) != expected {
            return Ok(Err(name::not_equal));
        }
        if timeout == 0.0 {
            return Ok(Err(name::timed_out));
        }
        waiters.push(Waiter { number, offset, mailbox: Some(self.agent.mailbox.clone()) });
        drop(waiters);
        let handle = self.retain(promise.value());
        self.agent.pending.push(Pending { number, promise: handle, deadline: deadline(timeout), block });
        Ok(Ok(promise))
    }

    /// Wakes up to `most` waiters at a place, in the order in which they came; how many there were.
    /// 25.4.16 Atomics.notify ( typedArray, index, count ), https://tc39.es/ecma262/#sec-atomics.notify
    pub(crate) fn notify_waiters(&mut self, buffer: Object, offset: u32, most: u64) -> Result<usize> {
        let block = self.block_of(buffer)?;
        let mut waiters = lock(&block.waiters);
        let mut woken = 0;
        waiters.retain(|waiter| {
            if waiter.offset != offset || woken as u64 >= most {
                return true;
            }
            woken += 1;
            if let Some(mailbox) = &waiter.mailbox {
                lock(&mailbox.woken).push(waiter.number);
                mailbox.arrived.notify_all();
            }
            false
        });
        drop(waiters);
        block.notified.notify_all();
        Ok(woken)
    }

    /// Whether promises of Atomics.waitAsync wait for other agents or the clock.
    pub fn has_pending_waits(&self) -> bool {
        !self.agent.pending.is_empty()
    }

    /// Resolves the promises of asynchronous waiters that were notified or have timed out, waiting for the first at most so long.
    /// Whether there was one; then jobs are to be run.
    pub fn deliver_wakes(&mut self, at_most: Duration) -> Result<bool> {
        let mailbox = self.agent.mailbox.clone();
        let until = Instant::now() + at_most;
        let mut woken = lock(&mailbox.woken);
        loop {
            let now = Instant::now();
            let next_deadline = self.agent.pending.iter().filter_map(|pending| pending.deadline).min();
            if !woken.is_empty() || until <= now || next_deadline.is_some_and(|deadline| deadline <= now) {
                break;
            }
            let wait = next_deadline.map_or(until, |deadline| deadline.min(until)).saturating_duration_since(now);
            (woken, _) = mailbox.arrived.wait_timeout(woken, wait).unwrap_or_else(PoisonError::into_inner);
        }
        let mut settled: Vec<(u64, JsString)> = woken.drain(..).map(|number| (number, name::ok)).collect();
        drop(woken);
        let now = Instant::now();
        for pending in &self.agent.pending {
            // One that is no longer on the list was notified: its letter is on its way.
            if pending.deadline.is_some_and(|deadline| deadline <= now) && pending.block.remove(pending.number) {
                settled.push((pending.number, name::timed_out));
            }
        }
        let any = !settled.is_empty();
        for (number, outcome) in settled {
            let Some(at) = self.agent.pending.iter().position(|pending| pending.number == number) else { continue };
            let pending = self.agent.pending.remove(at);
            if let Some(promise) = self.release(pending.promise).as_object() {
                self.enter(|cx| promise::resolve(cx, promise, outcome.value()))?;
            }
        }
        Ok(any)
    }
}
