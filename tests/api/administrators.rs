//! Administrators: the link of a new server, and those made on the data directory.

use std::time::Duration;

use campuszon_core::{form::Form, permission::Role};
use campuszon_server::{
    Error, check,
    users::service::{self, NewAdministrator},
};
use serde_json::{Map, Value, json};

use super::{
    Free, code_of, faults, offer,
    routes::{enroll, found},
};
use crate::{
    on_every_database,
    support::{Answer, PASSWORD, Person, World},
};

const EMAIL: &str = "ada@uni.example";

/// The token of the link that a starting server prints.
async fn link(world: &World) -> Option<String> {
    let app = world.app.clone();
    world.app.write(move |tx| service::open_setup(tx, &app)).await.expect("a link or none")
}

async fn set_up(world: &World, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "email": EMAIL, "password": password});
    world.call("", "POST", "/api/setup", body).await
}

/// What `admin init` does on a data directory.
async fn init(world: &World, fields: Value) -> Result<service::User, Error> {
    let fields: Map<String, Value> = fields.as_object().cloned().expect("an object");
    service::make_administrator(&world.app, NewAdministrator::read(Form::json(fields))?).await
}

on_every_database! {
    async fn the_link_of_a_new_server_makes_one_administrator(world: Free) {
        let token = link(&world).await.expect("a new server has no administrator");
        set_up(&world, "not the token", PASSWORD).await.expect(404);
        assert_eq!(faults(&set_up(&world, &token, "short").await.expect(422)), [("password", "too_short")]);
        let session = set_up(&world, &token, PASSWORD).await.expect(201);
        let user = &session.json()["user"];
        let expected = (&json!("admin"), &json!("active"), &json!("Administrator"), &json!("uni.example"));
        assert_eq!((&user["role"], &user["status"], &user["name"], &user["campus"]), expected);
        world.call(&session.text("/access_token"), "GET", "/api/images/queue", Value::Null).await.expect(200);
        set_up(&world, &token, PASSWORD).await.expect(404);
        assert_eq!(link(&world).await, None);
    }

    async fn a_link_ends_after_a_day_and_with_the_next(world: Free) {
        let first = link(&world).await.expect("a link");
        let second = link(&world).await.expect("another one");
        assert_eq!(code_of(&set_up(&world, &first, PASSWORD).await.expect(404)), "not_found");
        world.wait(Duration::from_secs(24 * 60 * 60));
        set_up(&world, &second, PASSWORD).await.expect(404);
    }

    async fn the_link_takes_over_no_account(world: Free) {
        world.sign_up(EMAIL, "Ada").await;
        let token = link(&world).await.expect("a link");
        set_up(&world, &token, "not the password").await.expect(401);
        let session = set_up(&world, &token, PASSWORD).await.expect(201);
        assert_eq!((session.text("/user/name"), session.text("/user/role")), ("Ada".to_owned(), "admin".to_owned()));
    }

    async fn an_account_in_use_becomes_an_administrators_at_once(world: Free) {
        let ada = world.sign_up(EMAIL, "Ada").await;
        world.get(&ada, "/api/images/queue").await.expect(403);
        let user = init(&world, json!({"email": EMAIL})).await.expect("an administrator");
        assert_eq!(user.name, "Ada");
        world.get(&ada, "/api/images/queue").await.expect(200);
    }

    async fn an_account_that_is_missing_or_unconfirmed_is_made(world: Free) {
        let refused = init(&world, json!({"email": EMAIL})).await.map(|_| ()).expect_err("no password");
        assert!(matches!(refused, Error::Invalid(faults) if faults[0].field == "password"));
        let register = json!({"email": EMAIL, "password": "a stranger's password", "name": "Eve"});
        world.call("", "POST", "/api/auth/register", register).await.expect(202);
        let code = world.code(EMAIL).await;
        init(&world, json!({"email": EMAIL, "password": PASSWORD, "name": "Ada"})).await.expect("an administrator");
        world.call("", "POST", "/api/auth/verify", json!({"email": EMAIL, "code": code})).await.expect(422);
        let login = |password: &'static str| {
            world.call("", "POST", "/api/auth/login", json!({"email": EMAIL, "password": password}))
        };
        login("a stranger's password").await.expect(401);
        let session = login(PASSWORD).await.expect(200);
        assert_eq!((session.text("/user/name"), session.text("/user/role")), ("Ada".to_owned(), "admin".to_owned()));
    }

    async fn an_administrator_needs_a_campus(world: World) {
        let wish = json!({"email": "ada@gmail.com", "password": PASSWORD});
        let refused = init(&world, wish).await.map(|_| ()).expect_err("no campus");
        assert!(matches!(refused, Error::Invalid(faults) if faults[0].code == "domain_not_accepted"));
    }

    async fn the_page_behind_a_link_discloses_nothing(world: World) {
        let token = link(&world).await.expect("a link");
        let pages = [&*token, "other", "%3Cscript%3E"].map(|token| format!("/setup/{token}"));
        let mut bodies = Vec::new();
        for page in pages {
            let answer = world.call("", "GET", &page, Value::Null).await.expect(200);
            assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
            bodies.push(String::from_utf8(answer.bytes).expect("text"));
        }
        assert!(bodies[0].contains("campuszon admin init LINK"), "{bodies:?}");
        assert!(bodies.iter().all(|body| *body == bodies[0]));
    }

    /// Nor does the page of an item, which is the same whether there is one or not.
    async fn the_page_of_an_item_says_how_to_see_it(world: World) {
        let id = <campuszon_core::ItemId as campuszon_core::Id>::from_bits(7);
        let answer = world.call("", "GET", &format!("/items/{id}"), Value::Null).await.expect(200);
        assert!(String::from_utf8_lossy(&answer.bytes).contains(&format!("item show {id}")));
        world.call("", "GET", "/items/%1b%5d0;x", Value::Null).await.expect(404);
    }

    /// What the services leave behind agrees with itself, a deleted account included.
    async fn nothing_is_found_where_nothing_is_wrong(world: Free) {
        assert_eq!(check::run(&world.app).await.expect("a check"), []);
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = world.list_item(&ana, "Calculus", json!({})).await;
        offer(&world, &ana, "Another", json!({})).await;
        world.call(&ben.token, "PUT", &format!("/api/items/{item}/favorite"), Value::Null).await.expect(204);
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        for (who, id) in [(&ben, "1"), (&ben, "2"), (&ana, "3")] {
            let path = format!("/api/chats/{chat}/messages");
            world.post(who, &path, json!({"client_id": id, "body": "Hello"})).await.expect(201);
        }
        assert_eq!(check::run(&world.app).await.expect("a check"), []);
        world.call(&ben.token, "DELETE", "/api/users/me", json!({"password": PASSWORD})).await.expect(204);
        assert_eq!(check::run(&world.app).await.expect("a check"), []);
    }

    /// A server is never left without somebody who may look after it.
    async fn the_last_administrator_stays(world: Free) {
        let campus = found(&world).await;
        let first = enroll(&world, campus, "Ada", Role::Admin).await;
        let second = enroll(&world, campus, "Bea", Role::Admin).await;
        let leave = async |who: &Person| {
            world.call(&who.token, "DELETE", "/api/users/me", json!({"password": PASSWORD})).await
        };
        leave(&first).await.expect(204);
        assert_eq!(code_of(&leave(&second).await.expect(409)), "conflict");
        world.get(&second, "/api/users/me").await.expect(200);
    }
}
