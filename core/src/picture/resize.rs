//! Making pictures smaller, never larger.

use fast_image_resize::{
    FilterType, MulDiv, PixelTrait, ResizeAlg, ResizeOptions, Resizer,
    images::Image,
    pixels::{U8, U8x2, U8x3, U8x4},
};
use image::{DynamicImage, ImageBuffer, Pixel};

use super::PictureError;

/// The largest size with the proportions of `size` that fits inside `room`, at most `size` itself, at least one pixel.
pub(super) fn fit((width, height): (u32, u32), room: (u32, u32)) -> (u32, u32) {
    if width <= room.0 && height <= room.1 {
        return (width, height);
    }
    let wider_than_room = u64::from(width) * u64::from(room.1) > u64::from(height) * u64::from(room.0);
    if wider_than_room {
        (room.0.max(1), scaled(height, room.0, width))
    } else {
        (scaled(width, room.1, height), room.1.max(1))
    }
}

/// `length * numerator / denominator`, rounded to the nearest, at least 1.
fn scaled(length: u32, numerator: u32, denominator: u32) -> u32 {
    let denominator = u64::from(denominator.max(1));
    let product = u64::from(length) * u64::from(numerator) + denominator / 2;
    u32::try_from(product / denominator).unwrap_or(u32::MAX).max(1)
}

/// Shrinks `image`, of eight bits a channel, to fit inside `room`; one that fits is handed back as it is.
pub(super) fn shrink(image: DynamicImage, room: (u32, u32)) -> Result<DynamicImage, PictureError> {
    let size = fit((image.width(), image.height()), room);
    to(image, size)
}

/// Brings `image`, of eight bits a channel, to a size.
pub(super) fn to(image: DynamicImage, size: (u32, u32)) -> Result<DynamicImage, PictureError> {
    if size == (image.width(), image.height()) {
        return Ok(image);
    }
    Ok(match image {
        DynamicImage::ImageLuma8(pixels) => resample::<_, U8>(pixels, size)?.into(),
        DynamicImage::ImageLumaA8(pixels) => resample::<_, U8x2>(pixels, size)?.into(),
        DynamicImage::ImageRgb8(pixels) => resample::<_, U8x3>(pixels, size)?.into(),
        DynamicImage::ImageRgba8(pixels) => resample::<_, U8x4>(pixels, size)?.into(),
        other => return Err(PictureError::encoding(format!("{:?} pixels cannot be resampled", other.color()))),
    })
}

type Buffer<P> = ImageBuffer<P, Vec<u8>>;

/// Lanczos3 keeps text on book covers sharp. Colours are weighted by opacity, in place since a copy may be 200 MB, so that
/// hidden ones do not bleed into edges. The kind of pixel is a type, so that the program holds the code of four kinds and not
/// of all that the library knows.
fn resample<P, K>(source: Buffer<P>, (width, height): (u32, u32)) -> Result<Buffer<P>, PictureError>
where
    P: Pixel<Subpixel = u8>,
    K: PixelTrait,
{
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3)).use_alpha(false);
    let (from_width, from_height) = source.dimensions();
    let mut source = Image::from_vec_u8(from_width, from_height, source.into_raw(), K::pixel_type()).map_err(failed)?;
    let mut target = Image::new(width, height, K::pixel_type());
    let other_kind = || PictureError::encoding("the picture has pixels of another kind");
    let (mut from, mut into) =
        source.typed_image_mut::<K>().zip(target.typed_image_mut::<K>()).ok_or_else(other_kind)?;
    if P::HAS_ALPHA {
        MulDiv::new().multiply_alpha_inplace_typed(&mut from).map_err(failed)?;
    }
    Resizer::new().resize_typed(&from, &mut into, &options).map_err(failed)?;
    if P::HAS_ALPHA {
        MulDiv::new().divide_alpha_inplace_typed(&mut into).map_err(failed)?;
    }
    ImageBuffer::from_raw(width, height, target.into_vec())
        .ok_or_else(|| PictureError::encoding("the resampled picture has a wrong size"))
}

fn failed(error: impl std::error::Error) -> PictureError {
    PictureError::encoding(error.to_string())
}
