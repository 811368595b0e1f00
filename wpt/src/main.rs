//! Web Platform Tests runner.
fn main() {}
