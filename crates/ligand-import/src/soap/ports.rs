//! Which ports of a description are taken, and where they are.

use std::collections::HashSet;

use ligand_soap::{Description, Operation, Port};
use serde_json::Value;
use url::Url;

use crate::{Choice, definition::entry, remarks::Remarks};

/// A port that is taken.
pub(crate) struct Offer<'d> {
    pub(crate) port: &'d Port,
    tags: Vec<String>,
}

impl Offer<'_> {
    pub(crate) fn is_chosen(&self, operation: &Operation, choice: &Choice) -> bool {
        let tags: Vec<&str> = self.tags.iter().map(String::as_str).collect();
        choice.takes(Some(&operation.name), "POST", &format!("/{}", operation.name), &tags)
    }
}

/// The ports that are taken: of several that a service has for the same operations, the first one that is chosen.
pub(crate) fn offers<'d>(description: &'d Description, choice: &Choice, remarks: &mut Remarks) -> Vec<Offer<'d>> {
    let mut taken: HashSet<(&str, &str)> = HashSet::new();
    let mut offers = Vec::new();
    for port in description.ports() {
        let interface = port.interface.rsplit('}').next().unwrap_or_default().to_owned();
        let tags = vec![port.service.clone(), port.name.clone(), interface];
        if !choice.tags.is_empty() && !choice.tags.iter().any(|tag| tags.contains(tag)) {
            continue;
        }
        if !taken.insert((&port.service, &port.interface)) {
            let message = "left out: the service has the same operations at another port (choose this one by its name \
                           as tag)";
            remarks.add(&port.name, message);
            continue;
        }
        for (operation, why) in &port.refused {
            remarks.add(&format!("{}/{operation}", port.name), format!("left out: {why}"));
        }
        offers.push(Offer { port, tags });
    }
    offers
}

/// The addresses of the ports: the first is `base.url`, others have entries of their own.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) first: Option<String>,
    first_stated: String,
    others: Vec<(String, String)>,
}

impl Addresses {
    pub(crate) fn of(offers: &[Offer<'_>], remarks: &mut Remarks) -> Self {
        let mut addresses = Self::default();
        let mut keys = HashSet::new();
        for (index, Offer { port, .. }) in offers.iter().enumerate() {
            if index == 0 {
                addresses.first = usable(&port.address);
                addresses.first_stated.clone_from(&port.address);
                if addresses.first.is_none() {
                    remarks.add("base.url", "has to be given, because the document has no address that others reach");
                }
            } else if addresses.path_of(&port.address).is_none() && port.address != addresses.first_stated {
                let name: String = port.service.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
                let mut candidates = (1..).map(|number: usize| match number {
                    1 => format!("{name}.url"),
                    more => format!("{name}{more}.url"),
                });
                let key = candidates.find(|key| keys.insert(key.clone())).unwrap_or_default();
                addresses.others.push((key, port.address.clone()));
            }
        }
        addresses
    }

    /// The vendor's path of a port that is not at `base.url`.
    pub(crate) fn path_of(&self, address: &str) -> Option<String> {
        let found = self.others.iter().find(|(_, other)| other == address && *other != self.first_stated);
        found.map(|(key, _)| format!("{{{key}}}"))
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = Value> {
        self.others.iter().map(|(key, address)| {
            let address = usable(address);
            let mut json = entry(key, &format!("Address of {}", key.trim_end_matches(".url")), "TEXTFIELD_1000", true);
            if let Some(address) = address {
                json.insert("defaultValue".to_owned(), Value::from(address));
                json.insert("hideFromConsole".to_owned(), Value::from(true));
            }
            Value::Object(json)
        })
    }
}

/// An address at which others than the author of the document reach the service.
fn usable(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str().unwrap_or_default();
    let is_own = host == "localhost" || host.starts_with("127.") || host == "[::1]" || host.is_empty();
    (!is_own && !address.contains(['{', '}'])).then(|| address.to_owned())
}
