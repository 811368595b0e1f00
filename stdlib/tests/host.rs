//! The host's side of requests, responses and bodies.

#[path = "support/stress.rs"]
#[allow(dead_code)]
mod stress;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use mayfly_engine::builtins::promise::{self, PromiseState};
use mayfly_engine::context::Handle;
use mayfly_engine::{Context, ContextOptions, Natives, Object, Value};
use mayfly_stdlib::fetch::host::{
    BodyChunk, BodyInit, BodyParts, IncomingResponse, OutgoingBody, OutgoingRequest, Sending, deliver_body, deliver_response, deliver_room,
    new_request, response_parts,
};
use mayfly_stdlib::platform::{LogLevel, Platform, WorkerHost};
use mayfly_stdlib::websocket::host::{OutgoingSocket, SocketEvent, SocketMessage, couple, deliver, set_connection};
use mayfly_stdlib::{report, streams};

/// What the platform was asked and what it will answer.
#[derive(Default)]
struct World {
    /// Pieces of the one body; pending when there are none.
    chunks: VecDeque<BodyChunk>,
    body_waiter: Option<Handle>,
    cancelled: Vec<u32>,
    requests: Vec<OutgoingRequest>,
    fetch_waiter: Option<Handle>,
    aborted: Vec<u32>,
    log: Vec<String>,
    /// Answers to chunks of a request's body; `Room` when there are none.
    answers: VecDeque<Sending>,
    sent: Vec<Vec<u8>>,
    room_waiter: Option<Handle>,
    ended: Option<bool>,
    sockets: Vec<OutgoingSocket>,
    socket_waiter: Option<Handle>,
    messages: Vec<SocketMessage>,
    closed: Option<(Option<u16>, String)>,
}

struct TestPlatform(Rc<RefCell<World>>);

impl Platform for TestPlatform {
    fn now_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn monotonic_ms(&mut self) -> Result<f64, String> {
        Ok(0.0)
    }

    fn fill_random(&mut self, bytes: &mut [u8]) -> Result<(), String> {
        bytes.fill(7);
        Ok(())
    }

    fn set_timer(&mut self, _: u32, _: f64) -> Result<(), String> {
        Err("no timers here".to_string())
    }

    fn clear_timer(&mut self, _: u32) {}

    fn log(&mut self, _: LogLevel, text: &str) {
        self.0.borrow_mut().log.push(text.to_string());
    }

    fn read_body(&mut self, body: u32, waiter: Handle) -> BodyChunk {
        assert_eq!(body, 5);
        let mut world = self.0.borrow_mut();
        match world.chunks.pop_front() {
            Some(chunk) => chunk,
            None => {
                world.body_waiter = Some(waiter);
                BodyChunk::Pending
            }
        }
    }

    fn cancel_body(&mut self, body: u32) {
        self.0.borrow_mut().cancelled.push(body);
    }

    fn fetch(&mut self, request: OutgoingRequest, waiter: Handle) -> Result<u32, String> {
        let mut world = self.0.borrow_mut();
        if request.url.contains("refused") {
            return Err("refused by the host".to_string());
        }
        world.requests.push(request);
        world.fetch_waiter = Some(waiter);
        Ok(9)
    }

    fn abort_fetch(&mut self, operation: u32) {
        self.0.borrow_mut().aborted.push(operation);
    }

    fn send_chunk(&mut self, operation: u32, bytes: Vec<u8>, waiter: Handle) -> Sending {
        assert_eq!(operation, 9);
        let mut world = self.0.borrow_mut();
        world.sent.push(bytes);
        let answer = world.answers.pop_front().unwrap_or(Sending::Room);
        if answer == Sending::Full {
            world.room_waiter = Some(waiter);
        }
        answer
    }

    fn end_chunks(&mut self, _: u32, complete: bool) {
        self.0.borrow_mut().ended = Some(complete);
    }

    fn open_socket(&mut self, socket: OutgoingSocket, waiter: Handle) -> Result<u32, String> {
        let mut world = self.0.borrow_mut();
        world.sockets.push(socket);
        world.socket_waiter = Some(waiter);
        Ok(3)
    }

    fn send_message(&mut self, socket: u32, message: SocketMessage) {
        assert_eq!(socket, 3);
        self.0.borrow_mut().messages.push(message);
    }

    fn close_socket(&mut self, _: u32, code: Option<u16>, reason: &str) {
        self.0.borrow_mut().closed = Some((code, reason.to_string()));
    }

    fn as_any(&mut self) -> &mut dyn std::any::Any {
        self
    }
}

struct Worker {
    cx: Context,
    world: Rc<RefCell<World>>,
}

impl Worker {
    fn new() -> Worker {
        let world = Rc::new(RefCell::new(World::default()));
        let natives = Rc::new(Natives::new(&mayfly_stdlib::NATIVES));
        let host = Box::new(WorkerHost::new(Box::new(TestPlatform(world.clone()))));
        let mut cx = stress::stressed(Context::new(host, natives, ContextOptions::default()).expect("a context"));
        assert!(cx.enter(mayfly_stdlib::install).is_ok());
        Worker { cx, world }
    }

    /// Evaluates a script, and runs jobs.
    fn run(&mut self, source: &str) -> Value {
        let outcome = self.cx.enter(|cx| {
            let value = cx.evaluate_script(source, "test.js")?;
            // Nothing else may hold it while jobs run.
            let kept = cx.retain(value);
            report::checkpoint(cx)?;
            Ok(cx.release(kept))
        });
        outcome.unwrap_or_else(|_| panic!("{source}: {:?}", self.cx.take_exception()))
    }

    fn jobs(&mut self) {
        assert!(self.cx.enter(report::checkpoint).is_ok());
    }

    /// Makes a request for global `request`.
    fn request(&mut self, headers: &[(&[u8], &[u8])], body: BodyInit) {
        let outcome = self.cx.enter(|cx| {
            let request = new_request(cx, "POST", "http://host:80/a b?c", headers, body)?;
            let global = cx.global();
            let name = cx.key("request");
            cx.create_data_property_or_throw(global, name, request.value())
        });
        assert!(outcome.is_ok());
    }

    /// What was logged since the last call.
    fn logged(&mut self) -> Vec<String> {
        std::mem::take(&mut self.world.borrow_mut().log)
    }
}

fn settled(cx: &Context, promise: Object) -> Option<Value> {
    match promise::state(cx, promise) {
        (PromiseState::Fulfilled, value) => Some(value),
        _ => None,
    }
}

#[test]
fn requests_of_the_host_take_their_final_form_when_looked_at() {
    let mut worker = Worker::new();
    worker.request(&[(b"X-B", b"2"), (b"x-a", b"1"), (b"X-b", b"3")], BodyInit::Bytes(b"{\"a\":1}".to_vec()));
    worker.run("request.clone().json().then(data => console.log(request.url, request.method, [...request.headers].join('|'), data.a, request.bodyUsed))");
    assert_eq!(worker.logged(), ["http://host/a%20b?c POST x-a,1|x-b,2, 3 1 false"]);
    worker.request(&[], BodyInit::None);
    worker.run("console.log(request.body, [...request.headers].length); new Request(request, { headers: { a: 'b' } })");
    assert_eq!(worker.logged(), ["null 0"]);
}

#[test]
fn bodies_arrive_at_once_or_later() {
    let mut worker = Worker::new();
    worker.world.borrow_mut().chunks.extend([BodyChunk::Bytes(b"a".to_vec()), BodyChunk::Bytes(b"b".to_vec()), BodyChunk::End]);
    worker.request(&[], BodyInit::Host(5));
    worker.run("request.text().then(console.log)");
    assert_eq!(worker.logged(), ["ab"]);

    worker.request(&[], BodyInit::Host(5));
    worker.run("request.text().then(console.log, e => console.log(String(e))); request.text().catch(e => console.log(e.name))");
    assert_eq!(worker.logged(), ["TypeError"]);
    for chunk in [BodyChunk::Bytes(b"c".to_vec()), BodyChunk::End] {
        let waiter = worker.world.borrow_mut().body_waiter.take().expect("the body is being waited for");
        assert!(worker.cx.enter(|cx| deliver_body(cx, waiter, chunk)).is_ok());
        worker.jobs();
    }
    assert_eq!(worker.logged(), ["c"]);

    worker.request(&[], BodyInit::Host(5));
    worker.run("request.text().catch(e => console.log(String(e)))");
    let waiter = worker.world.borrow_mut().body_waiter.take().expect("the body is being waited for");
    assert!(worker.cx.enter(|cx| deliver_body(cx, waiter, BodyChunk::Failed("connection lost".to_string()))).is_ok());
    worker.jobs();
    assert_eq!(worker.logged(), ["TypeError: connection lost"]);
}

#[test]
fn cancelled_bodies_take_no_more() {
    let mut worker = Worker::new();
    worker.request(&[], BodyInit::Host(5));
    worker.run("(async () => { const reader = request.body.getReader({ mode: 'byob' }); reader.read(new Uint8Array(4)).then(({ value, done }) => console.log(value, done)); await 0; await 0; await reader.cancel(); })()");
    assert_eq!(worker.world.borrow().cancelled, [5]);
    let waiter = worker.world.borrow_mut().body_waiter.take().expect("the body is being waited for");
    assert!(worker.cx.enter(|cx| deliver_body(cx, waiter, BodyChunk::Bytes(b"late".to_vec()))).is_ok());
    worker.jobs();
    assert_eq!(worker.logged(), ["undefined true"]);
}

#[test]
fn responses_in_parts() {
    let mut worker = Worker::new();
    let value = worker.run("new Response('h\\u00e9', { status: 203, statusText: 'x', headers: { 'X-A': '\\u00e9' } })");
    let mut parts = worker.cx.enter(|cx| response_parts(cx, value)).expect("parts");
    assert_eq!((parts.status, parts.status_text.as_slice()), (203, &b"x"[..]));
    let headers: Vec<(&[u8], &[u8])> = parts.headers.packed().iter().collect();
    assert_eq!(headers, [(&b"x-a"[..], &[0xe9][..]), (b"content-type", b"text/plain;charset=UTF-8")]);
    assert!(matches!(&parts.body, BodyParts::Bytes(bytes) if bytes == "hé".as_bytes()), "{:?}", parts.body);
    // Sent once.
    assert!(worker.cx.enter(|cx| response_parts(cx, value)).is_err());
    for source in [
        "1",
        "({})",
        "Response.error()",
        "const used = new Response('x'); used.text(); used",
        "const locked = new Response('x'); locked.body.getReader(); locked",
    ] {
        let value = worker.run(source);
        assert!(worker.cx.enter(|cx| response_parts(cx, value)).is_err(), "{source}");
    }
    let value = worker.run("new Response(null, { status: 204 })");
    assert!(matches!(worker.cx.enter(|cx| response_parts(cx, value)).map(|parts| parts.body), Ok(BodyParts::Empty)));
    worker.request(&[], BodyInit::Host(5));
    let value = worker.run("new Response(request.body)");
    assert!(matches!(worker.cx.enter(|cx| response_parts(cx, value)).map(|parts| parts.body), Ok(BodyParts::Stream(_, None))));
    let value = worker.run("const { readable, writable } = new FixedLengthStream(3); new Response(readable)");
    assert!(matches!(worker.cx.enter(|cx| response_parts(cx, value)).map(|parts| parts.body), Ok(BodyParts::Stream(_, Some(3)))));
}

#[test]
fn streams_are_read_by_the_host() {
    let mut worker = Worker::new();
    let value = worker.run("new Response(new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode('x')); c.close(); } }))");
    let parts = worker.cx.enter(|cx| response_parts(cx, value)).expect("parts");
    let BodyParts::Stream(stream, None) = parts.body else { panic!("{:?}", parts.body) };
    let reader = worker.cx.enter(|cx| streams::acquire_reader(cx, stream)).expect("a reader");
    // As roots keep them in a server.
    worker.cx.retain(reader.value());
    assert!(worker.cx.enter(|cx| streams::acquire_reader(cx, stream)).is_err());
    for expected in [Some(b"x".to_vec()), None] {
        let promise = worker.cx.enter(|cx| streams::read_chunk(cx, reader)).expect("a promise");
        worker.cx.retain(promise.value());
        worker.jobs();
        let result = settled(&worker.cx, promise).and_then(Value::as_object).expect("a result");
        let chunk = worker.cx.enter(|cx| {
            let (done, value) = (cx.key("done"), cx.key("value"));
            let done = cx.get(result, done)?;
            let value = cx.get(result, value)?;
            Ok(if done == Value::TRUE { None } else { mayfly_engine::builtins::typed_array::bytes_of(cx, value) })
        });
        assert_eq!(chunk.expect("a chunk"), expected);
    }
}

#[test]
fn fetch_goes_through_the_host() {
    let mut worker = Worker::new();
    worker.run("fetch('https://h/p?q#f', { method: 'post', body: 'text', headers: { a: 'b' }, redirect: 'manual' }).then(async r => console.log(r.status, r.url, r.redirected, r.headers.get('x'), await r.text()))");
    let sent = worker.world.borrow_mut().requests.pop().expect("a request");
    assert_eq!((sent.method.as_str(), sent.url.as_str(), &sent.body), ("POST", "https://h/p?q", &OutgoingBody::Bytes(b"text".to_vec())));
    let expected = [
        ("a", "b"),
        ("content-type", "text/plain;charset=UTF-8"),
        ("accept", "*/*"),
        ("accept-language", "*"),
        ("user-agent", "Mayfly"),
        ("accept-encoding", "gzip, deflate, br, zstd"),
    ];
    assert_eq!(sent.headers, expected.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())));
    let waiter = worker.world.borrow_mut().fetch_waiter.take().expect("a waiter");
    let incoming = IncomingResponse {
        status: 418,
        status_text: b"t".to_vec(),
        headers: vec![(b"X".to_vec(), b"y".to_vec())],
        url: "https://h/other#f".to_string(),
        redirected: true,
        body: BodyInit::Bytes(b"body".to_vec()),
    };
    assert!(worker.cx.enter(|cx| deliver_response(cx, waiter, Ok(incoming))).is_ok());
    worker.jobs();
    assert_eq!(worker.logged(), ["418 https://h/other true y body"]);

    worker.run("fetch('https://refused').catch(e => console.log(String(e))); fetch('https://h').catch(e => console.log(String(e)))");
    let waiter = worker.world.borrow_mut().fetch_waiter.take().expect("a waiter");
    assert!(worker.cx.enter(|cx| deliver_response(cx, waiter, Err("no route".to_string()))).is_ok());
    worker.jobs();
    assert_eq!(worker.logged(), ["TypeError: fetch failed: refused by the host", "TypeError: fetch failed: no route"]);
}

#[test]
fn fetches_can_be_aborted_before_and_after_the_response() {
    let mut worker = Worker::new();
    worker.run("var c = new AbortController(); fetch('https://h', { signal: c.signal }).catch(e => console.log(e)); c.abort('early')");
    assert_eq!(worker.world.borrow().aborted, [9]);
    let response = |body| IncomingResponse {
        status: 200,
        status_text: Vec::new(),
        headers: Vec::new(),
        url: "https://h/".to_string(),
        redirected: false,
        body,
    };
    let waiter = worker.world.borrow_mut().fetch_waiter.take().expect("a waiter");
    assert!(worker.cx.enter(|cx| deliver_response(cx, waiter, Ok(response(BodyInit::Host(5))))).is_ok());
    worker.jobs();
    assert_eq!(worker.logged(), ["early"]);
    assert_eq!(worker.world.borrow().cancelled, [5], "the late response's body");

    worker.run("var d = new AbortController(); fetch('https://h', { signal: d.signal }).then(r => r.text()).catch(e => console.log(e))");
    let waiter = worker.world.borrow_mut().fetch_waiter.take().expect("a waiter");
    assert!(worker.cx.enter(|cx| deliver_response(cx, waiter, Ok(response(BodyInit::Host(5))))).is_ok());
    worker.jobs();
    worker.run("d.abort('late')");
    assert_eq!(worker.logged(), ["late"]);
    assert_eq!(worker.world.borrow().cancelled, [5, 5]);
}

#[test]
fn a_streamed_body_is_read_as_fast_as_the_host_takes_it() {
    let mut worker = Worker::new();
    worker.world.borrow_mut().answers = VecDeque::from([Sending::Room, Sending::Full]);
    worker.run(
        "var pulls = 0;
         fetch('https://h', { method: 'POST', duplex: 'half', body: new ReadableStream({
             pull(c) { if (pulls++ < 4) c.enqueue(new Uint8Array([pulls])); else c.close(); },
         }, { highWaterMark: 0 }) })",
    );
    assert_eq!(worker.world.borrow().requests[0].body, OutgoingBody::Stream(None));
    assert_eq!(worker.world.borrow().sent, [[1], [2]]);
    worker.run("console.log(pulls)");
    assert_eq!(worker.logged(), ["2"]);
    let waiter = worker.world.borrow_mut().room_waiter.take().expect("a waiter");
    assert!(worker.cx.enter(|cx| deliver_room(cx, waiter, true)).is_ok());
    worker.jobs();
    assert_eq!((worker.world.borrow().sent.len(), worker.world.borrow().ended), (4, Some(true)));

    // A host that takes no more cancels the stream.
    worker.world.borrow_mut().answers = VecDeque::from([Sending::Closed]);
    worker.run(
        "fetch('https://h', { method: 'POST', duplex: 'half', body: new ReadableStream({
             pull(c) { c.enqueue(new Uint8Array(1)); }, cancel(e) { console.log('cancelled', String(e)); },
         }, { highWaterMark: 0 }) })",
    );
    assert_eq!(worker.logged(), ["cancelled TypeError: The server takes no more of the request's body"]);
}

fn event(worker: &mut Worker, waiter: Handle, event: SocketEvent) {
    assert!(worker.cx.enter(|cx| deliver(cx, waiter, event)).is_ok());
    worker.jobs();
}

#[test]
fn web_sockets_go_through_the_host() {
    let mut worker = Worker::new();
    worker.run(
        "var ws = new WebSocket('https://u:p@h:81/x?y', ['a', 'b']);
         for (const type of ['open', 'message', 'error', 'close']) ws.addEventListener(type, e => console.log(type, e.data ?? e.code ?? ws.protocol, ws.readyState));",
    );
    let socket = worker.world.borrow_mut().sockets.pop().expect("a socket");
    let expected =
        OutgoingSocket { url: "wss://h:81/x?y".into(), protocols: vec!["a".into(), "b".into()], authorization: Some("Basic dTpw".into()) };
    assert_eq!(socket, expected);
    let waiter = worker.world.borrow_mut().socket_waiter.take().expect("a waiter");
    event(&mut worker, waiter, SocketEvent::Open { protocol: "b".into() });
    event(&mut worker, waiter, SocketEvent::Message(SocketMessage::Text("ä".into())));
    worker.run("ws.send('ö'); ws.send(new Uint8Array(3)); console.log(ws.bufferedAmount)");
    assert_eq!(worker.world.borrow().messages, [SocketMessage::Text("ö".into()), SocketMessage::Binary(vec![0; 3])]);
    event(&mut worker, waiter, SocketEvent::Sent(2));
    worker.run("console.log(ws.bufferedAmount); ws.close(3000, 'r'); ws.send('late'); console.log(ws.bufferedAmount)");
    assert_eq!(worker.world.borrow_mut().closed.take(), Some((Some(3000), "r".into())));
    event(&mut worker, waiter, SocketEvent::Message(SocketMessage::Text("ignored".into())));
    event(&mut worker, waiter, SocketEvent::Closed { failed: true, code: 1006, reason: String::new(), was_clean: false });
    assert_eq!(worker.logged(), ["open b 1", "message ä 1", "5", "3", "7", "error b 3", "close 1006 3"]);
}

#[test]
fn an_end_of_a_pair_is_coupled_with_a_connection() {
    let mut worker = Worker::new();
    let response = worker.run(
        "var [client, server] = Object.values(new WebSocketPair());
         server.accept();
         server.addEventListener('message', e => { console.log(e.data); server.send('answer'); });
         server.send('first');
         new Response(null, { status: 101, webSocket: client })",
    );
    let given = worker.cx.enter(|cx| Ok(response_parts(cx, response)?.web_socket)).ok().flatten().expect("a socket");
    let waiter = worker.cx.enter(|cx| couple(cx, given)).unwrap_or_else(|_| panic!("refused"));
    assert!(worker.cx.enter(|cx| set_connection(cx, given, 3)).is_ok());
    event(&mut worker, waiter, SocketEvent::Message(SocketMessage::Text("question".into())));
    let expected = [SocketMessage::Text("first".into()), SocketMessage::Text("answer".into())];
    assert_eq!(worker.world.borrow().messages, expected);
    assert_eq!(worker.logged(), ["question"]);
    // It can be given away once.
    assert!(worker.cx.enter(|cx| couple(cx, given)).is_err());
    worker.cx.take_exception();
    worker.run("try { client.send('x') } catch (e) { console.log(e.name) } try { client.accept() } catch (e) { console.log(e.name) }");
    assert_eq!(worker.logged(), ["InvalidStateError", "InvalidStateError"]);
    worker.run("try { new Response(null, { status: 200, webSocket: client }) } catch (e) { console.log(e.message) } try { new Response(null, { status: 101 }) } catch (e) { console.log(e.name) }");
    assert_eq!(worker.logged(), ["Failed to construct 'Response': A Response with a WebSocket must have status 101", "RangeError"]);
}
