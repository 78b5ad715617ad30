//! The boxes of a HEIC file (ISO/IEC 14496-12, ISO/IEC 23008-12) before any library sees them: which pictures it holds and
//! what decoding them costs.
//!
//! Only what cameras write is let through: one description, every item in one piece, none that shares bytes with another,
//! grids of coded pictures and nothing else that is made of pictures.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::PictureError,
    hevc::{self, Frame},
};

type Name = [u8; 4];
type Result<T> = std::result::Result<T, PictureError>;

/// Items that are let through: a coded picture, a grid of such, and what is never decoded.
const CODED: Name = *b"hvc1";
const GRID: Name = *b"grid";
const OTHERS: [Name; 4] = [*b"Exif", *b"mime", *b"uri ", *b"tmap"];

/// What the boxes of a file say about the cost of decoding it.
pub(super) struct Outline {
    /// The most expensive coded picture.
    frame: Frame,
    /// Whether the picture is put together from tiles.
    tiled: bool,
    /// Whether the file asks to turn, mirror or crop it.
    transformed: bool,
}

impl Outline {
    /// Walks the boxes of a whole file whose picture may have so many pixels.
    pub(super) fn read(bytes: &[u8], max_pixels: u64) -> Result<Self> {
        // What follows the last box is nobody's.
        let (mut rest, mut top) = (Reader(bytes), Vec::new());
        while let Ok(found) = rest.sized() {
            top.push(found);
        }
        let meta = boxes(full(one(&top, b"meta")?)?.1)?;
        let file = File {
            types: types(one(&meta, b"iinf")?)?,
            data: pieces(bytes, &meta)?,
            properties: properties(one(&meta, b"iprp")?)?,
            references: at_most_one(&meta, b"iref")?.map_or(Ok(Vec::new()), references)?,
        };
        file.outline(max_pixels)
    }

    /// Bytes that decoding so many pixels takes: a coded picture, planes that tiles go to, and what becomes of all planes.
    pub(super) const fn memory(&self, pixels: u64, opaque: bool) -> u64 {
        let depth = self.frame.depth;
        let planes = if opaque { 3 * depth } else { 4 * depth };
        let whole = if self.tiled || !opaque { pixels.saturating_mul(planes) } else { 0 };
        let decoding = self.frame.memory().saturating_add(whole);
        let copied = if self.transformed { planes } else { 0 };
        let narrowed = if opaque { 1 } else { 4 };
        let after = pixels.saturating_mul(planes + if copied > narrowed { copied } else { narrowed });
        if decoding > after { decoding } else { after }
    }
}

/// A reference: its kind, the item it is of, the items it is to.
type Reference = (Name, u32, Vec<u32>);

struct File<'a> {
    types: BTreeMap<u32, Name>,
    data: BTreeMap<u32, &'a [u8]>,
    properties: BTreeMap<u32, Vec<Property<'a>>>,
    references: Vec<Reference>,
}

impl File<'_> {
    fn outline(&self, max_pixels: u64) -> Result<Outline> {
        let mut outline = Outline { frame: Frame::default(), tiled: false, transformed: false };
        let mut frames = BTreeMap::new();
        for (&item, kind) in &self.types {
            match *kind {
                CODED => {
                    let frame = self.coded(item)?;
                    outline.frame = outline.frame.or(frame);
                    frames.insert(item, frame);
                }
                GRID => outline.tiled = true,
                other if OTHERS.contains(&other) => {}
                _ => return Err(unsupported("it holds a kind of picture that is not read")),
            }
        }
        let turned = |(name, _): &Property<'_>| [*b"irot", *b"imir", *b"clap"].contains(name);
        outline.transformed = self.properties.values().flatten().any(turned);
        self.check_grids(&frames, max_pixels)?;
        self.check_companions()?;
        Ok(outline)
    }

    /// A coded picture's frame, by its own configuration and what its data repeat of it.
    fn coded(&self, item: u32) -> Result<Frame> {
        let mut frame = Frame::default();
        let configurations = self.properties.get(&item).into_iter().flatten();
        for (_, body) in configurations.filter(|(name, _)| name == b"hvcC") {
            frame = frame.or(hevc::parameters(configuration(body)?.into_iter())?);
        }
        let data = self.data.get(&item).ok_or_else(broken)?;
        Ok(frame.or(hevc::picture(lengths(data, 4)?.into_iter())?))
    }

    /// Holds every grid to the limit, and its tiles together to twice that, since they may reach over its edges.
    fn check_grids(&self, frames: &BTreeMap<u32, Frame>, max_pixels: u64) -> Result<()> {
        for (item, _) in self.types.iter().filter(|(_, kind)| **kind == GRID) {
            let (width, height) = grid_size(self.data.get(item).ok_or_else(broken)?)?;
            if u64::from(width) * u64::from(height) > max_pixels {
                return Err(PictureError::TooManyPixels { width, height, max: max_pixels });
            }
            let mut pixels = 0_u64;
            for (_, _, tiles) in self.references.iter().filter(|(kind, of, _)| kind == b"dimg" && of == item) {
                for tile in tiles {
                    let frame = frames.get(tile).ok_or_else(|| unsupported("its tiles are no coded pictures"))?;
                    pixels = pixels.saturating_add(frame.pixels);
                }
            }
            if pixels > max_pixels.saturating_mul(2) {
                return Err(PictureError::damaged("its tiles are larger than it is"));
            }
        }
        Ok(())
    }

    /// Refuses opacity that has an opacity of its own, since that could go on in a circle.
    fn check_companions(&self) -> Result<()> {
        let companions = || self.references.iter().filter(|(kind, ..)| kind == b"auxl");
        let of: BTreeSet<u32> = companions().map(|(_, of, _)| *of).collect();
        if companions().flat_map(|(.., to)| to).any(|to| of.contains(to)) {
            return Err(unsupported("a companion of its picture has a companion"));
        }
        Ok(())
    }
}

fn broken() -> PictureError {
    PictureError::damaged("its boxes are broken")
}

fn unsupported(reason: &str) -> PictureError {
    PictureError::Unsupported { reason: reason.to_owned() }
}

/// Reads from the front of some bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: u64) -> Result<&'a [u8]> {
        let length = usize::try_from(length).map_err(|_| broken())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(taken)
    }

    /// A number of so many bytes; of none it is zero.
    fn number(&mut self, length: u64) -> Result<u64> {
        Ok(self.take(length)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn id(&mut self, length: u64) -> Result<u32> {
        u32::try_from(self.number(length)?).map_err(|_| broken())
    }

    fn name(&mut self) -> Result<Name> {
        self.take(4)?.try_into().map_err(|_| broken())
    }

    /// The name and the body of a box.
    fn sized(&mut self) -> Result<(Name, &'a [u8])> {
        let start = self.0.len() as u64;
        let (short, name) = (self.number(4)?, self.name()?);
        let length = match short {
            0 => start,
            1 => self.number(8)?,
            length => length,
        };
        let header = start - self.0.len() as u64;
        Ok((name, self.take(length.checked_sub(header).ok_or_else(broken)?)?))
    }
}

/// Boxes that follow one another up to the end.
fn boxes(bytes: &[u8]) -> Result<Vec<(Name, &[u8])>> {
    let (mut rest, mut found) = (Reader(bytes), Vec::new());
    while !rest.0.is_empty() {
        found.push(rest.sized()?);
    }
    Ok(found)
}

fn at_most_one<'a>(boxes: &[(Name, &'a [u8])], name: &Name) -> Result<Option<&'a [u8]>> {
    let mut found = boxes.iter().filter(|(other, _)| other == name);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some((_, body)), None) => Ok(Some(body)),
        _ => Err(broken()),
    }
}

fn one<'a>(boxes: &[(Name, &'a [u8])], name: &Name) -> Result<&'a [u8]> {
    at_most_one(boxes, name)?.ok_or_else(broken)
}

/// The version, the lowest flags, and the rest of a box that begins with them.
fn full(body: &[u8]) -> Result<((u8, u8), &[u8])> {
    match body {
        [version, _, _, flags, rest @ ..] => Ok(((*version, *flags), rest)),
        _ => Err(broken()),
    }
}

/// The type of every item.
fn types(body: &[u8]) -> Result<BTreeMap<u32, Name>> {
    let ((version, _), rest) = full(body)?;
    let mut rest = Reader(rest);
    rest.take(if version == 0 { 2 } else { 4 })?;
    let mut types = BTreeMap::new();
    for (name, body) in boxes(rest.0)? {
        let ((version @ 2..=3, _), entry) = full(body)? else { return Err(broken()) };
        let mut entry = Reader(entry);
        let item = entry.id(if version == 2 { 2 } else { 4 })?;
        entry.take(2)?;
        let kind = entry.name()?;
        // What is compressed may swell.
        let packed = kind == *b"mime" && entry.0.windows(7).any(|word| word == b"deflate");
        if name != *b"infe" || packed || types.insert(item, kind).is_some() {
            return Err(broken());
        }
    }
    Ok(types)
}

/// The bytes of every item.
fn pieces<'a>(file: &'a [u8], meta: &[(Name, &'a [u8])]) -> Result<BTreeMap<u32, &'a [u8]>> {
    let ((version @ 0..=2, _), rest) = full(one(meta, b"iloc")?)? else { return Err(broken()) };
    let inside = at_most_one(meta, b"idat")?.unwrap_or_default();
    let mut rest = Reader(rest);
    let widths = rest.number(2)?;
    let [offset, length, base, index] = [12, 8, 4, 0].map(|shift| widths >> shift & 0xF);
    if [offset, length, base].iter().any(|width| ![0, 4, 8].contains(width)) || (version > 0 && index != 0) {
        return Err(broken());
    }
    let id = if version < 2 { 2 } else { 4 };
    let (mut pieces, mut total) = (BTreeMap::new(), 0);
    for _ in 0..rest.number(id)? {
        let item = rest.id(id)?;
        let method = if version == 0 { 0 } else { rest.number(2)? & 0xF };
        let source = match method {
            0 => file,
            1 => inside,
            _ => return Err(unsupported("an item of it is made of others")),
        };
        rest.take(2)?;
        let base = rest.number(base)?;
        if rest.number(2)? != 1 {
            return Err(unsupported("an item of it is in several pieces"));
        }
        let start = rest.number(offset)?.checked_add(base).ok_or_else(broken)?;
        let mut piece = Reader(source);
        piece.take(start)?;
        let data = piece.take(rest.number(length)?)?;
        total += data.len();
        if total > file.len() || pieces.insert(item, data).is_some() {
            return Err(broken());
        }
    }
    Ok(pieces)
}

/// A property of an item: its name, and its body.
type Property<'a> = (Name, &'a [u8]);

/// The properties of every item that has any.
fn properties(body: &[u8]) -> Result<BTreeMap<u32, Vec<Property<'_>>>> {
    let parts = boxes(body)?;
    let known = boxes(one(&parts, b"ipco")?)?;
    let mut properties: BTreeMap<u32, Vec<Property<'_>>> = BTreeMap::new();
    for (_, body) in parts.iter().filter(|(name, _)| name == b"ipma") {
        let ((version, flags), rest) = full(body)?;
        let mut rest = Reader(rest);
        for _ in 0..rest.number(4)? {
            let item = rest.id(if version == 0 { 2 } else { 4 })?;
            for _ in 0..rest.number(1)? {
                let place = if flags & 1 == 0 { rest.number(1)? & 0x7F } else { rest.number(2)? & 0x7FFF };
                let found = usize::try_from(place).ok().and_then(|place| known.get(place.checked_sub(1)?));
                properties.entry(item).or_default().extend(found);
            }
        }
    }
    Ok(properties)
}

fn references(body: &[u8]) -> Result<Vec<Reference>> {
    let ((version, _), rest) = full(body)?;
    let id = if version == 0 { 2 } else { 4 };
    let read = |(kind, body): (Name, &[u8])| {
        let mut body = Reader(body);
        let of = body.id(id)?;
        let to: Result<_> = (0..body.number(2)?).map(|_| body.id(id)).collect();
        Ok((kind, of, to?))
    };
    boxes(rest)?.into_iter().map(read).collect()
}

/// The units of a configuration, each kind a list of its own.
fn configuration(body: &[u8]) -> Result<Vec<&[u8]>> {
    let (mut rest, mut units) = (Reader(body), Vec::new());
    rest.take(22)?;
    for _ in 0..rest.number(1)? {
        rest.take(1)?;
        for _ in 0..rest.number(2)? {
            let length = rest.number(2)?;
            units.push(rest.take(length)?);
        }
    }
    units.retain(|unit| !unit.is_empty());
    Ok(units)
}

/// Units behind their lengths, up to the end.
fn lengths(data: &[u8], width: u64) -> Result<Vec<&[u8]>> {
    let (mut rest, mut units) = (Reader(data), Vec::new());
    while !rest.0.is_empty() {
        let length = rest.number(width)?;
        units.push(rest.take(length)?);
    }
    Ok(units)
}

/// Width and height of a grid (ISO/IEC 23008-12, 6.6.2.3).
fn grid_size(data: &[u8]) -> Result<(u32, u32)> {
    let mut rest = Reader(data);
    let [_, flags, _, _] = rest.name()?;
    let width = if flags & 1 == 0 { 2 } else { 4 };
    Ok((rest.id(width)?, rest.id(width)?))
}
