//! Mail by SMTP, handed to the mail server that the self-hoster names.
//!
//! The way there is encrypted unless it ends on this machine: from the first byte with `smtps:`, and with `smtp:` as
//! soon as the server offers it. A password never crosses a network in the clear: with one, a server that offers no
//! encryption is refused. To this machine mail goes as it is, since nobody is in between and local servers
//! offer certificates that nobody signed.

use std::{net::IpAddr, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Tls, TlsParameters},
        extension::ClientId,
    },
};
use percent_encoding::percent_decode_str;
use url::Url;

use super::MailError;

/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);

/// How long it may take for a whole mail.
const MAIL: Duration = Duration::from_secs(30);

/// How much of what a server said is kept.
const REASON: usize = 300;

/// The self-hoster's mail server.
#[derive(Clone)]
pub(super) struct Relay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// Where a URL leads.
struct Target {
    encrypted: bool,
    host: String,
    port: u16,
    credentials: Option<Credentials>,
}

impl Relay {
    /// The server behind `smtp://` or `smtps://`, to which this one calls itself `name`. Nothing is sent yet: a mail
    /// server that is away now may be back later.
    pub(super) fn open(url: &str, name: &str) -> Result<Self, MailError> {
        let target = Target::parse(url)?;
        let tls = target.tls().map_err(|error| MailError::Encryption(reason(&error)))?;
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(target.host)
            .port(target.port)
            .tls(tls)
            .hello_name(ClientId::Domain(name.to_owned()))
            .timeout(Some(ANSWER));
        if let Some(credentials) = target.credentials {
            transport = transport.credentials(credentials);
        }
        Ok(Self { transport: transport.build() })
    }

    /// Hands a message over.
    pub(super) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), MailError> {
        match tokio::time::timeout(MAIL, self.transport.send_raw(envelope, message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if is_final(&error) => Err(MailError::Refused(reason(&error))),
            Ok(Err(error)) => Err(MailError::Unsent(reason(&error))),
            Err(_) => Err(MailError::Unsent(format!("no end after {} seconds", MAIL.as_secs()))),
        }
    }
}

impl Target {
    fn parse(url: &str) -> Result<Self, MailError> {
        let parsed = Url::parse(url).map_err(|_| MailError::BadRelay("it is no URL"))?;
        let host = parsed.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        if host.is_empty() {
            return Err(MailError::BadRelay("it names no host"));
        }
        // Such as what follows a `/` in a password that was not encoded.
        if !matches!(parsed.path(), "" | "/") || parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(MailError::BadRelay("something follows the port"));
        }
        let credentials = credentials(&parsed)?;
        let encrypted = parsed.scheme() == "smtps";
        let usual = match (encrypted, &credentials) {
            (true, _) => 465,
            (false, Some(_)) => 587,
            (false, None) => 25,
        };
        Ok(Self { encrypted, host, port: parsed.port().unwrap_or(usual), credentials })
    }

    fn tls(&self) -> Result<Tls, Error> {
        let parameters = || TlsParameters::new(self.host.clone());
        if self.encrypted {
            return Ok(Tls::Wrapper(parameters()?));
        }
        if is_this_machine(&self.host) {
            return Ok(Tls::None);
        }
        Ok(if self.credentials.is_some() { Tls::Required(parameters()?) } else { Tls::Opportunistic(parameters()?) })
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, MailError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(|text| text.into_owned()).map_err(|_| MailError::BadRelay("user or password is no text"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(MailError::BadRelay("it has a password, but no user")),
        (_, None) => Err(MailError::BadRelay("it has a user, but no password")),
        (user, Some(password)) => Ok(Some(Credentials::new(decoded(user)?, decoded(password)?))),
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the mail itself was refused: another try would end the same. Other permanent refusals, of a password for
/// example, are mended by the self-hoster while the mail waits.
fn is_final(error: &Error) -> bool {
    error.status().is_some_and(|code| (550..560).contains(&u16::from(code)))
}

/// The causes of a failure in one line.
fn reason(error: &Error) -> String {
    error.to_string().replace(char::is_control, " ").chars().take(REASON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(url: &str) -> Tls {
        Target::parse(url).unwrap().tls().unwrap()
    }

    #[test]
    fn a_password_crosses_no_network_in_the_clear() {
        for url in ["smtp://ada:secret@mail.example", "smtp://ada:secret@10.0.0.1:25", "smtp://a:b@localhost.example"] {
            assert!(matches!(tls(url), Tls::Required(_)), "{url}");
        }
        assert!(matches!(tls("smtp://mail.example"), Tls::Opportunistic(_)));
        for url in ["smtps://mail.example", "smtps://ada:secret@127.0.0.1"] {
            assert!(matches!(tls(url), Tls::Wrapper(_)), "{url}");
        }
        for url in ["smtp://ada:secret@localhost", "smtp://127.0.0.2:2525", "smtp://[::1]:25"] {
            assert!(matches!(tls(url), Tls::None), "{url}");
        }
    }

    #[test]
    fn a_port_that_is_not_named_is_the_usual_one() {
        for (url, port) in [
            ("smtp://mail.example", 25),
            ("smtp://ada:secret@mail.example", 587),
            ("smtps://mail.example/", 465),
            ("smtp://mail.example:2525", 2525),
        ] {
            assert_eq!(Target::parse(url).unwrap().port, port, "{url}");
        }
    }

    #[test]
    fn special_characters_of_a_password_are_encoded() {
        let target = Target::parse("smtp://ada%40uni.example:se%2Fc%25ret+1@[::1]").unwrap();
        assert_eq!(target.credentials, Some(Credentials::new("ada@uni.example".into(), "se/c%ret+1".into())));
        assert_eq!(target.host, "::1");
    }

    #[test]
    fn a_refusal_repeats_no_password() {
        for url in [
            "smtp://ada:sec/ret@mail.example",
            "smtp://ada:secret@mail.example/path",
            "smtp://ada:secret@mail.example?tls=none",
            "smtp://ada@mail.example",
            "smtp://:secret@mail.example",
            "smtp://ada:secret%FF@mail.example",
            "smtp://ada:secret@",
            "smtp:ada:secret",
        ] {
            let refused = Target::parse(url).map(|_| ()).unwrap_err().to_string();
            assert!(refused.contains("smtp://user:password@host:port"), "{url}: {refused}");
            assert!(!refused.contains("sec"), "{url}: {refused}");
        }
    }
}
