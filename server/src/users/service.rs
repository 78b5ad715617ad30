//! Registration, sign-in and passwords; profiles, access tokens and mailed codes have files of their own.
//!
//! Registration, login and reset answer the same whether or not an address is known, in words and in time. Wrong codes
//! and passwords are counted even though the request fails, so transactions here answer an outcome, not an error.

mod access;
mod administrator;
mod codes;
mod profile;
mod standing;

use campuszon_core::{
    CampusId, SessionId, UserId,
    account::{self, Email},
    form::Form,
    permission::UserStatus,
    wire::wallet::TokenReason,
};

pub use access::{NewToken, create_token, revoke_token, tokens};
pub use administrator::{NewAdministrator, SetUp, has_account, make_administrator, open_setup, set_up};
pub use profile::{ProfilePatch, delete_account, update_profile};
pub use standing::{reinstate, set_role, sign_out, suspend};

use self::codes::{
    FORGOTTEN, leave_trace, mail_already_registered, mail_another, mail_registration, mail_reset, try_reset,
    try_verification, wrong_code,
};
pub use super::store::{StoredSession, StoredToken, User};
use super::{
    campus, ledger,
    sessions::{self, Refreshed, Tokens},
    store,
};
use crate::{
    App, Error, Principal,
    platform::database::{Announcement, Tx},
};

/// A checked registration.
pub struct Registration {
    /// The address.
    pub email: Email,
    /// As shown.
    pub name: String,
    /// Checked, not yet hashed.
    pub password: String,
}

impl Registration {
    /// Reads the body of a registration.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        let email = read_email(&mut form);
        let name = form.required_text("name").and_then(|raw| form.check(account::name(&raw)));
        let password = form.required_text("password");
        if let Some(password) = &password {
            let name = name.as_deref().unwrap_or_default();
            let checked = account::password("password", password, name, email.as_ref());
            form.check(checked);
        }
        let read = email.zip(name).zip(password);
        Ok(form.finish(read.map(|((email, name), password)| Self { email, name, password }))?)
    }
}

/// Reads the field `email`.
pub fn read_email(form: &mut Form) -> Option<Email> {
    form.required_text("email").and_then(|raw| form.check(Email::parse(&raw)))
}

/// The address of a form whose other fields may be wrong, so that attempts on an account count whatever they say.
pub fn address_in(form: &Form) -> Option<Email> {
    form.peek("email").and_then(|raw| Email::parse(raw).ok())
}

/// Reads the fields `email` and `code`, the mailed one.
pub fn read_code(form: &mut Form) -> Option<(Email, String)> {
    let email = read_email(form);
    let code = form.required_text("code").and_then(|raw| form.check(account::code("code", &raw)));
    email.zip(code)
}

/// What became of a registration.
pub enum Registered {
    /// A code is on its way, if the address was free.
    CodeMailed,
    /// Verification is switched off: signed in at once.
    SignedIn(Box<(Tokens, User)>),
}

/// Registers an account, or mails its owner that it exists.
///
/// # Errors
/// Registration is closed, the domain is not accepted, or too many hash passwords at once.
pub async fn register(app: &App, registration: Registration) -> Result<Registered, Error> {
    if !app.settings.registration.open {
        return Err(Error::Forbidden("this server does not take new accounts at the moment".to_owned()));
    }
    let hash = hash_password(app, registration.password).await?;
    let (email, name, parts) = (registration.email, registration.name, app.clone());
    app.write(move |tx| {
        let campus = campus::of_new_user(tx, &parts.settings, &email)?.ok_or_else(|| foreign_domain(&email))?;
        let known = store::user_by_email(tx, campus, email.as_str())?;
        if !parts.settings.registration.verification {
            return sign_up_at_once(tx, &parts, campus, &email, &name, &hash, known.is_some());
        }
        let user = match known {
            None => {
                let user = tx.new_id();
                store::insert_user(tx, campus, user, email.as_str(), &name, &hash, UserStatus::Unverified)?;
                user
            }
            Some(user) if user.status == UserStatus::Unverified => {
                // Only so that this password, too, learns from a sign-in that the address is not confirmed.
                store::update_unverified(tx, campus, user.id, &name, &hash)?;
                user.id
            }
            Some(_) => {
                mail_already_registered(tx, &parts, &email)?;
                return Ok(Registered::CodeMailed);
            }
        };
        mail_registration(tx, &parts, campus, user, &email, &name, &hash)?;
        Ok(Registered::CodeMailed)
    })
    .await
}

fn foreign_domain(email: &Email) -> Error {
    let domain = email.domain();
    let message = format!("{domain} is no campus of this server: use the address that your university gave you");
    Error::invalid("email", "domain_not_accepted", message)
}

fn sign_up_at_once(
    tx: &mut Tx<'_>,
    app: &App,
    campus: CampusId,
    email: &Email,
    name: &str,
    hash: &str,
    taken: bool,
) -> Result<Registered, Error> {
    if taken {
        return Err(Error::Conflict("this address is registered already: sign in instead".to_owned()));
    }
    let id = tx.new_id();
    store::insert_user(tx, campus, id, email.as_str(), name, hash, UserStatus::Unverified)?;
    let user = activate(tx, app, campus, id, email)?;
    let tokens = sessions::open(tx, &app.keys, &app.settings.sessions, &user, None)?;
    Ok(Registered::SignedIn(Box::new((tokens, user))))
}

/// Makes an account active and gives it its first tokens.
///
/// # Errors
/// The database's.
pub fn activate(tx: &mut Tx<'_>, app: &App, campus: CampusId, id: UserId, email: &Email) -> Result<User, Error> {
    store::set_status(tx, campus, id, UserStatus::Active)?;
    let mailbox = app.keys.address_hash(&email.canonical());
    store::set_address_hash(tx, campus, id, &mailbox)?;
    if store::remember_granted(tx, campus, &mailbox)? {
        let grant = i64::from(app.settings.tokens.signup_grant);
        ledger::give(tx, campus, id, grant, TokenReason::Signup, "signup")?;
    }
    store::user(tx, campus, id)?.ok_or(Error::NotFound("user"))
}

/// Mails another code, when one is due.
///
/// # Errors
/// The database's.
pub async fn resend(app: &App, email: Email) -> Result<(), Error> {
    let parts = app.clone();
    app.write(move |tx| {
        leave_trace(tx)?;
        match find(tx, &email)? {
            Some(user) if user.status == UserStatus::Unverified => mail_another(tx, &parts, &user, &email),
            _ => Ok(()),
        }
    })
    .await
}

/// Confirms an address with its code and signs in.
///
/// # Errors
/// The code is wrong or has ended.
pub async fn verify(app: &App, email: Email, code: String) -> Result<(Tokens, User), Error> {
    let parts = app.clone();
    let outcome = app
        .write(move |tx| {
            let Some(user) = activate_with(tx, &parts, &email, &code)? else { return Ok(None) };
            let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
            Ok(Some((tokens, user)))
        })
        .await?;
    outcome.ok_or_else(wrong_code)
}

/// Confirms an address with its code, and leaves signing in for later.
///
/// # Errors
/// The code is wrong or has ended.
pub async fn confirm(app: &App, email: Email, code: String) -> Result<(), Error> {
    let parts = app.clone();
    let activated = app.write(move |tx| activate_with(tx, &parts, &email, &code)).await?;
    activated.map(|_| ()).ok_or_else(wrong_code)
}

/// Activates the account that this code is for; a wrong one is counted, and answered with nothing.
fn activate_with(tx: &mut Tx<'_>, app: &App, email: &Email, code: &str) -> Result<Option<User>, Error> {
    let Some(user) = try_verification(tx, app, email, code)? else { return Ok(None) };
    activate(tx, app, user.campus, user.id, email).map(Some)
}

fn find(tx: &mut Tx<'_>, email: &Email) -> Result<Option<User>, Error> {
    let Some(campus) = store::campus_of_domain(tx, email.domain())? else { return Ok(None) };
    Ok(store::user_by_email(tx, campus, email.as_str())?)
}

/// Signs in with a password.
///
/// # Errors
/// The pair is wrong; or it is right, but the account is not confirmed or suspended.
pub async fn login(app: &App, email: Email, password: String, device: Option<String>) -> Result<(Tokens, User), Error> {
    let user = app.read(move |tx| find(tx, &email)).await?.filter(|user| user.status != UserStatus::Deleted);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = app.passwords.verify(password, hash).await?;
    let user = user.filter(|_| right).ok_or(Error::Unauthenticated("the address or the password is wrong"))?;
    require_active(&user)?;
    let parts = app.clone();
    app.write(move |tx| {
        let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, device.clone())?;
        Ok((tokens, user.clone()))
    })
    .await
}

/// Refuses who may not act at present.
///
/// # Errors
/// Unverified, suspended, or gone.
pub fn require_active(user: &User) -> Result<(), Error> {
    match user.status {
        UserStatus::Active => Ok(()),
        UserStatus::Unverified => Err(Error::Unverified),
        UserStatus::Suspended => Err(Error::Forbidden("this account is suspended".to_owned())),
        UserStatus::Deleted => Err(Error::Unauthenticated("this account is gone")),
    }
}

/// Gives the next pair of tokens for a refresh token; where the disk is full or failing, an access token beside the refresh
/// token that there is.
///
/// # Errors
/// The token is unknown, has ended, or was used before.
pub async fn refresh(app: &App, token: String) -> Result<(Tokens, User), Error> {
    let (parts, presented) = (app.clone(), token.clone());
    let rotated = app.write(move |tx| sessions::refresh(tx, &parts.keys, &parts.settings.sessions, &presented)).await;
    match rotated {
        Ok(Refreshed::Tokens(signed_in)) => Ok(*signed_in),
        Ok(Refreshed::Reused) => {
            Err(Error::Unauthenticated("this refresh token was used before: the session is revoked, sign in again"))
        }
        Ok(Refreshed::Unknown) => Err(Error::Unauthenticated("the session has ended: sign in again")),
        Err(unwritten @ Error::Unavailable(_)) => {
            let parts = app.clone();
            let extended =
                app.read(move |tx| sessions::extend(tx, &parts.keys, &parts.settings.sessions, &token)).await?;
            extended.ok_or(unwritten)
        }
        Err(error) => Err(error),
    }
}

/// Ends one session of the caller.
///
/// # Errors
/// There is none.
pub fn end_session(tx: &mut Tx<'_>, who: &Principal, id: SessionId) -> Result<(), Error> {
    if !store::delete_session(tx, who.campus, who.user, id)? {
        return Err(Error::NotFound("session"));
    }
    tx.announce(Announcement::CredentialsChanged(who.user));
    Ok(())
}

/// Changes the caller's password and ends all other sessions.
///
/// # Errors
/// The current password is wrong, or the new one is not acceptable.
pub async fn change_password(app: &App, who: &Principal, current: String, new: String) -> Result<(), Error> {
    let user = load(app, who).await?;
    let email = Email::parse(&user.email)?;
    account::password("new", &new, &user.name, Some(&email))?;
    require_password(app, &user, "current", current).await?;
    let (hash, who) = (hash_password(app, new).await?, who.clone());
    app.write(move |tx| {
        store::set_password(tx, who.campus, who.user, &hash)?;
        store::delete_other_sessions(tx, who.campus, who.user, who.session)?;
        tx.announce(Announcement::CredentialsChanged(who.user));
        Ok(())
    })
    .await
}

async fn require_password(app: &App, user: &User, field: &str, password: String) -> Result<(), Error> {
    if app.passwords.verify(password, Some(user.password_hash.clone())).await? {
        return Ok(());
    }
    Err(Error::invalid(field, "wrong_password", "is not your password"))
}

async fn load(app: &App, who: &Principal) -> Result<User, Error> {
    let (campus, id) = (who.campus, who.user);
    app.read(move |tx| user(tx, campus, id)).await
}

/// A user of the campus.
///
/// # Errors
/// There is none.
pub fn user(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<User, Error> {
    store::user(tx, campus, id)?.ok_or(Error::NotFound("user"))
}

/// A user that others of the campus may know of: not one who never confirmed their address, nor one who is gone.
///
/// # Errors
/// There is none.
pub fn known(tx: &mut Tx<'_>, campus: CampusId, id: UserId) -> Result<User, Error> {
    let user = user(tx, campus, id)?;
    match user.status {
        UserStatus::Active | UserStatus::Suspended => Ok(user),
        UserStatus::Unverified | UserStatus::Deleted => Err(Error::NotFound("user")),
    }
}

/// Mails a code to set a new password, when the account is active and one is due.
///
/// # Errors
/// The database's.
pub async fn forgot_password(app: &App, email: Email) -> Result<(), Error> {
    let parts = app.clone();
    app.write(move |tx| {
        leave_trace(tx)?;
        match find(tx, &email)? {
            Some(user) if user.status == UserStatus::Active => mail_reset(tx, &parts, &user, &email),
            _ => Ok(()),
        }
    })
    .await
}

/// Sets a new password with a mailed code, and ends all sessions.
///
/// # Errors
/// The code is wrong or has ended, or the password is not acceptable.
pub async fn reset_password(app: &App, email: Email, code: String, password: String) -> Result<(), Error> {
    account::password("password", &password, "", Some(&email))?;
    let (hash, parts) = (hash_password(app, password).await?, app.clone());
    let outcome = app
        .write(move |tx| {
            let Some(user) = try_reset(tx, &parts, &email, &code)? else { return Ok(false) };
            store::set_password(tx, user.campus, user.id, &hash)?;
            store::delete_other_sessions(tx, user.campus, user.id, None)?;
            tx.announce(Announcement::CredentialsChanged(user.id));
            Ok(true)
        })
        .await?;
    if outcome { Ok(()) } else { Err(wrong_code()) }
}

/// The caller's sessions, newest first.
///
/// # Errors
/// The database's.
pub fn sessions(tx: &mut Tx<'_>, who: &Principal) -> Result<Vec<StoredSession>, Error> {
    Ok(store::sessions(tx, who.campus, who.user)?)
}

/// Notes that a user was there until now.
///
/// # Errors
/// The database's.
pub fn seen(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    Ok(store::set_last_seen(tx, campus, user)?)
}

/// Forgets the sessions whose time is over, and the registrations that nobody confirmed.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), Error> {
    store::sweep_sessions(tx)?;
    let end = tx.now() - FORGOTTEN;
    Ok(store::sweep_pending(tx, end)?)
}

/// The hash of a new password.
///
/// # Errors
/// Too many hash passwords at once.
pub async fn hash_password(app: &App, password: String) -> Result<String, Error> {
    let mut salt = [0; 16];
    app.entropy.fill(&mut salt);
    app.passwords.hash(password, salt).await
}
