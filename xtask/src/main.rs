//! Housekeeping tasks: `cargo xtask TASK`.
#![forbid(unsafe_code)]

mod dispatch;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  tidy             checks what formatting and lints do not: READMEs, unsafe outside its rooms, unfinished code
  dispatch BINARY  disassembles the interpreter's handlers and checks that they reach each other by jumps, and runs a long
                   loop on a small stack
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["tidy"] => tidy::run(),
        ["dispatch", binary] => dispatch::run(binary),
        ["--help" | "help"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(message) => {
            println!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
