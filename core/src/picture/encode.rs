//! Writing pictures: pixels only, no metadata.

use image::{DynamicImage, ExtendedColorType, RgbImage, codecs::jpeg::JpegEncoder};
use webp::{Encoder, WebPConfig};

use super::PictureError;

/// Quality of uploads, of 100: the variants are made from them, so that it is not below theirs.
const JPEG_QUALITY: u8 = 85;

/// Quality of what is served, of 100; the figure that the product promises.
const WEBP_QUALITY: f32 = 85.0;

/// How hard libwebp works for fewer bytes, 0 to 6; 4 is its default. Method 2 takes less than half the time for about the
/// same similarity at quality 87, with a sixth more bytes.
const WEBP_METHOD: i32 = 4;

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
    config.quality = WEBP_QUALITY;
    config.method = WEBP_METHOD;
    let file = encoder.encode_advanced(&config).map_err(|error| PictureError::encoding(format!("{error:?}")))?;
    Ok(file.to_vec())
}
