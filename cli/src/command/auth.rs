//! `campuszon auth`: accounts, sessions, access tokens, passwords.

mod login;
mod password;
mod register;
mod session;
mod token;

pub use register::{refuse_environment_token, welcome};

use clap::Subcommand;

use crate::{context::Context, failure::Failure};

/// What to do with the account.
#[derive(Debug, Subcommand)]
pub enum AuthCommand {
    /// Register an account
    Register(register::RegisterArgs),
    /// Confirm an address by the code from the mail, and sign in
    Verify(register::VerifyArgs),
    /// Sign in
    Login(login::LoginArgs),
    /// Sign out
    Logout(login::LogoutArgs),
    /// Tell who is signed in
    Status(login::StatusArgs),
    /// Personal access tokens, for scripts
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Signed-in devices
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// The password
    #[command(subcommand)]
    Password(password::PasswordCommand),
}

impl AuthCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Register(args) => register::register(args, context).await,
            Self::Verify(args) => register::verify(args, context).await,
            Self::Login(args) => login::login(args, context).await,
            Self::Logout(args) => login::logout(args, context).await,
            Self::Status(args) => login::status(args, context).await,
            Self::Token(command) => command.run(context).await,
            Self::Session(command) => command.run(context).await,
            Self::Password(command) => command.run(context).await,
        }
    }
}
