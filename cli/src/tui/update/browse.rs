//! The list: moving in it, and loading it page by page.

use campuszon_core::{ItemId, wire::item::Items};

use super::{Effects, SLOW, chats, copy_link, detail, filters, list, me, search, toggle_favorite, unlock};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Arrival, Ask, Ticket, Timer},
    model::{Account, Focus, Load, Model, Tab, item_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.browse.list, action, page) {
        return detail::follow(model, effects);
    }
    match action {
        Action::Open | Action::SwitchPane => detail::open(model, effects),
        Action::Search => model.browse.focus = Focus::Search,
        Action::Filter => filters::open(model, effects),
        Action::Sort => reorder(model, true, effects),
        Action::Chat => with_selected(model, effects, chats::start),
        Action::Book => with_selected(model, effects, unlock::book),
        Action::Unlock => with_selected(model, effects, unlock::ask),
        Action::Favorite => with_selected(model, effects, toggle_favorite),
        Action::CopyLink => with_selected(model, effects, copy_link),
        Action::Back => clear(model, effects),
        Action::Retry => retry(model, effects),
        _ => {}
    }
}

fn with_selected(model: &mut Model, effects: &mut Effects, act: fn(&mut Model, ItemId, &mut Effects)) {
    if let Some(row) = model.browse.list.row() {
        act(model, row.id, effects);
    }
}

/// Takes the next order, or the previous one.
pub(super) fn reorder(model: &mut Model, on: bool, effects: &mut Effects) {
    let (order, searching) = (model.browse.order, model.browse.is_searching());
    model.browse.order = if on { order.next(searching) } else { order.previous(searching) };
    start_over(model, effects);
}

/// Takes away what narrows the list: the words first, then the filters.
fn clear(model: &mut Model, effects: &mut Effects) {
    if model.browse.is_searching() {
        return search::end(model, effects);
    }
    filters::clear(model, effects);
}

fn retry(model: &mut Model, effects: &mut Effects) {
    model.photos.retry();
    if !matches!(model.account, Account::SignedIn { .. }) {
        me::load(model, effects);
    }
    if matches!(model.browse.list.load, Load::Failed(_)) {
        reload(model, effects);
    }
    if matches!(model.detail.load, Load::Failed(_)) && model.shows_detail() {
        detail::load(model, effects);
    }
}

/// Loads the list in another order or with other filters, from its top. The list without words is another one then, too.
pub(super) fn start_over(model: &mut Model, effects: &mut Effects) {
    model.browse.home = None;
    model.browse.list.outdated = true;
    model.browse.list.select(0);
    reload(model, effects);
}

/// Asks for the first page; the rows that are here stay until it comes.
pub(super) fn reload(model: &mut Model, effects: &mut Effects) {
    load(model, None, effects);
}

/// Asks for the next page when the selection comes near the end of what is loaded.
pub(super) fn load_more(model: &mut Model, height: usize, effects: &mut Effects) {
    if let Some(cursor) = model.browse.list.wanted(height) {
        load(model, Some(cursor), effects);
    }
}

fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Browse, cursor, effects);
    effects.push(Effect::LoadItems(model.browse.query(), ask));
}

/// Asks for the first page under a number that is waited for already.
pub(super) fn ask(model: &Model, ticket: Ticket, effects: &mut Effects) {
    effects.push(Effect::LoadItems(model.browse.query(), Ask { ticket, cursor: None }));
    effects.push(Effect::After(SLOW, Timer::SlowTab(Tab::Browse, ticket)));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Items>, effects: &mut Effects) {
    let first = arrival.first;
    let taken = list::take(&mut model.browse.list, arrival, model.now, item_page);
    let Some(page) = list::conclude(model, taken, effects) else { return };
    if first {
        model.browse.corrected = page.corrected_query;
    }
    if model.browse.focus != Focus::Detail || model.detail.id.is_none() {
        return detail::follow(model, effects);
    }
    // An item that is being read is not taken away because the list behind it changed: the list follows it.
    if model.detail.id.is_some_and(|id| model.browse.list.find(id).is_some()) {
        model.browse.list.selected = model.detail.id;
    }
}
