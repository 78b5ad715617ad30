//! Who is at the other end of a connection, and until when that is proven.

use campuszon_core::permission::Permission;
use tokio::time::Instant;

use crate::{App, Error, Principal, gateway::authentication};

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
        let ends_at = Instant::now() + who.expires_at.since(app.clock.now());
        Ok(Self { who, ends_at, token: token.to_owned() })
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
