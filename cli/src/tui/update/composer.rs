//! Writing and sending: drafts, what is on its way, and what became of it.

use std::time::Duration;

use campuszon_core::{
    ChatId,
    safe::SafeText,
    wire::{
        chat::{Message, SendMessage},
        live::ClientFrame,
    },
};
use crossterm::event::{Event, KeyEvent};
use tui_input::{InputRequest, backend::crossterm::to_input_request};

use super::{Effects, chats, note, notice, scroll, sending, slash, talk};
use crate::{
    slash::Line,
    tui::{
        effect::Effect,
        keys::Action,
        layout::TalkParts,
        message::{Delivered, FailureKind, Timer},
        model::{ChatFocus, Field, Link, Model, Overlay, Pending, Prompt, Purpose},
    },
};

/// How long the writing rests before it is kept on disk.
const REST: Duration = Duration::from_secs(1);

/// How often the other is told that somebody writes.
const TOLD: Duration = Duration::from_secs(3);

/// How long until what could not be sent is tried again, without a connection and otherwise.
const PAUSES: [Duration; 2] = [Duration::from_secs(30), Duration::from_secs(5)];

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::Send => submit(model, effects),
        Action::Newline => edit(model, [InputRequest::InsertChar('\n')], effects),
        Action::Back if model.chats.composer.editing.is_some() => stop_editing(model),
        Action::Back => talk::look(model),
        Action::SwitchPane => model.chats.focus = ChatFocus::List,
        Action::Down | Action::Up => go(model, action == Action::Down),
        Action::PageDown | Action::PageUp => scroll::turn_page(model, action == Action::PageDown),
        Action::NextUnread => chats::open_next_unread(model, effects),
        Action::Editor => effects.push(Effect::Compose(model.chats.composer.text().to_owned())),
        Action::Photo => ask_for_picture(model),
        _ => {}
    }
}

/// A key that is text or moves the cursor.
pub(super) fn write(model: &mut Model, event: KeyEvent, effects: &mut Effects) {
    edit(model, to_input_request(&Event::Key(event)), effects);
}

/// A pasted block is only written, never sent.
pub(super) fn paste(model: &mut Model, text: &str, effects: &mut Effects) {
    model.chats.focus = ChatFocus::Composer;
    if model.chats.composer.paste(text) {
        changed(model, effects);
    }
}

fn edit(model: &mut Model, requests: impl IntoIterator<Item = InputRequest>, effects: &mut Effects) {
    if model.chats.composer.edit(requests) {
        changed(model, effects);
    }
}

/// The text is another: it will be kept, and the other told that somebody writes.
fn changed(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    effects.push(Effect::After(REST, Timer::Drafts(ticket)));
    let told = model.chats.composer.told_typing;
    let is_due = told.is_none_or(|told| model.now.since(told) >= TOLD);
    if is_due && !model.chats.composer.text().trim().is_empty() && model.link == Link::Up {
        model.chats.composer.told_typing = Some(model.now);
        tell_typing(model, true, effects);
    }
}

fn tell_typing(model: &Model, on: bool, effects: &mut Effects) {
    if let Some(chat_id) = model.chats.open {
        effects.push(Effect::Tell(ClientFrame::Typing { chat_id, on }));
    }
}

/// Moves to the line above or below; beyond the text, the messages scroll.
fn go(model: &mut Model, down: bool) {
    let Some(panes) = model.panes() else { return };
    if !model.chats.composer.go(down, TalkParts::writing_width(panes.detail)) {
        scroll::by(model, down, 1);
    }
}

/// Sends what is written, or does what it says.
fn submit(model: &mut Model, effects: &mut Effects) {
    let text = model.chats.composer.text().trim().to_owned();
    let Some(chat) = model.chats.open.filter(|_| !text.is_empty()) else { return };
    if let Some((id, _)) = &model.chats.composer.editing {
        return effects.push(Effect::EditMessage { chat, id: *id, body: text });
    }
    match Line::read(&text) {
        Line::Message(text) => say(model, chat, text.to_owned(), effects),
        command => slash::run(model, chat, &text, command, effects),
    }
}

fn say(model: &mut Model, chat: ChatId, body: String, effects: &mut Effects) {
    let message = SendMessage::text(model.next_key(), body);
    clear(model, effects);
    queue(model, chat, message, effects);
}

/// Puts a message behind the others on their way; it is on the screen at once.
pub(super) fn queue(model: &mut Model, chat: ChatId, message: SendMessage, effects: &mut Effects) {
    model.chats.pending.push(Pending::new(chat, message.clone()));
    effects.push(Effect::Post { chat, message });
    if let Some(talk) = model.chats.talks.get_mut(&chat) {
        talk.anchor = None;
        talk.divider = None;
    }
}

/// Empties what is being written, on disk too.
pub(super) fn clear(model: &mut Model, effects: &mut Effects) {
    model.chats.composer.set("");
    if model.chats.composer.told_typing.take().is_some() {
        tell_typing(model, false, effects);
    }
    keep(model, effects);
}

/// Keeps what is being written, if it is another than before.
pub(super) fn keep(model: &mut Model, effects: &mut Effects) {
    let composer = &model.chats.composer;
    let draft = composer.editing.as_ref().map_or(composer.text(), |(_, draft)| draft).to_owned();
    let Some(chat) = model.chats.open else { return };
    let known = model.chats.drafts.get(&chat).map(String::as_str).unwrap_or_default();
    if known == draft.as_str() || known.is_empty() && draft.trim().is_empty() {
        return;
    }
    if draft.trim().is_empty() {
        model.chats.drafts.remove(&chat);
    } else {
        model.chats.drafts.insert(chat, draft);
    }
    effects.push(Effect::KeepDrafts(model.chats.drafts.clone()));
}

/// Leaves what is written to the conversation that it was written in.
pub(super) fn put_aside(model: &mut Model, effects: &mut Effects) {
    keep(model, effects);
    model.chats.composer = Default::default();
}

/// Takes up what was written in a conversation.
pub(super) fn take_up(model: &mut Model, chat: ChatId) {
    let draft = model.chats.drafts.get(&chat).cloned().unwrap_or_default();
    model.chats.composer.set(&draft);
}

/// Goes back to what was being written before a message was edited.
pub(super) fn stop_editing(model: &mut Model) {
    if let Some((_, draft)) = model.chats.composer.editing.take() {
        model.chats.composer.set(&draft);
    }
}

/// What waits since an earlier run, and what was being written then.
pub(super) fn kept(
    model: &mut Model,
    waiting: Vec<(ChatId, SendMessage)>,
    drafts: std::collections::BTreeMap<ChatId, String>,
    effects: &mut Effects,
) {
    let is_known = |model: &Model, id: &str| model.chats.pending.iter().any(|other| other.message.client_id == id);
    let fresh: Vec<Pending> = waiting
        .into_iter()
        .filter(|(_, message)| !is_known(model, &message.client_id))
        .map(|(chat, message)| Pending::new(chat, message))
        .collect();
    // They were written before all that this run knows of.
    model.chats.pending.splice(0..0, fresh);
    for (chat, draft) in drafts {
        model.chats.drafts.entry(chat).or_insert(draft);
    }
    if let Some(chat) = model.chats.open.filter(|_| model.chats.composer.text().is_empty()) {
        take_up(model, chat);
    }
    if model.link == Link::Up && !model.chats.pending.is_empty() {
        effects.push(Effect::Deliver);
    }
}

/// The server has a message: it is not on its way any more.
pub(super) fn arrived(model: &mut Model, message: &Message) {
    if let Some(id) = &message.client_id {
        model.chats.pending.retain(|pending| pending.chat != message.chat_id || pending.message.client_id != *id);
    }
}

/// What became of messages that waited.
pub(super) fn delivered(model: &mut Model, delivered: Delivered, effects: &mut Effects) {
    for message in &delivered.sent {
        chats::said(model, message, effects);
    }
    for (chat, id, why) in delivered.refused {
        let found =
            model.chats.pending.iter_mut().find(|pending| pending.chat == chat && pending.message.client_id == id);
        match found {
            Some(pending) => pending.trouble = Some(why),
            None => notice(model, &format!("A message that waited was refused: {why}"), true, effects),
        }
    }
    if let Some(failure) = delivered.stopped {
        note(model, &failure);
        let [offline, busy] = PAUSES;
        let pause = if failure.kind == FailureKind::Offline { offline } else { busy };
        effects.push(Effect::After(pause, Timer::Deliver));
    }
}

/// Tries again what waits; tells whether that changes anything on the screen.
pub(super) fn try_again(model: &Model, effects: &mut Effects) -> bool {
    if model.chats.pending.iter().any(|pending| pending.trouble.is_none()) {
        effects.push(Effect::Deliver);
    }
    false
}

/// Sends what was refused in the open conversation once more, each under the id that it had.
pub(super) fn send_again(model: &mut Model, effects: &mut Effects) {
    let Some(chat) = model.chats.open else { return };
    for pending in model.chats.pending.iter_mut().filter(|pending| pending.chat == chat) {
        if pending.trouble.take().is_some() {
            effects.push(Effect::Post { chat, message: pending.message.clone() });
        }
    }
    sending::send_again(model, effects);
    effects.push(Effect::Deliver);
}

/// What was written in an editor takes the place of what was here; nothing is sent.
pub(super) fn written(model: &mut Model, result: Result<String, SafeText>, effects: &mut Effects) {
    match result {
        Ok(text) => {
            model.chats.composer.set("");
            model.chats.composer.paste(text.trim_end());
            changed(model, effects);
        }
        Err(why) => notice(model, &format!("The text is as it was: {why}"), true, effects),
    }
}

fn ask_for_picture(model: &mut Model) {
    let Some(chat) = model.chats.open else { return };
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::fixed("Send a picture"),
        field: Field::new("File", 1_000),
        hint: SafeText::fixed("It is made upright, small and free of metadata first."),
        purpose: Purpose::Picture(chat),
    }));
}
