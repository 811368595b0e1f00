//! Programs on the fake platform, with what they must print. The `.expected` file beside a program is the oracle: for what Node has too it
//! is Node's output.
//!
//! `BLESS=1 cargo test -p mayfly-stdlib --test programs` writes the files anew; look at the difference before committing it.

mod support;
#[path = "support/stress.rs"]
mod stress;

use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::report;
use std::path::Path;
use std::rc::Rc;

fn run(source: &str, name: &str, platform: FakePlatform) -> String {
    run_at(source, name, platform, None)
}

fn run_at(source: &str, name: &str, platform: FakePlatform, location: Option<&str>) -> String {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::classes()));
    let cx = Context::new(Box::new(WorkerHost::new(Box::new(platform))), natives, ContextOptions::default()).expect("a context");
    let mut cx = stress::stressed(cx);
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        if let Some(location) = location {
            mayfly_stdlib::location::set(cx, location)?;
        }
        if cx.evaluate_module(source, name).is_err() {
            let exception = cx.take_exception().expect("an exception");
            report::report_exception(cx, exception)?;
        }
        run_until_idle(cx, 60_000.0)
    });
    assert!(outcome.is_ok(), "{name} was stopped: {:?}", cx.termination());
    fake(&mut cx).expect("the platform").output()
}

fn check(name: &str) {
    check_on(name, FakePlatform::default(), None);
}

fn check_on(name: &str, platform: FakePlatform, location: Option<&str>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs");
    let source = std::fs::read_to_string(folder.join(format!("{name}.js"))).expect("the program");
    let output = run_at(&source, &format!("{name}.js"), FakePlatform { epoch_ms: 1000.0, ..platform }, location);
    let expected = folder.join(format!("{name}.expected"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&expected, &output).expect("the expectation is written");
        return;
    }
    let expected = std::fs::read_to_string(&expected).expect("the expectation");
    for (i, (got, wanted)) in output.lines().zip(expected.lines()).enumerate() {
        assert_eq!(got, wanted, "{name}, line {}", i + 1);
    }
    assert_eq!(output.lines().count(), expected.lines().count(), "{name}: number of lines");
}

#[test]
fn inspect() {
    check("inspect");
}

#[test]
fn crypto() {
    check("crypto");
}

#[test]
fn crypto_more() {
    check("crypto_more");
}

#[test]
fn errors() {
    check("errors");
}

#[test]
fn events() {
    check("events");
}

#[test]
fn files() {
    check("files");
}

#[test]
fn clone() {
    if stress::is_on() {
        return;
    }
    check("clone");
}

#[test]
fn scope() {
    check("scope");
}

#[test]
fn encoding() {
    check("encoding");
}

#[test]
fn timing() {
    check("timing");
}

#[test]
fn streams() {
    check("streams");
}

#[test]
fn fetch() {
    check("fetch");
}

#[test]
fn url() {
    check("url");
}

#[test]
fn messaging() {
    check("messaging");
}

#[test]
fn caches() {
    check_on("caches", FakePlatform { network: support::network(), ..FakePlatform::default() }, None);
}

#[test]
fn service_worker() {
    check_on("service_worker", FakePlatform::default(), Some("https://example.com/app/sw.js"));
}

/// While an image is built, time, timers and randomness are refused with the platform's words.
#[test]
fn refusals() {
    let refuses = FakePlatform { refuses: Some("not while the image is built".to_string()), ..FakePlatform::default() };
    let source = "
        for (const f of [() => setTimeout(() => {}), () => crypto.randomUUID(), () => crypto.getRandomValues(new Uint8Array(1)),
            () => performance.now(), () => AbortSignal.timeout(1), () => Date.now(), () => Math.random()]) {
            try { f(); console.log('no error'); } catch (e) { console.log(e.name, e.message); }
        }
        console.log(new Event('x').timeStamp);
        console.time(); console.timeEnd();";
    let output = run(source, "refusals.js", refuses);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(lines.len(), 9, "{output}");
    for line in &lines[..7] {
        assert!(line.ends_with("not while the image is built"), "{output}");
    }
    assert_eq!(lines[7], "0");
}

#[test]
fn location() {
    let source = "
        console.log(typeof location);
        if (typeof location !== 'undefined') {
            console.log(String(location), location.origin, location.host, location.port, location.pathname, location.search, location.hash, origin);
            console.log(new Request('other?x').url, location instanceof WorkerLocation, Object.keys(Object.getOwnPropertyDescriptor(self, 'location')).length);
            try { WorkerLocation(); } catch (e) { console.log(e.message); }
            try { Object.getOwnPropertyDescriptor(self, 'location').get.call({}); } catch (e) { console.log(e.message); }
            location = 5; console.log(typeof location); origin = 6; console.log(origin);
        }";
    let at = "https://example.org:8443/dir/sw.js?v=1#top";
    let expected = "object
https://example.org:8443/dir/sw.js?v=1#top https://example.org:8443 example.org:8443 8443 /dir/sw.js ?v=1 #top https://example.org:8443
https://example.org:8443/dir/other?x true 4
Illegal constructor
Illegal invocation
";
    let output = run_at(source, "location.js", FakePlatform::default(), Some(at));
    assert!(output.starts_with(expected), "{output}");
    assert_eq!(run(source, "location.js", FakePlatform::default()), "undefined\n");
    assert!(output.contains("TypeError"), "a module cannot assign to `location`, which has no setter: {output}");
}
