//! The HTTP client: TLS with the machine's roots of trust, or bundled ones where the machine has none, and those of the
//! operator; guarded name resolution; no redirects of its own; no proxy but the operator's.

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{Failure, Options, egress::GuardedResolver};

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// How many unused connections are kept for one host: as many calls as may be under way at a time without that each
/// of them opens a connection and closes it again. They are given up after [`POOL_IDLE`].
const POOL_IDLE_PER_HOST: usize = 1024;

/// A client that is made when it is first needed: loading roots takes time and memory.
#[derive(Default)]
pub(crate) struct LazyClient(OnceLock<reqwest::Client>);

impl LazyClient {
    pub(crate) fn get(&self, options: &Options) -> Result<&reqwest::Client, Failure> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = build(options).map_err(|error| {
            tracing::error!(error = %error, "the HTTP client could not be made");
            Failure::Unreachable
        })?;
        Ok(self.0.get_or_init(|| client))
    }
}

fn build(options: &Options) -> Result<reqwest::Client, Box<dyn std::error::Error>> {
    let mut roots = roots(rustls_native_certs::load_native_certs().certs);
    if let Some(file) = &options.extra_roots {
        for certificate in CertificateDer::pem_file_iter(file)? {
            roots.add(certificate?)?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let proxy_name = options.proxy.as_ref().and_then(|proxy| proxy.host_str()).map(str::to_owned);
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(GuardedResolver { egress: options.egress.clone(), proxy_name }))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_IDLE_PER_HOST)
        .user_agent(options.user_agent.as_str());
    if let Some(proxy) = &options.proxy {
        let without = reqwest::NoProxy::from_string(&options.without_proxy.join(","));
        builder = builder.proxy(reqwest::Proxy::all(proxy.clone())?.no_proxy(without));
    }
    Ok(builder.build()?)
}

/// The machine's roots of trust, or the bundled ones where it has none that can be read.
fn roots(native: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(native);
    if roots.is_empty() {
        roots.add_parsable_certificates(webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned());
    }
    roots
}
