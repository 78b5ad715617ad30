//! Conversations and messages: who may open one, who may write, what is read. Every event goes into the inboxes of
//! both members with the change it tells of. A picture in a message is an upload of its sender's and goes with it.

use std::time::Duration;

use campuszon_core::{
    BookingId, CampusId, ChatId, Fault, ImageId, ItemId, MessageId, UserId,
    form::Form,
    permission::UserStatus,
    text,
    wire::{
        chat::{Message, MessageKind},
        live::ServerFrame,
        notification::NotificationKind,
    },
};

use super::store::{self, Member};
use crate::{
    Error, Principal,
    event::Event,
    images, items,
    notifications::{self, service::News},
    platform::{
        database::{Announcement, Tx},
        inbox,
        limiter::{Policy, Verdict},
    },
    settings::Rate,
    users::{self, blocks},
};

/// Who wrote in a conversation within this time, or was told of it, is taken to be there: what a transaction cannot see
/// is who looks at a screen.
const AWAY: Duration = Duration::from_secs(10 * 60);

/// The longest body of a message, in characters.
pub const MAX_BODY: usize = 4_000;

/// A checked message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage {
    /// The sender's own name for it, by which it is sent only once.
    pub client_id: String,
    /// What it says.
    pub content: Content,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Words.
    Text(String),
    /// A picture.
    Image(ImageId),
}

impl NewMessage {
    /// Reads the fields of a message; the faults stay with the form.
    pub fn read(form: &mut Form) -> Option<Self> {
        let client_id = form.required_text("client_id").and_then(|raw| form.check(client_id(raw)));
        client_id.zip(Content::read(form)).map(|(client_id, content)| Self { client_id, content })
    }
}

impl Content {
    fn read(form: &mut Form) -> Option<Self> {
        let is_image = form.has("image") && !form.is_null("image");
        let image = form.parsed("image");
        if !is_image {
            let body = form.required_text("body")?;
            return form.check(text::block("body", &body, 1..=MAX_BODY)).map(Self::Text);
        }
        if form.text("body").is_some() {
            form.fault(Fault::new("body", "conflict", "must be absent beside an image: send two messages"));
        }
        image.map(Self::Image)
    }
}

fn client_id(raw: String) -> Result<String, Fault> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if (1..=64).contains(&raw.len()) && raw.bytes().all(allowed) {
        return Ok(raw);
    }
    Err(Fault::new("client_id", "invalid", "must have 1 to 64 letters, digits, _ and -"))
}

/// The conversation of the caller about an item, and whether it was opened now.
///
/// # Errors
/// The item is not to be seen, is the caller's own, or is not on offer; its seller cannot be reached; or the caller
/// opened too many today.
pub fn start(tx: &mut Tx<'_>, who: &Principal, item: ItemId) -> Result<(ChatId, bool), Error> {
    // A buyer may come back to a conversation whatever became of its item.
    if let Some(chat) = store::chat_about(tx, who.campus, item, who.user)? {
        return Ok((chat, false));
    }
    let item = items::service::visible(tx, who, item)?;
    if item.seller == who.user {
        return Err(Error::Conflict("this is your own item: its buyers start the conversations".to_owned()));
    }
    if !item.is_listed() {
        let status = item.status;
        return Err(Error::Conflict(format!("the item is {status}: a new chat is about an active or reserved one")));
    }
    blocks::service::require_reachable(tx, who.campus, who.user, item.seller)?;
    require_budget(tx, who)?;
    let chat = tx.new_id();
    if !store::insert_chat(tx, who.campus, chat, item.id, who.user, item.seller)? {
        return Err(Error::Unavailable("the conversation is being opened already: try again".to_owned()));
    }
    Ok((chat, true))
}

/// Refuses who opened as many conversations as one may.
fn require_budget(tx: &mut Tx<'_>, who: &Principal) -> Result<(), Error> {
    let (now, policy) = (tx.now(), Policy { name: "new_chats", rate: tx.settings().limits.new_chats });
    let Some(Rate { count: limit, per }) = policy.rate else { return Ok(()) };
    let starts = store::latest_starts(tx, who.campus, who.user, limit as usize)?;
    let Some(oldest) = starts.get(limit as usize - 1) else { return Ok(()) };
    let reset_after = (*oldest + per).since(now);
    if reset_after.is_zero() {
        return Ok(());
    }
    Err(Error::RateLimited(Verdict { allowed: false, limit, remaining: 0, reset_after, policy }))
}

/// The caller's membership in a conversation.
///
/// # Errors
/// There is no such conversation, as far as the caller may know.
pub fn member(tx: &mut Tx<'_>, who: &Principal, chat: ChatId) -> Result<Member, Error> {
    store::member(tx, who.campus, chat, who.user)?.ok_or(Error::NotFound("chat"))
}

/// Sends a message; a repeated `client_id` gives the first message again. Answers whether this is the first.
///
/// # Errors
/// The caller is no member, or the other one is gone or cannot be reached.
pub fn send(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, new: &NewMessage) -> Result<(Message, bool), Error> {
    let member = member(tx, who, chat)?;
    if let Some(first) = store::message_by_client_id(tx, who.campus, chat, who.user, &new.client_id)? {
        return Ok((first, false));
    }
    if member.peer_status == UserStatus::Deleted {
        return Err(Error::Conflict("the other member has deleted their account: nobody would read it".to_owned()));
    }
    blocks::service::require_reachable(tx, who.campus, who.user, member.peer)?;
    let (kind, body, image) = match &new.content {
        Content::Text(body) => (MessageKind::Text, body.clone(), None),
        Content::Image(id) => {
            let image = images::service::for_message(tx, who.campus, who.user, *id)?;
            (MessageKind::Image, String::new(), Some(images::shown(tx.public_url(), image)))
        }
    };
    let is_news = is_news(tx, who.campus, chat, member.peer)?;
    let message = Message {
        id: tx.new_id(),
        chat_id: chat,
        seq: store::take_seq(tx, who.campus, chat)?,
        client_id: Some(new.client_id.clone()),
        sender_id: Some(who.user),
        kind,
        body,
        image,
        booking: None,
        created_at: tx.now(),
        edited_at: None,
        deleted_at: None,
    };
    post(tx, who.campus, &message, &[who.user, member.peer])?;
    notifications::service::chat_was_read(tx, who.campus, who.user, chat)?;
    if is_news {
        tell_of_message(tx, who.campus, chat, member.peer)?;
    }
    Ok((message, true))
}

/// Whether a message is to be told of in its reader's feed: they have read what came before, do not mute the
/// conversation, seem not to be in it at the moment, and were not told only just now.
fn is_news(tx: &mut Tx<'_>, campus: CampusId, chat: ChatId, reader: UserId) -> Result<bool, Error> {
    let lately = tx.now() - AWAY;
    Ok(store::is_away(tx, campus, chat, reader, lately)?
        && !notifications::service::was_told_of_chat(tx, campus, reader, chat, lately)?)
}

fn tell_of_message(tx: &mut Tx<'_>, campus: CampusId, id: ChatId, reader: UserId) -> Result<(), Error> {
    let Some(chat) = store::chat(tx, campus, reader, id)? else { return Ok(()) };
    let title = format!("{} wrote to you about “{}”", chat.peer.name, chat.item.title);
    let news = News { chat: Some(id), item: Some(chat.item.id), ..News::new(NotificationKind::ChatMessage, title) };
    notifications::service::tell(tx, campus, reader, news)
}

/// The conversation of `buyer` and `seller` about an item, opened for a booking whatever the daily budget.
///
/// # Errors
/// It is being opened at the same moment.
pub fn of_booking(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    buyer: UserId,
    seller: UserId,
) -> Result<ChatId, Error> {
    if let Some(chat) = store::chat_about(tx, campus, item, buyer)? {
        return Ok(chat);
    }
    let chat = tx.new_id();
    if !store::insert_chat(tx, campus, chat, item, buyer, seller)? {
        return Err(Error::Unavailable("the conversation is being opened already: try again".to_owned()));
    }
    Ok(chat)
}

/// Adds a booking's card to a conversation, in the name of one member or of the server.
///
/// # Errors
/// The database's.
pub fn post_card(
    tx: &mut Tx<'_>,
    campus: CampusId,
    chat: ChatId,
    sender: Option<UserId>,
    booking: BookingId,
    body: &str,
) -> Result<(), Error> {
    let message = Message {
        id: tx.new_id(),
        chat_id: chat,
        seq: store::take_seq(tx, campus, chat)?,
        client_id: None,
        sender_id: sender,
        kind: MessageKind::Booking,
        body: body.to_owned(),
        image: None,
        booking: Some(booking),
        created_at: tx.now(),
        edited_at: None,
        deleted_at: None,
    };
    let members = store::members(tx, campus, chat)?;
    post(tx, campus, &message, &members)
}

/// Stores a message under its number, counts it for whoever did not write it, and brings it to all members.
fn post(tx: &mut Tx<'_>, campus: CampusId, message: &Message, members: &[UserId]) -> Result<(), Error> {
    store::insert_message(tx, campus, message)?;
    for member in members.iter().copied() {
        if message.sender_id == Some(member) {
            store::note_sent(tx, campus, message.chat_id, member, message.seq)?;
        } else {
            store::note_received(tx, campus, message.chat_id, member)?;
        }
        let message = message.clone();
        inbox::deliver(tx, campus, member, |since| ServerFrame::Message { message, since })?;
    }
    Ok(())
}

/// A message of a conversation of the caller.
///
/// # Errors
/// The caller is no member, or there is no such message.
pub fn message(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, id: MessageId) -> Result<Message, Error> {
    member(tx, who, chat)?;
    store::message(tx, who.campus, chat, id)?.ok_or(Error::NotFound("message"))
}

/// Changes the text of a message of the caller's, for a while after it was sent.
///
/// # Errors
/// The caller is no member, did not write it, it is no text any more, or it is too old.
pub fn edit(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, id: MessageId, body: &str) -> Result<Message, Error> {
    let before = own(tx, who, chat, id)?;
    if before.deleted_at.is_some() {
        return Err(Error::Conflict("the message is deleted: send a new one".to_owned()));
    }
    if before.kind != MessageKind::Text {
        return Err(Error::Conflict("only a text can be edited".to_owned()));
    }
    if before.created_at + tx.settings().chat.edit_window <= tx.now() {
        return Err(Error::Conflict("the message is too old to be edited: send a new one".to_owned()));
    }
    if before.body == body {
        return Ok(before);
    }
    let peer = member(tx, who, chat)?.peer;
    blocks::service::require_reachable(tx, who.campus, who.user, peer)?;
    let edited = Message { body: body.to_owned(), edited_at: Some(tx.now()), ..before };
    change(tx, who, edited)
}

/// Deletes a message of the caller's: its place and number stay, its text or picture goes. Deleting it again changes
/// nothing.
///
/// # Errors
/// The caller is no member, or did not write it.
pub fn delete(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, id: MessageId) -> Result<(), Error> {
    let before = own(tx, who, chat, id)?;
    if before.deleted_at.is_some() {
        return Ok(());
    }
    let image = before.image.as_ref().map(|image| image.id);
    let deleted = Message { body: String::new(), image: None, deleted_at: Some(tx.now()), ..before };
    change(tx, who, deleted)?;
    image.map_or(Ok(()), |image| images::service::delete_of_message(tx, who.campus, image))
}

fn own(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, id: MessageId) -> Result<Message, Error> {
    let found = message(tx, who, chat, id)?;
    // A booking's card is the server's word, in whoever's name.
    if found.sender_id == Some(who.user) && found.kind != MessageKind::Booking {
        return Ok(found);
    }
    Err(Error::Forbidden("only who wrote a message may change it".to_owned()))
}

/// Stores a changed message and brings it to both members.
fn change(tx: &mut Tx<'_>, who: &Principal, message: Message) -> Result<Message, Error> {
    store::update_message(tx, who.campus, &message)?;
    tell_of_change(tx, who.campus, &message)?;
    Ok(message)
}

/// Brings a changed message to both members.
fn tell_of_change(tx: &mut Tx<'_>, campus: CampusId, message: &Message) -> Result<(), Error> {
    for member in store::members(tx, campus, message.chat_id)? {
        let message = message.clone();
        inbox::deliver(tx, campus, member, |since| ServerFrame::MessageUpdated { message, since })?;
    }
    Ok(())
}

/// What happens elsewhere and concerns conversations: a picture in a message is ready or failed, or a member hides
/// whether they are there.
///
/// # Errors
/// The database's.
pub fn follow(tx: &mut Tx<'_>, event: &Event) -> Result<(), Error> {
    match event {
        Event::ImageSettled { campus, image, item: None, .. } => match store::message_of_image(tx, *campus, *image)? {
            Some(message) => tell_of_change(tx, *campus, &message),
            None => Ok(()),
        },
        Event::PresenceSwitched { campus, user, hidden: true } => tell_of_hiding(tx, *campus, *user),
        Event::PresenceSwitched { user, hidden: false, .. } => {
            tx.announce(Announcement::PresenceShown(*user));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Takes a user who hides it off the screens of those who see them there.
fn tell_of_hiding(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    let to = store::acquaintances(tx, campus, user, ACQUAINTANCES)?;
    let frame = ServerFrame::Presence { user_id: user, online: false, last_seen: None };
    let frame = serde_json::to_string(&frame).map_err(|error| Error::Internal(error.to_string()))?.into();
    tx.announce(Announcement::Whisper { to, frame });
    Ok(())
}

/// Sets whether the caller is told nothing of a conversation.
///
/// # Errors
/// The caller is no member.
pub fn mute(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, muted: bool) -> Result<(), Error> {
    member(tx, who, chat)?;
    Ok(store::set_muted(tx, who.campus, chat, who.user, muted)?)
}

/// How many people hear that somebody came or went.
const ACQUAINTANCES: i64 = 1_000;

/// Who may hear that `user` came or went: those they have conversations with, or nobody when they hide it.
///
/// # Errors
/// There is no such user.
pub fn acquaintances(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Vec<UserId>, Error> {
    if users::service::user(tx, campus, user)?.hide_presence {
        return Ok(Vec::new());
    }
    Ok(store::acquaintances(tx, campus, user, ACQUAINTANCES)?)
}

/// Who may hear that the caller writes in a conversation: its other member, unless one has blocked the other.
///
/// # Errors
/// The caller is no member.
pub fn listener(tx: &mut Tx<'_>, who: &Principal, chat: ChatId) -> Result<Option<UserId>, Error> {
    let peer = member(tx, who, chat)?.peer;
    let is_blocked = users::store::is_blocked(tx, who.campus, who.user, peer)?;
    Ok((!is_blocked).then_some(peer))
}

/// Moves the caller's reading position to `seq`. It never goes back: an older one is no fault and changes nothing.
///
/// # Errors
/// The caller is no member, or there is no such message yet.
pub fn read(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, seq: i64) -> Result<(), Error> {
    let member = member(tx, who, chat)?;
    if seq > member.last_seq {
        let message = format!("must be at most {}, the newest message's", member.last_seq);
        return Err(Error::invalid("seq", "out_of_range", message));
    }
    if !store::move_read(tx, who.campus, chat, who.user, seq)? {
        return Ok(());
    }
    notifications::service::chat_was_read(tx, who.campus, who.user, chat)?;
    // The reader's other devices follow too.
    for reader in [who.user, member.peer] {
        let receipt = |since| ServerFrame::Receipt { chat_id: chat, user_id: who.user, seq, since };
        inbox::deliver(tx, who.campus, reader, receipt)?;
    }
    Ok(())
}

/// Which messages of a conversation are asked for: with neither bound, the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageRange {
    /// Only those with a smaller number.
    pub before: Option<i64>,
    /// Only those with a larger number, beginning with the next one.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Messages of a conversation, oldest first.
///
/// # Errors
/// The caller is no member.
pub fn messages(tx: &mut Tx<'_>, who: &Principal, chat: ChatId, range: MessageRange) -> Result<Vec<Message>, Error> {
    member(tx, who, chat)?;
    let before = range.before.unwrap_or(i64::MAX);
    Ok(match range.after {
        Some(after) => store::first_messages(tx, who.campus, chat, after, before, range.limit)?,
        None => store::last_messages(tx, who.campus, chat, before, range.limit)?,
    })
}

/// How many messages a user has not read.
///
/// # Errors
/// The database's.
pub fn unread_total(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, Error> {
    Ok(store::unread_total(tx, campus, user)?)
}

/// Notes that the last live connection of a user has ended.
///
/// # Errors
/// The database's.
pub fn left(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    users::service::seen(tx, campus, user)
}

#[cfg(test)]
mod tests {
    use campuszon_core::Id;
    use serde_json::json;

    use super::*;

    fn read(json: &serde_json::Value) -> Result<NewMessage, Vec<(String, String)>> {
        let mut form = Form::json(json.as_object().expect("an object").clone());
        let message = NewMessage::read(&mut form);
        form.finish(message).map_err(|faults| faults.into_iter().map(|fault| (fault.field, fault.code)).collect())
    }

    #[test]
    fn a_message_has_a_name_and_a_body() {
        let message = read(&json!({"client_id": "a-Z_0", "body": "Cafe\u{301}?\r\n"})).expect("a message");
        assert_eq!((message.client_id.as_str(), message.content), ("a-Z_0", Content::Text("Café?".to_owned())));
        assert!(read(&json!({"client_id": "x".repeat(64), "body": "🙂".repeat(MAX_BODY)})).is_ok());
    }

    #[test]
    fn a_message_is_a_text_or_a_picture() {
        let id = ImageId::from_bits(7);
        let message = read(&json!({"client_id": "a", "image": id})).expect("a message");
        assert_eq!(message.content, Content::Image(id));
        assert_eq!(read(&json!({"client_id": "a", "image": id, "body": null})), Ok(message));
        let text = read(&json!({"client_id": "a", "image": null, "body": "x"})).expect("a message");
        assert_eq!(text.content, Content::Text("x".to_owned()));
        for (field, code, image, body) in [
            ("body", "conflict", json!(id), json!("x")),
            ("body", "conflict", json!(id), json!("")),
            ("body", "wrong_type", json!(id), json!(7)),
            ("image", "wrong_type", json!([id]), json!(null)),
            ("image", "invalid", json!("msg_1"), json!(null)),
            ("image", "invalid", json!(""), json!(null)),
            ("body", "required", json!(null), json!(null)),
        ] {
            let faults = read(&json!({"client_id": "a", "image": image, "body": body}));
            assert_eq!(faults, Err(vec![(field.to_owned(), code.to_owned())]), "{image} {body}");
        }
    }

    #[test]
    fn every_fault_of_a_message_is_named() {
        let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
        for client_id in ["", "a b", "ä", &"x".repeat(65)] {
            let faults = read(&json!({"client_id": client_id, "body": " \n"})).expect_err("faults");
            assert_eq!(faults, [fault("client_id", "invalid"), fault("body", "required")]);
        }
        let faults = read(&json!({"body": "x".repeat(MAX_BODY + 1), "text": "x"})).expect_err("faults");
        let expected = [fault("client_id", "required"), fault("body", "too_long"), fault("text", "unknown_field")];
        assert_eq!(faults, expected);
    }
}
