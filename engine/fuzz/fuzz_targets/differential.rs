//! `cargo fuzz run differential`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mayfly_fuzz::differential::run(data));
