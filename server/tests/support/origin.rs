//! Servers that workers send requests to: HTTP/1.1 by hand, one thread per connection.

#![allow(dead_code, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A request that an origin received.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A running origin; its threads end with the process.
pub struct Origin {
    pub address: String,
    pub connections: Arc<AtomicUsize>,
    /// Connections that have been closed by the other side.
    pub closed: Arc<AtomicUsize>,
    pub received: Arc<Mutex<Vec<Received>>>,
}

/// Reads a request's head; `None` at the connection's end.
pub fn read_head(reader: &mut BufReader<TcpStream>) -> Option<Received> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_string(), words.next()?.to_string());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
    }
    Some(Received { method, target, headers, body: Vec::new() })
}

/// Reads a request's body, which counts as broken off when the connection ends before.
pub fn read_body(reader: &mut BufReader<TcpStream>, request: &mut Received) -> Option<()> {
    if request.header("transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let size = usize::from_str_radix(line.trim(), 16).ok()?;
            let mut bytes = vec![0; size + 2];
            reader.read_exact(&mut bytes).ok()?;
            if size == 0 {
                return Some(());
            }
            request.body.extend_from_slice(&bytes[..size]);
        }
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    reader.read_exact(&mut request.body).ok()
}

/// A whole reply.
pub fn reply(status: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body].concat()
}

impl Origin {
    /// An origin that gives each request, body included, to `answer`, which writes to the connection; false closes it.
    pub fn start(answer: impl Fn(&Received, &mut TcpStream) -> bool + Send + Sync + 'static) -> Origin {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = Origin {
            address: listener.local_addr().unwrap().to_string(),
            connections: Arc::default(),
            closed: Arc::default(),
            received: Arc::default(),
        };
        let (connections, closed, received) = (origin.connections.clone(), origin.closed.clone(), origin.received.clone());
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, closed, received) = (answer.clone(), closed.clone(), received.clone());
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    while let Some(mut request) = read_head(&mut reader) {
                        if read_body(&mut reader, &mut request).is_none() {
                            request.method = format!("broken {}", request.method);
                            received.lock().unwrap().push(request);
                            break;
                        }
                        received.lock().unwrap().push(request.clone());
                        if !answer(&request, reader.get_mut()) {
                            break;
                        }
                    }
                    closed.fetch_add(1, Ordering::SeqCst);
                });
            }
        });
        origin
    }

    /// An origin that answers with what `answer` returns.
    pub fn replies(answer: impl Fn(&Received) -> Vec<u8> + Send + Sync + 'static) -> Origin {
        Origin::start(move |request, stream| stream.write_all(&answer(request)).is_ok())
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The requests so far, as `METHOD target`.
    pub fn lines(&self) -> Vec<String> {
        self.received.lock().unwrap().iter().map(|request| format!("{} {}", request.method, request.target)).collect()
    }

    /// Waits for a condition on the requests so far.
    pub fn wait_until(&self, what: &str, condition: impl Fn(&Origin) -> bool) {
        let from = std::time::Instant::now();
        while !condition(self) {
            assert!(from.elapsed() < super::PATIENCE, "{what} did not happen: {:?}", self.lines());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}
