//! Runs a file as a module in a worker scope with a fake platform, and prints what it logged.
//!
//! ```text
//! cargo run -p mayfly-stdlib --example run FILE
//! ```
#![forbid(unsafe_code)]

use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::report;
use std::rc::Rc;

/// Longest that a program may wait, in fake milliseconds.
const PATIENCE_MS: f64 = 60_000.0;

fn main() {
    let Some(file) = std::env::args().nth(1) else {
        eprintln!("usage: run FILE");
        std::process::exit(2);
    };
    let source = match std::fs::read_to_string(&file) {
        Ok(source) => source,
        Err(error) => {
            eprintln!("{file}: {error}");
            std::process::exit(2);
        }
    };
    let natives = Rc::new(Natives::new(&mayfly_stdlib::classes()));
    let host = Box::new(WorkerHost::new(Box::new(FakePlatform::default())));
    let mut cx = match Context::new(host, natives, ContextOptions::default()) {
        Ok(cx) => cx,
        Err(error) => {
            eprintln!("no context: {error:?}");
            std::process::exit(1);
        }
    };
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        if let Err(thrown) = cx.evaluate_module(&source, &file) {
            match cx.take_exception() {
                Some(exception) => report::report_exception(cx, exception)?,
                None => return Err(thrown),
            }
        }
        run_until_idle(cx, PATIENCE_MS)
    });
    if outcome.is_err() {
        eprintln!("stopped: {:?}", cx.termination());
    }
    if let Some(platform) = fake(&mut cx) {
        print!("{}", platform.output());
        if !platform.uncaught.is_empty() {
            std::process::exit(1);
        }
    }
}
