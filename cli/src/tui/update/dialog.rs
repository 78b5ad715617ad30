//! Questions over the panes: those to confirm, and those to answer with a line of text.

use campuszon_core::{Decimal, ItemId, safe::SafeText, wire::booking::CreateBooking};
use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::to_input_request;

use super::Effects;
use crate::tui::{
    effect::Effect,
    keys::Action,
    model::{Deed, Field, Model, Overlay, Prompt, Purpose, pasted},
};

pub(super) fn act_in_dialog(model: &mut Model, action: Action, effects: &mut Effects) {
    let Some(Overlay::Dialog(dialog)) = &mut model.overlay else { return };
    match action {
        Action::SwitchPane => dialog.on_verb = !dialog.on_verb,
        Action::Open if dialog.on_verb => {
            let deed = dialog.deed.clone();
            model.overlay = None;
            perform(model, deed, effects);
        }
        Action::Open | Action::Back => model.overlay = None,
        _ => {}
    }
}

/// Does what was confirmed.
fn perform(_model: &mut Model, deed: Deed, effects: &mut Effects) {
    match deed {
        Deed::DeleteItem(id) => effects.push(Effect::DeleteItem(id)),
    }
}

pub(super) fn act_in_prompt(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::Back => model.overlay = None,
        Action::Open => answer(model, effects),
        _ => {}
    }
}

/// A key that is text or moves the cursor in the field.
pub(super) fn write(model: &mut Model, event: KeyEvent) {
    let Some(Overlay::Prompt(prompt)) = &mut model.overlay else { return };
    prompt.field.edit(to_input_request(&Event::Key(event)));
}

pub(super) fn paste(model: &mut Model, text: &str) {
    let Some(Overlay::Prompt(prompt)) = &mut model.overlay else { return };
    prompt.field.edit(pasted(text));
}

/// Takes what is written, or says in the prompt why it cannot be used.
fn answer(model: &mut Model, effects: &mut Effects) {
    let Some(Overlay::Prompt(prompt)) = &model.overlay else { return };
    let (text, purpose) = (prompt.field.text().to_owned(), prompt.purpose.clone());
    let taken = match purpose {
        Purpose::Book(id) => book(model, id, &text, effects),
    };
    match (taken, &mut model.overlay) {
        (Ok(()), _) => model.overlay = None,
        (Err(problem), Some(Overlay::Prompt(prompt))) => prompt.field.problem = Some(problem),
        (Err(_), _) => {}
    }
}

/// Asks what somebody offers for an item.
pub(super) fn ask_for_offer(model: &mut Model, id: ItemId) {
    let found = model.browse.list.find(id).or_else(|| model.shown_row().filter(|row| row.id == id));
    let Some(row) = found else { return };
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::line(&format!("Book “{}”", row.title)),
        field: Field::new("Your offer", 20),
        hint: SafeText::line(&format!(
            "Empty asks for it at {}. It costs a token, unless you unlocked it.",
            row.full_price
        )),
        purpose: Purpose::Book(id),
    }));
}

fn book(model: &mut Model, id: ItemId, text: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let offered_price = if text.is_empty() { None } else { Some(amount(text)?) };
    let key = model.next_key();
    effects.push(Effect::Book { id, wish: CreateBooking { offered_price, ..CreateBooking::default() }, key });
    Ok(())
}

/// An amount of money as somebody writes it.
pub(super) fn amount(text: &str) -> Result<Decimal, SafeText> {
    let refused = || SafeText::line(&format!("“{text}” is no amount: write it like 12.50"));
    text.replace(',', ".").parse().map_err(|_| refused())
}
