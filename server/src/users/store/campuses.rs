//! Campuses and their e-mail domains.

use campuszon_core::{
    CampusId, Timestamp, UserId,
    id::AuditId,
    wire::trust::{AuditAction, TargetKind},
};

use crate::{
    params,
    platform::database::{StoreError, Tx},
};

/// The campus that owns `domain`.
pub fn campus_of_domain(tx: &mut Tx<'_>, domain: &str) -> Result<Option<CampusId>, StoreError> {
    tx.first("SELECT campus_id FROM campus_domains WHERE domain = ?1", params![domain], |row| row.get(0))
}

/// The campus with this name.
pub fn campus_of_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<CampusId>, StoreError> {
    tx.first("SELECT id FROM campuses WHERE name = ?1 ORDER BY id", params![name], |row| row.get(0))
}

/// Adds a campus.
pub fn insert_campus(tx: &mut Tx<'_>, id: CampusId, name: &str) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute("INSERT INTO campuses (id, name, created_at) VALUES (?1, ?2, ?3)", params![id, name, now])?;
    Ok(())
}

/// Gives `domain` to `campus`, unless somebody has it already.
pub fn insert_domain(tx: &mut Tx<'_>, campus: CampusId, domain: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO campus_domains (domain, campus_id) VALUES (?1, ?2) ON CONFLICT (domain) DO NOTHING",
        params![domain, campus],
    )?;
    Ok(())
}

/// A campus, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCampus {
    /// The campus.
    pub id: CampusId,
    /// What people call it.
    pub name: String,
    /// How many accounts it has, without those that are not confirmed or gone.
    pub users: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// All campuses, newest first.
pub fn campuses(tx: &mut Tx<'_>) -> Result<Vec<StoredCampus>, StoreError> {
    tx.query(
        "SELECT c.id, c.name, CAST(COALESCE(u.users, 0) AS BIGINT), c.created_at FROM campuses c
         LEFT JOIN (SELECT campus_id, COUNT(*) AS users FROM users WHERE status IN ('active', 'suspended')
             GROUP BY campus_id) u ON u.campus_id = c.id
         ORDER BY c.id DESC",
        &[],
        |row| Ok(StoredCampus { id: row.get(0)?, name: row.get(1)?, users: row.get(2)?, created_at: row.get(3)? }),
    )
}

/// The domains of all campuses, in the order of the alphabet.
pub fn domains(tx: &mut Tx<'_>) -> Result<Vec<(CampusId, String)>, StoreError> {
    tx.query("SELECT campus_id, domain FROM campus_domains ORDER BY domain", &[], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// The name of a campus.
pub fn campus_name(tx: &mut Tx<'_>, campus: CampusId) -> Result<Option<String>, StoreError> {
    tx.first("SELECT name FROM campuses WHERE id = ?1", params![campus], |row| row.get(0))
}

/// Gives a campus another name.
pub fn rename_campus(tx: &mut Tx<'_>, campus: CampusId, name: &str) -> Result<(), StoreError> {
    tx.execute("UPDATE campuses SET name = ?2 WHERE id = ?1", params![campus, name])?;
    Ok(())
}

/// Gives `domain` to `campus`, whoever had it before.
pub fn move_domain(tx: &mut Tx<'_>, campus: CampusId, domain: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO campus_domains (domain, campus_id) VALUES (?1, ?2)
         ON CONFLICT (domain) DO UPDATE SET campus_id = excluded.campus_id",
        params![domain, campus],
    )?;
    Ok(())
}

/// Takes `domain` from `campus`.
pub fn delete_domain(tx: &mut Tx<'_>, campus: CampusId, domain: &str) -> Result<(), StoreError> {
    tx.execute("DELETE FROM campus_domains WHERE domain = ?1 AND campus_id = ?2", params![domain, campus])?;
    Ok(())
}

/// How many accounts of a campus have an address of `domain`, without those that are not confirmed or gone.
pub fn accounts_of_domain(tx: &mut Tx<'_>, campus: CampusId, domain: &str) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM users WHERE campus_id = ?1 AND email LIKE ?2 AND status IN ('active', 'suspended')",
        params![campus, format!("%@{domain}")],
        |row| row.get(0),
    )
}

/// Writes what an administrator did with a campus into the audit log of their own.
pub fn note_campus_act(
    tx: &mut Tx<'_>,
    campus: CampusId,
    actor: UserId,
    action: AuditAction,
    target: CampusId,
    detail: &str,
) -> Result<(), StoreError> {
    let (id, now) = (tx.new_id::<AuditId>(), tx.now());
    tx.execute(
        "INSERT INTO audit (campus_id, id, actor_id, action, target_kind, target_id, detail, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![campus, id, actor, action, TargetKind::Campus, target, detail, now],
    )?;
    Ok(())
}
