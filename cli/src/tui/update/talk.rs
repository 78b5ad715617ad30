//! The open conversation: loading what was said, moving in it, and acting on a message.

use std::time::Duration;

use campuszon_core::{
    ChatId, MessageId, UserId,
    safe::SafeText,
    wire::chat::{Message, MessageKind},
};

use super::{Effects, SLOW, chats, composer, deals, note, notice, scroll, sending};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Failure, Range, Ticket, Timer},
    model::{
        ChatFocus, Connection, Conversation, Deed, Dialog, Field, Load, Model, Overlay, Prompt, Purpose, Said, Speaker,
    },
    view,
};

/// How long the other writes without saying so again.
const TYPING: Duration = Duration::from_secs(6);

/// How many cards of a conversation are looked up at once.
const CARDS: usize = 3;

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    match action {
        Action::Write | Action::SwitchPane => write(model),
        Action::Back => model.chats.focus = ChatFocus::List,
        Action::Down | Action::Up | Action::Top | Action::Bottom => scroll::go(model, action),
        Action::PageDown => scroll::turn_page(model, true),
        Action::PageUp => scroll::turn_page(model, false),
        Action::NextUnread => chats::open_next_unread(model, effects),
        Action::Mute => _ = model.chats.open.map(|chat| chats::mute(model, chat, effects)),
        Action::Retry => retry(model, effects),
        Action::Edit => edit(model, effects),
        Action::Delete => ask_to_delete(model, effects),
        Action::Report => ask_to_report(model, effects),
        other => deals::act(model, other, effects),
    }
}

/// Gives the keys back to what is being written, at the end of the conversation.
pub(super) fn write(model: &mut Model) {
    model.chats.focus = ChatFocus::Composer;
    if let Some(talk) = model.chats.talk_mut() {
        talk.selected = None;
    }
}

/// Gives the keys to the messages, the newest one selected.
pub(super) fn look(model: &mut Model) {
    let last = model.chats.entries().pop();
    model.chats.focus = ChatFocus::Messages;
    if let Some(talk) = model.chats.talk_mut() {
        talk.selected = talk.selected.take().or(last);
    }
}

/// Asks for the newest messages of the open conversation, or for those after what is here.
pub(super) fn load(model: &mut Model, effects: &mut Effects) {
    let ticket = model.next_ticket();
    let Some(chat) = model.chats.open else { return };
    let talk = model.chats.talks.entry(chat).or_default();
    let range = if talk.answered { Range::After(talk.last_seq()) } else { Range::Newest };
    talk.load = Load::running(ticket);
    effects.push(Effect::LoadMessages { chat, range, ticket });
    effects.push(Effect::After(SLOW, Timer::SlowTalk(ticket)));
}

/// Asks for what was said before, once the view comes near the first message that is here.
fn load_older(model: &mut Model, effects: &mut Effects) {
    let (Some(chat), Some(talk)) = (model.chats.open, model.chats.talk()) else { return };
    let Some(first) = talk.older_than().filter(|_| talk.answered && talk.older == Load::Idle) else { return };
    // The lines are laid out for this: last, since most of the time there is nothing to ask for.
    if !scroll::is_near_start(model) {
        return;
    }
    let ticket = model.next_ticket();
    if let Some(talk) = model.chats.talk_mut() {
        talk.older = Load::running(ticket);
    }
    effects.push(Effect::LoadMessages { chat, range: Range::Before(first), ticket });
}

/// Brings the open conversation into line: older messages, its pictures, and what is read.
pub(super) fn settle(model: &mut Model, effects: &mut Effects) {
    if !model.shows_talk() {
        return;
    }
    load_older(model, effects);
    chats::mark_read(model, effects);
    let has_photos = model.chats.talk().is_some_and(|talk| talk.messages().any(|said| said.photo.is_some()));
    let shown = if has_photos { view::talk_photos(model) } else { Vec::new() };
    for key in shown {
        if model.photos.want(&key) {
            effects.push(Effect::LoadPhoto(key));
        }
    }
}

pub(super) fn arrived(
    model: &mut Model,
    (chat, range, ticket): (ChatId, Range, Ticket),
    result: Result<Vec<Message>, Failure>,
    effects: &mut Effects,
) {
    let Some(talk) = model.chats.talks.get_mut(&chat) else { return };
    let load = if matches!(range, Range::Before(_)) { &mut talk.older } else { &mut talk.load };
    if !load.awaits(ticket) {
        model.changed = false;
        return;
    }
    match result {
        Ok(messages) => {
            *load = Load::Idle;
            model.connection = Connection::Online;
            take(model, chat, &messages, effects);
        }
        Err(failure) => {
            *load = Load::Failed(failure.clone());
            let has_nothing = !talk.answered;
            note(model, &failure);
            // There r tries again; where one writes it would be a letter.
            if has_nothing && model.chats.open == Some(chat) && model.chats.composer.text().is_empty() {
                look(model);
            }
        }
    }
}

fn take(model: &mut Model, chat: ChatId, messages: &[Message], effects: &mut Effects) {
    let talk = model.chats.talks.entry(chat).or_default();
    let joins = messages.first().is_none_or(|first| first.seq <= talk.last_seq() + 1);
    if !joins && talk.answered {
        // What lies between was never asked for: the newest are here, the others come when somebody looks for them.
        talk.forget();
    }
    talk.answered = true;
    for message in messages {
        talk.put(Said::new(message));
    }
    for message in messages {
        composer::arrived(model, message);
    }
    look_up_cards(model, messages, effects);
}

/// Asks for the newest bookings that are told of, where they are not known.
fn look_up_cards(model: &Model, messages: &[Message], effects: &mut Effects) {
    let mut wanted = Vec::new();
    for id in messages.iter().rev().filter_map(|message| message.booking) {
        if wanted.len() < CARDS && !wanted.contains(&id) && !model.chats.deals.contains_key(&id) {
            wanted.push(id);
        }
    }
    effects.extend(wanted.into_iter().map(Effect::LoadDeal));
}

/// A message came over the live connection.
pub(super) fn said(model: &mut Model, message: &Message, effects: &mut Effects) {
    let chat = message.chat_id;
    composer::arrived(model, message);
    let is_unseen = !model.attended && model.speaker(chat, message.sender_id) == Speaker::Peer;
    let Some(talk) = model.chats.talks.get_mut(&chat).filter(|talk| talk.answered) else { return };
    talk.typing = None;
    if message.seq > talk.last_seq() + 1 {
        // Some between are missing: they are asked for where somebody looks, or when it is opened again.
        if model.chats.open == Some(chat) {
            load(model, effects);
        }
        return;
    }
    if is_unseen && talk.divider.is_none() {
        talk.divider = Some(message.seq - 1);
    }
    talk.put(Said::new(message));
    if let Some(id) = message.booking {
        effects.push(Effect::LoadDeal(id));
    }
}

pub(super) fn changed(model: &mut Model, message: &Message) {
    if let Some(talk) = model.chats.talks.get_mut(&message.chat_id)
        && talk.find(message.seq).is_some()
    {
        talk.put(Said::new(message));
    }
}

/// The other writes, or stops.
pub(super) fn typing(model: &mut Model, chat: ChatId, user: UserId, on: bool, effects: &mut Effects) {
    let ticket = model.next_ticket();
    let is_mine = model.speaker(chat, Some(user)) == Speaker::Me;
    let Some(talk) = model.chats.talks.get_mut(&chat).filter(|_| !is_mine) else {
        model.changed = false;
        return;
    };
    talk.typing = on.then_some(ticket);
    if on {
        effects.push(Effect::After(TYPING, Timer::Typing(chat, ticket)));
    }
}

/// The other did not say again that they write; tells whether that changes anything.
pub(super) fn typing_ended(model: &mut Model, chat: ChatId, ticket: Ticket) -> bool {
    let talk = model.chats.talks.get_mut(&chat);
    talk.is_some_and(|talk| talk.typing.take_if(|typing| *typing == ticket).is_some())
}

fn retry(model: &mut Model, effects: &mut Effects) {
    let has_failed = |talk: &Conversation| matches!(talk.load, Load::Failed(_));
    if model.chats.talk().is_some_and(has_failed) {
        load(model, effects);
    }
    if let Some(talk) = model.chats.talk_mut()
        && matches!(talk.older, Load::Failed(_))
    {
        talk.older = Load::Idle;
    }
    model.photos.retry();
    composer::send_again(model, effects);
}

/// The message that is selected, if it is one of the reader's own.
fn own(model: &mut Model, effects: &mut Effects) -> Option<std::sync::Arc<Said>> {
    let chat = model.chats.open?;
    let said = model.chats.selected().cloned()?;
    if model.speaker(chat, said.sender) == Speaker::Me && !said.deleted {
        return Some(said);
    }
    notice(model, "That is only for messages of your own", true, effects);
    None
}

fn edit(model: &mut Model, effects: &mut Effects) {
    let Some(said) = own(model, effects) else { return };
    if said.kind != MessageKind::Text {
        return notice(model, "Only a text can be edited", true, effects);
    }
    let draft = model.chats.composer.text().to_owned();
    model.chats.composer.editing = Some((said.id, draft));
    model.chats.composer.set(&said.raw);
    write(model);
}

/// What became of an edited message.
pub(super) fn edited(model: &mut Model, result: Result<Box<Message>, Failure>, effects: &mut Effects) {
    match result {
        Ok(message) => {
            chats::changed(model, &message);
            if model.chats.composer.editing.as_ref().is_some_and(|(id, _)| *id == message.id) {
                composer::stop_editing(model);
            }
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("Not edited: {}", failure.sentence), true, effects);
        }
    }
}

fn ask_to_delete(model: &mut Model, effects: &mut Effects) {
    if sending::cancel(model, effects) {
        return;
    }
    let Some(said) = own(model, effects) else { return };
    let Some(chat) = model.chats.open else { return };
    let detail = SafeText::line(&format!("“{}”", said.body.truncate(80)));
    let question = SafeText::fixed("Take this message back?");
    model.overlay =
        Some(Overlay::Dialog(Dialog::new(question, detail, "Take back", Deed::DeleteMessage(chat, said.id))));
}

pub(super) fn unsaid(
    model: &mut Model,
    (chat, id): (ChatId, MessageId),
    result: Result<(), Failure>,
    effects: &mut Effects,
) {
    match result {
        Ok(()) => _ = model.chats.talks.get_mut(&chat).map(|talk| talk.delete(id)),
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("Not taken back: {}", failure.sentence), true, effects);
        }
    }
}

/// Asks why the selected message of the other is to be reported, or their newest one.
pub(super) fn ask_to_report(model: &mut Model, effects: &mut Effects) {
    let Some(said) = reportable(model) else {
        return notice(model, "There is no message of the other to report", true, effects);
    };
    let Some(chat) = model.chats.open else { return };
    model.overlay = Some(Overlay::Prompt(Prompt {
        title: SafeText::line(&format!("Report “{}”", said.body.truncate(40))),
        field: Field::new("Reason", 100),
        hint: SafeText::fixed("Such as spam, fraud or abuse. The moderators of your campus read it."),
        purpose: Purpose::Report(chat, said.id),
    }));
}

/// The message of the other that a report is of: the selected one, else the newest.
pub(super) fn reportable(model: &Model) -> Option<std::sync::Arc<Said>> {
    let chat = model.chats.open?;
    let is_theirs = |said: &&std::sync::Arc<Said>| model.speaker(chat, said.sender) == Speaker::Peer && !said.deleted;
    let selected = model.chats.selected().filter(is_theirs);
    selected.or_else(|| model.chats.talk()?.messages().rev().find(is_theirs)).cloned()
}

pub(super) fn reported(model: &mut Model, result: Result<(), Failure>, effects: &mut Effects) {
    match result {
        Ok(()) => notice(model, "Reported to the moderators", false, effects),
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("Not reported: {}", failure.sentence), true, effects);
        }
    }
}
