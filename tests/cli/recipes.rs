//! The recipes of `campuszon help recipes`, each run as it is printed, by a shell, for what it does.

use std::{ffi::OsString, fs, path::Path, process::Command, sync::LazyLock};

use serde_json::Value;

use super::Scene;
use crate::story::{Campus, Running, Student, run, until};

/// What a recipe does to a campus: a title, and a check of its snippet.
type Check = (&'static str, fn(&str));

const CHECKS: [Check; 10] = [
    ("Do something for each new item", each_new_item),
    ("Keep a history of prices", a_history_of_prices),
    ("List what stands in a spreadsheet", a_spreadsheet),
    ("Renew what is about to end", renewals),
    ("Answer while you are away", answers),
    ("Keep a copy of all that is yours", a_copy),
    ("Find the cheapest of each category", the_cheapest),
    ("Mirror the photographs", photographs),
    ("Mark everything as read", all_read),
    ("Decline what is offered too little", too_little),
];

/// The topic as it is printed.
static TEXT: LazyLock<String> = LazyLock::new(|| Student::without_server().run(&["help", "recipes"]).expect(0));

/// Title and snippet of every recipe: a title stands at the margin, a sentence under it, a snippet further in.
fn recipes() -> Vec<(&'static str, String)> {
    let mut recipes: Vec<(&str, String)> = Vec::new();
    let mut lines = TEXT.lines().peekable();
    while let Some(line) = lines.next() {
        let is_title = lines.peek().is_some_and(|next| next.starts_with("  ") && !next.starts_with("   "));
        if is_title && !line.starts_with(' ') {
            recipes.push((line, String::new()));
        } else if let (Some(code), Some((_, snippet))) = (line.strip_prefix("      "), recipes.last_mut()) {
            snippet.push_str(code);
            snippet.push('\n');
        }
    }
    recipes
}

#[test]
fn every_recipe_does_what_it_says() {
    let recipes = recipes();
    let titles: Vec<_> = recipes.iter().map(|(title, _)| *title).collect();
    assert_eq!(titles, CHECKS.map(|(title, _)| title));
    for ((title, snippet), (_, check)) in recipes.iter().zip(CHECKS) {
        println!("{title}");
        check(snippet);
    }
}

/// A shell of theirs that runs a snippet, with the program on its path.
fn shell(student: &Student, snippet: &str) -> Command {
    let like = student.command::<&str>(&[]);
    let folder = Path::new(like.get_program()).parent().expect("a folder");
    let mut path = OsString::from(folder);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-euc", snippet]).env_clear().current_dir(student.home());
    shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?)))).env("PATH", path);
    shell
}

/// What a snippet prints.
#[track_caller]
fn done(student: &Student, snippet: &str) -> String {
    run(&mut shell(student, snippet), "").expect(0)
}

fn text(student: &Student, name: &str) -> String {
    fs::read_to_string(student.home().join(name)).unwrap_or_default()
}

fn each_new_item(snippet: &str) {
    let scene = Scene::set();
    let mut running = Running::start(&mut shell(&scene.ben, snippet));
    let mut number = 0;
    until("it finds a lamp", || {
        number += 1;
        scene.ada.offer("Dear lamp", "21");
        scene.ada.offer(&format!("Lamp {number}"), "5");
        (!text(&scene.ben, "found.txt").is_empty()).then_some(())
    });
    assert!(running.end().success());
    let found = text(&scene.ben, "found.txt");
    let (title, id) = found.trim().split_once(" is new: ").expect("a line");
    assert_eq!(scene.ben.json(&["item", "show", id])["title"], title);
}

fn a_history_of_prices(snippet: &str) {
    let scene = Scene::set();
    done(&scene.ben, snippet);
    scene.ada.run(&["item", "edit", &scene.calculus, "--price", "25"]).expect(0);
    done(&scene.ben, snippet);
    let history = text(&scene.ben, "prices.csv");
    let rows: Vec<Vec<&str>> = history.lines().map(|row| row.split(',').collect()).collect();
    let item = format!("\"{}\"", scene.calculus);
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| row[0].starts_with("\"20") && row[1] == item), "{history}");
    assert_eq!([rows[0][2], rows[1][2]], ["30", "25"]);
}

fn a_spreadsheet(snippet: &str) {
    let scene = Scene::set();
    let rows = "title,price,category,condition\nDesk lamp,5,other,good\nChair,12.5,other,fair\n";
    fs::write(scene.ben.home().join("sale.csv"), rows).expect("a file");
    done(&scene.ben, snippet);
    assert!(text(&scene.ben, "planned.txt").contains("Chair"));
    done(&scene.ben, snippet);
    let listed =
        scene.ada.run(&["item", "list", "--seller", &scene.ben.id, "--sort", "price", "--fields", "title,price"]);
    assert_eq!(listed.expect(0), "Desk lamp\t5\nChair\t12.5\n");
}

fn renewals(snippet: &str) {
    let campus = Campus::free_with(&[("ITEMS__LIFETIME", "2d")]);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let (lamp, sold) = (ada.offer("Lamp", "5"), ada.offer("Chair", "9"));
    ada.run(&["item", "sold", &sold]).expect(0);
    let end = || ada.json(&["item", "show", &lamp])["expires_at"].as_str().expect("a time").to_owned();
    let before = end();
    assert!(done(&ada, snippet).contains(&lamp));
    assert!(end() > before);
}

fn answers(snippet: &str) {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    scene.ben.run(&["chat", "send", &chat, "Still there?"]).expect(0);
    done(&scene.ada, snippet);
    done(&scene.ada, snippet);
    let shown = scene.ben.run(&["chat", "show", &chat, "--fields", "body"]).expect(0);
    assert_eq!(shown, "Still there?\nThank you! I will answer tonight.\n");
}

fn a_copy(snippet: &str) {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    scene.ben.run(&["chat", "send", &chat, "Still there?"]).expect(0);
    done(&scene.ada, snippet);
    let folder = fs::read_dir(scene.ada.home()).expect("a folder").map(|entry| entry.expect("an entry").path());
    let backup = |path: &std::path::PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"backup-"))
    };
    let backup = folder.into_iter().find(backup).expect("a backup");
    let read = |name: &str| fs::read_to_string(backup.join(name)).expect(name);
    assert!(read("export.json").contains("ada@uni.example"));
    assert_eq!(read("items.jsonl").lines().count(), 2);
    let messages: Value = serde_json::from_str(&read(&format!("{chat}.json"))).expect("JSON");
    assert_eq!(messages[0]["body"], "Still there?");
}

fn the_cheapest(snippet: &str) {
    let scene = Scene::set();
    let lamp = ["--title", "Lamp", "--price", "8", "--category", "other", "--condition", "good"];
    scene.ada.run(&[&["item", "create"], &lamp[..]].concat()).expect(0);
    assert_eq!(done(&scene.ben, snippet), "books\t4.5\tA \"quoted\" novel; =1+1\nother\t8\tLamp\n");
}

fn photographs(snippet: &str) {
    let scene = Scene::set();
    let picture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/pictures/files/odd.jpg");
    let lamp = ["--title", "Lamp", "--price", "8", "--category", "other", "--condition", "good", "--wait", "--image"];
    let create = [&["item", "create"], &lamp[..], &[picture.to_str().expect("a path")]].concat();
    let id = scene.ada.json(&create)["images"][0]["id"].as_str().expect("an id").to_owned();
    done(&scene.ben, snippet);
    let file = scene.ben.home().join("photographs").join(format!("{id}.webp"));
    let first = fs::read(&file).expect("a photograph");
    assert!(first.starts_with(b"RIFF"));
    // What is there is not fetched again.
    fs::write(&file, "mine").expect("a file");
    done(&scene.ben, snippet);
    assert_eq!(fs::read(&file).expect("a photograph"), b"mine");
}

fn all_read(snippet: &str) {
    let scene = Scene::set();
    let chat = scene.ben.made(&["chat", "start", &scene.calculus]);
    scene.ben.run(&["chat", "send", &chat, "Still there?"]).expect(0);
    assert_eq!(scene.ada.json(&["chat", "list"])[0]["unread"], 1);
    done(&scene.ada, snippet);
    assert_eq!(scene.ada.json(&["chat", "list"])[0]["unread"], 0);
    assert_eq!(scene.ada.json(&["alert", "list", "--unread"]), serde_json::json!([]));
}

fn too_little(snippet: &str) {
    let scene = Scene::set();
    let low = scene.ben.made(&["booking", "request", &scene.calculus, "--offer", "10"]);
    let fair = scene.ben.made(&["booking", "request", &scene.novel, "--offer", "4"]);
    done(&scene.ada, snippet);
    let booking = |id: &str| scene.ben.json(&["booking", "show", id]);
    assert_eq!(
        (&booking(&low)["status"], &booking(&low)["reason"]),
        (&"declined".into(), &"That is too little.".into())
    );
    assert_eq!(booking(&fair)["status"], "pending");
}
