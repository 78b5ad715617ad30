//! `campuszon help`: of a command, or of what concerns them all.

use campuszon_core::fault::nearest;
use clap::Args;
use serde_json::json;

use super::{CommandError, shapes, tree};
use crate::{context::Context, failure::Failure};

/// What concerns many commands: a name, what it is about, and the text.
const TOPICS: [(&str, &str, &str); 7] = [
    (
        "accessibility",
        "Lines in place of screens, to be read aloud",
        include_str!("../../../assets/help/accessibility.txt"),
    ),
    ("environment", "Variables that are read", include_str!("../../../assets/help/environment.txt")),
    ("exit-codes", "How a command ends", include_str!("../../../assets/help/exit-codes.txt")),
    ("formatting", "Tables, JSON, csv, fields, jq", include_str!("../../../assets/help/formatting.txt")),
    ("recipes", "Ten scripts to begin with", include_str!("../../../assets/help/recipes.txt")),
    ("scripting", "Pipes, cron jobs and bots", include_str!("../../../assets/help/scripting.txt")),
    ("search", "Words and keys of a search", include_str!("../../../assets/help/search.txt")),
];

#[derive(Args, Debug)]
#[command(after_help = "Topics: accessibility, environment, exit-codes, formatting, recipes, scripting, search

Examples:
  campuszon help exit-codes
  campuszon help item create")]
pub struct HelpArgs {
    /// A topic, or a command
    #[arg(value_name = "TOPIC|COMMAND")]
    about: Vec<String>,
}

/// Prints it.
///
/// # Errors
/// There is no such topic or command.
pub fn run(args: &HelpArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::HELP)?;
    let about = args.about.join(" ");
    let text = match TOPICS.iter().find(|(name, ..)| *name == about) {
        Some((.., text)) => (*text).to_owned(),
        None => of_command(&args.about)?,
    };
    if context.output.is_for_machines() {
        return Ok(context.output.one(&shapes::HELP, &json!({"about": about, "text": text}))?);
    }
    Ok(context.output.bytes(text.as_bytes())?)
}

/// The help of a command; of the program itself, with the topics, when none is named.
fn of_command(path: &[String]) -> Result<String, CommandError> {
    let mut command = tree();
    command.build();
    let mut found = &mut command;
    for name in path {
        let names: Vec<String> = found.get_subcommands().map(|below| below.get_name().to_owned()).collect();
        found = match found.find_subcommand_mut(name) {
            Some(below) => below,
            None => return Err(unknown(name, &names)),
        };
    }
    let help = found.render_long_help().to_string();
    Ok(if path.is_empty() { format!("{help}\n{}", topics()) } else { help })
}

fn topics() -> String {
    let lines = TOPICS.iter().map(|(name, about, _)| format!("  {name:12}  {about}\n"));
    format!("Topics (campuszon help TOPIC):\n{}", lines.collect::<String>())
}

fn unknown(name: &str, commands: &[String]) -> CommandError {
    let topics = TOPICS.iter().map(|(name, ..)| *name);
    let near = nearest(name, commands.iter().map(String::as_str).chain(topics));
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    CommandError::usage(format!("there is no topic or command {name}{hint}"))
}
