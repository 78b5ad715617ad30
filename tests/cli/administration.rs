//! `admin init`, `admin campus`, `admin check`, and what a user takes along.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{
    Transcript,
    terminal::{Attended, screen},
};
use crate::{
    story::{Campus, Student, until},
    support::PASSWORD,
};

/// A campus and its administrator.
fn administered() -> (Campus, Student) {
    let campus = Campus::free();
    let cleo = campus.sign_up("cleo@uni.example", "Cleo");
    let data = campus.data().display().to_string();
    cleo.run(&["admin", "init", "--data", &data, "--email", "cleo@uni.example"]).expect(0);
    until("the server knows", || (cleo.run(&["admin", "stats"]).code == Some(0)).then_some(()));
    (campus, cleo)
}

#[test]
fn numbers_are_watched_line_by_line() {
    let (_campus, cleo) = administered();
    let watching = cleo.start(&["admin", "stats", "--watch=1", "--json"]);
    let requests = || {
        let (line, _) = watching.line();
        let stats: Value = serde_json::from_str(&line).expect("an object a line");
        stats["server"]["requests"]["count"].as_i64().expect("a count")
    };
    assert!(requests() < requests());
    assert_eq!(watching.end_after_a_line(Signal::TERM).code, None);
    let refused = cleo.run(&["admin", "stats", "--watch=0"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
}

#[test]
fn numbers_are_painted_over_on_a_terminal() {
    let (_campus, cleo) = administered();
    let mut command = cleo.command(&["admin", "stats", "--watch=1"]);
    let attended = Attended::start(command.env("LANG", "C.UTF-8"));
    until("it paints again", || (attended.stdout_so_far().matches("Bookings").count() >= 2).then_some(()));
    kill_process(Pid::from_raw(attended.id().cast_signed()).expect("a process"), Signal::TERM).expect("it runs");
    let output = attended.end();
    assert!(output.stdout.matches("Requests").count() >= 2, "{output:?}");
    let screen = screen(&output.stdout.replace('\n', "\r\n"));
    assert_eq!(screen.matches("Requests").count(), 1, "{screen}");
    assert!(screen.contains('█') && screen.contains("/s   p50"), "there are rates: {screen}");
    assert!(!output.stdout.contains("\u{1b}[?1049h"), "{output:?}");
}

#[test]
fn looking_after_campuses() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut told = Transcript::of(&ada);
    told.hide(&campus.data().display().to_string(), "DATA");
    let data = campus.data();
    let data = data.to_str().expect("a path");
    let init = ["admin", "init", "--data", data];
    told.tell(&ada, &init);
    told.tell(&ada, &["admin", "campus", "list"]);
    told.tell_with(
        &ada,
        &[&init[..], &["--email", "ada@gmail.com", "--password-stdin"]].concat(),
        &format!("{PASSWORD}\n"),
    );
    told.tell_with(&ada, &[&init[..], &["--email", "new@uni.example", "--password-stdin"]].concat(), "short\n");
    told.tell(&ada, &[&init[..], &["--email", "ada@uni.example"]].concat());
    told.tell(&ada, &["admin", "init", "nonsense", "--email", "ada@uni.example"]);
    crate::story::until("the server notices", || (ada.run(&["admin", "campus", "list"]).code == Some(0)).then_some(()));
    told.tell(&ada, &["admin", "campus", "list"]);
    told.tell(&ada, &["admin", "campus", "create"]);
    let create = ["admin", "campus", "create", "--name", "Tech", "--domain", "tech.example"];
    told.tell(&ada, &[&create[..], &["--dry-run"]].concat());
    told.tell(&ada, &[&create[..], &["--json"]].concat());
    told.tell(&ada, &create);
    told.tell(&ada, &["admin", "campus", "create", "--name", "Mail", "--domain", "gmail.com"]);
    let uni = ada.run(&["admin", "campus", "list", "--format", "ids"]).expect(0);
    let uni = uni.lines().last().expect("the oldest").to_owned();
    told.tell(&ada, &["admin", "campus", "edit", &uni]);
    told.tell(&ada, &["admin", "campus", "edit", &uni, "--name", "University", "--add-domain", "student.uni.example"]);
    told.tell(&ada, &["admin", "campus", "edit", &uni, "--remove-domain", "uni.example"]);
    told.tell(&ada, &["admin", "check", "--data", data]);
    told.tell(&ada, &["admin", "check", "--data", data, "--json"]);
    told.tell(&ada, &["user", "export", "--out", "mine", "--json=out,images"]);
    told.check("administration");
}
