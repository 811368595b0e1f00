//! Running files: each in a scope restored from the image with the harness, on several threads.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use mayfly_engine::{Context, Image};
use mayfly_runtime::{Program, ProgramOptions, natives};

use crate::meta;
use crate::platform::{self, Observed, SuitePlatform};
use crate::resources;
use crate::script;
use crate::substitute::{HOST, port, substitute};
use crate::suite::Run;

/// How tests are run.
pub struct Settings {
    /// Collect garbage at every safepoint.
    pub gc_stress: bool,
    /// Multiplies time limits.
    pub patience: f64,
    /// Show what tests write to the console.
    pub console: bool,
    /// The suite's servers are there.
    pub served: bool,
}

/// Status of a subtest, as testharness.js numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// PASS
    Passed,
    /// FAIL
    Failed,
    /// TIMEOUT
    TimedOut,
    /// NOTRUN
    NotRun,
    /// PRECONDITION_FAILED: the feature is optional and not there.
    Precondition,
}

/// One subtest.
#[derive(Clone, Debug)]
pub struct Subtest {
    /// Name.
    pub name: String,
    /// Status.
    pub status: Status,
    /// Message of a failure.
    pub message: String,
}

/// How the file as a whole fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harness {
    /// It ran to its end.
    Ok,
    /// An error outside of the subtests.
    Error(String),
    /// It did not end in time.
    TimedOut,
    /// The runtime panicked.
    Panicked(String),
}

/// A run's results.
#[derive(Clone, Debug)]
pub struct RunResult {
    /// The run.
    pub run: Run,
    /// The file as a whole.
    pub harness: Harness,
    /// Its subtests.
    pub subtests: Vec<Subtest>,
    /// Time it took.
    pub time: Duration,
}

/// Runs all on `jobs` threads.
///
/// # Errors
/// Where the harness itself cannot be evaluated.
pub fn run_all(root: &Path, runs: &[Run], jobs: usize, settings: &Settings) -> Result<Vec<RunResult>, String> {
    let image = harness_image(root)?;
    let next = AtomicUsize::new(0);
    let bar = ProgressBar::new(runs.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    std::panic::set_hook(Box::new(|_| {}));
    let mut results: Vec<RunResult> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs)
            .map(|_| {
                let (image, next, bar) = (image.clone(), &next, &bar);
                std::thread::Builder::new().stack_size(16 << 20).spawn_scoped(scope, move || {
                    let mut results = Vec::new();
                    while let Some(run) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        bar.set_message(run.name());
                        results.push(run_one(root, &image, run, settings));
                        bar.inc(1);
                    }
                    results
                })
            })
            .collect();
        workers.into_iter().flatten().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    bar.finish_and_clear();
    let _ = std::panic::take_hook();
    results.sort_by_key(|result| result.run.name());
    Ok(results)
}

/// The image in which testharness.js was evaluated.
fn harness_image(root: &Path) -> Result<Arc<Image>, String> {
    let path = root.join("resources/testharness.js");
    let harness = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut program = Program::new("wpt", &ProgramOptions::default()).map_err(|error| error.to_string())?;
    for (source, name) in [
        (script::BEFORE_HARNESS, "before"),
        (&harness, "testharness.js"),
        (script::REPORTER, "reporter"),
        (script::TEST_UTILS, "test utils"),
    ] {
        program.evaluate(source, name).map_err(|error| format!("{name}: {error}"))?;
    }
    let bytes = program.context().to_image_bytes().map_err(|error| error.to_string())?;
    Image::from_bytes(&bytes, &natives()).map_err(|error| error.to_string())
}

fn run_one(root: &Path, image: &Arc<Image>, run: &Run, settings: &Settings) -> RunResult {
    let started = Instant::now();
    let (harness, subtests) = match std::panic::catch_unwind(AssertUnwindSafe(|| attempt(root, image, run, settings))) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(message)) => (Harness::Error(message), Vec::new()),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
            (Harness::Panicked(text.unwrap_or_default()), Vec::new())
        }
    };
    RunResult { run: run.clone(), harness, subtests, time: started.elapsed() }
}

/// URL of the worker that the suite's server would make of the file.
fn url_of(run: &Run) -> String {
    let has = |part: &str| run.file.contains(part);
    let (scheme, protocol) = if has(".h2.") {
        ("https", "h2")
    } else if has(".https.") {
        ("https", "https")
    } else {
        ("http", "http")
    };
    format!("{scheme}://{HOST}:{}{}{}", port(protocol), path_of(&run.file), run.variant)
}

/// Its path.
fn path_of(file: &str) -> String {
    file.strip_suffix(".any.js").map_or_else(|| format!("/{file}"), |stem| format!("/{stem}.any.worker.js"))
}

/// Path of the suite that a script's URL means in a file, with both relative to the root.
fn resolve(file: &str, script: &str) -> String {
    let script = script.split(['?', '#']).next().unwrap_or_default();
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    let joined = if script.starts_with('/') { script.to_string() } else { format!("/{directory}/{script}") };
    let mut parts: Vec<&str> = Vec::new();
    for part in joined.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

fn attempt(root: &Path, image: &Arc<Image>, run: &Run, settings: &Settings) -> Result<(Harness, Vec<Subtest>), String> {
    let bytes = std::fs::read(root.join(&run.file)).map_err(|error| error.to_string())?;
    let mut source = String::from_utf8_lossy(&bytes).into_owned();
    let meta = meta::parse(&source);
    let url = url_of(run);
    if run.file.contains(".sub.") {
        source = substitute(&source, &url);
    }
    let (mut imports, source) = if run.file.ends_with(".worker.js") { script::imports(&source) } else { (meta.scripts.clone(), source) };
    imports.retain(|name| name != "/resources/testharness.js");

    let options = ProgramOptions { gc_stress: settings.gc_stress, ..ProgramOptions::default() };
    let mut program = Program::restore(image, &run.file, &options).map_err(|error| error.to_string())?;
    let limit = Duration::from_secs_f64((if meta.long { 60.0 } else { 10.0 }) * settings.patience);
    let deadline = Instant::now() + limit;
    // Loops are stopped a little later, so that the harness can still end the test.
    let observed = SuitePlatform::wrap(
        program.context(),
        (!settings.served).then(|| PathBuf::from(root)),
        deadline + Duration::from_secs(2),
        settings.console,
    )?;
    let cx = program.context();
    if cx.enter(|cx| mayfly_stdlib::location::set(cx, &url)).is_err() {
        return Err("the location cannot be set".to_string());
    }
    if let Some(title) = &meta.title {
        evaluate(cx, &format!("self.META_TITLE = {};", serde_json::Value::from(title.as_str())), "title");
    }
    let origin = url.strip_suffix(&format!("{}{}", path_of(&run.file), run.variant)).unwrap_or_default();
    for name in &imports {
        let path = resolve(&run.file, name);
        let file = resources::file_of(root, &path).ok_or_else(|| format!("there is no script {path}"))?;
        let resource = resources::load(&file, &format!("http://{HOST}:{}{path}", port("http"))).map_err(|error| error.to_string())?;
        evaluate(cx, &String::from_utf8_lossy(&resource.body), &format!("{origin}{path}"));
    }
    evaluate(cx, &source, &format!("{origin}/{}", run.file));
    if !run.file.ends_with(".worker.js") {
        evaluate(cx, "done();", "done");
    }
    let finished =
        |observed: &std::cell::RefCell<Observed>| observed.borrow().lines.last().is_some_and(|line| line.starts_with("[\"complete\""));
    let mut stopped = program.drive(deadline, &mut |_| true).is_err();
    evaluate(program.context(), script::LOADED, "loaded");
    let mut turn = |cx: &mut Context| !platform::deliver(cx, &observed) || finished(&observed);
    stopped |= program.drive(deadline, &mut turn).is_err();
    if !finished(&observed) && !stopped {
        evaluate(program.context(), script::TIME_OUT, "timeout");
        let _ = program.drive(Instant::now() + Duration::from_secs(1), &mut turn);
    }
    let observed = observed.borrow();
    Ok(results(&observed))
}

/// Evaluates a script; what it throws is reported as the scope reports it.
fn evaluate(cx: &mut Context, source: &str, name: &str) {
    if cx.evaluate_script(source, name).is_err()
        && let Some(exception) = cx.take_exception()
    {
        let outcome = cx.enter(|cx| mayfly_stdlib::report::report_exception(cx, exception));
        if outcome.is_err() {
            cx.take_exception();
        }
    }
}

/// Reads what the reporter wrote.
fn results(observed: &Observed) -> (Harness, Vec<Subtest>) {
    let mut subtests = Vec::new();
    let mut harness = Harness::TimedOut;
    for line in &observed.lines {
        let Ok(serde_json::Value::Array(parts)) = serde_json::from_str(line) else {
            let name = format!("a result that cannot be read: {line}");
            subtests.push(Subtest { name, status: Status::Failed, message: String::new() });
            continue;
        };
        let text = |index: usize| parts.get(index).and_then(|part| part.as_str()).unwrap_or_default().to_string();
        let number = |index: usize| parts.get(index).and_then(serde_json::Value::as_u64);
        match text(0).as_str() {
            "subtest" => {
                let status = match number(2) {
                    Some(0) => Status::Passed,
                    Some(2) => Status::TimedOut,
                    Some(3) => Status::NotRun,
                    Some(4) => Status::Precondition,
                    _ => Status::Failed,
                };
                subtests.push(Subtest { name: text(1), status, message: text(3) });
            }
            "complete" => {
                harness = match number(1) {
                    Some(0 | 3) => Harness::Ok,
                    Some(2) => Harness::TimedOut,
                    _ => Harness::Error(text(2)),
                };
            }
            _ => {}
        }
    }
    if harness == Harness::TimedOut
        && subtests.is_empty()
        && let Some(error) = observed.uncaught.first()
    {
        harness = Harness::Error(error.lines().next().unwrap_or_default().to_string());
    }
    (harness, subtests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let run = |file: &str, variant: &str| Run { directory: String::new(), file: file.into(), variant: variant.into() };
        assert_eq!(url_of(&run("a/b.any.js", "?x")), "http://web-platform.test:8000/a/b.any.worker.js?x");
        assert_eq!(url_of(&run("a/b.https.any.js", "")), "https://web-platform.test:8443/a/b.https.any.worker.js");
        assert_eq!(url_of(&run("a/b.h2.any.js", "")), "https://web-platform.test:9000/a/b.h2.any.worker.js");
        assert_eq!(url_of(&run("a/b.worker.js", "")), "http://web-platform.test:8000/a/b.worker.js");
    }

    #[test]
    fn scripts() {
        assert_eq!(resolve("a/b/c.any.js", "../d.js?pipe=sub"), "/a/d.js");
        assert_eq!(resolve("a/b/c.any.js", "./d.js"), "/a/b/d.js");
        assert_eq!(resolve("a/b/c.any.js", "/d/../e.js"), "/e.js");
    }

    #[test]
    fn results_are_read() {
        let lines = ["[\"subtest\",\"a\",0,\"\"]", "[\"subtest\",\"b\",1,\"no\"]", "[\"complete\",0,\"\"]"].map(String::from).to_vec();
        let (harness, subtests) = results(&Observed { lines, ..Observed::default() });
        assert_eq!(harness, Harness::Ok);
        assert_eq!(subtests.iter().map(|subtest| subtest.status).collect::<Vec<_>>(), [Status::Passed, Status::Failed]);
        assert_eq!(results(&Observed::default()).0, Harness::TimedOut);
    }
}
