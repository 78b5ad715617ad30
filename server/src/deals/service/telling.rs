//! What the two hear of a booking: a card in their chat, an entry in the other's feed, and the booking itself on every
//! live connection of both. All of it commits with the change it tells of.

use campuszon_core::{
    CampusId, Decimal, UserId,
    booking::Side,
    wire::{live::ServerFrame, notification::NotificationKind},
};

use super::super::store::{self, StoredBooking};
use crate::{
    Error, chat,
    event::ItemEnd,
    notifications::{self, service::News},
    platform::{database::Tx, inbox},
    users, views,
};

/// What the parties read when the end of an item ends their booking.
pub(super) fn reason_of(end: ItemEnd) -> &'static str {
    match end {
        ItemEnd::Sold => "the item was sold elsewhere",
        ItemEnd::Withdrawn => "the item was taken off the list",
        ItemEnd::Removed => "the item was removed by a moderator",
    }
}

/// What happened to a booking, in words.
struct Happened<'a> {
    booking: &'a StoredBooking,
    /// Whose doing it is; the server's when absent.
    by: Option<Side>,
    kind: NotificationKind,
    /// For both, in their chat.
    card: String,
    /// For those who did not do it themselves, in their feed.
    title: String,
}

impl Happened<'_> {
    fn tell(self, tx: &mut Tx<'_>, campus: CampusId) -> Result<(), Error> {
        let booking = self.booking;
        let sender = self.by.map(|side| booking.user(side));
        chat::service::post_card(tx, campus, booking.chat, sender, booking.id, &self.card)?;
        for side in [Side::Buyer, Side::Seller] {
            if self.by != Some(side) {
                let news = News { body: booking.reason.clone(), ..news(self.kind, self.title.clone(), booking) };
                notifications::service::tell(tx, campus, booking.user(side), news)?;
            }
        }
        push(tx, campus, booking)
    }
}

fn news(kind: NotificationKind, title: String, booking: &StoredBooking) -> News {
    News { item: Some(booking.item), chat: Some(booking.chat), booking: Some(booking.id), ..News::new(kind, title) }
}

/// Sends the booking as it is now to both, each as they see it.
fn push(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    for user in [booking.buyer, booking.seller] {
        let seen = Box::new(views::booking::show(tx, campus, user, booking)?);
        inbox::deliver(tx, campus, user, |since| ServerFrame::Booking { booking: seen, since })?;
    }
    Ok(())
}

fn price(tx: &Tx<'_>, booking: &StoredBooking) -> String {
    let currency = tx.settings().currency;
    format!("{} {currency}", Decimal::from_minor(booking.price, currency))
}

fn name(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<String, Error> {
    Ok(users::service::user(tx, campus, user)?.name)
}

fn with_reason(sentence: &str, booking: &StoredBooking) -> String {
    match &booking.reason {
        Some(reason) => format!("{sentence}: {reason}"),
        None => sentence.to_owned(),
    }
}

pub(super) fn requested(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let (price, buyer) = (price(tx, booking), name(tx, campus, booking.buyer)?);
    let days = booking.days.map(|(first, last)| format!(", from {first} to {last}")).unwrap_or_default();
    let word = booking.message.as_ref().map(|message| format!("\n\n{message}")).unwrap_or_default();
    let card = format!("Asks for this at {price}{days}.{word}");
    let title = format!("{buyer} asks for “{}” at {price}{days}", booking.title);
    let kind = NotificationKind::BookingRequested;
    Happened { booking, by: Some(Side::Buyer), kind, card, title }.tell(tx, campus)?;
    if booking.is_waiting() {
        waits(tx, campus, booking)?;
    }
    Ok(())
}

pub(super) fn countered(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking, by: Side) -> Result<(), Error> {
    let (price, who) = (price(tx, booking), name(tx, campus, booking.user(by))?);
    let title = format!("{who} offers {price} for “{}”", booking.title);
    let card = format!("Another offer: {price}.");
    Happened { booking, by: Some(by), kind: NotificationKind::BookingCountered, card, title }.tell(tx, campus)
}

pub(super) fn accepted(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking, by: Side) -> Result<(), Error> {
    let (price, who) = (price(tx, booking), name(tx, campus, booking.user(by))?);
    let title = format!("{who} accepts {price} for “{}”", booking.title);
    let card = format!("Agreed at {price}. The buyer tells the handover code when you meet.");
    Happened { booking, by: Some(by), kind: NotificationKind::BookingAccepted, card, title }.tell(tx, campus)
}

pub(super) fn declined(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let title = format!("Your request for “{}” was declined", booking.title);
    let card = with_reason("Declined", booking);
    Happened { booking, by: Some(Side::Seller), kind: NotificationKind::BookingDeclined, card, title }.tell(tx, campus)
}

pub(super) fn cancelled(
    tx: &mut Tx<'_>,
    campus: CampusId,
    booking: &StoredBooking,
    by: Option<Side>,
) -> Result<(), Error> {
    let title = format!("The booking of “{}” was cancelled", booking.title);
    let sentence = by.map_or_else(|| "Cancelled".to_owned(), |side| format!("Cancelled by the {side}"));
    let card = with_reason(&sentence, booking);
    Happened { booking, by, kind: NotificationKind::BookingCancelled, card, title }.tell(tx, campus)
}

pub(super) fn expired(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let title = format!("The time for the booking of “{}” has run out", booking.title);
    let card = "Its time has run out.".to_owned();
    Happened { booking, by: None, kind: NotificationKind::BookingExpired, card, title }.tell(tx, campus)
}

pub(super) fn superseded(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let card = "The item went to somebody else.".to_owned();
    // Its seller knows.
    chat::service::post_card(tx, campus, booking.chat, None, booking.id, &card)?;
    let title = format!("“{}” went to somebody else", booking.title);
    let news = news(NotificationKind::BookingSuperseded, title, booking);
    notifications::service::tell(tx, campus, booking.buyer, news)?;
    push(tx, campus, booking)
}

pub(super) fn extended(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    chat::service::post_card(tx, campus, booking.chat, Some(booking.seller), booking.id, "There is more time now.")?;
    push(tx, campus, booking)
}

/// One of the two says that it was handed over.
pub(super) fn confirmed(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking, by: Side) -> Result<(), Error> {
    let who = name(tx, campus, booking.user(by))?;
    let title = format!("{who} says that “{}” was handed over: confirm it, or cancel", booking.title);
    let card = format!("Handed over, says the {by}. Silence confirms it.");
    Happened { booking, by: Some(by), kind: NotificationKind::BookingCompleted, card, title }.tell(tx, campus)
}

pub(super) fn completed(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let title = format!("“{}” was handed over: say how it was", booking.title);
    let card = "Handed over. You can review each other now.".to_owned();
    Happened { booking, by: None, kind: NotificationKind::BookingCompleted, card, title }.tell(tx, campus)
}

/// Tells a buyer their place in the waiting list.
pub(super) fn waits(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let place = store::waiting_place(tx, campus, booking)?;
    let title = format!("“{}” is reserved: you are number {place} on the waiting list", booking.title);
    let news = news(NotificationKind::WaitingList, title, booking);
    notifications::service::tell(tx, campus, booking.buyer, news)?;
    push(tx, campus, booking)
}

/// Tells a buyer that what they wait for is free again.
pub(super) fn moved_up(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<(), Error> {
    let title = format!("“{}” is free again: your request stands", booking.title);
    let news = news(NotificationKind::WaitingList, title, booking);
    notifications::service::tell(tx, campus, booking.buyer, news)?;
    push(tx, campus, booking)
}

/// Tells somebody that their balance moved.
pub(super) fn tokens(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    title: String,
    booking: Option<&StoredBooking>,
) -> Result<(), Error> {
    let kind = NotificationKind::Tokens;
    let news = match booking {
        Some(booking) => news(kind, title, booking),
        None => News::new(kind, title),
    };
    notifications::service::tell(tx, campus, user, news)
}

/// Tells one of the two about a review.
pub(super) fn reviewed(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    title: String,
    booking: &StoredBooking,
) -> Result<(), Error> {
    notifications::service::tell(tx, campus, user, news(NotificationKind::Review, title, booking))
}
