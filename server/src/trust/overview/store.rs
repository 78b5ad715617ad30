//! The SQL of what moderators see, which joins what several services store.

use campuszon_core::{
    CampusId, Decimal, ItemId, ReportId, UserId,
    id::AuditId,
    item::ItemStatus,
    permission::{Role, UserStatus},
    picture::Size,
    wire::trust::{
        AuditEntry, ModeratedItem, ModeratedReport, ModeratedUser, Named, Report, ReportStatus, Stats, TargetKind,
    },
};

use crate::{
    images, params,
    platform::database::{Row, StoreError, Tx},
    users,
};

/// Which users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Part of a name or an address, or a whole id.
    pub text: Option<String>,
    /// Deleted ones only when asked for.
    pub status: Option<UserStatus>,
    /// What they are.
    pub role: Option<Role>,
}

const USER: &str =
    "SELECT u.id, u.name, u.email, u.role, u.status, u.tokens, u.rating_sum, u.rating_count, u.joined_at,
     u.last_seen_at,
     (SELECT COUNT(*) FROM reports r WHERE r.campus_id = u.campus_id AND r.status = 'open' AND r.subject_id = u.id)
     FROM users u";

fn read_user(row: &Row<'_>) -> Result<ModeratedUser, StoreError> {
    Ok(ModeratedUser {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        role: row.get(3)?,
        status: row.get(4)?,
        tokens: row.get(5)?,
        rating: users::store::rating(row.get(6)?, row.get(7)?),
        joined: row.get(8)?,
        last_seen: row.get(9)?,
        open_reports: row.get(10)?,
    })
}

/// Users, newest first; with `before` only older ones.
pub fn users(
    tx: &mut Tx<'_>,
    campus: CampusId,
    filter: &UserFilter,
    before: Option<UserId>,
    limit: i64,
) -> Result<Vec<ModeratedUser>, StoreError> {
    let part = filter.text.as_deref().map(containing);
    tx.query(
        &format!(
            "{USER} WHERE u.campus_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR u.id < ?2)
                 AND (u.status = ?3 OR (CAST(?3 AS TEXT) IS NULL AND u.status <> 'deleted'))
                 AND (CAST(?4 AS TEXT) IS NULL OR u.role = ?4)
                 AND (CAST(?5 AS TEXT) IS NULL OR u.id = ?5 OR LOWER(u.name) LIKE ?6 ESCAPE '!'
                     OR u.email LIKE ?6 ESCAPE '!')
             ORDER BY u.id DESC LIMIT ?7"
        ),
        params![campus, before, filter.status, filter.role, filter.text, part, limit],
        read_user,
    )
}

/// The pattern of texts that hold `part`, in lower case.
fn containing(part: &str) -> String {
    let escaped = part.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// The user with this id.
pub fn user(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<Option<ModeratedUser>, StoreError> {
    tx.first(&format!("{USER} WHERE u.campus_id = ?1 AND u.id = ?2"), params![campus, id], read_user)
}

/// Which items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ItemFilter {
    /// In this state.
    pub status: Option<ItemStatus>,
    /// Hidden by reports, or not.
    pub hidden: Option<bool>,
}

const ITEM: &str = "SELECT i.number, i.id, i.title, i.price, i.status, i.hidden, i.seller_id, u.name, i.created_at,
     (SELECT COUNT(*) FROM reports r WHERE r.campus_id = i.campus_id AND r.target_kind = 'item' AND r.target_id = i.id
          AND r.status = 'open')
     FROM items i JOIN users u ON u.campus_id = i.campus_id AND u.id = i.seller_id";

fn read_item(row: &Row<'_>, currency: campuszon_core::Currency) -> Result<(i64, ModeratedItem), StoreError> {
    let item = ModeratedItem {
        id: row.get(1)?,
        title: row.get(2)?,
        price: Decimal::from_minor(row.get(3)?, currency),
        status: row.get(4)?,
        hidden: row.get(5)?,
        seller: Named { id: row.get(6)?, name: row.get(7)? },
        created_at: row.get(8)?,
        open_reports: row.get(9)?,
    };
    Ok((row.get(0)?, item))
}

/// Items with their numbers, newest first; with `before` only those with smaller ones. Not those their sellers deleted.
pub fn items(
    tx: &mut Tx<'_>,
    campus: CampusId,
    filter: &ItemFilter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<(i64, ModeratedItem)>, StoreError> {
    let currency = tx.settings().currency;
    tx.query(
        &format!(
            "{ITEM} WHERE i.campus_id = ?1 AND i.number < ?2 AND i.deleted = 0
                 AND (CAST(?3 AS TEXT) IS NULL OR i.status = ?3) AND (CAST(?4 AS BIGINT) IS NULL OR i.hidden = ?4)
             ORDER BY i.number DESC LIMIT ?5"
        ),
        params![campus, before.unwrap_or(i64::MAX), filter.status, filter.hidden, limit],
        |row| read_item(row, currency),
    )
}

/// The item with this id.
pub fn item(tx: &mut Tx<'_>, campus: CampusId, id: ItemId) -> Result<Option<ModeratedItem>, StoreError> {
    let currency = tx.settings().currency;
    let found = tx.first(&format!("{ITEM} WHERE i.campus_id = ?1 AND i.id = ?2"), params![campus, id], |row| {
        read_item(row, currency)
    })?;
    Ok(found.map(|(_, item)| item))
}

const REPORT: &str =
    "SELECT r.id, r.target_kind, r.target_id, r.reason, r.detail, r.status, r.created_at, r.reporter_id,
     reporter.name, r.subject_id, subject.name, r.chat_id, r.note, r.decided_at, i.title, m.body, p.key
     FROM reports r
     JOIN users reporter ON reporter.campus_id = r.campus_id AND reporter.id = r.reporter_id
     JOIN users subject ON subject.campus_id = r.campus_id AND subject.id = r.subject_id
     LEFT JOIN items i ON r.target_kind = 'item' AND i.campus_id = r.campus_id AND i.id = r.target_id
     LEFT JOIN messages m ON m.campus_id = r.campus_id AND m.chat_id = r.chat_id AND m.id = r.target_id
     LEFT JOIN images p ON p.campus_id = m.campus_id AND p.id = m.image_id";

fn read_report(row: &Row<'_>, url: &str) -> Result<ModeratedReport, StoreError> {
    let report = Report {
        id: row.get(0)?,
        target_kind: row.get(1)?,
        target_id: row.get(2)?,
        reason: row.get(3)?,
        detail: row.get(4)?,
        status: row.get(5)?,
        created_at: row.get(6)?,
    };
    let subject = Named { id: row.get(9)?, name: row.get(10)? };
    let excerpt: Option<String> = match report.target_kind {
        TargetKind::Item => row.get(14)?,
        // A picture is looked at where it is served.
        TargetKind::Message => match row.get::<Option<String>>(16)? {
            Some(key) => Some(images::address(url, &key, Size::Large)),
            None => row.get(15)?,
        },
        _ => Some(subject.name.clone()),
    };
    Ok(ModeratedReport {
        report,
        reporter: Named { id: row.get(7)?, name: row.get(8)? },
        subject,
        excerpt: excerpt.unwrap_or_default(),
        chat: row.get(11)?,
        note: row.get(12)?,
        decided_at: row.get(13)?,
    })
}

/// Reports, newest first; with `before` only older ones.
pub fn reports(
    tx: &mut Tx<'_>,
    campus: CampusId,
    status: Option<ReportStatus>,
    before: Option<ReportId>,
    limit: i64,
) -> Result<Vec<ModeratedReport>, StoreError> {
    let url = tx.public_url();
    tx.query(
        &format!(
            "{REPORT} WHERE r.campus_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR r.status = ?2)
                 AND (CAST(?3 AS TEXT) IS NULL OR r.id < ?3)
             ORDER BY r.id DESC LIMIT ?4"
        ),
        params![campus, status, before, limit],
        |row| read_report(row, url),
    )
}

/// The report with this id.
pub fn report(tx: &mut Tx<'_>, campus: CampusId, id: ReportId) -> Result<Option<ModeratedReport>, StoreError> {
    let url = tx.public_url();
    tx.first(&format!("{REPORT} WHERE r.campus_id = ?1 AND r.id = ?2"), params![campus, id], |row| {
        read_report(row, url)
    })
}

/// The audit log, newest first; with `before` only older acts.
pub fn audit(
    tx: &mut Tx<'_>,
    campus: CampusId,
    before: Option<AuditId>,
    limit: i64,
) -> Result<Vec<AuditEntry>, StoreError> {
    tx.query(
        "SELECT a.id, a.action, a.target_kind, a.target_id, a.detail, a.created_at, u.id, u.name
         FROM audit a LEFT JOIN users u ON u.campus_id = a.campus_id AND u.id = a.actor_id
         WHERE a.campus_id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR a.id < ?2) ORDER BY a.id DESC LIMIT ?3",
        params![campus, before, limit],
        |row| {
            let (actor, name): (Option<UserId>, Option<String>) = (row.get(6)?, row.get(7)?);
            Ok(AuditEntry {
                id: row.get(0)?,
                action: row.get(1)?,
                target_kind: row.get(2)?,
                target_id: row.get(3)?,
                detail: row.get(4)?,
                created_at: row.get(5)?,
                actor: actor.zip(name).map(|(id, name)| Named { id, name }),
            })
        },
    )
}

/// The numbers of a campus; connections and what else a node knows are not the database's to know.
pub fn stats(tx: &mut Tx<'_>, campus: CampusId) -> Result<Stats, StoreError> {
    tx.one(
        "SELECT
             (SELECT COUNT(*) FROM users WHERE campus_id = ?1 AND status = 'active'),
             (SELECT COUNT(*) FROM users WHERE campus_id = ?1 AND status = 'unverified'),
             (SELECT COUNT(*) FROM users WHERE campus_id = ?1 AND status = 'suspended'),
             (SELECT COUNT(*) FROM items WHERE campus_id = ?1 AND listed = 1),
             (SELECT COUNT(*) FROM items WHERE campus_id = ?1 AND hidden = 1 AND deleted = 0),
             (SELECT COUNT(*) FROM bookings WHERE campus_id = ?1 AND status = 'pending'),
             (SELECT COUNT(*) FROM bookings WHERE campus_id = ?1 AND status = 'accepted'),
             (SELECT COUNT(*) FROM bookings WHERE campus_id = ?1 AND status = 'completed'),
             (SELECT COUNT(*) FROM messages WHERE campus_id = ?1),
             (SELECT COUNT(*) FROM reports WHERE campus_id = ?1 AND status = 'open'),
             (SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) FROM users WHERE campus_id = ?1)",
        params![campus],
        |row| {
            Ok(Stats {
                users_active: row.get(0)?,
                users_unverified: row.get(1)?,
                users_suspended: row.get(2)?,
                items_listed: row.get(3)?,
                items_hidden: row.get(4)?,
                bookings_pending: row.get(5)?,
                bookings_accepted: row.get(6)?,
                bookings_completed: row.get(7)?,
                messages: row.get(8)?,
                reports_open: row.get(9)?,
                tokens_in_wallets: row.get(10)?,
                connections: 0,
                server: None,
            })
        },
    )
}
