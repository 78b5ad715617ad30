//! What is at the other ends of stdin, stdout and stderr, and what it can show.

use std::io::{self, IsTerminal};

use anstyle::Style;

/// The ends of this run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Whether stdin is a terminal.
    pub stdin: bool,
    /// Whether stdout is a terminal.
    pub stdout: bool,
    /// Whether stderr is a terminal.
    pub stderr: bool,
    /// Whether stdout may be coloured.
    pub colour: bool,
    /// Whether stderr may be coloured.
    pub stderr_colour: bool,
    /// Whether stdout shows links that can be followed.
    pub links: bool,
    /// Columns of the terminal; `COLUMNS` says otherwise.
    pub width: usize,
    /// Rows of the terminal, where somebody sits at both ends of it and can page.
    pub height: Option<usize>,
    /// Whether what is printed for people is read to them: no alignment, nothing repainted, no pager.
    pub accessible: bool,
}

const USUAL_WIDTH: usize = 80;

impl Terminal {
    /// Looks around.
    pub fn find(environment: &dyn Fn(&str) -> Option<String>) -> Self {
        let (stdout, stderr) = (io::stdout().is_terminal(), io::stderr().is_terminal());
        let asked = environment("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let actual = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Self {
            stdin: io::stdin().is_terminal(),
            stdout,
            stderr,
            colour: wants_colour(environment, stdout),
            stderr_colour: wants_colour(environment, stderr),
            links: stdout && supports_hyperlinks::supports_hyperlinks(),
            width: asked.or_else(actual).unwrap_or(USUAL_WIDTH),
            height: height(environment, stdout),
            accessible: false,
        }
    }
}

/// A terminal that cannot move its cursor cannot page.
fn height(environment: &dyn Fn(&str) -> Option<String>, stdout: bool) -> Option<usize> {
    let is_attended = stdout && io::stdin().is_terminal() && environment("TERM").as_deref() != Some("dumb");
    let (_, rows) = terminal_size::terminal_size().filter(|_| is_attended)?;
    Some(usize::from(rows.0))
}

fn wants_colour(environment: &dyn Fn(&str) -> Option<String>, terminal: bool) -> bool {
    let set = |name: &str| environment(name).is_some_and(|value| !value.is_empty() && value != "0");
    if environment("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        return false;
    }
    set("CLICOLOR_FORCE") || (terminal && environment("TERM").as_deref() != Some("dumb"))
}

/// `text` in `style`, where colours are wanted.
pub fn painted(style: Style, text: &str, colour: bool) -> String {
    if colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_conventions() {
        let with = |variables: &'static [(&str, &str)], terminal| {
            let find = move |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            wants_colour(&find, terminal)
        };
        assert!(with(&[], true) && !with(&[], false));
        assert!(!with(&[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], true));
        assert!(with(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!with(&[("TERM", "dumb")], true));
    }
}
