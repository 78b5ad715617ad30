//! `chat mute`: being told nothing of conversations, or again of them.

use campuszon_core::{ChatId, wire::chat::EditChat};
use clap::Args;

use crate::{
    command::{Change, batch, shapes},
    context::Context,
    failure::Failure,
};

#[derive(Args, Debug)]
#[command(after_help = "Messages still arrive and count as unread; nothing is said of them.

Examples:
  campuszon chat mute cht_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon chat mute cht_01hzy3v5k8q2w4e6r8t0y2u4m6 --off")]
pub struct MuteArgs {
    /// Conversation ids; - reads them from stdin
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    /// Be told of them again
    #[arg(long)]
    off: bool,
    #[command(flatten)]
    change: Change,
}

pub async fn run(args: MuteArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::CHAT)?;
    let client = context.changing(&args.change)?;
    let wish = EditChat { muted: !args.off };
    let chats = batch::each(args.ids, async |id: ChatId| Ok(client.edit_chat(id, &wish).await?));
    let done = if args.off { "You are told again of" } else { "Muted" };
    chats
        .await?
        .tell(context, &shapes::CHAT, |chat| format!("{done} the chat with {} on {}.", chat.peer.name, chat.item.title))
}
