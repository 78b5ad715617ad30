//! What can be done from where one writes: `/offer 25` and the like.

use campuszon_core::{Decimal, safe::SafeText};

use super::{Effects, chats, composer, deals, dialog, notice, talk};
use crate::tui::{effect::Effect, model::Model};

/// The commands, as they are explained.
const KNOWN: &str =
    "/offer 25, /book, /accept, /decline, /done CODE, /report REASON, /mute; // sends a text that begins with /";

/// Does what a command says; what it cannot do stays written, and the reason is said.
pub(super) fn run(model: &mut Model, command: &str, effects: &mut Effects) {
    match perform(model, command, effects) {
        Ok(()) => composer::clear(model, effects),
        Err(why) => notice(model, why.as_str(), true, effects),
    }
}

fn perform(model: &mut Model, command: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = rest.trim();
    match word {
        "offer" => deals::offer(model, price(rest)?, effects),
        "book" if rest.is_empty() => deals::ask_to_book(model, None),
        "book" => deals::ask_to_book(model, Some(price(rest)?)),
        "accept" => deals::accept(model, effects),
        "decline" | "cancel" => deals::ask_to_decline(model),
        "done" => deals::complete(model, Some(rest.to_owned()).filter(|code| !code.is_empty()), effects),
        "report" => report(model, rest, effects),
        "mute" => {
            if let Some(chat) = model.chats.open {
                chats::mute(model, chat, effects);
            }
            Ok(())
        }
        _ => Err(SafeText::line(&format!("There is no /{word}. There are {KNOWN}"))),
    }
}

fn price(text: &str) -> Result<Decimal, SafeText> {
    if text.is_empty() { Err(SafeText::fixed("Say how much: /offer 25")) } else { dialog::amount(text) }
}

fn report(model: &mut Model, reason: &str, effects: &mut Effects) -> Result<(), SafeText> {
    if reason.is_empty() {
        talk::ask_to_report(model, effects);
        return Ok(());
    }
    let said = talk::reportable(model).ok_or(SafeText::fixed("There is no message of the other to report"))?;
    let (Some(chat), key) = (model.chats.open, model.next_key()) else { return Ok(()) };
    effects.push(Effect::Report { chat, id: said.id, reason: reason.to_owned(), key });
    Ok(())
}
