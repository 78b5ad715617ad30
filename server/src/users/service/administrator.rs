//! Administrators: made by whoever holds the data directory, and once by the link that a new server prints.
//!
//! An administrator is a person of a campus like everybody else, and so needs an address that may sign up: where
//! `campuszon.com` is no campus, it cannot have an administrator either. A public mail provider is one only when
//! `server.toml` lists it, since the campus it would become lets everybody in.

use std::time::Duration;

use campuszon_core::{
    account::{self, Email},
    form::Form,
    permission::{Role, UserStatus},
};
use subtle::ConstantTimeEq;

use super::{
    User, activate, campus, codes, foreign_domain, hash_password, read_email,
    sessions::{self, Tokens},
    store::{self, SetupLink},
};
use crate::{
    App, Error,
    platform::database::{Announcement, Tx},
};

/// How long the link of a new server works.
const LINK: Duration = Duration::from_secs(24 * 60 * 60);

/// What the account is called when nobody says.
const NAME: &str = "Administrator";

/// Whose account is to be an administrator's.
pub struct NewAdministrator {
    /// The address.
    pub email: Email,
    /// As shown.
    pub name: String,
    /// Checked, not yet hashed; needed for a new account.
    pub password: Option<String>,
}

impl NewAdministrator {
    /// Reads `email`, `name` and `password`.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let password = form.text("password");
        let read = Self::fields(&mut form, password);
        Ok(form.finish(read)?)
    }

    fn fields(form: &mut Form, password: Option<String>) -> Option<Self> {
        let email = read_email(form);
        let name = match form.text("name") {
            Some(raw) => form.check(account::name(&raw)),
            None => Some(NAME.to_owned()),
        };
        if let Some(password) = &password {
            let checked = account::password("password", password, name.as_deref().unwrap_or_default(), email.as_ref());
            form.check(checked);
        }
        email.zip(name).map(|(email, name)| Self { email, name, password })
    }
}

/// A wish to become the first administrator by the link.
pub struct SetUp {
    token: String,
    new: NewAdministrator,
    password: String,
}

impl SetUp {
    /// Reads the body of a set-up.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let token = form.required_text("token");
        let password = form.required_text("password");
        let new = NewAdministrator::fields(&mut form, password.clone());
        let read = token.zip(new).zip(password);
        Ok(form.finish(read.map(|((token, new), password)| Self { token, new, password }))?)
    }
}

/// The token of a new link that makes the first administrator, in place of any before; `None` once there is one.
///
/// # Errors
/// The database's.
pub fn open_setup(tx: &mut Tx<'_>, app: &App) -> Result<Option<String>, Error> {
    if store::has_administrator(tx)? {
        store::delete_setup_link(tx)?;
        return Ok(None);
    }
    let token = tx.entropy().token(24);
    let expires_at = tx.now() + LINK;
    store::put_setup_link(tx, &SetupLink { hash: app.keys.setup_hash(&token), expires_at })?;
    Ok(Some(token))
}

/// Whether an account of this address is in use, so that it needs no password to become an administrator's.
///
/// # Errors
/// The database's.
pub async fn has_account(app: &App, email: Email) -> Result<bool, Error> {
    let found = app.read(move |tx| super::find(tx, &email)).await?;
    Ok(found.is_some_and(|user| user.status == UserStatus::Active))
}

/// Makes an account an administrator's, and the account where there is none. One in use keeps name and password.
///
/// # Errors
/// The address may not sign up, the account is suspended, or a new one has no password.
pub async fn make_administrator(app: &App, new: NewAdministrator) -> Result<User, Error> {
    let hash = match new.password {
        Some(password) => Some(hash_password(app, password).await?),
        None => None,
    };
    let (parts, email, name) = (app.clone(), new.email, new.name);
    app.write(move |tx| appoint(tx, &parts, &email, &name, hash.as_deref())).await
}

/// Makes the first administrator by the link of a new server, and signs in. The account in use keeps its password, which
/// must be the one given.
///
/// # Errors
/// The link is wrong, was used or has ended; the password is wrong; or as [`make_administrator`].
pub async fn set_up(app: &App, wish: SetUp) -> Result<(Tokens, User), Error> {
    let SetUp { token, new, password } = wish;
    let (parts, email) = (app.clone(), new.email.clone());
    let link = app.keys.setup_hash(&token);
    let checked = link.clone();
    let known = app.read(move |tx| {
        require_link(tx, &checked)?;
        super::find(tx, &email)
    });
    let known = known.await?.filter(|user| user.status == UserStatus::Active);
    if let Some(user) = known
        && !app.passwords.verify(password.clone(), Some(user.password_hash)).await?
    {
        return Err(Error::Unauthenticated("this address has an account, and the password is not its own"));
    }
    let hash = hash_password(app, password).await?;
    app.write(move |tx| {
        require_link(tx, &link)?;
        let user = appoint(tx, &parts, &new.email, &new.name, Some(&hash))?;
        let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
        Ok((tokens, user))
    })
    .await
}

fn require_link(tx: &mut Tx<'_>, hash: &str) -> Result<(), Error> {
    let now = tx.now();
    let open = store::setup_link(tx)?.filter(|link| link.expires_at > now);
    let is_right = open.is_some_and(|link| bool::from(link.hash.as_bytes().ct_eq(hash.as_bytes())));
    if is_right { Ok(()) } else { Err(Error::NotFound("set-up link: it is wrong, was used or has ended")) }
}

fn appoint(tx: &mut Tx<'_>, app: &App, email: &Email, name: &str, hash: Option<&str>) -> Result<User, Error> {
    let campus = campus::of_new_user(tx, &app.settings, email)?.ok_or_else(|| foreign_domain(email))?;
    let id = match store::user_by_email(tx, campus, email.as_str())? {
        Some(user) if user.status == UserStatus::Active => user.id,
        Some(user) if user.status == UserStatus::Suspended => {
            return Err(Error::Conflict("this account is suspended: restore it first".to_owned()));
        }
        known => {
            let hash = hash.ok_or_else(|| Error::invalid("password", "required", "is required for a new account"))?;
            let id = match known {
                Some(unverified) => {
                    store::update_unverified(tx, campus, unverified.id, name, hash)?;
                    codes::close_registrations(tx, campus, unverified.id)?;
                    unverified.id
                }
                None => {
                    let id = tx.new_id();
                    store::insert_user(tx, campus, id, email.as_str(), name, hash, UserStatus::Unverified)?;
                    id
                }
            };
            activate(tx, app, campus, id, email)?.id
        }
    };
    store::set_role(tx, campus, id, Role::Admin)?;
    store::delete_setup_link(tx)?;
    tx.announce(Announcement::CredentialsChanged(id));
    store::user(tx, campus, id)?.ok_or(Error::NotFound("user"))
}
