//! `chat send`: one message, a text or a picture.

use std::path::PathBuf;

use campuszon_core::{ChatId, wire::chat::SendMessage};
use clap::Args;

use super::waiting;
use crate::{
    command::{CommandError, Create, ids, item, missing::NEEDED, picture, shapes},
    context::Context,
    failure::Failure,
    random,
};

#[derive(Args, Debug)]
#[command(after_help = "Repeating a command with the same --idempotency-key sends nothing twice. A message that
cannot be sent now waits on this machine and goes first with the next chat send, chat show or chat watch. A picture is made
upright, small and free of metadata before it is sent; it is a message of its own.

Examples:
  campuszon chat send cht_01hzy3v5k8q2w4e6r8t0y2u4m6 'Is it still there?'
  echo 'At noon, then.' | campuszon chat send cht_01hzy3v5k8q2w4e6r8t0y2u4m6 -
  campuszon chat send cht_01hzy3v5k8q2w4e6r8t0y2u4m6 --image scratch.jpg")]
pub struct SendArgs {
    /// A conversation's id
    #[arg(value_name = "ID")]
    id: String,
    /// The message; - reads stdin
    #[arg(value_name = "TEXT|-", allow_hyphen_values = true, help_heading = NEEDED)]
    text: Option<String>,
    /// A picture instead of a text
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with = "text")]
    image: Option<PathBuf>,
    #[command(flatten)]
    create: Create,
}

pub async fn run(args: SendArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MESSAGE)?;
    let id: ChatId = ids::one(&args.id)?;
    let body = if args.image.is_none() { Some(words(args.text, context)?) } else { None };
    let key = args.create.idempotency_key.clone();
    let client_id = client_id(args.create.idempotency_key)?;
    let client = context.changing(&args.create.change)?;
    let files: Vec<PathBuf> = args.image.into_iter().collect();
    let image = picture::upload(context, &client, &files, key.as_deref()).await?.pop();
    let message = SendMessage { client_id, body, image };
    let sent = waiting::send(&client, context, id, &message).await?;
    Ok(context.output.changed(&shapes::MESSAGE, &sent, "Sent.")?)
}

/// The text to send, which is asked for where it is missing.
fn words(given: Option<String>, context: &Context) -> Result<String, Failure> {
    let mut ask = context.prompt.ask();
    let text = ask.text("TEXT", "Message:", given);
    ask.finish()?;
    Ok(item::text_or_stdin(text)?)
}

/// The id under which the message is sent once: the key, as far as the API takes it.
fn client_id(key: Option<String>) -> Result<String, CommandError> {
    let Some(key) = key else { return Ok(random::key()) };
    let is_fine = key.len() <= 64 && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if is_fine { Ok(key) } else { Err(CommandError::usage("for a message the key is 1 to 64 of A-Z a-z 0-9 _ -")) }
}
