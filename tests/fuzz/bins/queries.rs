//! Searches for bytes that break `targets/queries.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::queries::hold(bytes));
