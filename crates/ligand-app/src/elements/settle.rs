//! From a changed document to one that can be stored: checked, completed, numbered.

use ligand_domain::{Error, Id, configuration::MASK};
use ligand_element::{
    Element, View,
    document::{self, Document, Numbering},
};
use ligand_engine::{Egress, data_tests, script};
use serde_json::{Map, Value};
use url::Url;

use super::{registry::in_background, view::is_secret};
use crate::{App, failure::of_store};

/// A document that is ready to be stored.
pub(super) struct Settled {
    pub(super) document: Document,
    /// Without what an account's additions alone are not.
    pub(super) summary: String,
    pub(super) key: String,
    /// What of it will not run here, and why.
    pub(super) remarks: Vec<String>,
}

/// How large a definition may be as text, in bytes.
const MAX_BYTES: usize = 24 << 20;

impl App {
    /// Settles the document of an element, or, with the element that it extends, that of an extension.
    pub(super) async fn settle(
        &self,
        document: Document,
        before: Option<&Document>,
        base: Option<(Document, i64)>,
    ) -> Result<Settled, Error> {
        let (before, egress) = (before.cloned(), self.engine.egress().clone());
        let work = move || settled(document, before.as_ref(), base.as_ref(), &egress);
        // How large it is only writing it out would tell; moving it costs little.
        let (mut document, numbering, element, remarks) = in_background(usize::MAX, work).await??;
        let needed = numbering.needed(&document);
        let first = match needed {
            0 => 1,
            needed => self.store.allot_element_parts(needed).await.map_err(of_store)?,
        };
        numbering.set(&mut document, first, &self.clock.now().to_iso_seconds());
        Ok(Settled { document, summary: summary(&element), key: element.key().to_owned(), remarks })
    }
}

type Checked = (Document, Numbering, Element, Vec<String>);

fn settled(
    mut document: Document,
    before: Option<&Document>,
    base: Option<&(Document, i64)>,
    egress: &Egress,
) -> Result<Checked, Error> {
    keep_masked(&mut document, before);
    document::add_objects(&mut document);
    let numbering = Numbering::of(&mut document, before);
    let whole = base.map(|(base, account)| document::extended(base, &document, *account));
    let id = Id::new(1).expect("positive");
    let found = document::read(whole.as_ref().unwrap_or(&document), id).map(|found| (found.element, found.remarks));
    let refused = refused_addresses(whole.as_ref().unwrap_or(&document), egress);
    let (element, remarks) = match found {
        Ok(found) if refused.is_empty() => found,
        Ok(_) => return Err(invalid(&refused)),
        Err(problems) => {
            let told = problems.iter().map(ligand_element::Problem::told);
            return Err(invalid(&told.chain(refused).collect::<Vec<_>>()));
        }
    };
    match base {
        Some(_) => document::complete_resources(&mut document, &element),
        None => document::complete(&mut document, &element),
    }
    if Value::Object(document.clone()).to_string().len() > MAX_BYTES {
        return Err(invalid(&[format!("the definition has more than {MAX_BYTES} bytes")]));
    }
    let remarks = remarks.iter().map(ligand_element::Problem::told);
    let scripts = script::unparsable(&element).into_iter().chain(data_tests::undescribed(&element));
    let remarks = remarks.chain(scripts.map(|(place, problem)| format!("{place}: {problem}"))).collect();
    Ok((document, numbering, element, remarks))
}

/// All that is wrong in one message.
pub(super) fn invalid(problems: &[String]) -> Error {
    Error::invalid("element-invalid", format!("The element definition has problems: {}", problems.join("; ")))
}

/// Asterisks that were shown instead of a secret stand for what is stored.
fn keep_masked(document: &mut Document, before: Option<&Document>) {
    let entries = |document: &Document| document.get("configuration").and_then(Value::as_array).cloned();
    let Some(known) = before.and_then(entries) else { return };
    for entry in document.get_mut("configuration").and_then(Value::as_array_mut).into_iter().flatten() {
        if entry["defaultValue"] != MASK || !is_secret(entry) {
            continue;
        }
        if let Some(known) = known.iter().find(|known| known["key"] == entry["key"]) {
            entry["defaultValue"] = known["defaultValue"].clone();
        }
    }
}

/// Addresses in the definition itself that this server does not send to.
fn refused_addresses(document: &Document, egress: &Egress) -> Vec<String> {
    let list = |name: &str| document.get(name).and_then(Value::as_array).into_iter().flatten().enumerate();
    let entries = list("configuration").filter(|(_, entry)| entry["key"] == "base.url");
    let bases = entries.map(|(index, entry)| (format!("configuration[{index}].defaultValue"), &entry["defaultValue"]));
    let paths = list("resources").map(|(index, it)| (format!("resources[{index}].vendorPath"), &it["vendorPath"]));
    let is_refused = |address: &Value| {
        let url = address.as_str().and_then(|address| Url::parse(address.trim()).ok());
        url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && egress.check_url(&url).is_err())
    };
    let refused = bases.chain(paths).filter(|(_, address)| is_refused(address));
    let told = |(path, _)| format!("{path}: lies in a private or loopback network, which this server does not allow");
    refused.map(told).take(100).collect()
}

/// What lists show of an element, without its number.
fn summary(element: &Element) -> String {
    let mut summary: Map<String, Value> = match element.to_json(View::Abridged) {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    summary.shift_remove("id");
    for (flag, value) in [("private", true), ("deleted", false), ("extended", false), ("extendable", false)] {
        summary.insert(flag.to_owned(), Value::Bool(value));
    }
    Value::Object(summary).to_string()
}
