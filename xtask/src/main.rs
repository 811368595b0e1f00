//! Housekeeping tasks.
fn main() {}
