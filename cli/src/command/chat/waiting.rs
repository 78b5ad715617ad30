//! Messages that waited while the server could not be reached.

use campuszon_core::{
    ChatId,
    wire::chat::{Message, SendMessage},
};

use crate::{
    client::{Client, ClientError, Delivery, Outbox},
    context::Context,
    failure::Failure,
};

const HINT: &str = "what was written waits on this machine, and the next `campuszon chat send`, `chat show` or \
                    `chat watch` sends it first";

/// Sends a message after those that waited. Where it cannot be sent now it waits too.
///
/// # Errors
/// The server does not want it, or it waits, or the outbox cannot be used.
pub async fn send(client: &Client, context: &Context, id: ChatId, message: &SendMessage) -> Result<Message, Failure> {
    let Some(outbox) = client.outbox()? else { return Ok(client.send_message(id, message).await?) };
    look(&outbox, context).await?;
    outbox.put(id, message).await?;
    let mut delivery = client.deliver(&outbox).await?;
    let is_own = |sent: &Message| sent.chat_id == id && sent.client_id.as_ref() == Some(&message.client_id);
    let sent = delivery.sent.extract_if(.., |sent| is_own(sent)).next();
    let refused = delivery.refused.extract_if(.., |(waiting, _)| waiting.is(id, &message.client_id)).next();
    let stopped = tell(delivery, context);
    match (sent, refused, stopped) {
        (Some(sent), _, _) => Ok(sent),
        (None, Some((_, error)), _) => Err(error.into()),
        (None, None, Some(error)) => Err(waits(error)),
        // Another command took it along: the server answers the same message again.
        (None, None, None) => Ok(client.send_message(id, message).await?),
    }
}

/// Sends what waited for this server, if anything did, and tells of it.
///
/// # Errors
/// The outbox cannot be used, or the server cannot be reached, which the command itself needs.
pub async fn send_first(client: &Client, context: &Context) -> Result<(), Failure> {
    let Some(outbox) = client.outbox()? else { return Ok(()) };
    look(&outbox, context).await?;
    if outbox.waiting()?.is_empty() {
        return Ok(());
    }
    match tell(client.deliver(&outbox).await?, context) {
        Some(error @ (ClientError::Network { .. } | ClientError::Timeout { .. })) => Err(waits(error)),
        Some(error) => {
            context.output.notice(&format!("{error}; {HINT}"));
            Ok(())
        }
        None => Ok(()),
    }
}

/// Makes sure that the outbox can be read.
async fn look(outbox: &Outbox, context: &Context) -> Result<(), Failure> {
    if let Some(aside) = outbox.set_damaged_aside().await? {
        let aside = aside.display();
        context
            .output
            .insist(&format!("the file of messages that waited was damaged; what is left of it is in {aside}"));
    }
    Ok(())
}

/// Tells what became of messages that waited, and hands on why others still do. What was refused would be lost untold.
fn tell(delivery: Delivery, context: &Context) -> Option<ClientError> {
    for sent in &delivery.sent {
        context.output.notice(&format!("sent what waited for {}: {}", sent.chat_id, sent.body));
    }
    for (waiting, error) in &delivery.refused {
        let (chat, body) = (waiting.chat_id, waiting.message.body.as_deref().unwrap_or("a picture"));
        context.output.insist(&format!("what waited for {chat} was refused, {error}: {body}"));
    }
    delivery.stopped
}

/// The failure of what waits.
fn waits(error: ClientError) -> Failure {
    let failure = Failure::from(error);
    let usual = if let Failure::Told(report) = &failure { report.hint.clone() } else { None };
    failure.hint(usual.map_or_else(|| HINT.to_owned(), |usual| format!("{HINT}; {usual}")))
}
