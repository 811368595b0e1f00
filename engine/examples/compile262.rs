//! Compiles every JavaScript file under the given directories and verifies the code: `compile262 DIR…`. With `--dump FILE` prints
//! the bytecode of one file, with `--speed FILE` measures how fast it compiles.
//!
//! Files with test262 front matter are compiled in the modes it asks for; negative parse tests must fail, all others must not.

use std::path::{Path, PathBuf};
use std::time::Instant;

use mayfly_engine::bytecode::{disassemble, verify};
use mayfly_engine::compiler::{Options, compile_module, compile_script};

#[path = "../tests/support/flow.rs"]
mod flow;

#[derive(Default)]
struct Totals {
    compiled: usize,
    bytes: usize,
    failures: Vec<String>,
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        let Ok(entries) = std::fs::read_dir(path) else { return };
        let mut entries: Vec<PathBuf> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
        entries.sort();
        entries.iter().for_each(|entry| collect(entry, files));
    } else if path.extension().is_some_and(|extension| extension == "js") {
        files.push(path.to_path_buf());
    }
}

fn front_matter(source: &str) -> &str {
    source.split_once("/*---").and_then(|(_, rest)| rest.split_once("---*/")).map_or("", |(matter, _)| matter)
}

fn check(path: &Path, source: &str, is_module: bool, negative: bool, totals: &mut Totals) {
    let name = path.display().to_string();
    let result = std::panic::catch_unwind(|| {
        let options = Options { explicit_undefined: true, ..Options::default() };
        if is_module { compile_module(source, &name, &options) } else { compile_script(source, &name, &options) }
    });
    totals.bytes += source.len();
    let failure = match result {
        Err(_) => Some("panic".to_string()),
        Ok(Err(error)) if !negative => Some(format!("refused: {}", error.message)),
        Ok(Ok(_)) if negative => Some("accepted".to_string()),
        Ok(Err(_)) => None,
        Ok(Ok(code)) => {
            totals.compiled += 1;
            let mut complaints = Vec::new();
            flow::check(&code, &mut complaints);
            verify(&code)
                .err()
                .map(|error| format!("bad code: {error}"))
                .or_else(|| complaints.first().map(|first| format!("flow: {first}")))
        }
    };
    if let Some(failure) = failure {
        totals.failures.push(format!("{name}: {failure}"));
    }
}

fn speed(path: &str) -> std::io::Result<()> {
    let source = std::fs::read_to_string(path)?;
    let options = Options::default();
    for _ in 0..5 {
        let start = Instant::now();
        match compile_script(&source, path, &options) {
            Ok(code) => std::hint::black_box(code.words.len()),
            Err(error) => {
                println!("{path}: {}", error.message);
                return Ok(());
            }
        };
        let seconds = start.elapsed().as_secs_f64();
        println!("{} bytes in {:.2} ms, {:.1} MB/s", source.len(), seconds * 1e3, source.len() as f64 / seconds / 1e6);
    }
    Ok(())
}

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--dump", file] => {
            let source = std::fs::read_to_string(file)?;
            let is_module = file.ends_with(".mjs");
            let options = Options::default();
            let result = if is_module { compile_module(&source, file, &options) } else { compile_script(&source, file, &options) };
            match result {
                Ok(code) => print!("{}", disassemble(&code)),
                Err(error) => println!("{}", error.render(&source, file)),
            }
            return Ok(());
        }
        ["--speed", file] => return speed(file),
        _ => {}
    }
    let mut files = Vec::new();
    arguments.iter().for_each(|directory| collect(Path::new(directory), &mut files));
    let mut totals = Totals::default();
    let start = Instant::now();
    for path in &files {
        let Ok(source) = std::fs::read_to_string(path) else { continue };
        if path.to_string_lossy().contains("_FIXTURE") {
            continue;
        }
        let matter = front_matter(&source);
        let flag = |name: &str| {
            matter.lines().any(|line| line.contains("flags:") && line.contains(name)) || matter.contains(&format!("  - {name}\n"))
        };
        let negative = matter.contains("phase: parse");
        if flag("module") {
            check(path, &source, true, negative, &mut totals);
            continue;
        }
        if !flag("onlyStrict") {
            check(path, &source, false, negative, &mut totals);
        }
        if !flag("noStrict") && !flag("raw") {
            check(path, &format!("\"use strict\";\n{source}"), false, negative, &mut totals);
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    totals.failures.iter().for_each(|failure| println!("{failure}"));
    println!(
        "{} files, {} programs compiled, {} failures, {:.1} MB/s",
        files.len(),
        totals.compiled,
        totals.failures.len(),
        totals.bytes as f64 / seconds / 1e6
    );
    Ok(())
}
