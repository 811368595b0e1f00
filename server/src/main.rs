//! The `mayfly` binary: command line and HTTP server.
//!
//! [`cli`] defines the commands; each is a function that gives an exit code: 0 done, 1 an uncaught error or a failure, 2 wrong usage.
#![forbid(unsafe_code)]

mod bindings;
mod build;
mod cli;
mod commands;
mod connection;
mod connections;
mod directory;
mod dump;
mod flame;
mod io;
mod logs;
mod profile;
mod repl;
mod routes;
mod serve;
mod settle;
mod sites;
mod turn;
mod types;
mod variables;

use std::process::ExitCode;

use clap::Parser;

/// Native stack for everything that runs JS: recursion of the parser and of natives is bounded below this.
const STACK_BYTES: usize = 4 << 20;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // The main thread's stack is the system's choice; JS runs on one of known size.
    let command = std::thread::Builder::new().name("mayfly".into()).stack_size(STACK_BYTES).spawn(move || cli::run(cli));
    match command.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("mayfly: no thread could be started: {error}");
            ExitCode::FAILURE
        }
    }
}
