//! Messages on their way to the server, and drafts on their way to the disk: each in order, beside the interface.
//!
//! Two tasks share the work. The keeper puts things on disk at once, even while the server cannot be reached; the postman
//! delivers what is there, one round at a time.

use std::{collections::BTreeMap, time::Duration};

use campuszon_core::{
    ChatId,
    safe::SafeText,
    wire::chat::{Message as Wire, SendMessage},
};
use tokio::{
    sync::mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, channel, unbounded_channel},
    task::JoinHandle,
};

use super::{
    effect::failure,
    message::{Delivered, Message},
    model::ListingDraft,
};
use crate::client::{Client, ClientError, Delivery};

/// How long the end of the program waits for the disk.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is to be kept.
enum Keep {
    Message(ChatId, SendMessage),
    Drafts(BTreeMap<ChatId, String>),
    Listing(Option<Box<ListingDraft>>),
}

/// The way to both tasks.
#[derive(Debug)]
pub struct Post {
    keep: UnboundedSender<Keep>,
    /// Rings for the postman; one ring is as good as many.
    bell: Sender<()>,
    keeper: JoinHandle<()>,
    postman: JoinHandle<()>,
}

impl Post {
    /// Starts both tasks, which report to `messages`.
    pub fn start(client: &Client, messages: &UnboundedSender<Message>) -> Self {
        let (keep, orders) = unbounded_channel();
        let (bell, rings) = channel(1);
        let keeper = tokio::spawn(keep_all(client.clone(), messages.clone(), orders, bell.clone()));
        let postman = tokio::spawn(deliver_all(client.clone(), messages.clone(), rings));
        Self { keep, bell, keeper, postman }
    }

    /// Sends a message after all those before it.
    pub fn send(&self, chat: ChatId, message: SendMessage) {
        // Fails only when the keeper has ended, with the program.
        let _ = self.keep.send(Keep::Message(chat, message));
    }

    /// Keeps these drafts in place of those before.
    pub fn keep_drafts(&self, drafts: BTreeMap<ChatId, String>) {
        let _ = self.keep.send(Keep::Drafts(drafts));
    }

    /// Keeps what is written of a new listing, or nothing any more.
    pub fn keep_listing(&self, draft: Option<Box<ListingDraft>>) {
        let _ = self.keep.send(Keep::Listing(draft));
    }

    /// Sends what waits.
    pub fn deliver(&self) {
        let _ = self.bell.try_send(());
    }

    /// Waits until everything is on disk.
    pub async fn finish(self) {
        drop(self.keep);
        let _ = tokio::time::timeout(PATIENCE, self.keeper).await;
        self.postman.abort();
    }
}

async fn keep_all(
    client: Client,
    messages: UnboundedSender<Message>,
    mut orders: UnboundedReceiver<Keep>,
    bell: Sender<()>,
) {
    while let Some(order) = orders.recv().await {
        match order {
            Keep::Message(chat, message) => match put(&client, chat, &message).await {
                Ok(Some(sent)) => {
                    let _ = messages.send(Message::Delivered(Delivered { sent: vec![sent], ..Delivered::default() }));
                }
                Ok(None) => _ = bell.try_send(()),
                Err(error) => {
                    let refused = vec![(chat, message.client_id, SafeText::line(&error.to_string()))];
                    let _ = messages.send(Message::Delivered(Delivered { refused, ..Delivered::default() }));
                }
            },
            // A draft that cannot be kept is still on the screen, and is tried again with the next key.
            Keep::Drafts(drafts) => _ = client.drafts().map(|kept| kept.map(|kept| kept.write(&drafts))),
            Keep::Listing(draft) => {
                let draft = draft.and_then(|draft| serde_json::to_value(draft).ok());
                _ = client.drafts().map(|kept| kept.map(|kept| kept.write_listing(draft.as_ref())));
            }
        }
    }
}

/// Puts a message on disk; without a place for it, sends it at once and answers it.
async fn put(client: &Client, chat: ChatId, message: &SendMessage) -> Result<Option<Wire>, ClientError> {
    let Some(outbox) = client.outbox()? else { return client.send_message(chat, message).await.map(Some) };
    outbox.set_damaged_aside().await?;
    outbox.put(chat, message).await?;
    Ok(None)
}

async fn deliver_all(client: Client, messages: UnboundedSender<Message>, mut rings: Receiver<()>) {
    while rings.recv().await.is_some() {
        if let Some(delivered) = deliver(&client).await
            && messages.send(Message::Delivered(delivered)).is_err()
        {
            return;
        }
    }
}

/// One round; `None` where nothing waits.
async fn deliver(client: &Client) -> Option<Delivered> {
    let outcome = match client.outbox() {
        Ok(None) => return None,
        Ok(Some(outbox)) if outbox.waiting().is_ok_and(|waiting| waiting.is_empty()) => return None,
        Ok(Some(outbox)) => client.deliver(&outbox).await,
        Err(error) => Err(error),
    };
    Some(match outcome {
        Ok(Delivery { sent, refused, stopped }) => Delivered {
            sent,
            refused: refused
                .into_iter()
                .map(|(waiting, error)| {
                    (waiting.chat_id, waiting.message.client_id, SafeText::line(&error.to_string()))
                })
                .collect(),
            stopped: stopped.as_ref().map(failure),
        },
        Err(error) => Delivered { stopped: Some(failure(&error)), ..Delivered::default() },
    })
}
