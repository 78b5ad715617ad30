//! `chat` and `watch`.

use serde_json::Value;

use super::{Scene, Transcript};
use crate::story::until;

#[test]
fn a_conversation() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let mut told = Transcript::of(ben);
    told.tell(ben, &["chat", "list"]);
    told.tell(ben, &["chat", "start", &scene.calculus, "--dry-run"]);
    told.tell(ben, &["chat", "start", &scene.calculus]);
    told.tell(ada, &["chat", "start", &scene.calculus]);
    let chat = ben.made(&["chat", "start", &scene.calculus]);
    told.tell(ben, &["chat", "show", &chat]);
    told.tell(ben, &["chat", "send", &chat, "Is it still there?"]);
    told.tell(ben, &["chat", "send", &chat, "-2 euros?", "--json"]);
    told.tell_with(ada, &["chat", "send", &chat, "-"], "Yes.\nAt noon?\n");
    told.tell(ada, &["chat", "send", &chat, "   "]);
    told.tell(ada, &["chat", "send", &chat]);
    told.tell(ada, &["chat", "list"]);
    told.tell(ada, &["chat", "list", "--json"]);
    told.tell(ada, &["chat", "show", &chat]);
    told.tell(ada, &["chat", "show", &chat, "--format", "table"]);
    told.tell(ada, &["chat", "show", &chat, "--limit", "1", "--json=seq,body"]);
    told.tell(ada, &["chat", "read", &chat]);
    told.tell(ada, &["chat", "list", "--fields", "unread"]);
    let photo = image::RgbImage::from_pixel(400, 300, image::Rgb([90, 90, 90]));
    photo.save(ada.home().join("scratch.png")).expect("written");
    let picture = ["chat", "send", &chat, "--image", "scratch.png"];
    told.tell(ada, &[&picture[..], &["--dry-run"]].concat());
    told.tell(ada, &[&picture[..], &["--json=seq,kind,body"]].concat());
    told.tell(ada, &[&picture[..], &["With a scratch"]].concat());
    told.tell(ada, &["chat", "send", &chat, "--image", "nothing.png"]);
    told.tell(ada, &["chat", "show", &chat, "--limit", "1", "--fields", "seq,kind,body"]);
    told.tell(ada, &["chat", "mute", &chat, "--fields", "muted"]);
    told.tell(ada, &["chat", "mute", &chat, "--off", "--fields", "muted"]);
    let text = std::mem::take(&mut told.text);
    told.text = seconds_ago(&text);
    told.check("chats");
}

/// Relative times of just now, made the same.
fn seconds_ago(text: &str) -> String {
    let words = text.split_inclusive('(').map(|part| match part.split_once(" s ago)") {
        Some((number, rest)) if number.parse::<u32>().is_ok() => format!("now){rest}"),
        _ => part.to_owned(),
    });
    words.collect()
}

#[test]
fn a_message_with_the_same_key_is_sent_once() {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    let send = ["chat", "send", &chat, "Hello", "--idempotency-key", "hello-1"];
    assert_eq!(scene.ben.json(&send), scene.ben.json(&send));
    assert_eq!(scene.ben.json(&["chat", "show", &chat]).as_array().map(Vec::len), Some(1));
}

#[test]
fn a_picture_is_sent_once_and_shown_by_its_address() {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    let photo = image::RgbImage::from_pixel(400, 300, image::Rgb([90, 90, 90]));
    photo.save(scene.ben.home().join("wish.png")).expect("written");
    let send = ["chat", "send", &chat, "--image", "wish.png", "--idempotency-key", "wish"];
    let sent = scene.ben.json(&send);
    assert_eq!((&sent["kind"], &scene.ben.json(&send)["id"]), (&"image".into(), &sent["id"]));
    let line = until("the picture", || {
        let line = scene.ada.run(&["chat", "show", &chat, "--format", "table"]).expect(0);
        line.contains("/images/").then_some(line)
    });
    assert!(line.starts_with("Ben (") && line.trim_end().ends_with("/large.webp"), "{line}");
    assert_eq!(line.lines().count(), 1);
}

#[test]
fn watches_print_what_comes_each_once() {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    let other = scene.ben.made(&["chat", "start", &scene.novel]);
    let one = scene.ada.start(&["chat", "watch", &chat, "--json=body"]);
    let rows = scene.ada.start(&["chat", "watch", "--fields", "seq,body"]);
    let events = scene.ada.start(&["watch", "--type", "message"]);
    // All three connections stand when each has seen the same message.
    scene.ben.sees_online(&scene.ada.id);
    let mut first = 0;
    until("a message in every watch", || {
        first += 1;
        scene.ben.json(&["chat", "send", &chat, &format!("ping {first}")]);
        let said = |running: &crate::story::Running| running.has_line();
        (said(&one) && said(&rows) && said(&events)).then_some(())
    });
    scene.ben.json(&["chat", "send", &other, "elsewhere"]);
    scene.ben.json(&["chat", "send", &chat, "here"]);
    let next = |running: &crate::story::Running| loop {
        let line = running.line().0;
        if !line.contains("ping") {
            return line;
        }
    };
    assert_eq!(next(&one), "{\"body\":\"here\"}\n");
    assert_eq!(next(&rows), "1\telsewhere\n");
    assert_eq!(next(&rows), format!("{}\there\n", first + 1));
    let event: Value = serde_json::from_str(&next(&events)).expect("JSON");
    assert_eq!((&event["type"], &event["message"]["body"]), (&"message".into(), &"elsewhere".into()));
}
