//! Threads for work that would keep a request's thread too long: key generation and the like.
//!
//! There are as many as cores, whatever the number of requests: more would only slow each other down. Work that nobody waits for any more
//! when its turn comes is not begun.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use mayfly_stdlib::blocking::{Completion, Work};
use tokio::sync::oneshot;

use crate::state::thread_cpu_time;

struct Job {
    work: Work,
    done: oneshot::Sender<(Completion, Duration)>,
}

/// The threads' queue; `None` when no thread could be started.
fn queue() -> Option<Sender<Job>> {
    static QUEUE: OnceLock<Option<Sender<Job>>> = OnceLock::new();
    QUEUE.get_or_init(start_threads).clone()
}

fn start_threads() -> Option<Sender<Job>> {
    let (sender, receiver) = channel();
    // One thread at a time waits; the others wait for it.
    let receiver: &'static Mutex<Receiver<Job>> = Box::leak(Box::new(Mutex::new(receiver)));
    let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let started =
        (0..count).filter(|_| std::thread::Builder::new().name("blocking".to_string()).spawn(|| work_off(receiver)).is_ok()).count();
    (started > 0).then_some(sender)
}

fn work_off(queue: &Mutex<Receiver<Job>>) {
    loop {
        let next = match queue.lock() {
            Ok(queue) => queue.recv(),
            Err(_) => return,
        };
        let Ok(Job { work, done }) = next else { return };
        if done.is_closed() {
            continue;
        }
        let began = thread_cpu_time();
        // Work that panics is a mistake of ours; the thread goes on, and the request that waits finds that nothing will come.
        match catch_unwind(AssertUnwindSafe(work)) {
            // Nobody may be waiting any more.
            Ok(completion) => drop(done.send((completion, thread_cpu_time().saturating_sub(began)))),
            Err(_) => tracing::error!("work on another thread failed"),
        }
    }
}

/// Has work done on another thread: a future of its completion and of the CPU time it took. Where there is no other thread, the work comes
/// back.
pub(crate) fn submit(work: Work) -> Result<oneshot::Receiver<(Completion, Duration)>, Work> {
    let Some(queue) = queue() else { return Err(work) };
    let (done, receiver) = oneshot::channel();
    match queue.send(Job { work, done }) {
        Ok(()) => Ok(receiver),
        Err(returned) => Err(returned.0.work),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn counting(runs: &Arc<AtomicU32>) -> Work {
        let runs = runs.clone();
        Box::new(move || {
            runs.fetch_add(1, Ordering::SeqCst);
            Box::new(|_, _| Ok(()))
        })
    }

    #[test]
    fn all_work_is_done_elsewhere() {
        let runs = Arc::new(AtomicU32::new(0));
        let here = std::thread::current().id();
        let waiting: Vec<_> = (0..20).map(|_| submit(counting(&runs)).unwrap_or_else(|_| panic!("there are threads"))).collect();
        for receiver in waiting {
            assert!(receiver.blocking_recv().is_ok());
        }
        assert_eq!(runs.load(Ordering::SeqCst), 20);
        let (sender, other) = channel();
        let receiver = submit(Box::new(move || {
            let _ = sender.send(std::thread::current().id());
            Box::new(|_, _| Ok(()))
        }));
        assert!(receiver.is_ok_and(|receiver| receiver.blocking_recv().is_ok()));
        assert_ne!(other.recv().expect("it ran"), here);
    }

    #[test]
    fn abandoned_work_is_not_begun() {
        let runs = Arc::new(AtomicU32::new(0));
        // All threads are kept busy until the gate opens.
        let gate = Arc::new(Mutex::new(()));
        let closed = gate.lock().expect("not poisoned");
        let count = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let busy: Vec<_> = (0..count)
            .map(|_| {
                let gate = gate.clone();
                submit(Box::new(move || {
                    drop(gate.lock());
                    Box::new(|_, _| Ok(()))
                }))
            })
            .collect();
        drop(submit(counting(&runs)));
        let last = submit(counting(&runs));
        drop(closed);
        for receiver in busy.into_iter().chain([last]) {
            assert!(receiver.is_ok_and(|receiver| receiver.blocking_recv().is_ok()));
        }
        assert_eq!(runs.load(Ordering::SeqCst), 1);
    }
}
