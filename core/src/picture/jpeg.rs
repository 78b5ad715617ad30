//! JPEG files: what their segments tell before anything is decoded, and decoding them to fewer pixels than they have.

use image::{DynamicImage, GrayImage, RgbImage};
use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::PictureError;

/// Encoders write a dozen scans at most. Each one more makes a decoder pass over the whole picture again, for which a file
/// needs few bytes.
const MAX_SCANS: usize = 100;

/// Every block of 64 samples has a Huffman code of at least one bit.
const SAMPLES_PER_BYTE: u64 = 8 * 64;

/// ITU-T T.81, table B.1.
mod marker {
    pub(super) const HUFFMAN_TABLES: u8 = 0xC4;
    pub(super) const EXTENSION: u8 = 0xC8;
    pub(super) const ARITHMETIC_CONDITIONS: u8 = 0xCC;
    pub(super) const START_OF_IMAGE: u8 = 0xD8;
    pub(super) const END_OF_IMAGE: u8 = 0xD9;
    pub(super) const START_OF_SCAN: u8 = 0xDA;
    pub(super) const PROGRESSIVE_FRAMES: [u8; 4] = [0xC2, 0xC6, 0xCA, 0xCE];
}

/// What the segments of a JPEG say about the cost of decoding it.
pub(super) struct Outline {
    /// Samples of all components, of which each has its share of the pixels.
    samples: u64,
    /// Whether every scan adds to all of them, so that they are needed all at once.
    progressive: bool,
}

impl Outline {
    /// Walks the segments of a whole file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        let (mut scans, mut whole, mut least) = (0, false, 0);
        let mut outline = Self { samples: 0, progressive: false };
        for (marker, body) in Segments(bytes) {
            match marker {
                marker::START_OF_SCAN => scans += 1,
                marker::END_OF_IMAGE => whole = true,
                marker::HUFFMAN_TABLES | marker::EXTENSION | marker::ARITHMETIC_CONDITIONS => {}
                0xC0..=0xCF => {
                    outline.samples = samples(body).unwrap_or_default().max(outline.samples);
                    least = if marker < marker::EXTENSION { outline.samples / SAMPLES_PER_BYTE } else { 0 };
                    outline.progressive |= marker::PROGRESSIVE_FRAMES.contains(&marker);
                }
                _ => {}
            }
        }
        if scans > MAX_SCANS {
            return Err(PictureError::Unsupported { reason: format!("it is written in more than {MAX_SCANS} scans") });
        }
        // Decoders paint a missing rest grey instead of complaining.
        if !whole {
            return Err(PictureError::damaged("its end is missing"));
        }
        if least > bytes.len() as u64 {
            return Err(PictureError::damaged("it has too few data for its size"));
        }
        Ok(outline)
    }

    /// Bytes that decoding to so many pixels takes: planes, their colours side by side, of three channels.
    pub(super) const fn memory(&self, pixels: u64) -> u64 {
        const PLANES_AND_PIXELS: u64 = 3 + 3;
        let coefficients = if self.progressive { self.samples.saturating_mul(2) } else { 0 };
        coefficients.saturating_add(pixels.saturating_mul(PLANES_AND_PIXELS))
    }
}

/// The samples of all components that a frame header names.
fn samples(frame: &[u8]) -> Option<u64> {
    let [_, high, low, left, right, _, components @ ..] = frame else { return None };
    let height = u64::from(u16::from_be_bytes([*high, *low]));
    let width = u64::from(u16::from_be_bytes([*left, *right]));
    let sampling =
        || components.chunks_exact(3).filter_map(|component| component.get(1)).map(|both| (both >> 4, both & 15));
    let across = sampling().map(|(across, _)| u64::from(across)).max()?;
    let down = sampling().map(|(_, down)| u64::from(down)).max()?;
    let shares: u64 = sampling().map(|(across, down)| u64::from(across) * u64::from(down)).sum();
    (width * height).checked_mul(shares)?.checked_div(across * down)
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
/// time and memory than shrinking later. Colours that are stored at half the resolution stay so, as they will in a WebP.
/// `None` where the file is written in a way that this decoder does not know.
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
