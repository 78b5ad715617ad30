//! The command line as scripts see it: what goes to stdout, what to stderr, and how it ends.

mod account;
mod administration;
mod alerts;
mod chats;
mod completion;
mod deals;
mod faults;
mod guide;
mod hostile;
mod imports;
mod interrupts;
mod items;
mod keyring;
mod local;
mod modes;
mod pictures;
mod pipes;
mod prompts;
mod recipes;
mod scripting;
mod terminal;
mod trust;
mod walk;

use std::fmt::Write as _;

use crate::story::{Campus, Output, Student};

/// What a student typed and what came of it, in order.
#[derive(Default)]
struct Transcript {
    text: String,
    /// What differs from run to run, and what stands for it.
    filters: Vec<(String, String)>,
}

impl Transcript {
    fn of(student: &Student) -> Self {
        let mut transcript = Self::default();
        transcript.hide(&student.home().display().to_string(), "HOME");
        transcript.hide(&student.server, "SERVER");
        transcript
    }

    /// Shows a word in place of a text.
    fn hide(&mut self, text: &str, word: &str) {
        let escaped: String = text
            .chars()
            .map(|char| if char.is_alphanumeric() { char.to_string() } else { format!("\\{char}") })
            .collect();
        self.filters.push((escaped, word.to_owned()));
    }

    fn tell(&mut self, student: &Student, args: &[&str]) -> Output {
        self.tell_with(student, args, "")
    }

    /// Runs a command and writes down what came of it.
    fn tell_with(&mut self, student: &Student, args: &[&str], stdin: &str) -> Output {
        let output = student.run_with(args, stdin);
        self.note(args, stdin, &output);
        output
    }

    fn note(&mut self, args: &[&str], stdin: &str, output: &Output) {
        let quoted = |arg: &&str| {
            if arg.contains([' ', '*', '<']) || arg.is_empty() { format!("'{arg}'") } else { (*arg).to_owned() }
        };
        let typed = args.iter().map(quoted).collect::<Vec<_>>().join(" ");
        writeln!(self.text, "$ campuszon {typed}").expect("text");
        let parts = [("<", stdin), (">", output.stdout.as_str()), ("!", output.stderr.as_str())];
        for (mark, part) in parts {
            part.lines().for_each(|line| writeln!(self.text, "{mark} {line}").expect("text"));
        }
        writeln!(self.text, "= {}\n", output.code.map_or("a signal".to_owned(), |code| code.to_string()))
            .expect("text");
    }

    /// Compares all of it with what was agreed on.
    fn check(self, name: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(false);
        settings.set_snapshot_path("snapshots");
        settings.set_omit_expression(true);
        for (text, word) in &self.filters {
            settings.add_filter(text, word.as_str());
        }
        settings.add_filter(
            r"\b(aud|bkg|cht|img|itm|msg|ntf|pat|rev|rpt|sch|ses|usr|cmp)_[0-9a-hjkmnp-tv-z]{26}\b",
            "${1}_…",
        );
        settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME");
        settings.add_filter(r#""request_id":"[^"]+""#, r#""request_id":"REQUEST""#);
        settings.add_filter(r#""client_id":"[^"]+""#, r#""client_id":"KEY""#);
        settings.add_filter(r"--cursor \S+", "--cursor CURSOR");
        settings.bind(|| insta::assert_snapshot!(format!("cli-{name}"), self.text));
    }
}

/// A campus where Ada has listed two books and Ben nothing yet.
struct Scene {
    campus: Campus,
    ada: Student,
    ben: Student,
    calculus: String,
    novel: String,
}

impl Scene {
    fn set() -> Self {
        let campus = Campus::free();
        let ada = campus.sign_up("ada@uni.example", "Ada Lovelace");
        let ben = campus.sign_up("ben@uni.example", "Ben");
        let calculus = ada.offer("Calculus, 8th edition", "30");
        let novel = ada.offer("A \"quoted\" novel; =1+1", "4.5");
        Self { campus, ada, ben, calculus, novel }
    }
}
