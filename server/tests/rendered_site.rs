//! A site that workers render: in the cloud from a KV-backed site, and as a browser's service worker from the network and its cache.
//!
//! Pages are streamed in parts, of which the first does not wait for the data that the next one needs.

mod support;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use support::origin::Origin;
use support::{Reply, Server, temporary};

/// What both workers share: routes by URLPattern, pages of sequential parts. `load(event, path)` gives the response with an asset.
const SHARED: &str = "
    const routes = [];
    const route = (pathname, parts) => routes.push({ pattern: new URLPattern({ pathname }), parts });
    const escape = text => text.replace(/[<>&]/g, c => `&#${c.charCodeAt()};`);

    function page(event, parts, groups) {
        const { readable, writable } = new TransformStream({
            transform(text, controller) { controller.enqueue(new TextEncoder().encode(text)); },
        });
        event.waitUntil((async () => {
            const writer = writable.getWriter();
            for (const part of parts) await writer.write(await part(event, groups));
            await writer.close();
        })());
        return new Response(readable, { headers: { 'content-type': 'text/html' } });
    }

    const head = () => '<!DOCTYPE html><title>site</title><header>';
    const foot = () => '<footer>';
    const failed = path => `<h2>No ${escape(path)}</h2>`;

    route('/', [head, async event => {
        const response = await load(event, '/data/list.json');
        if (!response.ok) return failed('/data/list.json');
        return (await response.json()).map(({ title }) => `<li>${escape(title)}</li>`).join('');
    }, foot]);
    route('/:year(\\\\d+)/:name.html', [head, async (event, { year, name }) => {
        const path = `/data/${year}/${name}.json`;
        const response = await load(event, path);
        return response.ok ? `<h1>${escape((await response.json()).title)}</h1>` : failed(path);
    }, foot]);

    addEventListener('fetch', event => {
        for (const { pattern, parts } of routes) {
            const match = pattern.exec(event.request.url);
            if (match) return event.respondWith(page(event, parts, match.pathname.groups));
        }
        event.respondWith(load(event, new URL(event.request.url).pathname));
    });
";

/// In the cloud: assets of the site's namespace, kept in the default cache.
const CLOUD: &str = "
    const manifest = JSON.parse(__STATIC_CONTENT_MANIFEST);
    const types = { json: 'application/json', css: 'text/css; charset=utf-8' };
    async function load(event, path) {
        const url = new URL(path, event.request.url).href;
        const kept = await caches.default.match(url);
        if (kept) return kept;
        const body = await __STATIC_CONTENT.get(manifest[path.slice(1)] ?? path.slice(1), 'arrayBuffer');
        if (body === null) return new Response('', { status: 404 });
        const headers = { 'content-type': types[path.split('.').pop()] ?? 'text/plain', 'cache-control': 'max-age=60', etag: '\"1\"' };
        const response = new Response(body, { headers });
        event.waitUntil(caches.default.put(url, response.clone()));
        return response;
    }
";

/// In a browser: stale while revalidate.
const BROWSER: &str = "
    const scope = new URL(registration.scope);
    addEventListener('install', event => { skipWaiting(); event.waitUntil(caches.open('static')); });
    addEventListener('activate', event => event.waitUntil(clients.claim()));
    async function load(event, path) {
        if (new URL(path, self.location).origin !== scope.origin) throw new Error('another origin');
        const request = new Request(path), cache = await caches.open('static');
        const kept = await cache.match(request);
        const fresh = fetch(request).then(async response => {
            if (response.ok) await cache.put(request, response.clone());
            for (const client of await clients.matchAll({ type: 'window' })) client.postMessage('updated');
            return response;
        });
        if (!kept) return fresh;
        event.waitUntil(fresh.catch(() => {}));
        return kept;
    }
";

const HOME: &str = "<!DOCTYPE html><title>site</title><header><li>First &#60;post&#62;</li><li>Second</li><footer>";
const POST: &str = "<!DOCTYPE html><title>site</title><header><h1>First &#60;post&#62;</h1><footer>";
const MISSING: &str = "<!DOCTYPE html><title>site</title><header><h2>No /data/2021/none.json</h2><footer>";
const LIST: &str = r#"[{"title":"First <post>"},{"title":"Second"}]"#;
const FIRST: &str = r#"{"title":"First <post>"}"#;

fn expect_pages(server: &Server) {
    for (path, wanted) in [("/", HOME), ("/2021/first.html", POST), ("/2021/none.html", MISSING)] {
        let reply = server.get(path);
        assert_eq!((reply.status, reply.header("content-type"), reply.text().as_str()), (200, Some("text/html"), wanted), "{path}");
        assert!(reply.complete);
    }
}

#[test]
fn in_the_cloud() {
    let marker = temporary("site/style.css", "p{}");
    temporary("site/data/list.json", LIST);
    temporary("site/data/2021/first.json", FIRST);
    let site = marker.parent().unwrap().to_str().unwrap();
    let source = format!("{CLOUD}{SHARED}");
    let server = Server::start(&source, &["--site", site, "--verify-reset"]);
    // The second time from the cache.
    for _ in 0..2 {
        expect_pages(&server);
        let style: Reply = server.get("/style.css");
        assert_eq!((style.text().as_str(), style.header("content-type")), ("p{}", Some("text/css; charset=utf-8")));
        assert_eq!(style.header("etag"), Some("\"1\""));
        assert_eq!(server.get("/style.png").status, 404);
    }

    // The first part arrives before the asset that the second one waits for.
    let server = Server::start(&source, &["--site", site, "--kv-delay-ms", "300"]);
    let mut connection = server.connect();
    let from = Instant::now();
    connection.send("GET /2021/first.html HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(connection.head().status, 200);
    let first = connection.chunk().unwrap().unwrap();
    let first_after = from.elapsed();
    assert_eq!(support::text(&first), &POST[..first.len()]);
    assert!(first.ends_with(b"<header>"), "{}", support::text(&first));
    let mut rest = Vec::new();
    while let Some(chunk) = connection.chunk().unwrap() {
        rest.extend(chunk);
    }
    assert_eq!(support::text(&[first, rest].concat()), POST);
    let gap = from.elapsed() - first_after;
    assert!(gap >= Duration::from_millis(150), "the first part came {gap:?} before the last");
}

#[test]
fn in_a_browser() {
    let is_up = Arc::new(AtomicBool::new(true));
    let up = is_up.clone();
    let origin = Origin::start(move |request, stream| {
        let (status, body) = match request.target.as_str() {
            _ if !up.load(Ordering::SeqCst) => return false,
            "/data/list.json" => ("200 OK", LIST),
            "/data/2021/first.json" => ("200 OK", FIRST),
            _ => ("404 Not Found", ""),
        };
        write!(stream, "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).is_ok()
    });
    let location = format!("http://{}/service-worker.js", origin.address);
    let server = Server::start(&format!("{BROWSER}{SHARED}"), &["--location", &location, "--verify-reset"]);
    expect_pages(&server);
    let targets: Vec<String> = origin.received.lock().unwrap().iter().map(|request| request.target.clone()).collect();
    assert_eq!(targets, ["/data/list.json", "/data/2021/first.json", "/data/2021/none.json"]);
    // With the network gone, from the cache.
    is_up.store(false, Ordering::SeqCst);
    assert_eq!(server.get("/").text(), HOME);
    assert_eq!(server.get("/2021/first.html").text(), POST);
}
