//! The program `campuszon`: commands, the TUI, and the client below both.

pub mod client;
mod clock;
mod command;
mod context;
mod editor;
mod failure;
mod files;
mod first_pages;
mod interrupt;
mod output;
mod pictures;
mod prompt;
mod random;
mod settings;
mod slash;
mod suggestions;
pub mod tui;

use std::{ffi::OsString, io, process::ExitCode};

use clap::{FromArgMatches, error::ErrorKind};

use self::{
    command::Cli,
    context::Context,
    failure::{Exit, Failure},
    output::{Output, Terminal},
    prompt::PromptError,
};

/// Runs the program with its arguments, the name of the binary first, and says how the process ends.
pub fn run(args: &[OsString]) -> ExitCode {
    match command::completion::answer(args) {
        Ok(false) => {}
        Ok(true) => return ExitCode::SUCCESS,
        Err(error) => return unparsed(&error, args),
    }
    let cli = match parsed(args) {
        Ok(cli) => cli,
        Err(error) => return unparsed(&error, args),
    };
    let context = Context::new(&cli.global);
    let is_attended = context.output.terminal.stdin && context.output.terminal.stdout;
    let command = match cli.command {
        Some(command) => command.with_images(cli.images),
        None if is_attended => Ok(command::Command::full_screen(cli.images)),
        None => return without_command(&context.output),
    };
    let command = match command {
        Ok(command) => command,
        Err(failure) => return failure.report(&context.output),
    };
    if !command.handles_signals(&context) && interrupt::watch().is_err() {
        context.output.notice("signals cannot be watched: an interruption may leave unfinished files");
    }
    let outcome = in_runtime(command.needs_threads(), command.run(&context));
    match context.conclude(outcome) {
        Ok(()) => {
            context.output.release();
            ExitCode::SUCCESS
        }
        Err(failure) => failure.report(&context.output),
    }
}

/// Runs a future to its end: on this thread alone, which starts fastest, unless many are of use.
fn in_runtime(threads: bool, future: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let mut builder = if threads {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    let failed = |error: io::Error| Failure::new(Exit::Unexpected, "runtime", format!("cannot start: {error}"));
    builder.enable_all().build().map_err(failed)?.block_on(future)
}

/// Where no command is named and there is no terminal for the full screen.
fn without_command(output: &Output) -> ExitCode {
    let mut tree = command::tree();
    if !output.is_for_machines() {
        output.insist(&tree.render_help().to_string());
        return ExitCode::from(Exit::Usage as u8);
    }
    let names: Vec<&str> = tree.get_subcommands().map(clap::Command::get_name).collect();
    Failure::new(Exit::Usage, "usage", format!("a command is missing: {}", names.join(", "))).report(output)
}

fn parsed(args: &[OsString]) -> Result<Cli, clap::Error> {
    let mut tree = command::without_empty_variables(command::tree());
    let mut matches = tree.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut tree))
}

/// What clap says instead of a command: help and version on stdout, faults on stderr.
fn unparsed(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let environment = |name: &str| std::env::var(name).ok();
    let terminal = Terminal::find(&environment);
    let output = Output::new(command::machine_format(args), None, terminal, false);
    let text = error.render();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        let text = if terminal.colour { text.ansi().to_string() } else { text.to_string() };
        return match output.bytes(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => Failure::from(error).report(&output),
        };
    }
    if error.kind() == ErrorKind::MissingRequiredArgument {
        let missing = PromptError::Missing(command::missing(error, args));
        return Failure::from(missing).hint(command::usage(error)).report(&output);
    }
    if !output.is_for_machines() {
        output.insist(text.to_string().trim_end());
        return ExitCode::from(Exit::Usage as u8);
    }
    let text = text.to_string();
    let message = command::complaint(error);
    let tips = text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: "));
    let failure = Failure::new(Exit::Usage, "usage", message);
    let tips = tips.collect::<Vec<_>>().join("; ");
    if tips.is_empty() { failure.report(&output) } else { failure.hint(tips).report(&output) }
}
