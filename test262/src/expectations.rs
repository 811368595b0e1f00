//! Committed expectations: the files that are known to fail, in groups with a reason. Any difference fails a checked run, an unexpected
//! pass too.
//!
//! Lines: `# reason` opens a group; `path` is a file that fails; `directory/ = N passed` stands for a whole directory that is not
//! implemented yet, of which N files pass all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::runner::{FileResult, Verdict};

/// Directories written as one line, with the reason.
const WHOLE_DIRECTORIES: &[(&str, &str)] = &[
    ("test/built-ins/Temporal/", "Temporal is not there yet."),
    ("test/intl402/", "Intl is not there yet."),
    ("test/staging/Temporal/", "Temporal is not there yet."),
    ("test/staging/Intl402/", "Intl is not there yet."),
    ("test/built-ins/ShadowRealm/", "ShadowRealm is at stage 2.7."),
];

/// Reasons of groups of single files, by parts of their paths; the first that fits counts.
const GROUPS: &[(&str, &[&str])] = &[
    ("Decorators and auto-accessors are at stage 3.", &["/decorator/", "/decorators/", "grammar-field-accessor.js"]),
    (
        "Functions have no `caller` and `arguments` that show the stack: reading them gives undefined in sloppy functions.",
        &[
            "sm/extensions/arguments-property-access-in-function.js",
            "sm/extensions/function-caller-skips-eval-frames.js",
            "sm/extensions/function-properties.js",
            "sm/regress/regress-577648",
            "sm/regress/regress-584355.js",
            "sm/regress/regress-586482",
        ],
    ),
];
const OTHERS: &str = "Known failures, to be fixed.";

fn reason_of(file: &str) -> &'static str {
    let group = GROUPS.iter().find(|(_, parts)| parts.iter().any(|part| file.contains(part)));
    group.map_or(OTHERS, |(reason, _)| reason)
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/expected-failures.txt"))
}

fn whole_directory(file: &str) -> Option<&'static str> {
    WHOLE_DIRECTORIES.iter().map(|(prefix, _)| *prefix).find(|prefix| file.starts_with(prefix))
}

fn passes_by_directory(results: &[FileResult]) -> BTreeMap<&'static str, usize> {
    let mut passes = BTreeMap::new();
    for result in results {
        if let Some(prefix) = whole_directory(&result.file) {
            *passes.entry(prefix).or_insert(0) += usize::from(result.verdict == Verdict::Passed);
        }
    }
    passes
}

/// Writes the failures of a whole run.
pub fn write(results: &[FileResult]) -> std::io::Result<()> {
    let mut text = String::from("# Written by `cargo run --release -p test262 -- --bless`. See src/expectations.rs for the form.\n");
    let passes = passes_by_directory(results);
    for (prefix, reason) in WHOLE_DIRECTORIES {
        if let Some(passed) = passes.get(prefix) {
            text.push_str(&format!("\n# {reason}\n{prefix} = {passed} passed\n"));
        }
    }
    let failed: Vec<&str> = results
        .iter()
        .filter(|result| result.verdict != Verdict::Passed && whole_directory(&result.file).is_none())
        .map(|result| result.file.as_str())
        .collect();
    for reason in GROUPS.iter().map(|(reason, _)| *reason).chain([OTHERS]) {
        let members: Vec<&str> = failed.iter().copied().filter(|file| reason_of(file) == reason).collect();
        if !members.is_empty() {
            text.push_str(&format!("\n# {reason}\n{}\n", members.join("\n")));
        }
    }
    std::fs::write(path(), text)
}

/// Compares with the committed list, for the files that were run.
pub fn check(results: &[FileResult], files: &[String], whole: bool) -> ExitCode {
    let text = match std::fs::read_to_string(path()) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("test262: {}: {error}", path().display());
            return ExitCode::from(2);
        }
    };
    let run: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let expected: BTreeSet<&str> = text.lines().filter(|line| run.contains(line)).collect();
    let failed: BTreeSet<&str> = results
        .iter()
        .filter(|result| result.verdict != Verdict::Passed && whole_directory(&result.file).is_none())
        .map(|result| result.file.as_str())
        .collect();
    let mut differs = false;
    for file in failed.difference(&expected) {
        println!("newly failing: {file}");
        differs = true;
    }
    for file in expected.difference(&failed) {
        println!("unexpectedly passing: {file} (run with --bless)");
        differs = true;
    }
    if whole {
        for (prefix, passed) in passes_by_directory(results) {
            let line = format!("{prefix} = {passed} passed");
            if !text.lines().any(|known| known == line) {
                println!("differs from the expectations: {line}");
                differs = true;
            }
        }
    }
    for result in results {
        if let Verdict::Panicked(message) = &result.verdict {
            println!("panic: {}: {message}", result.file);
            differs = true;
        }
    }
    println!("{} passed, {} failed", results.len() - failed.len(), usize::from(differs));
    if differs { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
