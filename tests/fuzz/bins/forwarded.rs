//! Searches for bytes that break `targets/forwarded.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::forwarded::hold(bytes));
