//! test262 conformance runner: every file in a fresh instance, restored from an image of the evaluated harness.
#![forbid(unsafe_code)]

mod agents;
mod expectations;
mod front_matter;
mod host;
mod html;
mod report;
mod runner;
mod suite;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Runs test262 against the engine and compares with the committed expectations.
#[derive(Parser)]
#[command(
    after_help = "Examples:\n  cargo run --release -p test262\n  cargo run --release -p test262 -- --filter built-ins/Map\n  cargo run --release -p test262 -- --json target/test262.json"
)]
struct Options {
    /// A checkout of tc39/test262; by default target/suites/test262, unpacked from ../shared/corpora where that exists.
    #[arg(long)]
    suite: Option<PathBuf>,
    /// Only files whose path contains this.
    #[arg(long)]
    filter: Option<String>,
    /// Only one file in N, chosen by a hash of its path.
    #[arg(long, default_value_t = 1)]
    sample: u64,
    /// Writes totals by directory here.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Writes a report with every failing test, its message and its source here.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Collects at every safepoint and poisons freed memory.
    #[arg(long)]
    gc_stress: bool,
    /// Prints every failure with its message.
    #[arg(long)]
    list: bool,
    /// Threads.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Writes the failures seen as the new expectations.
    #[arg(long)]
    bless: bool,
    /// Fails when results differ from the committed expectations.
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let root = match suite::locate(options.suite.as_deref()) {
        Ok(root) => root,
        Err(message) => {
            eprintln!("test262: {message}");
            return ExitCode::from(2);
        }
    };
    let files = suite::files(&root, options.filter.as_deref(), options.sample);
    if files.is_empty() {
        eprintln!("test262: no test file matches");
        return ExitCode::from(2);
    }
    let results = runner::run_all(&root, &files, options.jobs.max(1), options.gc_stress);
    report::print_table(&results);
    if options.list {
        report::print_failures(&results);
    }
    if let Some(path) = &options.json
        && let Err(error) = report::write_json(path, &results)
    {
        eprintln!("test262: {}: {error}", path.display());
        return ExitCode::from(2);
    }
    if let Some(path) = &options.html
        && let Err(error) = std::fs::write(path, html::page(&root, &results))
    {
        eprintln!("test262: {}: {error}", path.display());
        return ExitCode::from(2);
    }
    let whole = options.filter.is_none() && options.sample == 1;
    if options.bless {
        if !whole {
            eprintln!("test262: --bless wants a whole run");
            return ExitCode::from(2);
        }
        if let Err(error) = expectations::write(&results) {
            eprintln!("test262: {error}");
            return ExitCode::from(2);
        }
    }
    if options.check { expectations::check(&results, &files, whole) } else { ExitCode::SUCCESS }
}
