//! A file before it is decoded: its format, told by its first bytes, and the facts in its header, held to the limits.

use std::io::Cursor;

use image::{ImageDecoder, ImageFormat, ImageReader, metadata::Orientation};

#[cfg(feature = "heic")]
use super::heic;
use super::{PictureError, decode};

/// Memory for what precedes the pixels (text, profiles), so that a compressed profile cannot blow up.
const HEADER_MEMORY: u64 = 32 << 20;

/// What a picture may cost; checked before anything is decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest file, in bytes.
    pub max_bytes: u64,
    /// Most pixels, width times height.
    pub max_pixels: u64,
}

/// The limits of a campus that has set none: 20 MB and 50 megapixels.
impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 20_000_000, max_pixels: 50_000_000 }
    }
}

crate::words! {
    /// The formats read here.
    Format {
        /// JPEG, baseline and progressive.
        Jpeg = "jpeg",
        /// PNG; of an animated one, the first picture.
        Png = "png",
        /// WebP, lossy and lossless; of an animated one, the first frame.
        WebP = "webp",
        /// GIF, its first frame.
        Gif = "gif",
        /// HEIC, its primary picture, in builds with the feature `heic`; others refuse it.
        Heic = "heic",
    }
}

impl Format {
    /// The media type for HTTP.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Heic => "image/heic",
        }
    }

    /// The customary end of a file's name, without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Heic => "heic",
        }
    }

    /// The format that the first bytes of a file announce; its name has no say.
    fn detect(bytes: &[u8]) -> Result<Self, PictureError> {
        match bytes {
            [] => Err(PictureError::Empty),
            [0xFF, 0xD8, 0xFF, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            [_, _, _, _, b'f', b't', b'y', b'p', a, b, c, d, ..] if is_heic([*a, *b, *c, *d]) => Ok(Self::Heic),
            _ => Err(PictureError::UnknownFormat),
        }
    }
}

/// Whether this major brand names HEIC (ISO/IEC 23008-12, annex B); AVIF has the same box with other brands.
fn is_heic(brand: [u8; 4]) -> bool {
    const BRANDS: [&[u8; 4]; 8] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"];
    BRANDS.contains(&&brand)
}

/// What the header of a picture says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Told by the bytes.
    pub format: Format,
    /// Pixels across, as displayed.
    pub width: u32,
    /// Pixels down, as displayed.
    pub height: u32,
    /// How the stored pixels must be turned, 1 to 8 as EXIF counts; 1 leaves them as they are.
    pub orientation: u8,
}

/// Reads a picture's header and holds it to `limits`; no pixel is decoded.
///
/// # Errors
/// Any [`PictureError`] but [`PictureError::Encoding`].
pub fn probe(bytes: &[u8], limits: &Limits) -> Result<Probe, PictureError> {
    decode::contained(|| open(bytes, limits).map(|source| source.probe))
}

/// A picture whose header was read and found acceptable.
pub(super) struct Source<'a> {
    pub(super) probe: Probe,
    pub(super) orientation: Orientation,
    pub(super) decoder: Decoder<'a>,
}

/// What reads the pixels behind a header.
pub(super) enum Decoder<'a> {
    /// Of the image crate.
    Common(Box<dyn ImageDecoder + 'a>),
    #[cfg(feature = "heic")]
    Heic(heic::Picture<'a>),
}

impl<'a> Decoder<'a> {
    /// Reads the header.
    fn open(format: Format, bytes: &'a [u8], limits: &Limits) -> Result<Self, PictureError> {
        let codec = match format {
            Format::Jpeg => ImageFormat::Jpeg,
            Format::Png => ImageFormat::Png,
            Format::WebP => ImageFormat::WebP,
            Format::Gif => ImageFormat::Gif,
            Format::Heic => return Self::open_heic(bytes, limits),
        };
        let mut reader = ImageReader::with_format(Cursor::new(bytes), codec);
        reader.limits(memory(HEADER_MEMORY));
        Ok(Self::Common(Box::new(reader.into_decoder()?)))
    }

    #[cfg(feature = "heic")]
    fn open_heic(bytes: &'a [u8], limits: &Limits) -> Result<Self, PictureError> {
        heic::Picture::open(bytes, limits.max_pixels).map(Self::Heic)
    }

    #[cfg(not(feature = "heic"))]
    const fn open_heic(_: &'a [u8], _: &Limits) -> Result<Self, PictureError> {
        Err(PictureError::Heic)
    }

    /// Width and height of what it decodes.
    pub(super) fn dimensions(&self) -> (u32, u32) {
        match self {
            Self::Common(decoder) => decoder.dimensions(),
            #[cfg(feature = "heic")]
            Self::Heic(picture) => picture.dimensions(),
        }
    }

    /// How what it decodes must be turned. A broken orientation is no reason to refuse a picture that can be seen.
    fn orientation(&mut self) -> Orientation {
        match self {
            Self::Common(decoder) => decoder.orientation().unwrap_or(Orientation::NoTransforms),
            #[cfg(feature = "heic")]
            Self::Heic(_) => Orientation::NoTransforms,
        }
    }

    /// The ICC profile of what it decodes.
    pub(super) fn profile(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Common(decoder) => decoder.icc_profile().ok().flatten(),
            #[cfg(feature = "heic")]
            Self::Heic(picture) => picture.profile(),
        }
    }
}

/// Reads the header and holds it to `limits`.
pub(super) fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Source<'a>, PictureError> {
    let length = bytes.len() as u64;
    if length > limits.max_bytes {
        return Err(PictureError::TooManyBytes { bytes: length, max: limits.max_bytes });
    }
    let format = Format::detect(bytes)?;
    let mut decoder = Decoder::open(format, bytes, limits)?;
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(PictureError::ZeroDimensions);
    }
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(PictureError::TooManyPixels { width, height, max: limits.max_pixels });
    }
    let orientation = decoder.orientation();
    let (width, height) = turned((width, height), orientation);
    let probe = Probe { format, width, height, orientation: orientation.to_exif() };
    Ok(Source { probe, orientation, decoder })
}

/// Bytes that decoding so many pixels of a WebP file takes, by what its first chunk announces: besides the pixels,
/// colours stand in planes, opacity is a picture of its own, and a frame of an animation is painted on another.
pub(super) fn webp_memory(bytes: &[u8], pixels: u64) -> u64 {
    const ANIMATION: u8 = 0b10;
    const OPACITY: u8 = 0b1_0000;
    let per_pixel = match (bytes.get(12..16), bytes.get(20)) {
        (Some(b"VP8 "), _) => 5,
        (Some(b"VP8X"), Some(flags)) if flags & ANIMATION != 0 => 19,
        (Some(b"VP8X"), Some(flags)) if flags & OPACITY != 0 => 11,
        _ => 8,
    };
    pixels.saturating_mul(per_pixel)
}

/// A decoder's limits that allow `bytes` of memory.
pub(super) fn memory(bytes: u64) -> image::Limits {
    let mut limits = image::Limits::no_limits();
    limits.max_alloc = Some(bytes);
    limits
}

/// Width and height after turning, or before: a quarter turn swaps them either way.
pub(super) fn turned((width, height): (u32, u32), orientation: Orientation) -> (u32, u32) {
    match orientation {
        Orientation::NoTransforms
        | Orientation::Rotate180
        | Orientation::FlipHorizontal
        | Orientation::FlipVertical => (width, height),
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH => {
            (height, width)
        }
    }
}
