//! What a job of the image queue asks for.

use campuszon_core::{CampusId, ImageId};
use serde::{Deserialize, Serialize};

use crate::{
    Error,
    platform::{
        database::Tx,
        jobs::{self, Kind},
    },
};

/// The payload of a job of [`Kind::Image`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub(super) enum Task {
    /// Make the variants of an upload.
    Make {
        /// The tenant.
        campus: CampusId,
        /// The picture, whose row may be gone by then.
        image: ImageId,
        /// Where its files lie.
        key: String,
    },
    /// Remove the files that no picture needs any more.
    Erase {
        /// The tenant.
        campus: CampusId,
        /// Where the files lie.
        key: String,
    },
}

impl Task {
    /// Queues the task.
    ///
    /// # Errors
    /// The database's.
    pub(super) fn enqueue(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        let payload = serde_json::to_string(self).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(jobs::enqueue(tx, Kind::Image, &payload)?)
    }

    /// Reads a job's payload.
    ///
    /// # Errors
    /// It is none of ours.
    pub(super) fn read(payload: &str) -> Result<Self, String> {
        serde_json::from_str(payload).map_err(|error| format!("the payload cannot be read: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use campuszon_core::Id;

    use super::*;

    #[test]
    fn payloads_read_back() {
        let (campus, key) = (CampusId::from_bits(1), "ab".repeat(32));
        let make = Task::Make { campus, image: ImageId::from_bits(2), key: key.clone() };
        for task in [make, Task::Erase { campus, key }] {
            assert_eq!(Task::read(&serde_json::to_string(&task).unwrap()), Ok(task));
        }
        assert!(Task::read("{}").is_err());
    }
}
