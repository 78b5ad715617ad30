//! The SQL of reports and of the audit log.

use campuszon_core::{
    CampusId, ChatId, ReportId, Timestamp, UserId,
    id::AuditId,
    wire::trust::{Report, ReportStatus, TargetKind},
};

use super::audit::Act;
use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A report, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReport {
    /// The report.
    pub id: ReportId,
    /// Who reported.
    pub reporter: UserId,
    /// What kind of thing.
    pub kind: TargetKind,
    /// Which one.
    pub target: String,
    /// Where a reported message is.
    pub chat: Option<ChatId>,
    /// Whose doing it is.
    pub subject: UserId,
    /// One line.
    pub reason: String,
    /// More of it.
    pub detail: Option<String>,
    /// What became of it.
    pub status: ReportStatus,
    /// When it was made.
    pub created_at: Timestamp,
}

impl StoredReport {
    /// As its author sees it.
    pub fn shown(self) -> Report {
        Report {
            id: self.id,
            target_kind: self.kind,
            target_id: self.target,
            reason: self.reason,
            detail: self.detail,
            status: self.status,
            created_at: self.created_at,
        }
    }
}

fn read_report(row: &Row<'_>) -> Result<StoredReport, StoreError> {
    Ok(StoredReport {
        id: row.get(0)?,
        reporter: row.get(1)?,
        kind: row.get(2)?,
        target: row.get(3)?,
        chat: row.get(4)?,
        subject: row.get(5)?,
        reason: row.get(6)?,
        detail: row.get(7)?,
        status: row.get(8)?,
        created_at: row.get(9)?,
    })
}

/// Adds a report.
pub fn insert(tx: &mut Tx<'_>, campus: CampusId, report: &StoredReport) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO reports (campus_id, id, reporter_id, target_kind, target_id, chat_id, subject_id, reason, detail,
                              status, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            campus,
            report.id,
            report.reporter,
            report.kind,
            report.target,
            report.chat,
            report.subject,
            report.reason,
            report.detail,
            report.status,
            report.created_at,
        ],
    )?;
    Ok(())
}

/// The report with this id.
pub fn report(tx: &mut Tx<'_>, campus: CampusId, id: ReportId) -> Result<Option<StoredReport>, StoreError> {
    tx.first(
        "SELECT id, reporter_id, target_kind, target_id, chat_id, subject_id, reason, detail, status, created_at
         FROM reports WHERE campus_id = ?1 AND id = ?2",
        params![campus, id],
        read_report,
    )
}

/// Whether `reporter` has reported a thing, whatever became of it.
pub fn has_reported(
    tx: &mut Tx<'_>,
    campus: CampusId,
    reporter: UserId,
    kind: TargetKind,
    target: &str,
) -> Result<bool, StoreError> {
    let found: Option<i64> = tx.first(
        "SELECT created_at FROM reports
         WHERE campus_id = ?1 AND reporter_id = ?2 AND target_kind = ?3 AND target_id = ?4",
        params![campus, reporter, kind, target],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// How many open reports on a thing come from active users of whose reports at most `tolerance` more were dismissed than
/// upheld.
pub fn count_of_standing(
    tx: &mut Tx<'_>,
    campus: CampusId,
    kind: TargetKind,
    target: &str,
    tolerance: i64,
) -> Result<i64, StoreError> {
    tx.one(
        "SELECT COUNT(*) FROM reports r JOIN users u ON u.campus_id = r.campus_id AND u.id = r.reporter_id
         WHERE r.campus_id = ?1 AND r.target_kind = ?2 AND r.target_id = ?3 AND r.status = 'open'
             AND u.status = 'active'
             AND (SELECT COALESCE(SUM(CASE p.status WHEN 'dismissed' THEN 1 WHEN 'upheld' THEN -1 ELSE 0 END), 0)
                  FROM reports p WHERE p.campus_id = r.campus_id AND p.reporter_id = r.reporter_id) <= ?4",
        params![campus, kind, target, tolerance],
        |row| row.get(0),
    )
}

/// A verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// What becomes of the reports.
    pub status: ReportStatus,
    /// Who decides.
    pub by: UserId,
    /// Why.
    pub note: Option<&'a str>,
}

/// Decides the open reports on a thing; answers how many there were.
pub fn decide(
    tx: &mut Tx<'_>,
    campus: CampusId,
    kind: TargetKind,
    target: &str,
    verdict: &Verdict<'_>,
) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE reports SET status = ?4, note = ?5, decided_by = ?6, decided_at = ?7
         WHERE campus_id = ?1 AND target_kind = ?2 AND target_id = ?3 AND status = 'open'",
        params![campus, kind, target, verdict.status, verdict.note, verdict.by, now],
    )
}

/// Decides the open reports on what a user is and says: not those on their items.
pub fn decide_of_user(
    tx: &mut Tx<'_>,
    campus: CampusId,
    user: UserId,
    verdict: &Verdict<'_>,
) -> Result<u64, StoreError> {
    let now = tx.now();
    tx.execute(
        "UPDATE reports SET status = ?3, note = ?4, decided_by = ?5, decided_at = ?6
         WHERE campus_id = ?1 AND subject_id = ?2 AND target_kind IN ('user', 'message') AND status = 'open'",
        params![campus, user, verdict.status, verdict.note, verdict.by, now],
    )
}

/// Appends to the audit log.
pub fn insert_audit(tx: &mut Tx<'_>, campus: CampusId, id: AuditId, act: &Act<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO audit (campus_id, id, actor_id, action, target_kind, target_id, detail, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![campus, id, act.actor, act.action, act.kind, act.target, act.detail, now],
    )?;
    Ok(())
}
