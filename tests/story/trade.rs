//! Two students trade, and a third one of another campus never learns of it.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    Campus, Student,
    photo::{is_upright_and_bare, photo},
    until,
};

/// Fetches the three variants of a ready picture and checks them.
fn check_variants(campus: &Campus, image: &Value) {
    for size in ["thumbnail", "medium", "large"] {
        let variant = &image["variants"][size];
        let (status, file) = campus.fetch(variant["url"].as_str().expect("an address"));
        assert_eq!(status, 200);
        assert_eq!(variant["bytes"], file.len());
        let side = |name: &str| variant[name].as_u64().expect("a size");
        is_upright_and_bare(&file, side("width"), side("height"));
    }
}

#[test]
fn a_book_with_a_phone_photograph_is_sold_by_command() {
    let campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    fs::write(ada.home().join("photo.jpg"), photo()).expect("written");

    let began = Instant::now();
    let create = ["item", "create", "--title", "Calculus, 8th edition", "--price", "30", "--category", "books"];
    let item = ada.json(&[&create[..], &["--condition", "good", "--image", "photo.jpg", "--wait"]].concat());
    assert_eq!(item["status"], "active");
    let item_id = item["id"].as_str().expect("an id");
    let found = ben.json(&["item", "list", "calc"]);
    assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
    assert_eq!((&found[0]["id"], &found[0]["title"]), (&json!(item_id), &json!("Calculus, 8th edition")));
    let listed = began.elapsed();
    assert!(listed < Duration::from_secs(20), "listed and found after {listed:?}");

    check_variants(&campus, &item["images"][0]);

    let mut watch = ada.start(&["chat", "watch", "--json"]);
    ben.sees_online(&ada.id);
    let chat = ben.made(&["chat", "start", item_id]);
    let sent_at = Instant::now();
    let sent = ben.json(&["chat", "send", &chat, "Is it still there?"]);
    let (line, seen_at) = watch.line();
    let seen: Value = serde_json::from_str(&line).expect("one object a line");
    let after = seen_at.saturating_duration_since(sent_at);
    assert!(after < Duration::from_secs(3), "seen after {after:?}");
    println!("listed and found after {listed:?}; sent and seen after {after:?}");
    assert_eq!(seen["body"], "Is it still there?");
    for field in ["id", "chat_id", "seq", "sender_id"] {
        assert_eq!(seen[field], sent[field], "{field}");
    }
    watch.signal(rustix::process::Signal::INT);
    watch.end();

    let eve = campus.sign_up("eve@other.example", "Eve");
    is_another_world(&eve, item_id, &chat, &[&ada.id, &ben.id]);
    assert_eq!(ben.json(&["chat", "show", &chat]).as_array().map(Vec::len), Some(1));
}

/// Nothing there can be seen, found, changed or told apart from what never was.
fn is_another_world(eve: &Student, item: &str, chat: &str, users: &[&str]) {
    for list in [&["item", "list"][..], &["item", "list", "calc"], &["chat", "list"]] {
        assert_eq!(eve.json(list), json!([]), "{list:?}");
    }
    let nowhere = |args: &[&str]| {
        let output = eve.run(&[args, &["--json"]].concat());
        let error: Value = serde_json::from_str(&output.stderr).expect("one line of JSON");
        assert_eq!((output.code, error["error"]["http_status"].as_u64()), (Some(5), Some(404)), "{args:?}: {output:?}");
        assert_eq!(output.stdout, "");
        // The id and the request differ from refusal to refusal; nothing else may.
        error["error"]["message"].as_str().expect("a message").to_owned()
    };
    let never = "itm_00000000000000000000000000";
    assert_eq!(nowhere(&["item", "show", item]), nowhere(&["item", "show", never]));
    nowhere(&["item", "favorite", item]);
    nowhere(&["item", "edit", item, "--price", "1"]);
    nowhere(&["item", "withdraw", item]);
    nowhere(&["item", "delete", item, "--yes"]);
    nowhere(&["chat", "start", item]);
    nowhere(&["chat", "show", chat]);
    nowhere(&["chat", "send", chat, "Hello?"]);
    nowhere(&["chat", "read", chat]);
    nowhere(&["chat", "watch", chat]);
    for user in users {
        nowhere(&["user", "show", user]);
    }
}

/// A client that sends a photograph as it is gets the same treatment.
#[test]
fn the_server_bares_photographs_itself() {
    let campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    fs::write(ada.home().join("photo.jpg"), photo()).expect("written");
    let upload = ["api", "POST", "/api/images", "--input", "photo.jpg", "--content-type", "image/jpeg"];
    let uploaded = ada.json(&upload);
    let path = format!("/api/images/{}", uploaded["id"].as_str().expect("an id"));
    let image = until("the picture is made ready", || {
        let image = ada.json(&["api", "GET", &path]);
        (image["status"] != "pending").then_some(image)
    });
    assert_eq!(image["status"], "ready", "{image}");
    assert_eq!((&image["width"], &image["height"]), (&json!(3000), &json!(4000)));
    check_variants(&campus, &image);
}
