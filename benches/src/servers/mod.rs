//! Servers side by side: throughput per second and per second of CPU time, latency, cold starts, memory.
//!
//! Each measurement starts its server anew, on a core of its own; the load comes from a process on the other core. All servers answer a
//! scenario before the next repetition begins. Whatever is started or asked has a limit, and so has the whole.

pub mod cold;
pub mod flight;
pub mod hyper;
pub mod libraries;
pub mod load;
pub mod peers;
pub mod scenario;
pub mod start;
pub mod throughput;
pub mod workers;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::report::Results;
use crate::svg;
use peers::Server;
pub use scenario::Scenario;
use start::Directory;

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
    /// Most workers in one process.
    pub workers: u32,
    /// Slow requests at once.
    pub in_flight: u32,
    /// When to stop measuring throughput and cold starts.
    pub end: Instant,
}

/// What all measurements of one comparison share.
pub struct Bench {
    /// How servers are compared.
    pub options: Options,
    /// The servers that are compared.
    pub servers: Vec<Server>,
    /// Workers, images, adapters.
    pub directory: Directory,
    /// Whether there is a worker with libraries.
    pub has_large: bool,
}

impl Bench {
    /// Whether the time for the whole is over.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.options.end
    }

    /// Where the server of the moment writes its errors.
    pub fn log(&self) -> PathBuf {
        self.directory.0.join("log")
    }
}

const SLOW_WORKER: &str = include_str!("../../servers/slow.js");

/// Compares servers, prints tables, and adds to `results`. The plot. Where Mayfly or raw hyper cannot be measured it goes on with the next.
///
/// # Errors
/// Where the workers cannot be built.
pub fn run(options: Options, results: &mut Results) -> Result<String, String> {
    let is_chosen = |server: &Server| *server == Server::Hyper || server.is_own() || server.name().contains(&options.servers);
    let servers: Vec<Server> = Server::ALL.into_iter().filter(|server| is_chosen(server) && server.is_here()).collect();
    let filter = options.filter.clone();
    let scenarios: Vec<Scenario> = Scenario::ALL.into_iter().filter(|scenario| scenario.name().contains(&filter)).collect();
    let large = libraries::Bundle::Large.source();
    let mut workers: Vec<(&str, &str)> = Scenario::ALL.into_iter().map(|scenario| (scenario.name(), scenario.worker())).collect();
    workers.push(("slow", SLOW_WORKER));
    workers.extend(large.as_deref().map(|large| ("large", large)));
    let bench = Bench { options, servers, directory: Directory::new("servers")?, has_large: large.is_some() };
    peers::write_files(&bench.directory.0, &workers)?;
    let mut groups = Vec::new();
    for scenario in scenarios {
        match throughput::run(scenario, &bench, results) {
            Ok(group) => groups.push(group),
            Err(error) => results.failed(scenario.name(), &error),
        }
    }
    type Part = fn(&Bench, &mut Results) -> Result<(), String>;
    let parts: [(&str, Part); 4] =
        [("cold start", cold::processes), ("loading", cold::loading), ("memory", workers::run), ("in flight", flight::run)];
    for (name, part) in parts.into_iter().filter(|(name, _)| name.contains(&filter)) {
        if let Err(error) = part(&bench, results) {
            results.failed(name, &error);
        }
    }
    let names: Vec<String> = bench.servers.iter().map(|server| server.name().to_string()).collect();
    Ok(svg::bars("Requests per second of CPU time, raw hyper (or Mayfly, where it has no part) = 1; longer is better", &names, &groups))
}
