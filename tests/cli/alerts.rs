//! `alert`, `search` and `item watch`.

use std::process::Stdio;

use serde_json::Value;

use super::{Scene, Transcript};
use crate::story::{Running, Student, until};

#[test]
fn alerts() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let mut told = Transcript::of(ben);
    told.tell(ben, &["alert", "list"]);
    told.tell(ben, &["item", "favorite", &scene.calculus]);
    for price in ["25", "20.5"] {
        ada.run(&["item", "edit", &scene.calculus, "--price", price]).expect(0);
    }
    told.tell(ben, &["alert", "list"]);
    told.tell(ben, &["alert", "list", "--json", "--limit", "1"]);
    let newest = ben.made(&["alert", "list", "--limit", "1"]);
    told.tell(ben, &["alert", "read", &newest, "--dry-run"]);
    told.tell(ben, &["alert", "read", &newest]);
    told.tell(ben, &["alert", "read", &newest, "ntf_00000000000000000000000000", "itm_1"]);
    told.tell(ben, &["alert", "list", "--unread", "--fields", "title,read"]);
    told.tell(ben, &["alert", "read"]);
    told.tell(ben, &["alert", "read", "--all"]);
    told.tell(ben, &["alert", "list", "--unread", "--json"]);
    told.tell(ben, &["alert", "clear"]);
    told.tell(ben, &["alert", "clear", &newest, "--yes"]);
    told.tell(ben, &["alert", "clear", "--yes", "--json"]);
    told.tell(ben, &["alert", "list", "--json"]);
    told.tell(ben, &["alert", "prefs"]);
    told.tell(ben, &["alert", "prefs", "--mute", "tokens,price_drop", "--digest"]);
    told.tell(ben, &["alert", "prefs", "--unmute", "tokens", "--json"]);
    told.tell(ben, &["alert", "prefs", "--mute", "everything"]);
    told.tell(ben, &["alert", "prefs", "--digest=false", "--dry-run"]);
    ada.run(&["item", "edit", &scene.calculus, "--price", "10"]).expect(0);
    told.tell(ben, &["alert", "list"]);
    told.check("alerts");
}

#[test]
fn saved_searches() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let mut told = Transcript::of(ben);
    told.tell(ben, &["search", "list"]);
    told.tell(ben, &["search", "save", "maths", "calculus", "price:<25", "--dry-run"]);
    told.tell(ben, &["search", "save", "maths", "calculus", "price:<25"]);
    told.tell(ben, &["search", "save", "novels", "novel -torn", "--digest", "--json"]);
    told.tell(ben, &["search", "save", "maths", "algebra"]);
    told.tell(ben, &["search", "save", "nothing"]);
    told.tell(ben, &["search", "save", "nothing", "..."]);
    told.tell(ben, &["search", "run", "maths"]);
    told.tell(ben, &["search", "run", "novels", "--fields", "title"]);
    ada.offer("Calculus, 2nd edition", "12");
    told.tell(ben, &["search", "run", "maths", "--new", "--json=title,price"]);
    told.tell(ben, &["alert", "list", "--fields", "kind,title"]);
    told.tell(ben, &["search", "list"]);
    told.tell(ben, &["search", "edit", "maths", "--name", "analysis", "--query", "-torn calculus", "--digest"]);
    told.tell(ben, &["search", "edit", "maths"]);
    told.tell(ben, &["search", "run", "maths"]);
    told.tell(ben, &["search", "run", "maths", "--json"]);
    told.tell(ben, &["search", "delete", "analysis"]);
    told.tell(ben, &["search", "delete", "analysis", "--yes"]);
    told.tell(ben, &["search", "list", "--fields", "name,query,digest"]);
    told.check("searches");
}

/// The next line that is not of a trial.
fn next(running: &Running) -> String {
    loop {
        let line = running.line().0;
        if !line.contains("Trial") {
            return line;
        }
    }
}

/// Waits until a watch has printed what is offered again and again.
fn stands(ada: &Student, watches: &[&Running]) {
    let mut number = 0;
    until("every watch prints", || {
        number += 1;
        ada.offer(&format!("Trial lamp {number}"), "5");
        watches.iter().all(|watch| watch.has_line()).then_some(())
    });
}

#[test]
fn watches_of_items_and_alerts_print_what_comes_each_once() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    ben.run(&["search", "save", "lamps", "lamp"]).expect(0);
    let items = ben.start(&["item", "watch", "lamp", "--max-price", "20", "--json"]);
    let rows = ben.start(&["item", "watch", "--fields", "title,price"]);
    let alerts = ben.start(&["alert", "watch", "--json=kind,title"]);
    let events = ben.start(&["watch", "--type", "notification"]);
    stands(ada, &[&items, &rows, &alerts, &events]);
    ada.offer("Chair", "5");
    ada.offer("Dear lamp", "21");
    let lamp = ada.offer("Desk lamp", "7.5");
    let item: Value = serde_json::from_str(&next(&items)).expect("JSON");
    assert_eq!((&item["id"], &item["title"], &item["price"]), (&lamp.into(), &"Desk lamp".into(), &7.5.into()));
    assert_eq!([next(&rows), next(&rows), next(&rows)], ["Chair\t5\n", "Dear lamp\t21\n", "Desk lamp\t7.5\n"]);
    for title in ["Dear lamp", "Desk lamp"] {
        let told = format!("“{title}” matches your search “lamps”");
        assert_eq!(next(&alerts), format!("{{\"kind\":\"search_match\",\"title\":\"{told}\"}}\n"));
        let event: Value = serde_json::from_str(&next(&events)).expect("JSON");
        assert_eq!((&event["type"], &event["notification"]["title"]), (&"notification".into(), &told.into()));
    }
}

#[test]
fn a_watch_of_items_outlives_its_server() {
    let mut scene = Scene::set();
    let watch = scene.ben.start(&["item", "watch", "lamp", "--fields", "title"]);
    stands(&scene.ada, &[&watch]);
    scene.ada.offer("First lamp", "5");
    assert_eq!(next(&watch), "First lamp\n");
    scene.campus.kill();
    // Again where the watch looks for it.
    let address = scene.ada.server.trim_start_matches("http://").to_owned();
    let again = Running::start(scene.campus.serve().args(["--listen", &address]).stderr(Stdio::null()));
    assert!(again.line().0.starts_with("listening on ") && again.line().0.contains(&address));
    // The watch comes back later than this.
    scene.ada.offer("Second lamp", "5");
    assert_eq!(next(&watch), "Second lamp\n");
    scene.ada.offer("Third lamp", "5");
    assert_eq!(next(&watch), "Third lamp\n");
}

#[test]
fn a_watch_that_asks_for_nonsense_ends_with_usage() {
    let scene = Scene::set();
    let refused = scene.ben.run(&["item", "watch", "--category", "boks"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""));
    assert!(refused.stderr.contains("did you mean books?"), "{}", refused.stderr);
}
