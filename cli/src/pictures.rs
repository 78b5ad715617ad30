//! Picture files on their way to the server: made ready side by side, then sent side by side. What becomes of each is told
//! as it happens, so that a command or a screen can show it.

mod cache;

use std::{
    fs, io,
    num::NonZero,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use bytes::Bytes;
use campuszon_core::{
    ImageId,
    picture::{Limits, PictureError, Prepared, Stage, prepare},
};
use futures_util::future::join_all;
use tokio::{sync::Semaphore, task::spawn_blocking};

pub use self::cache::PictureCache;
use crate::client::{Client, ClientError};

/// How many pictures are made ready at a time, at most: each takes some tens of megabytes.
const MOST_AT_A_TIME: usize = 4;

/// How many are sent at a time: a line is full with few.
const SENT_AT_A_TIME: usize = 3;

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is being made ready.
    Preparing(Stage),
    /// It is ready, and had and has so many bytes.
    Ready {
        /// Before.
        from: u64,
        /// Now.
        to: u64,
    },
    /// So many of its bytes are on their way.
    Sending(u64),
    /// The server has it.
    Sent,
    /// It cannot be used, or not be sent now.
    Failed,
}

/// Told of each step, with the number of the file.
pub type Tell = Arc<dyn Fn(usize, Step) + Send + Sync>;

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is no picture that can be used.
    #[error(transparent)]
    Picture(#[from] PictureError),
}

/// Makes pictures ready: upright, small, without metadata. Dropping the future ends the work at its next stage.
pub async fn prepare_all(files: &[PathBuf], tell: &Tell) -> Vec<Result<Prepared, Unfit>> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let places = Semaphore::new(processors.min(MOST_AT_A_TIME));
    let wanted = Wanted::default();
    let preparing = files.iter().enumerate().map(async |(number, file)| {
        // It is never closed.
        let _place = places.acquire().await;
        let (file, tell, is_wanted) = (file.clone(), tell.clone(), wanted.0.clone());
        let told = tell.clone();
        let working = spawn_blocking(move || {
            prepare_file(&file, |stage| {
                tell(number, Step::Preparing(stage));
                if is_wanted.load(Ordering::Relaxed) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
        });
        let outcome = working.await.unwrap_or_else(|failed| Err(io::Error::other(failed).into()));
        told(
            number,
            match &outcome {
                Ok(ready) => Step::Ready { from: ready.from_bytes, to: ready.bytes.len() as u64 },
                Err(_) => Step::Failed,
            },
        );
        outcome
    });
    join_all(preparing).await
}

fn prepare_file(file: &Path, mut stage: impl FnMut(Stage) -> ControlFlow<()>) -> Result<Prepared, Unfit> {
    Ok(prepare(&fs::read(file)?, &Limits::default(), &mut stage)?)
}

/// Says no once it is dropped.
struct Wanted(Arc<AtomicBool>);

impl Default for Wanted {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Sends pictures, each under a key of its own made from `key`: after a failure the same call sends nothing twice.
pub async fn send_all(
    client: &Client,
    pictures: Vec<Prepared>,
    key: &str,
    tell: &Tell,
) -> Vec<Result<ImageId, ClientError>> {
    let places = Semaphore::new(SENT_AT_A_TIME);
    let sending = pictures.into_iter().enumerate().map(async |(number, picture)| {
        let _place = places.acquire().await;
        let (key, told) = (format!("{key}-{}", number + 1), tell.clone());
        let progress = Arc::new(move |bytes| told(number, Step::Sending(bytes)));
        let content_type = picture.format.content_type();
        let sent = client.upload_image_telling(Bytes::from(picture.bytes), content_type, Some(&key), progress).await;
        tell(number, if sent.is_ok() { Step::Sent } else { Step::Failed });
        Ok(sent?.id)
    });
    join_all(sending).await
}

/// A size for people: `310 KB`, `4.9 MB`.
pub fn size(bytes: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = (bytes * 10 + unit / 2) / unit;
        if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
    };
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..999_500 => format!("{} KB", (bytes + 500) / 1_000),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        let pairs =
            [(17, "17 B"), (310_200, "310 KB"), (999_600, "1 MB"), (4_900_000, "4.9 MB"), (20_000_000, "20 MB")];
        for (bytes, text) in pairs {
            assert_eq!(size(bytes), text);
        }
    }
}
