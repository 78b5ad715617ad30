//! Who gets in: every route as everybody, as the table of routes says.

use std::time::Duration;

use campuszon_core::permission::{Role, UserStatus};
use serde_json::{Value, json};

use super::{
    Free, code_of,
    routes::{CALLERS, OPEN, ROUTES, Route, Stage, enroll, found, operations, set_status},
};
use crate::{
    on_every_database,
    support::{Answer, PASSWORD, World},
};

/// What is wrong with an answer; nothing, if all is well.
fn wrong_with(route: &Route, caller: usize, answer: &Answer) -> Option<String> {
    let (expected, status) = (route.access[caller], answer.status.as_u16());
    let who = CALLERS[caller];
    if status != expected {
        let said = String::from_utf8_lossy(&answer.bytes);
        return Some(format!("{} {} by {who}: {status} instead of {expected}: {said}", route.method, route.path));
    }
    let is_open = OPEN.contains(&(route.method, route.path));
    let code = match who {
        "nobody" if status == 401 => "unauthenticated",
        "unverified" => "unverified",
        "suspended" => "forbidden",
        _ => return None,
    };
    let said = if is_open { code.to_owned() } else { code_of(answer) };
    (said != code).then(|| format!("{} {} by {who}: {said} instead of {code}", route.method, route.path))
}

on_every_database! {
    async fn everybody_gets_what_the_table_says(world: Free) {
        let document = world.call("", "GET", "/api/openapi.json", Value::Null).await.expect(200).json();
        let mut wrong = Vec::new();
        for (method, path) in operations(&document) {
            let Some(route) = ROUTES.iter().find(|route| route.method == method && route.path == path) else {
                wrong.push(format!("{method} {path} has no row in routes.rs"));
                continue;
            };
            let mut stage = Stage::new(&world).await;
            for caller in 0..CALLERS.len() {
                let answer = stage.call_as(&world, &stage.callers()[caller], route).await;
                wrong.extend(wrong_with(route, caller, &answer));
                // What one has changed, the next finds as it was.
                if answer.status.is_success() && method != "GET" {
                    stage = Stage::new(&world).await;
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn an_account_that_is_not_confirmed_cannot_sign_in(world: World) {
        let account = json!({"email": "ana@uni.example", "password": PASSWORD, "name": "Ana"});
        world.call("", "POST", "/api/auth/register", account).await.expect(202);
        let login = async |password: &str| {
            let body = json!({"email": "ana@uni.example", "password": password});
            world.call("", "POST", "/api/auth/login", body).await
        };
        assert_eq!(code_of(&login(PASSWORD).await.expect(403)), "unverified");
        assert_eq!(code_of(&login("not this password").await.expect(401)), "unauthenticated");
    }

    /// A credential says who somebody is; what they may is asked anew.
    async fn a_token_is_worth_what_its_user_is(world: Free) {
        let campus = found(&world).await;
        let ana = enroll(&world, campus, "Ana", Role::Moderator).await;
        let wish = json!({"name": "script", "scopes": ["read", "write", "admin"]});
        let token = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        let reports = async |token: &str| world.call(token, "GET", "/api/admin/reports", Value::Null).await;
        reports(&token).await.expect(200);
        for (status, code) in [(UserStatus::Unverified, "unverified"), (UserStatus::Suspended, "forbidden")] {
            set_status(&world, campus, &ana, status).await;
            // Another node's changes are seen once what is remembered has ended.
            world.wait(Duration::from_secs(2));
            assert_eq!(code_of(&reports(&token).await.expect(403)), code);
            assert_eq!(code_of(&reports(&ana.token).await.expect(403)), code);
        }
        set_status(&world, campus, &ana, UserStatus::Active).await;
        reports(&token).await.expect(200);
        let wish = json!({"name": "reader", "scopes": ["read"]});
        let reader = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        assert_eq!(code_of(&reports(&reader).await.expect(403)), "forbidden");
    }
}
