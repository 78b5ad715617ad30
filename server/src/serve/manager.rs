//! What the service manager hears, where there is one: that the server is ready, that it stops, and that it makes progress.

use std::time::Duration;

use sd_notify::NotifyState;

use crate::App;

/// Says that connections are accepted, and where.
pub(super) fn ready(addresses: &[String]) {
    let status = format!("listening on {}", addresses.join(", "));
    tell(&[NotifyState::Ready, NotifyState::Status(&status)]);
}

/// Says that the server stops.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping, NotifyState::Status("finishing what is open")]);
}

/// Says again and again that the server makes progress, for as long as its writer does: a server that can write no more
/// is of no use, however well the rest of it feels. Returns where nobody wants to hear it.
pub(super) async fn watch(app: App) {
    let Some(patience) = sd_notify::watchdog_enabled() else { return };
    // Two may get lost.
    let pause = patience / 3;
    loop {
        if app.store.writes().await {
            tell(&[NotifyState::Watchdog]);
            tokio::time::sleep(pause).await;
        } else {
            tokio::time::sleep(pause.min(Duration::from_millis(100))).await;
        }
    }
}

fn tell(news: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(news) {
        tracing::warn!("the service manager cannot be told: {error}");
    }
}
