//! Conversations over HTTP.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    ChatId, ItemId, MessageId,
    wire::chat::{Chat, Chats, EditChat, EditMessage, MarkRead, Message, Messages, SendMessage, StartChat},
};

use super::{Client, ClientError, PageRequest, call::Call};

/// Which messages of a conversation; the newest when neither bound is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageRange {
    /// Those with a smaller sequence number, the nearest to it.
    pub before: Option<i64>,
    /// Those with a larger sequence number, the nearest to it.
    pub after: Option<i64>,
    /// 1–100; 50 when absent.
    pub limit: Option<usize>,
}

impl MessageRange {
    fn pairs(self) -> impl Iterator<Item = (&'static str, String)> {
        let before = self.before.map(|seq| ("before", seq.to_string()));
        let after = self.after.map(|seq| ("after", seq.to_string()));
        before.into_iter().chain(after).chain(self.limit.map(|limit| ("limit", limit.to_string())))
    }
}

impl Client {
    /// Opens the conversation on an item, or finds the one that exists.
    pub async fn start_chat(&self, item_id: ItemId, key: Option<&str>) -> Result<Chat, ClientError> {
        self.ask(&Call::post("/api/chats").json(&StartChat { item_id })?.keyed(key)).await
    }

    /// A page of one's conversations, newest activity first.
    pub async fn chats(&self, page: PageRequest) -> Result<Chats, ClientError> {
        self.ask(&Call::get("/api/chats").query(page.pairs())).await
    }

    /// One conversation.
    pub async fn chat(&self, id: ChatId) -> Result<Chat, ClientError> {
        self.ask(&Call::get(path(id))).await
    }

    /// Mutes a conversation, or not any more.
    pub async fn edit_chat(&self, id: ChatId, edit: &EditChat) -> Result<Chat, ClientError> {
        self.ask(&Call::patch(path(id)).json(edit)?.repeatable()).await
    }

    /// Messages of a conversation, oldest first.
    pub async fn messages(&self, id: ChatId, range: MessageRange) -> Result<Messages, ClientError> {
        self.ask(&Call::get(format!("{}/messages", path(id))).query(range.pairs())).await
    }

    /// Every message with a larger sequence number than `seq`, oldest first.
    pub async fn messages_after(&self, id: ChatId, seq: i64) -> Result<Vec<Message>, ClientError> {
        let mut messages: Vec<Message> = Vec::new();
        loop {
            let after = messages.last().map_or(seq, |last| last.seq);
            let range =
                MessageRange { after: Some(after), limit: Some(super::page::LARGEST_PAGE), ..Default::default() };
            let page = self.messages(id, range).await?.messages;
            if page.is_empty() {
                return Ok(messages);
            }
            messages.extend(page);
        }
    }

    /// Sends a message. Repeating it with the same `client_id` answers the first one again.
    pub async fn send_message(&self, id: ChatId, message: &SendMessage) -> Result<Message, ClientError> {
        self.ask(&Call::post(format!("{}/messages", path(id))).json(message)?.repeatable()).await
    }

    /// Says another thing in a message of one's own.
    pub async fn edit_message(&self, chat: ChatId, id: MessageId, body: String) -> Result<Message, ClientError> {
        self.ask(&Call::patch(format!("{}/messages/{id}", path(chat))).json(&EditMessage { body })?.repeatable()).await
    }

    /// Takes back a message of one's own.
    pub async fn delete_message(&self, chat: ChatId, id: MessageId) -> Result<(), ClientError> {
        self.tell(&Call::delete(format!("{}/messages/{id}", path(chat))).repeatable()).await
    }

    /// Moves one's reading position forward to `seq`.
    pub async fn mark_read(&self, id: ChatId, seq: i64) -> Result<(), ClientError> {
        self.tell(&Call::post(format!("{}/read", path(id))).json(&MarkRead { seq })?.repeatable()).await
    }
}

fn path(id: ChatId) -> String {
    format!("/api/chats/{id}")
}
