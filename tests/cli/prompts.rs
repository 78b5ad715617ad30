//! Questions at a terminal: those who look at them, and those who have them read.

use rustix::process::{Pid, Signal, kill_process};

use super::{Scene, Transcript, terminal::Attended};
use crate::{
    story::{Output, Student, until},
    support::PASSWORD,
};

/// Runs a command that asks these questions.
fn asked(student: &Student, accessible: bool, args: &[&str], answers: &[(&str, &str)]) -> Output {
    let mut command = student.command(args);
    if accessible {
        command.env("CAMPUSZON_ACCESSIBLE", "1");
    }
    let mut attended = Attended::start(&mut command);
    for (question, keys) in answers {
        attended.answer(question, keys);
    }
    attended.end()
}

#[test]
fn what_is_missing_is_asked_for() {
    let scene = Scene::set();
    let nobody = scene.campus.visitor();
    let mut told = Transcript::of(&scene.ada);
    let password = format!("{PASSWORD}\r");
    for accessible in [false, true] {
        let name = if accessible { "accessible" } else { "usual" };
        let mut tell = |student, args: &[&str], answers: &[(&str, &str)]| {
            let output = asked(student, accessible, args, answers);
            told.note(&[&[name], args].concat(), "", &output);
        };
        tell(&nobody, &["auth", "login"], &[("E-mail:", "ben@uni.example\r"), ("Password:", &password)]);
        let create = ["item", "create", "--condition", "good", "--category", "books"];
        tell(&scene.ada, &create, &[("Title:", "Algebra\r"), ("Price:", "7\r")]);
        tell(&scene.ada, &["item", "delete", &scene.novel], &[("Delete", "n\r")]);
        // Where nothing is repainted Ctrl-C ends the process, as anywhere, and Ctrl-D the input.
        let leave = if accessible { "\u{4}" } else { "\u{1b}" };
        tell(&scene.ada, &["auth", "token", "create", "--scope", "read"], &[("Name of the token:", leave)]);
        tell(&scene.ada, &["auth", "password", "change"], &[("Present password:", "\u{3}")]);
        tell(&scene.ada, &["auth", "password", "change"], &[("Present password:", "\u{1b}")]);
    }
    told.check("prompts");
}

/// A signal in the middle of a question ends it, and whoever has the terminal next finds it as it was.
#[test]
fn the_terminal_is_given_back() {
    let scene = Scene::set();
    for accessible in ["", "1"] {
        let mut command = scene.ada.command(&["auth", "password", "change"]);
        let mut attended = Attended::start(command.env("CAMPUSZON_ACCESSIBLE", accessible));
        attended.answer("Present password:", "secret");
        until("the terminal is taken", || (!attended.is_given_back()).then_some(()));
        let process = Pid::from_raw(attended.id().cast_signed()).expect("a process");
        kill_process(process, Signal::TERM).expect("it runs");
        until("it ends", || attended.has_ended().then_some(()));
        assert!(attended.is_given_back(), "accessible: {accessible:?}");
        assert_eq!(attended.end().code, None);
    }
}

#[test]
fn yes_is_typed_too() {
    let scene = Scene::set();
    for (accessible, item) in [(false, &scene.calculus), (true, &scene.novel)] {
        let output = asked(&scene.ada, accessible, &["item", "delete", item], &[("Delete", "y\r")]);
        assert_eq!(output.code, Some(0), "{output:?}");
        assert_eq!(scene.ada.run(&["item", "show", item]).code, Some(5));
    }
}
