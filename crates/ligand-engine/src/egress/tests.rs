//! What may be called, in every notation an address has.

use std::net::IpAddr;

use proptest::prelude::*;
use url::Url;

use super::{Egress, EgressRefused};

fn passes(egress: &Egress, url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| egress.check_url(&url).is_ok())
}

#[test]
fn private_and_reserved_addresses_are_refused_in_every_notation() {
    let hosts = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "0.0.0.0",
        "0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.0.8",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "192.88.99.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[::a00:1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[64:ff9b:1::1]",
        "[2002:7f00:1::]",
        "[2002:a00:1::1]",
        "[fe80::1]",
        "[fec0::1]",
        "[fc00::1]",
        "[fd12::1]",
        "[ff02::1]",
        "[2001:db8::1]",
        "[2001::1]",
        "[3fff::1]",
        "[100::1]",
        "[5f00::1]",
        "\u{ff11}27.0.0.1",
    ];
    for host in hosts {
        assert!(!passes(&Egress::default(), &format!("http://{host}/x")), "{host}");
    }
}

#[test]
fn public_addresses_and_names_pass() {
    let hosts = [
        "example.com",
        "8.8.8.8",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "[2606:4700::1111]",
        "[2a00:1450:4001::1]",
        "[::ffff:8.8.8.8]",
        "[64:ff9b::808:808]",
        "[2002:808:808::1]",
    ];
    for host in hosts {
        assert!(passes(&Egress::default(), &format!("https://{host}:8443/x")), "{host}");
    }
}

#[test]
fn only_the_web_is_called() {
    for url in ["ftp://example.com", "file:///etc/passwd", "gopher://example.com", "data:,x", "unix:/x", "jdbc:x"] {
        assert!(!passes(&Egress::default(), url), "{url}");
    }
}

#[test]
fn operators_open_networks() {
    let egress = Egress::new(vec!["127.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
    for host in ["127.0.0.1", "2130706433", "localhost", "[::ffff:127.0.0.1]", "[fd12::1]"] {
        assert!(passes(&egress, &format!("http://{host}")), "{host}");
    }
    for host in ["10.0.0.1", "[::1]", "[fc00::1]", "169.254.169.254"] {
        assert!(!passes(&egress, &format!("http://{host}")), "{host}");
    }
}

#[test]
fn names_reach_only_their_permitted_addresses() {
    let sockets = |list: &[&str]| list.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    let mixed = sockets(&["127.0.0.1:0", "8.8.8.8:0", "[::1]:0", "10.0.0.1:0"]);
    assert_eq!(Egress::default().permitted(mixed.into_iter()), Ok(sockets(&["8.8.8.8:0"])));
    let private = sockets(&["169.254.169.254:0", "[fd00::1]:0"]);
    assert_eq!(Egress::default().permitted(private.into_iter()), Err(EgressRefused));
}

proptest! {
    #[test]
    fn no_v6_form_of_a_private_v4_address_passes(low in any::<u32>(), form in 0usize..4) {
        let octets = (0x0a00_0000 | (low & 0x00ff_ffff)).to_be_bytes();
        let (a, b) = (u16::from_be_bytes([octets[0], octets[1]]), u16::from_be_bytes([octets[2], octets[3]]));
        let address: IpAddr = match form {
            0 => format!("::ffff:{a:x}:{b:x}"),
            1 => format!("64:ff9b::{a:x}:{b:x}"),
            2 => format!("2002:{a:x}:{b:x}::1"),
            _ => format!("::{a:x}:{b:x}"),
        }.parse().unwrap();
        prop_assert!(Egress::default().check_address(address).is_err());
    }
}

#[test]
fn one_socket_can_be_let_through() {
    let egress = Egress::default().with_socket("127.0.0.1:9090".parse().unwrap());
    let check = |url: &str| egress.check_url(&Url::parse(url).unwrap());
    assert_eq!(check("http://127.0.0.1:9090/x"), Ok(()));
    assert_eq!(check("http://2130706433:9090/x"), Ok(()), "another notation of the same address");
    for url in ["http://127.0.0.1:9091/", "http://127.0.0.1/", "http://127.0.0.2:9090/", "http://localhost:9090/"] {
        assert_eq!(check(url), Err(EgressRefused), "{url}");
    }
}

#[test]
fn names_of_proxies_are_no_vendors() {
    let egress = Egress::default().closing(["Proxy.corp."].into_iter());
    for url in ["http://proxy.corp:9200/", "https://PROXY.CORP/", "http://proxy.corp./"] {
        assert!(!passes(&egress, url), "{url}");
    }
    assert!(passes(&egress, "http://a.proxy.corp/"));
}
