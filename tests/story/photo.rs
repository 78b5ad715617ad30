//! A photograph as phones take it.

use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder};

/// Something in the metadata that nobody else may ever see.
pub const SECRET: &str = "49.45N 11.07E SECRET";

const RED: [u8; 3] = [200, 40, 40];
const BLUE: [u8; 3] = [40, 40, 200];

/// Twelve megapixels, taken with the phone upright: the sensor's rows are the picture's columns, which the metadata
/// says (orientation 6), and where it was taken. Seen upright it is blue on the left and red on the right.
pub fn photo() -> Vec<u8> {
    let (width, height) = (4000_u32, 3000_u32);
    let half = |colour: [u8; 3]| colour.repeat((width * height / 2) as usize);
    let pixels = [half(RED), half(BLUE)].concat();
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, 90);
    encoder.write_image(&pixels, width, height, ExtendedColorType::Rgb8).expect("a picture");
    [&jpeg[..2], &exif(), &jpeg[2..]].concat()
}

/// A photograph's worth of detail: waves of several lengths and fine grain, so that decoding and encoding have work to do.
pub fn textured(width: u32, height: u32) -> Vec<u8> {
    let mut grain = 0x9E37_79B9_u32;
    let mut pixels = Vec::with_capacity((width * height * 3) as usize);
    for y in 0..height {
        for x in 0..width {
            // A xorshift generator: cheap, and the same in every run.
            grain ^= grain << 13;
            grain ^= grain >> 17;
            grain ^= grain << 5;
            let wave = ((x / 7) ^ (y / 11)) % 64 + (x * y / 4096) % 128;
            let value = (wave + grain % 24).min(255) as u8;
            pixels.extend([value, value.wrapping_add((x / 64) as u8), 255 - value]);
        }
    }
    let mut jpeg = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut jpeg, 90);
    encoder.write_image(&pixels, width, height, ExtendedColorType::Rgb8).expect("a picture");
    jpeg
}

/// An APP1 segment with an orientation, a description and a position.
fn exif() -> Vec<u8> {
    const GPS: u32 = 8 + 2 + 3 * 12 + 4;
    const TEXT: u32 = GPS + 2 + 12 + 4;
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let length = u32::try_from(SECRET.len()).expect("short");
    let body = [
        &b"Exif\0\0II*\0\x08\0\0\0"[..],
        &3_u16.to_le_bytes(),
        &entry(0x010E, 2, length, TEXT),
        &entry(0x0112, 3, 1, 6),
        &entry(0x8825, 4, 1, GPS),
        &[0; 4],
        &1_u16.to_le_bytes(),
        &entry(0x0001, 2, 2, u32::from(b'N')),
        &[0; 4],
        SECRET.as_bytes(),
    ]
    .concat();
    let size = u16::try_from(body.len() + 2).expect("short");
    [&[0xFF, 0xE1], &size.to_be_bytes()[..], &body].concat()
}

/// Checks that a served file is the photograph upright, and nothing but the picture.
#[track_caller]
pub fn is_upright_and_bare(file: &[u8], width: u64, height: u64) {
    for trace in [&b"SECRET"[..], b"49.45N", b"Exif", b"EXIF", b"XMP ", b"ICCP", b"GPS"] {
        assert!(!file.windows(trace.len()).any(|window| window == trace), "{}", String::from_utf8_lossy(trace));
    }
    let picture = image::load_from_memory(file).expect("a picture").into_rgb8();
    assert_eq!((u64::from(picture.width()), u64::from(picture.height())), (width, height));
    assert!(width < height, "{width}×{height}");
    let at = |quarter: u32| picture.get_pixel(picture.width() * quarter / 4, picture.height() / 2).0;
    let alike = |seen: [u8; 3], meant: [u8; 3]| seen.iter().zip(meant).all(|(a, b)| a.abs_diff(b) < 24);
    assert!(alike(at(1), BLUE) && alike(at(3), RED), "{:?} {:?}", at(1), at(3));
}
