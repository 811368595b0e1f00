//! The `mayfly` binary: command line and HTTP server.
//!
//! [`cli`] defines the commands; each is a function that gives an exit code: 0 done, 1 an uncaught error or a failure, 2 wrong usage.
#![forbid(unsafe_code)]

mod awaiting;
mod bindings;
mod build;
mod cli;
mod commands;
mod connection;
mod connections;
mod cron;
mod directory;
mod dump;
mod flame;
mod io;
mod logs;
mod profile;
mod repl;
mod routes;
mod schedule;
mod serve;
mod settle;
mod sites;
mod turn;
mod types;
mod variables;

use std::panic::AssertUnwindSafe;
use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, getrlimit};

/// Native stack for everything that runs JS: recursion of the parser and of natives is bounded below this.
const STACK_BYTES: usize = 4 << 20;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    // The main thread's stack is the system's choice, and mostly large enough. A thread more would be part of every cold start.
    let is_enough = getrlimit(Resource::Stack).current.is_none_or(|bytes| bytes >= 2 * STACK_BYTES as u64);
    let command = if is_enough {
        std::panic::catch_unwind(AssertUnwindSafe(|| cli::run(cli)))
    } else {
        match std::thread::Builder::new().name("mayfly".into()).stack_size(STACK_BYTES).spawn(move || cli::run(cli)) {
            Ok(thread) => thread.join(),
            Err(error) => {
                eprintln!("mayfly: no thread could be started: {error}");
                return ExitCode::FAILURE;
            }
        }
    };
    // What it panicked with has been told.
    command.unwrap_or(ExitCode::FAILURE)
}
