//! Fuzz targets of the engine: each is a function of bytes that panics when it finds something.
//!
//! The bytes are choices ([`choices::Choices`]), out of which structured inputs are made: patterns from a grammar of patterns, programs from
//! one of programs. So the same targets serve libFuzzer (`cargo fuzz run NAME`), which chooses by coverage, and the driver
//! (`cargo run --release --bin drive -- NAME`), which chooses at random, needs nothing but stable Rust, and keeps what it finds.
#![forbid(unsafe_code)]

pub mod choices;
pub mod differential;
pub mod instance;
pub mod json;
pub mod parser;
pub mod program;
pub mod regexp;
pub mod verifier;

/// Targets that take bytes and panic.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("parser", parser::run),
    ("regexp", regexp::run),
    ("json", json::run),
    ("verifier", verifier::run),
    ("differential", differential::run),
];
