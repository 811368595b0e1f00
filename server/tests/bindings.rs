//! What outlives requests, and what a worker is bound to: caches, KV namespaces, sites, the events of its life, its location, cookies.

mod support;

use std::path::{Path, PathBuf};

use support::{Server, mayfly, temporary, text};

/// A directory of this test's own with these files.
fn directory(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let marker = temporary(&format!("{name}/.keep"), "");
    let directory = marker.parent().unwrap().to_path_buf();
    for (file, contents) in files {
        temporary(&format!("{name}/{file}"), contents);
    }
    directory
}

fn argument(flag: &str, path: &Path) -> String {
    format!("{flag}{}", path.display())
}

#[test]
fn kv_namespaces() {
    let values = directory("values", &[("greeting", "hello"), ("deep/er", "down")]);
    let kv = argument("KV=", &values);
    let module = "export default { async fetch(request, env) {
        const key = new URL(request.url).pathname.slice(1);
        if (request.method === 'PUT') await env.KV.put(key, request.body, { metadata: { by: 'test' } });
        if (key === '') return Response.json(await env.KV.list());
        return Response.json(await env.KV.getWithMetadata(key));
    } }";
    let server = Server::start(module, &["--kv", &kv, "--verify-reset"]);
    assert_eq!(server.get("/greeting").text(), r#"{"value":"hello","metadata":null,"cacheStatus":null}"#);
    assert_eq!(server.get("/deep/er").text(), r#"{"value":"down","metadata":null,"cacheStatus":null}"#);
    assert_eq!(server.get("/../../etc/passwd").text(), r#"{"value":null,"metadata":null,"cacheStatus":null}"#);
    let put = server.connect().request("PUT", "/new", &[], b"written");
    assert_eq!(put.text(), r#"{"value":"written","metadata":{"by":"test"},"cacheStatus":null}"#);
    assert_eq!(std::fs::read(values.join("new")).unwrap(), b"written");
    let wanted = r#"{"keys":[{"name":".keep"},{"name":"deep/er"},{"name":"greeting"},{"name":"new","metadata":{"by":"test"}}],"list_complete":true,"cacheStatus":null}"#;
    assert_eq!(server.get("/").text(), wanted);
    // A script finds it as a global; an image that is served without the store says what is missing.
    let script = "addEventListener('fetch', event => event.respondWith(KV.get('greeting').then(v => new Response(v), e => new Response(e.message))))";
    let worker = temporary("script.js", script);
    let image = worker.with_extension("image");
    let built = mayfly(&["build", worker.to_str().unwrap(), "-o", image.to_str().unwrap(), "--kv", &kv]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    assert_eq!(Server::start_file(&image, &["--kv", &kv]).get("/").text(), "hello");
    assert!(Server::start_file(&image, &[]).get("/").text().contains("--kv KV=DIRECTORY"));
    let used_too_early = temporary("early.js", "KV.get('a').catch(e => { throw e; }); addEventListener('fetch', () => {});");
    let output = mayfly(&["build", used_too_early.to_str().unwrap(), "-o", image.to_str().unwrap(), "--kv", &kv]);
    assert!(text(&output.stderr).contains("KV namespaces cannot be used while"), "{}", text(&output.stderr));
}

#[test]
fn wrong_bindings() {
    let worker = temporary("worker.js", "export default { fetch() {} }");
    let path = worker.to_str().unwrap();
    for (flags, code, wanted) in [
        (vec!["--kv", "KV"], 2, "NAME=DIRECTORY"),
        (vec!["--kv", "a-b=c"], 2, "no name"),
        (vec!["--kv", "KV=/nonexistent/directory"], 1, "/nonexistent/directory"),
        (vec!["--site", "/nonexistent/directory"], 1, "/nonexistent/directory"),
        (vec!["--location", "nowhere"], 1, "nowhere"),
    ] {
        let output = mayfly(&[&["serve", path, "--port", "0"][..], &flags].concat());
        assert_eq!(output.status.code(), Some(code), "{flags:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(wanted), "{flags:?}: {}", text(&output.stderr));
    }
}

#[test]
fn a_site() {
    let files = directory("site", &[("index.html", "<p>home"), ("static/app.js", "app()")]);
    let script = "addEventListener('fetch', event => event.respondWith((async () => {
        const path = new URL(event.request.url).pathname.slice(1);
        const manifest = JSON.parse(__STATIC_CONTENT_MANIFEST);
        const cached = await caches.default.match(event.request);
        if (cached) return new Response('cached ' + await cached.text());
        const body = await __STATIC_CONTENT.get(manifest[path] ?? path, 'stream');
        if (!body) return new Response(Object.keys(manifest).join(), { status: 404 });
        const response = new Response(body, { headers: { 'cache-control': 'max-age=60' } });
        event.waitUntil(caches.default.put(event.request, response.clone()));
        return response;
    })()))";
    let server = Server::start(script, &["--site", files.to_str().unwrap(), "--verify-reset"]);
    assert_eq!(server.get("/index.html").text(), "<p>home");
    assert_eq!(server.get("/index.html").text(), "cached <p>home", "a later request finds it");
    assert_eq!(server.get("/static/app.js").text(), "app()");
    let missing = server.get("/missing");
    assert_eq!((missing.status, missing.text().as_str()), (404, "index.html,static/app.js"));
    // The head of a stream does not wait for what comes later.
    let slow = "addEventListener('fetch', event => {
        const { readable, writable } = new TransformStream();
        event.waitUntil((async () => {
            const writer = writable.getWriter(), started = Date.now();
            await writer.write(new TextEncoder().encode('head '));
            const home = await __STATIC_CONTENT.get('index.html');
            await writer.write(new TextEncoder().encode(home + (Date.now() - started >= 45 ? ' late' : ' early')));
            await writer.close();
        })());
        event.respondWith(new Response(readable));
    })";
    let server = Server::start(slow, &["--site", files.to_str().unwrap(), "--kv-delay-ms", "50"]);
    assert_eq!(server.get("/").text(), "head <p>home late");
}

#[test]
fn events_of_a_workers_life() {
    let source = "
        let installed = 0;
        addEventListener('install', event => { installed++; skipWaiting(); event.waitUntil((async () => {
            const cache = await caches.open('v1');
            await new Promise(resolve => setTimeout(resolve, 20));
            await cache.put('/asset', new Response('precached at ' + registration.scope));
        })()); });
        addEventListener('activate', event => event.waitUntil(caches.keys().then(async names => { await (await caches.open('seen')).put('/names', new Response(names.join())); await clients.claim(); })));
        addEventListener('fetch', event => event.respondWith((async () =>
            new Response([installed, await (await caches.match('/asset')).text(), await (await caches.match('/names')).text(), location.href, new Request('x').url].join('|')))()));";
    let server = Server::start(source, &["--location", "https://example.com/app/sw.js", "--verify-reset"]);
    let wanted = "0|precached at https://example.com/app/|v1|https://example.com/app/sw.js|https://example.com/app/x";
    for _ in 0..2 {
        assert_eq!(server.get("/").text(), wanted);
    }
    let failing = temporary(
        "failing.js",
        "addEventListener('install', event => event.waitUntil(Promise.reject(new Error('no assets')))); addEventListener('fetch', () => {});",
    );
    let output = mayfly(&["serve", failing.to_str().unwrap(), "--port", "0"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("install") && text(&output.stderr).contains("no assets"), "{}", text(&output.stderr));
    let image = failing.with_extension("image");
    assert!(mayfly(&["build", failing.to_str().unwrap(), "-o", image.to_str().unwrap()]).status.success(), "building installs nothing");
    let output = mayfly(&["serve", image.to_str().unwrap(), "--port", "0", "--location", "https://example.com/"]);
    assert!(text(&output.stderr).contains("mayfly build"), "{}", text(&output.stderr));
}

#[test]
fn caches_are_limited() {
    let source = "export default { async fetch() {
        const cache = await caches.open('a');
        try { await cache.put('http://a/', new Response('x'.repeat(2 << 20))); return new Response('stored'); }
        catch (error) { return new Response(error.name + ' ' + error.quota); }
    } }";
    assert_eq!(Server::start(source, &["--cache-mib", "1"]).get("/").text(), "QuotaExceededError 1048576");
    assert_eq!(Server::start(source, &["--cache-mib", "8"]).get("/").text(), "stored");
}

#[test]
fn cookies_go_out_with_the_reply() {
    let source = "export default { async fetch() {
        const before = await cookieStore.get('visits');
        await cookieStore.set('visits', String(Number(before?.value ?? 0) + 1));
        return new Response(String(before?.value));
    } }";
    let server = Server::start(source, &["--verify-reset"]);
    let first = server.get("/");
    assert_eq!((first.text().as_str(), first.header("set-cookie")), ("undefined", Some("visits=1; Path=/; Secure; SameSite=Strict")));
    // Of a handler that takes no request, too, the store knows the host.
    let domains = "export default { async fetch() {
        const set = domain => cookieStore.set({ name: 'x', value: 'y', domain }).then(() => 'set', error => error.name);
        return new Response([await set('other.com'), await set('test.example')].join());
    } }";
    assert_eq!(Server::start(domains, &["--verify-reset"]).get("/").text(), "TypeError,set");
    let second = server.connect().request("GET", "/", &[("cookie", "visits=4; other=1")], b"");
    assert_eq!((second.text().as_str(), second.header("set-cookie")), ("4", Some("visits=5; Path=/; Secure; SameSite=Strict")));
}

#[test]
fn messages_are_tasks_of_the_request() {
    let source = "export default { async fetch() {
        const { port1, port2 } = new MessageChannel();
        const got = [];
        const done = new Promise(resolve => port2.onmessage = event => { got.push(event.data); if (event.data === 99) resolve(); });
        for (let i = 0; i < 100; i++) port1.postMessage(i);
        await done;
        return new Response(String(got.length));
    } }";
    let server = Server::start(source, &["--verify-reset"]);
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), "100");
    }
    let moved = "export default { fetch() {
        const stream = new Blob(['streamed ', 'body']).stream();
        return new Response(structuredClone(stream, { transfer: [stream] }));
    } }";
    assert_eq!(Server::start(moved, &[]).get("/").text(), "streamed body");
}
