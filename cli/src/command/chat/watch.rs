//! `chat watch`: new messages as they come, without gap or repeat across reconnections.

use std::collections::{HashMap, hash_map::Entry};

use campuszon_core::{
    ChatId, UserId,
    wire::{
        chat::{Chat, Message},
        live::ServerFrame,
    },
};
use clap::Args;

use super::{show, waiting};
use crate::{
    client::{Client, ClientError, LiveEvent, follow},
    clock,
    command::{ids, shapes},
    context::Context,
    failure::Failure,
    output::Format,
};

#[derive(Args, Debug)]
#[command(after_help = "Goes on until Ctrl-C, through lost connections too.

Examples:
  campuszon chat watch
  campuszon chat watch --json | while read -r message; do …; done")]
pub struct WatchArgs {
    /// Only this conversation
    #[arg(value_name = "ID")]
    id: Option<String>,
}

pub async fn run(args: WatchArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::MESSAGE)?;
    let only: Option<ChatId> = args.id.as_deref().map(ids::one).transpose()?;
    let client = context.client()?;
    waiting::send_first(&client, context).await?;
    if let Some(id) = only {
        client.chat(id).await?;
    }
    // What is there before the connection stands is old; what comes between the two is caught up with.
    let mut watch = Watch::new(context, only, all_chats(&client).await?);
    let mut live = client.live();
    let mut is_first = true;
    while let Some(event) = live.next().await {
        match event {
            LiveEvent::Up if is_first => {
                is_first = false;
                context.output.notice("watching; Ctrl-C ends it");
                watch.catch_up(&client).await?;
            }
            LiveEvent::Up => {
                context.output.notice("connected again");
                waiting::send_first(&client, context).await?;
            }
            LiveEvent::Missed => watch.catch_up(&client).await?,
            LiveEvent::Frame(ServerFrame::Message { message, .. }) => watch.print(&client, &message).await?,
            LiveEvent::Frame(_) => {}
            LiveEvent::Down { reason, retry_in } => {
                context.output.notice(&format!("{reason}; trying again in {} s", retry_in.as_secs().max(1)));
            }
            LiveEvent::Ended(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What was said, and what is new.
pub struct Watch<'a> {
    context: &'a Context,
    only: Option<ChatId>,
    /// The last sequence number printed, or there before, in each conversation.
    seen: HashMap<ChatId, i64>,
    /// Whose messages alone are printed, with the server's.
    from: Option<UserId>,
    chats: HashMap<ChatId, Chat>,
}

impl<'a> Watch<'a> {
    /// What is new in the conversations, or in one of them, from how they stand now.
    pub fn new(context: &'a Context, only: Option<ChatId>, chats: Vec<Chat>) -> Self {
        let seen = chats.iter().map(|chat| (chat.id, chat.last_seq)).collect();
        Self { context, only, seen, from: None, chats: chats.into_iter().map(|chat| (chat.id, chat)).collect() }
    }

    /// Prints what came while nobody listened.
    ///
    /// # Errors
    /// The server cannot be asked, or nothing can be printed.
    pub async fn catch_up(&mut self, client: &Client) -> Result<(), Failure> {
        for chat in all_chats(client).await? {
            let seen = self.seen.get(&chat.id).copied().unwrap_or(0);
            let (id, last_seq) = (chat.id, chat.last_seq);
            self.chats.insert(id, chat);
            if last_seq <= seen {
                continue;
            }
            for message in client.messages_after(id, seen).await? {
                self.print(client, &message).await?;
            }
        }
        Ok(())
    }

    /// Prints only what this user says, and the server.
    #[must_use]
    pub fn only_from(self, user: UserId) -> Self {
        Self { from: Some(user), ..self }
    }

    /// Prints a message, unless it was printed before.
    ///
    /// # Errors
    /// As [`Watch::catch_up`].
    pub async fn print(&mut self, client: &Client, message: &Message) -> Result<(), Failure> {
        let seen = self.seen.entry(message.chat_id).or_insert(0);
        if message.seq <= *seen {
            return Ok(());
        }
        *seen = message.seq;
        if self.from.is_some_and(|from| message.sender_id.is_some_and(|sender| sender != from)) {
            return Ok(());
        }
        if self.only.is_some_and(|only| only != message.chat_id) {
            return Ok(());
        }
        if self.context.output.format != Format::Table || self.context.output.has_fields() {
            return Ok(self.context.output.event(&shapes::MESSAGE, message)?);
        }
        let chat = match self.chats.entry(message.chat_id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(client.chat(message.chat_id).await?),
        };
        Ok(self.context.output.line(&show::line(message, chat, clock::now()))?)
    }
}

async fn all_chats(client: &Client) -> Result<Vec<Chat>, ClientError> {
    Ok(follow(None, None, async |page| client.chats(page).await).await?.rows)
}
