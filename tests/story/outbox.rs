//! What is written while the server is away waits, and goes when it is back: in order, and once.

use std::{fs, process::Stdio};

use super::{Campus, Running, Student};

/// The server again, at the address it had.
fn back_at(campus: &Campus, address: &str) -> Running {
    let again = Running::start(campus.serve().args(["--listen", address]).stderr(Stdio::null()));
    while !again.line().0.contains(address) {}
    again
}

fn bodies(student: &Student, chat: &str) -> Vec<String> {
    let messages = student.json(&["chat", "show", chat]);
    let messages = messages.as_array().expect("messages").iter();
    messages.map(|message| message["body"].as_str().expect("a text").to_owned()).collect()
}

/// How many files hold what waits.
fn waiting(student: &Student) -> usize {
    let Ok(files) = fs::read_dir(student.home().join("state/outbox")) else { return 0 };
    files.flatten().filter(|file| file.path().extension().is_some_and(|end| end == "json")).count()
}

#[test]
fn messages_written_while_the_server_is_away_arrive_when_it_is_back() {
    let mut campus = Campus::free();
    let address = campus.url.trim_start_matches("http://").to_owned();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let chat = ben.made(&["chat", "start", &ada.offer("Lamp", "5")]);
    ben.run(&["chat", "send", &chat, "one"]).expect(0);
    assert!(campus.stop().success());

    for body in ["two", "three"] {
        let output = ben.run(&["chat", "send", &chat, body]);
        assert!(output.stderr.contains("waits on this machine") && output.stderr.contains("chat watch"), "{output:?}");
        assert_eq!(output.expect(10), "");
    }
    // Once more under the same key is the same message.
    let keyed = ["chat", "send", &chat, "four", "--idempotency-key", "four"];
    ben.run(&keyed).expect(10);
    ben.run(&keyed).expect(10);
    ben.run(&["chat", "show", &chat]).expect(10);
    assert_eq!(waiting(&ben), 1);

    let mut server = back_at(&campus, &address);
    let sent = ben.run(&["chat", "send", &chat, "five"]);
    for body in ["two", "three", "four"] {
        assert!(sent.stderr.contains(&format!("{chat}: {body}")), "{sent:?}");
    }
    sent.expect(0);
    assert_eq!(bodies(&ada, &chat), ["one", "two", "three", "four", "five"]);
    assert_eq!(waiting(&ben), 0);
    server.signal(rustix::process::Signal::TERM);
    assert!(server.end().success());

    // What is shown, and what is watched, begins with what waited.
    ben.run(&["chat", "send", &chat, "six"]).expect(10);
    let mut server = back_at(&campus, &address);
    assert_eq!(bodies(&ben, &chat).last().map(String::as_str), Some("six"));
    server.signal(rustix::process::Signal::TERM);
    assert!(server.end().success());

    ben.run(&["chat", "send", &chat, "seven"]).expect(10);
    let outbox = fs::read_dir(ben.home().join("state/outbox")).expect("an outbox").flatten();
    let file = outbox.map(|file| file.path()).find(|path| path.extension().is_some_and(|end| end == "json"));
    let (file, _server) = (file.expect("what waits"), back_at(&campus, &address));
    fs::write(&file, "{").expect("written");
    let damaged = ben.run(&["chat", "show", &chat]);
    assert!(damaged.stderr.contains("damaged"), "{damaged:?}");
    damaged.expect(0);
    ben.run(&["chat", "send", "cht_00000000000000000000000000", "Hello?"]).expect(5);
    assert_eq!(waiting(&ben), 0);
}
