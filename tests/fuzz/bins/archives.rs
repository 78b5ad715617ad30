//! Searches for bytes that break `targets/archives.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::archives::hold(bytes));
