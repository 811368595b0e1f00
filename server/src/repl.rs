//! `mayfly repl`: reads scripts line by line, evaluates them in one context, prints what they give.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use bumpalo::Bump;
use mayfly_engine::syntax::{Names, ParseOptions, SyntaxError, parse_module, parse_script};
use mayfly_runtime::{Ended, Program, ProgramOptions};

use crate::awaiting::{Awaiting, rewrite};
use crate::commands::fail;

/// What `.help` prints.
const HELP: &str = "\
Each line is evaluated when it is complete; `await` may stand at the top. `_` is the last result.
.exit   Ends (as does Ctrl-D)
.clear  Forgets the lines of an unfinished statement
.help   Prints this";

/// Whether more lines may make this a script: its error is that it ends.
fn is_incomplete(source: &str) -> bool {
    let (arena, mut names) = (Bump::new(), Names::new());
    match parse_script(&arena, &mut names, source, &ParseOptions::default()) {
        Ok(_) => false,
        Err(error) => rewrite(source).is_none() && is_open(source, &error),
    }
}

/// Whether an error is that the source ends; as a module, where it awaits.
fn is_open(source: &str, error: &SyntaxError) -> bool {
    let at_end =
        |error: &SyntaxError| error.span.start as usize >= source.trim_end().len() || error.message.contains("nterminated template");
    let (arena, mut names) = (Bump::new(), Names::new());
    at_end(error) || parse_module(&arena, &mut names, source, &ParseOptions::default()).is_err_and(|error| at_end(&error))
}

/// `mayfly repl`
pub fn repl() -> ExitCode {
    let mut program = match Program::new("repl", &ProgramOptions::default()) {
        Ok(program) => program,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    program.keep_results_as(Some("_"));
    let is_terminal = std::io::stdin().is_terminal();
    if is_terminal {
        println!("mayfly {}. Ctrl-D ends, .help says more.", env!("CARGO_PKG_VERSION"));
    }
    let mut lines = std::io::stdin().lock().lines();
    let mut source = String::new();
    loop {
        if is_terminal {
            print!("{}", if source.is_empty() { "> " } else { "… " });
            let _ = std::io::stdout().flush();
        }
        match lines.next() {
            Some(Ok(line)) if line.trim() == ".exit" => return ExitCode::SUCCESS,
            Some(Ok(line)) if line.trim() == ".clear" => {
                source.clear();
                continue;
            }
            Some(Ok(line)) if source.is_empty() && line.trim() == ".help" => {
                println!("{HELP}");
                continue;
            }
            Some(Ok(line)) => {
                source.push_str(&line);
                source.push('\n');
            }
            Some(Err(error)) => return fail(format!("mayfly: {error}")),
            None if source.is_empty() => return ExitCode::SUCCESS,
            None => {
                evaluate(&mut program, &source);
                return ExitCode::SUCCESS;
            }
        }
        if is_incomplete(&source) {
            continue;
        }
        evaluate(&mut program, &source);
        source.clear();
    }
}

/// Evaluates a script, or code that awaits at its top level.
///
/// # Errors
/// The first uncaught error.
pub fn evaluate_any(program: &mut Program, source: &str, name: &str) -> Result<Option<String>, Ended> {
    let Some(Awaiting { declarations, call }) = rewrite(source) else { return program.evaluate(source, name) };
    program.evaluate(&declarations, name)?;
    program.evaluate_promise(&call, name)
}

fn evaluate(program: &mut Program, source: &str) {
    match evaluate_any(program, source, "repl") {
        Ok(Some(text)) => println!("{text}"),
        Ok(None) | Err(Ended::Reported) => {}
        Err(error) => eprintln!("{error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_incomplete;

    #[test]
    fn continuation() {
        for source in ["function f() {\n", "[1,\n", "a +\n", "if (x) {\n  y\n", "await f(\n"] {
            assert!(is_incomplete(source), "{source}");
        }
        for source in ["1\n", "", "\n", "a b\n", "function f() {}\n", ")\n", "await f()\n", "await f)\n"] {
            assert!(!is_incomplete(source), "{source}");
        }
    }
}
