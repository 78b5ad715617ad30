//! Where settings come from: the file and the environment, asked key by key. What nobody asked for is unknown.

use std::{collections::BTreeMap, fmt};

use campuszon_core::fault::nearest;
use toml::{Table, Value};

use super::value::Setting;

/// What the names of the environment variables begin with.
const PREFIX: &str = "CAMPUSZON_";

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody gave one.
    Default,
    /// The file of this name.
    File(String),
    /// The environment variable of this name.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Default => "default",
            Self::File(name) | Self::Variable(name) => name,
        })
    }
}

/// A key with the value that the server runs with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key, such as `limits.auth`.
    pub key: &'static str,
    /// The value as one would give it in the environment.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// The file is no TOML.
    #[error("{file} is not valid TOML: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// Where and why.
        message: String,
    },
    /// A key or variable that means nothing.
    #[error("{origin}: {key} is not a setting{hint}")]
    Unknown {
        /// The file or the variable.
        origin: Origin,
        /// The key as it was meant.
        key: String,
        /// `; did you mean …?`, or empty.
        hint: String,
    },
    /// A key of a part that this program was built without.
    #[error("{origin}: {key} needs a campuszon that is built with it: cargo build --release --features {feature}")]
    LeftOut {
        /// The file or the variable.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The cargo feature.
        feature: &'static str,
    },
    /// A value that is not accepted.
    #[error("{origin}: {key} cannot be {value}; expected {expected}")]
    Invalid {
        /// The file or the variable.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The value as it was given.
        value: String,
        /// What is accepted.
        expected: String,
    },
}

/// The process's environment; what is not UTF-8 is shown with replacement characters.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
}

/// A file and an environment whose values are taken out one by one.
pub(super) struct Source {
    file_name: String,
    file: Table,
    variables: BTreeMap<String, String>,
    effective: Vec<Effective>,
    faults: Vec<SettingsFault>,
}

/// A value somebody gave.
struct Given<T> {
    origin: Origin,
    /// As it was written.
    text: String,
    /// `None` when it is of another type.
    value: Option<T>,
}

impl Source {
    /// A file that cannot be read counts as empty, and as a fault.
    pub(super) fn new(file: Option<(&str, &str)>, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        let (file_name, text) = file.unwrap_or_default();
        let parsed = toml::from_str::<Table>(text);
        let faults = parsed.as_ref().err().map(|error| SettingsFault::Syntax {
            file: file_name.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        });
        Self {
            file_name: file_name.to_owned(),
            file: parsed.unwrap_or_default(),
            variables: environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect(),
            effective: Vec::new(),
            faults: faults.into_iter().collect(),
        }
    }

    /// Any value of its type.
    pub(super) fn value<T: Setting>(&mut self, key: &'static str, default: &str) -> Option<T> {
        self.checked(key, default, T::EXPECTED, |_| true)
    }

    /// A value from the one bound to the other, both included.
    pub(super) fn between<T: Setting + PartialOrd>(
        &mut self,
        key: &'static str,
        default: &str,
        [low, high]: [&str; 2],
    ) -> Option<T> {
        let (least, most) = (T::from_text(low)?, T::from_text(high)?);
        let expected = format!("{}, from {low} to {high}", T::EXPECTED);
        self.checked(key, default, &expected, |value| least <= *value && *value <= most)
    }

    /// A value that `accepts` accepts, which `expected` puts in words. One that is refused becomes a fault and the
    /// default takes its place, so that the other keys are read too. `None` means that the default itself is refused.
    pub(super) fn checked<T: Setting>(
        &mut self,
        key: &'static str,
        default: &str,
        expected: &str,
        accepts: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let Given { origin, text, value } = self.take(key).unwrap_or_else(|| Given {
            origin: Origin::Default,
            text: default.to_owned(),
            value: T::from_text(default),
        });
        if let Some(value) = value.filter(&accepts) {
            self.effective.push(Effective { key, value: value.to_text(), origin });
            return Some(value);
        }
        self.faults.push(SettingsFault::Invalid { origin, key, value: text, expected: expected.to_owned() });
        self.effective.push(Effective { key, value: default.to_owned(), origin: Origin::Default });
        T::from_text(default).filter(accepts)
    }

    /// Keys that only a program with `feature` knows: giving one is a fault.
    pub(super) fn left_out(&mut self, keys: &[&'static str], feature: &'static str) {
        for key in keys {
            if let Some(Given { origin, .. }) = self.take::<String>(key) {
                self.faults.push(SettingsFault::LeftOut { origin, key, feature });
                // Nobody has to hear of the section as well.
                let section = key.split('.').next().unwrap_or(key);
                let is_empty = |section: &Value| section.as_table().is_some_and(Table::is_empty);
                if self.file.get(section).is_some_and(is_empty) {
                    self.file.remove(section);
                }
            }
        }
    }

    /// What was settled, and every fault, those of unknown keys included.
    pub(super) fn finish(mut self) -> (Vec<Effective>, Vec<SettingsFault>) {
        let mut leaves = Vec::new();
        collect_leaves(&self.file, "", &mut leaves);
        for (key, value) in leaves {
            let is_section = self.effective.iter().any(|known| known.key.starts_with(&format!("{key}.")));
            let hint = match (is_section, value.is_table()) {
                (true, true) => continue,
                (true, false) => format!(" but a section: write its keys below [{key}]"),
                (false, _) => self.nearest(&key).map(|near| format!("; did you mean {near}?")).unwrap_or_default(),
            };
            self.faults.push(SettingsFault::Unknown { origin: Origin::File(self.file_name.clone()), key, hint });
        }
        for name in self.variables.keys().filter(|name| name.contains("__")) {
            let key = name.trim_start_matches(PREFIX).to_lowercase().replace("__", ".");
            let near = self.nearest(&key).map(variable_name);
            let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            self.faults.push(SettingsFault::Unknown { origin: Origin::Variable(name.clone()), key, hint });
        }
        (self.effective, self.faults)
    }

    fn take<T: Setting>(&mut self, key: &str) -> Option<Given<T>> {
        let in_file = remove(&mut self.file, key);
        let variable = variable_name(key);
        if let Some(text) = self.variables.remove(&variable) {
            let value = T::from_text(text.trim());
            return Some(Given { origin: Origin::Variable(variable), text: format!("{text:?}"), value });
        }
        let value = in_file?;
        let origin = Origin::File(self.file_name.clone());
        Some(Given { origin, text: value.to_string(), value: T::from_value(&value) })
    }

    fn nearest(&self, key: &str) -> Option<&'static str> {
        nearest(key, self.effective.iter().map(|known| known.key))
    }
}

/// `limits.auth` → `CAMPUSZON_LIMITS__AUTH`
fn variable_name(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

/// Takes the value at a dotted key out of nested tables.
fn remove(table: &mut Table, key: &str) -> Option<Value> {
    match key.split_once('.') {
        Some((section, rest)) => remove(table.get_mut(section)?.as_table_mut()?, rest),
        None => table.remove(key),
    }
}

/// The dotted keys left in a table; an empty table is one itself.
fn collect_leaves<'a>(table: &'a Table, above: &str, leaves: &mut Vec<(String, &'a Value)>) {
    for (name, value) in table {
        let key = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value {
            Value::Table(inner) if !inner.is_empty() => collect_leaves(inner, &key, leaves),
            _ => leaves.push((key, value)),
        }
    }
}
