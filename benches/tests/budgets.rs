//! Budgets that do not depend on the clock. `budgets.txt` beside this file has what each may cost at most; whoever makes something cheaper lowers
//! it (`MAYFLY_UPDATE_BUDGETS=1 cargo test -p benches --test budgets` writes what is measured now), whoever makes it dearer says why in the
//! commit that raises it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use mayfly_engine::host::NullHost;
use mayfly_engine::profile::{self, Counts};
use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_runtime::{BuildOptions, Dispatcher, Sample, Worker, WorkerOptions, build_image};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/budgets.txt");

/// Micro programs: a name, what is there before, and what is done a thousand times with `i` counting.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("loop", "", ""),
    ("integer arithmetic", "let s = 0;", "s = (s + i * 3) & 0xffff;"),
    ("double arithmetic", "let s = 0.5;", "s = s * 1.0001 + i / 3;"),
    ("call", "function f(a, b) { return a; }", "f(i, 1);"),
    ("method call", "class A { m(x) { return x; } } const o = new A();", "o.m(i);"),
    ("closure", "let f;", "f = () => i;"),
    ("field read and write", "const o = { a: 1, b: 2 };", "o.a = o.b;"),
    ("getter", "const o = { get x() { return 1; } };", "o.x;"),
    ("array element", "const a = [1, 2, 3, 4];", "a[i & 3] = a[1];"),
    ("array push", "const a = [];", "a.push(i);"),
    ("typed array element", "const a = new Float64Array(16);", "a[i & 15] += 1.5;"),
    ("object literal", "let o;", "o = { x: i, y: 2, z: 3 };"),
    ("array literal", "let o;", "o = [i, 2, 3];"),
    ("class instance", "class P { constructor(x, y) { this.x = x; this.y = y; } } let p;", "p = new P(i, 2);"),
    ("private field", "class P { #x = 1; get() { return this.#x; } } const p = new P();", "p.get();"),
    ("string building", "let s = '';", "s += 'ab';"),
    ("template string", "let s;", "s = `a${i}b`;"),
    ("string compare", "const a = ['x', 'y']; let n = 0;", "if (a[i & 1] === 'x') n++;"),
    ("switch", "let n = 0;", "switch (i & 3) { case 0: n++; break; case 1: n += 2; break; default: n += 3; }"),
    ("for-of over an array", "const a = [1, 2, 3, 4]; let s = 0;", "for (const x of a) s += x;"),
    ("array destructuring", "const a = [1, 2]; let s = 0;", "const [x, y] = a; s += x + y;"),
    ("object destructuring", "const o = { x: 1, y: 2 }; let s = 0;", "const { x, y } = o; s += x + y;"),
    ("spread call", "const a = [1, 2]; function f(x, y) { return x; }", "f(...a);"),
    ("rest parameters", "function f(...all) { return all; }", "f(i, 2);"),
    ("generator step", "function* g() { for (;;) yield 1; } const it = g();", "it.next();"),
    ("try and catch", "let n = 0;", "try { if ((i & 255) === 7) throw n; n++; } catch { n--; }"),
    ("map set and get", "const m = new Map();", "m.set(i & 63, i); m.get(3);"),
    ("callback of map", "const a = [1, 2, 3, 4];", "a.map(x => x + 1);"),
    ("regexp test", "const r = /b+c/; let n = 0;", "if (r.test('aabbbcc')) n++;"),
    ("JSON", "const text = '{\"a\":[1,2,{\"b\":\"c\"}]}'; let s;", "s = JSON.stringify(JSON.parse(text));"),
    ("global variable", "var g = 0;", "g = g + 1;"),
];

const TURNS: u32 = 1000;

/// What a thousand turns of a micro program cost once caches are warm.
fn micro(setup: &str, body: &str) -> Counts {
    let mut cx = Context::new(Box::new(NullHost::default()), Rc::new(Natives::of_engine()), ContextOptions::default()).expect("a cage");
    let source = format!("(() => {{ {setup} return (turns) => {{ for (let i = 0; i < turns; i++) {{ {body} }} }}; }})()");
    let Ok(function) = cx.evaluate_script(&source, "micro.js") else { panic!("{source} throws") };
    let turns = [mayfly_engine::Value::from(f64::from(TURNS))];
    let kept = cx.retain(function);
    assert!(cx.call_top(function, mayfly_engine::Value::UNDEFINED, &turns).is_ok(), "{source}");
    assert!(cx.start_profile(Arc::new(AtomicU32::new(0))));
    let function = cx.release(kept);
    assert!(cx.call_top(function, mayfly_engine::Value::UNDEFINED, &turns).is_ok(), "{source}");
    cx.take_profile().expect("it was started").total()
}

const HELLO: &str = include_str!("../servers/hello.js");
const HELLO_EVENT: &str = "addEventListener('fetch', event => event.respondWith(new Response('Hello, World!')));";
const HELLO_ASYNC: &str = "export default { async fetch(request) { await null; return new Response('Hello, World!'); } };";
const ROUTER: &str = include_str!("../servers/router.js");
const SHA256: &str = include_str!("../servers/sha256.js");

fn request(scenario: Option<benches::servers::Scenario>) -> Request<Full<Bytes>> {
    let (method, path, body) = match scenario {
        Some(scenario) => (scenario.target().0, scenario.target().1, scenario.body()),
        None => ("GET", "/", Vec::new()),
    };
    let builder = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080").header("content-type", "application/json");
    builder.body(Full::new(Bytes::from(body))).expect("a request")
}

/// Measures requests to a worker: instructions, bytes, misses and dirty cards of one, and the size of its image.
fn worker(name: &str, source: &str, scenario: Option<benches::servers::Scenario>, measured: &mut BTreeMap<String, u64>) {
    // A key of hashes of its own, so that the image has the same bytes each time.
    // Warmed as `mayfly build` does it, or with a request of the scenario's kind.
    let samples = match scenario.and_then(benches::servers::Scenario::sample) {
        Some(recorded) => Sample::recorded(&recorded).expect("a recorded request"),
        None => vec![Sample::default()],
    };
    let build = BuildOptions { hash_key: Some(7), samples, ..BuildOptions::default() };
    let image = build_image(source, "worker.js", &build).expect("the worker's top level runs");
    measured.insert(format!("image of {name}, KiB"), (image.len() as u64).div_ceil(1024));
    // With reuse nothing resets the instance behind our back; we do.
    let options = WorkerOptions { reuse: true, ..WorkerOptions::default() };
    let dispatcher = Dispatcher::new(Worker::from_image_bytes(&image, "worker.js", options).expect("the image was just made"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("an executor");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut instance = dispatcher.pool().take().expect("an instance");
        // What making an instance writes is not the request's.
        instance.cx.reset();
        assert!(instance.cx.start_profile(Arc::new(AtomicU32::new(0))));
        dispatcher.pool().put(instance);
        let response = dispatcher.respond(request(scenario)).await;
        assert!(response.status().is_success(), "{name}: {}", response.status());
        drop(response);
        dispatcher.wait_idle().await;
        let mut instance = dispatcher.pool().take().expect("the instance");
        let counts = instance.cx.take_profile().expect("it was started").total();
        measured.insert(format!("{name}: instructions"), counts.instructions);
        measured.insert(format!("{name}: slow property accesses"), counts.misses);
        measured.insert(format!("{name}: dirty cards"), u64::from(instance.cx.reset()));
    });
}

/// Bytes of one more object of a kind, elements included.
fn bytes_each(expression: &str) -> u64 {
    let with = |body: &str| micro("const all = new Array(1000);", body).bytes;
    let each = with(&format!("all[i] = {expression};")).saturating_sub(with("all[i] = i;"));
    // What is made once does not count.
    each / u64::from(TURNS)
}

fn measure() -> BTreeMap<String, u64> {
    assert!(profile::enable(), "a context was made before profiling was enabled");
    let mut measured = BTreeMap::new();
    for (name, setup, body) in PROGRAMS {
        let counts = micro(setup, body);
        measured.insert(format!("{name}: instructions of {TURNS}"), counts.instructions);
        measured.insert(format!("{name}: bytes of {TURNS}"), counts.bytes);
        measured.insert(format!("{name}: slow property accesses of {TURNS}"), counts.misses);
    }
    for (name, expression) in [
        ("empty object", "{}"),
        ("object of 3", "{ x: 1, y: 2, z: 3 }"),
        ("object of 10", "{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, i: 9, j: 10 }"),
        ("empty array", "[]"),
        ("array of 10", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"),
        ("arrow function", "() => i"),
        ("string of 10", "'123456789' + (i % 10)"),
        ("Map", "new Map()"),
        ("Date", "new Date(0)"),
        ("resolved promise", "Promise.resolve(1)"),
        ("Uint8Array of 64", "new Uint8Array(64)"),
    ] {
        measured.insert(format!("bytes of one {name}"), bytes_each(&format!("({expression})")));
    }
    use benches::servers::Scenario;
    worker("hello", HELLO, None, &mut measured);
    worker("hello by event", HELLO_EVENT, None, &mut measured);
    worker("hello, async", HELLO_ASYNC, None, &mut measured);
    worker("JSON router", ROUTER, Some(Scenario::Router), &mut measured);
    worker("regular expressions", include_str!("../servers/regexps.js"), None, &mut measured);
    worker("stream", Scenario::Stream.worker(), Some(Scenario::Stream), &mut measured);
    worker("SHA-256", SHA256, Some(Scenario::Sha256), &mut measured);
    measured
}

/// Lines `number name`; `#` begins comments.
fn parse(text: &str) -> BTreeMap<String, u64> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (number, name) = line.trim().split_once(' ').unwrap_or_else(|| panic!("{line:?} is no budget"));
            (name.trim().to_string(), number.parse().unwrap_or_else(|_| panic!("{line:?} has no number")))
        })
        .collect()
}

/// What is over its budget, what has none, and what has one and is not measured.
fn complaints(measured: &BTreeMap<String, u64>, budgets: &BTreeMap<String, u64>) -> Vec<String> {
    let over = measured.iter().filter_map(|(name, value)| match budgets.get(name) {
        None => Some(format!("{name}: {value}, without a budget")),
        Some(budget) if value > budget => Some(format!("{name}: {value}, and its budget is {budget}")),
        Some(_) => None,
    });
    let stale = budgets.keys().filter(|name| !measured.contains_key(*name)).map(|name| format!("{name}: has a budget and is not measured"));
    over.chain(stale).collect()
}

#[test]
fn nothing_has_grown_past_its_budget() {
    let measured = measure();
    if std::env::var_os("MAYFLY_UPDATE_BUDGETS").is_some() {
        let mut text = String::from("# What may be used at most; see budgets.rs. Instructions are bytecode instructions.\n");
        for (name, value) in &measured {
            let _ = writeln!(text, "{value:>9} {name}");
        }
        std::fs::write(FILE, text).expect("the file can be written");
    }
    let budgets = parse(&std::fs::read_to_string(FILE).expect("the file is there"));
    let complaints = complaints(&measured, &budgets);
    assert!(complaints.is_empty(), "{complaints:#?}");
    // Fixed costs, below which nothing real was measured.
    assert!(measured["loop: instructions of 1000"] >= 2000, "{measured:?}");
    assert!(measured["object literal: bytes of 1000"] >= 24_000, "{measured:?}");
    assert!(measured["hello: instructions"] >= 3, "{measured:?}");
    assert!(measured["bytes of one object of 10"] > measured["bytes of one object of 3"], "{measured:?}");
}

#[test]
fn what_grows_is_found() {
    let of = |pairs: &[(&str, u64)]| pairs.iter().map(|(name, value)| (name.to_string(), *value)).collect::<BTreeMap<_, _>>();
    assert!(complaints(&of(&[("a", 2)]), &of(&[("a", 2)])).is_empty());
    assert!(complaints(&of(&[("a", 1)]), &of(&[("a", 2)])).is_empty());
    let found = complaints(&of(&[("a", 3), ("b", 1)]), &of(&[("a", 2), ("c", 1)]));
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(parse("# x\n  12 a b\n\n3 c\n"), of(&[("a b", 12), ("c", 3)]));
}
