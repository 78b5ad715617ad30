//! Files that lie, break off or are noise.

use image::ImageFormat;
use proptest::prelude::*;

use super::fixture::*;
use crate::picture::{Limits, PictureError, decode_rgba, probe, variants};

#[test]
fn limits_hold_before_decoding() {
    let lying = png(&[(b"IHDR", header(60_000, 60_000, 8, 6)), (b"IDAT", stored(&[0; 9])), (b"IEND", vec![])]);
    let refused = PictureError::TooManyPixels { width: 60_000, height: 60_000, max: LIMITS.max_pixels };
    assert_eq!(probe(&lying, &LIMITS), Err(refused.clone()));
    assert_eq!(variants(&lying, &LIMITS), Err(refused.clone()));
    assert_eq!(refused.code(), "payload_too_large");

    let short = Limits { max_bytes: 10, ..LIMITS };
    assert_eq!(prepare(&lying, &short), Err(PictureError::TooManyBytes { bytes: lying.len() as u64, max: 10 }));
}

#[test]
fn memory_is_bounded_below_the_limit_of_pixels() {
    let deep = png(&[(b"IHDR", header(8_000, 6_000, 16, 6)), (b"IDAT", stored(&[0; 9])), (b"IEND", vec![])]);
    assert!(probe(&deep, &Limits::default()).is_ok());
    assert_eq!(prepare(&deep, &Limits::default()), Err(PictureError::TooMuchMemory));
}

#[test]
fn truncated_files_are_damaged() {
    for file in one_of_each() {
        assert!(prepare(&file, &LIMITS).is_ok());
        for part in [file.len() / 4, file.len() / 2, file.len() * 3 / 4, file.len() - 8] {
            let error = prepare(&file[..part], &LIMITS).unwrap_err();
            assert_eq!(error.code(), "damaged", "{part} of {} bytes: {error}", file.len());
            assert!(error.is_final());
        }
    }
}

#[test]
fn a_jpeg_is_not_whole_because_its_thumbnail_is() {
    let jpeg = encoded(&plain(), ImageFormat::Jpeg);
    let file = with_segments(&jpeg, &[segment(0xE1, &jpeg)]);
    assert!(prepare(&file, &LIMITS).is_ok());
    assert_eq!(prepare(&file[..file.len() - 2], &LIMITS).unwrap_err().code(), "damaged");
}

/// Runs everything there is on `bytes`.
fn survive(bytes: &[u8]) {
    let _ = probe(bytes, &LIMITS);
    let _ = decode_rgba(bytes, &LIMITS, 16);
    if let Ok(prepared) = prepare(bytes, &LIMITS) {
        assert!(probe(&prepared.bytes, &LIMITS).is_ok());
    }
    let _ = variants(bytes, &LIMITS);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn noise_never_panics(kind in 0..6_usize, noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let starts: [&[u8]; 6] =
            [b"", b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\xFF\0\0\0WEBPVP8 ", b"RIFF\xFF\0\0\0WEBPVP8L"];
        survive(&[starts[kind], &noise].concat());
    }

    #[test]
    fn broken_files_never_panic(
        kind in 0..5_usize,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        length in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut file = one_of_each().swap_remove(kind);
        for (place, byte) in hits {
            let place = place.index(file.len());
            file[place] = byte;
        }
        if cut {
            file.truncate(length.index(file.len()));
        }
        survive(&file);
    }
}
