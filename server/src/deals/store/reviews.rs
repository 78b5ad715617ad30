//! The SQL of reviews.

use campuszon_core::{BookingId, CampusId, ReviewId, Timestamp, UserId};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A review, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReview {
    /// The review.
    pub id: ReviewId,
    /// Of which deal.
    pub booking: BookingId,
    /// Who wrote it.
    pub author: UserId,
    /// What they are called.
    pub author_name: String,
    /// Whom it is about.
    pub subject: UserId,
    /// 1–5
    pub rating: i64,
    /// In words.
    pub comment: Option<String>,
    /// What the subject says to it.
    pub answer: Option<String>,
    /// Whether others see it.
    pub revealed: bool,
    /// When others see it at the latest.
    pub reveal_at: Timestamp,
    /// When it was written.
    pub created_at: Timestamp,
}

const REVIEW: &str = "SELECT r.id, r.booking_id, r.author_id, a.name, r.subject_id, r.rating, r.comment, r.answer,
     r.revealed, r.reveal_at, r.created_at
     FROM reviews r JOIN users a ON a.campus_id = r.campus_id AND a.id = r.author_id";

fn read_review(row: &Row<'_>) -> Result<StoredReview, StoreError> {
    Ok(StoredReview {
        id: row.get(0)?,
        booking: row.get(1)?,
        author: row.get(2)?,
        author_name: row.get(3)?,
        subject: row.get(4)?,
        rating: row.get(5)?,
        comment: row.get(6)?,
        answer: row.get(7)?,
        revealed: row.get(8)?,
        reveal_at: row.get(9)?,
        created_at: row.get(10)?,
    })
}

/// The review with this id.
pub fn review(tx: &mut Tx<'_>, campus: CampusId, id: ReviewId) -> Result<Option<StoredReview>, StoreError> {
    tx.first(&format!("{REVIEW} WHERE r.campus_id = ?1 AND r.id = ?2"), params![campus, id], read_review)
}

/// What the two wrote of a deal.
pub fn reviews_of_booking(
    tx: &mut Tx<'_>,
    campus: CampusId,
    booking: BookingId,
) -> Result<Vec<StoredReview>, StoreError> {
    tx.query(
        &format!("{REVIEW} WHERE r.campus_id = ?1 AND r.booking_id = ?2 ORDER BY r.id"),
        params![campus, booking],
        read_review,
    )
}

/// The reviews of `subject` that `reader` may see, newest first: those shown, and the reader's own.
pub fn reviews(
    tx: &mut Tx<'_>,
    campus: CampusId,
    subject: UserId,
    reader: UserId,
    before: Option<ReviewId>,
    limit: i64,
) -> Result<Vec<StoredReview>, StoreError> {
    tx.query(
        &format!(
            "{REVIEW} WHERE r.campus_id = ?1 AND r.subject_id = ?2 AND (r.revealed = 1 OR r.author_id = ?3)
                 AND (CAST(?4 AS TEXT) IS NULL OR r.id < ?4) ORDER BY r.id DESC LIMIT ?5"
        ),
        params![campus, subject, reader, before, limit],
        read_review,
    )
}

/// Whether `author` has reviewed a deal.
pub fn has_reviewed(tx: &mut Tx<'_>, campus: CampusId, booking: BookingId, author: UserId) -> Result<bool, StoreError> {
    let found: Option<String> = tx.first(
        "SELECT id FROM reviews WHERE campus_id = ?1 AND booking_id = ?2 AND author_id = ?3",
        params![campus, booking, author],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Adds a review; `false` when its author wrote one of the same deal before.
pub fn insert_review(tx: &mut Tx<'_>, campus: CampusId, new: &StoredReview) -> Result<bool, StoreError> {
    let added = tx.execute(
        "INSERT INTO reviews (campus_id, id, booking_id, author_id, subject_id, rating, comment, revealed, reveal_at,
                              created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9)
         ON CONFLICT (campus_id, booking_id, author_id) DO NOTHING",
        params![
            campus,
            new.id,
            new.booking,
            new.author,
            new.subject,
            new.rating,
            new.comment,
            new.reveal_at,
            new.created_at,
        ],
    )?;
    Ok(added == 1)
}

/// Shows a review to others; `false` when it was shown before.
pub fn reveal(tx: &mut Tx<'_>, campus: CampusId, id: ReviewId) -> Result<bool, StoreError> {
    let shown = tx.execute(
        "UPDATE reviews SET revealed = 1 WHERE campus_id = ?1 AND id = ?2 AND revealed = 0",
        params![campus, id],
    )?;
    Ok(shown == 1)
}

/// Stores the subject's answer; `false` when there is one.
pub fn answer(tx: &mut Tx<'_>, campus: CampusId, id: ReviewId, text: &str) -> Result<bool, StoreError> {
    let now = tx.now();
    let answered = tx.execute(
        "UPDATE reviews SET answer = ?3, answered_at = ?4 WHERE campus_id = ?1 AND id = ?2 AND answer IS NULL",
        params![campus, id, text, now],
    )?;
    Ok(answered == 1)
}

/// Reviews of every campus that are due to be shown.
pub fn due_reviews(tx: &mut Tx<'_>, limit: usize) -> Result<Vec<(CampusId, ReviewId)>, StoreError> {
    let now = tx.now();
    tx.query(
        "SELECT campus_id, id FROM reviews WHERE revealed = 0 AND reveal_at <= ?1 ORDER BY reveal_at LIMIT ?2",
        params![now, limit],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// When the next review of any campus is due to be shown.
pub fn next_review(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.one("SELECT MIN(reveal_at) FROM reviews WHERE revealed = 0", &[], |row| row.get(0))
}
