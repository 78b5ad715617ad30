//! Fifty at once: whatever races, exactly one wins, and the others read why not.

use campuszon_core::permission::Role;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{code_of, market::Market, routes::enroll};
use crate::{
    on_every_database,
    support::{Answer, Person},
};

const WAYS: usize = 50;

/// A call that takes part in a race.
#[derive(Clone, Copy)]
struct Call<'a> {
    who: &'a Person,
    method: &'a str,
    path: &'a str,
}

impl<'a> Call<'a> {
    fn post(who: &'a Person, path: &'a str) -> Self {
        Self { who, method: "POST", path }
    }
}

/// Makes all calls at once, taking turns, fifty in all.
async fn race(market: &Market, calls: &[Call<'_>]) -> Vec<Answer> {
    let turns = calls.iter().cycle().take(WAYS);
    join_all(turns.map(|call| market.call(&call.who.token, call.method, call.path, Value::Null))).await
}

fn with_status(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

/// One won, and all others are conflicts that name one of `states`.
#[track_caller]
fn one_won(answers: &[Answer], states: &[&str]) {
    let won = answers.iter().filter(|answer| answer.status.is_success()).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(|answer| answer.status.as_u16()).collect::<Vec<_>>());
    for lost in answers.iter().filter(|answer| !answer.status.is_success()) {
        assert_eq!((lost.status.as_u16(), code_of(lost)), (409, "conflict".to_owned()), "{}", lost.json());
        let detail = lost.text("/detail");
        assert!(states.iter().any(|state| detail.contains(state)), "{detail}");
    }
}

on_every_database! {
    async fn the_last_token_buys_one_of_two_items(market: Market) {
        let items = [market.offer("A lamp", json!({})).await, market.offer("A desk", json!({})).await];
        let spent = market.offer("A chair", json!({})).await;
        market.post(&market.ben, &format!("/api/items/{spent}/unlock"), json!({})).await.expect(200);
        let paths = items.each_ref().map(|item| format!("/api/items/{item}/unlock"));
        let calls = paths.each_ref().map(|path| Call::post(&market.ben, path));
        let answers = race(&market, &calls).await;
        // The one that was paid for is free to repeat; the other never succeeds.
        assert_eq!((with_status(&answers, 200), with_status(&answers, 402)), (WAYS / 2, WAYS / 2));
        assert_eq!(market.tokens(&market.ben).await, 0);
        let unlocked = async |item: &String| market.get(&market.ben, &format!("/api/items/{item}")).await.json()["viewer"]["unlocked"] == true;
        assert!(unlocked(&items[0]).await != unlocked(&items[1]).await);
    }

    async fn of_all_requests_for_an_item_one_is_accepted(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        let mut paths = Vec::new();
        for who in [&market.ben, &market.cem, &market.dua] {
            paths.push(format!("/api/bookings/{}/accept", market.booked(who, &item).await));
        }
        let calls: Vec<Call<'_>> = paths.iter().map(|path| Call::post(&market.ana, path)).collect();
        one_won(&race(&market, &calls).await, &["accepted", "reserved"]);
        assert_eq!(market.item(&item).await["status"], "reserved");
        let accepted = market.get(&market.ana, "/api/bookings?status=accepted").await.expect(200).json();
        assert_eq!(accepted["bookings"].as_array().map(Vec::len), Some(1));
    }

    async fn a_booking_is_accepted_or_cancelled_or_declined(market: Market) {
        market.give(&market.ben, 10, "races").await;
        market.give(&market.cem, 10, "races").await;
        for _ in 0..3 {
            let item = market.offer("A lamp", json!({})).await;
            let id = market.booked(&market.ben, &item).await;
            let [accept, decline] = ["accept", "decline"].map(|action| format!("/api/bookings/{id}/{action}"));
            let calls = [Call::post(&market.ana, &accept), Call::post(&market.ana, &decline)];
            one_won(&race(&market, &calls).await, &["accepted", "declined"]);
            market.act(&market.ben, &id, "cancel", json!({})).await;

            let id = market.booked(&market.cem, &item).await;
            let [accept, cancel] = ["accept", "cancel"].map(|action| format!("/api/bookings/{id}/{action}"));
            let calls = [Call::post(&market.ana, &accept), Call::post(&market.cem, &cancel)];
            let answers = race(&market, &calls).await;
            // What was accepted first may be cancelled after: the two never win against each other in the other order.
            let status = market.booking(&market.ana, &id).await["status"].clone();
            assert_eq!(status, "cancelled");
            assert!((1..=2).contains(&answers.iter().filter(|answer| answer.status.is_success()).count()));
            assert_eq!(market.item(&item).await["status"], "active");
            market.post(&market.ana, &format!("/api/items/{item}/withdraw"), json!({})).await.expect(200);
        }
    }

    async fn accepting_races_with_the_item_going_away(market: Market) {
        for action in ["withdraw", "sold"] {
            let item = market.offer("A lamp", json!({})).await;
            let id = market.booked(&market.ben, &item).await;
            let (accept, end) = (format!("/api/bookings/{id}/accept"), format!("/api/items/{item}/{action}"));
            let answers = race(&market, &[Call::post(&market.ana, &accept), Call::post(&market.ana, &end)]).await;
            assert_eq!(answers.iter().filter(|answer| answer.status.as_u16() >= 500).count(), 0);
            // Whoever came first: the item is gone, the booking ended, and the token is back, once.
            let status = market.booking(&market.ben, &id).await["status"].clone();
            assert!(status == "cancelled" || status == "superseded", "{status}");
            assert_eq!((market.tokens(&market.ben).await, market.tokens(&market.ana).await), (2, 2));
            let ended: Vec<&Answer> = answers.iter().skip(1).step_by(2).collect();
            assert_eq!(ended.iter().filter(|answer| answer.status == 200).count(), 1);
        }
    }

    async fn accepting_races_with_removal_by_a_moderator(market: Market) {
        let campus = market.campus().await;
        let moderator = enroll(&market, campus, "Mia", Role::Moderator).await;
        let item = market.offer("A lamp", json!({})).await;
        let id = market.booked(&market.ben, &item).await;
        let (accept, remove) = (format!("/api/bookings/{id}/accept"), format!("/api/admin/items/{item}/remove"));
        let answers = race(&market, &[Call::post(&market.ana, &accept), Call::post(&moderator, &remove)]).await;
        let removals: Vec<Answer> = answers.into_iter().skip(1).step_by(2).collect();
        one_won(&removals, &["removed"]);
        assert_eq!(market.booking(&market.ben, &id).await["status"], "cancelled");
        assert_eq!((market.tokens(&market.ben).await, market.item(&item).await["status"].clone()), (2, json!("removed")));
        let late = market.act(&market.ana, &id, "accept", json!({})).await.expect(409);
        assert!(late.text("/detail").contains("cancelled"));
    }

    async fn accepting_races_with_the_deadline(market: Market) {
        for _ in 0..3 {
            let item = market.offer("A lamp", json!({})).await;
            let id = market.booked(&market.ben, &item).await;
            market.wait(super::market::PENDING);
            let accept = format!("/api/bookings/{id}/accept");
            let deadlines = async {
                for _ in 0..5 {
                    campuszon_server::worker::end_due(&market.app).await.expect("deadlines are kept");
                }
            };
            let calls = [Call::post(&market.ana, &accept)];
            let (answers, ()) = tokio::join!(race(&market, &calls), deadlines);
            let status = market.booking(&market.ben, &id).await["status"].as_str().expect("a status").to_owned();
            let won = with_status(&answers, 200);
            match status.as_str() {
                "expired" => assert_eq!((won, market.tokens(&market.ben).await), (0, 2)),
                "accepted" => assert_eq!((won, market.tokens(&market.ben).await), (1, 1)),
                other => panic!("{other}"),
            }
            for lost in answers.iter().filter(|answer| answer.status != 200) {
                assert!(lost.text("/detail").contains(&status), "{}", lost.json());
            }
            market.post(&market.ana, &format!("/api/items/{item}/withdraw"), json!({})).await.expect(200);
        }
    }

    async fn overlapping_rentals_are_not_both_accepted(market: Market) {
        let item = market.offer("A bike", json!({"listing": "rent", "rent_period": "day"})).await;
        let mut paths = Vec::new();
        for (who, from, to) in [
            (&market.ben, "2027-03-01", "2027-03-10"),
            (&market.cem, "2027-03-10", "2027-03-20"),
            (&market.dua, "2027-03-05", "2027-03-15"),
        ] {
            let asked = market.request(who, &item, json!({"from": from, "to": to})).await.expect(201);
            paths.push(format!("/api/bookings/{}/accept", asked.text("/id")));
        }
        let calls: Vec<Call<'_>> = paths.iter().map(|path| Call::post(&market.ana, path)).collect();
        one_won(&race(&market, &calls).await, &["accepted", "holds the item"]);
    }

    async fn a_handover_is_done_once(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        let id = market.booked(&market.ben, &item).await;
        market.act(&market.ana, &id, "accept", json!({})).await.expect(200);
        let code = market.booking(&market.ben, &id).await["handover_code"].clone();
        let path = format!("/api/bookings/{id}/complete");
        let cancel = format!("/api/bookings/{id}/cancel");
        let calls = (0..WAYS).map(|way| match way % 2 {
            0 => market.call(&market.ana.token, "POST", &path, json!({"handover_code": code})),
            _ => market.call(&market.ben.token, "POST", &cancel, json!({})),
        });
        one_won(&join_all(calls).await, &["completed", "cancelled"]);
        let is_done = market.booking(&market.ben, &id).await["status"] == "completed";
        let expected = if is_done { (3, 2) } else { (2, 1) };
        assert_eq!((market.tokens(&market.ana).await, market.tokens(&market.ben).await), expected);
    }

    /// One key, fifty times at once: one booking, one token, one answer.
    async fn the_same_key_books_once(market: Market) {
        let item = market.offer("A lamp", json!({})).await;
        let path = format!("/api/items/{item}/bookings");
        let headers = [("idempotency-key", "one")];
        let calls = (0..WAYS).map(|_| market.call_with(&market.ben.token, "POST", &path, json!({}), &headers));
        let answers = join_all(calls).await;
        let first = answers.iter().find(|answer| answer.status == 201).expect("a booking");
        for answer in &answers {
            match answer.status.as_u16() {
                201 => assert_eq!(answer.json(), first.json()),
                409 => assert_eq!(code_of(answer), "conflict"),
                other => panic!("{other}"),
            }
        }
        assert_eq!(market.tokens(&market.ben).await, 1);
        let other = json!({"message": "Another body"});
        market.call_with(&market.ben.token, "POST", &path, other, &headers).await.expect(422);
    }
}
