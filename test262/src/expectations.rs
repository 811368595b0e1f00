//! Committed expectations: the files that are known to fail. Any difference fails a checked run, an unexpected pass too.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::runner::{FileResult, Verdict};

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/expected-failures.txt"))
}

/// Writes the failures of a whole run.
pub fn write(results: &[FileResult]) -> std::io::Result<()> {
    let mut text = String::from(
        "# Files of test262 that do not pass yet, one a line, sorted. Written by `cargo run --release -p test262 -- --bless`.\n",
    );
    for result in results.iter().filter(|result| result.verdict != Verdict::Passed) {
        text.push_str(&result.file);
        text.push('\n');
    }
    std::fs::write(path(), text)
}

/// Compares with the committed list, for the files that were run.
pub fn check(results: &[FileResult], files: &[String]) -> ExitCode {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let run: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let expected: BTreeSet<&str> = text.lines().filter(|line| !line.starts_with('#') && run.contains(line)).collect();
    let failed: BTreeSet<&str> =
        results.iter().filter(|result| result.verdict != Verdict::Passed).map(|result| result.file.as_str()).collect();
    let mut differs = false;
    for file in failed.difference(&expected) {
        println!("newly failing: {file}");
        differs = true;
    }
    for file in expected.difference(&failed) {
        println!("unexpectedly passing: {file} (run with --bless)");
        differs = true;
    }
    for result in results {
        if matches!(result.verdict, Verdict::Panicked(_)) {
            println!("panic: {}", result.file);
            differs = true;
        }
    }
    if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
