//! A laptop sleeps for an hour and wakes on another network: it shows exactly what it missed, in order. The hour is
//! told in seconds: every time-out that it would exceed is short.

use std::sync::Arc;

use campuszon_core::{ChatId, wire::chat::SendMessage};
use rustix::process::Signal;
use serde_json::Value;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{block_in_place, spawn_blocking},
};

use super::{Campus, Running, Student, client, until};
use crate::support::PASSWORD;

/// The times of the hour: the token that the connection was opened with ends, the server gives the connection up, and
/// those who talk with its user see them leave.
const HOUR: [(&str, &str); 3] =
    [("SESSIONS__ACCESS_LIFETIME", "2s"), ("CHAT__HEARTBEAT", "500ms"), ("CHAT__OFFLINE_AFTER", "100ms")];

/// A way to the server. Connections through a network that was left stay open and carry nothing more, not even their end.
struct Network {
    url: String,
    left: Arc<watch::Sender<u32>>,
}

impl Network {
    async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let server = server.trim_start_matches("http://").to_owned();
        let left = Arc::new(watch::Sender::new(0));
        let leaving = left.clone();
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let (mut gone, server) = (leaving.subscribe(), server.clone());
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(server).await.expect("the server");
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        // Both ends stay open in the hands of nobody.
                        _ = gone.changed() => std::future::pending().await,
                    }
                });
            }
        });
        Self { url, left }
    }

    /// Leaves it for another.
    fn leave(&self) {
        self.left.send_modify(|times| *times += 1);
    }
}

/// The bodies of the next messages that somebody who watches is shown.
fn shown(watching: &Running, count: usize) -> Vec<String> {
    let message = |line: String| serde_json::from_str::<Value>(&line).expect("a message");
    let bodies = (0..count).map(|_| message(watching.line().0)["body"].as_str().expect("a text").to_owned());
    bodies.collect()
}

/// Ben watches from a laptop, which sleeps while Ada writes so many messages.
async fn sleeps_through(messages: usize) {
    let campus = spawn_blocking(|| Campus::free_with(&HOUR)).await.expect("a campus");
    let network = Network::to(&campus.url).await;
    let (ada, ben, chat) = block_in_place(|| gather(&campus, &network));
    let say = |from: usize, to: usize| {
        let (client, chat) = (client(&campus.url, &block_in_place(|| ada.device_token())), chat.clone());
        async move {
            let id: ChatId = chat.parse().expect("an id");
            for number in from..to {
                let (client_id, body) = (format!("m{number}"), Some(format!("message {number}")));
                client.send_message(id, &SendMessage { client_id, body, image: None }).await.expect("sent");
            }
        }
    };
    let mut watching = ben.start(&["chat", "watch", "--json"]);
    block_in_place(|| ada.sees_online(&ben.id));
    say(0, 1).await;
    assert_eq!(block_in_place(|| shown(&watching, 1)), ["message 0"]);

    watching.signal(Signal::STOP);
    network.leave();
    say(1, messages).await;
    block_in_place(|| {
        until("the server gives him up", || (ada.json(&["user", "show", &ben.id])["online"] == false).then_some(()));
    });
    watching.signal(Signal::CONT);
    say(messages, messages + 1).await;
    let expected: Vec<String> = (1..=messages).map(|number| format!("message {number}")).collect();
    assert_eq!(block_in_place(|| shown(&watching, messages)), expected);
    // Nothing comes twice: the next line is the next message.
    say(messages + 1, messages + 2).await;
    assert_eq!(block_in_place(|| shown(&watching, 1)), [format!("message {}", messages + 1)]);
    watching.signal(Signal::INT);
    block_in_place(|| watching.end());
}

fn gather(campus: &Campus, network: &Network) -> (Student, Student, String) {
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut ben = campus.sign_up("ben@uni.example", "Ben");
    let chat = ben.made(&["chat", "start", &ada.offer("Lamp", "5")]);
    ben.server.clone_from(&network.url);
    let login = ["auth", "login", "--email", "ben@uni.example", "--password-stdin"];
    ben.run_with(&login, &format!("{PASSWORD}\n")).expect(0);
    (ada, ben, chat)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_sleeper_missed_is_shown_in_order() {
    sleeps_through(50).await;
}

/// More than the server sends again: the client fetches it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_much_that_was_missed() {
    sleeps_through(400).await;
}
