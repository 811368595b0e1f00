//! Every target over its seeds and over a number of random inputs, always the same, so that targets neither rot nor find what is known.

use mayfly_fuzz::TARGETS;
use mayfly_fuzz::choices::Random;

/// Native stack of a server's threads, which is what the engine is told it has.
const STACK_BYTES: usize = 16 << 20;
/// Longest random input.
const LONGEST: usize = 500;

fn run(name: &'static str, rounds: usize) {
    let run = TARGETS.iter().find(|(known, _)| *known == name).expect("a target").1;
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
        run(&[]);
        let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let mut paths: Vec<_> = std::fs::read_dir(seeds).expect("seeds").map(|entry| entry.expect("a seed").path()).collect();
        paths.sort();
        assert!(paths.len() >= 10, "the seeds of {name} are gone");
        for path in paths {
            run(&std::fs::read(path).expect("a seed"));
        }
        let mut random = Random(7);
        for _ in 0..rounds {
            let length = 1 + random.number() as usize % LONGEST;
            run(&random.bytes(length));
        }
    });
    if let Err(panic) = thread.expect("a thread").join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn parser() {
    run("parser", 1000);
}

#[test]
fn regexp() {
    run("regexp", 10_000);
}

#[test]
fn json() {
    run("json", 2000);
}

#[test]
fn verifier() {
    run("verifier", 1000);
}

#[test]
fn differential() {
    // Its findings are differences from node: without one there is nothing to compare with.
    if std::process::Command::new("node").arg("--version").output().is_ok_and(|output| output.status.success()) {
        run("differential", 200);
    } else {
        eprintln!("no node here: not compared");
    }
}
