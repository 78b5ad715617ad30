//! Conversations: reading them, and writing while what others say is said as it comes.

use std::thread;

use campuszon_core::{
    ChatId,
    wire::{
        chat::{Chat, Message, SendMessage},
        live::{ClientFrame, ServerFrame},
    },
};
use tokio::sync::oneshot;

use super::{
    Guide,
    ask::{End, List, Outcome, Picked},
    words,
};
use crate::{
    client::{Client, Live, LiveEvent, MessageRange},
    clock,
    command::chat::{self, Watch},
    failure::{Exit, Failure},
    files,
    prompt::{self, PromptError},
    random,
    slash::{self, Line},
};

/// How many messages are said of a conversation that is opened.
const NEWEST: usize = 10;

/// What can be chosen of a conversation.
#[derive(Clone, Copy, Debug)]
enum Choice {
    Write,
    All,
    Booking,
    Item,
    Mute,
    Report,
}

/// A conversation that is written in.
struct Talk<'a> {
    chat: Chat,
    client: Client,
    live: Option<Live>,
    watch: Watch<'a>,
    is_typing: bool,
}

impl Guide {
    pub async fn chats(&self) -> Outcome {
        let client = self.client()?;
        let (list, mut seen) = (List { empty: "No conversations.", words: &[] }, 0);
        let fetch = async |page| client.chats(page).await;
        while let Some(Picked::Row(chat)) = self.pick(&list, &mut seen, words::chat, &fetch).await? {
            self.attempt(Box::pin(self.chat(chat.id)).await)?;
        }
        Ok(())
    }

    /// A conversation, and what can be done with it.
    pub async fn chat(&self, id: ChatId) -> Outcome {
        let client = self.client()?;
        self.read(&client, id).await?;
        loop {
            let chat = client.chat(id).await?;
            let mute = if chat.muted { "Be told of it again" } else { "Be told nothing of it" };
            let booking = self.open_booking(id).await?;
            let mut choices = vec![("Write, and hear what comes", Choice::Write), ("All messages", Choice::All)];
            choices.extend(booking.as_ref().map(|_| ("The booking", Choice::Booking)));
            choices.extend([("The item", Choice::Item), (mute, Choice::Mute), ("Report it", Choice::Report)]);
            let Some(choice) = self.choose(&choices)? else { return Ok(()) };
            let outcome = match (choice, booking) {
                (Choice::Write, _) => self.talk(&client, chat).await,
                (Choice::All, _) => self.run(&["chat", "show", "--all", &id.to_string()]).await,
                (Choice::Booking, Some(booking)) => Box::pin(self.booking(booking.id)).await,
                (Choice::Booking, None) => Ok(()),
                (Choice::Item, _) => Box::pin(self.item(chat.item.id)).await,
                (Choice::Mute, _) => self.mute(&chat).await,
                (Choice::Report, _) => self.report(&client, &chat, "").await,
            };
            self.attempt(outcome)?;
        }
    }

    /// Goes to where one writes in a conversation.
    pub async fn write(&self, id: ChatId) -> Outcome {
        let client = self.client()?;
        self.read(&client, id).await?;
        let chat = client.chat(id).await?;
        self.talk(&client, chat).await
    }

    /// Says the newest messages, which are read then.
    async fn read(&self, client: &Client, id: ChatId) -> Outcome {
        chat::send_first(client, &self.context).await?;
        let chat = client.chat(id).await?;
        let range = MessageRange { limit: Some(NEWEST), ..MessageRange::default() };
        let messages = client.messages(id, range).await?.messages;
        self.say(&format!("{} on {}, {}.", chat.peer.name, chat.item.title, presence(chat.peer.online)));
        for message in &messages {
            self.context.output.line(&chat::said(message, &chat, clock::now()))?;
        }
        if messages.is_empty() {
            self.say("Nothing was said yet.");
        }
        if chat.unread > 0 {
            client.mark_read(id, chat.last_seq).await?;
        }
        Ok(())
    }

    /// Sends what is typed and says what comes, until an empty line.
    async fn talk(&self, client: &Client, chat: Chat) -> Outcome {
        self.say("Write a line and Enter sends it. An empty line goes back, / alone tells what else can be typed.");
        let watch = Watch::new(&self.context, Some(chat.id), vec![chat.clone()]).only_from(chat.peer.id);
        let live = Some(client.live());
        let mut talk = Talk { chat, client: client.clone(), live, watch, is_typing: false };
        let mut typed = typed_line();
        loop {
            tokio::select! {
                event = next(&mut talk.live) => {
                    let outcome = self.hear(&mut talk, event).await;
                    self.attempt(outcome)?;
                }
                line = &mut typed => {
                    let line = line.map_err(|_| PromptError::Terminal("nobody reads it".to_owned()))??;
                    let Some(line) = line else { return Err(End::Quit) };
                    match Line::read(&line) {
                        Line::Back => return Ok(()),
                        line => self.attempt(Box::pin(self.utter(&talk, line)).await)?,
                    }
                    typed = typed_line();
                }
            }
        }
    }

    async fn utter(&self, talk: &Talk<'_>, line: Line<'_>) -> Outcome {
        let Talk { chat, client, .. } = talk;
        match line {
            Line::Message(text) => self.send(client, chat.id, text).await,
            Line::Offer(price) => self.offer(chat, price).await,
            Line::Book => self.request(chat.item.id, &chat.item.title, Vec::new()).await,
            Line::Accept => self.advance(chat, "accept", Vec::new()).await,
            Line::Done("") => self.advance(chat, "complete", Vec::new()).await,
            Line::Done(code) => self.advance(chat, "complete", vec![format!("--code={code}")]).await,
            Line::Decline => match self.open_booking(chat.id).await? {
                Some(booking) => self.end(&booking).await,
                None => Err(nothing_booked()),
            },
            Line::Report(reason) => self.report(client, chat, reason).await,
            Line::Image(path) => {
                let path = files::expanded(path.as_ref()).display().to_string();
                self.run(&["chat", "send", &chat.id.to_string(), "--image", &path]).await
            }
            Line::Mute => self.mute(chat).await,
            Line::Back | Line::Unknown => {
                self.say(slash::KNOWN);
                Ok(())
            }
        }
    }

    /// Sends a message; without a connection it waits here.
    async fn send(&self, client: &Client, chat: ChatId, text: &str) -> Outcome {
        let message = SendMessage::text(random::key(), text.to_owned());
        match chat::send(client, &self.context, chat, &message).await {
            Ok(_) => {
                self.reached();
                self.say("Sent.");
            }
            Err(failure) if failure.exit() == Some(Exit::Unreachable) => {
                self.attempt(Err(failure.into()))?;
                self.say("What you wrote waits here, and is sent once the connection is back.");
            }
            Err(failure) => return Err(failure.into()),
        }
        Ok(())
    }

    /// Names another price, or asks for the item at a price where nothing is booked.
    async fn offer(&self, chat: &Chat, price: &str) -> Outcome {
        match self.open_booking(chat.id).await? {
            Some(_) => self.advance(chat, "counter", vec![format!("--price={price}")]).await,
            None => self.request(chat.item.id, &chat.item.title, vec![format!("--offer={price}")]).await,
        }
    }

    /// Takes a step of the booking that the conversation is about.
    async fn advance(&self, chat: &Chat, step: &str, given: Vec<String>) -> Outcome {
        let booking = self.open_booking(chat.id).await?.ok_or_else(nothing_booked)?;
        self.run(&[&["booking".to_owned(), step.to_owned(), booking.id.to_string()], &given[..]].concat()).await
    }

    async fn mute(&self, chat: &Chat) -> Outcome {
        let id = chat.id.to_string();
        let is_muted = self.client()?.chat(chat.id).await?.muted;
        if is_muted { self.run(&["chat", "mute", "--off", &id]).await } else { self.run(&["chat", "mute", &id]).await }
    }

    /// Reports the newest message of the other; the reason is asked for where it is empty.
    async fn report(&self, client: &Client, chat: &Chat, reason: &str) -> Outcome {
        let messages = client.messages(chat.id, MessageRange::default()).await?.messages;
        let newest = messages.iter().rev().find(|said| said.sender_id == Some(chat.peer.id));
        let Some(newest) = newest else {
            self.say(&format!("{} has said nothing that could be reported.", chat.peer.name));
            return Ok(());
        };
        let mut words = vec!["chat".to_owned(), "report".to_owned(), chat.id.to_string(), newest.id.to_string()];
        words.extend((!reason.is_empty()).then(|| format!("--reason={reason}")));
        self.run(&words).await
    }

    /// Says what happens meanwhile, as far as it is new.
    async fn hear(&self, talk: &mut Talk<'_>, event: LiveEvent) -> Outcome {
        match event {
            LiveEvent::Up => self.connected(talk).await?,
            LiveEvent::Missed => talk.watch.catch_up(&talk.client).await?,
            LiveEvent::Frame(ServerFrame::Message { message, .. }) => self.heard(talk, &message).await?,
            LiveEvent::Frame(frame) => self.noticed(talk, &frame),
            LiveEvent::Down { reason, .. } => {
                if !self.is_offline.get() {
                    self.lost(&reason.to_string());
                }
            }
            LiveEvent::Ended(error) => {
                talk.live = None;
                return Err(error.into());
            }
        }
        Ok(())
    }

    /// The connection stands: what waited goes, and what was missed is said.
    async fn connected(&self, talk: &mut Talk<'_>) -> Outcome {
        if self.is_offline.get() {
            self.reached();
            chat::send_first(&talk.client, &self.context).await?;
        }
        Ok(talk.watch.catch_up(&talk.client).await?)
    }

    /// Whether the other writes, comes or goes.
    fn noticed(&self, talk: &mut Talk<'_>, frame: &ServerFrame) {
        let Talk { chat: Chat { id, peer, .. }, is_typing, .. } = talk;
        match frame {
            ServerFrame::Typing { chat_id, user_id, on } if chat_id == id && *user_id == peer.id => {
                if *on && !*is_typing {
                    self.say(&format!("{} is writing.", peer.name));
                }
                *is_typing = *on;
            }
            ServerFrame::Presence { user_id, online, .. } if *user_id == peer.id && peer.online != *online => {
                peer.online = *online;
                self.say(&format!("{} is {}.", peer.name, presence(*online)));
            }
            _ => {}
        }
    }

    /// Says a message of the other, and marks it as read. What one typed oneself stands there already.
    async fn heard(&self, talk: &mut Talk<'_>, message: &Message) -> Outcome {
        let is_own = message.sender_id.is_some_and(|sender| sender != talk.chat.peer.id);
        if message.chat_id != talk.chat.id || is_own {
            return Ok(());
        }
        talk.is_typing = false;
        talk.watch.print(&talk.client, message).await?;
        if let Some(live) = &talk.live {
            live.sender().send(ClientFrame::Read { chat_id: talk.chat.id, seq: message.seq });
        }
        Ok(())
    }
}

/// The next event; none any more once it is over.
async fn next(live: &mut Option<Live>) -> LiveEvent {
    if let Some(live) = live
        && let Some(event) = live.next().await
    {
        return event;
    }
    std::future::pending().await
}

/// The next line that is typed, read by a thread of its own: what others say is not to wait for it.
fn typed_line() -> oneshot::Receiver<Result<Option<String>, PromptError>> {
    let (tell, told) = oneshot::channel();
    thread::spawn(move || tell.send(prompt::line_of_stdin()));
    told
}

fn presence(online: bool) -> &'static str {
    if online { "online" } else { "not online" }
}

fn nothing_booked() -> End {
    Failure::new(Exit::NotFound, "no_booking", "nothing is booked here; /book asks for the item").into()
}
