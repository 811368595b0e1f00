//! Programs in every engine, in turn.
//!
//! Each measurement is a process of its own. All engines run a program before the next repetition begins, so that what drifts on a shared
//! machine drifts for all of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};

use crate::engines::{self, Engine, MAYFLY};
use crate::process::{self, Core, output};
use crate::programs::Program;
use crate::protocol::Timing;
use crate::report::{Results, Table, short};
use crate::stats::{geometric_mean, median, min};
use crate::svg::{self, Group};

/// How programs are compared.
pub struct Options {
    /// Processes per program and engine.
    pub repetitions: u32,
    /// Measured calls per process.
    pub calls: u32,
    /// Only engines whose name contains this.
    pub engines: String,
    /// When to begin no further repetition.
    pub end: Instant,
}

/// How long one process may take.
const LIMIT: Duration = Duration::from_secs(120);

/// A directory with programs and harness that goes with its owner.
struct Files(PathBuf);

impl Files {
    fn new(programs: &[Program]) -> std::io::Result<Files> {
        let directory = std::env::temp_dir().join(format!("mayfly-benches-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let files = Files(directory);
        std::fs::write(files.harness(), include_str!("../harness.mjs"))?;
        for program in programs {
            std::fs::write(files.program(program), program.source)?;
        }
        Ok(files)
    }

    fn harness(&self) -> PathBuf {
        self.0.join("harness.mjs")
    }

    fn program(&self, program: &Program) -> PathBuf {
        self.0.join(format!("{}.js", program.name))
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What is left in the directory for temporary files does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Milliseconds of every measured call, by program and engine. `Err`: the engine cannot run the program.
type Cell = Result<Vec<f64>, String>;

/// Runs programs in every engine found, prints tables, and adds to `results`. The plot.
///
/// # Errors
/// Where Mayfly fails, or any engine gives a wrong checksum: a wrong answer is never a measurement.
pub fn run(programs: &[Program], options: &Options, results: &mut Results) -> Result<String, String> {
    let engines = engines::find().map_err(|error| error.to_string())?;
    let engines: Vec<Engine> =
        engines.into_iter().filter(|engine| engine.name == MAYFLY || engine.name.contains(&options.engines)).collect();
    let files = Files::new(programs).map_err(|error| format!("files for the programs cannot be written: {error}"))?;
    let mut cells: BTreeMap<(usize, usize), Cell> = BTreeMap::new();
    for repetition in 0..options.repetitions {
        if repetition > 0 && Instant::now() >= options.end {
            eprintln!("the time is over");
            break;
        }
        for (row, program) in programs.iter().enumerate() {
            eprintln!("repetition {} of {}: {}", repetition + 1, options.repetitions, program.name);
            for (column, engine) in engines.iter().enumerate() {
                let cell = cells.entry((row, column)).or_insert_with(|| Ok(Vec::new()));
                let Ok(times) = cell else { continue };
                match measure(engine, program, &files, options.calls)? {
                    Ok(timing) => times.extend(timing.times_ms),
                    Err(error) if engine.name == MAYFLY => return Err(error),
                    Err(error) => {
                        eprintln!("{error}");
                        *cell = Err(error);
                    }
                }
            }
        }
    }
    Ok(report(programs, &engines, &cells, results))
}

/// One process. The outer error is a wrong checksum.
fn measure(engine: &Engine, program: &Program, files: &Files, calls: u32) -> Result<Result<Timing, String>, String> {
    let command = engine.command(program.name, &files.program(program), &files.harness(), program.size, calls);
    let text = match output(&mut process::pinned(&command, Core::Measured), LIMIT) {
        Ok(text) => text,
        Err(error) => return Ok(Err(format!("{} in {}: {error}", program.name, engine.name))),
    };
    let Some(timing) = text.lines().next_back().and_then(Timing::from_line) else {
        return Ok(Err(format!("{} in {}: {text:?} is no line of timings", program.name, engine.name)));
    };
    if timing.checksum != program.checksum {
        return Err(format!("{} in {}: gave {} in place of {}", program.name, engine.name, timing.checksum, program.checksum));
    }
    Ok(Ok(timing))
}

/// Median, least, and how many times as fast Mayfly is; NaN where there is nothing.
fn numbers(cell: &Cell, own: &Cell) -> (f64, f64, f64) {
    let (Ok(times), Ok(own)) = (cell, own) else { return (f64::NAN, f64::NAN, f64::NAN) };
    (median(times), min(times), median(times) / median(own))
}

fn report(programs: &[Program], engines: &[Engine], cells: &BTreeMap<(usize, usize), Cell>, results: &mut Results) -> String {
    let names: Vec<String> = engines.iter().map(|engine| engine.name.to_string()).collect();
    let empty = Err(String::new());
    let cell = |row, column| cells.get(&(row, column)).unwrap_or(&empty);
    let mut times = Table::new(&[&["median/min ms".to_string()], names.as_slice()].concat());
    let mut ratios = Table::new(&[&["× Mayfly's time".to_string()], &names[1..]].concat());
    let mut groups = Vec::new();
    let mut scenario = Map::new();
    let mut by_engine: Vec<Vec<f64>> = vec![Vec::new(); engines.len()];
    for (row, program) in programs.iter().enumerate() {
        let (mut time_cells, mut ratio_cells) = (vec![program.name.to_string()], vec![program.name.to_string()]);
        let mut values = Vec::new();
        let mut measured = Map::new();
        for (column, engine) in engines.iter().enumerate() {
            let (middle, least, ratio) = numbers(cell(row, column), cell(row, 0));
            time_cells.push(if middle.is_nan() { "–".to_string() } else { format!("{}/{}", short(middle), short(least)) });
            if column > 0 {
                ratio_cells.push(short(ratio));
            }
            if ratio.is_finite() {
                by_engine[column].push(ratio);
                measured.insert(engine.name.to_string(), json!({ "median_ms": middle, "min_ms": least }));
            }
            values.push(if engine.has_jit { f64::NAN } else { ratio });
        }
        times.row(time_cells);
        ratios.row(ratio_cells);
        scenario.insert(program.name.to_string(), Value::Object(measured));
        groups.push(Group { label: program.name.to_string(), values });
    }
    let means: Vec<f64> = by_engine.iter().map(|ratios| geometric_mean(ratios)).collect();
    ratios.row(std::iter::once("geometric mean".to_string()).chain(means[1..].iter().map(|mean| short(*mean))).collect());
    println!("{times}\n{ratios}\nAbove 1, Mayfly is faster. Engines that compile to machine code are there for information only.");
    for (engine, mean) in engines.iter().zip(&means).skip(1) {
        let key = match engine.name {
            engines::QUICKJS => "programs_vs_quickjs_ng",
            engines::BOA => "programs_vs_boa",
            engines::NODE_JITLESS => "programs_vs_node_jitless",
            engines::JSC_LLINT => "programs_vs_jsc_llint",
            _ => continue,
        };
        results.ratio(key, *mean);
    }
    results.scenarios.insert("programs".to_string(), Value::Object(scenario));
    groups.push(Group {
        label: "geometric mean".to_string(),
        values: engines.iter().zip(&means).map(|(engine, mean)| if engine.has_jit { f64::NAN } else { *mean }).collect(),
    });
    svg::bars("Time per program, Mayfly = 1; shorter is faster", &names, &groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine_cells(times: &[&[f64]]) -> BTreeMap<(usize, usize), Cell> {
        times
            .iter()
            .enumerate()
            .map(|(column, times)| ((0, column), if times.is_empty() { Err("no".to_string()) } else { Ok(times.to_vec()) }))
            .collect()
    }

    #[test]
    fn ratios_and_means() {
        let engines = engines::find().unwrap();
        let mut results = Results::new();
        let program = crate::programs::PROGRAMS[0];
        let own = engine_cells(&[&[2.0, 4.0, 3.0], &[9.0, 6.0, 5.0]]);
        assert_eq!(numbers(&own[&(0, 1)], &own[&(0, 0)]), (6.0, 5.0, 2.0));
        report(&[program], &engines[..1], &own, &mut results);
        assert_eq!(results.to_json()["scenarios"]["programs"][program.name]["mayfly"]["median_ms"], 3.0);
        let failed = engine_cells(&[&[1.0], &[]]);
        assert!(numbers(&failed[&(0, 1)], &failed[&(0, 0)]).2.is_nan());
    }
}
