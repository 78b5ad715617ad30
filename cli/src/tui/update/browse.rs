//! The list: moving in it, and loading it page by page.

use campuszon_core::wire::item::Items;

use super::{Effects, SLOW, copy_link, detail, note, notice, overlay, search, toggle_favorite};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Failure, Ticket, Timer},
    model::{Account, Connection, Focus, Load, Model},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = model.panes().map_or(1, |panes| panes.list_rows().max(1));
    let index = model.browse.list.index().unwrap_or(0);
    match action {
        Action::Down => go_to(model, index.saturating_add(1), effects),
        Action::Up => go_to(model, index.saturating_sub(1), effects),
        Action::PageDown => go_to(model, index.saturating_add(page), effects),
        Action::PageUp => go_to(model, index.saturating_sub(page), effects),
        Action::Top => go_to(model, 0, effects),
        Action::Bottom => go_to(model, usize::MAX, effects),
        Action::Open | Action::SwitchPane => detail::open(model, effects),
        Action::Search => model.focus = Focus::Search,
        Action::Category => overlay::open_categories(model, effects),
        Action::Sort => {
            model.browse.order = model.browse.order.next(model.browse.is_searching());
            start_over(model, effects);
        }
        Action::Favorite => with_selected(model, effects, toggle_favorite),
        Action::CopyLink => with_selected(model, effects, copy_link),
        Action::Back => clear(model, effects),
        Action::Retry => retry(model, effects),
        _ => {}
    }
}

fn with_selected(model: &mut Model, effects: &mut Effects, act: fn(&mut Model, campuszon_core::ItemId, &mut Effects)) {
    if let Some(row) = model.browse.list.row() {
        act(model, row.id, effects);
    }
}

/// Selects the row nearest to `index`; the detail pane follows.
pub(super) fn go_to(model: &mut Model, index: usize, effects: &mut Effects) {
    model.browse.list.select(index);
    detail::follow(model, effects);
}

/// Takes away what narrows the list: the words first, then the category.
fn clear(model: &mut Model, effects: &mut Effects) {
    if model.browse.is_searching() {
        return search::end(model, effects);
    }
    if model.browse.category.take().is_some() {
        start_over(model, effects);
    }
}

fn retry(model: &mut Model, effects: &mut Effects) {
    model.photos.retry();
    if !matches!(model.account, Account::SignedIn { .. }) {
        effects.push(Effect::LoadProfile);
    }
    if matches!(model.browse.load, Load::Failed(_)) {
        reload(model, effects);
    }
    if matches!(model.detail.load, Load::Failed(_)) && model.shows_detail() {
        detail::load(model, effects);
    }
}

/// Loads the list in another order or category, from its top. The list without words is another one then, too.
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
    let browse = &model.browse;
    if browse.load != Load::Idle || !browse.list.answered {
        return;
    }
    let seen = browse.list.index().unwrap_or(0).saturating_add(height.saturating_mul(2));
    if seen < browse.list.rows.len() {
        return;
    }
    if let Some(cursor) = browse.list.next.clone() {
        load(model, Some(cursor), effects);
    }
}

fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ticket = model.next_ticket();
    model.browse.load = Load::running(ticket);
    ask(model, ticket, cursor, effects);
}

/// Sends the question that has this number.
pub(super) fn ask(model: &Model, ticket: Ticket, cursor: Option<String>, effects: &mut Effects) {
    effects.push(Effect::LoadItems { ticket, query: model.browse.query(), cursor });
    effects.push(Effect::After(SLOW, Timer::SlowList(ticket)));
}

pub(super) fn arrived(
    model: &mut Model,
    ticket: Ticket,
    first: bool,
    result: Result<Items, Failure>,
    effects: &mut Effects,
) {
    if !model.browse.load.awaits(ticket) {
        model.changed = false;
        return;
    }
    match result {
        Ok(page) => take(model, &page, first, effects),
        Err(failure) => fail(model, failure, effects),
    }
}

fn take(model: &mut Model, page: &Items, first: bool, effects: &mut Effects) {
    model.browse.load = Load::Idle;
    model.connection = Connection::Online;
    if first {
        model.browse.list.replace(page);
    } else {
        model.browse.list.append(page);
    }
    if model.focus != Focus::Detail || model.detail.id.is_none() {
        return detail::follow(model, effects);
    }
    // An item that is being read is not taken away because the list behind it changed: the list follows it.
    if model.detail.id.is_some_and(|id| model.browse.list.find(id).is_some()) {
        model.browse.list.selected = model.detail.id;
    }
}

fn fail(model: &mut Model, failure: Failure, effects: &mut Effects) {
    note(model, &failure);
    if !model.browse.list.rows.is_empty() {
        notice(model, &format!("{} (r tries again)", failure.sentence), true, effects);
    }
    model.browse.load = Load::Failed(failure);
}
