//! From the `Authorization` header to a [`Principal`]: signature first, then the database's word on session and user,
//! remembered for a moment.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::{HeaderMap, header};
use campuszon_core::{SessionId, Timestamp, TokenId, UserId, permission::Credential};

use crate::{
    App, Error, Principal,
    platform::database::Tx,
    users::{
        credentials::{BadToken, Claims, PERSONAL_PREFIX, PersonalToken},
        service, store,
    },
};

/// How long a verified caller is remembered. A change made through this node is seen at once; one made through another
/// node after this time at the latest.
const REMEMBERED: Duration = Duration::from_secs(2);

/// How many callers are remembered at most.
const MAX_REMEMBERED: usize = 50_000;

/// What a caller is remembered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Proof {
    Session(SessionId),
    Token(TokenId),
}

/// Recently verified callers.
#[derive(Default)]
pub struct Principals(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_proof: HashMap<Proof, (Principal, Timestamp)>,
    /// How often credentials changed. What was read before a change is not remembered after it.
    changes: u64,
}

impl Principals {
    fn recall(&self, proof: Proof, now: Timestamp) -> Option<Principal> {
        let known = self.known();
        let (principal, until) = known.by_proof.get(&proof)?;
        (now < *until).then(|| principal.clone())
    }

    /// How often credentials have changed, to be asked before a caller is verified.
    fn changes(&self) -> u64 {
        self.known().changes
    }

    /// Remembers a caller who was verified when there had been so many `changes`.
    fn remember(&self, proof: Proof, principal: Principal, now: Timestamp, changes: u64) {
        let mut known = self.known();
        if known.changes != changes {
            return;
        }
        if known.by_proof.len() >= MAX_REMEMBERED {
            known.by_proof.retain(|_, (_, until)| now < *until);
        }
        if known.by_proof.len() < MAX_REMEMBERED {
            known.by_proof.insert(proof, (principal, now + REMEMBERED));
        }
    }

    /// Forgets all that is remembered of a user, whose credentials changed.
    pub fn forget(&self, user: UserId) {
        let mut known = self.known();
        known.by_proof.retain(|_, (principal, _)| principal.user != user);
        known.changes += 1;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The token of the `Authorization` header.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who the bearer of `token` is.
///
/// # Errors
/// The token is not ours, has ended, was revoked, or its user may not act.
pub async fn authenticate(app: &App, token: &str) -> Result<Principal, Error> {
    if token.starts_with(PERSONAL_PREFIX) {
        return personal(app, token).await;
    }
    let claims = app.keys.verify(token, app.clock.now()).map_err(|bad| match bad {
        BadToken::Expired => Error::TokenExpired,
        BadToken::Invalid => Error::Unauthenticated("the access token is not valid: sign in again"),
    })?;
    let proof = Proof::Session(claims.sid);
    let expires_at = ends_at(&claims);
    if let Some(principal) = app.principals.recall(proof, app.clock.now()) {
        return Ok(Principal { expires_at, ..principal });
    }
    let changes = app.principals.changes();
    let principal = app.read(move |tx| of_session(tx, &claims)).await?;
    app.principals.remember(proof, principal.clone(), app.clock.now(), changes);
    Ok(principal)
}

fn ends_at(claims: &Claims) -> Timestamp {
    Timestamp::from_millis(claims.exp.saturating_mul(1000))
}

fn of_session(tx: &mut Tx<'_>, claims: &Claims) -> Result<Principal, Error> {
    let ended = Error::Unauthenticated("the session has ended: sign in again");
    let Some(session) = store::session(tx, claims.campus, claims.sid)? else { return Err(ended) };
    if session.user != claims.sub {
        return Err(ended);
    }
    let expires_at = ends_at(claims);
    principal(tx, claims.campus, claims.sub, Credential::Session, Some(session.id), expires_at)
}

async fn personal(app: &App, text: &str) -> Result<Principal, Error> {
    let invalid = || Error::Unauthenticated("the access token is not valid, was revoked or has ended");
    let token = PersonalToken::parse(text).ok_or_else(invalid)?;
    let (campus, id, proof) = (token.campus, token.id, Proof::Token(token.id));
    let hash_matches = move |stored: &store::StoredToken| token.matches(&stored.secret_hash);
    let changes = app.principals.changes();
    let found = app.read(move |tx| {
        let now = tx.now();
        let stored = store::token(tx, campus, id)?.filter(|stored| hash_matches(stored) && stored.expires_at > now);
        let Some(stored) = stored else { return Err(invalid()) };
        let idle = stored.last_used_at.is_none_or(|used| now.since(used) >= Duration::from_secs(60));
        let credential = Credential::Token(stored.scopes);
        Ok((principal(tx, campus, stored.user, credential, None, stored.expires_at)?, idle))
    });
    // The secret is checked every time; only the note of its use is spared.
    let (principal, idle) = found.await?;
    if idle && app.principals.recall(proof, app.clock.now()).is_none() {
        app.principals.remember(proof, principal.clone(), app.clock.now(), changes);
        app.note(move |tx| Ok(store::touch_token(tx, campus, id)?)).await;
    }
    Ok(principal)
}

fn principal(
    tx: &mut Tx<'_>,
    campus: campuszon_core::CampusId,
    user: UserId,
    credential: Credential,
    session: Option<SessionId>,
    expires_at: Timestamp,
) -> Result<Principal, Error> {
    let user = store::user(tx, campus, user)?.ok_or(Error::Unauthenticated("this account is gone"))?;
    service::require_active(&user)?;
    Ok(Principal { campus, user: user.id, role: user.role, credential, session, expires_at })
}

/// The same refusal for another reader: an [`Error`] is not cloned, since most carry what happens once.
pub(super) fn again(error: &Error) -> Error {
    match error {
        Error::Unauthenticated(why) => Error::Unauthenticated(why),
        Error::TokenExpired => Error::TokenExpired,
        Error::Unverified => Error::Unverified,
        Error::Forbidden(why) => Error::Forbidden(why.clone()),
        Error::Maintenance(why) => Error::Maintenance(why.clone()),
        Error::Unavailable(why) => Error::Unavailable(why.clone()),
        Error::Overloaded => Error::Overloaded,
        other => Error::Internal(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use campuszon_core::{CampusId, Id, permission::Role};

    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_remembered_after_it() {
        let (principals, now) = (Principals::default(), Timestamp::from_millis(0));
        let (user, proof) = (UserId::from_bits(1), Proof::Session(SessionId::from_bits(1)));
        let principal = Principal {
            campus: CampusId::from_bits(1),
            user,
            role: Role::Admin,
            credential: Credential::Session,
            session: None,
            expires_at: now + REMEMBERED,
        };
        let before = principals.changes();
        principals.forget(user);
        principals.remember(proof, principal.clone(), now, before);
        assert_eq!(principals.recall(proof, now), None);
        principals.remember(proof, principal.clone(), now, principals.changes());
        assert_eq!(principals.recall(proof, now), Some(principal));
        principals.forget(user);
        assert_eq!(principals.recall(proof, now), None);
    }
}
