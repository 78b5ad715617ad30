//! JPEG files: what their segments tell before anything is decoded, and decoding them to fewer pixels than they have.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::PictureError;

/// Encoders write a dozen scans at most. Each one more makes a decoder pass over the whole picture again, for which a file
/// needs few bytes.
const MAX_SCANS: usize = 100;

/// ITU-T T.81, table B.1.
mod marker {
    pub(super) const START_OF_IMAGE: u8 = 0xD8;
    pub(super) const END_OF_IMAGE: u8 = 0xD9;
    pub(super) const START_OF_SCAN: u8 = 0xDA;
    pub(super) const PROGRESSIVE_FRAMES: [u8; 4] = [0xC2, 0xC6, 0xCA, 0xCE];
}

/// What the segments of a JPEG say about the cost of decoding it.
pub(super) struct Outline {
    /// Bytes of the coefficients that a progressive picture needs all at once.
    coefficients: u64,
}

impl Outline {
    /// Walks the segments of a whole file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        let (mut scans, mut coefficients, mut whole) = (0, 0, false);
        for (marker, body) in Segments(bytes) {
            match marker {
                marker::START_OF_SCAN => scans += 1,
                marker::END_OF_IMAGE => whole = true,
                frame if marker::PROGRESSIVE_FRAMES.contains(&frame) => {
                    coefficients = coefficients_of(body).unwrap_or_default();
                }
                _ => {}
            }
        }
        if scans > MAX_SCANS {
            return Err(PictureError::Unsupported { reason: format!("it is written in more than {MAX_SCANS} scans") });
        }
        // Decoders paint a missing rest grey instead of complaining.
        if whole { Ok(Self { coefficients }) } else { Err(PictureError::damaged("its end is missing")) }
    }

    /// Bytes that decoding to so many pixels takes: planes, their colours side by side, of three channels.
    pub(super) const fn memory(&self, pixels: u64) -> u64 {
        const PLANES_AND_PIXELS: u64 = 3 + 3;
        self.coefficients.saturating_add(pixels.saturating_mul(PLANES_AND_PIXELS))
    }
}

/// The bytes of all coefficients, two each, of a frame header's components: each has its share of the pixels.
fn coefficients_of(frame: &[u8]) -> Option<u64> {
    let [_, high, low, left, right, _, components @ ..] = frame else { return None };
    let height = u64::from(u16::from_be_bytes([*high, *low]));
    let width = u64::from(u16::from_be_bytes([*left, *right]));
    let sampling =
        || components.chunks_exact(3).filter_map(|component| component.get(1)).map(|both| (both >> 4, both & 15));
    let across = sampling().map(|(across, _)| u64::from(across)).max()?;
    let down = sampling().map(|(_, down)| u64::from(down)).max()?;
    let shares: u64 = sampling().map(|(across, down)| u64::from(across) * u64::from(down)).sum();
    (width * height * 2).checked_mul(shares)?.checked_div(across * down)
}

/// The segments of a JPEG up to its end marker, each a marker and its body. Whatever stands between them is skipped: the
/// coded pixels, in which marker bytes are always escaped, and stray bytes, which decoders skip too.
struct Segments<'a>(&'a [u8]);

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let start = self.0.iter().position(|byte| *byte == 0xFF)?;
            let rest = self.0.get(start + 1..)?;
            self.0 = match rest {
                // A fill byte before a marker.
                [0xFF, ..] => rest,
                // An escaped byte, and markers that stand alone.
                [0x00 | 0x01 | 0xD0..=marker::START_OF_IMAGE, after @ ..] => after,
                [marker::END_OF_IMAGE, ..] => {
                    self.0 = &[];
                    return Some((marker::END_OF_IMAGE, &[]));
                }
                [marker, high, low, ..] => {
                    let end = 1 + usize::from(u16::from_be_bytes([*high, *low]));
                    let body = rest.get(3..end).unwrap_or_default();
                    self.0 = rest.get(end..)?;
                    return Some((*marker, body));
                }
                _ => return None,
            };
        }
    }
}

/// The smallest of a half, a quarter and an eighth of `stored` that is no smaller than `size`, or `stored` itself.
pub(super) fn scaled_size(stored: (u32, u32), size: (u32, u32)) -> (u32, u32) {
    [8, 4, 2]
        .map(|parts| (stored.0.div_ceil(parts), stored.1.div_ceil(parts)))
        .into_iter()
        .find(|(width, height)| *width >= size.0 && *height >= size.1)
        .unwrap_or(stored)
}

/// Decodes to a [`scaled_size`]: the decoder leaves out the details while it turns frequencies to pixels, which costs less
/// time and memory than shrinking later. `None` where the file is written in a way that this decoder does not know.
pub(super) fn scaled(bytes: &[u8], (width, height): (u32, u32)) -> Result<Option<DynamicImage>, PictureError> {
    let (Ok(width), Ok(height)) = (u16::try_from(width), u16::try_from(height)) else { return Ok(None) };
    let mut decoder = Decoder::new(bytes);
    let read = decoder.scale(width, height).and_then(|_| decoder.decode());
    let pixels = match read {
        Ok(pixels) => pixels,
        Err(Error::Unsupported(_)) => return Ok(None),
        Err(error) => return Err(PictureError::damaged(error.to_string())),
    };
    Ok(decoder.info().and_then(|info| {
        let (width, height) = (u32::from(info.width), u32::from(info.height));
        match info.pixel_format {
            PixelFormat::L8 => GrayImage::from_raw(width, height, pixels).map(Into::into),
            PixelFormat::RGB24 => RgbImage::from_raw(width, height, pixels).map(Into::into),
            PixelFormat::CMYK32 => RgbImage::from_raw(width, height, without_inks(&pixels)).map(Into::into),
            PixelFormat::L16 => None,
        }
    }))
}

/// From amounts of ink (cyan, magenta, yellow, black) to the light that white paper reflects through them.
fn without_inks(pixels: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| {
        let product = u16::from(u8::MAX - ink) * u16::from(u8::MAX - black);
        u8::try_from((product + 127) / 255).unwrap_or(u8::MAX)
    };
    let (inks, _) = pixels.as_chunks::<4>();
    inks.iter()
        .flat_map(|&[cyan, magenta, yellow, black]| [cyan, magenta, yellow].map(|ink| light(ink, black)))
        .collect()
}
