//! HEIC, as telephones write it, by libheif; in builds with the feature `heic`.
//!
//! What a file costs is read here first, since libheif 1.15 has no limits that hold. libheif turns the picture itself, so
//! that nobody else may.

mod container;
mod hevc;

use std::sync::LazyLock;

use image::{DynamicImage, GrayImage, Rgb, RgbImage, Rgba, RgbaImage};
use libheif_rs::{
    ColorPrimaries, ColorSpace, HeifContext, HeifError, HeifErrorCode, ImageHandle, LibHeif, Plane, RgbChroma,
};
use moxcms::{CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics};

use super::{PictureError, resize};

/// Kept for good: each first use loads decoders, each last one unloads them.
static LIBRARY: LazyLock<LibHeif> = LazyLock::new(LibHeif::new);

/// The primary picture of a file whose header was read.
pub(super) struct Picture<'a> {
    outline: container::Outline,
    handle: ImageHandle,
    _context: HeifContext<'a>,
}

impl<'a> Picture<'a> {
    /// Reads the header; no pixel is decoded.
    pub(super) fn open(bytes: &'a [u8], max_pixels: u64) -> Result<Self, PictureError> {
        let outline = container::Outline::read(bytes, max_pixels)?;
        LazyLock::force(&LIBRARY);
        let mut context = HeifContext::read_from_bytes(bytes)?;
        // Tiles one after the other, so that memory can be foretold.
        context.set_max_decoding_threads(0);
        Ok(Self { outline, handle: context.primary_image_handle()?, _context: context })
    }

    /// Width and height as displayed.
    pub(super) fn dimensions(&self) -> (u32, u32) {
        (self.handle.width(), self.handle.height())
    }

    /// Bytes that decoding takes.
    pub(super) fn memory(&self) -> u64 {
        let (width, height) = self.dimensions();
        self.outline.memory(u64::from(width) * u64::from(height), !self.handle.has_alpha_channel())
    }

    /// The profile of its colours, where they are not sRGB.
    pub(super) fn profile(&self) -> Option<Vec<u8>> {
        let written = self.handle.color_profile_raw().map(|raw| raw.data);
        written.or_else(|| named(self.handle.color_profile_nclx()?.color_primaries()))
    }

    /// Decodes the picture upright, and brings it to `size`; one that shows something through keeps its own.
    pub(super) fn decode(&self, size: (u32, u32)) -> Result<DynamicImage, PictureError> {
        let image = LIBRARY.decode(&self.handle, ColorSpace::Rgb(RgbChroma::C444), None)?;
        let (planes, whole) = (image.planes(), self.dimensions());
        let colours = [planes.r, planes.g, planes.b];
        let Some(opacity) = planes.a else {
            let [red, green, blue] = colours.map(|plane| shrunk(plane, whole, size));
            let (red, green, blue) = (red?, green?, blue?);
            let pixel = |x, y| Rgb([&red, &green, &blue].map(|plane| plane.get_pixel(x, y).0[0]));
            return Ok(RgbImage::from_fn(size.0, size.1, pixel).into());
        };
        see_through(colours, &opacity, whole, image.is_premultiplied_alpha())
    }
}

/// The profile of colours that are told by a number, where they are not sRGB's; as cameras do, with its curve.
fn named(primaries: ColorPrimaries) -> Option<Vec<u8>> {
    let color_primaries = match primaries {
        ColorPrimaries::SMPTE_EG_432_1 => CicpColorPrimaries::Smpte432,
        ColorPrimaries::SMPTE_RP_431_2 => CicpColorPrimaries::Smpte431,
        ColorPrimaries::ITU_R_BT_2020_2_and_2100_0 => CicpColorPrimaries::Bt2020,
        _ => return None,
    };
    let profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    profile.encode().ok()
}

/// One channel at eight bits, of a picture of `whole` pixels.
fn channel(plane: Option<&Plane<&[u8]>>, whole: (u32, u32)) -> Result<GrayImage, PictureError> {
    let plane = plane.filter(|plane| (plane.width, plane.height) == whole);
    let plane = plane.ok_or_else(|| PictureError::damaged("its picture has another size than its header tells"))?;
    let surplus = plane.bits_per_pixel.saturating_sub(8);
    let width = whole.0 as usize;
    let rows = plane.data.chunks(plane.stride.max(1));
    let pixels: Vec<u8> = match plane.storage_bits_per_pixel {
        8 => rows.flat_map(|row| row.iter().take(width).copied()).collect(),
        16 => rows.flat_map(|row| row.as_chunks().0.iter().take(width).map(|deep| narrow(*deep, surplus))).collect(),
        _ => return Err(PictureError::Unsupported { reason: "its channels have an unknown depth".to_owned() }),
    };
    GrayImage::from_raw(whole.0, whole.1, pixels).ok_or_else(|| PictureError::damaged("its picture has missing rows"))
}

/// The eight highest bits of a deeper sample.
fn narrow(deep: [u8; 2], surplus: u8) -> u8 {
    u8::try_from(u16::from_ne_bytes(deep) >> surplus).unwrap_or(u8::MAX)
}

fn shrunk(plane: Option<Plane<&[u8]>>, whole: (u32, u32), size: (u32, u32)) -> Result<GrayImage, PictureError> {
    Ok(resize::to(channel(plane.as_ref(), whole)?.into(), size)?.into_luma8())
}

/// All four channels side by side; colours that were weighted by opacity as they were before.
fn see_through(
    colours: [Option<Plane<&[u8]>>; 3],
    opacity: &Plane<&[u8]>,
    whole: (u32, u32),
    weighted: bool,
) -> Result<DynamicImage, PictureError> {
    let mut image = RgbaImage::new(whole.0, whole.1);
    let planes = colours.iter().map(Option::as_ref).chain([Some(opacity)]);
    for (place, plane) in planes.enumerate() {
        let channel = channel(plane, whole)?;
        for (pixel, sample) in image.pixels_mut().zip(channel.into_raw()) {
            if let Some(to) = pixel.0.get_mut(place) {
                *to = sample;
            }
        }
    }
    if weighted {
        image.pixels_mut().for_each(|Rgba([red, green, blue, opacity])| {
            for colour in [red, green, blue] {
                let before = u16::from(*colour) * u16::from(u8::MAX) / u16::from(*opacity).max(1);
                *colour = u8::try_from(before).unwrap_or(u8::MAX);
            }
        });
    }
    Ok(image.into())
}

impl From<HeifError> for PictureError {
    fn from(error: HeifError) -> Self {
        match error.code {
            HeifErrorCode::MemoryAllocationError => Self::TooMuchMemory,
            HeifErrorCode::UnsupportedFeature | HeifErrorCode::UnsupportedFileType => {
                Self::Unsupported { reason: error.message }
            }
            _ => Self::damaged(error.message),
        }
    }
}
