//! What the vendor of an instance tells of its objects, for the documents of the instance.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use ligand_docs::FoundObject;
use ligand_domain::{Caller, Error};
use ligand_element::Element;
use serde_json::Value;

use super::{
    call::{Body, Running, list_request},
    discovery,
};
use crate::{App, docs::Part, instances::Loaded};

/// Objects that one document asks the vendor about at most.
const MAX_OBJECTS: usize = 60;

/// How many of them are asked about at a time.
const AT_A_TIME: usize = 6;

/// How long a document waits for the vendor.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was found.
#[derive(Default)]
pub(crate) struct Discovered {
    pub(crate) objects: Vec<FoundObject>,
    /// What was not.
    pub(crate) warning: Option<String>,
}

/// What callers call an object, by either of its names.
pub(crate) fn own_object_name(element: &Element, name: &str) -> String {
    discovery::own_name(element, name)
}

impl App {
    /// Asks the vendor of an instance for the objects that a part of its document is about, and their fields.
    pub(crate) async fn discover(&self, caller: &Caller, loaded: &Loaded, part: Part<'_>) -> Result<Discovered, Error> {
        if loaded.instance.disabled {
            let warning = Some("The vendor was not asked: the element instance is disabled".to_owned());
            return Ok(Discovered { objects: Vec::new(), warning });
        }
        self.spend_instance_call(loaded.instance.id)?;
        let running = Running::unrecorded(self, caller, loaded);
        let names = match part {
            Part::Object(name) => vec![own_object_name(&loaded.element, name)],
            Part::Operation(id) => object_of_operation(&loaded.element, id),
            Part::Whole => match running.found("/objects").await {
                Ok(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => discovery::names(&loaded.element),
            },
        };
        let left_out = names.len().saturating_sub(MAX_OBJECTS);
        let asked = stream::iter(names.into_iter().take(MAX_OBJECTS).map(|name| {
            let running = &running;
            async move {
                let fields = running.found(&format!("/objects/{}/metadata", encoded(&name))).await;
                (name, fields)
            }
        }));
        let mut answers = std::pin::pin!(asked.buffered(AT_A_TIME).take_until(tokio::time::sleep(PATIENCE)));
        let (mut objects, mut failed) = (Vec::new(), Vec::new());
        while let Some((name, fields)) = answers.next().await {
            match fields.as_ref().map(|fields| fields["fields"].as_array()) {
                Ok(Some(fields)) => objects.push(FoundObject { name, fields: fields.clone() }),
                _ => failed.push(name),
            }
        }
        let mut warnings = Vec::new();
        if !failed.is_empty() {
            warnings.push(format!("The vendor did not tell the fields of {}", failed.join(", ")));
        }
        if left_out > 0 {
            warnings.push(format!("{left_out} more objects were not asked about"));
        }
        let warning = (!warnings.is_empty()).then(|| warnings.join("; "));
        Ok(Discovered { objects, warning })
    }
}

impl Running<'_> {
    /// What the platform answers to a path of this instance.
    async fn found(&self, path: &str) -> Result<Value, Error> {
        let operation = self.app.operation(self.loaded, "GET", path)?;
        let request = list_request(path.to_owned(), Vec::new());
        match Box::pin(self.run(operation, &request, Vec::new())).await?.body {
            Body::Json(value) => Ok(value),
            Body::None | Body::List(_) | Body::File(_) => Ok(Value::Null),
        }
    }
}

/// The object that an operation works on, when it is one of the element's.
fn object_of_operation(element: &Element, id: &str) -> Vec<String> {
    let listed = ligand_docs::operations(element).into_iter();
    let meant = |operation: &ligand_docs::Listed| {
        operation.id == id || ligand_docs::dashed(operation.method, &operation.path) == id
    };
    listed.filter(meant).filter_map(|operation| operation.object).take(1).collect()
}

/// A name as one segment of a path.
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}
