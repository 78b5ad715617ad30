//! From any accepted file to an upright sRGB picture that fits a box, within bounded memory.
//!
//! The picture is shrunk first, in its own colours and lying as stored, so that the later steps see few pixels. A decoder
//! that can scale while it decodes fits in front of the shrinking without changing anything else.

use std::panic::{UnwindSafe, catch_unwind};

use image::{ColorType, DynamicImage, ImageDecoder, Rgba, metadata::Orientation};

use super::{
    Format, Limits, PictureError, Probe, Stage, colour,
    progress::{Progress, enter},
    resize,
    source::{self, Source},
};

/// Memory for decoded pixels, in bytes for each pixel of the limit: enough for any file of eight bits a channel.
const BYTES_PER_PIXEL: u64 = 4;

/// A decoded picture, upright and in sRGB: `Rgb8`, or `Rgba8` where something shows through.
pub(super) struct Decoded {
    /// The facts of the file it came from.
    pub(super) probe: Probe,
    pub(super) image: DynamicImage,
}

/// Decodes `bytes` to fit inside `room` (width, height as displayed); a smaller picture keeps its size.
pub(super) fn decode(
    bytes: &[u8],
    limits: &Limits,
    room: (u32, u32),
    progress: Progress<'_>,
) -> Result<Decoded, PictureError> {
    enter(Stage::Decoding, progress)?;
    let stored = contained(|| read(bytes, limits))?;
    enter(Stage::Resizing, progress)?;
    contained(|| stored.shown(room))
}

/// A picture as its file stores it: in its own colours, perhaps lying.
struct Stored {
    probe: Probe,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    image: DynamicImage,
}

impl Stored {
    fn shown(self, room: (u32, u32)) -> Result<Decoded, PictureError> {
        let image = resize::shrink(self.image, source::turned(room, self.orientation))?;
        let mut image = colour::to_srgb(image, self.profile.as_deref());
        image.apply_orientation(self.orientation);
        Ok(Decoded { probe: self.probe, image: without_idle_alpha(image) })
    }
}

fn read(bytes: &[u8], limits: &Limits) -> Result<Stored, PictureError> {
    let Source { probe, orientation, mut decoder } = source::open(bytes, limits)?;
    if probe.format == Format::Jpeg && !jpeg_is_whole(bytes) {
        return Err(PictureError::damaged("its end is missing"));
    }
    let profile = decoder.icc_profile().ok().flatten();
    let image = eight_bits(read_pixels(decoder, limits)?);
    Ok(Stored { probe, orientation, profile, image })
}

/// Runs a decoder so that a panic in it, should one remain in code that is not ours, refuses the file and nothing more.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, PictureError> + UnwindSafe) -> Result<T, PictureError> {
    catch_unwind(work).unwrap_or_else(|_| Err(PictureError::damaged("its decoder failed")))
}

fn read_pixels(mut decoder: impl ImageDecoder, limits: &Limits) -> Result<DynamicImage, PictureError> {
    let budget = limits.max_pixels.saturating_mul(BYTES_PER_PIXEL);
    let rest = budget.checked_sub(decoder.total_bytes()).ok_or(PictureError::TooMuchMemory)?;
    decoder.set_limits(source::memory(rest))?;
    Ok(DynamicImage::from_decoder(decoder)?)
}

/// Brings deeper channels to the eight bits that every output has.
fn eight_bits(image: DynamicImage) -> DynamicImage {
    match image.color() {
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 | ColorType::Rgba8 => image,
        ColorType::L16 => image.into_luma8().into(),
        ColorType::La16 => image.into_luma_alpha8().into(),
        ColorType::Rgb16 => image.into_rgb8().into(),
        _ => image.into_rgba8().into(),
    }
}

/// Drops an opacity channel that hides nothing, so that the picture can become a JPEG and costs less everywhere.
fn without_idle_alpha(image: DynamicImage) -> DynamicImage {
    match &image {
        DynamicImage::ImageRgba8(pixels) if pixels.pixels().all(|Rgba([.., alpha])| *alpha == u8::MAX) => {
            image.into_rgb8().into()
        }
        _ => image,
    }
}

/// Whether the pixels of a JPEG end with an end marker. Its decoder paints a missing rest grey instead of complaining.
///
/// Inside the pixels a marker byte is always escaped, so that an end marker after their beginning is a real one; whatever
/// a camera appends after it is no harm.
fn jpeg_is_whole(bytes: &[u8]) -> bool {
    const END: [u8; 2] = [0xFF, 0xD9];
    jpeg_pixels(bytes).is_some_and(|pixels| pixels.windows(END.len()).rev().any(|pair| pair == END))
}

/// What follows the first "start of scan" marker of a JPEG (ITU-T T.81, annex B); the segments before it are skipped,
/// since a thumbnail in one of them has markers of its own.
fn jpeg_pixels(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.get(2..)?;
    loop {
        rest = match rest {
            [0xFF, 0xDA, pixels @ ..] => return Some(pixels),
            // Fill bytes, and markers that stand alone.
            [0xFF, 0xFF, ..] => rest.get(1..)?,
            [0xFF, 0x01 | 0xD0..=0xD8, after @ ..] => after,
            [0xFF, _, high, low, ..] => rest.get(2 + usize::from(u16::from_be_bytes([*high, *low]))..)?,
            // Stray bytes between segments, which decoders skip too.
            _ => rest.get(1..)?,
        }
    }
}
