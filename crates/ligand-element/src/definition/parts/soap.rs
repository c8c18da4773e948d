//! The description of a SOAP service, and the messages of its operations.

use serde_json::Value;

use crate::{Soap, message::Message, reader::Reader};

/// The member `soap` of an element.
pub(in crate::definition) fn soap(reader: &Reader<'_>) -> Option<Soap> {
    let defined = reader.value("soap")?;
    let inner = reader.mapping("soap")?;
    let wsdl = if inner.node("documents").is_some() {
        check_documents(&inner);
        if inner.text("wsdl").is_some() {
            inner.problem("wsdl", "there are documents already");
        }
        String::new()
    } else {
        inner.required("wsdl").to_owned()
    };
    let headers = inner.value("headers").and_then(|headers| {
        if !headers.is_object() {
            inner.problem("headers", "must be a mapping");
        }
        compile(&inner, "headers", &headers)
    });
    let mut names = std::collections::BTreeMap::new();
    if let Some(given) = inner.value("names") {
        for (name, member) in given.as_object().into_iter().flatten() {
            match member.as_str().filter(|member| !member.is_empty()) {
                Some(member) => _ = names.insert(name.clone(), member.to_owned()),
                None => inner.problem("names", format!("the member name of {name} must be text")),
            }
        }
        if !given.is_object() {
            inner.problem("names", "must be a mapping");
        }
    }
    let mut lists = Vec::new();
    for (node, path) in inner.list("lists") {
        match node.to_value() {
            Value::String(name) if !name.is_empty() => lists.push(name),
            _ => inner.problem_at(node.place, path, "must be the name of a type"),
        }
    }
    inner.unknown();
    Some(Soap { wsdl, headers, names, lists, defined })
}

/// Checks the documents of a description that a definition brings.
fn check_documents(soap: &Reader<'_>) {
    let documents = soap.mappings("documents");
    if documents.is_empty() {
        soap.problem("documents", "must be a list of one document at least");
    }
    for document in documents {
        document.text("location");
        if document.text("text").is_some() == document.text("gzip").is_some() {
            document.problem("text", "a document has either text or gzip");
        }
        document.unknown();
    }
}

/// The member `message` of a resource, compiled and as defined.
pub(super) fn message(reader: &Reader<'_>) -> (Option<Message>, Option<Value>) {
    let Some(defined) = reader.value("message") else { return (None, None) };
    if !defined.is_object() {
        reader.problem("message", "must be a mapping");
    }
    (compile(reader, "message", &defined), Some(defined))
}

fn compile(reader: &Reader<'_>, member: &str, value: &Value) -> Option<Message> {
    let problems = match Message::compile(value) {
        Ok(message) => return Some(message),
        Err(problems) => problems,
    };
    let place = reader.node(member).map(|node| node.place);
    for (path, problem) in problems {
        let separator = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        let inner = reader.node(member).map(|node| node.place_at(&path)).or(place);
        let at = format!("{}{separator}{path}", reader.path_of(member));
        reader.problem_at(inner.unwrap_or_else(|| reader.place()), at, problem);
    }
    None
}
