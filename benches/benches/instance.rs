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

use benches::servers::Scenario;
use benches::servers::libraries::Bundle;
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use http_body_util::Full;
use mayfly_runtime::{BuildOptions, Dispatcher, ReplyBody, Sample, Worker, WorkerOptions, build_image};

const HELLO: &str = include_str!("../servers/hello.js");
const HELLO_EVENT: &str = "addEventListener('fetch', event => event.respondWith(new Response('Hello, World!')));";
const HELLO_ASYNC: &str = "export default { async fetch(request) { await null; return new Response('Hello, World!'); } };";
const ROUTER: &str = include_str!("../servers/router.js");
const STREAM: &str = include_str!("../servers/stream.js");
const REGEXPS: &str = include_str!("../servers/regexps.js");

/// One thing that is asked of a worker.
struct Case<'a> {
    name: &'a str,
    source: &'a str,
    reuse: bool,
    request: fn() -> Request<Full<Bytes>>,
    status: u16,
    /// What the image is warmed with: a request of the kind with other contents, or the one that `mayfly build` takes by itself.
    sample: Vec<Sample>,
    /// What it is primed with.
    primes: Vec<Sample>,
}

impl<'a> Case<'a> {
    fn new(name: &'a str, source: &'a str) -> Case<'a> {
        Case { name, source, reuse: false, request: get, status: 200, sample: vec![Sample::default()], primes: Vec::new() }
    }
}

fn dispatcher(case: &Case<'_>) -> Rc<Dispatcher> {
    let build = BuildOptions { samples: case.sample.clone(), primes: case.primes.clone(), ..BuildOptions::default() };
    let image = build_image(case.source, "worker.js", &build).expect("the worker's top level runs");
    let options = WorkerOptions { reuse: case.reuse, ..WorkerOptions::default() };
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
    let scenario = Scenario::Router;
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

/// Applications with Hono: as it is, with a router that is made by the first request to an instance; with the one that it has for
/// applications that are made anew for each request; and as it is, in an image that is primed with a request (`mayfly build --prime`), so
/// that it has the router.
fn hono() -> Vec<(&'static str, String, Vec<Sample>)> {
    let prime = Sample::default();
    [("hono", Bundle::Hono, Vec::new()), ("hono/quick", Bundle::HonoQuick, Vec::new()), ("hono, primed", Bundle::Hono, vec![prime])]
        .into_iter()
        .filter_map(|(name, bundle, primes)| Some((name, bundle.source()?, primes)))
        .collect()
}

fn user_sample() -> Vec<Sample> {
    vec![Sample::get("http://localhost/users/7")]
}

/// Restore, dispatch, reply and reset; making the request and dropping the reply are not counted.
fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    let router = Scenario::Router.sample().and_then(|sample| Sample::recorded(&sample).ok()).expect("a recorded request");
    let hono: Vec<_> = hono()
        .into_iter()
        .map(|(name, source, primes)| (format!("{name}, text"), format!("{name}, JSON by parameter"), source, primes))
        .collect();
    let mut cases = vec![
        Case::new("hello", HELLO),
        Case { reuse: true, ..Case::new("hello, --reuse", HELLO) },
        Case::new("hello by event", HELLO_EVENT),
        Case::new("hello, async", HELLO_ASYNC),
        Case { request: post, status: 201, sample: router, ..Case::new("JSON router", ROUTER) },
        Case::new("stream of 100 KiB", STREAM),
        Case::new("regular expressions", REGEXPS),
    ];
    for (text, json, source, primes) in &hono {
        cases.push(Case { primes: primes.clone(), ..Case::new(text, source) });
        cases.push(Case { request: get_user, sample: user_sample(), primes: primes.clone(), ..Case::new(json, source) });
    }
    for case in cases {
        let dispatcher = dispatcher(&case);
        let Case { name, request, status, .. } = case;
        assert_eq!(respond(&dispatcher, request()).status().as_u16(), status, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter_batched(request, |request| respond(&dispatcher, request), criterion::BatchSize::SmallInput);
        });
    }
    group.finish();
}

/// The reset alone, after a request that has left its traces.
fn resets(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reset");
    let hono: Vec<_> =
        hono().into_iter().map(|(name, source, primes)| (format!("after {name}, JSON by parameter"), source, primes)).collect();
    let mut cases =
        vec![Case::new("after hello", HELLO), Case::new("after hello by event", HELLO_EVENT), Case::new("after hello, async", HELLO_ASYNC)];
    cases.extend(hono.iter().map(|(name, source, primes)| {
        let primes = primes.clone();
        Case { request: get_user, sample: user_sample(), primes, ..Case::new(name, source) }
    }));
    for case in cases {
        // With --reuse the pool leaves the traces in the instance.
        let dispatcher = dispatcher(&Case { reuse: true, ..case });
        let Case { name, request, .. } = case;
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|count| {
                let mut total = Duration::ZERO;
                for _ in 0..count {
                    let response = respond(&dispatcher, request());
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
