//! Campuses: those that the settings list, and those that administrators make.

use std::time::Duration;

use campuszon_core::form::Form;
use campuszon_server::{
    Error,
    settings::Settings,
    users::{
        campus,
        service::{self, NewAdministrator},
    },
};
use serde_json::{Map, Value, json};

use super::{Free, code_of, each, faults, offer};
use crate::{
    on_every_database,
    support::{PASSWORD, Person, World},
};

/// Somebody who signs in as an administrator.
pub(super) async fn administrator(world: &World) -> Person {
    let fields = json!({"email": "root@uni.example", "password": PASSWORD});
    let fields: Map<String, Value> = fields.as_object().cloned().expect("an object");
    let new = NewAdministrator::read(Form::json(fields)).expect("fields");
    let user = service::make_administrator(&world.app, new).await.expect("an administrator");
    let body = json!({"email": user.email, "password": PASSWORD});
    let session = world.call("", "POST", "/api/auth/login", body).await.expect(200);
    Person {
        email: user.email,
        id: user.id.to_string(),
        token: session.text("/access_token"),
        refresh: session.text("/refresh_token"),
    }
}

/// What a start of the server with these campuses says.
async fn start(world: &World, campuses: &str) -> Result<(), Error> {
    let settings = Settings::load(Some(("test", &format!("campuses = {campuses}"))), []).expect("settings");
    world.app.write(move |tx| campus::ensure_listed(tx, &settings)).await
}

/// The campuses as administrators see them: name, domains and how many accounts.
async fn listed(world: &World, root: &Person) -> Vec<(String, Vec<String>, i64)> {
    let list = world.get(root, "/api/admin/campuses").await.expect(200).json();
    let campus = |campus: &Value| {
        let domains = campus["domains"].as_array().expect("domains").iter();
        let domains = domains.map(|domain| domain.as_str().expect("a domain").to_owned());
        (
            campus["name"].as_str().expect("a name").to_owned(),
            domains.collect(),
            campus["users"].as_i64().expect("a count"),
        )
    };
    list["campuses"].as_array().expect("campuses").iter().map(campus).collect()
}

on_every_database! {
    async fn two_domains_are_one_campus_where_it_lists_both(world: Free) {
        start(&world, r#"[{ name = "Uni", domains = ["uni.example", "student.uni.example"] }]"#).await.expect("a start");
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@student.uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        world.get(&ben, &format!("/api/items/{item}")).await.expect(200);
        assert_eq!(world.get(&ben, "/api/users/me").await.text("/campus"), "Uni");
    }

    async fn a_campus_grows_into_the_list_and_is_renamed(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        assert_eq!(world.get(&ana, "/api/users/me").await.text("/campus"), "uni.example");
        for name in ["Uni", "University", "University"] {
            let list = format!(r#"[{{ name = "{name}", domains = ["student.uni.example", "uni.example"] }}]"#);
            start(&world, &list).await.expect("a start");
            assert_eq!(world.get(&ana, "/api/users/me").await.text("/campus"), name);
        }
        let root = administrator(&world).await;
        let domains = ["student.uni.example", "uni.example"].map(str::to_owned).to_vec();
        assert_eq!(listed(&world, &root).await, [("University".to_owned(), domains, 2)]);
    }

    async fn campuses_with_accounts_do_not_become_one(world: Free) {
        world.sign_up("ana@uni.example", "Ana").await;
        world.wait(Duration::from_secs(1));
        world.sign_up("ben@student.uni.example", "Ben").await;
        let list = r#"[{ name = "Uni", domains = ["uni.example", "student.uni.example"] }]"#;
        let refused = start(&world, list).await.expect_err("a refusal").to_string();
        assert!(refused.contains("uni.example") && refused.contains("that of 1 account there"), "{refused}");
        // Nothing of it was done.
        let root = administrator(&world).await;
        let names: Vec<String> = listed(&world, &root).await.into_iter().map(|campus| campus.0).collect();
        assert_eq!(names, ["student.uni.example", "uni.example"]);
    }

    async fn campuses_that_split_up_keep_who_they_are(world: Free) {
        start(&world, r#"[{ name = "Old", domains = ["a.example", "b.example"] }]"#).await.expect("a start");
        let ana = world.sign_up("ana@a.example", "Ana").await;
        let list = r#"[{ name = "New", domains = ["b.example"] }, { name = "Old", domains = ["a.example"] }]"#;
        start(&world, list).await.expect("a start");
        assert_eq!(world.get(&ana, "/api/users/me").await.text("/campus"), "Old");
        let ben = world.sign_up("ben@b.example", "Ben").await;
        assert_eq!(world.get(&ben, "/api/users/me").await.text("/campus"), "New");
    }

    async fn administrators_make_and_change_campuses(world: Free) {
        let root = administrator(&world).await;
        world.wait(Duration::from_secs(1));
        let wish = json!({"name": "Tech", "domains": ["Tech.Example", "students.tech.example"]});
        let made = world.post(&root, "/api/admin/campuses", wish.clone()).await.expect(201);
        assert_eq!(made.json()["domains"], json!(["students.tech.example", "tech.example"]));
        world.post(&root, "/api/admin/campuses", wish).await.expect(409);
        let ana = world.sign_up("ana@tech.example", "Ana").await;
        assert_eq!(world.get(&ana, "/api/users/me").await.text("/campus"), "Tech");

        let path = format!("/api/admin/campuses/{}", made.text("/id"));
        let edit = async |body: Value| world.call(&root.token, "PATCH", &path, body).await;
        let change = json!({"name": "Institute", "add_domains": ["alumni.tech.example"], "remove_domains": ["students.tech.example"]});
        let changed = edit(change).await.expect(200).json();
        assert_eq!((&changed["name"], &changed["users"]), (&json!("Institute"), &json!(1)));
        assert_eq!(changed["domains"], json!(["alumni.tech.example", "tech.example"]));
        let used = edit(json!({"remove_domains": ["tech.example"]})).await.expect(409);
        assert_eq!(code_of(&used), "conflict");
        edit(json!({"name": "uni.example"})).await.expect(409);
        edit(json!({"add_domains": ["uni.example"]})).await.expect(409);
        assert_eq!(faults(&edit(json!({"add_domains": ["gmail.com"]})).await.expect(422)), [("add_domains", "domain_not_accepted")]);
        assert_eq!(faults(&edit(json!({"add_domains": ["nonsense"]})).await.expect(422)).len(), 1);
        world.call(&root.token, "PATCH", "/api/admin/campuses/cmp_00000000000000000000000000", json!({})).await.expect(404);

        let page = world.get(&root, "/api/admin/campuses?limit=1").await.expect(200).json();
        assert_eq!(each(&page["campuses"], "name"), ["Institute"]);
        let cursor = page["next_cursor"].as_str().expect("another page");
        let rest = world.get(&root, &format!("/api/admin/campuses?cursor={cursor}")).await.expect(200).json();
        assert_eq!(each(&rest["campuses"], "name"), ["uni.example"]);
        let acts: i64 = world.app.read(|tx| Ok(tx.one("SELECT COUNT(*) FROM audit", &[], |row| row.get(0))?)).await.expect("a count");
        assert_eq!(acts, 2);
    }

    async fn students_do_not_look_after_campuses(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        world.get(&ana, "/api/admin/campuses").await.expect(403);
        let wish = json!({"name": "Tech", "domains": ["tech.example"]});
        world.post(&ana, "/api/admin/campuses", wish).await.expect(403);
        let path = "/api/admin/campuses/cmp_00000000000000000000000000";
        world.call(&ana.token, "PATCH", path, json!({"name": "Mine"})).await.expect(403);
    }
}
