//! Secrets: where one may stand in an environment variable, a file may hold it, which the variable of that name with `_FILE`
//! behind it names. So container platforms and service managers hand them over.

use std::io;

/// What ends the name of a variable that names a file.
const FILE: &str = "_FILE";

/// Why a secret cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// Nobody could tell which one counts.
    #[error("{name} and {name}_FILE are both given: keep one of them{}", or_flag(.flag.as_deref()))]
    Twice {
        /// The variable.
        name: String,
        /// The flag that may have been given in its place.
        flag: Option<String>,
    },
    /// The file cannot be read.
    #[error("{name}_FILE: cannot read {path}: {source}")]
    Unreadable {
        /// The variable.
        name: String,
        /// The file.
        path: String,
        /// What the system answered.
        source: io::Error,
    },
    /// There is nothing in the file.
    #[error("{name}_FILE: {path} is empty")]
    Empty {
        /// The variable.
        name: String,
        /// The file.
        path: String,
    },
}

fn or_flag(flag: Option<&str>) -> String {
    flag.map(|flag| format!(" ({flag} is the same as the first)")).unwrap_or_default()
}

/// The secret `name`: as it was `given`, by its variable or by `flag`, or as the file holds it that `name_FILE` names in
/// `environment`. The end of its last line is no part of it.
///
/// # Errors
/// Both are given, or the file holds none.
pub fn find(
    name: &str,
    flag: Option<&str>,
    given: Option<String>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<String>, SecretError> {
    let Some(path) = environment(&format!("{name}{FILE}")).filter(|path| !path.is_empty()) else { return Ok(given) };
    let name = name.to_owned();
    if given.is_some() {
        return Err(SecretError::Twice { name, flag: flag.map(str::to_owned) });
    }
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(SecretError::Unreadable { name, path, source }),
    };
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err(SecretError::Empty { name, path }),
        secret => Ok(Some(secret.to_owned())),
    }
}

/// The keys of an S3-compatible storage, which its library takes from the environment.
const STORAGE: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// The process's environment, with the keys of a storage that stand in files.
///
/// # Errors
/// As for [`find`].
pub fn with_storage_keys(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Vec<(String, String)>, SecretError> {
    let mut variables: Vec<(String, String)> = variables.into_iter().collect();
    for name in STORAGE {
        let value = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let given = value(name).filter(|given| !given.is_empty());
        let is_new = given.is_none();
        if let Some(secret) = find(name, None, given, &value)?.filter(|_| is_new) {
            variables.push((name.to_owned(), secret));
        }
    }
    Ok(variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn file(text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        (folder, path.display().to_string())
    }

    #[test]
    fn a_secret_stands_in_a_variable_or_in_a_file() {
        let (_folder, path) = file("smtp://ada:p w@mail.example\r\n");
        let named = |name: &str| (name == "MAIL_FILE").then(|| path.clone());
        assert_eq!(find("MAIL", None, None, &named).unwrap().as_deref(), Some("smtp://ada:p w@mail.example"));
        assert_eq!(find("MAIL", None, Some("console:".to_owned()), &|_| None).unwrap().as_deref(), Some("console:"));
        assert_eq!(find("MAIL", None, None, &|_| None).unwrap(), None);
        assert_eq!(find("MAIL", None, None, &|_| Some(String::new())).unwrap(), None);
    }

    #[test]
    fn what_is_wrong_names_the_variable() {
        let told = |given: Option<&str>, path: &str| {
            let named = |_: &str| Some(path.to_owned());
            find("MAIL", Some("--mail"), given.map(str::to_owned), &named).unwrap_err().to_string()
        };
        let twice = "MAIL and MAIL_FILE are both given: keep one of them (--mail is the same as the first)";
        assert_eq!(told(Some("console:"), "/nowhere"), twice);
        assert!(told(None, "/nowhere/secret").starts_with("MAIL_FILE: cannot read /nowhere/secret: "));
        let (_folder, path) = file("\n");
        assert_eq!(told(None, &path), format!("MAIL_FILE: {path} is empty"));
    }

    #[test]
    fn a_storage_has_its_keys_from_files_too() {
        let (_folder, path) = file("the secret\n");
        let found =
            with_storage_keys(variables(&[("AWS_ACCESS_KEY_ID", "key"), ("AWS_SECRET_ACCESS_KEY_FILE", &path)]));
        let found = found.unwrap();
        assert!(found.contains(&("AWS_SECRET_ACCESS_KEY".to_owned(), "the secret".to_owned())), "{found:?}");
        assert_eq!(found.iter().filter(|(name, _)| name == "AWS_ACCESS_KEY_ID").count(), 1);
        let twice = variables(&[("AWS_ACCESS_KEY_ID", "key"), ("AWS_ACCESS_KEY_ID_FILE", &path)]);
        assert!(matches!(with_storage_keys(twice), Err(SecretError::Twice { .. })));
    }
}
