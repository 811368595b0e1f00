//! Parses every test262 file under a directory, analyses its scopes, and reports where that disagrees with the front matter.
//!
//! `parse262 DIR [--list]`: `--list` prints each mismatch. `parse262 --bench FILE` parses one file again and again and prints MB/s.
use bumpalo::Bump;
use mayfly_syntax::scope::{ScopeOptions, analyse};
use mayfly_syntax::{Names, ParseOptions, parse_module, parse_script};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the front matter of a test says.
struct Meta {
    negative_parse: bool,
    is_module: bool,
    raw: bool,
    only_strict: bool,
    no_strict: bool,
    features: String,
}

fn meta(source: &str) -> Option<Meta> {
    let start = source.find("/*---")?;
    let end = source.find("---*/")?;
    let text = &source[start..end];
    let flags = text.find("\nflags:").map_or("", |at| {
        let rest = &text[at + 7..];
        // The list is on this line or on the indented lines that follow.
        let end = rest.match_indices('\n').find(|(index, _)| !rest[index + 1..].starts_with([' ', '-'])).map_or(rest.len(), |(at, _)| at);
        &rest[..end]
    });
    let negative = text.find("negative:").map(|at| &text[at..]);
    let features = text.find("features:").map_or("", |at| &text[at..]);
    Some(Meta {
        negative_parse: negative.is_some_and(|text| text.lines().take(4).any(|line| line.trim() == "phase: parse")),
        is_module: flags.contains("module"),
        raw: flags.contains("raw"),
        only_strict: flags.contains("onlyStrict"),
        no_strict: flags.contains("noStrict"),
        features: features.to_owned(),
    })
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        out.push(dir.to_owned());
        return;
    };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "js") && !path.to_string_lossy().contains("_FIXTURE") {
            out.push(path);
        }
    }
}

/// Whether a negative test is about a regular expression, which nobody checks here.
fn is_for_regexp_check(path: &str) -> bool {
    path.contains("/regexp/") || path.contains("/RegExp/")
}

fn bench(file: &str) {
    let source = std::fs::read_to_string(file).expect("a readable file");
    let started = Instant::now();
    let (mut rounds, mut arena_bytes) = (0, 0);
    while started.elapsed().as_secs_f64() < 3.0 {
        let (arena, mut names) = (Bump::new(), Names::new());
        if let Err(error) = parse_script(&arena, &mut names, &source, &ParseOptions::default()) {
            eprintln!("{}", error.render(&source, file));
            std::process::exit(1);
        }
        rounds += 1;
        arena_bytes = arena.allocated_bytes();
    }
    let megabytes = source.len() as f64 / 1e6;
    let rate = megabytes * f64::from(rounds) / started.elapsed().as_secs_f64();
    println!("{megabytes:.2} MB, {rate:.1} MB/s, {:.1} arena bytes per source byte", arena_bytes as f64 / source.len() as f64);
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, file] = args.as_slice()
        && flag == "--bench"
    {
        return bench(file);
    }
    let Some(dir) = args.first() else {
        eprintln!("usage: parse262 DIR [--list] | --bench FILE");
        std::process::exit(2);
    };
    let list = args.iter().any(|arg| arg == "--list");
    let mut paths = Vec::new();
    files(Path::new(dir), &mut paths);
    let (mut variants, mut mismatches, mut skipped) = (0, 0, 0);
    let mut for_regexp = 0;
    for path in paths {
        let Ok(source) = std::fs::read_to_string(&path) else {
            skipped += 1;
            continue;
        };
        let Some(meta) = meta(&source) else {
            skipped += 1;
            continue;
        };
        let name = path.to_string_lossy().into_owned();
        if meta.features.contains("decorators") {
            skipped += 1;
            continue;
        }
        let mut runs: Vec<(&str, String)> = Vec::new();
        if meta.is_module {
            runs.push(("module", source));
        } else if meta.raw {
            runs.push(("sloppy", source));
        } else {
            if !meta.no_strict {
                runs.push(("strict", format!("\"use strict\";\n{source}")));
            }
            if !meta.only_strict {
                runs.push(("sloppy", source));
            }
        }
        for (mode, text) in runs {
            variants += 1;
            let (arena, mut names) = (Bump::new(), Names::new());
            let options = ParseOptions::default();
            let result = if mode == "module" {
                parse_module(&arena, &mut names, &text, &options)
            } else {
                parse_script(&arena, &mut names, &text, &options)
            };
            let result = result.and_then(|program| analyse(&program, &names, ScopeOptions::default()).map(|_| ()));
            let complaint = match result {
                Ok(()) if meta.negative_parse && is_for_regexp_check(&name) => {
                    for_regexp += 1;
                    continue;
                }
                Ok(()) if meta.negative_parse => "accepted".to_owned(),
                Err(error) if !meta.negative_parse => {
                    let place = error.position(&text);
                    format!("{}:{} {}", place.line, place.column, error.message)
                }
                _ => continue,
            };
            mismatches += 1;
            if list {
                println!("{name} [{mode}] {complaint}");
            }
        }
    }
    println!("{variants} variants, {mismatches} mismatches, {for_regexp} left to the regexp compiler, {skipped} files skipped");
}
