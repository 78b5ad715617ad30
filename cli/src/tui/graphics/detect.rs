//! Which protocol a terminal speaks, from the environment alone: a question to it would have to be waited for.

use super::Protocol;

/// The environment, as a function so that tests can bring their own.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Names that terminals give themselves in `TERM`, by their beginning.
const TERMS: [(&str, Protocol); 6] = [
    ("xterm-kitty", Protocol::Kitty),
    ("xterm-ghostty", Protocol::Kitty),
    ("foot", Protocol::Sixel),
    ("mlterm", Protocol::Sixel),
    ("contour", Protocol::Sixel),
    ("yaft", Protocol::Sixel),
];

/// Names that terminals give themselves in `TERM_PROGRAM` or `LC_TERMINAL`, of which ssh hands on the latter.
const PROGRAMS: [(&str, Protocol); 7] = [
    ("ghostty", Protocol::Kitty),
    ("iTerm.app", Protocol::Iterm2),
    ("iTerm2", Protocol::Iterm2),
    // Its kitty graphics know no cells that name a picture.
    ("WezTerm", Protocol::Iterm2),
    ("mintty", Protocol::Iterm2),
    ("rio", Protocol::Iterm2),
    // Pictures are switched off in it unless its user changed that.
    ("vscode", Protocol::Halfblocks),
];

/// Variables that one terminal alone sets.
const MARKS: [(&str, Protocol); 3] = [
    ("KITTY_WINDOW_ID", Protocol::Kitty),
    ("WEZTERM_EXECUTABLE", Protocol::Iterm2),
    ("KONSOLE_VERSION", Protocol::Sixel),
];

/// The protocol to use, which is what was asked for, and else what the terminal is known for.
pub fn detect(wanted: &str, environment: Environment<'_>) -> Protocol {
    match wanted {
        "kitty" => Protocol::Kitty,
        "iterm2" => Protocol::Iterm2,
        "sixel" => Protocol::Sixel,
        "halfblocks" => Protocol::Halfblocks,
        "off" => Protocol::Off,
        _ if is_multiplexed(environment) => Protocol::Halfblocks,
        _ => known(environment).unwrap_or_default(),
    }
}

/// Whether tmux is between, which hands on what is wrapped for it.
pub fn is_in_tmux(environment: Environment<'_>) -> bool {
    has(environment, "TMUX") || environment("TERM").is_some_and(|term| term.starts_with("tmux"))
}

/// Whether something is between that draws the screen itself and knows no pictures.
fn is_multiplexed(environment: Environment<'_>) -> bool {
    let is_screen = environment("TERM").is_some_and(|term| term.starts_with("screen"));
    is_in_tmux(environment) || is_screen || ["STY", "ZELLIJ"].iter().any(|name| has(environment, name))
}

/// The programs come before the marks, which a terminal hands on to another one started in it.
fn known(environment: Environment<'_>) -> Option<Protocol> {
    let term = environment("TERM").unwrap_or_default();
    let by_term = TERMS.iter().find(|(name, _)| term.starts_with(name));
    let of = |variable: &str| {
        let value = environment(variable)?;
        PROGRAMS.iter().find(|(name, _)| *name == value)
    };
    let by_mark = || MARKS.iter().find(|(name, _)| has(environment, name));
    let found = by_term.or_else(|| of("TERM_PROGRAM")).or_else(|| of("LC_TERMINAL")).or_else(by_mark);
    found.map(|(_, protocol)| *protocol)
}

fn has(environment: Environment<'_>, name: &str) -> bool {
    environment(name).is_some_and(|value| !value.is_empty())
}
