//! The settings there are, as one table.

use campuszon_core::time::parse_duration;

use super::QuietHours;

/// A setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name in the configuration file, with dots between tables.
    pub name: &'static str,
    /// The environment variable that overrides it.
    pub environment: Option<&'static str>,
    /// Its value where nobody says anything.
    pub default: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Whether a named server may have its own.
    pub per_server: bool,
    /// What it is for.
    pub meaning: &'static str,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// `true` or `false`; `1` or `0` too, as is usual in an environment.
    Boolean,
    /// Such as `30s`.
    Duration,
    /// Such as `22:00-07:00`, or `off`.
    Hours,
    /// One of these words.
    Words(&'static [&'static str]),
}

/// The server to talk to.
pub static SERVER: Key = Key {
    name: "server",
    environment: Some("CAMPUSZON_SERVER"),
    default: "http://127.0.0.1:8080",
    kind: Kind::Text,
    per_server: false,
    meaning: "the server to talk to, by name or address",
};

/// Whether plain `http` may leave this machine.
pub static INSECURE_HTTP: Key = Key {
    name: "insecure_http",
    environment: None,
    default: "false",
    kind: Kind::Boolean,
    per_server: true,
    meaning: "allow unencrypted http to other machines",
};

/// How long one request may take.
pub static TIMEOUT: Key = Key {
    name: "timeout",
    environment: None,
    default: "30s",
    kind: Kind::Duration,
    per_server: true,
    meaning: "how long one request may take",
};

/// Where sessions are kept.
pub static CREDENTIAL_STORE: Key = Key {
    name: "credential_store",
    environment: None,
    default: "auto",
    kind: Kind::Words(&["auto", "keyring", "file"]),
    per_server: false,
    meaning: "where sessions are kept: in the system's keyring, or in a private file",
};

/// Whether the TUI draws with ASCII only.
pub static ASCII: Key = Key {
    name: "ui.ascii",
    environment: None,
    default: "false",
    kind: Kind::Boolean,
    per_server: false,
    meaning: "draw with ASCII characters only",
};

/// Which colours the TUI has.
pub static THEME: Key = Key {
    name: "ui.theme",
    environment: None,
    default: "terminal",
    kind: Kind::Words(&["terminal", "light", "dark", "contrast", "mono"]),
    per_server: false,
    meaning: "the colours of the full screen",
};

/// When the TUI rings no bell.
pub static QUIET_HOURS: Key = Key {
    name: "ui.quiet_hours",
    environment: None,
    default: "off",
    kind: Kind::Hours,
    per_server: false,
    meaning: "the hours in which no bell rings, by the campus's clock",
};

/// Whether what is printed for people is to be read to them.
pub static ACCESSIBLE: Key = Key {
    name: "ui.accessible",
    environment: Some("CAMPUSZON_ACCESSIBLE"),
    default: "false",
    kind: Kind::Boolean,
    per_server: false,
    meaning: "print a line for each field, repaint nothing, use no pager",
};

/// How the full screen shows pictures.
pub static IMAGES: Key = Key {
    name: "ui.images",
    environment: Some("CAMPUSZON_IMAGES"),
    default: "auto",
    kind: Kind::Words(&IMAGE_WORDS),
    per_server: false,
    meaning: "how the full screen shows photos: as the terminal can, in one way of showing them, or not",
};

/// What [`IMAGES`] takes.
pub static IMAGE_WORDS: [&str; 6] = ["auto", "kitty", "iterm2", "sixel", "halfblocks", "off"];

/// All of them.
pub static ALL: [&Key; 9] =
    [&SERVER, &INSECURE_HTTP, &TIMEOUT, &CREDENTIAL_STORE, &ASCII, &THEME, &QUIET_HOURS, &ACCESSIBLE, &IMAGES];

/// Whether a [`Kind::Boolean`] says yes.
pub fn is_on(value: &str) -> bool {
    matches!(value, "true" | "1")
}

/// The setting of that name; for `servers.NAME.KEY` the one it stands for, and `None` for `servers.NAME.url`.
///
/// # Errors
/// The nearest known name, if one is near, for a name that means nothing.
pub fn find(name: &str) -> Result<Option<&'static Key>, Option<String>> {
    let by_name = |wanted: &str| ALL.into_iter().find(|key| key.name == wanted);
    let Some((server, field)) = name.strip_prefix("servers.").and_then(|rest| rest.split_once('.')) else {
        let known = ALL.iter().map(|key| key.name);
        return by_name(name).map(Some).ok_or_else(|| campuszon_core::fault::nearest(name, known).map(str::to_owned));
    };
    if field == "url" {
        return Ok(None);
    }
    let known = ALL.iter().filter(|key| key.per_server).map(|key| key.name).chain(["url"]);
    let near = || campuszon_core::fault::nearest(field, known).map(|near| format!("servers.{server}.{near}"));
    by_name(field).filter(|key| key.per_server).map(Some).ok_or_else(near)
}

impl Key {
    /// Checks a value.
    ///
    /// # Errors
    /// What would be accepted.
    pub fn check(&self, value: &str) -> Result<(), String> {
        let is_fine = match self.kind {
            Kind::Text => !value.trim().is_empty(),
            Kind::Boolean => is_on(value) || matches!(value, "false" | "0"),
            Kind::Duration => parse_duration(value).is_ok_and(|duration| !duration.is_zero()),
            Kind::Hours => QuietHours::parse(value).is_ok(),
            Kind::Words(words) => words.contains(&value),
        };
        if is_fine { Ok(()) } else { Err(self.kind.expected()) }
    }
}

impl Kind {
    fn expected(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::Boolean => "true or false".to_owned(),
            Self::Duration => "a duration such as 30s".to_owned(),
            Self::Hours => "hours such as 22:00-07:00, or off".to_owned(),
            Self::Words(words) => words.join(" or "),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_or_the_nearest_is_named() {
        assert_eq!(find("timeout"), Ok(Some(&TIMEOUT)));
        assert_eq!(find("servers.uni.timeout"), Ok(Some(&TIMEOUT)));
        assert_eq!(find("servers.uni.url"), Ok(None));
        assert_eq!(find("ui.asci"), Err(Some("ui.ascii".into())));
        assert_eq!(find("servers.uni.server"), Err(None));
        assert_eq!(find("zzz"), Err(None));
    }

    #[test]
    fn defaults_are_valid() {
        for key in ALL {
            assert_eq!(key.check(key.default), Ok(()), "{}", key.name);
        }
    }
}
