//! Somebody backs a server up while it is used, and restores what was backed up.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
};

use super::{Campus, Student, until};

/// What Ben has been acknowledged, in order.
fn say(ben: &Student, chat: &str, from: u32, to: u32) {
    for number in from..to {
        ben.run(&["chat", "send", chat, &format!("message {number}")]).expect(0);
    }
}

fn bodies(ben: &Student, chat: &str) -> Vec<String> {
    let messages = ben.json(&["chat", "show", chat, "--all"]);
    let messages = messages.as_array().expect("an array").iter();
    messages.map(|message| message["body"].as_str().expect("a body").to_owned()).collect()
}

fn epoch(campus: &Campus) -> String {
    let database = rusqlite::Connection::open(campus.database()).expect("a database");
    database.query_row("SELECT value FROM facts WHERE name = 'epoch'", [], |row| row.get(0)).expect("an epoch")
}

#[test]
fn what_was_acknowledged_before_a_backup_comes_back() {
    let mut campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut ben = campus.sign_up("ben@uni.example", "Ben");
    ben.token = Some(ben.device_token());
    let lamp = ada.offer("Lamp", "5");
    let picture = ada.home().join("lamp.png");
    image::RgbImage::from_pixel(320, 240, image::Rgb([200, 120, 40])).save(&picture).expect("a picture");
    ada.run(&["item", "image", "add", &lamp, &picture.display().to_string(), "--wait"]).expect(0);
    let chat = ben.made(&["chat", "start", &lamp]);
    say(&ben, &chat, 0, 5);

    // While somebody writes on.
    let (data, archive) = (campus.data().display().to_string(), ada.home().join("campus.tar"));
    let file = archive.display().to_string();
    let admin = |args: &[&str]| ada.run(&[&["admin"], args, &["--data", &data]].concat());
    let made = thread::scope(|scope| {
        let writing = scope.spawn(|| say(&ben, &chat, 5, 12));
        let made = admin(&["backup", &file, "--verify", "--json"]).expect(0);
        writing.join().expect("no panic");
        made
    });
    let made: serde_json::Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!((&made["file"], &made["verified"]), (&file.clone().into(), &true.into()));
    // The database, three sizes of the picture, and keys.
    assert!(made["files"].as_i64().is_some_and(|files| files >= 5), "{made}");
    say(&ben, &chat, 12, 14);
    assert!(fs::read_dir(campus.data().join("backups")).expect("a folder").next().is_none());

    // Not under a server's feet, and not without being meant.
    let in_use = admin(&["restore", &file]);
    assert_eq!(in_use.code, Some(13), "{in_use:?}");
    assert!(in_use.stderr.contains("is in use by process"), "{in_use:?}");
    assert!(campus.stop().success());
    assert_eq!(admin(&["restore", &file]).code, Some(2));
    assert_eq!(admin(&["restore", &file, "--confirm", "other"]).code, Some(3));
    let elsewhere = format!("sqlite:{}", ada.home().join("other.db").display());
    let told = admin(&["restore", &file, "--confirm", "x", "--database", &elsewhere]);
    assert!(told.code == Some(13) && told.stderr.contains("leave out --database"), "{told:?}");
    assert_eq!(admin(&["check", "--server", &campus.url]).code, Some(2));
    let name = campus.data().file_name().expect("a name").to_string_lossy().into_owned();

    // A damaged one replaces nothing.
    let mut bytes = fs::read(&archive).expect("an archive");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    let damaged = ada.home().join("damaged.tar").display().to_string();
    fs::write(&damaged, bytes).expect("written");
    let refused = admin(&["restore", &damaged, "--confirm", &name]);
    assert_eq!(refused.code, Some(6), "{refused:?}");
    campus.start();
    campus.url.clone_into(&mut ben.server);
    assert_eq!(bodies(&ben, &chat).len(), 14);
    assert!(campus.stop().success());

    let before = epoch(&campus);
    admin(&["restore", &file, "--confirm", &name]).expect(0);
    // Numbers of events that clients remember mean nothing any more.
    assert_ne!(epoch(&campus), before);
    assert_eq!(admin(&["check"]).expect(0), "");
    campus.start();
    campus.url.clone_into(&mut ben.server);
    let back = bodies(&ben, &chat);
    let expected: Vec<String> = (0..back.len()).map(|number| format!("message {number}")).collect();
    assert!((5..=12).contains(&back.len()), "{back:?}");
    assert_eq!(back, expected);
    let shown = ben.json(&["item", "show", &lamp]);
    let address = shown["images"][0]["variants"]["large"]["url"].as_str().expect("an address");
    let path = &address[address.find("/images/").expect("a path")..];
    assert_eq!(campus.fetch(path).0, 200);
    // What was replaced is kept.
    let kept = fs::read_dir(campus.data().join("backups")).expect("a folder").count();
    assert_eq!(kept, 1);
}

/// The scheduled backups of a server, oldest first.
fn scheduled(campus: &Campus) -> Vec<PathBuf> {
    let entries = fs::read_dir(campus.data().join("backups")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let is_scheduled = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sch"));
    let mut found: Vec<PathBuf> = paths.filter(is_scheduled).collect();
    found.sort();
    found
}

#[test]
fn a_server_backs_itself_up_and_checks_itself() {
    let settings = [("BACKUP__EVERY", "1s"), ("BACKUP__KEEP", "1"), ("CHECK__EVERY", "1s")];
    let mut campus = Campus::free_with(&settings);
    let ada = campus.sign_up("ada@uni.example", "Ada");
    ada.offer("Lamp", "5");
    let log = || campus.log();
    until("a second backup", || (log().matches("backed up, and proved it").count() >= 2).then_some(()));
    until("an old one is removed", || log().contains("removed an old backup").then_some(()));
    until("a check", || log().contains("checked everything: no fault found").then_some(()));
    assert!(campus.stop().success());
    let kept = scheduled(&campus).pop().expect("a backup").display().to_string();
    let data = ada.home().join("elsewhere").display().to_string();
    // On a machine that has no data yet.
    ada.run(&["admin", "restore", &kept, "--verify"]).expect(0);
    let restored = ada.run(&["admin", "restore", &kept, "--data", &data]);
    assert!(!restored.stderr.contains("what was there"), "{restored:?}");
    restored.expect(0);
    assert_eq!(ada.run(&["admin", "check", "--data", &data]).expect(0), "");
    // Where the database is gone, an empty one in its place would have no fault.
    let database = Path::new(&data).join("campuszon.db");
    fs::remove_file(&database).expect("removed");
    let lost = ada.run(&["admin", "check", "--data", &data]);
    assert!(lost.code == Some(13) && lost.stderr.contains("there is no database"), "{lost:?}");
    assert!(!database.exists());
}
