//! Contact data is shown to whoever unlocked it or agreed on a deal, and appears nowhere else.

use serde_json::{Value, json};

use super::market::Market;
use crate::{on_every_database, support::Person};

/// What Ana filled in, and her address: nothing else in these tests contains any of it.
const CARD: [&str; 3] = ["+49-171-SECRET", "Hall-of-SECRETS-17", "ana@uni.example"];

/// Everything that `who` can read, joined.
async fn all_that_is_readable(market: &Market, who: &Person, paths: &[String]) -> String {
    let mut text = String::new();
    for path in paths {
        let answer = market.get(who, path).await;
        assert!(answer.status.as_u16() < 500);
        text.push_str(&String::from_utf8_lossy(&answer.bytes));
    }
    text
}

#[track_caller]
fn holds_none(text: &str, of: &[&str]) {
    for secret in of {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

fn ids(list: &Value, name: &str) -> Vec<String> {
    let entries = list[name].as_array().cloned().unwrap_or_default();
    entries.iter().filter_map(|entry| entry["id"].as_str().map(str::to_owned)).collect()
}

/// Every place where somebody could read of Ana.
async fn places(market: &Market, who: &Person, item: &str) -> Vec<String> {
    let mut paths = vec![
        "/api/items".to_owned(),
        "/api/items?q=SECRET".to_owned(),
        format!("/api/items/{item}"),
        format!("/api/users/{}", market.ana.id),
        format!("/api/users/{}/reviews", market.ana.id),
        "/api/chats".to_owned(),
        "/api/bookings".to_owned(),
        "/api/notifications".to_owned(),
        "/api/users/me/export".to_owned(),
        "/api/tokens".to_owned(),
        "/api/meta".to_owned(),
    ];
    let chats = market.get(who, "/api/chats").await.json();
    paths.extend(ids(&chats, "chats").iter().map(|chat| format!("/api/chats/{chat}/messages")));
    let bookings = market.get(who, "/api/bookings").await.json();
    paths.extend(ids(&bookings, "bookings").iter().map(|booking| format!("/api/bookings/{booking}")));
    paths
}

on_every_database! {
    async fn a_contact_card_is_for_those_who_unlocked_it(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let fields = json!({"phone": CARD[0], "residence": CARD[1]});
        market.call(&ana.token, "PATCH", "/api/users/me", fields).await.expect(200);
        let item = market.offer("A lamp", json!({})).await;
        let path = format!("/api/items/{item}/unlock");

        market.post(ben, "/api/chats", json!({"item_id": item})).await.expect(201);
        let before = all_that_is_readable(&market, ben, &places(&market, ben, &item).await).await;
        holds_none(&before, &CARD);

        let unlocked = market.post(ben, &path, json!({})).await.expect(200).json();
        assert_eq!(unlocked["contact"], json!({"name": "Ana", "residence": CARD[1], "phone": CARD[0], "email": CARD[2]}));
        let booking = market.booked(ben, &item).await;
        assert_eq!(market.booking(ben, &booking).await["contact"]["phone"], CARD[0]);
        // Whoever has it reads it with the booking, and a bystander nowhere.
        let seen = all_that_is_readable(&market, &market.cem, &places(&market, &market.cem, &item).await).await;
        holds_none(&seen, &CARD);

        // The buyer's own card passes to the seller on agreement, not before, and not after it came to nothing.
        let sellers = async || all_that_is_readable(&market, ana, &places(&market, ana, &item).await).await;
        holds_none(&sellers().await, &["ben@uni.example"]);
        market.act(ana, &booking, "accept", json!({})).await.expect(200);
        assert_eq!(market.booking(ana, &booking).await["contact"]["email"], "ben@uni.example");
        market.act(ana, &booking, "cancel", json!({})).await.expect(200);
        holds_none(&sellers().await, &["ben@uni.example"]);
        // The refund closed the unlock, and with it the card.
        assert_eq!(market.booking(ben, &booking).await["contact"], Value::Null);
        let after = all_that_is_readable(&market, ben, &places(&market, ben, &item).await).await;
        holds_none(&after, &CARD);
    }

    async fn no_mail_tells_of_anybody_but_its_reader(market: Market) {
        market.call(&market.ana.token, "PATCH", "/api/users/me", json!({"phone": CARD[0], "residence": CARD[1]})).await.expect(200);
        let item = market.offer("A lamp", json!({})).await;
        let booking = market.booked(&market.ben, &item).await;
        market.act(&market.ana, &booking, "accept", json!({})).await.expect(200);
        market.drain(campuszon_server::platform::jobs::Kind::Mail).await;
        for mail in std::fs::read_dir(market.mail_folder()).expect("mails") {
            let text = std::fs::read_to_string(mail.expect("a mail").path()).expect("text");
            holds_none(&text, &CARD[..2]);
            assert!(text.contains("To: ana@uni.example") || !text.contains(CARD[2]), "{text}");
        }
    }
}
