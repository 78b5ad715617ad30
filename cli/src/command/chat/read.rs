//! `chat read`: marking conversations as read.

use campuszon_core::ChatId;
use clap::Args;

use crate::{
    command::{Change, batch, batch::Done, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon chat read cht_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon chat list --all --format ids | campuszon chat read -")]
pub struct ReadArgs {
    /// Conversation ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    change: Change,
}

pub async fn run(args: ReadArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::DONE)?;
    let client = context.changing(&args.change)?;
    let chats = batch::each(args.ids, async |id: ChatId| {
        let newest = client.chat(id).await?.last_seq;
        client.mark_read(id, newest).await?;
        Ok(Done { id: id.to_string(), status: "read" })
    });
    chats.await?.tell(context, &shapes::DONE, |done| format!("Read {}.", done.id))
}
