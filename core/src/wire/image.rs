//! Pictures: their state while they are made, and where the finished variants are.

use super::wire;
use crate::{ImageId, Timestamp};

crate::words! {
    /// How far the server is with a picture.
    ImageStatus {
        /// Waiting or in work.
        Pending = "pending",
        /// All variants stand.
        Ready = "ready",
        /// Given up, with a reason.
        Failed = "failed",
    }
}

wire! {
    /// The answer to an upload.
    pub struct Uploaded {
        pub id: ImageId,
        pub status: ImageStatus,
    }

    /// One variant of a picture.
    pub struct Variant {
        /// Absolute, immutable.
        pub url: String,
        pub width: u32,
        pub height: u32,
        /// The size of the file.
        pub bytes: u64,
    }

    /// The three variants: inside 300×300, 800×600 and 1200×900.
    pub struct Variants {
        pub thumbnail: Variant,
        pub medium: Variant,
        pub large: Variant,
    }

    /// A picture.
    pub struct Image {
        pub id: ImageId,
        pub status: ImageStatus,
        /// Why it failed.
        pub error: Option<String>,
        /// Of the original, as displayed.
        pub width: u32,
        pub height: u32,
        /// A thumbhash in base 64.
        pub placeholder: Option<String>,
        /// When ready.
        pub variants: Option<Variants>,
    }

    /// `GET /api/images/queue`
    pub struct Queue {
        pub waiting: i64,
        pub active: i64,
        pub completed: i64,
        pub failed: i64,
        pub oldest_waiting_ms: Option<i64>,
        /// What was given up through no fault of a file and can be tried again, newest first, at most 20.
        pub dead: Vec<DeadJob>,
    }

    /// A job that was given up.
    pub struct DeadJob {
        /// The picture it was to make ready; absent where files were to be removed.
        pub image: Option<ImageId>,
        /// How often it was tried.
        pub attempts: i64,
        /// Why the last try failed.
        pub error: String,
        pub created_at: Timestamp,
    }

    /// The answer to `POST /api/images/queue/retry`
    pub struct Retried {
        /// How many jobs are tried again.
        pub retried: i64,
    }
}
