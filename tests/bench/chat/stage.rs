//! A server that listens, and a campus where one sells something and everybody else talks to them about it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use campuszon_core::{
    ChatId, ItemId, UserId,
    item::{Condition, Listing, NewItem, Terms},
    permission::UserStatus,
};
use campuszon_server::{
    App, chat,
    gateway::{
        self,
        listener::{self, Caps, Listener},
    },
    items,
    platform::entropy::SystemClock,
    users::{self, sessions},
};
use tokio::sync::watch;

use crate::embedded::{self, Server};

/// A user and their access token.
pub struct Person {
    pub id: UserId,
    pub token: String,
}

/// The server and the people on it. No limit of pace is in force.
pub struct Stage {
    pub app: App,
    pub folder: tempfile::TempDir,
    pub people: Vec<Person>,
    /// The chat of each person but the first, who sells.
    pub chats: Vec<ChatId>,
    address: SocketAddr,
    _server: Server,
    _stop: watch::Sender<bool>,
}

impl Stage {
    pub async fn new(people: usize) -> Self {
        let off = ["auth", "items_read", "items_write", "chat"].map(|name| format!("{name} = \"off\"\n")).concat();
        let folder = tempfile::tempdir().expect("a folder");
        let server = embedded::open(folder.path(), &format!("[limits]\n{off}"), None, Arc::new(SystemClock)).await;
        let app = server.app.clone();
        let (people, chats) = fill(&app, people).await;
        let listener = Listener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopping) = watch::channel(false);
        let caps = Caps::from(&app.settings.limits);
        let router = gateway::router(app.clone());
        tokio::spawn(listener::serve(vec![listener], router, caps, stopping, Duration::from_secs(1)));
        Self { app, folder, people, chats, address, _server: server, _stop: stop }
    }

    /// Where the live connection is.
    pub fn url(&self) -> String {
        format!("ws://{}/api/ws", self.address)
    }
}

async fn fill(app: &App, people: usize) -> (Vec<Person>, Vec<ChatId>) {
    let parts = app.clone();
    let filled = app.write(move |tx| {
        let campus = tx.new_id();
        users::store::insert_campus(tx, campus, "Bench")?;
        let mut enrolled = Vec::new();
        for number in 0..people {
            let id = tx.new_id();
            let email = format!("p{number}@bench.example");
            users::store::insert_user(tx, campus, id, &email, "Somebody", "", UserStatus::Active)?;
            let user = users::service::user(tx, campus, id)?;
            let tokens = sessions::open(tx, &parts.keys, &parts.settings.sessions, &user, None)?;
            enrolled.push(Person { id, token: tokens.access_token });
        }
        let (seller, item) = (enrolled[0].id, tx.new_id::<ItemId>());
        items::store::insert(tx, campus, item, 1, seller, &lamp())?;
        let mut chats = Vec::new();
        for buyer in &enrolled[1..] {
            let id = tx.new_id();
            chat::store::insert_chat(tx, campus, id, item, buyer.id, seller)?;
            chats.push(id);
        }
        Ok((enrolled, chats))
    });
    filled.await.expect("a campus")
}

fn lamp() -> NewItem {
    NewItem {
        title: "A lamp".to_owned(),
        description: String::new(),
        terms: Terms { listing: Listing::Wanted, price: 500, rent_period: None },
        category: "other".to_owned(),
        condition: Condition::Good,
        pickup: None,
        images: Vec::new(),
        draft: true,
    }
}
