//! `campuszon chat`: conversations.

mod mute;
mod read;
mod send;
mod show;
mod waiting;
mod watch;

pub use self::{
    show::line as said,
    waiting::{send, send_first},
    watch::Watch,
};

use campuszon_core::{ChatId, ItemId, MessageId};
use clap::{Args, Subcommand};

use super::{
    Create, ids,
    paging::Paging,
    reader::while_read,
    report::{self, Reasons},
    shapes, tui,
};
use crate::{client::ReportTarget, context::Context, failure::Failure};

/// What to do with conversations.
#[derive(Debug, Subcommand)]
pub enum ChatCommand {
    /// Open the conversation on an item
    Start(StartArgs),
    /// List your conversations
    List(ListArgs),
    /// Show the messages of a conversation, oldest first
    Show(show::ShowArgs),
    /// Open a conversation in the full screen
    Open(OpenArgs),
    /// Send a message
    Send(send::SendArgs),
    /// Follow new messages
    Watch(watch::WatchArgs),
    /// Mark conversations as read
    Read(read::ReadArgs),
    /// Be told nothing of conversations
    Mute(mute::MuteArgs),
    /// Report a message to the moderators
    Report(ReportArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Opening a conversation that exists answers it again.

Examples:
  campuszon chat start itm_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon chat send \"$(campuszon chat start itm_01hzy3v5k8q2w4e6r8t0y2u4m6 --format ids)\" 'Is it still there?'")]
pub struct StartArgs {
    /// An item's id or link
    #[arg(value_name = "ITEM")]
    item: String,
    #[command(flatten)]
    create: Create,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon chat list
  campuszon chat list --json=id,peer.name,unread")]
pub struct ListArgs {
    #[command(flatten)]
    paging: Paging,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon chat open cht_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon chat open \"$(campuszon chat list --limit 1 --format ids)\"")]
pub struct OpenArgs {
    /// A conversation's id
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Each can be reported once. chat show --json=id,body names the messages.

Examples:
  campuszon chat report cht_01hzy3v5k8q2w4e6r8t0y2u4m6 msg_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason abuse
  campuszon chat report cht_01hzy3v5k8q2w4e6r8t0y2u4m6 msg_01hzy3v5k8q2w4e6r8t0y2u4m6 --reason fraud --json")]
pub struct ReportArgs {
    /// A conversation's id
    #[arg(value_name = "CHAT")]
    chat: String,
    /// A message's id
    #[arg(value_name = "MESSAGE")]
    message: String,
    #[command(flatten)]
    reasons: Reasons,
}

impl ChatCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub async fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Start(args) => start(args, context).await,
            Self::List(args) => list(args, context).await,
            Self::Show(args) => show::run(args, context).await,
            Self::Open(args) => tui::open_chat(ids::parse(&args.id)?, context).await,
            Self::Send(args) => send::run(args, context).await,
            Self::Watch(args) => while_read(watch::run(args, context)).await,
            Self::Read(args) => read::run(args, context).await,
            Self::Mute(args) => mute::run(args, context).await,
            Self::Report(args) => {
                let (chat, message): (ChatId, MessageId) = (ids::one(&args.chat)?, ids::one(&args.message)?);
                report::run(ReportTarget::Message(chat, message), args.reasons, context).await
            }
        }
    }
}

async fn start(args: StartArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::CHAT)?;
    let id: ItemId = ids::one(&args.item)?;
    let client = context.changing(&args.create.change)?;
    let chat = client.start_chat(id, args.create.idempotency_key.as_deref()).await?;
    let done = format!("Chat {} with {} on {}.", chat.id, chat.peer.name, chat.item.title);
    Ok(context.output.changed(&shapes::CHAT, &chat, &done)?)
}

async fn list(args: ListArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::CHAT)?;
    let client = context.client()?;
    let chats = args.paging.gather(context, async |page| client.chats(page).await).await?;
    if chats.is_empty() {
        context.output.notice("no conversations");
    }
    Ok(context.output.list(&shapes::CHAT, &chats)?)
}
