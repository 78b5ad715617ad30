//! `campuszon completion`: scripts for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::Cli;
use crate::{context::Context, failure::Failure};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
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
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "campuszon", &mut script);
    if !context.output.is_for_machines() {
        return Ok(context.output.bytes(&script)?);
    }
    let script = serde_json::json!({ "shell": args.shell.to_string(), "script": String::from_utf8_lossy(&script) });
    Ok(context.output.json(&script)?)
}
