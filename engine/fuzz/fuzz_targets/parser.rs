//! `cargo fuzz run parser`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mayfly_fuzz::parser::run(data));
