//! What the server holds on somebody: all of it for them, and nothing of it once they are gone.

use campuszon_server::check;
use serde_json::{Value, json};

use super::{Free, each};
use crate::{
    on_every_database,
    support::{PASSWORD, Person},
};

/// Everything the server holds on somebody.
async fn export(world: &Free, who: &Person) -> Value {
    world.get(who, "/api/users/me/export").await.expect(200).json()
}

/// Ana sells a lamp, which Ben stars, unlocks, asks for and talks about.
async fn stage(world: &Free) -> (Person, Person, String) {
    let ana = world.sign_up("ana@uni.example", "Ana").await;
    let ben = world.sign_up("ben@uni.example", "Ben").await;
    for (who, phone) in [(&ana, "+1 111"), (&ben, "+1 222")] {
        world.call(&who.token, "PATCH", "/api/users/me", json!({"phone": phone})).await.expect(200);
    }
    let item = world.list_item(&ana, "A lamp", json!({})).await;
    world.call(&ben.token, "PUT", &format!("/api/items/{item}/favorite"), Value::Null).await.expect(204);
    world.post(&ben, &format!("/api/items/{item}/bookings"), json!({"message": "Is it bright?"})).await.expect(201);
    let chat = world.get(&ben, "/api/chats").await.text("/chats/0/id");
    let message = json!({"client_id": "1", "body": "Hello"});
    world.post(&ben, &format!("/api/chats/{chat}/messages"), message).await.expect(201);
    (ana, ben, item)
}

on_every_database! {
    async fn everybody_gets_all_that_is_held_on_them(world: Free) {
        let (ana, ben, item) = stage(&world).await;
        let of_ben = export(&world, &ben).await;
        let keys = ["profile", "items", "images", "chats", "messages", "bookings", "unlocks", "tokens", "reviews",
            "searches", "notifications", "sessions"];
        for key in keys {
            assert!(of_ben.get(key).is_some(), "{key}");
        }
        assert_eq!((&of_ben["profile"]["email"], &of_ben["profile"]["phone"]), (&json!("ben@uni.example"), &json!("+1 222")));
        assert_eq!(of_ben["favorites"], json!([item]));
        assert_eq!(each(&of_ben["unlocks"], "item"), [item.as_str()]);
        assert_eq!((each(&of_ben["bookings"], "role"), each(&of_ben["bookings"], "message")), (vec!["buyer".to_owned()], vec!["Is it bright?".to_owned()]));
        assert!(each(&of_ben["messages"], "body").contains(&"Hello".to_owned()));
        assert_eq!(each(&of_ben["tokens"], "reason"), ["signup", "unlock"]);
        assert_eq!(of_ben["sessions"][0]["current"], true);

        let of_ana = export(&world, &ana).await;
        assert_eq!(each(&of_ana["items"], "id"), [item.as_str()]);
        assert_eq!(of_ana["items"][0]["images"], json!([of_ana["images"][0]["id"]]));
        let url = of_ana["images"][0]["variants"]["large"]["url"].as_str().expect("an address").to_owned();
        let path = url.strip_prefix("http://campus.test").expect("ours");
        assert_eq!(world.call("", "GET", path, Value::Null).await.status, 200);
        assert_eq!(each(&of_ana["bookings"], "role"), ["seller"]);
    }

    /// Ben unlocked Ana's contact card, and still it is hers.
    async fn nobody_gets_what_another_told_in_confidence(world: Free) {
        let (ana, ben, _) = stage(&world).await;
        for (who, private) in [(&ben, ["+1 111", "ana@uni.example"]), (&ana, ["+1 222", "ben@uni.example"])] {
            let text = export(&world, who).await.to_string();
            assert!(private.iter().all(|private| !text.contains(private)), "{text}");
        }
    }

    async fn a_deleted_account_leaves_nothing_personal(world: Free) {
        let (ana, ben, item) = stage(&world).await;
        world.call(&ben.token, "DELETE", "/api/users/me", json!({"password": PASSWORD})).await.expect(204);
        assert_eq!(world.get(&ana, &format!("/api/items/{item}")).await.json()["favorites"], 0);
        let of_ana = export(&world, &ana).await;
        assert_eq!(each(&of_ana["bookings"], "status"), ["cancelled"]);
        assert!(each(&of_ana["messages"], "body").contains(&"Hello".to_owned()), "messages are kept for the other side");
        assert_eq!(of_ana["chats"][0]["peer"]["name"], "deleted user");
        for table in ["favorites", "searches", "notifications", "blocks", "inbox", "sessions", "idempotency"] {
            let column = if table == "blocks" { "blocker_id" } else { "user_id" };
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = '{}'", ben.id);
            let left: i64 =
                world.app.read(move |tx| Ok(tx.one(&sql, &[], |row| row.get(0))?)).await.expect("a count");
            assert_eq!(left, 0, "{table}");
        }
        assert_eq!(check::run(&world.app).await.expect("a check"), []);
        world.wait(std::time::Duration::from_secs(1));
        let again = world.sign_up("ben@uni.example", "Ben").await;
        let profile = world.get(&again, "/api/users/me").await.json();
        assert_eq!((&profile["phone"], &profile["tokens"]), (&Value::Null, &json!(0)));
    }
}
