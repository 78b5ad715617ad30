//! Any bytes for the decoders, to a size that the last byte chooses, so that scaled decoding is reached too.
#![no_main]

use campuszon_core::picture::{Limits, decode_rgba};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let edge = bytes.last().copied().unwrap_or_default().max(1).into();
    let limits = Limits { max_bytes: 1 << 20, max_pixels: 1 << 20 };
    if let Ok(image) = decode_rgba(bytes, &limits, edge) {
        assert!(image.width <= edge && image.height <= edge);
        assert_eq!(image.pixels.len(), image.width as usize * image.height as usize * 4);
    }
});
