//! Right pixels from every kind of file.

use image::{DynamicImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, codecs::png::PngEncoder};
use moxcms::ColorProfile;

use super::fixture::*;
use crate::picture::{Format, PictureError, Rgba, decode_rgba, probe};

fn first_pixel(file: &[u8]) -> [u8; 4] {
    decode_rgba(file, &LIMITS, 64).unwrap().pixels[..4].try_into().unwrap()
}

fn png_with_profile(pixels: &DynamicImage, profile: &ColorProfile) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
    pixels.write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn the_bytes_tell_the_format() {
    let formats = [Format::Jpeg, Format::Png, Format::Gif, Format::WebP, Format::WebP];
    for (file, format) in one_of_each().iter().zip(formats) {
        assert_eq!(probe(file, &LIMITS).unwrap().format, format);
    }
    assert_eq!(probe(b"", &LIMITS), Err(PictureError::Empty));
    assert_eq!(probe(b"<svg/>", &LIMITS), Err(PictureError::UnknownFormat));
    let heic = probe(b"\0\0\0\x18ftypheic\0\0\0\0", &LIMITS).unwrap_err();
    assert_eq!(heic.code(), if cfg!(feature = "heic") { "damaged" } else { PictureError::Heic.code() });
    assert_eq!(heic == PictureError::Heic, cfg!(not(feature = "heic")));
    assert_eq!(probe(b"\0\0\0\x18ftypavif\0\0\0\0", &LIMITS), Err(PictureError::UnknownFormat));
}

#[test]
fn all_eight_orientations_come_out_upright() {
    // Where the stored corners (top left, top right, bottom left, bottom right) belong, by the EXIF table of "0th row"
    // and "0th column"; 0 to 3 are the displayed corners in the same order.
    let stored = [
        [0, 1, 2, 3],
        [1, 0, 3, 2],
        [3, 2, 1, 0],
        [2, 3, 0, 1],
        [0, 2, 1, 3],
        [1, 3, 0, 2],
        [3, 1, 2, 0],
        [2, 0, 3, 1],
    ];
    let upright = [RED, GREEN, BLUE, WHITE];
    for (value, corners) in (1..=8).zip(stored) {
        let jpeg = encoded(&quarters(48, 32, corners.map(|corner: usize| upright[corner])), ImageFormat::Jpeg);
        let file = with_segments(&jpeg, &[orientation(value)]);
        let size = if value < 5 { (48, 32) } else { (32, 48) };

        let facts = probe(&file, &LIMITS).unwrap();
        assert_eq!((facts.orientation, facts.width, facts.height), (value, size.0, size.1));
        let (colours, seen_size) = seen(&prepare(&file, &LIMITS).unwrap().bytes);
        assert!(alike(colours, upright), "orientation {value}: {colours:?}");
        assert_eq!(seen_size, size);
        let small = decode_rgba(&file, &LIMITS, 24).unwrap();
        assert_eq!((small.width, small.height), (size.0 / 2, size.1 / 2));
    }
}

#[test]
fn profiles_become_srgb() {
    let photo = ImageBuffer::from_pixel(4, 4, Rgb([160_u8, 120, 90])).into();
    // By the matrices of SMPTE EG 432-1 and IEC 61966-2-1.
    assert!(near(first_pixel(&png_with_profile(&photo, &ColorProfile::new_display_p3())), [167, 118, 85, 255]));
    assert!(near(first_pixel(&png_with_profile(&photo, &ColorProfile::new_srgb())), [160, 120, 90, 255]));
    let grey = ImageBuffer::from_pixel(4, 4, Luma([55_u8])).into();
    let linear = ColorProfile::new_gray_with_gamma(1.0);
    assert!(near(first_pixel(&png_with_profile(&grey, &linear)), [128, 128, 128, 255]));
    assert_eq!(first_pixel(&png_with_profile(&photo, &linear)), [160, 120, 90, 255], "a profile that does not fit");
}

fn near(ours: [u8; 4], theirs: [u8; 4]) -> bool {
    let close = ours.iter().zip(theirs).all(|(a, b)| a.abs_diff(b) <= 2);
    assert!(close, "{ours:?} is not {theirs:?}");
    close
}

#[test]
fn deep_grey_and_palette_files_show_their_colours() {
    let png = |image: DynamicImage| encoded(&image, ImageFormat::Png);
    assert_eq!(first_pixel(&png(ImageBuffer::from_pixel(2, 2, Luma([90_u8])).into())), [90, 90, 90, 255]);
    assert_eq!(first_pixel(&png(ImageBuffer::from_pixel(2, 2, LumaA([90_u8, 40])).into())), [90, 90, 90, 40]);
    assert_eq!(first_pixel(&png(ImageBuffer::from_pixel(2, 2, Luma([257 * 90_u16])).into())), [90, 90, 90, 255]);
    let deep = ImageBuffer::from_pixel(2, 2, Rgb([257 * 10_u16, 257 * 20, 257 * 30]));
    assert_eq!(first_pixel(&png(deep.into())), [10, 20, 30, 255]);
    let palette = super::fixture::png(&[
        (b"IHDR", header(2, 2, 8, 3)),
        (b"PLTE", [RED, BLUE].concat()),
        (b"IDAT", stored(&[0, 1, 0, 0, 0, 1])),
        (b"IEND", vec![]),
    ]);
    assert_eq!(first_pixel(&palette), [30, 30, 220, 255]);
}

#[test]
fn cmyk_becomes_rgb() {
    assert!(near(first_pixel(&cmyk_jpeg()), [200, 100, 50, 255]));
}

#[test]
fn animations_show_their_first_frame() {
    let frames = [RED, BLUE].map(|colour| ImageBuffer::from_pixel(16, 16, Rgb(colour)));
    let config = webp::WebPConfig::new().unwrap();
    let mut animation = webp::AnimEncoder::new(16, 16, &config);
    for (at, frame) in [0, 100].into_iter().zip(&frames) {
        animation.add_frame(webp::AnimFrame::from_rgb(frame, 16, 16, at));
    }
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    for frame in frames.clone() {
        encoder.encode_frame(image::Frame::new(DynamicImage::from(frame).into_rgba8())).unwrap();
    }
    drop(encoder);
    for file in [gif, animation.encode().to_vec()] {
        assert!(alike(seen(&file).0, [RED; 4]));
    }
}

#[test]
fn hidden_colours_do_not_bleed_into_edges() {
    let Rgba { pixels, .. } = decode_rgba(&encoded(&see_through(), ImageFormat::Png), &LIMITS, 7).unwrap();
    let edge: Vec<_> = pixels.chunks_exact(4).filter(|pixel| (1..255).contains(&pixel[3])).collect();
    assert!(!edge.is_empty());
    assert!(edge.iter().all(|pixel| pixel[0].abs_diff(200) < 12), "{edge:?}");
}
