//! `auth session`: the signed-in devices.

use campuszon_core::SessionId;
use clap::{Args, Subcommand};

use crate::{
    command::{Change, batch, batch::Done, paging::Paging, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// List the signed-in devices
    List(ListArgs),
    /// Sign devices out
    Revoke(RevokeArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth session list
  campuszon auth session list --json=id,device,last_used_at")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon auth session revoke ses_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon auth session list --format ids | campuszon auth session revoke - --yes")]
pub struct RevokeArgs {
    /// Session ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

impl SessionCommand {
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(args, context).await,
            Self::Revoke(args) => revoke(args, context).await,
        }
    }
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::SESSION)?;
    let client = context.client()?;
    let sessions = args.paging.gather(context, async |page| client.sessions(page).await).await?;
    Ok(context.output.list(&shapes::SESSION, &sessions)?)
}

async fn revoke(args: RevokeArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    context.confirm(&args.change, "Sign these devices out?")?;
    let batch = batch::each(args.ids, async |id: SessionId| {
        client.revoke_session(id).await?;
        Ok(Done { id: id.to_string(), status: "revoked" })
    });
    batch.await?.tell(context, &shapes::DONE, |done| format!("Signed {} out.", done.id))
}
