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
    /// A proxy for all vendor calls, http or https. With one, it is the proxy that resolves vendors' names and has to
    /// guard where they lead.
    pub proxy: Option<Url>,
    /// Hosts that are called without the proxy: names, with all names below them, addresses and networks.
    pub without_proxy: Vec<String>,
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
            proxy: None,
            without_proxy: Vec::new(),
            extra_roots: None,
        }
    }
}

/// A proxy's address may hold a password.
impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("egress", &self.egress)
            .field("total_timeout", &self.total_timeout)
            .field("proxy", &self.proxy.as_ref().and_then(Url::host_str))
            .finish_non_exhaustive()
    }
}
