//! `item` and `image`.

use serde_json::Value;

use super::{Scene, Transcript};

#[test]
fn finding_and_showing() {
    let scene = Scene::set();
    let mut told = Transcript::of(&scene.ben);
    told.tell(&scene.ben, &["item", "list"]);
    told.tell(&scene.ben, &["item", "list", "calculus", "price:<50"]);
    told.tell(&scene.ben, &["item", "list", "calclus", "--json=title"]);
    told.tell(&scene.ben, &["item", "list", "--json"]);
    told.tell(&scene.ben, &["item", "list", "--category", "furniture"]);
    told.tell(&scene.ben, &["item", "list", "--category", "furniture", "--json"]);
    told.tell(&scene.ben, &["item", "list", "--sort", "price", "--limit", "1", "--fields", "title,seller.name"]);
    told.tell(&scene.ben, &["item", "list", "--quiet", "--limit", "1", "--fields", "title"]);
    told.tell(&scene.ben, &["item", "show", &scene.calculus]);
    told.tell(&scene.ben, &["item", "show", &scene.calculus, "--json"]);
    told.check("items");
}

#[test]
fn formats() {
    let scene = Scene::set();
    let mut told = Transcript::of(&scene.ben);
    for format in ["table", "json", "jsonl", "csv", "tsv", "ids"] {
        told.tell(&scene.ben, &["item", "list", "--sort", "price", "--format", format, "--fields", "id,title,price"]);
    }
    told.tell(&scene.ben, &["item", "show", &scene.novel, "--format", "csv", "--fields", "title"]);
    told.tell(&scene.ben, &["item", "show", &scene.novel, "--format", "table", "--fields", "title,price"]);
    told.check("formats");
}

#[test]
fn every_page_of_a_list_is_one_document() {
    let scene = Scene::set();
    let mut wanted = vec![scene.calculus.clone(), scene.novel.clone()];
    wanted.extend((0..23).map(|number| scene.ada.offer(&format!("Notes, part {number}"), "1")));
    wanted.reverse();
    let first = scene.ben.run(&["item", "list", "--format", "ids"]);
    assert_eq!(first.stdout.lines().collect::<Vec<_>>(), wanted[..20]);
    let cursor = first.stderr.trim().rsplit(' ').next().expect("a cursor").to_owned();
    let rest = scene.ben.run(&["item", "list", "--format", "ids", "--cursor", &cursor]).expect(0);
    assert_eq!(rest.lines().collect::<Vec<_>>(), wanted[20..]);
    let all = scene.ben.json(&["item", "list", "--all"]);
    let ids: Vec<&str> = all.as_array().expect("one array").iter().filter_map(|item| item["id"].as_str()).collect();
    assert_eq!(ids, wanted);
    let csv = scene.ben.run(&["item", "list", "--all", "--format", "csv"]).expect(0);
    assert_eq!(csv.lines().count(), 26);
    let paged = scene.ben.json(&["api", "GET", "/api/items?limit=7", "--paginate"]);
    assert_eq!(paged.as_array().map(Vec::len), Some(25));
}

#[test]
fn creating_and_changing() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let photo = image::RgbImage::from_pixel(400, 300, image::Rgb([90, 90, 90]));
    photo.save(ada.home().join("desk.png")).expect("written");
    let mut told = Transcript::of(ada);
    let desk = ["--title", "Desk", "--price", "20", "--category", "furniture", "--condition", "fair"];
    told.tell(ada, &[&["item", "create"], &desk[..], &["--image", "desk.png", "--dry-run"]].concat());
    told.tell(ada, &[&["item", "create"], &desk[..], &["--image", "desk.png", "--dry-run", "--json"]].concat());
    told.tell(ada, &["image", "prepare", "desk.png"]);
    told.tell(ada, &["item", "create", "--title", "Chair"]);
    told.tell(ada, &["item", "create", "--json"]);
    told.tell(ada, &["item", "edit", &scene.calculus, "--price", "25.50", "--json=price"]);
    told.tell_with(
        ada,
        &["item", "edit", &scene.calculus, "--description", "-", "--json=description"],
        "Hardly used.\n",
    );
    told.tell(ada, &["item", "edit", &scene.calculus, "--price", "-1"]);
    told.tell(ada, &["item", "edit", &scene.calculus, "--title", "ab"]);
    told.tell(ada, &["item", "edit", &scene.calculus]);
    told.tell(ben, &["item", "edit", &scene.calculus, "--price", "1"]);
    told.tell(ben, &["item", "favorite", &scene.calculus]);
    told.tell(ada, &["item", "publish", &scene.calculus]);
    told.tell(ada, &["item", "withdraw", &scene.calculus, "--json=status"]);
    told.tell(ada, &["item", "delete", &scene.calculus]);
    told.tell(ada, &["item", "delete", &scene.calculus, "--dry-run"]);
    told.tell(ada, &["item", "delete", &scene.calculus, "--yes"]);
    told.check("changes");
    assert_eq!(ada.json(&["item", "list", "--seller", "me"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn a_repeated_command_with_the_same_key_creates_once() {
    let scene = Scene::set();
    let fields = ["--title", "Lamp", "--price", "7", "--category", "other", "--condition", "good"];
    let create = [&["item", "create"], &fields[..], &["--idempotency-key", "lamp-1"]].concat();
    assert_eq!(scene.ada.made(&create), scene.ada.made(&create));
    let other = [&["item", "create"], &fields[..], &["--draft", "--idempotency-key", "lamp-1"]].concat();
    scene.ada.run(&other).expect(6);
    assert_eq!(scene.ada.json(&["item", "list", "lamp"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn batches_and_ids_from_stdin() {
    let scene = Scene::set();
    let mut told = Transcript::of(&scene.ben);
    let ids = format!("{}\n\n{}\n", scene.calculus, scene.novel);
    let missing = "itm_00000000000000000000000000";
    told.tell_with(&scene.ben, &["item", "show", "-", "--json=title"], &ids);
    told.tell_with(&scene.ben, &["item", "show", "-", "--json=title"], &format!("{}\n", scene.novel));
    told.tell_with(&scene.ben, &["item", "show", "-", "--json"], "");
    told.tell(&scene.ben, &["item", "show", &scene.calculus, missing, "--fields", "title"]);
    told.tell(&scene.ben, &["item", "show", missing, &scene.calculus, "nonsense", "--json=title"]);
    told.tell(&scene.ben, &["item", "show", missing, "nonsense", "--json=title"]);
    told.tell(&scene.ben, &["item", "favorite", &scene.calculus, missing]);
    told.check("batches");

    let link = format!("{}/items/{}?from=mail", scene.campus.url, scene.calculus);
    let shown: Value = scene.ben.json(&["item", "show", &link]);
    assert_eq!(shown["id"], scene.calculus.as_str());
}
