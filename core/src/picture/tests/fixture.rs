//! Small files for tests, written by the image crate and, where it cannot, byte by byte.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::picture::{Limits, PictureError, Prepared, decode_rgba, prepare as watched, progress::unwatched};

pub(super) const LIMITS: Limits = Limits { max_bytes: 1 << 20, max_pixels: 1 << 20 };

/// [`crate::picture::prepare`] without anybody watching.
pub(super) fn prepare(bytes: &[u8], limits: &Limits) -> Result<Prepared, PictureError> {
    watched(bytes, limits, &mut unwatched)
}

pub(super) const RED: [u8; 3] = [220, 30, 30];
pub(super) const GREEN: [u8; 3] = [30, 200, 30];
pub(super) const BLUE: [u8; 3] = [30, 30, 220];
pub(super) const WHITE: [u8; 3] = [245, 245, 245];

/// Four quarters: top left, top right, bottom left, bottom right.
pub(super) fn quarters(width: u32, height: u32, colours: [[u8; 3]; 4]) -> DynamicImage {
    let quarter = |x, y| usize::from(x >= width / 2) + 2 * usize::from(y >= height / 2);
    RgbImage::from_fn(width, height, |x, y| Rgb(colours[quarter(x, y)])).into()
}

/// The colours in the middle of each quarter of an encoded picture, and its size.
pub(super) fn seen(file: &[u8]) -> ([[u8; 3]; 4], (u32, u32)) {
    let image = decode_rgba(file, &LIMITS, u32::MAX).unwrap();
    let at = |x: u32, y: u32| {
        let start = ((y * image.height / 4) * image.width + x * image.width / 4) as usize * 4;
        [image.pixels[start], image.pixels[start + 1], image.pixels[start + 2]]
    };
    ([at(1, 1), at(3, 1), at(1, 3), at(3, 3)], (image.width, image.height))
}

/// Whether two sets of colours differ by no more than lossy encoding explains.
pub(super) fn alike(ours: [[u8; 3]; 4], theirs: [[u8; 3]; 4]) -> bool {
    ours.as_flattened().iter().zip(theirs.as_flattened()).all(|(a, b)| a.abs_diff(*b) < 24)
}

pub(super) fn plain() -> DynamicImage {
    quarters(48, 32, [RED, GREEN, BLUE, WHITE])
}

pub(super) fn see_through() -> DynamicImage {
    RgbaImage::from_fn(40, 40, |x, _| Rgba([200, 40, 40, if x < 20 { 0 } else { 255 }])).into()
}

pub(super) fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// One valid file of each format; the JPEG has an orientation, the WebP is lossy.
pub(super) fn one_of_each() -> Vec<Vec<u8>> {
    vec![
        with_segments(&encoded(&plain(), ImageFormat::Jpeg), &[orientation(6)]),
        encoded(&plain(), ImageFormat::Png),
        encoded(&plain(), ImageFormat::Gif),
        encoded(&see_through(), ImageFormat::WebP),
        super::super::encode::webp(&plain()).unwrap(),
    ]
}

/// A JPEG with further segments right after its first marker.
pub(super) fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

pub(super) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

/// An APP1 segment whose EXIF block says nothing but how to turn the picture.
pub(super) fn orientation(value: u8) -> Vec<u8> {
    let entry = [0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0];
    segment(0xE1, &[&b"Exif\0\0II*\0\x08\0\0\0\x01\0"[..], &entry, &[0; 4]].concat())
}

/// A PNG of these chunks; `IHDR` and `IEND` included.
pub(super) fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in chunks {
        let checked = [&name[..], body].concat();
        file.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
        file.extend(&checked);
        file.extend(crc(&checked).to_be_bytes());
    }
    file
}

/// The body of an `IHDR` chunk.
pub(super) fn header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    [&width.to_be_bytes()[..], &height.to_be_bytes(), &[depth, colour, 0, 0, 0]].concat()
}

/// `raw` as a zlib stream of one stored block.
pub(super) fn stored(raw: &[u8]) -> Vec<u8> {
    let length = u16::try_from(raw.len()).unwrap();
    let (mut a, mut b) = (1_u32, 0_u32);
    for byte in raw {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    [&[0x78, 0x01, 0x01], &length.to_le_bytes()[..], &(!length).to_le_bytes(), raw, &(b << 16 | a).to_be_bytes()]
        .concat()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

/// An eight by eight CMYK JPEG of one colour, stored inverted as Adobe does: ink 55, 155, 205 and no black.
pub(super) fn cmyk_jpeg() -> Vec<u8> {
    // Each sample less 128 in one "DC" code (0 for seven bits, 10 for five), then "no more" (0).
    let bits = ["0", "1001000", "0", "10", "00011", "0", "0", "0110001", "0", "0", "1111111", "0", "11111"].concat();
    let data: Vec<u8> =
        bits.as_bytes().chunks(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | (bit - b'0'))).collect();
    let table = |class: u8, counts: [u8; 2], symbols: &[u8]| {
        segment(0xC4, &[&[class], &counts[..], &[0; 14], symbols].concat())
    };
    [
        vec![0xFF, 0xD8],
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\0"),
        segment(0xDB, &[&[0][..], &[8; 64]].concat()),
        segment(0xC0, &[8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]),
        table(0x00, [1, 1], &[7, 5]),
        table(0x10, [1, 0], &[0]),
        segment(0xDA, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]),
        data,
        vec![0xFF, 0xD9],
    ]
    .concat()
}
