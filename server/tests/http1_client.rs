//! What `fetch` makes of servers that are old, in a hurry, or wrong.

#![allow(missing_docs)]

mod support;

use std::io::Write;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use support::origin::{Origin, reply};
use support::{temporary, text};

/// Runs a program with `o`, the origin's URL, `get(path, init)` for status, statusText and text of a response, or the error; gives what it
/// prints.
fn run(origin: &Origin, body: &str) -> String {
    let source = format!(
        "const o = 'http://{}';
         const get = async (path, init) => {{
             try {{ const r = await fetch(o + path, init); return [r.status, r.statusText, await r.text()].join(' '); }} catch (e) {{ return String(e); }}
         }};
         {body}",
        origin.address
    );
    let path = temporary("program.mjs", source);
    let output = Command::new(env!("CARGO_BIN_EXE_mayfly")).args(["run", path.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// Answers each path with bytes, and closes the connection where they end with `!`.
fn raw(answers: &'static [(&'static str, &'static str)]) -> Origin {
    Origin::start(move |request, stream| {
        let answer = answers.iter().find(|(path, _)| *path == request.target).map_or("", |(_, answer)| answer);
        let (answer, goes_on) = answer.strip_suffix('!').map_or((answer, true), |answer| (answer, false));
        stream.write_all(answer.as_bytes()).is_ok() && goes_on
    })
}

#[test]
fn forms_of_responses() {
    let origin = raw(&[
        ("/old", "HTTP/1.0 200 Fine\r\n\r\nup to the end!"),
        ("/short", "HTTP/1.1 203\nA: b\nContent-Length: 2\n\nok"),
        (
            "/informed",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        ),
        ("/chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nTrailer: x\r\n\r\n"),
        ("/folded", "HTTP/1.1 200 OK\r\nA: 1,\r\n  2\r\nB:\u{1}\u{b}\r\nB: \r\nContent-Length: 0\r\n\r\n"),
        ("/headless", "HTTP/1.1 200 Only\r\nA: b\r\n!"),
        ("/empty", "HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n"),
        ("/long", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfour!"),
        ("/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"),
        ("/begun", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ngarbage"),
        ("/lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        ("/nul", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"),
        ("/ssh", "SSH-2.0-OpenSSH_9.9\r\n\r\n"),
        ("/half", "HTTP/1.1 200 OK\r\nConten!"),
        ("/nothing", "!"),
    ]);
    let got = run(
        &origin,
        "for (const path of ['old', 'short', 'informed', 'chunks', 'headless', 'empty', 'long', 'chunk', 'begun', 'lengths', 'nul', 'ssh', 'half', 'nothing'])
             console.log(path, await get('/' + path));
         const { headers } = await fetch(o + '/folded');
         console.log(JSON.stringify([headers.get('a'), headers.get('b')]));",
    );
    let lines: Vec<&str> = got.lines().collect();
    assert_eq!(
        &lines[..6],
        [
            "old 200 Fine up to the end",
            "short 203  ok",
            "informed 200 OK ok",
            "chunks 200 OK abcd",
            "headless 200 Only ",
            "empty 204 None "
        ]
    );
    assert!(lines[6..9].iter().all(|line| line.contains("TypeError: The response's body could not be received")), "{got}");
    assert!(lines[9..14].iter().all(|line| line.contains("TypeError: fetch failed")), "{got}");
    assert_eq!(lines[14], r#"["1, 2","\u0001\u000b, "]"#);
}

#[test]
fn values_of_headers() {
    // Everything but NUL, CR and LF goes through, and comes back.
    let origin = Origin::start(|request, stream| {
        let value = request.header("x").unwrap_or_default().to_string();
        stream.write_all(&reply("200 OK", &[("y", &value)], b"")).is_ok()
    });
    let got = run(
        &origin,
        "const failed = [];
         for (let i = 1; i < 128; i++) {
             const value = 'a' + String.fromCharCode(i) + 'b';
             if (i === 10 || i === 13) continue;
             const r = await fetch(o, { headers: { x: value } });
             if (r.headers.get('y') !== value) failed.push(i);
         }
         console.log(failed.join());",
    );
    assert_eq!(got, "\n");
}

#[test]
fn connections_that_were_closed_meanwhile() {
    // Every second request finds the connection closed after it was sent.
    let count = AtomicUsize::new(0);
    let origin = Origin::start(move |request, stream| {
        if request.target == "/close" && count.fetch_add(1, Ordering::SeqCst) == 0 {
            return false;
        }
        stream.write_all(&reply("200 OK", &[], &request.body)).is_ok()
    });
    let got = run(
        &origin,
        "console.log(await get('/')); console.log(await get('/close', { method: 'PUT', body: 'again' })); console.log(await get('/'));",
    );
    assert_eq!(got, "200 OK \n200 OK again\n200 OK \n");
    assert_eq!(origin.lines(), ["GET /", "PUT /close", "PUT /close", "GET /"]);
    assert_eq!(origin.connections.load(Ordering::SeqCst), 2);

    // What must not be done twice is not: neither after a first connection nor with a method that changes things.
    let origin = Origin::start(|request, stream| request.target != "/close" && stream.write_all(&reply("200 OK", &[], b"")).is_ok());
    let got = run(
        &origin,
        "console.log(await get('/close')); console.log(await get('/')); console.log(await get('/close', { method: 'POST', body: 'x' }));",
    );
    let lines: Vec<&str> = got.lines().collect();
    assert!(lines[0].contains("fetch failed") && lines[2].contains("fetch failed"), "{got}");
    assert_eq!(origin.lines(), ["GET /close", "GET /", "POST /close"]);
}

#[test]
fn what_belongs_to_no_response() {
    // A body after the head of a response that has none, some time later: the next request must not take it for its response.
    let origin = Origin::start(|request, stream| {
        let sent = stream.write_all(&reply("200 OK", &[], b"0123456789")).is_ok();
        if request.method == "HEAD" {
            std::thread::sleep(Duration::from_millis(20));
        }
        sent
    });
    let got = run(
        &origin,
        "for (let i = 0; i < 10; i++) {
             await fetch(o, { method: 'HEAD' });
             if (i % 2) await new Promise(f => setTimeout(f, 5));
             const got = await get('/');
             if (got !== '200 OK 0123456789') console.log(got);
         }",
    );
    assert_eq!(got, "");
}

#[test]
fn another_connection_for_misdirected_requests() {
    let origin = Origin::replies(|request| reply("421 Misdirected", &[], &request.body));
    let got = run(
        &origin,
        "console.log(await get('/1', { method: 'POST', body: 'b' }));
         console.log(await get('/2', { method: 'POST', body: new Blob(['s']).stream(), duplex: 'half' }));",
    );
    assert_eq!(got, "421 Misdirected b\n421 Misdirected s\n");
    assert_eq!(origin.lines(), ["POST /1", "POST /1", "POST /2"]);
}

#[test]
fn answers_before_the_request_is_there() {
    let origin = Origin::start(|request, stream| stream.write_all(&reply("200 OK", &[], request.method.as_bytes())).is_ok());
    // A listener of its own: it answers when it has the head, then reads on.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let early = listener.local_addr().unwrap().to_string();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = std::io::BufReader::new(stream);
            let Some(mut request) = support::origin::read_head(&mut reader) else { continue };
            reader.get_mut().write_all(&reply("200 OK", &[], b"early")).unwrap();
            let whole = support::origin::read_body(&mut reader, &mut request).is_some();
            sender.send((whole, request.body.len())).unwrap();
        }
    });
    let got = run(
        &origin,
        &format!(
            "const pieces = (count) => new ReadableStream({{ async pull(c) {{
                 await new Promise(f => setTimeout(f, 2));
                 if (count-- > 0) c.enqueue(new Uint8Array(1000)); else c.close();
             }} }});
             const send = async (body) => (await fetch('http://{early}/', {{ method: 'POST', body, duplex: 'half' }})).text();
             console.log(await send(pieces(50)));
             console.log(await send('x'.repeat(4 << 20)));
             console.log(await get('/'));"
        ),
    );
    assert_eq!(got, "early\nearly\n200 OK GET\n");
    let outcomes: Vec<_> = (0..2).map(|_| receiver.recv_timeout(support::PATIENCE).unwrap()).collect();
    assert_eq!(outcomes[0], (true, 50_000));
    assert_eq!(outcomes[1].1, 4 << 20);
}

#[test]
fn uploads_that_break_off_are_not_taken_for_whole() {
    let origin = Origin::replies(|_| reply("200 OK", &[], b""));
    let server = support::Server::start(
        &format!(
            "export default {{ async fetch(request, env, ctx) {{
                 const body = new ReadableStream({{ pull(c) {{ c.enqueue(new Uint8Array(10)); return new Promise(() => {{}}); }} }});
                 fetch('http://{}/', {{ method: 'POST', body, duplex: 'half' }}).catch(() => {{}});
                 await new Promise(f => setTimeout(f, 100));
                 return new Response('over');
             }} }};",
            origin.address
        ),
        &[],
    );
    assert_eq!(server.get("/").text(), "over");
    origin.wait_until("the end of the upload", |origin| !origin.lines().is_empty());
    assert_eq!(origin.lines(), ["broken POST /"]);
}
