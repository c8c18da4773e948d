//! Runs the tests that the built-in elements bring with them (`elements/*/tests/*.yaml`): from a call to the whole
//! vendor request, and from a vendor's answer to what it means. Nothing is sent.

use std::{collections::BTreeSet, fs, path::Path};

use ligand_domain::{Configuration, SystemRng, Timestamp};
use ligand_element::{
    Element, File, Folder, Inputs, Node, Resource, ResourceType, VendorBody, VendorResponse, load, map, plan, provision,
};
use serde_json::{Map, Value};

use ligand_soap::Description;

use crate::{
    Failure,
    authenticate::{Circumstances, authenticate},
    described,
    interpret::{RawResponse, interpret},
    redact::Secrets,
};

/// The members of a test, so that a misspelt one does not go unseen.
const MEMBERS: &[&str] =
    &["name", "resource", "configuration", "inputs", "request", "refused", "answer", "outcome", "failure"];

#[test]
fn every_element_does_what_its_tests_say() {
    let elements = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../elements");
    let mut count = 0;
    for folder in fs::read_dir(elements).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        let key = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let element = read(&folder, &key);
        let description = described_by(&element, &folder);
        let mut untested: BTreeSet<String> =
            element.resources().iter().filter(|it| is_planned(it)).map(name_of).collect();
        let is_test = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "yaml");
        for file in fs::read_dir(folder.join("tests")).unwrap().map(|entry| entry.unwrap().path()).filter(is_test) {
            let name = format!("{key}/tests/{}", file.file_name().unwrap().to_str().unwrap());
            let tests = Node::from_yaml(&name, &fs::read_to_string(&file).unwrap()).unwrap().to_value();
            for test in tests.as_array().unwrap() {
                let title = format!("{name}: {}", test["name"]);
                check(&element, description.as_ref(), test.as_object().unwrap(), &title);
                untested.remove(test["resource"].as_str().unwrap());
                count += 1;
            }
        }
        assert!(untested.is_empty(), "{key} has no tests of these: {untested:#?}");
    }
    assert!(count >= 4, "each built-in element has tests");
}

/// Whether callers, or what they call, reach a resource, and it makes a request of its own.
fn is_planned(resource: &Resource) -> bool {
    let is_reached = matches!(resource.kind, ResourceType::Api | ResourceType::ApiNoDocumentation);
    is_reached && resource.describes.is_none()
}

fn name_of(resource: &Resource) -> String {
    format!("{} {}", resource.method.key(), resource.path)
}

/// The description of the service that the tests of an element bring along, as far as they need it.
fn described_by(element: &Element, folder: &Path) -> Option<Description> {
    let soap = element.soap()?;
    let text = fs::read_to_string(folder.join("tests/service.wsdl")).unwrap();
    let description = Description::parse(&text, &|_| None).unwrap();
    Some(description.with_names(soap.names()).with_lists(soap.lists()))
}

fn read(folder: &Path, key: &str) -> Element {
    let mut files = Vec::new();
    for directory in ["", "hooks"] {
        for entry in fs::read_dir(folder.join(directory)).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.push(File { path: name, text: fs::read_to_string(&path).unwrap() });
            }
        }
    }
    load(&Folder { key: key.to_owned(), files }).unwrap()
}

fn check(element: &Element, description: Option<&Description>, test: &Map<String, Value>, name: &str) {
    assert!(test.keys().all(|member| MEMBERS.contains(&member.as_str())), "{name}: unknown member");
    let resource = resource(element, test["resource"].as_str().unwrap());
    let sent = test.get("configuration").and_then(Value::as_object);
    let mut configuration = provision::effective_configuration(element, sent, None).unwrap();
    let mut request = match plan(element, resource, &inputs(test), &configuration) {
        Ok(request) => request,
        Err(error) => return assert_eq!(test["refused"], error.to_string(), "{name}"),
    };
    let described = description.zip(resource.operation.as_deref());
    if let Some((description, operation)) = described {
        let headers = element.soap().unwrap().headers(&configuration).unwrap();
        request = match described::write(description, resource, operation, &headers, &request) {
            Ok(request) => request,
            Err(error) => return assert_eq!(test["refused"], error.to_string(), "{name}"),
        };
    }
    let circumstances = Circumstances { now: Timestamp::from_millis(0), streams: false, rng: &SystemRng };
    authenticate(element, &configuration, circumstances, &mut request).unwrap();
    if let Some(expected) = test.get("request") {
        assert_eq!(expected["method"], request.method.key(), "{name}");
        assert_eq!(expected["url"], request.url.as_str(), "{name}");
        for (header, value) in expected["headers"].as_object().into_iter().flatten() {
            assert_eq!(request.header(header).map(Value::from).unwrap_or_default(), *value, "{name}: {header}");
        }
        let body = match &request.body {
            VendorBody::Text(text) => text,
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => "",
        };
        match expected.get("holds").and_then(Value::as_str) {
            Some(part) => assert!(body.contains(part.trim()), "{name}: {body}"),
            None => assert_eq!(expected.get("body").and_then(Value::as_str).unwrap_or_default().trim(), body, "{name}"),
        }
    }
    let Some(answer) = test.get("answer") else { return };
    let raw = raw(answer);
    let secrets = || Secrets::of(element, &configuration);
    let interpreted = match described {
        Some((description, operation)) => described::read(description, operation, &raw, &secrets)
            .map(|body| VendorResponse { status: raw.status, headers: raw.headers, body })
            .map_err(|refused| refused.failure),
        None => interpret(element, resource, raw, &secrets),
    };
    match interpreted {
        Ok(response) => {
            let mapped = map(element, resource, &response);
            let outcome = test["outcome"].as_object().unwrap_or_else(|| panic!("{name}: it succeeds"));
            if let Some(body) = outcome.get("body") {
                assert_eq!(mapped.body, *body, "{name}");
            }
            mapped.configuration.into_iter().for_each(|(key, value)| configuration.set(&key, value));
            check_stored(&configuration, outcome.get("configuration"), name);
        }
        Err(failure) => assert_eq!(Some(&shown(&failure)), test.get("failure"), "{name}"),
    }
}

/// The first resource of a type, or the one with a verb and a path.
fn resource<'a>(element: &'a Element, wanted: &str) -> &'a Resource {
    let found = match wanted.split_once(' ') {
        Some((method, path)) => {
            element.resources().iter().find(|resource| resource.method.key() == method && resource.path == path)
        }
        None => element.resources_of(ResourceType::from_key(wanted).unwrap()).next(),
    };
    found.unwrap_or_else(|| panic!("there is no resource {wanted}"))
}

fn inputs(test: &Map<String, Value>) -> Inputs {
    let inputs = test.get("inputs").cloned().unwrap_or_default();
    let pairs = |member: &str| -> Vec<(String, String)> {
        let members = inputs[member].as_object().into_iter().flatten();
        members.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect()
    };
    Inputs {
        path: pairs("path").into_iter().collect(),
        query: pairs("query"),
        headers: pairs("headers"),
        body: inputs.get("body").cloned(),
        previous: inputs.get("previous").cloned(),
        ..Inputs::default()
    }
}

fn raw(answer: &Value) -> RawResponse {
    let headers = answer["headers"].as_object().into_iter().flatten();
    RawResponse {
        status: u16::try_from(answer["status"].as_u64().unwrap()).unwrap(),
        headers: headers.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned())).collect(),
        body: answer["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    }
}

fn check_stored(configuration: &Configuration, expected: Option<&Value>, name: &str) {
    for (key, value) in expected.and_then(Value::as_object).into_iter().flatten() {
        assert_eq!(configuration.get(key), value.as_str(), "{name}: {key}");
    }
}

/// A failure as tests write it.
fn shown(failure: &Failure) -> Value {
    match failure {
        Failure::Rejected { status, provider_message, .. } => {
            serde_json::json!({"kind": "rejected", "status": status, "message": provider_message})
        }
        Failure::VendorFault { provider_message } => {
            serde_json::json!({"kind": "vendorFault", "message": provider_message})
        }
        Failure::Malformed(what) => serde_json::json!({"kind": "malformed", "message": what}),
        other => serde_json::json!({"kind": other.to_string()}),
    }
}
