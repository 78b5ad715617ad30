//! The Selling tab.

use campuszon_core::{ItemId, safe::SafeText, wire::item::Items};

use super::{Effects, copy_link, detail, list, note, notice};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Arrival, Failure},
    model::{Deed, Dialog, Model, Overlay, Tab, item_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.selling.list, action, page) {
        return;
    }
    let selected = model.selling.list.selected;
    match (action, selected) {
        (Action::Retry, _) => load(model, None, effects),
        (Action::Open, Some(id)) => detail::open_from(model, Tab::Selling, id, effects),
        (Action::CopyLink, Some(id)) => copy_link(model, id, effects),
        (Action::Delete, Some(id)) => ask_to_delete(model, id),
        _ => {}
    }
}

/// Asks for a page of one's own items.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Selling, cursor, effects);
    effects.push(Effect::LoadSelling(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Items>, effects: &mut Effects) {
    let taken = list::take(&mut model.selling.list, arrival, item_page);
    list::conclude(model, taken, effects);
}

fn ask_to_delete(model: &mut Model, id: ItemId) {
    let Some(row) = model.selling.list.find(id) else { return };
    let question = SafeText::line(&format!("Delete “{}”?", row.title));
    let detail = SafeText::fixed("It goes from every list. This cannot be undone.");
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Delete", Deed::DeleteItem(id))));
}

pub(super) fn deleted(model: &mut Model, id: ItemId, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => {
            model.selling.list.remove(id);
            model.browse.list.remove(id);
            notice(model, "Deleted", false, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not deleted: {}", failure.sentence), true, effects);
        }
    }
}
