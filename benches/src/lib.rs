//! Benchmarks and side-by-side comparisons: classic programs in several engines, requests to several servers, always in turn.
//!
//! Principal functions: [`compare::run`] for programs, [`servers::run`] for servers. What is measured and how to read it: README.md.
#![forbid(unsafe_code)]

pub mod compare;
pub mod engines;
pub mod install;
pub mod mayfly;
pub mod operations;
pub mod process;
pub mod programs;
pub mod protocol;
pub mod report;
pub mod servers;
pub mod stats;
pub mod svg;
