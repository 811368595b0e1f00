//! `run` and `eval`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use mayfly_runtime::{Ended, Program, ProgramOptions, SourceKind, is_image};

use crate::awaiting::rewrite;
use crate::cli::{Eval, Run};
use crate::repl::evaluate_any;

/// Writes a message for the user, and gives the exit code of failures.
pub fn fail(message: impl std::fmt::Display) -> ExitCode {
    eprintln!("{message}");
    ExitCode::FAILURE
}

/// Reads a source file, `-` being standard input.
pub fn read_source(path: &Path) -> Result<(String, String), String> {
    let (bytes, name) = if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|error| format!("mayfly: standard input: {error}"))?;
        (bytes, "stdin".to_string())
    } else {
        let bytes = std::fs::read(path).map_err(|error| format!("mayfly: {}: {error}", path.display()))?;
        (bytes, path.to_string_lossy().into_owned())
    };
    if is_image(&bytes) {
        return Err(format!("mayfly: {name} is an image. Serve it with `mayfly serve {name}`"));
    }
    match String::from_utf8(bytes) {
        Ok(source) => Ok((source, name)),
        Err(_) => Err(format!("mayfly: {name} is not valid UTF-8")),
    }
}

fn ended(outcome: Result<(), Ended>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Its message has been written.
        Err(Ended::Reported) => ExitCode::FAILURE,
        Err(ended) => fail(ended),
    }
}

/// `mayfly run`
pub fn run(arguments: &Run) -> ExitCode {
    let (source, name) = match read_source(&arguments.file) {
        Ok(read) => read,
        Err(message) => return fail(message),
    };
    let options =
        ProgramOptions { memory_mib: arguments.memory_mib, gc_stress: arguments.source.gc_stress, no_eval: arguments.source.no_eval };
    match Program::new(&name, &options) {
        Ok(mut program) => ended(program.run(&source, &name, arguments.source.kind())),
        Err(error) => fail(format!("mayfly: {error}")),
    }
}

/// `mayfly eval`
pub fn eval(arguments: &Eval) -> ExitCode {
    let mut program = match Program::new("eval", &ProgramOptions { gc_stress: arguments.gc_stress, ..ProgramOptions::default() }) {
        Ok(program) => program,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let awaits = rewrite(&arguments.code).is_some();
    if !awaits && SourceKind::Detect.resolve(&arguments.code, "eval") == SourceKind::Module {
        return ended(program.run(&arguments.code, "eval", SourceKind::Module));
    }
    match evaluate_any(&mut program, &arguments.code, "eval") {
        Ok(Some(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => ended(Err(error)),
    }
}
