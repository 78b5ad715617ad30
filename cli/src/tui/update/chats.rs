//! The Chats tab.

use campuszon_core::{
    ChatId, Timestamp, UserId,
    safe::SafeText,
    wire::chat::{Chats, Message},
};

use super::{Effects, list, live};
use crate::tui::{
    effect::Effect,
    keys::Action,
    message::Arrival,
    model::{Model, Tab, chat_page},
};

pub(super) fn act(model: &mut Model, action: Action, effects: &mut Effects) {
    let page = list::page_height(model);
    if list::travel(&mut model.chats.list, action, page) {
        return;
    }
    if action == Action::Retry {
        load(model, None, effects);
    }
}

/// Asks for a page of the conversations.
pub(super) fn load(model: &mut Model, cursor: Option<String>, effects: &mut Effects) {
    let ask = list::ask(model, Tab::Chats, cursor, effects);
    effects.push(Effect::LoadChats(ask));
}

pub(super) fn arrived(model: &mut Model, arrival: Arrival<Chats>, effects: &mut Effects) {
    let taken = list::take(&mut model.chats.list, arrival, chat_page);
    list::conclude(model, taken, effects);
}

/// Somebody wrote, perhaps the reader elsewhere.
pub(super) fn said(model: &mut Model, message: &Message, effects: &mut Effects) {
    let Some(row) = model.chats.list.find(message.chat_id).cloned() else {
        // A conversation that is not in the list yet.
        if model.chats.list.answered {
            load(model, None, effects);
        }
        return;
    };
    if message.seq <= row.last_seq {
        model.changed = false;
        return;
    }
    let from_peer = message.sender_id == Some(row.peer_id);
    let mut row = (*row).clone();
    row.last = SafeText::line(&message.body);
    row.last_seq = message.seq;
    row.updated_at = message.created_at;
    if from_peer {
        row.unread += 1;
        model.unread.messages += 1;
        if !row.muted {
            live::tell(model, &SafeText::line(&format!("{}: {}", row.peer, row.last)), effects);
        }
    }
    model.chats.list.put_first(row);
}

/// A message was edited or deleted.
pub(super) fn changed(model: &mut Model, message: &Message) {
    let is_last = model.chats.list.find(message.chat_id).is_some_and(|row| row.last_seq == message.seq);
    if is_last {
        let last = if message.deleted_at.is_some() { "(deleted)" } else { message.body.as_str() };
        model.chats.list.change(message.chat_id, |row| row.last = SafeText::line(last));
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
