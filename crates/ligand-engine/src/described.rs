//! Calls of described operations: the JSON of a message becomes an envelope by the vendor's own description, and what
//! the vendor answers becomes JSON by it.

use std::{collections::BTreeMap, sync::Arc};

use ligand_element::{
    AnswerState, Method, PlanError, Resource, Soap, VendorBody, VendorRequest, VendorResponse,
    authentication::AuthenticationType,
};
use serde_json::{Map, Value, json};

use ligand_soap::{DecodeError, Decoded, Description, EncodeError, EncodeOptions, SoapVersion, TypeNames};

use crate::{
    Failure,
    attempts::Dispatch,
    authenticate::authenticate,
    descriptions::{Origin, Source},
    interpret::{RawResponse, refusal},
    redact::Secrets,
    session::{Answer, Link, Session},
    soap::{self, Fault},
    transport::Answered,
};

/// What a message lacks that may be null is null: records are answered without their nulls, and may come back so.
static OPTIONS: EncodeOptions = EncodeOptions { types: BTreeMap::new(), drop_unknown: false, fill_nulls: true };

/// What follows the name of a type when not its fields are asked for but the types that derive from it.
const KINDS: &str = ".*";

/// Why an answer of an operation is none, and whether the description may be to blame.
pub(crate) struct Refused {
    pub(crate) failure: Failure,
    pub(crate) doubts: bool,
    /// Whether the vendor did nothing at all, so that the message can be sent again in another form.
    pub(crate) did_nothing: bool,
}

impl Session<'_> {
    /// Calls an operation. When the vendor seems to speak otherwise than it described itself, it is asked for its
    /// description again, and called once more if that has changed and the vendor has done nothing yet.
    pub(crate) async fn described_call(
        &mut self,
        link: Link<'_>,
        mut request: VendorRequest,
        is_scripted: bool,
        operation: &str,
        soap: &Soap,
    ) -> Result<(Answer, Vec<(String, String)>), Failure> {
        let (element, resource) = (self.element, link.resource);
        let stores = std::mem::take(&mut request.stores);
        let headers = soap.headers(&self.configuration)?;
        let mut description = self.description(soap).await?;
        let mut may_doubt = true;
        loop {
            let written = write(&description, resource, operation, &headers, &request);
            let mut sent = match written {
                Ok(sent) => sent,
                Err(error) => match self.newer(soap, &description, may_doubt).await? {
                    Some(newer) => {
                        (description, may_doubt) = (newer, false);
                        continue;
                    }
                    None => return Err(error.into()),
                },
            };
            authenticate(element, &self.configuration, self.engine.circumstances(false), &mut sent)?;
            let dispatch = Dispatch {
                request: &sent,
                anew: None,
                upload: None,
                instance: self.owner.map(|owner| owner.instance),
                deadline: self.deadline,
                reads: resource.method == Method::Get,
                streams: &|_| false,
            };
            let Answered::Whole(raw) = self.sender()?.send(dispatch).await? else {
                return Err(Failure::Malformed("it cannot be read".to_owned()));
            };
            self.recorder.met(&sent, &raw);
            let refused = match self.read_by(&description, operation, &raw) {
                Ok(body) => return Ok((self.answer(link, raw, body, is_scripted), stores)),
                Err(refused) => refused,
            };
            match self.newer(soap, &description, may_doubt && refused.doubts).await? {
                Some(newer) if refused.did_nothing || resource.method == Method::Get => {
                    (description, may_doubt) = (newer, false);
                }
                // What was done is not done again; only its answer is read anew.
                Some(newer) => {
                    let body = self.read_by(&newer, operation, &raw).map_err(|refused| refused.failure)?;
                    return Ok((self.answer(link, raw, body, is_scripted), stores));
                }
                None => return Err(refused.failure),
            }
        }
    }

    fn read_by(&self, description: &Description, operation: &str, raw: &RawResponse) -> Result<Value, Refused> {
        read(description, operation, raw, &|| Secrets::of(self.element, &self.configuration))
    }

    fn answer(&self, link: Link<'_>, raw: RawResponse, body: Value, is_scripted: bool) -> Answer {
        let text = is_scripted.then(|| String::from_utf8_lossy(&raw.body).into_owned());
        let response = VendorResponse { status: raw.status, headers: raw.headers, body };
        Answer::State(AnswerState::of(self.element, link.resource, response, text))
    }

    /// Tells the fields of the type that a request names, or the types that derive from it, out of the description alone.
    pub(crate) async fn described_fields(
        &mut self,
        link: Link<'_>,
        request: &VendorRequest,
        soap: &Soap,
    ) -> Result<(Answer, Vec<(String, String)>), Failure> {
        let name = match &request.body {
            VendorBody::Text(text) => serde_json::from_str::<String>(text).unwrap_or_default(),
            VendorBody::Empty | VendorBody::File(_) | VendorBody::Multipart(_) => String::new(),
        };
        let description = self.description(soap).await?;
        let unknown = Failure::Rejected { status: 404, provider_message: None, retry_after_seconds: None };
        let found = match name.strip_suffix(KINDS) {
            Some(base) => {
                description.kinds(base).map(|kinds| kinds.into_iter().map(|name| json!({ "name": name })).collect())
            }
            None => description.fields(&name),
        };
        let body = Value::Array(found.ok_or(unknown)?);
        let response = VendorResponse { status: 200, headers: Vec::new(), body };
        Ok((Answer::State(AnswerState::of(self.element, link.resource, response, None)), Vec::new()))
    }

    async fn description(&mut self, soap: &Soap) -> Result<Arc<Description>, Failure> {
        let (element, configuration, descriptions) = (self.element, &*self.configuration, &self.engine.descriptions);
        let secrets = || Secrets::of(element, configuration);
        let source = self.source(soap, &secrets)?;
        descriptions.get(&source).await
    }

    /// Another description than the one used, when there is reason to look for one and it is there.
    async fn newer(
        &mut self,
        soap: &Soap,
        used: &Arc<Description>,
        doubts: bool,
    ) -> Result<Option<Arc<Description>>, Failure> {
        if !doubts {
            return Ok(None);
        }
        let (element, configuration, descriptions) = (self.element, &*self.configuration, &self.engine.descriptions);
        let secrets = || Secrets::of(element, configuration);
        let source = self.source(soap, &secrets)?;
        Ok(descriptions.after_doubt(&source, used).await)
    }

    fn source<'s>(&'s self, soap: &'s Soap, secrets: &'s (dyn Fn() -> Secrets + Sync)) -> Result<Source<'s>, Failure> {
        let origin = if soap.brings_documents() {
            Origin::Definition
        } else {
            let url = soap.wsdl(&self.configuration)?;
            let authorization = self.authorization(&url)?;
            Origin::Vendor(url, authorization)
        };
        Ok(Source {
            sender: self.sender()?,
            soap,
            origin,
            instance: self.owner.map(|owner| owner.instance),
            deadline: self.deadline,
            secrets,
        })
    }

    /// What shows the vendor who asks for its description; credentials that travel in envelopes do not.
    fn authorization(&self, url: &url::Url) -> Result<Option<String>, Failure> {
        if self.element.authentication_type(&self.configuration) != AuthenticationType::Basic {
            return Ok(None);
        }
        let mut request = VendorRequest {
            method: Method::Get,
            url: url.clone(),
            headers: Vec::new(),
            body: VendorBody::Empty,
            stores: Vec::new(),
        };
        authenticate(self.element, &self.configuration, self.engine.circumstances(false), &mut request)?;
        Ok(request.header("Authorization").map(str::to_owned))
    }
}

/// The request with the envelope in the place of the message.
///
/// # Errors
/// What does not fit the description, in words for the caller.
pub(crate) fn write(
    description: &Description,
    resource: &Resource,
    operation: &str,
    headers: &Value,
    request: &VendorRequest,
) -> Result<VendorRequest, PlanError> {
    let place = resource.body_path();
    let told = |error: EncodeError| match &error {
        // What cannot be an id is the id of nothing.
        EncodeError::WrongType { path, .. } | EncodeError::Unwritable(path) if resource.is_path_variable(path) => {
            PlanError::NotFound
        }
        _ => PlanError::Invalid(told(&error.to_string(), &place)),
    };
    let invalid = |message: &str| PlanError::Invalid(message.to_owned());
    let message = match &request.body {
        VendorBody::Empty => Value::Object(Map::new()),
        VendorBody::Text(text) => serde_json::from_str(text).map_err(|_| invalid("The message is not JSON"))?,
        VendorBody::File(_) | VendorBody::Multipart(_) => return Err(invalid("A message cannot be a file")),
    };
    let message = description.with_examples(message).map_err(told)?;
    let headers = said(description.declared_headers(operation, headers));
    let envelope = description.encode_envelope(operation, &headers, &message, &OPTIONS);
    let mut sent = request.clone();
    sent.body = VendorBody::Text(envelope.map_err(told)?);
    let (accept, content_type, action) = wire(description, operation);
    let replaced = ["accept", "content-type", "soapaction"];
    sent.headers.retain(|(name, _)| !replaced.contains(&name.to_ascii_lowercase().as_str()));
    sent.headers.push(("Accept".to_owned(), accept.to_owned()));
    sent.headers.push(("Content-Type".to_owned(), content_type));
    sent.headers.extend(action.map(|action| ("SOAPAction".to_owned(), action)));
    Ok(sent)
}

/// Header elements without those about which the configuration says nothing.
fn said(mut headers: Value) -> Value {
    if let Some(members) = headers.as_object_mut() {
        members.retain(|_, value| !value.as_object().is_some_and(Map::is_empty));
    }
    headers
}

/// A problem with a message, told about the body where it is in there.
fn told(problem: &str, place: &str) -> String {
    let inner = problem.strip_prefix(place).filter(|_| !place.is_empty());
    inner.map_or_else(
        || problem.to_owned(),
        |inner| {
            let inner = inner.trim_start_matches('.').trim_start();
            format!("The body does not fit: {inner}")
        },
    )
}

/// What the version of SOAP wants in headers: `Accept`, `Content-Type`, `SOAPAction`.
fn wire(description: &Description, operation: &str) -> (&'static str, String, Option<String>) {
    let action = description.operation(operation).map(|found| found.action.as_str()).unwrap_or_default();
    let action: String = action.chars().filter(|each| !each.is_control() && *each != '"').collect();
    match description.version_of(operation) {
        SoapVersion::V1_1 => ("text/xml", "text/xml; charset=utf-8".to_owned(), Some(format!("\"{action}\""))),
        SoapVersion::V1_2 => {
            let content_type = format!("application/soap+xml; charset=utf-8; action=\"{action}\"");
            ("application/soap+xml", content_type, None)
        }
    }
}

/// The JSON of an answer; null when its message is empty.
///
/// # Errors
/// A fault, wherever it stands, and what is no answer of the service.
pub(crate) fn read(
    description: &Description,
    operation: &str,
    raw: &RawResponse,
    secrets: &dyn Fn() -> Secrets,
) -> Result<Value, Refused> {
    let redact = |text| secrets().redact(text);
    let certain = |failure| Refused { failure, doubts: false, did_nothing: false };
    let text = raw.text().unwrap_or_default();
    match description.decode_answer(operation, &text, TypeNames::Drop) {
        Ok(Decoded { fault: Some(fault), .. }) => {
            // Other parts of the message may have been done.
            let fault = Fault::inside(fault);
            let failure = fault.failure(raw.status, &redact);
            Err(Refused { failure, doubts: fault.doubts_form(), did_nothing: false })
        }
        Ok(Decoded { value, .. }) if raw.is_success() => match value {
            Value::Object(members) if members.is_empty() => Ok(Value::Null),
            value => Ok(value),
        },
        Err(DecodeError::Fault) => match soap::read(&text) {
            soap::Answer::Fault(fault) => {
                let failure = fault.failure(raw.status, &redact);
                Err(Refused { failure, doubts: fault.doubts_form(), did_nothing: true })
            }
            _ => Err(certain(Failure::Malformed("it is not a SOAP envelope".to_owned()))),
        },
        Err(DecodeError::Unknown(name)) if raw.is_success() => {
            let failure = Failure::Malformed(format!("its description has no element {name}"));
            Err(Refused { failure, doubts: true, did_nothing: false })
        }
        Err(DecodeError::Malformed) if raw.is_success() => {
            Err(certain(Failure::Malformed("it is not a SOAP envelope".to_owned())))
        }
        _ => Err(certain(refusal(raw, secrets))),
    }
}
