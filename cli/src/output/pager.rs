//! A pager for what is longer than the terminal.

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

/// The pager where nobody chose one.
const USUAL: &str = "less";

/// What `less` is told unless its user says something: colours pass, the screen stays as it was, and what fits ends at once.
const LESS: &str = "FRX";

/// Shows `text` in the pager that `chosen` names, with its arguments. `false` when there is none, so that it is to be
/// printed.
///
/// # Errors
/// The pager cannot be waited for.
pub fn show(text: &str, chosen: Option<&str>) -> io::Result<bool> {
    let mut words = chosen.unwrap_or(USUAL).split_whitespace();
    let Some(program) = words.next().filter(|program| *program != "cat") else { return Ok(false) };
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", LESS);
    }
    let Ok(mut pager) = command.spawn() else { return Ok(false) };
    if let Some(mut input) = pager.stdin.take() {
        // Whoever has seen enough quits before the end.
        let _ = input.write_all(text.as_bytes());
    }
    pager.wait().map(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_pager_the_text_is_to_be_printed() {
        for chosen in ["", "cat", "no-such-pager --quiet"] {
            assert!(!show("lamp\n", Some(chosen)).expect("no failure"), "{chosen}");
        }
        assert!(show("lamp\n", Some("true")).expect("no failure"));
    }
}
