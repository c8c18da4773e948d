//! Whose OAuth application an instance uses. A secret that is not the caller's own, but the element's or that of an
//! OAuth proxy, goes only where the element or the proxy says.

use ligand_domain::{Caller, Configuration, Error, configuration::MASK};
use ligand_element::{
    Element,
    oauth::{keys, value},
    provision::{aims, effective_configuration},
};
use serde_json::{Map, Value};

use super::provision::entries_invalid;
use crate::App;

/// What a caller sent, under the `application` of a proxy if it uses one; `stored` is what the instance has already.
///
/// # Errors
/// Invalid, naming them, for entries that would lead a secret elsewhere that is not the caller's own. Whose secret is
/// stored cannot be told, so a change of where it goes has to bring it.
pub(crate) fn joined(
    element: &Element,
    stored: Option<&Configuration>,
    sent: Option<Map<String, Value>>,
    application: Map<String, Value>,
) -> Result<Option<Map<String, Value>>, Error> {
    let Some(mut sent) = sent else { return Ok((!application.is_empty()).then_some(application)) };
    let built = effective_configuration(element, Some(&application), stored);
    let known = built.map_err(|problems| entries_invalid(&problems))?;
    let brings = |key: &str| sent.get(key).is_some_and(|value| !(stored.is_some() && value == MASK));
    let is_other = sent.get(keys::CLIENT_ID).is_some_and(|client| client.as_str() != known.get(keys::CLIENT_ID));
    if brings(keys::CLIENT_ID) && is_other && !brings(keys::CLIENT_SECRET) && application.is_empty() {
        // The secret that is there is not that of this client.
        let default = element.entry(keys::CLIENT_SECRET).and_then(|entry| entry.default_value.as_deref());
        if default.is_some() && known.get(keys::CLIENT_SECRET) == default {
            sent.insert(keys::CLIENT_SECRET.to_owned(), Value::Null);
        }
    }
    let is_own = sent.get(keys::CLIENT_SECRET).is_some_and(|value| !(stored.is_some() && value == MASK))
        && !application.contains_key(keys::CLIENT_SECRET);
    if !is_own && value(&known, keys::CLIENT_SECRET).is_some() {
        demand_none(&aims(element, &known, sent.iter().filter(|(key, _)| !application.contains_key(*key))))?;
    }
    sent.extend(application);
    Ok(Some(sent))
}

impl App {
    /// Refuses to overwrite what a proxy said of where its secret goes, as long as an instance has that secret.
    ///
    /// # Errors
    /// Invalid, naming the entries; when the database fails.
    pub(super) async fn demand_proxy_kept(
        &self,
        caller: &Caller,
        sent: &Map<String, Value>,
        stored: &Configuration,
    ) -> Result<(), Error> {
        let Some(secret) = value(stored, keys::CLIENT_SECRET) else { return Ok(()) };
        let keeps = sent.get(keys::CLIENT_SECRET).is_none_or(|value| value == MASK || value.as_str() == Some(secret));
        let differs = |key: &str, value: &Value| value.as_str() != stored.get(key) && value != MASK;
        let others: Vec<&String> = sent.iter().filter(|(key, value)| differs(key, value)).map(|(key, _)| key).collect();
        if !keeps || others.is_empty() {
            return Ok(());
        }
        let settled = self.settled_by_proxies(caller, secret).await?;
        let found: Vec<String> = others.into_iter().filter(|key| settled.contains(*key)).cloned().collect();
        demand_none(&found)
    }
}

fn demand_none(found: &[String]) -> Result<(), Error> {
    if found.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{} cannot be set without an {} of your own: it decides where the secret of the application goes",
        found.join(", "),
        keys::CLIENT_SECRET
    );
    Err(Error::invalid("application-not-own", message))
}
