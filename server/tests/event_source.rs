//! EventSource.

#![allow(missing_docs)]

mod support;

use std::io::Write;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use support::origin::{Origin, reply};
use support::{temporary, text};

fn run(origin: &Origin, source: &str) -> String {
    let path = temporary("program.mjs", format!("const o = '{}';\n{source}", origin.url("")));
    let output = Command::new(env!("CARGO_BIN_EXE_mayfly")).args(["run", path.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn events_and_reconnection() {
    let times = Mutex::new(0);
    let origin = Origin::start(move |request, stream| {
        *times.lock().unwrap() += 1;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n");
        let id = request.header("last-event-id").unwrap_or("none");
        let time = *times.lock().unwrap();
        let _ = write!(stream, "\u{FEFF}retry: 10\n: comment\ndata: {time} {id}\nid: ä{time}\n\n");
        std::thread::sleep(Duration::from_millis(10));
        let _ = stream.write_all(b"event: own\ndata: a\r");
        let _ = stream.write_all(b"\ndata: b\n\ndata: incomplete\n");
        false
    });
    let got = run(
        &origin,
        "const es = new EventSource(o + '/x');
         console.log(es.readyState, es.url === o + '/x', es.withCredentials, EventSource.OPEN);
         let opened = 0;
         es.onopen = () => { opened++; console.log('open', es.readyState) };
         es.onerror = e => console.log(e.type, es.readyState);
         es.onmessage = e => console.log(e.data, e.lastEventId, e.origin === o, e.isTrusted);
         es.addEventListener('own', e => { console.log(JSON.stringify(e.data)); if (opened === 2) { es.close(); console.log(es.readyState) } });",
    );
    let expected =
        ["0 true false 1", "open 1", "1 none ä1 true true", r#""a\nb""#, "error 0", "open 1", "2 ä1 ä2 true true", r#""a\nb""#, "2"];
    assert_eq!(got.lines().collect::<Vec<_>>(), expected);
    let received = origin.received.lock().unwrap();
    assert_eq!((received[0].header("accept"), received[0].header("cache-control")), (Some("text/event-stream"), Some("no-cache")));
    assert_eq!((received[0].header("last-event-id"), received[1].header("last-event-id")), (None, Some("ä1")));
}

#[test]
fn what_is_no_event_stream_fails() {
    let origin = Origin::replies(|request| match request.target.as_str() {
        "/type" => reply("200 OK", &[("Content-Type", "text/plain")], b"data: x\n\n"),
        "/204" => b"HTTP/1.1 204 No Content\r\nContent-Type: text/event-stream\r\n\r\n".to_vec(),
        _ => reply("500 No", &[("Content-Type", "text/event-stream")], b"data: x\n\n"),
    });
    let got = run(
        &origin,
        "for (const path of ['/type', '/204', '/500']) {
             const es = new EventSource(o + path);
             console.log(await new Promise(f => { es.onmessage = () => f('message'); es.onerror = () => f('error ' + es.readyState); }));
         }
         try { new EventSource('http://[') } catch (e) { console.log(e.name, e instanceof DOMException) }
         const es = new EventSource(o + '/500'); es.onerror = () => console.log('never'); es.close(); es.close(); console.log(es.readyState);",
    );
    assert_eq!(got, "error 2\nerror 2\nerror 2\nSyntaxError true\n2\n");
}
