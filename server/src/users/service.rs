//! Registration, sign-in, passwords, profiles and access tokens.
//!
//! Registration, login and reset answer the same whether or not an address is known, in words and in time. Wrong codes
//! and passwords are counted even though the request fails, so transactions here answer an outcome, not an error.

use std::time::Duration;

use campuszon_core::{
    CampusId, Fault, SessionId, TokenId, UserId, account,
    account::Email,
    form::{Form, Patch},
    permission::{Scope, UserStatus},
    text,
};

pub use super::store::{StoredSession, StoredToken, User};
use super::{
    campus,
    credentials::Keys,
    sessions::{self, Refreshed, Tokens},
    store,
};
use crate::{
    App, Error, Principal,
    event::Event,
    platform::{
        database::{Announcement, Tx},
        jobs::{self, Kind},
        mail::Mail,
    },
    settings::Settings,
};

const VERIFY: &str = "verify";
const RESET: &str = "reset";

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
        if let (Some(email), Some(password)) = (&email, &password) {
            let checked = account::password("password", password, name.as_deref().unwrap_or_default(), email);
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
        match known {
            None => {
                let user = tx.new_id();
                store::insert_user(tx, campus, user, email.as_str(), &name, &hash, UserStatus::Unverified)?;
                mail_code(tx, &parts, campus, user, &email, VERIFY)?;
            }
            Some(user) if user.status == UserStatus::Unverified => {
                store::update_unverified(tx, campus, user.id, &name, &hash)?;
                mail_code(tx, &parts, campus, user.id, &email, VERIFY)?;
            }
            Some(_) => mail_already_registered(tx, &parts.settings, &email)?,
        }
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
    let grant = i64::from(app.settings.tokens.signup_grant);
    if store::remember_granted(tx, campus, &app.keys.address_hash(&email.canonical()))? && grant > 0 {
        store::insert_token_entry(tx, campus, id, grant, "signup", "signup")?;
    }
    store::user(tx, campus, id)?.ok_or(Error::NotFound("user"))
}

/// Mails another code, when one is due.
///
/// # Errors
/// The database's.
pub async fn resend(app: &App, email: Email) -> Result<(), Error> {
    let parts = app.clone();
    app.write(move |tx| match find(tx, &email)? {
        Some(user) if user.status == UserStatus::Unverified => {
            mail_code(tx, &parts, user.campus, user.id, &email, VERIFY)
        }
        _ => Ok(()),
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
            let Some(user) = try_code(tx, &parts, &email, VERIFY, &code)? else { return Ok(None) };
            let user = activate(tx, &parts, user.campus, user.id, &email)?;
            let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
            Ok(Some((tokens, user)))
        })
        .await?;
    outcome.ok_or_else(wrong_code)
}

fn wrong_code() -> Error {
    Error::invalid("code", "wrong_code", "is wrong or has ended: ask for another one")
}

/// The user whose open code this is; it is closed with that. A wrong one is counted.
fn try_code(tx: &mut Tx<'_>, app: &App, email: &Email, purpose: &str, code: &str) -> Result<Option<User>, Error> {
    let Some(user) = find(tx, email)? else { return Ok(None) };
    let Some(open) = store::code(tx, user.campus, user.id, purpose)? else { return Ok(None) };
    let spent = open.attempts >= i64::from(app.settings.registration.code_attempts);
    if spent || open.expires_at <= tx.now() {
        return Ok(None);
    }
    let hash = app.keys.code_hash(user.id, purpose, code);
    if !bool::from(subtle::ConstantTimeEq::ct_eq(&hash[..], &open.hash[..])) {
        store::count_code_attempt(tx, user.campus, user.id, purpose)?;
        return Ok(None);
    }
    store::delete_code(tx, user.campus, user.id, purpose)?;
    Ok(Some(user))
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

/// Gives the next pair of tokens for a refresh token.
///
/// # Errors
/// The token is unknown, has ended, or was used before.
pub async fn refresh(app: &App, token: String) -> Result<(Tokens, User), Error> {
    let parts = app.clone();
    let (outcome, user) = app
        .write(move |tx| {
            let outcome = sessions::refresh(tx, &parts.keys, &parts.settings.sessions, &token)?;
            let user = match (&outcome, parts.keys.read_refresh_token(&token)) {
                (Refreshed::Tokens(_, user), Some(claims)) => store::user(tx, claims.campus, *user)?,
                _ => None,
            };
            Ok((outcome, user))
        })
        .await?;
    match (outcome, user) {
        (Refreshed::Tokens(tokens, _), Some(user)) => {
            require_active(&user)?;
            Ok((tokens, user))
        }
        (Refreshed::Reused, _) => {
            Err(Error::Unauthenticated("this refresh token was used before: the session is revoked, sign in again"))
        }
        _ => Err(Error::Unauthenticated("the session has ended: sign in again")),
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
    account::password("new", &new, &user.name, &email)?;
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

/// Mails a code to set a new password, when the account is active and one is due.
///
/// # Errors
/// The database's.
pub async fn forgot_password(app: &App, email: Email) -> Result<(), Error> {
    let parts = app.clone();
    app.write(move |tx| match find(tx, &email)? {
        Some(user) if user.status == UserStatus::Active => mail_code(tx, &parts, user.campus, user.id, &email, RESET),
        _ => Ok(()),
    })
    .await
}

/// Sets a new password with a mailed code, and ends all sessions.
///
/// # Errors
/// The code is wrong or has ended, or the password is not acceptable.
pub async fn reset_password(app: &App, email: Email, code: String, password: String) -> Result<(), Error> {
    account::password("password", &password, "", &email)?;
    let (hash, parts) = (hash_password(app, password).await?, app.clone());
    let outcome = app
        .write(move |tx| {
            let Some(user) = try_code(tx, &parts, &email, RESET, &code)? else { return Ok(false) };
            store::set_password(tx, user.campus, user.id, &hash)?;
            store::delete_other_sessions(tx, user.campus, user.id, None)?;
            tx.announce(Announcement::CredentialsChanged(user.id));
            Ok(true)
        })
        .await?;
    if outcome { Ok(()) } else { Err(wrong_code()) }
}

/// What a user may change of their profile.
pub struct ProfilePatch {
    name: Option<String>,
    residence: Patch<String>,
    phone: Patch<String>,
    hide_presence: Option<bool>,
}

impl ProfilePatch {
    /// Reads the body of a change.
    ///
    /// # Errors
    /// Every fault.
    pub fn read(mut form: Form) -> Result<Self, Error> {
        if form.is_null("name") {
            form.fault(Fault::new("name", "required", "cannot be cleared"));
        }
        let patch = Self {
            name: form.text("name").and_then(|raw| form.check(account::name(&raw))),
            residence: form.patch_text("residence", |raw| text::line("residence", raw, 1..=120)),
            phone: form.patch_text("phone", |raw| text::line("phone", raw, 1..=40)),
            hide_presence: form.boolean("hide_presence"),
        };
        Ok(form.finish(Some(patch))?)
    }
}

/// Changes the caller's profile.
///
/// # Errors
/// The database's.
pub fn update_profile(tx: &mut Tx<'_>, who: &Principal, patch: &ProfilePatch) -> Result<(), Error> {
    let before = user(tx, who.campus, who.user)?;
    let after = User {
        name: patch.name.clone().unwrap_or(before.name),
        residence: patch.residence.clone().apply(before.residence),
        phone: patch.phone.clone().apply(before.phone),
        hide_presence: patch.hide_presence.unwrap_or(before.hide_presence),
        ..before
    };
    Ok(store::update_profile(tx, &after)?)
}

/// Erases the caller's account.
///
/// # Errors
/// The password is wrong, or something still needs the account.
pub async fn delete_account(app: &App, who: &Principal, password: String) -> Result<(), Error> {
    let user = load(app, who).await?;
    require_password(app, &user, "password", password).await?;
    app.write(move |tx| {
        tx.emit(&Event::AccountDeleted { campus: user.campus, user: user.id })?;
        store::erase_user(tx, user.campus, user.id)?;
        tx.announce(Announcement::CredentialsChanged(user.id));
        Ok(())
    })
    .await
}

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

/// The caller's sessions, newest first.
///
/// # Errors
/// The database's.
pub fn sessions(tx: &mut Tx<'_>, who: &Principal) -> Result<Vec<StoredSession>, Error> {
    Ok(store::sessions(tx, who.campus, who.user)?)
}

/// The caller's access tokens, newest first.
///
/// # Errors
/// The database's.
pub fn tokens(tx: &mut Tx<'_>, who: &Principal) -> Result<Vec<StoredToken>, Error> {
    Ok(store::tokens(tx, who.campus, who.user)?)
}

/// Notes that a user was there until now.
///
/// # Errors
/// The database's.
pub fn seen(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    Ok(store::set_last_seen(tx, campus, user)?)
}

/// Forgets the sessions whose time is over.
///
/// # Errors
/// The database's.
pub fn sweep(tx: &mut Tx<'_>) -> Result<(), Error> {
    Ok(store::sweep_sessions(tx)?)
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

/// The hash of a new password.
///
/// # Errors
/// Too many hash passwords at once.
pub async fn hash_password(app: &App, password: String) -> Result<String, Error> {
    let mut salt = [0; 16];
    app.entropy.fill(&mut salt);
    app.passwords.hash(password, salt).await
}

/// Opens a code and queues its mail, unless one was sent a moment ago.
fn mail_code(
    tx: &mut Tx<'_>,
    app: &App,
    campus: CampusId,
    user: UserId,
    email: &Email,
    purpose: &str,
) -> Result<(), Error> {
    let registration = &app.settings.registration;
    let now = tx.now();
    let recent =
        store::code(tx, campus, user, purpose)?.is_some_and(|code| now < code.sent_at + registration.resend_after);
    if recent {
        return Ok(());
    }
    let code = tx.entropy().digits6();
    let hash = app.keys.code_hash(user, purpose, &code);
    store::put_code(tx, campus, user, purpose, &hash, now + registration.code_lifetime)?;
    let minutes = registration.code_lifetime.as_secs().div_ceil(60);
    let (subject, lead) = if purpose == VERIFY {
        ("Your code", "Your code to confirm this address is")
    } else {
        ("Set a new password", "Your code to set a new password is")
    };
    let name = &app.settings.name;
    let text = format!(
        "{lead}\n\n{code}\n\nIt is valid for {minutes} minutes. If you did not ask for it, ignore this mail.\n\n{name}\n"
    );
    queue_mail(tx, &Mail { to: email.as_str().to_owned(), subject: format!("{name}: {subject}"), text })
}

fn mail_already_registered(tx: &mut Tx<'_>, settings: &Settings, email: &Email) -> Result<(), Error> {
    let name = &settings.name;
    let text = format!(
        "Somebody, probably you, tried to register this address again. It has an account already:\nsign in, or ask for \
         a new password if you forgot yours.\n\nIf it was not you, ignore this mail.\n\n{name}\n"
    );
    queue_mail(tx, &Mail { to: email.as_str().to_owned(), subject: format!("{name}: you have an account"), text })
}

fn queue_mail(tx: &mut Tx<'_>, mail: &Mail) -> Result<(), Error> {
    let payload = serde_json::to_string(mail).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(jobs::enqueue(tx, Kind::Mail, &payload)?)
}
