//! Accounts: registration, sessions, access tokens, passwords, profiles.
//!
//! Every method fails with the [`ClientError`] that fits: [`ClientError::Refused`] carries the server's reasons.

use campuszon_core::{
    SessionId, TokenId, UserId,
    wire::account::{
        AccessTokens, Address, ChangePassword, CreateToken, Devices, Login, NewAccessToken, Profile, PublicProfile,
        Register, Registered, ResetPassword, Session, SetUp, Verify,
    },
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{Client, ClientError, PageRequest, SignUp, call::Call};

impl Client {
    /// Registers an account. With verification a code is mailed, the same whether or not the address is taken.
    pub async fn register(&self, account: &Register) -> Result<SignUp, ClientError> {
        let reply = self.send(&Call::post("/api/auth/register").open().json(account)?).await?;
        if reply.status == 202 {
            return Ok(SignUp::CodeSent(reply.read::<Registered>()?));
        }
        let session: Session = reply.read()?;
        self.keep(session.clone()).await?;
        Ok(SignUp::SignedIn(Box::new(session)))
    }

    /// Confirms an address by its mailed code, and is signed in.
    pub async fn verify(&self, email: &str, code: &str) -> Result<Profile, ClientError> {
        let body = Verify { email: email.to_owned(), code: code.to_owned() };
        let session = self.ask(&Call::post("/api/auth/verify").open().json(&body)?).await?;
        self.keep(session).await
    }

    /// Becomes the first administrator by the token of a new server's link, and is signed in.
    pub async fn set_up(
        &self,
        token: &str,
        email: &str,
        password: &str,
        name: Option<String>,
    ) -> Result<Profile, ClientError> {
        let body = SetUp { token: token.to_owned(), email: email.to_owned(), password: password.to_owned(), name };
        let session = self.ask(&Call::post("/api/setup").open().json(&body)?).await?;
        self.keep(session).await
    }

    /// Asks for another code.
    pub async fn resend_code(&self, email: &str) -> Result<(), ClientError> {
        self.tell(&Call::post("/api/auth/verify/resend").open().json(&address(email))?).await
    }

    /// Signs in; the session is kept. `device` names this machine in the list of sessions.
    pub async fn login(&self, email: &str, password: &str, device: Option<String>) -> Result<Profile, ClientError> {
        let body = Login { email: email.to_owned(), password: password.to_owned(), device };
        let session = self.ask(&Call::post("/api/auth/login").open().json(&body)?).await?;
        self.keep(session).await
    }

    /// Ends the session on the server and forgets it. A session that has ended already is only forgotten.
    pub async fn logout(&self) -> Result<(), ClientError> {
        let ended = self.tell(&Call::post("/api/auth/logout")).await;
        match ended {
            Ok(()) | Err(ClientError::SessionEnded(_)) => self.forget().await,
            Err(error) if matches!(error.status(), Some(401 | 403)) => self.forget().await,
            Err(error) => Err(error),
        }
    }

    /// The signed-in devices.
    pub async fn sessions(&self, page: PageRequest) -> Result<Devices, ClientError> {
        self.ask(&Call::get("/api/auth/sessions").query(page.pairs())).await
    }

    /// Signs a device out.
    pub async fn revoke_session(&self, id: SessionId) -> Result<(), ClientError> {
        self.tell(&Call::delete(format!("/api/auth/sessions/{id}"))).await
    }

    /// The personal access tokens, without their secrets.
    pub async fn tokens(&self, page: PageRequest) -> Result<AccessTokens, ClientError> {
        self.ask(&Call::get("/api/auth/tokens").query(page.pairs())).await
    }

    /// Makes a personal access token. The answer alone holds its secret.
    pub async fn create_token(&self, token: &CreateToken, key: Option<&str>) -> Result<NewAccessToken, ClientError> {
        self.ask(&Call::post("/api/auth/tokens").json(token)?.keyed(key)).await
    }

    /// Ends a personal access token.
    pub async fn revoke_token(&self, id: TokenId) -> Result<(), ClientError> {
        self.tell(&Call::delete(format!("/api/auth/tokens/{id}"))).await
    }

    /// Changes the password; all other sessions end.
    pub async fn change_password(&self, current: &str, new: &str) -> Result<(), ClientError> {
        let body = ChangePassword { current: current.to_owned(), new: new.to_owned() };
        self.tell(&Call::put("/api/auth/password").json(&body)?).await
    }

    /// Has a code for a new password mailed, if the address is registered.
    pub async fn forgot_password(&self, email: &str) -> Result<(), ClientError> {
        self.tell(&Call::post("/api/auth/password/forgot").open().json(&address(email))?).await
    }

    /// Sets a new password by the mailed code.
    pub async fn reset_password(&self, email: &str, code: &str, password: &str) -> Result<(), ClientError> {
        let body = ResetPassword { email: email.to_owned(), code: code.to_owned(), password: password.to_owned() };
        self.tell(&Call::post("/api/auth/password/reset").open().json(&body)?).await
    }

    /// One's own profile.
    pub async fn me(&self) -> Result<Profile, ClientError> {
        self.ask(&Call::get("/api/users/me")).await
    }

    /// Changes one's profile: an object of the fields to change, where `null` clears.
    pub async fn edit_me(&self, patch: &impl Serialize) -> Result<Profile, ClientError> {
        self.ask(&Call::patch("/api/users/me").json(patch)?).await
    }

    /// Deletes one's account for good, and forgets the session.
    pub async fn delete_me(&self, password: &str) -> Result<(), ClientError> {
        self.tell(&Call::delete("/api/users/me").json(&json!({ "password": password }))?).await?;
        self.forget().await
    }

    /// Everything the server holds on the user.
    pub async fn export_me(&self) -> Result<Value, ClientError> {
        self.ask(&Call::get("/api/users/me/export")).await
    }

    /// What everybody of the campus may see of a user.
    pub async fn user(&self, id: UserId) -> Result<PublicProfile, ClientError> {
        self.ask(&Call::get(format!("/api/users/{id}"))).await
    }
}

fn address(email: &str) -> Address {
    Address { email: email.to_owned() }
}
