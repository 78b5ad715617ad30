//! Administrators' acts on vouchers, each a row in the audit log.

use campuszon_core::{
    Timestamp,
    permission::Permission,
    text,
    voucher::VoucherCode,
    wire::{
        trust::{AuditAction, TargetKind},
        wallet::Voucher,
    },
};

use super::super::audit::{self, Act};
use crate::{
    Error, Principal,
    platform::database::Tx,
    users::wallet::service::{self, NewVoucher},
};

/// Makes a voucher.
///
/// # Errors
/// The caller is no administrator.
pub fn create(tx: &mut Tx<'_>, who: &Principal, new: &NewVoucher) -> Result<Voucher, Error> {
    who.require(Permission::Administer)?;
    let voucher = service::create_voucher(tx, who, new)?;
    let detail = format!("{} to {}", text::count(voucher.tokens, "token"), text::count(voucher.uses, "user"));
    note(tx, who, AuditAction::CreateVoucher, &voucher.code, Some(&detail))?;
    Ok(voucher)
}

/// Ends a voucher. What it brought stays.
///
/// # Errors
/// The caller is no administrator, or there is none.
pub fn delete(tx: &mut Tx<'_>, who: &Principal, code: &VoucherCode) -> Result<(), Error> {
    who.require(Permission::Administer)?;
    service::delete_voucher(tx, who, code)?;
    note(tx, who, AuditAction::DeleteVoucher, code.as_str(), None)
}

/// The vouchers of the campus, newest first.
///
/// # Errors
/// The caller is no administrator.
pub fn list(
    tx: &mut Tx<'_>,
    who: &Principal,
    before: Option<&(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<Voucher>, Error> {
    who.require(Permission::Administer)?;
    service::vouchers(tx, who, before, limit)
}

fn note(tx: &mut Tx<'_>, who: &Principal, action: AuditAction, code: &str, detail: Option<&str>) -> Result<(), Error> {
    let act = Act { actor: Some(who.user), action, kind: TargetKind::Voucher, target: code, detail };
    audit::note(tx, who.campus, &act)?;
    Ok(())
}
