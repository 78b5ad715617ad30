//! The state of the interface: everything that `view` draws and `update` changes, and nothing else.

mod browse;
mod detail;
mod load;
mod photos;
mod row;

use std::sync::Arc;

use campuszon_core::{ItemId, Timestamp, safe::SafeText};
use ratatui::layout::Size;
use tui_input::Input;

pub use browse::{Browse, List, Order, Query};
pub use detail::{Detail, Full, Photo};
pub use load::Load;
pub use photos::{PhotoKey, PhotoState, Photos, Pixels};
pub use row::Row;

use super::{
    keys::{Action, KEYS, Key, Scope},
    layout::{DetailParts, Panes},
    message::Ticket,
    theme::{Depth, Theme},
};

/// What does not change while the interface runs.
#[derive(Clone, Debug)]
pub struct Settings {
    pub theme: Theme,
    /// The server as the user calls it.
    pub server: SafeText,
    /// What stands before an item's id in a link to share.
    pub link_base: String,
    /// The item to begin with.
    pub start_item: Option<ItemId>,
}

/// Who has the keys, when no overlay is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Focus {
    #[default]
    List,
    Search,
    Detail,
}

/// What lies over the panes and takes the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    Help(Help),
    Categories {
        /// The selected row; the first one means all categories.
        selected: usize,
    },
}

/// The help while it is open.
#[derive(Clone, Debug)]
pub struct Help {
    /// Where it was opened, which decides which of its rows can be run.
    pub over: Scope,
    pub filter: Input,
    pub selected: usize,
}

impl Help {
    /// The rows of the key table that match the filter: those that can be run from here first.
    pub fn rows(&self) -> Vec<&'static Key> {
        let wanted = self.filter.value().trim().to_lowercase();
        let rank = |key: &Key| match key.scope {
            scope if scope == self.over => 0,
            Scope::Everywhere => 1,
            _ => 2,
        };
        let says = |text: &str| text.to_lowercase().contains(&wanted);
        let matches =
            |key: &Key| says(key.label) || says(key.scope.heading()) || key.chords.iter().any(|chord| says(chord));
        let mut rows: Vec<&'static Key> = KEYS.iter().filter(|key| matches(key)).collect();
        rows.sort_by_key(|key| rank(key));
        rows
    }
}

/// What is known of the user.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Account {
    #[default]
    Unknown,
    SignedOut,
    SignedIn {
        name: SafeText,
        campus: SafeText,
        tokens: i64,
    },
}

/// Whether the server answered the last call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Connection {
    #[default]
    Unknown,
    Online,
    Offline,
}

/// One line that is shown in place of the footer for a few seconds.
#[derive(Clone, Debug)]
pub struct Notice {
    pub ticket: Ticket,
    pub text: SafeText,
    /// Whether it tells of something that went wrong.
    pub bad: bool,
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    pub settings: Settings,
    pub size: Size,
    /// The time that ages are reckoned from; set by whoever draws.
    pub now: Timestamp,
    pub focus: Focus,
    pub overlay: Option<Overlay>,
    pub browse: Browse,
    pub detail: Detail,
    pub photos: Photos,
    /// The categories on offer; empty until the server has named them.
    pub categories: Vec<String>,
    pub account: Account,
    pub connection: Connection,
    pub notice: Option<Notice>,
    /// A dangerous action that one more press of its key performs.
    pub armed: Option<Action>,
    /// Set when the interface is to end.
    pub quit: bool,
    /// Whether the last message changed anything that is drawn.
    pub changed: bool,
    tickets: Ticket,
}

impl Model {
    /// The state before anything has happened.
    pub fn new(settings: Settings, size: Size, now: Timestamp) -> Self {
        let focus = if settings.start_item.is_some() { Focus::Detail } else { Focus::List };
        let mut detail = Detail::default();
        detail.show(settings.start_item);
        Self {
            settings,
            size,
            now,
            focus,
            overlay: None,
            browse: Browse::default(),
            detail,
            photos: Photos::default(),
            categories: Vec::new(),
            account: Account::default(),
            connection: Connection::default(),
            notice: None,
            armed: None,
            quit: false,
            changed: true,
            tickets: 0,
        }
    }

    /// A number that no work has had before.
    pub fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        self.tickets
    }

    /// What has the keys.
    pub fn scope(&self) -> Scope {
        match (&self.overlay, self.focus) {
            (Some(Overlay::Help(_)), _) => Scope::Help,
            (Some(Overlay::Categories { .. }), _) => Scope::Picker,
            (None, Focus::List) => Scope::List,
            (None, Focus::Search) => Scope::Search,
            (None, Focus::Detail) => Scope::Detail,
        }
    }

    /// Where the panes are, unless the terminal is too small.
    pub fn panes(&self) -> Option<Panes> {
        Panes::of(self.size)
    }

    /// What is known of the item in the detail pane: from the item itself, else from the list.
    pub fn shown_row(&self) -> Option<&Arc<Row>> {
        match self.detail.full() {
            Some(full) => Some(&full.row),
            None => self.browse.list.find(self.detail.id?),
        }
    }

    /// The parts of the detail pane, unless the terminal is too small. Without colours there is no box for photos.
    pub fn detail_parts(&self) -> Option<DetailParts> {
        let has_photos = match self.detail.full() {
            Some(full) => !full.photos.is_empty(),
            None => self.shown_row().is_some_and(|row| row.thumbnail.is_some()),
        };
        let draws_photos = self.settings.theme.depth != Depth::None;
        Some(DetailParts::of(self.panes()?.detail, has_photos && draws_photos))
    }

    /// The address of the photo in the detail pane: the item's own, else the one the list knows.
    pub fn shown_photo(&self) -> Option<&String> {
        match self.detail.full() {
            Some(full) => full.photos.get(self.detail.photo)?.url.as_ref(),
            None => self.shown_row()?.thumbnail.as_ref(),
        }
    }

    /// Whether the detail pane is on the screen.
    pub fn shows_detail(&self) -> bool {
        self.panes().is_some_and(|panes| panes.side_by_side || self.focus == Focus::Detail)
    }
}
