//! Host state of one instance: what belongs to the running request, outside of the cage.
//!
//! Shared by the instance's platform (which natives call) and the request's driver. Everything here is dropped or reset when the request
//! ends.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use mayfly_engine::context::Handle;
use mayfly_engine::host::{FUEL_QUANTUM, Refuel};

use crate::body::{ChunkSink, Incoming, IncomingBody};
use crate::limits::{Limit, Limits};
use crate::net::{Net, Upgrade};
use crate::operations::Operations;
use crate::timers::TimerQueue;

/// How long one run may keep the core before others get a turn.
const SLICE: Duration = Duration::from_millis(1);
/// What is charged for the fuel spent before the clock was first read in a slice: about what a quantum takes.
const FIRST_QUANTUM: Duration = Duration::from_micros(200);

/// Longer than any server runs.
const NO_DEADLINE: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

thread_local! {
    static LAST_REQUEST: Cell<Option<Instant>> = const { Cell::new(None) };
    static BEFORE_LONG_RUNS: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// When the last request began that this thread dispatched: a time to measure by where the exact one does not matter, without reading the
/// clock once more.
pub fn last_request() -> Option<Instant> {
    LAST_REQUEST.get()
}

/// Whatever this thread puts off until it has time is to be done by this function, which is called when a request turns out to compute for
/// longer than a quantum of fuel (some 0.2 ms), and for each quantum from then on.
pub fn before_long_runs(act: fn()) {
    BEFORE_LONG_RUNS.set(Some(act));
}

/// CPU time of this thread.
pub fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// What the clocks show.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Milliseconds since 1970.
    unix_ms: f64,
    /// Milliseconds since the request began.
    since_start_ms: f64,
}

impl Reading {
    fn now(started: Instant) -> Reading {
        Reading {
            unix_ms: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1000.0),
            since_start_ms: started.elapsed().as_secs_f64() * 1000.0,
        }
    }
}

/// Host state of one instance.
pub struct HostState {
    /// Name of the worker, for logs.
    pub worker: Arc<str>,
    /// Limits of each request.
    pub limits: Limits,
    /// Whether the limits count. Programs of the command line run without.
    pub limited: bool,
    /// Whether clocks stand still while code runs, and go on only when something from outside has come: a worker cannot measure how long
    /// anything takes to compute.
    frozen: bool,
    /// What frozen clocks show.
    reading: Cell<Reading>,
    started: Cell<Instant>,
    /// When the time of the wall clock began to count.
    wall_from: Cell<Instant>,
    /// CPU time used in finished slices and quanta.
    cpu_used: Cell<Duration>,
    /// Thread time up to which CPU time is charged; `None` while the clock was not read in this slice.
    charged_to: Cell<Option<Duration>>,
    /// CPU time charged in this slice.
    slice_used: Cell<Duration>,
    wants_to_yield: Cell<bool>,
    violation: Cell<Option<Limit>>,
    /// Timers that wait.
    pub timers: RefCell<TimerQueue>,
    /// URL of the request, where the worker was given no object that tells it; else empty.
    url: RefCell<String>,
    /// The request's body while it is received.
    pub body: RefCell<Option<IncomingBody>>,
    /// Who waits for the body's next piece.
    pub body_waiter: Cell<Option<Handle>>,
    /// Where bytes of the reply's stream go.
    pub reply: RefCell<Option<ChunkSink>>,
    /// The WebSocket that the request asks for.
    pub upgrade: RefCell<Option<Upgrade>>,
    /// What is under way outside.
    pub operations: Operations,
    /// Requests, bodies and sockets of the request's own.
    pub net: Rc<Net>,
    /// The last uncaught error: shown when the request fails for want of a reply.
    pub uncaught: RefCell<Option<String>>,
}

impl HostState {
    /// State before the first request.
    pub fn new(worker: Arc<str>, limits: Limits, limited: bool, frozen: bool) -> HostState {
        let started = Instant::now();
        HostState {
            worker,
            limits,
            limited,
            frozen,
            reading: Cell::new(Reading::now(started)),
            started: Cell::new(started),
            wall_from: Cell::new(started),
            cpu_used: Cell::new(Duration::ZERO),
            charged_to: Cell::new(None),
            slice_used: Cell::new(Duration::ZERO),
            wants_to_yield: Cell::new(false),
            violation: Cell::new(None),
            timers: RefCell::default(),
            url: RefCell::default(),
            body: RefCell::default(),
            body_waiter: Cell::new(None),
            reply: RefCell::default(),
            upgrade: RefCell::default(),
            operations: Operations::default(),
            net: Rc::new(Net::new(limits.subrequests)),
            uncaught: RefCell::default(),
        }
    }

    /// A request begins. What the last one left behind was dropped when it ended.
    pub fn begin(&self) {
        let now = Instant::now();
        LAST_REQUEST.set(Some(now));
        self.started.set(now);
        self.wall_from.set(now);
        self.cpu_used.set(Duration::ZERO);
        self.charged_to.set(None);
        self.slice_used.set(Duration::ZERO);
        self.wants_to_yield.set(false);
        self.violation.set(None);
        self.tick();
    }

    /// Something from outside has come: frozen clocks go on.
    pub fn tick(&self) {
        if self.frozen {
            self.reading.set(Reading::now(self.started.get()));
        }
    }

    fn reading(&self) -> Reading {
        if self.frozen { self.reading.get() } else { Reading::now(self.started.get()) }
    }

    /// The time, in milliseconds since 1970.
    pub fn unix_time_ms(&self) -> f64 {
        self.reading().unix_ms
    }

    /// Milliseconds since the request began.
    pub fn monotonic_ms(&self) -> f64 {
        self.reading().since_start_ms
    }

    /// The request is over: drops everything that belonged to it.
    pub fn end(&self) {
        self.timers.borrow_mut().clear_all();
        self.url.borrow_mut().clear();
        self.body_waiter.set(None);
        self.body.take();
        self.reply.take();
        self.upgrade.take();
        self.operations.clear();
        self.net.clear();
        self.uncaught.take();
    }

    /// Remembers the URL of a request that no object is made of.
    pub fn set_url(&self, url: &str) {
        let mut own = self.url.borrow_mut();
        own.clear();
        own.push_str(url);
    }

    /// What [`HostState::set_url`] was told of this request.
    pub fn url(&self) -> Option<String> {
        Some(self.url.borrow().clone()).filter(|url| !url.is_empty())
    }

    /// When the request began.
    pub fn started(&self) -> Instant {
        self.started.get()
    }

    /// When the request must be over. While the client holds a WebSocket there is no such time.
    pub fn deadline(&self) -> Instant {
        let wall = if self.net.serves_socket() { NO_DEADLINE } else { Duration::from_millis(self.limits.wall_ms) };
        self.wall_from.get() + wall
    }

    /// A message of the client's WebSocket, or its end, begins a new turn with time of its own.
    pub fn begin_turn(&self) {
        self.wall_from.set(Instant::now());
        self.cpu_used.set(Duration::ZERO);
    }

    /// The next piece of the request's own body (number 0) or of one that the worker fetched.
    pub fn poll_body(&self, number: u32, cx: &mut Context<'_>) -> Poll<Incoming> {
        if number != 0 {
            return self.net.poll_body(number, cx);
        }
        match &mut *self.body.borrow_mut() {
            Some(body) => body.poll_next(cx),
            None => Poll::Ready(Incoming::End),
        }
    }

    /// CPU time used, as far as it was measured.
    pub fn cpu_used(&self) -> Duration {
        self.cpu_used.get()
    }

    /// Charges CPU time that another thread used for this request. What is over the limit is noticed when code runs next.
    pub fn charge(&self, spent: Duration) {
        self.cpu_used.set(self.cpu_used.get() + spent);
    }

    /// The limit that stopped the instance.
    pub fn violation(&self) -> Option<Limit> {
        self.violation.get()
    }

    /// Remembers the limit that stops the instance; the first one counts.
    pub fn violate(&self, limit: Limit) {
        if self.violation.get().is_none() {
            self.violation.set(Some(limit));
        }
    }

    /// The run gave the core back: what it used is charged, and the next slice begins.
    pub fn end_slice(&self) {
        if let Some(charged_to) = self.charged_to.take() {
            self.cpu_used.set(self.cpu_used.get() + thread_cpu_time().saturating_sub(charged_to));
        }
        self.slice_used.set(Duration::ZERO);
        self.wants_to_yield.set(false);
    }

    /// What follows is charged though it may end before a quantum of fuel is spent.
    pub fn charge_from_now(&self) {
        if self.charged_to.get().is_none() {
            self.charged_to.set(Some(thread_cpu_time()));
        }
    }

    /// Whether this slice has been long enough.
    pub fn wants_to_yield(&self) -> bool {
        self.wants_to_yield.get()
    }

    /// A quantum of fuel is spent. Reading the clock costs a system call, so it happens here and nowhere on the way of short requests.
    pub fn refuel(&self) -> Refuel {
        if !self.limited {
            return Refuel::Continue(FUEL_QUANTUM);
        }
        if let Some(act) = BEFORE_LONG_RUNS.get() {
            act();
        }
        let now = thread_cpu_time();
        let spent = match self.charged_to.replace(Some(now)) {
            Some(charged_to) => now.saturating_sub(charged_to),
            None => FIRST_QUANTUM,
        };
        let used = self.cpu_used.get() + spent;
        self.cpu_used.set(used);
        if used > Duration::from_millis(self.limits.cpu_ms) {
            self.violate(Limit::Cpu);
            return Refuel::Stop;
        }
        if Instant::now() > self.deadline() {
            self.violate(Limit::Wall);
            return Refuel::Stop;
        }
        let slice = self.slice_used.get() + spent;
        self.slice_used.set(slice);
        if slice < SLICE {
            return Refuel::Continue(FUEL_QUANTUM);
        }
        self.wants_to_yield.set(true);
        Refuel::Yield(FUEL_QUANTUM)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burn(state: &HostState) -> Refuel {
        let from = thread_cpu_time();
        while thread_cpu_time() - from < Duration::from_micros(500) {}
        state.refuel()
    }

    #[test]
    fn a_long_run_yields_and_then_stops() {
        let state = HostState::new("test".into(), Limits { cpu_ms: 5, ..Limits::default() }, true, false);
        state.begin();
        assert_eq!(state.refuel(), Refuel::Continue(FUEL_QUANTUM));
        let answers: Vec<Refuel> = std::iter::repeat_with(|| burn(&state)).take_while(|answer| *answer != Refuel::Stop).take(100).collect();
        assert!(answers.len() < 12, "{answers:?}");
        assert!(answers.contains(&Refuel::Yield(FUEL_QUANTUM)));
        assert_eq!(state.violation(), Some(Limit::Cpu));
        state.begin();
        assert_eq!(state.violation(), None);
        assert_eq!(state.refuel(), Refuel::Continue(FUEL_QUANTUM));
    }

    #[test]
    fn a_slice_that_ended_starts_anew() {
        let state = HostState::new("test".into(), Limits::default(), true, false);
        state.begin();
        while !state.wants_to_yield() {
            burn(&state);
        }
        state.end_slice();
        assert!(!state.wants_to_yield());
        let used = state.cpu_used();
        // Time between slices is not the instance's.
        let from = thread_cpu_time();
        while thread_cpu_time() - from < Duration::from_millis(3) {}
        state.refuel();
        assert!(state.cpu_used() - used < Duration::from_millis(2));
    }

    #[test]
    fn frozen_clocks_wait_for_the_outside() {
        let state = HostState::new("test".into(), Limits::default(), true, true);
        state.begin();
        let before = (state.unix_time_ms(), state.monotonic_ms());
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!((state.unix_time_ms(), state.monotonic_ms()), before);
        state.tick();
        assert!(state.unix_time_ms() > before.0 && state.monotonic_ms() >= before.1 + 3.0);
        let state = HostState::new("test".into(), Limits::default(), true, false);
        state.begin();
        let before = state.monotonic_ms();
        std::thread::sleep(Duration::from_millis(3));
        assert!(state.monotonic_ms() >= before + 3.0);
    }

    #[test]
    fn wall_clock_stops_too() {
        let state = HostState::new("test".into(), Limits { wall_ms: 1, ..Limits::default() }, true, false);
        state.begin();
        std::thread::sleep(Duration::from_millis(3));
        assert_eq!(state.refuel(), Refuel::Stop);
        assert_eq!(state.violation(), Some(Limit::Wall));
    }
}
