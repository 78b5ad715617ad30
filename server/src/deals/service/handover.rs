//! The handover: by the buyer's code, or by the word of both.

use campuszon_core::{
    BookingId, CampusId,
    booking::{Action, BookingStatus, MAX_CODE_ATTEMPTS},
    item, text,
    wire::wallet::TokenReason,
};

use super::{
    super::store::{self, StoredBooking},
    act, ending, party, save, telling,
};
use crate::{Error, Principal, items, platform::database::Tx, users::ledger};

/// How far back a reward for a deal of the same two counts.
const REWARDED_ONCE_IN: std::time::Duration = std::time::Duration::from_secs(30 * 24 * 60 * 60);

/// What became of an attempt. A wrong code is counted although the request fails, so it is no error here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedOver {
    /// The booking is completed, or one word nearer to it.
    Done,
    /// The code is another; so many attempts are left.
    WrongCode(i64),
}

/// Completes an accepted booking with the buyer's code, or notes that the caller says it was handed over.
///
/// # Errors
/// The booking is not accepted, the caller may not, or too many wrong codes were tried.
pub fn complete(tx: &mut Tx<'_>, who: &Principal, id: BookingId, code: Option<&str>) -> Result<HandedOver, Error> {
    let (before, side) = party(tx, who, id)?;
    let action = if code.is_some() { Action::HandOver } else { Action::Confirm };
    let mut after = act(tx, &before, action, side)?;
    if let Some(code) = code {
        if before.code_attempts >= MAX_CODE_ATTEMPTS {
            let message = format!(
                "the booking is accepted, but {MAX_CODE_ATTEMPTS} wrong codes ended the entry of codes: \
                 confirm without a code, and let the other do so too"
            );
            return Err(Error::Conflict(message));
        }
        if before.handover_code.as_deref() != Some(code) {
            return wrong_code(tx, who.campus, &before);
        }
    }
    if after.deal.status == BookingStatus::Completed {
        finish(tx, who.campus, &before, after)?;
        return Ok(HandedOver::Done);
    }
    after.deadline_at = Some(tx.now() + tx.settings().bookings.confirm_timeout);
    let after = save(tx, who.campus, &before, after)?;
    telling::confirmed(tx, who.campus, &after, side)?;
    Ok(HandedOver::Done)
}

fn wrong_code(tx: &mut Tx<'_>, campus: CampusId, before: &StoredBooking) -> Result<HandedOver, Error> {
    let code_attempts = before.code_attempts + 1;
    let after = StoredBooking { code_attempts, updated_at: tx.now(), ..before.clone() };
    save(tx, campus, before, after)?;
    Ok(HandedOver::WrongCode(MAX_CODE_ATTEMPTS - code_attempts))
}

/// Ends a booking as a deal: the item is sold, a rental's days stay taken, both are rewarded, and the others who asked
/// get their tokens back.
pub(super) fn finish(
    tx: &mut Tx<'_>,
    campus: CampusId,
    before: &StoredBooking,
    mut after: StoredBooking,
) -> Result<(), Error> {
    let tokens = reward(tx, campus, &after)?;
    after.rewarded = tokens > 0;
    let after = save(tx, campus, before, after)?;
    telling::completed(tx, campus, &after)?;
    if tokens > 0 {
        let title = format!("A deal done: you get {}", text::count(tokens, "token"));
        for user in [after.buyer, after.seller] {
            telling::tokens(tx, campus, user, title.clone(), Some(&after))?;
        }
    }
    if after.days.is_some() {
        return ending::supersede_overlapping(tx, campus, &after);
    }
    store::release_claims(tx, campus, after.id)?;
    items::service::advance(tx, campus, after.item, item::Action::Sell)
}

/// Gives both sides their reward, when the unlock was paid for and the two had none of late. Answers how much each got.
fn reward(tx: &mut Tx<'_>, campus: CampusId, booking: &StoredBooking) -> Result<i64, Error> {
    let tokens = i64::from(tx.settings().tokens.deal_reward);
    let unlock = store::unlock(tx, campus, booking.unlock)?;
    let was_paid = unlock.is_some_and(|unlock| unlock.price > 0 && unlock.closed_at.is_none());
    let since = tx.now() - REWARDED_ONCE_IN;
    if tokens == 0 || !was_paid || store::had_reward(tx, campus, booking.buyer, booking.seller, since)? {
        return Ok(0);
    }
    for user in [booking.buyer, booking.seller] {
        ledger::give(tx, campus, user, tokens, TokenReason::DealReward, &booking.id.to_string())?;
    }
    Ok(tokens)
}
