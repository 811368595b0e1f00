//! Starting servers, and waiting for their first reply. Nothing here waits without a limit.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use crate::process::Running;

/// How long a server may take to its first reply.
pub const START_LIMIT: Duration = Duration::from_secs(20);
/// How long one attempt at a first reply may take: a server that has just begun to listen may need time to load its worker.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(5);

/// A directory that goes with its owner.
pub struct Directory(pub PathBuf);

impl Directory {
    /// A new directory among the temporary files.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new(name: &str) -> Result<Directory, String> {
        let path = std::env::temp_dir().join(format!("mayfly-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left in the directory for temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A port on 127.0.0.1 that nobody listens on, from below those that connections get by themselves: an attempt to connect to one of these,
/// made while nobody listens, now and then connects to itself, and then the server finds its port taken.
///
/// # Errors
/// Where all are taken.
pub fn free_port() -> Result<u16, String> {
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 16_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let offset = (std::process::id() % u32::from(COUNT)) as u16;
    for _ in 0..COUNT {
        let port = FIRST + NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(offset) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    Err("no port is free".to_string())
}

/// Address of a port on this machine.
pub fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// A plain request for a path.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nuser-agent: benches\r\naccept: */*\r\n\r\n").into_bytes()
}

/// Starts a server and asks it until it answers as expected.
///
/// # Errors
/// Where it ends or does not answer within [`START_LIMIT`]: with the end of what it wrote.
pub fn start(command: &mut Command, address: SocketAddr, request: &[u8], status: u16, log: &Path) -> Result<(Running, Duration), String> {
    start_then(command, address, request, status, log, || {})
}

/// The same; `started` runs as soon as the process has been started.
///
/// # Errors
/// See [`start`].
pub fn start_then(
    command: &mut Command,
    address: SocketAddr,
    request: &[u8],
    status: u16,
    log: &Path,
    started: impl FnOnce(),
) -> Result<(Running, Duration), String> {
    let file = std::fs::File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).spawn();
    let mut running = Running(child.map_err(|error| format!("{command:?}: {error}"))?);
    started();
    let expected = format!("HTTP/1.1 {status}");
    loop {
        let head = ask_once(address, request);
        if head.as_ref().is_some_and(|head| head.starts_with(expected.as_bytes())) {
            return Ok((running, begun.elapsed()));
        }
        let ended = running.0.try_wait().map_err(|error| error.to_string())?;
        if ended.is_some() || begun.elapsed() > START_LIMIT {
            let how = ended.map_or("still running".to_string(), |status| status.to_string());
            let said = head.map(|head| String::from_utf8_lossy(&head).into_owned()).unwrap_or_default();
            return Err(format!("{command:?} did not answer ({how}) {said:?}\n{}", last_lines(log)));
        }
        std::thread::sleep(Duration::from_micros(20));
    }
}

/// The end of a log.
pub fn last_lines(log: &Path) -> String {
    let text = std::fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

/// The beginning of a reply; `None` while nobody answers.
pub fn ask_once(address: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&address, ATTEMPT_LIMIT).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(ATTEMPT_LIMIT)).ok()?;
    stream.set_write_timeout(Some(ATTEMPT_LIMIT)).ok()?;
    stream.write_all(request).ok()?;
    let mut head = vec![0; 64];
    let length = stream.read(&mut head).ok()?;
    head.truncate(length);
    Some(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_differ_and_are_below_those_of_connections() {
        let ports: std::collections::BTreeSet<u16> = (0..20).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 20);
        assert!(ports.iter().all(|port| (12_000..28_000).contains(port)), "{ports:?}");
    }

    #[test]
    fn a_server_that_ends_is_told_with_its_words() {
        let directory = Directory::new("start-test").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such worker >&2; exit 3"]);
        let address = local(free_port().unwrap());
        let Err(error) = start(&mut command, address, &get("/"), 200, &directory.0.join("log")) else { panic!("nobody listens there") };
        assert!(error.contains("no such worker") && error.contains('3'), "{error}");
    }
}
