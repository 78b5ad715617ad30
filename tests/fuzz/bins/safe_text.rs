//! Searches for bytes that break `targets/safe_text.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| campuszon_fuzz::targets::safe_text::hold(bytes));
