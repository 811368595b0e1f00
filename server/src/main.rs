//! The mayfly binary: CLI and HTTP server.
fn main() {}
