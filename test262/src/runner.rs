//! Running files: variants, images of the harness, verdicts.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use mayfly_engine::{Context, ContextOptions, Image, Natives};

use crate::agents::run_event_loop;
use crate::front_matter::{self, FrontMatter};
use crate::host::{self, TestHost};

/// Threads for tests that wait for other agents.
const WAITING_THREADS: usize = 6;

/// What an asynchronous test prints when it passed.
const COMPLETE: &str = "Test262:AsyncTestComplete";

/// How a file fared; a file passes when every variant does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every variant passed.
    Passed,
    /// A variant failed, with its message.
    Failed(String),
    /// A variant panicked.
    Panicked(String),
    /// A variant ran longer than the limit.
    TimedOut,
}

/// A file with its verdict.
#[derive(Clone, Debug)]
pub struct FileResult {
    /// Path in the suite.
    pub file: String,
    /// Verdict.
    pub verdict: Verdict,
}

/// Runs all files on `jobs` threads.
pub fn run_all(root: &Path, files: &[String], jobs: usize, gc_stress: bool) -> Vec<FileResult> {
    // Tests with several agents mostly wait: they have threads of their own, so that the others keep the cores busy.
    let (waiting, computing): (Vec<&String>, Vec<&String>) = files.iter().partition(|file| file.starts_with("test/built-ins/Atomics/"));
    let queues = [(computing, AtomicUsize::new(0), jobs), (waiting, AtomicUsize::new(0), WAITING_THREADS)];
    let done = AtomicUsize::new(0);
    let bar = ProgressBar::new(files.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}") {
        bar.set_style(style);
    }
    std::panic::set_hook(Box::new(|_| {}));
    let (bar_ref, done_ref) = (&bar, &done);
    let mut results: Vec<FileResult> = std::thread::scope(|scope| {
        let workers: Vec<_> = queues
            .iter()
            .flat_map(|(files, next, threads)| (0..*threads).map(move |_| (files, next)))
            .map(|(files, next)| {
                std::thread::Builder::new()
                    .stack_size(16 << 20)
                    .spawn_scoped(scope, move || {
                        let mut worker = Worker::new(root, gc_stress);
                        let mut results = Vec::new();
                        loop {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            let Some(file) = files.get(index) else { return results };
                            results.push(FileResult { file: file.to_string(), verdict: worker.run_file(file) });
                            let done = done_ref.fetch_add(1, Ordering::Relaxed);
                            if done.is_multiple_of(64) {
                                bar_ref.set_position(done as u64);
                            }
                        }
                    })
                    .expect("a thread")
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    });
    bar.finish_and_clear();
    let _ = std::panic::take_hook();
    results.sort_by(|a, b| a.file.cmp(&b.file));
    results
}

/// Sets of harness files are few: their instances are kept, and reset between tests.
struct Worker<'r> {
    root: &'r Path,
    gc_stress: bool,
    natives: Rc<Natives>,
    images: HashMap<Vec<String>, Arc<Image>>,
    instances: HashMap<Vec<String>, Context>,
}

impl<'r> Worker<'r> {
    fn new(root: &'r Path, gc_stress: bool) -> Worker<'r> {
        Worker { root, gc_stress, natives: Rc::new(host::natives()), images: HashMap::new(), instances: HashMap::new() }
    }

    fn image(&mut self, includes: &[String]) -> Result<Arc<Image>, String> {
        if let Some(image) = self.images.get(includes) {
            return Ok(image.clone());
        }
        let mut cx = Context::new(Box::new(TestHost::default()), self.natives.clone(), ContextOptions::default())
            .map_err(|error| error.to_string())?;
        host::install(&mut cx).map_err(|_| "the host object".to_string())?;
        for include in includes {
            let path = self.root.join("harness").join(include);
            let source = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            if cx.evaluate_script(&source, include).is_err() {
                return Err(format!("harness {include}: {}", error_text(&mut cx)));
            }
        }
        let bytes = cx.to_image_bytes().map_err(|error| error.to_string())?;
        let image = Image::from_bytes(&bytes, &self.natives).map_err(|error| error.to_string())?;
        self.images.insert(includes.to_vec(), image.clone());
        Ok(image)
    }

    fn run_file(&mut self, file: &str) -> Verdict {
        let path = self.root.join(file);
        let source = match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => return Verdict::Failed(error.to_string()),
        };
        let matter = front_matter::parse(&source);
        let mut variants = Vec::new();
        if matter.has("module") || matter.has("raw") {
            variants.push(false);
        } else {
            if !matter.has("onlyStrict") {
                variants.push(false);
            }
            if !matter.has("noStrict") {
                variants.push(true);
            }
        }
        for strict in variants {
            let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| self.run_variant(&path, &source, &matter, strict)));
            match outcome {
                Ok(Verdict::Passed) => {}
                Ok(Verdict::Failed(message)) => return Verdict::Failed(if strict { format!("(strict) {message}") } else { message }),
                Ok(verdict) => return verdict,
                Err(payload) => {
                    self.instances.clear();
                    let text =
                        payload.downcast_ref::<String>().cloned().or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
                    return Verdict::Panicked(text.unwrap_or_default());
                }
            }
        }
        Verdict::Passed
    }

    fn run_variant(&mut self, path: &Path, source: &str, matter: &FrontMatter, strict: bool) -> Verdict {
        let mut includes = Vec::new();
        if !matter.has("raw") {
            includes.push("assert.js".to_string());
            includes.push("sta.js".to_string());
            if matter.has("async") {
                includes.push("doneprintHandle.js".to_string());
            }
            includes.extend(matter.includes.iter().cloned());
        }
        let mut cx = match self.instances.remove(&includes) {
            Some(cx) => cx,
            None => {
                let image = match self.image(&includes) {
                    Ok(image) => image,
                    Err(message) => return Verdict::Failed(message),
                };
                match Context::from_image(&image, Box::new(TestHost::default()), self.natives.clone(), ContextOptions::default()) {
                    Ok(cx) => cx,
                    Err(error) => return Verdict::Failed(error.to_string()),
                }
            }
        };
        if let Some(host) = cx.host().as_any().downcast_mut::<TestHost>() {
            host.restart();
        }
        cx.join_agents(!matter.has("CanBlockIsFalse"));
        if self.gc_stress {
            cx.heap.stress.set(true);
            cx.set_quantum(50);
        }
        let verdict = judge(&mut cx, path, source, matter, strict);
        if let Some(host) = cx.host().as_any().downcast_mut::<TestHost>() {
            host.cluster.end();
        }
        cx.reset();
        self.instances.insert(includes, cx);
        verdict
    }
}

/// Text of the pending exception.
fn error_text(cx: &mut Context) -> String {
    match cx.take_exception() {
        None => "terminated".to_string(),
        Some(error) => describe(cx, error),
    }
}

fn describe(cx: &mut Context, error: mayfly_engine::Value) -> String {
    cx.enter(|cx| cx.to_text(error)).unwrap_or_else(|_| {
        let _ = cx.take_exception();
        "an exception without a text".to_string()
    })
}

/// Name of the constructor of the pending exception.
fn error_name(cx: &mut Context, error: mayfly_engine::Value) -> String {
    cx.enter(|cx| {
        let Some(object) = error.as_object() else { return Ok(String::new()) };
        let constructor = cx.key("constructor");
        let name = cx.key("name");
        match cx.get(object, constructor)?.as_object() {
            Some(constructor) => {
                let name = cx.get(constructor, name)?;
                cx.to_text(name)
            }
            None => Ok(String::new()),
        }
    })
    .unwrap_or_default()
}

/// Whether an asynchronous test has said how it ended.
fn is_complete(cx: &mut Context) -> bool {
    cx.host()
        .as_any()
        .downcast_mut::<TestHost>()
        .is_some_and(|host| host.printed.iter().any(|text| text == COMPLETE || text.contains("AsyncTestFailure")))
}

fn judge(cx: &mut Context, path: &Path, source: &str, matter: &FrontMatter, strict: bool) -> Verdict {
    let name = path.canonicalize().unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned();
    let text;
    let source = if strict {
        text = format!("\"use strict\";\n{source}");
        &text
    } else {
        source
    };
    let mut rejected = None;
    let outcome = if matter.has("module") {
        cx.evaluate_module(source, &name).and_then(|evaluation| {
            run_event_loop(cx, is_complete)?;
            let (state, value) = mayfly_engine::builtins::promise::state(cx, evaluation.promise);
            if state == mayfly_engine::builtins::promise::PromiseState::Rejected {
                rejected = Some(value);
            }
            Ok(())
        })
    } else {
        cx.evaluate_script(source, &name).map(|_| ())
    };
    let outcome = outcome.and_then(|()| run_event_loop(cx, is_complete));
    let thrown = match (outcome, rejected) {
        (Ok(()), None) => None,
        (Ok(()), Some(value)) => Some(value),
        (Err(_), _) => match cx.take_exception() {
            Some(error) => Some(error),
            None => {
                return match cx.termination() {
                    Some(mayfly_engine::Termination::Cpu) => Verdict::TimedOut,
                    other => Verdict::Failed(format!("terminated: {other:?}")),
                };
            }
        },
    };
    if let Some((_, wanted)) = &matter.negative {
        return match thrown {
            None => Verdict::Failed(format!("expected a {wanted}")),
            Some(error) => {
                let name = error_name(cx, error);
                if name == *wanted { Verdict::Passed } else { Verdict::Failed(format!("expected a {wanted}, got {}", describe(cx, error))) }
            }
        };
    }
    if let Some(error) = thrown {
        return Verdict::Failed(describe(cx, error));
    }
    if matter.has("async") {
        let printed = cx.host().as_any().downcast_mut::<TestHost>().map(|host| host.printed.clone()).unwrap_or_default();
        return if printed.iter().any(|text| text == COMPLETE) {
            Verdict::Passed
        } else {
            Verdict::Failed(
                printed
                    .into_iter()
                    .find(|text| text.contains("AsyncTestFailure"))
                    .unwrap_or_else(|| "the test never said that it completed".to_string()),
            )
        };
    }
    Verdict::Passed
}
