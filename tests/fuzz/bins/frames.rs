//! Searches for bytes that break `targets/frames.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::frames::hold(bytes));
