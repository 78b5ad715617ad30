//! Accounts: opening one, signing in, sessions, passwords, access tokens, the profile, and leaving.

use std::time::Duration;

use campuszon_server::{
    platform::{database::Tx, jobs::Kind},
    users::credentials::{Claims, Keys, SigningKey},
};
use serde_json::{Value, json};

use super::{Free, code_of, faults, offer};
use crate::{
    on_every_database,
    support::{Answer, PASSWORD, Person, START, World},
};

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn open(world: &World, path: &str, body: Value) -> Answer {
    // The same id each time, so that answers can be compared as bytes.
    world.call_with("", "POST", &format!("/api/auth/{path}"), body, &[("x-request-id", "same")]).await
}

async fn register(world: &World, email: &str) -> Answer {
    open(world, "register", json!({"email": email, "password": PASSWORD, "name": "Somebody"})).await
}

async fn login(world: &World, email: &str, password: &str) -> Answer {
    open(world, "login", json!({"email": email, "password": password, "device": "laptop"})).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    open(world, "refresh", json!({"refresh_token": token})).await
}

async fn verify(world: &World, email: &str, code: &str) -> Answer {
    open(world, "verify", json!({"email": email, "code": code})).await
}

/// The status of a request with an access token.
async fn status(world: &World, token: &str) -> u16 {
    world.call(token, "GET", "/api/users/me", Value::Null).await.status.as_u16()
}

/// A code that is not the right one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// How many mails went to an address.
async fn mails(world: &World, email: &str) -> usize {
    world.drain(Kind::Mail).await;
    let files = std::fs::read_dir(world.mail_folder()).expect("a folder").flatten();
    let texts = files.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts.filter(|text| text.contains(&format!("To: {email}"))).count()
}

/// A new access token with these scopes: its id and text.
async fn personal(world: &World, who: &Person, scopes: &[&str]) -> (String, String) {
    let body = json!({"name": "script", "scopes": scopes, "expires_in_days": 1});
    let made = world.post(who, "/api/auth/tokens", body).await.expect(201);
    (made.text("/id"), made.text("/token"))
}

/// What the last question about an address left behind.
async fn trace(world: &World) -> Option<String> {
    let read = |tx: &mut Tx<'_>| Ok(tx.first("SELECT value FROM facts WHERE name = 'trace'", &[], |row| row.get(0))?);
    world.app.read(read).await.expect("a trace")
}

on_every_database! {
    async fn an_account_opens_with_its_mailed_code(world: World) {
        let answer = register(&world, " Ana@Uni.Example ").await.expect(202);
        assert_eq!(answer.json(), json!({"status": "verification_sent", "email": "ana@uni.example"}));
        let code = world.code("ana@uni.example").await;
        let session = verify(&world, "ANA@uni.example", &code).await.expect(200).json();
        assert_eq!((&session["token_type"], &session["expires_in"]), (&json!("Bearer"), &json!(900)));
        let fields = ["email", "campus", "role", "status", "tokens", "residence", "hide_presence"];
        let expected = json!(["ana@uni.example", "uni.example", "student", "active", 2, null, false]);
        assert_eq!(json!(fields.map(|field| session["user"][field].clone())), expected);
        let again = verify(&world, "ana@uni.example", &code).await.expect(422);
        assert_eq!(faults(&again), [("code", "wrong_code")]);
    }

    async fn a_registration_is_told_every_fault(world: World) {
        let answer = open(&world, "register", json!({"email": "ana", "nmae": "Ana", "password": 7})).await.expect(422);
        let expected =
            [("email", "invalid"), ("name", "required"), ("password", "wrong_type"), ("nmae", "unknown_field")];
        assert_eq!(faults(&answer), expected);
        assert!(answer.text("/errors/3/message").contains("did you mean name?"));
        for (password, code) in [("short", "too_short"), ("password123", "too_weak"), ("ana@uni.example", "too_weak")] {
            let body = json!({"email": "ana@uni.example", "password": password, "name": "Ana"});
            assert_eq!(faults(&open(&world, "register", body).await.expect(422)), [("password", code)]);
        }
    }

    async fn public_mail_providers_are_no_campus(world: World) {
        let answer = register(&world, "ana@gmail.com").await.expect(422);
        assert_eq!(faults(&answer), [("email", "domain_not_accepted")]);
    }

    async fn nobody_learns_whether_an_address_is_registered(world: Free) {
        world.sign_up("ana@uni.example", "Ana").await;
        for path in ["register", "verify", "verify/resend", "login", "password/forgot", "password/reset"] {
            let ask = async |email: &str| {
                let mut body = json!({"email": email});
                if path == "register" {
                    body["name"] = json!("Ana");
                }
                if matches!(path, "verify" | "password/reset") {
                    body["code"] = json!("000000");
                }
                if matches!(path, "register" | "login" | "password/reset") {
                    body["password"] = json!(format!("a good password to {path}"));
                }
                let answer = open(&world, path, body).await;
                (answer.status, String::from_utf8(answer.bytes).expect("text").replace(email, "x"))
            };
            assert_eq!(ask("ana@uni.example").await, ask("zoe@uni.example").await, "{path}");
        }
    }

    /// Hashing a password takes as long without an account, and so does waiting for the disk: whatever is asked about an
    /// address writes something.
    async fn what_is_asked_about_an_address_is_written_whether_or_not_it_is_registered(world: Free) {
        world.sign_up("ana@uni.example", "Ana").await;
        let mut before = trace(&world).await;
        for email in ["ana@uni.example", "zoe@uni.example", "zoe@elsewhere.example"] {
            for path in ["verify", "verify/resend", "password/forgot", "password/reset"] {
                let body = json!({"email": email, "code": "000000", "password": "a good password to keep"});
                let fields: &[&str] = match path {
                    "verify" => &["email", "code"],
                    "password/reset" => &["email", "code", "password"],
                    _ => &["email"],
                };
                let body = fields.iter().map(|field| ((*field).to_owned(), body[field].clone())).collect();
                open(&world, path, Value::Object(body)).await;
                let after = trace(&world).await;
                assert_ne!(after, before, "{path} of {email}");
                before = after;
            }
        }
    }

    async fn a_code_may_be_tried_five_times(world: Free) {
        let email = "ana@uni.example";
        register(&world, email).await.expect(202);
        let code = world.code(email).await;
        for _ in 0..5 {
            verify(&world, email, other_than(&code)).await.expect(422);
        }
        verify(&world, email, &code).await.expect(422);
        world.wait(MINUTE);
        open(&world, "verify/resend", json!({"email": email})).await.expect(202);
        verify(&world, email, &world.code(email).await).await.expect(200);
    }

    async fn another_code_is_mailed_after_a_minute_and_each_ends(world: Free) {
        let email = "ana@uni.example";
        register(&world, email).await.expect(202);
        let first = world.code(email).await;
        open(&world, "verify/resend", json!({"email": email})).await.expect(202);
        assert_eq!(mails(&world, email).await, 1);
        world.wait(MINUTE);
        open(&world, "verify/resend", json!({"email": email})).await.expect(202);
        assert_eq!(mails(&world, email).await, 2);
        let second = world.code(email).await;
        if first != second {
            verify(&world, email, &first).await.expect(422);
        }
        world.wait(10 * MINUTE);
        verify(&world, email, &second).await.expect(422);
    }

    /// A stranger registers the address first, last, and in between: the code of a mail opens what it was mailed for.
    async fn a_code_opens_the_registration_it_was_mailed_for(world: Free) {
        for mine in 0..3 {
            let email = &format!("ana{mine}@uni.example");
            let mut code = String::new();
            for number in 0..3 {
                let password = format!("a good password {number}");
                let body = json!({"email": email, "password": password, "name": format!("Ana {number}")});
                open(&world, "register", body).await.expect(202);
                let mailed = world.code(email).await;
                if number == mine {
                    code = mailed;
                }
                world.wait(Duration::from_millis(1));
            }
            assert_eq!(mails(&world, email).await, 3, "each registration has a code of its own");
            let session = verify(&world, email, &code).await.expect(200);
            assert_eq!(session.text("/user/name"), format!("Ana {mine}"));
            for number in 0..3 {
                let status = if number == mine { 200 } else { 401 };
                login(&world, email, &format!("a good password {number}")).await.expect(status);
            }
        }
    }

    async fn the_codes_of_other_registrations_end_with_the_first_that_is_used(world: Free) {
        let email = "ana@uni.example";
        register(&world, email).await.expect(202);
        let first = world.code(email).await;
        world.wait(Duration::from_millis(1));
        register(&world, email).await.expect(202);
        let second = world.code(email).await;
        verify(&world, email, &second).await.expect(200);
        verify(&world, email, &first).await.expect(422);
    }

    /// Nobody can tell who asks for another code, so it takes over nobody's password.
    async fn another_code_for_an_address_registered_twice_brings_no_password(world: Free) {
        let email = "ana@uni.example";
        for number in 0..2 {
            let body = json!({"email": email, "password": format!("a good password {number}"), "name": "Ana"});
            open(&world, "register", body).await.expect(202);
        }
        world.drain(Kind::Mail).await;
        world.wait(MINUTE);
        open(&world, "verify/resend", json!({"email": email})).await.expect(202);
        assert_eq!(mails(&world, email).await, 3);
        verify(&world, email, &world.code(email).await).await.expect(200);
        for number in 0..2 {
            login(&world, email, &format!("a good password {number}")).await.expect(401);
        }
        world.wait(MINUTE);
        open(&world, "password/forgot", json!({"email": email})).await.expect(202);
        let body = json!({"email": email, "code": world.code(email).await, "password": "my own good password"});
        open(&world, "password/reset", body).await.expect(204);
        login(&world, email, "my own good password").await.expect(200);
    }

    async fn wrong_codes_count_against_every_registration_of_an_address(world: Free) {
        let email = "ana@uni.example";
        register(&world, email).await.expect(202);
        let first = world.code(email).await;
        world.wait(Duration::from_millis(1));
        register(&world, email).await.expect(202);
        let second = world.code(email).await;
        let wrong = ["000000", "000001", "000002"].into_iter().find(|code| ![&first, &second].contains(&&(*code).to_owned()));
        for _ in 0..5 {
            verify(&world, email, wrong.expect("one of three")).await.expect(422);
        }
        verify(&world, email, &first).await.expect(422);
        verify(&world, email, &second).await.expect(422);
    }

    async fn only_the_newest_registrations_of_an_address_wait(world: Free) {
        let email = "ana@uni.example";
        let mut codes = Vec::new();
        for _ in 0..6 {
            register(&world, email).await.expect(202);
            codes.push(world.code(email).await);
            world.wait(Duration::from_millis(1));
        }
        let oldest = codes.remove(0);
        if !codes.contains(&oldest) {
            verify(&world, email, &oldest).await.expect(422);
        }
        verify(&world, email, &codes[0]).await.expect(200);
    }

    async fn only_the_right_password_learns_that_an_account_is_unverified(world: World) {
        let email = "ana@uni.example";
        register(&world, email).await.expect(202);
        let wrong = login(&world, email, "not this password").await.expect(401);
        assert_eq!(code_of(&wrong), "unauthenticated");
        assert_eq!(code_of(&login(&world, email, PASSWORD).await.expect(403)), "unverified");
        open(&world, "password/forgot", json!({"email": email})).await.expect(202);
        assert_eq!(mails(&world, email).await, 1, "a reset is no way around the confirmation");
    }

    async fn a_refresh_token_rotates_and_its_reuse_ends_the_session(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let next = refresh(&world, &ana.refresh).await.expect(200);
        let successor = next.text("/refresh_token");
        assert_ne!(successor, ana.refresh);
        world.wait(Duration::from_secs(15));
        let again = refresh(&world, &ana.refresh).await.expect(200);
        assert_eq!(again.text("/refresh_token"), successor, "two commands that refresh at once agree");
        world.wait(Duration::from_secs(1));
        refresh(&world, &ana.refresh).await.expect(401);
        refresh(&world, &successor).await.expect(401);
        assert_eq!(status(&world, &next.text("/access_token")).await, 401);
    }

    async fn simultaneous_refreshes_get_one_successor(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let (one, other) = tokio::join!(refresh(&world, &ana.refresh), refresh(&world, &ana.refresh));
        assert_eq!(one.expect(200).text("/refresh_token"), other.expect(200).text("/refresh_token"));
    }

    async fn access_ends_after_a_quarter_of_an_hour_and_a_session_after_a_month(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.wait(15 * MINUTE - Duration::from_secs(1));
        assert_eq!(status(&world, &ana.token).await, 200);
        world.wait(Duration::from_secs(1));
        let expired = world.get(&ana, "/api/users/me").await.expect(401);
        assert_eq!(code_of(&expired), "token_expired");
        let session = refresh(&world, &ana.refresh).await.expect(200);
        assert_eq!(status(&world, &session.text("/access_token")).await, 200);
        world.wait(30 * DAY);
        refresh(&world, &session.text("/refresh_token")).await.expect(401);
    }

    async fn logging_out_ends_the_session(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.post(&ana, "/api/auth/logout", Value::Null).await.expect(204);
        assert_eq!(code_of(&world.get(&ana, "/api/users/me").await.expect(401)), "unauthenticated");
        refresh(&world, &ana.refresh).await.expect(401);
    }

    async fn sessions_are_listed_and_revoked_one_by_one(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let laptop = login(&world, &ana.email, PASSWORD).await.expect(200).text("/access_token");
        let listed = world.get(&ana, "/api/auth/sessions").await.expect(200).json();
        let sessions = listed["sessions"].as_array().expect("a list");
        assert_eq!(sessions.len(), 2);
        let other = sessions.iter().find(|session| session["current"] == false).expect("the other one");
        assert_eq!(other["device"], "laptop");
        let path = format!("/api/auth/sessions/{}", other["id"].as_str().expect("an id"));
        world.call(&ana.token, "DELETE", &path, Value::Null).await.expect(204);
        assert_eq!((status(&world, &laptop).await, status(&world, &ana.token).await), (401, 200));
        world.call(&ana.token, "DELETE", &path, Value::Null).await.expect(404);
    }

    async fn a_changed_password_ends_all_other_sessions(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let laptop = login(&world, &ana.email, PASSWORD).await.expect(200);
        let change = async |current: &str, new: &str| {
            world.call(&ana.token, "PUT", "/api/auth/password", json!({"current": current, "new": new})).await
        };
        let wrong = change("not this password", "a new good password").await.expect(422);
        assert_eq!(faults(&wrong), [("current", "wrong_password")]);
        assert_eq!(faults(&change(PASSWORD, "qwertyuiop").await.expect(422)), [("new", "too_weak")]);
        change(PASSWORD, "a new good password").await.expect(204);
        assert_eq!(status(&world, &laptop.text("/access_token")).await, 401);
        refresh(&world, &laptop.text("/refresh_token")).await.expect(401);
        assert_eq!(status(&world, &ana.token).await, 200);
        login(&world, &ana.email, PASSWORD).await.expect(401);
        login(&world, &ana.email, "a new good password").await.expect(200);
    }

    async fn a_forgotten_password_is_reset_by_mail(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.wait(MINUTE);
        open(&world, "password/forgot", json!({"email": ana.email})).await.expect(202);
        let code = world.code(&ana.email).await;
        let reset = async |code: &str, password: &str| {
            open(&world, "password/reset", json!({"email": ana.email, "code": code, "password": password})).await
        };
        reset(other_than(&code), "a new good password").await.expect(422);
        assert_eq!(faults(&reset(&code, "short").await.expect(422)), [("password", "too_short")]);
        reset(&code, "a new good password").await.expect(204);
        reset(&code, "another good password").await.expect(422);
        assert_eq!(status(&world, &ana.token).await, 401);
        login(&world, &ana.email, "a new good password").await.expect(200);
    }

    async fn a_code_for_one_purpose_does_not_serve_another(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.wait(MINUTE);
        open(&world, "password/forgot", json!({"email": ana.email})).await.expect(202);
        verify(&world, &ana.email, &world.code(&ana.email).await).await.expect(422);
    }

    async fn access_tokens_do_what_their_scopes_say(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let (_, read) = personal(&world, &ana, &["read"]).await;
        let (_, write) = personal(&world, &ana, &["write"]).await;
        let lamp = json!({"title": "A lamp", "price": 5, "category": "other", "condition": "good", "draft": true});
        world.call(&read, "GET", "/api/items", Value::Null).await.expect(200);
        let refused = world.call(&read, "POST", "/api/items", lamp.clone()).await.expect(403);
        assert_eq!(code_of(&refused), "forbidden");
        world.call(&write, "POST", "/api/items", lamp).await.expect(201);
        world.call(&write, "GET", "/api/items", Value::Null).await.expect(200);
        let session = world.get(&ana, "/api/auth/sessions").await.text("/sessions/0/id");
        for (method, path, body) in [
            ("POST", "/api/auth/tokens", json!({"name": "more", "scopes": ["write"]})),
            ("PUT", "/api/auth/password", json!({"current": PASSWORD, "new": "a new good password"})),
            ("DELETE", &format!("/api/auth/sessions/{session}"), Value::Null),
            ("DELETE", "/api/users/me", json!({"password": PASSWORD})),
            ("POST", "/api/auth/logout", Value::Null),
        ] {
            world.call(&write, method, path, body).await.expect(403);
        }
    }

    async fn access_tokens_are_shown_once_and_end(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let (id, token) = personal(&world, &ana, &["read"]).await;
        assert_eq!(status(&world, &token).await, 200);
        let listed = world.get(&ana, "/api/auth/tokens").await.expect(200);
        assert!(!String::from_utf8_lossy(&listed.bytes).contains(&token));
        assert_eq!(listed.json()["tokens"][0]["last_used_at"], START.to_string());
        world.call(&ana.token, "DELETE", &format!("/api/auth/tokens/{id}"), Value::Null).await.expect(204);
        assert_eq!(status(&world, &token).await, 401);
        let (_, token) = personal(&world, &ana, &["read"]).await;
        world.wait(DAY);
        assert_eq!(status(&world, &token).await, 401);
    }

    async fn a_repeated_request_shows_the_same_access_token(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ask = async || {
            let body = json!({"name": "script", "scopes": ["read"]});
            let key = [("idempotency-key", "k")];
            world.call_with(&ana.token, "POST", "/api/auth/tokens", body, &key).await.expect(201).json()
        };
        assert_eq!(ask().await, ask().await);
        let bad = json!({"name": "", "scopes": ["reed"], "expires_in_days": 0});
        let answer = world.post(&ana, "/api/auth/tokens", bad).await.expect(422);
        let expected = [("name", "required"), ("scopes[0]", "invalid"), ("expires_in_days", "out_of_range")];
        assert!(expected.iter().all(|fault| faults(&answer).contains(fault)), "{:?}", faults(&answer));
    }

    async fn a_profile_is_merged_and_cleared(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let edit = async |body: Value, tag: &str| {
            let headers: &[(&str, &str)] = if tag.is_empty() { &[] } else { &[("if-match", tag)] };
            world.call_with(&ana.token, "PATCH", "/api/users/me", body, headers).await
        };
        let before = world.get(&ana, "/api/users/me").await.header("etag");
        let edited = edit(json!({"residence": "North 12", "phone": "+1 555"}), &before).await.expect(200);
        assert_eq!(edited.json()["residence"], "North 12");
        edit(json!({"name": "Bea"}), &before).await.expect(412);
        let cleared = edit(json!({"phone": null, "hide_presence": true}), &edited.header("etag")).await.expect(200).json();
        assert_eq!(json!([cleared["name"], cleared["residence"], cleared["phone"]]), json!(["Ana", "North 12", null]));
        assert_eq!(faults(&edit(json!({"name": null}), "").await.expect(422)), [("name", "required")]);
        let answer = edit(json!({"role": "admin", "tokens": 99, "status": "active"}), "").await.expect(422);
        assert!(faults(&answer).iter().all(|(_, code)| *code == "unknown_field"));
        let tag = world.get(&ana, "/api/users/me").await.header("etag");
        let same = world.call_with(&ana.token, "GET", "/api/users/me", Value::Null, &[("if-none-match", &tag)]).await;
        assert_eq!((same.status.as_u16(), same.bytes.len()), (304, 0));
    }

    async fn others_see_the_public_side_only(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let shown = world.get(&ben, &format!("/api/users/{}", ana.id)).await.expect(200).json();
        let mut fields: Vec<&str> = shown.as_object().expect("an object").keys().map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["id", "items_active", "joined", "last_seen", "name", "online", "rating", "review_count"]);
    }

    async fn a_deleted_account_leaves_nothing_to_use(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let delete = async |password: &str| {
            world.call(&ana.token, "DELETE", "/api/users/me", json!({"password": password})).await
        };
        assert_eq!(faults(&delete("not this password").await.expect(422)), [("password", "wrong_password")]);
        delete(PASSWORD).await.expect(204);
        assert_eq!(status(&world, &ana.token).await, 401);
        refresh(&world, &ana.refresh).await.expect(401);
        login(&world, &ana.email, PASSWORD).await.expect(401);
        world.get(&ben, &format!("/api/users/{}", ana.id)).await.expect(404);
        world.get(&ben, &format!("/api/items/{item}")).await.expect(404);
        world.wait(MINUTE);
        let again = world.sign_up("ana@uni.example", "Ana").await;
        assert_ne!(again.id, ana.id);
        let tokens = world.get(&again, "/api/users/me").await.json()["tokens"].clone();
        assert_eq!(tokens, 0, "the first tokens are given once per address");
    }

    async fn forged_and_confused_tokens_are_refused(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        for token in forgeries(&world, &ana, &ben) {
            let header = format!("Bearer {token}");
            let headers = [("authorization", header.as_str())];
            let answer = world.call_with("", "GET", "/api/users/me", Value::Null, &headers).await;
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{token}");
            assert_eq!(code_of(&answer.expect(401)), "unauthenticated", "{token}");
        }
        for header in ["Bearer", "Basic YTpi", &ana.token, &format!("Token {}", ana.token)] {
            let headers = [("authorization", header)];
            world.call_with("", "GET", "/api/users/me", Value::Null, &headers).await.expect(401);
        }
        refresh(&world, &ana.token).await.expect(401);
        assert_eq!(status(&world, &refresh(&world, &ana.refresh).await.expect(200).text("/access_token")).await, 200);
    }
}

/// Access tokens for Ana that are none.
fn forgeries(world: &World, ana: &Person, ben: &Person) -> Vec<String> {
    let keys = &world.app.keys;
    let claims = keys.verify(&ana.token, START).expect("claims");
    let bens = keys.verify(&ben.token, START).expect("claims");
    let key = |kid: &str, secret: &str| {
        vec![SigningKey { kid: kid.to_owned(), secret: secret.to_owned(), created_at: START }]
    };
    keys.set_signing(key("ours", "our secret"));
    let by_another_key = |kid: &str| Keys::new(key(kid, "a guess"), [1; 32]).sign(&claims).expect("a token");
    let genuine = keys.sign(&claims).expect("a token");
    let parts: Vec<&str> = genuine.split('.').collect();
    let [head, body, signature] = parts[..] else { panic!("three parts") };
    let mut forged = vec![
        // The key that signed this one is gone.
        ana.token.clone(),
        String::new(),
        "null".to_owned(),
        "..".to_owned(),
        format!("{head}.{body}."),
        format!("{head}.{body}"),
        format!("{genuine}.{signature}"),
        format!(".{body}.{signature}"),
        format!("{head}..{signature}"),
        format!("{head}.{body}.{}", "A".repeat(43)),
        ana.refresh.clone(),
        ana.refresh.replace("czr_", "czp_"),
        "czp_".to_owned(),
        format!("czp_{}", "A".repeat(86)),
        by_another_key("ours"),
        by_another_key("another"),
        by_another_key(""),
        // Signed by us, but user and session do not belong together.
        keys.sign(&Claims { sid: bens.sid, ..claims.clone() }).expect("a token"),
        keys.sign(&Claims { sub: bens.sub, ..claims.clone() }).expect("a token"),
    ];
    for algorithm in ["none", "None", "NONE", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"] {
        let head = base64(&json!({"typ": "JWT", "alg": algorithm, "kid": "ours"}));
        forged.extend([format!("{head}.{body}."), format!("{head}.{body}.{signature}")]);
    }
    for kid in [json!(null), json!("../keys"), json!(7), json!("' OR 1=1 --")] {
        let head = base64(&json!({"typ": "JWT", "alg": "HS256", "kid": kid}));
        forged.push(format!("{head}.{body}.{signature}"));
    }
    let changes =
        [("sub", json!(bens.sub)), ("role", json!("admin")), ("exp", json!(i64::MAX)), ("campus", json!("x"))];
    for (field, value) in changes {
        let mut changed = json!(claims);
        changed[field] = value;
        forged.push(format!("{head}.{}.{signature}", base64(&changed)));
    }
    forged
}

/// URL-safe base 64 without padding, as in a JWT.
fn base64(value: &Value) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let three_bytes = |bytes: &[u8]| {
        let bits = bytes.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - bytes.len()));
        (0..=bytes.len()).map(|digit| char::from(DIGITS[bits >> (18 - 6 * digit) & 63])).collect::<String>()
    };
    value.to_string().as_bytes().chunks(3).map(three_bytes).collect()
}
