//! `cargo fuzz run verifier`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mayfly_fuzz::verifier::run(data));
