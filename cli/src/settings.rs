//! What this run works with: each setting from the first place that has it (flag, environment, named server,
//! configuration file, default), and where that was.

pub mod file;
pub mod key;
pub mod place;
pub mod quiet;

use std::{fmt, path::PathBuf, time::Duration};

use campuszon_core::{fault::nearest, time::parse_duration};

use crate::client::CredentialStore;

pub use self::{file::ConfigFile, key::Key, place::Places, quiet::QuietHours};

/// What the command line says of settings.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--server`: a name or an address.
    pub server: Option<String>,
    /// `--config`: another configuration file.
    pub config: Option<PathBuf>,
    /// `--insecure-http`.
    pub insecure_http: bool,
    /// `--accessible`.
    pub accessible: bool,
}

/// The environment, as a function so that tests can bring their own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this call.
    Flag(&'static str),
    /// An argument of this call.
    Argument,
    /// An environment variable.
    Environment(&'static str),
    /// The entry of the server in use.
    NamedServer(String),
    /// The configuration file.
    File,
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag --{name}"),
            Self::Argument => f.write_str("argument"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::NamedServer(name) => write!(f, "server {name}"),
            Self::File => f.write_str("file"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A setting with its value and origin, as `config list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// Which setting.
    pub key: &'static Key,
    /// Its value, as written.
    pub value: String,
    /// Who said so.
    pub origin: Origin,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The system names no home directory.
    #[error("there is no home directory to keep the configuration in")]
    NoHome,
    /// A file cannot be read or written.
    #[error("cannot use {path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is no TOML.
    #[error("{path} cannot be read: {reason}")]
    Syntax {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
    /// A key that means nothing.
    #[error("there is no setting {key}{}", meant(near.as_deref()))]
    UnknownKey {
        /// As written.
        key: String,
        /// What may have been meant.
        near: Option<String>,
    },
    /// A value that its key does not take.
    #[error("{key} is {value:?} ({origin}), but must be {expected}")]
    BadValue {
        /// Which setting.
        key: String,
        /// As written.
        value: String,
        /// Who said so.
        origin: Origin,
        /// What would be accepted.
        expected: String,
    },
    /// Neither a server's name nor an address.
    #[error("there is no server named {name:?}{}", meant(near.as_deref()))]
    UnknownServer {
        /// As written.
        name: String,
        /// What may have been meant.
        near: Option<String>,
        /// Who said so.
        origin: Origin,
    },
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near}?"))
}

/// The settings of this run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where files live.
    pub places: Places,
    /// The name of the server in use, if it has one.
    pub server_name: Option<String>,
    /// The address of the server in use.
    pub server: String,
    /// Whether plain `http` may leave this machine.
    pub insecure_http: bool,
    /// How long one request may take.
    pub timeout: Duration,
    /// Where sessions are kept.
    pub credential_store: CredentialStore,
    /// Whether the TUI draws with ASCII only.
    pub ascii: bool,
    /// The name of the TUI's colours.
    pub theme: String,
    /// When the TUI rings no bell.
    pub quiet_hours: Option<QuietHours>,
    /// Whether what is printed for people is to be read to them.
    pub accessible: bool,
    /// How the TUI shows pictures, of [`key::IMAGE_WORDS`].
    pub images: String,
    /// All of them with their origins.
    pub sourced: Vec<Sourced>,
}

impl Settings {
    /// Settles every setting.
    ///
    /// # Errors
    /// See [`SettingsError`].
    pub fn load(overrides: &Overrides, environment: Environment<'_>) -> Result<Self, SettingsError> {
        let places = Places::find(overrides.config.clone(), environment)?;
        let file = ConfigFile::read(&places.config)?;
        file.check()?;
        let mut layers = Layers { overrides, environment, file: &file, server: None };
        let mut server = layers.find(&key::SERVER);
        let chosen = layers.server(&server)?;
        layers.server.clone_from(&chosen.name);
        server.value.clone_from(&chosen.address);
        let others = key::ALL.iter().filter(|key| key.name != key::SERVER.name);
        let mut sourced = vec![server];
        sourced.extend(others.map(|key| layers.find(key)));
        for setting in &sourced {
            setting.check()?;
        }
        let value =
            |key: &Key| sourced.iter().find(|one| one.key.name == key.name).map_or("", |one| one.value.as_str());
        Ok(Self {
            insecure_http: key::is_on(value(&key::INSECURE_HTTP)),
            timeout: parse_duration(value(&key::TIMEOUT)).unwrap_or(Duration::from_secs(30)),
            credential_store: match value(&key::CREDENTIAL_STORE) {
                "keyring" => CredentialStore::Keyring,
                "file" => CredentialStore::File,
                _ => CredentialStore::Auto,
            },
            ascii: key::is_on(value(&key::ASCII)),
            theme: value(&key::THEME).to_owned(),
            quiet_hours: QuietHours::parse(value(&key::QUIET_HOURS)).unwrap_or_default(),
            accessible: key::is_on(value(&key::ACCESSIBLE)),
            images: value(&key::IMAGES).to_owned(),
            server_name: chosen.name,
            server: chosen.address,
            places,
            sourced,
        })
    }
}

impl Sourced {
    fn check(&self) -> Result<(), SettingsError> {
        self.key.check(&self.value).map_err(|expected| SettingsError::BadValue {
            key: self.key.name.to_owned(),
            value: self.value.clone(),
            origin: self.origin.clone(),
            expected,
        })
    }
}

struct Layers<'a> {
    overrides: &'a Overrides,
    environment: Environment<'a>,
    file: &'a ConfigFile,
    /// The named server in use, once known.
    server: Option<String>,
}

struct Chosen {
    name: Option<String>,
    address: String,
}

impl Layers<'_> {
    fn find(&self, key: &'static Key) -> Sourced {
        let (value, origin) = self.first(key);
        Sourced { key, value, origin }
    }

    fn first(&self, key: &Key) -> (String, Origin) {
        if let Some((flag, value)) = self.flag(key) {
            return (value, Origin::Flag(flag));
        }
        if let Some(name) = key.environment
            && let Some(value) = (self.environment)(name).filter(|value| !value.is_empty())
        {
            return (value, Origin::Environment(name));
        }
        if let Some(server) = &self.server
            && let Some(value) = self.file.get(&format!("servers.{server}.{}", key.name))
        {
            return (value, Origin::NamedServer(server.clone()));
        }
        match self.file.get(key.name) {
            Some(value) => (value, Origin::File),
            None => (self.usual(key).to_owned(), Origin::Default),
        }
    }

    /// What holds where nobody says anything. What is under one directory is there to be carried away with it.
    fn usual(&self, key: &Key) -> &'static str {
        let is_portable = || (self.environment)("CAMPUSZON_HOME").is_some_and(|home| !home.is_empty());
        if key.name == key::CREDENTIAL_STORE.name && is_portable() { "file" } else { key.default }
    }

    fn flag(&self, key: &Key) -> Option<(&'static str, String)> {
        if key.name == key::SERVER.name {
            return self.overrides.server.clone().map(|server| ("server", server));
        }
        let switches = [
            (&key::INSECURE_HTTP, "insecure-http", self.overrides.insecure_http),
            (&key::ACCESSIBLE, "accessible", self.overrides.accessible),
        ];
        let given = switches.into_iter().find(|(switch, _, given)| *given && switch.name == key.name);
        given.map(|(_, flag, _)| (flag, "true".to_owned()))
    }

    /// The server that is meant by a name or an address.
    fn server(&self, setting: &Sourced) -> Result<Chosen, SettingsError> {
        let servers = self.file.servers();
        let matches = |(name, address): &&(String, String)| *name == setting.value || *address == setting.value;
        if let Some((name, address)) = servers.iter().find(matches) {
            return Ok(Chosen { name: Some(name.clone()), address: address.clone() });
        }
        if setting.value.contains("://") {
            return Ok(Chosen { name: None, address: setting.value.clone() });
        }
        let near = nearest(&setting.value, servers.iter().map(|(name, _)| name.as_str()));
        Err(SettingsError::UnknownServer {
            name: setting.value.clone(),
            near: near.map(str::to_owned),
            origin: setting.origin.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
        timeout = '20s'
        server = 'uni'
        [servers.uni]
        url = 'https://market.uni.example'
        timeout = '50s'
        [servers.lab]
        url = 'https://lab.example'
    ";

    fn load(file: &str, server: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::write(home.path().join("config.toml"), file).expect("written");
        let home_path = home.path().to_string_lossy().into_owned();
        let environment = |name: &str| {
            let given = variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            given.or_else(|| (name == "CAMPUSZON_HOME").then(|| home_path.clone()))
        };
        Settings::load(&Overrides { server: server.map(str::to_owned), ..Overrides::default() }, &environment)
    }

    fn origin(settings: &Settings, name: &str) -> Origin {
        settings.sourced.iter().find(|one| one.key.name == name).expect("a setting").origin.clone()
    }

    #[test]
    fn flag_then_environment_then_named_server_then_file_then_default() {
        let settings = load(FILE, None, &[]).expect("settings");
        assert_eq!(settings.server, "https://market.uni.example");
        assert_eq!((settings.timeout.as_secs(), origin(&settings, "timeout")), (50, Origin::NamedServer("uni".into())));
        assert_eq!(origin(&settings, "server"), Origin::File);
        assert_eq!(origin(&settings, "ui.ascii"), Origin::Default);

        let settings = load(FILE, None, &[("CAMPUSZON_SERVER", "lab")]).expect("settings");
        assert_eq!(settings.server_name.as_deref(), Some("lab"));
        assert_eq!((settings.timeout.as_secs(), origin(&settings, "timeout")), (20, Origin::File));
        assert_eq!(origin(&settings, "server"), Origin::Environment("CAMPUSZON_SERVER"));

        let settings = load(FILE, Some("http://localhost:1"), &[("CAMPUSZON_SERVER", "lab")]).expect("settings");
        assert_eq!((settings.server.as_str(), settings.server_name), ("http://localhost:1", None));

        let settings = load("", None, &[]).expect("settings");
        assert_eq!(settings.server, "http://127.0.0.1:8080");
    }

    #[test]
    fn faults_are_named() {
        let text = |file: &str, server| load(file, server, &[]).expect_err("a fault").to_string();
        assert!(text(FILE, Some("unu")).contains("did you mean uni?"));
        assert!(text("timeot = '5s'", None).contains("did you mean timeout?"));
        assert!(text("timeout = 'soon'", None).contains("must be a duration"));
        assert!(text("[servers.uni]\nurl = 'https://a.example'\ncolour = 1", None).contains("servers.uni.colour"));
        assert!(text("= 5", None).contains("cannot be read"));
    }
}
