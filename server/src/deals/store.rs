//! The deal service's SQL: bookings and what they hold. Unlocks and reviews have files of their own.

mod reviews;
mod unlocks;

use campuszon_core::{
    BookingId, CampusId, ChatId, Day, ItemId, Timestamp, UserId,
    booking::{BookingStatus, Deal, Side},
    id::UnlockId,
    item::{Listing, RentPeriod},
};

pub use reviews::{
    StoredReview, answer, due_reviews, has_reviewed, insert_review, next_review, reveal, review, reviews,
    reviews_of_booking,
};
pub use unlocks::{
    StoredUnlock, close_unlock, insert_unlock, note_accepted, open_unlock, open_unlocks_of_item, unlock,
};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A booking, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBooking {
    /// The booking.
    pub id: BookingId,
    /// What is booked.
    pub item: ItemId,
    /// Who asked.
    pub buyer: UserId,
    /// Whose item it is.
    pub seller: UserId,
    /// Where the two talk about it.
    pub chat: ChatId,
    /// What the buyer paid for.
    pub unlock: UnlockId,
    /// Where it stands.
    pub deal: Deal,
    /// What the item was offered for.
    pub listing: Listing,
    /// What one price of a rental buys.
    pub rent_period: Option<RentPeriod>,
    /// The item's title then.
    pub title: String,
    /// The key of its first picture then.
    pub thumbnail: Option<String>,
    /// Its price then, in minor units.
    pub list_price: i64,
    /// The offer on the table, in minor units.
    pub price: i64,
    /// The buyer's word.
    pub message: Option<String>,
    /// When to meet.
    pub meet_at: Option<Timestamp>,
    /// Where to meet.
    pub meet_place: Option<String>,
    /// First and last day of a rental.
    pub days: Option<(Day, Day)>,
    /// What the buyer tells the seller when they meet.
    pub handover_code: Option<String>,
    /// How many wrong codes were tried.
    pub code_attempts: i64,
    /// Whether both got a reward for it.
    pub rewarded: bool,
    /// Why it was declined or cancelled.
    pub reason: Option<String>,
    /// When its time runs out; absent while the clock is stopped, and after the end.
    pub deadline_at: Option<Timestamp>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl StoredBooking {
    /// What `user` is in it, if anything.
    pub fn side_of(&self, user: UserId) -> Option<Side> {
        match user {
            user if user == self.buyer => Some(Side::Buyer),
            user if user == self.seller => Some(Side::Seller),
            _ => None,
        }
    }

    /// Who is on this side.
    pub fn user(&self, side: Side) -> UserId {
        match side {
            Side::Buyer => self.buyer,
            Side::Seller => self.seller,
        }
    }

    /// Whether it is pending while another booking holds the item.
    pub fn is_waiting(&self) -> bool {
        self.deal.status == BookingStatus::Pending && self.deadline_at.is_none()
    }

    /// Whether the two cannot both be accepted.
    pub fn excludes(&self, other: &Self) -> bool {
        match (self.days, other.days) {
            (Some(ours), Some(theirs)) => ours.0 <= theirs.1 && theirs.0 <= ours.1,
            _ => true,
        }
    }
}

const BOOKING: &str = "SELECT id, item_id, buyer_id, seller_id, chat_id, unlock_id, status, turn, version, rounds, extended,
     buyer_confirmed, seller_confirmed, listing, rent_period, title, thumbnail, list_price, price, message, meet_at,
     meet_place, first_day, last_day, handover_code, code_attempts, rewarded, reason, deadline_at, created_at, updated_at,
     accepted_at, ended_at FROM bookings";

fn read_booking(row: &Row<'_>) -> Result<StoredBooking, StoreError> {
    let (first, last): (Option<Day>, Option<Day>) = (row.get(22)?, row.get(23)?);
    Ok(StoredBooking {
        id: row.get(0)?,
        item: row.get(1)?,
        buyer: row.get(2)?,
        seller: row.get(3)?,
        chat: row.get(4)?,
        unlock: row.get(5)?,
        deal: Deal {
            status: row.get(6)?,
            turn: row.get(7)?,
            version: row.get(8)?,
            rounds: row.get(9)?,
            extended: row.get(10)?,
            buyer_confirmed: row.get(11)?,
            seller_confirmed: row.get(12)?,
        },
        listing: row.get(13)?,
        rent_period: row.get(14)?,
        title: row.get(15)?,
        thumbnail: row.get(16)?,
        list_price: row.get(17)?,
        price: row.get(18)?,
        message: row.get(19)?,
        meet_at: row.get(20)?,
        meet_place: row.get(21)?,
        days: first.zip(last),
        handover_code: row.get(24)?,
        code_attempts: row.get(25)?,
        rewarded: row.get(26)?,
        reason: row.get(27)?,
        deadline_at: row.get(28)?,
        created_at: row.get(29)?,
        updated_at: row.get(30)?,
        accepted_at: row.get(31)?,
        ended_at: row.get(32)?,
    })
}

/// The booking with this id.
pub fn booking(tx: &mut Tx<'_>, campus: CampusId, id: BookingId) -> Result<Option<StoredBooking>, StoreError> {
    tx.first(&format!("{BOOKING} WHERE campus_id = ?1 AND id = ?2"), params![campus, id], read_booking)
}

/// Adds a booking; `false` when its buyer has an open one of the item.
pub fn insert_booking(tx: &mut Tx<'_>, campus: CampusId, new: &StoredBooking) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO bookings (campus_id, id, item_id, buyer_id, seller_id, chat_id, unlock_id, status, turn, version,
             rounds, extended, buyer_confirmed, seller_confirmed, listing, rent_period, title, thumbnail, list_price,
             price, message, meet_at, meet_place, first_day, last_day, code_attempts, rewarded, deadline_at, created_at,
             updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
             ?22, 0, 0, ?23, ?24, ?24)
         ON CONFLICT (campus_id, item_id, buyer_id) WHERE status IN ('pending', 'accepted') DO NOTHING",
        params![
            campus,
            new.id,
            new.item,
            new.buyer,
            new.seller,
            new.chat,
            new.unlock,
            new.deal.status,
            new.deal.turn,
            new.deal.version,
            new.deal.rounds,
            new.listing,
            new.rent_period,
            new.title,
            new.thumbnail,
            new.list_price,
            new.price,
            new.message,
            new.meet_at,
            new.meet_place,
            new.days.map(|days| days.0),
            new.days.map(|days| days.1),
            new.deadline_at,
            new.created_at,
        ],
    )?;
    Ok(added == 1)
}

/// Stores what changed of a booking that was read at `version`; `false` when somebody was faster.
pub fn update_booking(
    tx: &mut Tx<'_>,
    campus: CampusId,
    version: i64,
    booking: &StoredBooking,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE bookings SET status = ?4, turn = ?5, version = ?6, rounds = ?7, extended = ?8, buyer_confirmed = ?9,
             seller_confirmed = ?10, price = ?11, handover_code = ?12, code_attempts = ?13, rewarded = ?14, reason = ?15,
             deadline_at = ?16, updated_at = ?17, accepted_at = ?18, ended_at = ?19
         WHERE campus_id = ?1 AND id = ?2 AND version = ?3",
        params![
            campus,
            booking.id,
            version,
            booking.deal.status,
            booking.deal.turn,
            booking.deal.version,
            booking.deal.rounds,
            booking.deal.extended,
            booking.deal.buyer_confirmed,
            booking.deal.seller_confirmed,
            booking.price,
            booking.handover_code,
            booking.code_attempts,
            booking.rewarded,
            booking.reason,
            booking.deadline_at,
            booking.updated_at,
            booking.accepted_at,
            booking.ended_at,
        ],
    )?;
    Ok(changed == 1)
}

/// The open bookings of an item, oldest first.
pub fn open_of_item(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<Vec<StoredBooking>, StoreError> {
    tx.query(
        &format!("{BOOKING} WHERE campus_id = ?1 AND item_id = ?2 AND status IN ('pending', 'accepted') ORDER BY id"),
        params![campus, item],
        read_booking,
    )
}

/// The open booking that `buyer` has of `item`.
pub fn open_of_buyer_and_item(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    buyer: UserId,
) -> Result<Option<StoredBooking>, StoreError> {
    tx.first(
        &format!(
            "{BOOKING} WHERE campus_id = ?1 AND item_id = ?2 AND buyer_id = ?3 AND status IN ('pending', 'accepted')"
        ),
        params![campus, item, buyer],
        read_booking,
    )
}

/// The open bookings that `buyer` asked for, oldest first.
pub fn open_of_buyer(tx: &mut Tx<'_>, campus: CampusId, buyer: UserId) -> Result<Vec<StoredBooking>, StoreError> {
    tx.query(
        &format!("{BOOKING} WHERE campus_id = ?1 AND buyer_id = ?2 AND status IN ('pending', 'accepted') ORDER BY id"),
        params![campus, buyer],
        read_booking,
    )
}

/// Which bookings of a user are asked for, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What the user is in them; either when absent.
    pub role: Option<Side>,
    /// Any of these; all when empty.
    pub statuses: Vec<BookingStatus>,
    /// Only those before this one.
    pub before: Option<BookingId>,
    /// At most so many.
    pub limit: i64,
}

/// A page of a user's bookings.
pub fn bookings(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    wanted: &Wanted,
) -> Result<Vec<StoredBooking>, StoreError> {
    let statuses = if wanted.statuses.is_empty() { BookingStatus::ALL } else { &wanted.statuses };
    // Words of a closed set, so that they may stand in the text.
    let statuses: Vec<String> = statuses.iter().map(|status| format!("'{status}'")).collect();
    let role = match wanted.role {
        Some(Side::Buyer) => "buyer_id = ?2",
        Some(Side::Seller) => "seller_id = ?2",
        None => "(buyer_id = ?2 OR seller_id = ?2)",
    };
    tx.query(
        &format!(
            "{BOOKING} WHERE campus_id = ?1 AND {role} AND status IN ({})
                 AND (CAST(?3 AS TEXT) IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4",
            statuses.join(", ")
        ),
        params![campus, user, wanted.before, wanted.limit],
        read_booking,
    )
}

/// The place of a waiting booking among those that wait for the same item, from 1.
pub fn waiting_place(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM bookings
         WHERE campus_id = ?1 AND item_id = ?2 AND status = 'pending' AND deadline_at IS NULL AND id <= ?3",
        params![campus, booking.item, booking.id],
        |row| row.get(0),
    )
}

/// Holds a day of an item, or the whole item, for a booking; `false` when another holds it.
pub fn claim(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    day: i64,
    booking: BookingId,
) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO item_claims (campus_id, item_id, day, booking_id) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (campus_id, item_id, day) DO NOTHING",
        params![campus, item, day, booking],
    )?;
    Ok(added == 1)
}

/// Lets go of all that a booking holds.
pub fn release_claims(tx: &mut Tx<'_>, campus: CampusId, booking: BookingId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM item_claims WHERE campus_id = ?1 AND booking_id = ?2", params![campus, booking])?;
    Ok(())
}

/// The days of an item that are held, from `first` to `last`, in order.
pub fn claimed_days(
    tx: &mut Tx<'_>,
    campus: CampusId,
    item: ItemId,
    first: Day,
    last: Day,
) -> Result<Vec<Day>, StoreError> {
    tx.query(
        "SELECT day FROM item_claims WHERE campus_id = ?1 AND item_id = ?2 AND day >= ?3 AND day <= ?4 ORDER BY day",
        params![campus, item, first, last],
        |row| row.get(0),
    )
}

/// Bookings of every campus whose time has run out, oldest deadline first.
pub fn due_bookings(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(CampusId, BookingId)>, StoreError> {
    let now = tx.now();
    tx.query(
        "SELECT campus_id, id FROM bookings WHERE deadline_at IS NOT NULL AND deadline_at <= ?1
         ORDER BY deadline_at LIMIT ?2",
        params![now, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// When the next booking of any campus runs out of time.
pub fn next_booking(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.one("SELECT MIN(deadline_at) FROM bookings WHERE deadline_at IS NOT NULL", &[], |row| row.get(0))
}

/// Whether the two had the reward for a deal with each other since `since`.
pub fn had_reward(
    tx: &mut Tx<'_>,
    campus: CampusId,
    one: UserId,
    other: UserId,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let found: Option<String> = tx.first(
        "SELECT id FROM bookings WHERE campus_id = ?1 AND rewarded = 1 AND ended_at > ?4
             AND ((buyer_id = ?2 AND seller_id = ?3) OR (buyer_id = ?3 AND seller_id = ?2)) LIMIT 1",
        params![campus, one, other, since],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}
