//! What a peer wrote never steers a terminal.

use std::fs;

use super::{Scene, terminal::Attended};
use crate::{story::Student, support::vt::Reading};

/// Clears the screen, sets the clipboard, turns the line around, hides, and ends lines.
const HOSTILE: &str =
    "Lamp\u{1b}[2J\u{1b}]52;c;aGk=\u{7}\u{9b}31m\u{202e}gpj.exe\u{2066}\u{200b}\u{7f}\r\n\u{85}\u{2028}end";

/// Whether a terminal could take it for more than text. Rows have tabs and ends.
fn steers(char: char) -> bool {
    let is_control = char.is_control() && char != '\n' && char != '\t';
    is_control
        || matches!(char, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Takes a session along to another address of the same server.
fn move_session(student: &mut Student, url: &str) {
    let path = student.home().join("state/credentials.json");
    let stored = fs::read_to_string(&path).expect("a file");
    fs::write(&path, stored.replace(&student.server, url)).expect("written");
    url.clone_into(&mut student.server);
}

/// A campus with something of everything that others can write, all of it hostile; Ben is a moderator there.
pub(super) struct Trap {
    pub(super) scene: Scene,
    chat: String,
    booking: String,
}

impl Trap {
    pub(super) fn set() -> Self {
        let mut scene = Scene::set();
        let (ada, ben) = (&scene.ada, &scene.ben);
        let chat = ben.made(&["chat", "start", &scene.calculus]);
        ada.run(&["chat", "send", &chat, "Hello"]).expect(0);
        ben.run(&["item", "report", &scene.novel, "--reason", "spam", "--detail", "See for yourself"]).expect(0);
        ben.run(&["search", "save", "maths", "calculus"]).expect(0);
        ben.run(&["auth", "token", "create", "--name", "ci", "--scope", "read"]).expect(0);
        let request = ["booking", "request", &scene.calculus, "--message", "Noon?", "--meet-place", "Library"];
        let booking = ben.made(&request);
        ada.run(&["booking", "accept", &booking]).expect(0);
        let code = ben.json(&["booking", "show", &booking])["handover_code"].as_str().expect("a code").to_owned();
        ada.run(&["booking", "complete", &booking, "--code", &code]).expect(0);
        for student in [ada, ben] {
            student.run(&["booking", "review", &booking, "--rating", "4", "--comment", "Kind"]).expect(0);
        }
        poison(&mut scene);
        Self { scene, chat, booking }
    }

    /// Every command that prints what others wrote.
    fn commands(&self) -> Vec<Vec<&str>> {
        let (item, user) = (self.scene.calculus.as_str(), self.scene.ada.id.as_str());
        let lines = [
            "item list",
            "item show ITEM",
            "item export",
            "chat list",
            "chat show CHAT",
            "chat start ITEM",
            "user show USER",
            "user show @me",
            "user reviews USER",
            "auth status",
            "auth session list",
            "auth token list",
            "booking list",
            "booking show BOOKING",
            "search list",
            "alert list",
            "wallet history",
            "admin report list",
            "admin user list",
            "admin item list",
            "admin stats",
            "api GET /api/items",
            "item favorite ITEM -v",
        ];
        let named = |word| match word {
            "ITEM" => item,
            "USER" => user,
            "CHAT" => &self.chat,
            "BOOKING" => &self.booking,
            word => word,
        };
        lines.iter().map(|line| line.split(' ').map(named).collect()).collect()
    }
}

/// The API would not take it, so it is put where a fault of the server might have left it.
fn poison(scene: &mut Scene) {
    assert!(scene.campus.stop().success());
    let database = rusqlite::Connection::open(scene.campus.database()).expect("a database");
    for (table, columns) in [
        ("items", &["title", "description", "pickup"][..]),
        ("messages", &["body"]),
        ("users", &["name", "residence", "phone"]),
        ("sessions", &["device"]),
        ("access_tokens", &["name"]),
        ("bookings", &["title", "message", "meet_place", "reason"]),
        ("reviews", &["comment", "answer"]),
        ("reports", &["reason", "detail", "note"]),
        ("notifications", &["title", "body"]),
        ("searches", &["name", "query"]),
        ("campuses", &["name"]),
    ] {
        for column in columns {
            database.execute(&format!("UPDATE {table} SET {column} = ?1"), [HOSTILE]).expect("written");
        }
    }
    database.execute("UPDATE users SET role = 'moderator' WHERE id = ?1", [&scene.ben.id]).expect("written");
    database.close().expect("closed");
    scene.campus.start();
    move_session(&mut scene.ben, &scene.campus.url);
}

#[test]
fn a_terminal_is_not_steered() {
    let trap = Trap::set();
    for args in trap.commands() {
        for accessible in ["", "1"] {
            let mut command = trap.scene.ben.command(&args);
            let output = Attended::start(command.env("CAMPUSZON_ACCESSIBLE", accessible)).end_as_written();
            assert_eq!(output.code, Some(0), "{args:?}: {output:?}");
            let stdout = Reading::of(output.stdout.as_bytes());
            assert_eq!(stdout.faults, [""; 0], "{args:?}: {:?}", output.stdout);
            // While something takes its time, a line of stderr is painted again and again.
            if args != ["item", "export"] {
                assert_eq!(Reading::of(output.stderr.as_bytes()).faults, [""; 0], "{args:?}: {:?}", output.stderr);
            }
        }
    }
}

#[test]
fn nothing_hostile_is_printed_in_any_format() {
    let trap = Trap::set();
    for command in trap.commands() {
        for format in ["table", "json", "jsonl", "csv", "tsv", "ids"] {
            let output = trap.scene.ben.run(&[&command[..], &["--format", format]].concat());
            assert_eq!(output.code, Some(0), "{command:?}: {output:?}");
            for (name, text) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
                let found = text.chars().find(|char| steers(*char));
                assert_eq!(found, None, "{name} of {command:?} as {format}: {text:?}");
            }
        }
    }

    let scene = &trap.scene;
    // JSON keeps the data.
    let items = scene.ben.json(&["item", "list"]);
    assert_eq!(items[0]["title"], HOSTILE);
    let jsonl = scene.ben.run(&["item", "list", "--format", "jsonl"]).expect(0);
    assert_eq!(Some(jsonl.lines().count()), items.as_array().map(Vec::len));

    // Nor does what somebody was tricked into typing.
    for args in [&["item", "show", HOSTILE][..], &["item", HOSTILE], &["item", "list", HOSTILE], &[HOSTILE]] {
        for format in [&["--json"][..], &[]] {
            let output = scene.ben.run(&[args, format].concat());
            for text in [&output.stdout, &output.stderr] {
                assert_eq!(text.chars().find(|char| steers(*char)), None, "{args:?}: {text:?}");
            }
        }
    }
}
