//! Accounts: what an address, a name, a password and a code must be.

use crate::{Fault, text};

/// Mail providers open to everybody: an address there proves no campus.
const PUBLIC_PROVIDERS: [&str; 28] = [
    "126.com",
    "163.com",
    "aol.com",
    "duck.com",
    "fastmail.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "mail.ru",
    "mailinator.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "pm.me",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.ru",
    "zoho.com",
];

/// The commonest passwords that are long enough to pass the length rule, folded to lower case. A password made of one
/// of them and digits is as easily guessed.
const COMMON_PASSWORDS: [&str; 40] = [
    "1234567890",
    "0123456789",
    "9876543210",
    "0987654321",
    "1q2w3e4r5t",
    "1qaz2wsx3edc",
    "qwertyuiop",
    "qwerty12345",
    "asdfghjkl;",
    "zxcvbnm123",
    "qazwsxedcr",
    "password",
    "passwort",
    "password!",
    "passw0rd",
    "p@ssw0rd",
    "letmein",
    "iloveyou",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "superman",
    "welcome",
    "trustno1",
    "starwars",
    "whatever",
    "dragon",
    "monkey",
    "master",
    "michael",
    "jennifer",
    "charlie",
    "abcdefghij",
    "abcdefgh",
    "changeme",
    "administrator",
    "student",
    "university",
    "campuszon",
];

/// An address in lower case, as accounts store it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    address: String,
    at: usize,
}

impl Email {
    /// Checks and lower-cases an address. Quoted local parts and literal hosts are refused: no campus uses them.
    ///
    /// # Errors
    /// A fault of the field `email`.
    pub fn parse(raw: &str) -> Result<Self, Fault> {
        let invalid = || Fault::new("email", "invalid", "must be an e-mail address, such as ada@uni.example");
        let address = raw.trim().to_ascii_lowercase();
        let at = address.rfind('@').ok_or_else(invalid)?;
        let (local, domain) = (address.get(..at).unwrap_or_default(), address.get(at + 1..).unwrap_or_default());
        let local_ok = (1..=64).contains(&local.len())
            && local.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&byte))
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..");
        if !local_ok || !is_domain(domain) {
            return Err(invalid());
        }
        Ok(Self { address, at })
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        self.address.get(..self.at).unwrap_or_default()
    }

    /// What stands after the `@`.
    pub fn domain(&self) -> &str {
        self.address.get(self.at + 1..).unwrap_or_default()
    }

    /// The spelling under which one mailbox is counted once: without a `+tag` and without dots in the local part.
    pub fn canonical(&self) -> String {
        let local = self.local();
        let untagged = local.split('+').next().unwrap_or(local);
        format!("{}@{}", untagged.replace('.', ""), self.domain())
    }

    /// Whether its domain is a mail provider open to everybody.
    pub fn is_public_provider(&self) -> bool {
        is_public_provider(self.domain())
    }
}

/// Whether everybody can have an address of `domain`.
pub fn is_public_provider(domain: &str) -> bool {
    PUBLIC_PROVIDERS.contains(&domain)
}

/// Whether `domain` is a lower-case host name of at least two labels.
pub fn is_domain(domain: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= 253 && domain.contains('.') && domain.split('.').all(label_ok)
}

/// Checks a person's name: one line of 1–80 characters.
///
/// # Errors
/// A fault of the field `name`.
pub fn name(raw: &str) -> Result<String, Fault> {
    text::line("name", raw, 1..=80)
}

/// Checks a new password: 10 to 128 characters, not among the commonest, not the name or address (where that is known)
/// again.
///
/// # Errors
/// A fault of `field`.
pub fn password(field: &str, raw: &str, name: &str, email: Option<&Email>) -> Result<(), Fault> {
    let length = raw.chars().count();
    if length < 10 {
        return Err(Fault::new(field, "too_short", "must have at least 10 characters"));
    }
    if length > 128 {
        return Err(Fault::new(field, "too_long", "must have at most 128 characters"));
    }
    let folded = raw.to_lowercase();
    let own = email.into_iter().flat_map(|email| [email.as_str(), email.local()]);
    if own.chain([name.to_lowercase().as_str()]).any(|own| own == folded) {
        return Err(Fault::new(field, "too_weak", "must differ from your name and address"));
    }
    if is_common(&folded) {
        return Err(Fault::new(field, "too_weak", "is among the commonest passwords; take a few unrelated words"));
    }
    Ok(())
}

fn is_common(folded: &str) -> bool {
    let stem = folded.trim_end_matches(|end: char| end.is_ascii_digit() || end.is_ascii_punctuation());
    let one_character = folded.chars().next().is_some_and(|first| folded.chars().all(|other| other == first));
    one_character || COMMON_PASSWORDS.contains(&folded) || COMMON_PASSWORDS.contains(&stem)
}

/// Checks the form of a code: six digits.
///
/// # Errors
/// A fault of `field`.
pub fn code(field: &str, raw: &str) -> Result<String, Fault> {
    let code = raw.trim();
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(code.to_owned());
    }
    Err(Fault::new(field, "invalid", "must have six digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let email = Email::parse(" Ada.Lovelace+mail@Uni.Example ").expect("an address");
        assert_eq!(email.as_str(), "ada.lovelace+mail@uni.example");
        assert_eq!(email.canonical(), "adalovelace@uni.example");
        assert_eq!((email.local(), email.domain()), ("ada.lovelace+mail", "uni.example"));
        let long = format!("{}@uni.example", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@uni.example",
            "a@",
            "a@uni",
            "a b@uni.example",
            "a..b@uni.example",
            "a@-uni.example",
            "a@uni.example\r\nbcc: b@c.de",
            // In small letters that sign is an ASCII one.
            "\u{212a}im@uni.example",
            &long,
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn passwords() {
        let email = Email::parse("ada.lovelace@uni.example").expect("an address");
        let check = |raw: &str| password("password", raw, "Ada Lovelace", Some(&email)).map_err(|fault| fault.code);
        assert_eq!(check("correct horse battery"), Ok(()));
        assert_eq!(check("short"), Err("too_short".into()));
        assert_eq!(check(&"x".repeat(129)), Err("too_long".into()));
        for weak in
            ["ada lovelace", "ADA.LOVELACE@uni.example", "ada.lovelace", "1234567890", "Password123!", "aaaaaaaaaaaa"]
        {
            assert_eq!(check(weak), Err("too_weak".into()), "{weak}");
        }
    }

    #[test]
    fn codes() {
        assert_eq!(code("code", " 012345 "), Ok("012345".into()));
        assert!(code("code", "12345").is_err() && code("code", "１２３４５６").is_err());
    }
}
