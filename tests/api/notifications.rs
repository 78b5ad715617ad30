//! Feeds, preferences, and what people are told of.

use std::time::Duration;

use campuszon_server::{items, platform::jobs::Kind};
use serde_json::{Value, json};

use super::{Free, again, code_of, each, faults, offer};
use crate::{
    on_every_database,
    support::{Engine, Person, World, png},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Ana, who sells a lamp, and Ben, who starred it.
struct Market {
    world: Free,
    ana: Person,
    ben: Person,
    item: String,
}

impl std::ops::Deref for Market {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Market {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "Desk lamp", json!({"price": 20})).await;
        world.call(&ben.token, "PUT", &format!("/api/items/{item}/favorite"), Value::Null).await.expect(204);
        Self { world, ana, ben, item }
    }

    async fn set_price(&self, price: f64) {
        self.change(json!({"price": price})).await;
    }

    async fn change(&self, patch: Value) {
        self.call(&self.ana.token, "PATCH", &format!("/api/items/{}", self.item), patch).await.expect(200);
    }

    async fn sweep(&self) {
        self.app.write(items::service::expire_due).await.expect("a sweep");
    }
}

/// The feed of somebody.
async fn feed(world: &World, who: &Person) -> Vec<Value> {
    let list = world.get(who, "/api/notifications?limit=100").await.expect(200).json();
    list["notifications"].as_array().expect("a list").clone()
}

/// The titles in a feed, newest first.
async fn titles(world: &World, who: &Person) -> Vec<String> {
    each(&json!(feed(world, who).await), "title")
}

async fn unread(world: &World, who: &Person) -> i64 {
    world.get(who, "/api/users/me").await.expect(200).json()["unread_notifications"].as_i64().expect("a number")
}

on_every_database! {
    async fn a_feed_has_pages_and_a_tag(market: Market) {
        for price in [19.0, 18.0, 17.0] {
            market.set_price(price).await;
        }
        let first = market.get(&market.ben, "/api/notifications?limit=2").await.expect(200);
        let prices = ["“Desk lamp” is now 17 USD, it was 18 USD", "“Desk lamp” is now 18 USD, it was 19 USD"];
        assert_eq!(each(&first.json()["notifications"], "title"), prices);
        let entry = &first.json()["notifications"][0];
        assert_eq!(json!([entry["kind"], entry["item"], entry["read"]]), json!(["price_drop", market.item, false]));
        let cursor = first.text("/next_cursor");
        let rest = market.get(&market.ben, &format!("/api/notifications?limit=2&cursor={cursor}")).await.expect(200).json();
        assert_eq!((rest["notifications"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(1), &Value::Null));
        for path in [format!("/api/notifications?unread=true&cursor={cursor}"), "/api/notifications?cursor=x".to_owned()] {
            assert_eq!(faults(&market.get(&market.ben, &path).await.expect(422)), [("cursor", "invalid")]);
        }
        market.get(&market.ana, &format!("/api/notifications?cursor={cursor}")).await.expect(422);
        let tag = first.header("etag");
        let known = [("if-none-match", tag.as_str())];
        let same = market.call_with(&market.ben.token, "GET", "/api/notifications?limit=2", Value::Null, &known);
        assert_eq!(same.await.status, 304);
        assert_eq!(unread(&market, &market.ben).await, 3);
    }

    async fn entries_are_read_and_cleared(market: Market) {
        for price in [19.0, 18.0, 17.0] {
            market.set_price(price).await;
        }
        let ben = &market.ben;
        let ids = each(&json!(feed(&market, ben).await), "id");
        let mark = async |who: &Person, body: Value| market.post(who, "/api/notifications/read", body).await;
        mark(&market.ana, json!({"ids": [ids[0]]})).await.expect(404);
        mark(ben, json!({"ids": [ids[1], "ntf_00000000000000000000000000"]})).await.expect(404);
        assert_eq!(unread(&market, ben).await, 3, "all that are named, or none");
        mark(ben, json!({"ids": [ids[1]]})).await.expect(204);
        mark(ben, json!({"ids": [ids[1]]})).await.expect(204);
        let list = market.get(ben, "/api/notifications?unread=true").await.expect(200).json();
        assert_eq!(each(&list["notifications"], "id"), [ids[0].as_str(), ids[2].as_str()]);
        for body in [json!({}), json!({"ids": [ids[0]], "all": true}), json!({"all": false})] {
            assert_eq!(code_of(&mark(ben, body).await.expect(422)), "invalid_request");
        }
        mark(ben, json!({"all": true})).await.expect(204);
        assert_eq!(unread(&market, ben).await, 0);

        let delete = async |who: &Person, path: &str| market.call(&who.token, "DELETE", path, Value::Null).await;
        let path = format!("/api/notifications/{}", ids[0]);
        delete(&market.ana, &path).await.expect(404);
        delete(ben, &path).await.expect(204);
        delete(ben, &path).await.expect(404);
        delete(&market.ana, "/api/notifications").await.expect(204);
        assert_eq!(feed(&market, ben).await.len(), 2);
        delete(ben, "/api/notifications").await.expect(204);
        assert_eq!(feed(&market, ben).await, [Value::Null; 0]);
    }

    async fn muted_kinds_are_not_told(market: Market) {
        let path = "/api/notifications/preferences";
        let shown = market.get(&market.ben, path).await.expect(200);
        assert_eq!(shown.json(), json!({"muted": [], "digest": false}));
        let patch = async |body: Value, headers: &[(&str, &str)]| {
            market.call_with(&market.ben.token, "PATCH", path, body, headers).await
        };
        let tag = shown.header("etag");
        let current = [("if-match", tag.as_str())];
        let muted = patch(json!({"muted": ["price_drop", "tokens", "tokens"]}), &current);
        assert_eq!(muted.await.expect(200).json(), json!({"muted": ["price_drop", "tokens"], "digest": false}));
        patch(json!({"digest": true}), &current).await.expect(412);
        market.set_price(19.0).await;
        assert_eq!(feed(&market, &market.ben).await, [Value::Null; 0]);
        assert_eq!(patch(json!({"digest": true}), &[]).await.expect(200).json()["muted"], json!(["price_drop", "tokens"]));
        assert_eq!(faults(&patch(json!({"muted": ["all"]}), &[]).await.expect(422)), [("muted[0]", "invalid")]);
        assert_eq!(patch(json!({"muted": null}), &[]).await.expect(200).json(), json!({"muted": [], "digest": true}));
        market.set_price(18.0).await;
        assert_eq!(titles(&market, &market.ben).await.len(), 1);
    }

    async fn only_a_real_price_cut_is_told(market: Market) {
        market.set_price(25.0).await;
        market.change(json!({"title": "Desk lamp, bright"})).await;
        market.change(json!({"listing": "rent", "rent_period": "week", "price": 5})).await;
        market.change(json!({"rent_period": "day", "price": 2})).await;
        assert_eq!(feed(&market, &market.ben).await, [Value::Null; 0], "what one price buys has to be the same");
        market.change(json!({"listing": "sale", "rent_period": null, "price": 40})).await;
        market.change(json!({"listing": "free", "price": 0})).await;
        assert_eq!(titles(&market, &market.ben).await, ["“Desk lamp, bright” is now free, it was 40 USD"]);
        market.call(&market.ana.token, "PUT", &format!("/api/items/{}/favorite", market.item), Value::Null).await.expect(204);
        market.change(json!({"listing": "sale", "price": 40})).await;
        market.post(&market.ana, &format!("/api/items/{}/withdraw", market.item), Value::Null).await.expect(200);
        market.set_price(30.0).await;
        assert_eq!(feed(&market, &market.ben).await.len(), 1, "it is not on offer");
        assert_eq!(feed(&market, &market.ana).await, [Value::Null; 0], "the seller knows");
    }

    async fn sellers_are_warned_of_the_end_and_told_of_it(market: Market) {
        market.wait(54 * DAY);
        market.sweep().await;
        let ana = again(&market, &market.ana).await;
        assert_eq!(feed(&market, &ana).await, [Value::Null; 0]);
        market.wait(DAY * 3 / 2);
        for _ in 0..2 {
            market.sweep().await;
        }
        let ana = again(&market, &ana).await;
        assert_eq!(titles(&market, &ana).await, ["The listing of “Desk lamp” ends in 5 days"]);
        assert_eq!(feed(&market, &ana).await[0]["kind"], "item_expiring");
        market.post(&ana, &format!("/api/items/{}/renew", market.item), Value::Null).await.expect(200);
        market.sweep().await;
        assert_eq!(feed(&market, &ana).await.len(), 1);
        market.wait(60 * DAY);
        market.sweep().await;
        let ana = again(&market, &ana).await;
        assert_eq!(titles(&market, &ana).await[0], "The listing of “Desk lamp” ends in 5 days");
        market.wait(5 * DAY);
        market.sweep().await;
        let ana = again(&market, &ana).await;
        assert_eq!(titles(&market, &ana).await[0], "The listing of “Desk lamp” has ended");
        assert_eq!(feed(&market, &ana).await[0]["kind"], "item_expired");
    }

    async fn sellers_are_told_which_pictures_failed(market: Market) {
        let broken = |shade| {
            let whole = png(64, 48, shade);
            whole[..whole.len() / 2].to_vec()
        };
        let upload = async |bytes: Vec<u8>| market.upload(&market.ana, "image/png", bytes).await.expect(202).text("/id");
        let (good, bad) = (upload(png(64, 48, 7)).await, upload(broken(9)).await);
        let some = offer(&market, &market.ana, "Half seen", json!({"images": [good, bad]})).await;
        market.drain(Kind::Image).await;
        let told = feed(&market, &market.ana).await;
        assert_eq!(json!([told[0]["kind"], told[0]["title"], told[0]["item"]]), json!(["item_failed", "A picture of “Half seen” cannot be used", some]));
        assert!(told[0]["body"].as_str().is_some_and(|body| body.starts_with("Picture 2: ")), "{}", told[0]);
        assert_eq!(market.get(&market.ben, &format!("/api/items/{some}")).await.expect(200).json()["status"], "active");

        let bad = [upload(broken(10)).await, upload(broken(11)).await];
        let none = offer(&market, &market.ana, "Never seen", json!({"images": bad})).await;
        market.drain(Kind::Image).await;
        let told = feed(&market, &market.ana).await;
        assert_eq!(told[0]["title"], "“Never seen” is a draft again: none of its pictures can be used");
        assert_eq!(told[0]["body"].as_str().map(|body| body.lines().count()), Some(2));
        assert_eq!((told.len(), told[0]["item"].as_str()), (2, Some(none.as_str())));
    }

    async fn the_first_message_while_away_is_told(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let chat = market.post(ben, "/api/chats", json!({"item_id": market.item})).await.expect(201).text("/id");
        let say = async |who: &Person, name: &str| {
            let body = json!({"client_id": name, "body": "hello"});
            market.post(who, &format!("/api/chats/{chat}/messages"), body).await.expect(201);
        };
        let read = async |who: &Person, seq: i64| {
            market.post(who, &format!("/api/chats/{chat}/read"), json!({"seq": seq})).await.expect(204);
        };
        for name in ["1", "2", "3"] {
            say(ben, name).await;
        }
        let told = feed(&market, ana).await;
        assert_eq!(titles(&market, ana).await, ["Ben wrote to you about “Desk lamp”"]);
        assert_eq!(json!([told[0]["kind"], told[0]["chat"], told[0]["item"]]), json!(["chat_message", chat, market.item]));
        assert_eq!(feed(&market, ben).await, [Value::Null; 0], "nobody is told of what they wrote");
        market.wait(Duration::from_secs(600));
        say(ben, "4").await;
        assert_eq!(feed(&market, ana).await.len(), 1, "one until it is read");
        read(ana, 4).await;
        assert_eq!(unread(&market, ana).await, 0, "who reads the conversation has read the news of it");
        say(ana, "5").await;
        assert_eq!(feed(&market, ben).await.len(), 0, "Ben was there a moment ago");
        say(ben, "6").await;
        assert_eq!(feed(&market, ana).await.len(), 1, "and so was Ana");
        read(ana, 6).await;
        market.wait(Duration::from_secs(601));
        let (ana, ben) = (&again(&market, ana).await, &again(&market, ben).await);
        say(ben, "7").await;
        assert_eq!(feed(&market, ana).await.len(), 2);
        say(ana, "8").await;
        assert_eq!(unread(&market, ana).await, 0, "who answers has read it");
    }

    async fn an_erased_account_has_no_feed(market: Market) {
        market.set_price(19.0).await;
        market.call(&market.ben.token, "PATCH", "/api/notifications/preferences", json!({"digest": true})).await.expect(200);
        let password = json!({"password": crate::support::PASSWORD});
        market.call(&market.ben.token, "DELETE", "/api/users/me", password).await.expect(204);
        let rows = market.app.read(|tx| {
            let count = "SELECT (SELECT COUNT(*) FROM notifications) + (SELECT COUNT(*) FROM notification_preferences)";
            Ok(tx.one(count, &[], |row| row.get::<i64>(0))?)
        });
        assert_eq!(rows.await.expect("a count"), 0);
        market.set_price(18.0).await;
    }
}
