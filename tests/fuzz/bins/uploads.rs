//! Searches for bytes that break `targets/uploads.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::uploads::hold(bytes));
