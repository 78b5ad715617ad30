//! How commands end that cannot do what was asked.

use serde_json::Value;

use super::{Scene, Transcript};
use crate::story::{Campus, Student};

#[test]
fn usage() {
    let ada = Student::without_server();
    let mut told = Transcript::of(&ada);
    told.tell(&ada, &["item", "lst"]);
    told.tell(&ada, &["itme"]);
    told.tell(&ada, &["item", "list", "--categry", "books"]);
    told.tell(&ada, &["item", "list", "--categry", "books", "--json"]);
    told.tell(&ada, &["item", "list", "--condition", "broken"]);
    told.tell(&ada, &["item", "list", "--condition", "broken", "--format", "jsonl"]);
    told.tell(&ada, &["item", "list", "--limit", "0", "--json"]);
    told.tell(&ada, &["item", "list", "--json=titel"]);
    told.tell(&ada, &["item", "list", "--fields", "titel,price"]);
    told.tell(&ada, &["item", "list", "--format", "xml"]);
    told.tell(&ada, &["item", "list", "--json", "--format", "csv"]);
    told.tell(&ada, &["item", "list", "--seller", "somebody"]);
    told.tell(&ada, &["item", "show"]);
    told.tell(&ada, &["item", "show", "--json"]);
    told.tell(&ada, &["item", "show", "usr_00000000000000000000000000"]);
    told.tell(&ada, &["chat", "send", "nonsense", "Hello", "--json"]);
    told.tell(&ada, &["auth", "register"]);
    told.tell(&ada, &["auth", "register", "--json"]);
    told.tell(&ada, &["api", "GET", "https://evil.example/"]);
    told.tell(&ada, &["item", "list", "--server", "http://market.uni.example"]);
    told.tell(&ada, &["serve", "--log", "loud"]);
    told.check("usage");
}

#[test]
fn refusals() {
    let scene = Scene::set();
    let nobody = scene.campus.visitor();
    let missing = "itm_00000000000000000000000000";
    let mut told = Transcript::of(&scene.ben);
    told.tell(&nobody, &["item", "list"]);
    told.tell(&nobody, &["item", "list", "--json"]);
    told.tell(&scene.ben, &["item", "show", missing]);
    told.tell(&scene.ben, &["item", "show", missing, "--json"]);
    told.tell(&scene.ben, &["item", "list", "condition:brokn"]);
    told.tell(&scene.ben, &["item", "list", "--category", "boks", "--json"]);
    told.tell(&scene.ben, &["item", "list", "--cursor", "nonsense"]);
    told.tell(&scene.ada, &["item", "publish", &scene.calculus, "--json"]);
    told.tell(&scene.ben, &["item", "sold", &scene.calculus]);
    told.tell(
        &scene.ada,
        &["item", "create", "--title", "x", "--price", "1", "--category", "nothing", "--condition", "good"],
    );
    told.tell(&scene.ben, &["api", "GET", "/api/nowhere"]);
    told.tell(&scene.ben, &["api", "POST", "/api/chats", "-f", "item=1", "--json"]);
    told.check("refusals");
}

/// Whatever goes wrong, a program reads one line of JSON and nothing else.
#[test]
fn errors_for_programs_are_one_line() {
    let scene = Scene::set();
    let nobody = scene.campus.visitor();
    let away = Student::without_server();
    let missing = "itm_00000000000000000000000000";
    let cases: [(&Student, &[&str], i32); 9] = [
        (&nobody, &["chat", "list"], 4),
        (&nobody, &["auth", "login", "--email", "ada@uni.example"], 2),
        (&scene.ben, &["item", "show", missing], 5),
        (&scene.ben, &["item", "show", missing, &scene.calculus], 12),
        (&scene.ada, &["item", "publish", &scene.calculus], 6),
        (&scene.ada, &["item", "delete", &scene.calculus], 2),
        (&scene.ada, &["item", "image", "add", &scene.calculus, "nothing.jpg"], 2),
        (&scene.ben, &["item", "edit", &scene.calculus, "--price", "1"], 7),
        (&away, &["version", "--server", "nowhere"], 2),
    ];
    for (student, args, code) in cases {
        for format in ["--json", "--format=jsonl"] {
            let output = student.run(&[args, &[format]].concat());
            assert_eq!(output.code, Some(code), "{args:?}: {output:?}");
            assert_eq!(output.stdout.is_empty(), code != 12, "{args:?}: {output:?}");
            assert_eq!(output.stderr.lines().count(), 1, "{args:?}: {output:?}");
            let error: Value = serde_json::from_str(&output.stderr).expect("JSON");
            let fields: Vec<&String> = error["error"].as_object().expect("an object").keys().collect();
            let documented =
                ["code", "message", "hint", "exit_code", "http_status", "request_id", "retry_after_s", "fields"];
            assert_eq!(fields, documented);
            assert_eq!(error["error"]["exit_code"], code);
        }
    }
}

#[test]
fn a_server_that_is_not_there_is_told_from_one_that_fails() {
    let mut campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut told = Transcript::of(&ada);
    assert!(campus.stop().success());
    let output = ada.run(&["item", "list"]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(10), ""), "{output:?}");
    assert!(output.stderr.contains(&ada.server), "{output:?}");
    told.tell(&ada, &["version", "--json=server_version"]);
    told.check("unreachable");
}
