//! Blocking, and what it means to the two.

use campuszon_core::{CampusId, UserId, permission::UserStatus};

use super::{super::service, store};
use crate::{Error, Principal, platform::database::Tx};

/// Blocks a user of the caller's campus. Nobody tells them.
///
/// # Errors
/// There is none, or it is the caller.
pub fn block(tx: &mut Tx<'_>, who: &Principal, id: UserId) -> Result<(), Error> {
    let other = other(tx, who, id)?;
    Ok(store::insert(tx, who.campus, who.user, other)?)
}

/// Takes the caller's block of a user away.
///
/// # Errors
/// There is none, or it is the caller.
pub fn unblock(tx: &mut Tx<'_>, who: &Principal, id: UserId) -> Result<(), Error> {
    let other = other(tx, who, id)?;
    Ok(store::delete(tx, who.campus, who.user, other)?)
}

fn other(tx: &mut Tx<'_>, who: &Principal, id: UserId) -> Result<UserId, Error> {
    if id == who.user {
        return Err(Error::Conflict("you cannot block yourself".to_owned()));
    }
    Ok(service::known(tx, who.campus, id)?.id)
}

/// Refuses what `user` wants to say to, or have from, `other` while they cannot be reached. One who is blocked reads
/// the same as of somebody suspended, and so does not learn of it; the blocker is told what to do.
///
/// # Errors
/// A block in either direction, or a suspension.
pub fn require_reachable(tx: &mut Tx<'_>, campus: CampusId, user: UserId, other: UserId) -> Result<(), Error> {
    if store::has_blocked(tx, campus, user, other)? {
        return Err(Error::Conflict("you have blocked this person: unblock them first".to_owned()));
    }
    let is_suspended = service::user(tx, campus, other)?.status == UserStatus::Suspended;
    if is_suspended || store::has_blocked(tx, campus, other, user)? {
        return Err(Error::Conflict("this person cannot be reached at the moment".to_owned()));
    }
    Ok(())
}
