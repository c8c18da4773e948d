//! HTTP clients: TLS with the machine's roots of trust, or bundled ones where the machine has none, and those of the
//! operator; guarded name resolution; no redirects of their own; no proxy but the operator's.
//!
//! Every instance has a client of its own, so that no connection serves two of them; what its configuration has for TLS
//! counts there alone.

#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use ligand_domain::{Configuration, Id, Instance, Timestamp};
use ligand_element::PlanError;
use quick_cache::sync::Cache;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    Failure, Options,
    egress::GuardedResolver,
    identity::{AUTHORITIES, Fingerprint, Identity, Material, wrong},
};

/// How long an unused connection is kept.
const POOL_IDLE: Duration = Duration::from_secs(30);

/// How many unused connections are kept for one host: as many calls as may be under way at a time without that each
/// of them opens a connection and closes it again. They are given up after [`POOL_IDLE`].
const POOL_IDLE_PER_HOST: usize = 1024;

/// How many clients are kept. An instance that has not called for longer than so many others begins with a new one.
const CLIENTS: usize = 1024;

/// Whose a client is: an instance's, or nobody's; and what it shows and trusts.
type Owner = (Option<Id<Instance>>, Option<Fingerprint>);

/// Clients, each made when it is first needed: loading roots takes time and memory.
pub(crate) struct Clients {
    ground: OnceLock<Ground>,
    kept: Cache<Owner, reqwest::Client>,
}

/// What all clients have.
struct Ground {
    roots: RootCertStore,
    tls: ClientConfig,
}

impl Default for Clients {
    fn default() -> Self {
        Self { ground: OnceLock::new(), kept: Cache::new(CLIENTS) }
    }
}

impl Clients {
    /// The client of an instance, or of one that is about to be made, with this configuration.
    ///
    /// # Errors
    /// What in the configuration is no certificate or key, or does not belong together.
    pub(crate) fn of(
        &self,
        options: &Options,
        instance: Option<Id<Instance>>,
        configuration: &Configuration,
    ) -> Result<reqwest::Client, Failure> {
        let material = Material::of(configuration);
        let owner = (instance, material.map(|material| material.fingerprint()));
        self.kept(options, owner, material)
    }

    /// Checks what a configuration has for TLS, also whether its certificate is valid at this moment.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn demand_valid(
        &self,
        options: &Options,
        configuration: &Configuration,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let Some(material) = Material::of(configuration) else { return Ok(()) };
        let identity = material.read()?;
        identity.demand_valid(&material, now)?;
        self.of(options, None, configuration).map(drop)
    }

    fn kept(
        &self,
        options: &Options,
        owner: Owner,
        material: Option<Material<'_>>,
    ) -> Result<reqwest::Client, Failure> {
        if let Some(client) = self.kept.get(&owner) {
            return Ok(client);
        }
        let unmade = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, "the HTTP client could not be made");
            Failure::Unreachable
        };
        let ground = self.ground(options).map_err(|error| unmade(&error))?;
        let tls = match material {
            None => ground.tls.clone(),
            Some(material) => ground.with(&material, &material.read()?)?,
        };
        let client = build(options, tls).map_err(|error| unmade(&error))?;
        self.kept.insert(owner, client.clone());
        Ok(client)
    }

    fn ground(&self, options: &Options) -> Result<&Ground, Box<dyn std::error::Error>> {
        if let Some(ground) = self.ground.get() {
            return Ok(ground);
        }
        let ground = Ground::new(options)?;
        Ok(self.ground.get_or_init(|| ground))
    }
}

impl Ground {
    fn new(options: &Options) -> Result<Self, Box<dyn std::error::Error>> {
        let mut roots = roots(rustls_native_certs::load_native_certs().certs);
        if let Some(file) = &options.extra_roots {
            for certificate in CertificateDer::pem_file_iter(file)? {
                roots.add(certificate?)?;
            }
        }
        let tls = finished(builder()?.with_root_certificates(roots.clone()).with_no_client_auth());
        Ok(Self { roots, tls })
    }

    /// TLS as an identity has it. Sessions are resumed within it only.
    fn with(&self, material: &Material<'_>, identity: &Identity) -> Result<ClientConfig, PlanError> {
        let mut roots = self.roots.clone();
        for certificate in &identity.authorities {
            let added = roots.add(certificate.clone());
            added.map_err(|_| wrong(AUTHORITIES, "holds a certificate that cannot be read"))?;
        }
        let builder = builder().map_err(|_| PlanError::Unsupported("TLS".to_owned()))?.with_root_certificates(roots);
        let Some((chain, key)) = &identity.own else { return Ok(finished(builder.with_no_client_auth())) };
        let with = builder.with_client_auth_cert(chain.clone(), key.clone_key());
        with.map(finished).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                wrong(material.own_key(), "holds a certificate that the private key does not belong to")
            }
            _ => wrong(material.own_key(), "holds a certificate or private key that cannot be used"),
        })
    }
}

fn builder() -> Result<rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

fn finished(mut tls: ClientConfig) -> ClientConfig {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn build(options: &Options, tls: ClientConfig) -> reqwest::Result<reqwest::Client> {
    let proxies = &options.proxies;
    let proxy_names = proxies.iter().filter_map(|proxy| proxy.host_str()).map(str::to_owned).collect();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(Arc::new(GuardedResolver { egress: options.egress.clone(), proxy_names }))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(POOL_IDLE_PER_HOST)
        .user_agent(options.user_agent.as_str());
    let without = reqwest::NoProxy::from_string(&proxies.without.join(","));
    if let Some(proxy) = &proxies.http {
        builder = builder.proxy(reqwest::Proxy::http(proxy.clone())?.no_proxy(without.clone()));
    }
    if let Some(proxy) = &proxies.https {
        builder = builder.proxy(reqwest::Proxy::https(proxy.clone())?.no_proxy(without));
    }
    builder.build()
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
