//! Who is at the other end of a connection, and until when that is proven.

use std::time::Duration;

use campuszon_core::{Timestamp, permission::Permission};
use tokio::time::Instant;

use crate::{
    App, Error, Principal,
    gateway::authentication,
    users::{
        credentials::{BadToken, PersonalToken},
        store,
    },
};

/// A verified credential.
pub(super) struct Pass {
    /// Who it is.
    pub who: Principal,
    /// When the credential ends.
    pub ends_at: Instant,
    /// Kept to verify it again when the user's credentials change.
    token: String,
}

impl Pass {
    /// Verifies a token.
    ///
    /// # Errors
    /// It is not valid, has ended, or does not allow to read.
    pub(super) async fn check(app: &App, token: &str) -> Result<Self, Error> {
        let who = authentication::authenticate(app, token).await?;
        who.require(Permission::Read)?;
        let left = time_left(app, token).await?;
        Ok(Self { who, ends_at: Instant::now() + left, token: token.to_owned() })
    }

    /// Verifies the same token against the database's present word on it.
    ///
    /// # Errors
    /// It does not hold any more.
    pub(super) async fn check_again(&self, app: &App) -> Result<Self, Error> {
        app.principals.forget(self.who.user);
        Self::check(app, &self.token).await
    }
}

/// How long the credential holds.
async fn time_left(app: &App, token: &str) -> Result<Duration, Error> {
    let ends_at = match PersonalToken::parse(token) {
        Some(PersonalToken { campus, id, .. }) => {
            let stored = app.read(move |tx| Ok(store::token(tx, campus, id)?)).await?;
            stored.map(|stored| stored.expires_at)
        }
        None => match app.keys.verify(token, app.clock.now()) {
            Ok(claims) => Some(Timestamp::from_millis(claims.exp.saturating_mul(1_000))),
            Err(BadToken::Expired) => return Err(Error::TokenExpired),
            Err(BadToken::Invalid) => None,
        },
    };
    let ends_at = ends_at.ok_or(Error::Unauthenticated("the access token does not hold any more"))?;
    Ok(ends_at.since(app.clock.now()))
}
