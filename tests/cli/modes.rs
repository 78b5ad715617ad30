//! Every command in every mode: on a terminal, in a pipe, with `--json`, and accessible. The same story is told in each; its
//! commands stand side by side in one snapshot a noun, and a command that has no line in the story fails the test.

mod filters;
mod story;

use std::{fmt::Write as _, process::Stdio, thread};

use rustix::process::{Pid, Signal, kill_process};

use super::{terminal::Attended, walk::leaves};
use crate::{
    story::{Output, Running, Student, until},
    support::vt::Reading,
};

/// Commands that print a text as it is, or JSON laid out for people.
const TEXTS: [&str; 5] = ["api", "completion", "help", "man", "schema"];

/// How a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Terminal,
    Pipe,
    Json,
    Accessible,
}

const MODES: [Mode; 4] = [Mode::Terminal, Mode::Pipe, Mode::Json, Mode::Accessible];

/// A command of the story, and what came of it.
struct Told {
    leaf: &'static str,
    typed: String,
    output: Output,
}

/// The story so far.
struct Stage {
    mode: Mode,
    told: Vec<Told>,
    /// What differs from run to run, and what stands for it.
    hidden: Vec<(String, &'static str)>,
}

/// The words of a line, of which those in quotes may have spaces.
fn words(line: &str) -> Vec<String> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(|(number, part)| match number % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// The command that a line begins with.
fn leaf_of(line: &str) -> &'static str {
    let named = |name: &str| line == name || line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '));
    let found = leaves().iter().map(|leaf| leaf.name.as_str()).filter(|name| named(name));
    found.max_by_key(|name| name.len()).unwrap_or_else(|| panic!("no command: {line}"))
}

impl Stage {
    /// Shows a word in place of a text.
    fn hide(&mut self, text: impl Into<String>, word: &'static str) {
        self.hidden.push((text.into(), word));
    }

    fn command(&self, who: &Student, line: &str) -> std::process::Command {
        let mut args = words(line);
        if self.mode == Mode::Json {
            args.push("--json".to_owned());
        }
        let mut command = who.command(&args);
        if self.mode == Mode::Accessible {
            command.env("CAMPUSZON_ACCESSIBLE", "1");
        }
        // Only `config edit` needs one.
        command.env("EDITOR", "true");
        command
    }

    fn is_attended(&self) -> bool {
        matches!(self.mode, Mode::Terminal | Mode::Accessible)
    }

    fn tell(&mut self, who: &Student, line: &str) {
        self.tell_with(who, line, "");
    }

    /// Runs a command and notes what came of it.
    fn tell_with(&mut self, who: &Student, line: &str, stdin: &str) {
        let mut command = self.command(who, line);
        let output = if self.is_attended() {
            self.seen(line, Attended::with(&mut command, stdin))
        } else {
            crate::story::run(&mut command, stdin)
        };
        self.note(line, output);
    }

    /// What came of a command on a terminal, which must have been written as its mode promises.
    fn seen(&self, line: &str, attended: Attended) -> Output {
        if self.mode == Mode::Terminal {
            let output = attended.end();
            assert_eq!(Reading::of(output.stdout.as_bytes()).faults, [""; 0], "{line}: {output:?}");
            return output;
        }
        let output = attended.end_as_written();
        let stderr = Reading::of(output.stderr.as_bytes());
        assert_eq!(stderr.faults, [""; 0], "nothing is painted again: {line}: {output:?}");
        assert!(!output.stdout.contains('\u{1b}'), "neither colours nor links: {line}: {output:?}");
        let draws = |char| matches!(char, '\u{2500}'..='\u{257f}');
        let is_aligned = output.stdout.contains("  ") && !TEXTS.contains(&leaf_of(line));
        assert!(!is_aligned && !output.stdout.contains(draws), "columns or frames: {line}: {output:?}");
        Output { stderr: stderr.text, ..output }
    }

    /// Runs a command of whose output only a part is the same in every run.
    fn tell_part(&mut self, who: &Student, line: &str, part: impl Fn(Mode, &str) -> String) {
        self.tell(who, line);
        let told = self.told.last_mut().expect("it was noted");
        told.output.stdout = part(self.mode, &told.output.stdout);
    }

    fn note(&mut self, line: &str, output: Output) {
        self.told.push(Told { leaf: leaf_of(line), typed: line.to_owned(), output });
    }

    /// Runs a command that goes on, until it has printed what `cause` led to.
    fn watch(&mut self, who: &Student, line: &str, signal: Signal, cause: impl FnOnce()) {
        let mut command = self.command(who, line);
        if self.is_attended() {
            let attended = Attended::start(&mut command);
            cause();
            until("it prints", || attended.has_printed().then_some(()));
            kill_process(Pid::from_raw(attended.id().cast_signed()).expect("a process"), signal).expect("it runs");
            let output = self.seen(line, attended);
            return self.note(line, output);
        }
        let running = Running::start(command.stdin(Stdio::null()).stderr(Stdio::piped()));
        cause();
        self.note(line, running.end_after_a_line(signal));
    }

    /// Runs the full screen, or the guide, and leaves it at once, wherever the cursor is.
    fn leave(&mut self, who: &Student, line: &str) {
        let mut command = self.command(who, line);
        if !self.is_attended() {
            return self.tell(who, line);
        }
        let mut attended = Attended::start(&mut command);
        if self.mode == Mode::Accessible {
            attended.answer("Your choice:", "q\r");
            let output = self.seen(line, attended);
            return self.note(line, output);
        }
        until("it quits", || {
            attended.press("\u{3}");
            attended.has_ended().then_some(())
        });
        let output = attended.end();
        assert!(output.stdout.contains("\u{1b}[?1049h"), "no full screen: {output:?}");
        self.note(line, Output { stdout: String::new(), stderr: String::new(), ..output });
    }
}

#[test]
fn every_command_in_every_mode() {
    let stages: Vec<Stage> = thread::scope(|scope| {
        let runs =
            MODES.map(|mode| scope.spawn(move || story::told(Stage { mode, told: Vec::new(), hidden: Vec::new() })));
        runs.map(|run| run.join().expect("no panic")).into()
    });
    let told: Vec<&str> = stages[0].told.iter().map(|told| told.leaf).collect();
    let untold: Vec<&str> =
        leaves().iter().map(|leaf| leaf.name.as_str()).filter(|leaf| !told.contains(leaf)).collect();
    assert!(untold.is_empty(), "no line of the story has {untold:?}");

    let noun = |leaf: &'static str| leaf.split(' ').next().unwrap_or(leaf);
    let mut nouns: Vec<&str> = told.iter().map(|leaf| noun(leaf)).collect();
    nouns.sort_unstable();
    nouns.dedup();
    for wanted in nouns {
        let rows = (0..told.len()).filter(|row| noun(told[*row]) == wanted);
        let text = rows.map(|row| beside(&stages, row)).collect::<Vec<_>>().join("\n");
        filters::check(wanted, &text);
    }
}

/// One command, and what came of it in each mode.
fn beside(stages: &[Stage], row: usize) -> String {
    let mut text = String::new();
    for stage in stages {
        let Told { typed, output, .. } = &stage.told[row];
        if stage.mode == Mode::Terminal {
            writeln!(text, "$ campuszon {}", stage.shown(typed)).expect("text");
        }
        let code = output.code.map_or("a signal".to_owned(), |code| code.to_string());
        writeln!(text, "[{:?}] = {code}", stage.mode).expect("text");
        for (mark, part) in [(">", &output.stdout), ("!", &output.stderr)] {
            filters::shortened(&stage.shown(part))
                .iter()
                .for_each(|line| writeln!(text, "{mark} {line}").expect("text"));
        }
    }
    text
}

impl Stage {
    /// Without what differs from run to run.
    fn shown(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |text, (hidden, word)| text.replace(hidden, word))
    }
}
