//! What a server makes of an uploaded picture: three sizes and a placeholder.

use data_encoding::BASE64;
use image::DynamicImage;

use super::{Limits, PictureError, decode, encode, progress::unwatched, resize};

/// The longest edge a ThumbHash is made from; more adds nothing to it.
const PLACEHOLDER_EDGE: u32 = 100;

crate::words! {
    /// The sizes a picture is served in.
    Size {
        /// For lists.
        Thumbnail = "thumbnail",
        /// For small screens.
        Medium = "medium",
        /// For a close look.
        Large = "large",
    }
}

impl Size {
    /// Width and height of the box the variant fits inside, in pixels.
    pub const fn room(self) -> (u32, u32) {
        match self {
            Self::Thumbnail => (300, 300),
            Self::Medium => (800, 600),
            Self::Large => (1_200, 900),
        }
    }
}

/// One size of a picture, as a WebP file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The file.
    pub bytes: Vec<u8>,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Every size of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variants {
    /// Pixels across of the upload, as displayed.
    pub width: u32,
    /// Pixels down of the upload, as displayed.
    pub height: u32,
    /// A ThumbHash, about 25 bytes, as base64 text: enough to paint a blur while the picture loads.
    pub placeholder: String,
    /// See [`Size::Thumbnail`].
    pub thumbnail: Variant,
    /// See [`Size::Medium`].
    pub medium: Variant,
    /// See [`Size::Large`].
    pub large: Variant,
}

impl Variants {
    /// The variant of this size.
    pub const fn get(&self, size: Size) -> &Variant {
        match size {
            Size::Thumbnail => &self.thumbnail,
            Size::Medium => &self.medium,
            Size::Large => &self.large,
        }
    }
}

/// Makes every size of an uploaded picture, upright, in sRGB and without metadata; none is enlarged.
///
/// The picture is decoded once and each size is made from the next larger one, which has far fewer pixels to read.
///
/// # Errors
/// Whatever makes the file unacceptable, or a failing encoder: see [`PictureError`].
pub fn variants(bytes: &[u8], limits: &Limits) -> Result<Variants, PictureError> {
    let decoded = decode::decode(bytes, limits, Size::Large.room(), &mut unwatched)?;
    let mut image = decoded.image;
    let mut next = |size: Size| -> Result<Variant, PictureError> {
        image = resize::shrink(std::mem::take(&mut image), size.room())?;
        Ok(Variant { bytes: encode::webp(&image)?, width: image.width(), height: image.height() })
    };
    let (large, medium, thumbnail) = (next(Size::Large)?, next(Size::Medium)?, next(Size::Thumbnail)?);
    Ok(Variants {
        width: decoded.probe.width,
        height: decoded.probe.height,
        placeholder: placeholder(image)?,
        thumbnail,
        medium,
        large,
    })
}

fn placeholder(image: DynamicImage) -> Result<String, PictureError> {
    let tiny = resize::shrink(image, (PLACEHOLDER_EDGE, PLACEHOLDER_EDGE))?.into_rgba8();
    let (width, height) = (tiny.width() as usize, tiny.height() as usize);
    Ok(BASE64.encode(&thumbhash::rgba_to_thumb_hash(width, height, &tiny)))
}
