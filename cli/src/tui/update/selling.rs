//! The Selling tab: one's own items in every state, what can be done with them, and writing them.

use std::collections::HashMap;

use campuszon_core::{
    ItemId,
    booking::Side,
    item::{Action as Lifecycle, ItemStatus},
    safe::SafeText,
    wire::{
        booking::Booking,
        item::{Item, Items},
    },
};

use super::{Effects, copy_link, detail, form, list, note, notice, uploads};
use crate::{
    client::ItemAction,
    tui::{
        effect::Effect,
        keys::Action,
        message::{Arrival, Failure, Ticket},
        model::{Connection, Deed, Dialog, Form, ListingDraft, Menu, MenuChoice, Model, Overlay, Row, Tab, item_page},
    },
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.selling.list, action, page) {
        return;
    }
    let selected = model.selling.list.selected;
    match (action, selected) {
        (Action::Retry, _) => load(model, None, effects),
        (Action::New, _) => begin(model, effects),
        (Action::Edit, Some(id)) => edit(model, id, effects),
        (Action::Status, Some(id)) => open_menu(model, id),
        (Action::Open, Some(id)) => detail::open_from(model, Tab::Selling, id, effects),
        (Action::CopyLink, Some(id)) => copy_link(model, id, effects),
        (Action::Delete, Some(id)) => ask_to_delete(model, id, effects),
        _ => {}
    }
}

/// Asks for a page of one's own items, and who asks for them.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    if cursor.is_none() {
        effects.push(Effect::LoadRequests);
    }
    let ask = list::ask(model, Tab::Selling, cursor, effects);
    effects.push(Effect::LoadSelling(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Items>, effects: &mut Effects) {
    let taken = list::take(&mut model.selling.list, arrival, model.now, item_page);
    list::conclude(model, taken, effects);
}

/// Somebody asks for something of the reader's, or does so no more: who waits is counted anew.
pub(super) fn asked_for(model: &Model, booking: &Booking, effects: &mut Effects) {
    if booking.role == Side::Seller && model.selling.list.answered {
        effects.push(Effect::LoadRequests);
    }
}

/// For which items somebody asks.
pub(super) fn requested(model: &mut Model, items: &[ItemId]) {
    let mut requests = HashMap::new();
    for item in items {
        *requests.entry(*item).or_insert(0) += 1;
    }
    model.selling.requests = requests;
}

/// Every step in the life of an item: its name, from where it leads on, and what is demanded.
const STEPS: [(ItemAction, &str, Lifecycle, &str); 5] = [
    (ItemAction::Publish, "publish", Lifecycle::Publish { waiting: false }, "only a draft can be published"),
    (ItemAction::Withdraw, "withdraw", Lifecycle::Withdraw, "only what is listed can be withdrawn"),
    (ItemAction::Relist, "relist", Lifecycle::Relist, "only what was withdrawn can be listed again"),
    (ItemAction::Renew, "renew", Lifecycle::Renew, "only what is active or expired can be renewed"),
    (ItemAction::Sold, "sold elsewhere", Lifecycle::Sell, "only what is listed can be sold"),
];

fn open_menu(model: &mut Model, id: ItemId) {
    let Some(row) = model.selling.list.find(id) else { return };
    let rows = STEPS.map(|(action, label, step, demand)| {
        let why_not =
            row.status.after(step).is_none().then(|| SafeText::line(&format!("It is {}: {demand}", row.status)));
        MenuChoice { label, why_not, deed: Deed::StepItem(id, action) }
    });
    let title = SafeText::line(&format!("{} is {}", row.title, row.status));
    let selected = rows.iter().position(|row| row.why_not.is_none()).unwrap_or(0);
    model.overlay = Some(Overlay::Menu(Menu { title, rows: rows.to_vec(), selected }));
}

pub(super) fn act_in_menu(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Menu(menu)) = &mut model.overlay else { return };
    let last = menu.rows.len().saturating_sub(1);
    if let Some(index) = list::target(menu.selected, action, 1) {
        menu.selected = index.min(last);
        return;
    }
    match action {
        Action::Open => choose(model, effects),
        Action::Back => model.overlay = None,
        _ => {}
    }
}

fn choose(model: &mut Model, effects: &mut Effects) {
    let Some(Overlay::Menu(menu)) = &model.overlay else { return };
    let Some(row) = menu.rows.get(menu.selected).cloned() else { return };
    if let Some(why) = row.why_not {
        return notice(model, why.as_str(), true, effects);
    }
    model.overlay = None;
    let Deed::StepItem(id, action) = row.deed else { return };
    let reserved = model.selling.list.find(id).is_some_and(|row| row.status == ItemStatus::Reserved);
    if !reserved {
        return step(model, id, action, effects);
    }
    let question = SafeText::line(&format!("It is reserved: {} it all the same?", row.label));
    let detail = SafeText::fixed("That calls off the booking that you accepted. The buyer gets their token back.");
    let deed = Deed::StepItem(id, action);
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, detail, "Go on", deed)));
}

/// Takes a step in the life of an item.
pub(super) fn step(model: &mut Model, id: ItemId, action: ItemAction, effects: &mut Effects) {
    if model.connection == Connection::Offline {
        return notice(model, "There is no connection to the server: R connects again", true, effects);
    }
    effects.push(Effect::StepItem { id, action });
}

/// An item is as it is now after a step, or after its pictures were worked on.
pub(super) fn stepped(model: &mut Model, result: Result<Box<Item>, Failure>, effects: &mut Effects) {
    match result {
        Ok(item) => {
            let row = Row::new(&item.summary);
            notice(model, &format!("“{}” is {} now", row.title, row.status), false, effects);
            follow(model, &row, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It is as it was: {}", failure.sentence), true, effects);
        }
    }
}

/// Puts an item as it is now into the lists; one whose pictures are still worked on is asked for again.
fn follow(model: &mut Model, row: &Row, effects: &mut Effects) {
    let id = row.id;
    model.detail.forget_one(id);
    model.browse.list.change(id, |known| *known = row.clone());
    if !model.selling.list.change(id, |known| *known = row.clone()) && model.selling.list.answered {
        model.selling.list.put_first(row.clone());
    }
    if row.status == ItemStatus::Processing {
        effects.push(Effect::AwaitItem(id));
    }
}

fn ask_to_delete(model: &mut Model, id: ItemId, effects: &mut Effects) {
    let Some(row) = model.selling.list.find(id) else { return };
    if row.status == ItemStatus::Reserved {
        let why = "It is reserved: the booking has to end first, or m withdraws the item";
        return notice(model, why, true, effects);
    }
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

/// Goes on with what is being written; tells whether there was something.
fn resume(model: &mut Model, effects: &mut Effects) -> bool {
    let Some(form) = model.selling.draft.take() else { return false };
    let what = if form.is_new_item() { "the listing" } else { "the change" };
    notice(model, &format!("Here is {what} that you began; Ctrl+X discards it"), false, effects);
    model.form = Some(form);
    true
}

/// Opens the form for a new listing, with what was kept of one.
pub(super) fn begin(model: &mut Model, effects: &mut Effects) {
    if resume(model, effects) {
        return;
    }
    let ticket = model.next_ticket();
    form::open(model, Form::of_new_item(model.rules.as_ref(), &model.categories, ticket));
    effects.push(Effect::LoadListing);
}

/// What was kept of a new listing: it goes into the form unless that is written in already.
pub(super) fn kept(model: &mut Model, draft: &ListingDraft, effects: &mut Effects) {
    let numbers: Vec<Ticket> = draft.photos.iter().map(|_| model.next_ticket()).collect();
    let Some(form) = model.form.as_mut().filter(|form| form.is_new_item() && !form.is_written) else {
        model.changed = false;
        return;
    };
    form.restore(draft, numbers.into_iter());
    uploads::start(form, effects);
    notice(model, "Here is the listing that you began; Ctrl+X discards it", false, effects);
}

fn edit(model: &mut Model, id: ItemId, effects: &mut Effects) {
    let status = model.selling.list.find(id).map(|row| row.status);
    if let Some(status @ (ItemStatus::Removed | ItemStatus::Sold)) = status {
        return notice(model, &format!("It is {status}: it cannot be changed any more"), true, effects);
    }
    if !resume(model, effects) {
        effects.push(Effect::LoadForEdit(id));
    }
}

/// An item came to be changed, or did not.
pub(super) fn editable(model: &mut Model, result: Result<(Box<Item>, Option<String>), Failure>, effects: &mut Effects) {
    let (item, etag) = match result {
        Ok(came) => came,
        Err(failure) => {
            note(model, &failure);
            return notice(model, &format!("It cannot be changed now: {}", failure.sentence), true, effects);
        }
    };
    if model.form.is_some() || model.overlay.is_some() || model.tab != Tab::Selling {
        model.changed = false;
        return;
    }
    let numbers: Vec<Ticket> = item.images.iter().map(|_| model.next_ticket()).collect();
    let ticket = model.next_ticket();
    let rules = model.rules.as_ref();
    let form = Form::of_item(&item, etag, rules, &model.categories, numbers.into_iter(), ticket);
    form::open(model, form);
}

/// A listing was sent, or not: then its form stays, with the reason.
pub(super) fn listed(model: &mut Model, ticket: Ticket, result: Result<Box<Item>, Failure>, effects: &mut Effects) {
    match result {
        Ok(item) => {
            let was_new = form::finish(model, ticket);
            if was_new == Some(true) {
                effects.push(Effect::KeepListing(None));
            }
            let row = Row::new(&item.summary);
            let done = if row.status == ItemStatus::Processing {
                "is listed once its photos are made"
            } else if was_new == Some(false) {
                "is changed"
            } else if row.status == ItemStatus::Draft {
                "is kept as a draft; m publishes it"
            } else {
                "is listed"
            };
            notice(model, &format!("“{}” {done}", row.title), false, effects);
            follow(model, &row, effects);
        }
        Err(failure) => {
            note(model, &failure);
            let is_open = form::answered(model, form::is(ticket), Some(&failure));
            if !is_open {
                form::fail_aside(model, ticket, &failure);
                notice(model, &format!("It was not listed: {}; 4 and a open it", failure.sentence), true, effects);
            }
        }
    }
}
