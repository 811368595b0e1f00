//! `$262.agent`: concurrent agents on threads of their own. See INTERPRETING.md of the suite.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use mayfly_engine::native::{Args, NativeId, Result};
use mayfly_engine::{Context, ContextOptions, Image, Natives, SharedBuffer, Value};

use crate::host::{self, TestHost};

/// Longest stretch in which an agent does not look whether the test has ended.
const PATIENCE: Duration = Duration::from_millis(20);
/// Jobs between two looks at what other agents notified.
const JOBS_AT_ONCE: u64 = 200;
const STACK_BYTES: usize = 16 << 20;

/// The agents of one test.
#[derive(Default)]
pub struct Cluster {
    reports: Mutex<VecDeque<String>>,
    agents: Mutex<Vec<Arc<Inbox>>>,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    ended: AtomicBool,
}

/// A value sent along with a broadcast buffer.
#[derive(Clone)]
enum Number {
    None,
    Int(f64),
    Big(String),
}

/// What an agent receives, and how far it is.
#[derive(Default)]
pub struct Inbox {
    state: Mutex<InboxState>,
    changed: Condvar,
}

#[derive(Default)]
struct InboxState {
    is_running: bool,
    is_gone: bool,
    message: Option<(SharedBuffer, Number)>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inbox {
    fn update(&self, change: impl FnOnce(&mut InboxState)) {
        change(&mut lock(&self.state));
        self.changed.notify_all();
    }

    /// Waits until `ready` or the test ends; whether it is ready.
    fn wait_until(&self, cluster: &Cluster, deadline: Instant, ready: impl Fn(&InboxState) -> bool) -> bool {
        let mut state = lock(&self.state);
        loop {
            if ready(&state) {
                return true;
            }
            if cluster.has_ended() || Instant::now() > deadline {
                return false;
            }
            (state, _) = self.changed.wait_timeout(state, PATIENCE).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Cluster {
    /// Whether the test is over: agents stop then.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Ends the test and waits for its agents.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
        for thread in std::mem::take(&mut *lock(&self.threads)) {
            // A panic of an agent shows in the test as a report that never comes.
            let _ = thread.join();
        }
    }
}

/// Methods of `$262.agent`: name, length, function.
pub const METHODS: &[(&str, NativeId)] = &[
    ("start", NativeId::of(start)),
    ("broadcast", NativeId::of(broadcast)),
    ("getReport", NativeId::of(get_report)),
    ("sleep", NativeId::of(sleep)),
    ("monotonicNow", NativeId::of(monotonic_now)),
    ("receiveBroadcast", NativeId::of(receive_broadcast)),
    ("report", NativeId::of(report)),
    ("leaving", NativeId::of(leaving)),
];

fn test_host(cx: &mut Context) -> Option<&mut TestHost> {
    cx.host().as_any().downcast_mut()
}

fn cluster(cx: &mut Context) -> Arc<Cluster> {
    test_host(cx).map(|host| host.cluster.clone()).unwrap_or_default()
}

fn deadline(cx: &mut Context) -> Instant {
    test_host(cx).map_or_else(Instant::now, |host| host.deadline)
}

/// Starts an agent with a script, and waits until it runs.
pub fn start(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let script = cx.to_text(args.at(0))?;
    let (cluster, deadline) = (cluster(cx), deadline(cx));
    let inbox = Arc::new(Inbox::default());
    lock(&cluster.agents).push(inbox.clone());
    let (their_cluster, their_inbox) = (cluster.clone(), inbox.clone());
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run_agent(&script, &their_cluster, &their_inbox, deadline)));
        if let Ok(Err(message)) = outcome {
            lock(&their_cluster.reports).push_back(format!("the agent failed: {message}"));
        }
        their_inbox.update(|state| {
            state.is_running = true;
            state.is_gone = true;
        });
    });
    match thread {
        Ok(thread) => lock(&cluster.threads).push(thread),
        Err(error) => return Err(cx.throw_range_error(&error.to_string())),
    }
    inbox.wait_until(&cluster, deadline, |state| state.is_running);
    Ok(Value::UNDEFINED)
}

/// Sends a buffer to every agent, and waits until each has it.
pub fn broadcast(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let buffer = cx.share_buffer(args.at(0))?;
    let number = match args.at(1) {
        value if value.is_bigint() => Number::Big(cx.to_text(value)?),
        value => value.as_number().map_or(Number::None, Number::Int),
    };
    let (cluster, deadline) = (cluster(cx), deadline(cx));
    let agents = lock(&cluster.agents).clone();
    for agent in &agents {
        agent.update(|state| state.message = Some((buffer.clone(), number.clone())));
    }
    for agent in &agents {
        agent.wait_until(&cluster, deadline, |state| state.message.is_none() || state.is_gone);
    }
    Ok(Value::UNDEFINED)
}

/// The next report of any agent, or null.
pub fn get_report(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    let report = lock(&cluster(cx).reports).pop_front();
    Ok(report.map_or(Value::NULL, |report| cx.new_string(&report)))
}

/// Sleeps so many milliseconds, or until the test ends.
pub fn sleep(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let milliseconds = cx.to_number(args.at(0))?.clamp(0.0, 60_000.0);
    let until = Instant::now() + Duration::from_secs_f64(milliseconds / 1000.0);
    let (cluster, deadline) = (cluster(cx), deadline(cx));
    loop {
        let now = Instant::now();
        if now >= until || now > deadline || cluster.has_ended() {
            return Ok(Value::UNDEFINED);
        }
        std::thread::sleep((until - now).min(PATIENCE));
    }
}

/// Milliseconds of a clock that never goes back.
pub fn monotonic_now(_: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    Ok(Value::number(START.get_or_init(Instant::now).elapsed().as_secs_f64() * 1000.0))
}

/// In an agent: the function that gets the broadcast.
pub fn receive_broadcast(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let callback = cx.retain(args.at(0));
    if let Some(host) = test_host(cx) {
        host.receiver = Some(callback);
    }
    Ok(Value::UNDEFINED)
}

/// In an agent: sends a text to the test.
pub fn report(cx: &mut Context, _: Value, args: &Args<'_>) -> Result<Value> {
    let text = cx.to_text(args.at(0))?;
    lock(&cluster(cx).reports).push_back(text);
    Ok(Value::UNDEFINED)
}

/// In an agent: it has done what it had to.
pub fn leaving(cx: &mut Context, _: Value, _: &Args<'_>) -> Result<Value> {
    if let Some(host) = test_host(cx) {
        host.is_leaving = true;
    }
    Ok(Value::UNDEFINED)
}

/// Runs jobs, and what Atomics.waitAsync waits for, until nothing is left to wait for or `enough` says so.
pub fn run_event_loop(cx: &mut Context, enough: impl Fn(&mut Context) -> bool) -> Result<()> {
    loop {
        cx.run_jobs_up_to(JOBS_AT_ONCE)?;
        let has_jobs = cx.has_jobs();
        if !has_jobs && !cx.has_pending_waits() || enough(cx) {
            return Ok(());
        }
        let stopped = test_host(cx).is_none_or(|host| !mayfly_engine::host::Host::keep_waiting(host));
        if stopped {
            return Err(cx.terminate(mayfly_engine::Termination::Cpu));
        }
        cx.deliver_wakes(if has_jobs { Duration::ZERO } else { PATIENCE })?;
    }
}

fn error_text(cx: &mut Context) -> String {
    match cx.take_exception() {
        None => "stopped".to_string(),
        Some(error) => cx.enter(|cx| cx.to_text(error)).unwrap_or_default(),
    }
}

/// The image that agents start from: the host object and nothing else.
fn base_image(natives: &Rc<Natives>) -> std::result::Result<Arc<Image>, String> {
    static IMAGE: std::sync::OnceLock<std::result::Result<Vec<u8>, String>> = std::sync::OnceLock::new();
    let bytes = IMAGE.get_or_init(|| {
        let mut cx =
            Context::new(Box::new(TestHost::default()), natives.clone(), ContextOptions::default()).map_err(|error| error.to_string())?;
        host::install(&mut cx).map_err(|_| "the host object".to_string())?;
        cx.to_image_bytes().map_err(|error| error.to_string())
    });
    Image::from_bytes(bytes.as_ref().map_err(Clone::clone)?, natives).map_err(|error| error.to_string())
}

fn run_agent(script: &str, cluster: &Arc<Cluster>, inbox: &Inbox, deadline: Instant) -> std::result::Result<(), String> {
    let natives = Rc::new(host::natives());
    let image = base_image(&natives)?;
    let host = TestHost::of_agent(cluster.clone(), deadline);
    let mut cx = Context::from_image(&image, Box::new(host), natives, ContextOptions::default()).map_err(|error| error.to_string())?;
    cx.join_agents(true);
    inbox.update(|state| state.is_running = true);
    let is_leaving = |cx: &mut Context| test_host(cx).is_none_or(|host| host.is_leaving);
    if cx.evaluate_script(script, "agent").is_err() || run_event_loop(&mut cx, is_leaving).is_err() {
        return if cluster.has_ended() { Ok(()) } else { Err(error_text(&mut cx)) };
    }
    while !is_leaving(&mut cx)
        && let Some(receiver) = test_host(&mut cx).and_then(|host| host.receiver)
    {
        if !inbox.wait_until(cluster, deadline, |state| state.message.is_some()) {
            return Ok(());
        }
        let mut message = None;
        inbox.update(|state| message = state.message.take());
        let Some((buffer, number)) = message else { continue };
        let outcome = cx.enter(|cx| {
            let buffer = cx.receive_buffer(&buffer)?.value();
            let number = match number {
                Number::None => Value::UNDEFINED,
                Number::Int(number) => Value::number(number),
                Number::Big(text) => cx.evaluate_script(&format!("{text}n"), "broadcast")?,
            };
            let receiver = cx.handle_value(receiver);
            cx.call(receiver, Value::UNDEFINED, &[buffer, number])
        });
        if outcome.is_err() || run_event_loop(&mut cx, is_leaving).is_err() {
            return if cluster.has_ended() { Ok(()) } else { Err(error_text(&mut cx)) };
        }
    }
    Ok(())
}
