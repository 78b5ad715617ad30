//! Where files live.

use std::path::PathBuf;

use directories::ProjectDirs;

use super::{Environment, SettingsError};

/// The places of this program's files; none of them needs to exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The configuration file.
    pub config: PathBuf,
    /// The directory of sessions, drafts and logs, private to the user.
    pub state: PathBuf,
    /// The directory of what can be fetched again.
    pub cache: PathBuf,
}

impl Places {
    /// The platform's places; with `CAMPUSZON_HOME` all under one directory. `config`, then `CAMPUSZON_CONFIG`, name
    /// another configuration file.
    ///
    /// # Errors
    /// [`SettingsError::NoHome`].
    pub fn find(config: Option<PathBuf>, environment: Environment<'_>) -> Result<Self, SettingsError> {
        let given = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let usual = match given("CAMPUSZON_HOME") {
            Some(home) => {
                Self { config: home.join("config.toml"), state: home.join("state"), cache: home.join("cache") }
            }
            None => Self::of_platform()?,
        };
        Ok(Self { config: config.or_else(|| given("CAMPUSZON_CONFIG")).unwrap_or(usual.config), ..usual })
    }

    fn of_platform() -> Result<Self, SettingsError> {
        let directories = ProjectDirs::from("", "", "campuszon").ok_or(SettingsError::NoHome)?;
        Ok(Self {
            config: directories.config_dir().join("config.toml"),
            state: directories.state_dir().unwrap_or_else(|| directories.data_local_dir()).to_owned(),
            cache: directories.cache_dir().to_owned(),
        })
    }
}
