//! `admin token`: marketplace tokens of users.

use campuszon_core::{UserId, text, wire::trust::Grant};
use clap::{Args, Subcommand};

use super::Reason;
use crate::{
    command::{Create, ids, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Give a user tokens
    Grant(GrantArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "For administrators.

Examples:
  campuszon admin token grant usr_01hzy3v5k8q2w4e6r8t0y2u4m6 5 --reason 'helped at the fair'
  campuszon admin token grant usr_01hzy3v5k8q2w4e6r8t0y2u4m6 5 --idempotency-key fair-17")]
pub struct GrantArgs {
    /// A user's id
    #[arg(value_name = "USER")]
    id: String,
    /// How many
    #[arg(value_name = "N", value_parser = clap::value_parser!(i64).range(1..=1000))]
    tokens: i64,
    #[command(flatten)]
    reason: Reason,
    #[command(flatten)]
    create: Create,
}

impl TokenCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        let Self::Grant(args) = self;
        context.output.check(&shapes::MODERATED_USER)?;
        let id: UserId = ids::one(&args.id)?;
        let client = context.changing(&args.create.change)?;
        let grant = Grant { tokens: args.tokens, reason: args.reason.reason };
        let user = client.grant(id, &grant, args.create.idempotency_key.as_deref()).await?;
        let done = format!("{} got {} and has {} now.", user.name, text::count(args.tokens, "token"), user.tokens);
        Ok(context.output.changed(&shapes::MODERATED_USER, &user, &done)?)
    }
}
