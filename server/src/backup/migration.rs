//! The backup before a migration: whoever does not like what a newer version made of the data goes back to it, with the
//! version that they had.

use std::path::PathBuf;

use campuszon_core::Timestamp;

use super::{make, proof::apart};
use crate::{
    platform::{database, directory::DataDirectory},
    serve::{Options, StartError},
};

/// Backs up a database of files that is about to be migrated, and nothing else. The file is named by the schema that comes,
/// so that one that cannot be migrated does not fill the disk with every try.
///
/// # Errors
/// There is no backup: the migration must not begin.
pub async fn back_up_before_migration(
    options: &Options,
    directory: &DataDirectory,
    now: Timestamp,
) -> Result<(), StartError> {
    // PostgreSQL is backed up by its own means.
    let Ok((path, blobs)) = options.files(directory) else { return Ok(()) };
    let Some((found, known)) = database::pending_migration(&path) else { return Ok(()) };
    let file = file(directory, known);
    let (place, target) = (DataDirectory::attach(directory.path())?, file.clone());
    apart(move || make(&place, &path, blobs.as_deref(), &target, now)).await.map_err(|error| {
        StartError::Other(format!(
            "the database must be migrated from schema version {found} to {known}, but the backup before that failed, and \
             nothing was changed: {error}"
        ))
    })?;
    tracing::info!(file = %file.display(), found, known, "backed up before migrating the database");
    Ok(())
}

fn file(directory: &DataDirectory, known: i64) -> PathBuf {
    directory.backups().join(format!("before-schema-{known}.tar"))
}

#[cfg(test)]
mod tests;
