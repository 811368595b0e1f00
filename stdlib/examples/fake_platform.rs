//! Runs files as one module (or with `--script` as one script) in a worker scope with a fake platform, and prints what was logged.
//!
//! ```text
//! cargo run -p mayfly-stdlib --example fake_platform [--script] [--location URL] FILE…
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
    let mut files: Vec<String> = std::env::args().skip(1).collect();
    let as_script = files.first().is_some_and(|first| first == "--script");
    if as_script {
        files.remove(0);
    }
    let mut location = None;
    if files.first().is_some_and(|first| first == "--location") && files.len() > 1 {
        files.remove(0);
        location = Some(files.remove(0));
    }
    let Some(name) = files.last().cloned() else {
        eprintln!("usage: run [--script] [--location URL] FILE…");
        std::process::exit(2);
    };
    let mut source = String::new();
    for file in &files {
        match std::fs::read_to_string(file) {
            Ok(text) => source.push_str(&(text + "\n")),
            Err(error) => {
                eprintln!("{file}: {error}");
                std::process::exit(2);
            }
        }
    }
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let host = Box::new(WorkerHost::new(Box::new(FakePlatform { elapsed_ms: 1.0, ..FakePlatform::default() })));
    let mut cx = match Context::new(host, natives, ContextOptions::default()) {
        Ok(cx) => cx,
        Err(error) => {
            eprintln!("no context: {error:?}");
            std::process::exit(1);
        }
    };
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        if let Some(location) = &location {
            mayfly_stdlib::location::set(cx, location)?;
        }
        let outcome =
            if as_script { cx.evaluate_script(&source, &name).map(|_| ()) } else { cx.evaluate_module(&source, &name).map(|_| ()) };
        if let Err(thrown) = outcome {
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
