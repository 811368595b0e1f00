//! Requests that workers send themselves.

#![allow(missing_docs)]

mod support;

use std::io::Write;
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use support::origin::{Origin, reply};
use support::{Server, mayfly, temporary, text};

/// Answers with what it got.
fn echo() -> Origin {
    Origin::replies(|request| {
        let mut body = format!("{} {}\n", request.method, request.target).into_bytes();
        body.extend_from_slice(&request.body);
        reply("200 Fine", &[("X-Origin", "a"), ("X-Origin", "b")], &body)
    })
}

/// A worker that runs `body` with `o`, the origin's URL, and answers with what it returns.
fn worker(origin: &Origin, body: &str) -> String {
    format!(
        "const o = 'http://{}';
         export default {{ async fetch(request, env, ctx) {{
             const show = async (promise) => {{ try {{ return await promise; }} catch (e) {{ return String(e); }} }};
             const result = await (async () => {{ {body} }})();
             return result instanceof Response ? result : new Response(typeof result === 'string' ? result : JSON.stringify(result));
         }} }};",
        origin.address
    )
}

fn run(origin: &Origin, body: &str) -> String {
    Server::start(&worker(origin, body), &[]).get("/").text()
}

#[test]
fn requests_and_responses() {
    let origin = echo();
    let got = run(
        &origin,
        "const r = await fetch(o + '/p?q=1#f', { method: 'put', body: 'ä', headers: { A: 'b', Host: 'evil', Connection: 'close' } });
         return [r.status, r.statusText, r.ok, r.url, r.redirected, r.type, r.headers.get('x-origin'), await r.text()]",
    );
    assert_eq!(got, format!(r#"[200,"Fine",true,"http://{}/p?q=1",false,"basic","a, b","PUT /p?q=1\nä"]"#, origin.address));
    let request = origin.received.lock().unwrap()[0].clone();
    assert_eq!(request.header("host"), Some(&*origin.address));
    assert_eq!(request.header("content-length"), Some("2"));
    assert_eq!(request.header("content-type"), Some("text/plain;charset=UTF-8"));
    assert_eq!((request.header("a"), request.header("accept"), request.header("user-agent")), (Some("b"), Some("*/*"), Some("Mayfly")));
    assert_eq!((request.header("connection"), request.header("transfer-encoding")), (None, None));
}

#[test]
fn bodies_that_are_none() {
    let origin = Origin::replies(|request| match request.target.as_str() {
        "/204" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "/304" => b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(),
        _ if request.method == "HEAD" => b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n".to_vec(),
        _ => reply("200 OK", &[], b""),
    });
    let got = run(
        &origin,
        "const r = [];
         for (const [path, method] of [['/204', 'GET'], ['/304', 'GET'], ['/', 'HEAD'], ['/', 'GET'], ['/', 'POST']]) {
             const response = await fetch(o + path, { method });
             r.push([response.status, response.body === null, (await response.text()).length]);
         }
         return r",
    );
    assert_eq!(got, "[[204,true,0],[304,true,0],[200,true,0],[200,false,0],[200,false,0]]");
    let received = origin.received.lock().unwrap();
    assert_eq!((received[3].header("content-length"), received[4].header("content-length")), (None, Some("0")));
}

#[test]
fn redirects() {
    let other = echo();
    let elsewhere = other.url("/other");
    let origin = Origin::replies(move |request| {
        let mut parts = request.target.trim_start_matches('/').splitn(2, '/');
        let (status, rest) = (parts.next().unwrap(), parts.next().unwrap_or(""));
        match (status, rest) {
            ("loop", count) => {
                let count: u32 = count.parse().unwrap();
                if count == 0 {
                    reply("200 OK", &[], b"end")
                } else {
                    reply("302 Found", &[("Location", &format!("/loop/{}", count - 1))], b"")
                }
            }
            ("none", _) => reply("302 Found", &[], b"nowhere"),
            ("bad", _) => reply("302 Found", &[("Location", "http://[")], b""),
            ("data", _) => reply("302 Found", &[("Location", "data:,x")], b""),
            ("away", _) => reply("307 Temporary Redirect", &[("Location", &elsewhere)], b""),
            ("echo", _) => reply("200 OK", &[], format!("{} {}", request.method, text(&request.body)).as_bytes()),
            (status, _) => reply(&format!("{status} R"), &[("Location", "../echo/x")], b"ignored"),
        }
    });
    let got = run(
        &origin,
        "const r = [];
         const go = async (path, init) => show(fetch(o + path, init).then(async x => [x.status, x.redirected, x.url.replace(o, ''), await x.text()]));
         for (const status of [301, 302, 303, 307, 308]) r.push(await go('/' + status + '/a#f', { method: 'POST', body: 'b' }));
         r.push(await go('/303/a', { method: 'HEAD' }), await go('/302/a', { method: 'PUT', body: 'b' }));
         return r",
    );
    assert_eq!(
        got,
        r#"[[200,true,"/echo/x","GET "],[200,true,"/echo/x","GET "],[200,true,"/echo/x","GET "],[200,true,"/echo/x","POST b"],[200,true,"/echo/x","POST b"],[200,true,"/echo/x",""],[200,true,"/echo/x","PUT b"]]"#
    );
    let received = origin.received.lock().unwrap().clone();
    assert_eq!((received[1].header("content-type"), received[7].header("content-type").is_some()), (None, true));

    let got = run(
        &origin,
        "const r = [];
         const status = (path, init) => show(fetch(o + path, init).then(x => x.status + (x.headers.get('location') ?? '')));
         for (const path of ['/loop/20', '/loop/21', '/none', '/bad', '/data']) r.push(await status(path));
         r.push(await status('/302', { redirect: 'manual' }), await status('/302', { redirect: 'error' }));
         const stream = () => new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } });
         r.push(await status('/307', { method: 'POST', body: stream(), duplex: 'half' }), await status('/303', { method: 'POST', body: stream(), duplex: 'half' }));
         return r.join('\\n')",
    );
    assert_eq!(
        got,
        "200\n\
         TypeError: fetch failed: there are too many redirects\n\
         302\n\
         TypeError: fetch failed: the server redirects to 'http://[', which is not a URL\n\
         TypeError: fetch failed: the server redirects to a URL of scheme 'data'\n\
         302../echo/x\n\
         TypeError: fetch failed: the server redirects, and the request's redirect mode is 'error'\n\
         TypeError: fetch failed: the server redirects, and the request's body was a stream, which cannot be sent again\n\
         200"
    );

    run(&origin, "return (await fetch(o + '/away', { headers: { Authorization: 'secret', Cookie: 'secret', Other: 'kept' } })).text()");
    let received = other.received.lock().unwrap()[0].clone();
    assert_eq!((received.header("authorization"), received.header("cookie"), received.header("other")), (None, None, Some("kept")));
}

#[test]
fn streams_up() {
    let origin = echo();
    let got = run(
        &origin,
        "const pieces = (...list) => new ReadableStream({ async pull(c) {
             if (!list.length) return c.close();
             await new Promise(f => setTimeout(f, 5));
             c.enqueue(typeof list[0] === 'string' ? new TextEncoder().encode(list.shift()) : list.shift());
         } });
         const post = (body) => show(fetch(o, { method: 'POST', body, duplex: 'half' }).then(r => r.text()));
         const fixed = new FixedLengthStream(4), writer = fixed.writable.getWriter();
         writer.write(new TextEncoder().encode('four')); writer.close();
         const big = new ReadableStream({ count: 0, pull(c) { if (this.count++ < 64) c.enqueue(new Uint8Array(65536)); else c.close(); } });
         return [await post(pieces('a', 'b', 'c')), await post(fixed.readable), (await post(big)).length, await post(pieces('a', 5)),
                 await post(new ReadableStream({ pull(c) { c.error(new RangeError('mine')); } }))]",
    );
    assert_eq!(
        got,
        r#"["POST /\nabc","POST /\nfour",4194311,"TypeError: The stream of a request's body must give Uint8Array chunks","RangeError: mine"]"#
    );
    let received = origin.received.lock().unwrap().clone();
    assert_eq!((received[0].header("transfer-encoding"), received[0].header("content-length")), (Some("chunked"), None));
    assert_eq!((received[1].header("transfer-encoding"), received[1].header("content-length")), (None, Some("4")));
    assert!(received[3..].iter().all(|request| request.method.starts_with("broken")), "{:?}", origin.lines());
}

#[test]
fn streams_down_and_aborts() {
    let origin = Origin::start(|request, stream| {
        if request.target == "/never" {
            std::thread::sleep(Duration::from_secs(30));
            return false;
        }
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        for i in 0..5 {
            if write!(stream, "2\r\n{i}.\r\n").is_err() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        if request.target == "/cut" {
            return false;
        }
        if request.target == "/endless" {
            while write!(stream, "1\r\n.\r\n").is_ok() {
                std::thread::sleep(Duration::from_millis(1));
            }
            return false;
        }
        stream.write_all(b"0\r\n\r\n").is_ok()
    });
    let got = run(
        &origin,
        "const list = [], r = [];
         for await (const chunk of (await fetch(o + '/')).body) list.push(new TextDecoder().decode(chunk));
         r.push(list.join(''), list.length > 1, await show((await fetch(o + '/cut')).text().then(() => 'whole')));
         const first = new AbortController();
         setTimeout(() => first.abort(), 30);
         r.push(await show(fetch(o + '/never', { signal: first.signal })));
         const second = new AbortController(), endless = await fetch(o + '/endless', { signal: second.signal });
         setTimeout(() => second.abort(new Error('enough')), 200);
         r.push(await show(endless.text()), await show(fetch(o, { signal: AbortSignal.abort() })));
         const third = await fetch(o + '/endless');
         await third.body.cancel();
         return r",
    );
    assert!(got.starts_with(r#"["0.1.2.3.4.",true,"TypeError: The response's body could not be received"#), "{got}");
    assert!(
        got.ends_with(r#""AbortError: This operation was aborted","Error: enough","AbortError: This operation was aborted"]"#),
        "{got}"
    );
    // Those that write see that nobody reads any more.
    origin.wait_until("the end of the endless replies", |origin| origin.closed.load(Ordering::SeqCst) >= 3);
}

#[test]
fn content_codings() {
    // gzip of "hello hello hello hello", and the same with a wrong checksum.
    let gzip: Vec<u8> = {
        let text = b"hello hello hello hello";
        let mut bytes = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
        bytes.extend_from_slice(&[1, text.len() as u8, 0, !(text.len() as u8), 0xFF]);
        bytes.extend_from_slice(text);
        bytes.extend_from_slice(&crc32(text).to_le_bytes());
        bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        bytes
    };
    let origin = Origin::replies(move |request| {
        let mut body = gzip.clone();
        if request.target == "/damaged" {
            body[35] ^= 1;
        }
        reply("200 OK", &[("Content-Encoding", if request.target == "/unknown" { "x-unknown" } else { "gzip" })], &body)
    });
    let got = run(
        &origin,
        "const r = await fetch(o), d = await fetch(o + '/damaged'), u = await fetch(o + '/unknown');
         return [await r.text(), r.headers.get('content-encoding'), r.headers.get('content-length'), await show(d.text().then(() => 'taken')),
                 (await u.bytes())[0], u.headers.get('content-encoding')]",
    );
    assert!(got.starts_with(r#"["hello hello hello hello",null,null,"TypeError: The response's body could not be received"#), "{got}");
    assert!(got.ends_with(r#",31,"x-unknown"]"#), "{got}");
    assert_eq!(origin.received.lock().unwrap()[0].header("accept-encoding"), Some("gzip, deflate, br, zstd"));
}

/// CRC of gzip. <https://www.rfc-editor.org/rfc/rfc1952#section-8>
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }))
}

#[test]
fn a_proxy_passes_bodies_on() {
    let origin = Origin::replies(|request| {
        let body = [b"got ".as_slice(), &request.body].concat();
        reply("201 Made", &[("X-Method", &request.method), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")], &body)
    });
    let server = Server::start(
        &worker(&origin, "const url = new URL(request.url); return fetch(new Request(o + url.pathname + url.search, request))"),
        &[],
    );
    let body: Vec<u8> = (0..1_000_000u32).map(|i| (i % 251) as u8).collect();
    let reply = server.connect().request("POST", "/path?query", &[("X-Own", "1")], &body);
    assert_eq!((reply.status, reply.complete), (201, true));
    assert_eq!(reply.body, [b"got ".as_slice(), &body].concat());
    assert_eq!(reply.headers.iter().filter(|(name, _)| name == "set-cookie").count(), 2);
    let received = origin.received.lock().unwrap()[0].clone();
    assert_eq!((received.method.as_str(), received.target.as_str()), ("POST", "/path?query"));
    assert_eq!((received.header("x-own"), received.header("host")), (Some("1"), Some(&*origin.address)));
    assert_eq!(server.get("/again").text(), "got ");
}

#[test]
fn failures() {
    let origin = Origin::start(|_, _| false);
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let got = run(
        &origin,
        &format!(
            "const r = [];
             for (const url of [o, 'http://{nobody}', 'http://h:25/', 'ftp://h/', 'file:///etc/passwd', 'data:nothing', 'blob:null/x']) r.push(await show(fetch(url)));
             return r.join('\\n')"
        ),
    );
    let lines: Vec<&str> = got.lines().collect();
    assert!(lines.iter().all(|line| line.starts_with("TypeError: fetch failed: ")), "{got}");
    assert!(lines[1].contains("Connection refused"), "{got}");
    assert_eq!(lines[2], "TypeError: fetch failed: port 25 is not allowed");
    assert_eq!(lines[4], "TypeError: fetch failed: the scheme 'file' is not supported");
}

#[test]
fn local_urls_and_integrity() {
    let origin = Origin::replies(|_| reply("200 OK", &[], b"hello world"));
    let got = run(
        &origin,
        "const url = URL.createObjectURL(new Blob(['0123456789'], { type: 'text/x' }));
         const part = await fetch(url, { headers: { range: 'bytes=2-4' } });
         const r = [url.startsWith('blob:'), await (await fetch(url)).text(), part.status, await part.text(), part.headers.get('content-range')];
         URL.revokeObjectURL(url);
         r.push(await show(fetch(url)), await (await fetch('data:;base64,aGk')).text());
         const right = 'sha256-uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=';
         r.push(await (await fetch(o, { integrity: right })).text(), await show(fetch(o, { integrity: 'sha256-AAAA' })));
         return r",
    );
    assert_eq!(
        got,
        r#"[true,"0123456789",206,"234","bytes 2-4/10","TypeError: fetch failed: nothing has this blob: URL","hi","hello world","TypeError: fetch failed: the body is not what the integrity metadata says"]"#
    );
}

#[test]
fn connections_are_used_again() {
    let origin = echo();
    let server = Server::start(&worker(&origin, "await (await fetch(o + '/1')).text(); return (await fetch(o + '/2')).text()"), &[]);
    for _ in 0..5 {
        assert_eq!(server.get("/").text(), "GET /2\n");
    }
    assert_eq!(origin.lines().len(), 10);
    assert_eq!(origin.connections.load(Ordering::SeqCst), 1);
}

#[test]
fn requests_of_a_request_are_limited() {
    let origin =
        Origin::replies(
            |request| {
                if request.target == "/r" { reply("302 Found", &[("Location", "/")], b"") } else { reply("200 OK", &[], b"x") }
            },
        );
    let source = worker(
        &origin,
        "const r = [];
         for (const path of ['/', '/r', '/', '/']) r.push(await show(fetch(o + path).then(x => x.status)));
         return r",
    );
    let server = Server::start(&source, &["--subrequests", "4"]);
    for _ in 0..2 {
        let got = server.get("/").text();
        let refusal = "TypeError: fetch failed: the request may open at most 4 requests and sockets of its own";
        assert_eq!(got, format!(r#"[200,200,200,"{refusal}"]"#));
    }
    server.wait_for_log("subrequests");
}

#[test]
fn all_of_it_ends_with_the_request() {
    let origin = Origin::start(|request, stream| {
        if request.target == "/quick" {
            return stream.write_all(&reply("200 OK", &[], b"")).is_ok();
        }
        true
    });
    let server = Server::start(
        &worker(
            &origin,
            "const path = new URL(request.url).pathname; const p = fetch(o + path); if (path === '/left') { setTimeout(() => {}, 50); await new Promise(f => setTimeout(f, 50)); return 'left'; } await p; return 'done'",
        ),
        &["--wall-ms", "2000", "--verify-reset"],
    );
    // Nobody waits for its answer: the connection is closed when the reply is done.
    assert_eq!(server.get("/left").text(), "left");
    origin.wait_until("the end of the fetch that was left", |origin| origin.closed.load(Ordering::SeqCst) == 1);
    assert_eq!(server.get("/slow").status, 504);
    origin.wait_until("the end of the fetch that was slow", |origin| origin.closed.load(Ordering::SeqCst) == 2);
    // The client goes away.
    let mut connection = server.connect();
    connection.send("GET /gone HTTP/1.1\r\nHost: h\r\n\r\n");
    origin.wait_until("the request", |origin| origin.lines().len() == 3);
    drop(connection);
    origin.wait_until("the end of the fetch of a client that has gone", |origin| origin.closed.load(Ordering::SeqCst) == 3);
    assert_eq!(server.get("/quick").text(), "done");
}

#[test]
fn nothing_is_sent_while_a_worker_is_built() {
    let origin = echo();
    let path = temporary("top.js", format!("try {{ await fetch('{}') }} catch (e) {{ throw e }}", origin.url("/")));
    let output = mayfly(&["build", "--module", path.to_str().unwrap(), "-o", temporary("top.image", "").to_str().unwrap()]);
    let message = text(&output.stderr);
    assert!(!output.status.success());
    assert!(message.contains("Requests cannot be sent while the worker's top level is evaluated"), "{message}");
    let path = temporary("socket.js", "new WebSocket('ws://127.0.0.1:8080/')");
    let output = mayfly(&["build", path.to_str().unwrap(), "-o", temporary("top.image", "").to_str().unwrap()]);
    assert!(text(&output.stderr).contains("WebSockets cannot be opened while"), "{}", text(&output.stderr));
    assert!(origin.lines().is_empty());
}

fn run_with(environment: &[(&str, &str)], source: &str) -> String {
    let path = temporary("program.mjs", source);
    let mut command = Command::new(env!("CARGO_BIN_EXE_mayfly"));
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
        command.env_remove(name);
    }
    let output = command.args(["run", path.to_str().unwrap()]).envs(environment.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn proxies_of_the_environment() {
    let origin = echo();
    // Requests of HTTP come with whole URLs; others ask for a connection.
    let proxy = Origin::start(|request, stream| {
        if request.method == "CONNECT" {
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n");
            return false;
        }
        stream.write_all(&reply("200 OK", &[], format!("proxied {}", request.target).as_bytes())).is_ok()
    });
    let url = format!("http://user:pass@{}", proxy.address);
    let got = run_with(
        &[("HTTP_PROXY", &url), ("HTTPS_PROXY", &url), ("NO_PROXY", "127.0.0.1")],
        &format!(
            "console.log(await (await fetch('http://example.test/a?b')).text());
             console.log(await fetch('https://example.test/').catch(String));
             console.log(await (await fetch('{}')).text());",
            origin.url("/direct")
        ),
    );
    assert_eq!(
        got,
        "proxied http://example.test/a?b\n\
         TypeError: fetch failed: the proxy refused to connect to example.test:443: HTTP/1.1 403 Forbidden\n\
         GET /direct\n\n"
    );
    let received = proxy.received.lock().unwrap().clone();
    assert_eq!(received[0].header("host"), Some("example.test"));
    assert!(received.iter().all(|request| request.header("proxy-authorization") == Some("Basic dXNlcjpwYXNz")), "{received:?}");
}

/// A SOCKS5 proxy that wants a name and a password; says what it was asked for, and passes bytes on to `target`.
fn socks_proxy(target: String) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use std::io::Read;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = asked.clone();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let (target, log) = (target.clone(), log.clone());
            std::thread::spawn(move || -> std::io::Result<()> {
                let counted = |client: &mut TcpStream| -> std::io::Result<Vec<u8>> {
                    let mut length = [0];
                    client.read_exact(&mut length)?;
                    let mut bytes = vec![0; usize::from(length[0])];
                    client.read_exact(&mut bytes)?;
                    Ok(bytes)
                };
                let mut byte = [0];
                client.read_exact(&mut byte)?;
                let methods = counted(&mut client)?;
                if !methods.contains(&2) {
                    log.lock().unwrap().push(format!("methods {methods:?}"));
                    return client.write_all(&[5, 0xff]);
                }
                client.write_all(&[5, 2])?;
                client.read_exact(&mut byte)?;
                let (name, password) = (counted(&mut client)?, counted(&mut client)?);
                client.write_all(&[1, u8::from(password != b"pass")])?;
                let mut head = [0; 4];
                client.read_exact(&mut head)?;
                let host = match head[3] {
                    1 => {
                        let mut octets = [0; 4];
                        client.read_exact(&mut octets)?;
                        std::net::Ipv4Addr::from(octets).to_string()
                    }
                    _ => text(&counted(&mut client)?),
                };
                let mut port = [0; 2];
                client.read_exact(&mut port)?;
                log.lock().unwrap().push(format!("{} {head:?} {host}", text(&name)));
                if host == "refused.test" {
                    return client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]);
                }
                // Some answer with a name.
                client.write_all(&[5, 0, 0, 3, 1, b'x', 0, 0])?;
                let mut server = TcpStream::connect(&target)?;
                let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
                std::thread::spawn(move || std::io::copy(&mut from, &mut to));
                std::io::copy(&mut server, &mut client).map(|_| ())
            });
        }
    });
    (address, asked)
}

#[test]
fn socks_proxies() {
    let origin = echo();
    let (proxy, asked) = socks_proxy(origin.address.clone());
    let program = "for (const url of ['http://name.test/a', 'http://10.1.2.3:81/b', 'http://refused.test/'])
        console.log(await fetch(url).then(response => response.text(), String));";
    let got = run_with(&[("ALL_PROXY", &format!("socks5h://user:pass@{proxy}"))], program);
    assert_eq!(got, "GET /a\n\nGET /b\n\nTypeError: fetch failed: the SOCKS proxy refused to connect: connection refused\n");
    let log: Vec<String> = std::mem::take(&mut asked.lock().unwrap());
    assert_eq!(log, ["user [5, 1, 0, 3] name.test", "user [5, 1, 0, 1] 10.1.2.3", "user [5, 1, 0, 3] refused.test"]);
    // Without the `h` names are resolved here.
    let local = [("ALL_PROXY", format!("socks5://user:pass@{proxy}")), ("MAYFLY_RESOLVE", "name.test=10.9.8.7".to_string())];
    let local: Vec<(&str, &str)> = local.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(run_with(&local, "console.log(await (await fetch('http://name.test/c')).text())"), "GET /c\n\n");
    assert_eq!(asked.lock().unwrap().pop().as_deref(), Some("user [5, 1, 0, 1] 10.9.8.7"));
    let failing = "console.log(await fetch('http://name.test/').catch(String))";
    let wrong = format!("socks5h://user:wrong@{proxy}");
    assert_eq!(run_with(&[("ALL_PROXY", &wrong)], failing), "TypeError: fetch failed: the SOCKS proxy refused the name and password\n");
    let nobody = format!("socks5h://{proxy}");
    let wanted = "TypeError: fetch failed: the SOCKS proxy wants an authentication that it cannot be given\n";
    assert_eq!(run_with(&[("ALL_PROXY", &nobody)], failing), wanted);
}

#[test]
fn many_at_once() {
    let origin = Origin::replies(|request| {
        std::thread::sleep(Duration::from_millis(50));
        reply("200 OK", &[], request.target.as_bytes())
    });
    let from = Instant::now();
    let got = run(
        &origin,
        "const list = await Promise.all(Array.from({ length: 40 }, async (_, i) => (await fetch(o + '/' + i)).text()));
         return list.join('')",
    );
    assert_eq!(got, (0..40).map(|i| format!("/{i}")).collect::<String>());
    assert!(from.elapsed() < Duration::from_secs(20));
}

/// Bytes of memory that `/proc` says under this name: `VmRSS` what a process has, `VmHWM` what it had at most.
fn memory_bytes(process: u32, name: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}

/// `MAYFLY_PROXY_MIB=1024 cargo test --release -p mayfly --test outbound streaming_proxy` is the full size.
#[test]
fn streaming_proxy_keeps_its_memory() {
    let mebibytes: usize = std::env::var("MAYFLY_PROXY_MIB").map_or(64, |count| count.parse().unwrap());
    let origin = Origin::start(move |_, stream| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", mebibytes << 20);
        let piece: Vec<u8> = (0..1 << 20).map(|i| (i / 3) as u8).collect();
        (0..mebibytes).all(|_| stream.write_all(&piece).is_ok())
    });
    let server = Server::start(
        &worker(
            &origin,
            "const { body } = await fetch(o);
             return new Response(body.pipeThrough(new TransformStream({ transform(chunk, c) { for (let i = 0; i < chunk.length; i += 4096) chunk[i] ^= 1; c.enqueue(chunk); } })))",
        ),
        &["--wall-ms", "3600000", "--cpu-ms", "3600000"],
    );
    // What the first such request brings into memory for good: code, tables, the client, buffers.
    let before = memory_bytes(server.process(), "VmRSS");
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(connection.head().status, 200);
    let (mut received, mut changed, mut most) = (0, 0, 0);
    let mut pauses = 0;
    while let Some(chunk) = connection.chunk().expect("the whole body") {
        for (i, byte) in chunk.iter().enumerate() {
            let at = (received + i) % (1 << 20);
            changed += u64::from(*byte != (at / 3) as u8);
        }
        let was = received;
        received += chunk.len();
        // Slow: it stops reading 32 times.
        if was * 32 / (mebibytes << 20) != received * 32 / (mebibytes << 20) {
            pauses += 1;
            std::thread::sleep(Duration::from_millis(40));
            most = most.max(memory_bytes(server.process(), "VmRSS"));
        }
    }
    assert_eq!((received, pauses), (mebibytes << 20, 32));
    assert!(changed > 0);
    let growth = most.saturating_sub(before) >> 10;
    let peak = memory_bytes(server.process(), "VmHWM") >> 10;
    println!(
        "streaming proxy: {mebibytes} MiB, resident before {} KiB, growth at most {growth} KiB, process at most {peak} KiB",
        before >> 10
    );
    // Chunks are collected every 2 MiB, so little more is needed than that.
    let most_growth = if support::is_stressed() { 16 } else { 10 };
    assert!(growth < most_growth << 10, "memory grew by {growth} KiB");
    // Program, libraries and all. Code that is not optimised alone takes much of that.
    if !cfg!(debug_assertions) && !support::is_stressed() {
        assert!(peak < 16 << 10, "the whole process took {peak} KiB");
    }
}

#[test]
fn a_client_that_reads_nothing_stops_the_origin() {
    let sent = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = sent.clone();
    let origin = Origin::start(move |_, stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let piece = [b"10000\r\n".as_slice(), &[b'x'; 65536], b"\r\n"].concat();
        while stream.write_all(&piece).is_ok() {
            counter.fetch_add(65536, Ordering::SeqCst);
        }
        false
    });
    let server = Server::start(&worker(&origin, "return fetch(o)"), &[]);
    let mut connection = server.connect();
    connection.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_eq!(connection.head().status, 200);
    std::thread::sleep(Duration::from_millis(800));
    let first = sent.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!(sent.load(Ordering::SeqCst), first, "the origin goes on sending");
    // Buffers of the system on two connections, which it may grow to a few MiB each.
    assert!(first < 24 << 20, "{first} bytes were taken from the origin");
    drop(connection);
    origin.wait_until("the end of the origin's connection", |origin| origin.closed.load(Ordering::SeqCst) == 1);
}
