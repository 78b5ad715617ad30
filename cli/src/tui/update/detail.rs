//! The detail pane: following the selection, loading the item and its photos, moving in it.

use std::time::Duration;

use campuszon_core::{ItemId, wire::item::Item};

use super::{Effects, SLOW, chats, copy_link, note, tabs, toggle_favorite, unlock};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Failure, Ticket, Timer},
    model::{Connection, Focus, Full, Load, Model, PhotoKey, Tab},
    view,
};

/// How long the selection rests before what it points at is loaded.
const REST: Duration = Duration::from_millis(120);

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = text_height(model).max(1);
    let scroll = model.detail.scroll;
    match action {
        Action::Down => model.detail.scroll = scroll.saturating_add(1),
        Action::Up => model.detail.scroll = scroll.saturating_sub(1),
        Action::PageDown => model.detail.scroll = scroll.saturating_add(page),
        Action::PageUp => model.detail.scroll = scroll.saturating_sub(page),
        Action::Top => model.detail.scroll = 0,
        Action::Bottom => model.detail.scroll = usize::MAX,
        Action::NextPhoto => turn_to(model, model.detail.photo.saturating_add(1), effects),
        Action::PreviousPhoto => turn_to(model, model.detail.photo.saturating_sub(1), effects),
        Action::NextItem => neighbour(model, 1, effects),
        Action::PreviousItem => neighbour(model, -1, effects),
        Action::Chat => with_shown(model, effects, chats::start),
        Action::Book => with_shown(model, effects, unlock::book),
        Action::Unlock => with_shown(model, effects, unlock::ask),
        Action::Favorite => with_shown(model, effects, toggle_favorite),
        Action::CopyLink => with_shown(model, effects, copy_link),
        Action::Search => model.browse.focus = Focus::Search,
        Action::Back | Action::SwitchPane => close(model, effects),
        Action::Retry => {
            model.photos.retry();
            load(model, effects);
        }
        _ => {}
    }
}

fn with_shown(model: &mut Model, effects: &mut Effects, act: fn(&mut Model, ItemId, &mut Effects)) {
    if let Some(id) = model.detail.id {
        act(model, id, effects);
    }
}

/// Gives the keys to the selected item.
pub(super) fn open(model: &mut Model, effects: &mut Effects) {
    let Some(id) = model.browse.list.row().map(|row| row.id) else { return };
    model.detail.show(Some(id));
    model.browse.focus = Focus::Detail;
    load(model, effects);
}

/// Shows an item of another tab; closing it goes back there.
pub(super) fn open_from(model: &mut Model, tab: Tab, id: ItemId, effects: &mut Effects) {
    model.tab = Tab::Browse;
    model.return_to = Some(tab);
    model.browse.focus = Focus::Detail;
    model.detail.show(Some(id));
    load(model, effects);
}

fn close(model: &mut Model, effects: &mut Effects) {
    model.browse.focus = Focus::List;
    match model.return_to.take() {
        Some(tab) => tabs::go_to(model, tab, effects),
        None => follow(model, effects),
    }
}

/// Turns to the selected item, and loads it once the selection rests on it.
pub(super) fn follow(model: &mut Model, effects: &mut Effects) {
    if model.detail.id == model.browse.list.selected {
        return;
    }
    model.detail.show(model.browse.list.selected);
    rest(model, effects);
}

/// Starts the pause after which what is shown is loaded.
pub(super) fn rest(model: &mut Model, effects: &mut Effects) {
    if model.detail.id.is_none() || !model.shows_detail() {
        return;
    }
    model.detail.rest = model.next_ticket();
    effects.push(Effect::After(REST, Timer::Rest(model.detail.rest)));
}

fn neighbour(model: &mut Model, step: isize, effects: &mut Effects) {
    let Some(index) = model.browse.list.index() else { return };
    if let Some(next) = index.checked_add_signed(step) {
        model.browse.list.select(next);
        follow(model, effects);
    }
}

fn turn_to(model: &mut Model, photo: usize, effects: &mut Effects) {
    let count = model.detail.full().map_or(0, |full| full.photos.len());
    if photo < count {
        model.detail.photo = photo;
        load_photos(model, effects);
    }
}

/// Asks for what the pane shows, as far as it is not here.
pub(super) fn load(model: &mut Model, effects: &mut Effects) {
    let Some(id) = model.detail.id else { return };
    load_photos(model, effects);
    if model.detail.full().is_some() || model.detail.load.is_running() {
        return;
    }
    let ticket = model.next_ticket();
    model.detail.load = Load::running(ticket);
    effects.push(Effect::LoadItem { ticket, id });
    effects.push(Effect::After(SLOW, Timer::SlowItem(ticket)));
}

pub(super) fn arrived(
    model: &mut Model,
    ticket: Ticket,
    id: ItemId,
    result: Result<Box<Item>, Failure>,
    effects: &mut Effects,
) {
    if !model.detail.load.awaits(ticket) || model.detail.id != Some(id) {
        model.changed = false;
        return;
    }
    match result {
        Ok(item) => {
            model.connection = Connection::Online;
            model.detail.load = Load::Idle;
            model.detail.keep(Full::new(&item));
            load_photos(model, effects);
        }
        Err(failure) => {
            note(model, &failure);
            model.detail.load = Load::Failed(failure);
        }
    }
}

/// Asks for the photo shown and for those that one key would show next.
fn load_photos(model: &mut Model, effects: &mut Effects) {
    if !model.draws_photos() || !model.shows_detail() {
        return;
    }
    for key in wanted_photos(model) {
        if model.photos.want(&key) {
            effects.push(Effect::LoadPhoto(key));
        }
    }
}

fn wanted_photos(model: &Model) -> Vec<PhotoKey> {
    if model.detail_parts().is_none_or(|parts| parts.photo.is_empty()) {
        return Vec::new();
    }
    let photos = model.detail.full().map(|full| full.photos.as_slice()).unwrap_or_default();
    let next = photos.get(model.detail.photo.saturating_add(1)).and_then(|photo| model.photo_key(photo));
    let index = model.browse.list.index();
    let neighbour = |step: isize| {
        let row = model.browse.list.rows.get(index?.checked_add_signed(step)?)?;
        model.thumbnail_key(row)
    };
    [model.shown_photo(), next, neighbour(1), neighbour(-1)].into_iter().flatten().collect()
}

fn text_height(model: &Model) -> usize {
    model.detail_parts().map_or(0, |parts| usize::from(parts.text.height))
}

/// Keeps the last line of the text from scrolling above the end of the pane.
pub(super) fn clamp_scroll(model: &mut Model) {
    if model.detail.scroll == 0 {
        return;
    }
    let last = view::detail_lines(model).saturating_sub(text_height(model));
    model.detail.scroll = model.detail.scroll.min(last);
}
