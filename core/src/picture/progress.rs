//! How far work on a picture has come, told to whoever waits for it, who may end it.

use std::ops::ControlFlow;

use super::PictureError;

crate::words! {
    /// The steps of making a picture ready, in their order.
    Stage {
        /// From the file's bytes to pixels.
        Decoding = "decoding",
        /// To fewer pixels, upright and in sRGB.
        Resizing = "resizing",
        /// To a file again.
        Encoding = "encoding",
    }
}

/// Told of each stage before it begins; breaking ends the work with [`PictureError::Cancelled`].
pub(super) type Progress<'a> = &'a mut dyn FnMut(Stage) -> ControlFlow<()>;

/// For work that nobody watches.
pub(super) fn unwatched(_: Stage) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub(super) fn enter(stage: Stage, progress: Progress<'_>) -> Result<(), PictureError> {
    match progress(stage) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(PictureError::Cancelled),
    }
}
