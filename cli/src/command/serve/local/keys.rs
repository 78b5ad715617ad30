//! `campuszon admin keys`.

use campuszon_core::text;
use campuszon_server::{
    platform::entropy::{Clock, SystemClock, SystemEntropy},
    serve,
};
use clap::{Args, Subcommand};

use crate::{
    command::{
        serve::{StoreArgs, not_started, options},
        shapes,
    },
    context::Context,
    failure::Failure,
};

/// What to do with the keys that sign.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Have a new key sign; nobody is signed out
    Rotate(RotateArgs),
}

#[derive(Args, Debug)]
#[command(
    after_help = "A running server takes the new key up within seconds; what older keys signed holds until it ends. A server does this
by itself once a month.

Examples:
  campuszon admin keys rotate
  campuszon admin keys rotate --data ./data --json"
)]
pub struct RotateArgs {
    #[command(flatten)]
    store: StoreArgs,
}

impl KeysCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Rotate(args) => rotate(args, context),
        }
    }
}

fn rotate(args: RotateArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SIGNING_KEY)?;
    let directory = super::existing(&options(args.store, context)?)?;
    let entropy = SystemEntropy::new().map_err(|error| not_started(error.into()))?;
    let rotated = serve::rotate_keys(&directory, SystemClock.now(), &entropy).map_err(not_started)?;
    let older = text::count(i64::try_from(rotated.older).unwrap_or(i64::MAX), "older key");
    let done = format!("{} signs from now on; kept for what was signed before: {older}.", rotated.id);
    Ok(context.output.changed(&shapes::SIGNING_KEY, &rotated, &done)?)
}
