//! From any accepted file to an upright sRGB picture that fits a box, within bounded memory.
//!
//! The picture is shrunk first, in its own colours and lying as stored, so that the later steps see few pixels. A large
//! JPEG is even decoded to fewer pixels than it has.

use std::panic::{UnwindSafe, catch_unwind};

use image::{ColorType, DynamicImage, ImageDecoder, Rgba, metadata::Orientation};

use super::{
    Format, Limits, PictureError, Probe, Stage, colour, jpeg,
    progress::{Progress, enter},
    resize,
    source::{self, Decoder, Source},
};

/// Memory for decoding, in bytes for each pixel of the limit: four for the pixels themselves, one for what a decoder needs
/// beside them. With the usual limits a picture stays below 300 MB, its file included.
const BYTES_PER_PIXEL: u64 = 5;

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
    let stored = contained(|| read(bytes, limits, room))?;
    enter(Stage::Resizing, progress)?;
    contained(|| stored.shown())
}

/// A picture as its file stores it: in its own colours, perhaps lying.
struct Stored {
    probe: Probe,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    image: DynamicImage,
    /// How large it is to be, lying as it does.
    size: (u32, u32),
}

impl Stored {
    fn shown(self) -> Result<Decoded, PictureError> {
        let image = resize::to(self.image, self.size)?;
        let mut image = colour::to_srgb(image, self.profile.as_deref());
        image.apply_orientation(self.orientation);
        Ok(Decoded { probe: self.probe, image: without_idle_alpha(image) })
    }
}

/// Reads the pixels of `bytes`, where that is cheaper no more than fit well into `room`.
fn read(bytes: &[u8], limits: &Limits, room: (u32, u32)) -> Result<Stored, PictureError> {
    let Source { probe, orientation, mut decoder } = source::open(bytes, limits)?;
    let stored = decoder.dimensions();
    let size = resize::fit(stored, source::turned(room, orientation));
    let profile = decoder.profile();
    let image = match decoder {
        Decoder::Common(decoder) => read_common(bytes, decoder, probe.format, size, limits)?,
        #[cfg(feature = "heic")]
        Decoder::Heic(picture) => {
            afford(picture.memory(), limits)?;
            picture.decode(size)?
        }
    };
    Ok(Stored { probe, orientation, profile, image, size })
}

fn read_common(
    bytes: &[u8],
    decoder: Box<dyn ImageDecoder + '_>,
    format: Format,
    size: (u32, u32),
    limits: &Limits,
) -> Result<DynamicImage, PictureError> {
    let stored = decoder.dimensions();
    let needed = match format {
        Format::Jpeg => {
            let outline = jpeg::Outline::read(bytes)?;
            let scaled = jpeg::scaled_size(stored, size);
            afford(outline.memory(pixels(scaled)), limits)?;
            let image = if scaled == stored { None } else { jpeg::scaled(bytes, scaled)? };
            if let Some(image) = image {
                return Ok(image);
            }
            outline.memory(pixels(stored))
        }
        Format::WebP => source::webp_memory(bytes, pixels(stored)),
        _ => decoder.total_bytes(),
    };
    read_pixels(decoder, needed, limits)
}

/// Runs a decoder so that a panic in it, should one remain in code that is not ours, refuses the file and nothing more.
pub(super) fn contained<T>(work: impl FnOnce() -> Result<T, PictureError> + UnwindSafe) -> Result<T, PictureError> {
    catch_unwind(work).unwrap_or_else(|_| Err(PictureError::damaged("its decoder failed")))
}

/// Refuses a file whose decoding needs more than `limits` allow.
fn afford(needed: u64, limits: &Limits) -> Result<u64, PictureError> {
    limits.max_pixels.saturating_mul(BYTES_PER_PIXEL).checked_sub(needed).ok_or(PictureError::TooMuchMemory)
}

const fn pixels((width, height): (u32, u32)) -> u64 {
    width as u64 * height as u64
}

/// Decodes at full size, which takes `needed` bytes in all.
fn read_pixels(mut decoder: impl ImageDecoder, needed: u64, limits: &Limits) -> Result<DynamicImage, PictureError> {
    let color = decoder.color_type();
    let deep = color.bytes_per_pixel() > color.channel_count();
    // Deep channels stand beside their eight bits for a moment.
    let narrowed = if deep { decoder.total_bytes() / 2 } else { 0 };
    let rest = afford(needed.saturating_add(narrowed), limits)?;
    decoder.set_limits(source::memory(rest))?;
    Ok(eight_bits(DynamicImage::from_decoder(decoder)?))
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
