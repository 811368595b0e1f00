//! `cargo fuzz run regexp`
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mayfly_fuzz::regexp::run(data));
