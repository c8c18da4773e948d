//! How an engine behaves: what may be called, how long, how much.

use std::{fmt, path::PathBuf, time::Duration};

use url::Url;

use crate::Egress;

/// How an engine behaves.
#[derive(Clone)]
pub struct Options {
    /// Which addresses may be called.
    pub egress: Egress,
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long a call may take with everything that belongs to it: redirects, repetitions, chain, body.
    pub total_timeout: Duration,
    /// How long a call waits for a vendor that asks to wait, before its caller is told to come back later.
    pub patience: Duration,
    /// How long a file may take on its way, up or down.
    pub stream_timeout: Duration,
    /// How many bytes an answer may have, decoded.
    pub max_response_bytes: usize,
    /// How many bytes a body may have that scripts see, the caller's or the vendor's.
    pub max_script_payload_bytes: usize,
    /// How many bytes a file may have that is passed on.
    pub max_stream_bytes: u64,
    /// The `User-Agent` of vendor calls.
    pub user_agent: String,
    /// Proxies for vendor calls.
    pub proxies: Proxies,
    /// A file of certificates in PEM form that are trusted besides the machine's.
    pub extra_roots: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            egress: Egress::default(),
            connect_timeout: Duration::from_secs(10),
            total_timeout: Duration::from_secs(120),
            patience: Duration::from_secs(10),
            stream_timeout: Duration::from_secs(3600),
            max_response_bytes: 8 << 20,
            max_script_payload_bytes: 6 << 20,
            max_stream_bytes: 6 << 30,
            user_agent: concat!("ligand/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxies: Proxies::default(),
            extra_roots: None,
        }
    }
}

/// Proxies for vendor calls, each http or https, by the scheme of the address that is called. It is the proxy that
/// resolves vendors' names then, and has to guard where they lead.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For http.
    pub http: Option<Url>,
    /// For https.
    pub https: Option<Url>,
    /// Hosts that are called without: names, with all names below them, addresses and networks.
    pub without: Vec<String>,
}

impl Proxies {
    /// One proxy for everything.
    #[must_use]
    pub fn all(proxy: &Url) -> Self {
        Self { http: Some(proxy.clone()), https: Some(proxy.clone()), without: Vec::new() }
    }

    /// Both.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Url> {
        self.http.iter().chain(&self.https)
    }
}

/// A proxy's address may hold a password.
impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxies")
            .field("http", &self.http.as_ref().and_then(Url::host_str))
            .field("https", &self.https.as_ref().and_then(Url::host_str))
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("egress", &self.egress)
            .field("total_timeout", &self.total_timeout)
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}
