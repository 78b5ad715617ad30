//! Pictures: their state while they are made, and where the finished variants are.

use super::wire;
use crate::ImageId;

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
    }
}
