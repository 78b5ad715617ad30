//! The API in process, on every database.

use serde_json::json;

use crate::{on_every_database, support::World};

on_every_database! {
    /// The main road: two students, one item, one conversation.
    async fn two_students_trade(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = world.list_item(&ana, "Calculus, 8th edition", json!({})).await;

        let found = world.get(&ben, "/api/items?q=calc").await.expect(200).json();
        assert_eq!(found["items"][0]["id"], item.as_str());
        assert_eq!(found["items"][0]["status"], "active");
        assert_eq!(found["items"][0]["price"], 12.5);

        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");
        let path = format!("/api/chats/{chat}/messages");
        let sent = world.post(&ben, &path, json!({"client_id": "1", "body": "Still there?"})).await.expect(201);
        assert_eq!(sent.json()["seq"], 1);
        let again = world.post(&ben, &path, json!({"client_id": "1", "body": "Still there?"})).await.expect(200);
        assert_eq!(again.json(), sent.json());

        let chats = world.get(&ana, "/api/chats").await.expect(200).json();
        assert_eq!(chats["chats"][0]["unread"], 1);
        assert_eq!(chats["chats"][0]["last_message"]["body"], "Still there?");
        assert_eq!(chats["chats"][0]["peer"]["name"], "Ben");
        let history = world.get(&ana, &path).await.expect(200).json();
        assert_eq!(history["messages"].as_array().map(Vec::len), Some(1));
    }

    /// A student of another campus finds nothing and learns nothing.
    async fn campuses_do_not_meet(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let eve = world.sign_up("eve@other.example", "Eve").await;
        let item = world.list_item(&ana, "Calculus", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201).text("/id");

        let listed = world.get(&eve, "/api/items").await.expect(200).json();
        assert_eq!(listed["items"], json!([]));
        for path in [format!("/api/items/{item}"), format!("/api/chats/{chat}"), format!("/api/users/{}", ana.id)] {
            world.get(&eve, &path).await.expect(404);
        }
        world.post(&eve, "/api/chats", json!({"item_id": item})).await.expect(404);
    }
}
