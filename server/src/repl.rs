//! `mayfly repl`: reads scripts line by line, evaluates them in one context, prints what they give.

use std::io::{BufRead, IsTerminal, Write};
use std::process::ExitCode;

use bumpalo::Bump;
use mayfly_engine::syntax::{Names, ParseOptions, parse_script};
use mayfly_runtime::{Ended, Program, ProgramOptions};

use crate::commands::fail;

/// Whether more lines may make this a script: its error is that it ends.
fn is_incomplete(source: &str) -> bool {
    let (arena, mut names) = (Bump::new(), Names::new());
    match parse_script(&arena, &mut names, source, &ParseOptions::default()) {
        Ok(_) => false,
        Err(error) => error.span.start as usize >= source.trim_end().len() || error.message.contains("nterminated template"),
    }
}

/// `mayfly repl`
pub fn repl() -> ExitCode {
    let mut program = match Program::new("repl", &ProgramOptions::default()) {
        Ok(program) => program,
        Err(error) => return fail(format!("mayfly: {error}")),
    };
    let is_terminal = std::io::stdin().is_terminal();
    if is_terminal {
        println!("mayfly {}. Ctrl-D ends.", env!("CARGO_PKG_VERSION"));
    }
    let mut lines = std::io::stdin().lock().lines();
    let mut source = String::new();
    loop {
        if is_terminal {
            print!("{}", if source.is_empty() { "> " } else { "… " });
            let _ = std::io::stdout().flush();
        }
        match lines.next() {
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

fn evaluate(program: &mut Program, source: &str) {
    match program.evaluate(source, "repl") {
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
        for source in ["function f() {\n", "[1,\n", "a +\n", "if (x) {\n  y\n"] {
            assert!(is_incomplete(source), "{source}");
        }
        for source in ["1\n", "", "\n", "a b\n", "function f() {}\n", ")\n"] {
            assert!(!is_incomplete(source), "{source}");
        }
    }
}
