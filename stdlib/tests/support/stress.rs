//! Stress on demand: `MAYFLY_TEST_FLAGS=--gc-stress` collects garbage at every safepoint of every test.

use mayfly_engine::Context;

/// Whether stress is asked for. A program that makes 100,000 objects in a loop is too slow then: each of them is marked at every safepoint.
pub fn is_on() -> bool {
    std::env::var("MAYFLY_TEST_FLAGS").is_ok_and(|flags| flags.contains("--gc-stress"))
}

/// The context, under stress if that is asked for.
pub fn stressed(mut cx: Context) -> Context {
    if is_on() {
        cx.heap.stress.set(true);
        cx.set_quantum(1);
    }
    cx
}
