//! `campuszon server`: named servers, each with its own account.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{Change, CommandError, batch::Done, shapes};
use crate::{
    client::Server,
    context::Context,
    failure::Failure,
    settings::{ConfigFile, Origin, SettingsError},
};

/// What to do with named servers.
#[derive(Debug, Subcommand)]
pub enum ServerCommand {
    /// Give a server a name
    Add(AddArgs),
    /// Use a server from now on
    Use(NameArgs),
    /// List the named servers
    List(ListArgs),
    /// Forget the name of a server
    Remove(RemoveArgs),
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon server add uni https://market.uni.example
  campuszon server add lab http://10.0.0.7:8080 --insecure-http")]
pub struct AddArgs {
    /// A name of letters, digits, - and _
    name: String,
    /// Its address
    url: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon server use uni
  campuszon server use http://127.0.0.1:8080")]
pub struct NameArgs {
    /// A name, or an address
    #[arg(value_name = "NAME|URL")]
    name: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon server remove lab
  campuszon server remove lab --yes")]
pub struct RemoveArgs {
    /// Its name
    name: String,
    #[command(flatten)]
    change: Change,
}

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon server list
  campuszon server list --json=name,url")]
pub struct ListArgs {}

impl ServerCommand {
    /// Does it.
    ///
    /// # Errors
    /// Whatever kept it from being done.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        let mut file = context.config_file()?;
        match self {
            Self::Add(args) => add(&args, &mut file, context),
            Self::Use(args) => select(&args, &mut file, context),
            Self::List(_) => list(&file, context),
            Self::Remove(args) => remove(&args, &mut file, context),
        }
    }
}

fn add(args: &AddArgs, file: &mut ConfigFile, context: &Context) -> Result<(), Failure> {
    let name = &args.name;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
        return Err(CommandError::usage(format!("{name:?} is no name: letters, digits, - and _ make one")).into());
    }
    let insecure = context.overrides.insecure_http;
    let server = Server::parse(&args.url, insecure)?;
    file.set(&format!("servers.{name}.url"), server.as_str())?;
    if insecure {
        file.set(&format!("servers.{name}.insecure_http"), "true")?;
    }
    let is_first = file.get("server").is_none();
    if is_first {
        file.set("server", name)?;
    }
    let next =
        if is_first { "It is the one in use now.".to_owned() } else { format!("Use it: campuszon server use {name}") };
    let done = context.save(file, &args.change, &format!("Added {name}, {server}. {next}"))?;
    let row = json!({ "name": name, "url": server.as_str(), "current": is_first });
    Ok(context.output.changed(&shapes::SERVER, &row, &done)?)
}

fn select(args: &NameArgs, file: &mut ConfigFile, context: &Context) -> Result<(), Failure> {
    let (servers, name) = (file.servers(), &args.name);
    let named = servers.iter().find(|(known, _)| known == name);
    let url = match named {
        Some((_, url)) => url.clone(),
        None if name.contains("://") => Server::parse(name, context.overrides.insecure_http)?.as_str().to_owned(),
        None => return Err(unknown(name, &servers).into()),
    };
    file.set("server", name)?;
    let done = context.save(file, &args.change, &format!("Using {name}."))?;
    let row = json!({ "name": named.map(|(name, _)| name), "url": url, "current": true });
    Ok(context.output.changed(&shapes::SERVER, &row, &done)?)
}

fn list(file: &ConfigFile, context: &Context) -> Result<(), Failure> {
    let current = context.settings().ok().and_then(|settings| settings.server_name);
    let row =
        |(name, url): (String, String)| json!({ "current": current.as_ref() == Some(&name), "name": name, "url": url });
    let rows: Vec<Value> = file.servers().into_iter().map(row).collect();
    if rows.is_empty() {
        context.output.notice("no named servers; add one: campuszon server add NAME URL");
    }
    Ok(context.output.list(&shapes::SERVER, &rows)?)
}

fn remove(args: &RemoveArgs, file: &mut ConfigFile, context: &Context) -> Result<(), Failure> {
    let (servers, name) = (file.servers(), args.name.as_str());
    if !servers.iter().any(|(known, _)| known == name) {
        return Err(unknown(name, &servers).into());
    }
    context.confirm(&args.change, &format!("Forget the name {name}?"))?;
    file.unset(&format!("servers.{name}"));
    if file.get("server").as_deref() == Some(name) {
        file.unset("server");
    }
    let said = context.save(file, &args.change, &format!("Removed {name}."))?;
    let done = Done { id: name.to_owned(), status: "removed" };
    Ok(context.output.changed(&shapes::DONE, &done, &said)?)
}

fn unknown(name: &str, servers: &[(String, String)]) -> SettingsError {
    let near = campuszon_core::fault::nearest(name, servers.iter().map(|(known, _)| known.as_str()));
    SettingsError::UnknownServer { name: name.to_owned(), near: near.map(str::to_owned), origin: Origin::Argument }
}
