//! Photos that are ready to be drawn in the box they belong to, within a bound.

use std::{collections::VecDeque, sync::Arc};

use ratatui::layout::Size;

use crate::tui::graphics::{Graphic, Images, Kept};

/// Memory for photos that are ready, in bytes: about forty boxes of half a megapixel, or thousands in half-blocks.
const KEPT_BYTES: usize = 12 << 20;

/// How many are kept, however small.
const KEPT: usize = 128;

/// A photo in a box of so many cells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhotoKey {
    pub url: String,
    pub cells: Size,
    /// The dots of the box.
    pub pixels: Size,
}

impl PhotoKey {
    /// A photo in a box on this terminal.
    pub fn new(url: &str, cells: Size, images: Images) -> Self {
        Self { url: url.to_owned(), cells, pixels: images.pixels(cells) }
    }

    /// The dots of a cell.
    pub fn cell(&self) -> Size {
        let dots = |pixels: u16, cells: u16| pixels.checked_div(cells).unwrap_or(1).max(1);
        Size::new(dots(self.pixels.width, self.cells.width), dots(self.pixels.height, self.cells.height))
    }
}

/// The long edge of a picture that is as large as fits a box.
pub fn long_edge((width, height): (u32, u32), pixels: Size) -> u32 {
    let fit = |edge: u32, room: u16| width.max(height).saturating_mul(u32::from(room)) / edge.max(1);
    fit(width, pixels.width).min(fit(height, pixels.height)).max(1)
}

/// The pixels of a scaled photo, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    pub width: u16,
    pub height: u16,
    pub rgb: Vec<[u8; 3]>,
}

impl Pixels {
    /// The pixel at a place, if it is inside.
    pub fn at(&self, x: u16, y: u16) -> Option<[u8; 3]> {
        if x >= self.width || y >= self.height {
            return None;
        }
        self.rgb.get(usize::from(y) * usize::from(self.width) + usize::from(x)).copied()
    }
}

/// A photo as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// Two pixels above each other in each cell.
    Blocks(Pixels),
    Graphic(Graphic),
}

impl Drawing {
    /// What the terminal is to keep of it.
    pub fn kept(&self) -> Option<&Arc<Kept>> {
        match self {
            Self::Graphic(Graphic::Kept(kept)) => Some(kept),
            _ => None,
        }
    }

    /// The memory it takes, in bytes.
    fn bytes(&self) -> usize {
        match self {
            Self::Blocks(pixels) => pixels.rgb.len() * 3,
            Self::Graphic(graphic) => graphic.bytes(),
        }
    }
}

/// How far a photo is.
#[derive(Clone, Debug)]
pub enum PhotoState {
    Loading,
    Ready(Arc<Drawing>),
    Failed,
}

impl PhotoState {
    fn bytes(&self) -> usize {
        if let Self::Ready(drawing) = self { drawing.bytes() } else { 0 }
    }
}

/// The photos at hand, those wanted last at the end.
#[derive(Clone, Debug, Default)]
pub struct Photos {
    kept: VecDeque<(PhotoKey, PhotoState)>,
}

impl Photos {
    /// How far a photo is; `None` when it was never asked for.
    pub fn get(&self, key: &PhotoKey) -> Option<&PhotoState> {
        self.kept.iter().find(|(kept, _)| kept == key).map(|(_, state)| state)
    }

    /// Notes that a photo is wanted now; tells whether it is to be loaded.
    pub fn want(&mut self, key: &PhotoKey) -> bool {
        let known = self.kept.iter().position(|(kept, _)| kept == key).and_then(|index| self.kept.remove(index));
        let is_new = known.is_none();
        self.kept.push_back(known.unwrap_or_else(|| (key.clone(), PhotoState::Loading)));
        is_new
    }

    /// Notes how far a photo is, and forgets those wanted longest ago beyond the bounds.
    pub fn set(&mut self, key: PhotoKey, state: PhotoState) {
        self.kept.retain(|(kept, _)| *kept != key);
        self.kept.push_back((key, state));
        while self.kept.len() > KEPT || (self.kept.len() > 1 && self.bytes() > KEPT_BYTES) {
            self.kept.pop_front();
        }
    }

    fn bytes(&self) -> usize {
        self.kept.iter().map(|(_, state)| state.bytes()).sum()
    }

    /// Forgets photos that could not be had, so that they are tried again.
    pub fn retry(&mut self) {
        self.kept.retain(|(_, state)| !matches!(state, PhotoState::Failed));
    }
}
