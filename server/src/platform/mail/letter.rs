//! What the server writes in its mails: a file of words for each letter, in `assets/mail`, and its values from here.

use campuszon_core::Timestamp;

use super::Mail;
use crate::platform::template::fill;

/// A letter with what is to stand in it.
///
/// None holds a name that somebody chose at registration: whoever registers a stranger's address would choose what the
/// stranger reads. A code stands alone on its line, and no other six digits stand in a row.
#[derive(Clone, Copy, Debug)]
pub enum Letter<'a> {
    /// The code of one registration.
    Verify {
        /// Six digits.
        code: &'a str,
        /// How long it is valid.
        minutes: u64,
        /// When it was asked for, to tell it from others.
        asked_at: Timestamp,
    },
    /// A code for an address that was registered more than once.
    VerifyAddress {
        /// Six digits.
        code: &'a str,
        /// How long it is valid.
        minutes: u64,
    },
    /// The code to set a new password.
    Reset {
        /// Six digits.
        code: &'a str,
        /// How long it is valid.
        minutes: u64,
    },
    /// Tells the owner of an account that somebody registered its address.
    AlreadyRegistered,
    /// What is new since the day before.
    Digest {
        /// Titles under headings.
        news: &'a str,
    },
}

/// The words of a letter: its subject on the first line, then its text.
macro_rules! words {
    ($file:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/mail/", $file))
    };
}

impl Letter<'_> {
    /// The mail to `address`, in the name of `server`, whose pages are below `url`.
    pub fn to(&self, address: &str, server: &str, url: &str) -> Mail {
        let mut values = self.values();
        values.extend([("server", server.to_owned()), ("url", url.to_owned())]);
        let (subject, text) = self.words().split_once('\n').unwrap_or_default();
        Mail { to: address.to_owned(), subject: fill(subject, &values), text: fill(text, &values) }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Verify { .. } => words!("verify.txt"),
            Self::VerifyAddress { .. } => words!("verify_address.txt"),
            Self::Reset { .. } => words!("reset.txt"),
            Self::AlreadyRegistered => words!("already_registered.txt"),
            Self::Digest { .. } => words!("digest.txt"),
        }
    }

    fn values(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Verify { code, minutes, asked_at } => {
                vec![
                    ("code", (*code).to_owned()),
                    ("minutes", minutes.to_string()),
                    ("asked_at", to_the_minute(*asked_at)),
                ]
            }
            Self::VerifyAddress { code, minutes } | Self::Reset { code, minutes } => {
                vec![("code", (*code).to_owned()), ("minutes", minutes.to_string())]
            }
            Self::AlreadyRegistered => Vec::new(),
            Self::Digest { news } => vec![("news", (*news).to_owned())],
        }
    }
}

/// Such as `2027-01-15 08:00 UTC`.
fn to_the_minute(time: Timestamp) -> String {
    let text = time.to_string();
    format!("{} UTC", text.get(..16).unwrap_or(&text).replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    const LETTERS: [Letter<'_>; 5] = [
        Letter::Verify { code: "012345", minutes: 10, asked_at: NOW },
        Letter::VerifyAddress { code: "012345", minutes: 10 },
        Letter::Reset { code: "012345", minutes: 10 },
        Letter::AlreadyRegistered,
        Letter::Digest { news: "Your search “lamps” found:\n  Desk lamp\n" },
    ];

    #[test]
    fn every_letter_is_complete() {
        for letter in LETTERS {
            let mail = letter.to("ada@uni.example", "CampusZon", "https://market.example");
            assert_eq!(mail.to, "ada@uni.example");
            assert!(mail.subject.starts_with("CampusZon: "), "{mail:?}");
            assert!(mail.text.len() > 40 && mail.text.ends_with("\nCampusZon\n"), "{mail:?}");
            assert!(!format!("{}{}", mail.subject, mail.text).contains(['{', '}']), "{mail:?}");
            assert!(mail.text.lines().all(|line| line.len() <= 120), "{mail:?}");
        }
    }

    #[test]
    fn a_code_stands_alone_and_is_the_only_one() {
        for letter in LETTERS {
            let text = letter.to("ada@uni.example", "CampusZon", "https://market.example").text;
            let runs = text.split(|char: char| !char.is_ascii_digit()).filter(|run| run.len() >= 6);
            let has_none = matches!(letter, Letter::AlreadyRegistered | Letter::Digest { .. });
            let expected: &[&str] = if has_none { &[] } else { &["012345"] };
            assert_eq!(runs.collect::<Vec<_>>(), expected, "{text}");
            assert!(expected.is_empty() || text.contains("\n\n012345\n\n"), "{text}");
        }
    }

    #[test]
    fn a_value_is_never_taken_for_a_name() {
        let mail =
            Letter::Verify { code: "012345", minutes: 10, asked_at: NOW }.to("ada@uni.example", "The {code} {", "");
        assert!(mail.subject.starts_with("The {code} {: "), "{mail:?}");
        assert!(mail.text.contains("at 2027-01-15 08:00 UTC and"), "{mail:?}");
    }
}
