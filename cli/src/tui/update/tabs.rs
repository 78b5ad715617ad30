//! Going from tab to tab, and what every tab is asked for in the same way.

use super::{Effects, alerts, bookings, browse, chats, detail, form, list, me, section, selling};
use crate::tui::{
    message::{FirstPage, Remembered},
    model::{ChatFocus, Focus, Model, Tab, alert_page, booking_page, chat_page, item_page},
};

/// Shows a tab. What it shows is asked for when it is shown for the first time.
pub(super) fn go_to(model: &mut Model, tab: Tab, effects: &mut Effects) {
    model.overlay = None;
    model.return_to = None;
    form::put_aside(model, effects);
    if tab == Tab::Browse {
        model.browse.focus = Focus::List;
    }
    if tab == Tab::Chats {
        model.chats.focus = ChatFocus::List;
    }
    model.tab = tab;
    if is_missing(model, tab) {
        load(model, tab, effects);
    }
}

fn is_missing(model: &Model, tab: Tab) -> bool {
    !is_answered(model, tab) && !model.load(tab).is_running()
}

/// Whether the list of a tab has come once.
pub(super) fn is_answered(model: &Model, tab: Tab) -> bool {
    match tab {
        Tab::Browse => model.browse.list.answered,
        Tab::Chats => model.chats.list.answered,
        Tab::Bookings => model.bookings.list.answered,
        Tab::Selling => model.selling.list.answered,
        Tab::Alerts => model.alerts.list.answered,
        Tab::Me => model.me.card.is_some(),
    }
}

/// Asks for what a tab shows; what is here stays until it comes.
pub(super) fn load(model: &mut Model, tab: Tab, effects: &mut Effects) {
    match tab {
        Tab::Browse => browse::reload(model, effects),
        Tab::Chats => chats::load(model, None, effects),
        Tab::Bookings => bookings::load(model, None, effects),
        Tab::Selling => selling::load(model, None, effects),
        Tab::Alerts => alerts::load(model, None, effects),
        Tab::Me => me::load(model, effects),
    }
}

/// Shows what the lists showed in an earlier run, until the server has answered.
pub(super) fn remembered(model: &mut Model, pages: Vec<Remembered>, effects: &mut Effects) {
    for Remembered { at, page } in pages {
        match page {
            FirstPage::Browse(page) => model.browse.list.recall(item_page(&page), at),
            FirstPage::Chats(page) => model.chats.list.recall(chat_page(&page), at),
            FirstPage::Bookings(page) => model.bookings.list.recall(booking_page(&page), at),
            FirstPage::Selling(page) => model.selling.list.recall(item_page(&page), at),
            FirstPage::Alerts(page) => model.alerts.list.recall(alert_page(&page), at),
        }
    }
    if model.detail.id.is_none() {
        detail::follow(model, effects);
    }
}

/// Brings the shown list into line: scrolling, and the next page before the end is reached.
pub(super) fn settle(model: &mut Model, effects: &mut Effects) {
    let height = list::page_height(model);
    match model.tab {
        Tab::Browse => {
            model.browse.list.keep_in_view(height);
            browse::load_more(model, height, effects);
        }
        Tab::Chats => {
            model.chats.list.keep_in_view(height);
            if let Some(cursor) = model.chats.list.wanted(height) {
                chats::load(model, Some(cursor), effects);
            }
        }
        Tab::Bookings => {
            model.bookings.list.keep_in_view(height);
            if let Some(cursor) = model.bookings.list.wanted(height) {
                bookings::load(model, Some(cursor), effects);
            }
        }
        Tab::Selling => {
            model.selling.list.keep_in_view(height);
            if let Some(cursor) = model.selling.list.wanted(height) {
                selling::load(model, Some(cursor), effects);
            }
        }
        Tab::Alerts => {
            model.alerts.list.keep_in_view(height);
            if let Some(cursor) = model.alerts.list.wanted(height) {
                alerts::load(model, Some(cursor), effects);
            }
        }
        Tab::Me => section::settle(model, height, effects),
    }
}
