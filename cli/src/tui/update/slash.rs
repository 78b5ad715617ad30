//! What a line that is no message does, where one writes.

use campuszon_core::{ChatId, safe::SafeText};

use super::{Effects, chats, composer, deals, dialog, notice, sending, talk};
use crate::{
    slash::{KNOWN, Line},
    tui::{effect::Effect, model::Model},
};

/// Does what `line` says, which was read as `command`; what cannot be done stays written, and the reason is said.
pub(super) fn run(model: &mut Model, chat: ChatId, line: &str, command: Line<'_>, effects: &mut Effects) {
    let done = match command {
        Line::Unknown => Err(SafeText::line(&format!("There is no {line}. {KNOWN}"))),
        command => perform(model, chat, command, effects),
    };
    match done {
        Ok(()) => composer::clear(model, effects),
        Err(why) => notice(model, why.as_str(), true, effects),
    }
}

fn perform(model: &mut Model, chat: ChatId, command: Line<'_>, effects: &mut Effects) -> Result<(), SafeText> {
    match command {
        Line::Offer(price) => deals::offer(model, dialog::amount(price)?, effects)?,
        Line::Book => deals::ask_to_book(model, None)?,
        Line::Accept => deals::accept(model, effects)?,
        Line::Decline => deals::ask_to_decline(model)?,
        Line::Done(code) => deals::complete(model, Some(code.to_owned()).filter(|code| !code.is_empty()), effects)?,
        Line::Report("") => talk::ask_to_report(model, effects),
        Line::Report(reason) => report(model, chat, reason, effects)?,
        Line::Image(path) => sending::start(model, chat, dialog::picture_path(path), effects),
        Line::Mute => chats::mute(model, chat, effects),
        Line::Back | Line::Message(_) | Line::Unknown => {}
    }
    Ok(())
}

fn report(model: &mut Model, chat: ChatId, reason: &str, effects: &mut Effects) -> Result<(), SafeText> {
    let said = talk::reportable(model).ok_or(SafeText::fixed("There is no message of the other to report"))?;
    let key = model.next_key();
    effects.push(Effect::Report { chat, id: said.id, reason: reason.to_owned(), key });
    Ok(())
}
