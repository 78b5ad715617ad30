//! The Chats tab: its list, opening and leaving conversations, and what the live connection says of them.

use campuszon_core::{
    ChatId, ItemId, Timestamp, UserId,
    safe::SafeText,
    wire::{
        chat::{Chat, Chats, Message},
        live::ClientFrame,
    },
};

use super::{Effects, composer, list, live, note, notice, tabs, talk};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::{Arrival, Failure},
    model::{ChatFocus, ChatRow, Link, Model, Speaker, Tab, chat_page, summary},
};

/// How many conversations are kept as they were left.
const KEPT: usize = 16;

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.chats.list, action, page) {
        return;
    }
    let selected = model.chats.list.selected;
    match (action, selected) {
        (Action::Retry, _) => load(model, None, effects),
        (Action::Open, Some(chat)) => open(model, chat, effects),
        (Action::Mute, Some(chat)) => mute(model, chat, effects),
        (Action::NextUnread, _) => open_next_unread(model, effects),
        (Action::SwitchPane, _) if model.chats.open.is_some() => model.chats.focus = ChatFocus::Messages,
        (Action::SwitchPane, Some(chat)) => open(model, chat, effects),
        _ => {}
    }
}

/// Asks for a page of the conversations.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Chats, cursor, effects);
    effects.push(Effect::LoadChats(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Chats>, effects: &mut Effects) {
    let taken = list::take(&mut model.chats.list, arrival, model.now, chat_page);
    list::conclude(model, taken, effects);
}

/// Opens a conversation with the cursor where one writes. What is written in another one stays there.
pub(super) fn open(model: &mut Model, chat: ChatId, effects: &mut Effects) {
    composer::put_aside(model, effects);
    let row = model.chats.list.find(chat).cloned();
    if row.is_none() {
        effects.push(Effect::LoadChat(chat));
    }
    if model.chats.talks.len() >= KEPT {
        model.chats.talks.retain(|kept, _| *kept == chat);
    }
    model.chats.open = Some(chat);
    model.chats.list.selected = row.as_ref().map(|row| row.id).or(model.chats.list.selected);
    model.chats.focus = ChatFocus::Composer;
    let talk = model.chats.talks.entry(chat).or_default();
    talk.anchor = None;
    talk.selected = None;
    talk.divider = row.filter(|row| row.unread > 0).map(|row| row.read_seq);
    composer::take_up(model, chat);
    talk::load(model, effects);
}

/// Opens the conversation on an item, which may have to be begun.
pub(super) fn start(model: &mut Model, item: ItemId, effects: &mut Effects) {
    let known = model.chats.list.rows.iter().find(|row| row.item == item).map(|row| row.id);
    let known = known.or(model.detail.full().filter(|full| full.row.id == item).and_then(|full| full.chat));
    match known {
        Some(chat) => {
            tabs::go_to(model, Tab::Chats, effects);
            open(model, chat, effects);
        }
        None => {
            let key = model.next_key();
            effects.push(Effect::StartChat { item, key });
        }
    }
}

pub(super) fn started(model: &mut Model, result: Result<Box<Chat>, Failure>, effects: &mut Effects) {
    match result {
        Ok(chat) => {
            model.chats.list.put_first(ChatRow::new(&chat));
            tabs::go_to(model, Tab::Chats, effects);
            open(model, chat.id, effects);
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, &format!("No conversation: {}", failure.sentence), true, effects);
        }
    }
}

/// A conversation that is not in the list came, or cannot be had.
pub(super) fn came(model: &mut Model, id: ChatId, result: Result<Box<Chat>, Failure>, effects: &mut Effects) {
    match result {
        Ok(chat) => {
            if model.chats.list.find(id).is_none() {
                model.chats.list.put_first(ChatRow::new(&chat));
            }
            if model.chats.open == Some(id) {
                model.chats.list.selected = Some(id);
            }
        }
        Err(failure) => {
            note(model, &failure);
            notice(model, failure.sentence.as_str(), true, effects);
        }
    }
}

/// Opens the next conversation with something new, from the open one on.
pub(super) fn open_next_unread(model: &mut Model, effects: &mut Effects) {
    let rows = &model.chats.list.rows;
    let from =
        model.chats.open.and_then(|open| rows.iter().position(|row| row.id == open)).map_or(0, |index| index + 1);
    let next = rows.iter().cycle().skip(from).take(rows.len()).find(|row| row.unread > 0).map(|row| row.id);
    match next {
        Some(chat) => open(model, chat, effects),
        None => notice(model, "Everything is read", false, effects),
    }
}

pub(super) fn mute(model: &mut Model, chat: ChatId, effects: &mut Effects) {
    let Some(on) = model.chats.list.find(chat).map(|row| !row.muted) else { return };
    model.chats.list.change(chat, |row| row.muted = on);
    let text = if on { "Muted: nothing is said of what comes here" } else { "You are told again of what comes here" };
    notice(model, text, false, effects);
    effects.push(Effect::Mute { chat, on });
}

pub(super) fn muted(model: &mut Model, chat: ChatId, on: bool, result: Result<(), Failure>, effects: &mut Effects) {
    let Err(failure) = result else {
        model.changed = false;
        return;
    };
    model.chats.list.change(chat, |row| row.muted = !on);
    note(model, &failure);
    notice(model, &format!("That did not change: {}", failure.sentence), true, effects);
}

/// The live connection stands: what waited goes, and what came between two connections is asked for.
pub(super) fn connected(model: &mut Model, effects: &mut Effects) {
    effects.push(Effect::Deliver);
    if model.chats.list.answered {
        load(model, None, effects);
    }
    talk::load(model, effects);
}

/// Somebody wrote, perhaps the reader elsewhere.
pub(super) fn said(model: &mut Model, message: &Message, effects: &mut Effects) {
    let chat = message.chat_id;
    talk::said(model, message, effects);
    let Some(row) = model.chats.list.find(chat).cloned() else {
        // A conversation that is not in the list yet.
        if model.chats.list.answered {
            load(model, None, effects);
        }
        return;
    };
    if message.seq <= row.last_seq {
        return;
    }
    let mut row = (*row).clone();
    row.last = summary(message);
    row.last_seq = message.seq;
    row.updated_at = message.created_at;
    match model.speaker(chat, message.sender_id) {
        // Sending moves the sender's own position.
        Speaker::Me => row.read_seq = message.seq,
        Speaker::Peer => {
            row.peer_read_seq = message.seq;
            row.unread += 1;
            model.unread.messages += 1;
            let is_seen = model.attended && model.shows_talk() && model.chats.open == Some(chat);
            if !row.muted && !is_seen {
                live::tell(model, &SafeText::line(&format!("{}: {}", row.peer, row.last)), effects);
            }
        }
        Speaker::Server => {}
    }
    model.chats.list.put_first(row);
}

/// A message was edited or deleted, or its picture is ready.
pub(super) fn changed(model: &mut Model, message: &Message) {
    talk::changed(model, message);
    let is_last = model.chats.list.find(message.chat_id).is_some_and(|row| row.last_seq == message.seq);
    if is_last {
        model.chats.list.change(message.chat_id, |row| row.last = summary(message));
    }
}

/// Somebody read up to a message: the other one, or the reader on another device.
pub(super) fn read(model: &mut Model, chat: ChatId, user: UserId, seq: i64) {
    let is_mine = live::is_me(model, user);
    let mut freed = 0;
    model.chats.list.change(chat, |row| {
        if !is_mine {
            row.peer_read_seq = row.peer_read_seq.max(seq);
        } else if seq >= row.last_seq {
            row.read_seq = seq;
            freed = std::mem::take(&mut row.unread);
        }
    });
    model.unread.messages = (model.unread.messages - freed).max(0);
}

/// What is in view at the end of an open conversation is read, once the server can be told so.
pub(super) fn mark_read(model: &mut Model, effects: &mut Effects) {
    let Some(row) = model.chats.open_row() else { return };
    let is_at_end = model.chats.talk().is_some_and(|talk| talk.anchor.is_none() && talk.last_seq() >= row.last_seq);
    if row.unread == 0 || !is_at_end || !model.attended || !model.shows_talk() || model.link != Link::Up {
        return;
    }
    let (chat_id, seq, freed) = (row.id, row.last_seq, row.unread);
    effects.push(Effect::Tell(ClientFrame::Read { chat_id, seq }));
    model.unread.messages = (model.unread.messages - freed).max(0);
    model.chats.list.change(chat_id, |row| {
        row.read_seq = seq;
        row.unread = 0;
    });
}

/// Somebody whom the reader has a conversation with came or went.
pub(super) fn presence(model: &mut Model, user: UserId, online: bool, last_seen: Option<Timestamp>) {
    let with: Vec<ChatId> = model.chats.list.rows.iter().filter(|row| row.peer_id == user).map(|row| row.id).collect();
    for chat in with {
        model.chats.list.change(chat, |row| {
            row.online = online;
            row.last_seen = last_seen;
        });
    }
}
