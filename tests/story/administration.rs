//! A self-hoster who looks after a server.

use std::fs;

use super::{Campus, run};
use crate::support::PASSWORD;

impl Campus {
    /// Runs `campuszon admin` on the data, beside the server.
    pub(super) fn admin(&self, args: &[&str], stdin: &str) -> super::Output {
        let mut command = super::program(self.folder.path());
        run(command.arg("admin").args(args).arg("--data").arg(self.data()), stdin)
    }
}

#[test]
fn the_link_of_a_new_server_works_from_elsewhere() {
    let mut campus = Campus::free();
    let log = super::until("a link", || Some(campus.log()).filter(|log| log.contains("/setup/")));
    let link = log.split_whitespace().find(|word| word.contains("/setup/")).expect("a link").to_owned();
    assert!(link.starts_with(&campus.url), "{link}");
    let (status, page) = campus.fetch(&link);
    assert_eq!((status, String::from_utf8_lossy(&page).contains("campuszon admin init LINK")), (200, true));

    let mut ada = campus.visitor();
    ada.server = "http://127.0.0.1:1".to_owned();
    let init = ["admin", "init", &link, "--email", "ada@uni.example", "--name", "Ada", "--password-stdin"];
    assert_eq!(
        ada.run_with(&["admin", "init", "nonsense", "--email", "a@uni.example", "--password-stdin"], "x\n").code,
        Some(2)
    );
    let made = ada.run_with(&init, &format!("{PASSWORD}\n"));
    assert!(made.stderr.contains(&format!("campuszon config set server {}", campus.url)), "{made:?}");
    made.expect(0);
    campus.url.clone_into(&mut ada.server);
    assert_eq!(ada.json(&["user", "show", "@me"])["role"], "admin");
    assert_eq!(ada.run_with(&init, &format!("{PASSWORD}\n")).code, Some(5));

    campus.stop();
    fs::write(campus.path("server.log"), "").expect("an empty log");
    campus.start();
    assert!(!campus.log().contains("/setup/"), "{}", campus.log());
}

#[test]
fn an_administrator_is_made_beside_a_running_server() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    ada.run(&["api", "GET", "/api/images/queue"]).expect(7);
    assert_eq!(campus.admin(&["init"], "").code, Some(2));
    campus.admin(&["init", "--email", "ada@uni.example"], "").expect(0);
    super::until("the server notices", || {
        (ada.run(&["api", "GET", "/api/images/queue"]).code == Some(0)).then_some(())
    });

    let refused = campus.admin(&["init", "--email", "new@uni.example"], "");
    assert_eq!(refused.code, Some(2));
    assert!(refused.stderr.contains("--password-stdin"), "{}", refused.stderr);
    let weak = campus.admin(&["init", "--email", "new@uni.example", "--password-stdin"], "short\n");
    assert_eq!(weak.code, Some(6), "{}", weak.stderr);
    let made = campus.admin(&["init", "--email", "new@uni.example", "--password-stdin", "--json"], "a good password\n");
    let made: serde_json::Value = serde_json::from_str(&made.expect(0)).expect("JSON");
    assert_eq!((&made["role"], &made["campus"]), (&"admin".into(), &"uni.example".into()));
    let new = campus.visitor();
    let login = ["auth", "login", "--email", "new@uni.example", "--password-stdin"];
    new.run_with(&login, "a good password\n").expect(0);

    let foreign = campus.admin(&["init", "--email", "ada@gmail.com", "--password-stdin"], "a good password\n");
    assert_eq!(foreign.code, Some(6));
    assert!(foreign.stderr.contains("gmail.com"), "{}", foreign.stderr);
}

#[test]
fn a_check_beside_a_running_server_tells_every_fault() {
    let campus = Campus::new();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let picture = ada.home().join("lamp.png");
    fs::write(&picture, crate::support::png(64, 48, 9)).expect("a picture");
    let file = picture.to_str().expect("a path");
    ada.made(&[
        "item",
        "create",
        "--title",
        "A lamp",
        "--price",
        "5",
        "--category",
        "other",
        "--condition",
        "good",
        "--image",
        file,
    ]);
    let fine = super::until("the picture is ready", || {
        Some(campus.admin(&["check"], "")).filter(|check| check.code == Some(0))
    });
    assert_eq!((fine.stdout.as_str(), fine.stderr.trim()), ("", "no fault found"));
    assert_eq!(campus.admin(&["check", "--json"], "").expect(0).trim(), "[]");

    let database = rusqlite::Connection::open(campus.database()).expect("the database");
    database.busy_timeout(super::PATIENCE).expect("patience");
    database
        .execute_batch(
            "PRAGMA foreign_keys = OFF; UPDATE users SET tokens = tokens + 1;
        INSERT INTO favorites (campus_id, user_id, item_id, created_at) VALUES ('cmp_x', 'usr_x', 'itm_x', 0);",
        )
        .expect("two faults");
    database.execute_batch("DROP INDEX images_key").expect("one more");
    let variant = first_file(&campus.data().join("blobs"));
    let elsewhere = campus.data().join("blobs/00").join("0".repeat(62));
    fs::create_dir_all(&elsewhere).expect("a folder");
    fs::rename(&variant, elsewhere.join("large.webp")).expect("two more");
    let others = ["large.webp", "medium.webp"].map(|name| variant.with_file_name(name));
    let other = others.iter().find(|path| path.exists()).expect("another size");
    fs::write(other, "").expect("one more");

    let told = campus.admin(&["check"], "");
    assert_eq!(told.code, Some(1), "{}", told.stderr);
    let kinds: Vec<&str> = told.stdout.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(
        kinds,
        [&["integrity"; 3][..], &["ledger_sum", "ledger_last", "blob_missing", "blob_size", "blob_unknown"]].concat()
    );
    assert!(told.stdout.contains("the index images_key is missing"), "{}", told.stdout);
    assert!(told.stdout.contains("the balance is 3"), "{}", told.stdout);
    let json: serde_json::Value = serde_json::from_str(&campus.admin(&["check", "--json"], "").stdout).expect("JSON");
    assert_eq!(json.as_array().map(Vec::len), Some(kinds.len()));

    fs::rename(campus.data().join("keys"), campus.data().join("kept")).expect("moved");
    let lost = campus.admin(&["check"], "");
    assert!(lost.code == Some(13) && lost.stderr.contains("there are no keys in"), "{lost:?}");
    assert_eq!(fs::read_dir(campus.data().join("keys")).expect("a folder").count(), 0);
}

#[test]
fn campuses_are_looked_after_by_command() {
    let campus = Campus::free();
    let root = campus.sign_up("root@uni.example", "Root");
    root.run(&["admin", "campus", "list"]).expect(7);
    campus.admin(&["init", "--email", "root@uni.example"], "").expect(0);
    super::until("the server notices", || (root.run(&["admin", "campus", "list"]).code == Some(0)).then_some(()));
    let made = root.made(&["admin", "campus", "create", "--name", "Tech", "--domain", "tech.example"]);
    assert_eq!(root.run(&["admin", "campus", "create"]).code, Some(2));
    assert_eq!(root.run(&["admin", "campus", "edit", &made]).code, Some(2));
    let edited = root.json(&["admin", "campus", "edit", &made, "--name", "Institute", "--add-domain", "it.example"]);
    assert_eq!(edited["domains"], serde_json::json!(["it.example", "tech.example"]));
    let told = root.run(&["admin", "campus", "list", "--fields", "name,users"]).expect(0);
    assert_eq!(told, "Institute\t0\nuni.example\t1\n");
}

#[test]
fn a_student_takes_all_that_is_theirs() {
    use std::os::unix::fs::PermissionsExt;
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let picture = ada.home().join("lamp.png");
    fs::write(&picture, crate::support::png(64, 48, 9)).expect("a picture");
    let item = ada.offer("A lamp", "5");
    ada.run(&["item", "image", "add", &item, picture.to_str().expect("a path")]).expect(0);
    let written = super::until("the picture is ready", || {
        Some(ada.json(&["user", "export", "--out", "mine"])).filter(|written| written["images"] == 1)
    });
    assert_eq!(written["out"], "mine");
    let path = ada.home().join("mine/export.json");
    assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    let export: serde_json::Value = serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON");
    assert_eq!(export["items"][0]["id"], item.as_str());
    let id = export["images"][0]["id"].as_str().expect("an id");
    let bytes = fs::read(ada.home().join(format!("mine/images/{id}.webp"))).expect("a picture");
    assert_eq!(&bytes[8..12], b"WEBP");
}

/// A variant of a picture.
fn first_file(folder: &std::path::Path) -> std::path::PathBuf {
    let entry = fs::read_dir(folder).expect("a folder").flatten().next().expect("an entry");
    if entry.path().is_dir() { first_file(&entry.path()) } else { entry.path() }
}
