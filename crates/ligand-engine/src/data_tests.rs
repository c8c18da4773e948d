//! The tests that elements bring with them (`tests/*.yaml`): from a call to the whole vendor request, and from a vendor's
//! answer to what it means. Nothing is sent, and no script runs.

mod differences;
#[cfg(test)]
mod tests;

use ligand_domain::{Configuration, SystemRng, Timestamp};
use ligand_element::{
    Element, Folder, Inputs, Node, Problem, Resource, ResourceType, VendorBody, VendorResponse, map, plan, provision,
};
use ligand_soap::Description;
use serde_json::{Map, Value, json};

use crate::{
    Failure,
    authenticate::{Circumstances, authenticate},
    described, descriptions,
    interpret::{RawResponse, interpret},
    redact::Secrets,
};
use differences::Differences;

/// The members of a test, so that a misspelt one does not go unseen.
const MEMBERS: &[&str] =
    &["name", "resource", "configuration", "inputs", "request", "refused", "answer", "outcome", "failure"];
/// Where the description of a SOAP service stands that tests follow.
const DESCRIPTION: &str = "tests/service.wsdl";

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The file in the folder.
    pub file: String,
    /// Its name, or which of the file it is.
    pub name: String,
    /// The resource that it names.
    pub resource: String,
    /// What was not as it says, in lines; none when it passed.
    pub differences: Vec<String>,
}

/// Runs the tests in an element's folder.
///
/// # Errors
/// The files that are no lists of tests, and a description that cannot be read.
pub fn run(element: &Element, folder: &Folder) -> Result<Vec<Outcome>, Vec<Problem>> {
    let mut problems = Vec::new();
    let description = described_by(element, folder).unwrap_or_else(|problem| {
        problems.push(problem);
        None
    });
    let mut outcomes = Vec::new();
    let is_test = |path: &str| path.starts_with("tests/") && path.ends_with(".yaml");
    for file in folder.files.iter().filter(|file| is_test(&file.path)) {
        let shown = format!("{}/{}", folder.key, file.path);
        let tests = match Node::from_yaml(&shown, &file.text) {
            Ok(node) => node.to_value(),
            Err(found) => {
                problems.extend(found);
                continue;
            }
        };
        let Value::Array(tests) = tests else {
            problems.push(problem(&shown, "must be a list of tests"));
            continue;
        };
        for (index, test) in tests.iter().enumerate() {
            let name = test.get("name").and_then(Value::as_str).map(str::to_owned);
            let name = name.unwrap_or_else(|| format!("test {}", index + 1));
            let differences = check(element, description.as_ref(), test);
            let resource = test.get("resource").and_then(Value::as_str).unwrap_or_default().to_owned();
            outcomes.push(Outcome { file: file.path.clone(), name, resource, differences });
        }
    }
    if problems.is_empty() { Ok(outcomes) } else { Err(problems) }
}

/// The resources that callers, or what they call, reach, that make a request of their own, and that no test names.
#[must_use]
pub fn untested(element: &Element, outcomes: &[Outcome]) -> Vec<String> {
    let is_planned = |resource: &&Resource| {
        let is_reached = matches!(resource.kind, ResourceType::Api | ResourceType::ApiNoDocumentation);
        is_reached && resource.describes.is_none()
    };
    let names = element.resources().iter().filter(is_planned);
    let names = names.map(|resource| format!("{} {}", resource.method.key(), resource.path));
    names.filter(|name| outcomes.iter().all(|outcome| outcome.resource != *name)).collect()
}

fn problem(file: &str, message: impl Into<String>) -> Problem {
    Problem { file: file.to_owned(), line: 0, column: 0, path: String::new(), message: message.into() }
}

/// The description of the service that tests follow: the one in the tests, or that of the definition itself.
fn described_by(element: &Element, folder: &Folder) -> Result<Option<Description>, Problem> {
    let Some(soap) = element.soap() else { return Ok(None) };
    let file = folder.files.iter().find(|file| file.path == DESCRIPTION);
    let description = match file {
        Some(file) => {
            let unusable = |error: ligand_soap::DescriptionError| {
                problem(&format!("{}/{DESCRIPTION}", folder.key), error.to_string())
            };
            Description::parse(&file.text, &|_| None).map_err(unusable)?
        }
        None if soap.brings_documents() => match descriptions::given(soap) {
            Ok(description) => return Ok(Some(description)),
            Err(failure) => return Err(problem(&format!("{}/element.yaml", folder.key), failure.to_string())),
        },
        None => return Ok(None),
    };
    Ok(Some(description.with_names(soap.names()).with_lists(soap.lists())))
}

/// What of a test is not as it says.
fn check(element: &Element, description: Option<&Description>, test: &Value) -> Vec<String> {
    let mut differences = Differences::default();
    match test.as_object() {
        Some(members) => {
            let test = Test { element, description, members };
            if let Err(problem) = test.run(&mut differences) {
                differences.note(problem);
            }
        }
        None => differences.note("a test must be a mapping"),
    }
    differences.into_lines()
}

struct Test<'a> {
    element: &'a Element,
    description: Option<&'a Description>,
    members: &'a Map<String, Value>,
}

impl Test<'_> {
    fn member(&self, name: &str) -> &Value {
        self.members.get(name).unwrap_or(&Value::Null)
    }

    fn run(&self, differences: &mut Differences) -> Result<(), String> {
        if let Some(unknown) = self.members.keys().find(|member| !MEMBERS.contains(&member.as_str())) {
            return Err(format!("{unknown} is no member of tests; they have {}", MEMBERS.join(", ")));
        }
        let resource = self.resource()?;
        let described = match (&resource.operation, self.description) {
            (None, _) => None,
            (Some(operation), Some(description)) => Some((description, operation.as_str())),
            (Some(_), None) => return Err(format!("the test needs the description of the service, {DESCRIPTION}")),
        };
        let sent = self.member("configuration").as_object();
        let configuration = provision::effective_configuration(self.element, sent, None);
        let mut configuration = configuration.map_err(|errors| format!("configuration: {errors:?}"))?;
        let inputs = self.inputs()?;
        let planned = plan(self.element, resource, &inputs, &configuration);
        let planned = match (planned, described) {
            (Ok(request), Some((description, operation))) => {
                let soap = self.element.soap();
                let headers = soap.map_or(Ok(Value::Null), |soap| soap.headers(&configuration));
                headers.and_then(|headers| described::write(description, resource, operation, &headers, &request))
            }
            (planned, _) => planned,
        };
        let mut request = match planned {
            Ok(request) => request,
            Err(error) => {
                let refused = self.member("refused");
                if refused.is_null() {
                    return Err(format!("no request can be made: {error}"));
                }
                differences.text("refused", refused, &error.to_string());
                return Ok(());
            }
        };
        if !self.member("refused").is_null() {
            let shown = format!("{} {}", request.method.key(), request.url);
            differences.text("refused", self.member("refused"), &format!("a request: {shown}"));
        }
        let circumstances = Circumstances { now: Timestamp::from_millis(0), streams: false, rng: &SystemRng };
        authenticate(self.element, &configuration, circumstances, &mut request).map_err(|error| error.to_string())?;
        self.request(&request, differences);
        if self.members.contains_key("answer") {
            self.answer(resource, described, &mut configuration, differences)?;
        }
        Ok(())
    }

    /// The first resource of a type, or the one with a verb and a path.
    fn resource(&self) -> Result<&Resource, String> {
        let wanted = self.member("resource").as_str().ok_or("resource is missing")?;
        let found = match wanted.split_once(' ') {
            Some((method, path)) => {
                let is_it = |resource: &&Resource| resource.method.key() == method && resource.path == path;
                self.element.resources().iter().find(is_it)
            }
            None => ResourceType::from_key(wanted).and_then(|kind| self.element.resources_of(kind).next()),
        };
        found.ok_or_else(|| format!("there is no resource {wanted}"))
    }

    fn inputs(&self) -> Result<Inputs, String> {
        let inputs = self.member("inputs");
        let pairs = |member: &str| -> Result<Vec<(String, String)>, String> {
            let members = inputs.get(member).and_then(Value::as_object).into_iter().flatten();
            let mut pairs = Vec::new();
            for (key, value) in members {
                let texts = match value {
                    Value::Array(texts) => texts.as_slice(),
                    single => std::slice::from_ref(single),
                };
                for text in texts {
                    let text = text.as_str().ok_or_else(|| format!("inputs.{member}.{key} must be text"))?;
                    pairs.push((key.clone(), text.to_owned()));
                }
            }
            Ok(pairs)
        };
        Ok(Inputs {
            path: pairs("path")?.into_iter().collect(),
            query: pairs("query")?,
            headers: pairs("headers")?,
            body: inputs.get("body").cloned(),
            previous: inputs.get("previous").cloned(),
            ..Inputs::default()
        })
    }

    fn request(&self, request: &ligand_element::VendorRequest, differences: &mut Differences) {
        let Some(expected) = self.members.get("request") else { return };
        differences.text("request.method", &expected["method"], request.method.key());
        differences.text("request.url", &expected["url"], request.url.as_str());
        for (header, value) in expected["headers"].as_object().into_iter().flatten() {
            let came = request.header(header).map(Value::from).unwrap_or_default();
            differences.value(&format!("request.headers.{header}"), value, &came);
        }
        let body = match &request.body {
            VendorBody::Text(text) => text,
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => "",
        };
        match expected.get("holds").and_then(Value::as_str) {
            Some(part) if body.contains(part.trim()) => {}
            Some(part) => differences.text("request.body, which has to hold", &Value::from(part.trim()), body),
            None => {
                let stated = expected.get("body").and_then(Value::as_str).unwrap_or_default().trim();
                differences.text("request.body", &Value::from(stated), body);
            }
        }
    }

    fn answer(
        &self,
        resource: &Resource,
        described: Option<(&Description, &str)>,
        configuration: &mut Configuration,
        differences: &mut Differences,
    ) -> Result<(), String> {
        let raw = raw(self.member("answer"))?;
        let interpreted = {
            let secrets = || Secrets::of(self.element, configuration);
            match described {
                Some((description, operation)) => described::read(description, operation, &raw, &secrets)
                    .map(|body| VendorResponse { status: raw.status, headers: raw.headers, body })
                    .map_err(|refused| refused.failure),
                None => interpret(self.element, resource, raw, &secrets),
            }
        };
        let (outcome, failure) = (self.members.get("outcome"), self.members.get("failure"));
        match (interpreted, outcome) {
            (Ok(response), Some(outcome)) => {
                let mapped = map(self.element, resource, &response);
                if let Some(body) = outcome.get("body") {
                    differences.value("outcome.body", body, &mapped.body);
                }
                mapped.configuration.into_iter().for_each(|(key, value)| configuration.set(&key, value));
                for (key, value) in outcome["configuration"].as_object().into_iter().flatten() {
                    let came = configuration.get(key).map(Value::from).unwrap_or_default();
                    differences.value(&format!("outcome.configuration.{key}"), value, &came);
                }
            }
            (Ok(response), None) => {
                let came = map(self.element, resource, &response).body;
                differences.value("failure", failure.unwrap_or(&Value::Null), &json!({ "outcome": { "body": came } }));
            }
            (Err(failed), _) => differences.value("failure", failure.unwrap_or(&Value::Null), &shown(&failed)),
        }
        Ok(())
    }
}

fn raw(answer: &Value) -> Result<RawResponse, String> {
    let status = answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let mut headers = Vec::new();
    for (key, value) in answer["headers"].as_object().into_iter().flatten() {
        let text = value.as_str().ok_or_else(|| format!("answer.headers.{key} must be text"))?;
        headers.push((key.clone(), text.to_owned()));
    }
    Ok(RawResponse {
        status: status.ok_or("answer.status must be a number")?,
        headers,
        body: answer["body"].as_str().unwrap_or_default().as_bytes().to_vec(),
    })
}

/// A failure as tests write it.
fn shown(failure: &Failure) -> Value {
    match failure {
        Failure::Rejected { status, provider_message, .. } => {
            json!({"kind": "rejected", "status": status, "message": provider_message})
        }
        Failure::VendorFault { provider_message } => json!({"kind": "vendorFault", "message": provider_message}),
        Failure::Malformed(what) => json!({"kind": "malformed", "message": what}),
        other => json!({"kind": other.to_string()}),
    }
}

/// What a definition says of its own description that does not hold: it cannot be read, or lacks operations.
#[must_use]
pub fn undescribed(element: &Element) -> Vec<(String, String)> {
    let Some(soap) = element.soap().filter(|soap| soap.brings_documents()) else { return Vec::new() };
    let description = match descriptions::given(soap) {
        Ok(description) => description,
        Err(failure) => return vec![("soap.documents".to_owned(), failure.to_string())],
    };
    let lacks = |(index, resource): (usize, &Resource)| {
        let operation = resource.operation.as_ref().filter(|operation| description.operation(operation).is_none())?;
        Some((format!("resources[{index}].operation"), format!("the description has no operation {operation}")))
    };
    element.resources().iter().enumerate().filter_map(lacks).collect()
}
