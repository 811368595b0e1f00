//! Requests handed to a dispatcher without any connection.

use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use mayfly_runtime::{BuildOptions, Dispatcher, Limits, ReplyBody, Worker, WorkerOptions, build_image};

fn dispatcher(source: &str, options: WorkerOptions) -> Rc<Dispatcher> {
    let image = build_image(source, "worker.js", &BuildOptions::default()).unwrap();
    Dispatcher::new(Worker::from_image_bytes(&image, "worker.js", options).unwrap())
}

fn request(path: &str, body: &'static str) -> Request<Full<Bytes>> {
    Request::builder().uri(path).header("host", "h").body(Full::new(Bytes::from_static(body.as_bytes()))).unwrap()
}

/// What the first poll gives: nothing is woken, nothing is spawned.
fn at_once(dispatcher: &Rc<Dispatcher>, request: Request<Full<Bytes>>) -> Option<Response<ReplyBody>> {
    if is_stressed() {
        return Some(in_the_end(dispatcher, request));
    }
    match pin!(dispatcher.respond(request)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => Some(response),
        Poll::Pending => None,
    }
}

/// What comes when everything has run. (Somebody must read the body meanwhile, or a long one never ends.)
fn in_the_end(dispatcher: &Rc<Dispatcher>, request: Request<Full<Bytes>>) -> Response<ReplyBody> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let (head, body) = dispatcher.respond(request).await.into_parts();
        let body = body.collect().await.expect("a body that ends").to_bytes();
        dispatcher.wait_idle().await;
        Response::from_parts(head, ReplyBody::Full(body))
    })
}

fn text(response: Response<ReplyBody>) -> String {
    let mut body = pin!(response.into_body().collect());
    match body.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(collected)) => String::from_utf8(collected.to_bytes().to_vec()).unwrap(),
        _ => panic!("the body is not complete"),
    }
}

/// `MAYFLY_TEST_FLAGS=--gc-stress` collects garbage at every safepoint of every test. No request is short then.
fn is_stressed() -> bool {
    std::env::var("MAYFLY_TEST_FLAGS").is_ok_and(|flags| flags.contains("--gc-stress"))
}

fn options() -> WorkerOptions {
    WorkerOptions {
        limits: Limits {
            cpu_ms: if is_stressed() { 60_000 } else { 1000 },
            wall_ms: 60_000,
            memory_mib: 64,
            body_bytes: 1 << 20,
            url_bytes: 1 << 10,
            header_bytes: 1 << 12,
            subrequests: 10,
        },
        reuse: false,
        production: false,
        verify_reset: true,
        gc_stress: is_stressed(),
        ..WorkerOptions::default()
    }
}

#[test]
fn short_requests_are_done_in_one_poll() {
    for source in [
        "export default { fetch: () => new Response('done') }",
        "export default { async fetch(r) { await null; await Promise.all([1, r.text()]); return new Response('done'); } }",
        "export default { async fetch(r, env, ctx) { ctx.waitUntil(Promise.resolve()); return new Response('done'); } }",
        "addEventListener('fetch', e => e.respondWith((async () => { await 1; e.waitUntil(Promise.resolve()); return new Response('done'); })()))",
        "addEventListener('fetch', e => {}); addEventListener('fetch', e => e.respondWith(new Response('done')))",
        "export default { fetch: () => ({ then(f) { f(new Response('done')); } }) }",
    ] {
        let dispatcher = dispatcher(source, options());
        for _ in 0..3 {
            let response = at_once(&dispatcher, request("/", "body")).unwrap_or_else(|| panic!("pending: {source}"));
            assert_eq!((response.status().as_u16(), text(response).as_str()), (200, "done"), "{source}");
        }
        assert_eq!(dispatcher.pool().idle_count(), 1, "{source}");
    }
}

/// A body that gives `count` chunks of 1 KiB when it is asked, and does `before` before each.
fn stream(before: &str, count: usize) -> String {
    format!(
        "const chunk = new Uint8Array(1024).fill(120);
         export default {{ async fetch() {{ let left = {count}; return new Response(new ReadableStream({{
           async pull(c) {{ {before}; c.enqueue(chunk.slice()); if (--left === 0) c.close(); }} }})); }} }}"
    )
}

#[test]
fn streams_that_do_not_wait_are_done_in_one_poll() {
    let many_at_once = "export default { fetch: () => new Response(new ReadableStream({ start(c) {
        for (let i = 0; i < 100; i++) c.enqueue(new Uint8Array(1024).fill(120)); c.close(); } })) }";
    let bytes = "export default { fetch: () => { let left = 100; return new Response(new ReadableStream({ type: 'bytes', pull(c) {
        c.enqueue(new Uint8Array(1024).fill(120)); if (--left === 0) c.close(); } })); } }";
    let transformed =
        "export default { fetch: () => { const { readable, writable } = new TransformStream(); const writer = writable.getWriter();
        (async () => { for (let i = 0; i < 100; i++) await writer.write(new Uint8Array(1024).fill(120)); await writer.close(); })();
        return new Response(readable); } }";
    for source in [stream("", 100).as_str(), stream("await null", 100).as_str(), many_at_once, bytes, transformed] {
        let dispatcher = dispatcher(source, options());
        for _ in 0..3 {
            let response = at_once(&dispatcher, request("/", "")).unwrap_or_else(|| panic!("pending: {source}"));
            if !is_stressed() {
                assert_eq!(response.body().size_hint().exact(), Some(100 << 10), "{source}");
            }
            assert_eq!(text(response), "x".repeat(100 << 10), "{source}");
        }
        assert_eq!(dispatcher.pool().idle_count(), 1, "{source}");
    }
}

#[test]
fn streams_that_wait_or_are_long_go_on_in_a_task() {
    for (source, length) in [
        (stream("await new Promise(done => setTimeout(done, 1))", 5), 5 << 10),
        (stream("if (left === 3) await new Promise(done => setTimeout(done, 5))", 100), 100 << 10),
        (stream("", 5000), 5000 << 10),
    ] {
        let dispatcher = dispatcher(&source, options());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            for _ in 0..2 {
                let response = dispatcher.respond(request("/", "")).await;
                assert_eq!(response.body().size_hint().exact(), None, "{source}");
                let body = response.into_body().collect().await.unwrap().to_bytes();
                assert!(body.len() == length && body.iter().all(|&byte| byte == b'x'), "{source}: {}", body.len());
            }
            dispatcher.wait_idle().await;
        });
        assert!(dispatcher.pool().idle_count() >= 1, "{source}");
    }
}

/// What was given before a stream fails is sent, and then the reply breaks off; the next one is whole.
#[test]
fn streams_that_fail_break_off() {
    let dispatcher = dispatcher(
        "export default { fetch(r) { let n = 0; return new Response(new ReadableStream({ pull(c) {
            if (n++ === 2) { if (r.url.endsWith('type')) c.enqueue('text'); else if (r.url.endsWith('throw')) throw new Error('midway'); else c.close(); return; }
            c.enqueue(new Uint8Array([65])); } })); } }",
        options(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        for (path, fails) in [("/", false), ("/throw", true), ("/type", true), ("/", false)] {
            let mut body = dispatcher.respond(request(path, "")).await.into_body();
            let (mut received, mut failed) = (Vec::new(), false);
            while let Some(frame) = body.frame().await {
                match frame {
                    Ok(frame) => received.extend_from_slice(&frame.into_data().unwrap()),
                    Err(_) => {
                        failed = true;
                        break;
                    }
                }
            }
            assert_eq!((received.as_slice(), failed), (b"AA".as_slice(), fails), "{path}");
        }
        dispatcher.wait_idle().await;
    });
    assert_eq!(dispatcher.pool().idle_count(), 1);
}

#[test]
fn a_stream_that_is_there_at_once_does_not_end_what_the_request_waits_for() {
    let dispatcher = dispatcher(
        "const store = caches.default; export default { async fetch(r, env, ctx) {
            if (r.url.endsWith('look')) return new Response((await store.match('http://h/done')) ? 'done' : 'not yet');
            ctx.waitUntil((async () => { await new Promise(done => setTimeout(done, 5)); await store.put('http://h/done', new Response('')); })());
            return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array([65])); c.close(); } })); } }",
        options(),
    );
    assert_eq!(text(in_the_end(&dispatcher, request("/", ""))), "A");
    assert_eq!(text(in_the_end(&dispatcher, request("/look", ""))), "done");
}

#[test]
fn worlds_do_not_leak() {
    let dispatcher = dispatcher(
        "let n = 0; const cache = new Map(); class A { static made = 0; constructor() { A.made++; } }
         export default { async fetch(r) { new A(); cache.set(n++, {}); Object.prototype.x = (Object.prototype.x ?? 0) + 1; globalThis['k' + Math.random()] = 1;
           return new Response([n, cache.size, A.made, ({}).x, Object.keys(globalThis).filter(k => k.startsWith('k0')).length].join()); } }",
        options(),
    );
    for _ in 0..200 {
        assert_eq!(text(at_once(&dispatcher, request("/", "")).unwrap()), "1,1,1,1,1");
    }
    assert_eq!(dispatcher.pool().idle_count(), 1);
}

#[test]
fn reuse_is_told_apart() {
    let dispatcher = dispatcher("let n = 0; export default { fetch: () => new Response(++n) }", WorkerOptions { reuse: true, ..options() });
    let counts: Vec<String> = (0..3).map(|_| text(at_once(&dispatcher, request("/", "")).unwrap())).collect();
    assert_eq!(counts, ["1", "2", "3"]);
}

#[test]
fn stopped_instances_are_given_up() {
    let dispatcher = dispatcher(
        "export default { fetch(r) { if (r.url.endsWith('bomb')) { const a = []; for (;;) a.push(new Array(10000).fill(0)); } return new Response('fine'); } }",
        options(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, async {
        for _ in 0..2 {
            assert_eq!(dispatcher.respond(request("/bomb", "")).await.status().as_u16(), 503);
            assert_eq!(text(dispatcher.respond(request("/", "")).await), "fine");
        }
        dispatcher.wait_idle().await;
    });
    assert!(dispatcher.pool().idle_count() >= 1);
}

#[test]
fn hosts_and_targets() {
    let dispatcher = dispatcher("export default { fetch: (r) => new Response(r.url) }", options());
    let send = |uri: &str, host: Option<&str>| {
        let mut request = Request::builder().uri(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        let response = at_once(&dispatcher, request.body(Full::new(Bytes::new())).unwrap()).unwrap();
        (response.status().as_u16(), text(response))
    };
    assert_eq!(send("/a?b", Some("x:81")), (200, "http://x:81/a?b".to_string()));
    assert_eq!(send("http://y/z", Some("y")), (200, "http://y/z".to_string()));
    assert_eq!(send("/", None), (200, "http://localhost/".to_string()));
    assert_eq!(send("/", Some("[::1]:80")).0, 200);
    for host in ["", "a b", "a/b", "a@b", "a?b"] {
        assert_eq!(send("/", Some(host)).0, 400, "{host:?}");
    }
}

#[test]
fn trimming_keeps_what_is_used() {
    let dispatcher = dispatcher("export default { fetch: () => new Response('x') }", options());
    let instances: Vec<_> = (0..8).map(|_| dispatcher.pool().take().unwrap()).collect();
    for instance in instances {
        dispatcher.pool().put(instance);
    }
    assert_eq!(dispatcher.pool().idle_count(), 8);
    // The first call begins to watch; then half of the unused go each time.
    for _ in 0..10 {
        dispatcher.pool().trim();
    }
    assert_eq!(dispatcher.pool().idle_count(), 1);
    assert_eq!(text(at_once(&dispatcher, request("/", "")).unwrap()), "x");
}

#[test]
fn schedules_run_in_worlds_of_their_own() {
    const MODULE: &str = "
        let runs = 0, seen = [];
        const cache = () => caches.open('runs');
        export default {
            async fetch() { return new Response(await (await (await cache()).match('http://h/last'))?.text() ?? 'none'); },
            async scheduled(controller, env, context) {
                const told = [++runs, controller.cron, controller.scheduledTime, typeof env, arguments.length].join();
                await new Promise(done => setTimeout(done, 1));
                if (controller.cron === 'endless') for (;;);
                context.waitUntil((async () => (await cache()).put('http://h/last', new Response(told)))());
            },
        };";
    const SCRIPT: &str = "
        addEventListener('fetch', event => event.respondWith(caches.open('runs').then(cache => cache.match('http://h/last')).then(r => r ?? new Response('none'))));
        addEventListener('scheduled', event => event.waitUntil(caches.open('runs').then(cache =>
            cache.put('http://h/last', new Response([1, event.cron, event.scheduledTime, 'object', 3].join())))));";
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for source in [MODULE, SCRIPT] {
        let options = WorkerOptions { limits: Limits { cpu_ms: 5_000, ..Limits::default() }, ..options() };
        let dispatcher = dispatcher(source, options);
        tokio::task::LocalSet::new().block_on(&runtime, async {
            assert_eq!(text_of(dispatcher.respond(request("/", "")).await).await, "none");
            for _ in 0..2 {
                assert!(dispatcher.scheduled("*/5 * * * *", 1_234_567_890_000.0).await.unwrap());
                assert_eq!(text_of(dispatcher.respond(request("/", "")).await).await, "1,*/5 * * * *,1234567890000,object,3");
            }
        });
    }
    let limits = Limits { cpu_ms: if is_stressed() { 5_000 } else { 200 }, ..Limits::default() };
    let endless = dispatcher(MODULE, WorkerOptions { limits, ..options() });
    let none = dispatcher("export default { fetch: () => new Response('x') }", options());
    tokio::task::LocalSet::new().block_on(&runtime, async {
        // It is stopped, and the next run finds a sound instance.
        assert!(endless.scheduled("endless", 0.0).await.unwrap());
        assert_eq!(text_of(endless.respond(request("/", "")).await).await, "none");
        assert!(endless.scheduled("short", 0.0).await.unwrap());
        assert_eq!(text_of(endless.respond(request("/", "")).await).await, "1,short,0,object,3");
        assert!(!none.scheduled("* * * * *", 0.0).await.unwrap());
    });
}

async fn text_of(response: Response<ReplyBody>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
}
