//! What an instance costs: a whole request without a connection, and the reset after it.
//!
//! `cargo bench -p benches --bench instance`. The requests are handed to a dispatcher as the server does it; nothing of hyper, sockets or
//! tokio is in the way. The application with Hono is there once `compare --install` has bundled it.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use benches::servers::libraries::Bundle;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use http_body_util::Full;
use mayfly_runtime::{BuildOptions, Dispatcher, ReplyBody, Worker, WorkerOptions, build_image};

const HELLO: &str = include_str!("../servers/hello.js");
const HELLO_EVENT: &str = "addEventListener('fetch', event => event.respondWith(new Response('Hello, World!')));";
const HELLO_ASYNC: &str = "export default { async fetch(request) { await null; return new Response('Hello, World!'); } };";
const ROUTER: &str = include_str!("../servers/router.js");
const STREAM: &str = include_str!("../servers/stream.js");
const REGEXPS: &str = include_str!("../servers/regexps.js");

fn dispatcher(source: &str, reuse: bool) -> Rc<Dispatcher> {
    let image = build_image(source, "worker.js", &BuildOptions::default()).expect("the worker's top level runs");
    let options = WorkerOptions { reuse, ..WorkerOptions::default() };
    Dispatcher::new(Worker::from_image_bytes(&image, "worker.js", options).expect("the image was just made"))
}

fn get() -> Request<Full<Bytes>> {
    let request = Request::builder().uri("/").header("host", "127.0.0.1:8080").header("user-agent", "benches").header("accept", "*/*");
    request.body(Full::new(Bytes::new())).expect("a request")
}

fn get_user() -> Request<Full<Bytes>> {
    let mut request = get();
    *request.uri_mut() = http::Uri::from_static("/users/42?verbose=1");
    request
}

fn post() -> Request<Full<Bytes>> {
    let scenario = benches::servers::Scenario::Router;
    let (method, path) = scenario.target();
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080").header("content-type", "application/json");
    request.body(Full::new(Bytes::from(scenario.body()))).expect("a request")
}

fn respond(dispatcher: &Rc<Dispatcher>, request: Request<Full<Bytes>>) -> Response<ReplyBody> {
    match pin!(dispatcher.respond(request)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => panic!("the reply is not there at once"),
    }
}

/// Restore, dispatch, reply and reset; making the request and dropping the reply are not counted.
fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    type Make = fn() -> Request<Full<Bytes>>;
    let hono = Bundle::Hono.source();
    let mut cases: Vec<(&str, &str, bool, Make, u16)> = vec![
        ("hello", HELLO, false, get, 200),
        ("hello, --reuse", HELLO, true, get, 200),
        ("hello by event", HELLO_EVENT, false, get, 200),
        ("hello, async", HELLO_ASYNC, false, get, 200),
        ("JSON router", ROUTER, false, post, 201),
        ("stream of 100 KiB", STREAM, false, get, 200),
        ("regular expressions", REGEXPS, false, get, 200),
    ];
    if let Some(hono) = &hono {
        cases.extend([("hono, text", &**hono, false, get as Make, 200), ("hono, JSON by parameter", hono, false, get_user, 200)]);
    }
    for (name, source, reuse, make, status) in cases {
        let dispatcher = dispatcher(source, reuse);
        assert_eq!(respond(&dispatcher, make()).status().as_u16(), status, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter_batched(make, |request| respond(&dispatcher, black_box(request)), criterion::BatchSize::SmallInput);
        });
    }
    group.finish();
}

/// The reset alone, after a request that has left its traces.
fn resets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reset");
    let hono = Bundle::Hono.source();
    type Make = fn() -> Request<Full<Bytes>>;
    let mut cases: Vec<(&str, &str, Make)> =
        vec![("after hello", HELLO, get), ("after hello by event", HELLO_EVENT, get), ("after hello, async", HELLO_ASYNC, get)];
    if let Some(hono) = &hono {
        cases.push(("after hono, JSON by parameter", hono, get_user));
    }
    for (name, source, make) in cases {
        // With --reuse the pool leaves the traces in the instance.
        let dispatcher = dispatcher(source, true);
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                let mut total = Duration::ZERO;
                for _ in 0..count {
                    let response = respond(&dispatcher, make());
                    let mut instance = dispatcher.pool().take().expect("an instance is idle");
                    let start = Instant::now();
                    black_box(instance.cx.reset());
                    total += start.elapsed();
                    dispatcher.pool().put(instance);
                    drop(response);
                }
                total
            });
        });
    }
    group.finish();
}

criterion_group!(benches, requests, resets);
criterion_main!(benches);
