//! Hostile requests: each ends at its limit, and everyone else is served meanwhile.

mod support;

use std::time::{Duration, Instant};
use support::{Server, is_stressed};

const HOSTILE: &str = r"
const hostile = {
  loop() { for (;;); },
  async late() { await null; for (;;); },
  nested() { [1].forEach(() => { for (;;); }); },
  async chain() { for (;;) await null; },
  then() { const next = () => Promise.resolve().then(next); return next(); },
  recursion() { const f = (n) => 1 + f(n + 1); return f(0); },
  array() { const a = []; for (;;) a.push(new Array(1000).fill(0)); },
  string() { let s = 'xxxxxxxx'; const a = []; for (;;) { s += s; a.push(s.toUpperCase()); if (s.length > 1e8) s = 'xxxxxxxx'; } },
  buffer() { const a = []; for (;;) a.push(new Uint8Array(1 << 20)); },
  regexp() { return /^(a+)+$/.test('a'.repeat(40) + 'b'); },
  sort() { const a = Array.from({ length: 1e5 }, (_, i) => i); for (;;) a.sort((x, y) => y - x); },
  never() { return new Promise(() => {}); },
  slow() { return new Promise((resolve) => setTimeout(resolve, 60000)); },
  endless() { return new Response(new ReadableStream({ async pull(c) { await new Promise((f) => setTimeout(f, 5)); c.enqueue(new Uint8Array(10)); } })); },
  flood() { return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(1000)); } })); },
  interval() { return new Promise(() => setInterval(() => {}, 1)); },
  tail(ctx) { ctx.waitUntil(new Promise((resolve) => setTimeout(resolve, 60000))); return new Response('replied'); },
  after() { Promise.resolve().then(() => { for (;;); }); return new Response('replied'); },
};
export default {
  fetch(request, env, ctx) {
    const name = new URL(request.url).pathname.slice(1);
    return hostile[name] ? hostile[name](ctx) : new Response('fine');
  },
};";

/// For what comes to its limit of wall time. Waiting takes next to no CPU time, but under stress each timer that fires costs a collection or
/// more.
const LIMITS: &[&str] = &["--cpu-ms", "1400", "--wall-ms", "1500", "--memory-mib", "16", "--verify-reset"];

/// The same for what comes to its limit of CPU time or memory: on a machine that is busy with other things, that may take long.
const PATIENT_LIMITS: &[&str] = &["--cpu-ms", "100", "--wall-ms", "60000", "--memory-mib", "16", "--verify-reset"];

fn hostile(name: &str, status: u16, wanted: &str) {
    let server = Server::start(HOSTILE, if wanted.contains("1500 ms") { LIMITS } else { PATIENT_LIMITS });
    let from = Instant::now();
    let reply = server.get(&format!("/{name}"));
    assert_eq!(reply.status, status, "{name}: {}\n{}", reply.text(), server.log());
    if status != 200 {
        assert!(reply.text().contains(wanted), "{name}: {}", reply.text());
    }
    server.wait_for_log(wanted);
    assert!(from.elapsed() < Duration::from_secs(10), "{name} took {:?}", from.elapsed());
    for _ in 0..3 {
        assert_eq!(server.get("/").text(), "fine", "after {name}");
    }
}

#[test]
fn cpu_time() {
    for name in ["loop", "late", "nested", "chain", "then", "regexp", "sort"] {
        hostile(name, 503, "100 ms of CPU");
    }
}

#[test]
fn memory() {
    for name in ["array", "string", "buffer"] {
        hostile(name, 503, "16 MiB of memory");
    }
}

#[test]
fn recursion_is_an_ordinary_error() {
    // Under stress the whole stack is scanned at every call, which takes longer than the limit of CPU time.
    if is_stressed() {
        return hostile("recursion", 503, "100 ms of CPU");
    }
    hostile("recursion", 500, "Maximum call stack size exceeded");
}

#[test]
fn wall_clock() {
    hostile("slow", 504, "1500 ms");
    hostile("interval", 504, "1500 ms");
    hostile("endless", 200, "1500 ms");
    hostile("tail", 200, "1500 ms");
}

#[test]
fn a_promise_that_cannot_settle_is_not_waited_for() {
    // Within the seconds that `hostile` allows, where the limit of wall time is a minute.
    hostile("never", 504, "will never answer");
}

#[test]
fn a_reply_survives_what_comes_after() {
    hostile("after", 200, "100 ms of CPU");
}

#[test]
fn endless_bodies_are_cut() {
    let server = Server::start(HOSTILE, LIMITS);
    for name in ["endless", "flood"] {
        let reply = server.get(&format!("/{name}"));
        assert!(!reply.complete && !reply.body.is_empty(), "{name}");
    }
    assert_eq!(server.get("/").text(), "fine");
}

#[test]
fn sizes_of_requests() {
    let server = Server::start(
        "export default { async fetch(r) { return new Response(r.url.endsWith('ignore') ? 'ignored' : String((await r.arrayBuffer()).byteLength)); } }",
        &["--url-bytes", "100", "--header-bytes", "1000", "--body-bytes", "1000"],
    );
    assert_eq!(server.get(&format!("/{}", "x".repeat(99))).status, 200);
    assert_eq!(server.get(&format!("/{}", "x".repeat(100))).status, 414);
    let header = |length: usize| server.connect().request("GET", "/", &[("x", &"y".repeat(length))], b"").status;
    assert_eq!((header(900), header(1000)), (200, 431));
    // A head beyond all measure is not even read: the reply may be lost in the reset of the connection.
    let mut connection = server.connect();
    connection.try_send(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "y".repeat(100_000)));
    server.wait_for_log("a request's head is too large");
    let body = |length: usize| server.connect().request("POST", "/", &[], &vec![b'x'; length]);
    assert_eq!(body(1000).text(), "1000");
    assert_eq!(body(1001).status, 413);
    for limit in ["url-bytes", "header-bytes", "body-bytes"] {
        server.wait_for_log(limit);
    }
    // Chunked, so that the length is not known beforehand.
    let chunked = |path: &str, length: usize| {
        let mut connection = server.connect();
        connection.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
        std::thread::sleep(Duration::from_millis(20));
        connection.try_send(format!("{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length)));
        connection.reply(false)
    };
    assert_eq!(chunked("/", 1000).text(), "1000");
    assert_eq!(chunked("/", 5000).status, 413);
    assert_eq!(chunked("/ignore", 5000).text(), "ignored");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn a_request_body_that_never_ends() {
    let server = Server::start("export default { async fetch(r) { return new Response(await r.text()); } }", &["--wall-ms", "300"]);
    let mut connection = server.connect();
    connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_eq!(connection.reply(false).status, 504);
    assert_eq!(server.connect().request("POST", "/", &[], b"x").text(), "x");
}

#[test]
fn a_loop_does_not_delay_its_neighbours() {
    for name in ["loop", "late", "chain"] {
        let server = Server::start(HOSTILE, &["--cpu-ms", "1500", "--wall-ms", "60000"]);
        let mut burning = server.connect();
        burning.send(format!("GET /{name} HTTP/1.1\r\nHost: x\r\n\r\n"));
        std::thread::sleep(Duration::from_millis(50));
        let mut connection = server.connect();
        let mut times: Vec<Duration> = (0..200)
            .map(|_| {
                let from = Instant::now();
                assert_eq!(connection.get("/").text(), "fine");
                from.elapsed()
            })
            .collect();
        times.sort();
        // The machine that runs tests is busy, so the median is what is bounded: without slices the first reply takes all of the loop's time.
        assert!(times[100] < Duration::from_millis(50), "{name}: median {:?}, worst {:?}", times[100], times[199]);
        assert!(times[199] < Duration::from_millis(1000), "{name}: worst {:?}", times[199]);
        assert_eq!(burning.reply(false).status, 503);
    }
}

#[test]
fn hostile_and_harmless_requests_side_by_side() {
    let server = Server::start(HOSTILE, LIMITS);
    let address = &server.address;
    std::thread::scope(|scope| {
        for name in ["loop", "late", "array", "regexp", "never", "recursion", "endless", "chain"] {
            scope.spawn(move || {
                for _ in 0..2 {
                    let reply = support::Connection::open(address).get(&format!("/{name}"));
                    assert!(reply.status >= 500 || !reply.complete, "{name}: {}", reply.status);
                }
            });
        }
        for _ in 0..4 {
            scope.spawn(move || {
                let mut connection = support::Connection::open(address);
                for _ in 0..50 {
                    let reply = connection.get("/");
                    assert_eq!((reply.status, reply.text().as_str()), (200, "fine"));
                }
            });
        }
    });
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
