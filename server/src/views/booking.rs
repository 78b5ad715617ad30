//! Bookings and reviews as their readers see them.

use campuszon_core::{
    CampusId, Decimal, ReviewId, UserId,
    booking::{BookingStatus, Side},
    picture::Size,
    wire::booking::{Author, BookedItem, Booking, Contact, Party, Review, TakenDays},
};

use crate::{
    App, Error, Principal,
    deals::{
        service,
        store::{self, StoredBooking, StoredReview, Wanted},
    },
    images, items,
    platform::database::Tx,
    users,
};

/// How far ahead the taken days of a rental are shown.
const DAYS_AHEAD: i64 = 366;

/// A booking as `reader`, one of its two parties, sees it.
///
/// # Errors
/// The reader is neither.
pub fn show(tx: &mut Tx<'_>, campus: CampusId, reader: UserId, booking: &StoredBooking) -> Result<Booking, Error> {
    let role = booking.side_of(reader).ok_or(Error::NotFound("booking"))?;
    let currency = tx.settings().currency;
    let status = booking.deal.status;
    let confirmed = [Side::Buyer, Side::Seller].into_iter().filter(|side| booking.deal.has_confirmed(*side));
    let waiting = if booking.is_waiting() { Some(store::waiting_place(tx, campus, booking)?) } else { None };
    Ok(Booking {
        id: booking.id,
        item: item(tx, campus, booking)?,
        role,
        peer: peer(tx, campus, booking.user(role.other()))?,
        status,
        turn: (status == BookingStatus::Pending).then_some(booking.deal.turn),
        version: booking.deal.version,
        rounds: booking.deal.rounds,
        list_price: Decimal::from_minor(booking.list_price, currency),
        price: Decimal::from_minor(booking.price, currency),
        currency: currency.to_string(),
        message: booking.message.clone(),
        meet_at: booking.meet_at,
        meet_place: booking.meet_place.clone(),
        from: booking.days.map(|days| days.0),
        to: booking.days.map(|days| days.1),
        waiting,
        deadline_at: booking.deadline_at,
        extended: booking.deal.extended,
        confirmed: confirmed.collect(),
        reason: booking.reason.clone(),
        handover_code: booking.handover_code.clone().filter(|_| role == Side::Buyer),
        contact: contact(tx, campus, role, booking)?,
        reviewed: store::has_reviewed(tx, campus, booking.id, reader)?,
        chat: booking.chat,
        created_at: booking.created_at,
        updated_at: booking.updated_at,
        accepted_at: booking.accepted_at,
        ended_at: booking.ended_at,
    })
}

fn item(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<BookedItem, Error> {
    let address = |key: &String| images::address(tx.public_url(), key, Size::Thumbnail);
    let thumbnail = booking.thumbnail.as_ref().map(address);
    Ok(BookedItem {
        id: booking.item,
        title: booking.title.clone(),
        listing: booking.listing,
        rent_period: booking.rent_period,
        thumbnail,
        status: items::service::find(tx, campus, booking.item)?.status,
    })
}

fn peer(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<Party, Error> {
    let user = users::service::user(tx, campus, user)?;
    Ok(Party { id: user.id, rating: user.rating(), name: user.name })
}

/// The buyer reads the seller's card while they have the item unlocked; the seller reads the buyer's once agreed.
fn contact(tx: &mut Tx<'_>, campus: CampusId, role: Side, booking: &StoredBooking) -> Result<Option<Contact>, Error> {
    let may = match role {
        Side::Buyer => service::is_unlocked(tx, campus, booking.item, booking.buyer)?,
        Side::Seller => matches!(booking.deal.status, BookingStatus::Accepted | BookingStatus::Completed),
    };
    if !may {
        return Ok(None);
    }
    service::contact(tx, campus, booking.user(role.other())).map(Some)
}

/// The caller's bookings that are asked for.
///
/// # Errors
/// The database's.
pub fn list(tx: &mut Tx<'_>, who: &Principal, wanted: &Wanted) -> Result<Vec<Booking>, Error> {
    let bookings = service::list(tx, who, wanted)?;
    bookings.iter().map(|booking| show(tx, who.campus, who.user, booking)).collect()
}

/// The days of a rental that are taken, from today on.
///
/// # Errors
/// The database's.
pub fn taken(tx: &mut Tx<'_>, campus: CampusId, item: campuszon_core::ItemId) -> Result<Vec<TakenDays>, Error> {
    let today = campuszon_core::Day::of(tx.now(), &tx.settings().timezone);
    let last = campuszon_core::Day::from_number(today.number() + DAYS_AHEAD);
    let mut spans: Vec<TakenDays> = Vec::new();
    for day in store::claimed_days(tx, campus, item, today, last)? {
        match spans.last_mut() {
            Some(span) if span.to.number() + 1 == day.number() => span.to = day,
            _ => spans.push(TakenDays { from: day, to: day }),
        }
    }
    Ok(spans)
}

/// A review as `reader` sees it.
pub fn review(reader: UserId, review: StoredReview) -> Review {
    let is_party = reader == review.author || reader == review.subject;
    Review {
        id: review.id,
        booking: is_party.then_some(review.booking),
        author: Author { id: review.author, name: review.author_name },
        subject: review.subject,
        rating: review.rating,
        comment: review.comment,
        answer: review.answer,
        shown: review.revealed,
        created_at: review.created_at,
    }
}

/// Reviews of a user, newest first, those before `before`.
///
/// # Errors
/// There is no such user.
pub fn reviews(
    tx: &mut Tx<'_>,
    app: &App,
    who: &Principal,
    subject: UserId,
    before: Option<ReviewId>,
    limit: i64,
) -> Result<Vec<Review>, Error> {
    super::profile::public(tx, &app.hub, who.campus, subject)?;
    let reviews = store::reviews(tx, who.campus, subject, who.user, before, limit)?;
    Ok(reviews.into_iter().map(|found| review(who.user, found)).collect())
}
