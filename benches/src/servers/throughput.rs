//! Requests per second and per second of CPU time, and how long clients wait.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::load::Seen;
use super::peers::{Form, Server};
use super::start::{free_port, local, start};
use super::{Bench, Scenario};
use crate::process::{self, Core, output, usage};
use crate::report::{Results, Table, short, thousands};
use crate::stats::{median, median_ratio};
use crate::svg::Group;

/// How long a server is asked before it is measured.
const WARM_UP: Duration = Duration::from_millis(400);

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

/// Measures a scenario in every server, repetition after repetition; prints a table. The bars of the plot, by server.
///
/// # Errors
/// Where raw hyper or Mayfly cannot be measured.
pub fn run(scenario: Scenario, bench: &Bench, results: &mut Results) -> Result<Group, String> {
    let is_measured = |server: &Server| *server != Server::Hyper || scenario.is_for_servers();
    let mut samples: BTreeMap<usize, Vec<Sample>> = BTreeMap::new();
    let mut broken = vec![false; bench.servers.len()];
    for repetition in 0..bench.options.repetitions {
        for (column, server) in bench.servers.iter().enumerate().filter(|(_, server)| is_measured(server)) {
            if broken[column] {
                continue;
            }
            if bench.is_over() {
                eprintln!("{}: the time is over", scenario.name());
                break;
            }
            eprintln!("{}: {}/{} {}", scenario.name(), repetition + 1, bench.options.repetitions, server.name());
            let mut measured = measure(*server, scenario, bench);
            if let Err(error) = &measured {
                eprintln!("{} is measured once more: {error}", server.name());
                measured = measure(*server, scenario, bench);
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
    Ok(report(scenario, &bench.servers, &samples, results))
}

fn measure(server: Server, scenario: Scenario, bench: &Bench) -> Result<Sample, String> {
    let port = free_port()?;
    let address = local(port);
    let command = server.command(scenario.name(), Form::Image, port, &bench.directory.0)?;
    let mut command = process::pinned(&command, Core::Measured);
    let request = scenario.request(&address.to_string());
    let (running, _) = start(&mut command, address, &request, scenario.status(), &bench.log())?;
    let pid = running.0.id();
    let load = |duration: Duration| -> Result<Seen, String> {
        let mut command = Command::new(std::env::current_exe().map_err(|error| error.to_string())?);
        command.args(["load", scenario.name(), "--bare", "--address", &address.to_string()]);
        command.args(["--connections", &bench.options.connections.to_string(), "--milliseconds", &duration.as_millis().to_string()]);
        let text = output(&mut process::pinned(&command, Core::Measuring), duration + Duration::from_secs(20))?;
        Seen::from_line(&text).ok_or_else(|| format!("{text:?} is no line of the load generator"))
    };
    load(WARM_UP)?;
    let before = usage(pid).map_err(|error| error.to_string())?;
    let seen = load(bench.options.duration)?;
    let after = usage(pid).map_err(|error| error.to_string())?;
    if seen.failures > 0 || seen.replies == 0 {
        return Err(format!("{} of {} replies failed", seen.failures, seen.failures + seen.replies));
    }
    Ok(Sample { seen, cpu_s: after.cpu_s - before.cpu_s, peak_mib: after.peak_mib })
}

const HEADINGS: [&str; 9] =
    ["requests/s", "per CPU second", "CPU µs each", "× raw hyper per CPU", "p50 µs", "p90 µs", "p99 µs", "p99.9 µs", "peak MiB"];

fn report(scenario: Scenario, servers: &[Server], samples: &BTreeMap<usize, Vec<Sample>>, results: &mut Results) -> Group {
    let empty = Vec::new();
    let of = |column: usize, value: fn(&Sample) -> f64| -> Vec<f64> { samples.get(&column).unwrap_or(&empty).iter().map(value).collect() };
    let mut table = Table::new(&[&[scenario.name()], &HEADINGS[..]].concat());
    let mut measured = Map::new();
    let mut values = Vec::new();
    let position = |wanted| servers.iter().position(|server| *server == wanted);
    // Without JavaScript there is nothing to compare with in some scenarios: Mayfly is the measure then.
    let measure = if scenario.is_for_servers() { Server::Hyper } else { Server::Mayfly };
    let reference = position(measure).map_or_else(Vec::new, |column| of(column, Sample::per_cpu_second));
    for (column, server) in servers.iter().enumerate() {
        let per_cpu = of(column, Sample::per_cpu_second);
        let ratio = median_ratio(&per_cpu, &reference);
        values.push(ratio);
        if per_cpu.is_empty() {
            continue;
        }
        let per_second = median(&of(column, Sample::per_second));
        let latencies: [fn(&Sample) -> f64; 4] = [|s| s.seen.p50_us, |s| s.seen.p90_us, |s| s.seen.p99_us, |s| s.seen.p999_us];
        let [p50, p90, p99, p999] = latencies.map(|value| median(&of(column, value)));
        let peak = median(&of(column, |s| s.peak_mib));
        let each = 1e6 / median(&per_cpu);
        let shown = [short(each), short(ratio), short(p50), short(p90), short(p99), short(p999), short(peak)];
        let rates = [server.name().to_string(), thousands(per_second), thousands(median(&per_cpu))];
        table.row(rates.into_iter().chain(shown).collect());
        measured.insert(
            server.name().to_string(),
            json!({ "requests_per_s": per_second, "requests_per_cpu_s": median(&per_cpu), "cpu_us_per_request": each,
                    "p50_us": p50, "p90_us": p90, "p99_us": p99, "p999_us": p999, "peak_mib": peak }),
        );
    }
    if measure == Server::Mayfly {
        println!("(× Mayfly in place of × raw hyper)");
    }
    println!("{table}");
    if let Some(own) = position(Server::Mayfly) {
        let own_values = of(own, Sample::per_cpu_second);
        let per_second = of(own, Sample::per_second);
        for (column, server) in servers.iter().enumerate().filter(|(column, _)| *column != own) {
            let ratio = median_ratio(&own_values, &of(column, Sample::per_cpu_second));
            results.ratio(&format!("{}_fresh_vs_{}_per_cpu", scenario.name(), server.key()), ratio);
            let ratio = median_ratio(&per_second, &of(column, Sample::per_second));
            results.ratio(&format!("{}_fresh_vs_{}_per_second", scenario.name(), server.key()), ratio);
        }
    }
    results.scenarios.insert(scenario.name().to_string(), Value::Object(measured));
    Group { label: scenario.name().to_string(), values }
}
