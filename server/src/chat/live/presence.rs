//! Who hears that somebody came, went, or writes: passing frames, stored nowhere. They go over the bus, so that they
//! reach people on other nodes.

use std::sync::Arc;

use campuszon_core::{CampusId, ChatId, Timestamp, UserId, wire::live::ServerFrame};

use crate::{App, Error, Principal, chat::service, platform::database::Announcement};

/// Tells those whom `user` has conversations with that they are there.
pub(super) async fn arrived(app: &App, campus: CampusId, user: UserId) {
    tell_of(app, campus, user, true, None).await;
}

/// Waits whether `user`, whose last connection has ended, comes back; tells that they are gone when not.
pub(super) async fn parted(app: App, campus: CampusId, user: UserId, since: Timestamp) {
    let Some(parting) = app.hub.linger(user) else { return };
    tokio::time::sleep(app.settings.chat.offline_after).await;
    if app.hub.has_parted(user, parting) {
        tell_of(&app, campus, user, false, Some(since)).await;
    }
}

async fn tell_of(app: &App, campus: CampusId, user: UserId, online: bool, last_seen: Option<Timestamp>) {
    match app.read(move |tx| service::acquaintances(tx, campus, user)).await {
        Ok(to) => whisper(app, to, &ServerFrame::Presence { user_id: user, online, last_seen }),
        // It is shown right with the next list.
        Err(error) => tracing::warn!(%user, %error, "cannot tell who is there"),
    }
}

/// Tells the other member of a conversation that the caller writes, or stops.
///
/// # Errors
/// The caller is no member.
pub(super) async fn typing(app: &App, who: &Principal, chat: ChatId, on: bool) -> Result<(), Error> {
    let caller = who.clone();
    let peer = app.read(move |tx| service::listener(tx, &caller, chat)).await?;
    let frame = ServerFrame::Typing { chat_id: chat, user_id: who.user, on };
    whisper(app, peer.into_iter().collect(), &frame);
    Ok(())
}

fn whisper(app: &App, to: Vec<UserId>, frame: &ServerFrame) {
    if to.is_empty() {
        return;
    }
    // Frames are plain structs with text keys: they always serialize.
    let frame: Arc<str> = serde_json::to_string(frame).unwrap_or_default().into();
    app.bus.publish(&[Announcement::Whisper { to, frame }]);
}
