//! Pictures in the terminal's own graphics: which protocol it speaks, and pictures encoded for it.
//!
//! Everything that a protocol needs is made here. What is shown goes through the cells of a frame; only what kitty is to
//! keep is written past them, see [`Gallery`].

mod detect;
mod gallery;
mod iterm2;
mod kitty;
mod sixel;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use campuszon_core::picture::Rgba;
use ratatui::layout::Size;

pub use self::{
    detect::{detect, is_in_tmux},
    gallery::Gallery,
    kitty::{Kept, cell},
};

/// How a terminal shows pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// It keeps pictures, and shows them where cells name them.
    Kitty,
    /// It takes PNG files.
    Iterm2,
    /// It takes rows of six pixels in few colours.
    Sixel,
    /// It does not; two pixels above each other in a cell do.
    #[default]
    Halfblocks,
    /// Not at all: pictures are named only.
    Off,
}

/// What a cell is taken for where the terminal does not tell, in pixels.
const USUAL_CELL: Size = Size { width: 10, height: 20 };

/// What is known of pictures in this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images {
    pub protocol: Protocol,
    /// A cell, in pixels.
    pub cell: Size,
}

impl Default for Images {
    fn default() -> Self {
        Self { protocol: Protocol::default(), cell: USUAL_CELL }
    }
}

impl Images {
    /// The pixels that a box of cells has.
    pub fn pixels(self, cells: Size) -> Size {
        let cell = if self.protocol == Protocol::Halfblocks { Size::new(1, 2) } else { self.cell };
        Size::new(cells.width.saturating_mul(cell.width), cells.height.saturating_mul(cell.height))
    }
}

/// A cell of this terminal, in pixels.
pub fn cell_size() -> Size {
    let Ok(window) = crossterm::terminal::window_size() else { return USUAL_CELL };
    let cell = |pixels: u16, cells: u16| pixels.checked_div(cells).filter(|size| *size > 1);
    match (cell(window.width, window.columns), cell(window.height, window.rows)) {
        (Some(width), Some(height)) => Size { width, height },
        _ => USUAL_CELL,
    }
}

/// A picture that a terminal with graphics shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Graphic {
    /// Kept by the terminal, and shown by cells that name it.
    Kept(Arc<Kept>),
    /// Written anew where it is shown.
    Strips(Strips),
}

/// A picture in rows, each one cell high and on its own, so that any of them can be out of view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strips {
    /// How many cells across.
    pub width: u16,
    /// What is written at the first cell of each row; the cursor is on the second one afterwards.
    pub rows: Vec<String>,
}

impl Graphic {
    /// The memory it takes, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Kept(kept) => kept.transmission.len(),
            Self::Strips(strips) => strips.rows.iter().map(String::len).sum(),
        }
    }
}

/// Encodes pictures for one terminal.
#[derive(Clone, Debug)]
pub struct Encoder {
    protocol: Protocol,
    in_tmux: bool,
    /// The number of the next picture that the terminal is to keep.
    next: Arc<AtomicU32>,
}

impl Encoder {
    /// An encoder whose pictures have numbers that no other program in the same terminal should have.
    pub fn new(protocol: Protocol, in_tmux: bool) -> Self {
        Self { protocol, in_tmux, next: Arc::new(AtomicU32::new(std::process::id() << 8)) }
    }

    /// Whether the terminal is given half-blocks.
    pub fn is_plain(&self) -> bool {
        matches!(self.protocol, Protocol::Halfblocks | Protocol::Off)
    }

    /// A picture for a terminal with such cells; `None` where it cannot be encoded.
    pub fn encode(&self, picture: &Rgba, cell: Size) -> Option<Graphic> {
        let (picture, cells) = padded(picture, cell)?;
        Some(match self.protocol {
            Protocol::Kitty => Graphic::Kept(Arc::new(kitty::encode(&picture, cells, self.number(), self.in_tmux)?)),
            Protocol::Iterm2 => Graphic::Strips(strips(cells, iterm2::rows(&picture, cell, cells.width)?)),
            Protocol::Sixel => Graphic::Strips(strips(cells, sixel::rows(&picture, cell))),
            Protocol::Halfblocks | Protocol::Off => return None,
        })
    }

    /// A number of 24 bits, since a cell names its picture by a colour; 0 is none.
    fn number(&self) -> u32 {
        (self.next.fetch_add(1, Ordering::Relaxed) & 0xff_ffff).max(1)
    }
}

/// A picture with transparent pixels at the right and below, so that it fills its cells; `None` for one without pixels.
fn padded(picture: &Rgba, cell: Size) -> Option<(Rgba, Size)> {
    if picture.pixels.is_empty() {
        return None;
    }
    let (cell_width, cell_height) = (u32::from(cell.width.max(1)), u32::from(cell.height.max(1)));
    let cells = (picture.width.div_ceil(cell_width), picture.height.div_ceil(cell_height));
    let (width, height) = (cells.0 * cell_width, cells.1 * cell_height);
    let line = usize::try_from(width).ok()? * 4;
    let mut pixels = Vec::with_capacity(line * usize::try_from(height).ok()?);
    for row in picture.pixels.chunks_exact(usize::try_from(picture.width).ok()?.max(1) * 4) {
        pixels.extend_from_slice(row);
        pixels.resize(pixels.len().next_multiple_of(line.max(1)), 0);
    }
    pixels.resize(line * usize::try_from(height).ok()?, 0);
    Some((Rgba { width, height, pixels }, Size::new(u16::try_from(cells.0).ok()?, u16::try_from(cells.1).ok()?)))
}

/// Rows that leave the cursor where a letter would: terminals do not agree on where a picture leaves it. What was there
/// before is erased, since a picture may be transparent.
fn strips(cells: Size, rows: Vec<String>) -> Strips {
    let width = cells.width;
    let whole = |row: String| format!("\x1b7\x1b[{width}X{row}\x1b8\x1b[C");
    Strips { width, rows: rows.into_iter().map(whole).collect() }
}

/// The rows of a padded picture, each one cell high.
fn slices(picture: &Rgba, cell: Size) -> impl Iterator<Item = Rgba> {
    let height = u32::from(cell.height.max(1));
    let length = usize::try_from(picture.width.saturating_mul(height)).unwrap_or(usize::MAX).saturating_mul(4).max(1);
    let width = picture.width;
    picture.pixels.chunks_exact(length).map(move |pixels| Rgba { width, height, pixels: pixels.to_vec() })
}

#[cfg(test)]
mod tests;
