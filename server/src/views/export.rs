//! Everything the server holds on a user, of every service. What another user told in confidence is theirs: of an
//! unlock and of a booking there is no contact card.

pub mod store;

use campuszon_core::wire::{account::Device, export::Export};

use super::{chat, profile};
use crate::{App, Error, Principal, images, platform::database::Tx, users::service};

/// More chats than anybody has.
const ALL: i64 = 1_000_000;

/// All that there is on the caller.
///
/// # Errors
/// The database's.
pub fn all(tx: &mut Tx<'_>, app: &App, who: &Principal) -> Result<Export, Error> {
    let (campus, user) = (who.campus, who.user);
    let pictures = store::images(tx, campus, user)?;
    let pictures = pictures.into_iter().map(|stored| images::shown(&app.public_url, stored)).collect();
    let sessions = service::sessions(tx, who)?.into_iter().map(|session| Device {
        id: session.id,
        device: session.device,
        current: who.session == Some(session.id),
        created_at: session.created_at,
        last_used_at: session.rotated_at,
        expires_at: session.expires_at,
    });
    Ok(Export {
        profile: profile::me(tx, who)?,
        items: store::items(tx, campus, user)?,
        images: pictures,
        chats: chat::list(tx, app, who, None, ALL)?.chats,
        messages: store::messages(tx, campus, user)?,
        bookings: store::bookings(tx, campus, user)?,
        unlocks: store::unlocks(tx, campus, user)?,
        tokens: store::tokens(tx, campus, user)?,
        reviews: store::reviews(tx, campus, user)?,
        searches: store::searches(tx, campus, user)?,
        notifications: store::notifications(tx, campus, user)?,
        sessions: sessions.collect(),
        favorites: store::favorites(tx, campus, user)?,
        blocks: store::blocks(tx, campus, user)?,
    })
}
