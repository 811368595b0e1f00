//! A load generator: keep-alive connections on one thread, each with one request in flight.
//!
//! Replies are read whole and compared with what they must be: a wrong or missing one counts as failed.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use super::scenario::Scenario;
use crate::stats::quantile;

/// What was seen from the client's side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    /// Good replies.
    pub replies: u64,
    /// Wrong replies, and connections that broke.
    pub failures: u64,
    /// Seconds from first to last.
    pub seconds: f64,
    /// Half of the replies came sooner, microseconds.
    pub p50_us: f64,
    /// 90 % of the replies came sooner, microseconds.
    pub p90_us: f64,
    /// 99 % of the replies came sooner, microseconds.
    pub p99_us: f64,
    /// 99.9 % of the replies came sooner, microseconds.
    pub p999_us: f64,
}

impl Seen {
    /// The line that a generating process prints.
    pub fn to_line(self) -> String {
        let Seen { replies, failures, seconds, p50_us, p90_us, p99_us, p999_us } = self;
        format!("{replies} {failures} {seconds:.6} {p50_us:.1} {p90_us:.1} {p99_us:.1} {p999_us:.1}")
    }

    /// Reads what [`Seen::to_line`] wrote.
    pub fn from_line(line: &str) -> Option<Seen> {
        let mut words = line.split_ascii_whitespace();
        let replies = words.next()?.parse().ok()?;
        let failures = words.next()?.parse().ok()?;
        let mut number = || words.next()?.parse::<f64>().ok();
        let (seconds, p50_us, p90_us) = (number()?, number()?, number()?);
        Some(Seen { replies, failures, seconds, p50_us, p90_us, p99_us: number()?, p999_us: number()? })
    }
}

/// Sends requests of a scenario for some time.
///
/// # Errors
/// Where no executor can be had.
pub fn generate(address: SocketAddr, scenario: Scenario, connections: usize, duration: Duration) -> std::io::Result<Seen> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = Rc::new(Plan {
        address,
        request: scenario.request(&address.to_string()),
        status: scenario.status(),
        reply: scenario.reply(),
        end: Instant::now() + duration,
    });
    let begun = Instant::now();
    let (mut latencies, failures) = LocalSet::new().block_on(&runtime, async {
        let tasks: Vec<_> = (0..connections).map(|_| tokio::task::spawn_local(connection(plan.clone()))).collect();
        let (mut latencies, mut failures) = (Vec::new(), 0);
        for task in tasks {
            match task.await {
                Ok(done) => {
                    latencies.extend(done.latencies_us);
                    failures += done.failures;
                }
                Err(_) => failures += 1,
            }
        }
        (latencies, failures)
    });
    let seconds = begun.elapsed().as_secs_f64();
    latencies.sort_by(f64::total_cmp);
    let replies = latencies.len() as u64;
    let [p50_us, p90_us, p99_us, p999_us] = [0.5, 0.9, 0.99, 0.999].map(|share| quantile(&latencies, share));
    Ok(Seen { replies, failures, seconds, p50_us, p90_us, p99_us, p999_us })
}

struct Plan {
    address: SocketAddr,
    request: Vec<u8>,
    status: u16,
    reply: Vec<u8>,
    end: Instant,
}

#[derive(Default)]
struct Done {
    latencies_us: Vec<f64>,
    failures: u64,
}

/// How long after the end the last reply may come.
const PATIENCE: Duration = Duration::from_secs(5);

/// One connection after the other, until the time is over.
async fn connection(plan: Rc<Plan>) -> Done {
    let mut done = Done::default();
    while Instant::now() < plan.end {
        let end = tokio::time::Instant::from_std(plan.end + PATIENCE);
        if !matches!(tokio::time::timeout_at(end, exchange(&plan, &mut done)).await, Ok(Ok(()))) {
            done.failures += 1;
            // A server that refuses connections is not made to do so a million times.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    done
}

async fn exchange(plan: &Plan, done: &mut Done) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(plan.address).await?;
    stream.set_nodelay(true)?;
    let mut reader = Reader::default();
    loop {
        let now = Instant::now();
        if now >= plan.end {
            return Ok(());
        }
        stream.write_all(&plan.request).await?;
        let status = reader.reply(&mut stream).await?;
        if status == plan.status && reader.body == plan.reply {
            done.latencies_us.push(now.elapsed().as_secs_f64() * 1e6);
        } else {
            return Err(std::io::Error::other("a wrong reply"));
        }
    }
}

/// Reads replies of a connection.
#[derive(Default)]
pub struct Reader {
    buffer: Vec<u8>,
    /// Body of the last reply.
    pub body: Vec<u8>,
}

fn malformed(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

impl Reader {
    /// Reads one reply into `body`; its status.
    ///
    /// # Errors
    /// Where the connection ends or what comes is no reply with a length or in chunks.
    pub async fn reply(&mut self, stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<u16> {
        self.body.clear();
        let head_end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.more(stream).await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end]).map_err(|_| malformed("a head that is not text"))?;
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(|| malformed("no status"))?;
        let header = |name: &str| {
            head.lines().skip(1).find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim())
            })
        };
        let length = header("content-length").map(|value| value.parse::<usize>().map_err(|_| malformed("no length"))).transpose()?;
        let is_chunked = header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        self.buffer.drain(..head_end);
        match length {
            Some(length) if !is_chunked => self.take(stream, length).await?,
            _ if is_chunked => self.chunks(stream).await?,
            _ => return Err(malformed("neither length nor chunks")),
        }
        Ok(status)
    }

    async fn chunks(&mut self, stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<()> {
        let mut at = 0;
        loop {
            let line_end = loop {
                if let Some(end) = find(&self.buffer[at..], b"\r\n") {
                    break at + end;
                }
                self.more(stream).await?;
            };
            let line = std::str::from_utf8(&self.buffer[at..line_end]).map_err(|_| malformed("no chunk"))?;
            let size = line.split(';').next().unwrap_or("").trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| malformed("no chunk size"))?;
            let end = line_end.checked_add(size).and_then(|end| end.checked_add(4)).ok_or_else(|| malformed("a chunk too large"))?;
            while self.buffer.len() < end {
                self.more(stream).await?;
            }
            self.body.extend_from_slice(&self.buffer[line_end + 2..end - 2]);
            at = end;
            if size == 0 {
                self.buffer.drain(..at);
                return Ok(());
            }
        }
    }

    async fn take(&mut self, stream: &mut (impl tokio::io::AsyncRead + Unpin), length: usize) -> std::io::Result<()> {
        while self.buffer.len() < length {
            self.more(stream).await?;
        }
        self.body.extend_from_slice(&self.buffer[..length]);
        self.buffer.drain(..length);
        Ok(())
    }

    async fn more(&mut self, stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<()> {
        self.buffer.reserve(64 << 10);
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], count: usize) -> Vec<std::io::Result<(u16, Vec<u8>)>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut stream, mut reader) = (text, Reader::default());
            let mut replies = Vec::new();
            for _ in 0..count {
                let status = reader.reply(&mut stream).await;
                replies.push(status.map(|status| (status, reader.body.clone())));
            }
            replies
        })
    }

    #[test]
    fn replies_of_both_forms() {
        let text = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 201 x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nde\r\nA;x\r\n0123456789\r\n0\r\n\r\nHTTP/1.1 204 y\r\ncontent-length:0\r\n\r\n";
        let replies: Vec<_> = read(text, 3).into_iter().map(Result::unwrap).collect();
        assert_eq!(replies, [(200, b"abc".to_vec()), (201, b"de0123456789".to_vec()), (204, Vec::new())]);
    }

    #[test]
    fn what_is_no_reply() {
        let bad: [&[u8]; 5] = [
            b"",
            b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
            b"HTTP/1.1 200 OK\r\n\r\n",
            b"HTTP/1.1 xyz\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        ];
        for text in bad {
            assert!(read(text, 1)[0].is_err(), "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_server_that_never_answers_is_a_failure() {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let silent = generate(address, Scenario::Hello, 2, Duration::from_millis(50)).unwrap();
        assert_eq!((silent.replies, silent.failures), (0, 2));
    }

    #[test]
    fn lines_are_read_back() {
        let seen = Seen { replies: 10, failures: 1, seconds: 2.5, p50_us: 100.0, p90_us: 110.0, p99_us: 900.5, p999_us: 1000.0 };
        assert_eq!(Seen::from_line(&seen.to_line()), Some(seen));
        assert_eq!(Seen::from_line("1 2"), None);
    }
}
