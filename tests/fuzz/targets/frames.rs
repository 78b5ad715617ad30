//! Frames of the live connection: what is understood reads back as the same, and no refusal is much longer than its cause.

use campuszon_core::wire::live::ServerFrame;
use campuszon_server::chat::{
    live::frames::{Reply, Request, answer, parse},
    service::Content,
};
use serde_json::{Map, Value, json};

/// What an answer may have beside an echo of what it answers: names of fields are told in sentences.
const LONGEST_SENTENCES: usize = 16 * 1024;

/// The bytes are a frame.
pub fn hold(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let incoming = parse(&text);
    let said: Value = serde_json::from_str(&text).unwrap_or_default();
    assert_eq!(incoming.reference.as_ref(), said.get("ref").filter(|reference| !reference.is_null()));
    if let Ok(request) = &incoming.request {
        let again = parse(&written(request).to_string());
        assert_eq!(again.request.as_ref().ok(), Some(request), "what is written reads back as the same");
    }
    let is_understood = incoming.request.is_ok();
    let answer = answer(incoming.request.map(|_| Reply::Ok), incoming.reference);
    assert_eq!(matches!(answer, ServerFrame::Error { .. }), !is_understood);
    let answered = serde_json::to_string(&answer).expect("JSON");
    assert!(
        answered.len() <= 8 * text.len() + LONGEST_SENTENCES,
        "{} bytes are answered by {}",
        text.len(),
        answered.len()
    );
}

/// A request as a client writes it.
fn written(request: &Request) -> Value {
    match request {
        Request::Auth { token } => json!({"type": "auth", "token": token}),
        Request::Send { chat, message } => {
            let (field, value) = match &message.content {
                Content::Text(text) => ("body", json!(text)),
                Content::Image(image) => ("image", json!(image)),
            };
            json!({"type": "send", "chat_id": chat, "client_id": message.client_id, (field): value})
        }
        Request::Read { chat, seq } => json!({"type": "read", "chat_id": chat, "seq": seq}),
        Request::Typing { chat, on } => json!({"type": "typing", "chat_id": chat, "on": on}),
        Request::ResumeChats(chats) => {
            let chats: Map<String, Value> = chats.iter().map(|(chat, seq)| (chat.to_string(), json!(seq))).collect();
            json!({"type": "resume", "chats": chats})
        }
        Request::Resume { since, epoch } => json!({"type": "resume", "since": since, "epoch": epoch}),
        Request::Watch { query } => json!({"type": "watch", "query": query}),
        Request::Ping => json!({"type": "ping"}),
        Request::Pong => json!({"type": "pong"}),
    }
}
