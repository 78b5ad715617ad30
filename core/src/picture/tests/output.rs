//! What comes out: sizes, formats, placeholders; and who may end the work.

use std::ops::ControlFlow;

use image::ImageFormat;

use super::fixture::*;
use crate::picture::{
    Format, PictureError, Size, Stage, decode_rgba, prepare as watched, probe, resize::fit, variants,
};

#[test]
fn sizes_fit_and_nothing_grows() {
    assert_eq!(fit((4000, 3000), (1200, 900)), (1200, 900));
    assert_eq!(fit((3000, 4000), (1200, 900)), (675, 900));
    assert_eq!(fit((4000, 1000), (300, 300)), (300, 75));
    assert_eq!(fit((299, 1), (300, 300)), (299, 1));
    assert_eq!(fit((50_000_000, 1), (1200, 900)), (1200, 1));
    assert_eq!(fit((u32::MAX, u32::MAX), (u32::MAX, 7)), (7, 7));

    let made = variants(&encoded(&quarters(1000, 400, [RED, GREEN, BLUE, WHITE]), ImageFormat::Png), &LIMITS).unwrap();
    let sizes = [Size::Thumbnail, Size::Medium, Size::Large].map(|size| (made.get(size).width, made.get(size).height));
    assert_eq!(sizes, [(300, 120), (800, 320), (1000, 400)]);
    assert_eq!((made.width, made.height), (1000, 400));
    for size in Size::ALL {
        let variant = made.get(*size);
        let facts = probe(&variant.bytes, &LIMITS).unwrap();
        assert_eq!((facts.format, facts.width, facts.height), (Format::WebP, variant.width, variant.height));
        assert!(alike(seen(&variant.bytes).0, [RED, GREEN, BLUE, WHITE]));
    }
}

#[test]
fn uploads_are_bounded_jpegs_and_transparent_ones_webp() {
    let file = encoded(&quarters(4000, 200, [RED, GREEN, BLUE, WHITE]), ImageFormat::Png);
    let prepared = prepare(&file, &LIMITS).unwrap();
    assert_eq!((prepared.format, prepared.width, prepared.height), (Format::Jpeg, 2048, 102));
    assert_eq!((prepared.from_width, prepared.from_height, prepared.from_bytes), (4000, 200, file.len() as u64));
    assert_eq!(probe(&prepared.bytes, &LIMITS).unwrap().format, Format::Jpeg);

    let transparent = prepare(&encoded(&see_through(), ImageFormat::Png), &LIMITS).unwrap();
    assert_eq!(transparent.format, Format::WebP);
    let pixels = decode_rgba(&transparent.bytes, &LIMITS, 40).unwrap().pixels;
    assert_eq!((pixels[3], pixels[39 * 4 + 3]), (0, 255));

    let idle = encoded(&plain().into_rgba8().into(), ImageFormat::Png);
    assert_eq!(prepare(&idle, &LIMITS).unwrap().format, Format::Jpeg);
}

#[test]
fn placeholders_are_small_text_of_the_right_colour() {
    let red = encoded(&quarters(40, 30, [RED; 4]), ImageFormat::Png);
    let text = variants(&red, &LIMITS).unwrap().placeholder;
    assert!(text.len() <= 40, "{text}");
    let hash = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
    let (red, green, blue, _) = thumbhash::thumb_hash_to_average_rgba(&hash).unwrap();
    assert!(red > 0.7 && green < 0.3 && blue < 0.3);
}

#[test]
fn whoever_watches_hears_of_each_stage_and_may_end_it() {
    let file = encoded(&plain(), ImageFormat::Png);
    for heard in 1..=Stage::ALL.len() {
        let mut stages = Vec::new();
        let ended = watched(&file, &LIMITS, &mut |stage| {
            stages.push(stage);
            if stages.len() == heard { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(stages, Stage::ALL[..heard]);
        assert_eq!(ended, Err(PictureError::Cancelled));
    }
    assert!(watched(&file, &LIMITS, &mut |_| ControlFlow::Continue(())).is_ok());
    assert!(PictureError::Cancelled.is_final());
}
