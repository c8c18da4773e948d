//! WSDL 1.1: each operation becomes a resource with JSON bodies. The description itself goes into the definition, so that
//! calls need no more than the service.

mod headers;
mod models;
mod ports;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use ligand_soap::{Description, DescriptionError, Operation, Port, Security, compact, pack};
use serde_json::{Map, Value, json};

use crate::{
    Choice, Document, ImportError, Imported,
    definition::{Definition, Resource, base_url, body, cleaned, describe, entry},
    documents::MAX_BYTES,
    remarks::Remarks,
};
use models::TypeModels;
use ports::Offer;

/// Most bytes of documents that stand in a definition as they are.
const MAX_PLAIN: usize = 128 << 10;

/// Turns a WSDL with its schemas into a definition.
///
/// # Errors
/// See [`crate::convert`].
pub(crate) fn convert(documents: &[Document], choice: &Choice) -> Result<Imported, ImportError> {
    if documents.iter().map(|document| document.text.len()).sum::<usize>() > MAX_BYTES {
        return Err(ImportError::TooLarge(format!("The documents are larger than {MAX_BYTES} bytes")));
    }
    let whole: Vec<(&str, &str)> =
        documents.iter().map(|document| (document.name.as_str(), document.text.as_str())).collect();
    let mut remarks = Remarks::default();
    let parsed = Description::parse_given(&whole).map_err(|error| refused(&error, documents))?;
    let lists = parsed.arrays();
    let description = parsed.with_lists(&lists);
    let about = description.about();
    for name in about.missing.iter().filter(|_| !about.unresolved.is_empty()) {
        remarks.add(name, "was not given: what it declares is of any type");
    }
    for name in &description.about().unresolved {
        remarks.add(name, "is not declared");
    }
    let offers = ports::offers(&description, choice, &mut remarks);
    let addresses = ports::Addresses::of(&offers, &mut remarks);
    let mut work = Work {
        description: &description,
        models: TypeModels::new(&description),
        paths: HashSet::new(),
        used: Vec::new(),
    };
    let mut resources = Vec::new();
    for offer in &offers {
        for operation in offer.port.operations() {
            if offer.is_chosen(operation, choice) {
                resources.extend(work.resource(offer, operation, &addresses, &mut remarks));
            }
        }
    }
    if resources.is_empty() {
        return Err(empty(&description));
    }
    let Work { models, used, .. } = work;
    let headers = headers::Headers::of(&description, &used, &mut remarks);
    let mut head = head(&description);
    let security = description.about().security;
    head.insert("authentication".to_owned(), json!({ "type": authentication(security, &headers, &mut remarks) }));
    head.insert("soap".to_owned(), described(documents, &lists, &headers));
    let mut configuration = vec![base_url(addresses.first.as_deref())];
    configuration.extend(addresses.entries());
    if security.is_some() {
        configuration.push(Value::Object(entry("username", "Username", "TEXTFIELD_128", true)));
        configuration.push(Value::Object(entry("password", "Password", "PASSWORD", true)));
    }
    configuration.extend(headers.entries);
    let definition = Definition { head, configuration, parameters: Vec::new(), resources };
    definition.finish(&models.finish(), remarks)
}

/// Why there is nothing to make resources of.
fn empty(description: &Description) -> ImportError {
    let mut message = match description.ports() {
        [] => "The document has no port for SOAP".to_owned(),
        _ => "The document has no operation that is chosen".to_owned(),
    };
    let refused = description.ports().iter().flat_map(|port| &port.refused);
    for (operation, why) in refused.take(5) {
        message.push_str(&format!("; {operation}: {why}"));
    }
    let missing = &description.about().missing;
    if !missing.is_empty() {
        message.push_str(&format!("; not given: {}", missing.join(", ")));
    }
    ImportError::Empty(cleaned(&message, 1000))
}

fn refused(error: &DescriptionError, documents: &[Document]) -> ImportError {
    match error {
        DescriptionError::TooLarge => {
            ImportError::TooLarge("The description is too large or nests too deep".to_owned())
        }
        DescriptionError::Malformed { location } => {
            let first = documents.first().map(|document| document.name.as_str()).unwrap_or_default();
            let name = if location.is_empty() { first } else { location };
            ImportError::Unreadable(format!("{} is neither WSDL 1.1 nor a schema", cleaned(name, 200)))
        }
        other => ImportError::Unreadable(cleaned(&format!("The document cannot be used: {other}"), 500)),
    }
}

/// How the service wants to know who calls, as far as the document says it.
fn authentication(security: Option<Security>, headers: &headers::Headers, remarks: &mut Remarks) -> &'static str {
    match security {
        Some(Security::UsernameToken) => "wsSecurity",
        Some(Security::Basic) => "basic",
        None => {
            if headers.entries.is_empty() {
                let message = "is custom: the document does not say how callers show who they are (basic and \
                               wsSecurity take a name and a password)";
                remarks.add("authentication", message);
            }
            "custom"
        }
    }
}

/// Name and description.
fn head(description: &Description) -> Map<String, Value> {
    let about = description.about();
    let service = description.ports().first().map(|port| port.service.as_str()).unwrap_or_default();
    let name = [about.namespace.as_str(), service].into_iter().find(|name| !name.is_empty()).unwrap_or("SOAP service");
    let name = cleaned(name, 200);
    let mut head = Map::new();
    head.insert("name".to_owned(), Value::from(name.as_str()));
    describe(&mut head, "description", about.documentation.as_deref().or(Some(service)), true);
    head.entry("description").or_insert_with(|| Value::from(name.as_str()));
    head.insert("hub".to_owned(), Value::from("general"));
    head.insert("protocolType".to_owned(), Value::from("soap"));
    head
}

/// The member `soap`: the documents, what their messages look like in JSON, and the headers.
fn described(documents: &[Document], lists: &[String], headers: &headers::Headers) -> Value {
    let texts: Vec<String> = documents.iter().map(|document| compact(&document.text)).collect();
    let is_small = texts.iter().map(String::len).sum::<usize>() <= MAX_PLAIN;
    let document = |(document, text): (&Document, &String)| match is_small {
        true => json!({ "location": document.name, "text": text }),
        false => json!({ "location": document.name, "gzip": pack(text) }),
    };
    let mut json = json!({ "documents": documents.iter().zip(&texts).map(document).collect::<Vec<_>>() });
    if !lists.is_empty() {
        json["lists"] = Value::from(lists);
    }
    if !headers.json.is_empty() {
        json["headers"] = Value::Object(headers.json.clone());
    }
    json
}

struct Work<'d> {
    description: &'d Description,
    models: TypeModels<'d>,
    paths: HashSet<String>,
    used: Vec<&'d Operation>,
}

impl<'d> Work<'d> {
    fn resource(
        &mut self,
        offer: &Offer<'d>,
        operation: &'d Operation,
        addresses: &ports::Addresses,
        remarks: &mut Remarks,
    ) -> Option<Resource> {
        let port: &Port = offer.port;
        let spelled = self.description.spelled(port, &operation.name)?;
        let path = self.path(port, &operation.name, remarks);
        let mut json = Map::new();
        json.insert("method".to_owned(), Value::from("POST"));
        json.insert("path".to_owned(), Value::from(path.as_str()));
        if let Some(address) = addresses.path_of(&port.address) {
            json.insert("vendorPath".to_owned(), Value::from(address));
        }
        describe(&mut json, "description", operation.documentation.as_deref().or(Some(&operation.name)), false);
        json.insert("type".to_owned(), Value::from("api"));
        json.insert("operation".to_owned(), Value::from(spelled));
        let input = self.description.input(operation);
        let request = input.and_then(|kind| self.models.of(kind, &operation.name));
        if input.is_some() {
            let is_required = input.is_some_and(|kind| self.models.requires(kind));
            json.insert("parameters".to_owned(), Value::Array(vec![body(is_required)]));
        }
        let output = self.description.output(operation);
        let answer = output.and_then(|kind| self.models.of(kind, &format!("{}Response", operation.name)));
        json.insert("operationId".to_owned(), Value::from(path.trim_start_matches('/').replace('/', "-")));
        self.used.push(operation);
        Some(Resource { json, answer, request })
    }

    /// A path that no other operation has.
    fn path(&mut self, port: &Port, operation: &str, remarks: &mut Remarks) -> String {
        let plain = |text: &str| -> String {
            let is_plain = |each: char| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.');
            text.chars().map(|each| if is_plain(each) { each } else { '_' }).take(120).collect()
        };
        let own = format!("/{}", plain(operation));
        let longer = format!("/{}{own}", plain(&port.service));
        let longest = format!("/{}/{}{own}", plain(&port.service), plain(&port.name));
        let numbered = (2..).map(|number: usize| format!("{longest}{number}"));
        let mut candidates = [own.clone(), longer, longest.clone()].into_iter().chain(numbered);
        let free = candidates.find(|path| !self.paths.contains(path)).unwrap_or_else(|| own.clone());
        if free != own {
            let place = format!("{}/{}", port.name, operation);
            remarks.add(&place, format!("is {free} here, because another operation has the name"));
        }
        self.paths.insert(free.clone());
        free
    }
}
