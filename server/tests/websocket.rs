//! WebSockets: workers as clients, and workers that answer upgrades with one end of a WebSocketPair.

#![allow(missing_docs)]

mod support;

use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use support::{Server, temporary, text};
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::server::{Request, Response};
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, WebSocket};

type Socket = WebSocket<TcpStream>;

/// A server of WebSockets: `serve` gets each connection with its handshake's request, on a thread of its own.
fn socket_server(serve: impl Fn(Socket, &str) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serve = std::sync::Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let serve = serve.clone();
            std::thread::spawn(move || {
                let mut path = String::new();
                #[allow(clippy::result_large_err)] // the callback's type is tungstenite's
                let callback = |request: &Request, mut response: Response| {
                    path = request.uri().path().to_string();
                    let offered = request.headers().get("sec-websocket-protocol").and_then(|value| value.to_str().ok()).unwrap_or("");
                    if let Some(last) = offered.split(", ").last().filter(|last| !last.is_empty()) {
                        response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_str(last).unwrap());
                    }
                    if let Some(value) = request.headers().get("authorization") {
                        path.push_str(value.to_str().unwrap());
                    }
                    Ok(response)
                };
                if let Ok(socket) = tungstenite::accept_hdr(stream, callback) {
                    serve(socket, &path);
                }
            });
        }
    });
    format!("ws://{address}")
}

/// Sends back what comes; closes as it is told to.
fn echo(mut socket: Socket, path: &str) {
    if let Some(credentials) = path.strip_prefix("/auth") {
        let _ = socket.send(Message::text(credentials));
    }
    loop {
        match socket.read() {
            Ok(Message::Text(text)) if text.as_str() == "drop" => return,
            Ok(Message::Text(text)) if text.as_str().starts_with("close ") => {
                let code: u16 = text.as_str()[6..].parse().unwrap();
                let _ = socket.close(Some(CloseFrame { code: CloseCode::from(code), reason: "server's".into() }));
            }
            Ok(message @ (Message::Text(_) | Message::Binary(_))) => {
                if socket.send(message).is_err() {
                    return;
                }
            }
            Ok(_) => {}
            Err(_) => return,
        }
    }
}

/// Runs a program with `o`, the URL of an echo server, and gives what it prints.
fn run(source: &str) -> String {
    let url = socket_server(echo);
    let path = temporary("program.mjs", format!("const o = '{url}';\n{source}"));
    let output = Command::new(env!("CARGO_BIN_EXE_mayfly")).args(["run", path.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn clients_send_and_receive() {
    let got = run(
        "const ws = new WebSocket(o + '/path', ['one', 'two']);
         console.log(ws.readyState, ws.url === o + '/path', ws.binaryType, ws.bufferedAmount, ws.protocol === '');
         try { ws.send('early') } catch (e) { console.log(e.name) }
         ws.onopen = e => {
             console.log(e.type, e.isTrusted, ws.readyState, ws.protocol, ws.extensions === '');
             ws.send('text ä'); ws.send(new Uint8Array([1, 2, 3]).subarray(1)); ws.send(new Blob(['blob'])); ws.send(new ArrayBuffer(2));
             console.log(ws.bufferedAmount);
         };
         const got = [];
         ws.onmessage = async e => {
             got.push(e.data);
             if (got.length === 2) ws.binaryType = 'arraybuffer';
             if (got.length < 4) return;
             console.log(got[0], await got[1].text() === '\\x02\\x03', got[2] instanceof Blob || got[2].byteLength, got[3].byteLength, e.origin === o, ws.bufferedAmount);
             ws.close(3456, 'done');
             console.log(ws.readyState);
         };
         ws.onerror = () => console.log('error');
         ws.onclose = e => console.log(e.type, e instanceof CloseEvent, e.code, e.reason, e.wasClean, ws.readyState);",
    );
    assert_eq!(
        got,
        "0 true blob 0 true\nInvalidStateError\nopen true 1 two true\n15\ntext ä true 4 2 true 0\n2\nclose true 3456 done true 3\n"
    );
}

#[test]
fn closing() {
    let got = run(
        "const end = (url, act) => new Promise(f => {
             const ws = new WebSocket(url), list = [];
             ws.onopen = () => act(ws);
             ws.onerror = () => list.push('error');
             ws.onclose = e => f([...list, e.code, e.reason, e.wasClean].join());
         });
         console.log(await end(o, ws => ws.close()));
         console.log(await end(o, ws => ws.close(1000)));
         console.log(await end(o, ws => ws.send('close 4321')));
         console.log(await end(o, ws => ws.send('drop')));
         console.log(await end('ws://127.0.0.1:1/', () => {}));
         const early = new WebSocket(o), list = [];
         early.onopen = () => list.push('open');
         early.onerror = () => list.push('error');
         const closed = new Promise(f => early.onclose = e => f([...list, e.code, e.wasClean].join()));
         early.close();
         console.log(early.readyState, await closed);
         for (const call of [() => early.close(999), () => early.close(1001), () => early.close(1000, 'x'.repeat(124)), () => new WebSocket('ftp://h'),
             () => new WebSocket('ws://h/#f'), () => new WebSocket('ws://h', ['a', 'A']), () => new WebSocket('ws://h', 'a b'), () => new WebSocket('nonsense'), () => WebSocket('ws://h')])
             try { call(); console.log('none') } catch (e) { console.log(e.name) }
         const auth = new WebSocket(o.replace('//', '//me:secret@') + '/auth');
         auth.onmessage = e => { console.log(e.data); auth.close() };",
    );
    assert_eq!(
        got,
        "1005,,true\n1000,,true\n4321,server's,true\nerror,1006,,false\nerror,1006,,false\n2 error,1006,false\n\
         InvalidAccessError\nInvalidAccessError\nSyntaxError\nSyntaxError\nSyntaxError\nSyntaxError\nSyntaxError\nSyntaxError\nTypeError\n\
         Basic bWU6c2VjcmV0\n"
    );
}

#[test]
fn much_in_both_directions() {
    // Neither side waits for the other to read.
    let got = run("const ws = new WebSocket(o), count = 200;
         ws.binaryType = 'arraybuffer';
         let received = 0;
         ws.onopen = () => { for (let i = 0; i < count; i++) ws.send(new Uint8Array(65536).fill(i)); };
         ws.onmessage = e => {
             if (e.data.byteLength !== 65536 || new Uint8Array(e.data)[5] !== received % 256) console.log('wrong', received);
             if (++received === count) { console.log(ws.bufferedAmount); ws.close(); }
         };
         ws.onclose = e => console.log(received, e.wasClean);");
    assert_eq!(got, "0\n200 true\n");
}

/// Opens a WebSocket to a worker.
fn connect(server: &Server, path: &str) -> (Socket, tungstenite::handshake::client::Response) {
    let mut request = format!("ws://{}{path}", server.address).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("chat"));
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(support::PATIENCE)).unwrap();
    tungstenite::client(request, stream).unwrap_or_else(|error| panic!("{error}"))
}

fn read_text(socket: &mut Socket) -> String {
    match socket.read().unwrap() {
        Message::Text(text) => text.as_str().to_string(),
        Message::Binary(bytes) => format!("{:?}", bytes.to_vec()),
        other => panic!("{other:?}"),
    }
}

const SERVED: &str = "
    export default { fetch(request) {
        if (request.headers.get('upgrade') !== 'websocket') return new Response('plain');
        const { 0: client, 1: server } = new WebSocketPair(), path = new URL(request.url).pathname;
        if (path !== '/unaccepted') server.accept(), server.send('hello');
        let count = 0;
        server.addEventListener('message', e => {
            count++;
            if (e.data === 'spin') { while (true); }
            if (e.data === 'busy') { const from = Date.now(); while (Date.now() - from < 150); }
            if (e.data === 'close') return server.close(1011, 'worker');
            if (e.data === 'later') return setTimeout(() => server.send('late'), 700);
            server.send(e.data instanceof ArrayBuffer ? new Uint8Array(e.data).map(x => x + 1) : count + ' ' + e.data);
        });
        server.addEventListener('close', e => console.log('closed', e.code, e.reason, e.wasClean, count));
        return new Response(null, { status: 101, webSocket: client, headers: { 'Sec-WebSocket-Protocol': 'chat', 'X-Own': '1' } });
    } };";

#[test]
fn workers_serve_sockets() {
    let server = Server::start(SERVED, &["--verify-reset"]);
    for _ in 0..2 {
        let (mut socket, response) = connect(&server, "/");
        assert_eq!(response.headers().get("x-own").map(HeaderValue::as_bytes), Some(&b"1"[..]));
        assert_eq!(read_text(&mut socket), "hello");
        for i in 1..4 {
            socket.send(Message::text("x")).unwrap();
            assert_eq!(read_text(&mut socket), format!("{i} x"));
        }
        socket.send(Message::binary(vec![1, 2])).unwrap();
        assert_eq!(read_text(&mut socket), "[2, 3]");
        socket.close(Some(CloseFrame { code: CloseCode::from(4000), reason: "bye".into() })).unwrap();
        while socket.read().is_ok() {}
    }
    server.wait_for_log("closed 4000 bye true 4");
    // The worker closes, the client breaks off.
    let (mut socket, _) = connect(&server, "/");
    read_text(&mut socket);
    socket.send(Message::text("close")).unwrap();
    let Ok(Message::Close(Some(frame))) = socket.read() else { panic!("no close frame") };
    assert_eq!((u16::from(frame.code), frame.reason.as_str()), (1011, "worker"));
    assert!(matches!(socket.read(), Err(Error::ConnectionClosed)));
    server.wait_for_log("closed 1011 worker true 1");
    let (mut socket, _) = connect(&server, "/");
    read_text(&mut socket);
    drop(socket);
    server.wait_for_log("closed 1006  false 0");
    assert_eq!(server.get("/").text(), "plain");
}

#[test]
fn sockets_outlive_the_wall_clock_but_not_the_cpu() {
    let server = Server::start(SERVED, &["--wall-ms", "300", "--cpu-ms", "400"]);
    let (mut socket, _) = connect(&server, "/");
    read_text(&mut socket);
    std::thread::sleep(Duration::from_millis(600));
    socket.send(Message::text("later")).unwrap();
    assert_eq!(read_text(&mut socket), "late");
    // Each message has CPU time of its own.
    for i in 2..8 {
        socket.send(Message::text("busy")).unwrap();
        assert_eq!(read_text(&mut socket), format!("{i} busy"));
    }
    socket.send(Message::text("spin")).unwrap();
    assert!(socket.read().is_err(), "the connection is cut");
    server.wait_for_log("cpu-ms");
}

#[test]
fn refused_sockets() {
    let server = Server::start(SERVED, &["--production"]);
    let mut connection = server.connect();
    let headers = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")];
    // Without a version there is no handshake.
    assert_eq!(connection.request("GET", "/", &headers, b"").status, 500);
    server.wait_for_log("answered with a WebSocket, but the request does not ask for one");
    let complete = [headers.as_slice(), &[("Sec-WebSocket-Version", "13")]].concat();
    assert_eq!(server.connect().request("GET", "/unaccepted", &complete, b"").status, 500);
    server.wait_for_log("was not accepted");
    // The example of RFC 6455.
    let mut connection = server.connect();
    let mut head = String::from("GET / HTTP/1.1\r\nHost: h\r\n");
    complete.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    connection.send(head + "\r\n");
    let reply = connection.head();
    assert_eq!((reply.status, reply.header("sec-websocket-accept")), (101, Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")));
}

#[test]
fn pairs_within_a_worker() {
    let got = run("const [a, b] = Object.values(new WebSocketPair());
         try { a.send('x') } catch (e) { console.log(e.name) }
         a.accept(); a.accept();
         a.send('one'); a.send(new Uint8Array([7]));
         b.onmessage = e => console.log('b', typeof e.data === 'string' ? e.data : new Uint8Array(e.data)[0]);
         a.onmessage = e => console.log('a', e.data);
         b.onclose = e => console.log('b closed', e.code, e.reason, e.wasClean, b.readyState);
         a.onclose = e => console.log('a closed', e.code, a.readyState);
         await 1;
         console.log('not yet');
         b.accept();
         b.send('two');
         await new Promise(f => setTimeout(f, 1));
         a.close(3000, 'r');
         console.log(a.readyState, a.url === '', a.binaryType);");
    assert_eq!(got, "InvalidStateError\nnot yet\nb one\nb 7\na two\n2 true arraybuffer\nb closed 3000 r true 3\na closed 3000 3\n");
}

#[test]
fn a_worker_between_client_and_server() {
    let (sender, receiver) = mpsc::channel();
    let url = socket_server(move |socket, path| {
        echo(socket, path);
        sender.send(()).unwrap();
    });
    let source = format!(
        "export default {{ async fetch() {{
             const {{ 0: client, 1: server }} = new WebSocketPair(), upstream = new WebSocket('{url}');
             server.accept();
             await new Promise(f => upstream.onopen = f);
             server.onmessage = e => upstream.send(e.data + '!');
             upstream.onmessage = e => server.send(e.data + '?');
             upstream.onclose = e => server.close(e.code === 1005 ? 1000 : e.code, e.reason);
             server.onclose = e => upstream.close();
             return new Response(null, {{ status: 101, webSocket: client, headers: {{ 'Sec-WebSocket-Protocol': 'chat' }} }});
         }} }};"
    );
    let server = Server::start(&source, &[]);
    let (mut socket, _) = connect(&server, "/");
    socket.send(Message::text("m")).unwrap();
    assert_eq!(read_text(&mut socket), "m!?");
    drop(socket);
    // The upstream connection ends with the client's.
    receiver.recv_timeout(support::PATIENCE).unwrap();
}
