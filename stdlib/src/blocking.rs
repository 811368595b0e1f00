//! Work that takes too long for the thread that serves requests.
//!
//! [`run`] gives a piece of work to [`crate::platform::Platform::run_blocking`]. What the work returns is a [`Completion`], which runs on
//! the instance's own thread: at once when the platform did the work at once, or else by [`deliver`]. What waits for it, usually a promise,
//! lies in the cage until then.

use crate::platform::try_platform;
use mayfly_engine::context::{Context, Handle};
use mayfly_engine::native::Result;
use mayfly_engine::value::Value;

/// Work for any thread.
pub type Work = Box<dyn FnOnce() -> Completion + Send>;

/// What is left to do on the instance's thread, with the value that waits.
pub type Completion = Box<dyn FnOnce(&mut Context, Value) -> Result<()> + Send>;

/// Gives work away. `waiting` is handed to the completion.
pub fn run(cx: &mut Context, waiting: Value, work: Work) -> Result<()> {
    let waiter = cx.retain(waiting);
    let done = match try_platform(cx) {
        Some(platform) => platform.run_blocking(work, waiter),
        None => Some(work()),
    };
    match done {
        Some(completion) => deliver(cx, waiter, completion),
        None => Ok(()),
    }
}

/// Completes work that [`crate::platform::Platform::run_blocking`] had taken with this handle. Called from outside any run of JS, as for
/// timers; jobs have to be run afterwards.
pub fn deliver(cx: &mut Context, waiter: Handle, completion: Completion) -> Result<()> {
    let waiting = cx.release(waiter);
    completion(cx, waiting)
}
