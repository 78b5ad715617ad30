//! The SQL of `admin check`: what must hold between the tables, for all campuses at once.

use campuszon_core::{Timestamp, wire::image::ImageStatus};

use crate::{
    images::store::{StoredVariants, read_variants},
    params,
    platform::database::{StoreError, Tx},
};

/// A rule, as the query of what breaks it: the subject, what was expected, and what was found.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// A stable machine word.
    pub kind: &'static str,
    /// A sentence on what breaks it, with `{expected}` and `{found}`.
    pub words: &'static str,
    sql: &'static str,
}

/// What breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The id of what it is about.
    pub subject: String,
    /// What should be.
    pub expected: i64,
    /// What is.
    pub found: i64,
}

/// All rules between the tables. A sale holds its item while it is accepted; a rental holds its days from then on, also
/// after it is completed.
pub const RULES: &[Rule] = &[
    Rule {
        kind: "ledger_sum",
        words: "the entries of the ledger add up to {expected}, but the balance is {found}",
        sql: "SELECT u.id, CAST(COALESCE(e.total, 0) AS BIGINT), u.tokens FROM users u
              LEFT JOIN (SELECT campus_id, user_id, SUM(delta) AS total FROM token_entries GROUP BY campus_id, user_id) e
                  ON e.campus_id = u.campus_id AND e.user_id = u.id
              WHERE u.tokens <> COALESCE(e.total, 0) ORDER BY u.id",
    },
    Rule {
        kind: "ledger_last",
        words: "the last entry of the ledger leaves {expected}, but the balance is {found}",
        sql: "SELECT u.id, e.balance, u.tokens FROM users u
              JOIN token_entries e ON e.campus_id = u.campus_id AND e.user_id = u.id
              WHERE e.balance <> u.tokens AND e.number = (SELECT MAX(number) FROM token_entries l
                  WHERE l.campus_id = u.campus_id AND l.user_id = u.id) ORDER BY u.id",
    },
    Rule {
        kind: "ledger_entry",
        words: "an entry of the ledger should leave {expected}, but says {found}",
        sql: "SELECT e.user_id, COALESCE(p.balance, 0) + e.delta, e.balance FROM token_entries e
              LEFT JOIN token_entries p
                  ON p.campus_id = e.campus_id AND p.user_id = e.user_id AND p.number = e.number - 1
              WHERE e.balance <> COALESCE(p.balance, 0) + e.delta ORDER BY e.user_id, e.number",
    },
    Rule {
        kind: "ledger_gap",
        words: "there are {expected} entries in the ledger, but the last has number {found}",
        sql: "SELECT user_id, COUNT(*), MAX(number) FROM token_entries GROUP BY campus_id, user_id
              HAVING MIN(number) <> 1 OR MAX(number) <> COUNT(*) ORDER BY user_id",
    },
    Rule {
        kind: "ledger_negative",
        words: "the balance is {found}, and none may be below {expected}",
        sql: "SELECT id, CAST(0 AS BIGINT), tokens FROM users WHERE tokens < 0 ORDER BY id",
    },
    Rule {
        kind: "voucher_uses",
        words: "this voucher was redeemed {expected} times, but the counter says {found}",
        sql: "SELECT code, really, used FROM (
                  SELECT v.code, v.used, (SELECT COUNT(*) FROM token_entries e
                      WHERE e.campus_id = v.campus_id AND e.reason = 'voucher' AND e.reference = v.code) AS really
                  FROM vouchers v) AS counted
              WHERE really <> used ORDER BY code",
    },
    Rule {
        kind: "double_booking",
        words: "{found} bookings of this item are accepted, and only {expected} may be",
        sql: "SELECT item_id, CAST(1 AS BIGINT), COUNT(*) FROM bookings WHERE status = 'accepted' AND first_day IS NULL
              GROUP BY campus_id, item_id HAVING COUNT(*) > 1 ORDER BY item_id",
    },
    Rule {
        kind: "rental_overlap",
        words: "another booking of the same item has some of its days",
        sql: "SELECT a.id, a.first_day, b.first_day FROM bookings a
              JOIN bookings b ON b.campus_id = a.campus_id AND b.item_id = a.item_id AND b.id > a.id
              WHERE a.status IN ('accepted', 'completed') AND b.status IN ('accepted', 'completed')
                  AND a.first_day <= b.last_day AND b.first_day <= a.last_day ORDER BY a.id",
    },
    Rule {
        kind: "claims_missing",
        words: "this booking should hold {expected} days of its item, but holds {found}",
        sql: "SELECT b.id, COALESCE(b.last_day - b.first_day + 1, 1),
                  CAST(COALESCE(c.days, 0) AS BIGINT)
              FROM bookings b
              LEFT JOIN (SELECT campus_id, booking_id, COUNT(*) AS days FROM item_claims GROUP BY campus_id, booking_id) c
                  ON c.campus_id = b.campus_id AND c.booking_id = b.id
              WHERE (b.status = 'accepted' OR (b.status = 'completed' AND b.first_day IS NOT NULL))
                  AND COALESCE(c.days, 0) <> COALESCE(b.last_day - b.first_day + 1, 1) ORDER BY b.id",
    },
    Rule {
        kind: "claims_stray",
        words: "this item is held for a booking that does not hold it",
        sql: "SELECT k.item_id, CAST(0 AS BIGINT), k.day FROM item_claims k
              LEFT JOIN bookings b ON b.campus_id = k.campus_id AND b.id = k.booking_id AND b.item_id = k.item_id
              WHERE b.id IS NULL OR NOT (b.status = 'accepted' OR (b.status = 'completed' AND b.first_day IS NOT NULL))
              ORDER BY k.item_id, k.day",
    },
    Rule {
        kind: "reserved_unclaimed",
        words: "this item is reserved, but for no booking",
        sql: "SELECT i.id, CAST(1 AS BIGINT), CAST(0 AS BIGINT) FROM items i WHERE i.status = 'reserved'
                  AND NOT EXISTS (SELECT 1 FROM item_claims k
                      WHERE k.campus_id = i.campus_id AND k.item_id = i.id AND k.day = -1) ORDER BY i.id",
    },
    Rule {
        kind: "claimed_unreserved",
        words: "this item is held for a booking, but not reserved",
        sql: "SELECT i.id, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM item_claims k
              JOIN items i ON i.campus_id = k.campus_id AND i.id = k.item_id
              WHERE k.day = -1 AND i.status <> 'reserved' ORDER BY i.id",
    },
    Rule {
        kind: "chat_gap",
        words: "this chat counts {expected} messages, but has {found}, or not in an unbroken row",
        sql: "SELECT c.id, c.last_seq, CAST(COALESCE(m.messages, 0) AS BIGINT) FROM chats c
              LEFT JOIN (SELECT campus_id, chat_id, COUNT(*) AS messages, MIN(seq) AS first, MAX(seq) AS last
                  FROM messages GROUP BY campus_id, chat_id) m ON m.campus_id = c.campus_id AND m.chat_id = c.id
              WHERE COALESCE(m.messages, 0) <> c.last_seq OR COALESCE(m.last, 0) <> c.last_seq
                  OR COALESCE(m.first, 1) <> 1 ORDER BY c.id",
    },
    Rule {
        kind: "chat_unread",
        words: "a member of this chat has {expected} messages to read, but the counter says {found}",
        sql: "SELECT chat_id, really, unread FROM (
                  SELECT m.chat_id, m.user_id, m.unread, (SELECT COUNT(*) FROM messages s
                      WHERE s.campus_id = m.campus_id AND s.chat_id = m.chat_id AND s.seq > m.read_seq
                          AND (s.sender_id IS NULL OR s.sender_id <> m.user_id)) AS really
                  FROM chat_members m) AS counted
              WHERE really <> unread ORDER BY chat_id, user_id",
    },
    Rule {
        kind: "message_picture",
        words: "the picture of this message is missing, or belongs to an item",
        sql: "SELECT m.id, CAST(1 AS BIGINT), CAST(0 AS BIGINT) FROM messages m
              LEFT JOIN images p ON p.campus_id = m.campus_id AND p.id = m.image_id
              WHERE (p.id IS NULL AND (m.image_id IS NOT NULL OR (m.kind = 'image' AND m.deleted_at IS NULL)))
                  OR p.item_id IS NOT NULL ORDER BY m.id",
    },
    Rule {
        kind: "favorites_count",
        words: "{expected} people starred this item, but the counter says {found}",
        sql: "SELECT id, really, favorites FROM (
                  SELECT i.id, i.favorites, (SELECT COUNT(*) FROM favorites f
                      WHERE f.campus_id = i.campus_id AND f.item_id = i.id) AS really
                  FROM items i) AS counted
              WHERE really <> favorites ORDER BY id",
    },
    Rule {
        kind: "inbox_gap",
        words: "the newest number of this inbox is {expected}, but its entries end at {found}, or not in an unbroken row",
        sql: "SELECT h.user_id, h.head, CAST(COALESCE(i.last, 0) AS BIGINT) FROM inbox_heads h
              LEFT JOIN (SELECT campus_id, user_id, COUNT(*) AS entries, MIN(since) AS first, MAX(since) AS last
                  FROM inbox GROUP BY campus_id, user_id) i ON i.campus_id = h.campus_id AND i.user_id = h.user_id
              WHERE i.last <> h.head OR i.entries <> i.last - i.first + 1 ORDER BY h.user_id",
    },
    Rule {
        kind: "rating_sum",
        words: "the shown reviews of this user add up to {expected}, but the sum says {found}",
        sql: "SELECT u.id, CAST(COALESCE(r.total, 0) AS BIGINT), u.rating_sum FROM users u
              LEFT JOIN (SELECT campus_id, subject_id, SUM(rating) AS total FROM reviews WHERE revealed = 1
                  GROUP BY campus_id, subject_id) r ON r.campus_id = u.campus_id AND r.subject_id = u.id
              WHERE u.rating_sum <> COALESCE(r.total, 0) ORDER BY u.id",
    },
    Rule {
        kind: "rating_count",
        words: "this user has {expected} shown reviews, but the counter says {found}",
        sql: "SELECT u.id, CAST(COALESCE(r.reviews, 0) AS BIGINT), u.rating_count FROM users u
              LEFT JOIN (SELECT campus_id, subject_id, COUNT(*) AS reviews FROM reviews WHERE revealed = 1
                  GROUP BY campus_id, subject_id) r ON r.campus_id = u.campus_id AND r.subject_id = u.id
              WHERE u.rating_count <> COALESCE(r.reviews, 0) ORDER BY u.id",
    },
];

/// What breaks a rule.
pub fn broken(tx: &mut Tx<'_>, rule: &Rule) -> Result<Vec<Broken>, StoreError> {
    tx.query(rule.sql, &[], |row| Ok(Broken { subject: row.get(0)?, expected: row.get(1)?, found: row.get(2)? }))
}

/// A picture, as far as its files are concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its id.
    pub id: String,
    /// Where its files lie.
    pub key: String,
    /// Which files there must be.
    pub status: ImageStatus,
    /// How long those of a ready one must be.
    pub variants: Option<StoredVariants>,
}

/// All pictures.
pub fn pictures(tx: &mut Tx<'_>) -> Result<Vec<Picture>, StoreError> {
    tx.query("SELECT id, key, status, variants FROM images ORDER BY id", &[], |row| {
        let variants: Option<String> = row.get(3)?;
        let variants = read_variants(variants.as_deref())?;
        Ok(Picture { id: row.get(0)?, key: row.get(1)?, status: row.get(2)?, variants })
    })
}

/// What the queue of pictures is still to do.
pub fn queued(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    tx.query("SELECT payload FROM jobs WHERE kind = 'image' AND dead = 0", &[], |row| row.get(0))
}

const CHECKED: &str = "checked_at";
const CLEAN: &str = "clean_at";
const FAULTS: &str = "check_faults";

/// Writes down that everything was checked, and how many faults were found.
pub fn note_check(tx: &mut Tx<'_>, now: Timestamp, faults: i64) -> Result<(), StoreError> {
    put(tx, CHECKED, now.millis())?;
    put(tx, FAULTS, faults)?;
    if faults == 0 { put(tx, CLEAN, now.millis()) } else { Ok(()) }
}

fn put(tx: &mut Tx<'_>, name: &str, number: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES (?1, CAST(CAST(?2 AS BIGINT) AS TEXT))
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        params![name, number],
    )?;
    Ok(())
}

/// When everything was last checked.
pub fn last_check(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    moment(tx, CHECKED)
}

/// When everything was last checked and no fault found.
pub fn last_clean_check(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    moment(tx, CLEAN)
}

/// How many faults the last check found.
pub fn last_faults(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let found =
        tx.first("SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?1", params![FAULTS], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

fn moment(tx: &mut Tx<'_>, name: &str) -> Result<Option<Timestamp>, StoreError> {
    tx.first("SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?1", params![name], |row| row.get(0))
}
