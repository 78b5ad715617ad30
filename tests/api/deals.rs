//! Deals from request to review, and every way they end otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    code_of, faults,
    market::{ACCEPTED, CONFIRM, Market, PENDING, REVEAL},
};
use crate::on_every_database;

/// A moment.
const MOMENT: Duration = Duration::from_secs(1);

on_every_database! {
    async fn across_a_block_nobody_haggles_and_nothing_is_said_on_leaving(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let lamp = market.offer("A lamp", json!({"price": 30})).await;
        let left = market.booked(ben, &lamp).await;
        market.act(ana, &left, "counter", json!({"price": 25, "version": 1})).await.expect(200);
        let declined = market.booked(ben, &market.offer("A desk", json!({})).await).await;
        let block = format!("/api/users/{}/block", ben.id);
        market.call(&ana.token, "PUT", &block, Value::Null).await.expect(204);
        market.act(ben, &left, "counter", json!({"price": 21, "version": 2})).await.expect(409);
        let word = json!({"reason": "You will hear from me"});
        market.act(ben, &left, "cancel", word.clone()).await.expect(200);
        market.act(ana, &declined, "decline", word).await.expect(200);
        for id in [left, declined] {
            assert_eq!(market.booking(ana, &id).await["reason"], Value::Null);
        }
    }

    /// Request, haggling, agreement, handover by code, a review each way.
    async fn a_deal_goes_from_request_to_review(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let item = market.offer("A lamp", json!({"price": 30})).await;
        let wish = json!({"message": "Tomorrow?", "offered_price": 20.5, "meet_place": "Library"});
        let asked = market.request(ben, &item, wish).await.expect(201);
        let id = asked.text("/id");
        assert_eq!(asked.header("location"), format!("/api/bookings/{id}"));
        let asked = asked.json();
        assert_eq!((&asked["status"], &asked["role"], &asked["turn"]), (&json!("pending"), &json!("buyer"), &json!("seller")));
        assert_eq!((&asked["price"], &asked["list_price"], &asked["version"]), (&json!(20.5), &json!(30), &json!(1)));
        assert_eq!((&asked["contact"]["email"], &asked["handover_code"]), (&json!("ana@uni.example"), &Value::Null));
        assert_eq!(market.tokens(ben).await, 1, "the unlock was paid for");

        market.act(ben, &id, "accept", json!({})).await.expect(409);
        let countered = market.act(ana, &id, "counter", json!({"price": 25, "version": 1})).await.expect(200).json();
        assert_eq!((&countered["turn"], &countered["rounds"], &countered["version"]), (&json!("buyer"), &json!(1), &json!(2)));
        assert_eq!(countered["contact"], Value::Null, "the seller sees no card before they agree");
        let stale = market.act(ben, &id, "counter", json!({"price": 21, "version": 1})).await.expect(409);
        assert!(stale.text("/detail").contains("version 2"));
        let agreed = market.act(ben, &id, "accept", json!({})).await.expect(200).json();
        assert_eq!((&agreed["status"], &agreed["price"]), (&json!("accepted"), &json!(25)));
        let code = agreed["handover_code"].as_str().expect("a code").to_owned();
        assert_eq!(market.item(&item).await["status"], "reserved");
        let seen = market.booking(ana, &id).await;
        assert_eq!((&seen["handover_code"], &seen["contact"]["email"]), (&Value::Null, &json!("ben@uni.example")));

        // An edit does not touch what was agreed.
        market.call(&ana.token, "PATCH", &format!("/api/items/{item}"), json!({"price": 99})).await.expect(200);
        assert_eq!(market.booking(ben, &id).await["price"], 25);

        let done = market.act(ana, &id, "complete", json!({"handover_code": code})).await.expect(200).json();
        assert_eq!(done["status"], "completed");
        assert_eq!(market.item(&item).await["status"], "sold");
        assert_eq!((market.tokens(ana).await, market.tokens(ben).await), (3, 2), "both are rewarded");

        let first = market.act(ben, &id, "review", json!({"rating": 5, "comment": "Kind"})).await.expect(201).json();
        assert_eq!(first["shown"], false);
        let path = format!("/api/users/{}/reviews", ana.id);
        assert_eq!(market.get(ana, &path).await.expect(200).json()["reviews"], json!([]));
        market.act(ana, &id, "review", json!({"rating": 4})).await.expect(201);
        let shown = market.get(&market.cem, &path).await.expect(200).json();
        assert_eq!((&shown["reviews"][0]["rating"], &shown["reviews"][0]["comment"]), (&json!(5), &json!("Kind")));
        assert_eq!(shown["reviews"][0]["booking"], Value::Null, "a deal is for its two parties");
        let profile = market.get(ben, &format!("/api/users/{}", ana.id)).await.expect(200).json();
        assert_eq!((&profile["rating"], &profile["review_count"]), (&json!(5.0), &json!(1)));
        let review = shown["reviews"][0]["id"].as_str().expect("an id");
        let answer = format!("/api/reviews/{review}/answer");
        market.post(ben, &answer, json!({"answer": "x"})).await.expect(403);
        assert_eq!(market.post(ana, &answer, json!({"answer": "Thanks"})).await.expect(200).json()["answer"], "Thanks");
        market.post(ana, &answer, json!({"answer": "Again"})).await.expect(409);
        market.act(ben, &id, "review", json!({"rating": 1})).await.expect(409);

        // Cards tell the story in the chat, and each was told what the other did.
        let chats = market.get(ana, "/api/chats").await.expect(200).json();
        let chat = chats["chats"][0]["id"].as_str().expect("a chat");
        let messages = market.get(ana, &format!("/api/chats/{chat}/messages")).await.expect(200).json();
        let cards = messages["messages"].as_array().expect("cards");
        assert!(cards.iter().all(|card| card["kind"] == "booking" && card["booking"] == id.as_str()));
        assert!(cards[0]["body"].as_str().is_some_and(|body| body.contains("20.5 USD") && body.contains("Tomorrow?")));
        assert_eq!(market.told(ana, &id).await, ["booking_requested", "booking_accepted", "booking_completed", "tokens", "review", "review"]);
        assert_eq!(market.told(ben, &id).await, ["booking_countered", "booking_completed", "tokens", "review"]);
    }

    /// Declined, cancelled and timed out: what comes back, and what does not.
    async fn refunds_come_once_and_only_when_due(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let item = market.offer("A lamp", json!({})).await;
        let id = market.booked(ben, &item).await;
        assert_eq!(market.tokens(ben).await, 1);
        let declined = market.act(ana, &id, "decline", json!({"reason": "Sorry"})).await.expect(200).json();
        assert_eq!((&declined["status"], &declined["reason"]), (&json!("declined"), &json!("Sorry")));
        assert_eq!(market.tokens(ben).await, 2);
        let again = market.act(ana, &id, "decline", json!({})).await.expect(409);
        assert_eq!((code_of(&again), again.text("/detail")), ("conflict".to_owned(), "cannot decline a booking that is declined".to_owned()));
        assert_eq!(market.tokens(ben).await, 2);

        // The refund closed the unlock: the next one costs again, and time that runs out gives it back.
        let id = market.booked(ben, &item).await;
        assert_eq!(market.tokens(ben).await, 1);
        market.pass(PENDING - MOMENT).await;
        assert_eq!(market.booking(ben, &id).await["status"], "pending");
        market.pass(MOMENT).await;
        assert_eq!(market.booking(ben, &id).await["status"], "expired");
        assert_eq!(market.tokens(ben).await, 2);
        assert_eq!(market.told(ana, &id).await, ["booking_requested", "booking_expired"]);
    }

    async fn book_and_cancel_twenty_times_mints_nothing(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        for _ in 0..20 {
            let id = market.booked(&market.ben, &item).await;
            market.act(&market.ben, &id, "cancel", json!({})).await.expect(200);
            assert_eq!(market.tokens(&market.ben).await, 1);
        }
        // Not even when it was accepted in between.
        for _ in 0..3 {
            let id = market.booked(&market.ben, &item).await;
            market.act(&market.ana, &id, "accept", json!({})).await.expect(200);
            market.act(&market.ben, &id, "cancel", json!({"reason": "Changed my mind"})).await.expect(200);
        }
        market.post(&market.ana, &format!("/api/items/{item}/withdraw"), json!({})).await.expect(200);
        assert_eq!((market.tokens(&market.ben).await, market.tokens(&market.ana).await), (1, 2));
    }

    async fn other_spellings_of_an_address_get_nothing(market: Market) {
        for email in ["b.e.n@uni.example", "ben+1@uni.example", "BEN+x@uni.example"] {
            let again = market.sign_up(&email.to_lowercase(), "Ben").await;
            assert_eq!(market.tokens(&again).await, 0, "{email}");
        }
        let delete = json!({"password": crate::support::PASSWORD});
        market.call(&market.ben.token, "DELETE", "/api/users/me", delete).await.expect(204);
        market.wait(MOMENT);
        let reborn = market.sign_up("ben@uni.example", "Ben").await;
        assert_eq!(market.tokens(&reborn).await, 0);
    }

    /// The others wait with stopped clocks, and move up when the first falls through.
    async fn the_waiting_list_stands_still_and_moves_up(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        let [ben, cem, dua] = [&market.ben, &market.cem, &market.dua];
        let first = market.booked(ben, &item).await;
        let second = market.booked(cem, &item).await;
        market.act(&market.ana, &first, "accept", json!({})).await.expect(200);
        let third = market.booked(dua, &item).await;
        let (two, three) = (market.booking(cem, &second).await, market.booking(dua, &third).await);
        assert_eq!((&two["waiting"], &two["deadline_at"], &three["waiting"]), (&json!(1), &Value::Null, &json!(2)));
        market.act(&market.ana, &second, "accept", json!({})).await.expect(409);
        market.pass(PENDING + MOMENT).await;
        assert_eq!(market.booking(cem, &second).await["status"], "pending", "its clock stands still");

        market.pass(ACCEPTED).await;
        assert_eq!(market.booking(ben, &first).await["status"], "expired");
        assert_eq!(market.tokens(ben).await, 1, "who did not come gets nothing back");
        assert_eq!(market.item(&item).await["status"], "active");
        let two = market.booking(cem, &second).await;
        assert!(two["waiting"].is_null() && two["deadline_at"].is_string());
        assert_eq!(market.told(cem, &second).await, ["waiting_list", "waiting_list"]);

        market.act(&market.ana, &third, "accept", json!({})).await.expect(200);
        let code = market.booking(dua, &third).await["handover_code"].clone();
        market.act(&market.ana, &third, "complete", json!({"handover_code": code})).await.expect(200);
        assert_eq!(market.booking(cem, &second).await["status"], "superseded");
        assert_eq!((market.tokens(cem).await, market.tokens(dua).await), (2, 2));
        assert_eq!(market.told(cem, &second).await.last().map(String::as_str), Some("booking_superseded"));
    }

    async fn wrong_codes_are_counted_and_two_words_do_as_well(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let item = market.offer("A lamp", json!({})).await;
        let id = market.booked(ben, &item).await;
        market.act(ana, &id, "complete", json!({"handover_code": "000000"})).await.expect(409);
        market.act(ana, &id, "accept", json!({})).await.expect(200);
        let code = market.booking(ben, &id).await["handover_code"].as_str().expect("a code").to_owned();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        market.act(ben, &id, "complete", json!({"handover_code": code})).await.expect(409);
        for left in (0..5).rev() {
            let answer = market.act(ana, &id, "complete", json!({"handover_code": wrong})).await.expect(422);
            assert_eq!(faults(&answer), [("handover_code", "wrong_code")]);
            assert!(answer.text("/errors/0/message").contains(&format!("{left} attempt")), "{}", answer.json());
        }
        market.act(ana, &id, "complete", json!({"handover_code": code})).await.expect(409);

        let once = market.act(ana, &id, "complete", json!({})).await.expect(200).json();
        assert_eq!((&once["status"], &once["confirmed"]), (&json!("accepted"), &json!(["seller"])));
        market.act(ana, &id, "complete", json!({})).await.expect(409);
        market.pass(CONFIRM - MOMENT).await;
        assert_eq!(market.booking(ana, &id).await["status"], "accepted");
        market.pass(MOMENT).await;
        assert_eq!(market.booking(ana, &id).await["status"], "completed", "silence confirms");

        // Reviews that nobody answers are shown in the end, and then none is taken any more.
        market.act(ben, &id, "review", json!({"rating": 2})).await.expect(201);
        market.pass(REVEAL).await;
        let shown = market.get(ana, &format!("/api/users/{}/reviews", ana.id)).await.expect(200).json();
        assert_eq!((&shown["reviews"][0]["rating"], &shown["reviews"][0]["booking"]), (&json!(2), &json!(id)));
        market.act(ana, &id, "review", json!({"rating": 1})).await.expect(409);
    }

    async fn rentals_share_an_item_by_days(market: Market) {
        let item = market.offer("A bike", json!({"listing": "rent", "rent_period": "day", "price": 5})).await;
        market.request(&market.ben, &item, json!({})).await.expect(422);
        let days = |from: &str, to: &str| json!({"from": from, "to": to});
        let first = market.request(&market.ben, &item, days("2027-02-01", "2027-02-05")).await.expect(201).text("/id");
        let overlaps = market.request(&market.cem, &item, days("2027-02-05", "2027-02-06")).await.expect(201).text("/id");
        let apart = market.request(&market.dua, &item, days("2027-02-06", "2027-02-09")).await.expect(201).text("/id");
        market.act(&market.ana, &first, "accept", json!({})).await.expect(200);
        assert_eq!(market.item(&item).await["status"], "active");
        assert_eq!(market.item(&item).await["taken"], json!([{"from": "2027-02-01", "to": "2027-02-05"}]));
        market.act(&market.ana, &overlaps, "accept", json!({})).await.expect(409);
        market.act(&market.ana, &apart, "accept", json!({})).await.expect(200);
        assert_eq!(market.item(&item).await["taken"], json!([{"from": "2027-02-01", "to": "2027-02-09"}]));
        let path = format!("/api/items/{item}");
        market.call(&market.ana.token, "DELETE", &path, Value::Null).await.expect(409);
        market.call(&market.ana.token, "PATCH", &path, json!({"listing": "sale"})).await.expect(409);

        let code = market.booking(&market.ben, &first).await["handover_code"].clone();
        market.act(&market.ana, &first, "complete", json!({"handover_code": code})).await.expect(200);
        assert_eq!(market.booking(&market.cem, &overlaps).await["status"], "superseded");
        assert_eq!(market.item(&item).await["status"], "active", "a rental stays listed");
        let late = market.request(&market.cem, &item, days("2027-02-03", "2027-02-03")).await.expect(409);
        assert!(late.text("/detail").contains("2027-02-03"), "days that were handed over stay taken");
    }

    /// What becomes of bookings and unlocks when the item goes another way.
    async fn an_item_that_goes_takes_its_bookings_along(market: Market) {
        for (action, waiting) in [("withdraw", "cancelled"), ("sold", "superseded")] {
            let item = market.offer("A lamp", json!({})).await;
            let accepted = market.booked(&market.ben, &item).await;
            market.act(&market.ana, &accepted, "accept", json!({})).await.expect(200);
            let pending = market.booked(&market.cem, &item).await;
            market.post(&market.dua, &format!("/api/items/{item}/unlock"), json!({})).await.expect(200);
            assert_eq!(market.tokens(&market.dua).await, 1);
            market.post(&market.ana, &format!("/api/items/{item}/{action}"), json!({})).await.expect(200);
            assert_eq!(market.booking(&market.ben, &accepted).await["status"], "cancelled");
            assert_eq!(market.booking(&market.cem, &pending).await["status"], waiting);
            for who in [&market.ben, &market.cem, &market.dua] {
                assert_eq!(market.tokens(who).await, 2, "{action}: {}", who.email);
            }
            market.request(&market.ben, &item, json!({})).await.expect(if action == "sold" { 409 } else { 404 });
        }
    }

    async fn an_account_that_goes_calls_its_bookings_off(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        let first = market.booked(&market.ben, &item).await;
        let second = market.booked(&market.cem, &item).await;
        market.act(&market.ana, &first, "accept", json!({})).await.expect(200);
        let delete = json!({"password": crate::support::PASSWORD});
        market.call(&market.ben.token, "DELETE", "/api/users/me", delete.clone()).await.expect(204);
        assert_eq!(market.booking(&market.ana, &first).await["status"], "cancelled");
        assert_eq!(market.booking(&market.ana, &first).await["peer"]["name"], "deleted user");
        assert_eq!(market.item(&item).await["status"], "active");
        market.call(&market.ana.token, "DELETE", "/api/users/me", delete).await.expect(204);
        assert_eq!(market.booking(&market.cem, &second).await["status"], "cancelled");
        assert_eq!(market.tokens(&market.cem).await, 2);
    }

    async fn what_cannot_be_booked_says_so(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        market.request(&market.ana, &item, json!({})).await.expect(409);
        let wanted = market.offer("A desk", json!({"listing": "wanted"})).await;
        market.request(&market.ben, &wanted, json!({})).await.expect(409);
        market.post(&market.ben, &format!("/api/items/{wanted}/unlock"), json!({})).await.expect(409);
        let first = market.booked(&market.ben, &item).await;
        let twice = market.request(&market.ben, &item, json!({})).await.expect(409);
        assert!(twice.text("/detail").contains("pending") && twice.text("/detail").contains(&first));

        // Gifts cost nothing, and so does not the sixth open booking.
        for number in 0..4 {
            let gift = market.offer(&format!("Gift {number}"), json!({"listing": "free", "price": 0})).await;
            market.booked(&market.ben, &gift).await;
        }
        assert_eq!(market.tokens(&market.ben).await, 1);
        let gift = market.offer("One more", json!({"listing": "free", "price": 0})).await;
        market.request(&market.ben, &gift, json!({})).await.expect(409);

        // A stranger knows nothing of a booking, and without tokens nothing is unlocked.
        market.get(&market.cem, &format!("/api/bookings/{first}")).await.expect(404);
        market.act(&market.cem, &first, "accept", json!({})).await.expect(404);
        for number in 0..2 {
            let lamp = market.offer(&format!("Lamp {number}"), json!({})).await;
            market.post(&market.dua, &format!("/api/items/{lamp}/unlock"), json!({})).await.expect(200);
            market.post(&market.dua, &format!("/api/items/{lamp}/unlock"), json!({})).await.expect(200);
        }
        let refused = market.request(&market.dua, &item, json!({})).await.expect(402);
        assert_eq!(code_of(&refused), "insufficient_tokens");
        assert_eq!(market.get(&market.dua, "/api/bookings").await.expect(200).json()["bookings"], json!([]));
    }

    /// Six counter-offers, an extension, and the list of one's bookings page by page.
    async fn haggling_and_patience_have_an_end(market: Market) {
        let (ana, ben) = (&market.ana, &market.ben);
        let item = market.offer("A lamp", json!({})).await;
        let id = market.booked(ben, &item).await;
        for version in 1..=6 {
            let who = if version % 2 == 1 { ana } else { ben };
            market.act(who, &id, "counter", json!({"price": 10 + version, "version": version})).await.expect(200);
        }
        market.act(ana, &id, "counter", json!({"price": 1, "version": 7})).await.expect(409);
        market.act(ana, &id, "accept", json!({})).await.expect(200);
        market.act(ben, &id, "extend", json!({})).await.expect(409);
        market.act(ana, &id, "extend", json!({})).await.expect(200);
        market.act(ana, &id, "extend", json!({})).await.expect(409);
        market.pass(ACCEPTED * 2 - MOMENT).await;
        assert_eq!(market.booking(ben, &id).await["status"], "accepted");
        market.pass(MOMENT).await;
        assert_eq!(market.booking(ben, &id).await["status"], "expired");

        let again = market.booked(ben, &item).await;
        let page = market.get(ben, "/api/bookings?limit=1").await.expect(200).json();
        assert_eq!(page["bookings"][0]["id"], again.as_str());
        let cursor = page["next_cursor"].as_str().expect("more");
        let next = market.get(ben, &format!("/api/bookings?limit=1&cursor={cursor}")).await.expect(200).json();
        assert_eq!((&next["bookings"][0]["id"], &next["next_cursor"]), (&json!(id), &Value::Null));
        let expired = market.get(ana, "/api/bookings?role=seller&status=expired").await.expect(200).json();
        assert_eq!(expired["bookings"].as_array().map(Vec::len), Some(1));
        assert_eq!(market.get(ana, "/api/bookings?role=buyer").await.expect(200).json()["bookings"], json!([]));
    }
}
