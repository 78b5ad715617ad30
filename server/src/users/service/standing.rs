//! How accounts stand and what they are, as moderators and administrators decide. What they may decide is decided in
//! `trust`.

use campuszon_core::{
    CampusId, UserId,
    permission::{Role, UserStatus},
};

use super::{super::store, User};
use crate::{
    Error,
    platform::database::{Announcement, Tx},
};

/// Shuts a user out, at once: sessions and access tokens are refused, and live connections end. They hold again once
/// the user is back.
///
/// # Errors
/// The account is not active.
pub fn suspend(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    match user.status {
        UserStatus::Active => {}
        UserStatus::Unverified => {
            return Err(Error::Conflict("this account was never confirmed: there is nothing to suspend".to_owned()));
        }
        other => return Err(Error::Conflict(format!("this account is {other} already"))),
    }
    store::set_status(tx, user.campus, user.id, UserStatus::Suspended)?;
    tx.announce(Announcement::CredentialsChanged(user.id));
    Ok(())
}

/// Lets a suspended user in again.
///
/// # Errors
/// They are not suspended.
pub fn reinstate(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    if user.status != UserStatus::Suspended {
        return Err(Error::Conflict(format!("this account is {}: only a suspended one can be restored", user.status)));
    }
    store::set_status(tx, user.campus, user.id, UserStatus::Active)?;
    tx.announce(Announcement::CredentialsChanged(user.id));
    Ok(())
}

/// Ends whatever a user signs in with, once: sessions, access tokens and live connections. Their password stays.
///
/// # Errors
/// The database's.
pub fn sign_out(tx: &mut Tx<'_>, user: &User) -> Result<(), Error> {
    store::delete_other_sessions(tx, user.campus, user.id, None)?;
    store::delete_tokens(tx, user.campus, user.id)?;
    tx.announce(Announcement::CredentialsChanged(user.id));
    Ok(())
}

/// Makes a user something else on their campus; what is remembered of them is forgotten.
///
/// # Errors
/// The database's.
pub fn set_role(tx: &mut Tx<'_>, campus: CampusId, user: UserId, role: Role) -> Result<(), Error> {
    store::set_role(tx, campus, user, role)?;
    tx.announce(Announcement::CredentialsChanged(user));
    Ok(())
}
