//! Tables and files of results.
//!
//! The denominator of a directory is the number of subtests seen, or that of the baseline where it is larger: subtests of files that broke
//! before they could register any are failures, too. A directory of which only some files were run has no such floor.

use std::collections::BTreeMap;
use std::path::Path;

use crate::runner::{Harness, RunResult, Status};

/// Other runtimes, in the order of the table.
pub const PEERS: [&str; 4] = ["node", "deno", "bun", "workerd"];

/// What other runtimes pass.
pub struct Baseline {
    directories: BTreeMap<String, (usize, [usize; 4])>,
}

impl Baseline {
    /// Reads the baseline file; without one the table has no columns for others.
    pub fn load(path: &Path) -> Option<Baseline> {
        let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        let count = |entry: &serde_json::Value, key: &str| usize::try_from(entry[key].as_u64().unwrap_or(0)).unwrap_or(0);
        let directories = json["directories"].as_object()?;
        let directories = directories
            .iter()
            .map(|(name, entry)| (name.clone(), (count(entry, "subtests"), PEERS.map(|peer| count(entry, peer)))))
            .collect();
        Some(Baseline { directories })
    }

    /// Subtests of a directory, and how many of them each peer passes.
    pub fn directory(&self, name: &str) -> Option<(usize, [usize; 4])> {
        self.directories.get(name).copied()
    }
}

/// Totals of a directory.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Subtests passed.
    pub passed: usize,
    /// The denominator.
    pub total: usize,
    /// Subtests seen.
    pub seen: usize,
    /// Runs that panicked.
    pub panics: usize,
    /// Runs that did not end in time.
    pub timeouts: usize,
}

impl Totals {
    /// Percentage passed.
    pub fn share(&self) -> f64 {
        100.0 * self.passed as f64 / self.total.max(1) as f64
    }
}

/// Totals by directory.
pub fn totals(results: &[RunResult], baseline: Option<&Baseline>) -> BTreeMap<String, Totals> {
    let mut all: BTreeMap<String, Totals> = BTreeMap::new();
    for result in results {
        let entry = all.entry(result.run.directory.clone()).or_default();
        entry.seen += result.subtests.len();
        entry.passed += result.subtests.iter().filter(|subtest| subtest.status == Status::Passed).count();
        entry.panics += usize::from(matches!(result.harness, Harness::Panicked(_)));
        entry.timeouts += usize::from(result.harness == Harness::TimedOut);
    }
    for (name, entry) in &mut all {
        let known = baseline.and_then(|baseline| baseline.directory(name)).map_or(0, |(subtests, _)| subtests);
        entry.total = entry.seen.max(known);
    }
    all
}

/// The sum of all directories.
pub fn sum(totals: &BTreeMap<String, Totals>) -> Totals {
    totals.values().fold(Totals::default(), |sum, one| Totals {
        passed: sum.passed + one.passed,
        total: sum.total + one.total,
        seen: sum.seen + one.seen,
        panics: sum.panics + one.panics,
        timeouts: sum.timeouts + one.timeouts,
    })
}

/// Prints totals by directory.
pub fn print_table(totals: &BTreeMap<String, Totals>, baseline: Option<&Baseline>) {
    println!(
        "{:<48} {:>7} {:>7} {:>7} {:>6} {:>8}   {:>6} {:>6} {:>6} {:>7}",
        "directory", "passed", "total", "%", "panics", "timeouts", "node", "deno", "bun", "workerd"
    );
    let row = |name: &str, totals: &Totals, peers: Option<[usize; 4]>| {
        let peers = peers.map_or_else(String::new, |[node, deno, bun, workerd]| {
            let behind = if [node, deno, bun, workerd].iter().any(|&peer| peer > totals.passed) { " <" } else { "" };
            format!("{node:>6} {deno:>6} {bun:>6} {workerd:>7}{behind}")
        });
        println!(
            "{name:<48} {:>7} {:>7} {:>7.2} {:>6} {:>8}   {peers}",
            totals.passed,
            totals.total,
            totals.share(),
            totals.panics,
            totals.timeouts
        );
    };
    let mut all_peers = [0; 4];
    for (name, entry) in totals {
        let peers = baseline.and_then(|baseline| baseline.directory(name)).map(|(_, peers)| peers);
        for (sum, peer) in all_peers.iter_mut().zip(peers.unwrap_or_default()) {
            *sum += peer;
        }
        row(name, entry, peers);
    }
    row("all", &sum(totals), baseline.map(|_| all_peers));
}

/// Prints every run: subtests passed and seen, seconds, how the file as a whole fared.
pub fn print_runs(results: &[RunResult]) {
    for result in results {
        let passed = result.subtests.iter().filter(|subtest| subtest.status == Status::Passed).count();
        let harness = match result.harness {
            Harness::Ok => "",
            Harness::Error(_) => " ERROR",
            Harness::TimedOut => " TIMEOUT",
            Harness::Panicked(_) => " PANIC",
        };
        println!("RUN {} {passed} {} {:.2}{harness}", result.run.name(), result.subtests.len(), result.time.as_secs_f64());
    }
}

/// Prints every subtest that did not pass and every file that did not run to its end.
pub fn print_failures(results: &[RunResult]) {
    for result in results {
        let name = result.run.name();
        match &result.harness {
            Harness::Ok => {}
            Harness::Error(message) => println!("ERROR {name}: {}", message.replace('\n', " ")),
            Harness::TimedOut => println!("TIMEOUT {name} ({:.1} s)", result.time.as_secs_f64()),
            Harness::Panicked(message) => println!("PANIC {name}: {message}"),
        }
        for subtest in result.subtests.iter().filter(|subtest| subtest.status != Status::Passed) {
            println!("{:?} {name} | {}: {}", subtest.status, subtest.name.escape_debug(), subtest.message.replace('\n', " "));
        }
    }
}

/// Writes totals by directory as JSON.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_json(path: &Path, commit: &str, totals: &BTreeMap<String, Totals>) -> std::io::Result<()> {
    let directories: serde_json::Map<String, serde_json::Value> = totals
        .iter()
        .map(|(name, totals)| {
            let value = serde_json::json!({
                "passed": totals.passed, "total": totals.total, "panics": totals.panics, "timeouts": totals.timeouts,
            });
            (name.clone(), value)
        })
        .collect();
    let all = serde_json::json!({ "suite_commit": commit, "directories": directories });
    std::fs::write(path, format!("{all:#}\n"))
}
