//! Why a picture was refused, in sentences for the person who chose it and codes for programs.

use image::ImageError;

/// What is wrong with a picture. All but [`PictureError::Encoding`] and [`PictureError::Cancelled`] are the file's own
/// fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// No bytes at all.
    #[error("The file is empty. Choose a file that holds a picture.")]
    Empty,
    /// The first bytes are of no format that is read here.
    #[cfg_attr(
        not(feature = "heic"),
        error("The file is not a picture of a known format. Use JPEG, PNG, WebP or GIF.")
    )]
    #[cfg_attr(
        feature = "heic",
        error("The file is not a picture of a known format. Use JPEG, PNG, WebP, GIF or HEIC.")
    )]
    UnknownFormat,
    /// A HEIC picture, as iPhones take them, in a build without the feature `heic`.
    #[error("This build does not read HEIC pictures. Save the picture as JPEG and choose that file.")]
    Heic,
    /// A known format, in a way of writing it that is not read here.
    #[error("The picture uses a feature that is not supported ({reason}). Save it again as JPEG or PNG.")]
    Unsupported {
        /// What the decoder said.
        reason: String,
    },
    /// The file is longer than [`Limits::max_bytes`](super::Limits::max_bytes).
    #[error("The file has {bytes} bytes, over the limit of {max}. Save the picture smaller or at a lower quality.")]
    TooManyBytes {
        /// Length of the file.
        bytes: u64,
        /// The limit.
        max: u64,
    },
    /// The header names more pixels than [`Limits::max_pixels`](super::Limits::max_pixels).
    #[error("The picture has {width} × {height} pixels, over the limit of {max} in all. Save it with fewer pixels.")]
    TooManyPixels {
        /// Width in the header.
        width: u32,
        /// Height in the header.
        height: u32,
        /// The limit for width times height.
        max: u64,
    },
    /// Few enough pixels, but decoding them would need too much memory, for example at 16 bits a channel.
    #[error("The picture needs too much memory to decode. Save it with fewer pixels or with 8 bits a channel.")]
    TooMuchMemory,
    /// The header names a width or height of zero.
    #[error("The picture has no pixels: its width or height is zero. Save it again or choose another.")]
    ZeroDimensions,
    /// Truncated or broken.
    #[error("The picture is damaged ({reason}). Save it again or choose another.")]
    Damaged {
        /// What the decoder said.
        reason: String,
    },
    /// The picture was read, but could not be written: our own fault.
    #[error("The picture could not be encoded ({reason}). Try again.")]
    Encoding {
        /// What the encoder said.
        reason: String,
    },
    /// Whoever watched the work ended it.
    #[error("It was cancelled.")]
    Cancelled,
}

impl PictureError {
    /// The stable word for programs, as in the problem documents of the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::UnknownFormat | Self::Heic | Self::Unsupported { .. } => "unsupported_media_type",
            Self::TooManyBytes { .. } | Self::TooManyPixels { .. } | Self::TooMuchMemory => "payload_too_large",
            Self::ZeroDimensions | Self::Damaged { .. } => "damaged",
            Self::Encoding { .. } => "internal",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether another attempt is no help: the file itself is at fault, or nobody wants it any more.
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Encoding { .. })
    }

    pub(super) fn damaged(reason: impl Into<String>) -> Self {
        Self::Damaged { reason: reason.into() }
    }

    pub(super) fn encoding(reason: impl Into<String>) -> Self {
        Self::Encoding { reason: reason.into() }
    }
}

/// For errors of decoding; encoders map theirs with [`PictureError::encoding`].
impl From<ImageError> for PictureError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::Limits(_) => Self::TooMuchMemory,
            ImageError::Unsupported(feature) => Self::Unsupported { reason: feature.to_string() },
            other => Self::damaged(other.to_string()),
        }
    }
}
