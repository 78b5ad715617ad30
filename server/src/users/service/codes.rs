//! Mailed codes: opened, mailed, tried and closed.

use campuszon_core::{CampusId, UserId, account::Email};

use super::{super::store, User, find};
use crate::{
    App, Error,
    platform::{
        database::Tx,
        jobs::{self, Kind},
        mail::Mail,
    },
    settings::Settings,
};

/// Confirms an address.
pub(super) const VERIFY: &str = "verify";
/// Sets a new password.
pub(super) const RESET: &str = "reset";

pub(super) fn wrong_code() -> Error {
    Error::invalid("code", "wrong_code", "is wrong or has ended: ask for another one")
}

/// The user whose open code this is; it is closed with that. A wrong one is counted.
pub(super) fn try_code(
    tx: &mut Tx<'_>,
    app: &App,
    email: &Email,
    purpose: &str,
    code: &str,
) -> Result<Option<User>, Error> {
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

/// Opens a code and queues its mail, unless one was sent a moment ago.
pub(super) fn mail_code(
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

pub(super) fn mail_already_registered(tx: &mut Tx<'_>, settings: &Settings, email: &Email) -> Result<(), Error> {
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
