//! Users as they see themselves, and as others see them.

use campuszon_core::{
    CampusId, UserId,
    wire::account::{Profile, PublicProfile},
};

use crate::{
    Error, Principal, chat,
    chat::live::Hub,
    items, notifications,
    platform::database::Tx,
    users::{service, store::User},
};

/// The caller's own profile.
///
/// # Errors
/// The database's.
pub fn me(tx: &mut Tx<'_>, who: &Principal) -> Result<Profile, Error> {
    let user = service::user(tx, who.campus, who.user)?;
    own(tx, &user)
}

/// A user's own profile.
///
/// # Errors
/// The database's.
pub fn own(tx: &mut Tx<'_>, user: &User) -> Result<Profile, Error> {
    Ok(Profile {
        id: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        campus: user.campus_name.clone(),
        residence: user.residence.clone(),
        phone: user.phone.clone(),
        avatar: None,
        role: user.role,
        status: user.status,
        tokens: user.tokens,
        rating: user.rating(),
        review_count: user.rating_count,
        hide_presence: user.hide_presence,
        joined: user.joined_at,
        unread_messages: chat::service::unread_total(tx, user.campus, user.id)?,
        unread_notifications: notifications::service::unread_total(tx, user.campus, user.id)?,
    })
}

/// What everybody of the campus may see of a user.
///
/// # Errors
/// There is no such user on this campus, or not any more.
pub fn public(tx: &mut Tx<'_>, hub: &Hub, campus: CampusId, id: UserId) -> Result<PublicProfile, Error> {
    let user = service::known(tx, campus, id)?;
    let shown = !user.hide_presence;
    Ok(PublicProfile {
        id: user.id,
        rating: user.rating(),
        review_count: user.rating_count,
        joined: user.joined_at,
        online: shown && hub.is_online(id),
        last_seen: user.last_seen_at.filter(|_| shown),
        items_active: items::store::count_listed(tx, campus, id)?,
        name: user.name,
    })
}
