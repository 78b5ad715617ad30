//! What every command works with: the way out, the way to ask, the settings, and the client.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

use crate::{
    client::{Client, Credentials, Options, Planned, Server, SessionStore, Trace},
    command::{Change, CommandError, Global, shapes},
    failure::Failure,
    output::{self, Fields, Format, Output, Terminal},
    prompt::Prompt,
    settings::{ConfigFile, Overrides, Places, Settings},
    suggestions::Suggestions,
};

/// The surroundings of one run.
#[derive(Debug)]
pub struct Context {
    /// The way out.
    pub output: Output,
    /// The way to ask.
    pub prompt: Prompt,
    /// What the flags say of settings.
    pub overrides: Overrides,
    verbose: u8,
    /// The client of a dry run, which knows what it would have sent.
    planner: OnceLock<Client>,
}

/// An environment variable; one that is empty or no Unicode counts as absent.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What this machine calls itself.
pub fn this_machine() -> String {
    let named = environment("HOSTNAME").or_else(|| std::fs::read_to_string("/etc/hostname").ok());
    let named = named.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    named.map_or_else(|| "campuszon".to_owned(), |name| format!("campuszon on {name}"))
}

/// A client for the server at `address`, as whoever the environment or the session kept for it says.
///
/// # Errors
/// An address that is none, or a token in the environment that cannot be used.
pub fn client_at(address: &str, settings: &Settings, trace: Option<Trace>) -> Result<Client, Failure> {
    let server = Server::parse(address, settings.insecure_http)?;
    let credentials = match token_of_environment()? {
        Some(token) => Credentials::Token(token),
        None => {
            Credentials::Store(SessionStore::new(&settings.places.state, server.as_str(), settings.credential_store))
        }
    };
    Ok(Client::new(Options { server, credentials, timeout: settings.timeout, trace }))
}

/// Whether what is printed for people is to be read to them. Settings that cannot be used are told of by the command.
fn is_accessible(overrides: &Overrides) -> bool {
    Settings::load(overrides, &environment).map_or(overrides.accessible, |settings| settings.accessible)
}

impl Context {
    /// Looks around. Insists on no file yet: some commands are there to repair one.
    pub fn new(global: &Global) -> Self {
        let in_ci = environment("CI").is_some_and(|ci| ci != "false");
        let found = Terminal::find(&environment);
        let overrides = Overrides {
            server: global.server.clone(),
            config: global.config.clone(),
            insecure_http: global.insecure_http,
            accessible: global.accessible,
        };
        let accessible = (found.stdout || found.stderr) && is_accessible(&overrides);
        // A pager waits for its user.
        let height = found.height.filter(|_| !global.no_input && !in_ci && !accessible);
        let terminal = Terminal { height, accessible, ..found };
        let fields = global.fields.as_deref().or(global.json.as_deref()).and_then(Fields::parse);
        let output = Output::new(global.format(), fields, terminal, global.quiet).with_jq(global.jq.clone());
        let attended = terminal.stdin && terminal.stderr && !global.no_input && !in_ci;
        let prompt = Prompt { allowed: attended && !output.is_for_machines(), yes: global.yes, accessible };
        Self { output, prompt, overrides, verbose: global.verbose, planner: OnceLock::new() }
    }

    /// The same surroundings, in plain lines, for a server of a name or an address; for the same one where `None`.
    #[must_use]
    pub fn at(&self, server: Option<String>) -> Self {
        let server = server.or_else(|| self.overrides.server.clone());
        let overrides = Overrides { server, ..self.overrides.clone() };
        Self { output: self.output.plain(), overrides, planner: OnceLock::new(), ..*self }
    }

    /// The settings of this run.
    ///
    /// # Errors
    /// Those of [`Settings::load`].
    pub fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(&self.overrides, &environment)?)
    }

    /// Where the configuration file is.
    ///
    /// # Errors
    /// Where there is no home directory.
    pub fn config_path(&self) -> Result<PathBuf, Failure> {
        Ok(Places::find(self.overrides.config.clone(), &environment)?.config)
    }

    /// The configuration file, unchecked.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn config_file(&self) -> Result<ConfigFile, Failure> {
        Ok(ConfigFile::read(&self.config_path()?)?)
    }

    /// A client for the server in use.
    ///
    /// # Errors
    /// Unusable settings, or an address that is none.
    pub fn client(&self) -> Result<Client, Failure> {
        let settings = self.settings()?;
        self.client_with(&settings.server, &settings)
    }

    /// A client for the server at `address`.
    ///
    /// # Errors
    /// As for [`Context::client`].
    pub fn client_of(&self, address: &str) -> Result<Client, Failure> {
        self.client_with(address, &self.settings()?)
    }

    fn client_with(&self, address: &str, settings: &Settings) -> Result<Client, Failure> {
        let trace = (self.verbose > 0).then(|| Arc::new(output::trace) as Trace);
        let client = client_at(address, settings, trace)?;
        self.output.comes_from(client.server().as_str(), Suggestions::below(&settings.places.cache, address));
        Ok(client)
    }

    /// A client for a command that changes something.
    ///
    /// # Errors
    /// As for [`Context::client`].
    pub fn changing(&self, change: &Change) -> Result<Client, Failure> {
        let client = self.client()?;
        if !change.dry_run {
            return Ok(client);
        }
        Ok(self.planner.get_or_init(|| client.dry_run()).clone())
    }

    /// Asks whether a change is meant; a dry run means nothing yet.
    ///
    /// # Errors
    /// Those of [`Prompt::confirm`].
    pub fn confirm(&self, change: &Change, question: &str) -> Result<(), Failure> {
        if change.dry_run { Ok(()) } else { Ok(self.prompt.confirm(question)?) }
    }

    /// Writes the configuration file and says `done`; a dry run only says what would hold then.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, file: &ConfigFile, change: &Change, done: &str) -> Result<String, Failure> {
        if change.dry_run {
            return Ok(format!("Nothing was written. Otherwise: {done}"));
        }
        file.save()?;
        Ok(done.to_owned())
    }

    /// What the run ends with: a dry run shows its plan.
    ///
    /// # Errors
    /// The failure, where it is one.
    pub fn conclude(&self, outcome: Result<(), Failure>) -> Result<(), Failure> {
        match (outcome, self.planner.get()) {
            (Err(Failure::DryRun), Some(planner)) => Ok(self.output.list(&shapes::PLANNED, &self.plan(planner))?),
            (outcome, _) => outcome,
        }
    }
}

impl Context {
    /// The requests of a dry run. A cell holds a body as it would be sent, not what people would call it by.
    fn plan(&self, planner: &Client) -> Vec<Planned> {
        let is_flat = !matches!(self.output.format, Format::Json | Format::Jsonl);
        let shown = |planned: Planned| match &planned.body {
            Value::Object(_) | Value::Array(_) if is_flat => {
                Planned { body: Value::String(planned.body.to_string()), ..planned }
            }
            _ => planned,
        };
        planner.planned().into_iter().map(shown).collect()
    }
}

/// The token in `CAMPUSZON_TOKEN`, or in the file that `CAMPUSZON_TOKEN_FILE` names.
fn token_of_environment() -> Result<Option<String>, Failure> {
    let given = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
    let token = match (given("CAMPUSZON_TOKEN"), given("CAMPUSZON_TOKEN_FILE")) {
        (Some(token), _) => token,
        (None, Some(path)) => {
            std::fs::read_to_string(&path).map_err(|source| CommandError::File { path: path.into(), source })?
        }
        (None, None) => return Ok(None),
    };
    let token = token.trim().to_owned();
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(CommandError::usage("the token in the environment is not one").into());
    }
    Ok(Some(token))
}
