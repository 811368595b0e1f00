//! Tables and files of results.

use std::collections::BTreeMap;
use std::path::Path;

use crate::runner::{FileResult, Verdict};

/// Totals of a directory.
#[derive(Clone, Copy, Default, Debug)]
pub struct Totals {
    /// Files of which every variant passed.
    pub passed: usize,
    /// All files.
    pub total: usize,
    /// Files of which a variant panicked.
    pub panics: usize,
    /// Files of which a variant ran out of time.
    pub timeouts: usize,
}

impl Totals {
    /// Passed files in per cent.
    pub fn share(&self) -> f64 {
        100.0 * self.passed as f64 / self.total.max(1) as f64
    }
}

/// The directory under which a file is counted: as in the baseline table of the suite's README.
pub fn directory(file: &str) -> String {
    let parts: Vec<&str> = file.split('/').collect();
    match parts.as_slice() {
        ["test", "built-ins", "Temporal", ..] => "test/built-ins, Temporal".to_string(),
        ["test", "built-ins", ..] => "test/built-ins without Temporal".to_string(),
        ["test", second, ..] => format!("test/{second}"),
        _ => "test".to_string(),
    }
}

/// Totals by a key of the file's path.
pub fn totals(results: &[FileResult], key: impl Fn(&str) -> String) -> BTreeMap<String, Totals> {
    let mut all: BTreeMap<String, Totals> = BTreeMap::new();
    for result in results {
        let entry = all.entry(key(&result.file)).or_default();
        entry.total += 1;
        match result.verdict {
            Verdict::Passed => entry.passed += 1,
            Verdict::Panicked(_) => entry.panics += 1,
            Verdict::TimedOut => entry.timeouts += 1,
            Verdict::Failed(_) => {}
        }
    }
    all
}

/// Prints totals by directory.
pub fn print_table(results: &[FileResult]) {
    println!("{:<40} {:>8} {:>8} {:>8} {:>7} {:>9}", "directory", "passed", "total", "%", "panics", "timeouts");
    for (name, totals) in totals(results, directory) {
        let share = totals.share();
        println!("{name:<40} {:>8} {:>8} {share:>8.2} {:>7} {:>9}", totals.passed, totals.total, totals.panics, totals.timeouts);
    }
}

/// Prints every file that did not pass.
pub fn print_failures(results: &[FileResult]) {
    for result in results {
        match &result.verdict {
            Verdict::Passed => {}
            Verdict::Failed(message) => println!("FAIL {}: {}", result.file, message.replace('\n', " ")),
            Verdict::Panicked(message) => println!("PANIC {}: {message}", result.file),
            Verdict::TimedOut => println!("TIMEOUT {}", result.file),
        }
    }
}

/// Writes totals by directory as JSON.
pub fn write_json(path: &Path, results: &[FileResult]) -> std::io::Result<()> {
    let directories: serde_json::Map<String, serde_json::Value> = totals(results, directory)
        .into_iter()
        .map(|(name, totals)| {
            let value = serde_json::json!({
                "passed": totals.passed, "total": totals.total, "panics": totals.panics, "timeouts": totals.timeouts,
            });
            (name, value)
        })
        .collect();
    let all = serde_json::json!({ "suite_commit": crate::suite::commit(), "directories": directories });
    std::fs::write(path, format!("{all:#}\n"))
}
