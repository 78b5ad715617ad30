//! Removing the files that no picture needs, without ever taking those of an upload that comes in the same moment.
//!
//! Whoever removes files of a key first claims the key, in the transaction that finds them unneeded. An upload is not
//! written down while its key is claimed, and looks once more whether its original stands when it is. So what is removed
//! belongs to nobody, on any number of nodes; a claim whose holder died ends by itself.

use std::time::Duration;

use campuszon_core::{Timestamp, wire::image::ImageStatus};

use super::{files, service::GAVE_UP, store};
use crate::{
    App, Error,
    platform::{
        background::{self, Priority},
        blobs::{BlobKey, Blobs},
        database::Tx,
    },
};

/// How long a claim stands: far above what a removal takes, and less than the job of one who died waits for another.
const CLAIM: Duration = Duration::from_secs(12);

/// So long before its end a claim is no longer used.
const MARGIN: Duration = Duration::from_secs(6);

/// After how long nobody writes to a file any more.
const HALF_WRITTEN: Duration = Duration::from_secs(60 * 60);

/// How many keys the sweep looks up in one transaction.
const BATCH: usize = 200;

/// Which files of a key may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unneeded {
    Nothing,
    Original,
    All,
}

impl Unneeded {
    /// What the pictures with one key, each with its status and error, leave unneeded. A picture that failed through no
    /// fault of its own keeps its original for another try.
    fn by(pictures: &[(ImageStatus, Option<String>)]) -> Self {
        let needs_original = |(status, error): &(ImageStatus, Option<String>)| match status {
            ImageStatus::Pending => true,
            ImageStatus::Failed => error.as_deref() == Some(GAVE_UP),
            ImageStatus::Ready => false,
        };
        match pictures {
            [] => Self::All,
            some if some.iter().any(needs_original) => Self::Nothing,
            _ => Self::Original,
        }
    }

    fn files(self, key: &str) -> Result<Vec<BlobKey>, Error> {
        let mut doomed = if self == Self::All { files::variants(key)? } else { Vec::new() };
        if self != Self::Nothing {
            doomed.push(files::original(key)?);
        }
        Ok(doomed)
    }
}

/// Removes what nobody needs of the files with this key.
///
/// # Errors
/// The database's or the storage's, or another is removing them: it can be tried again.
pub(super) async fn clear(app: &App, key: String) -> Result<(), Error> {
    let wanted = key.clone();
    let Some((unneeded, until)) = app.write(move |tx| claim(tx, &wanted)).await? else { return Ok(()) };
    let removed = remove(app, unneeded.files(&key)?, until - MARGIN).await;
    app.write(move |tx| Ok(store::release(tx, &key, until)?)).await?;
    removed
}

/// Claims a key when some of its files are not needed: which, and until when.
fn claim(tx: &mut Tx<'_>, key: &str) -> Result<Option<(Unneeded, Timestamp)>, Error> {
    let unneeded = Unneeded::by(&store::uses(tx, key)?);
    if unneeded == Unneeded::Nothing {
        return Ok(None);
    }
    let until = tx.now() + CLAIM;
    if !store::claim(tx, key, until)? {
        return Err(Error::Unavailable("the files of this picture are being removed already".to_owned()));
    }
    Ok(Some((unneeded, until)))
}

async fn remove(app: &App, doomed: Vec<BlobKey>, until: Timestamp) -> Result<(), Error> {
    let parts = app.clone();
    let removing = move || {
        doomed.iter().try_for_each(|key| {
            if parts.clock.now() >= until {
                return Err(Error::Unavailable("the storage of pictures is too slow to remove any".to_owned()));
            }
            parts.blobs.delete(key).map_err(files::storage_failed)
        })
    };
    background::run(Priority::Low, removing).await.map_err(|error| Error::Internal(error.to_string()))?
}

/// Removes what crashes left behind: files without a picture, and originals that nobody needs.
///
/// # Errors
/// The database's or the storage's.
pub async fn sweep(app: &App) -> Result<(), Error> {
    let doomed = look(app).await?;
    if !doomed.is_empty() {
        tracing::info!(pictures = doomed.len(), "files that no picture needs are removed");
    }
    for key in doomed {
        if let Err(error) = clear(app, key).await {
            tracing::warn!(%error, "files of a picture were left behind");
        }
    }
    Ok(())
}

/// Counts what lies in the storage; the keys that have unneeded files. A database that knows less of the pictures than it does
/// not know is another one, or was lost: of those none is unneeded then.
///
/// # Errors
/// The database's or the storage's.
pub async fn look(app: &App) -> Result<Vec<String>, Error> {
    let blobs = app.blobs.clone();
    let listing = background::run(Priority::Low, move || {
        blobs.tidy(HALF_WRITTEN).map_err(files::storage_failed)?;
        lying(&*blobs)
    })
    .await;
    let (lying, bytes) = listing.map_err(|error| Error::Internal(error.to_string()))??;
    app.metrics.blob_bytes.set(i64::try_from(bytes).unwrap_or(i64::MAX));
    let (mut unknown, mut unneeded) = (Vec::new(), Vec::new());
    for batch in lying.chunks(BATCH) {
        let batch = batch.to_vec();
        for (key, files) in app.read(move |tx| unneeded_of(tx, &batch)).await? {
            if files == Unneeded::All { unknown.push(key) } else { unneeded.push(key) }
        }
    }
    let known = lying.len() - unknown.len();
    if unknown.len() > known {
        tracing::warn!(
            unknown = unknown.len(),
            known,
            "the storage holds more pictures that the database does not know than it knows: is it the right database? None \
             of them is removed"
        );
    } else {
        unneeded.append(&mut unknown);
    }
    Ok(unneeded)
}

/// The keys in the storage, each with whether its original is there, and how many bytes all files have.
fn lying(blobs: &dyn Blobs) -> Result<(Vec<(String, bool)>, u64), Error> {
    let (mut found, mut total) = (Vec::new(), 0);
    blobs
        .each(&mut |blob, bytes| {
            total += bytes;
            let key = files::picture_of(blob.as_str());
            // Anything else was not put here by us.
            if files::is_key(&key) {
                found.push((key, files::is_original(blob.as_str())));
            }
        })
        .map_err(files::storage_failed)?;
    found.sort_unstable();
    found.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        earlier.1 |= is_same && later.1;
        is_same
    });
    Ok((found, total))
}

/// Those of the keys that have unneeded files, with which.
fn unneeded_of(tx: &mut Tx<'_>, keys: &[(String, bool)]) -> Result<Vec<(String, Unneeded)>, Error> {
    let mut found = Vec::new();
    for (key, has_original) in keys {
        let unneeded = Unneeded::by(&store::uses(tx, key)?);
        if unneeded == Unneeded::All || (unneeded == Unneeded::Original && *has_original) {
            found.push((key.clone(), unneeded));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_as_long_as_a_picture_needs_them() {
        use ImageStatus::{Failed, Pending, Ready};
        let by = |pictures: &[(ImageStatus, Option<&str>)]| {
            let owned = |(status, error): &(ImageStatus, Option<&str>)| (*status, error.map(str::to_owned));
            Unneeded::by(&pictures.iter().map(owned).collect::<Vec<_>>())
        };
        assert_eq!(by(&[]), Unneeded::All);
        assert_eq!(by(&[(Ready, None), (Failed, Some("damaged"))]), Unneeded::Original);
        assert_eq!(by(&[(Ready, None), (Pending, None)]), Unneeded::Nothing);
        assert_eq!(by(&[(Failed, Some(GAVE_UP))]), Unneeded::Nothing);
    }
}
