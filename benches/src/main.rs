//! Benchmarks and side-by-side comparisons.
fn main() {}
