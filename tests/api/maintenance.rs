//! Maintenance: administrators alone are served, and everybody else is told so.

use std::time::Duration;

use campuszon_core::{permission::Role, wire::maintenance::Maintenance};
use campuszon_server::{platform::maintenance, trust::maintenance::node};
use serde_json::{Value, json};

use super::{
    Free, again,
    campuses::administrator,
    code_of, faults,
    routes::{enroll, found},
};
use crate::{
    on_every_database,
    support::{Answer, PASSWORD, Person, START, World},
};

const PATH: &str = "/api/admin/maintenance";

async fn begin(world: &World, who: &Person, body: Value) -> Answer {
    world.call(&who.token, "PUT", PATH, body).await
}

/// What somebody is told who is not served.
async fn refused(world: &World, token: &str, method: &str, path: &str) -> String {
    let answer = world.call(token, method, path, Value::Null).await.expect(503);
    assert_eq!((code_of(&answer), answer.header("retry-after")), ("maintenance".to_owned(), "60".to_owned()));
    answer.text("/detail")
}

on_every_database! {
    async fn administrators_alone_are_served(world: Free) {
        let campus = found(&world).await;
        let root = administrator(&world).await;
        let mia = enroll(&world, campus, "Mia", Role::Moderator).await;
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let begun = begin(&world, &root, json!({"message": " Back at six "})).await.expect(200).json();
        assert_eq!(begun, json!({"on": true, "message": "Back at six", "since": START}));

        for (method, path) in [("GET", "/api/items"), ("POST", "/api/items"), ("GET", "/api/ws"), ("GET", "/api/nothing"), ("DELETE", PATH)] {
            for token in ["", "nonsense", &ana.token, &mia.token] {
                assert_eq!(refused(&world, token, method, path).await, "the server is under maintenance: Back at six");
            }
        }
        let account = json!({"email": "new@uni.example", "password": PASSWORD, "name": "New"});
        world.call("", "POST", "/api/auth/register", account).await.expect(503);
        world.get(&root, "/api/items").await.expect(200);
        world.get(&root, "/api/nothing").await.expect(404);
        assert_eq!(world.get(&root, PATH).await.expect(200).json(), begun);

        world.call(&root.token, "DELETE", PATH, Value::Null).await.expect(204);
        world.get(&ana, "/api/items").await.expect(200);
        assert_eq!(world.get(&root, PATH).await.json(), json!({"on": false, "message": null, "since": null}));
        assert_eq!(world.call("", "GET", "/api/meta", Value::Null).await.json()["maintenance"], Value::Null);
    }

    async fn administrators_come_in_and_everybody_sees_why(world: Free) {
        let root = administrator(&world).await;
        begin(&world, &root, json!({})).await.expect(200);
        for path in ["/healthz", "/readyz", "/docs/", "/docs/protocol", "/api/openapi.json"] {
            world.call("", "GET", path, Value::Null).await.expect(200);
        }
        let meta = world.call("", "GET", "/api/meta", Value::Null).await.expect(200).json();
        assert_eq!(meta["maintenance"], json!({"message": null, "since": START}));
        let metrics = world.call("", "GET", "/metrics", Value::Null).await.expect(200).bytes;
        assert!(String::from_utf8(metrics).expect("text").contains("\ncampuszon_maintenance 1\n"));
        assert_eq!(refused(&world, "", "GET", "/api/items").await, "the server is under maintenance: try again later");

        // Whose access token has ended may be an administrator, and is told to renew it.
        world.wait(Duration::from_secs(16 * 60));
        assert_eq!(code_of(&world.get(&root, "/api/items").await.expect(401)), "token_expired");
        let renewed = world.call("", "POST", "/api/auth/refresh", json!({"refresh_token": root.refresh})).await.expect(200);
        let root = Person { token: renewed.text("/access_token"), ..root };
        world.get(&root, "/api/items").await.expect(200);
        let elsewhere = again(&world, &root).await;
        world.call(&elsewhere.token, "POST", "/api/auth/logout", json!({})).await.expect(204);
        world.call(&root.token, "DELETE", PATH, Value::Null).await.expect(204);
    }

    async fn what_is_said_may_change_and_is_written_down(world: Free) {
        let root = administrator(&world).await;
        world.call(&root.token, "DELETE", PATH, Value::Null).await.expect(204);
        assert_eq!(faults(&begin(&world, &root, json!({"message": "x".repeat(301)})).await.expect(422)), [("message", "too_long")]);
        assert_eq!(faults(&begin(&world, &root, json!({"message": "two\nlines"})).await.expect(422)), [("message", "forbidden_character")]);
        begin(&world, &root, json!({"message": "Back at six"})).await.expect(200);
        world.wait(Duration::from_secs(60));
        let later = begin(&world, &root, json!({"message": "Back at seven"})).await.expect(200).json();
        assert_eq!(later, json!({"on": true, "message": "Back at seven", "since": START}));
        world.wait(Duration::from_secs(60));
        world.call(&root.token, "DELETE", PATH, Value::Null).await.expect(204);
        let audit = world.get(&root, "/api/admin/audit").await.expect(200).json();
        let acts: Vec<_> = audit["entries"].as_array().expect("acts").iter().map(|act| json!([act["action"], act["target_kind"], act["detail"]])).collect();
        let begun = |detail| json!(["begin_maintenance", "server", detail]);
        assert_eq!(acts, [json!(["end_maintenance", "server", null]), begun("Back at seven"), begun("Back at six")]);
    }

    async fn what_was_said_to_another_node_holds_here(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let said = Maintenance { message: Some("Back at six".to_owned()), since: START };
        world.app.write(move |tx| maintenance::store(tx, &said)).await.expect("a write");
        world.get(&ana, "/api/items").await.expect(200);
        node::learn(&world.app).await.expect("a look");
        world.get(&ana, "/api/items").await.expect(503);
        world.app.write(maintenance::clear).await.expect("a write");
        node::learn(&world.app).await.expect("a look");
        world.get(&ana, "/api/items").await.expect(200);
    }
}
