//! Programs on the fake platform, with what they must print. The `.expected` file beside a program is the oracle: for what Node has too it
//! is Node's output.
//!
//! `BLESS=1 cargo test -p mayfly-stdlib --test programs` writes the files anew; look at the difference before committing it.

#[path = "support/stress.rs"]
mod stress;
mod support;

use mayfly_engine::{Context, ContextOptions, Natives};
use mayfly_stdlib::cookie_store;
use mayfly_stdlib::fake::{FakePlatform, fake, run_until_idle};
use mayfly_stdlib::fetch::host::{BodyInit, new_request};
use mayfly_stdlib::kv::{KeyValueStore, Listed, Page, Stored};
use mayfly_stdlib::platform::WorkerHost;
use mayfly_stdlib::report;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

fn run(source: &str, name: &str, platform: FakePlatform) -> String {
    run_at(source, name, platform, None)
}

fn run_at(source: &str, name: &str, platform: FakePlatform, location: Option<&str>) -> String {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let cx = Context::new(Box::new(WorkerHost::new(Box::new(platform))), natives, ContextOptions::default()).expect("a context");
    let mut cx = stress::stressed(cx);
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        if let Some(location) = location {
            mayfly_stdlib::location::set(cx, location)?;
        }
        let bound: Vec<String> = fake(cx).expect("the platform").key_values.iter().map(|(name, _)| name.clone()).collect();
        if !bound.is_empty() {
            for name in bound.iter().map(String::as_str).chain(["OTHER"]) {
                let (global, key, namespace) = (cx.global(), cx.key(name), mayfly_stdlib::kv::create(cx, name));
                cx.create_data_property_or_throw(global, key, namespace.value())?;
            }
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

/// A key-value store in memory. It takes everything but a key named `full`.
#[derive(Default)]
struct MemoryStore {
    values: Mutex<BTreeMap<String, Stored>>,
    delay_ms: f64,
}

impl KeyValueStore for MemoryStore {
    fn get(&self, key: &str) -> Result<Option<Stored>, String> {
        Ok(self.values.lock().expect("no panic").get(key).cloned())
    }

    fn put(&self, key: &str, value: Stored) -> Result<(), String> {
        if key == "full" {
            return Err("there is no room".to_string());
        }
        self.values.lock().expect("no panic").insert(key.to_string(), value);
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), String> {
        self.values.lock().expect("no panic").remove(key);
        Ok(())
    }

    fn list(&self, prefix: &str, after: Option<&str>, limit: usize) -> Result<Page, String> {
        let values = self.values.lock().expect("no panic");
        let mut found = values.iter().filter(|(key, _)| key.starts_with(prefix) && after.is_none_or(|after| key.as_str() > after));
        let listed = |(name, value): (&String, &Stored)| Listed {
            name: name.clone(),
            metadata: value.metadata.clone(),
            expiration: value.expiration,
        };
        let keys = found.by_ref().take(limit).map(listed).collect();
        Ok(Page { keys, is_complete: found.next().is_none() })
    }

    fn delay_ms(&self) -> f64 {
        self.delay_ms
    }
}

#[test]
fn kv() {
    let slow = MemoryStore { delay_ms: 50.0, ..MemoryStore::default() };
    slow.put("k", Stored { bytes: b"slow".to_vec(), ..Stored::default() }).expect("put");
    let key_values: Vec<(String, Arc<dyn KeyValueStore>)> =
        vec![("KV".to_string(), Arc::new(MemoryStore::default())), ("SLOW".to_string(), Arc::new(slow))];
    check_on("kv", FakePlatform { key_values, ..FakePlatform::default() }, None);
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
    check("inspect_pairs");
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
fn webassembly() {
    check("webassembly");
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
fn cookies() {
    check_on("cookies", FakePlatform::default(), Some("https://example.com/app/sw.js"));
}

/// The request's cookies, and what its reply is to set.
#[test]
fn cookies_of_a_request() {
    let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
    let platform = Box::new(FakePlatform::default());
    let mut cx = Context::new(Box::new(WorkerHost::new(platform)), natives, ContextOptions::default()).expect("a context");
    let source = "
        console.log((await cookieStore.getAll()).map(cookie => cookie.name + '=' + cookie.value).join(' '));
        await cookieStore.set('theme', 'light');
        await cookieStore.delete('id');
        console.log((await cookieStore.getAll()).map(cookie => cookie.name + '=' + cookie.value).join(' '));
        await cookieStore.set({ name: 'x', value: 'y', domain: 'other.com' }).catch(error => console.log(error.name));";
    let outcome = cx.enter(|cx| {
        mayfly_stdlib::install(cx)?;
        let headers: &[(&[u8], &[u8])] = &[(b"accept", b"*/*"), (b"cookie", b"id=7; theme=dark"), (b"cookie", b"last")];
        let request = new_request(cx, "GET", "https://example.com/a/b", headers, BodyInit::None)?;
        cookie_store::set_request(cx, request);
        cx.evaluate_module(source, "cookies.js")?;
        run_until_idle(cx, 1000.0)
    });
    assert!(outcome.is_ok());
    assert_eq!(fake(&mut cx).expect("the platform").output(), "id=7 theme=dark =last\n=last theme=light\nTypeError\n");
    let set: Vec<String> = cookie_store::reply_headers(&cx).into_iter().map(|header| String::from_utf8(header).expect("text")).collect();
    let wanted =
        ["theme=light; Path=/; Secure; SameSite=Strict", "id=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; SameSite=Strict"];
    assert_eq!(set, wanted);
}

/// What a platform loads is run as scripts, in order; what it does not have is a NetworkError.
#[test]
fn import_scripts() {
    let source = "
        try { importScripts('missing.js', 'also-missing.js'); } catch (error) { console.log(error.name, error instanceof DOMException); }
        importScripts();
        console.log(importScripts.length, typeof importScripts);";
    assert_eq!(run(source, "main.js", FakePlatform::default()), "NetworkError true\n0 function\n");
}

#[test]
fn compression() {
    check("compression");
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
