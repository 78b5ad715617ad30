//! `admin check`: whether what is stored agrees with itself. It reads one view of the database, beside a running server
//! too, and then compares the pictures' files with their rows.

pub mod schedule;
pub mod store;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use campuszon_core::{picture::Size, wire::image::ImageStatus};
use serde::Serialize;

use self::store::Picture;
use crate::{
    App, Error,
    images::files,
    platform::blobs::{BlobKey, Blobs},
};

/// How long a file may be ahead of its row, or behind its row's end, on a busy server.
const SETTLING: Duration = Duration::from_secs(2);

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Disagreement {
    /// A stable machine word, such as `ledger_sum`.
    pub kind: String,
    /// The id of what it is about, or a part of the database.
    pub subject: String,
    /// A sentence on it.
    pub message: String,
}

/// All that does not agree, in the order of kinds.
///
/// # Errors
/// The database or the storage of pictures cannot be read.
pub async fn run(app: &App) -> Result<Vec<Disagreement>, Error> {
    let mut found = app.read(of_database).await?;
    let first = of_pictures(app).await?;
    if !first.is_empty() {
        // What is being uploaded or erased at this moment is seen once, what is broken again.
        tokio::time::sleep(SETTLING).await;
        let second = of_pictures(app).await?;
        found.extend(first.into_iter().filter(|fault| second.contains(fault)));
    }
    Ok(found)
}

fn of_database(tx: &mut crate::platform::database::Tx<'_>) -> Result<Vec<Disagreement>, Error> {
    let damage = tx.integrity()?.into_iter().map(|message| Disagreement {
        kind: "integrity".to_owned(),
        subject: "database".to_owned(),
        message,
    });
    let mut found: Vec<Disagreement> = damage.collect();
    for rule in store::RULES {
        found.extend(store::broken(tx, rule)?.into_iter().map(|fault| {
            Disagreement {
                kind: rule.kind.to_owned(),
                subject: fault.subject,
                message: rule
                    .words
                    .replace("{expected}", &fault.expected.to_string())
                    .replace("{found}", &fault.found.to_string()),
            }
        }));
    }
    Ok(found)
}

/// The files that are missing or of another length, and those that belong to nothing.
async fn of_pictures(app: &App) -> Result<BTreeSet<Disagreement>, Error> {
    let blobs = Arc::clone(&app.blobs);
    let listing = tokio::task::spawn_blocking(move || all(&*blobs));
    let lying = listing.await.map_err(|panic| Error::Internal(panic.to_string()))??;
    let (pictures, queued) = app.read(|tx| Ok((store::pictures(tx)?, store::queued(tx)?))).await?;
    let mut known = HashMap::new();
    let mut found = BTreeSet::new();
    for picture in &pictures {
        for (key, length) in needed(picture)? {
            match (lying.get(key.as_str()), length) {
                (None, _) => {
                    found.insert(fault("blob_missing", &picture.id, format!("its file {key} is missing")));
                }
                (Some(&is), Some(must)) if is != must => {
                    let message = format!("its file {key} has {is} bytes where {must} belong");
                    found.insert(fault("blob_size", &picture.id, message));
                }
                _ => {}
            }
        }
        known.insert(picture.key.as_str(), ());
    }
    for file in lying.keys() {
        let picture = files::picture_of(file);
        // A file whose picture is gone is erased by a queued job.
        let is_known = known.contains_key(picture.as_str()) || queued.iter().any(|task| task.contains(&picture));
        if !is_known {
            found.insert(fault("blob_unknown", file, "belongs to no picture".to_owned()));
        }
    }
    Ok(found)
}

fn fault(kind: &str, subject: &str, message: String) -> Disagreement {
    Disagreement { kind: kind.to_owned(), subject: subject.to_owned(), message }
}

/// The files that a picture cannot do without, and how many bytes they have where that is known.
fn needed(picture: &Picture) -> Result<Vec<(BlobKey, Option<u64>)>, Error> {
    let length = |size| picture.variants.map(|variants| variants.get(size).bytes);
    match picture.status {
        ImageStatus::Ready => {
            Size::ALL.iter().map(|&size| Ok((files::variant(&picture.key, size)?, length(size)))).collect()
        }
        ImageStatus::Pending => Ok(vec![(files::original(&picture.key)?, None)]),
        ImageStatus::Failed => Ok(Vec::new()),
    }
}

/// Every file and how many bytes it has.
fn all(blobs: &dyn Blobs) -> Result<BTreeMap<String, u64>, Error> {
    let mut keys = BTreeMap::new();
    blobs.each(&mut |key, bytes| keys.extend([(key.as_str().to_owned(), bytes)])).map_err(files::storage_failed)?;
    Ok(keys)
}
