//! Blocks, reports, and what moderators and administrators do.

use std::time::Duration;

use campuszon_core::{
    CampusId, UserId,
    permission::{Role, UserStatus},
};
use campuszon_server::users;
use serde_json::{Value, json};

use super::{
    Free, code_of, each, faults, offer,
    routes::{enroll, found, set_status},
};
use crate::{
    on_every_database,
    support::{Answer, Engine, PASSWORD, Person, World},
};

/// What those read who cannot reach somebody, for whatever reason.
const OUT_OF_REACH: &str = "this person cannot be reached at the moment";

/// A campus: Ana sells a lamp, Ben has a chat about it, Cem stands by; Mia moderates, Ada administers.
struct Campus {
    world: Free,
    id: CampusId,
    ana: Person,
    ben: Person,
    cem: Person,
    mia: Person,
    ada: Person,
    lamp: String,
    chat: String,
}

impl std::ops::Deref for Campus {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl Campus {
    async fn new(engine: Engine) -> Self {
        let world = Free::new(engine).await;
        let id = found(&world).await;
        let ana = enroll(&world, id, "Ana", Role::Student).await;
        let ben = enroll(&world, id, "Ben", Role::Student).await;
        let cem = enroll(&world, id, "Cem", Role::Student).await;
        let mia = enroll(&world, id, "Mia", Role::Moderator).await;
        let ada = enroll(&world, id, "Ada", Role::Admin).await;
        let lamp = offer(&world, &ana, "A lamp", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": lamp})).await.expect(201).text("/id");
        Self { world, id, ana, ben, cem, mia, ada, lamp, chat }
    }

    async fn put(&self, who: &Person, path: &str) -> Answer {
        self.call(&who.token, "PUT", path, Value::Null).await
    }

    async fn say(&self, who: &Person, client_id: &str) -> Answer {
        let path = format!("/api/chats/{}/messages", self.chat);
        self.post(who, &path, json!({"client_id": client_id, "body": "hello"})).await
    }

    async fn block(&self, who: &Person, other: &Person) {
        self.put(who, &format!("/api/users/{}/block", other.id)).await.expect(204);
    }

    async fn report(&self, who: &Person, path: &str) -> Answer {
        let answer = self.post(who, &format!("{path}/report"), json!({"reason": "spam"})).await;
        self.pause();
        answer
    }

    /// Lets the clock tick, so that what follows is newer.
    fn pause(&self) {
        self.wait(Duration::from_millis(1));
    }

    /// Acts as a moderator or administrator.
    async fn act(&self, who: &Person, path: &str) -> Answer {
        let answer = self.post(who, &format!("/api/admin/{path}"), json!({"reason": "no spam here"})).await;
        self.pause();
        answer
    }

    async fn list(&self, who: &Person, path: &str) -> Value {
        self.get(who, &format!("/api/admin/{path}")).await.expect(200).json()
    }

    /// What was done last, as action, kind and detail.
    async fn last_act(&self) -> Value {
        let last = self.list(&self.mia, "audit").await["entries"][0].clone();
        json!([last["action"], last["target_kind"], last["detail"], last["actor"]["name"]])
    }

    /// The titles of what somebody was told, in order.
    async fn told(&self, who: &Person) -> Vec<String> {
        let (campus, id): (CampusId, UserId) = (self.id, who.id.parse().expect("an id"));
        let read = self.app.read(move |tx| {
            let sql = "SELECT title || COALESCE(': ' || body, '') FROM notifications
                       WHERE campus_id = ?1 AND user_id = ?2 ORDER BY created_at, id";
            Ok(tx.query(sql, campuszon_server::params![campus, id], |row| row.get(0))?)
        });
        read.await.expect("notifications")
    }
}

on_every_database! {
    async fn the_blocked_cannot_write_and_are_not_told_why(campus: Campus) {
        let (ana, ben) = (&campus.ana, &campus.ben);
        let said = campus.say(ben, "1").await.expect(201).text("/id");
        campus.block(ana, ben).await;
        campus.block(ana, ben).await;
        let path = format!("/api/chats/{}/messages/{said}", campus.chat);
        let edited = campus.call(&ben.token, "PATCH", &path, json!({"body": "something else"})).await;
        assert_eq!(edited.expect(409).text("/detail"), OUT_OF_REACH);
        assert_eq!(campus.say(ben, "2").await.expect(409).text("/detail"), OUT_OF_REACH);
        assert!(campus.say(ana, "2").await.expect(409).text("/detail").contains("you have blocked"));
        campus.say(ben, "1").await.expect(200);
        let desk = offer(&campus, ana, "A desk", json!({})).await;
        let start = async |who: &Person| campus.post(who, "/api/chats", json!({"item_id": desk})).await;
        assert_eq!(start(ben).await.expect(409).text("/detail"), OUT_OF_REACH);
        start(&campus.cem).await.expect(201);
        let bens = offer(&campus, ben, "A chair", json!({})).await;
        let refused = campus.post(ana, "/api/chats", json!({"item_id": bens})).await.expect(409);
        assert!(refused.text("/detail").contains("you have blocked"));
        // What there is can still be read.
        campus.post(ben, "/api/chats", json!({"item_id": campus.lamp})).await.expect(200);
        campus.get(ben, &format!("/api/items/{desk}")).await.expect(200);
        campus.get(ben, &format!("/api/users/{}", ana.id)).await.expect(200);
        assert!(campus.told(ben).await.is_empty());

        for _ in 0..2 {
            let path = format!("/api/users/{}/block", ben.id);
            campus.call(&ana.token, "DELETE", &path, Value::Null).await.expect(204);
        }
        campus.say(ben, "2").await.expect(201);
        start(ben).await.expect(201);
    }

    async fn only_others_who_are_there_can_be_blocked(campus: Campus) {
        let eve = enroll(&campus, found(&campus).await, "Eve", Role::Student).await;
        let uma = enroll(&campus, campus.id, "Uma", Role::Student).await;
        set_status(&campus, campus.id, &uma, UserStatus::Unverified).await;
        campus.put(&campus.ana, &format!("/api/users/{}/block", campus.ana.id)).await.expect(409);
        for other in [&eve, &uma] {
            campus.put(&campus.ana, &format!("/api/users/{}/block", other.id)).await.expect(404);
        }
    }

    async fn a_thing_is_reported_once_by_each(campus: Campus) {
        let said = campus.say(&campus.ana, "1").await.expect(201).text("/id");
        let message = format!("/api/chats/{}/messages/{said}", campus.chat);
        let item = format!("/api/items/{}", campus.lamp);
        let user = format!("/api/users/{}", campus.ana.id);
        for (path, kind) in [(&item, "item"), (&user, "user"), (&message, "message")] {
            let body = json!({"reason": " spam ", "detail": "Twice\r\na day"});
            let made = campus.post(&campus.ben, &format!("{path}/report"), body).await.expect(201).json();
            let fields = json!([made["target_kind"], made["reason"], made["detail"], made["status"]]);
            assert_eq!(fields, json!([kind, "spam", "Twice\na day", "open"]));
            assert!(path.ends_with(made["target_id"].as_str().expect("an id")));
            assert!(campus.report(&campus.ben, path).await.expect(409).text("/detail").contains("already"));
            campus.report(&campus.ana, path).await.expect(409);
        }
        // Only members know of a message.
        campus.report(&campus.cem, &message).await.expect(404);
        let nothing = format!("/api/chats/{}/messages/msg_00000000000000000000000000", campus.chat);
        campus.report(&campus.ben, &nothing).await.expect(404);
        campus.report(&campus.cem, &item).await.expect(201);

        let bad = json!({"reason": "two\nlines", "detail": ""});
        let answer = campus.post(&campus.mia, &format!("{item}/report"), bad).await.expect(422);
        assert_eq!(faults(&answer), [("reason", "forbidden_character"), ("detail", "required")]);
        let key = [("idempotency-key", "k")];
        let body = json!({"reason": "spam"});
        let repeat = async |path: &str| {
            campus.call_with(&campus.mia.token, "POST", &format!("{path}/report"), body.clone(), &key).await
        };
        assert_eq!(repeat(&item).await.expect(201).json(), repeat(&item).await.expect(201).json());
        repeat(&user).await.expect(422);
    }

    async fn many_reports_hide_an_item_until_a_moderator_decides(campus: Campus) {
        let item = format!("/api/items/{}", campus.lamp);
        let mut reporters = Vec::new();
        for _ in 0..5 {
            reporters.push(enroll(&campus, campus.id, "Reporter", Role::Student).await);
        }
        let (last, first) = reporters.split_last().expect("five");
        for reporter in first {
            campus.report(reporter, &item).await.expect(201);
        }
        // One without standing is heard, but hides nothing.
        let wolf = enroll(&campus, campus.id, "Wolf", Role::Student).await;
        for number in 0..3 {
            let desk = offer(&campus, &campus.ana, &format!("Desk {number}"), json!({})).await;
            let report = campus.report(&wolf, &format!("/api/items/{desk}")).await.expect(201).text("/id");
            campus.act(&campus.mia, &format!("reports/{report}/dismiss")).await.expect(200);
        }
        campus.report(&wolf, &item).await.expect(201);
        campus.get(&campus.cem, &item).await.expect(200);

        let report = campus.report(last, &item).await.expect(201).text("/id");
        campus.get(&campus.cem, &item).await.expect(404);
        campus.report(&campus.cem, &item).await.expect(404);
        campus.get(&campus.ana, &item).await.expect(200);
        assert_eq!(campus.last_act().await, json!(["hide", "item", "5 reports", null]));
        assert_eq!(campus.told(&campus.ana).await.len(), 1);
        assert_eq!(each(&campus.list(&campus.mia, "items?hidden=true").await["items"], "id"), std::slice::from_ref(&campus.lamp));
        assert_eq!(campus.list(&campus.mia, "stats").await["items_hidden"], 1);

        let dismissed = campus.act(&campus.mia, &format!("reports/{report}/dismiss")).await.expect(200).json();
        assert_eq!(json!([dismissed["status"], dismissed["note"], dismissed["excerpt"]]), json!(["dismissed", "no spam here", "A lamp"]));
        campus.act(&campus.mia, &format!("reports/{report}/dismiss")).await.expect(409);
        campus.get(&campus.cem, &item).await.expect(200);
        assert_eq!(campus.told(&campus.ana).await.len(), 2);
        assert_eq!(campus.list(&campus.mia, "reports?status=open").await["reports"], json!([]));
        // The same people cannot reopen it.
        for reporter in &reporters {
            campus.report(reporter, &item).await.expect(409);
        }
    }

    async fn a_removed_item_comes_back_as_it_was(campus: Campus) {
        let path = format!("/api/items/{}", campus.lamp);
        campus.report(&campus.ben, &path).await.expect(201);
        let act = async |what: &str| campus.act(&campus.mia, &format!("items/{}/{what}", campus.lamp)).await;
        act("restore").await.expect(409);
        let removed = act("remove").await.expect(200).json();
        assert_eq!(json!([removed["status"], removed["open_reports"], removed["seller"]["name"]]), json!(["removed", 0, "Ana"]));
        act("remove").await.expect(409);
        assert_eq!(campus.last_act().await, json!(["remove", "item", "no spam here", "Mia"]));
        campus.get(&campus.cem, &path).await.expect(404);
        assert_eq!(campus.get(&campus.ana, &path).await.expect(200).json()["status"], "removed");
        assert_eq!(campus.list(&campus.mia, "reports").await["reports"][0]["status"], "upheld");
        campus.report(&campus.ben, &path).await.expect(409);

        assert_eq!(act("restore").await.expect(200).json()["status"], "active");
        campus.get(&campus.cem, &path).await.expect(200);
        let told = campus.told(&campus.ana).await;
        assert_eq!(told, ["A moderator took off A lamp: no spam here", "A moderator brought back A lamp: no spam here"]);
        assert_eq!(campus.list(&campus.mia, "reports").await["reports"][0]["status"], "upheld");
    }

    async fn restoring_a_hidden_item_decides_its_reports(campus: Campus) {
        for number in 0..5 {
            let reporter = enroll(&campus, campus.id, "Reporter", Role::Student).await;
            campus.report(&reporter, &format!("/api/items/{}", campus.lamp)).await.expect(201);
            let hidden = number == 4;
            assert_eq!(campus.list(&campus.mia, "items").await["items"][0]["hidden"], hidden);
        }
        let restored = campus.act(&campus.mia, &format!("items/{}/restore", campus.lamp)).await.expect(200).json();
        assert_eq!(json!([restored["hidden"], restored["open_reports"]]), json!([false, 0]));
        campus.report(&campus.cem, &format!("/api/items/{}", campus.lamp)).await.expect(201);
        assert_eq!(campus.list(&campus.mia, "items").await["items"][0]["hidden"], false);
    }

    async fn suspension_shuts_out_at_once_and_is_taken_back(campus: Campus) {
        let ana = &campus.ana;
        let wish = json!({"name": "script", "scopes": ["read", "write"]});
        let token = campus.post(ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        campus.get(ana, "/api/users/me").await.expect(200);
        let report = campus.report(&campus.ben, &format!("/api/users/{}", ana.id)).await.expect(201).text("/id");
        let act = async |what: &str| campus.act(&campus.mia, &format!("users/{}/{what}", ana.id)).await;
        act("restore").await.expect(409);
        let suspended = act("suspend").await.expect(200).json();
        assert_eq!(json!([suspended["status"], suspended["open_reports"]]), json!(["suspended", 0]));
        act("suspend").await.expect(409);
        assert_eq!(campus.last_act().await, json!(["suspend", "user", "no spam here", "Mia"]));
        for token in [&ana.token, &token] {
            assert_eq!(code_of(&campus.call(token, "GET", "/api/users/me", Value::Null).await.expect(403)), "forbidden");
        }
        let refresh = async || campus.call("", "POST", "/api/auth/refresh", json!({"refresh_token": ana.refresh})).await;
        refresh().await.expect(403);
        refresh().await.expect(403);
        campus.act(&campus.mia, &format!("reports/{report}/dismiss")).await.expect(409);

        // What is theirs stays, but nobody can speak with them.
        assert_eq!(campus.say(&campus.ben, "1").await.expect(409).text("/detail"), OUT_OF_REACH);
        let start = async || campus.post(&campus.cem, "/api/chats", json!({"item_id": campus.lamp})).await;
        assert_eq!(start().await.expect(409).text("/detail"), OUT_OF_REACH);
        campus.get(&campus.cem, &format!("/api/items/{}", campus.lamp)).await.expect(200);

        assert_eq!(act("restore").await.expect(200).json()["status"], "active");
        campus.get(ana, "/api/users/me").await.expect(200);
        refresh().await.expect(200);
        start().await.expect(201);
        let told = campus.told(ana).await;
        assert_eq!(told, ["Your account was suspended: no spam here", "Your account is restored: no spam here"]);
    }

    async fn signing_out_ends_sessions_and_access_tokens(campus: Campus) {
        let ana = &campus.ana;
        let wish = json!({"name": "script", "scopes": ["read"]});
        let token = campus.post(ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        campus.call(&token, "GET", "/api/users/me", Value::Null).await.expect(200);
        let path = format!("users/{}/sign-out", ana.id);
        assert_eq!(campus.act(&campus.mia, &path).await.expect(200).json()["status"], "active");
        assert_eq!(campus.last_act().await, json!(["sign_out", "user", "no spam here", "Mia"]));
        for token in [&ana.token, &token] {
            campus.call(token, "GET", "/api/users/me", Value::Null).await.expect(401);
        }
        campus.call("", "POST", "/api/auth/refresh", json!({"refresh_token": ana.refresh})).await.expect(401);
        campus.get(&campus.ben, "/api/users/me").await.expect(200);
    }

    async fn a_suspended_user_cannot_sign_in(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let campus = world.app.keys.verify(&ana.token, world.app.clock.now()).expect("claims").campus;
        set_status(&world, campus, &ana, UserStatus::Suspended).await;
        let login = async |password: &str| {
            world.call("", "POST", "/api/auth/login", json!({"email": ana.email, "password": password})).await
        };
        assert_eq!(code_of(&login(PASSWORD).await.expect(403)), "forbidden");
        login("not this password").await.expect(401);
    }

    async fn a_warning_upholds_what_was_reported_of_a_user(campus: Campus) {
        let said = campus.say(&campus.ana, "1").await.expect(201).text("/id");
        campus.report(&campus.ben, &format!("/api/chats/{}/messages/{said}", campus.chat)).await.expect(201);
        campus.report(&campus.ben, &format!("/api/items/{}", campus.lamp)).await.expect(201);
        let warn = format!("/api/admin/users/{}/warn", campus.ana.id);
        assert_eq!(faults(&campus.post(&campus.mia, &warn, json!({})).await.expect(422)), [("message", "required")]);
        campus.post(&campus.mia, &warn, json!({"message": "Be kind."})).await.expect(200);
        assert_eq!(campus.told(&campus.ana).await, ["A moderator warns you: Be kind."]);
        assert_eq!(campus.last_act().await, json!(["warn", "user", "Be kind.", "Mia"]));
        let reports = campus.list(&campus.mia, "reports").await["reports"].clone();
        let found: Vec<Value> =
            reports.as_array().expect("reports").iter().map(|one| json!([one["target_kind"], one["status"], one["excerpt"]])).collect();
        assert_eq!(found, [json!(["item", "open", "A lamp"]), json!(["message", "upheld", "hello"])]);
    }

    async fn nobody_acts_on_themselves_and_moderators_not_on_each_other(campus: Campus) {
        let max = enroll(&campus, campus.id, "Max", Role::Moderator).await;
        let acts = async |who: &Person, subject: &Person, expected: u16| {
            let item = offer(&campus, subject, "A thing", json!({})).await;
            let report = campus.report(&campus.cem, &format!("/api/items/{item}")).await.expect(201).text("/id");
            for path in [format!("users/{}/suspend", subject.id), format!("reports/{report}/dismiss"), format!("items/{item}/remove")] {
                let answer = campus.act(who, &path).await;
                assert_eq!(answer.status, expected, "{path}");
            }
        };
        acts(&campus.mia, &campus.mia, 409).await;
        acts(&campus.mia, &max, 403).await;
        acts(&campus.mia, &campus.ada, 403).await;
        acts(&campus.ada, &campus.ada, 409).await;
        // The report of a suspended user's thing is still to be decided.
        acts(&campus.ada, &max, 200).await;
    }

    async fn administrators_make_moderators_and_one_remains(campus: Campus) {
        let role = async |who: &Person, subject: &Person, role: &str| {
            let path = format!("/api/admin/users/{}", subject.id);
            campus.call(&who.token, "PATCH", &path, json!({"role": role})).await
        };
        campus.get(&campus.cem, "/api/admin/reports").await.expect(403);
        assert_eq!(role(&campus.ada, &campus.cem, "moderator").await.expect(200).json()["role"], "moderator");
        campus.get(&campus.cem, "/api/admin/reports").await.expect(200);
        assert_eq!(campus.last_act().await, json!(["set_role", "user", "moderator", "Ada"]));
        assert_eq!(campus.told(&campus.cem).await, ["You are now: moderator"]);
        role(&campus.mia, &campus.cem, "student").await.expect(403);
        role(&campus.ada, &campus.ada, "student").await.expect(409);
        assert_eq!(faults(&role(&campus.ada, &campus.cem, "king").await.expect(422)), [("role", "invalid")]);
        role(&campus.ada, &campus.cem, "student").await.expect(200);
        campus.get(&campus.cem, "/api/admin/reports").await.expect(403);

        // Two who demote each other at the same moment: whoever comes second is none any more.
        role(&campus.ada, &campus.cem, "admin").await.expect(200);
        let (one, other) = tokio::join!(role(&campus.ada, &campus.cem, "student"), role(&campus.cem, &campus.ada, "student"));
        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 403]);
        let admins = [&campus.ada, &campus.cem];
        let mut left = 0;
        for admin in admins {
            left += usize::from(campus.get(admin, "/api/admin/vouchers").await.status == 200);
        }
        assert_eq!(left, 1);
    }

    async fn users_are_found_for_moderators(campus: Campus) {
        let names = async |query: &str| each(&campus.list(&campus.mia, &format!("users{query}")).await["users"], "name");
        assert_eq!(names("?role=moderator").await, ["Mia"]);
        assert_eq!(names("?q=aN&status=active").await, ["Ana"]);
        assert_eq!(names(&format!("?q={}", campus.ben.id)).await, ["Ben"]);
        assert!(names("?q=%25").await.is_empty());
        assert_eq!(names("?status=suspended").await, [""; 0]);
        let first = campus.list(&campus.mia, "users?limit=2").await;
        let cursor = first["next_cursor"].as_str().expect("a cursor").to_owned();
        let rest = names(&format!("?cursor={cursor}")).await;
        assert_eq!((first["users"].as_array().map(Vec::len), rest.len()), (Some(2), 3));
        // A cursor belongs to its filters.
        campus.get(&campus.mia, &format!("/api/admin/users?role=admin&cursor={cursor}")).await.expect(422);
        let answer = campus.get(&campus.mia, "/api/admin/users?status=gone&role=king").await.expect(422);
        assert_eq!(faults(&answer), [("status", "invalid"), ("role", "invalid")]);
        let stats = campus.list(&campus.mia, "stats").await;
        assert_eq!(json!([stats["users_active"], stats["items_listed"], stats["connections"]]), json!([5, 1, 0]));
    }

    /// What is written is not changed, by nobody.
    async fn the_audit_log_is_only_added_to(campus: Campus) {
        campus.act(&campus.mia, &format!("users/{}/suspend", campus.ana.id)).await.expect(200);
        for change in ["UPDATE audit SET detail = 'x'", "DELETE FROM audit"] {
            let refused = campus.app.write(move |tx| Ok(tx.execute(change, &[])?)).await;
            assert!(refused.is_err_and(|error| error.to_string().contains("append-only")), "{change}");
        }
        assert_eq!(campus.list(&campus.mia, "audit").await["entries"].as_array().map(Vec::len), Some(1));
    }

    async fn a_deleted_user_is_nobody_to_act_on(campus: Campus) {
        let (id, ana): (CampusId, UserId) = (campus.id, campus.ana.id.parse().expect("an id"));
        campus.app.write(move |tx| Ok(users::store::erase_user(tx, id, ana)?)).await.expect("a write");
        for act in ["suspend", "restore", "grant"] {
            let path = format!("/api/admin/users/{}/{act}", campus.ana.id);
            let body = if act == "grant" { json!({"tokens": 1}) } else { json!({}) };
            campus.post(&campus.ada, &path, body).await.expect(404);
        }
    }
}
