//! What was said between the platform and a vendor, for those who look for the reason of a failed provisioning.

use ligand_domain::configuration::MASK;
use ligand_element::{VendorBody, VendorRequest};
use serde_json::{Map, Value, json};

use crate::{interpret::RawResponse, redact::Secrets};

/// The longest body that is kept, in characters.
const BODY_CHARS: usize = 8_000;
/// Headers whose whole value is secret.
const SECRET_HEADERS: [&str; 3] = ["authorization", "cookie", "set-cookie"];

/// One request and its answer, secrets masked.
#[derive(Clone, PartialEq)]
pub struct Exchange {
    method: &'static str,
    path: String,
    request: Message,
    status: u16,
    response: Message,
}

#[derive(Clone, PartialEq)]
struct Message {
    headers: Vec<(String, String)>,
    body: String,
}

impl Exchange {
    /// `POST:/oauth/token`: method and path of the request.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.method, self.path)
    }

    /// Request and answer as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "request": self.request.to_json(),
            "response": { "status": self.status, "message": self.response.to_json() },
        })
    }
}

impl Message {
    fn new<'a>(headers: impl Iterator<Item = &'a (String, String)>, body: &str) -> Self {
        let headers = headers.map(|(name, value)| {
            let secret = SECRET_HEADERS.contains(&name.to_ascii_lowercase().as_str());
            (name.clone(), if secret { MASK.to_owned() } else { value.clone() })
        });
        Self { headers: headers.collect(), body: body.to_owned() }
    }

    fn mask(&mut self, secrets: &Secrets) {
        for (_, value) in &mut self.headers {
            *value = secrets.redact(std::mem::take(value));
        }
        let body = secrets.redact(std::mem::take(&mut self.body));
        self.body = body.chars().take(BODY_CHARS).collect();
    }

    fn to_json(&self) -> Value {
        let headers: Map<String, Value> =
            self.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        json!({ "headers": headers, "body": self.body })
    }
}

/// Takes down what is said, when somebody wants to know.
pub(crate) struct Recorder<'a> {
    record: Option<&'a mut Vec<Exchange>>,
    unmasked: Option<Exchange>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(record: Option<&'a mut Vec<Exchange>>) -> Self {
        Self { record, unmasked: None }
    }

    pub(crate) fn off() -> Self {
        Self::new(None)
    }

    /// An answer came. It is kept back until it is known what in it is secret.
    pub(crate) fn met(&mut self, request: &VendorRequest, raw: &RawResponse) {
        if self.record.is_none() {
            return;
        }
        let sent = match &request.body {
            VendorBody::Text(text) => text.as_str(),
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => "",
        };
        self.unmasked = Some(Exchange {
            method: request.method.key(),
            path: request.url.path().to_owned(),
            request: Message::new(request.headers.iter(), sent),
            status: raw.status,
            response: Message::new(raw.headers.iter(), &String::from_utf8_lossy(&raw.body)),
        });
    }

    /// Takes the secrets out of what came last, and keeps it.
    pub(crate) fn mask(&mut self, secrets: impl FnOnce() -> Secrets) {
        let (Some(record), Some(mut exchange)) = (self.record.as_deref_mut(), self.unmasked.take()) else { return };
        let secrets = secrets();
        exchange.request.mask(&secrets);
        exchange.response.mask(&secrets);
        record.push(exchange);
    }
}
