//! Items: listing them, their lifecycle, edits, who may see and change them, stars and views.

use std::time::Duration;

use campuszon_server::{items::service, platform::jobs::Kind};
use serde_json::{Value, json};

use super::{Free, again, code_of, each, faults, offer};
use crate::{
    on_every_database,
    support::{Answer, Person, World, png},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn create(world: &World, who: &Person, body: Value) -> Answer {
    world.post(who, "/api/items", body).await
}

/// A lamp for 5, with further or other fields; `null` takes one away.
fn lamp(more: Value) -> Value {
    let mut body = json!({"title": "A lamp", "price": 5, "category": "other", "condition": "good"});
    let fields = body.as_object_mut().expect("an object");
    if let Value::Object(more) = more {
        fields.extend(more);
    }
    fields.retain(|_, value| !value.is_null());
    body
}

async fn act(world: &World, who: &Person, id: &str, action: &str) -> Answer {
    world.post(who, &format!("/api/items/{id}/{action}"), Value::Null).await
}

async fn edit(world: &World, who: &Person, id: &str, body: Value) -> Answer {
    world.call(&who.token, "PATCH", &format!("/api/items/{id}"), body).await
}

async fn show(world: &World, who: &Person, id: &str) -> Answer {
    world.get(who, &format!("/api/items/{id}")).await
}

async fn delete(world: &World, who: &Person, id: &str) -> Answer {
    world.call(&who.token, "DELETE", &format!("/api/items/{id}"), Value::Null).await
}

async fn star(world: &World, who: &Person, method: &str, id: &str) {
    world.call(&who.token, method, &format!("/api/items/{id}/favorite"), Value::Null).await.expect(204);
}

async fn set_images(world: &World, who: &Person, id: &str, images: Value) -> Answer {
    world.call(&who.token, "PUT", &format!("/api/items/{id}/images"), json!({"images": images})).await
}

on_every_database! {
    async fn every_kind_of_offer_can_be_listed(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let offers = [
            (json!({"price": 45.5, "currency": "USD"}), json!(["sale", 45.5, null])),
            (json!({"listing": "sale", "price": 0.1}), json!(["sale", 0.1, null])),
            (json!({"listing": "rent", "rent_period": "week"}), json!(["rent", 5, "week"])),
            (json!({"listing": "free", "price": null}), json!(["free", 0, null])),
            (json!({"listing": "free", "price": 0}), json!(["free", 0, null])),
            (json!({"listing": "wanted"}), json!(["wanted", 5, null])),
        ];
        for (fields, expected) in offers {
            let made = create(&world, &ana, lamp(fields)).await.expect(201);
            let item = made.json();
            assert_eq!(json!([item["listing"], item["price"], item["rent_period"]]), expected);
            assert_eq!(made.header("location"), format!("/api/items/{}", made.text("/id")));
            assert_eq!(json!([item["status"], item["currency"]]), json!(["active", "USD"]));
            assert_eq!(show(&world, &ana, &made.text("/id")).await.expect(200).json(), item);
        }
    }

    async fn a_wrong_listing_is_told_every_fault(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let body = json!({
            "title": "ab", "description": "x".repeat(4001), "price": 1.234, "currency": "EUR", "category": "boks",
            "condition": "mint", "listing": "lend", "pickup": "a\u{202e}b", "images": ["usr_1"], "draft": "no", "titel": "x",
        });
        let answer = create(&world, &ana, body).await.expect(422);
        let mut found = faults(&answer);
        found.sort_unstable();
        let expected = [
            ("category", "invalid"), ("condition", "invalid"), ("currency", "invalid"), ("description", "too_long"),
            ("draft", "wrong_type"), ("images[0]", "invalid"), ("listing", "invalid"), ("pickup", "forbidden_character"),
            ("price", "invalid"), ("titel", "unknown_field"), ("title", "too_short"),
        ];
        assert_eq!(found, expected);
        let text = String::from_utf8(answer.bytes).expect("text");
        assert!(text.contains("did you mean title?") && text.contains("did you mean books?"), "{text}");
    }

    async fn offer_price_and_period_belong_together(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let wrong = [
            (json!({"price": 0}), ("price", "invalid")),
            (json!({"price": -1}), ("price", "invalid")),
            (json!({"price": null}), ("price", "required")),
            (json!({"price": "5"}), ("price", "wrong_type")),
            (json!({"price": 1e18}), ("price", "invalid")),
            (json!({"listing": "free"}), ("price", "invalid")),
            (json!({"listing": "rent"}), ("rent_period", "required")),
            (json!({"rent_period": "day"}), ("rent_period", "invalid")),
        ];
        for (fields, fault) in wrong {
            let answer = create(&world, &ana, lamp(fields.clone())).await.expect(422);
            assert_eq!(faults(&answer), [fault], "{fields}");
        }
        let item = offer(&world, &ana, "A lamp", json!({"listing": "rent", "rent_period": "day"})).await;
        let refused = edit(&world, &ana, &item, json!({"rent_period": null})).await.expect(422);
        assert_eq!(faults(&refused), [("rent_period", "required")]);
        let sold = edit(&world, &ana, &item, json!({"listing": "sale"})).await.expect(200).json();
        assert_eq!(json!([sold["listing"], sold["rent_period"]]), json!(["sale", null]));
    }

    async fn pictures_are_required_except_for_what_is_wanted(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        assert_eq!(faults(&create(&world, &ana, lamp(json!({}))).await.expect(422)), [("images", "required")]);
        create(&world, &ana, lamp(json!({"listing": "wanted"}))).await.expect(201);
        let draft = create(&world, &ana, lamp(json!({"draft": true}))).await.expect(201).text("/id");
        assert_eq!(code_of(&act(&world, &ana, &draft, "publish").await.expect(409)), "conflict");
        set_images(&world, &ana, &draft, json!([world.picture(&ana, 1).await])).await.expect(200);
        assert_eq!(act(&world, &ana, &draft, "publish").await.expect(200).json()["status"], "active");
        let refused = set_images(&world, &ana, &draft, json!([])).await.expect(422);
        assert_eq!(faults(&refused), [("images", "required")]);
    }

    async fn the_lifecycle_is_as_documented(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let item = offer(&world, &ana, "A lamp", json!({"draft": true})).await;
        let refuses = async |actions: &[&str], state: &str| {
            for action in actions {
                let answer = act(&world, &ana, &item, action).await.expect(409);
                assert_eq!(code_of(&answer), "conflict");
                assert!(answer.text("/detail").contains(state), "{action}: {}", answer.text("/detail"));
            }
        };
        let goes = async |action: &str, state: &str| {
            assert_eq!(act(&world, &ana, &item, action).await.expect(200).json()["status"], state);
        };
        refuses(&["withdraw", "relist", "renew", "sold"], "draft").await;
        goes("publish", "active").await;
        refuses(&["publish", "relist"], "active").await;
        goes("withdraw", "withdrawn").await;
        refuses(&["publish", "withdraw", "renew", "sold"], "withdrawn").await;
        goes("relist", "active").await;
        goes("renew", "active").await;
        goes("sold", "sold").await;
        refuses(&["publish", "withdraw", "relist", "renew", "sold"], "sold").await;
        edit(&world, &ana, &item, json!({"price": 6})).await.expect(409);
    }

    async fn a_listing_expires_and_is_renewed(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let status_after = async |days: u32| {
            world.wait(days * DAY);
            world.app.write(service::expire_due).await.expect("a sweep");
            show(&world, &again(&world, &ana).await, &item).await.expect(200).text("/status")
        };
        assert_eq!(status_after(59).await, "active");
        assert_eq!(status_after(1).await, "expired");
        let ana = again(&world, &ana).await;
        assert_eq!(world.get(&ana, "/api/items").await.json()["items"], json!([]));
        let renewed = act(&world, &ana, &item, "renew").await.expect(200).json();
        let ends = (world.app.clock.now() + 60 * DAY).to_string();
        assert_eq!(json!([renewed["status"], renewed["expires_at"]]), json!(["active", ends]));
        assert_eq!(each(&world.get(&ana, "/api/items?q=lamp").await.json()["items"], "id"), [item]);
    }

    async fn edits_merge_and_respect_versions(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let item = offer(&world, &ana, "A lamp", json!({"pickup": "Gate", "description": "Bright"})).await;
        let path = format!("/api/items/{item}");
        let first = show(&world, &ana, &item).await.header("etag");
        let with = async |tag: &str, body: Value| {
            world.call_with(&ana.token, "PATCH", &path, body, &[("if-match", tag)]).await
        };
        let edited = with(&first, json!({"title": "A better lamp", "pickup": null})).await.expect(200);
        let json = edited.json();
        assert_eq!(json!([json["title"], json["pickup"], json["description"]]), json!(["A better lamp", null, "Bright"]));
        assert_eq!(code_of(&with(&first, json!({"title": "A worse lamp"})).await.expect(412)), "precondition_failed");
        with(&edited.header("etag"), json!({"description": null})).await.expect(200);
        with("*", json!({"price": 7})).await.expect(200);
        world.call_with(&ana.token, "DELETE", &path, Value::Null, &[("if-match", &first)]).await.expect(412);
        for field in ["title", "price", "category", "condition", "listing"] {
            let refused = edit(&world, &ana, &item, json!({field: null})).await.expect(422);
            assert_eq!(faults(&refused), [(field, "required")]);
        }
        let refused = edit(&world, &ana, &item, json!({"status": "sold", "seller": "me", "id": "x", "views": 9})).await;
        assert_eq!(faults(&refused.expect(422)).len(), 4);
        let found = world.get(&ana, "/api/items?q=better").await.json();
        assert_eq!(each(&found["items"], "title"), ["A better lamp"], "the search follows the edit");
    }

    async fn what_was_not_changed_is_not_sent_again(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        for path in [format!("/api/items/{item}"), "/api/items".to_owned(), "/api/meta".to_owned()] {
            let tag = world.get(&ana, &path).await.expect(200).header("etag");
            let ask = async |tag: &str| {
                world.call_with(&ana.token, "GET", &path, Value::Null, &[("if-none-match", tag)]).await
            };
            let same = ask(&tag).await;
            assert_eq!((same.status.as_u16(), same.bytes.len(), same.header("etag")), (304, 0, tag.clone()));
            assert_eq!(ask(&format!("\"other\", W/{tag}")).await.status, 304);
            assert_eq!(ask("\"other\"").await.status, 200);
        }
    }

    async fn a_key_makes_an_item_only_once(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let keyed = async |who: &Person, key: &str, title: &str| {
            let headers = [("idempotency-key", key)];
            world.call_with(&who.token, "POST", "/api/items", lamp(json!({"title": title})), &headers).await
        };
        let first = keyed(&ana, "k", "A lamp").await.expect(201);
        let repeated = keyed(&ana, "k", "A lamp").await.expect(201);
        assert_eq!((first.json(), first.header("location")), (repeated.json(), repeated.header("location")));
        assert_eq!(faults(&keyed(&ana, "k", "A desk").await.expect(422)), [("Idempotency-Key", "reused")]);
        let bens = keyed(&ben, "k", "A lamp").await.expect(201);
        assert_ne!(bens.text("/id"), first.text("/id"));
        for bad in ["", "a b", &"x".repeat(129)] {
            keyed(&ana, bad, "A lamp").await.expect(400);
        }
        assert_eq!(world.get(&ana, "/api/items?count=true").await.json()["total"], 2);
    }

    async fn simultaneous_requests_with_one_key_make_one_item(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let keyed = async || {
            world.call_with(&ana.token, "POST", "/api/items", lamp(json!({})), &[("idempotency-key", "k")]).await
        };
        let (one, two, three) = tokio::join!(keyed(), keyed(), keyed());
        let ids = [one, two, three].map(|answer| answer.expect(201).text("/id"));
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(world.get(&ana, "/api/items?count=true").await.json()["total"], 1);
    }

    async fn a_key_is_forgotten_after_a_day(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let wish = json!({"name": "script", "scopes": ["write"]});
        let token = world.post(&ana, "/api/auth/tokens", wish).await.expect(201).text("/token");
        let keyed = async || {
            let headers = [("idempotency-key", "k")];
            world.call_with(&token, "POST", "/api/items", lamp(json!({})), &headers).await.expect(201).text("/id")
        };
        let first = keyed().await;
        world.wait(DAY);
        assert_ne!(keyed().await, first);
    }

    async fn only_its_seller_changes_an_item(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        edit(&world, &ben, &item, json!({"price": 1})).await.expect(403);
        delete(&world, &ben, &item).await.expect(403);
        set_images(&world, &ben, &item, json!([])).await.expect(403);
        for action in ["publish", "withdraw", "relist", "renew", "sold"] {
            assert_eq!(code_of(&act(&world, &ben, &item, action).await.expect(403)), "forbidden");
        }
    }

    async fn what_is_not_listed_is_not_found_by_others(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let draft = offer(&world, &ana, "A draft", json!({"draft": true})).await;
        let withdrawn = offer(&world, &ana, "A lamp", json!({})).await;
        act(&world, &ana, &withdrawn, "withdraw").await.expect(200);
        let sold = offer(&world, &ana, "A desk", json!({})).await;
        act(&world, &ana, &sold, "sold").await.expect(200);
        for id in [&draft, &withdrawn, &sold] {
            show(&world, &ana, id).await.expect(200);
            show(&world, &ben, id).await.expect(404);
            edit(&world, &ben, id, json!({"price": 1})).await.expect(404);
            world.post(&ben, "/api/chats", json!({"item_id": id})).await.expect(404);
            world.call(&ben.token, "PUT", &format!("/api/items/{id}/favorite"), Value::Null).await.expect(404);
        }
        assert_eq!(world.get(&ben, "/api/items").await.json()["items"], json!([]));
        let own = world.get(&ana, "/api/items?seller=me&status=draft,withdrawn,sold").await.expect(200).json();
        assert_eq!(own["items"].as_array().map(Vec::len), Some(3));
        let asked = world.get(&ben, "/api/items?status=draft").await.expect(422);
        assert_eq!(faults(&asked), [("status", "invalid")]);
    }

    async fn a_deleted_item_is_gone_or_leaves_a_tombstone(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let eve = world.sign_up("eve@uni.example", "Eve").await;
        let lonely = offer(&world, &ana, "A lamp", json!({})).await;
        delete(&world, &ana, &lonely).await.expect(204);
        show(&world, &ana, &lonely).await.expect(404);
        delete(&world, &ana, &lonely).await.expect(404);

        let spoken = offer(&world, &ana, "A desk", json!({})).await;
        let chat = world.post(&ben, "/api/chats", json!({"item_id": spoken})).await.expect(201).text("/id");
        delete(&world, &ana, &spoken).await.expect(204);
        for who in [&ana, &ben] {
            assert_eq!(code_of(&show(&world, who, &spoken).await.expect(410)), "gone");
            let shown = world.get(who, &format!("/api/chats/{chat}")).await.expect(200);
            assert_eq!(shown.text("/item/title"), "A desk");
        }
        show(&world, &eve, &spoken).await.expect(404);
        delete(&world, &ana, &spoken).await.expect(410);
        for path in ["/api/items", "/api/items?q=desk", "/api/items?seller=me&status=withdrawn"] {
            assert_eq!(world.get(&ana, path).await.expect(200).json()["items"], json!([]), "{path}");
        }
    }

    async fn a_sold_item_stays_visible_to_whom_it_was_spoken_of(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A desk", json!({})).await;
        world.post(&ben, "/api/chats", json!({"item_id": item})).await.expect(201);
        act(&world, &ana, &item, "sold").await.expect(200);
        assert_eq!(show(&world, &ben, &item).await.expect(200).json()["status"], "sold");
    }

    async fn stars_are_counted_once_a_person(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        offer(&world, &ana, "A desk", json!({})).await;
        star(&world, &ben, "PUT", &item).await;
        star(&world, &ben, "PUT", &item).await;
        let shown = show(&world, &ben, &item).await.json();
        assert_eq!(json!([shown["favorites"], shown["favorite"], shown["viewer"]["favorite"]]), json!([1, true, true]));
        assert_eq!(show(&world, &ana, &item).await.json()["favorite"], false);
        assert_eq!(each(&world.get(&ben, "/api/items?favorite=true").await.json()["items"], "title"), ["A lamp"]);
        assert_eq!(each(&world.get(&ben, "/api/items?favorite=false").await.json()["items"], "title"), ["A desk"]);
        star(&world, &ben, "DELETE", &item).await;
        star(&world, &ben, "DELETE", &item).await;
        assert_eq!(show(&world, &ben, &item).await.json()["favorites"], 0);
        assert_eq!(world.get(&ben, "/api/items?favorite=true").await.json()["items"], json!([]));
    }

    async fn views_are_counted_once_a_day(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let item = offer(&world, &ana, "A lamp", json!({})).await;
        let tag = show(&world, &ana, &item).await.header("etag");
        show(&world, &ben, &item).await;
        show(&world, &ben, &item).await;
        assert_eq!(show(&world, &ana, &item).await.json()["views"], 1);
        let path = format!("/api/items/{item}");
        let edited = world.call_with(&ana.token, "PATCH", &path, json!({"price": 4}), &[("if-match", &tag)]).await;
        edited.expect(200);
        world.wait(DAY);
        let ben = again(&world, &ben).await;
        show(&world, &ben, &item).await.expect(200);
        assert_eq!(show(&world, &ben, &item).await.json()["views"], 2);
    }

    async fn pictures_keep_the_order_of_their_seller(world: Free) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let (one, two, three) = (world.picture(&ana, 1).await, world.picture(&ana, 2).await, world.picture(&ana, 3).await);
        let item = offer(&world, &ana, "A lamp", json!({"images": [one, two]})).await;
        let set = async |images: Value| set_images(&world, &ana, &item, images).await;
        let before = show(&world, &ana, &item).await.text("/thumbnail");
        let changed = set(json!([three, two])).await.expect(200);
        assert_eq!(each(&changed.json()["images"], "id"), [three.clone(), two.clone()]);
        assert_ne!(changed.text("/thumbnail"), before);
        world.get(&ana, &format!("/api/images/{one}")).await.expect(404);
        let bens = world.picture(&ben, 4).await;
        assert_eq!(faults(&set(json!([three, bens])).await.expect(422)), [("images[1]", "not_found")]);
        assert_eq!(faults(&set(json!([three, three])).await.expect(422)), [("images", "invalid")]);
        assert_eq!(faults(&set(json!(vec![&three; 9])).await.expect(422)), [("images", "too_many")]);
        let other = create(&world, &ana, lamp(json!({"images": [two]}))).await.expect(422);
        assert_eq!(faults(&other), [("images[0]", "taken")]);
        let kept = show(&world, &ana, &item).await.json();
        assert_eq!(each(&kept["images"], "id"), [three, two], "what is refused changes nothing");
    }

    async fn an_item_waits_for_its_first_picture(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let ben = world.sign_up("ben@uni.example", "Ben").await;
        let image = world.upload(&ana, "image/png", png(64, 48, 9)).await.expect(202).text("/id");
        let made = create(&world, &ana, lamp(json!({"images": [image]}))).await.expect(201);
        let item = made.text("/id");
        assert_eq!(json!([made.json()["status"], made.json()["image_status"]]), json!(["processing", "pending"]));
        show(&world, &ben, &item).await.expect(404);
        world.drain(Kind::Image).await;
        let shown = show(&world, &ben, &item).await.expect(200).json();
        assert_eq!(json!([shown["status"], shown["image_status"]]), json!(["active", "ready"]));
        assert!(shown["thumbnail"].is_string() && shown["placeholder"].is_string());
        assert_eq!(each(&world.get(&ben, "/api/items?q=lamp").await.json()["items"], "id"), [item]);
    }

    async fn a_broken_picture_does_not_lose_the_item(world: World) {
        let ana = world.sign_up("ana@uni.example", "Ana").await;
        let whole = png(64, 48, 9);
        let upload = async |length: usize| {
            world.upload(&ana, "image/png", whole[..length].to_vec()).await.expect(202).text("/id")
        };
        let (bad, good, worse) = (upload(whole.len() - 30).await, upload(whole.len()).await, upload(60).await);
        let item = create(&world, &ana, lamp(json!({"images": [bad, good]}))).await.expect(201).text("/id");
        let lost = create(&world, &ana, lamp(json!({"images": [worse]}))).await.expect(201).text("/id");
        world.drain(Kind::Image).await;
        for (id, status, image_status) in [(&item, "active", "ready"), (&lost, "draft", "failed")] {
            let shown = show(&world, &ana, id).await.json();
            assert_eq!(json!([shown["status"], shown["image_status"]]), json!([status, image_status]));
            let first = &shown["images"][0];
            assert_eq!(first["status"], "failed");
            assert!(first["error"].as_str().is_some_and(|error| error.contains("damaged")), "{first}");
        }
    }
}
