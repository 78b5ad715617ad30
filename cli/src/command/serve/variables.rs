//! Environment variables that look like this program's and that nothing reads: a misspelt one would be missed silently.

use campuszon_core::fault::nearest;
use clap::{Args, Command};

use super::{BLOBS, DATABASE, MAIL, SERVER_CONFIG, ServeArgs};
use crate::settings::key;

/// Those of the client that are no settings, and that of completion.
const FURTHER: [&str; 6] = [
    "CAMPUSZON_COMPLETE",
    "CAMPUSZON_CONFIG",
    "CAMPUSZON_HOME",
    "CAMPUSZON_TOKEN",
    "CAMPUSZON_TOKEN_FILE",
    SERVER_CONFIG,
];

/// A sentence on each variable of this process that nothing reads.
pub fn of_this_process() -> Vec<String> {
    unread(std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()))
}

/// A sentence on each of the `names` that nothing reads. Those of settings, with two underscores, are the server's to judge.
fn unread(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let known = known();
    let is_unread = |name: &String| name.starts_with("CAMPUSZON_") && !name.contains("__") && !known.contains(name);
    names.into_iter().filter(is_unread).map(|name| sentence(&name, &known)).collect()
}

fn sentence(name: &str, known: &[String]) -> String {
    let near = nearest(name, known.iter().map(String::as_str));
    let hint = near.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
    format!("nothing reads the environment variable {name}{hint}")
}

fn known() -> Vec<String> {
    let flags = ServeArgs::augment_args(Command::new("serve"));
    let of_flags = flags.get_arguments().filter_map(|flag| flag.get_env()?.to_str().map(str::to_owned));
    let of_files = [DATABASE, BLOBS, MAIL].map(|name| format!("{name}_FILE"));
    let of_client = key::ALL.iter().filter_map(|key| key.environment).chain(FURTHER).map(str::to_owned);
    of_flags.chain(of_files).chain(of_client).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(names: &[&str]) -> Vec<String> {
        unread(names.iter().map(|name| (*name).to_owned()))
    }

    #[test]
    fn what_nothing_reads_is_told_with_what_was_meant() {
        let told = told(&["CAMPUSZON_MAIL_FILE", "CAMPUSZON_COLOUR_SCHEME", "CAMPUSZON_LIMITS__AUT", "MAIL_URL"]);
        let misspelt =
            "nothing reads the environment variable CAMPUSZON_MAIL_FILE; did you mean CAMPUSZON_MAIL_URL_FILE?";
        assert_eq!(told.first().map(String::as_str), Some(misspelt));
        assert!(told.get(1).is_some_and(|sentence| sentence.contains("CAMPUSZON_COLOUR_SCHEME")), "{told:?}");
        assert_eq!(told.len(), 2);
    }

    #[test]
    fn what_is_read_is_not_told() {
        assert_eq!(
            told(&["CAMPUSZON_LISTEN", "CAMPUSZON_MAIL_URL", "CAMPUSZON_MAIL_URL_FILE", "CAMPUSZON_SERVER"]),
            [""; 0]
        );
        assert_eq!(told(&["CAMPUSZON_HOME", "CAMPUSZON_TOKEN_FILE", "CAMPUSZON_SERVER_CONFIG"]), [""; 0]);
    }
}
