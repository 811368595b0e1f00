//! Web Platform Tests runner: every file and variant in a fresh worker scope, restored from an image in which testharness.js was evaluated.
#![forbid(unsafe_code)]

mod expectations;
mod html;
mod meta;
mod platform;
mod report;
mod resources;
mod runner;
mod script;
mod server;
mod substitute;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Runs the Web Platform Tests of a worker scope and compares with the committed expectations.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  cargo run --release -p wpt\n  cargo run --release -p wpt -- --filter url/ --list\n  cargo run --release -p wpt -- --json target/wpt.json --html target/wpt.html"
)]
struct Options {
    /// A checkout of web-platform-tests/wpt; by default target/suites/wpt, unpacked from ../shared/corpora where that exists.
    #[arg(long)]
    suite: Option<PathBuf>,
    /// The files that make sense in a server's worker, by directory.
    #[arg(long, default_value = "../shared/corpora/wpt-scope.json")]
    scope: PathBuf,
    /// What other runtimes pass, by directory.
    #[arg(long, default_value = "../shared/corpora/wpt-baseline.json")]
    baseline: PathBuf,
    /// Only files whose path (with the variant) contains this; several, separated by commas, add up.
    #[arg(long)]
    filter: Option<String>,
    /// Writes totals by directory here.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes a page with totals and failures here.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Collects at every safepoint and poisons freed memory.
    #[arg(long)]
    gc_stress: bool,
    /// Prints every failure with its message.
    #[arg(long)]
    list: bool,
    /// Prints every run with its counts and time.
    #[arg(long)]
    runs: bool,
    /// Runs without the suite's servers: its files still answer `fetch`, but the tests that need more fail.
    #[arg(long)]
    no_server: bool,
    /// Prints what tests write to the console.
    #[arg(long)]
    console: bool,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Multiplies the time limits (10 s, or 60 s for long tests).
    #[arg(long, default_value_t = 1.0)]
    patience: f64,
    /// Writes the failures seen as the new expectations.
    #[arg(long)]
    bless: bool,
    /// Fails when results differ from the committed expectations.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("wpt: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<ExitCode, String> {
    let root = suite::locate(options.suite.as_deref())?;
    let served = !options.no_server && server::is_running();
    if !options.no_server
        && !served
        && let Some(code) = server::run_under(&root)?
    {
        return Ok(code);
    }
    let scope = suite::Scope::load(&options.scope)?;
    let baseline = report::Baseline::load(&options.baseline);
    let mut runs = suite::runs(&root, &scope, options.filter.as_deref());
    // Without the servers their tests would only wait for them.
    let left_out: Vec<suite::Run> =
        if options.check && !served { runs.extract_if(.., |run| scope.need_server.contains(&run.file)).collect() } else { Vec::new() };
    if runs.is_empty() {
        return Err("no test file matches".to_string());
    }
    let whole = options.filter.is_none();
    if options.bless && !(whole && served) {
        return Err("--bless wants a whole run with the suite's servers".to_string());
    }
    let settings = runner::Settings { gc_stress: options.gc_stress, patience: options.patience, console: options.console, served };
    let results = runner::run_all(&root, &runs, options.jobs.max(1), &settings)?;
    let totals = report::totals(&results, if whole { baseline.as_ref() } else { None });
    report::print_table(&totals, baseline.as_ref());
    if options.runs {
        report::print_runs(&results);
    }
    if options.list {
        report::print_failures(&results);
    }
    let wrote = |path: &PathBuf, outcome: std::io::Result<()>| outcome.map_err(|error| format!("{}: {error}", path.display()));
    if let Some(path) = &options.json {
        wrote(path, report::write_json(path, &scope.commit, &totals))?;
    }
    if let Some(path) = &options.html {
        wrote(path, html::write(path, &scope.commit, &totals, baseline.as_ref(), &results))?;
    }
    if options.bless {
        expectations::write(&results).map_err(|error| error.to_string())?;
    }
    if options.check { expectations::check(&results, &left_out, whole) } else { Ok(ExitCode::SUCCESS) }
}
