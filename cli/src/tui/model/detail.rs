//! The item that is looked at, and the whole items that were looked at lately.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use campuszon_core::{
    ChatId, ItemId, Timestamp,
    picture::Size as Variant,
    safe::SafeText,
    wire::{
        image::{Image, ImageStatus},
        item::Item,
    },
};
use ratatui::layout::Size;

use super::{Contact, Load, PhotoKey, Row, long_edge};
use crate::tui::{graphics::Images, message::Ticket};

/// How many whole items are kept.
const KEPT: usize = 64;

/// A picture of an item.
#[derive(Clone, Debug, PartialEq)]
pub struct Photo {
    /// The address of the smallest variant, when it is made.
    pub url: Option<String>,
    /// The address of the next larger one.
    pub medium: Option<String>,
    pub status: ImageStatus,
    pub width: u32,
    pub height: u32,
}

impl From<&Image> for Photo {
    fn from(image: &Image) -> Self {
        let url = image.variants.as_ref().map(|variants| variants.thumbnail.url.clone());
        let medium = image.variants.as_ref().map(|variants| variants.medium.url.clone());
        Self { url, medium, status: image.status, width: image.width, height: image.height }
    }
}

impl Photo {
    /// The variant to draw in a box, when it is made: the smallest that is about as large. Half-blocks never have as many
    /// dots as the smallest has pixels.
    pub fn in_box(&self, cells: Size, images: Images) -> Option<PhotoKey> {
        let (thumbnail, _) = Variant::Thumbnail.room();
        let wanted = long_edge((self.width, self.height), images.pixels(cells));
        let url = if wanted > thumbnail * 5 / 4 { &self.medium } else { &self.url };
        Some(PhotoKey::new(url.as_ref()?, cells, images))
    }
}

/// A whole item, made safe for the screen.
#[derive(Clone, Debug, PartialEq)]
pub struct Full {
    pub row: Arc<Row>,
    pub description: SafeText,
    pub pickup: Option<SafeText>,
    pub photos: Vec<Photo>,
    pub views: i64,
    pub favorites: i64,
    pub expires_at: Option<Timestamp>,
    /// The reader's conversation on it.
    pub chat: Option<ChatId>,
    /// Whether the reader may know how to reach its seller.
    pub unlocked: bool,
}

impl Full {
    /// The item as it came.
    pub fn new(item: &Item) -> Self {
        Self {
            row: Arc::new(Row::new(&item.summary)),
            description: SafeText::block(&item.description),
            pickup: item.pickup.as_deref().map(SafeText::line),
            photos: item.images.iter().map(Photo::from).collect(),
            views: item.views,
            favorites: item.favorites,
            expires_at: item.expires_at,
            chat: item.viewer.chat,
            unlocked: item.viewer.unlocked,
        }
    }
}

/// The detail pane.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    pub id: Option<ItemId>,
    pub load: Load,
    /// Which photo is shown.
    pub photo: usize,
    /// How many lines of the text are scrolled away.
    pub scroll: usize,
    /// The timer that loads what is shown once the selection has rested on it.
    pub rest: Ticket,
    /// How to reach the sellers of items that were unlocked.
    pub contacts: HashMap<ItemId, Contact>,
    kept: VecDeque<(ItemId, Arc<Full>)>,
}

impl Detail {
    /// Turns to another item, from its first photo and line.
    pub fn show(&mut self, id: Option<ItemId>) {
        if self.id != id {
            self.id = id;
            self.load = Load::Idle;
            self.photo = 0;
            self.scroll = 0;
        }
    }

    /// The whole item shown, when it has come.
    pub fn full(&self) -> Option<&Arc<Full>> {
        let id = self.id?;
        self.kept.iter().find(|(kept, _)| *kept == id).map(|(_, full)| full)
    }

    /// Keeps a whole item, and forgets the oldest beyond the bound.
    pub fn keep(&mut self, full: Full) {
        let id = full.row.id;
        self.kept.retain(|(kept, _)| *kept != id);
        self.kept.push_back((id, Arc::new(full)));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }

    /// Forgets the whole items, so that they are asked for anew.
    pub fn forget(&mut self) {
        self.kept.clear();
    }

    /// Forgets a whole item, so that it is asked for anew.
    pub fn forget_one(&mut self, id: ItemId) {
        self.kept.retain(|(kept, _)| *kept != id);
    }

    /// Changes the star of an item.
    pub fn set_favorite(&mut self, id: ItemId, on: bool) {
        if let Some((_, full)) = self.kept.iter_mut().find(|(kept, _)| *kept == id) {
            let full = Arc::make_mut(full);
            Arc::make_mut(&mut full.row).favorite = on;
        }
    }
}
