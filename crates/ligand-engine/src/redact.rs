//! Takes an instance's secrets out of texts that came from a vendor.

#[cfg(test)]
mod tests;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Configuration, configuration::MASK};
use ligand_element::{Element, oauth::is_credential, provision::is_secret};

/// Below this many bytes a secret is only replaced where it stands as a word of its own.
const SHORT: usize = 4;

/// The texts that must not be passed on.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    /// The secret values of a configuration, and the credentials as they travel.
    pub(crate) fn of(element: &Element, configuration: &Configuration) -> Self {
        let authentication = element.authentication();
        let concerns = |key: &str| {
            key == authentication.password_key
                || is_secret(element, key)
                || is_credential(key)
                || element.holds_api_key(key)
        };
        let mut secrets: Vec<String> = configuration
            .iter()
            .filter(|(key, _)| concerns(key))
            .filter_map(|(_, value)| value.map(str::to_owned))
            .filter(|value| !value.trim().is_empty())
            .collect();
        let user = configuration.get(&authentication.username_key).unwrap_or_default();
        let pairs: Vec<String> = secrets.iter().map(|secret| STANDARD.encode(format!("{user}:{secret}"))).collect();
        let written: Vec<String> = secrets.iter().flat_map(|secret| written(secret)).collect();
        secrets.extend(pairs);
        secrets.extend(written);
        Self(secrets).sorted()
    }

    /// These and further ones, which are in no configuration.
    pub(crate) fn with(mut self, further: Vec<String>) -> Self {
        let further: Vec<String> = further.into_iter().filter(|secret| !secret.trim().is_empty()).collect();
        self.0.extend(further.iter().flat_map(|secret| written(secret)));
        self.0.extend(further);
        self.sorted()
    }

    /// The longest first, so that none hides in another.
    fn sorted(mut self) -> Self {
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        self.0.dedup();
        self
    }

    /// The text with every secret replaced by asterisks.
    pub(crate) fn redact(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| replace(text, secret))
    }
}

/// A secret as other syntaxes write it, where that differs.
fn written(secret: &str) -> impl Iterator<Item = String> {
    let json = serde_json::Value::from(secret).to_string();
    let json = json[1..json.len() - 1].to_owned();
    let percent: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let xml = quick_xml::escape::escape(secret).into_owned();
    let plain = secret.to_owned();
    [json, percent, xml].into_iter().filter(move |form| *form != plain)
}

fn replace(text: String, secret: &str) -> String {
    if !text.contains(secret) {
        return text;
    }
    if secret.len() >= SHORT {
        return text.replace(secret, MASK);
    }
    let mut kept = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find(secret) {
        let (before, from) = rest.split_at(at);
        let after = &from[secret.len()..];
        let is_edge = |neighbour: Option<char>| neighbour.is_none_or(|each| !each.is_alphanumeric());
        let alone = is_edge(before.chars().next_back().or(kept.chars().next_back())) && is_edge(after.chars().next());
        kept.push_str(before);
        kept.push_str(if alone { MASK } else { secret });
        rest = after;
    }
    kept + rest
}
