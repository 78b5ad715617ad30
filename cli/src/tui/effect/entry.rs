//! Signing in, in every way there is: what is asked of a server, and what it answers.

use std::time::Duration;

use campuszon_core::{
    safe::SafeText,
    wire::account::{Profile, Register},
};

use super::failure;
use crate::{
    client::{Client, ClientError, SignUp},
    tui::{message::Failure, model::Hall, secret::Secret, servers::Servers},
};

/// Why nobody can sign in.
const ENVIRONMENT_TOKEN: &str =
    "CAMPUSZON_TOKEN or CAMPUSZON_TOKEN_FILE is set and would be used instead: unset it and start again";

/// A question of the sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Login {
        email: String,
        password: Secret,
    },
    Register {
        email: String,
        name: String,
        password: Secret,
    },
    /// Confirm an address by its mailed code.
    Verify {
        email: String,
        code: String,
    },
    /// Mail another code.
    Resend(String),
    /// Mail a code for a new password.
    Forgot(String),
    /// Set a new password by the mailed code, and sign in with it.
    Reset {
        email: String,
        code: String,
        password: Secret,
    },
}

/// What a question led to.
#[derive(Clone, Debug)]
pub enum Entered {
    /// The server is there.
    Found(Box<Hall>),
    /// A code is on its way.
    CodeSent,
    SignedIn(Box<Profile>),
}

/// Why a question led nowhere.
#[derive(Clone, Debug)]
pub struct Refused {
    pub failure: Failure,
    /// The server's word for it.
    pub code: Option<String>,
    /// What is wrong with a field, by the name that the API has for it.
    pub faults: Vec<(String, SafeText)>,
    /// How long the server wants to be left alone.
    pub pause: Option<Duration>,
}

impl Refused {
    fn new(error: &ClientError) -> Self {
        let ClientError::Refused(refusal) = error else { return Self::plain(failure(error)) };
        let faults = refusal.problem.errors.iter();
        Self {
            code: Some(refusal.problem.code.clone()),
            faults: faults.map(|fault| (fault.field.clone(), SafeText::line(&fault.message))).collect(),
            pause: refusal.retry_after,
            ..Self::plain(failure(error))
        }
    }

    /// Only what happened, for people.
    pub fn plain(failure: Failure) -> Self {
        Self { failure, code: None, faults: Vec::new(), pause: None }
    }
}

/// Asks; in vain where a token in the environment would win over the session that is about to be kept.
pub(super) async fn ask(client: Client, entry: Entry) -> Result<Entered, Refused> {
    if client.uses_environment_token() {
        return Err(Refused::plain(Failure::broken(ENVIRONMENT_TOKEN)));
    }
    settle(&client, entry).await.map_err(|error| Refused::new(&error))
}

async fn settle(client: &Client, entry: Entry) -> Result<Entered, ClientError> {
    let profile = match entry {
        Entry::Login { email, password } => client.login(&email, password.reveal(), device()).await?,
        Entry::Register { email, name, password } => {
            let account = Register { email, name, password: password.reveal().to_owned() };
            match client.register(&account).await? {
                SignUp::SignedIn(session) => session.user,
                SignUp::CodeSent(_) => return Ok(Entered::CodeSent),
            }
        }
        Entry::Verify { email, code } => client.verify(&email, &code).await?,
        Entry::Resend(email) => {
            client.resend_code(&email).await?;
            return Ok(Entered::CodeSent);
        }
        Entry::Forgot(email) => {
            client.forgot_password(&email).await?;
            return Ok(Entered::CodeSent);
        }
        Entry::Reset { email, code, password } => {
            client.reset_password(&email, &code, password.reveal()).await?;
            client.login(&email, password.reveal(), device()).await?
        }
    };
    Ok(Entered::SignedIn(Box::new(profile)))
}

/// What this machine is called in the list of sessions.
fn device() -> Option<String> {
    Some(crate::context::this_machine())
}

/// Which server is there, under a name or an address.
pub(super) async fn look(servers: Option<Servers>, wanted: String) -> Result<Entered, Refused> {
    let unusable = |sentence: String| Refused::plain(Failure::broken(&sentence));
    let servers = servers.ok_or_else(|| unusable("no other server can be used here".to_owned()))?;
    let reached = tokio::task::spawn_blocking(move || servers.reach(&wanted)).await;
    let reached = reached.map_err(|error| unusable(error.to_string()))?.map_err(unusable)?;
    let meta = reached.client.meta().await.map_err(|error| Refused::new(&error))?;
    let address = reached.client.server().as_str().to_owned();
    Ok(Entered::Found(Box::new(Hall::new(address, &reached.called, &meta))))
}
