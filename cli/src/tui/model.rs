//! The state of the interface: everything that `view` draws and `update` changes, and nothing else.

mod alerts;
mod bookings;
mod browse;
mod chats;
mod composer;
mod contact;
mod conversation;
mod deal;
mod detail;
mod field;
mod files;
mod filters;
mod form;
mod link;
mod list;
mod load;
mod me;
mod overlay;
mod palette;
mod photos;
mod row;
mod rules;
mod selling;
mod servers;
mod tab;
mod toast;
mod upload;
mod wizard;

use std::{collections::VecDeque, sync::Arc};

use campuszon_core::{ChatId, ItemId, Timestamp, UserId, safe::SafeText, time::minute_of_day};
use ratatui::layout::Size;

pub use alerts::{AlertRow, Alerts, alert_page};
pub use bookings::{Act, BookingRow, Bookings, Countdown, ReviewCard, Reviews, booking_page};
pub use browse::{Browse, Focus, Order, Query};
pub use chats::{ChatFocus, ChatRow, Chats, chat_page, summary};
pub use composer::{Composer, Line};
pub use contact::Contact;
pub use conversation::{Conversation, Entry, Pending, Said, Speaker};
pub use deal::Deal;
pub use detail::{Detail, Full, Photo};
pub use field::{Field, edit as edit_text, pasted};
pub use files::{FileEntry, Files, is_picture, paths};
pub use filters::{Filter, Filters, Panel};
pub use form::{Entry as FormEntry, Form, KeptPhoto, Kind, ListingDraft, Purpose as FormPurpose};
pub use link::Link;
pub use list::{List, Page, Record};
pub use load::Load;
pub use me::{
    Card, DeviceRow, Me, MenuRow, SearchRow, Section, WalletRow, Wish, WishRow, device_page, search_page, wallet_page,
    wish_page,
};
pub use overlay::{Deed, Dialog, Help, Menu, MenuChoice, Overlay, Prompt, Purpose};
pub use palette::{Choice, Palette, Target};
pub use photos::{Drawing, PhotoKey, PhotoState, Photos, Pixels, long_edge};
pub use row::{Row, item_page};
pub use rules::Rules;
pub use selling::Selling;
pub use servers::Switcher;
pub use tab::Tab;
pub use toast::{Toast, Toasts};
pub use upload::{Progress, Upload};
pub use wizard::{Hall, Path, Step, Wizard};

use crate::settings::QuietHours;

use super::{
    graphics::{Images, Protocol},
    keys::{Action, Scope},
    layout::{DetailParts, Panes, TalkParts},
    message::Ticket,
    theme::{Depth, Theme},
};

/// What stays until the user says otherwise.
#[derive(Clone, Debug)]
pub struct Settings {
    pub theme: Theme,
    pub images: Images,
    /// The server as the user calls it.
    pub server: SafeText,
    /// What stands before an item's id in a link to share.
    pub link_base: String,
    pub start: Start,
    /// A random text, different in every run.
    pub run: String,
    /// When no bell rings.
    pub quiet_hours: Option<QuietHours>,
}

impl Settings {
    /// The address of the server.
    pub fn address(&self) -> &str {
        self.link_base.strip_suffix(ITEMS).unwrap_or(&self.link_base)
    }

    /// Turns to another server.
    pub fn move_to(&mut self, hall: &Hall) {
        self.server = hall.called.clone();
        self.link_base = format!("{}{ITEMS}", hall.address);
    }
}

/// What stands between the address of a server and the id in a link.
pub const ITEMS: &str = "/items/";

/// What to begin with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start {
    pub tab: Tab,
    pub item: Option<ItemId>,
    pub chat: Option<ChatId>,
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

/// What the reader has not seen yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unread {
    pub messages: i64,
    pub alerts: i64,
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

/// Something that was said, for those who looked elsewhere.
#[derive(Clone, Debug)]
pub struct Logged {
    pub at: Timestamp,
    pub text: SafeText,
    /// Whether it told of something that went wrong.
    pub bad: bool,
}

/// How much of what was said is kept.
const LOGGED: usize = 100;

/// Everything.
#[derive(Clone, Debug)]
pub struct Model {
    pub settings: Settings,
    pub size: Size,
    /// The time, set by whoever runs the interface before every message and frame.
    pub now: Timestamp,
    pub tab: Tab,
    pub overlay: Option<Overlay>,
    pub browse: Browse,
    pub detail: Detail,
    /// The tab from which an item was opened, to go back to.
    pub return_to: Option<Tab>,
    pub chats: Chats,
    pub bookings: Bookings,
    pub selling: Selling,
    pub alerts: Alerts,
    pub me: Me,
    /// The sign-in, for whoever is signed out.
    pub wizard: Wizard,
    pub photos: Photos,
    /// The categories on offer; empty until the server has named them.
    pub categories: Vec<String>,
    /// What the server demands; unknown until it has said so.
    pub rules: Option<Rules>,
    /// What is being filled in, over the panes.
    pub form: Option<Box<Form>>,
    pub account: Account,
    pub unread: Unread,
    pub connection: Connection,
    pub link: Link,
    /// Whether somebody looks at the terminal, as far as it says so.
    pub attended: bool,
    /// Whether clicks and the wheel come here.
    pub mouse: bool,
    pub notice: Option<Notice>,
    pub toasts: Toasts,
    /// What was said lately, the newest first.
    pub log: VecDeque<Logged>,
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
        let start = settings.start;
        let focus = if start.item.is_some() { Focus::Detail } else { Focus::List };
        let mut detail = Detail::default();
        detail.show(start.item);
        Self {
            settings,
            size,
            now,
            tab: start.tab,
            overlay: None,
            browse: Browse { focus, ..Browse::default() },
            detail,
            return_to: None,
            chats: Chats::default(),
            bookings: Bookings::default(),
            selling: Selling::default(),
            alerts: Alerts::default(),
            me: Me::default(),
            wizard: Wizard::default(),
            photos: Photos::default(),
            categories: Vec::new(),
            rules: None,
            form: None,
            account: Account::default(),
            unread: Unread::default(),
            connection: Connection::default(),
            link: Link::default(),
            attended: true,
            mouse: true,
            notice: None,
            toasts: Toasts::default(),
            log: VecDeque::new(),
            armed: None,
            quit: false,
            changed: true,
            tickets: 0,
        }
    }

    /// Forgets whatever one account on one server brought.
    pub fn forget(&mut self) {
        let fresh = Self::new(Settings { start: Start::default(), ..self.settings.clone() }, self.size, self.now);
        *self = Self {
            tab: self.tab,
            wizard: std::mem::take(&mut self.wizard),
            attended: self.attended,
            mouse: self.mouse,
            log: std::mem::take(&mut self.log),
            tickets: self.tickets,
            ..fresh
        };
    }

    /// Whether no bell is to ring now.
    pub fn is_quiet(&self) -> bool {
        let timezone = self.rules.as_ref().map_or("UTC", |rules| rules.timezone.as_str());
        let minute = minute_of_day(self.now, timezone);
        self.settings.quiet_hours.is_some_and(|hours| hours.contains(minute))
    }

    /// Keeps what is being said.
    pub fn write_down(&mut self, text: &SafeText, bad: bool) {
        self.log.push_front(Logged { at: self.now, text: text.clone(), bad });
        self.log.truncate(LOGGED);
    }

    /// A number that no work has had before.
    pub fn next_ticket(&mut self) -> Ticket {
        self.tickets += 1;
        self.tickets
    }

    /// A key under which the server does something once, however often it is asked.
    pub fn next_key(&mut self) -> String {
        let ticket = self.next_ticket();
        format!("{}-{ticket}", self.settings.run)
    }

    /// What has the keys.
    pub fn scope(&self) -> Scope {
        match &self.overlay {
            Some(Overlay::Help(_)) => Scope::Help,
            Some(Overlay::Filters(Panel { field: Some(_), .. })) => Scope::FilterField,
            Some(Overlay::Filters(_)) => Scope::Filters,
            Some(Overlay::Servers(_)) => Scope::Servers,
            Some(Overlay::Dialog(_)) => Scope::Dialog,
            Some(Overlay::Prompt(_)) => Scope::Prompt,
            Some(Overlay::Palette(_)) => Scope::Palette,
            Some(Overlay::Log { .. }) => Scope::Log,
            Some(Overlay::Menu(_)) => Scope::Picker,
            Some(Overlay::Files(_)) => Scope::Files,
            None if self.form.as_ref().is_some_and(|form| form.is_at_photos()) => Scope::Photos,
            None if self.form.is_some() => Scope::Form,
            None => self.place(),
        }
    }

    /// What has the keys once no overlay is open.
    pub fn place(&self) -> Scope {
        match self.tab {
            _ if self.wizard.open => Scope::Wizard,
            Tab::Browse => match self.browse.focus {
                Focus::List => Scope::Browse,
                Focus::Search => Scope::Search,
                Focus::Detail => Scope::Detail,
            },
            Tab::Chats => match self.chats.focus {
                ChatFocus::List => Scope::Chats,
                ChatFocus::Messages => Scope::Messages,
                ChatFocus::Composer => Scope::Composer,
            },
            Tab::Bookings if self.bookings.reading => Scope::Booking,
            Tab::Bookings => Scope::Bookings,
            Tab::Selling => Scope::Selling,
            Tab::Alerts => Scope::Alerts,
            Tab::Me if self.me.section.is_some() => Scope::Section,
            Tab::Me => Scope::Me,
        }
    }

    /// How far the loading of a tab is.
    pub fn load(&self, tab: Tab) -> &Load {
        match tab {
            Tab::Browse => &self.browse.list.load,
            Tab::Chats => &self.chats.list.load,
            Tab::Bookings => &self.bookings.list.load,
            Tab::Selling => &self.selling.list.load,
            Tab::Alerts => &self.alerts.list.load,
            Tab::Me => &self.me.load,
        }
    }

    /// How far the loading of a tab is, to be changed.
    pub fn load_mut(&mut self, tab: Tab) -> &mut Load {
        match tab {
            Tab::Browse => &mut self.browse.list.load,
            Tab::Chats => &mut self.chats.list.load,
            Tab::Bookings => &mut self.bookings.list.load,
            Tab::Selling => &mut self.selling.list.load,
            Tab::Alerts => &mut self.alerts.list.load,
            Tab::Me => &mut self.me.load,
        }
    }

    /// Where the panes are, unless the terminal is too small.
    pub fn panes(&self) -> Option<Panes> {
        self.panes_in(self.size)
    }

    /// Where the panes are in a terminal of this size, unless that is too small.
    pub fn panes_in(&self, size: Size) -> Option<Panes> {
        let panes = Panes::of(size, self.link.is_broken())?;
        let lists_items = self.tab == Tab::Browse && !self.wizard.open;
        Some(if lists_items { panes.with_filters() } else { panes })
    }

    /// What is known of the item in the detail pane: from the item itself, else from the list.
    pub fn shown_row(&self) -> Option<&Arc<Row>> {
        match self.detail.full() {
            Some(full) => Some(&full.row),
            None => self.browse.list.find(self.detail.id?),
        }
    }

    /// Whether photos are drawn: not without colours, and not where nobody wants them.
    pub fn draws_photos(&self) -> bool {
        self.settings.theme.depth != Depth::None && self.settings.images.protocol != Protocol::Off
    }

    /// The parts of the detail pane, unless the terminal is too small. Where no photos are drawn there is no box for them.
    pub fn detail_parts(&self) -> Option<DetailParts> {
        let has_photos = match self.detail.full() {
            Some(full) => !full.photos.is_empty(),
            None => self.shown_row().is_some_and(|row| row.thumbnail.is_some()),
        };
        Some(DetailParts::of(self.panes()?.detail, has_photos && self.draws_photos()))
    }

    /// The photo in the detail pane: the item's own, else the one the list knows. `None` as long as nothing is known of it.
    pub fn shown_photo(&self) -> Option<PhotoKey> {
        match self.detail.full() {
            Some(full) => self.photo_key(full.photos.get(self.detail.photo)?),
            None => self.thumbnail_key(self.shown_row()?),
        }
    }

    /// A photo in the box of the detail pane.
    pub fn photo_key(&self, photo: &Photo) -> Option<PhotoKey> {
        photo.in_box(self.detail_parts()?.photo.as_size(), self.settings.images)
    }

    /// The first photo of an item, as the list knows it, in the box of the detail pane.
    pub fn thumbnail_key(&self, row: &Row) -> Option<PhotoKey> {
        let cells = self.detail_parts()?.photo.as_size();
        Some(PhotoKey::new(row.thumbnail.as_ref()?, cells, self.settings.images))
    }

    /// Who says something in a conversation.
    pub fn speaker(&self, chat: ChatId, sender: Option<UserId>) -> Speaker {
        let is_me = match (&self.me.card, self.chats.list.find(chat)) {
            (Some(card), _) => sender == Some(card.id),
            (None, Some(row)) => sender != Some(row.peer_id),
            (None, None) => false,
        };
        match sender {
            None => Speaker::Server,
            Some(_) if is_me => Speaker::Me,
            Some(_) => Speaker::Peer,
        }
    }

    /// Whether the open conversation is on the screen.
    pub fn shows_talk(&self) -> bool {
        self.tab == Tab::Chats
            && self.chats.open.is_some()
            && self.panes().is_some_and(|panes| panes.side_by_side || self.chats.focus != ChatFocus::List)
    }

    /// The parts of the open conversation, unless the terminal is too small.
    pub fn talk_parts(&self) -> Option<TalkParts> {
        let pane = self.panes()?.detail;
        Some(TalkParts::of(pane, self.chats.composer.lines(TalkParts::writing_width(pane)).len()))
    }

    /// Whether the pane of a booking is on the screen.
    pub fn shows_booking(&self) -> bool {
        self.tab == Tab::Bookings && self.panes().is_some_and(|panes| panes.side_by_side || self.bookings.reading)
    }

    /// Whether the pane of an item is on the screen.
    pub fn shows_detail(&self) -> bool {
        self.tab == Tab::Browse
            && self.panes().is_some_and(|panes| panes.side_by_side || self.browse.focus == Focus::Detail)
    }
}
