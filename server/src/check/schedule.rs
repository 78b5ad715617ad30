//! The full check that a server makes of itself every so often.

use std::{sync::Arc, time::Duration};

use campuszon_core::Timestamp;
use tokio::sync::watch;

use super::{Disagreement, run, store};
use crate::{App, Error, platform::rhythm::Rhythm};

/// How long a server that was never checked is left alone after its start.
const FIRST: Duration = Duration::from_secs(10 * 60);

/// How many faults the log tells; `admin check` tells all.
const TOLD: usize = 20;

/// Checks until `stop` turns true.
pub async fn keep(app: App, stop: watch::Receiver<bool>) {
    let Some(every) = app.settings.check.every else { return };
    let now = app.clock.now();
    let last = match app.read(|tx| Ok(store::last_check(tx)?)).await {
        Ok(last) => last.unwrap_or_else(|| now + FIRST.min(every) - every),
        Err(error) => {
            tracing::warn!(%error, "cannot read when the last check was");
            now
        }
    };
    let clock = Arc::clone(&app.clock);
    Rhythm::new(every, Some(last), now).keep(&*clock, stop, || attempt(&app)).await;
}

/// Checks, logs what was found, and tells whether everything could be looked at.
async fn attempt(app: &App) -> bool {
    match check(app).await {
        Ok(found) => {
            tell(&found);
            true
        }
        Err(error) => {
            tracing::warn!(%error, "the scheduled check was cut off; it is tried again later");
            false
        }
    }
}

/// Checks everything, and notes down when that was and whether it was clean.
///
/// # Errors
/// The database or the storage of pictures cannot be read, or the outcome not written.
pub async fn check(app: &App) -> Result<Vec<Disagreement>, Error> {
    let found = run(app).await?;
    let (now, faults) = (app.clock.now(), i64::try_from(found.len()).unwrap_or(i64::MAX));
    app.write(move |tx| Ok(store::note_check(tx, now, faults)?)).await?;
    Ok(found)
}

fn tell(found: &[Disagreement]) {
    if found.is_empty() {
        tracing::info!("checked everything: no fault found");
        return;
    }
    for fault in found.iter().take(TOLD) {
        let (kind, subject) = (&*fault.kind, &*fault.subject);
        tracing::error!(kind, subject, "the scheduled check found a fault: {}", fault.message);
    }
    tracing::error!(faults = found.len(), "the scheduled check found faults: `campuszon admin check` lists them");
}

/// When everything was last found in order.
///
/// # Errors
/// The database's.
pub async fn last_clean(app: &App) -> Result<Option<Timestamp>, Error> {
    app.read(|tx| Ok(store::last_clean_check(tx)?)).await
}
