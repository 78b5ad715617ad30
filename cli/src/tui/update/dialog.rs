//! Questions over the panes: those to confirm, and those to answer with a line of text.

use std::path::PathBuf;

use campuszon_core::{Decimal, safe::SafeText};
use crossterm::event::{Event, KeyEvent};
use tui_input::backend::crossterm::to_input_request;

use super::{Effects, bookings, form, me, notice, section, selling, sending, servers};
use crate::tui::{
    effect::{Effect, Errand, Step},
    keys::Action,
    model::{Deed, Model, Overlay, Purpose, pasted},
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
fn perform(model: &mut Model, deed: Deed, effects: &mut Effects) {
    match deed {
        Deed::DeleteItem(id) => effects.push(Effect::DeleteItem(id)),
        Deed::DeleteMessage(chat, id) => effects.push(Effect::DeleteMessage { chat, id }),
        Deed::Book { id, wish, key } => effects.push(Effect::Book { id, wish: *wish, key }),
        Deed::SignOut => effects.push(Effect::Account(Errand::SignOut)),
        Deed::EndSession(id) => effects.push(Effect::Account(Errand::EndSession(id))),
        Deed::DeleteSearch(id) => effects.push(Effect::Account(Errand::DeleteSearch(id))),
        Deed::ClearAlerts => effects.push(Effect::Account(Errand::ClearAlerts)),
        Deed::Step(id, step) => bookings::take(model, id, step, effects),
        Deed::Unlock(id, key) => effects.push(Effect::Unlock { id, key }),
        Deed::Copy(text) => {
            effects.push(Effect::Copy(text));
            notice(model, "Copied", false, effects);
        }
        Deed::LeaveServer(server) => servers::leave(model, server.as_ref(), effects),
        Deed::CloseForm => form::discard(model, effects),
        Deed::StepItem(id, action) => selling::step(model, id, action, effects),
        Deed::Quit => {
            form::keep(model, effects);
            model.quit = true;
        }
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
        Purpose::Counter { id, version } => amount(&text).map(|price| {
            bookings::take(model, id, Step::Counter { price, version }, effects);
        }),
        Purpose::Code(id) => {
            let code = Some(text).filter(|code| !code.is_empty());
            bookings::take(model, id, Step::Complete(code), effects);
            Ok(())
        }
        Purpose::Report(chat, id) => given(text, "Say why, in a word or two").map(|reason| {
            let key = model.next_key();
            effects.push(Effect::Report { chat, id, reason, key });
        }),
        Purpose::Picture(chat) => given(text, "Name a file").map(|path| {
            sending::start(model, chat, picture_path(&path), effects);
        }),
        Purpose::Rename => me::rename(&text, effects),
        Purpose::Residence => {
            me::set("residence", &text, effects);
            Ok(())
        }
        Purpose::Phone => {
            me::set("phone", &text, effects);
            Ok(())
        }
        Purpose::Redeem => me::redeem(model, &text, effects),
        Purpose::End { id, declines } => {
            let reason = Some(text).filter(|reason| !reason.is_empty());
            let step = if declines { Step::Decline(reason) } else { Step::Cancel(reason) };
            bookings::take(model, id, step, effects);
            Ok(())
        }
        Purpose::Answer { review, .. } => {
            given(text, "Write something").map(|answer| effects.push(Effect::Answer { review, answer }))
        }
        Purpose::QuietHours => section::set_hours(model, &text, effects),
    };
    match (taken, &mut model.overlay) {
        (Ok(()), _) => model.overlay = None,
        (Err(problem), Some(Overlay::Prompt(prompt))) => prompt.field.problem = Some(problem),
        (Err(_), _) => {}
    }
}

/// An answer that must not be empty.
fn given(text: String, why: &'static str) -> Result<String, SafeText> {
    if text.is_empty() { Err(SafeText::fixed(why)) } else { Ok(text) }
}

/// A path as it is typed, or dropped into the terminal: perhaps in quotes.
pub(super) fn picture_path(text: &str) -> PathBuf {
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    PathBuf::from(quoted('\'').or_else(|| quoted('"')).unwrap_or(text))
}

/// An amount of money as somebody writes it.
pub(super) fn amount(text: &str) -> Result<Decimal, SafeText> {
    let refused = || SafeText::line(&format!("“{text}” is no amount: write it like 12.50"));
    text.replace(',', ".").parse().map_err(|_| refused())
}
