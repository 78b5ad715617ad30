//! The work of the image queue. All of it can be repeated: a job comes back when its worker died or the database was
//! away.

use campuszon_core::{
    CampusId, ImageId,
    picture::{self, PictureError},
    wire::image::ImageStatus,
};
use tracing::Span;

use super::{
    clearing, files,
    service::{self, GAVE_UP, Made},
    store,
    task::Task,
};
use crate::{
    App, Error,
    platform::{
        background::{self, Priority},
        database::Tx,
        jobs::{self, Job},
        traces,
    },
};

/// Why a task is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    /// The file is at fault: another try would end the same. A sentence for its owner.
    File(String),
    /// We are: it may work the next time. A text for the log.
    Ours(String),
}

impl From<PictureError> for Failure {
    fn from(error: PictureError) -> Self {
        if error.is_final() { Self::File(error.to_string()) } else { Self::Ours(error.to_string()) }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error.to_string())
    }
}

/// Does what a job asks for, and ends it, or notes why it failed, with all that follows in one transaction.
///
/// # Errors
/// The database's: the job comes back when its lease ends.
pub async fn process(app: &App, job: Job) -> Result<(), Error> {
    let backoff = app.settings.images.backoff;
    let task = match Task::read(&job.payload) {
        Ok(task) => task,
        Err(error) => {
            return app.write(move |tx| Ok(jobs::fail(tx, &job, backoff, &error).map(|_again| ())?)).await;
        }
    };
    let outcome = match job.is_deadly() {
        true => Err(Failure::Ours("its workers died".to_owned())),
        false => perform(app, &task).await,
    };
    if let Err(Failure::Ours(error)) = &outcome {
        traces::fail(&Span::current());
        tracing::warn!(id = %job.id, attempt = job.attempt, ?error, "a job of the image queue failed");
    }
    let parts = app.clone();
    app.write(move |tx| settle(tx, &parts, &job, &task, &outcome)).await
}

/// Performs a task. `None` when there is nothing to tell of.
async fn perform(app: &App, task: &Task) -> Result<Option<Made>, Failure> {
    match task.clone() {
        Task::Make { campus, image, key } => make(app, campus, image, key).await,
        Task::Erase { key, .. } => clearing::clear(app, key).await.map(|()| None).map_err(Failure::from),
    }
}

fn settle(
    tx: &mut Tx<'_>,
    app: &App,
    job: &Job,
    task: &Task,
    outcome: &Result<Option<Made>, Failure>,
) -> Result<(), Error> {
    match (outcome, task) {
        (Ok(Some(made)), Task::Make { campus, key, .. }) => service::settle_ready(tx, app, *campus, key, made)?,
        (Err(Failure::File(reason)), Task::Make { campus, image, .. }) => {
            service::settle_failed(tx, app, *campus, *image, reason)?;
        }
        (Err(Failure::Ours(error)), task) => {
            let again = jobs::fail(tx, job, app.settings.images.backoff, error)?;
            return match task {
                Task::Make { campus, image, .. } if !again => service::settle_failed(tx, app, *campus, *image, GAVE_UP),
                _ => Ok(()),
            };
        }
        _ => {}
    }
    if let Task::Make { campus, key, .. } = task {
        // The original, as a job of its own: a crash leaves nothing behind.
        Task::Erase { campus: *campus, key: key.clone() }.enqueue(tx)?;
    }
    Ok(jobs::complete(tx, job.id)?)
}

/// Makes the variants of a picture, unless it is settled or gone already.
async fn make(app: &App, campus: CampusId, image: ImageId, key: String) -> Result<Option<Made>, Failure> {
    let wanted = key.clone();
    let (found, ready) = app
        .read(move |tx| {
            Ok((store::image(tx, campus, image)?, store::of_key(tx, campus, &wanted, ImageStatus::Ready, 1)?.pop()))
        })
        .await?;
    if found.is_none_or(|found| found.status != ImageStatus::Pending) {
        return Ok(None);
    }
    // Equal bytes became ready in the meantime.
    if let Some((variants, placeholder)) = ready.and_then(|ready| ready.variants.zip(ready.placeholder)) {
        return Ok(Some(Made { placeholder, variants }));
    }
    let (blobs, limits) = (app.blobs.clone(), app.picture_limits());
    let making = move || {
        let original = blobs.get(&files::original(&key)?).map_err(files::storage_failed)?;
        let original = original.ok_or_else(|| Failure::Ours("the original is gone".to_owned()))?;
        let variants = picture::variants(&original, &limits)?;
        files::put_variants(&*blobs, &key, &variants)?;
        Ok(Some(Made { variants: (&variants).into(), placeholder: variants.placeholder }))
    };
    background::run(Priority::Low, making).await.unwrap_or_else(|error| Err(Failure::Ours(error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_failures_are_tried_again() {
        assert!(matches!(Failure::from(PictureError::ZeroDimensions), Failure::File(_)));
        assert!(matches!(Failure::from(PictureError::Encoding { reason: String::new() }), Failure::Ours(_)));
    }
}
