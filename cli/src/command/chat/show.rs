//! `chat show`: the messages of a conversation.

use campuszon_core::{
    ChatId, Timestamp,
    safe::SafeText,
    wire::chat::{Chat, Message},
};
use clap::Args;

use crate::{
    client::MessageRange,
    clock,
    command::{ids, shapes},
    context::Context,
    failure::Failure,
    output::{Format, table::relative},
};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon chat show cht_01hzy3v5k8q2w4e6r8t0y2u4m6
  campuszon chat show cht_01hzy3v5k8q2w4e6r8t0y2u4m6 --limit 5 --json=seq,body")]
pub struct ShowArgs {
    /// A conversation's id
    #[arg(value_name = "ID")]
    id: String,
    /// At most so many, the newest
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100))]
    limit: usize,
    /// All there are
    #[arg(long, conflicts_with_all = ["limit", "before"])]
    all: bool,
    /// Only those with a smaller sequence number
    #[arg(long, value_name = "SEQ")]
    before: Option<i64>,
}

pub async fn run(args: ShowArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MESSAGE)?;
    let id: ChatId = ids::parse(&args.id)?;
    let client = context.client()?;
    let messages = if args.all {
        client.messages_after(id, 0).await?
    } else {
        let range = MessageRange { before: args.before, after: None, limit: Some(args.limit) };
        client.messages(id, range).await?.messages
    };
    if let Some(earlier) = messages.first().filter(|first| first.seq > 1) {
        context.output.notice(&format!("there are earlier messages: --all, or --before {}", earlier.seq));
    }
    if context.output.format != Format::Table || context.output.has_fields() {
        return Ok(context.output.list(&shapes::MESSAGE, &messages)?);
    }
    let chat = client.chat(id).await?;
    let now = clock::now();
    let lines: Vec<SafeText> = messages.iter().map(|message| line(message, &chat, now)).collect();
    Ok(context.output.lines(&lines)?)
}

/// A message for people: who, when, what.
pub fn line(message: &Message, chat: &Chat, now: Timestamp) -> SafeText {
    let who = match message.sender_id {
        None => "CampusZon",
        Some(sender) if sender == chat.peer.id => chat.peer.name.as_str(),
        Some(_) => "you",
    };
    let body = match (message.deleted_at, message.edited_at) {
        (Some(_), _) => "(deleted)".to_owned(),
        (None, Some(_)) => format!("{} (edited)", message.body),
        (None, None) => message.body.clone(),
    };
    let when = relative(message.created_at, now);
    SafeText::block(&format!("{} ({when}): {}", SafeText::line(who), body.replace('\n', "\n    ")))
}
