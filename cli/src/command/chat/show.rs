//! `chat show`: the messages of a conversation.

use campuszon_core::{
    ChatId, Timestamp,
    safe::SafeText,
    wire::{
        chat::{Chat, Message},
        image::{Image, ImageStatus},
    },
};
use clap::Args;

use super::waiting;
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
    let id: ChatId = ids::one(&args.id)?;
    let client = context.client()?;
    waiting::send_first(&client, context).await?;
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
    Ok(context.output.sentences(&shapes::MESSAGE, &lines)?)
}

/// A message for people: who, when, what.
pub fn line(message: &Message, chat: &Chat, now: Timestamp) -> SafeText {
    let who = match message.sender_id {
        None => "CampusZon",
        Some(sender) if sender == chat.peer.id => chat.peer.name.as_str(),
        Some(_) => "you",
    };
    let body = said(message);
    let when = relative(message.created_at, now);
    SafeText::block(&format!("{} ({when}): {}", SafeText::line(who), body.replace('\n', "\n    ")))
}

fn said(message: &Message) -> String {
    match (message.deleted_at, &message.image, message.edited_at) {
        (Some(_), ..) => "(deleted)".to_owned(),
        (None, Some(image), _) => pictured(image),
        (None, None, Some(_)) => format!("{} (edited)", message.body),
        (None, None, None) => message.body.clone(),
    }
}

/// A picture in words: where it is to be seen, or why it is not.
fn pictured(image: &Image) -> String {
    match (image.status, &image.variants) {
        (ImageStatus::Ready, Some(variants)) => format!("(a picture) {}", variants.large.url),
        (ImageStatus::Failed, _) => format!("(a picture that failed: {})", image.error.as_deref().unwrap_or("unknown")),
        _ => "(a picture that is being made ready)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(more: Value) -> Message {
        let mut fields = json!({
            "id": "msg_00000000000000000000000000", "chat_id": "cht_00000000000000000000000000", "seq": 1,
            "client_id": null, "sender_id": null, "kind": "image", "body": "", "created_at": "2026-01-01T00:00:00.000Z",
            "edited_at": null, "deleted_at": null,
        });
        fields.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        serde_json::from_value(fields).expect("a message")
    }

    fn image(more: &Value) -> Message {
        let mut image = json!({
            "id": "img_00000000000000000000000000", "status": "pending", "error": null, "width": 4, "height": 3,
            "placeholder": null, "variants": null,
        });
        image.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        message(json!({"image": image}))
    }

    #[test]
    fn a_message_is_said_in_words() {
        let time = "2026-01-01T00:00:00.000Z";
        assert_eq!(said(&message(json!({"body": "hi"}))), "hi");
        assert_eq!(said(&message(json!({"body": "hi", "edited_at": time}))), "hi (edited)");
        assert_eq!(said(&message(json!({"deleted_at": time}))), "(deleted)");
        assert_eq!(said(&image(&json!({}))), "(a picture that is being made ready)");
        let failed = json!({"status": "failed", "error": "it is damaged"});
        assert_eq!(said(&image(&failed)), "(a picture that failed: it is damaged)");
        let variant = |size: &str| json!({"url": format!("http://m.test/{size}"), "width": 4, "height": 3, "bytes": 9});
        let variants = json!({"thumbnail": variant("t"), "medium": variant("m"), "large": variant("l")});
        let ready = json!({"status": "ready", "variants": variants});
        assert_eq!(said(&image(&ready)), "(a picture) http://m.test/l");
    }
}
