//! The servers that can be gone to: those with a name in the configuration, and any other by its address.

use std::net::IpAddr;

use crate::{
    client::{Client, Server, SessionStore},
    context::{self, environment},
    failure::Failure,
    settings::{ConfigFile, Overrides, Settings, SettingsError},
};

/// A server with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    pub address: String,
    /// The address of whoever is signed in there.
    pub user: Option<String>,
}

/// Where servers come from: the settings of this run.
#[derive(Clone, Debug)]
pub struct Servers {
    overrides: Overrides,
}

/// A client for a server, and what the user calls that.
#[derive(Debug)]
pub struct Reached {
    pub client: Client,
    pub called: String,
}

impl Servers {
    /// Those that the flags and the configuration of this run know.
    pub fn new(overrides: Overrides) -> Self {
        Self { overrides }
    }

    /// Those with a name, with whoever is signed in.
    ///
    /// # Errors
    /// A sentence: the configuration cannot be read.
    pub fn named(&self) -> Result<Vec<Named>, String> {
        let settings = self.settings(None).map_err(|error| error.to_string())?;
        let file = ConfigFile::read(&settings.places.config).map_err(|error| error.to_string())?;
        let named = file.servers().into_iter().map(|(name, address)| {
            let user = signed_in(&settings, &address);
            Named { name, address, user }
        });
        Ok(named.collect())
    }

    /// A client for the server of a name or an address; nothing is asked yet.
    ///
    /// # Errors
    /// A sentence: neither a name nor an address, or the configuration cannot be read.
    pub fn reach(&self, wanted: &str) -> Result<Reached, String> {
        let settings = match self.settings(Some(wanted)) {
            Err(SettingsError::UnknownServer { .. }) if with_scheme(wanted) != wanted => {
                self.settings(Some(&with_scheme(wanted)))
            }
            found => found,
        };
        let settings = settings.map_err(|error| error.to_string())?;
        let client = context::client_at(&settings.server, &settings, None).map_err(|failure| said(&failure))?;
        let address = client.server().as_str().to_owned();
        let bare = address.split("://").last().unwrap_or_default().to_owned();
        Ok(Reached { client, called: settings.server_name.unwrap_or(bare) })
    }

    /// Writes a setting into the configuration file.
    ///
    /// # Errors
    /// A sentence: it cannot be written.
    pub fn keep(&self, key: &str, value: &str) -> Result<(), String> {
        let change = || -> Result<(), SettingsError> {
            let path = self.settings(None)?.places.config;
            let mut file = ConfigFile::read(&path)?;
            file.set(key, value)?;
            file.save()
        };
        change().map_err(|error| error.to_string())
    }

    fn settings(&self, server: Option<&str>) -> Result<Settings, SettingsError> {
        let server = server.map(str::to_owned).or_else(|| self.overrides.server.clone());
        Settings::load(&Overrides { server, ..self.overrides.clone() }, &environment)
    }
}

fn said(failure: &Failure) -> String {
    match failure {
        Failure::Told(report) => report.message.clone(),
        _ => "this server cannot be used".to_owned(),
    }
}

/// Who is signed in on a server. What cannot be read is as good as nobody: using the server says why.
fn signed_in(settings: &Settings, address: &str) -> Option<String> {
    let server = Server::parse(address, true).ok()?;
    let store = SessionStore::new(&settings.places.state, server.as_str(), settings.credential_store);
    Some(store.user().ok()??.email)
}

/// An address that somebody wrote without its scheme gets one: encrypted, unless it is on this machine.
fn with_scheme(text: &str) -> String {
    let text = text.trim();
    if text.contains("://") {
        return text.to_owned();
    }
    let host = text.split([':', '/']).next().unwrap_or_default();
    let is_here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match (is_here, text.contains('.')) {
        (true, _) => format!("http://{text}"),
        (false, true) => format!("https://{text}"),
        (false, false) => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_written_without_its_scheme() {
        for (written, meant) in [
            ("market.uni.example", "https://market.uni.example"),
            (" market.uni.example:8443/shop ", "https://market.uni.example:8443/shop"),
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://10.0.0.7", "http://10.0.0.7"),
            ("uni", "uni"),
        ] {
            assert_eq!(with_scheme(written), meant);
        }
    }
}
