//! Uploads, the pictures of a listing or in a message, and what happens when one is ready or failed.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use campuszon_core::{
    CampusId, Fault, Faults, ImageId, ItemId, UserId,
    picture::{self, PictureError, Probe},
    wire::{
        image::{DeadJob, ImageStatus, Queue, Retried},
        live::ServerFrame,
    },
};

use super::{
    clearing, files,
    shown::shown,
    store::{self, Counter, StoredImage, StoredVariants},
    task::Task,
};
use crate::{
    App, Error, Principal,
    event::Event,
    platform::{
        background::{self, Priority},
        database::Tx,
        inbox,
        jobs::{self, Kind},
    },
};

/// How long an upload waits for a listing or a message.
const UNATTACHED: Duration = Duration::from_secs(24 * 60 * 60);

/// What an owner reads when all tries failed through no fault of the file, which is kept for another try.
pub(super) const GAVE_UP: &str = "The server could not make this picture ready. Upload it again.";

/// How many dead jobs are shown with the queue.
const DEAD_SHOWN: i64 = 20;

/// How often, and after which pause, an upload looks whether equal files are still being removed.
const LOOKS: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// An accepted file whose original stands in the storage, unless equal bytes are ready already.
#[derive(Clone, Debug)]
pub struct Received {
    /// Where its files lie.
    pub key: String,
    probe: Probe,
    bytes: Bytes,
    is_stored: bool,
}

/// Refuses an upload of somebody whose pictures fill their room. Only finished ones count, and uploads at once may go a
/// little beyond.
///
/// # Errors
/// There is no room, or the database's.
pub async fn check_room(app: &App, who: &Principal) -> Result<(), Error> {
    let (campus, user, quota) = (who.campus, who.user, app.settings.quota.images_per_user);
    let used = app.read(move |tx| Ok(store::bytes_of_owner(tx, campus, user)?)).await?;
    if used < quota {
        return Ok(());
    }
    let megabytes = |bytes: u64| bytes.div_ceil(1_000_000);
    Err(Error::Conflict(format!(
        "your pictures fill {} MB of the {} MB you may have: delete items with pictures before you upload another one",
        megabytes(used),
        megabytes(quota),
    )))
}

/// Takes a file in: its header is held to the limits, and the original stored.
///
/// # Errors
/// The file is none that is accepted, or the storage failed.
pub async fn receive(app: &App, campus: CampusId, bytes: Bytes) -> Result<Received, Error> {
    let parts = app.clone();
    let probing = move || {
        let probe = picture::probe(&bytes, &parts.picture_limits()).map_err(|error| refused(&error))?;
        Ok(Received { key: parts.keys.image_key(campus, &bytes), probe, bytes, is_stored: false })
    };
    let mut received = blocking(probing).await?;
    if !is_ready(app, campus, &received.key).await? {
        store_original(app, &received).await?;
        received.is_stored = true;
    }
    Ok(received)
}

/// Whether equal bytes are ready. Waits a moment for those whose files are just being removed.
async fn is_ready(app: &App, campus: CampusId, key: &str) -> Result<bool, Error> {
    for _ in 0..LOOKS {
        let key = key.to_owned();
        let look = move |tx: &mut Tx<'_>| {
            let ready = store::of_key(tx, campus, &key, ImageStatus::Ready, 1)?;
            Ok((!ready.is_empty(), store::is_claimed(tx, &key)?))
        };
        let (is_ready, is_claimed) = app.read(look).await?;
        if is_ready || !is_claimed {
            return Ok(is_ready);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(being_removed())
}

fn being_removed() -> Error {
    Error::Unavailable("an equal picture is being removed at this moment: upload it again".to_owned())
}

async fn store_original(app: &App, received: &Received) -> Result<(), Error> {
    let (blobs, blob, bytes) = (Arc::clone(&app.blobs), files::original(&received.key)?, received.bytes.clone());
    blocking(move || blobs.put(&blob, &bytes).map_err(files::storage_failed)).await
}

/// An upload may take a little longer when others ask for lists.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    background::run(Priority::Low, work).await.map_err(|error| Error::Internal(error.to_string()))?
}

fn refused(error: &PictureError) -> Error {
    match error.code() {
        "unsupported_media_type" => Error::UnsupportedMediaType(error.to_string()),
        "payload_too_large" => Error::PayloadTooLarge(error.to_string()),
        "internal" => Error::Internal(error.to_string()),
        code => Error::invalid("image", code, error.to_string()),
    }
}

/// Writes down a received file with the job that makes its variants. When equal bytes are ready in this campus already,
/// so is the new picture.
///
/// # Errors
/// Files of equal bytes are being removed, or the database's.
pub fn register(tx: &mut Tx<'_>, who: &Principal, received: &Received) -> Result<StoredImage, Error> {
    if store::is_claimed(tx, &received.key)? {
        return Err(being_removed());
    }
    let ready = store::of_key(tx, who.campus, &received.key, ImageStatus::Ready, 1)?.pop();
    let fresh = StoredImage {
        id: tx.new_id(),
        owner: who.user,
        item: None,
        message: None,
        status: ImageStatus::Pending,
        error: None,
        key: received.key.clone(),
        width: received.probe.width,
        height: received.probe.height,
        placeholder: None,
        variants: None,
        created_at: tx.now(),
    };
    let image = match ready {
        Some(StoredImage { status, placeholder, variants, .. }) => {
            StoredImage { status, placeholder, variants, ..fresh }
        }
        None => {
            Task::Make { campus: who.campus, image: fresh.id, key: fresh.key.clone() }.enqueue(tx)?;
            fresh
        }
    };
    store::insert(tx, who.campus, &image)?;
    Ok(image)
}

/// Sees to the original once its picture is written down, or was not: it stands where a pending picture needs it (one
/// removed before that was written down is stored again) and nowhere else.
///
/// # Errors
/// The database's or the storage's: the original may be missing.
pub async fn settle_original(app: &App, campus: CampusId, received: &Received) -> Result<(), Error> {
    let key = received.key.clone();
    let pending = app.read(move |tx| Ok(store::of_key(tx, campus, &key, ImageStatus::Pending, 1)?)).await?;
    if pending.is_empty() {
        if received.is_stored {
            discard_original(app, received.key.clone()).await;
        }
        return Ok(());
    }
    let (blobs, blob) = (Arc::clone(&app.blobs), files::original(&received.key)?);
    match blocking(move || blobs.exists(&blob).map_err(files::storage_failed)).await? {
        true => Ok(()),
        false => store_original(app, received).await,
    }
}

/// Removes an original that nobody needs any more. What fails is left to the sweep.
async fn discard_original(app: &App, key: String) {
    if let Err(error) = clearing::clear(app, key.clone()).await {
        tracing::warn!(%error, key, "the original of a picture was left behind");
    }
}

/// A picture that the caller may see: their own, or one of a listed item.
///
/// # Errors
/// There is none.
pub fn visible_image(tx: &mut Tx<'_>, who: &Principal, id: ImageId) -> Result<StoredImage, Error> {
    store::visible_image(tx, who.campus, who.user, id)?.ok_or(Error::NotFound("image"))
}

/// Makes `ids` the pictures of a listing, in this order. Those it had and that are not named are deleted.
///
/// # Errors
/// Some are not the owner's, or belong to another listing: a fault of `images[k]` for each.
pub fn attach(tx: &mut Tx<'_>, campus: CampusId, owner: UserId, item: ItemId, ids: &[ImageId]) -> Result<(), Error> {
    let before = store::of_item(tx, campus, item)?;
    let mut faults = Faults::new();
    for (index, id) in ids.iter().enumerate() {
        let image = store::image(tx, campus, *id)?.filter(|image| image.owner == owner);
        match check_free(image.as_ref(), item) {
            Ok(()) => store::place(tx, campus, *id, item, index)?,
            Err((code, message)) => faults.push(Fault::new(format!("images[{index}]"), code, message)),
        }
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    before.iter().filter(|image| !ids.contains(&image.id)).try_for_each(|image| delete(tx, campus, image))
}

/// Whether an image of the owner can belong to `item`.
fn check_free(image: Option<&StoredImage>, item: ItemId) -> Result<(), (&'static str, &'static str)> {
    let Some(image) = image else { return Err(("not_found", "there is no such image of yours")) };
    match (image.item, image.message) {
        (Some(other), _) if other != item => Err(("taken", "belongs to another item: upload the picture again")),
        (_, Some(_)) => Err(("taken", "is in a message: upload the picture again")),
        _ => Ok(()),
    }
}

/// An upload of the sender's, ready or still waiting, that can go into a message.
///
/// # Errors
/// It is not the sender's, belongs to an item or another message, or failed: a fault of `image`.
pub fn for_message(tx: &mut Tx<'_>, campus: CampusId, sender: UserId, id: ImageId) -> Result<StoredImage, Error> {
    let image = store::image(tx, campus, id)?.filter(|image| image.owner == sender);
    check_sendable(image).map_err(|(code, message)| Error::invalid("image", code, message))
}

fn check_sendable(image: Option<StoredImage>) -> Result<StoredImage, (&'static str, &'static str)> {
    let Some(image) = image else { return Err(("not_found", "there is no such image of yours")) };
    if image.item.is_some() || image.message.is_some() {
        return Err(("taken", "belongs to an item or another message: upload the picture again"));
    }
    if image.status == ImageStatus::Failed {
        return Err(("failed", "no picture could be made of it: upload another one"));
    }
    Ok(image)
}

/// Deletes the picture of a message that is about to go, or has gone.
///
/// # Errors
/// The database's.
pub fn delete_of_message(tx: &mut Tx<'_>, campus: CampusId, id: ImageId) -> Result<(), Error> {
    let Some(image) = store::image(tx, campus, id)? else { return Ok(()) };
    delete(tx, campus, &image)
}

/// The pictures of a listing, in the seller's order.
///
/// # Errors
/// The database's.
pub fn of_item(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<Vec<StoredImage>, Error> {
    Ok(store::of_item(tx, campus, item)?)
}

/// Deletes the pictures of a listing that is about to go.
///
/// # Errors
/// The database's.
pub fn delete_of_item(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<(), Error> {
    store::of_item(tx, campus, item)?.iter().try_for_each(|image| delete(tx, campus, image))
}

/// Deletes uploads that no listing and no message took within a day.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), Error> {
    for (campus, image) in store::unattached(tx, tx.now() - UNATTACHED, 500)? {
        delete(tx, campus, &image)?;
    }
    Ok(())
}

/// Deletes a picture, and queues the removal of its files when no other one shares them.
fn delete(tx: &mut Tx<'_>, campus: CampusId, image: &StoredImage) -> Result<(), Error> {
    store::delete(tx, campus, image.id)?;
    if store::is_used(tx, campus, &image.key)? {
        return Ok(());
    }
    Task::Erase { campus, key: image.key.clone() }.enqueue(tx)
}

/// How far the pictures of a listing are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImagesState {
    /// How many are waiting or in work.
    pub pending: usize,
    /// How many are ready.
    pub ready: usize,
    /// Those that failed, each with its reason.
    pub failed: Vec<(ImageId, String)>,
    /// Key and placeholder of the first that is ready, in the seller's order.
    pub first_ready: Option<(String, Option<String>)>,
}

impl ImagesState {
    fn of(images: Vec<StoredImage>) -> Self {
        let mut state = Self::default();
        for image in images {
            match image.status {
                ImageStatus::Pending => state.pending += 1,
                ImageStatus::Failed => state.failed.push((image.id, image.error.unwrap_or_default())),
                ImageStatus::Ready => {
                    state.ready += 1;
                    state.first_ready.get_or_insert((image.key, image.placeholder));
                }
            }
        }
        state
    }
}

/// How far the pictures of a listing are.
///
/// # Errors
/// The database's.
pub fn state(tx: &mut Tx<'_>, campus: CampusId, item: ItemId) -> Result<ImagesState, Error> {
    Ok(ImagesState::of(store::of_item(tx, campus, item)?))
}

/// What was made of an upload.
#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) placeholder: String,
    pub(super) variants: StoredVariants,
}

/// Makes every pending picture with `key` ready: equal bytes are worked on once.
///
/// # Errors
/// A subscriber's, or the database's.
pub(super) fn settle_ready(tx: &mut Tx<'_>, app: &App, campus: CampusId, key: &str, made: &Made) -> Result<(), Error> {
    for image in store::of_key(tx, campus, key, ImageStatus::Pending, i64::MAX)? {
        let ready = StoredImage {
            status: ImageStatus::Ready,
            placeholder: Some(made.placeholder.clone()),
            variants: Some(made.variants),
            ..image
        };
        settle(tx, app, campus, ready, Counter::Completed)?;
    }
    Ok(())
}

/// Gives up a picture, with the reason for its owner.
///
/// # Errors
/// A subscriber's, or the database's.
pub(super) fn settle_failed(
    tx: &mut Tx<'_>,
    app: &App,
    campus: CampusId,
    id: ImageId,
    reason: &str,
) -> Result<(), Error> {
    let Some(image) = store::image(tx, campus, id)? else { return Ok(()) };
    let failed = StoredImage { status: ImageStatus::Failed, error: Some(reason.to_owned()), ..image };
    settle(tx, app, campus, failed, Counter::Failed)
}

/// Writes the outcome down, once, and tells of it: the subscribers, the owner, the queue's figures.
fn settle(tx: &mut Tx<'_>, app: &App, campus: CampusId, image: StoredImage, counter: Counter) -> Result<(), Error> {
    if !store::settle(tx, campus, &image)? {
        return Ok(());
    }
    store::count(tx, counter)?;
    tx.emit(&Event::ImageSettled { campus, image: image.id, owner: image.owner, item: image.item })?;
    inbox::deliver(tx, campus, image.owner, |since| ServerFrame::Image { image: shown(&app.public_url, image), since })
}

/// The figures of the image queue, of the whole server.
///
/// # Errors
/// The database's.
pub fn queue(tx: &mut Tx<'_>) -> Result<Queue, Error> {
    let (now, counts) = (tx.now(), jobs::counts(tx, Kind::Image)?);
    Ok(Queue {
        waiting: counts.waiting,
        active: counts.active,
        completed: store::counted(tx, Counter::Completed)?,
        failed: store::counted(tx, Counter::Failed)?,
        dead: jobs::dead(tx, Kind::Image, DEAD_SHOWN)?.into_iter().map(dead_job).collect(),
        oldest_waiting_ms: counts.oldest_waiting.map(|queued| now.millis().saturating_sub(queued.millis()).max(0)),
    })
}

fn dead_job(job: jobs::DeadJob) -> DeadJob {
    let image = match Task::read(&job.payload) {
        Ok(Task::Make { image, .. }) => Some(image),
        _ => None,
    };
    DeadJob { image, attempts: job.attempts, error: job.error, created_at: job.created_at }
}

/// Begins anew what was given up: the pictures are pending again. What nobody waits for any more is forgotten.
///
/// # Errors
/// The database's.
pub fn retry(tx: &mut Tx<'_>) -> Result<Retried, Error> {
    let mut retried = 0;
    for job in jobs::dead(tx, Kind::Image, i64::MAX)? {
        let is_wanted = match Task::read(&job.payload) {
            Ok(Task::Make { campus, image, .. }) => store::reopen(tx, campus, image)?,
            Ok(Task::Erase { .. }) => true,
            Err(_) => false,
        };
        if is_wanted {
            jobs::revive(tx, job.id)?;
            retried += 1;
        } else {
            jobs::complete(tx, job.id)?;
        }
    }
    Ok(Retried { retried })
}

#[cfg(test)]
mod tests;
