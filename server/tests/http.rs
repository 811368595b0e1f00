//! Workers over HTTP: both forms, isolation, streaming, methods, error pages, shutdown.

mod support;

use std::io::Write;
use std::time::{Duration, Instant};
use support::{Server, is_stressed, mayfly, temporary, text};

const HELLO: &str = "export default { fetch: () => new Response('Hello World', { headers: { 'Content-Type': 'text/plain' } }) };";

#[test]
fn hello_in_both_forms() {
    for source in
        [HELLO, "addEventListener('fetch', e => e.respondWith(new Response('Hello World', { headers: { 'Content-Type': 'text/plain' } })))"]
    {
        let server = Server::start(source, &["--verify-reset"]);
        let mut connection = server.connect();
        for _ in 0..3 {
            let reply = connection.get("/");
            assert_eq!((reply.status, reply.text().as_str()), (200, "Hello World"));
            assert_eq!(reply.header("content-type"), Some("text/plain"));
            assert_eq!(reply.header("content-length"), Some("11"));
            assert!(reply.header("date").is_some());
        }
    }
}

const ISOLATION: &str = "
let n = 0;
globalThis.leak ??= [];
export default {
  async fetch(request) {
    globalThis.leak.push(request.url);
    Array.prototype.seen = (Array.prototype.seen ?? 0) + 1;
    if (request.url.includes('slow')) await new Promise((resolve) => setTimeout(resolve, 1));
    return Response.json({ n: ++n, leak: globalThis.leak.length, seen: Array.prototype.seen, id: crypto.randomUUID(), r: Math.random() });
  },
};";

/// `"name":value` of a flat JSON text.
fn field<'a>(json: &'a str, name: &str) -> &'a str {
    let rest = json.split_once(&format!("\"{name}\":")).unwrap_or_else(|| panic!("no {name} in {json}")).1;
    rest.split([',', '}']).next().unwrap()
}

#[test]
fn every_request_has_a_world_of_its_own() {
    let server = Server::start(ISOLATION, &["--verify-reset"]);
    let mut connections: Vec<_> = (0..50).map(|_| server.connect()).collect();
    let (mut ids, mut numbers) = (std::collections::HashSet::new(), std::collections::HashSet::new());
    for round in 0..20 {
        let path = if round % 2 == 0 { "/" } else { "/slow" };
        // All at once, so that instances live side by side.
        for connection in &mut connections {
            connection.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        }
        for connection in &mut connections {
            let json = connection.reply(false).text();
            assert_eq!((field(&json, "n"), field(&json, "leak"), field(&json, "seen")), ("1", "1", "1"), "{json}");
            assert!(ids.insert(field(&json, "id").to_string()), "{json}");
            assert!(numbers.insert(field(&json, "r").to_string()), "{json}");
        }
    }
    assert_eq!((ids.len(), numbers.len()), (1000, 1000));
    assert!(!server.log().contains("differs from its image"), "{}", server.log());
}

#[test]
fn reuse_keeps_the_world() {
    let server = Server::start(ISOLATION, &["--reuse"]);
    let mut connection = server.connect();
    let counts: Vec<String> = (0..3).map(|_| field(&connection.get("/").text(), "n").to_string()).collect();
    assert_eq!(counts, ["1", "2", "3"]);
}

/// What a handler cannot see is not made for it; whatever it can see is there.
#[test]
fn handlers_find_every_argument_that_they_look_at() {
    const SEEN: &str = "const seen = (request, env, ctx) => new Response([request?.url, typeof env, typeof ctx?.waitUntil].join());";
    let all = "http://test.example/,object,function";
    for (handler, expected) in [
        ("fetch() { return seen(); }", ",undefined,undefined"),
        ("fetch() { return seen(...arguments); }", all),
        ("fetch() { return (() => seen(...arguments))(); }", all),
        ("fetch() { return eval('seen(...arguments)'); }", all),
        ("fetch(...all) { return seen(...all); }", all),
        ("fetch({ url }, ...rest) { return seen({ url }, ...rest); }", all),
        ("fetch(request) { return seen(request); }", "http://test.example/,undefined,undefined"),
        ("fetch(request) { return seen(...arguments); }", all),
        ("fetch(request, env) { return seen(request, env); }", "http://test.example/,object,undefined"),
        ("fetch(request = 1, env = 2, ctx = 3) { return seen(request, env, ctx); }", all),
        ("async fetch() { await null; return seen(...arguments); }", all),
        ("fetch: async (request, env, ctx) => seen(request, env, ctx)", all),
        ("fetch: seen", all),
        ("fetch: seen.bind(null)", all),
        ("fetch: new Proxy(seen, {})", all),
        ("get fetch() { return seen; }", all),
    ] {
        for flags in [&["--verify-reset"][..], &["--reuse"][..]] {
            let server = Server::start(&format!("{SEEN} export default {{ {handler} }};"), flags);
            for _ in 0..2 {
                assert_eq!(server.get("/").text(), expected, "{handler} {flags:?}");
            }
        }
    }
}

/// One instance for all requests: nothing of the last one is left where the next one has none of its own.
#[test]
fn reused_instances_forget_the_last_request() {
    let source = "
        let n = 0;
        export default { async fetch() {
            const cookies = await cookieStore.getAll();
            if (n++ === 0) await cookieStore.set('new', '1');
            return new Response(`${n}: ${cookies.map(cookie => cookie.name)}`);
        } };";
    let server = Server::start(source, &["--reuse"]);
    let mut connection = server.connect();
    for (cookies, expected, set) in [("a=1; b=2", "1: a,b", true), ("", "2: ", false), ("c=1", "3: c", false), ("", "4: ", false)] {
        let headers = [("cookie", cookies)];
        let reply = connection.request("GET", "/", if cookies.is_empty() { &[] } else { &headers }, b"");
        assert_eq!((reply.text().as_str(), reply.header("set-cookie").is_some()), (expected, set));
    }
}

#[test]
fn status_text_is_sent() {
    let server = Server::start(
        "export default { fetch: ({ url }) => new Response('x', { status: 299, statusText: url.endsWith('?none') ? '' : 'Quite fine' }) };",
        &[],
    );
    let mut connection = server.connect();
    for (path, expected) in [("/", "Quite fine"), ("/?none", ""), ("/", "Quite fine")] {
        let reply = connection.get(path);
        assert_eq!((reply.status, reply.reason.as_str(), reply.text().as_str()), (299, expected, "x"));
    }
}

#[test]
fn requests_arrive_as_sent() {
    let server = Server::start(
        "export default { async fetch(r, env, ctx) {
            return Response.json({ method: r.method, url: r.url, x: r.headers.get('x-test'), host: r.headers.get('host'),
              body: await r.text(), env: typeof env, ctx: typeof ctx.waitUntil, args: arguments.length }); } }",
        &[],
    );
    let mut connection = server.connect();
    let reply = connection.request("POST", "/a%20b/c?d=e&f=%C3%A9", &[("X-Test", "one"), ("x-test", "two")], "grüß".as_bytes());
    assert_eq!(
        reply.text(),
        r#"{"method":"POST","url":"http://test.example/a%20b/c?d=e&f=%C3%A9","x":"one, two","host":"test.example","body":"grüß","env":"object","ctx":"function","args":3}"#
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
    let reply = connection.get("/");
    assert!(reply.text().contains(r#""body":"""#), "{}", reply.text());
    // A body in pieces, chunked.
    connection.send("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    std::thread::sleep(Duration::from_millis(30));
    connection.send("2\r\nde\r\n0\r\n\r\n");
    assert!(connection.reply(false).text().contains(r#""body":"abcde""#));
    // A body longer than what is read at once.
    let long = vec![b'x'; 300_000];
    let reply = connection.request("POST", "/", &[], &long);
    assert!(reply.text().len() > 300_000, "{}", reply.text().len());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start(
        "export default { async fetch(r) { if (r.url.endsWith('1')) await new Promise(f => setTimeout(f, 20)); return new Response(r.url); } }",
        &[],
    );
    let mut connection = server.connect();
    connection.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
    let replies: Vec<String> = (0..3).map(|_| connection.reply(false).text()).collect();
    assert_eq!(replies, ["http://x/1", "http://x/2", "http://x/3"]);
}

#[test]
fn head_and_options() {
    let server = Server::start(
        "export default { fetch(r) {
            if (r.method === 'OPTIONS') return new Response(null, { status: 204, headers: { allow: 'GET, HEAD' } });
            if (r.url.endsWith('stream')) return new Response(new ReadableStream({ pull(c) { c.enqueue(new Uint8Array(3)); } }), { headers: { 'x-streamed': '1' } });
            return new Response('four', { headers: { 'x-method': r.method } }); } }",
        &["--verify-reset"],
    );
    let mut connection = server.connect();
    let reply = connection.request("HEAD", "/", &[], b"");
    assert_eq!((reply.status, reply.header("x-method"), reply.header("content-length")), (200, Some("HEAD"), Some("4")));
    let reply = connection.request("HEAD", "/stream", &[], b"");
    assert_eq!((reply.status, reply.header("x-streamed")), (200, Some("1")));
    let reply = connection.request("OPTIONS", "/", &[], b"");
    assert_eq!((reply.status, reply.header("allow"), reply.body.len()), (204, Some("GET, HEAD"), 0));
    assert_eq!(connection.request("OPTIONS", "*", &[], b"").status, 204);
    // The connection is still in step.
    assert_eq!(connection.get("/").text(), "four");
    assert_eq!(connection.request("TRACE", "/", &[], b"").status, 501);
}

#[test]
fn streams_arrive_piece_by_piece() {
    let server = Server::start(
        "const e = new TextEncoder();
        export default { fetch(r) { let n = 0; return new Response(new ReadableStream({ async pull(c) {
            if (n) await new Promise(f => setTimeout(f, 50)); c.enqueue(e.encode('piece ' + ++n)); if (n === 4) c.close(); } })); } }",
        &["--verify-reset"],
    );
    let mut connection = server.connect();
    for _ in 0..2 {
        connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        let head = connection.head();
        assert_eq!((head.status, head.header("transfer-encoding")), (200, Some("chunked")));
        let mut times = Vec::new();
        for n in 1..=4 {
            assert_eq!(connection.chunk(), Ok(Some(format!("piece {n}").into_bytes())));
            times.push(Instant::now());
        }
        assert_eq!(connection.chunk(), Ok(None));
        assert!(times[3] - times[0] >= Duration::from_millis(120), "the pieces came together");
    }
}

#[test]
fn a_stream_that_is_there_at_once() {
    let server = Server::start(
        "addEventListener('fetch', e => e.respondWith((async () => new Response(new ReadableStream({
            pull(c) { c.enqueue(new TextEncoder().encode('hello world')); c.close(); } })))()))",
        &["--verify-reset"],
    );
    let mut connection = server.connect();
    for _ in 0..3 {
        let reply = connection.get("/");
        assert_eq!((reply.status, reply.text().as_str(), reply.complete), (200, "hello world", true));
    }
}

/// What may be on the way to a client that reads nothing, in bytes: the worker's queue, hyper's buffer, what the system keeps unsent, what it
/// has sent and the client's system holds (it begins with 64 KiB and grows only when the client reads), and a chunk at each border.
const ON_THE_WAY: u64 = (64 + 64 + 256 + 1024 + 4 * 64) << 10;

#[test]
fn a_slow_client_holds_the_stream_back() {
    const CHUNK: u64 = 64 << 10;
    let server = Server::start(
        "let pulled = 0; export default { fetch(r, env, ctx) {
            const s = new ReadableStream({ pull(c) { pulled++; c.enqueue(new Uint8Array(65536)); }, cancel() { console.log('cancelled after ' + pulled); } }, { highWaterMark: 0 });
            ctx.waitUntil((async () => { for (let i = 0; i < 4; i++) { await new Promise(f => setTimeout(f, 100)); console.log(`pulled [${i}] ${pulled}`); } })());
            return new Response(s); } }",
        &[],
    );
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(connection.head().status, 200);
    let pulled = |i: usize| -> u64 {
        let mark = format!("pulled [{i}] ");
        server.wait_for_log(&mark);
        server.log().split_once(&mark).unwrap().1.split_whitespace().next().unwrap().parse().unwrap()
    };
    let (before, after) = (pulled(2), pulled(3));
    assert!(after * CHUNK <= ON_THE_WAY, "{after} chunks of 64 KiB were made for a client that reads nothing");
    assert_eq!(before, after, "chunks are made though nothing is read");
    // What is read is replaced.
    // (Chunks that were there at once come as one chunk of the transfer, so bytes are counted.)
    let mut read = 0;
    while read < 100 * CHUNK {
        let length = connection.chunk().unwrap().expect("the stream does not end").len() as u64;
        assert_eq!(length % CHUNK, 0, "a chunk was taken apart");
        read += length;
    }
    drop(connection);
    server.wait_for_log("cancelled after ");
    let cancelled: u64 = server.log().split_once("cancelled after ").unwrap().1.split_whitespace().next().unwrap().parse().unwrap();
    assert!(cancelled >= 100, "{cancelled}");
}

#[test]
fn a_slow_client_holds_an_echo_back() {
    let server = Server::start("export default { fetch: (r) => new Response(r.body) }", &["--wall-ms", "60000"]);
    let connection = server.connect();
    let mut sender = connection.stream();
    sender.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
    sender.set_nonblocking(true).unwrap();
    let piece = [b"10000\r\n".as_slice(), &[b'x'; 65536], b"\r\n"].concat();
    let (mut sent, mut at) = (0u64, 0);
    let mut last = Instant::now();
    // Until nothing is taken any more.
    while last.elapsed() < Duration::from_millis(300) && sent < 1 << 30 {
        match sender.write(&piece[at..]) {
            Ok(taken) => {
                sent += taken as u64;
                at = (at + taken) % piece.len();
                last = Instant::now();
            }
            Err(_) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    // The server's system takes up to 32 MiB in (`tcp_rmem`) and the client's keeps 4 MiB unsent; the rest is bounded by the server.
    assert!(sent <= ON_THE_WAY + (36 << 20), "{sent} bytes were taken for a client that reads nothing");
}

#[test]
fn bodies_pass_through() {
    let server = Server::start(
        "export default { async fetch(r) {
            if (r.url.endsWith('text')) return new Response((await r.text()).toUpperCase());
            if (r.url.endsWith('transform')) return new Response(r.body.pipeThrough(new TransformStream({ transform(c, t) { t.enqueue(c.map(b => b + 1)); } })));
            return new Response(r.body); } }",
        &["--verify-reset"],
    );
    let mut connection = server.connect();
    let body: Vec<u8> = (0..200_000u32).map(|i| b'a' + (i % 25) as u8).collect();
    assert_eq!(connection.request("POST", "/echo", &[], &body).body, body);
    let upper: Vec<u8> = body.iter().map(u8::to_ascii_uppercase).collect();
    assert_eq!(connection.request("POST", "/text", &[], &body).body, upper);
    let next: Vec<u8> = body.iter().map(|byte| byte + 1).collect();
    assert_eq!(connection.request("POST", "/transform", &[], &body).body, next);
    // Echoed before all of it was sent.
    connection.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert_eq!(connection.head().status, 200);
    assert_eq!(connection.chunk(), Ok(Some(b"abc".to_vec())));
    connection.send("0\r\n\r\n");
    assert_eq!(connection.chunk(), Ok(None));
}

#[test]
fn wait_until_outlives_the_reply() {
    let server = Server::start(
        "export default { fetch(r, env, ctx) { ctx.waitUntil(new Promise(f => setTimeout(f, 100)).then(() => console.log('afterwards'))); return new Response('now'); } }",
        &[],
    );
    assert_eq!(server.get("/").text(), "now");
    assert!(!server.log().contains("afterwards"));
    server.wait_for_log("afterwards");
}

#[test]
fn errors_show_the_users_code_while_developing() {
    let source = "function deep() {\n  throw new TypeError('the <cause>');\n}\nexport default {\n  async fetch(r) {\n    if (r.url.endsWith('late')) await null;\n    deep();\n  },\n};";
    let server = Server::start(source, &["--verify-reset"]);
    for path in ["/", "/late"] {
        let reply = server.get(path);
        assert_eq!((reply.status, reply.header("content-type")), (500, Some("text/html; charset=utf-8")));
        let page = reply.text();
        for wanted in ["TypeError: the &lt;cause&gt;", "worker.js:2:9", "throw new TypeError", "at deep (", "worker.js:7:5"] {
            assert!(page.contains(wanted), "no {wanted:?} in:\n{page}");
        }
        assert!(!page.contains("<cause>"));
    }
    let reply = server.connect().request("GET", "/", &[("Accept", "application/json")], b"");
    assert_eq!(reply.header("content-type"), Some("text/plain; charset=utf-8"));
    assert!(reply.text().contains("at deep ("), "{}", reply.text());
    server.wait_for_log("TypeError: the <cause>");
}

#[test]
fn production_tells_nothing() {
    let server = Server::start("export default { fetch() { throw new Error('secret'); } }", &["--production", "--log", "json"]);
    let reply = server.get("/");
    assert_eq!((reply.status, reply.text().as_str()), (500, "Internal Server Error\n"));
    server.wait_for_log("secret");
    let log = server.log();
    let line = log.lines().find(|line| line.contains("secret")).unwrap();
    assert!(line.starts_with('{') && line.ends_with('}') && line.contains("\"worker\""), "{line}");
}

#[test]
fn what_is_no_reply_is_an_error() {
    for (source, wanted) in [
        ("export default { fetch() {} }", "did not return a Response"),
        ("export default { fetch: () => 'text' }", "did not return a Response"),
        ("export default { fetch: () => Response.error() }", "network error"),
        ("export default { async fetch(r) { const s = new Response('x'); await s.text(); return s; } }", "already been used"),
        ("addEventListener('fetch', () => {})", "respondWith"),
        ("addEventListener('fetch', () => { throw new Error('early'); })", "early"),
        ("addEventListener('fetch', e => e.respondWith(Promise.reject(new Error('rejected'))))", "rejected"),
        ("export default { fetch: () => { throw null } }", "null"),
        ("export default { fetch() { const f = () => f(); f(); } }", "Maximum call stack"),
    ] {
        // Under stress the whole stack is scanned at every call: recursion comes to the limit of CPU time first.
        if is_stressed() && wanted == "Maximum call stack" {
            continue;
        }
        let server = Server::start(source, &["--verify-reset"]);
        for _ in 0..2 {
            let reply = server.get("/");
            assert_eq!(reply.status, 500, "{source}");
            assert!(reply.text().contains(wanted), "no {wanted:?} for {source}:\n{}", reply.text());
        }
    }
}

#[test]
fn a_stream_that_fails_cuts_the_connection() {
    let server = Server::start(
        "export default { fetch: () => { let n = 0; return new Response(new ReadableStream({ async pull(c) { await null; if (n++) throw new Error('midway'); c.enqueue(new Uint8Array([65])); } })); } }",
        &["--verify-reset"],
    );
    let reply = server.get("/");
    assert_eq!((reply.status, reply.text().as_str(), reply.complete), (200, "A", false));
    server.wait_for_log("midway");
    assert_eq!(server.get("/").status, 200);
}

#[test]
fn termination_finishes_requests_in_flight() {
    let mut server =
        Server::start("export default { async fetch() { await new Promise(f => setTimeout(f, 300)); return new Response('done'); } }", &[]);
    let mut idle = server.connect();
    assert_eq!(idle.get("/").text(), "done");
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::thread::sleep(Duration::from_millis(100));
    server.signal("TERM");
    assert_eq!(connection.reply(false).text(), "done");
    assert!(connection.is_closed() && idle.is_closed());
    assert_eq!(server.wait(), Some(0));
    assert!(std::net::TcpStream::connect(&server.address).is_err());
}

#[test]
fn a_second_signal_ends_at_once() {
    let mut server = Server::start("export default { fetch: () => new Promise(f => setTimeout(f, 20000)) }", &[]);
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    std::thread::sleep(Duration::from_millis(100));
    server.signal("INT");
    server.wait_for_log("finished first");
    server.signal("INT");
    assert_eq!(server.wait(), Some(1));
}

#[test]
fn top_levels_may_not_freeze_chance() {
    for (code, wanted) in [
        ("const r = Math.random();", "Random"),
        ("const id = crypto.randomUUID();", "Random"),
        ("setTimeout(() => {}, 1);", "Timers"),
        ("cookieStore.get('a').catch((e) => { throw e });", "Cookies"),
        ("await new Response(new Blob(['x']).stream().pipeThrough(new CompressionStream('gzip'))).text();", "compressed"),
        ("const p = await new Promise(() => {});", "top-level await"),
        ("throw new Error('at the top');", "at the top"),
    ] {
        let path = temporary("top.js", format!("// first line\n{code}\nexport default {{ fetch() {{}} }};"));
        let image = path.with_extension("image");
        let output = mayfly(&["build", path.to_str().unwrap(), "-o", image.to_str().unwrap()]);
        let message = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{code}: {message}");
        assert!(message.contains(wanted), "{code}: {message}");
        assert!(code.contains("await") || message.contains("top.js:2:"), "{code}: {message}");
        assert!(!image.exists());
    }
}

const STANDING_CLOCKS: &str = "// first line
const later = () => Date.now();
const top = [Date.now(), later(), +new Date(), performance.now(), performance.timeOrigin, Temporal.Now.instant().epochMilliseconds,
    new File([], 'f').lastModified, Date().includes('Jan 01 1970'), new Event('e').timeStamp];
export default { fetch: () => Response.json([top, [later(), +new Date(), performance.timeOrigin].every((ms) => ms > 1.6e12)]) };
";
/// What requests say of these.
const CLOCKS_SEEN: &str = "[[0,0,0,0,0,0,0,true,0],true]";

#[test]
fn clocks_stand_while_the_top_level_runs() {
    let path = temporary("top.js", STANDING_CLOCKS);
    let image = path.with_extension("image");
    let build = || {
        let output = mayfly(&["build", path.to_str().unwrap(), "-o", image.to_str().unwrap(), "--hash-key", "3"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        (text(&output.stderr), std::fs::read(&image).unwrap())
    };
    let (message, first) = build();
    for wanted in ["top.js:3:", "const top = [Date.now(), later()"] {
        assert!(message.contains(wanted), "{message}");
    }
    assert_eq!(message.matches("the clock stands").count(), 1, "{message}");
    assert!(build().1 == first, "the same source gives the same image at any time");
    assert_eq!(Server::start_file(&image, &["--verify-reset"]).get("/").text(), CLOCKS_SEEN);
    let server = Server::start_file(&path, &["--verify-reset"]);
    assert_eq!(server.get("/").text(), CLOCKS_SEEN);
    server.wait_for_log("top.js:3:");
    // Who does not ask is not warned.
    let path = temporary("calm.js", "new Event('e'); const now = () => Date.now(); export default { fetch() { now(); } };");
    let output = mayfly(&["build", path.to_str().unwrap(), "-o", image.to_str().unwrap()]);
    assert!(output.status.success() && output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn images_may_be_overwritten_while_they_are_served() {
    let table = format!("const rows = [{}];", "'some text', ".repeat(20_000));
    let path = temporary("overwritten.js", format!("{table} export default {{ fetch: () => new Response(rows.join('').length + '') }};"));
    let image = path.with_extension("image");
    assert!(mayfly(&["build", path.to_str().unwrap(), "-o", image.to_str().unwrap()]).status.success());
    let images = path.with_file_name("images");
    std::fs::create_dir_all(&images).unwrap();
    assert!(mayfly(&["build", path.to_str().unwrap(), "-o", images.to_str().unwrap()]).status.success());
    let whole = Server::start_file(&image, &["--verify-reset"]);
    let several = Server::launch(&["--workers", images.to_str().unwrap(), "--verify-reset"]);
    let check = || {
        for (server, path) in [(&whole, "/"), (&several, "/overwritten")] {
            assert_eq!(server.get(path).text(), (9 * 20_000).to_string());
            assert!(!server.log().contains("differs from its image"), "{}", server.log());
        }
    };
    check();
    // What was mapped at first has been copied by now.
    std::thread::sleep(Duration::from_secs(2));
    for file in [image, images.join("overwritten.image")] {
        std::fs::OpenOptions::new().write(true).truncate(true).open(file).unwrap();
    }
    for _ in 0..3 {
        check();
    }
}

#[test]
fn the_time_is_there_in_requests() {
    let server = Server::start(
        "const now = () => Date.now(); export default { async fetch() { const a = performance.now(); await new Promise(f => setTimeout(f, 20)); const b = performance.now();
            return Response.json({ year: new Date().getFullYear() > 2000, now: now() > 1e12, took: b - a >= 19 && b - a < 5000, start: a < 1000 }); } }",
        &[],
    );
    for _ in 0..2 {
        assert_eq!(server.get("/").text(), r#"{"year":true,"now":true,"took":true,"start":true}"#);
    }
}
