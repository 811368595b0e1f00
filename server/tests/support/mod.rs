//! Starts the binary on a free port and speaks HTTP/1.1 to it by hand, so that nothing on the client's side hides what is on the wire.

#![allow(dead_code, missing_docs)]

pub mod origin;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longest wait for anything.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A file in this test's own directory.
pub fn temporary(name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, contents).unwrap();
    path
}

/// Flags that all tests run with: `MAYFLY_TEST_FLAGS="--gc-stress --verify-reset"` is the stress run. A command gets those it knows.
pub fn test_flags(command: &str) -> Vec<String> {
    let known: &[&str] = match command {
        "serve" => &["--gc-stress", "--verify-reset"],
        "run" | "eval" | "build" => &["--gc-stress"],
        _ => &[],
    };
    let flags = std::env::var("MAYFLY_TEST_FLAGS").unwrap_or_default();
    flags.split_whitespace().filter(|flag| known.contains(flag)).map(str::to_string).collect()
}

/// Whether the tests run under stress, where everything takes many times as long.
pub fn is_stressed() -> bool {
    std::env::var("MAYFLY_TEST_FLAGS").is_ok_and(|flags| flags.contains("--gc-stress"))
}

/// Runs the binary to its end.
pub fn mayfly(arguments: &[&str]) -> Output {
    let (command, rest) = arguments.split_at(arguments.len().min(1));
    Command::new(env!("CARGO_BIN_EXE_mayfly"))
        .args(command)
        .args(command.first().map(|command| test_flags(command)).unwrap_or_default())
        .args(rest)
        .env_remove("MAYFLY_LOG")
        .output()
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub address: String,
    log: Arc<Mutex<String>>,
}

impl Server {
    /// Serves a worker given as source text.
    pub fn start(source: &str, arguments: &[&str]) -> Server {
        Server::start_file(&temporary("worker.js", source), arguments)
    }

    pub fn start_file(path: &std::path::Path, arguments: &[&str]) -> Server {
        Server::launch(&[arguments, &[path.to_str().unwrap()]].concat())
    }

    /// `mayfly serve` on one thread and a free port, with these arguments.
    pub fn launch(arguments: &[&str]) -> Server {
        // A flag may be given once only.
        let flags = test_flags("serve").into_iter().filter(|flag| !arguments.contains(&flag.as_str()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_mayfly"))
            .args(["serve", "--port", "0", "--threads", "1"])
            .args(flags)
            .args(arguments)
            .env_remove("MAYFLY_LOG")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let (stderr, copy) = (child.stderr.take().unwrap(), log.clone());
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                let mut log = copy.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim().strip_prefix("Listening on http://") else {
            let _ = child.wait();
            std::thread::sleep(Duration::from_millis(100));
            panic!("the server did not start: {line}{}", log.lock().unwrap());
        };
        Server { address: address.to_string(), child, log }
    }

    pub fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// One request on a connection of its own.
    pub fn get(&self, path: &str) -> Reply {
        self.connect().get(path)
    }

    /// Number of the process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// Waits until the log has a line with this text.
    pub fn wait_for_log(&self, wanted: &str) {
        let from = std::time::Instant::now();
        while !self.log().contains(wanted) {
            assert!(from.elapsed() < PATIENCE, "no {wanted:?} in the log:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end; the exit code.
    pub fn wait(&mut self) -> Option<i32> {
        let from = std::time::Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(from.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub reason: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The body ended as its framing says.
    pub complete: bool,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        text(&self.body)
    }
}

/// A keep-alive connection.
pub struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    pub fn open(address: &str) -> Connection {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { reader: BufReader::new(stream) }
    }

    /// The socket.
    pub fn stream(&self) -> TcpStream {
        self.reader.get_ref().try_clone().unwrap()
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.reader.get_mut().write_all(bytes.as_ref()).unwrap();
    }

    /// Sends what the server may refuse before all of it has arrived.
    pub fn try_send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.reader.get_mut().write_all(bytes.as_ref());
    }

    pub fn get(&mut self, path: &str) -> Reply {
        self.request("GET", path, &[], b"")
    }

    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: test.example\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        self.send([head.as_bytes(), body].concat());
        self.reply(method == "HEAD")
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        line.trim_end().to_string()
    }

    pub fn head(&mut self) -> Reply {
        let status_line = self.line();
        let status = status_line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("no status line: {status_line:?}"));
        let reason = status_line.splitn(3, ' ').nth(2).unwrap_or_default().to_string();
        let mut headers = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_ascii_lowercase(), value.trim().to_string()));
        }
        Reply { status, reason, headers, body: Vec::new(), complete: true }
    }

    /// A chunk of a chunked body; `None` at its end. `Err` when the connection ends before.
    pub fn chunk(&mut self) -> Result<Option<Vec<u8>>, ()> {
        let mut line = String::new();
        if self.reader.read_line(&mut line).map_err(|_| ())? == 0 {
            return Err(());
        }
        let size = usize::from_str_radix(line.trim(), 16).map_err(|_| ())?;
        let mut bytes = vec![0; size + 2];
        self.reader.read_exact(&mut bytes).map_err(|_| ())?;
        bytes.truncate(size);
        Ok(if size == 0 { None } else { Some(bytes) })
    }

    pub fn reply(&mut self, is_head: bool) -> Reply {
        let mut reply = self.head();
        if is_head || reply.status == 204 || reply.status == 304 {
            return reply;
        }
        if reply.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            loop {
                match self.chunk() {
                    Ok(Some(bytes)) => reply.body.extend(bytes),
                    Ok(None) => break,
                    Err(()) => {
                        reply.complete = false;
                        break;
                    }
                }
            }
        } else if let Some(length) = reply.header("content-length").map(|length| length.parse().unwrap()) {
            let read = self.reader.by_ref().take(length).read_to_end(&mut reply.body).unwrap();
            reply.complete = read as u64 == length;
        } else {
            self.reader.read_to_end(&mut reply.body).unwrap();
        }
        reply
    }

    /// Whether the server has closed the connection.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.reader.read(&mut [0; 1]), Ok(0) | Err(_))
    }
}
