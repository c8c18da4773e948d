//! OAuth proxies: one callback address at the vendor for many applications of an organization. Where a browser may be
//! passed on to is registered; nobody else decides it.

#[cfg(test)]
mod tests;

use ligand_domain::{Caller, Error, ErrorKind, Id, Secret};
use ligand_element::oauth::keys;
use ligand_store::{OauthProxy, OauthProxyId};
use serde_json::{Map, Value, json};
use url::Url;

use crate::{App, failure::of_store};

/// The most proxies of one organization, and the most addresses of one.
const MOST_PROXIES: usize = 100;
const MOST_URLS: usize = 100;
/// The longest name and address, in bytes.
const NAME_MAX_BYTES: usize = 200;
const URL_MAX_BYTES: usize = 1000;
/// How often a change is tried when others change the same proxy.
const TRIES: usize = 16;

impl App {
    /// Makes a proxy.
    ///
    /// # Errors
    /// Invalid for a body that is wrong; conflict when there is one of that name.
    pub async fn add_oauth_proxy(&self, caller: &Caller, body: &Map<String, Value>) -> Result<Value, Error> {
        let name = body.get("name").and_then(Value::as_str).map(str::trim).filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Error::invalid("name-missing", "name is required"))?;
        if name.len() > NAME_MAX_BYTES || name.contains('\0') {
            return Err(Error::invalid("name-invalid", format!("name must have at most {NAME_MAX_BYTES} bytes")));
        }
        let text = |member: &str| match body.get(member) {
            None | Some(Value::Null) => Ok(Value::Null),
            Some(Value::String(text)) => Ok(Value::from(text.as_str())),
            Some(_) => Err(Error::invalid("member-invalid", format!("{member} must be a string"))),
        };
        let configuration = match body.get("configuration") {
            None | Some(Value::Null) => json!({}),
            Some(object @ Value::Object(_)) => object.clone(),
            Some(_) => return Err(Error::invalid("member-invalid", "configuration must be an object")),
        };
        if self.proxies(caller).await?.len() >= MOST_PROXIES {
            return Err(Error::invalid("too-many", format!("An organization has at most {MOST_PROXIES} proxies")));
        }
        let application =
            json!({ "apiKey": text("apiKey")?, "apiSecret": text("apiSecret")?, "configuration": configuration });
        let application = Secret::new(application.to_string());
        let made = self.store.add_oauth_proxy(caller.organization_id, name, &application).await;
        let made = made.map_err(|failed| match failed {
            ligand_store::Error::Conflict => {
                Error::new(ErrorKind::Conflict, "name-taken", format!("There is an OAuth proxy named {name} already"))
            }
            other => of_store(other),
        })?;
        Ok(self.shown(&made))
    }

    /// The proxies of the caller's organization.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_oauth_proxies(&self, caller: &Caller) -> Result<Vec<Value>, Error> {
        Ok(self.proxies(caller).await?.iter().map(|proxy| self.shown(proxy)).collect())
    }

    /// Deletes a proxy.
    ///
    /// # Errors
    /// Not found for one that is none, or another organization's.
    pub async fn delete_oauth_proxy(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let proxy = self.own_proxy(caller, id).await?;
        let deleted = self.store.delete_oauth_proxy(proxy.id).await.map_err(of_store)?;
        if deleted { Ok(()) } else { Err(not_found(id)) }
    }

    /// Allows or forbids an address to which browsers are passed on.
    ///
    /// # Errors
    /// As [`App::delete_oauth_proxy`]; invalid for an address that cannot be one.
    pub async fn set_oauth_proxy_url(
        &self,
        caller: &Caller,
        id: &str,
        url: Option<&str>,
        allowed: bool,
    ) -> Result<Value, Error> {
        self.own_proxy(caller, id).await?;
        let missing = || Error::invalid("application-url-missing", "applicationUrl is required");
        let url = url.map(str::trim).filter(|url| !url.is_empty()).ok_or_else(missing)?;
        let is_plain = url.len() <= URL_MAX_BYTES && !url.chars().any(|each| each.is_control() || each.is_whitespace());
        if !is_plain || Pattern::read(url).is_none() {
            let message = "applicationUrl must be an http or https address, or a pattern of one with *";
            return Err(Error::invalid("application-url-invalid", message));
        }
        for _ in 0..TRIES {
            let mut proxy = self.own_proxy(caller, id).await?;
            let mut urls = proxy.application_urls.clone();
            urls.retain(|known| known != url);
            if allowed {
                if urls.len() >= MOST_URLS {
                    return Err(Error::invalid("too-many", format!("A proxy has at most {MOST_URLS} addresses")));
                }
                urls.push(url.to_owned());
            } else if urls.len() == proxy.application_urls.len() {
                return Err(Error::not_found("application-url-not-found", "No application URL found"));
            }
            if self.store.set_oauth_proxy_urls(&proxy, &urls).await.map_err(of_store)? {
                proxy.application_urls = urls;
                return Ok(self.shown(&proxy));
            }
        }
        Err(Error::new(ErrorKind::Conflict, "proxy-contended", "The OAuth proxy is being changed by others, try again"))
    }

    /// Where a browser goes that came to a proxy with these values: the address in its state, when that is registered.
    ///
    /// # Errors
    /// Not found for a proxy that is none; invalid when the address is not registered.
    pub async fn pass_on(&self, id: &str, values: &[(String, String)]) -> Result<String, Error> {
        let refused = || {
            Error::invalid("application-url-refused", "The state is no address that is registered for this OAuth proxy")
        };
        let parsed = id.parse::<Id<OauthProxyId>>().map_err(|_| not_found(id))?;
        let proxy = self.store.find_oauth_proxy(parsed).await.map_err(of_store)?.ok_or_else(|| not_found(id))?;
        let state = values.iter().find(|(name, _)| name == "state").map(|(_, value)| value.as_str());
        let mut url = state.and_then(|state| Url::parse(state).ok()).ok_or_else(refused)?;
        let allows = |pattern: &String| Pattern::read(pattern).is_some_and(|pattern| pattern.allows(&url));
        if !proxy.application_urls.iter().any(allows) {
            return Err(refused());
        }
        url.query_pairs_mut().extend_pairs(values.iter().filter(|(name, _)| name != "state"));
        Ok(url.into())
    }

    /// The application of the proxy that an ask or a request names, as configuration entries; takes out what names it.
    pub(crate) async fn through_proxy(
        &self,
        caller: Option<&Caller>,
        members: &mut Map<String, Value>,
    ) -> Result<Map<String, Value>, Error> {
        let is_true = |value: &Value| value == &Value::Bool(true) || value.as_str().is_some_and(|text| text == "true");
        let on = ["isOauthProxy", "isOAuthProxy"].iter().any(|name| members.get(*name).is_some_and(is_true));
        if !on {
            return Ok(Map::new());
        }
        let caller = caller.ok_or_else(Error::unauthenticated)?;
        let name = members.get("oauthProxyName").and_then(Value::as_str).unwrap_or_default().trim().to_owned();
        let found = self.proxies(caller).await?.into_iter().find(|proxy| proxy.name == name);
        let proxy = found.ok_or_else(|| {
            Error::not_found("oauth-proxy-not-found", format!("No OAuth proxy found with name {name}"))
        })?;
        let address = self.address(&proxy).ok_or_else(|| {
            let message = "OAuth proxies need the public address of this server (server.public_url)";
            Error::invalid("callback-none", message)
        })?;
        let application = application_of(&proxy)?;
        let mut entries = application["configuration"].as_object().cloned().unwrap_or_default();
        for (member, key) in [("apiKey", keys::CLIENT_ID), ("apiSecret", keys::CLIENT_SECRET)] {
            if application[member].is_string() {
                entries.insert(key.to_owned(), application[member].clone());
            }
        }
        entries.insert(keys::CALLBACK.to_owned(), Value::from(address));
        members.remove("callbackUrl");
        Ok(entries)
    }

    /// The configuration entries that the proxies with this client secret settle.
    pub(crate) async fn settled_by_proxies(&self, caller: &Caller, secret: &str) -> Result<Vec<String>, Error> {
        let mut settled = Vec::new();
        for proxy in self.proxies(caller).await? {
            let application = application_of(&proxy)?;
            if application["apiSecret"].as_str().is_some_and(|own| own.trim() == secret) {
                let entries = application["configuration"].as_object().into_iter().flatten();
                settled.extend(entries.map(|(key, _)| key.clone()));
            }
        }
        Ok(settled)
    }

    async fn proxies(&self, caller: &Caller) -> Result<Vec<OauthProxy>, Error> {
        self.store.list_oauth_proxies(caller.organization_id).await.map_err(of_store)
    }

    async fn own_proxy(&self, caller: &Caller, id: &str) -> Result<OauthProxy, Error> {
        let parsed = id.parse().map_err(|_| not_found(id))?;
        let found = self.store.find_oauth_proxy(parsed).await.map_err(of_store)?;
        found.filter(|proxy| proxy.organization_id == caller.organization_id).ok_or_else(|| not_found(id))
    }

    fn address(&self, proxy: &OauthProxy) -> Option<String> {
        let url = self.public_url.as_ref()?;
        Some(format!("{url}/elements/api-v2/elements/oauthProxies/{}/callback", proxy.id))
    }

    /// A proxy as answers show it, its secret left out.
    fn shown(&self, proxy: &OauthProxy) -> Value {
        let mut shown = json!({
            "id": proxy.id.get(),
            "name": proxy.name,
            "createdDate": proxy.created_at.to_iso_seconds(),
            "applicationUrls": proxy.application_urls,
        });
        if let Some(address) = self.address(proxy) {
            shown["url"] = Value::from(address);
        }
        let application: Value = serde_json::from_str(proxy.application.expose()).unwrap_or_default();
        if application["apiKey"].is_string() {
            shown["apiKey"] = Value::from(ligand_domain::configuration::MASK);
        }
        shown
    }
}

fn application_of(proxy: &OauthProxy) -> Result<Value, Error> {
    serde_json::from_str(proxy.application.expose()).map_err(|broken| Error::internal("oauth-proxy-broken", broken))
}

fn not_found(id: &str) -> Error {
    Error::not_found("oauth-proxy-not-found", format!("No OAuth proxy found with ID {id}"))
}

/// An address, or several by `*`: scheme (either, when it names none), host with port, and path (any, when it names
/// none). A `*` in the host stays within the host.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pattern<'a> {
    scheme: Option<&'a str>,
    host: &'a str,
    path: Option<&'a str>,
}

impl<'a> Pattern<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("http" | "https" | "*"), rest)) => (Some(scheme).filter(|scheme| *scheme != "*"), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let at = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(at);
        let is_name = |each: char| each.is_alphanumeric() || matches!(each, '.' | '-' | '*' | ':' | '[' | ']' | '_');
        // A host of wildcards alone would let every address of the world in.
        let says = host.chars().any(char::is_alphanumeric) && host.chars().all(is_name);
        says.then_some(Self { scheme, host, path: Some(path).filter(|path| !path.is_empty()) })
    }

    pub(super) fn allows(&self, url: &Url) -> bool {
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return false,
        };
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        is_plain
            && matches!(url.scheme(), "http" | "https")
            && self.scheme.is_none_or(|scheme| scheme == url.scheme())
            && matches(&self.host.to_ascii_lowercase(), &host)
            && self.path.is_none_or(|path| matches(path, url.path()))
    }
}

/// Whether a text is one that a pattern with `*` stands for.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
