//! Servers side by side: throughput per second and per second of CPU time, latency, memory, cold start.
//!
//! Each measurement starts its server anew, on a core of its own; the load comes from a process on the other core. All servers answer a
//! scenario before the next repetition begins.

pub mod hyper;
pub mod load;
pub mod peers;
pub mod scenario;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::process::{self, Core, Running, output, usage};
use crate::report::{Results, Table, short, thousands};
use crate::stats::{median, median_ratio, min};
use crate::svg::{self, Group};
use load::Seen;
use peers::Server;
pub use scenario::Scenario;

/// How servers are compared.
pub struct Options {
    /// Servers started per scenario.
    pub repetitions: u32,
    /// Keep-alive connections.
    pub connections: usize,
    /// How long each is asked.
    pub duration: Duration,
    /// Scenarios whose name contains this.
    pub filter: String,
    /// Only servers whose name contains this (raw hyper and Mayfly always).
    pub servers: String,
}

/// How long a server may take to its first reply.
const START_LIMIT: Duration = Duration::from_secs(20);
/// How long a server is asked before it is measured.
const WARM_UP: Duration = Duration::from_millis(400);

/// A directory that goes with its owner.
struct Directory(PathBuf);

impl Directory {
    fn new() -> std::io::Result<Directory> {
        let path = std::env::temp_dir().join(format!("mayfly-servers-{}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Directory(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What is left in the directory for temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One run of one server.
#[derive(Clone, Copy, Debug)]
struct Sample {
    seen: Seen,
    cpu_s: f64,
    peak_mib: f64,
}

impl Sample {
    fn per_second(&self) -> f64 {
        self.seen.replies as f64 / self.seen.seconds
    }

    fn per_cpu_second(&self) -> f64 {
        self.seen.replies as f64 / self.cpu_s
    }
}

/// A port that nobody listens on.
fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Compares servers, prints tables, and adds to `results`. The plot.
///
/// # Errors
/// Where raw hyper or Mayfly cannot be measured.
pub fn run(options: &Options, results: &mut Results) -> Result<String, String> {
    let scenarios: Vec<Scenario> = Scenario::ALL.into_iter().filter(|scenario| scenario.name().contains(&options.filter)).collect();
    let is_chosen = |server: &Server| {
        matches!(server, Server::Hyper | Server::Mayfly | Server::MayflyReuse) || server.name().contains(&options.servers)
    };
    let servers: Vec<Server> = Server::ALL.into_iter().filter(|server| is_chosen(server) && server.is_here()).collect();
    let directory = Directory::new().map_err(|error| error.to_string())?;
    peers::write_files(&directory.0, &scenarios)?;
    let mut groups = Vec::new();
    for scenario in &scenarios {
        let samples = throughput(*scenario, &servers, options, &directory.0)?;
        groups.push(report(*scenario, &servers, &samples, results));
    }
    if "cold start".contains(&options.filter) || scenarios.contains(&Scenario::Hello) {
        cold_start(&servers, options.repetitions * 2, &directory.0, results)?;
    }
    let names: Vec<String> = servers.iter().map(|server| server.name().to_string()).collect();
    Ok(svg::bars("Requests per second of CPU time, raw hyper = 1; longer is better", &names, &groups))
}

fn throughput(scenario: Scenario, servers: &[Server], options: &Options, directory: &Path) -> Result<BTreeMap<usize, Vec<Sample>>, String> {
    let mut samples: BTreeMap<usize, Vec<Sample>> = BTreeMap::new();
    let mut broken = vec![false; servers.len()];
    for repetition in 0..options.repetitions {
        eprintln!("{}: repetition {} of {}", scenario.name(), repetition + 1, options.repetitions);
        for (column, server) in servers.iter().enumerate() {
            if broken[column] {
                continue;
            }
            let mut measured = measure(*server, scenario, options, directory);
            if let Err(error) = &measured {
                eprintln!("{} is measured once more: {error}", server.name());
                measured = measure(*server, scenario, options, directory);
            }
            match measured {
                Ok(sample) => samples.entry(column).or_default().push(sample),
                Err(error) if matches!(server, Server::Hyper | Server::Mayfly) => return Err(error),
                Err(error) => {
                    eprintln!("{}: {error}", server.name());
                    broken[column] = true;
                    samples.remove(&column);
                }
            }
        }
    }
    Ok(samples)
}

/// Starts a server and waits for its first reply; how long that took.
fn start(server: Server, scenario: Scenario, directory: &Path) -> Result<(Running, SocketAddr, Duration), String> {
    let port = free_port().map_err(|error| error.to_string())?;
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let command = server.command(scenario, port, directory).ok_or("it cannot be started here")?;
    let mut command = process::pinned(&command, Core::Measured);
    let log = std::fs::File::create(directory.join("log")).map_err(|error| error.to_string())?;
    let request = scenario.request(&address.to_string());
    let expected = format!("HTTP/1.1 {}", scenario.status());
    let begun = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
    let mut running = Running(child.map_err(|error| format!("{command:?}: {error}"))?);
    loop {
        if first_reply(address, &request).is_some_and(|head| head.starts_with(expected.as_bytes())) {
            return Ok((running, address, begun.elapsed()));
        }
        let ended = running.0.try_wait().map_err(|error| error.to_string())?;
        if ended.is_some() || begun.elapsed() > START_LIMIT {
            let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
            return Err(format!("{} did not answer ({ended:?}): {log}", server.name()));
        }
        std::thread::sleep(Duration::from_micros(50));
    }
}

/// The beginning of a reply; `None` while nobody listens.
fn first_reply(address: SocketAddr, request: &[u8]) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
    stream.write_all(request).ok()?;
    let mut head = vec![0; 64];
    let length = stream.read(&mut head).ok()?;
    head.truncate(length);
    Some(head)
}

fn measure(server: Server, scenario: Scenario, options: &Options, directory: &Path) -> Result<Sample, String> {
    let (running, address, _) = start(server, scenario, directory)?;
    let pid = running.0.id();
    let load = |duration: Duration| -> Result<Seen, String> {
        let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
        command.args(["load", scenario.name(), "--bare", "--address", &address.to_string()]);
        command.args(["--connections", &options.connections.to_string(), "--milliseconds", &duration.as_millis().to_string()]);
        let text = output(&mut process::pinned(&command, Core::Measuring), duration + Duration::from_secs(20))?;
        Seen::from_line(&text).ok_or_else(|| format!("{text:?} is no line of the load generator"))
    };
    load(WARM_UP)?;
    let before = usage(pid).map_err(|error| error.to_string())?;
    let seen = load(options.duration)?;
    let after = usage(pid).map_err(|error| error.to_string())?;
    if seen.failures > 0 || seen.replies == 0 {
        return Err(format!("{} of {} replies failed", seen.failures, seen.failures + seen.replies));
    }
    Ok(Sample { seen, cpu_s: after.cpu_s - before.cpu_s, peak_mib: after.peak_mib })
}

fn report(scenario: Scenario, servers: &[Server], samples: &BTreeMap<usize, Vec<Sample>>, results: &mut Results) -> Group {
    let empty = Vec::new();
    let of = |column: usize, value: fn(&Sample) -> f64| -> Vec<f64> { samples.get(&column).unwrap_or(&empty).iter().map(value).collect() };
    let mut table = Table::new(&[
        scenario.name(),
        "requests/s",
        "per CPU second",
        "CPU µs each",
        "× raw hyper per CPU",
        "p50 µs",
        "p99 µs",
        "peak MiB",
    ]);
    let mut measured = Map::new();
    let mut values = Vec::new();
    let reference = of(0, Sample::per_cpu_second);
    for (column, server) in servers.iter().enumerate() {
        let per_cpu = of(column, Sample::per_cpu_second);
        let ratio = median_ratio(&per_cpu, &reference);
        let per_second = median(&of(column, Sample::per_second));
        let [p50, p99, peak] =
            [|s: &Sample| s.seen.p50_us, |s: &Sample| s.seen.p99_us, |s: &Sample| s.peak_mib].map(|f| median(&of(column, f)));
        values.push(ratio);
        let each = 1e6 / median(&per_cpu);
        table.row(vec![
            server.name().to_string(),
            thousands(per_second),
            thousands(median(&per_cpu)),
            short(each),
            short(ratio),
            short(p50),
            short(p99),
            short(peak),
        ]);
        if !per_cpu.is_empty() {
            measured.insert(
                server.name().to_string(),
                json!({ "requests_per_s": per_second, "requests_per_cpu_s": median(&per_cpu), "cpu_us_per_request": each,
                        "p50_us": p50, "p99_us": p99, "peak_mib": peak }),
            );
        }
    }
    println!("{table}");
    let position = |wanted| servers.iter().position(|server| *server == wanted);
    if let Some(own) = position(Server::Mayfly) {
        let own_values = of(own, Sample::per_cpu_second);
        for (column, server) in servers.iter().enumerate().filter(|(column, _)| *column != own) {
            let ratio = median_ratio(&own_values, &of(column, Sample::per_cpu_second));
            results.ratio(&format!("{}_fresh_vs_{}_per_cpu", scenario.name(), server.key()), ratio);
        }
    }
    results.scenarios.insert(scenario.name().to_string(), Value::Object(measured));
    Group { label: scenario.name().to_string(), values }
}

/// Milliseconds from the start of the process to the first byte of its first reply.
fn cold_start(servers: &[Server], repetitions: u32, directory: &Path, results: &mut Results) -> Result<(), String> {
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); servers.len()];
    for repetition in 0..repetitions {
        eprintln!("cold start: repetition {} of {repetitions}", repetition + 1);
        for (column, server) in servers.iter().enumerate().filter(|(_, server)| **server != Server::MayflyReuse) {
            match start(*server, Scenario::Hello, directory) {
                Ok((_, _, time)) => times[column].push(time.as_secs_f64() * 1e3),
                Err(error) if *server == Server::Mayfly => return Err(error),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
    let mut table = Table::new(&["cold start", "median ms", "min ms"]);
    let mut measured = Map::new();
    for (server, times) in servers.iter().zip(&times).filter(|(_, times)| !times.is_empty()) {
        table.row(vec![server.name().to_string(), short(median(times)), short(min(times))]);
        measured.insert(server.name().to_string(), json!({ "median_ms": median(times), "min_ms": min(times) }));
    }
    println!("{table}");
    let own = servers.iter().position(|server| *server == Server::Mayfly).map_or(&[][..], |column| times[column].as_slice());
    for (server, times) in servers.iter().zip(&times).filter(|(server, _)| **server != Server::Mayfly) {
        // How many times as long the peer takes.
        results.ratio(&format!("cold_start_vs_{}", server.key()), median_ratio(times, own));
    }
    results.scenarios.insert("cold_start".to_string(), Value::Object(measured));
    Ok(())
}
