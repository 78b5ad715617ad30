//! All commands as a tree, each with what its help says of how it ends.

use clap::{Command, CommandFactory};

use super::Cli;

/// The whole command line.
pub fn tree() -> Command {
    with_endings(Cli::command())
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
