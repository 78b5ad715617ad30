//! `campuszon config`: the configuration of this program.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Change, CommandError, shapes};
use crate::{
    context::Context,
    editor::{self, EditorError},
    failure::{Exit, Failure},
    files::{self, Access},
    settings::{ConfigFile, SettingsError, key},
};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// List the settings
    List(ListArgs),
    /// Print one setting
    Get(GetArgs),
    /// Set one
    Set(SetArgs),
    /// Remove one, so that its default holds
    Unset(UnsetArgs),
    /// Open the file in $VISUAL or $EDITOR
    Edit(EditArgs),
    /// Print where the file is
    Path(PathArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config list --sources
  campuszon config list --json")]
pub struct ListArgs {
    /// Tell where each value came from
    #[arg(long)]
    sources: bool,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config get timeout
  campuszon config get server")]
pub struct GetArgs {
    /// A setting's name
    key: String,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config set timeout 60s
  campuszon config set ui.ascii true")]
pub struct SetArgs {
    /// A setting's name
    key: String,
    /// Its value
    value: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config unset timeout
  campuszon config unset servers.lab.insecure_http")]
pub struct UnsetArgs {
    /// A setting's name
    key: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config edit
  VISUAL='code --wait' campuszon config edit")]
pub struct EditArgs {}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon config path
  cat \"$(campuszon config path)\"")]
pub struct PathArgs {}

impl ConfigCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::List(args) => list(&args, context),
            Self::Get(args) => get(&args.key, context),
            Self::Set(args) => set(&args, context),
            Self::Unset(args) => unset(&args, context),
            Self::Edit(_) => edit(context),
            Self::Path(_) => {
                let file = context.config_path()?;
                let row = json!({ "key": "path", "value": file.to_string_lossy() });
                value(context, &row)
            }
        }
    }
}

fn list(args: &ListArgs, context: &Context) -> Result<(), Failure> {
    let settings = context.settings()?.sourced;
    let rows: Vec<Value> = settings
        .iter()
        .map(|one| {
            json!({
                "key": one.key.name, "value": one.value, "source": one.origin.to_string(), "meaning": one.key.meaning,
            })
        })
        .collect();
    if args.sources {
        return Ok(context.output.list(&shapes::SOURCED_SETTING, &rows)?);
    }
    let rows: Vec<Value> = rows.iter().map(|row| json!({ "key": row.get("key"), "value": row.get("value") })).collect();
    Ok(context.output.list(&shapes::SETTING, &rows)?)
}

fn get(name: &str, context: &Context) -> Result<(), Failure> {
    let known = key::find(name).map_err(|near| SettingsError::UnknownKey { key: name.to_owned(), near });
    let known = known.map_err(|error| Failure::new(Exit::Usage, "unknown_key", error.to_string()))?;
    let effective = match known.filter(|key| key.name == name) {
        Some(key) => context.settings()?.sourced.iter().find(|one| one.key == key).map(|one| one.value.clone()),
        None => context.config_file()?.get(name),
    };
    value(context, &json!({ "key": name, "value": effective }))
}

/// A value alone, ready for a variable; in JSON with its key.
fn value(context: &Context, row: &Value) -> Result<(), Failure> {
    use crate::output::Format;
    if !matches!(context.output.format, Format::Table | Format::Rows) {
        return Ok(context.output.one(&shapes::SETTING, row)?);
    }
    let text = row.get("value").map(crate::output::cell::text).unwrap_or_default();
    Ok(context.output.line(&text)?)
}

fn set(args: &SetArgs, context: &Context) -> Result<(), Failure> {
    let mut file = context.config_file()?;
    file.set(&args.key, &args.value).map_err(as_usage)?;
    let done = context.save(&file, &args.change, &format!("{} is {} now.", args.key, args.value))?;
    let row = json!({ "key": args.key, "value": args.value });
    Ok(context.output.changed(&shapes::SETTING, &row, &done)?)
}

fn unset(args: &UnsetArgs, context: &Context) -> Result<(), Failure> {
    let (mut file, name) = (context.config_file()?, &args.key);
    let done = if file.unset(name) {
        context.save(&file, &args.change, &format!("{name} is unset."))?
    } else {
        format!("{name} was not set.")
    };
    Ok(context.output.changed(&shapes::SETTING, &json!({ "key": name, "value": null }), &done)?)
}

/// What was typed is at fault here, not the file.
fn as_usage(error: SettingsError) -> Failure {
    match error {
        SettingsError::UnknownKey { .. } => Failure::new(Exit::Usage, "unknown_key", error.to_string()),
        other => other.into(),
    }
}

fn edit(context: &Context) -> Result<(), Failure> {
    if !context.output.terminal.stdin || !context.output.terminal.stdout {
        return Err(CommandError::usage("an editor needs a terminal; use `campuszon config set`").into());
    }
    let path = context.config_path()?;
    if !path.exists() {
        files::replace(&path, b"", Access::Usual)
            .map_err(|source| SettingsError::File { path: path.clone(), source })?;
    }
    editor::edit(&path).map_err(|error| match error {
        EditorError::Start { program, source } => CommandError::File { path: program.into(), source }.into(),
        ended => Failure::new(Exit::Unexpected, "editor", ended.to_string()),
    })?;
    Ok(ConfigFile::read(&path)?.check()?)
}
