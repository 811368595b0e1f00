//! The worker global scope in Rust.
