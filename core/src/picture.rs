//! Pictures: what a file is, what a client uploads, what a server keeps. Bytes and limits in, bytes and facts out.
//!
//! Every function decides from the bytes alone, refuses what is over the limits before decoding it, answers with freshly
//! encoded pixels only (so no metadata can pass) and survives any input.

mod colour;
mod decode;
mod encode;
mod error;
#[cfg(feature = "heic")]
mod heic;
mod jpeg;
mod prepare;
mod progress;
mod resize;
mod source;
#[cfg(test)]
mod tests;
mod variants;

pub use error::PictureError;
pub use prepare::{LONG_EDGE, Prepared, prepare};
pub use progress::Stage;
pub use source::{Format, Limits, Probe, probe};
pub use variants::{Size, Variant, Variants, variants};

/// Pixels for a screen: upright, sRGB, four bytes each (red, green, blue, opacity), row by row without padding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rgba {
    /// Pixels a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub pixels: Vec<u8>,
}

impl Rgba {
    /// A PNG file of it, made fast rather than small, for whoever shows it at once.
    ///
    /// # Errors
    /// Where there are not as many bytes as it says.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        encode::png(self)
    }
}

/// Decodes a picture to fit a square of `max_edge` pixels; a smaller one keeps its size.
///
/// # Errors
/// Whatever makes the file unacceptable: see [`PictureError`].
pub fn decode_rgba(bytes: &[u8], limits: &Limits, max_edge: u32) -> Result<Rgba, PictureError> {
    let image = decode::decode(bytes, limits, (max_edge, max_edge), &mut progress::unwatched)?.image;
    Ok(Rgba { width: image.width(), height: image.height(), pixels: image.into_rgba8().into_raw() })
}
