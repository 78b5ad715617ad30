//! The table of keys, a part for each place, in the order in which footer and help show its rows.

use super::{Action, Key, Scope, key};
use crate::tui::model::Tab;

/// The whole table.
pub const KEYS: &[&[Key]] = &[
    BROWSE,
    SEARCH,
    DETAIL,
    CHATS,
    MESSAGES,
    COMPOSER,
    BOOKINGS,
    SELLING,
    ALERTS,
    ME,
    ROWS,
    HELP,
    PICKER,
    DIALOG,
    PROMPT,
    PALETTE,
    WIZARD,
    SECTION,
    LOG,
    DEAL,
    BOOKING,
    FORM,
    PHOTOS,
    FILES,
    FILTERS,
    FILTER_FIELD,
    SERVERS,
    EVERYWHERE,
];

const BROWSE: &[Key] = &[
    key(Scope::Browse, Action::Open, &["Enter", "l", "Right"], "open").hint(),
    key(Scope::Browse, Action::Search, &["/"], "search").hint(),
    key(Scope::Browse, Action::Filter, &["f"], "filters").hint(),
    key(Scope::Browse, Action::Sort, &["s"], "sort").hint(),
    key(Scope::Browse, Action::Chat, &["c"], "chat").hint(),
    key(Scope::Browse, Action::Book, &["b"], "book"),
    key(Scope::Browse, Action::Unlock, &["u"], "unlock"),
    key(Scope::Browse, Action::Favorite, &["*"], "favourite").hint(),
    key(Scope::Browse, Action::CopyLink, &["y"], "copy the link"),
    key(Scope::Browse, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the item"),
    key(Scope::Browse, Action::Back, &["Esc"], "clear search and filters"),
];

const SEARCH: &[Key] = &[
    key(Scope::Search, Action::Open, &["Enter", "Down"], "go to the results").hint(),
    key(Scope::Search, Action::Back, &["Esc"], "restore the list").hint(),
    key(Scope::Search, Action::SwitchPane, &["Tab", "Shift+Tab"], "leave the box"),
];

const DETAIL: &[Key] = &[
    key(Scope::Detail, Action::Back, &["Esc"], "back").hint(),
    key(Scope::Detail, Action::Chat, &["c"], "chat").hint(),
    key(Scope::Detail, Action::Book, &["b"], "book").hint(),
    key(Scope::Detail, Action::Unlock, &["u"], "unlock").hint(),
    key(Scope::Detail, Action::NextPhoto, &["l", "Right"], "next photo").hint(),
    key(Scope::Detail, Action::PreviousPhoto, &["h", "Left"], "previous photo"),
    key(Scope::Detail, Action::NextItem, &["]"], "next item").hint(),
    key(Scope::Detail, Action::PreviousItem, &["["], "previous item"),
    key(Scope::Detail, Action::Favorite, &["*"], "favourite").hint(),
    key(Scope::Detail, Action::CopyLink, &["y"], "copy the link").hint(),
    key(Scope::Detail, Action::Down, &["j", "Down"], "scroll down"),
    key(Scope::Detail, Action::Up, &["k", "Up"], "scroll up"),
    key(Scope::Detail, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::Detail, Action::PageUp, &["Ctrl+U", "PgUp"], "page up"),
    key(Scope::Detail, Action::Top, &["g", "Home"], "to the start"),
    key(Scope::Detail, Action::Bottom, &["G", "End"], "to the end"),
    key(Scope::Detail, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the list"),
    key(Scope::Detail, Action::Search, &["/"], "search"),
    key(Scope::Detail, Action::Retry, &["r"], "try again"),
];

const CHATS: &[Key] = &[
    key(Scope::Chats, Action::Open, &["Enter", "l", "Right", "c"], "open").hint(),
    key(Scope::Chats, Action::Mute, &["M"], "mute or not").hint(),
    key(Scope::Chats, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the conversation"),
    key(Scope::Chats, Action::NextUnread, &["n"], "next unread").hint(),
];

const MESSAGES: &[Key] = &[
    key(Scope::Messages, Action::Write, &["Enter", "i", "c"], "write").hint(),
    key(Scope::Messages, Action::Back, &["Esc", "h", "Left"], "back").hint(),
    key(Scope::Messages, Action::Accept, &["a"], "accept"),
    key(Scope::Messages, Action::Counter, &["o"], "offer"),
    key(Scope::Messages, Action::Decline, &["x"], "decline or call off"),
    key(Scope::Messages, Action::Complete, &["v"], "handed over"),
    key(Scope::Messages, Action::Retry, &["r"], "send again").hint(),
    key(Scope::Messages, Action::Edit, &["e"], "edit").hint(),
    key(Scope::Messages, Action::Delete, &["D"], "delete").hint(),
    key(Scope::Messages, Action::Report, &["f"], "report"),
    key(Scope::Messages, Action::Mute, &["M"], "mute or not"),
    key(Scope::Messages, Action::NextUnread, &["n", "Ctrl+U"], "next unread"),
    key(Scope::Messages, Action::Down, &["j", "Down"], "next"),
    key(Scope::Messages, Action::Up, &["k", "Up"], "previous"),
    key(Scope::Messages, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::Messages, Action::PageUp, &["PgUp"], "page up"),
    key(Scope::Messages, Action::Top, &["g", "Home"], "first"),
    key(Scope::Messages, Action::Bottom, &["G", "End"], "last"),
    key(Scope::Messages, Action::SwitchPane, &["Tab", "Shift+Tab"], "write"),
];

const COMPOSER: &[Key] = &[
    key(Scope::Composer, Action::Send, &["Enter"], "send").hint(),
    key(Scope::Composer, Action::Back, &["Esc"], "messages").hint(),
    key(Scope::Composer, Action::Newline, &["Alt+Enter", "Ctrl+J"], "new line").hint(),
    key(Scope::Composer, Action::NextUnread, &["Ctrl+U"], "next unread").hint(),
    key(Scope::Composer, Action::Editor, &["Ctrl+E"], "editor").hint(),
    key(Scope::Composer, Action::Photo, &["Ctrl+O"], "photo").hint(),
    key(Scope::Composer, Action::Down, &["Down"], "line down"),
    key(Scope::Composer, Action::Up, &["Up"], "line up"),
    key(Scope::Composer, Action::PageDown, &["PgDn"], "page down"),
    key(Scope::Composer, Action::PageUp, &["PgUp"], "page up"),
    key(Scope::Composer, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the list"),
];

const BOOKINGS: &[Key] = &[
    key(Scope::Bookings, Action::Open, &["Enter", "l", "Right"], "open").hint(),
    key(Scope::Bookings, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the booking"),
];

/// What is done with a booking, beside what its own pane says is allowed now.
const DEAL: &[Key] = &[
    key(Scope::Deal, Action::Accept, &["a"], "accept").hint(),
    key(Scope::Deal, Action::Counter, &["o"], "offer").hint(),
    key(Scope::Deal, Action::Decline, &["x"], "decline or call off").hint(),
    key(Scope::Deal, Action::Complete, &["v"], "handed over").hint(),
    key(Scope::Deal, Action::ShowCode, &["s"], "show your code"),
    key(Scope::Deal, Action::Extend, &["t"], "give more time"),
    key(Scope::Deal, Action::Review, &["w"], "write a review"),
    key(Scope::Deal, Action::Answer, &["W"], "answer the review"),
    key(Scope::Deal, Action::Chat, &["c"], "chat").hint(),
    key(Scope::Deal, Action::OpenItem, &["i"], "show the item"),
];

const BOOKING: &[Key] = &[
    key(Scope::Booking, Action::Back, &["Esc", "h", "Left"], "back").hint(),
    key(Scope::Booking, Action::NextItem, &["]"], "next booking"),
    key(Scope::Booking, Action::PreviousItem, &["["], "previous booking"),
    key(Scope::Booking, Action::Down, &["j", "Down"], "scroll down"),
    key(Scope::Booking, Action::Up, &["k", "Up"], "scroll up"),
    key(Scope::Booking, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::Booking, Action::PageUp, &["Ctrl+U", "PgUp"], "page up"),
    key(Scope::Booking, Action::Top, &["g", "Home"], "to the start"),
    key(Scope::Booking, Action::Bottom, &["G", "End"], "to the end"),
    key(Scope::Booking, Action::SwitchPane, &["Tab", "Shift+Tab"], "go to the list"),
    key(Scope::Booking, Action::Retry, &["r"], "try again"),
];

const FORM: &[Key] = &[
    key(Scope::Form, Action::Submit, &["Ctrl+S"], "send").hint(),
    key(Scope::Form, Action::NextField, &["Tab"], "next field").hint(),
    key(Scope::Form, Action::PreviousField, &["Shift+Tab"], "previous field"),
    key(Scope::Form, Action::Open, &["Enter"], "next field or line"),
    key(Scope::Form, Action::Down, &["Down"], "line or field down"),
    key(Scope::Form, Action::Up, &["Up"], "line or field up"),
    key(Scope::Form, Action::AddPhoto, &["Ctrl+O"], "add a photo"),
    key(Scope::Form, Action::Discard, &["Ctrl+X"], "discard"),
    key(Scope::Form, Action::Back, &["Esc"], "close").hint(),
];

const PHOTOS: &[Key] = &[
    key(Scope::Photos, Action::Submit, &["Ctrl+S"], "send").hint(),
    key(Scope::Photos, Action::AddPhoto, &["a", "Enter", "Ctrl+O"], "add").hint(),
    key(Scope::Photos, Action::Delete, &["x", "D"], "remove or cancel").hint(),
    key(Scope::Photos, Action::Retry, &["r"], "send what failed").hint(),
    key(Scope::Photos, Action::Earlier, &["<"], "earlier"),
    key(Scope::Photos, Action::Later, &[">"], "later"),
    key(Scope::Photos, Action::Down, &["j", "Down"], "next"),
    key(Scope::Photos, Action::Up, &["k", "Up"], "previous"),
    key(Scope::Photos, Action::NextField, &["Tab"], "next field"),
    key(Scope::Photos, Action::PreviousField, &["Shift+Tab"], "previous field"),
    key(Scope::Photos, Action::Discard, &["Ctrl+X"], "discard"),
    key(Scope::Photos, Action::Back, &["Esc"], "close").hint(),
];

const FILES: &[Key] = &[
    key(Scope::Files, Action::Open, &["Enter"], "open or add").hint(),
    key(Scope::Files, Action::NextField, &["Tab"], "complete").hint(),
    key(Scope::Files, Action::Down, &["Down"], "next"),
    key(Scope::Files, Action::Up, &["Up"], "previous"),
    key(Scope::Files, Action::PageDown, &["PgDn"], "page down"),
    key(Scope::Files, Action::PageUp, &["PgUp"], "page up"),
    key(Scope::Files, Action::Back, &["Esc"], "done").hint(),
];

const SELLING: &[Key] = &[
    key(Scope::Selling, Action::Open, &["Enter", "l", "Right"], "open").hint(),
    key(Scope::Selling, Action::New, &["a"], "new listing").hint(),
    key(Scope::Selling, Action::Edit, &["e"], "edit").hint(),
    key(Scope::Selling, Action::Status, &["m"], "status").hint(),
    key(Scope::Selling, Action::Delete, &["D"], "delete").hint(),
    key(Scope::Selling, Action::CopyLink, &["y"], "copy the link"),
];

/// `r` tries again, as in every list; so marking has its own letter.
const ALERTS: &[Key] = &[
    key(Scope::Alerts, Action::Open, &["Enter", "l", "Right"], "open what it is about").hint(),
    key(Scope::Alerts, Action::MarkRead, &["m"], "mark as read").hint(),
    key(Scope::Alerts, Action::MarkAllRead, &["M"], "mark all as read").hint(),
    key(Scope::Alerts, Action::Delete, &["D"], "clear all"),
];

const ME: &[Key] = &[key(Scope::Me, Action::Open, &["Enter", "l", "Right"], "open or change").hint()];

/// What all lists have in common.
const ROWS: &[Key] = &[
    key(Scope::Rows, Action::Down, &["j", "Down"], "next"),
    key(Scope::Rows, Action::Up, &["k", "Up"], "previous"),
    key(Scope::Rows, Action::PageDown, &["Ctrl+D", "PgDn"], "page down"),
    key(Scope::Rows, Action::PageUp, &["Ctrl+U", "PgUp"], "page up"),
    key(Scope::Rows, Action::Top, &["g", "Home"], "first"),
    key(Scope::Rows, Action::Bottom, &["G", "End"], "last"),
    key(Scope::Rows, Action::Retry, &["r"], "try again"),
];

const HELP: &[Key] = &[
    key(Scope::Help, Action::Open, &["Enter"], "run it").hint(),
    key(Scope::Help, Action::Back, &["Esc"], "close").hint(),
    key(Scope::Help, Action::Down, &["Down"], "next"),
    key(Scope::Help, Action::Up, &["Up"], "previous"),
    key(Scope::Help, Action::PageDown, &["PgDn"], "page down"),
    key(Scope::Help, Action::PageUp, &["PgUp"], "page up"),
];

const PICKER: &[Key] = &[
    key(Scope::Picker, Action::Open, &["Enter", "l", "Right"], "choose").hint(),
    key(Scope::Picker, Action::Back, &["Esc", "h", "Left"], "close").hint(),
    key(Scope::Picker, Action::Down, &["j", "Down"], "next"),
    key(Scope::Picker, Action::Up, &["k", "Up"], "previous"),
    key(Scope::Picker, Action::Top, &["g", "Home"], "first"),
    key(Scope::Picker, Action::Bottom, &["G", "End"], "last"),
];

/// No letter confirms: the key that opened a dialog cannot.
const DIALOG: &[Key] = &[
    key(Scope::Dialog, Action::Open, &["Enter"], "press the button").hint(),
    key(Scope::Dialog, Action::SwitchPane, &["Tab", "Shift+Tab", "Left", "Right"], "other button").hint(),
    key(Scope::Dialog, Action::Back, &["Esc"], "cancel").hint(),
];

const PROMPT: &[Key] = &[
    key(Scope::Prompt, Action::Open, &["Enter"], "go on").hint(),
    key(Scope::Prompt, Action::Back, &["Esc"], "cancel").hint(),
];

const PALETTE: &[Key] = &[
    key(Scope::Palette, Action::Open, &["Enter"], "do it").hint(),
    key(Scope::Palette, Action::Back, &["Esc"], "close").hint(),
    key(Scope::Palette, Action::Down, &["Down"], "next"),
    key(Scope::Palette, Action::Up, &["Up"], "previous"),
    key(Scope::Palette, Action::PageDown, &["PgDn"], "page down"),
    key(Scope::Palette, Action::PageUp, &["PgUp"], "page up"),
];

const WIZARD: &[Key] = &[
    key(Scope::Wizard, Action::Open, &["Enter"], "go on").hint(),
    key(Scope::Wizard, Action::Back, &["Esc"], "back").hint(),
    key(Scope::Wizard, Action::NewAccount, &["Ctrl+N"], "new account").hint(),
    key(Scope::Wizard, Action::Forgotten, &["Ctrl+F"], "forgotten password"),
    key(Scope::Wizard, Action::Resend, &["Ctrl+R"], "mail another code"),
];

const SECTION: &[Key] = &[
    key(Scope::Section, Action::Back, &["Esc", "h", "Left"], "back").hint(),
    key(Scope::Section, Action::Open, &["Enter", "Space"], "run, turn on or off").hint(),
    key(Scope::Section, Action::Delete, &["D"], "delete, sign out").hint(),
];

const LOG: &[Key] = &[key(Scope::Log, Action::Back, &["Esc"], "close").hint()];

const FILTERS: &[Key] = &[
    key(Scope::Filters, Action::Open, &["Enter", "Space"], "change").hint(),
    key(Scope::Filters, Action::NextValue, &["l", "Right"], "next value").hint(),
    key(Scope::Filters, Action::PreviousValue, &["h", "Left"], "previous value"),
    key(Scope::Filters, Action::Delete, &["Backspace"], "clear this one"),
    key(Scope::Filters, Action::Clear, &["x"], "clear all").hint(),
    key(Scope::Filters, Action::Back, &["Esc", "f"], "close").hint(),
];

const FILTER_FIELD: &[Key] = &[
    key(Scope::FilterField, Action::Open, &["Enter"], "take it").hint(),
    key(Scope::FilterField, Action::Back, &["Esc"], "leave it as it was").hint(),
];

const SERVERS: &[Key] = &[
    key(Scope::Servers, Action::Open, &["Enter", "l", "Right"], "go there").hint(),
    key(Scope::Servers, Action::Back, &["Esc", "h", "Left"], "close").hint(),
];

const EVERYWHERE: &[Key] = &[
    tab(Tab::Browse, &["1"]),
    tab(Tab::Chats, &["2"]),
    tab(Tab::Bookings, &["3"]),
    tab(Tab::Selling, &["4"]),
    tab(Tab::Alerts, &["5"]),
    tab(Tab::Me, &["6"]),
    key(Scope::Everywhere, Action::Palette, &["Ctrl+K", ":"], "commands"),
    key(Scope::Everywhere, Action::Refresh, &["R"], "refresh"),
    key(Scope::Everywhere, Action::Servers, &["P"], "servers"),
    key(Scope::Everywhere, Action::Theme, &["Ctrl+T"], "next theme"),
    key(Scope::Everywhere, Action::Log, &["!"], "log of alerts"),
    key(Scope::Everywhere, Action::Redraw, &["Ctrl+L"], "redraw the screen"),
    key(Scope::Everywhere, Action::Mouse, &["F2"], "mouse here or for selecting text"),
    key(Scope::Everywhere, Action::Suspend, &["Ctrl+Z"], "suspend"),
    key(Scope::Everywhere, Action::QuitNow, &["Ctrl+C"], "quit now").danger(),
    key(Scope::Everywhere, Action::Quit, &["q"], "quit").hint(),
    key(Scope::Everywhere, Action::Help, &["?", "F1"], "help").hint(),
];

const fn tab(tab: Tab, chords: &'static [&'static str]) -> Key {
    key(Scope::Everywhere, Action::GoTo(tab), chords, tab.label())
}
