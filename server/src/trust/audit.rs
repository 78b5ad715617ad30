//! The audit log: one row for every act of a moderator or an administrator, in the transaction of the act.

use campuszon_core::{
    CampusId, UserId,
    id::AuditId,
    wire::trust::{AuditAction, TargetKind},
};

use super::store;
use crate::{Error, platform::database::Tx};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act<'a> {
    /// Who did it; absent for what the server did by itself.
    pub actor: Option<UserId>,
    /// What they did.
    pub action: AuditAction,
    /// To what kind of thing.
    pub kind: TargetKind,
    /// To which one.
    pub target: &'a str,
    /// Why, or how much.
    pub detail: Option<&'a str>,
}

/// Writes an act down.
///
/// # Errors
/// The database's.
pub fn note(tx: &mut Tx<'_>, campus: CampusId, act: &Act<'_>) -> Result<AuditId, Error> {
    let id = tx.new_id();
    store::insert_audit(tx, campus, id, act)?;
    Ok(id)
}
