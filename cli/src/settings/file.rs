//! The configuration file: read, checked, and changed with its comments kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::{
    Origin, SettingsError,
    key::{self, Kind},
};
use crate::files::{self, Access};

/// The configuration file as it stands; an absent one is empty.
#[derive(Clone, Debug)]
pub struct ConfigFile {
    path: PathBuf,
    document: DocumentMut,
}

impl ConfigFile {
    /// Reads the file.
    ///
    /// # Errors
    /// [`SettingsError::File`] and [`SettingsError::Syntax`].
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(SettingsError::File { path: path.to_owned(), source }),
        };
        let syntax = |error: toml_edit::TomlError| SettingsError::Syntax {
            path: path.to_owned(),
            reason: error.to_string().trim_end().to_owned(),
        };
        Ok(Self { path: path.to_owned(), document: text.parse().map_err(syntax)? })
    }

    /// Checks that every key means something.
    ///
    /// # Errors
    /// [`SettingsError::UnknownKey`] for the first that does not.
    pub fn check(&self) -> Result<(), SettingsError> {
        for name in leaves("", self.document.as_table()) {
            key::find(&name).map_err(|near| SettingsError::UnknownKey { key: name.clone(), near })?;
        }
        Ok(())
    }

    /// The value of a key, as text.
    pub fn get(&self, name: &str) -> Option<String> {
        let mut item = self.document.as_item();
        for part in path_of(name) {
            item = item.as_table_like()?.get(part)?;
        }
        item.as_value().map(text_of)
    }

    /// The named servers and their addresses, in the file's order.
    pub fn servers(&self) -> Vec<(String, String)> {
        let Some(servers) = self.document.get("servers").and_then(Item::as_table_like) else { return Vec::new() };
        let address = |item: &Item| item.as_table_like()?.get("url")?.as_str().map(str::to_owned);
        servers.iter().filter_map(|(name, item)| Some((name.to_owned(), address(item)?))).collect()
    }

    /// Sets a key to a value that it takes.
    ///
    /// # Errors
    /// [`SettingsError::UnknownKey`] and [`SettingsError::BadValue`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let key = key::find(name).map_err(|near| SettingsError::UnknownKey { key: name.to_owned(), near })?;
        if let Some(key) = key {
            key.check(value).map_err(|expected| SettingsError::BadValue {
                key: name.to_owned(),
                value: value.to_owned(),
                origin: Origin::Argument,
                expected,
            })?;
        }
        let boolean = key.is_some_and(|key| key.kind == Kind::Boolean);
        let new = if boolean { Value::from(value == "true") } else { Value::from(value) };
        put(self.document.as_table_mut(), &path_of(name), new);
        Ok(())
    }

    /// Removes a key, or a whole table such as `servers.uni`. `false` when it was not there.
    pub fn unset(&mut self, name: &str) -> bool {
        let path = path_of(name);
        let Some((last, above)) = path.split_last() else { return false };
        let mut table: &mut dyn TableLike = self.document.as_table_mut();
        for part in above {
            let Some(below) = table.get_mut(part).and_then(Item::as_table_like_mut) else { return false };
            table = below;
        }
        table.remove(last).is_some()
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`SettingsError::File`].
    pub fn save(&self) -> Result<(), SettingsError> {
        let text = self.document.to_string();
        files::replace(&self.path, text.as_bytes(), Access::Usual)
            .map_err(|source| SettingsError::File { path: self.path.clone(), source })
    }
}

fn path_of(name: &str) -> Vec<&str> {
    name.split('.').collect()
}

fn put(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [last] => match table.get_mut(last).and_then(Item::as_value_mut) {
            // In place, so that a comment behind the value stays.
            Some(old) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            None => drop(table.insert(last, Item::Value(value))),
        },
        [first, rest @ ..] => {
            let mut empty = Table::new();
            empty.set_implicit(true);
            let below = table.entry(first).or_insert(Item::Table(empty));
            if let Some(below) = below.as_table_mut() {
                put(below, rest, value);
            }
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.clone().decorated("", "").to_string(), str::to_owned)
}

/// The dotted names of all values.
fn leaves(prefix: &str, table: &dyn TableLike) -> Vec<String> {
    let mut names = Vec::new();
    for (name, item) in table.iter() {
        let name = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        match item.as_table_like() {
            Some(below) => names.extend(leaves(&name, below)),
            None => names.push(name),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> ConfigFile {
        ConfigFile { path: PathBuf::new(), document: text.parse().expect("toml") }
    }

    #[test]
    fn keeps_comments_and_order() {
        let mut config = file("# mine\ntimeout = \"20s\" # long\n\n[servers.uni]\nurl = \"https://uni.example\"\n");
        config.set("timeout", "40s").expect("set");
        config.set("ui.ascii", "true").expect("set");
        config.set("servers.lab.url", "https://lab.example").expect("set");
        let text = config.document.to_string();
        assert!(text.starts_with("# mine\ntimeout = \"40s\" # long\n"), "{text}");
        assert!(text.contains("[servers.lab]\nurl = \"https://lab.example\""), "{text}");
        assert_eq!(config.get("ui.ascii").as_deref(), Some("true"));
        assert!(config.check().is_ok());
    }

    #[test]
    fn unsets_keys_and_whole_servers() {
        let mut config = file("timeout = \"20s\"\n[servers.uni]\nurl = \"https://uni.example\"\n");
        assert!(config.unset("timeout") && !config.unset("timeout"));
        assert!(config.unset("servers.uni"));
        assert_eq!(config.servers(), []);
    }

    #[test]
    fn refuses_what_a_key_does_not_take() {
        let mut config = file("");
        assert!(matches!(config.set("timeout", "soon"), Err(SettingsError::BadValue { .. })));
        assert!(matches!(config.set("timeot", "5s"), Err(SettingsError::UnknownKey { near: Some(_), .. })));
    }
}
