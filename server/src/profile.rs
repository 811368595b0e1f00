//! `mayfly profile`: where the interpreter spends its time, as a table and as a flame graph.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use mayfly_engine::profile::{self, Counts, Profile};
use mayfly_runtime::{BuildOptions, Dispatcher, Program, ProgramOptions, Worker, WorkerOptions};

use crate::cli::Profile as Arguments;
use crate::commands::{fail, read_source};
use crate::flame;

/// Advances a number until it is dropped.
struct Ticker {
    ticks: Arc<AtomicU32>,
    ended: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Ticker {
    fn start(interval: Duration) -> Ticker {
        let (ticks, ended) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = {
            let (ticks, ended) = (ticks.clone(), ended.clone());
            std::thread::spawn(move || {
                while !ended.load(Ordering::Relaxed) {
                    std::thread::sleep(interval);
                    ticks.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        Ticker { ticks, ended, thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It cannot panic.
            let _ = thread.join();
        }
    }
}

/// `mayfly profile`
pub fn profile(arguments: &Arguments) -> ExitCode {
    if !profile::enable() {
        return fail("mayfly: this process cannot profile any more");
    }
    let outcome = match arguments.requests {
        Some(requests) => profile_worker(arguments, requests),
        None => profile_program(arguments),
    };
    let (profile, result) = match outcome {
        Ok(profiled) => profiled,
        Err(message) => return fail(message),
    };
    let output = arguments.output.clone().unwrap_or_else(|| default_output(arguments));
    let title = format!("{}: {} samples, {} instructions", arguments.file.display(), profile.total().ticks, profile.total().instructions);
    if let Err(error) = std::fs::write(&output, flame::graph(&title, &profile)) {
        return fail(format!("mayfly: {}: {error}", output.display()));
    }
    let text = format!("{}\nFlame graph: {}\n", tables(&profile, arguments.top), output.display());
    if let Err(error) = std::io::stdout().write_all(text.as_bytes()) {
        return fail(format!("mayfly: standard output: {error}"));
    }
    // What was noted until then has been shown all the same.
    result.map_or_else(fail, |()| ExitCode::SUCCESS)
}

/// `name.js` becomes `name.svg`, in the current directory.
fn default_output(arguments: &Arguments) -> PathBuf {
    let stem = arguments.file.file_stem().filter(|stem| *stem != "-").map_or_else(|| "profile".into(), std::ffi::OsStr::to_os_string);
    PathBuf::from(stem).with_extension("svg")
}

/// A profile, and how the program ended.
type Profiled = (Profile, Result<(), String>);

fn profile_program(arguments: &Arguments) -> Result<Profiled, String> {
    let (source, name) = read_source(&arguments.file)?;
    let options = ProgramOptions { no_eval: arguments.source.no_eval, gc_stress: arguments.source.gc_stress, ..ProgramOptions::default() };
    let mut program = Program::new(&name, &options).map_err(|error| format!("mayfly: {error}"))?;
    let ticker = Ticker::start(arguments.interval());
    program.context().start_profile(ticker.ticks.clone());
    let result = program.run(&source, &name, arguments.source.kind()).map_err(|error| error.to_string());
    Ok((program.context().take_profile().unwrap_or_default(), result))
}

/// So many requests, one after the other, to one instance that is reset between them. Building and a first request are not counted.
fn profile_worker(arguments: &Arguments, requests: u32) -> Result<Profiled, String> {
    let name = arguments.file.display();
    let build = BuildOptions { kind: arguments.source.kind(), no_eval: arguments.source.no_eval, ..BuildOptions::default() };
    let options = WorkerOptions { gc_stress: arguments.source.gc_stress, no_eval: arguments.source.no_eval, ..WorkerOptions::default() };
    let worker = Worker::load(&arguments.file, &build, options).map_err(|error| format!("mayfly: {name}: {error}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| format!("mayfly: {error}"))?;
    let dispatcher = Dispatcher::new(worker);
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut result = ask(&dispatcher, &arguments.path).await;
        let mut instance = dispatcher.pool().take().map_err(|error| format!("mayfly: {error}"))?;
        let ticker = Ticker::start(arguments.interval());
        instance.cx.start_profile(ticker.ticks.clone());
        dispatcher.pool().put(instance);
        for _ in 0..requests {
            if result.is_err() {
                break;
            }
            result = ask(&dispatcher, &arguments.path).await;
            // What goes on after the reply (waitUntil) belongs to it, and only one instance is looked at.
            dispatcher.wait_idle().await;
        }
        let mut instance = dispatcher.pool().take().map_err(|error| format!("mayfly: {error}"))?;
        let profile = instance.cx.take_profile().ok_or_else(|| format!("mayfly: {name}: the instance was dropped, as after a limit"))?;
        Ok((profile, result))
    })
}

/// One request; the reply is read to its end.
async fn ask(dispatcher: &Rc<Dispatcher>, path: &str) -> Result<(), String> {
    let request = Request::builder().uri(path).header("host", "127.0.0.1:8080").header("accept", "*/*").body(Full::new(Bytes::new()));
    let response = dispatcher.respond(request.map_err(|error| format!("mayfly: {path}: {error}"))?).await;
    let status = response.status();
    response.into_body().collect().await.map_err(|error| format!("mayfly: {path}: {error}"))?;
    if status.is_server_error() { Err(format!("mayfly: {path} was answered with {status}")) } else { Ok(()) }
}

/// A row per function and per opcode, those with the most time first; where no time was seen, those with the most instructions.
fn tables(profile: &Profile, top: usize) -> String {
    let total = profile.total();
    let mut text = String::new();
    let mut functions: Vec<(String, Counts)> = profile
        .functions
        .iter()
        .map(|function| match function.line {
            0 if function.file.is_empty() => (function.name.clone(), function.counts),
            0 => (format!("{} ({})", function.name, function.file), function.counts),
            line => (format!("{} ({}:{line})", function.name, function.file), function.counts),
        })
        .collect();
    table(&mut text, "functions, without what they call", &mut functions, total, top);
    text.push('\n');
    let mut opcodes: Vec<(String, Counts)> = profile.opcodes.iter().map(|(name, counts)| (name.to_string(), *counts)).collect();
    table(&mut text, "instructions", &mut opcodes, total, top);
    let Counts { instructions, misses, bytes, ticks } = total;
    let _ =
        writeln!(text, "\n{instructions} instructions, {misses} property accesses on slow paths, {bytes} bytes allocated, {ticks} samples");
    text
}

fn table(text: &mut String, title: &str, rows: &mut [(String, Counts)], total: Counts, top: usize) {
    rows.sort_by(|(a_name, a), (b_name, b)| (b.ticks, b.instructions, a_name).cmp(&(a.ticks, a.instructions, b_name)));
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 };
    let _ = writeln!(text, "{:>7} {:>13} {:>7} {:>11} {:>13}  {title}", "time %", "instructions", "%", "slow", "bytes");
    for (name, counts) in rows.iter().take(top) {
        let _ = writeln!(
            text,
            "{:>7.2} {:>13} {:>7.2} {:>11} {:>13}  {name}",
            share(counts.ticks, total.ticks),
            counts.instructions,
            share(counts.instructions, total.instructions),
            counts.misses,
            counts.bytes,
        );
    }
    if rows.len() > top {
        let _ = writeln!(text, "{:>7} … and {} more (--top)", "", rows.len() - top);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_begin_with_what_takes_longest() {
        let counts = |instructions, ticks| Counts { instructions, misses: 1, bytes: 8, ticks };
        let profile = Profile { opcodes: vec![("Move", counts(90, 1)), ("Call", counts(10, 3))], functions: vec![], stacks: vec![] };
        let text = tables(&profile, 1);
        let call = text.lines().find(|line| line.ends_with("Call")).expect("a row");
        assert!(call.contains("75.00") && call.contains("10.00"), "{text}");
        assert!(!text.contains("Move") && text.contains("and 1 more"), "{text}");
        assert!(text.contains("100 instructions, 2 property accesses on slow paths, 16 bytes allocated, 4 samples"), "{text}");
        assert!(tables(&Profile::default(), 5).contains("0 instructions"));
    }
}
