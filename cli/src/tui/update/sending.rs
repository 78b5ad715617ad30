//! Pictures on their way into a conversation: each is an entry of it with its stage, until it is a message.

use std::path::PathBuf;

use campuszon_core::{ChatId, ImageId, safe::SafeText, wire::chat::SendMessage};

use super::{Effects, composer, notice};
use crate::tui::{
    effect::Effect,
    message::Ticket,
    model::{Entry, Model, Progress, Tab, Upload},
};

/// Begins to send a picture.
pub(super) fn start(model: &mut Model, chat: ChatId, path: PathBuf, effects: &mut Effects) {
    let (number, key) = (model.next_ticket(), model.next_key());
    effects.push(Effect::Upload { number, path: path.clone(), key: key.clone() });
    model.chats.uploads.push((chat, Upload::of_file(number, path, key)));
    if let Some(talk) = model.chats.talks.get_mut(&chat) {
        talk.anchor = None;
    }
}

/// A picture that is on its way into a conversation, or failed on it.
pub(super) fn find(model: &mut Model, number: Ticket) -> Option<&mut Upload> {
    model.chats.uploads.iter_mut().map(|(_, upload)| upload).find(|upload| upload.number == number)
}

/// The server has a picture, which goes as a message now; or why it does not. Tells whether it was one of these.
pub(super) fn done(
    model: &mut Model,
    number: Ticket,
    result: &Result<ImageId, SafeText>,
    effects: &mut Effects,
) -> bool {
    let Some(place) = model.chats.uploads.iter().position(|(_, upload)| upload.number == number) else { return false };
    let (chat, mut upload) = model.chats.uploads.remove(place);
    match result {
        Ok(image) => {
            let pending = Entry::Pending(upload.key.clone());
            let message = SendMessage { client_id: upload.key, body: None, image: Some(*image) };
            composer::queue(model, chat, message, effects);
            let selected = model.chats.talks.get_mut(&chat).and_then(|talk| talk.selected.as_mut());
            if let Some(selected) = selected.filter(|selected| **selected == Entry::Upload(number)) {
                *selected = pending;
            }
        }
        Err(why) => {
            upload.progress = Progress::Failed(why.clone());
            model.chats.uploads.insert(place, (chat, upload));
            if model.tab != Tab::Chats || model.chats.open != Some(chat) {
                notice(model, &format!("The picture was not sent: {why}"), true, effects);
            }
        }
    }
    true
}

/// Calls off the selected picture, or forgets it where it failed; tells whether one is selected.
pub(super) fn cancel(model: &mut Model, effects: &mut Effects) -> bool {
    let Some(Entry::Upload(number)) = model.chats.talk().and_then(|talk| talk.selected.clone()) else { return false };
    model.chats.uploads.retain(|(_, upload)| upload.number != number);
    effects.push(Effect::CancelUpload(number));
    let last = model.chats.entries().pop();
    if let Some(talk) = model.chats.talk_mut() {
        talk.selected = last;
    }
    true
}

/// Sends the pictures of the open conversation that failed once more, each under the key that it had.
pub(super) fn send_again(model: &mut Model, effects: &mut Effects) {
    let open = model.chats.open;
    let failed =
        |(chat, upload): &&mut (ChatId, Upload)| Some(*chat) == open && matches!(upload.progress, Progress::Failed(_));
    for (_, upload) in model.chats.uploads.iter_mut().filter(failed) {
        upload.progress = Progress::Waiting;
        let Some(path) = upload.path.clone() else { continue };
        effects.push(Effect::Upload { number: upload.number, path, key: upload.key.clone() });
    }
}

/// Whether a picture is on its way into a conversation.
pub(super) fn is_under_way(model: &Model) -> bool {
    model.chats.uploads.iter().any(|(_, upload)| upload.is_running())
}
