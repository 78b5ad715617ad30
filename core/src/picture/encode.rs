//! Writing pictures: pixels only, no metadata.

use image::{DynamicImage, ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};
use webp::{Encoder, WebPConfig};

use super::PictureError;

/// Quality of uploads, of 100: the variants are made from them, so that it is not below theirs.
const JPEG_QUALITY: u8 = 85;

/// How libwebp writes: its quality, of 100, and how hard it works for fewer bytes, 0 to 6.
type Effort = (f32, i32);

/// For what is served: quality 85, which the product promises, at libwebp's default method.
const THOROUGH: Effort = (85.0, 4);

/// For large pictures, which cost most: less than half the time for the same similarity, with a tenth more bytes. Small ones
/// would gain little time and lose more.
const FAST: Effort = (86.0, 2);

/// Pixels from which on a picture is large.
const LARGE: u32 = 800 * 600 * 3 / 2;

/// A JPEG file of `image`.
pub(super) fn jpeg(image: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode(image, image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(|error| PictureError::encoding(error.to_string()))?;
    Ok(bytes)
}

/// A lossy WebP file of `image`, which is `Rgb8` or `Rgba8`.
pub(super) fn webp(image: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let encoder = match image {
        DynamicImage::ImageRgb8(pixels) => Encoder::from_rgb(pixels, pixels.width(), pixels.height()),
        DynamicImage::ImageRgba8(pixels) => Encoder::from_rgba(pixels, pixels.width(), pixels.height()),
        other => return Err(PictureError::encoding(format!("{:?} pixels cannot become WebP", other.color()))),
    };
    let mut config = WebPConfig::new().map_err(|()| PictureError::encoding("libwebp has another version"))?;
    let large = image.width().saturating_mul(image.height()) > LARGE;
    (config.quality, config.method) = if large { FAST } else { THOROUGH };
    let file = encoder.encode_advanced(&config).map_err(|error| PictureError::encoding(format!("{error:?}")))?;
    Ok(file.to_vec())
}
