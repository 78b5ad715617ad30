//! Personal access tokens, for scripts.

use std::time::Duration;

use campuszon_core::{Fault, TokenId, form::Form, permission::Scope, text};

use super::{
    super::{credentials::Keys, store},
    StoredToken,
};
use crate::{
    Error, Principal,
    platform::database::{Announcement, Tx},
};

/// A checked wish for an access token.
#[derive(Clone, Debug)]
pub struct NewToken {
    name: String,
    scopes: Vec<Scope>,
    lifetime: Duration,
}

impl NewToken {
    /// Reads the body of a new access token.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let name = form.required_text("name").and_then(|raw| form.check(text::line("name", &raw, 1..=80)));
        let scopes = form.parsed_list("scopes");
        let scopes = form.require("scopes", scopes);
        if scopes.as_ref().is_some_and(Vec::is_empty) {
            form.fault(Fault::new("scopes", "required", "must name at least one of read, write, admin"));
        }
        let days = form.integer("expires_in_days", 1..=365).unwrap_or(90);
        let lifetime = Duration::from_secs(days.unsigned_abs() * 24 * 60 * 60);
        Ok(form.finish(name.zip(scopes).map(|(name, scopes)| Self { name, scopes, lifetime }))?)
    }
}

/// Makes an access token; its text comes from [`Keys::personal_token`].
///
/// # Errors
/// The database's.
pub fn create_token(tx: &mut Tx<'_>, keys: &Keys, who: &Principal, new: &NewToken) -> Result<StoredToken, Error> {
    let token = keys.personal_token(who.campus, tx.new_id());
    let stored = StoredToken {
        id: token.id,
        user: who.user,
        name: new.name.clone(),
        scopes: new.scopes.clone(),
        secret_hash: token.hash(),
        created_at: tx.now(),
        last_used_at: None,
        expires_at: tx.now() + new.lifetime,
    };
    store::insert_token(tx, who.campus, &stored)?;
    Ok(stored)
}

/// The caller's access tokens, newest first.
///
/// # Errors
/// The database's.
pub fn tokens(tx: &mut Tx<'_>, who: &Principal) -> Result<Vec<StoredToken>, Error> {
    Ok(store::tokens(tx, who.campus, who.user)?)
}

/// Revokes an access token of the caller.
///
/// # Errors
/// There is none.
pub fn revoke_token(tx: &mut Tx<'_>, who: &Principal, id: TokenId) -> Result<(), Error> {
    if !store::delete_token(tx, who.campus, who.user, id)? {
        return Err(Error::NotFound("access token"));
    }
    tx.announce(Announcement::CredentialsChanged(who.user));
    Ok(())
}
