//! Cold starts: of a process, to the first byte of its first reply; of a worker that a running server has not loaded yet.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use super::Bench;
use super::peers::{Form, Server};
use super::start::{START_LIMIT, free_port, get, local, start, start_then};
use super::workers;
use crate::process::{self, Core, output};
use crate::report::{Results, Table, short};
use crate::stats::{median, median_ratio, min, quantile};

/// Starts a command on the measured core, asks it from the other one, and prints the milliseconds to its first byte. In a process of its
/// own, so that it can have real-time priority, which the server inherits: programs that set priorities would be part of the time.
///
/// # Errors
/// Where the server does not answer.
pub fn first_reply(address: SocketAddr, log: &Path, words: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = words.split_first() else { return Err("there is no command".to_string()) };
    process::stay_on(Core::Measured);
    let mut command = Command::new(program);
    command.args(arguments);
    let (_running, time) = start_then(&mut command, address, &get("/"), 200, log, || process::stay_on(Core::Measuring))?;
    println!("{:.4}", time.as_secs_f64() * 1e3);
    Ok(())
}

/// One cold start, milliseconds.
fn measure(server: Server, name: &str, form: Form, bench: &Bench) -> Result<f64, String> {
    let port = free_port()?;
    let command = server.command(name, form, port, &bench.directory.0)?;
    let mut own = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
    own.args(["first-reply", "--address", &local(port).to_string(), "--log"]).arg(bench.log()).arg("--");
    own.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            own.env(name, value);
        }
    }
    let text = output(&mut process::with_priority(&own), START_LIMIT + Duration::from_secs(20))?;
    text.trim().parse().map_err(|_| format!("{text:?} is no time"))
}

/// Processes from their start to the first byte: with a tiny worker, and with one that carries libraries (when they have been installed).
///
/// # Errors
/// Where Mayfly cannot be measured.
pub fn processes(bench: &Bench, results: &mut Results) -> Result<(), String> {
    let names = if bench.has_large { &["hello", "large"][..] } else { &["hello"][..] };
    for name in names {
        let own = [("mayfly, image", Server::Mayfly, Form::Image), ("mayfly, source", Server::Mayfly, Form::Source)];
        let peers = bench.servers.iter().filter(|server| !server.is_own() && (*name == "hello" || **server != Server::Hyper));
        let rows: Vec<(&str, Server, Form)> = own.into_iter().chain(peers.map(|server| (server.name(), *server, Form::Source))).collect();
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
        for repetition in 0..bench.options.repetitions * 2 {
            if bench.is_over() {
                break;
            }
            eprintln!("cold start, {name}: {}/{}", repetition + 1, bench.options.repetitions * 2);
            for ((_, server, form), times) in rows.iter().zip(&mut times) {
                match measure(*server, name, *form, bench) {
                    Ok(time) => times.push(time),
                    Err(error) if server.is_own() => return Err(error),
                    Err(error) => eprintln!("{error}"),
                }
            }
        }
        let size = std::fs::metadata(bench.directory.0.join(format!("{name}.js"))).map_or(0, |metadata| metadata.len());
        let title = format!("cold start, {name} ({:.0} KB)", size as f64 / 1e3);
        let mut table = Table::new(&[title.as_str(), "median ms", "min ms"]);
        let mut measured = Map::new();
        for ((row, _, _), times) in rows.iter().zip(&times).filter(|(_, times)| !times.is_empty()) {
            table.row(vec![row.to_string(), short(median(times)), short(min(times))]);
            measured.insert(row.to_string(), json!({ "median_ms": median(times), "min_ms": min(times) }));
        }
        println!("{table}");
        for ((_, server, _), peer_times) in rows.iter().zip(&times).skip(2) {
            // How many times as long the peer takes.
            results.ratio(&format!("cold_start_{name}_vs_{}", server.key()), median_ratio(peer_times, &times[0]));
        }
        results.scenarios.insert(format!("cold_start_{name}"), Value::Object(measured));
    }
    Ok(())
}

/// Asks for `/w0`, `/w1` … over one connection, each for the first time, and prints the microseconds to each first byte.
///
/// # Errors
/// Where one is not answered with 200.
pub fn first_bytes(address: SocketAddr, from: u32, count: u32) -> Result<(), String> {
    let limit = Duration::from_secs(10);
    let mut stream = TcpStream::connect_timeout(&address, limit).map_err(|error| error.to_string())?;
    let prepare = |stream: &TcpStream| {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))
    };
    prepare(&stream).map_err(|error| error.to_string())?;
    let mut reply = vec![0; 4096];
    for number in from..from + count {
        let request = get(&format!("/w{number}"));
        let begun = Instant::now();
        stream.write_all(&request).map_err(|error| error.to_string())?;
        let length = stream.read(&mut reply).map_err(|error| format!("/w{number}: {error}"))?;
        let time = begun.elapsed();
        let text = String::from_utf8_lossy(&reply[..length]);
        if !text.starts_with("HTTP/1.1 200") || !text.ends_with(&workers::reply(number)) {
            return Err(format!("/w{number} was answered with {text:?}"));
        }
        println!("{:.2}", time.as_secs_f64() * 1e6);
        // Neither starved nor hot.
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

/// Requests whose worker has not been loaded yet, in a server that runs.
///
/// # Errors
/// Where Mayfly cannot be measured.
pub fn loading(bench: &Bench, results: &mut Results) -> Result<(), String> {
    const COUNT: u32 = 200;
    let mut table = Table::new(&["first request to a worker, µs", "p50", "p90", "p99", "its second, p50"]);
    let mut measured = Map::new();
    for (name, form) in [("image", Form::Image), ("source", Form::Source)] {
        eprintln!("loading: {name}");
        let set = workers::Set::write(&bench.directory.0.join(format!("loading-{name}")), COUNT + 1, form)?;
        let port = free_port()?;
        let address = local(port);
        let command = process::pinned(&set.serve(port)?, Core::Measured);
        let (_running, _) = start(&mut { command }, address, &get("/w0"), 200, &bench.log())?;
        let mut times = Vec::new();
        for _ in 0..2 {
            let mut own = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
            own.args(["first-bytes", "--address", &address.to_string(), "--from", "1", "--count", &COUNT.to_string()]);
            let text = output(&mut process::pinned(&own, Core::Measuring), Duration::from_secs(60))?;
            let mut sorted: Vec<f64> = text.lines().filter_map(|line| line.parse().ok()).collect();
            sorted.sort_by(f64::total_cmp);
            times.push(sorted);
        }
        let [p50, p90, p99] = [0.5, 0.9, 0.99].map(|share| quantile(&times[0], share));
        let second = quantile(&times[1], 0.5);
        table.row(vec![name.to_string(), short(p50), short(p90), short(p99), short(second)]);
        measured.insert(name.to_string(), json!({ "p50_us": p50, "p90_us": p90, "p99_us": p99, "second_p50_us": second }));
    }
    println!("{table}");
    results.scenarios.insert("loading".to_string(), Value::Object(measured));
    Ok(())
}
