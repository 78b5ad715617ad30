//! Client frames, read leniently: what is not understood is answered with an `error`, and the connection stays.

#[cfg(test)]
mod documented;

use campuszon_core::{
    ChatId,
    form::Form,
    wire::{chat::Message, live::ServerFrame},
};
use serde_json::Value;

use crate::{Error, chat::service::NewMessage, gateway::problem};

/// How many conversations one `resume` may name.
const MAX_CHATS: usize = 100;

/// A client's frame.
#[derive(Debug)]
pub struct Incoming {
    /// What the client calls it, to be echoed.
    pub reference: Option<Value>,
    /// What it asks for.
    pub request: Result<Request, Refusal>,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// To go on with this token.
    Auth { token: String },
    /// To send a message.
    Send { chat: ChatId, message: NewMessage },
    /// To move the reading position.
    Read { chat: ChatId, seq: i64 },
    /// That others hear of one's writing, or that it stopped.
    Typing { chat: ChatId, on: bool },
    /// To hear again the messages after these numbers.
    ResumeChats(Vec<(ChatId, i64)>),
    /// To hear again what came after `since`.
    Resume { since: i64, epoch: String },
    /// To hear of new items, or, with an empty query, no longer.
    Watch { query: String },
    /// Whether we are there.
    Ping,
    /// Nothing: it answers a heartbeat.
    Pong,
}

/// Why a frame is refused.
#[derive(Debug)]
pub enum Refusal {
    /// It is no JSON object with a type.
    Malformed(&'static str),
    /// Its type is not of this version.
    UnknownType,
    /// As the same request over HTTP would be.
    Error(Error),
}

/// What a granted request is answered with.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// It is done.
    Ok,
    /// The message, durable.
    Sent(Box<Message>),
    /// We are there.
    Pong,
}

/// Reads a text frame.
pub fn parse(text: &str) -> Incoming {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
        return malformed("a frame is a JSON object");
    };
    let reference = fields.remove("ref").filter(|reference| !reference.is_null());
    let request = match fields.remove("type") {
        Some(Value::String(kind)) => request(&kind, Form::json(fields)),
        _ => Err(Refusal::Malformed("a frame has a type, which is a text")),
    };
    Incoming { reference, request }
}

/// What stands for a frame that cannot be read.
pub fn malformed(why: &'static str) -> Incoming {
    Incoming { reference: None, request: Err(Refusal::Malformed(why)) }
}

fn request(kind: &str, mut form: Form) -> Result<Request, Refusal> {
    let request = match kind {
        "auth" => form.required_text("token").map(|token| Request::Auth { token }),
        "send" => {
            let chat = chat_id(&mut form);
            let message = NewMessage::read(&mut form);
            chat.zip(message).map(|(chat, message)| Request::Send { chat, message })
        }
        "read" => {
            let chat = chat_id(&mut form);
            chat.zip(number(&mut form, "seq")).map(|(chat, seq)| Request::Read { chat, seq })
        }
        "typing" => {
            let chat = chat_id(&mut form);
            let on = form.boolean("on");
            chat.zip(form.require("on", on)).map(|(chat, on)| Request::Typing { chat, on })
        }
        "resume" if form.has("chats") => form.numbers("chats", MAX_CHATS).map(Request::ResumeChats),
        "resume" => {
            let since = number(&mut form, "since");
            since.zip(form.required_text("epoch")).map(|(since, epoch)| Request::Resume { since, epoch })
        }
        "watch" => form.required_text("query").map(|query| Request::Watch { query }),
        // Signs of life are not examined.
        "ping" => return Ok(Request::Ping),
        "pong" => return Ok(Request::Pong),
        _ => return Err(Refusal::UnknownType),
    };
    Ok(form.finish(request).map_err(Error::from)?)
}

fn chat_id(form: &mut Form) -> Option<ChatId> {
    let chat = form.parsed("chat_id");
    form.require("chat_id", chat)
}

fn number(form: &mut Form, field: &'static str) -> Option<i64> {
    let number = form.integer(field, 0..=i64::MAX);
    form.require(field, number)
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// The frame that answers a request.
pub fn answer(outcome: Result<Reply, Refusal>, reference: Option<Value>) -> ServerFrame {
    match outcome {
        Ok(Reply::Ok) => ServerFrame::Ok { reference },
        Ok(Reply::Sent(message)) => ServerFrame::Sent { reference, message: *message },
        Ok(Reply::Pong) => ServerFrame::Pong { reference },
        Err(refusal) => refusal.frame(reference),
    }
}

impl Refusal {
    fn frame(self, reference: Option<Value>) -> ServerFrame {
        let (code, detail) = match &self {
            Self::Malformed(why) => ("invalid_request", (*why).to_owned()),
            Self::UnknownType => {
                ("unknown_type", "the types are auth, send, read, typing, resume, watch, ping and pong".to_owned())
            }
            Self::Error(error) => (problem::code(error), detail(error)),
        };
        let retry_after_ms = match &self {
            Self::Error(Error::RateLimited(verdict)) => u64::try_from(verdict.reset_after.as_millis()).ok(),
            _ => None,
        };
        ServerFrame::Error { reference, code: code.to_owned(), detail, retry_after_ms }
    }
}

/// What a client may read of an error. Unlike a problem document, a frame has no list of faults: the text names them.
fn detail(error: &Error) -> String {
    let Error::Invalid(faults) = error else { return problem::detail(error) };
    let sentences: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect();
    sentences.join("; ")
}

#[cfg(test)]
mod tests {
    use campuszon_core::{Id, ImageId};
    use serde_json::json;

    use super::*;
    use crate::chat::service::Content;

    fn read(frame: &Value) -> Request {
        parse(&frame.to_string()).request.expect("a request")
    }

    fn error(text: &str) -> (String, String, Option<Value>) {
        let Incoming { reference, request } = parse(text);
        match answer(request.map(|_| Reply::Ok), reference) {
            ServerFrame::Error { code, detail, reference, .. } => (code, detail, reference),
            other => panic!("{text} was answered with {other:?}"),
        }
    }

    #[test]
    fn every_type_is_read() {
        let chat = ChatId::from_bits(7);
        let message = NewMessage { client_id: "c1".to_owned(), content: Content::Text("hi".to_owned()) };
        let send = json!({"type": "send", "ref": 1, "chat_id": chat, "client_id": "c1", "body": "hi"});
        assert_eq!(read(&send), Request::Send { chat, message });
        let message = NewMessage { client_id: "c1".to_owned(), content: Content::Image(ImageId::from_bits(8)) };
        let send = json!({"type": "send", "chat_id": chat, "client_id": "c1", "image": ImageId::from_bits(8)});
        assert_eq!(read(&send), Request::Send { chat, message });
        assert_eq!(read(&json!({"type": "read", "chat_id": chat, "seq": 3})), Request::Read { chat, seq: 3 });
        assert_eq!(read(&json!({"type": "typing", "chat_id": chat, "on": true})), Request::Typing { chat, on: true });
        let chats = json!({"type": "resume", "chats": {(chat.to_string()): 4}});
        assert_eq!(read(&chats), Request::ResumeChats(vec![(chat, 4)]));
        let resume = Request::Resume { since: 9, epoch: "e".to_owned() };
        assert_eq!(read(&json!({"type": "resume", "since": 9, "epoch": "e"})), resume);
        assert_eq!(read(&json!({"type": "auth", "token": "t"})), Request::Auth { token: "t".to_owned() });
        let watch = Request::Watch { query: "q=lamp".to_owned() };
        assert_eq!(read(&json!({"type": "watch", "query": "q=lamp"})), watch);
        assert_eq!(read(&json!({"type": "ping", "at": 12})), Request::Ping);
        assert_eq!(read(&json!({"type": "pong", "since": 12})), Request::Pong);
    }

    #[test]
    fn references_are_echoed_whatever_they_are() {
        for reference in [json!(7), json!("a"), json!({"n": [1]})] {
            let incoming = parse(&json!({"type": "ping", "ref": reference}).to_string());
            let answer = answer(incoming.request.map(|_| Reply::Pong), incoming.reference);
            assert_eq!(answer, ServerFrame::Pong { reference: Some(reference) });
        }
        assert_eq!(parse(r#"{"type":"ping","ref":null}"#).reference, None);
    }

    #[test]
    fn what_is_no_frame_is_malformed() {
        for text in ["", "hello", "[]", "7", "{", "{}", r#"{"type":7}"#, &"[".repeat(10_000)] {
            assert!(matches!(parse(text).request, Err(Refusal::Malformed(_))), "{text}");
            assert_eq!(error(text).0, "invalid_request");
        }
    }

    #[test]
    fn refusals_name_the_type_or_every_fault() {
        assert_eq!(error(r#"{"type":"dance","ref":"r"}"#).0, "unknown_type");
        let (code, detail, reference) = error(r#"{"type":"send","ref":"r","chat_id":"itm_1","body":7,"bdoy":""}"#);
        assert_eq!((code.as_str(), reference), ("invalid_request", Some(json!("r"))));
        for part in ["chat_id not a valid id", "client_id is required", "body must be a text", "bdoy unknown field"] {
            assert!(detail.contains(part), "{detail}");
        }
    }
}
