//! Marketplace tokens: the wallet, vouchers, grants and the weekly top-up.

use std::time::Duration;

use campuszon_core::{CampusId, UserId, permission::Role};
use campuszon_server::{users::ledger, worker};
use serde_json::{Value, json};

use super::{
    Free, code_of, each, faults,
    routes::{enroll, found},
};
use crate::{
    on_every_database,
    support::{Answer, Engine, Person, World},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A campus with an administrator and a student.
struct Bank {
    world: Free,
    campus: CampusId,
    ada: Person,
    ben: Person,
}

impl std::ops::Deref for Bank {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Bank {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let campus = found(&world).await;
        let ada = enroll(&world, campus, "Ada", Role::Admin).await;
        let ben = enroll(&world, campus, "Ben", Role::Student).await;
        Self { world, campus, ada, ben }
    }

    async fn voucher(&self, wish: Value) -> String {
        self.post(&self.ada, "/api/admin/vouchers", wish).await.expect(201).text("/code")
    }

    async fn redeem(&self, who: &Person, code: &str) -> Answer {
        self.post(who, "/api/tokens/redeem", json!({"code": code})).await
    }

    async fn balance(&self, who: &Person) -> Value {
        self.get(who, "/api/tokens").await.expect(200).json()["balance"].clone()
    }
}

/// Spends tokens, as an unlock does.
async fn spend(world: &World, who: &Person, tokens: i64, reference: &'static str) {
    let claims = world.app.keys.verify(&who.token, world.app.clock.now()).expect("claims");
    let (campus, user): (CampusId, UserId) = (claims.campus, claims.sub);
    world.app.write(move |tx| ledger::pay(tx, campus, user, tokens, reference)).await.expect("paid");
}

async fn tokens(world: &World, who: &Person) -> Value {
    world.get(who, "/api/tokens").await.expect(200).json()
}

on_every_database! {
    async fn a_wallet_tells_how_its_balance_came_about(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        spend(&world, &ana, 1, "unl_1").await;
        let wallet = world.get(&ana, "/api/tokens").await.expect(200);
        assert_eq!(wallet.json()["balance"], 1);
        let entries = wallet.json()["entries"].clone();
        assert_eq!(each(&entries, "reason"), ["unlock", "signup"]);
        assert_eq!(json!([entries[0]["delta"], entries[0]["balance"], entries[0]["reference"]]), json!([-1, 1, "unl_1"]));
        let tag = wallet.header("etag");
        let same = world.call_with(&ana.token, "GET", "/api/tokens", Value::Null, &[("if-none-match", &tag)]).await;
        assert_eq!(same.status, 304);

        let first = world.get(&ana, "/api/tokens?limit=1").await.expect(200);
        let rest = format!("/api/tokens?limit=1&cursor={}", first.text("/next_cursor"));
        let rest = world.get(&ana, &rest).await.expect(200).json();
        assert_eq!((each(&rest["entries"], "reason"), &rest["next_cursor"]), (vec!["signup".to_owned()], &Value::Null));
        // A cursor belongs to its reader.
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        world.get(&ben, &format!("/api/tokens?cursor={}", first.text("/next_cursor"))).await.expect(422);
    }

    async fn a_voucher_works_once_for_each_user(bank: Bank) {
        let code = bank.voucher(json!({"tokens": 5, "uses": 2})).await;
        let typed = code.to_lowercase().replace('-', " ");
        let redeemed = bank.redeem(&bank.ben, &typed).await.expect(200).json();
        assert_eq!(redeemed, json!({"added": 5, "tokens": 5}));
        assert_eq!(code_of(&bank.redeem(&bank.ben, &code).await.expect(409)), "conflict");
        let entry = tokens(&bank, &bank.ben).await["entries"][0].clone();
        assert_eq!(json!([entry["reason"], entry["reference"], entry["delta"]]), json!(["voucher", code, 5]));
        let cem = enroll(&bank, bank.campus, "Cem", Role::Student).await;
        bank.redeem(&cem, &code).await.expect(200);
        let dan = enroll(&bank, bank.campus, "Dan", Role::Student).await;
        let used_up = bank.redeem(&dan, &code).await.expect(422);
        assert_eq!(faults(&used_up), [("code", "not_redeemable")]);
        // Whoever had it is told so, even of one that is used up.
        bank.redeem(&cem, &code).await.expect(409);
    }

    /// What is unknown, has ended, is used up, deleted or another campus's reads the same.
    async fn nobody_learns_which_codes_there_are(bank: Bank) {
        let eve = enroll(&bank, found(&bank).await, "Eve", Role::Student).await;
        let code = bank.voucher(json!({"tokens": 5, "uses": 9})).await;
        let short = bank.voucher(json!({"tokens": 5, "expires_in_days": 1})).await;
        let deleted = bank.voucher(json!({"tokens": 5})).await;
        let path = format!("/api/admin/vouchers/{deleted}");
        bank.call(&bank.ada.token, "DELETE", &path, Value::Null).await.expect(204);
        bank.call(&bank.ada.token, "DELETE", &path, Value::Null).await.expect(404);
        bank.wait(DAY);
        let refresh = async |who: &Person| {
            let body = json!({"refresh_token": who.refresh});
            let session = bank.call("", "POST", "/api/auth/refresh", body).await.expect(200);
            Person { token: session.text("/access_token"), ..who.clone() }
        };
        let (ben, eve) = (refresh(&bank.ben).await, refresh(&eve).await);
        let refused = async |who: &Person, code: &str| bank.redeem(who, code).await.expect(422).json()["errors"].clone();
        let unknown = refused(&ben, "0000-0000-0000").await;
        for (who, code) in [(&ben, "nonsense"), (&ben, ""), (&ben, &short), (&ben, &deleted), (&eve, &code)] {
            assert_eq!(refused(who, code).await, unknown, "{code}");
        }
        bank.redeem(&ben, &code).await.expect(200);
    }

    async fn races_for_a_voucher_give_what_it_holds_and_no_more(bank: Bank) {
        let code = bank.voucher(json!({"tokens": 2, "uses": 3})).await;
        let mut racers = Vec::new();
        for _ in 0..6 {
            racers.push(enroll(&bank, bank.campus, "Racer", Role::Student).await);
        }
        let race = |who: Person| {
            let (router, code) = (bank.router.clone(), code.clone());
            tokio::spawn(async move {
                let body = json!({"code": code}).to_string();
                let request = axum::http::Request::post("/api/tokens/redeem")
                    .header("authorization", format!("Bearer {}", who.token))
                    .header("content-type", "application/json")
                    .body(axum::body::Body::from(body));
                let answer = tower::ServiceExt::oneshot(router, request.expect("a request")).await;
                answer.expect("an answer").status().as_u16()
            })
        };
        // Each twice, all at once.
        let racing: Vec<_> = racers.iter().chain(&racers).cloned().map(race).collect();
        let mut won = 0;
        for status in racing {
            let status = status.await.expect("no panic");
            assert!([200, 409, 422].contains(&status), "{status}");
            won += usize::from(status == 200);
        }
        assert_eq!(won, 3);
        let mut given = 0;
        for racer in &racers {
            let wallet = tokens(&bank, racer).await;
            assert!(wallet["entries"].as_array().is_some_and(|entries| entries.len() <= 1));
            given += wallet["balance"].as_i64().expect("a number");
        }
        assert_eq!(given, 6);
        let listed = bank.get(&bank.ada, "/api/admin/vouchers").await.expect(200).json();
        assert_eq!(listed["vouchers"][0]["used"], 3);
    }

    async fn a_repeated_request_brings_nothing_twice(bank: Bank) {
        let code = bank.voucher(json!({"tokens": 5, "uses": 9})).await;
        let key = [("idempotency-key", "k")];
        let mut answers = Vec::new();
        for _ in 0..2 {
            let body = json!({"code": code});
            let answer = bank.call_with(&bank.ben.token, "POST", "/api/tokens/redeem", body, &key).await;
            answers.push(answer.expect(200).json());
        }
        assert_eq!(answers[0], answers[1]);
        let grant = format!("/api/admin/users/{}/grant", bank.ben.id);
        for _ in 0..2 {
            let body = json!({"tokens": 7, "reason": "for the fair"});
            bank.call_with(&bank.ada.token, "POST", &grant, body, &key).await.expect(200);
        }
        assert_eq!(bank.balance(&bank.ben).await, 12);
        let other = format!("/api/admin/users/{}/grant", enroll(&bank, bank.campus, "Cem", Role::Student).await.id);
        let body = json!({"tokens": 7, "reason": "for the fair"});
        bank.call_with(&bank.ada.token, "POST", &other, body, &key).await.expect(422);
    }

    async fn administrators_grant_and_say_why(bank: Bank) {
        let grant = format!("/api/admin/users/{}/grant", bank.ben.id);
        for tokens in [0, -1, 1_001] {
            let answer = bank.post(&bank.ada, &grant, json!({"tokens": tokens})).await.expect(422);
            assert_eq!(faults(&answer), [("tokens", "out_of_range")]);
        }
        let granted = bank.post(&bank.ada, &grant, json!({"tokens": 3, "reason": "for the fair"})).await.expect(200);
        assert_eq!(granted.json()["tokens"], 3);
        let entry = tokens(&bank, &bank.ben).await["entries"][0].clone();
        let audit = bank.get(&bank.ada, "/api/admin/audit").await.expect(200).json()["entries"][0].clone();
        assert_eq!((&entry["reason"], &entry["reference"]), (&json!("grant"), &audit["id"]));
        assert_eq!(json!([audit["action"], audit["detail"], audit["actor"]["name"]]), json!(["grant", "3 tokens: for the fair", "Ada"]));
        let own = format!("/api/admin/users/{}/grant", bank.ada.id);
        bank.post(&bank.ada, &own, json!({"tokens": 3})).await.expect(409);
        let me = bank.get(&bank.ben, "/api/users/me").await.json();
        assert_eq!(me["unread_notifications"], 1);
    }

    async fn only_administrators_read_the_codes_of_vouchers(bank: Bank) {
        let code = bank.voucher(json!({"tokens": 50})).await;
        let mia = enroll(&bank.world, bank.campus, "Mia", Role::Moderator).await;
        for (who, target) in [(&bank.ada, code.as_str()), (&mia, "…")] {
            let log = bank.get(who, "/api/admin/audit").await.expect(200);
            assert_eq!(log.json()["entries"][0]["target_id"], target);
        }
    }

    async fn vouchers_are_listed_by_pages(bank: Bank) {
        let mut made = Vec::new();
        for tokens in 1..=3 {
            made.push(bank.voucher(json!({"tokens": tokens, "uses": 4})).await);
            bank.wait(Duration::from_millis(1));
        }
        made.reverse();
        let first = bank.get(&bank.ada, "/api/admin/vouchers?limit=2").await.expect(200);
        assert_eq!(each(&first.json()["vouchers"], "code"), made[..2]);
        let rest = format!("/api/admin/vouchers?limit=2&cursor={}", first.text("/next_cursor"));
        let rest = bank.get(&bank.ada, &rest).await.expect(200).json();
        assert_eq!((each(&rest["vouchers"], "code"), &rest["next_cursor"]), (made[2..].to_vec(), &Value::Null));
        for (field, value) in [("tokens", 0), ("uses", 0), ("expires_in_days", 0)] {
            let mut wish = json!({"tokens": 1});
            wish[field] = json!(value);
            let answer = bank.post(&bank.ada, "/api/admin/vouchers", wish).await.expect(422);
            assert_eq!(faults(&answer), [(field, "out_of_range")]);
        }
    }

    async fn a_mailbox_is_topped_up_once_a_week_whatever_its_spelling(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        // The older account of a mailbox is the one that is topped up.
        world.wait(Duration::from_millis(1));
        let again = world.sign_up("a.na+more@uni.example", "Ana again").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let balances = async || {
            let mut all = Vec::new();
            for who in [&ana, &again, &ben] {
                let who = super::again(&world, who).await;
                all.push(tokens(&world, &who).await["balance"].as_i64().expect("a number"));
            }
            all
        };
        assert_eq!(balances().await, [2, 0, 2], "the first tokens are given once for a mailbox");
        spend(&world, &ana, 2, "unl_1").await;
        for _ in 0..2 {
            worker::top_up(&world.app).await.expect("a top-up");
            assert_eq!(balances().await, [2, 0, 2]);
        }
        spend(&world, &ana, 1, "unl_2").await;
        spend(&world, &ben, 1, "unl_1").await;
        worker::top_up(&world.app).await.expect("a top-up");
        assert_eq!(balances().await, [1, 0, 1], "once a week");
        world.wait(7 * DAY);
        worker::top_up(&world.app).await.expect("a top-up");
        assert_eq!(balances().await, [2, 0, 2]);
        let ben = super::again(&world, &ben).await;
        assert_eq!(each(&tokens(&world, &ben).await["entries"], "reason"), ["top_up", "unlock", "signup"]);
        assert_eq!(world.get(&ben, "/api/users/me").await.json()["unread_notifications"], 1);
    }
}
