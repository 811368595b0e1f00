//! Several workers in one process, one of them hostile: the others' requests are all answered, and soon.
//!
//! `MAYFLY_P99_MS=10 cargo test --release -p mayfly --test neighbours -- --nocapture --test-threads 1` prints latencies and bounds their 99th
//! percentile; without it only medians are bounded, and loosely, for busy machines.

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use support::{Connection, Reply, Server, is_stressed, temporary};

const HELLO: &str = "export default { fetch: () => new Response('Hello World', { headers: { 'Content-Type': 'text/plain' } }) };";

const HOSTILE: &str = r"
const hostile = {
  loop() { for (;;); },
  recursion() { const f = (n) => 1 + f(n + 1); return f(0); },
  async chain() { for (;;) await null; },
  then() { const next = () => Promise.resolve().then(next); return next(); },
  allocation() { const a = []; for (;;) a.push(new Array(1000).fill(0)); },
  doubling() { let s = 'x'; for (;;) s += s; },
  flattened() { let s = 'x'; for (;;) { s += s; s.indexOf('y'); } },
  regexp() { return new Response(/^(a+)+$/.test('a'.repeat(40) + 'b')); },
  endless() { return new Response(new ReadableStream({ async pull(c) { await new Promise((f) => setTimeout(f, 5)); c.enqueue(new Uint8Array(10)); } })); },
  async upload(request) { return new Response(await request.text()); },
  never() { return new Promise(() => {}); },
  forever() { return new Promise(() => setInterval(() => {}, 10)); },
};
export default { fetch: (request) => hostile[new URL(request.url).pathname.split('/').pop()](request) };";

/// Name, status (200 for what ends by a cut), text of the log line.
const ENDS: &[(&str, u16, &str)] = &[
    ("loop", 503, "cpu-ms"),
    ("recursion", 500, "Maximum call stack size exceeded"),
    ("chain", 503, "cpu-ms"),
    ("then", 503, "cpu-ms"),
    ("allocation", 503, "memory-mib"),
    ("doubling", 500, "Invalid string length"),
    ("flattened", 503, "memory-mib"),
    ("regexp", 503, "cpu-ms"),
    ("endless", 200, "wall-ms"),
    ("upload", 504, "wall-ms"),
    ("never", 504, "never-settles"),
    ("forever", 504, "wall-ms"),
];

fn start(limits: &[&str]) -> Server {
    let hello = temporary("hello.js", HELLO);
    let hostile = format!("/hostile/*={}", temporary("hostile.js", HOSTILE).display());
    Server::launch(&[limits, &["--worker", &hostile, hello.to_str().unwrap()]].concat())
}

fn attack(address: &str, name: &str) -> Reply {
    let mut connection = Connection::open(address);
    if name == "upload" {
        connection.send("POST /hostile/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
        return connection.reply(false);
    }
    connection.get(&format!("/hostile/{name}"))
}

#[test]
fn every_attack_ends_and_no_other_request_fails() {
    let server = start(&["--cpu-ms", "100", "--wall-ms", "8000", "--memory-mib", "32"]);
    let address = &server.address;
    let (over, served) = (AtomicBool::new(false), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut connection = Connection::open(address);
                while !over.load(Ordering::Relaxed) {
                    let reply = connection.get("/");
                    assert_eq!((reply.status, reply.text().as_str(), reply.complete), (200, "Hello World", true));
                    served.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let attacks: Vec<_> = ENDS
            .iter()
            // Under stress the whole stack is scanned at every call: recursion comes to the limit of CPU time first.
            .map(|&attack| if is_stressed() && attack.0 == "recursion" { ("recursion", 503, "cpu-ms") } else { attack })
            .map(|(name, status, wanted)| {
                let server = &server;
                scope.spawn(move || {
                    for _ in 0..2 {
                        let from = Instant::now();
                        let reply = attack(address, name);
                        println!(
                            "{name}: {} after {:?}, {}",
                            reply.status,
                            from.elapsed(),
                            reply.text().lines().next().unwrap_or_default()
                        );
                        assert_eq!(reply.status, status, "{name}: {}", reply.text());
                        assert!(status != 200 || !reply.complete, "{name} was not cut");
                        server.wait_for_log(wanted);
                    }
                })
            })
            .collect();
        let outcomes: Vec<_> = attacks.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::Relaxed);
        assert!(outcomes.iter().all(Result::is_ok));
    });
    let served = served.into_inner();
    println!("{served} requests served meanwhile, none failed");
    assert!(served > 20, "only {served} requests were served");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// Latencies of hello requests on one connection for as long as `burning` says.
fn latencies(address: &str, time: Duration) -> Vec<Duration> {
    let mut connection = Connection::open(address);
    let from = Instant::now();
    let mut times = Vec::new();
    while from.elapsed() < time || times.len() < 100 {
        let from = Instant::now();
        let reply = connection.get("/");
        times.push(from.elapsed());
        assert_eq!((reply.status, reply.text().as_str()), (200, "Hello World"));
    }
    times.sort();
    times
}

/// Median of the latencies of hello requests while `count` connections burn their CPU limit over and over; with `MAYFLY_P99_MS` their 99th
/// percentile, which on a busy machine says more about the machine.
fn measure(name: &str, count: usize, time: Duration) -> Duration {
    let server = start(&["--cpu-ms", "1000", "--wall-ms", "60000"]);
    let address = &server.address;
    let over = AtomicBool::new(false);
    let times = std::thread::scope(|scope| {
        for _ in 0..count {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(attack(address, name).status, 503);
                }
            });
        }
        std::thread::sleep(Duration::from_millis(50));
        let times = latencies(address, time);
        over.store(true, Ordering::Relaxed);
        times
    });
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    let bounded = if std::env::var_os("MAYFLY_P99_MS").is_some() { at(99) } else { at(50) };
    println!("{count} × {name}: {} hello requests, p50 {:?}, p90 {:?}, p99 {:?}, worst {:?}", times.len(), at(50), at(90), at(99), at(100));
    bounded
}

#[test]
fn latency_beside_computations() {
    let bound = std::env::var("MAYFLY_P99_MS").ok().and_then(|bound| bound.parse().ok());
    // Without slices, each request would wait for most of the loop's second.
    let (bound, time) = bound.map_or((Duration::from_millis(300), 500), |bound| (Duration::from_millis(bound), 3000));
    if is_stressed() {
        return;
    }
    measure("loop", 0, Duration::from_millis(time));
    // What `then` keeps alive grows to the memory limit: its collections are sliced like any computation.
    for name in ["loop", "chain", "then"] {
        let latency = measure(name, 1, Duration::from_millis(time));
        assert!(latency < bound, "{name}: {latency:?}");
    }
    // A round of slices is as long as there are computations.
    measure("loop", 4, Duration::from_millis(time));
}

#[test]
fn routes() {
    let worker = |name: &str| {
        let source = format!("export default {{ fetch: (r) => new Response('{name} ' + new URL(r.url).pathname) }}");
        temporary(&format!("{name}.js"), source).display().to_string()
    };
    let routed = |route: &str, name: &str| format!("{route}={}", worker(name));
    let (api, v2, host, tenants) =
        (routed("/api/*", "api"), routed("/api/v2/*", "v2"), routed("site.example/*", "site"), routed("*.site.example/*", "tenants"));
    let arguments = ["--worker", &api, "--worker", &v2, "--worker", &host, "--worker", &tenants];
    let ask = |server: &Server, host: &str, path: &str| {
        let mut connection = server.connect();
        connection.send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let reply = connection.reply(false);
        (reply.status, reply.text())
    };
    let server = Server::launch(&[&arguments[..], &[&worker("rest")]].concat());
    for (host, path, wanted) in [
        ("x", "/", "rest /"),
        ("x", "/api/a?b", "api /api/a"),
        ("x", "/api/v2/a", "v2 /api/v2/a"),
        ("site.example:81", "/api/a", "site /api/a"),
        ("a.site.example", "/q", "tenants /q"),
    ] {
        assert_eq!(ask(&server, host, path), (200, wanted.to_string()), "{host}{path}");
    }
    // The same connection goes to several workers.
    let mut connection = server.connect();
    for (path, wanted) in [("/api/", "api /api/"), ("/", "rest /"), ("/api/v2/", "v2 /api/v2/")] {
        assert_eq!(connection.get(path).text(), wanted);
    }
    let server = Server::launch(&arguments);
    assert_eq!(ask(&server, "x", "/api/a").0, 200);
    assert_eq!(ask(&server, "x", "/"), (404, "No worker is routed here.\n".to_string()));
}
