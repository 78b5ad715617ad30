//! The ledger of marketplace tokens: the one place where balances move. An entry is never changed; it is made at most
//! once for each user, reason and reference.

use campuszon_core::{CampusId, UserId, wire::wallet::TokenReason};

use super::store;
use crate::{Error, platform::database::Tx};

/// Milliseconds of a week.
const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;

/// 1970-01-01 was a Thursday: weeks that begin on Mondays began three days before.
const MONDAY: i64 = 3 * 24 * 60 * 60 * 1000;

/// Gives tokens, once for this reason and reference; `false` when they were given before, or are none.
///
/// # Errors
/// The database's.
pub fn give(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    tokens: i64,
    reason: TokenReason,
    reference: &str,
) -> Result<bool, Error> {
    if tokens <= 0 || store::has_token_entry(tx, campus, user, reason, reference)? {
        return Ok(false);
    }
    store::insert_token_entry(tx, campus, user, tokens, reason, reference)?;
    Ok(true)
}

/// Whether the ledger of a user has an entry for this reason and reference.
///
/// # Errors
/// The database's.
pub fn has_entry(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    reason: TokenReason,
    reference: &str,
) -> Result<bool, Error> {
    Ok(store::has_token_entry(tx, campus, user, reason, reference)?)
}

/// Takes the price of an unlock.
///
/// # Errors
/// The balance is too small.
pub fn pay(tx: &mut Tx<'_>, campus: CampusId, user: UserId, price: i64, reference: &str) -> Result<(), Error> {
    if price == 0 {
        return Ok(());
    }
    let balance = balance(tx, campus, user)?;
    if balance < price {
        return Err(Error::InsufficientTokens { price, balance });
    }
    Ok(store::insert_token_entry(tx, campus, user, -price, TokenReason::Unlock, reference)?)
}

/// The balance of a user.
///
/// # Errors
/// There is no such user.
pub fn balance(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<i64, Error> {
    Ok(store::user(tx, campus, user)?.ok_or(Error::NotFound("user"))?.tokens)
}

/// Lifts the balances that are below the weekly minimum when a week begins, of at most `limit` users; each mailbox once,
/// however its address is spelled. Answers whom it gave how much; nobody once the week is done.
///
/// # Errors
/// The database's.
pub fn top_up(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<(CampusId, UserId, i64)>, Error> {
    let minimum = i64::from(tx.settings().tokens.weekly_top_up);
    let week = (tx.now().millis() + MONDAY).div_euclid(WEEK);
    if store::top_up_week(tx)?.is_some_and(|done| done >= week) {
        return Ok(Vec::new());
    }
    let mut lifted = Vec::new();
    let poor = store::below(tx, minimum, week, limit)?;
    if poor.is_empty() {
        store::set_top_up_week(tx, week)?;
    }
    for poor in poor {
        store::note_top_up(tx, poor.campus, &poor.address_hash, week)?;
        let tokens = minimum - poor.tokens;
        if give(tx, poor.campus, poor.user, tokens, TokenReason::TopUp, &week.to_string())? {
            lifted.push((poor.campus, poor.user, tokens));
        }
    }
    Ok(lifted)
}
