//! Effects of one's own listings: each is one piece of work, and one message with its answer.

use std::{pin::Pin, time::Duration};

use campuszon_core::{
    ImageId, ItemId,
    booking::{BookingStatus, Side},
    wire::item::Item,
};
use serde_json::{Map, Value};

use super::{Effect, failure};
use crate::{
    client::{BookingQuery, Client, ClientError, PageRequest, is_pending},
    tui::message::{Failure, Message},
};

type Work = Pin<Box<dyn Future<Output = Option<Message>> + Send>>;

/// How many requests are counted.
const PAGE: usize = 100;

/// How often the server is asked whether it is done with pictures, and the pause before each time.
const TRIES: u32 = 30;
const PAUSE: Duration = Duration::from_secs(2);

/// The work of an effect, where it is one of these; else the effect again.
pub(super) fn work(client: Client, effect: Effect) -> Result<Work, Box<Effect>> {
    Ok(match effect {
        // Without an answer the counts stay as they were.
        Effect::LoadRequests => Box::pin(async move { requests(&client).await.ok().map(Message::Requests) }),
        Effect::StepItem { id, action } => {
            Box::pin(async move { Some(Message::Stepped(whole(client.advance_item(id, action).await))) })
        }
        Effect::AwaitItem(id) => Box::pin(async move {
            let item = finished(&client, id).await?;
            Some(Message::Stepped(Ok(Box::new(item))))
        }),
        Effect::LoadForEdit(id) => Box::pin(async move {
            let result = client.item_tagged(id).await.map(|tagged| (Box::new(tagged.value), tagged.etag));
            Some(Message::Editable(result.map_err(|error| failure(&error))))
        }),
        Effect::List { item, form, key } => Box::pin(async move {
            Some(Message::Listed { form, result: whole(client.create_item(&item, Some(&key)).await) })
        }),
        Effect::EditItem { id, patch, images, etag, form } => Box::pin(async move {
            let result = whole(change(&client, id, (patch, images), etag.as_deref()).await);
            Some(Message::Listed { form, result })
        }),
        Effect::LoadListing => Box::pin(async move {
            let drafts = client.drafts().ok().flatten()?;
            let kept = serde_json::from_value(drafts.read_listing()?).ok()?;
            Some(Message::ListingKept(Box::new(kept)))
        }),
        other => return Err(Box::new(other)),
    })
}

fn whole(result: Result<Item, ClientError>) -> Result<Box<Item>, Failure> {
    result.map(Box::new).map_err(|error| failure(&error))
}

/// An item once the server is done with its pictures; nothing where that takes too long.
async fn finished(client: &Client, id: ItemId) -> Option<Item> {
    for _ in 0..TRIES {
        tokio::time::sleep(PAUSE).await;
        let item = client.item(id).await.ok()?;
        if !is_pending(&item) {
            return Some(item);
        }
    }
    None
}

async fn requests(client: &Client) -> Result<Vec<ItemId>, ClientError> {
    let query = BookingQuery { role: Some(Side::Seller), status: vec![BookingStatus::Pending] };
    let page = client.bookings(&query, PageRequest { limit: Some(PAGE), cursor: None }).await?;
    Ok(page.bookings.into_iter().map(|booking| booking.item.id).collect())
}

/// Changes what is written, unless somebody else has meanwhile, and then the pictures.
async fn change(
    client: &Client,
    id: ItemId,
    (patch, images): (Map<String, Value>, Option<Vec<ImageId>>),
    etag: Option<&str>,
) -> Result<Item, ClientError> {
    let mut item = None;
    if !patch.is_empty() {
        item = Some(client.edit_item(id, &patch, etag).await?);
    }
    if let Some(images) = images {
        item = Some(client.set_item_images(id, images).await?);
    }
    match item {
        Some(item) => Ok(item),
        None => client.item(id).await,
    }
}
