//! Conversations over HTTP.

use std::time::Duration;

use campuszon_server::platform::jobs::Kind;
use serde_json::{Value, json};

use super::{Free, again, code_of, each, faults, offer};
use crate::{
    on_every_database,
    support::{Answer, Engine, Person, World, png},
};

/// Ana, who sells, and Ben, who asks.
struct Talk {
    world: Free,
    ana: Person,
    ben: Person,
    item: String,
    chat: String,
}

impl std::ops::Deref for Talk {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Talk {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let chat = start(&world, &ben, &item).await.expect(201).text("/id");
        Self { world, ana, ben, item, chat }
    }

    async fn say(&self, who: &Person, client_id: &str, body: &str) -> Answer {
        let path = format!("/api/chats/{}/messages", self.chat);
        self.post(who, &path, json!({"client_id": client_id, "body": body})).await
    }

    async fn send_picture(&self, who: &Person, client_id: &str, image: &str) -> Answer {
        let path = format!("/api/chats/{}/messages", self.chat);
        self.post(who, &path, json!({"client_id": client_id, "image": image})).await
    }

    async fn messages(&self) -> Value {
        self.get(&self.ana, &format!("/api/chats/{}/messages", self.chat)).await.expect(200).json()["messages"].clone()
    }

    async fn read(&self, who: &Person, seq: i64) -> Answer {
        self.post(who, &format!("/api/chats/{}/read", self.chat), json!({"seq": seq})).await
    }

    async fn show(&self, who: &Person) -> Value {
        self.get(who, &format!("/api/chats/{}", self.chat)).await.expect(200).json()
    }

    /// The sequence numbers of the messages that a query asks for.
    async fn seqs(&self, query: &str) -> Vec<i64> {
        let path = format!("/api/chats/{}/messages{query}", self.chat);
        let list = self.get(&self.ana, &path).await.expect(200).json();
        let messages = list["messages"].as_array().expect("a list").iter();
        messages.map(|message| message["seq"].as_i64().expect("a number")).collect()
    }
}

async fn start(world: &World, who: &Person, item: &str) -> Answer {
    world.post(who, "/api/chats", json!({"item_id": item})).await
}

on_every_database! {
    async fn a_buyer_has_one_chat_about_an_item(talk: Talk) {
        let second = start(&talk, &talk.ben, &talk.item).await.expect(200);
        assert_eq!(second.text("/id"), talk.chat);
        assert_eq!(json!([second.json()["item"]["title"], second.json()["peer"]["name"]]), json!(["A lamp", "Ana"]));
        assert_eq!(code_of(&start(&talk, &talk.ana, &talk.item).await.expect(409)), "conflict");
        let cem = talk.sign_up("cem@uni.example", "Cem").await;
        let (one, other) = tokio::join!(start(&talk, &cem, &talk.item), start(&talk, &cem, &talk.item));
        assert_eq!(one.text("/id"), other.text("/id"), "however fast one presses");
        assert_ne!(one.text("/id"), talk.chat);
        assert_eq!(talk.get(&talk.ana, "/api/chats").await.json()["chats"].as_array().map(Vec::len), Some(2));
    }

    async fn ten_new_chats_a_day_are_enough(talk: Talk) {
        let mut items = Vec::new();
        for number in 0..10 {
            items.push(offer(&talk, &talk.ana, &format!("Lamp {number}"), json!({})).await);
        }
        for item in &items[..9] {
            start(&talk, &talk.ben, item).await.expect(201);
        }
        let refused = start(&talk, &talk.ben, &items[9]).await.expect(429);
        assert_eq!((code_of(&refused).as_str(), refused.header("retry-after").as_str()), ("rate_limited", "86400"));
        start(&talk, &talk.ben, &items[0]).await.expect(200);
        talk.wait(Duration::from_secs(24 * 60 * 60));
        start(&talk, &again(&talk, &talk.ben).await, &items[9]).await.expect(201);
    }

    async fn messages_are_numbered_and_sent_once(talk: Talk) {
        let first = talk.say(&talk.ben, "a", "Still there?").await.expect(201);
        let repeated = talk.say(&talk.ben, "a", "Something else").await.expect(200);
        assert_eq!(repeated.json(), first.json());
        let answer = talk.say(&talk.ana, "a", "Yes\r\n\u{1f642} Cafe\u{301}").await.expect(201).json();
        assert_eq!(json!([answer["seq"], answer["body"], answer["kind"]]), json!([2, "Yes\n\u{1f642} Café", "text"]));
        assert_eq!(answer["sender_id"], talk.ana.id.as_str());
        assert_eq!(talk.seqs("").await, [1, 2]);
        let shown = talk.show(&talk.ben).await;
        assert_eq!(json!([shown["last_seq"], shown["last_message"]["id"]]), json!([2, answer["id"]]));
    }

    async fn simultaneous_messages_leave_no_gap(talk: Talk) {
        let send = async |who: &Person, name: &str| {
            for number in 0..10 {
                talk.say(who, &format!("{name}{number}"), "x").await.expect(201);
            }
        };
        tokio::join!(send(&talk.ana, "a"), send(&talk.ben, "b"), send(&talk.ben, "c"));
        assert_eq!(talk.seqs("?limit=100").await, (1..=30).collect::<Vec<i64>>());
    }

    async fn messages_are_checked(talk: Talk) {
        let cases = [
            ("", "x", "client_id"), ("a b", "x", "client_id"), (&"x".repeat(65), "x", "client_id"), ("ä", "x", "client_id"),
            ("a", "", "body"), ("a", " \n ", "body"), ("a", &"x".repeat(4001), "body"), ("a", "\u{202e}x", "body"),
            ("a", "\u{1b}[31mred", "body"), ("a", "a\u{9b}b", "body"), ("a", "\0", "body"),
        ];
        for (client_id, body, field) in cases {
            let answer = talk.say(&talk.ben, client_id, body).await.expect(422);
            assert_eq!(faults(&answer).iter().map(|(field, _)| *field).collect::<Vec<_>>(), [field], "{body:?}");
        }
        talk.say(&talk.ben, &"x".repeat(64), &"🙂".repeat(4000)).await.expect(201);
        assert_eq!(talk.seqs("").await, [1]);
    }

    async fn a_picture_is_a_message(talk: Talk) {
        let image = talk.upload(&talk.ben, "image/png", png(64, 48, 7)).await.expect(202).text("/id");
        let sent = talk.send_picture(&talk.ben, "a", &image).await.expect(201).json();
        let pending = json!([sent["kind"], sent["body"], sent["seq"], sent["image"]["id"], sent["image"]["status"]]);
        assert_eq!(pending, json!(["image", "", 1, image, "pending"]));
        assert_eq!(talk.send_picture(&talk.ben, "a", &image).await.expect(200).json(), sent);
        assert_eq!(talk.get(&talk.ana, &format!("/api/images/{image}")).await.expect(200).json(), sent["image"]);
        talk.drain(Kind::Image).await;
        let shown = talk.get(&talk.ana, &format!("/api/images/{image}")).await.expect(200).json();
        assert_eq!(shown["status"], "ready");
        assert_eq!(talk.messages().await[0]["image"], shown);
        assert_eq!(talk.show(&talk.ana).await["last_message"]["image"], shown);
        assert_eq!(talk.send_picture(&talk.ben, "a", &image).await.expect(200).json()["image"], shown);
        let cem = talk.sign_up("cem@uni.example", "Cem").await;
        talk.get(&cem, &format!("/api/images/{image}")).await.expect(404);
        let path = format!("/api/chats/{}/messages/{}", talk.chat, sent["id"].as_str().expect("an id"));
        talk.call(&talk.ben.token, "PATCH", &path, json!({"body": "x"})).await.expect(409);
        for who in [&talk.ana, &talk.ben] {
            let export = talk.get(who, "/api/users/me/export").await.expect(200).json();
            assert_eq!(export["messages"][0]["image"], shown);
        }
    }

    async fn a_picture_belongs_to_one_thing_of_its_owner(talk: Talk) {
        let refused = async |who: &Person, client_id: &str, image: &str, code: &str| {
            let answer = talk.send_picture(who, client_id, image).await.expect(422);
            assert_eq!(faults(&answer), [("image", code)], "{image}");
        };
        let image = talk.picture(&talk.ben, 7).await;
        refused(&talk.ana, "a", &image, "not_found").await;
        refused(&talk.ben, "a", "img_00000000000000000000000000", "not_found").await;
        refused(&talk.ben, "a", &talk.item, "invalid").await;
        talk.send_picture(&talk.ben, "a", &image).await.expect(201);
        refused(&talk.ben, "b", &image, "taken").await;
        let listing = json!({
            "title": "A desk", "listing": "free", "category": "furniture", "condition": "fair", "images": [image],
        });
        let answer = talk.post(&talk.ben, "/api/items", listing).await.expect(422);
        assert_eq!(faults(&answer), [("images[0]", "taken")]);
        let offered = talk.picture(&talk.ana, 8).await;
        offer(&talk, &talk.ana, "A chair", json!({"images": [offered]})).await;
        refused(&talk.ana, "a", &offered, "taken").await;
        let whole = png(200, 100, 9);
        let damaged = whole[..whole.len() / 2].to_vec();
        let broken = talk.upload(&talk.ben, "image/png", damaged).await.expect(202).text("/id");
        talk.send_picture(&talk.ben, "c", &broken).await.expect(201);
        talk.drain(Kind::Image).await;
        let image = talk.messages().await[1]["image"].clone();
        assert_eq!(json!([image["id"], image["status"], image["error"].is_string()]), json!([broken, "failed", true]));
        let both = json!({"client_id": "d", "image": broken, "body": "x"});
        let answer = talk.post(&talk.ben, &format!("/api/chats/{}/messages", talk.chat), both).await.expect(422);
        assert_eq!(faults(&answer), [("body", "conflict")]);
        let cem = talk.sign_up("cem@uni.example", "Cem").await;
        let own = talk.picture(&cem, 9).await;
        talk.send_picture(&cem, "a", &own).await.expect(404);
        assert_eq!(talk.seqs("").await, [1, 2]);
    }

    async fn a_picture_goes_with_its_message(talk: Talk) {
        let [kept, deleted] = [talk.picture(&talk.ben, 7).await, talk.picture(&talk.ben, 8).await];
        let loose = talk.picture(&talk.ben, 9).await;
        talk.send_picture(&talk.ben, "a", &kept).await.expect(201);
        let message = talk.send_picture(&talk.ben, "b", &deleted).await.expect(201).json();
        let address = message["image"]["variants"]["large"]["url"].as_str().expect("an address");
        let address = address.strip_prefix("http://campus.test").expect("our address").to_owned();
        talk.call("", "GET", &address, Value::Null).await.expect(200);
        let path = format!("/api/chats/{}/messages/{}", talk.chat, message["id"].as_str().expect("an id"));
        talk.call(&talk.ben.token, "DELETE", &path, Value::Null).await.expect(204);
        talk.call(&talk.ben.token, "DELETE", &path, Value::Null).await.expect(204);
        talk.drain(Kind::Image).await;
        talk.call("", "GET", &address, Value::Null).await.expect(404);
        talk.get(&talk.ben, &format!("/api/images/{deleted}")).await.expect(404);
        let messages = talk.messages().await;
        assert_eq!(json!([messages[1]["kind"], messages[1]["image"]]), json!(["image", null]));
        talk.wait(Duration::from_secs(25 * 60 * 60));
        talk.app.write(campuszon_server::images::service::sweep).await.expect("a sweep");
        talk.drain(Kind::Image).await;
        let ben = again(&talk, &talk.ben).await;
        talk.get(&ben, &format!("/api/images/{loose}")).await.expect(404);
        talk.get(&ben, &format!("/api/images/{kept}")).await.expect(200);
        let password = json!({"password": crate::support::PASSWORD});
        talk.call(&ben.token, "DELETE", "/api/users/me", password).await.expect(204);
        let ana = again(&talk, &talk.ana).await;
        talk.get(&ana, &format!("/api/images/{kept}")).await.expect(200);
        assert_eq!(campuszon_server::check::run(&talk.app).await.expect("a check"), []);
    }

    async fn history_is_read_in_pieces(talk: Talk) {
        for number in 1..=60 {
            talk.say(&talk.ben, &format!("m{number}"), "x").await.expect(201);
        }
        let range = |from: i64, to: i64| (from..=to).collect::<Vec<i64>>();
        assert_eq!(talk.seqs("").await, range(11, 60));
        assert_eq!(talk.seqs("?limit=3").await, range(58, 60));
        assert_eq!(talk.seqs("?before=11&limit=5").await, range(6, 10));
        assert_eq!(talk.seqs("?after=2&limit=4").await, range(3, 6));
        assert_eq!(talk.seqs("?after=10&before=13").await, range(11, 12));
        assert_eq!(talk.seqs("?after=60").await, range(1, 0));
        assert_eq!(talk.seqs("?before=1").await, range(1, 0));
        for query in ["limit=0", "limit=101", "before=-1", "after=x", "cursor=x", "befor=1"] {
            talk.get(&talk.ana, &format!("/api/chats/{}/messages?{query}", talk.chat)).await.expect(422);
        }
    }

    async fn reading_moves_forward_only(talk: Talk) {
        for client_id in ["a", "b", "c"] {
            talk.say(&talk.ben, client_id, "x").await.expect(201);
        }
        let unread = async |who: &Person| {
            let profile = talk.get(who, "/api/users/me").await.json();
            json!([talk.show(who).await["unread"], profile["unread_messages"]])
        };
        assert_eq!((unread(&talk.ana).await, unread(&talk.ben).await), (json!([3, 3]), json!([0, 0])));
        talk.read(&talk.ana, 2).await.expect(204);
        talk.read(&talk.ana, 1).await.expect(204);
        assert_eq!(unread(&talk.ana).await, json!([1, 1]));
        assert_eq!(faults(&talk.read(&talk.ana, 4).await.expect(422)), [("seq", "out_of_range")]);
        let shown = talk.show(&talk.ben).await;
        assert_eq!(json!([shown["read_seq"], shown["peer_read_seq"]]), json!([3, 2]), "sending reads what came before");
        talk.say(&talk.ana, "d", "x").await.expect(201);
        assert_eq!((unread(&talk.ana).await, unread(&talk.ben).await), (json!([0, 0]), json!([1, 1])));
    }

    async fn chats_are_listed_by_their_last_activity(talk: Talk) {
        let mut chats = vec![talk.chat.clone()];
        for number in 0..6 {
            talk.wait(Duration::from_secs(60));
            let item = offer(&talk, &talk.ana, &format!("Lamp {number}"), json!({})).await;
            chats.push(start(&talk, &talk.ben, &item).await.expect(201).text("/id"));
        }
        talk.wait(Duration::from_secs(60));
        talk.say(&talk.ben, "a", "x").await.expect(201);
        chats.rotate_left(1);
        chats.reverse();
        let (mut found, mut query) = (Vec::new(), String::from("?limit=2"));
        while found.len() < 20 {
            let page = talk.get(&talk.ana, &format!("/api/chats{query}")).await.expect(200).json();
            found.extend(each(&page["chats"], "id"));
            let Some(next) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=2&cursor={next}");
        }
        assert_eq!(found, chats);
        let refused = talk.get(&talk.ben, &format!("/api/chats{query}")).await.expect(422);
        assert_eq!(faults(&refused), [("cursor", "invalid")]);
    }

    async fn outsiders_find_nothing(talk: Talk) {
        talk.say(&talk.ben, "a", "x").await.expect(201);
        let cem = talk.sign_up("cem@uni.example", "Cem").await;
        talk.say(&cem, "b", "x").await.expect(404);
        talk.read(&cem, 1).await.expect(404);
        talk.get(&cem, &format!("/api/chats/{}", talk.chat)).await.expect(404);
        talk.get(&cem, &format!("/api/chats/{}/messages", talk.chat)).await.expect(404);
        assert_eq!(talk.get(&cem, "/api/chats").await.json()["chats"], json!([]));
        assert_eq!(talk.seqs("").await, [1]);
    }

    async fn a_chat_outlives_its_item_and_its_members(talk: Talk) {
        talk.say(&talk.ben, "a", "Still there?").await.expect(201);
        talk.post(&talk.ana, &format!("/api/items/{}/withdraw", talk.item), Value::Null).await.expect(200);
        assert_eq!(start(&talk, &talk.ben, &talk.item).await.expect(200).text("/item/status"), "withdrawn");
        let cem = talk.sign_up("cem@uni.example", "Cem").await;
        start(&talk, &cem, &talk.item).await.expect(404);
        talk.say(&talk.ana, "b", "Sorry").await.expect(201);
        let password = json!({"password": crate::support::PASSWORD});
        talk.call(&talk.ben.token, "DELETE", "/api/users/me", password).await.expect(204);
        let peer = talk.show(&talk.ana).await["peer"]["name"].clone();
        assert!(peer.as_str().is_some_and(|name| !name.contains("Ben")), "{peer}");
        assert_eq!(talk.seqs("").await, [1, 2]);
        talk.say(&talk.ana, "c", "Hello?").await.expect(409);
    }

    async fn a_keyed_message_belongs_to_its_chat(talk: Talk) {
        let other = offer(&talk, &talk.ana, "A desk", json!({})).await;
        let other = start(&talk, &talk.ben, &other).await.expect(201).text("/id");
        let send = async |chat: &str, body: &str| {
            let path = format!("/api/chats/{chat}/messages");
            let body = json!({"client_id": "a", "body": body});
            talk.call_with(&talk.ben.token, "POST", &path, body, &[("idempotency-key", "k")]).await
        };
        let first = send(&talk.chat, "x").await.expect(201);
        assert_eq!(send(&talk.chat, "x").await.expect(201).json(), first.json());
        send(&talk.chat, "y").await.expect(422);
        send(&other, "x").await.expect(422);
    }
}
