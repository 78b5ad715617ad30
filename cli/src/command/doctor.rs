//! `campuszon doctor`: whether everything is in order on this side, told in a way that is safe to paste.

use campuszon_core::{
    Timestamp,
    wire::{maintenance::Maintenance, meta::Meta},
};
use clap::Args;
use serde::Serialize;

use super::shapes;
use crate::{
    client::{Client, ClientError},
    clock,
    context::{Context, environment},
    failure::{Exit, Failure},
    files,
    settings::Settings,
};

#[derive(Args, Debug)]
#[command(
    after_help = "No password, token or address of a person is printed, so that it can be pasted into a question.

Examples:
  campuszon doctor
  campuszon doctor --json | jq '.[] | select(.status != \"ok\")'"
)]
pub struct DoctorArgs {}

/// By how much the clocks may differ, in seconds, before times on the screen mislead.
const SKEW: i64 = 30;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    /// It works, though not as well as it could.
    Warning,
    /// Something does not work.
    Failed,
}

/// What was looked at, and what came of it.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    detail: String,
    hint: Option<&'static str>,
}

impl Finding {
    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self { check, status: Status::Ok, detail: detail.into(), hint: None }
    }

    fn warning(check: &'static str, detail: impl Into<String>, hint: &'static str) -> Self {
        Self { check, status: Status::Warning, detail: detail.into(), hint: Some(hint) }
    }

    fn failed(check: &'static str, detail: impl Into<String>, hint: &'static str) -> Self {
        Self { check, status: Status::Failed, detail: detail.into(), hint: Some(hint) }
    }
}

/// Looks at everything, and prints what it found.
///
/// # Errors
/// The first thing that does not work decides how it ends.
pub async fn run(_: DoctorArgs, context: &Context) -> Result<(), Failure> {
    context.output.check(&shapes::FINDING)?;
    let mut findings = vec![Finding::ok("program", format!("campuszon {}", env!("CARGO_PKG_VERSION")))];
    let failure = match context.settings() {
        Ok(settings) => {
            findings.extend([configuration(&settings), directories(&settings)]);
            server(context, &settings, &mut findings).await
        }
        Err(error) => {
            findings.push(Finding::failed("configuration", told(&error), "campuszon config edit"));
            Some(error)
        }
    };
    findings.push(terminal(context));
    findings.push(pictures());
    for finding in &mut findings {
        finding.detail = without_home(&finding.detail);
    }
    context.output.list(&shapes::FINDING, &findings)?;
    match failure {
        Some(failure) => Err(failure),
        None if findings.iter().any(|finding| finding.status == Status::Failed) => {
            Err(Failure::new(Exit::Local, "unhealthy", "something does not work: see above"))
        }
        None => Ok(()),
    }
}

fn told(failure: &Failure) -> String {
    if let Failure::Told(report) = failure { report.message.clone() } else { "cannot be used".to_owned() }
}

fn configuration(settings: &Settings) -> Finding {
    let path = &settings.places.config;
    let detail = if path.exists() { path.display().to_string() } else { "no file, so all is as it comes".to_owned() };
    Finding::ok("configuration", detail)
}

/// What is kept for the user alone has to be so.
fn directories(settings: &Settings) -> Finding {
    let state = &settings.places.state;
    if !state.exists() {
        return Finding::ok("files", format!("nothing kept yet in {}", state.display()));
    }
    match files::others_bits(state) {
        Ok(0) => Finding::ok("files", format!("{}, private", state.display())),
        Ok(_) => {
            Finding::failed("files", format!("others can look into {}", state.display()), "chmod 700 that directory")
        }
        Err(error) => {
            Finding::failed("files", format!("{}: {error}", state.display()), "make it readable for yourself")
        }
    }
}

/// The server, the clock against its own, and the account. Answers what failed.
async fn server(context: &Context, settings: &Settings, findings: &mut Vec<Finding>) -> Option<Failure> {
    let client = match context.client() {
        Ok(client) => client,
        Err(error) => {
            findings.push(Finding::failed("server", told(&error), "campuszon server list"));
            return Some(error);
        }
    };
    let began = std::time::Instant::now();
    match client.meta_and_time().await {
        Ok((meta, time)) => {
            findings.push(reached(&client, &meta, began.elapsed().as_millis()));
            findings.extend(time.map(clocks));
            findings.extend(meta.maintenance.as_ref().map(maintained));
        }
        Err(error) => {
            findings.push(Finding::failed("server", error.to_string(), "is it running, and is its address right?"));
            return Some(error.into());
        }
    }
    findings.push(account(&client, settings).await);
    None
}

fn reached(client: &Client, meta: &Meta, millis: u128) -> Finding {
    let detail = format!("{} at {}, version {}, in {millis} ms", meta.name, client.server(), meta.version);
    if meta.version == env!("CARGO_PKG_VERSION") {
        return Finding::ok("server", detail);
    }
    Finding::warning("server", detail, "its version is another: what is new on one side is missing on the other")
}

fn maintained(maintenance: &Maintenance) -> Finding {
    let message = maintenance.message.as_deref().unwrap_or("nothing more is said of it");
    let detail = format!("since {}: {message}", maintenance.since);
    Finding::warning("maintenance", detail, "try again later: administrators alone are served")
}

fn clocks(server: Timestamp) -> Finding {
    let seconds = (clock::now().millis() - server.millis()) / 1_000;
    if seconds.abs() <= SKEW {
        return Finding::ok("clock", "as the server's");
    }
    let detail = format!("{} s {} the server's", seconds.abs(), if seconds > 0 { "ahead of" } else { "behind" });
    Finding::warning("clock", detail, "set this machine's clock: times are shown wrong")
}

async fn account(client: &Client, settings: &Settings) -> Finding {
    let kept = if client.uses_environment_token() {
        "by a token in the environment".to_owned()
    } else if client.is_in_keyring().unwrap_or_default() {
        "kept in the system keyring".to_owned()
    } else {
        format!("kept in a file below {}", settings.places.state.display())
    };
    match client.me().await {
        Ok(profile) => Finding::ok("account", format!("signed in as a {}, {kept}", profile.role)),
        Err(ClientError::NotSignedIn(_)) => Finding::warning("account", "nobody is signed in", "campuszon auth login"),
        Err(error) => Finding::warning("account", error.to_string(), "campuszon auth login"),
    }
}

fn terminal(context: &Context) -> Finding {
    let given = |name: &str| environment(name).unwrap_or_else(|| "unset".to_owned());
    let ends = context.output.terminal;
    let detail = format!(
        "TERM={} COLORTERM={} LANG={}, {} columns, stdout {}",
        given("TERM"),
        given("COLORTERM"),
        given("LANG"),
        ends.width,
        if ends.stdout { "is a terminal" } else { "leads elsewhere" },
    );
    if environment("TERM").is_some_and(|term| term == "dumb") {
        return Finding::warning("terminal", detail, "this terminal cannot show the full-screen interface");
    }
    Finding::ok("terminal", detail)
}

/// How pictures are drawn in full screen, and why.
fn pictures() -> Finding {
    match environment("COLORTERM").as_deref() {
        Some("truecolor" | "24bit") => Finding::ok("pictures", "half blocks in true colour, which COLORTERM promises"),
        _ => Finding::warning(
            "pictures",
            "half blocks in 256 colours, since COLORTERM does not promise more",
            "a terminal with true colour sets COLORTERM=truecolor",
        ),
    }
}

/// A path below the home directory tells who somebody is.
fn without_home(text: &str) -> String {
    match environment("HOME").filter(|home| home.len() > 1) {
        Some(home) => text.replace(&home, "~"),
        None => text.to_owned(),
    }
}
