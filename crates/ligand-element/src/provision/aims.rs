//! Which entries of a configuration decide where a client's secret goes.

#[cfg(test)]
mod tests;

use ligand_domain::Configuration;
use serde_json::Value;

use super::as_text;
use crate::{Element, oauth::keys, url_template};

/// The entries whose values are addresses of OAuth, and what they are relative to.
const ADDRESSES: [&str; 6] =
    [keys::AUTHORIZATION_URL, keys::TOKEN_URL, keys::REFRESH_URL, keys::REVOKE_URL, keys::REQUEST_URL, "base.url"];

/// The sent entries that decide where a client's secret goes, or in which form, and change what is `known` without
/// them. What the element leaves to its callers, such as the address of their site, is none of these: an entry that
/// forms show and that has no default.
#[must_use]
pub fn aims<'s>(
    element: &Element,
    known: &Configuration,
    sent: impl IntoIterator<Item = (&'s String, &'s Value)>,
) -> Vec<String> {
    let openings = openings(known);
    let decides = |key: &str| {
        let is_address = key.starts_with("oauth.") && (key.ends_with(".url") || key.ends_with("_url"));
        (is_address && key != keys::CALLBACK)
            || matches!(key, "base.url" | keys::SIGNATURE_METHOD | keys::TOKEN_PARAMETERS)
            || openings.iter().any(|name| name == key)
    };
    let is_callers = |key: &str| {
        element.entry(key).is_some_and(|entry| {
            let has_default = entry.default_value.as_deref().is_some_and(|value| !value.trim().is_empty());
            !entry.internal && !entry.hide_from_console && !has_default
        })
    };
    let differs = |key: &str, value: &Value| as_text(value).unwrap_or_default() != known.get(key).unwrap_or_default();
    let found = sent.into_iter().filter(|(key, value)| decides(key) && !is_callers(key) && differs(key, value));
    found.map(|(key, _)| key.clone()).collect()
}

/// The names with which addresses begin, through names that are templates themselves. Elsewhere a value cannot leave
/// its place.
fn openings(known: &Configuration) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut templates: Vec<&str> = ADDRESSES.iter().filter_map(|key| known.get(key)).collect();
    while let Some(template) = templates.pop() {
        let Some(name) = url_template::opening(template) else { continue };
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
            templates.extend(known.get(name));
        }
    }
    found
}
