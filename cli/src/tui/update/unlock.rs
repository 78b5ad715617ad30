//! Unlocking an item: how to reach its seller, for a token.

use campuszon_core::{ItemId, item::Listing, safe::SafeText, wire::booking::Unlocked};

use super::{Effects, me, note, notice};
use crate::tui::{
    effect::Effect,
    format,
    message::Failure,
    model::{Account, Connection, Contact, Deed, Dialog, Form, Model, Overlay, Row},
};

/// Asks whether an item is to be unlocked, and says what that costs. What is unlocked already is only looked up.
pub(super) fn ask(model: &mut Model, id: ItemId, effects: &mut Effects) {
    if model.detail.contacts.contains_key(&id) {
        return notice(model, "It is unlocked: the card is with the item", false, effects);
    }
    let Some(row) = known(model, id) else { return };
    if let Err(why) = possible(model, &row) {
        return notice(model, why.as_str(), true, effects);
    }
    if is_unlocked(model, id) {
        let key = model.next_key();
        return effects.push(Effect::Unlock { id, key });
    }
    let question = SafeText::line(&format!("Unlock “{}”?", row.title));
    let detail = format!(
        "{} You see how to reach the seller. The token comes back if your request comes to nothing through no fault of \
         yours.",
        cost(model, &row),
    );
    let deed = Deed::Unlock(id, model.next_key());
    model.overlay = Some(Overlay::Dialog(Dialog::new(question, SafeText::line(&detail), "Unlock", deed)));
}

/// Opens the form that asks for an item.
pub(super) fn book(model: &mut Model, id: ItemId, effects: &mut Effects) {
    let Some(row) = known(model, id) else { return };
    if let Err(why) = possible(model, &row) {
        return notice(model, why.as_str(), true, effects);
    }
    let cost = cost(model, &row);
    let ticket = model.next_ticket();
    let form = Form::of_booking(&row, &cost, model.rules.as_ref(), ticket);
    super::form::open(model, form);
}

fn known(model: &Model, id: ItemId) -> Option<std::sync::Arc<Row>> {
    let shown = || model.shown_row().filter(|row| row.id == id);
    model.browse.list.find(id).or_else(shown).cloned()
}

fn is_unlocked(model: &Model, id: ItemId) -> bool {
    model.detail.full().is_some_and(|full| full.row.id == id && full.unlocked)
}

/// Whether an item can be unlocked and asked for: else why not, and what would allow it.
fn possible(model: &Model, row: &Row) -> Result<(), SafeText> {
    if row.listing == Listing::Wanted {
        return Err(SafeText::line(&format!("{} looks for it and does not offer it: c asks them", row.seller)));
    }
    if model.selling.list.find(row.id).is_some() {
        return Err(SafeText::fixed("This is your own: 4 shows what you sell"));
    }
    if !row.status.is_listed() {
        return Err(SafeText::line(&format!("It is {}: only what is listed can be had", row.status)));
    }
    if model.connection == Connection::Offline || model.link.is_broken() {
        return Err(SafeText::fixed(
            "There is no connection to the server, and bookings do not wait: R connects again",
        ));
    }
    if let (Some(price), Account::SignedIn { tokens, .. }) = (price(model, row), &model.account)
        && *tokens < price
    {
        let text = format!(
            "It costs {} to unlock and you have {tokens}: a deal, a voucher or the weekly top-up brings some",
            format::count(price, "token")
        );
        return Err(SafeText::line(&text));
    }
    Ok(())
}

/// What it costs to unlock an item, as far as the server has said; nothing once it is.
fn price(model: &Model, row: &Row) -> Option<i64> {
    if is_unlocked(model, row.id) || model.detail.contacts.contains_key(&row.id) {
        return Some(0);
    }
    model.rules.as_ref().map(|rules| rules.unlock_price(row.listing))
}

/// What it costs, beside what there is to spend.
fn cost(model: &Model, row: &Row) -> String {
    let balance = match &model.account {
        Account::SignedIn { tokens, .. } => format!("; you have {tokens}"),
        _ => String::new(),
    };
    match price(model, row) {
        Some(0) => "It costs nothing.".to_owned(),
        Some(price) => format!("It costs {}{balance}.", format::count(price, "token")),
        None => format!("It may cost a token{balance}."),
    }
}

pub(super) fn arrived(model: &mut Model, id: ItemId, result: Result<Box<Unlocked>, Failure>, effects: &mut Effects) {
    match result {
        Ok(unlocked) => {
            let contact = Contact::new(&unlocked.contact);
            notice(model, &format!("Unlocked: how to reach {} is with the item", contact.name), false, effects);
            model.detail.contacts.insert(id, contact);
            if let Account::SignedIn { tokens, .. } = &mut model.account {
                *tokens = unlocked.tokens;
            }
            me::load(model, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("It was not unlocked: {}", failure.sentence), true, effects);
        }
    }
}
