//! The coded pictures inside a HEIC file (ITU-T H.265): how large their parameter sets make them, and that each is one
//! picture that needs no other.

use super::super::PictureError;

/// Kinds of units, table 7-1.
mod kind {
    pub(super) const CODED: std::ops::RangeInclusive<u8> = 0..=31;
    pub(super) const INSTANT_REFRESH: std::ops::RangeInclusive<u8> = 19..=20;
    pub(super) const SEQUENCE_PARAMETERS: u8 = 33;
}

/// What decoding a coded picture costs, by its sequence parameters.
#[derive(Clone, Copy, Default)]
pub(super) struct Frame {
    /// Pixels, those outside of the displayed part included.
    pub(super) pixels: u64,
    /// Bytes a sample, 1 or 2.
    pub(super) depth: u64,
    /// Samples of all channels for two pixels: 2 to 6.
    samples: u64,
}

impl Frame {
    /// What the more expensive of two costs.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            pixels: self.pixels.max(other.pixels),
            depth: self.depth.max(other.depth),
            samples: self.samples.max(other.samples),
        }
    }

    /// Bytes of memory that decoding takes: the decoder's picture, its notes on every block, and a copy; then that copy
    /// beside planes of red, green and blue.
    pub(super) const fn memory(self) -> u64 {
        let decoding = self.samples * self.depth + 1;
        let converting = (self.samples * self.depth).div_ceil(2) + 3 * self.depth;
        let most = if decoding > converting { decoding } else { converting };
        self.pixels.saturating_mul(most)
    }
}

/// Parameter sets alone, as a configuration carries them: their frame.
pub(super) fn parameters<'a>(units: impl Iterator<Item = &'a [u8]>) -> Result<Frame, PictureError> {
    match walk(units)? {
        (frame, 0) => Ok(frame),
        _ => Err(PictureError::damaged("its configuration holds a picture")),
    }
}

/// An item of one coded picture; its frame, if it carries parameter sets.
///
/// A second picture, or one made from others, would let a few bytes fill a decoder's whole store of pictures.
pub(super) fn picture<'a>(units: impl Iterator<Item = &'a [u8]>) -> Result<Frame, PictureError> {
    match walk(units)? {
        (frame, 1) => Ok(frame),
        (_, 0) => Err(PictureError::damaged("it has no picture")),
        _ => Err(PictureError::Unsupported { reason: "it is a film".to_owned() }),
    }
}

/// The most that any of these units asks for, and how many pictures begin in them.
fn walk<'a>(units: impl Iterator<Item = &'a [u8]>) -> Result<(Frame, usize), PictureError> {
    let (mut frame, mut pictures) = (Frame::default(), 0);
    for unit in units {
        let [header, _, body @ ..] = unit else { return Err(PictureError::damaged("a unit of it is empty")) };
        let found = (header >> 1) & 0x3F;
        if found == kind::SEQUENCE_PARAMETERS {
            let sequence = sequence(body).ok_or_else(|| PictureError::damaged("its sequence parameters are broken"))?;
            frame = frame.or(sequence);
        } else if kind::INSTANT_REFRESH.contains(&found) {
            pictures += usize::from(body.first().is_some_and(|byte| byte & 0x80 != 0));
        } else if kind::CODED.contains(&found) {
            return Err(PictureError::Unsupported { reason: "its picture depends on others".to_owned() });
        }
    }
    Ok((frame, pictures))
}

/// A sequence parameter set (7.3.2.2) up to the depth of its channels.
fn sequence(body: &[u8]) -> Option<Frame> {
    let mut bits = Bits::unescaped(body);
    bits.take(4)?;
    let layers = bits.take(3)?;
    bits.take(1)?;
    profile_and_level(&mut bits, layers)?;
    bits.number()?;
    let chroma = bits.number()?;
    if chroma == 3 {
        bits.take(1)?;
    }
    let (width, height) = (bits.number()?, bits.number()?);
    if bits.take(1)? == 1 {
        for _ in 0..4 {
            bits.number()?;
        }
    }
    let deepest = bits.number()?.max(bits.number()?);
    let samples = match chroma {
        0 => 2,
        1 => 3,
        2 => 4,
        3 => 6,
        _ => return None,
    };
    Some(Frame { pixels: width * height, depth: if deepest == 0 { 1 } else { 2 }, samples })
}

/// Skips what 7.3.3 holds of all layers.
fn profile_and_level(bits: &mut Bits, layers: u64) -> Option<()> {
    const PROFILE: u32 = 88;
    const LEVEL: u32 = 8;
    bits.skip(PROFILE + LEVEL)?;
    let mut rest = 0;
    for _ in 0..layers {
        rest += PROFILE * u32::from(bits.take(1)? == 1) + LEVEL * u32::from(bits.take(1)? == 1);
    }
    if layers > 0 {
        bits.skip(2 * (8 - u32::try_from(layers).ok()?))?;
    }
    bits.skip(rest)
}

/// Bits from the first to the last, and the numbers written in them.
struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    /// Without the bytes that keep a start code from appearing (7.4.2): each third one after two zeros.
    fn unescaped(body: &[u8]) -> Self {
        let mut zeros = 0;
        let kept = |byte: &u8| {
            let escape = zeros >= 2 && *byte == 3;
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            !escape
        };
        Self { bytes: body.iter().copied().filter(kept).collect(), at: 0 }
    }

    fn take(&mut self, count: u32) -> Option<u64> {
        (0..count).try_fold(0, |number, _| {
            let byte = self.bytes.get(self.at / 8)?;
            let bit = byte >> (7 - self.at % 8) & 1;
            self.at += 1;
            Some(number << 1 | u64::from(bit))
        })
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        self.at += count as usize;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// An unsigned number of 9.2: as many zeros as bits follow the one that ends them.
    fn number(&mut self) -> Option<u64> {
        const MOST_ZEROS: u32 = 20;
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > MOST_ZEROS {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.take(zeros)?)
    }
}
