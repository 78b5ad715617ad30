//! What a client does to a picture before it uploads it.

use std::ops::ControlFlow;

use image::DynamicImage;

use super::{Format, Limits, PictureError, Stage, decode, encode, progress::enter};

/// The longest edge of an upload, in pixels: well above the largest variant, far below a camera's.
pub const LONG_EDGE: u32 = 2_048;

/// A picture ready for upload, and what it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The file to upload.
    pub bytes: Vec<u8>,
    /// JPEG, or WebP where something shows through.
    pub format: Format,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Length of the original file, in bytes.
    pub from_bytes: u64,
    /// Pixels across of the original, as displayed.
    pub from_width: u32,
    /// Pixels down of the original, as displayed.
    pub from_height: u32,
}

/// Turns a picture upright and to sRGB, brings its long edge to at most [`LONG_EDGE`], and writes it anew without any
/// metadata. `progress` is told of each stage before it begins, and ends the work by breaking.
///
/// # Errors
/// Whatever makes the file unacceptable, a failing encoder, or [`PictureError::Cancelled`]: see [`PictureError`].
pub fn prepare(
    bytes: &[u8],
    limits: &Limits,
    progress: &mut dyn FnMut(Stage) -> ControlFlow<()>,
) -> Result<Prepared, PictureError> {
    let decoded = decode::decode(bytes, limits, (LONG_EDGE, LONG_EDGE), progress)?;
    enter(Stage::Encoding, progress)?;
    let (format, file) = match &decoded.image {
        DynamicImage::ImageRgb8(pixels) => (Format::Jpeg, encode::jpeg(pixels)?),
        transparent => (Format::WebP, encode::webp(transparent)?),
    };
    Ok(Prepared {
        bytes: file,
        format,
        width: decoded.image.width(),
        height: decoded.image.height(),
        from_bytes: bytes.len() as u64,
        from_width: decoded.probe.width,
        from_height: decoded.probe.height,
    })
}
