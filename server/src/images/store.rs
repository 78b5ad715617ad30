//! The image service's SQL: pictures and the counters of finished work.

use campuszon_core::{
    CampusId, ImageId, ItemId, MessageId, Timestamp, UserId,
    picture::{self, Size},
    wire::image::ImageStatus,
};
use serde::{Deserialize, Serialize};

use crate::{
    params,
    platform::database::{Row, StoreError, Tx},
};

/// A picture, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// The picture.
    pub id: ImageId,
    /// Who uploaded it.
    pub owner: UserId,
    /// The listing it belongs to.
    pub item: Option<ItemId>,
    /// The message it is in.
    pub message: Option<MessageId>,
    /// How far it is.
    pub status: ImageStatus,
    /// Why it failed, as a sentence for its owner.
    pub error: Option<String>,
    /// Where its files lie: 64 hexadecimal digits, the same for equal uploads of the campus.
    pub key: String,
    /// Pixels across of the upload, as displayed.
    pub width: u32,
    /// Pixels down of the upload, as displayed.
    pub height: u32,
    /// A thumbhash in base 64, when ready.
    pub placeholder: Option<String>,
    /// When ready.
    pub variants: Option<StoredVariants>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// What is known of the files of a ready picture; kept as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVariants {
    /// For lists.
    pub thumbnail: StoredVariant,
    /// For small screens.
    pub medium: StoredVariant,
    /// For a close look.
    pub large: StoredVariant,
}

/// One file of a ready picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVariant {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// The size of the file.
    pub bytes: u64,
}

impl StoredVariants {
    /// The one of this size.
    pub fn get(&self, size: Size) -> StoredVariant {
        match size {
            Size::Thumbnail => self.thumbnail,
            Size::Medium => self.medium,
            Size::Large => self.large,
        }
    }
}

impl From<&picture::Variants> for StoredVariants {
    fn from(made: &picture::Variants) -> Self {
        let of = |size: Size| {
            let variant = made.get(size);
            StoredVariant { width: variant.width, height: variant.height, bytes: variant.bytes.len() as u64 }
        };
        Self { thumbnail: of(Size::Thumbnail), medium: of(Size::Medium), large: of(Size::Large) }
    }
}

/// A picture's columns. `p` is its row, and `m` that of the message it is in.
pub(crate) const IMAGE: &str = "p.id, p.owner_id, p.item_id, m.id, p.status, p.error, p.key, p.width, p.height,
     p.placeholder, p.variants, p.created_at";

/// How many columns [`IMAGE`] has.
const COLUMNS: usize = 12;

fn select(condition: &str) -> String {
    format!(
        "SELECT {IMAGE}, p.campus_id FROM images p
         LEFT JOIN messages m ON m.campus_id = p.campus_id AND m.image_id = p.id WHERE {condition}"
    )
}

fn read_image(row: &Row<'_>) -> Result<StoredImage, StoreError> {
    read_image_at(row, 0)
}

/// Reads the columns of [`IMAGE`], which begin at `first`.
pub(crate) fn read_image_at(row: &Row<'_>, first: usize) -> Result<StoredImage, StoreError> {
    let variants: Option<String> = row.get(first + 10)?;
    Ok(StoredImage {
        id: row.get(first)?,
        owner: row.get(first + 1)?,
        item: row.get(first + 2)?,
        message: row.get(first + 3)?,
        status: row.get(first + 4)?,
        error: row.get(first + 5)?,
        key: row.get(first + 6)?,
        width: row.get(first + 7)?,
        height: row.get(first + 8)?,
        placeholder: row.get(first + 9)?,
        variants: read_variants(variants.as_deref())?,
        created_at: row.get(first + 11)?,
    })
}

/// Reads the column `variants`.
pub(crate) fn read_variants(json: Option<&str>) -> Result<Option<StoredVariants>, StoreError> {
    json.map(serde_json::from_str).transpose().map_err(unexpected)
}

fn variants_json(image: &StoredImage) -> Result<Option<String>, StoreError> {
    image.variants.as_ref().map(serde_json::to_string).transpose().map_err(unexpected)
}

fn unexpected(error: serde_json::Error) -> StoreError {
    StoreError::Unexpected(format!("the variants of a picture: {error}"))
}

/// Adds a picture that belongs to no listing and no message yet.
pub fn insert(tx: &mut Tx<'_>, campus: CampusId, image: &StoredImage) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO images (campus_id, id, owner_id, position, status, error, key, width, height, placeholder, variants,
                             created_at)
         VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        params![
            campus,
            image.id,
            image.owner,
            image.status,
            image.error,
            image.key,
            image.width,
            image.height,
            image.placeholder,
            variants_json(image)?,
            image.created_at,
        ],
    )?;
    Ok(())
}

/// Pictures made before `before` that no listing and no message took, of every campus.
pub fn unattached(tx: &mut Tx<'_>, before: Timestamp, limit: i64) -> Result<Vec<(CampusId, StoredImage)>, StoreError> {
    let sql = select("p.item_id IS NULL AND m.id IS NULL AND p.created_at < ?1 ORDER BY p.created_at LIMIT ?2");
    tx.query(&sql, params![before, limit], |row| Ok((row.get(COLUMNS)?, read_image(row)?)))
}

/// The picture with this id.
pub fn image(tx: &mut Tx<'_>, campus: CampusId, id: ImageId) -> Result<Option<StoredImage>, StoreError> {
    tx.first(&select("p.campus_id = ?1 AND p.id = ?2"), params![campus, id], read_image)
}

/// The picture with this id, when `viewer` uploaded it, its listing is listed, or it is in a conversation of theirs.
pub fn visible_image(
    tx: &mut Tx<'_>,
    campus: CampusId,
    viewer: UserId,
    id: ImageId,
) -> Result<Option<StoredImage>, StoreError> {
    tx.first(
        &select(
            "p.campus_id = ?1 AND p.id = ?2 AND (p.owner_id = ?3
                 OR EXISTS (SELECT i.id FROM items i
                     WHERE i.campus_id = p.campus_id AND i.id = p.item_id AND i.listed = 1)
                 OR EXISTS (SELECT c.user_id FROM chat_members c
                     WHERE c.campus_id = p.campus_id AND c.chat_id = m.chat_id AND c.user_id = ?3))",
        ),
        params![campus, id, viewer],
        read_image,
    )
}

/// The pictures of a listing, in the seller's order.
pub fn of_item(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<Vec<StoredImage>, StoreError> {
    tx.query(
        &select("p.campus_id = ?1 AND p.item_id = ?2 ORDER BY p.position, p.id"),
        params![campus, item],
        read_image,
    )
}

/// The pictures that a user uploaded, oldest first.
pub fn of_owner(tx: &mut Tx<'_>, campus: CampusId, owner: UserId) -> Result<Vec<StoredImage>, StoreError> {
    tx.query(&select("p.campus_id = ?1 AND p.owner_id = ?2 ORDER BY p.id"), params![campus, owner], read_image)
}

/// The pictures with these bytes that are in `status`, oldest first, at most `limit`.
pub fn of_key(
    tx: &mut Tx<'_>,
    campus: CampusId,
    key: &str,
    status: ImageStatus,
    limit: i64,
) -> Result<Vec<StoredImage>, StoreError> {
    tx.query(
        &select("p.campus_id = ?1 AND p.key = ?2 AND p.status = ?3 ORDER BY p.id LIMIT ?4"),
        params![campus, key, status, limit],
        read_image,
    )
}

/// Whether any picture has these bytes.
pub fn is_used(tx: &mut Tx<'_>, campus: CampusId, key: &str) -> Result<bool, StoreError> {
    let user =
        tx.first("SELECT id FROM images WHERE campus_id = ?1 AND key = ?2 LIMIT 1", params![campus, key], |row| {
            row.get::<ImageId>(0)
        })?;
    Ok(user.is_some())
}

/// The pictures with these bytes, each with its status and error. A key is of one campus, but who finds it in the storage
/// cannot tell of which.
pub fn uses(tx: &mut Tx<'_>, key: &str) -> Result<Vec<(ImageStatus, Option<String>)>, StoreError> {
    tx.query(
        "SELECT p.status, p.error FROM campuses c JOIN images p ON p.campus_id = c.id AND p.key = ?1",
        params![key],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// Takes the files with this key for whoever is to remove them, until a time. `false` when another has them.
pub fn claim(tx: &mut Tx<'_>, key: &str, until: Timestamp) -> Result<bool, StoreError> {
    let now = tx.now();
    let claimed = tx.execute(
        "INSERT INTO facts (name, value) VALUES (?1, CAST(CAST(?2 AS BIGINT) AS TEXT))
         ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE CAST(facts.value AS BIGINT) <= CAST(?3 AS BIGINT)",
        params![claim_name(key), until, now],
    )?;
    Ok(claimed == 1)
}

/// Whether the files with this key are being removed.
pub fn is_claimed(tx: &mut Tx<'_>, key: &str) -> Result<bool, StoreError> {
    let sql = "SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?1";
    let until: Option<Timestamp> = tx.first(sql, params![claim_name(key)], |row| row.get(0))?;
    Ok(until.is_some_and(|until| until > tx.now()))
}

/// Gives back what was claimed until then.
pub fn release(tx: &mut Tx<'_>, key: &str, until: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM facts WHERE name = ?1 AND CAST(value AS BIGINT) = CAST(?2 AS BIGINT)",
        params![claim_name(key), until],
    )?;
    Ok(())
}

fn claim_name(key: &str) -> String {
    format!("clearing:{key}")
}

/// Puts a picture at a place of a listing, from 0.
pub fn place(tx: &mut Tx<'_>, campus: CampusId, id: ImageId, item: ItemId, position: usize) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE images SET item_id = ?3, position = ?4 WHERE campus_id = ?1 AND id = ?2",
        params![campus, id, item, position],
    )?;
    Ok(())
}

/// Writes the outcome of a pending picture: status, error, placeholder and variants. `false` when it has one already.
pub fn settle(tx: &mut Tx<'_>, campus: CampusId, image: &StoredImage) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE images SET status = ?3, error = ?4, placeholder = ?5, variants = ?6
         WHERE campus_id = ?1 AND id = ?2 AND status = 'pending'",
        params![campus, image.id, image.status, image.error, image.placeholder, variants_json(image)?],
    )?;
    Ok(changed == 1)
}

/// Makes a failed picture pending again. `false` when it is not failed.
pub fn reopen(tx: &mut Tx<'_>, campus: CampusId, id: ImageId) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "UPDATE images SET status = 'pending', error = NULL WHERE campus_id = ?1 AND id = ?2 AND status = 'failed'",
        params![campus, id],
    )?;
    Ok(changed == 1)
}

/// How many bytes the files of a user's ready pictures have.
pub fn bytes_of_owner(tx: &mut Tx<'_>, campus: CampusId, owner: UserId) -> Result<u64, StoreError> {
    let ready = of_owner(tx, campus, owner)?.into_iter().filter_map(|picture| picture.variants);
    Ok(ready.map(|made| made.thumbnail.bytes + made.medium.bytes + made.large.bytes).sum())
}

/// Removes a picture's row.
pub fn delete(tx: &mut Tx<'_>, campus: CampusId, id: ImageId) -> Result<(), StoreError> {
    tx.execute("DELETE FROM images WHERE campus_id = ?1 AND id = ?2", params![campus, id])?;
    Ok(())
}

/// Counters of finished work, of the whole server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Pictures that became ready.
    Completed,
    /// Pictures that failed.
    Failed,
}

impl Counter {
    const fn name(self) -> &'static str {
        match self {
            Self::Completed => "images_completed",
            Self::Failed => "images_failed",
        }
    }
}

/// Adds one to a counter.
pub fn count(tx: &mut Tx<'_>, counter: Counter) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO facts (name, value) VALUES (?1, '1')
         ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(facts.value AS BIGINT) + 1 AS TEXT)",
        params![counter.name()],
    )?;
    Ok(())
}

/// How far a counter is.
pub fn counted(tx: &mut Tx<'_>, counter: Counter) -> Result<i64, StoreError> {
    let value =
        tx.first("SELECT CAST(value AS BIGINT) FROM facts WHERE name = ?1", params![counter.name()], |row| row.get(0))?;
    Ok(value.unwrap_or(0))
}
