//! Who may see what of the campus.

use campuszon_core::{
    ReportId, UserId,
    form::Form,
    id::AuditId,
    permission::Permission,
    wire::trust::{AuditEntry, ModeratedItem, ModeratedReport, ModeratedUser, ReportStatus, Stats, TargetKind},
};

use super::store;
pub use super::store::{ItemFilter, UserFilter};
use crate::{Error, Principal, platform::database::Tx};

impl UserFilter {
    /// Reads the filters of a query; the faults stay with the form.
    pub fn read(form: &mut Form) -> Self {
        let text = form.text("q").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Self { text, status: form.parsed("status"), role: form.parsed("role") }
    }
}

impl ItemFilter {
    /// Reads the filters of a query; the faults stay with the form.
    pub fn read(form: &mut Form) -> Self {
        Self { status: form.parsed("status"), hidden: form.boolean("hidden") }
    }
}

/// Users of the campus, newest first.
///
/// # Errors
/// The caller is no moderator.
pub fn users(
    tx: &mut Tx<'_>,
    who: &Principal,
    filter: &UserFilter,
    before: Option<UserId>,
    limit: i64,
) -> Result<Vec<ModeratedUser>, Error> {
    who.require(Permission::Moderate)?;
    Ok(store::users(tx, who.campus, filter, before, limit)?)
}

/// Items of the campus with their numbers, newest first.
///
/// # Errors
/// The caller is no moderator.
pub fn items(
    tx: &mut Tx<'_>,
    who: &Principal,
    filter: ItemFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, ModeratedItem)>, Error> {
    who.require(Permission::Moderate)?;
    Ok(store::items(tx, who.campus, &filter, before, limit)?)
}

/// Reports of the campus, newest first.
///
/// # Errors
/// The caller is no moderator.
pub fn reports(
    tx: &mut Tx<'_>,
    who: &Principal,
    status: Option<ReportStatus>,
    before: Option<ReportId>,
    limit: i64,
) -> Result<Vec<ModeratedReport>, Error> {
    who.require(Permission::Moderate)?;
    Ok(store::reports(tx, who.campus, status, before, limit)?)
}

/// The audit log of the campus, newest first. The codes of vouchers are for administrators: who reads one can redeem it.
///
/// # Errors
/// The caller is no moderator.
pub fn audit(tx: &mut Tx<'_>, who: &Principal, before: Option<AuditId>, limit: i64) -> Result<Vec<AuditEntry>, Error> {
    who.require(Permission::Moderate)?;
    let mut entries = store::audit(tx, who.campus, before, limit)?;
    if who.require(Permission::Administer).is_err() {
        for entry in entries.iter_mut().filter(|entry| entry.target_kind == TargetKind::Voucher) {
            "…".clone_into(&mut entry.target_id);
        }
    }
    Ok(entries)
}

/// The numbers of the campus.
///
/// # Errors
/// The caller is no moderator.
pub fn stats(tx: &mut Tx<'_>, who: &Principal) -> Result<Stats, Error> {
    who.require(Permission::Moderate)?;
    Ok(store::stats(tx, who.campus)?)
}
