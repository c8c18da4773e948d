//! Which addresses may be called: public ones, and those in networks that the operator allows. Enforced on what a
//! URL says and again on what its name resolves to, so that no answer of a name server leads inside.

#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// The address lies in a network that may not be called, or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is not http(s), or lies in a private or reserved network")]
pub struct EgressRefused;

/// The guard.
#[derive(Debug, Clone, Default)]
pub struct Egress {
    allowed: Vec<IpNet>,
    sockets: Vec<SocketAddr>,
    /// Names that no URL may state.
    closed: Vec<String>,
}

/// Networks of IPv4 that are not public: private, shared, loopback, link-local, documentation, benchmarks, relays,
/// multicast, reserved.
const CLOSED_V4: &[(Ipv4Addr, u8)] = &[
    (Ipv4Addr::new(0, 0, 0, 0), 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// The only public part of IPv6, and what in it is not: Teredo and other protocol assignments, documentation.
const OPEN_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const CLOSED_V6: &[(Ipv6Addr, u8)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

impl Egress {
    /// A guard that lets these networks pass besides public addresses.
    #[must_use]
    pub fn new(allowed: Vec<IpNet>) -> Self {
        Self { allowed, ..Self::default() }
    }

    /// The guard that also lets one address pass on one port, when a URL states it as an address.
    #[must_use]
    pub fn with_socket(mut self, socket: SocketAddr) -> Self {
        self.sockets.push(socket);
        self
    }

    /// The guard that refuses URLs with these names: those of proxies, which are resolved to wherever they lie.
    pub(crate) fn closing<'a>(mut self, names: impl Iterator<Item = &'a str>) -> Self {
        self.closed.extend(names.map(bare));
        self
    }

    /// Checks what can be told from a URL alone: its scheme, and its host when that is an address in any notation
    /// or a name that means this machine. Other names are checked when they are resolved.
    ///
    /// # Errors
    /// When the URL may not be called.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressRefused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(EgressRefused);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.check_socket(address.into(), url),
            Some(Host::Ipv6(address)) => self.check_socket(address.into(), url),
            Some(Host::Domain(name)) if !self.closed.contains(&bare(name)) => self.check_name(name),
            Some(Host::Domain(_)) | None => Err(EgressRefused),
        }
    }

    fn check_socket(&self, address: IpAddr, url: &Url) -> Result<(), EgressRefused> {
        let is_allowed = |port| self.sockets.contains(&SocketAddr::new(address, port));
        if url.port_or_known_default().is_some_and(is_allowed) { Ok(()) } else { self.check_address(address) }
    }

    /// Checks an address. IPv4 addresses inside of IPv6 ones (mapped, compatible, NAT64, 6to4) count as what they are.
    ///
    /// # Errors
    /// When the address may not be called.
    pub fn check_address(&self, address: IpAddr) -> Result<(), EgressRefused> {
        let plain = plain(address);
        let is_allowed = self.allowed.iter().any(|network| network.contains(&address) || network.contains(&plain));
        if is_allowed || is_public(plain) { Ok(()) } else { Err(EgressRefused) }
    }

    /// Those of a name's addresses that may be called; refused when there are none.
    fn permitted(&self, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, EgressRefused> {
        let permitted: Vec<SocketAddr> = found.filter(|socket| self.check_address(socket.ip()).is_ok()).collect();
        if permitted.is_empty() { Err(EgressRefused) } else { Ok(permitted) }
    }

    fn check_name(&self, name: &str) -> Result<(), EgressRefused> {
        let name = bare(name);
        if name == "localhost" || name.ends_with(".localhost") {
            return self.check_address(Ipv4Addr::LOCALHOST.into());
        }
        if name.is_empty() { Err(EgressRefused) } else { Ok(()) }
    }
}

/// A name as it is compared.
fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The IPv4 address that an IPv6 address carries, else the address.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        (0, 0, 0, 0, 0, 0) if (g, h) != (0, 0) && (g, h) != (0, 1) => v4(g, h),
        (0x2002, ..) => v4(b, c),
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !CLOSED_V4.iter().any(|(network, bits)| v4_net(*network, *bits).contains(&v4)),
        IpAddr::V6(v6) => {
            let within = |(network, bits): (Ipv6Addr, u8)| v6_net(network, bits).contains(&v6);
            within(OPEN_V6) && !CLOSED_V6.iter().any(|network| within(*network))
        }
    }
}

fn v4_net(network: Ipv4Addr, bits: u8) -> Ipv4Net {
    Ipv4Net::new(network, bits).expect("the table has valid prefixes")
}

fn v6_net(network: Ipv6Addr, bits: u8) -> Ipv6Net {
    Ipv6Net::new(network, bits).expect("the table has valid prefixes")
}

/// Resolves names for connections and lets only permitted addresses through.
pub(crate) struct GuardedResolver {
    pub(crate) egress: Egress,
    /// The names of the operator's proxies, which may lie anywhere. With a proxy, vendors' names are the proxy's to
    /// resolve and to guard.
    pub(crate) proxy_names: Vec<String>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.egress.clone();
        let is_proxy = self.proxy_names.iter().any(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            if is_proxy {
                let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            egress.check_name(name.as_str())?;
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(Box::new(egress.permitted(found)?.into_iter()) as Addrs)
        })
    }
}
