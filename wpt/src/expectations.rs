//! Committed expectations: the subtests that are known to fail. Any difference fails a checked run, an unexpected pass too.
//!
//! Lines: `# reason` opens a group; `directory/ = N of M passed` stands for a whole directory most of which cannot pass;
//! `directory/ : N subtests` is how many were seen; `file?variant | name` is a subtest that fails (control characters escaped);
//! `file?variant = ERROR` or `TIMEOUT` a file that does not run to its end. Lines that start with `~ ` are about subtests that depend on the
//! machine's speed: they may fail or pass, and are kept by `--bless`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::runner::{Harness, RunResult, Status};
use crate::suite::Run;

/// Directories written as one line, because of [`NO_CODE`].
const WHOLE_DIRECTORIES: &[&str] = &["wasm", "wasm/jsapi", "wasm/webapi"];

/// Reasons of failures: the start of the line, what follows somewhere in it, the reason. The first that fits counts.
const REASONS: &[(&str, &str, &str)] = &[
    ("mimesniff/", "(Blob/File)", BLOB_TYPE),
    ("fetch/api/basic/scheme-blob.sub.any.js", "invalid_type_blob", BLOB_TYPE),
    ("fetch/api/request/request-headers.any.js", "", "A server's worker may set the headers that browsers keep to themselves."),
    ("fetch/api/headers/header-setcookie.any.js", "forbidden", "A server's worker sees the cookies that it is sent."),
    ("fetch/api/redirect/", "manual", MANUAL),
    ("fetch/api/redirect/", "no-cors", NO_CORS),
    ("fetch/api/basic/integrity.sub.any.js", "opaque", NO_CORS),
    ("service-workers/cache-storage/", "opaque", NO_CORS),
    ("service-workers/cache-storage/", "cors-exposed", NO_CORS),
    ("fetch/api/idlharness.https.any.js", "WorkerGlobalScope", OWN_MEMBERS),
    ("hr-time/idlharness.any.js", "WorkerGlobalScope", OWN_MEMBERS),
    ("WebCryptoAPI/idlharness.https.any.js", "WorkerGlobalScope", OWN_MEMBERS),
    ("FileAPI/idlharness.any.js", "ObjectURL", "blob: URLs are there in this service worker: a server has no page to make them."),
    ("fetch/api/basic/request-upload.any.js", "Http/1.1", "Servers that speak HTTP/1.1 alone can be streamed to."),
    ("fetch/api/basic/request-headers-case.any.js", "", "Names of headers are sent in lower case."),
    ("fetch/api/request/request-init-stream.any.js", "duplex", "`duplex` may be left out, as in Cloudflare's workers, Deno and Bun."),
    (
        "fetch/api/request/request-disturbed.any.js",
        "not used",
        "The Request constructor, step 41, leaves the body of its input alone where `init` has another.",
    ),
    ("fetch/api/", "Consume empty FormData", "A multipart body without parts is the closing delimiter."),
    (
        "html/webappapis/system-state-and-capabilities/",
        "userAgent",
        "The test asks through XMLHttpRequest, which service workers do not have.",
    ),
    (
        "performance-timeline/buffered-flag-with-entryTypes-observer.tentative.any.js",
        "",
        "Tentative: PerformanceObserver.observe, step 4, throws where `entryTypes` is not alone.",
    ),
    (
        "service-workers/cache-storage/cache-add.https.any.js",
        "specified twice",
        "It asks for /service-workers/resources/simple.txt, which the packed suite lacks: the 404 comes first.",
    ),
    (
        "html/webappapis/structured-clone/structured-clone.any.js",
        "Growable SharedArrayBuffer",
        "Shared buffers can be cloned, as in Node; the test wants the clone to be an instance of ArrayBuffer.",
    ),
    (
        "fetch/api/basic/error-after-response.any.js",
        "",
        "A body is received while somebody reads it: `closed` of a reader that does not stays pending, and nothing is left to wait for.",
    ),
    (
        "webmessaging/message-channels/close-event/garbage-collected.tentative.any.js",
        "",
        "Tentative: ports are not told what was collected.",
    ),
];

const NO_CODE: &str = "WebAssembly code is not run: whatever would compile it is refused.";
const BLOB_TYPE: &str = "The File API puts a Blob's type into lower case and changes nothing else; these want it parsed.";
const MANUAL: &str = "With `redirect: 'manual'` a server's worker sees status and `Location`, as in Cloudflare's workers, Deno and Node.";
const NO_CORS: &str = "A server has no origin to protect: there is no CORS, and no response is opaque.";
const OWN_MEMBERS: &str = "Members of WorkerGlobalScope are properties of the global object itself.";
const TO_BE_FIXED: &str = "To be fixed.";

fn reason_of(line: &str) -> &'static str {
    let fits = |(start, part, _): &&(&str, &str, &str)| line.strip_prefix(start).is_some_and(|rest| rest.contains(part));
    REASONS.iter().find(fits).map_or(TO_BE_FIXED, |(_, _, reason)| reason)
}

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/expected-failures.txt"))
}

fn is_whole(directory: &str) -> bool {
    WHOLE_DIRECTORIES.contains(&directory)
}

fn escaped(name: &str) -> String {
    name.chars()
        .flat_map(|char| if char.is_control() || char == '\u{feff}' { char.escape_unicode().collect::<Vec<_>>() } else { vec![char] })
        .collect()
}

/// The lines that a run's failures are written as.
fn lines_of(result: &RunResult) -> Vec<String> {
    let name = result.run.name();
    let mut lines: Vec<String> = match result.harness {
        Harness::Ok => Vec::new(),
        Harness::TimedOut => vec![format!("{name} = TIMEOUT")],
        Harness::Error(_) | Harness::Panicked(_) => vec![format!("{name} = ERROR")],
    };
    lines.extend(
        result
            .subtests
            .iter()
            .filter(|subtest| subtest.status != Status::Passed)
            .map(|subtest| format!("{name} | {}", escaped(&subtest.name))),
    );
    lines
}

/// For each directory: subtests passed and seen.
fn by_directory(results: &[RunResult]) -> BTreeMap<&str, (usize, usize)> {
    let mut counts = BTreeMap::new();
    for result in results {
        let entry: &mut (usize, usize) = counts.entry(result.run.directory.as_str()).or_default();
        entry.0 += result.subtests.iter().filter(|subtest| subtest.status == Status::Passed).count();
        entry.1 += result.subtests.len();
    }
    counts
}

fn directory_line(directory: &str, (passed, seen): (usize, usize)) -> String {
    if is_whole(directory) { format!("{directory}/ = {passed} of {seen} passed") } else { format!("{directory}/ : {seen} subtests") }
}

/// Writes the failures of a whole run.
///
/// # Errors
/// Where the file cannot be written.
pub fn write(results: &[RunResult]) -> std::io::Result<()> {
    let old = std::fs::read_to_string(path()).unwrap_or_default();
    let unsteady: Vec<&str> = old.lines().filter(|line| line.starts_with("~ ")).collect();
    let mut text = String::from("# Written by `cargo run --release -p wpt -- --bless`. See src/expectations.rs for the form.\n");
    let counts = by_directory(results);
    text.push_str(&format!("\n# {NO_CODE}\n"));
    for (directory, count) in counts.iter().filter(|(directory, _)| is_whole(directory)) {
        text.push_str(&format!("{}\n", directory_line(directory, *count)));
    }
    text.push_str("\n# Subtests seen.\n");
    for (directory, count) in counts.iter().filter(|(directory, _)| !is_whole(directory)) {
        text.push_str(&format!("{}\n", directory_line(directory, *count)));
    }
    text.push_str("\n# Depends on the machine's speed.\n");
    for line in &unsteady {
        text.push_str(&format!("{line}\n"));
    }
    let known: BTreeSet<&str> = unsteady.iter().filter_map(|line| line.strip_prefix("~ ")).collect();
    let failures: BTreeSet<String> = results
        .iter()
        .filter(|result| !is_whole(&result.run.directory))
        .flat_map(lines_of)
        .filter(|line| !known.contains(line.as_str()))
        .collect();
    let mut written = BTreeSet::new();
    for reason in REASONS.iter().map(|(_, _, reason)| *reason).chain([TO_BE_FIXED]).filter(|reason| written.insert(*reason)) {
        let mut lines = failures.iter().filter(|line| reason_of(line) == reason).peekable();
        if lines.peek().is_some() {
            text.push_str(&format!("\n# {reason}\n"));
        }
        for line in lines {
            text.push_str(&format!("{line}\n"));
        }
    }
    std::fs::write(path(), text)
}

/// The run that a line of the expectations is about.
fn run_of(line: &str) -> &str {
    let end = [" | ", " = "].iter().filter_map(|separator| line.find(separator)).min();
    end.map_or(line, |end| &line[..end])
}

/// Compares with the committed list, for the files that were run; `left_out` were not, for want of servers.
///
/// # Errors
/// Where there is no committed list.
pub fn check(results: &[RunResult], left_out: &[Run], whole: bool) -> Result<ExitCode, String> {
    let partial: BTreeSet<&str> = left_out.iter().map(|run| run.directory.as_str()).collect();
    if !left_out.is_empty() {
        println!("not compared, as the suite's servers are not there: {} runs", left_out.len());
    }
    let text = std::fs::read_to_string(path()).map_err(|error| format!("{}: {error}", path().display()))?;
    let run: BTreeSet<String> = results.iter().map(|result| result.run.name()).collect();
    let unsteady: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("~ ")).collect();
    let expected: BTreeSet<&str> = text.lines().filter(|line| run.contains(run_of(line))).collect();
    let failed: BTreeSet<String> = results.iter().filter(|result| !is_whole(&result.run.directory)).flat_map(lines_of).collect();
    let failed: BTreeSet<&str> = failed.iter().map(String::as_str).filter(|line| !unsteady.contains(line)).collect();
    let mut differences = 0;
    for line in failed.difference(&expected) {
        println!("newly failing: {line}");
        differences += 1;
    }
    for line in expected.difference(&failed) {
        println!("unexpectedly passing: {line} (run with --bless)");
        differences += 1;
    }
    if whole {
        for (directory, count) in by_directory(results).into_iter().filter(|(directory, _)| !partial.contains(directory)) {
            let line = directory_line(directory, count);
            if !text.lines().any(|known| known == line) {
                println!("differs from the expectations: {line}");
                differences += 1;
            }
        }
    }
    for result in results {
        if let Harness::Panicked(message) = &result.harness {
            println!("panic: {}: {message}", result.run.name());
            differences += 1;
        }
    }
    println!("{} runs, {differences} differences from the expectations", results.len());
    Ok(if differences > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_name_their_run() {
        assert_eq!(run_of("a/b.any.js?x=1 | n = 2 | y"), "a/b.any.js?x=1");
        assert_eq!(run_of("a/b.any.js = ERROR"), "a/b.any.js");
    }

    #[test]
    fn names_stay_on_one_line() {
        assert_eq!(escaped("a\nb\u{0}é"), "a\\u{a}b\\u{0}é");
    }
}
