//! Reading the ledger, redeeming vouchers, and making them.

use std::time::Duration;

use campuszon_core::{
    Timestamp,
    form::Form,
    voucher::VoucherCode,
    wire::wallet::{Redeemed, TokenEntry, TokenReason, Voucher},
};

use super::{super::ledger, store};
use crate::{Error, Principal, platform::database::Tx};

/// The most tokens that a voucher or a grant brings at once.
pub const MOST_TOKENS: i64 = 1_000;

/// The caller's balance, and entries of their ledger with numbers below `before`.
///
/// # Errors
/// The database's.
pub fn wallet(
    tx: &mut Tx<'_>,
    who: &Principal,
    before: Option<i64>,
    limit: i64,
) -> Result<(i64, Vec<(i64, TokenEntry)>), Error> {
    let balance = ledger::balance(tx, who.campus, who.user)?;
    Ok((balance, store::entries(tx, who.campus, who.user, before.unwrap_or(i64::MAX), limit)?))
}

/// Gives the caller what a voucher brings, once.
///
/// # Errors
/// Redeemed before by the caller; or one fault for what is unknown, has ended or is used up, so that nobody learns which
/// codes there are.
pub fn redeem(tx: &mut Tx<'_>, who: &Principal, code: Option<&VoucherCode>) -> Result<Redeemed, Error> {
    let code = code.ok_or_else(no_voucher)?.as_str();
    if ledger::has_entry(tx, who.campus, who.user, TokenReason::Voucher, code)? {
        return Err(Error::Conflict("you have redeemed this voucher already".to_owned()));
    }
    let voucher = store::voucher(tx, who.campus, code)?.ok_or_else(no_voucher)?;
    if !store::use_voucher(tx, who.campus, code)? {
        return Err(no_voucher());
    }
    ledger::give(tx, who.campus, who.user, voucher.tokens, TokenReason::Voucher, code)?;
    Ok(Redeemed { added: voucher.tokens, tokens: ledger::balance(tx, who.campus, who.user)? })
}

fn no_voucher() -> Error {
    Error::invalid(
        "code",
        "not_redeemable",
        "is no voucher that can be redeemed: it is unknown, has ended or is used up",
    )
}

/// A checked wish for a voucher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewVoucher {
    /// How many each redemption brings.
    pub tokens: i64,
    /// How many users may redeem it.
    pub uses: i64,
    lifetime: Option<Duration>,
}

impl NewVoucher {
    /// Reads the body of a new voucher; the faults stay with the form.
    pub fn read(form: &mut Form) -> Option<Self> {
        let tokens = form.integer("tokens", 1..=MOST_TOKENS);
        let tokens = form.require("tokens", tokens);
        let uses = form.integer("uses", 1..=1_000_000).unwrap_or(1);
        let days = form.integer("expires_in_days", 1..=3_650);
        let lifetime = days.map(|days| Duration::from_secs(days.unsigned_abs() * 24 * 60 * 60));
        tokens.map(|tokens| Self { tokens, uses, lifetime })
    }
}

/// Makes a voucher with a code of its own.
///
/// # Errors
/// The database's.
pub fn create_voucher(tx: &mut Tx<'_>, who: &Principal, new: &NewVoucher) -> Result<Voucher, Error> {
    let voucher = Voucher {
        code: VoucherCode::from_bits(tx.entropy().u128()).to_string(),
        tokens: new.tokens,
        uses: new.uses,
        used: 0,
        expires_at: new.lifetime.map(|lifetime| tx.now() + lifetime),
        created_at: tx.now(),
    };
    store::insert_voucher(tx, who.campus, &voucher, who.user)?;
    Ok(voucher)
}

/// Vouchers of the campus, newest first; with `before` only those after that one in the list.
///
/// # Errors
/// The database's.
pub fn vouchers(
    tx: &mut Tx<'_>,
    who: &Principal,
    before: Option<&(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<Voucher>, Error> {
    let first = (Timestamp::from_millis(i64::MAX), "");
    let before = before.map_or(first, |(created_at, code)| (*created_at, code.as_str()));
    Ok(store::vouchers(tx, who.campus, before, limit)?)
}

/// Ends a voucher. What it brought stays.
///
/// # Errors
/// There is none.
pub fn delete_voucher(tx: &mut Tx<'_>, who: &Principal, code: &VoucherCode) -> Result<(), Error> {
    if store::delete_voucher(tx, who.campus, code.as_str())? { Ok(()) } else { Err(Error::NotFound("voucher")) }
}
