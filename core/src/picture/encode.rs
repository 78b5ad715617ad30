//! Writing pictures: pixels only, no metadata.

use image::{
    DynamicImage, ExtendedColorType, ImageEncoder, RgbImage,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
    },
};
use webp::{Encoder, WebPConfig};

use super::{PictureError, Rgba};

/// Quality of uploads, of 100: the variants are made from them, so that it is not below theirs.
const JPEG_QUALITY: u8 = 85;

/// Quality of what is served, of 100: at the method below, as similar to the original as 85, which the product promises, is
/// at libwebp's default.
const WEBP_QUALITY: f32 = 85.5;

/// How hard libwebp works for fewer bytes, 0 to 6; its default is 4. What 3 adds in bytes is less than a twentieth, what it
/// saves in time more than a tenth; 2 saves a third, for a tenth more bytes (`scripts/bench images`).
const WEBP_METHOD: i32 = 3;

/// A JPEG file of `image`.
pub(super) fn jpeg(image: &RgbImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)
        .encode(image, image.width(), image.height(), ExtendedColorType::Rgb8)
        .map_err(|error| PictureError::encoding(error.to_string()))?;
    Ok(bytes)
}

/// A PNG file of pixels for a screen.
pub(super) fn png(picture: &Rgba) -> Result<Vec<u8>, PictureError> {
    let is_whole =
        u64::try_from(picture.pixels.len()).ok() == Some(u64::from(picture.width) * u64::from(picture.height) * 4);
    if !is_whole {
        return Err(PictureError::encoding("there are not as many pixels as there should be"));
    }
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Adaptive)
        .write_image(&picture.pixels, picture.width, picture.height, ExtendedColorType::Rgba8)
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
    (config.quality, config.method) = (WEBP_QUALITY, WEBP_METHOD);
    let file = encoder.encode_advanced(&config).map_err(|error| PictureError::encoding(format!("{error:?}")))?;
    Ok(file.to_vec())
}
