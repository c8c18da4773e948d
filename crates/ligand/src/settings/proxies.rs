//! Proxies for vendor calls: the configured one, else those that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`
//! name, in capitals or not.

use std::fmt;

use anyhow::Context;
use ligand_domain::Secret;
use ligand_engine::Proxies;
use url::Url;

use super::Vendor;

/// What the environment's proxies are never asked for, as programs commonly have it: this machine.
const HERE: [&str; 3] = ["localhost", "127.0.0.0/8", "::1"];

/// What switches proxies off.
const NONE: &str = "none";

/// What the environment says. Addresses may hold passwords, so `Debug` shows only what is set.
#[derive(Clone, Default)]
pub struct Environment {
    http: Option<Secret>,
    https: Option<Secret>,
    all: Option<Secret>,
    without: Vec<String>,
}

impl Environment {
    /// What these variables say.
    #[must_use]
    pub fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut found = Self::default();
        for (name, value) in variables.filter(|(_, value)| !value.trim().is_empty()) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "http_proxy" => found.http = Some(Secret::new(value.to_owned())),
                "https_proxy" => found.https = Some(Secret::new(value.to_owned())),
                "all_proxy" => found.all = Some(Secret::new(value.to_owned())),
                "no_proxy" => found.without = value.split(',').map(|host| host.trim().to_owned()).collect(),
                _ => {}
            }
        }
        found
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("all", &self.all.is_some())
            .field("without", &self.without)
            .finish()
    }
}

/// The proxies that count.
pub(super) fn chosen(vendor: &Vendor, environment: &Environment) -> anyhow::Result<Proxies> {
    let without = if vendor.no_proxy.is_empty() { environment.without.clone() } else { vendor.no_proxy.clone() };
    match vendor.proxy.get() {
        Some(none) if none.expose().eq_ignore_ascii_case(NONE) => Ok(Proxies::default()),
        Some(proxy) => {
            let url = parsed(&proxy).context("vendor.proxy must be an http or https URL, or \"none\"")?;
            Ok(Proxies { without, ..Proxies::all(&url) })
        }
        None => {
            let proxy = |name: &str, own: Option<&Secret>| {
                let found = own.map(|own| (name, own)).or(environment.all.as_ref().map(|all| ("ALL_PROXY", all)));
                let Some((name, text)) = found else { return Ok(None) };
                let told = || {
                    format!("the environment's {name} must be an http or https URL; vendor.proxy = \"none\" ignores it")
                };
                parsed(text).map(Some).with_context(told)
            };
            let http = proxy("HTTP_PROXY", environment.http.as_ref())?;
            let https = proxy("HTTPS_PROXY", environment.https.as_ref())?;
            let without = without.into_iter().chain(HERE.map(str::to_owned)).collect();
            Ok(Proxies { http, https, without })
        }
    }
}

/// An address, whose scheme may be left out as it usually may in the environment.
fn parsed(text: &Secret) -> Option<Url> {
    let text = text.expose();
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.host_str().is_some_and(|host| !host.is_empty()).then_some(url)
}
