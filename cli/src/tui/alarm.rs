//! What tells a user who looks elsewhere that something happened: the bell, and the notification of the desktop.

use campuszon_core::safe::SafeText;

/// The environment, as a function so that tests can bring their own.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How the terminal is asked for a notification. Never in both ways: some know both, and would show two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alarm {
    /// OSC 9, a text alone; who does not know it ignores it.
    #[default]
    Text,
    /// OSC 777, with a title, for terminals known to take it.
    Titled,
}

impl Alarm {
    /// The way that this terminal is known to take.
    pub fn of(environment: Environment<'_>) -> Self {
        let term = environment("TERM").unwrap_or_default();
        let program = environment("TERM_PROGRAM").unwrap_or_default();
        let is_known = ["rxvt", "foot", "xterm-ghostty"].iter().any(|name| term.starts_with(name))
            || ["ghostty", "WezTerm"].contains(&program.as_str())
            || environment("VTE_VERSION").is_some_and(|version| !version.is_empty());
        if is_known { Self::Titled } else { Self::Text }
    }

    /// What rings the bell and has the desktop say why.
    pub fn sequence(self, why: &SafeText) -> String {
        match self {
            Self::Text => format!("\x07\x1b]9;{why}\x1b\\"),
            // A semicolon would end the text.
            Self::Titled => format!("\x07\x1b]777;notify;CampusZon;{}\x1b\\", why.as_str().replace(';', ",")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_asked_in_the_way_they_know() {
        let alarm = |variable: &'static str, value: &'static str| {
            Alarm::of(&|name| (name == variable).then(|| value.to_owned()))
        };
        for (variable, value) in
            [("TERM", "rxvt-unicode-256color"), ("TERM", "foot"), ("TERM_PROGRAM", "WezTerm"), ("VTE_VERSION", "7600")]
        {
            assert_eq!(alarm(variable, value), Alarm::Titled, "{variable}={value}");
        }
        for (variable, value) in [("TERM", "xterm-256color"), ("TERM", "xterm-kitty"), ("TERM_PROGRAM", "iTerm.app")] {
            assert_eq!(alarm(variable, value), Alarm::Text, "{variable}={value}");
        }
    }

    #[test]
    fn the_reason_stays_one_field() {
        let why = SafeText::line("Ben: yes; at noon\x1b]0;x\x07");
        assert!(!why.as_str().contains('\x1b'));
        let titled = Alarm::Titled.sequence(&why);
        assert!(titled.starts_with("\x07\x1b]777;notify;CampusZon;Ben: yes, at noon"), "{titled}");
        assert_eq!(titled.matches(';').count(), 3);
        assert!(Alarm::Text.sequence(&why).starts_with("\x07\x1b]9;Ben: yes; at noon"));
    }
}
