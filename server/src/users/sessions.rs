//! Sessions: opened by a proof of identity, refreshed with rotation, and revoked as a whole when an old refresh token
//! comes back.

use campuszon_core::{CampusId, SessionId};

use super::{
    credentials::{Claims, Keys, RefreshClaims},
    service,
    store::{self, StoredSession, User},
};
use crate::{
    Error,
    platform::database::{Announcement, Tx},
    settings::Sessions,
};

/// What a client gets to act as its user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The session.
    pub session: SessionId,
    /// Signed, short-lived.
    pub access_token: String,
    /// Seconds until it ends.
    pub expires_in: u64,
    /// Gives the next pair, once.
    pub refresh_token: String,
}

/// Opens a session for `user`.
///
/// # Errors
/// The database's.
pub fn open(
    tx: &mut Tx<'_>,
    keys: &Keys,
    settings: &Sessions,
    user: &User,
    device: Option<String>,
) -> Result<Tokens, Error> {
    let mut salt = vec![0; 16];
    tx.entropy().fill(&mut salt);
    let now = tx.now();
    let session = StoredSession {
        id: tx.new_id(),
        user: user.id,
        device,
        salt,
        generation: 0,
        created_at: now,
        rotated_at: now,
        expires_at: now + settings.refresh_lifetime,
    };
    store::insert_session(tx, user.campus, &session)?;
    issue(tx, keys, settings, user, &session)
}

/// What became of a refresh.
#[derive(Clone, Debug, PartialEq)]
pub enum Refreshed {
    /// The tokens, and whose they are.
    Tokens(Box<(Tokens, User)>),
    /// The token was used before: the session is revoked, since one of its two holders is a thief.
    Reused,
    /// No session has this token.
    Unknown,
}

/// Where a session is, seen from a refresh token of it.
enum Standing {
    /// The token is the session's own.
    Current,
    /// It was until just now.
    InGrace,
    /// It was before.
    Past,
}

/// Rotates the refresh token `token`. The one before the current gives the same successor for a grace period, since two
/// commands of one user refresh at once every day.
///
/// # Errors
/// The user may not act at present.
pub fn refresh(tx: &mut Tx<'_>, keys: &Keys, settings: &Sessions, token: &str) -> Result<Refreshed, Error> {
    let Some((user, session, standing)) = find(tx, keys, settings, token)? else { return Ok(Refreshed::Unknown) };
    let session = match standing {
        Standing::InGrace => session,
        Standing::Current => rotate(tx, user.campus, session, settings)?,
        Standing::Past => {
            store::delete_session(tx, user.campus, user.id, session.id)?;
            tx.announce(Announcement::CredentialsChanged(user.id));
            return Ok(Refreshed::Reused);
        }
    };
    let tokens = issue(tx, keys, settings, &user, &session)?;
    Ok(Refreshed::Tokens(Box::new((tokens, user))))
}

/// An access token beside the session's refresh token as it is, for when nothing can be written: who is signed in goes on
/// reading. Nothing for a token of the past, whose session cannot be revoked now.
///
/// # Errors
/// The user may not act at present.
pub fn extend(tx: &mut Tx<'_>, keys: &Keys, settings: &Sessions, token: &str) -> Result<Option<(Tokens, User)>, Error> {
    match find(tx, keys, settings, token)? {
        Some((user, session, Standing::Current | Standing::InGrace)) => {
            Ok(Some((issue(tx, keys, settings, &user, &session)?, user)))
        }
        Some((.., Standing::Past)) | None => Ok(None),
    }
}

fn find(
    tx: &mut Tx<'_>,
    keys: &Keys,
    settings: &Sessions,
    token: &str,
) -> Result<Option<(User, StoredSession, Standing)>, Error> {
    let Some(claims) = keys.read_refresh_token(token) else { return Ok(None) };
    let Some(session) = store::session(tx, claims.campus, claims.session)? else { return Ok(None) };
    let now = tx.now();
    if !keys.is_refresh_token(token, claims, &session.salt) || session.expires_at <= now {
        return Ok(None);
    }
    let Some(user) = store::user(tx, claims.campus, session.user)? else { return Ok(None) };
    let standing = if claims.generation == session.generation {
        Standing::Current
    } else if claims.generation + 1 == session.generation && now.since(session.rotated_at) <= settings.refresh_grace {
        Standing::InGrace
    } else {
        return Ok(Some((user, session, Standing::Past)));
    };
    // Before the token is used up: a suspended user's session goes on where it was once they are back.
    service::require_active(&user)?;
    Ok(Some((user, session, standing)))
}

fn rotate(
    tx: &mut Tx<'_>,
    campus: CampusId,
    session: StoredSession,
    settings: &Sessions,
) -> Result<StoredSession, Error> {
    let now = tx.now();
    let expires_at = now + settings.refresh_lifetime;
    if !store::rotate_session(tx, campus, session.id, session.generation, expires_at)? {
        return Err(Error::Internal("a session rotated under its own transaction".to_owned()));
    }
    Ok(StoredSession { generation: session.generation + 1, rotated_at: now, expires_at, ..session })
}

fn issue(tx: &Tx<'_>, keys: &Keys, settings: &Sessions, user: &User, session: &StoredSession) -> Result<Tokens, Error> {
    let (now, lifetime) = (tx.now(), settings.access_lifetime);
    let claims = Claims {
        sub: user.id,
        sid: session.id,
        campus: user.campus,
        role: user.role,
        iat: now.seconds(),
        exp: (now + lifetime).seconds(),
        jti: tx.entropy().token(9),
    };
    let refresh = RefreshClaims { campus: user.campus, session: session.id, generation: session.generation };
    Ok(Tokens {
        session: session.id,
        access_token: keys.sign(&claims)?,
        expires_in: lifetime.as_secs(),
        refresh_token: keys.refresh_token(refresh, &session.salt),
    })
}
