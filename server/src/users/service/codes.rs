//! Mailed codes: opened, mailed, tried and closed.
//!
//! Anybody can register an address that is somebody else's, before or after its owner does. So a registration stays a
//! wish until its code comes back: name and password wait beside the code that was mailed for them, and only with that
//! code do they become the account's. Neither the first nor the last to register wins, but whoever reads the mail.
//!
//! Who asks for another code names an address and nothing else. While one registration waits, the code is for that one.
//! While several do, nobody can tell whose request it is, so the code confirms the address and brings no password at
//! all: it signs in, and a password is set by mail.

use std::time::Duration;

use campuszon_core::{CampusId, Timestamp, UserId, account::Email, permission::UserStatus};
use subtle::ConstantTimeEq;

use super::{
    super::store::{self, Code, Pending},
    User, find,
};
use crate::{
    App, Error,
    platform::{
        database::Tx,
        jobs::{self, Kind},
        mail::{Letter, Mail},
    },
};

/// Confirms an address.
const VERIFY: &str = "verify";
/// Sets a new password.
const RESET: &str = "reset";

/// How many registrations of an address wait at once: the newest. It bounds what a guess can hit.
const WAITING: usize = 5;

/// How long after the end of its code a registration may still be sent another one.
pub(super) const FORGOTTEN: Duration = Duration::from_secs(7 * 24 * 60 * 60);

pub(super) fn wrong_code() -> Error {
    Error::invalid("code", "wrong_code", "is wrong or has ended: ask for another one")
}

/// Writes something, whatever is known of the address that was asked about. A transaction that changes nothing waits for no
/// disk, and the wait would tell that nobody has this address.
pub(super) fn leave_trace(tx: &mut Tx<'_>) -> Result<(), Error> {
    let trace = tx.entropy().token(16);
    Ok(store::set_trace(tx, &trace)?)
}

/// Keeps a registration of an account that is not confirmed, and mails the code that opens it.
///
/// The mail goes out at once, whatever was mailed a moment ago: otherwise the code in hand would be another
/// registration's. What bounds these mails is the budget of the sign-in routes.
pub(super) fn mail_registration(
    tx: &mut Tx<'_>,
    app: &App,
    campus: CampusId,
    user: UserId,
    email: &Email,
    name: &str,
    password_hash: &str,
) -> Result<(), Error> {
    let waiting = store::pending(tx, campus, user)?;
    if let Some(oldest) = waiting.get(WAITING - 1) {
        store::delete_pending(tx, campus, user, oldest.number)?;
    }
    let number = waiting.first().map_or(1, |newest| newest.number + 1);
    let (text, code) = new_code(tx, app, user, VERIFY);
    let (name, password_hash) = (name.to_owned(), password_hash.to_owned());
    store::insert_pending(tx, campus, user, &Pending { number, name, password_hash, code })?;
    let letter = Letter::Verify { code: &text, minutes: minutes(app), asked_at: tx.now() };
    queue(tx, &letter.to(email.as_str(), &app.settings.name, &app.public_url))
}

/// Mails another code to confirm an address, unless one was mailed a moment ago.
pub(super) fn mail_another(tx: &mut Tx<'_>, app: &App, user: &User, email: &Email) -> Result<(), Error> {
    let (campus, user) = (user.campus, user.id);
    let waiting = store::pending(tx, campus, user)?;
    let of_address = store::code(tx, campus, user, VERIFY)?;
    let mailed = waiting.iter().map(|registration| &registration.code).chain(&of_address).map(|code| code.sent_at);
    if waiting.is_empty() || mailed.max().is_some_and(|sent_at| is_recent(app, tx.now(), sent_at)) {
        return Ok(());
    }
    let (text, code) = new_code(tx, app, user, VERIFY);
    let minutes = minutes(app);
    let letter = match waiting.as_slice() {
        [only] => {
            store::set_pending_code(tx, campus, user, only.number, &code)?;
            Letter::Verify { code: &text, minutes, asked_at: tx.now() }
        }
        _ => {
            store::put_code(tx, campus, user, VERIFY, &code.hash, code.expires_at)?;
            Letter::VerifyAddress { code: &text, minutes }
        }
    };
    queue(tx, &letter.to(email.as_str(), &app.settings.name, &app.public_url))
}

/// Mails a code to set a new password, unless one was mailed a moment ago.
pub(super) fn mail_reset(tx: &mut Tx<'_>, app: &App, user: &User, email: &Email) -> Result<(), Error> {
    let open = store::code(tx, user.campus, user.id, RESET)?;
    if open.is_some_and(|code| is_recent(app, tx.now(), code.sent_at)) {
        return Ok(());
    }
    let (text, code) = new_code(tx, app, user.id, RESET);
    store::put_code(tx, user.campus, user.id, RESET, &code.hash, code.expires_at)?;
    let letter = Letter::Reset { code: &text, minutes: minutes(app) };
    queue(tx, &letter.to(email.as_str(), &app.settings.name, &app.public_url))
}

pub(super) fn mail_already_registered(tx: &mut Tx<'_>, app: &App, email: &Email) -> Result<(), Error> {
    queue(tx, &Letter::AlreadyRegistered.to(email.as_str(), &app.settings.name, &app.public_url))
}

/// The user whose address this code confirms, with the name and the password that it was mailed for; all registrations
/// of the address are closed with that. A wrong code is counted against each of them.
pub(super) fn try_verification(tx: &mut Tx<'_>, app: &App, email: &Email, code: &str) -> Result<Option<User>, Error> {
    leave_trace(tx)?;
    let unverified = find(tx, email)?.filter(|user| user.status == UserStatus::Unverified);
    let Some(user) = unverified else { return Ok(None) };
    let (campus, id, now) = (user.campus, user.id, tx.now());
    let is_right = |open: &Code| is_right(app, now, id, VERIFY, open, code);
    let waiting = store::pending(tx, campus, id)?;
    if let Some(registration) = waiting.iter().find(|registration| is_right(&registration.code)) {
        store::update_unverified(tx, campus, id, &registration.name, &registration.password_hash)?;
    } else if store::code(tx, campus, id, VERIFY)?.is_some_and(|open| is_right(&open)) {
        store::set_password(tx, campus, id, "")?;
    } else {
        store::count_pending_attempt(tx, campus, id)?;
        store::count_code_attempt(tx, campus, id, VERIFY)?;
        return Ok(None);
    }
    close_registrations(tx, campus, id)?;
    Ok(Some(user))
}

/// Forgets what waits for a code of an address.
pub(super) fn close_registrations(tx: &mut Tx<'_>, campus: CampusId, user: UserId) -> Result<(), Error> {
    store::delete_pending(tx, campus, user, i64::MAX)?;
    Ok(store::delete_code(tx, campus, user, VERIFY)?)
}

/// The user who may set a new password with this code, which is closed with that. A wrong one is counted.
pub(super) fn try_reset(tx: &mut Tx<'_>, app: &App, email: &Email, code: &str) -> Result<Option<User>, Error> {
    leave_trace(tx)?;
    let Some(user) = find(tx, email)? else { return Ok(None) };
    let Some(open) = store::code(tx, user.campus, user.id, RESET)? else { return Ok(None) };
    if !is_right(app, tx.now(), user.id, RESET, &open, code) {
        store::count_code_attempt(tx, user.campus, user.id, RESET)?;
        return Ok(None);
    }
    store::delete_code(tx, user.campus, user.id, RESET)?;
    Ok(Some(user))
}

fn new_code(tx: &Tx<'_>, app: &App, user: UserId, purpose: &str) -> (String, Code) {
    let (text, now) = (tx.entropy().digits6(), tx.now());
    let hash = app.keys.code_hash(user, purpose, &text);
    let expires_at = now + app.settings.registration.code_lifetime;
    (text, Code { hash, attempts: 0, sent_at: now, expires_at })
}

fn is_right(app: &App, now: Timestamp, user: UserId, purpose: &str, open: &Code, given: &str) -> bool {
    let spent = open.attempts >= i64::from(app.settings.registration.code_attempts);
    let hash = app.keys.code_hash(user, purpose, given);
    !spent && open.expires_at > now && bool::from(hash.ct_eq(&open.hash))
}

fn is_recent(app: &App, now: Timestamp, sent_at: Timestamp) -> bool {
    now < sent_at + app.settings.registration.resend_after
}

/// How long a code is valid.
fn minutes(app: &App) -> u64 {
    app.settings.registration.code_lifetime.as_secs().div_ceil(60)
}

fn queue(tx: &mut Tx<'_>, mail: &Mail) -> Result<(), Error> {
    let payload = serde_json::to_string(mail).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(jobs::enqueue(tx, Kind::Mail, &payload)?)
}
