//! Any bytes for the probe: it decides, without a decoder that panics.
#![no_main]

use campuszon_core::picture::{Limits, probe};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    if let Ok(facts) = probe(bytes, &limits) {
        assert!(facts.width > 0 && facts.height > 0);
        assert!(u64::from(facts.width) * u64::from(facts.height) <= limits.max_pixels);
    }
});
