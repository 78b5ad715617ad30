//! All commands as a tree, each with what its help says of how it ends.

use std::ffi::OsStr;

use clap::{Command, CommandFactory, builder::Resettable};

use super::Cli;

/// The whole command line.
pub fn tree() -> Command {
    with_endings(Cli::command())
}

/// An environment variable that is set to nothing, as compose files and pipelines do, says nothing.
pub fn without_empty_variables(command: Command) -> Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let command =
        command.mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg });
    command.mut_subcommands(without_empty_variables)
}

fn with_endings(command: Command) -> Command {
    if command.has_subcommands() {
        return command.mut_subcommands(with_endings);
    }
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let endings = endings(&command);
    command.after_help(format!("{help}\n\n{endings}"))
}

/// The exit codes that a command has for reasons of its own, and where all are told.
fn endings(command: &Command) -> String {
    let is_batch = command.get_positionals().any(|arg| {
        let takes_several = arg.get_num_args().is_some_and(|range| range.max_values() > 1);
        takes_several && arg.get_value_names().is_some_and(|names| names.iter().any(|name| name == "ID"))
    });
    let waits = command.get_arguments().any(|arg| arg.get_long() == Some("wait"));
    let mut endings = vec!["0 done"];
    endings.extend(waits.then_some("8 still pending"));
    endings.extend(is_batch.then_some("12 only some worked"));
    format!("Exit codes: {}; the others: campuszon help exit-codes", endings.join(", "))
}
