//! `X-Forwarded-For`: whoever is found is no proxy of ours where anybody else is named, and nothing that a client claims
//! before its own address changes that.

use std::net::{IpAddr, Ipv4Addr};

use axum::http::{HeaderMap, HeaderValue};
use campuszon_server::gateway::listener::proxies::TrustedProxies;

const HEADER: &str = "x-forwarded-for";

/// The proxy that all of this comes through.
const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// Each line is a header.
pub fn hold(bytes: &[u8]) {
    let values = bytes.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok());
    let headers: Vec<HeaderValue> = values.collect();
    let ours = TrustedProxies::parse(&["10.0.0.0/8".to_owned(), "fd00::/8".to_owned()]).expect("networks");
    let client = found(&ours, &headers);
    assert_eq!(client, client.to_canonical());
    if !ours.contains(client) {
        let claim = [HeaderValue::from_static("unknown, 10.1.1.1, 198.51.100.1")];
        assert_eq!(found(&ours, &[&claim[..], &headers].concat()), client, "a client's claim counts");
    }
    if !headers.is_empty() {
        let own = [HeaderValue::from_static("10.9.9.9"), HeaderValue::from_static("fd00::9")];
        assert_eq!(found(&ours, &[&headers[..], &own].concat()), client, "another proxy of ours changes nothing");
    }
    let nobody = TrustedProxies::parse(&[]).expect("none");
    let last = headers.last().and_then(|value| value.to_str().ok()?.rsplit(',').next());
    if let Some(address) = last.and_then(|hop| hop.trim().parse::<IpAddr>().ok()) {
        assert_eq!(found(&nobody, &headers), address.to_canonical(), "the last hop is who the peer saw");
    }
    let networks: Vec<String> = String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect();
    if let Ok(named) = TrustedProxies::parse(&networks) {
        let addresses = networks.iter().filter_map(|network| network.trim().parse::<IpAddr>().ok());
        addresses.for_each(|address| assert!(named.contains(address.to_canonical()), "{address} was named"));
    }
}

fn found(proxies: &TrustedProxies, headers: &[HeaderValue]) -> IpAddr {
    let mut map = HeaderMap::new();
    for value in headers {
        map.append(HEADER, value.clone());
    }
    proxies.client(PEER, &map)
}
