//! What a command line lacks. Everything is named at once: what cannot be left out, and what would be asked for where
//! somebody sits at a terminal.

use std::ffi::OsString;

use clap::{
    Arg, ArgMatches, Command,
    error::{ContextKind, ContextValue},
    parser::ValueSource,
};

use super::tree;

/// The heading, in the help of a command, of what it needs but asks for at a terminal.
pub const NEEDED: &str = "Needed; asked for at a terminal";

/// What is missing by `error`, and what else of [`NEEDED`] the arguments do not give.
pub fn missing(error: &clap::Error, args: &[OsString]) -> Vec<String> {
    let mut names: Vec<String> = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::Strings(names)) => names.iter().map(|name| plain(name)).collect(),
        _ => Vec::new(),
    };
    let mut command = tree().ignore_errors(true);
    if let Ok(matches) = command.try_get_matches_from_mut(args) {
        let (command, matches) = innermost(&command, &matches);
        names.extend(command.get_arguments().filter(|arg| is_lacking(arg, command, matches)).map(name));
    }
    // First what has a place, then what has a name.
    names.sort_by_key(|name| name.starts_with("--"));
    names
}

/// What is wrong, and which arguments or values there are: the first paragraph of what clap says.
pub fn complaint(error: &clap::Error) -> String {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ").trim_start_matches("error: ").to_owned()
}

/// How the command is used, in one line.
pub fn usage(error: &clap::Error) -> String {
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let line = usage.lines().next().unwrap_or_default().trim_start_matches("Usage: ");
    format!("{line}; --help tells more")
}

/// The command that was meant, and what it was given.
fn innermost<'a>(command: &'a Command, matches: &'a ArgMatches) -> (&'a Command, &'a ArgMatches) {
    let below = matches.subcommand().and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
    below.map_or((command, matches), |(command, matches)| innermost(command, matches))
}

fn is_lacking(arg: &Arg, command: &Command, matches: &ArgMatches) -> bool {
    let is_given = |arg: &Arg| matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
    let replaces = |other: &Arg| command.get_arg_conflicts_with(other).iter().any(|out| out.get_id() == arg.get_id());
    let is_replaced = || command.get_arguments().filter(|other| is_given(other)).any(replaces);
    arg.get_help_heading() == Some(NEEDED) && !is_given(arg) && !is_replaced()
}

/// What an argument is called where it is missing.
fn name(arg: &Arg) -> String {
    match arg.get_long() {
        Some(long) => format!("--{long}"),
        None => plain(&arg.to_string()),
    }
}

/// `--price <PRICE>` as `--price`, and `<FILE|->...` as `FILE`.
fn plain(usage: &str) -> String {
    let first = usage.split(' ').next().unwrap_or(usage);
    let value = first.trim_matches(['<', '>', '[', ']', '.']);
    value.split('|').next().unwrap_or(value).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lacks(line: &str) -> Vec<String> {
        let args: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        missing(&tree().try_get_matches_from(&args).expect_err("something is missing"), &args)
    }

    #[test]
    fn everything_is_named_at_once() {
        assert_eq!(lacks("campuszon item show"), ["ID"]);
        assert_eq!(lacks("campuszon item import --json"), ["FILE"]);
        assert_eq!(lacks("campuszon item report"), ["ID", "--reason"]);
        assert_eq!(lacks("campuszon item report --reason spam"), ["ID"]);
        assert_eq!(lacks("campuszon booking counter"), ["ID", "--price"]);
        assert_eq!(lacks("campuszon chat send"), ["ID", "TEXT"]);
        assert_eq!(lacks("campuszon chat send --image a.jpg"), ["ID"]);
    }
}
