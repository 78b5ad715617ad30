//! The proxies in front of the server: whose `X-Forwarded-For` is believed, and what it says.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::http::HeaderMap;
use ipnet::{IpNet, Ipv4Net};

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The networks that proxies of ours are in.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// A network that is none.
#[derive(Debug, thiserror::Error)]
#[error("cannot trust the proxy {0:?}: give an address or a network, such as 10.0.0.1, 10.0.0.0/8 or fd00::/8")]
pub struct BadNetwork(String);

impl TrustedProxies {
    /// Those of `networks`, each an address or a CIDR.
    ///
    /// # Errors
    /// One is neither.
    pub fn parse(networks: &[String]) -> Result<Self, BadNetwork> {
        let network = |text: &String| network(text.trim()).ok_or_else(|| BadNetwork(text.clone()));
        networks.iter().map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether what is at `address` is a proxy of ours.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request came from that a trusted `peer` passed on: the right-most hop that is no proxy of ours.
    ///
    /// Proxies append, so what stands further left is only what that client claims, and is not even read. What a proxy
    /// of ours wrote and nobody can read is not believed at all: then the peer stands for its clients.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer;
        for line in headers.get_all(FORWARDED_FOR).iter().rev() {
            let Ok(line) = line.to_str() else { return peer };
            for hop in line.rsplit(',') {
                let Some(address) = hop_address(hop.trim()) else { return peer };
                client = address;
                if !self.contains(client) {
                    return client;
                }
            }
        }
        client
    }
}

/// Who is at the other end of a connection.
pub(super) struct Peer {
    /// Where it is.
    pub(super) address: IpAddr,
    /// The proxies to believe; `None` where the peer is not one of them itself.
    proxies: Option<Arc<TrustedProxies>>,
}

impl Peer {
    /// The one at `address`, where these are trusted.
    pub(super) fn new(address: IpAddr, proxies: &Arc<TrustedProxies>) -> Self {
        let address = address.to_canonical();
        Self { address, proxies: proxies.contains(address).then(|| Arc::clone(proxies)) }
    }

    /// Who comes through a Unix socket is on this machine, was let in by the permissions of a file, and is believed.
    pub(super) fn local(proxies: &Arc<TrustedProxies>) -> Self {
        Self { address: Ipv4Addr::LOCALHOST.into(), proxies: Some(Arc::clone(proxies)) }
    }

    /// Whether it stands for many clients, or is this machine.
    pub(super) fn is_exempt(&self) -> bool {
        self.address.is_loopback() || self.proxies.is_some()
    }

    /// Whether what it passes on is believed.
    pub(super) fn is_proxy(&self) -> bool {
        self.proxies.is_some()
    }

    /// Where a request with these headers came from.
    pub(super) fn client(&self, headers: &HeaderMap) -> IpAddr {
        self.proxies.as_ref().map_or(self.address, |proxies| proxies.client(self.address, headers))
    }
}

/// IPv4 in the clothes of IPv6 is IPv4, as it is in addresses of peers.
fn network(text: &str) -> Option<IpNet> {
    const MAPPED: u8 = 96;
    let network: IpNet = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    match (network, network.addr().to_canonical()) {
        (IpNet::V6(mapped), IpAddr::V4(address)) if mapped.prefix_len() >= MAPPED => {
            Ipv4Net::new(address, mapped.prefix_len() - MAPPED).ok().map(IpNet::V4)
        }
        _ => Some(network),
    }
}

/// The address of a hop; some proxies add the port, and brackets where it is IPv6.
fn hop_address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.1";

    fn proxies(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::parse(&networks.iter().map(|&network| network.to_owned()).collect::<Vec<_>>()).unwrap()
    }

    /// Who a request came from that our proxy passed on with these headers.
    fn client(lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, axum::http::HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        proxies(&["10.0.0.0/8", "fd00::/8"]).client(PEER.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn the_right_most_hop_that_is_no_proxy_of_ours_is_the_client() {
        assert_eq!(client(&["203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(&["198.51.100.1, 203.0.113.7"]), "203.0.113.7", "the client wrote the first one");
        assert_eq!(client(&["198.51.100.1,203.0.113.7 , 10.9.9.9,fd00::2"]), "203.0.113.7");
        assert_eq!(client(&["198.51.100.1", "203.0.113.7", "10.9.9.9"]), "203.0.113.7", "lines are one list");
        assert_eq!(client(&["10.1.1.1, 10.2.2.2"]), "10.1.1.1", "one of ours asked");
        assert_eq!(client(&[]), PEER);
    }

    #[test]
    fn what_a_client_writes_before_its_own_address_changes_nothing() {
        let garbage = ["unknown", "127.0.0.1", "10.0.0.1", "<b>", "é", "1.2.3.4.5", "::1%eth0", "", ",,,"];
        for claim in garbage {
            assert_eq!(client(&[claim, "203.0.113.7"]), "203.0.113.7", "{claim:?}");
        }
        let many = "198.51.100.1, ".repeat(4_000) + "203.0.113.7";
        assert_eq!(client(&[&many]), "203.0.113.7");
        let ours = "10.3.3.3, ".repeat(4_000) + "203.0.113.7";
        assert_eq!(client(&[&ours]), "203.0.113.7");
    }

    #[test]
    fn a_hop_that_nobody_can_read_is_not_believed() {
        let unreadable =
            ["unknown", "é", "1.2.3", "1.2.3.4:", "1.2.3.4:99999", "[::1", "::1%eth0", "for=1.2.3.4", "", "01.2.3.4"];
        for hop in unreadable {
            assert_eq!(client(&["203.0.113.7", hop]), PEER, "{hop:?}");
            assert_eq!(client(&["203.0.113.7", hop, "10.9.9.9"]), PEER, "{hop:?} behind one of ours");
        }
    }

    #[test]
    fn ports_brackets_and_mapped_addresses_are_understood() {
        for (hop, address) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:4711", "2001:db8::7"),
            ("2001:db8:0:0::7", "2001:db8::7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(client(&[hop]), address);
        }
        assert_eq!(client(&["203.0.113.7, ::ffff:10.9.9.9"]), "203.0.113.7");
    }

    #[test]
    fn networks_are_read_in_every_form() {
        let named = proxies(&["192.0.2.1", "10.1.2.3/8", "2001:db8::/32", "::ffff:198.51.100.0/120", " fd00::1 "]);
        for inside in ["192.0.2.1", "10.255.0.1", "2001:db8::9", "198.51.100.9", "fd00::1"] {
            assert!(named.contains(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["192.0.2.2", "11.0.0.1", "2001:db9::1", "198.51.101.1", "fd00::2", "::1", "127.0.0.1"] {
            assert!(!named.contains(outside.parse().unwrap()), "{outside}");
        }
        for none in ["", "10.0.0.0/33", "proxy.example", "10.0.0", "10.0.0.0/-1", "*"] {
            let refused = TrustedProxies::parse(&[none.to_owned()]).unwrap_err().to_string();
            assert!(refused.contains(&format!("{none:?}")) && refused.contains("10.0.0.0/8"), "{refused}");
        }
    }
}
