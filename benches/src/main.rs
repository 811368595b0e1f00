//! The command line of the comparisons.
#![forbid(unsafe_code)]

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use benches::mayfly::Loaded;
use benches::report::{Results, Table, short, thousands};
use benches::servers::{self, Scenario, load};
use benches::{compare, install, operations, programs, protocol};
use clap::{Args, Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p benches -- compare --install          Get the peers, then compare everything
  cargo run --release -p benches -- compare --programs         Programs only
  cargo run --release -p benches -- compare --programs --filter json --engines node
  cargo run --release -p benches -- compare --servers --filter hello --repetitions 3
  cargo run --release -p benches -- compare --servers --filter 'in flight'
  cargo run --release -p benches -- operations --filter spread
  cargo run --release -p benches -- load hello --address 127.0.0.1:8080

Comparing servers needs the mayfly binary of the same build: cargo build --release -p mayfly.

Exit codes: 0 done, 1 a measurement failed or a checksum was wrong, 2 wrong usage.";

const COMPARE_EXAMPLES: &str = "\
Peers are found on the path and in the cache directory ($MAYFLY_BENCHES_CACHE, else ~/.cache/mayfly-benches); --install fills it:
bun, deno and workerd come from npm, QuickJS-ng and Boa are built by cargo. node must be there already.

Everything is measured in turn, repetition after repetition, so that what drifts on the machine drifts for all. Trust the ratios.
Scenarios of servers: hello, router, stream, sha256, url, decode, clone; cold start, loading (a worker that a running server has not
loaded yet), memory (of 1 to 5,000 workers in one process), in flight (10,000 slow requests at once). --filter takes their names too.

--json writes { machine, scenarios, ratios }: ratios above 1 say that Mayfly is ahead.";

/// Compares Mayfly with other engines and servers on this machine.
#[derive(Parser)]
#[command(name = "benches", after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare programs in engines, and requests to servers
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(Compare),
    /// Compare single operations in interpreters: those first in which Mayfly is behind most
    Operations {
        /// Only operations whose name contains this
        #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
        filter: String,
        /// Processes per engine
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
        repetitions: u32,
    },
    /// Measure one program in Mayfly
    Engine {
        /// Name of the program
        program: String,
        /// Size; by default the program's own
        #[arg(long)]
        size: Option<u32>,
        /// Measured calls
        #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        calls: u32,
    },
    /// Send requests to a server and count the replies
    Load(Load),
    /// Serve a scenario with hyper and nothing else
    Hyper {
        /// What to serve; without it hello, and /slow after five seconds
        scenario: Option<Scenario>,
        /// Port on 127.0.0.1
        #[arg(long, default_value_t = 8080)]
        port: u16,
    },
    /// Start a server and print the milliseconds to the first byte of its first reply
    FirstReply {
        /// Where it will be
        #[arg(long)]
        address: SocketAddr,
        /// Where its errors go
        #[arg(long)]
        log: PathBuf,
        /// The command
        #[arg(last = true, required = true)]
        words: Vec<String>,
    },
    /// Ask for /w1, /w2 … one after the other and print the microseconds to each first byte
    FirstBytes {
        /// Where the server is
        #[arg(long)]
        address: SocketAddr,
        /// The first one's number
        #[arg(long, default_value_t = 0)]
        from: u32,
        /// How many
        #[arg(long)]
        count: u32,
    },
    /// Keep many requests for /slow in flight at once
    Hold {
        /// Where the server is
        #[arg(long)]
        address: SocketAddr,
        /// How many
        #[arg(long)]
        count: usize,
    },
    /// List programs and engines
    List,
}

#[derive(Args)]
struct Compare {
    /// Programs only
    #[arg(long, conflicts_with = "servers")]
    programs: bool,
    /// Servers only
    #[arg(long)]
    servers: bool,
    /// Only programs and scenarios whose name contains this
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    filter: String,
    /// Only engines and servers whose name contains this, beside Mayfly and raw hyper
    #[arg(long, default_value = "", hide_default_value = true, value_name = "TEXT")]
    engines: String,
    /// Processes per measurement
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repetitions: u32,
    /// Measured calls of a program per process
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    calls: u32,
    /// Keep-alive connections to a server
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    connections: u16,
    /// How long each server is asked
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u64).range(50..), value_name = "MS")]
    milliseconds: u64,
    /// Most workers loaded in one process
    #[arg(long, default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    workers: u32,
    /// Slow requests at once
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    in_flight: u32,
    /// Begin no further repetition after this
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u64).range(1..=10_000), value_name = "MINUTES")]
    minutes: u64,
    /// Where the numbers go
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Where the plots go: programs.svg and servers.svg in this directory
    #[arg(long, value_name = "DIRECTORY")]
    svg: Option<PathBuf>,
    /// Install the peers first
    #[arg(long)]
    install: bool,
}

#[derive(Args)]
struct Load {
    /// What to ask, and what the reply must be
    scenario: Scenario,
    /// Where the server is
    #[arg(long, default_value = "127.0.0.1:8080")]
    address: SocketAddr,
    /// Keep-alive connections
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// How long
    #[arg(long, default_value_t = 2000, value_name = "MS")]
    milliseconds: u64,
    /// Print bare numbers: replies, failures, seconds, median and 99 % latency in µs
    #[arg(long)]
    bare: bool,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Compare(options) => done(compare_all(&options)),
        Command::Operations { filter, repetitions } => done(operations::compare(&filter, repetitions).map(|table| print!("{table}"))),
        Command::Engine { program, size, calls } => engine(&program, size, calls),
        Command::Load(options) => done(generate(&options)),
        Command::Hyper { scenario, port } => done(servers::hyper::serve(scenario, port).map_err(|error| format!("port {port}: {error}"))),
        Command::FirstReply { address, log, words } => done(servers::cold::first_reply(address, &log, &words)),
        Command::FirstBytes { address, from, count } => done(servers::cold::first_bytes(address, from, count)),
        Command::Hold { address, count } => done(servers::flight::hold(address, count).map_err(|error| error.to_string())),
        Command::List => done(list()),
    }
}

fn done(outcome: Result<(), String>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches: {error}");
            ExitCode::FAILURE
        }
    }
}

fn engine(name: &str, size: Option<u32>, calls: u32) -> ExitCode {
    let Some(program) = programs::find(name) else {
        eprintln!("benches: there is no program {name}; see `benches list`");
        return ExitCode::from(2);
    };
    let size = size.unwrap_or(program.size);
    let measured = Loaded::new(program.source, program.name, size)
        .and_then(|mut loaded| protocol::measure(calls, || loaded.call()))
        .map(|timing| println!("{}", timing.to_line()));
    done(measured)
}

fn generate(options: &Load) -> Result<(), String> {
    let duration = Duration::from_millis(options.milliseconds);
    let seen = load::generate(options.address, options.scenario, options.connections, duration).map_err(|error| error.to_string())?;
    if options.bare {
        println!("{}", seen.to_line());
        return Ok(());
    }
    let mut table = Table::new(&[options.scenario.name(), "replies", "failures", "replies/s", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs"]);
    table.row(vec![
        options.address.to_string(),
        seen.replies.to_string(),
        seen.failures.to_string(),
        thousands(seen.replies as f64 / seen.seconds),
        short(seen.p50_us),
        short(seen.p90_us),
        short(seen.p99_us),
        short(seen.p999_us),
    ]);
    print!("{table}");
    if seen.failures > 0 { Err(format!("{} requests failed", seen.failures)) } else { Ok(()) }
}

fn list() -> Result<(), String> {
    for program in programs::PROGRAMS {
        println!("program  {:12} size {}", program.name, program.size);
    }
    for engine in benches::engines::find().map_err(|error| error.to_string())? {
        println!("engine   {:26} {}", engine.name, engine.executable.display());
    }
    for server in servers::peers::Server::ALL {
        println!("server   {:26} {}", server.name(), if server.is_here() { "here" } else { "not here" });
    }
    Ok(())
}

fn compare_all(options: &Compare) -> Result<(), String> {
    if cfg!(debug_assertions) {
        eprintln!("benches: this is a debug build: its numbers say nothing. Use cargo run --release -p benches");
    }
    if options.install {
        install::run();
    }
    let begun = Instant::now();
    let mut results = Results::new();
    let both = !options.programs && !options.servers;
    let chosen = programs::matching(&options.filter);
    if (both || options.programs) && !chosen.is_empty() {
        let end = begun + Duration::from_secs(60 * options.minutes);
        let how = compare::Options { repetitions: options.repetitions, calls: options.calls, engines: options.engines.clone(), end };
        match compare::run(&chosen, &how, &mut results) {
            Ok(plot) => write_plot(options, "programs.svg", &plot)?,
            Err(error) => results.failed("programs", &error),
        }
    }
    if both || options.servers {
        let how = servers::Options {
            repetitions: options.repetitions,
            connections: usize::from(options.connections),
            duration: Duration::from_millis(options.milliseconds),
            filter: options.filter.clone(),
            servers: options.engines.clone(),
            workers: options.workers,
            in_flight: options.in_flight,
            end: begun + Duration::from_secs(60 * options.minutes),
        };
        let plot = servers::run(how, &mut results)?;
        write_plot(options, "servers.svg", &plot)?;
    }
    let mut ratios = Table::new(&["ratio", ""]);
    for (name, value) in &results.ratios {
        ratios.row(vec![name.clone(), short(value.as_f64().unwrap_or(f64::NAN))]);
    }
    print!("\n{ratios}");
    if let Some(file) = &options.json {
        let text = format!("{:#}\n", results.to_json());
        write(file, &text)?;
    }
    if results.failures.is_empty() { Ok(()) } else { Err(format!("not all could be measured:\n{}", results.failures.join("\n"))) }
}

fn write_plot(options: &Compare, name: &str, plot: &str) -> Result<(), String> {
    let Some(directory) = &options.svg else { return Ok(()) };
    std::fs::create_dir_all(directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    write(&directory.join(name), plot)
}

fn write(file: &Path, text: &str) -> Result<(), String> {
    std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))
}
