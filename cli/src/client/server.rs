//! The address of a server: checked once, then joined with paths.

use std::{fmt, net::IpAddr};

use reqwest::Url;

/// The address of a server, such as `https://market.uni.example`, without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    url: Url,
    text: String,
}

/// Why an address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// No URL, not of http or https, or one that carries more than scheme, host, port and path.
    #[error("{0:?} is not the address of a server, such as https://market.uni.example")]
    Malformed(String),
    /// Passwords would cross a network in clear text.
    #[error("{0} is not encrypted and not on this machine")]
    InsecureHttp(String),
}

impl Server {
    /// Reads an address. Plain `http` is for this machine, unless `insecure_http` allows it elsewhere.
    ///
    /// # Errors
    /// See [`ServerError`].
    pub fn parse(text: &str, insecure_http: bool) -> Result<Self, ServerError> {
        let malformed = || ServerError::Malformed(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| malformed())?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !bare || url.fragment().is_some() {
            return Err(malformed());
        }
        let text = url.as_str().trim_end_matches('/').to_owned();
        let server = Self { url, text };
        if server.is_plain() && !server.is_loopback() && !insecure_http {
            return Err(ServerError::InsecureHttp(server.text));
        }
        Ok(server)
    }

    /// The address as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it is unencrypted `http`.
    pub(super) fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether it is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.ends_with(".localhost") || bare.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    }

    /// Whether `other` is of the same scheme, host and port, so that it may see our credentials.
    pub(super) fn is_origin_of(&self, other: &Url) -> bool {
        self.url.origin() == other.origin()
    }

    /// The whole URL of `path` (which begins with a slash) with query `pairs`.
    pub(super) fn join(&self, path: &str, pairs: &[(&str, String)]) -> Result<Url, ServerError> {
        let text = format!("{}{path}", self.text);
        let mut url = Url::parse(&text).map_err(|_| ServerError::Malformed(text))?;
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        Ok(url)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clear_text_stays_on_this_machine() {
        for local in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:80/", "http://campus.localhost"] {
            assert!(Server::parse(local, false).is_ok(), "{local}");
        }
        let away = "http://market.uni.example";
        assert_eq!(Server::parse(away, false), Err(ServerError::InsecureHttp(away.into())));
        assert!(Server::parse(away, true).is_ok());
        assert!(Server::parse("https://market.uni.example/", false).is_ok_and(|server| !server.is_plain()));
    }

    #[test]
    fn refuses_what_is_no_address() {
        for bad in ["uni", "ftp://uni", "http://a:b@uni", "https://uni?x=1", "https://uni#x", ""] {
            assert_eq!(Server::parse(bad, true), Err(ServerError::Malformed(bad.into())), "{bad}");
        }
    }

    #[test]
    fn joins_paths_below_its_own() {
        let server = Server::parse("https://uni.example/market/", false).expect("an address");
        let url = server.join("/api/items", &[("q", "a b&c".into())]).expect("a url");
        assert_eq!(url.as_str(), "https://uni.example/market/api/items?q=a+b%26c");
    }
}
