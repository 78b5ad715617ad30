//! Effects of conversations and of the bookings in them: each is one call, and one message with its answer.

use std::pin::Pin;

use campuszon_core::{
    BookingId, ChatId,
    wire::{
        booking::Booking,
        chat::{EditChat, Message as Spoken},
        trust::CreateReport,
    },
};

use super::{Effect, Step, failure};
use crate::{
    client::{BookingAction, Client, ClientError, MessageRange, ReportTarget},
    tui::message::{Failure, Message, Range},
};

type Work = Pin<Box<dyn Future<Output = Message> + Send>>;

/// How many messages are asked for at once.
const PAGE: usize = 50;

/// The work of an effect, where it is one of these.
pub(super) fn work(client: Client, effect: Effect) -> Option<Work> {
    Some(match effect {
        Effect::StartChat { item, key } => {
            Box::pin(async move { Message::Started(whole(client.start_chat(item, Some(&key)).await)) })
        }
        Effect::LoadChat(id) => Box::pin(async move { Message::Chat { id, result: whole(client.chat(id).await) } }),
        Effect::LoadMessages { chat, range, ticket } => Box::pin(async move {
            let result = messages(&client, chat, range).await.map_err(|error| failure(&error));
            Message::Messages { chat, range, ticket, result }
        }),
        Effect::LoadKept => Box::pin(kept(client)),
        Effect::EditMessage { chat, id, body } => {
            Box::pin(async move { Message::Edited(whole(client.edit_message(chat, id, body).await)) })
        }
        Effect::DeleteMessage { chat, id } => Box::pin(async move {
            let result = client.delete_message(chat, id).await.map_err(|error| failure(&error));
            Message::Unsaid { chat, id, result }
        }),
        Effect::Mute { chat, on } => Box::pin(async move {
            let done = client.edit_chat(chat, &EditChat { muted: on }).await;
            Message::Muted { chat, on, result: done.map(|_| ()).map_err(|error| failure(&error)) }
        }),
        Effect::Report { chat, id, reason, key } => Box::pin(async move {
            let report = CreateReport { reason, detail: None };
            let done = client.report(ReportTarget::Message(chat, id), &report, Some(&key)).await;
            Message::Reported(done.map(|_| ()).map_err(|error| failure(&error)))
        }),
        Effect::LoadDeal(id) => Box::pin(async move { Message::Deal(whole(client.booking(id).await)) }),
        Effect::Step { id, step } => Box::pin(async move { Message::Deal(whole(take(&client, id, step).await)) }),
        _ => return None,
    })
}

fn whole<T>(result: Result<T, ClientError>) -> Result<Box<T>, Failure> {
    result.map(Box::new).map_err(|error| failure(&error))
}

async fn messages(client: &Client, chat: ChatId, range: Range) -> Result<Vec<Spoken>, ClientError> {
    let before = match range {
        Range::After(seq) => return client.messages_after(chat, seq).await,
        Range::Before(seq) => Some(seq),
        Range::Newest => None,
    };
    let range = MessageRange { before, after: None, limit: Some(PAGE) };
    Ok(client.messages(chat, range).await?.messages)
}

/// What waits and what was being written. What cannot be read now is said when something is to be written.
async fn kept(client: Client) -> Message {
    let outbox = client.outbox().ok().flatten();
    let waiting = outbox.and_then(|outbox| outbox.waiting().ok()).unwrap_or_default();
    let drafts = client.drafts().ok().flatten().and_then(|drafts| drafts.read().ok()).unwrap_or_default();
    let waiting = waiting.into_iter().map(|waiting| (waiting.chat_id, waiting.message)).collect();
    Message::Kept { waiting, drafts }
}

async fn take(client: &Client, id: BookingId, step: Step) -> Result<Booking, ClientError> {
    match step {
        Step::Accept => client.advance_booking(id, BookingAction::Accept).await,
        Step::Counter { price, version } => client.counter(id, price, version).await,
        Step::Decline(reason) => client.decline(id, reason).await,
        Step::Cancel(reason) => client.cancel_booking(id, reason).await,
        Step::Extend => client.advance_booking(id, BookingAction::Extend).await,
        Step::Complete(code) => client.complete(id, code).await,
    }
}
