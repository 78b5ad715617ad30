//! The API in process, on every database.

mod access;
mod accounts;
mod administrators;
mod campuses;
mod chat;
mod contacts;
mod deals;
mod hostile;
mod images;
mod items;
mod limits;
mod live;
pub mod mail;
mod maintenance;
pub mod market;
mod metrics;
mod model;
mod notifications;
mod openapi;
mod panics;
mod privacy;
mod races;
pub mod routes;
mod search;
mod searches;
mod trust;
mod wallet;

use std::ops::Deref;

use serde_json::{Value, json};

use crate::{
    on_every_database,
    support::{Answer, Engine, PASSWORD, Person, World},
};

/// A server that counts no requests and asks for no pictures, for tests of something else.
pub struct Free(World);

impl Free {
    pub async fn new(engine: Engine) -> Self {
        Self::with(engine, "").await
    }

    /// The same with further settings.
    pub async fn with(engine: Engine, more: &str) -> Self {
        let budgets = ["auth", "items_read", "items_write", "chat", "images"].map(|name| format!("{name} = \"off\"\n"));
        let settings = format!(
            "{more}[items]\nrequire_image = false\n[chat]\noffline_after = \"50ms\"\n[limits]\n{}",
            budgets.concat()
        );
        Self(World::with(engine, &settings).await)
    }
}

impl Deref for Free {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

/// The machine word of a problem.
pub fn code_of(answer: &Answer) -> String {
    answer.text("/code")
}

/// What a problem says of the fields: their names with the machine word of each fault.
pub fn faults(answer: &Answer) -> Vec<(&'static str, &'static str)> {
    let json = answer.json();
    let faults = json["errors"].as_array().cloned().unwrap_or_default();
    // Tests are short: what they leak they take along.
    let text = |value: &Value| -> &'static str { value.as_str().unwrap_or_default().to_owned().leak() };
    faults.iter().map(|fault| (text(&fault["field"]), text(&fault["code"]))).collect()
}

/// Lists a book without a picture; `more` are further or other fields.
pub async fn offer(world: &World, who: &Person, title: &str, more: Value) -> String {
    let mut body = json!({"title": title, "price": 12.5, "category": "books", "condition": "good"});
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    world.post(who, "/api/items", body).await.expect(201).text("/id")
}

/// The same person, signed in anew after their access token has ended.
pub async fn again(world: &World, who: &Person) -> Person {
    let body = json!({"email": who.email, "password": PASSWORD});
    let session = world.call("", "POST", "/api/auth/login", body).await.expect(200);
    Person { token: session.text("/access_token"), refresh: session.text("/refresh_token"), ..who.clone() }
}

/// What every entry of a list says at `field`.
pub fn each(list: &Value, field: &str) -> Vec<String> {
    let entries = list.as_array().expect("a list").iter();
    entries.map(|entry| entry[field].as_str().expect("a text").to_owned()).collect()
}

on_every_database! {
    /// The main road: two students, one item, one conversation.
    async fn two_students_trade(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = world.list_item(&ana, "Calculus, 8th edition", json!({})).await;

        let found = world.get(&ben, "/api/items?q=calc").await.expect(200).json();
        assert_eq!(found["items"][0]["id"], item.as_str());
        assert_eq!(found["items"][0]["status"], "active");
        assert_eq!(found["items"][0]["price"], 12.5);

        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        let path = format!("/api/chats/{chat}/messages");
        let sent = world.post(&ben, &path, json!({"client_id": "1", "body": "Still there?"})).await.expect(201);
        assert_eq!(sent.json()["seq"], 1);
        let again = world.post(&ben, &path, json!({"client_id": "1", "body": "Still there?"})).await.expect(200);
        assert_eq!(again.json(), sent.json());

        let chats = world.get(&ana, "/api/chats").await.expect(200).json();
        assert_eq!(chats["chats"][0]["unread"], 1);
        assert_eq!(chats["chats"][0]["last_message"]["body"], "Still there?");
        assert_eq!(chats["chats"][0]["peer"]["name"], "Ben");
        let history = world.get(&ana, &path).await.expect(200).json();
        assert_eq!(history["messages"].as_array().map(Vec::len), Some(1));
    }

    /// A student of another campus finds nothing and learns nothing.
    async fn campuses_do_not_meet(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let eve = world.sign_up("eve@other.example", "Eve").await;
        let item = world.list_item(&ana, "Calculus", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");

        let listed = world.get(&eve, "/api/items").await.expect(200).json();
        assert_eq!(listed["items"], json!([]));
        for path in [format!("/api/items/{item}"), format!("/api/chats/{chat}"), format!("/api/users/{}", ana.id)] {
            world.get(&eve, &path).await.expect(404);
        }
        world.post(&eve, "/api/chats", json!({"item_id": item})).await.expect(404);
    }
}
