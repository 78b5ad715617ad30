//! The five budgets: who is counted, what the headers say, and when it goes on.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, header},
};
use campuszon_server::gateway::listener::PeerAddress;
use futures_util::FutureExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{Free, again, code_of, offer};
use crate::{
    on_every_database,
    support::{Answer, Engine, PASSWORD, Person, World, png},
};

/// More than any database has threads that write.
const WRITERS: usize = 64;

/// A server with small budgets.
struct Strict(World);

impl Strict {
    async fn new(engine: Engine) -> Self {
        let budgets = "[items]\nrequire_image = false\n[limits]\nitems_read = \"3/1m\"\nitems_write = \"2/1m\"\n\
                       chat = \"2/1m\"\nimages = \"1/5m\"\nnew_chats = \"1/1h\"\n";
        Self(World::with(engine, budgets).await)
    }
}

impl std::ops::Deref for Strict {
    type Target = World;

    fn deref(&self) -> &World {
        &self.0
    }
}

async fn login(world: &World, email: &str, password: &str) -> Answer {
    world.call("", "POST", "/api/auth/login", json!({"email": email, "password": password})).await
}

/// The status of a sign-in from an address of its own.
async fn login_from(world: &World, address: &str, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password}).to_string();
    let request = Request::post("/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    let mut request = request.body(Body::from(body)).expect("a request");
    let address: IpAddr = address.parse().expect("an address");
    request.extensions_mut().insert(PeerAddress(address));
    world.router.clone().oneshot(request).await.expect("an answer").status().as_u16()
}

/// Checks a refusal: its code, headers, and how long to wait.
fn expect_refusal(answer: Answer, policy: &str, count: u32, window: u64) {
    let answer = answer.expect(429);
    assert_eq!(code_of(&answer), "rate_limited");
    assert_eq!(answer.header("retry-after"), window.to_string());
    assert_eq!(answer.header("ratelimit"), format!("\"{policy}\";r=0;t={window}"));
    assert_eq!(answer.header("ratelimit-policy"), format!("\"{policy}\";q={count};w={window}"));
}

async fn draft(world: &World, who: &Person) -> Answer {
    let body = json!({"title": "A lamp", "price": 5, "category": "other", "condition": "good", "draft": true});
    world.post(who, "/api/items", body).await
}

on_every_database! {
    async fn guessing_a_password_ends_after_ten_tries_from_anywhere(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.wait(Duration::from_secs(15 * 60));
        for number in 0..10 {
            assert_eq!(login_from(&world, &format!("10.0.0.{number}"), &ana.email, "a wrong guess").await, 401);
        }
        assert_eq!(login_from(&world, "10.0.0.99", &ana.email, PASSWORD).await, 429);
        world.wait(Duration::from_secs(15 * 60));
        assert_eq!(login_from(&world, "10.0.0.99", &ana.email, PASSWORD).await, 200);
    }

    async fn a_thousand_addresses_have_no_more_guesses_than_one(world: World) {
        let mut refused = 0;
        for number in 0..1000 {
            let from = format!("10.{}.{}.1", number / 250, number % 250);
            match login_from(&world, &from, "ana@uni.example", "a wrong guess").await {
                429 => refused += 1,
                status => assert_eq!(status, 401),
            }
        }
        assert_eq!(refused, 990);
    }

    async fn an_address_may_fail_ten_times_on_whatever_account(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for number in 0..10 {
            login(&world, &format!("nobody{number}@uni.example"), "a wrong guess").await.expect(401);
        }
        expect_refusal(login(&world, &ana.email, PASSWORD).await, "auth", 10, 900);
        assert_eq!(login_from(&world, "10.0.0.1", &ana.email, PASSWORD).await, 200, "others are not locked out");
        world.wait(Duration::from_secs(15 * 60));
        login(&world, &ana.email, PASSWORD).await.expect(200);
    }

    async fn a_campus_behind_one_address_may_sign_in(world: World) {
        for number in 0..12 {
            world.sign_up(&format!("student{number}@uni.example"), "Student").await;
        }
    }

    async fn reading_and_writing_items_have_budgets_of_their_own(world: Strict) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        for left in [1, 0] {
            let made = draft(&world, &ana).await.expect(201);
            assert_eq!(made.header("ratelimit"), format!("\"items_write\";r={left};t=60"));
        }
        expect_refusal(draft(&world, &ana).await, "items_write", 2, 60);
        for left in [2, 1, 0] {
            let listed = world.get(&ana, "/api/items").await.expect(200);
            assert_eq!(listed.header("ratelimit"), format!("\"items_read\";r={left};t=60"));
        }
        expect_refusal(world.get(&ana, "/api/items").await, "items_read", 3, 60);
        draft(&world, &ben).await.expect(201);
        world.get(&ana, "/api/users/me").await.expect(200);
        world.wait(Duration::from_secs(60));
        draft(&world, &ana).await.expect(201);
        world.get(&ana, "/api/items").await.expect(200);
    }

    async fn an_access_token_shares_the_budget_of_its_owner(world: Strict) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let wish = json!({"name": "script", "scopes": ["write"]});
        let token = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        let script = Person { token, ..ana.clone() };
        draft(&world, &ana).await.expect(201);
        draft(&world, &script).await.expect(201);
        expect_refusal(draft(&world, &script).await, "items_write", 2, 60);
    }

    async fn conversations_are_opened_within_their_budget(world: Strict) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let cem = world.sign_up("cem@uni.example", "Cem").await;
        let lamp = offer(&world, &ana, "A lamp", json!({})).await;
        let chair = offer(&world, &cem, "A chair", json!({})).await;
        world.post(&ben, "/api/chats", json!({"item_id": lamp})).await.expect(201);
        expect_refusal(world.post(&ben, "/api/chats", json!({"item_id": chair})).await, "new_chats", 1, 3_600);
        world.post(&ben, "/api/chats", json!({"item_id": lamp})).await.expect(200);
        world.wait(Duration::from_secs(3_600));
        let ben = again(&world, &ben).await;
        world.post(&ben, "/api/chats", json!({"item_id": chair})).await.expect(201);
    }

    async fn messages_and_uploads_have_budgets_too(world: Strict) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        let path = format!("/api/chats/{chat}/messages");
        // Neither starting a conversation nor reading one is a message.
        world.post(&ben, &path, json!({"client_id": "a", "body": "x"})).await.expect(201);
        world.post(&ben, &path, json!({"client_id": "b", "body": "x"})).await.expect(201);
        world.post(&ben, &format!("/api/chats/{chat}/read"), json!({"seq": 1})).await.expect(204);
        expect_refusal(world.post(&ben, &path, json!({"client_id": "c", "body": "x"})).await, "chat", 2, 60);
        world.get(&ben, &path).await.expect(200);
        world.upload(&ana, "image/png", png(8, 8, 1)).await.expect(202);
        expect_refusal(world.upload(&ana, "image/png", png(8, 8, 2)).await, "images", 1, 300);
    }

    async fn the_defaults_are_as_documented(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let policy = async |method: &str, path: &str| {
            world.call(&ana.token, method, path, Value::Null).await.header("ratelimit-policy")
        };
        assert_eq!(policy("GET", "/api/items").await, "\"items_read\";q=600;w=60");
        assert_eq!(policy("POST", "/api/items").await, "\"items_write\";q=30;w=60");
        assert_eq!(policy("POST", "/api/chats/any/messages").await, "\"chat\";q=100;w=60");
        assert_eq!(policy("POST", "/api/images").await, "\"images\";q=20;w=300");
        assert_eq!(policy("GET", "/api/users/me").await, "");
    }

    async fn who_waits_too_long_for_others_is_told_to_come_again(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let turns: Vec<_> = std::iter::from_fn(|| world.app.turns.take().now_or_never().flatten()).collect();
        let refused = world.get(&ana, "/api/items").await.expect(503);
        assert_eq!(code_of(&refused), "unavailable");
        assert!((2..10).contains(&refused.header("retry-after").parse().expect("seconds")));
        assert_eq!(world.app.metrics.requests_waiting.get(), 0);
        // These do not wait for the others.
        draft(&world, &ana).await.expect(201);
        world.get(&ana, "/healthz").await.expect(200);
        login(&world, &ana.email, PASSWORD).await.expect(200);
        drop(turns);
        world.get(&ana, "/api/items").await.expect(200);
    }

    async fn what_is_read_does_not_wait_for_a_disk_that_hangs(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let lamp = offer(&world, &ana, "A lamp", json!({})).await;
        let scope = json!({"name": "script", "scopes": ["read"], "expires_in_days": 1});
        let token = world.post(&ben, "/api/auth/tokens", scope).await.expect(201).text("/token");
        let (go_on, hangs) = mpsc::channel::<()>();
        let hangs = Arc::new(Mutex::new(hangs));
        let writes: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (app, hangs) = (world.app.clone(), Arc::clone(&hangs));
                tokio::spawn(async move { app.write(move |_| Ok(hangs.lock().map(|hangs| hangs.recv()).is_ok())).await })
            })
            .collect();
        // The first use of a token and the first look at an item would be written down.
        let shown = world.call(&token, "GET", &format!("/api/items/{lamp}"), Value::Null).await.expect(200);
        assert_eq!(shown.text("/title"), "A lamp");
        assert!(writes.iter().all(|write| !write.is_finished()));
        drop(go_on);
        for write in writes {
            write.await.expect("a task").expect("a write");
        }
        // Whatever was not written then is written now.
        let views = || async { world.get(&ana, &format!("/api/items/{lamp}")).await.expect(200).json()["views"].clone() };
        while views().await != json!(1) {}
    }

    async fn what_is_off_is_not_counted(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        for _ in 0..40 {
            let made = draft(&world, &ana).await.expect(201);
            assert_eq!((made.header("ratelimit"), made.header("ratelimit-policy")), (String::new(), String::new()));
        }
        for _ in 0..12 {
            login(&world, "nobody@uni.example", "a wrong guess").await.expect(401);
        }
    }
}
