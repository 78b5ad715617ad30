//! What this node does about maintenance: it learns of it, and sends its live connections away.

use std::time::Duration;

use tokio::{sync::watch, time};

use crate::{App, Error, platform::maintenance};

/// How soon what was said to another node holds here too.
const LOOK: Duration = Duration::from_secs(2);

/// Looks what the database says, and holds to it.
///
/// # Errors
/// The database's.
pub async fn learn(app: &App) -> Result<(), Error> {
    let _turn = app.maintenance.turn().await;
    let stored = app.read(maintenance::stored).await?;
    app.metrics.maintenance.set(i64::from(stored.is_some()));
    // Remembered before anybody is sent away: who comes back finds the door closed.
    if app.maintenance.remember(stored) {
        tracing::warn!("maintenance: nobody but administrators is served until `campuszon admin maintenance off`");
        app.hub.send_away();
    }
    Ok(())
}

/// Learns of it until `stop` becomes true, or nobody is left to say so.
pub async fn follow(app: App, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = time::sleep(LOOK) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // Whatever else needs the database says more of it.
        if let Err(error) = learn(&app).await {
            tracing::debug!(%error, "cannot see whether there is maintenance");
        }
    }
}
