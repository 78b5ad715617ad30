//! `campuszon completion`: scripts for shells, and the candidates that those scripts ask the program for.

use std::{ffi::OsStr, ffi::OsString, sync::Arc};

use clap::Args;
use clap_complete::{
    ArgValueCompleter, CompletionCandidate, Shell,
    env::{CompleteEnv, Shells},
};

use crate::{
    context::{Context, environment},
    failure::{Exit, Failure},
    settings::{Overrides, Settings},
    suggestions::{Suggestion, Suggestions},
};

/// Set by the scripts when they ask for candidates.
const VARIABLE: &str = "CAMPUSZON_COMPLETE";

#[derive(Args, Debug)]
#[command(after_help = "Ids are completed from what was printed lately, also by a part of their titles.

Examples:
  campuszon completion bash > ~/.local/share/bash-completion/completions/campuszon
  campuszon completion fish > ~/.config/fish/completions/campuszon.fish")]
pub struct CompletionArgs {
    /// The shell
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// Where stdout cannot be written.
pub fn run(args: &CompletionArgs, context: &Context) -> Result<(), Failure> {
    let shell = args.shell.to_string();
    let mut script = Vec::new();
    let written = Shells::builtins()
        .completer(&shell)
        .map(|shell| shell.write_registration(VARIABLE, "campuszon", "campuszon", "campuszon", &mut script));
    if !matches!(written, Some(Ok(()))) {
        return Err(Failure::new(Exit::Unexpected, "completion", format!("there is no script for {shell}")));
    }
    if !context.output.is_for_machines() {
        return Ok(context.output.bytes(&script)?);
    }
    let script = serde_json::json!({ "shell": shell, "script": String::from_utf8_lossy(&script) });
    Ok(context.output.json(&script)?)
}

/// Answers a script, if it is one that asks; tells whether it was.
///
/// # Errors
/// What clap says of a question it cannot read.
pub fn answer(args: &[OsString]) -> Result<bool, clap::Error> {
    CompleteEnv::with_factory(|| with_ids(super::tree())).var(VARIABLE).try_complete(args, None)
}

/// What ids a command takes, by its noun and the name of the value.
const IDS: [(&str, &str, &str); 8] = [
    ("item", "ID", "itm_"),
    ("booking", "ITEM", "itm_"),
    ("booking", "ID", "bkg_"),
    ("chat", "ITEM", "itm_"),
    ("chat", "ID", "cht_"),
    ("user", "ID", "usr_"),
    ("alert", "ID", "ntf_"),
    ("tui", "ID", "itm_"),
];

fn with_ids(command: clap::Command) -> clap::Command {
    let suggestions: Arc<[Suggestion]> = suggestions().into();
    IDS.into_iter().fold(command, |command, (noun, value, prefix)| {
        let suggestions = Arc::clone(&suggestions);
        let complete = ArgValueCompleter::new(move |typed: &OsStr| candidates(&suggestions, prefix, typed));
        command.mut_subcommand(noun, |noun| completed(noun, value, &complete))
    })
}

/// The command and those below it, with candidates for values of that name.
fn completed(command: clap::Command, value: &str, complete: &ArgValueCompleter) -> clap::Command {
    let takes = |arg: &clap::Arg| {
        arg.get_value_names().is_some_and(|names| names.iter().any(|name| name.split('|').next() == Some(value)))
    };
    command
        .mut_args(|arg| if takes(&arg) { arg.add(complete.clone()) } else { arg })
        .mut_subcommands(|below| completed(below, value, complete))
}

/// What was printed lately on the server in use.
fn suggestions() -> Vec<Suggestion> {
    let settings = Settings::load(&Overrides::default(), &environment);
    settings.map(|found| Suggestions::below(&found.places.cache, &found.server).all()).unwrap_or_default()
}

/// Ids that begin with what was typed, or whose label has it.
fn candidates(suggestions: &[Suggestion], prefix: &str, typed: &OsStr) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy().to_lowercase();
    let fits = |one: &&Suggestion| {
        one.id.starts_with(prefix) && (one.id.starts_with(&typed) || one.label.to_lowercase().contains(&typed))
    };
    let candidate = |one: &Suggestion| CompletionCandidate::new(&one.id).help(Some(one.label.clone().into()));
    suggestions.iter().filter(fits).map(candidate).collect()
}
