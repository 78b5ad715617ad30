//! The whole command tree, as the program itself tells of it: what holds for one command holds for all, and for every one
//! that comes.

use std::{collections::BTreeSet, sync::OnceLock};

use serde_json::Value;

use crate::story::Student;

/// A command that does something itself, and what its help says.
pub struct Leaf {
    /// Such as `item list`.
    pub name: String,
    help: String,
}

/// Every command there is, by walking through the help of each.
pub fn leaves() -> &'static [Leaf] {
    static LEAVES: OnceLock<Vec<Leaf>> = OnceLock::new();
    LEAVES.get_or_init(|| {
        let mut found = Vec::new();
        visit(&Student::without_server(), &[], &mut found);
        assert!(found.len() >= 110, "only {} commands were found", found.len());
        found
    })
}

fn visit(ada: &Student, path: &[String], found: &mut Vec<Leaf>) {
    let help = ada.run(&[path, &["--help".to_owned()]].concat()).expect(0);
    let below = listed(&help, "Commands:");
    if below.is_empty() {
        return found.push(Leaf { name: path.join(" "), help });
    }
    wants_a_verb(ada, path, &below);
    for name in below {
        visit(ada, &[path, &[name]].concat(), found);
    }
}

/// A noun alone says which verbs there are.
fn wants_a_verb(ada: &Student, path: &[String], verbs: &[String]) {
    let [plain, json] = [&[][..], &["--json".to_owned()]].map(|format| ada.run(&[path, format].concat()));
    for output in [&plain, &json] {
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{path:?}: {output:?}");
        assert!(verbs.iter().all(|verb| output.stderr.contains(verb.as_str())), "{path:?}: {output:?}");
    }
    assert_eq!(json.stderr.lines().count(), 1, "{path:?}: {json:?}");
}

/// The first words of what a help lists under a heading.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let lines = help
        .lines()
        .skip_while(|line| *line != heading)
        .skip(1)
        .take_while(|line| line.is_empty() || line.starts_with(' '));
    let entries = lines.filter(|line| line.starts_with("  ") && !line.starts_with("          "));
    entries.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

impl Leaf {
    fn words(&self) -> Vec<&str> {
        self.name.split(' ').collect()
    }

    /// What is needed on the command line: what the usage has in no brackets, and what would be asked for.
    fn needs(&self) -> Vec<String> {
        let usage = self.help.lines().find_map(|line| line.strip_prefix("Usage: ")).expect("a usage");
        let own = usage.split(' ').filter(|word| word.starts_with("--") || word.starts_with('<'));
        // The value of a flag follows it.
        let mut needed: Vec<String> = Vec::new();
        let mut words = own.peekable();
        while let Some(word) = words.next() {
            needed.push(plain(word));
            if word.starts_with("--") {
                words.next_if(|next| next.starts_with('<'));
            }
        }
        needed.extend(listed(&self.help, "Needed; asked for at a terminal:").iter().map(|word| plain(word)));
        needed
    }
}

/// `<FILE|->...` as `FILE`.
fn plain(word: &str) -> String {
    word.trim_matches(['<', '>', '[', ']', '.']).split('|').next().expect("a word").to_owned()
}

#[test]
fn every_command_explains_itself() {
    for Leaf { name, help } in leaves() {
        let examples = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
        let own = examples.filter(|line| line.contains(&format!("campuszon {name}"))).count();
        assert!(own >= 2, "{name} has {own} examples of itself:\n{help}");
        assert!(help.contains("--json"), "{name} takes no --json");
        let ending = help.trim_end().lines().last().expect("a line");
        assert!(ending.starts_with("Exit codes: 0 done"), "{name}: {ending}");
        assert!(ending.ends_with("campuszon help exit-codes"), "{name}: {ending}");
        assert_eq!(ending.contains("8 still pending"), help.contains("--wait[="), "{name}: {ending}");
        for line in help.lines() {
            assert!(line.chars().count() <= 130, "{name}: {line}");
        }
    }
}

/// Commands that change nothing, here or on a server.
const READING: &[&str] = &[
    "auth status",
    "auth token list",
    "auth session list",
    "item list",
    "item show",
    "item watch",
    "item export",
    "booking list",
    "booking show",
    "search list",
    "search run",
    "chat list",
    "chat show",
    "chat watch",
    "wallet balance",
    "wallet history",
    "alert list",
    "alert watch",
    "user show",
    "user reviews",
    "watch",
    "admin user list",
    "admin item list",
    "admin report list",
    "admin voucher list",
    "admin audit",
    "admin stats",
    "admin queue show",
    "admin campus list",
    "admin maintenance show",
    "admin check",
    "admin config check",
    "server list",
    "config list",
    "config get",
    "config path",
    "doctor",
    "schema",
    "completion",
    "version",
    "help",
];

/// Commands that write what they are asked for, start something, or leave all to an editor: there is nothing to try.
const WITHOUT_DRY_RUN: [&str; 11] = [
    "admin backup",
    "admin demo",
    "admin init",
    "admin keys rotate",
    "admin restore",
    "chat open",
    "config edit",
    "man",
    "serve",
    "tui",
    "user export",
];

/// Lists of what a file of this machine holds, which are printed whole.
const FILES: [&str; 2] = ["config list", "server list"];

/// Lists by other names.
const LISTS: [&str; 4] = ["admin audit", "search run", "user reviews", "wallet history"];

/// What is not printed in fields: full screens, editors, what the API answers, a script.
const WITHOUT_SCHEMA: [&str; 5] = ["chat open", "tui", "api", "config edit", "completion"];

#[test]
fn changes_can_be_tried_lists_go_on_and_what_is_printed_is_described() {
    let described = Student::without_server().run(&["schema", "--format", "ids"]).expect(0);
    for Leaf { name, help } in leaves() {
        let has = |flag: &str| help.lines().any(|line| line.trim_start().starts_with(flag));
        let is_tried = ![READING, &WITHOUT_DRY_RUN].concat().contains(&name.as_str());
        assert_eq!(has("--dry-run"), is_tried, "--dry-run of {name}");
        assert_ne!(
            described.lines().any(|line| line == name),
            WITHOUT_SCHEMA.contains(&name.as_str()),
            "schema {name}"
        );
        let is_list = name.ends_with(" list") && !FILES.contains(&name.as_str());
        if is_list || LISTS.contains(&name.as_str()) {
            assert!(has("--limit <N>") && has("--all") && has("--cursor <CURSOR>"), "the pages of {name}");
        }
    }
}

/// What is needed to end commands that would go on, or take long, without any of their arguments.
const BOUNDED: [(&str, &[&str]); 2] =
    [("serve", &["--listen", "nowhere"]), ("admin demo", &["--data", "/dev/null/nowhere"])];

#[test]
fn every_command_works_without_a_terminal_and_names_all_that_is_missing() {
    let ada = Student::without_server();
    for leaf in leaves() {
        let bounds = BOUNDED.iter().find(|(name, _)| *name == leaf.name).map_or(&[][..], |(_, bounds)| bounds);
        let args = [&leaf.words()[..], bounds].concat();
        let (plain, json) = (ada.run(&args), ada.run(&[&args[..], &["--json"]].concat()));
        assert_eq!(plain.code, json.code, "{}: {plain:?} {json:?}", leaf.name);
        let code = plain.code.expect("an exit code");
        assert!([0, 2, 4, 10, 13].contains(&code), "{}: {plain:?}", leaf.name);
        let (error, missing) = missing(&json.stderr);
        let needs = leaf.needs();
        let sorted = |names: &[String]| names.iter().cloned().collect::<BTreeSet<_>>();
        if code != 0 {
            assert_eq!(json.stderr.lines().count(), 1, "{}: {json:?}", leaf.name);
            assert_eq!(error["exit_code"], code, "{}: {json:?}", leaf.name);
        }
        let is_choice = plain.stderr.starts_with("error: nothing to change");
        assert!(is_choice || sorted(&missing) == sorted(&needs), "{} needs {needs:?}: {json:?}", leaf.name);
        if !needs.is_empty() {
            assert_eq!((code, plain.stdout.as_str(), json.stdout.as_str()), (2, "", ""), "{}", leaf.name);
            let first = plain.stderr.lines().next().expect("a line");
            assert_eq!(first, format!("error: missing {}", missing.join(", ")), "{}", leaf.name);
        }
    }
}

/// The error on stderr, and the names of what is missing by it.
fn missing(stderr: &str) -> (Value, Vec<String>) {
    let Ok(told) = serde_json::from_str::<Value>(stderr) else { return (Value::Null, Vec::new()) };
    let error = told["error"].clone();
    if error["code"] != "missing_input" {
        return (error, Vec::new());
    }
    let fields = error["fields"].as_array().expect("fields").iter();
    let names = fields.map(|fault| fault["field"].as_str().expect("a name"));
    let flags = names.map(|name| if name == name.to_uppercase() { name.to_owned() } else { format!("--{name}") });
    let flags = flags.collect();
    (error, flags)
}
