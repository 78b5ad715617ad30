//! The Chats tab.

use campuszon_core::wire::chat::Chats;

use super::{Effects, list};
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
