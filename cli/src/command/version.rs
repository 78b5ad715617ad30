//! `campuszon version`: of the program, and of the server where it answers.

use clap::Args;
use serde_json::json;

use super::shapes;
use crate::{client::Client, context::Context, failure::Failure};

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  campuszon version
  campuszon version --client --json=version")]
pub struct VersionArgs {
    /// Do not ask the server for its own
    #[arg(long)]
    client: bool,
}

/// Prints the versions. A server that does not answer is no failure.
///
/// # Errors
/// Unusable settings.
pub async fn run(args: &VersionArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::VERSION)?;
    let client = if args.client { None } else { Some(context.client()?) };
    let meta = match &client {
        Some(client) => answered(client, context).await,
        None => None,
    };
    let version = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "server": client.as_ref().map(|client| client.server().as_str()),
        "server_name": meta.as_ref().map(|meta| &meta.name),
        "server_version": meta.as_ref().map(|meta| &meta.version),
    });
    Ok(context.output.one(&shapes::VERSION, &version)?)
}

async fn answered(client: &Client, context: &Context) -> Option<campuszon_core::wire::meta::Meta> {
    let asked = client.meta().await;
    asked.map_err(|error| context.output.notice(&error.to_string())).ok()
}
