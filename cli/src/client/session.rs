//! Whose authority a call carries: keeping, renewing and ending the session.

use std::time::Duration;

use campuszon_core::wire::account::{Profile, Refresh, Registered, Session};

use super::{Client, ClientError, Credentials, SessionStore, StoredSession, StoredUser, call::Call};
use crate::clock;

/// A token is renewed this long before its end, so that it does not end on its way.
const RENEW_AHEAD: Duration = Duration::from_secs(30);

/// What a registration led to.
#[derive(Clone, Debug)]
pub enum SignUp {
    /// A code was mailed; `auth verify` goes on.
    CodeSent(Registered),
    /// The server asks for no code: this session is signed in.
    SignedIn(Box<Session>),
}

impl Client {
    /// The session kept for this server; `None` when signed out, or when a token from the environment is used.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub async fn stored_session(&self) -> Result<Option<StoredSession>, ClientError> {
        match &self.shared.options.credentials {
            Credentials::Token(_) => Ok(None),
            Credentials::Store(store) => Ok(store.read().await?),
        }
    }

    /// Whose session is kept for this server, as for [`Client::stored_session`].
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub fn stored_user(&self) -> Result<Option<StoredUser>, ClientError> {
        match &self.shared.options.credentials {
            Credentials::Token(_) => Ok(None),
            Credentials::Store(store) => Ok(store.user()?),
        }
    }

    /// Whether the session is in the system's keyring.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub fn is_in_keyring(&self) -> Result<bool, ClientError> {
        match &self.shared.options.credentials {
            Credentials::Token(_) => Ok(false),
            Credentials::Store(store) => Ok(store.is_in_keyring()?),
        }
    }

    /// Whether calls carry a token from the environment instead of the session kept.
    pub fn uses_environment_token(&self) -> bool {
        matches!(self.shared.options.credentials, Credentials::Token(_))
    }

    /// The token for the next call.
    pub(super) async fn bearer(&self) -> Result<String, ClientError> {
        let store = match &self.shared.options.credentials {
            Credentials::Token(token) => return Ok(token.clone()),
            Credentials::Store(store) => store,
        };
        let mut cached = self.shared.session.lock().await;
        if cached.is_none() {
            *cached = store.read().await?;
        }
        let session = cached.as_ref().ok_or_else(|| self.not_signed_in())?;
        if is_fresh(session) {
            return Ok(session.access_token.clone());
        }
        let stale = session.access_token.clone();
        let renewed = self.renew_stored(store, &stale).await;
        *cached = renewed.as_ref().ok().cloned();
        renewed.map(|session| session.access_token)
    }

    /// Replaces the token that the server no longer takes. `false` when there is nothing to renew it with.
    pub(super) async fn renew(&self, stale: &str) -> Result<bool, ClientError> {
        let Credentials::Store(store) = &self.shared.options.credentials else { return Ok(false) };
        let mut cached = self.shared.session.lock().await;
        if cached.as_ref().is_some_and(|session| session.access_token != stale) {
            return Ok(true);
        }
        if cached.as_ref().is_some_and(|session| session.refresh_token.is_none()) {
            return Ok(false);
        }
        let renewed = self.renew_stored(store, stale).await;
        *cached = renewed.as_ref().ok().cloned();
        renewed.map(|_| true)
    }

    /// Under the file's lock: takes what another command has renewed meanwhile, or renews it here.
    async fn renew_stored(&self, store: &SessionStore, stale: &str) -> Result<StoredSession, ClientError> {
        let guard = store.lock().await?;
        let session = guard.read().await?.ok_or_else(|| self.not_signed_in())?;
        if session.access_token != stale && is_fresh(&session) {
            return Ok(session);
        }
        let Some(refresh_token) = session.refresh_token else { return Err(self.session_ended()) };
        // A rotated token answers the same successor for a while, so a lost answer may be asked for again.
        let call = Call::post("/api/auth/refresh").open().json(&Refresh { refresh_token })?.repeatable();
        match self.transmit::<Session>(&call).await {
            Ok(renewed) => {
                let renewed = stored(renewed);
                guard.write(Some(&renewed)).await?;
                Ok(renewed)
            }
            Err(error) if error.status() == Some(401) => {
                guard.write(None).await?;
                Err(self.session_ended())
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps a session that was just given out.
    pub(super) async fn keep(&self, session: Session) -> Result<Profile, ClientError> {
        let profile = session.user.clone();
        self.keep_stored(stored(session)).await?;
        Ok(profile)
    }

    /// Signs in with a personal access token: checks it with the server and keeps it.
    ///
    /// # Errors
    /// [`ClientError::Refused`] with 401 when the token is not valid.
    pub async fn sign_in_with_token(&self, token: &str) -> Result<Profile, ClientError> {
        let profile: Profile = self.transmit_as(&Call::get("/api/users/me"), Some(token)).await?;
        let user = user_of(&profile);
        let session = StoredSession { access_token: token.to_owned(), refresh_token: None, expires_at: None, user };
        self.keep_stored(session).await?;
        Ok(profile)
    }

    async fn keep_stored(&self, session: StoredSession) -> Result<(), ClientError> {
        let Credentials::Store(store) = &self.shared.options.credentials else { return Ok(()) };
        let mut cached = self.shared.session.lock().await;
        store.lock().await?.write(Some(&session)).await?;
        *cached = Some(session);
        Ok(())
    }

    /// Forgets the session kept for this server, without telling the server.
    ///
    /// # Errors
    /// [`ClientError::Store`].
    pub async fn forget(&self) -> Result<(), ClientError> {
        let Credentials::Store(store) = &self.shared.options.credentials else { return Ok(()) };
        let mut cached = self.shared.session.lock().await;
        store.lock().await?.write(None).await?;
        *cached = None;
        Ok(())
    }

    fn not_signed_in(&self) -> ClientError {
        ClientError::NotSignedIn(self.server().to_string())
    }

    fn session_ended(&self) -> ClientError {
        ClientError::SessionEnded(self.server().to_string())
    }
}

fn is_fresh(session: &StoredSession) -> bool {
    session.expires_at.is_none_or(|end| clock::now() + RENEW_AHEAD < end)
}

fn stored(session: Session) -> StoredSession {
    StoredSession {
        user: user_of(&session.user),
        access_token: session.access_token,
        refresh_token: Some(session.refresh_token),
        expires_at: Some(clock::now() + Duration::from_secs(session.expires_in)),
    }
}

fn user_of(profile: &Profile) -> StoredUser {
    StoredUser { id: profile.id, email: profile.email.clone(), name: profile.name.clone() }
}
