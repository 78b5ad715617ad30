//! What a connection may not do: send too much over all connections of its user, or read too slowly.

use std::ops::Deref;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;

use super::{Live, World};
use crate::{on_every_database, support::Engine};

/// A server that takes few frames.
struct Few(Live);

impl Few {
    async fn new(engine: Engine) -> Self {
        Self(with_limits(engine, "frames = \"10/10s\"").await)
    }
}

impl Deref for Few {
    type Target = Live;

    fn deref(&self) -> &Live {
        &self.0
    }
}

/// A server that takes many messages and does not ask whether its clients are there.
struct Patient(Live);

impl Patient {
    async fn new(engine: Engine) -> Self {
        Self(with_limits(engine, "chat = \"off\"\n[chat]\nheartbeat = \"1h\"").await)
    }
}

impl Deref for Patient {
    type Target = Live;

    fn deref(&self) -> &Live {
        &self.0
    }
}

async fn with_limits(engine: Engine, limits: &str) -> Live {
    let settings = format!("[items]\nrequire_image = false\n[limits]\nitems_write = \"off\"\n{limits}\n");
    Live::on(World::with(engine, &settings).await).await
}

on_every_database! {
    async fn frames_are_counted_over_all_connections_of_a_user(live: Few) {
        let (mut bens, _) = live.open(&live.ben).await;
        let (mut first, _) = live.open(&live.ana).await;
        let (mut second, _) = live.open(&live.ana).await;
        for _ in 0..4 {
            for socket in [&mut first, &mut second] {
                assert_eq!(socket.ask(json!({"type": "ping"})).await["type"], "pong");
            }
        }
        // The tenth was the last; nobody else is concerned.
        for mut socket in [first, second] {
            assert_eq!(socket.ask(json!({"type": "ping"})).await, json!({"closed": 4429}));
        }
        bens.expect_silence().await;
    }

    async fn who_reads_too_slowly_is_let_go_and_misses_nothing(live: Patient) {
        // The large ones fill the network's buffers, the small ones then the queue, before a write is given up.
        const LARGE: usize = 300;
        const MESSAGES: usize = LARGE + 300;
        let narrow = TcpSocket::new_v4().expect("a socket");
        narrow.set_recv_buffer_size(4_096).expect("a small buffer");
        let (mut stalled, ready) = live.open_over(narrow, &live.ana).await;
        let (mut well, _) = live.open(&live.ana).await;
        let reading = tokio::spawn(async move {
            for _ in 0..MESSAGES {
                assert_eq!(well.next().await["type"], "message");
            }
        });
        let (ben, _) = live.open(&live.ben).await;
        let (mut ben, answers) = ben.0.split();
        tokio::spawn(answers.for_each(|_| async {}));
        for number in 0..MESSAGES {
            let body = if number < LARGE { "🙂".repeat(4_000) } else { "hello".to_owned() };
            let send = json!({"type": "send", "chat_id": live.chat, "client_id": format!("m{number}"), "body": body});
            ben.send(Message::text(send.to_string())).await.expect("an open connection");
        }
        reading.await.expect("another connection hears everything meanwhile");

        let mut heard = 0;
        let mut frame = stalled.next().await;
        while frame["type"] == "message" {
            assert_eq!(frame["message"]["client_id"], format!("m{heard}"));
            heard += 1;
            frame = stalled.next().await;
        }
        assert_eq!(frame, json!({"type": "lagging"}));
        assert_eq!(stalled.next().await, json!({"closed": 4408}));
        assert!((1..MESSAGES).contains(&heard), "{heard}");

        let (mut again, _) = live.open(&live.ana).await;
        let before = ready["since"].as_u64().expect("a number") + heard as u64;
        again.say(json!({"type": "resume", "since": before, "epoch": ready["epoch"]})).await;
        let next = again.next().await;
        // Over 300 are to be fetched.
        if MESSAGES - heard > 300 {
            assert_eq!(next["type"], "reset");
        } else {
            assert_eq!(next["message"]["client_id"], format!("m{heard}"));
        }
    }
}
