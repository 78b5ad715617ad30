//! Outgoing mail: plain text messages, handed to a mail server, or written to standard error or to a folder.

mod letter;
mod relay;

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use campuszon_core::{Timestamp, safe::SafeText};
use lettre::{
    Address, Message,
    message::{Body, Mailbox, header::ContentTransferEncoding, header::ContentType},
};

pub use self::letter::Letter;
use self::relay::Relay;
use super::{directory, entropy::Entropy};

/// A message to one person.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mail {
    /// The address, such as `ada@uni.example`.
    pub to: String,
    /// One line.
    pub subject: String,
    /// The text; its lines stay as they are.
    pub text: String,
}

/// Why a mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The mail URL has another scheme.
    #[error(
        "mail cannot be sent by {0:?}: use console: (prints the mail on stderr), file:DIR (one .eml a mail), \
         smtp://user:password@host:port or smtps://…"
    )]
    UnknownTransport(String),
    /// The mail URL leads to no mail server.
    #[error(
        "the mail URL is not valid: {0}; write it as smtp://user:password@host:port or smtps://…, with special characters of \
         the password encoded, such as %2F for /"
    )]
    BadRelay(&'static str),
    /// No encryption can be had.
    #[error(
        "mail cannot be encrypted: {0}; install the certificates of this system, such as the package ca-certificates"
    )]
    Encryption(String),
    /// The mail server refuses the mail for good.
    #[error("the mail server refuses the mail: {0}")]
    Refused(String),
    /// The mail server did not take the mail now.
    #[error("the mail server did not take the mail: {0}")]
    Unsent(String),
    /// What was queued is no mail.
    #[error("what was queued is no mail: {0}")]
    Unreadable(String),
    /// The mail URL lacks its folder.
    #[error("the mail URL file: names no folder: write it as file:DIR, such as file:/var/mail/campuszon")]
    NoFolder,
    /// An address is none.
    #[error("{0:?} is not a mail address that can be written to")]
    BadAddress(String),
    /// The message cannot be composed.
    #[error("the mail cannot be composed: {0}")]
    Compose(#[from] lettre::error::Error),
    /// The message cannot be written.
    #[error("the mail cannot be written to {target}: {source}; check its permissions and free space")]
    Write {
        /// `stderr`, or the folder.
        target: String,
        /// What the system answered.
        source: io::Error,
    },
}

impl MailError {
    /// Whether another try would end the same.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::BadAddress(_) | Self::Compose(_) | Self::Unreadable(_))
    }
}

/// Sends mail in the server's name.
#[derive(Clone)]
pub struct Mailer {
    transport: Transport,
    sender: Mailbox,
}

#[derive(Clone)]
enum Transport {
    Console,
    Folder(PathBuf),
    Relay(Relay),
}

impl Mailer {
    /// A mailer for `url` (`console:`, `file:DIR`, whose folder is made, `smtp://…` or `smtps://…`), whose mails come
    /// from `name` at `no-reply@host`.
    ///
    /// # Errors
    /// The URL is of an unknown kind, the folder cannot be made, or `host` is no host name.
    pub fn open(url: &str, name: &str, host: &str) -> Result<Self, MailError> {
        let sender = Mailbox::new(Some(one_line(name)), sender_address(host)?);
        let transport = Transport::read(url, sender.email.domain())?;
        if let Transport::Folder(folder) = &transport {
            directory::create_private_folder(folder).map_err(|source| write_error(folder, source))?;
        }
        Ok(Self { transport, sender })
    }

    /// Proves such a URL: nothing is made, and nobody is called.
    ///
    /// # Errors
    /// As for [`Mailer::open`].
    pub fn validate(url: &str) -> Result<(), MailError> {
        Transport::read(url, "localhost").map(drop)
    }

    /// Sends a mail dated `now`. A message in a folder is whole or absent.
    ///
    /// # Errors
    /// The mail was not sent; unless [`MailError::is_final`], it may be tried again.
    pub async fn send(&self, mail: &Mail, now: Timestamp, entropy: &dyn Entropy) -> Result<(), MailError> {
        let relay = match &self.transport {
            Transport::Console => return self.print(mail),
            Transport::Folder(folder) => {
                let message = self.compose(mail, now, entropy)?.formatted();
                return write(folder, folder.join(file_name(now, entropy)), message).await;
            }
            Transport::Relay(relay) => relay,
        };
        let message = self.compose(mail, now, entropy)?;
        relay.send(message.envelope(), &message.formatted()).await
    }

    /// The message in the form of RFC 5322, with `\r\n` line ends.
    fn compose(&self, mail: &Mail, now: Timestamp, entropy: &dyn Entropy) -> Result<Message, MailError> {
        let to: Address = mail.to.parse().map_err(|_| MailError::BadAddress(mail.to.clone()))?;
        let message = Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(None, to))
            .subject(one_line(&mail.subject))
            .date(UNIX_EPOCH + now.since(Timestamp::from_millis(0)))
            .message_id(Some(format!("<{}@{}>", entropy.token(16), self.sender.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(body(&mail.text))?;
        Ok(message)
    }

    /// Written plainly and not as a log line: a code must be readable whatever the logs are set to.
    fn print(&self, mail: &Mail) -> Result<(), MailError> {
        let page = format!(
            "--- mail ---\nFrom: {}\nTo: {}\nSubject: {}\n\n{}\n--- end ---\n",
            self.sender,
            SafeText::line(&mail.to),
            SafeText::line(&mail.subject),
            SafeText::block(mail.text.trim_end()),
        );
        let mut stderr = io::stderr().lock();
        stderr.write_all(page.as_bytes()).map_err(|source| MailError::Write { target: "stderr".to_owned(), source })
    }
}

impl Transport {
    /// What `url` names; a mail server is told that `host` calls.
    fn read(url: &str, host: &str) -> Result<Self, MailError> {
        if url == "console:" {
            return Ok(Self::Console);
        }
        if url.starts_with("smtp:") || url.starts_with("smtps:") {
            return Ok(Self::Relay(Relay::open(url, host)?));
        }
        let folder = url.strip_prefix("file:").ok_or_else(|| MailError::UnknownTransport(without_secrets(url)))?;
        let folder = Path::new(folder.strip_prefix("//").unwrap_or(folder));
        if folder.as_os_str().is_empty() {
            return Err(MailError::NoFolder);
        }
        Ok(Self::Folder(folder.to_owned()))
    }
}

/// Writing waits for the disk, so it has a thread of its own.
async fn write(folder: &Path, path: PathBuf, message: Vec<u8>) -> Result<(), MailError> {
    let writing = tokio::task::spawn_blocking(move || directory::write_atomically(&path, &message));
    let written = writing.await.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    written.map_err(|source| write_error(folder, source))
}

/// A URL of another kind may hold a password: only its scheme is repeated.
fn without_secrets(url: &str) -> String {
    match url.split_once(':') {
        Some((scheme, _)) => format!("{scheme}:"),
        None => url.to_owned(),
    }
}

/// A server without a name sends from `localhost`: many programs do not read address literals.
fn sender_address(host: &str) -> Result<Address, MailError> {
    let is_number = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let domain = if is_number { "localhost" } else { host };
    Address::new("no-reply", domain).map_err(|_| MailError::BadAddress(format!("no-reply@{domain}")))
}

/// Sorts by time, and is unique.
fn file_name(now: Timestamp, entropy: &dyn Entropy) -> String {
    format!("{:013}-{:08x}.eml", now.millis(), entropy.u128() >> 96)
}

/// As plain ASCII where possible, else quoted-printable: in both a short line of ASCII stays as it is, so that a code
/// can be read without decoding.
fn body(text: &str) -> Body {
    let text = text.replace('\r', "");
    Body::new_with_encoding(text.clone(), ContentTransferEncoding::SevenBit)
        .or_else(|_| Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable))
        .unwrap_or_else(Body::new)
}

/// Control characters become spaces: none breaks a header, nor the composer, which panics on them in a name.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn write_error(folder: &Path, source: io::Error) -> MailError {
    MailError::Write { target: folder.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::entropy::SeededEntropy, *};

    fn mailer(url: &str) -> Mailer {
        Mailer::open(url, "CampusZon", "market.uni.example").unwrap()
    }

    fn mail(text: &str) -> Mail {
        Mail { to: "ada@uni.example".into(), subject: "Your code".into(), text: text.into() }
    }

    fn compose(mail: &Mail) -> String {
        let now = Timestamp::from_millis(1_700_000_000_000);
        let message = mailer("console:").compose(mail, now, &SeededEntropy::new(1)).unwrap();
        String::from_utf8(message.formatted()).unwrap()
    }

    #[test]
    fn a_code_stays_alone_on_its_line() {
        for text in ["Hello Ada,\n\n012345\n\nBye", "Grüße, Ада,\r\n\r\n012345\r\n\r\n“Привет, мир” – привет"]
        {
            let message = compose(&mail(text));
            assert!(message.contains("\r\n012345\r\n"), "{message}");
            assert!(message.is_ascii(), "{message}");
        }
    }

    #[test]
    fn headers_are_complete() {
        let message = compose(&mail("Hello"));
        for header in [
            "From: CampusZon <no-reply@market.uni.example>\r\n",
            "To: ada@uni.example\r\n",
            "Subject: Your code\r\n",
            "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n",
            "@market.uni.example>\r\n",
            "Content-Type: text/plain; charset=utf-8\r\n",
        ] {
            assert!(message.contains(header), "{header:?} in {message}");
        }
    }

    #[test]
    fn nothing_can_add_a_header() {
        let subject = "Hello\r\nBcc: eve@evil.example\nX: \u{1b}[31mred".to_owned();
        let message = compose(&Mail { subject, ..mail("Hello") });
        let headers: Vec<&str> = message.split("\r\n\r\n").next().unwrap().split("\r\n").collect();
        assert!(!headers.iter().any(|line| line.starts_with("Bcc") || line.starts_with("X:")), "{message}");
        assert!(!message.contains('\u{1b}'), "{message}");

        let named = Mailer::open("console:", "Campus\r\nBcc: eve@evil.example", "localhost").unwrap();
        let message = named.compose(&mail("Hello"), Timestamp::default(), &SeededEntropy::new(1)).unwrap();
        assert!(!String::from_utf8(message.formatted()).unwrap().contains("\r\nBcc"));

        let to = "ada@uni.example\r\nBcc: eve@evil.example".to_owned();
        let refused =
            mailer("console:").compose(&Mail { to, ..mail("") }, Timestamp::default(), &SeededEntropy::new(1));
        assert!(matches!(refused, Err(MailError::BadAddress(_))));
    }

    #[tokio::test]
    async fn one_file_a_mail_in_the_order_of_time() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("mail");
        let mailer = mailer(&format!("file:{}", folder.display()));
        let entropy = SeededEntropy::new(1);
        for millis in [2_000, 1_000, 1_000] {
            mailer.send(&mail(&millis.to_string()), Timestamp::from_millis(millis), &entropy).await.unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        assert_eq!(names.len(), 3);
        assert!(fs::read_to_string(names.last().unwrap()).unwrap().ends_with("2000"));
        assert!(names.iter().all(|path| path.extension().unwrap() == "eml"));
    }

    #[tokio::test]
    async fn a_folder_that_vanished_is_made_again() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("mail");
        let mailer = mailer(&format!("file://{}", folder.display()));
        fs::remove_dir(&folder).unwrap();
        mailer.send(&mail("Hello"), Timestamp::default(), &SeededEntropy::new(1)).await.unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn other_transports_are_refused_without_repeating_their_password() {
        for (url, said) in
            [("imap://ada:secret@mail.example", "\"imap:\""), ("console", "\"console\""), ("file:", "file:DIR")]
        {
            let refused = Mailer::open(url, "CampusZon", "localhost").map(|_| ()).unwrap_err().to_string();
            assert!(refused.contains(said) && !refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn any_host_can_send() {
        for (host, address) in
            [("localhost", "no-reply@localhost"), ("127.0.0.1", "no-reply@localhost"), ("[::1]", "no-reply@localhost")]
        {
            assert_eq!(Mailer::open("console:", "CampusZon", host).unwrap().sender.email.to_string(), address);
        }
        assert!(Mailer::open("console:", "CampusZon", "a b").is_err());
    }
}
