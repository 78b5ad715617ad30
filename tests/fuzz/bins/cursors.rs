//! Searches for bytes that break `targets/cursors.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::cursors::hold(bytes));
