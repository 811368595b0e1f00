//! Every program gives in Mayfly what it gives elsewhere.

use std::process::{Command, Stdio};

use benches::mayfly::Loaded;
use benches::programs::{PROGRAMS, Program};

fn checked(program: &Program) -> Result<(), String> {
    let mut loaded = Loaded::new(program.source, program.name, program.small_size)?;
    // The second call runs with warm caches, and finds state that the first one left.
    for _ in 0..2 {
        let checksum = loaded.call()?;
        if checksum != program.small_checksum {
            return Err(format!("gave {checksum} in place of {}", program.small_checksum));
        }
    }
    Ok(())
}

#[test]
fn programs_give_their_checksums() {
    let failures: Vec<String> =
        PROGRAMS.iter().filter_map(|program| checked(program).err().map(|error| format!("{}: {error}", program.name))).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(PROGRAMS.len() >= 14);
}

#[test]
fn what_a_program_throws_is_told() {
    let message = |source| Loaded::new(source, "x", 1).and_then(|mut loaded| loaded.call()).unwrap_err();
    assert!(message("function run() { throw new RangeError('no'); }").contains("RangeError: no"));
    assert!(message("let run = 1;").contains("no function run"));
    assert!(message("syntax error").contains("SyntaxError"));
}

/// A child process measures a program of its own, and prints what `compare` reads.
#[test]
fn the_protocol_is_spoken() {
    let child = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_benches")).args(arguments).stderr(Stdio::piped()).output().expect("the binary runs")
    };
    let output = child(&["engine", "towers", "--size", "8", "--calls", "2"]);
    let timing = benches::protocol::Timing::from_line(&String::from_utf8(output.stdout).unwrap()).expect("a line of timings");
    assert_eq!((timing.checksum.as_str(), timing.times_ms.len()), ("25501", 2));
    let output = child(&["engine", "nothing"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("no program"));
}
