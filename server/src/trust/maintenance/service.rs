//! Administrators begin and end maintenance, each time with a row in the audit log.

use campuszon_core::{
    form::Form,
    permission::Permission,
    text,
    wire::{
        maintenance::Maintenance,
        trust::{AuditAction, TargetKind},
    },
};

use super::super::audit::{self, Act};
use crate::{
    Error, Principal,
    platform::{database::Tx, maintenance},
};

/// Reads what is said about it; the faults stay with the form.
pub fn read_message(form: &mut Form) -> Option<String> {
    form.text("message").and_then(|raw| form.check(text::line("message", &raw, 1..=300)))
}

/// Begins it, or says something else about it.
///
/// # Errors
/// The caller is no administrator.
pub fn begin(tx: &mut Tx<'_>, who: &Principal, message: Option<String>) -> Result<Maintenance, Error> {
    who.require(Permission::Administer)?;
    let since = maintenance::stored(tx)?.map_or_else(|| tx.now(), |earlier| earlier.since);
    let begun = Maintenance { message, since };
    maintenance::store(tx, &begun)?;
    note(tx, who, AuditAction::BeginMaintenance, begun.message.as_deref())?;
    Ok(begun)
}

/// Ends it, where there is any.
///
/// # Errors
/// The caller is no administrator.
pub fn end(tx: &mut Tx<'_>, who: &Principal) -> Result<(), Error> {
    who.require(Permission::Administer)?;
    if !maintenance::clear(tx)? {
        return Ok(());
    }
    note(tx, who, AuditAction::EndMaintenance, None)
}

fn note(tx: &mut Tx<'_>, who: &Principal, action: AuditAction, detail: Option<&str>) -> Result<(), Error> {
    let act = Act { actor: Some(who.user), action, kind: TargetKind::Server, target: "server", detail };
    audit::note(tx, who.campus, &act)?;
    Ok(())
}
