//! Photos that are decoded and scaled to the box they are drawn in, within a bound.

use std::{collections::VecDeque, sync::Arc};

use ratatui::layout::Size;

/// How many scaled photos are kept; at twelve kilobytes for a large box this stays below two megabytes.
const KEPT: usize = 128;

/// A photo in a box of so many cells.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PhotoKey {
    pub url: String,
    pub cells: Size,
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

/// How far a photo is.
#[derive(Clone, Debug)]
pub enum PhotoState {
    Loading,
    Ready(Arc<Pixels>),
    Failed,
}

/// The photos at hand, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Photos {
    kept: VecDeque<(PhotoKey, PhotoState)>,
}

impl Photos {
    /// How far a photo is; `None` when it was never asked for.
    pub fn get(&self, key: &PhotoKey) -> Option<&PhotoState> {
        self.kept.iter().find(|(kept, _)| kept == key).map(|(_, state)| state)
    }

    /// Notes how far a photo is, and forgets the oldest beyond the bound.
    pub fn set(&mut self, key: PhotoKey, state: PhotoState) {
        self.kept.retain(|(kept, _)| *kept != key);
        self.kept.push_back((key, state));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Forgets photos that could not be had, so that they are tried again.
    pub fn retry(&mut self) {
        self.kept.retain(|(_, state)| !matches!(state, PhotoState::Failed));
    }
}
