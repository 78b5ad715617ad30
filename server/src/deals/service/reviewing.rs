//! Reviews: each side of a completed deal may write one, and neither reads the other's before both are written or the
//! time for writing is over.

use campuszon_core::{BookingId, CampusId, ReviewId, UserId, booking::BookingStatus, form::Form, text};

use super::{
    super::store::{self, StoredBooking, StoredReview},
    party, telling,
};
use crate::{Error, Principal, platform::database::Tx, users};

/// A checked review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReview {
    rating: i64,
    comment: Option<String>,
}

impl NewReview {
    /// Reads the body of a review.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let rating = form.integer("rating", 1..=5);
        let rating = form.require("rating", rating);
        let comment = form.text("comment").and_then(|raw| form.check(text::block("comment", &raw, 1..=1000)));
        Ok(form.finish(rating.map(|rating| Self { rating, comment }))?)
    }
}

/// Reads the body of an answer to a review.
///
/// # Errors
/// Every fault.
pub fn answer_text(mut form: Form) -> Result<String, Error> {
    let answer = form.required_text("answer").and_then(|raw| form.check(text::block("answer", &raw, 1..=1000)));
    Ok(form.finish(answer)?)
}

/// Reviews a completed deal of the caller.
///
/// # Errors
/// It is not completed, the time for reviews is over, or the caller wrote one before.
pub fn review(tx: &mut Tx<'_>, who: &Principal, id: BookingId, new: &NewReview) -> Result<StoredReview, Error> {
    let (booking, side) = party(tx, who, id)?;
    let status = booking.deal.status;
    let ended_at = booking.ended_at.filter(|_| status == BookingStatus::Completed);
    let reveal_at = match ended_at {
        Some(ended_at) => ended_at + tx.settings().reviews.reveal_after,
        None => return Err(Error::Conflict(format!("cannot review a booking that is {status}"))),
    };
    if reveal_at <= tx.now() {
        return Err(Error::Conflict("the booking is completed, and the time for its reviews is over".to_owned()));
    }
    let author = users::service::user(tx, who.campus, who.user)?;
    let review = StoredReview {
        id: tx.new_id(),
        booking: id,
        author: who.user,
        author_name: author.name,
        subject: booking.user(side.other()),
        rating: new.rating,
        comment: new.comment.clone(),
        answer: None,
        revealed: false,
        reveal_at,
        created_at: tx.now(),
    };
    if !store::insert_review(tx, who.campus, &review)? {
        return Err(Error::Conflict("the booking is completed, and you have reviewed it already".to_owned()));
    }
    let written = store::reviews_of_booking(tx, who.campus, id)?;
    if written.len() > 1 {
        for review in &written {
            show(tx, who.campus, &booking, review)?;
        }
    } else {
        let title = format!("{} has reviewed your deal: write yours to read it", review.author_name);
        telling::reviewed(tx, who.campus, review.subject, title, &booking)?;
    }
    store::review(tx, who.campus, review.id)?.ok_or(Error::NotFound("review"))
}

/// Shows a review to others, and lets it count.
fn show(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking, review: &StoredReview) -> Result<(), Error> {
    if !store::reveal(tx, campus, review.id)? {
        return Ok(());
    }
    users::store::add_rating(tx, campus, review.subject, review.rating)?;
    let title = format!("{} gave you {} of 5", review.author_name, review.rating);
    telling::reviewed(tx, campus, review.subject, title, booking)
}

/// Reviews of every campus that are due to be shown, at most `limit`.
///
/// # Errors
/// The database's.
pub fn due_reviews(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(CampusId, ReviewId)>, Error> {
    Ok(store::due_reviews(tx, limit)?)
}

/// Shows a review whose time has come.
///
/// # Errors
/// The database's.
pub fn reveal_due(tx: &mut Tx<'_>, campus: CampusId, id: ReviewId) -> Result<(), Error> {
    let Some(review) = store::review(tx, campus, id)?.filter(|review| review.reveal_at <= tx.now()) else {
        return Ok(());
    };
    match store::booking(tx, campus, review.booking)? {
        Some(booking) => show(tx, campus, &booking, &review),
        None => Ok(()),
    }
}

/// Answers a review of the caller, once.
///
/// # Errors
/// There is none that the caller may read, it is about somebody else, or it was answered.
pub fn answer(tx: &mut Tx<'_>, who: &Principal, id: ReviewId, text: &str) -> Result<StoredReview, Error> {
    let review = store::review(tx, who.campus, id)?.filter(|review| is_readable(review, who.user));
    let review = review.ok_or(Error::NotFound("review"))?;
    if review.subject != who.user {
        return Err(Error::Forbidden("only whom it is about may answer a review".to_owned()));
    }
    if !store::answer(tx, who.campus, id, text)? {
        return Err(Error::Conflict("you have answered this review already".to_owned()));
    }
    store::review(tx, who.campus, id)?.ok_or(Error::NotFound("review"))
}

fn is_readable(review: &StoredReview, reader: UserId) -> bool {
    review.revealed || review.author == reader
}
