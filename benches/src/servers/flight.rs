//! Memory per request in flight: many requests at once that are answered after some seconds.

use std::cell::Cell;
use std::net::SocketAddr;
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::LocalSet;

use super::Bench;
use super::load::Reader;
use super::peers::{Form, Server};
use super::start::{free_port, get, local, start};
use crate::process::{self, Core, Lines, Memory, memory};
use crate::report::{Results, Table, short};

/// How long a slow request takes.
pub const SLOW: Duration = Duration::from_secs(5);
/// Connections that are being opened at the same time.
const OPENING: usize = 128;
/// How long after the last request has been sent memory is looked at: some servers need most of a second for so many, and replies come
/// after five.
const UNTIL_ALL_HAVE_BEGUN: Duration = Duration::from_secs(2);
/// How long all replies may take after the last request has been sent.
const PATIENCE: Duration = Duration::from_secs(40);

/// Sends so many slow requests, each over a connection of its own; prints `sent SECONDS FLYING` when all have been sent, and `done REPLIES
/// SECONDS MOST` when all have been answered or given up. FLYING are under way then, MOST were so at once.
///
/// # Errors
/// Where no executor can be had.
pub fn hold(address: SocketAddr, count: usize) -> std::io::Result<()> {
    process::raise_file_limit();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let begun = Instant::now();
        let client = Rc::new(Client::new(address, count));
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let client = client.clone();
                tokio::task::spawn_local(async move { client.request(begun).await.unwrap_or(false) })
            })
            .collect();
        let mut good = 0;
        for task in tasks {
            good += usize::from(task.await.unwrap_or(false));
        }
        println!("done {good} {:.3} {}", begun.elapsed().as_secs_f64(), client.most.get());
    });
    Ok(())
}

struct Client {
    address: SocketAddr,
    opening: Semaphore,
    /// Not sent yet.
    left: Cell<usize>,
    /// Sent and not answered yet.
    flying: Cell<usize>,
    most: Cell<usize>,
}

impl Client {
    fn new(address: SocketAddr, count: usize) -> Client {
        Client { address, opening: Semaphore::new(OPENING), left: Cell::new(count), flying: Cell::new(0), most: Cell::new(0) }
    }

    /// One request; whether the reply is what it must be.
    async fn request(&self, begun: Instant) -> std::io::Result<bool> {
        let sent = async {
            let _permit = self.opening.acquire().await.map_err(|_| std::io::ErrorKind::Other)?;
            let mut stream = tokio::time::timeout(PATIENCE, TcpStream::connect(self.address)).await??;
            stream.write_all(&get("/slow")).await?;
            Ok::<TcpStream, std::io::Error>(stream)
        };
        let sent = sent.await;
        self.left.set(self.left.get() - 1);
        self.flying.set(self.flying.get() + usize::from(sent.is_ok()));
        self.most.set(self.most.get().max(self.flying.get()));
        if self.left.get() == 0 {
            println!("sent {:.3} {}", begun.elapsed().as_secs_f64(), self.flying.get());
        }
        let mut stream = sent?;
        let mut reader = Reader::default();
        let status = tokio::time::timeout(PATIENCE, reader.reply(&mut stream)).await;
        self.flying.set(self.flying.get() - 1);
        Ok(matches!(status, Ok(Ok(200))) && reader.body == b"Hello, World!")
    }
}

/// What one server came to.
struct Sample {
    before: Memory,
    /// When all had been sent.
    during: Memory,
    /// Requests in flight then.
    flying: u32,
    /// Seconds until then.
    sent_s: f64,
    /// Most that were in flight at once.
    most: u32,
    replies: u32,
    seconds: f64,
}

fn measure(server: Server, count: u32, bench: &Bench) -> Result<Sample, String> {
    let port = free_port()?;
    let address = local(port);
    let mut command = process::pinned(&server.command("slow", Form::Image, port, &bench.directory.0)?, Core::Measured);
    let (running, _) = start(&mut command, address, &get("/"), 200, &bench.log())?;
    let pid = running.0.id();
    let before = memory(pid).map_err(|error| error.to_string())?;
    let mut client = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    client.args(["hold", "--address", &address.to_string(), "--count", &count.to_string()]);
    let lines = Lines::start(&mut process::pinned(&client, Core::Measuring))?;
    let begun = Instant::now();
    let mut sample = Sample { before, during: before, flying: 0, sent_s: f64::NAN, most: 0, replies: 0, seconds: f64::NAN };
    loop {
        if begun.elapsed() > 3 * PATIENCE {
            return Err(format!("{}: not done after {:?}", server.name(), begun.elapsed()));
        }
        let Some(line) = lines.next(Duration::from_millis(500))? else { continue };
        let mut words = line.split_ascii_whitespace();
        let form = || format!("{line:?} is no result");
        match words.next() {
            Some("sent") => {
                sample.sent_s = words.next().and_then(|word| word.parse().ok()).ok_or_else(form)?;
                sample.flying = words.next().and_then(|word| word.parse().ok()).ok_or_else(form)?;
                // By then the server has begun them all, and none is over. Looking takes a while where much is mapped, and the server waits
                // meanwhile: once only.
                std::thread::sleep(UNTIL_ALL_HAVE_BEGUN);
                sample.during = memory(pid).map_err(|error| format!("{}: {error}", server.name()))?;
            }
            Some("done") => {
                sample.replies = words.next().and_then(|word| word.parse().ok()).ok_or_else(form)?;
                sample.seconds = words.next().and_then(|word| word.parse().ok()).ok_or_else(form)?;
                sample.most = words.next().and_then(|word| word.parse().ok()).ok_or_else(form)?;
                return Ok(sample);
            }
            _ => return Err(form()),
        }
    }
}

/// Slow requests in flight in every server; prints a table.
///
/// # Errors
/// Where raw hyper or Mayfly cannot be measured, or Mayfly fails a request.
pub fn run(bench: &Bench, results: &mut Results) -> Result<(), String> {
    let limit = process::raise_file_limit();
    let count = bench.options.in_flight.min(u32::try_from(limit.saturating_sub(200)).unwrap_or(u32::MAX));
    let headings =
        ["in flight", "at once", "failed", "all sent s", "all done s", "PSS before MiB", "PSS MiB", "KiB each", "KiB each over raw hyper"];
    let mut table = Table::new(&headings);
    let mut measured = Map::new();
    let mut of_hyper = f64::NAN;
    let mut own = f64::NAN;
    let mut failure = None;
    for server in &bench.servers {
        eprintln!("{count} in flight: {}", server.name());
        let sample = match measure(*server, count, bench) {
            Ok(sample) => sample,
            Err(error) if matches!(server, Server::Hyper | Server::Mayfly) => return Err(error),
            Err(error) => {
                eprintln!("{}: {error}", server.name());
                continue;
            }
        };
        let each = (sample.during.pss_kib - sample.before.pss_kib) / f64::from(sample.flying);
        let failed = count.saturating_sub(sample.replies);
        if failed == count {
            eprintln!("{}: not one of {count} slow requests was answered", server.name());
            continue;
        }
        if *server == Server::Hyper {
            of_hyper = each;
        }
        if *server == Server::Mayfly {
            own = each;
            if failed > 0 {
                failure = Some(format!("Mayfly failed {failed} of {count} slow requests"));
            }
        } else if *server != Server::Hyper {
            results.ratio(&format!("memory_in_flight_vs_{}", server.key()), each / own);
        }
        let mib = [sample.before.pss_kib / 1024.0, sample.during.pss_kib / 1024.0];
        let numbers = [sample.sent_s, sample.seconds, mib[0], mib[1], each, each - of_hyper].map(short);
        table.row([server.name().to_string(), sample.most.to_string(), failed.to_string()].into_iter().chain(numbers).collect());
        measured.insert(
            server.name().to_string(),
            json!({ "requests": count, "at_once": sample.most, "failed": failed, "sent_s": sample.sent_s, "done_s": sample.seconds,
                    "pss_before_mib": mib[0], "pss_mib": mib[1], "in_flight_then": sample.flying, "kib_each": each, "kib_each_over_raw_hyper": each - of_hyper }),
        );
    }
    println!("{table}");
    results.scenarios.insert("in_flight".to_string(), Value::Object(measured));
    failure.map_or(Ok(()), Err)
}
