//! Saved searches, what they find, and the daily mail.

use std::{fs, time::Duration};

use campuszon_server::{platform::jobs::Kind, worker};
use serde_json::{Value, json};

use super::{Free, again, code_of, each, faults, offer};
use crate::{
    on_every_database,
    support::{Engine, Person, World},
};

/// Ana, who sells, and Ben, who searches.
struct Hunt {
    world: Free,
    ana: Person,
    ben: Person,
}

impl std::ops::Deref for Hunt {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Hunt {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        Self { world, ana, ben }
    }

    async fn save(&self, name: &str, query: &str) -> String {
        self.post(&self.ben, "/api/searches", json!({"name": name, "query": query})).await.expect(201).text("/id")
    }

    async fn matches(&self, search: &str) -> Vec<String> {
        let found = self.get(&self.ben, &format!("/api/searches/{search}/matches")).await.expect(200).json();
        each(&found["items"], "title")
    }

    /// What is in the mails to Ben, newest last.
    async fn mails(&self) -> Vec<String> {
        worker::digests(&self.app).await.expect("a sweep");
        self.drain(Kind::Mail).await;
        let mut paths: Vec<_> =
            fs::read_dir(self.mail_folder()).expect("mails").map(|entry| entry.expect("a mail").path()).collect();
        paths.sort();
        let texts = paths.iter().map(|path| fs::read_to_string(path).expect("a mail"));
        texts.filter(|text| text.contains("To: ben@") && text.contains("what is new")).collect()
    }
}

on_every_database! {
    async fn a_search_is_saved_changed_and_deleted(hunt: Hunt) {
        let ben = &hunt.ben;
        let body = json!({"name": " Lamps ", "query": "lamp price:<20", "digest": true});
        let headers = [("idempotency-key", "k")];
        let made = hunt.call_with(&ben.token, "POST", "/api/searches", body.clone(), &headers).await.expect(201);
        let again = hunt.call_with(&ben.token, "POST", "/api/searches", body, &headers).await.expect(201);
        assert_eq!(made.json(), again.json());
        let search = made.json();
        assert_eq!(json!([search["name"], search["query"], search["digest"], search["matches"]]), json!(["Lamps", "lamp price:<20", true, 0]));
        let listed = hunt.get(ben, "/api/searches").await.expect(200);
        assert_eq!(listed.json(), json!({"searches": [search], "next_cursor": null}));
        let id = made.text("/id");
        let path = format!("/api/searches/{id}");
        let patch = async |body: Value| hunt.call(&ben.token, "PATCH", &path, body).await;
        let changed = patch(json!({"query": "chair", "digest": null})).await.expect(200);
        assert_eq!(json!([changed.json()["name"], changed.json()["query"], changed.json()["digest"]]), json!(["Lamps", "chair", false]));
        let stale = [("if-match", "\"0-0\"")];
        hunt.call_with(&ben.token, "PATCH", &path, json!({"name": "Chairs"}), &stale).await.expect(412);
        hunt.call_with(&ben.token, "PATCH", &path, json!({"name": "Chairs"}), &[("if-match", &changed.header("etag"))]).await.expect(200);
        assert_eq!(faults(&patch(json!({"name": null})).await.expect(422)), [("name", "required")]);
        hunt.save("Lamps", "lamp").await;
        assert_eq!(code_of(&patch(json!({"name": "Lamps"})).await.expect(409)), "conflict");
        hunt.post(ben, "/api/searches", json!({"name": "Chairs", "query": "x"})).await.expect(409);
        hunt.post(&hunt.ana, "/api/searches", json!({"name": "Chairs", "query": "x"})).await.expect(201);
        for method in ["PATCH", "DELETE"] {
            hunt.call(&hunt.ana.token, method, &path, if method == "PATCH" { json!({}) } else { Value::Null }).await.expect(404);
        }
        hunt.call(&ben.token, "DELETE", &path, Value::Null).await.expect(204);
        hunt.get(ben, &format!("{path}/matches")).await.expect(404);
    }

    async fn a_search_asks_for_something_and_there_are_so_many(hunt: Hunt) {
        let post = async |body: Value| hunt.post(&hunt.ben, "/api/searches", body).await;
        for query in ["-", "\"\"", "...", "price:.."] {
            let refused = post(json!({"name": "x", "query": query})).await;
            if query != "price:.." {
                assert_eq!(faults(&refused.expect(422)), [("query", "empty")], "{query}");
            }
        }
        let refused = post(json!({"name": "", "query": "x".repeat(513), "digest": 1})).await.expect(422);
        assert_eq!(faults(&refused), [("name", "required"), ("query", "too_long"), ("digest", "wrong_type")]);
        for number in 1..50 {
            hunt.save(&format!("Search {number}"), "lamp").await;
        }
        let full = post(json!({"name": "One more", "query": "lamp"})).await.expect(409);
        assert!(full.text("/detail").contains("50 saved searches"), "{}", full.text("/detail"));
        let first = hunt.get(&hunt.ben, "/api/searches?limit=30").await.expect(200);
        let rest = hunt.get(&hunt.ben, &format!("/api/searches?limit=30&cursor={}", first.text("/next_cursor"))).await.expect(200);
        let count = |answer: &Value| answer["searches"].as_array().map(Vec::len);
        assert_eq!((count(&first.json()), count(&rest.json())), (Some(30), Some(20)));
    }

    async fn new_items_are_found_and_told(hunt: Hunt) {
        offer(&hunt, &hunt.ana, "Old lamp", json!({})).await;
        let search = hunt.save("lamps", "lamp -broken price:<20").await;
        for (title, price) in [("Desk lamp", 12), ("Broken lamp", 12), ("Dear lamp", 20), ("Lampshade", 3)] {
            offer(&hunt, &hunt.ana, title, json!({"price": price})).await;
            hunt.wait(Duration::from_secs(1));
        }
        offer(&hunt, &hunt.ben, "Lamp of my own", json!({})).await;
        let eve = hunt.sign_up("eve@other.example", "Eve").await;
        offer(&hunt, &eve, "Foreign lamp", json!({})).await;
        let draft = offer(&hunt, &hunt.ana, "Drafted lamp", json!({"draft": true})).await;
        assert_eq!(hunt.matches(&search).await, ["Lampshade", "Desk lamp"]);
        hunt.post(&hunt.ana, &format!("/api/items/{draft}/publish"), Value::Null).await.expect(200);
        assert_eq!(hunt.matches(&search).await, ["Drafted lamp", "Lampshade", "Desk lamp"]);

        let path = format!("/api/searches/{search}/matches");
        let first = hunt.get(&hunt.ben, &format!("{path}?limit=2")).await.expect(200);
        let rest = hunt.get(&hunt.ben, &format!("{path}?cursor={}", first.text("/next_cursor"))).await.expect(200).json();
        assert_eq!(each(&rest["items"], "title"), ["Desk lamp"]);
        hunt.get(&hunt.ana, &path).await.expect(404);

        let feed = hunt.get(&hunt.ben, "/api/notifications").await.expect(200).json();
        assert_eq!(feed["notifications"].as_array().map(Vec::len), Some(3));
        let told = &feed["notifications"][0];
        assert_eq!(json!([told["kind"], told["title"], told["item"]]), json!(["search_match", "“Drafted lamp” matches your search “lamps”", draft]));

        hunt.post(&hunt.ana, &format!("/api/items/{draft}/withdraw"), Value::Null).await.expect(200);
        assert_eq!(hunt.matches(&search).await, ["Lampshade", "Desk lamp"]);
        hunt.call(&hunt.ben.token, "PATCH", &format!("/api/searches/{search}"), json!({"query": "chair"})).await.expect(200);
        assert_eq!(hunt.matches(&search).await, [""; 0], "another query has found nothing yet");
    }

    async fn an_item_is_found_when_its_picture_is_ready(hunt: Hunt) {
        let search = hunt.save("pictures", "has:image").await;
        let image = hunt.upload(&hunt.ana, "image/png", crate::support::png(64, 48, 3)).await.expect(202).text("/id");
        offer(&hunt, &hunt.ana, "Seen", json!({"images": [image]})).await;
        assert_eq!(hunt.matches(&search).await, [""; 0]);
        hunt.drain(Kind::Image).await;
        assert_eq!(hunt.matches(&search).await, ["Seen"]);
    }

    async fn one_mail_a_day_names_what_is_new(hunt: Hunt) {
        const HOUR: Duration = Duration::from_secs(3600);
        let body = json!({"name": "lamps", "query": "lamp", "digest": true});
        hunt.post(&hunt.ben, "/api/searches", body).await.expect(201);
        hunt.save("silent", "chair").await;
        hunt.wait(HOUR);
        let ana = again(&hunt, &hunt.ana).await;
        let item = offer(&hunt, &ana, "Desk lamp", json!({})).await;
        offer(&hunt, &ana, "Desk chair", json!({})).await;
        assert_eq!(hunt.mails().await.len(), 0, "not before a day is over");
        hunt.wait(23 * HOUR);
        let mails = hunt.mails().await;
        assert_eq!(mails.len(), 1);
        let text = mails[0].replace("=\r\n", "").replace("\r\n", "\n");
        assert!(text.contains("  Desk lamp") && text.contains(&format!("http://campus.test/items/{item}")), "{text}");
        assert!(!text.contains("chair") && !text.contains("ana@"), "{text}");
        assert_eq!(hunt.mails().await.len(), 1, "once");

        let ben = again(&hunt, &hunt.ben).await;
        hunt.call(&ben.token, "PATCH", "/api/notifications/preferences", json!({"digest": true})).await.expect(200);
        hunt.wait(12 * HOUR);
        let ana = again(&hunt, &hunt.ana).await;
        offer(&hunt, &ana, "Second chair", json!({})).await;
        offer(&hunt, &ana, "Second lamp", json!({})).await;
        hunt.wait(12 * HOUR);
        let mails = hunt.mails().await;
        assert_eq!(mails.len(), 2, "news and searches in one");
        let text = mails[1].replace("=\r\n", "").replace("\r\n", "\n");
        assert!(text.contains("  Second lamp") && text.contains("Second chair") && !text.contains("Desk lamp"), "{text}");
        hunt.wait(24 * HOUR);
        assert_eq!(hunt.mails().await.len(), 2, "nothing is new");
    }

    async fn the_mail_says_how_many_messages_wait(hunt: Hunt) {
        const HOUR: Duration = Duration::from_secs(3600);
        hunt.call(&hunt.ben.token, "PATCH", "/api/notifications/preferences", json!({"digest": true})).await.expect(200);
        let lamp = offer(&hunt, &hunt.ben, "Lamp", json!({})).await;
        let chat = hunt.post(&hunt.ana, "/api/chats", json!({"item_id": lamp})).await.expect(201).text("/id");
        let say = async |client_id: &str| {
            let ana = again(&hunt, &hunt.ana).await;
            let message = json!({"client_id": client_id, "body": "a secret"});
            hunt.post(&ana, &format!("/api/chats/{chat}/messages"), message).await.expect(201);
        };
        say("a").await;
        say("b").await;
        hunt.wait(24 * HOUR);
        let mails = hunt.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("Messages wait for you:") && mails[0].contains("  2 from Ana"), "{}", mails[0]);
        assert!(!mails[0].contains("secret") && !mails[0].contains("ana@"), "{}", mails[0]);
        hunt.wait(24 * HOUR);
        assert_eq!(hunt.mails().await.len(), 1, "said once");
        say("c").await;
        assert_eq!(hunt.mails().await.len(), 1);
        hunt.wait(24 * HOUR);
        assert!(hunt.mails().await[1].contains("  3 from Ana"));
    }
}
