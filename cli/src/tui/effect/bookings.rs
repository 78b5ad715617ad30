//! Effects of bookings: each is one call, and one message with its answer.

use std::pin::Pin;

use campuszon_core::{BookingId, UserId, wire::booking::Review};

use super::{Effect, failure};
use crate::{
    client::{Client, ClientError, PageRequest},
    tui::message::Message,
};

type Work = Pin<Box<dyn Future<Output = Message> + Send>>;

/// How many reviews are asked for at once.
const PAGE: usize = 100;

/// The work of an effect, where it is one of these; else the effect again.
pub(super) fn work(client: Client, effect: Effect) -> Result<Work, Box<Effect>> {
    Ok(match effect {
        Effect::Unlock { id, key } => Box::pin(async move {
            let result = client.unlock(id, Some(&key)).await.map(Box::new).map_err(|error| failure(&error));
            Message::Unlocked { id, result }
        }),
        Effect::Review { booking, review, form, key } => Box::pin(async move {
            let result = client.review(booking, &review, Some(&key)).await;
            Message::Reviewed { form, result: result.map(Box::new).map_err(|error| failure(&error)) }
        }),
        Effect::Answer { review, answer } => Box::pin(async move {
            let result = client.answer_review(review, answer).await;
            Message::Answered(result.map(Box::new).map_err(|error| failure(&error)))
        }),
        Effect::LoadReviews { booking, me, peer } => Box::pin(async move {
            // What cannot be had now counts as not written: the next look at the list asks again.
            let theirs = find(&client, me, booking).await.unwrap_or_default().map(Box::new);
            let mine = find(&client, peer, booking).await.unwrap_or_default().map(Box::new);
            Message::Reviews { booking, mine, theirs }
        }),
        other => return Err(Box::new(other)),
    })
}

/// What was written of a user on the occasion of a booking, among the newest.
async fn find(client: &Client, user: UserId, booking: BookingId) -> Result<Option<Review>, ClientError> {
    let page = client.reviews(user, PageRequest { limit: Some(PAGE), cursor: None }).await?;
    Ok(page.reviews.into_iter().find(|review| review.booking == Some(booking)))
}
