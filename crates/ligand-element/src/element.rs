//! The compiled element: everything the platform asks about a connector at run time.

use ligand_domain::{Configuration, Id};
use serde_json::{Map, Value};

use crate::{
    Authentication, Entry, MAX_CHAIN, Parameter, Resource, ResourceType, Soap, Source, SourceType, VendorType,
    authentication::AuthenticationType, names::words, oauth, paging::asks_for_pages, route,
};

words! {
    /// How vendor calls travel (`protocolType`).
    Protocol {
        /// Plain HTTP.
        Http = "http",
        /// SOAP envelopes over HTTP.
        Soap = "soap",
        /// OData over HTTP.
        Odata = "odata",
        /// Databases.
        Jdbc = "jdbc",
        /// SAP.
        SapBapi = "sapbapi",
        /// Files over SSH.
        Sftp = "sftp",
    }
}

words! {
    /// When a hook runs (`type`).
    HookType {
        /// Before the vendor call.
        PreRequest = "preRequest",
        /// After it.
        PostRequest = "postRequest",
        /// On an event of the vendor.
        Event = "event",
    }
}

/// A script of an element or of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Stable number.
    pub id: i64,
    /// When it runs.
    pub kind: HookType,
    /// `application/javascript` unless stated.
    pub mime_type: String,
    /// The script.
    pub body: String,
    /// Whether it is written for the old engine.
    pub is_legacy: bool,
    /// What it does.
    pub description: Option<String>,
}

/// A compiled element definition.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    pub(crate) id: Id<ligand_domain::Element>,
    pub(crate) key: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) hub: String,
    pub(crate) authentication: Authentication,
    pub(crate) configuration: Vec<Entry>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) resources: Vec<Resource>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) protocol: Protocol,
    pub(crate) soap: Option<Soap>,
    /// Descriptive members as defined (`image`, `active`, `signupURL`, `objects`, …), in the order of the file.
    pub(crate) described: Map<String, Value>,
    pub(crate) routes: route::Index,
}

impl Element {
    /// The number by which the API knows it.
    #[must_use]
    pub fn id(&self) -> Id<ligand_domain::Element> {
        self.id
    }

    /// The key by which the API knows it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Further keys, and further ids in decimal digits, by which it is found.
    #[must_use]
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Whether this key or id, or an alias, is meant. Letter case does not matter.
    #[must_use]
    pub fn answers_to(&self, key_or_id: &str) -> bool {
        key_or_id.eq_ignore_ascii_case(&self.key)
            || key_or_id == self.id.to_string()
            || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(key_or_id))
    }

    /// Display name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it connects to.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The hub it belongs to, in lower case.
    #[must_use]
    pub fn hub(&self) -> &str {
        &self.hub
    }

    /// How it proves itself to its vendor.
    #[must_use]
    pub fn authentication(&self) -> &Authentication {
        &self.authentication
    }

    /// The authentication type of an instance: the one that its entry `authentication.type` selects, else the element's.
    #[must_use]
    pub fn authentication_type(&self, configuration: &Configuration) -> AuthenticationType {
        let selects = self.entry(oauth::keys::TYPE).and_then(|entry| configuration.get(&entry.key));
        let selected = selects.map(str::trim).and_then(AuthenticationType::from_key);
        selected.unwrap_or(self.authentication.kind)
    }

    /// Whether a configuration key holds a key of the vendor's API: its value is what parameters of the element put into
    /// headers or the query, where they are what proves it.
    #[must_use]
    pub fn holds_api_key(&self, key: &str) -> bool {
        let is_proof = |parameter: &&Parameter| {
            parameter.source == Source::Request
                && matches!(parameter.vendor_kind, VendorType::Header | VendorType::Query)
        };
        self.authentication.kind.is_by_key()
            && self.parameters.iter().filter(is_proof).any(|parameter| match &parameter.template {
                Some(template) => template.configuration_keys().contains(&key),
                None => parameter.kind == SourceType::Configuration && parameter.name == key,
            })
    }

    /// How vendor calls travel.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// How its SOAP service is described, when its operations are not written out as envelopes.
    #[must_use]
    pub fn soap(&self) -> Option<&Soap> {
        self.soap.as_ref()
    }

    /// Every configuration entry: those defined, then the platform's defaults, in this order.
    #[must_use]
    pub fn configuration(&self) -> &[Entry] {
        &self.configuration
    }

    /// The entry with this key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.configuration.iter().find(|entry| entry.key == key)
    }

    /// Parameters that every vendor request of the element has.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Every resource in the order of definition.
    #[must_use]
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Resources of one type in the order of definition.
    pub fn resources_of(&self, kind: ResourceType) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind)
    }

    /// Scripts that run with every call of the element.
    #[must_use]
    pub fn hooks(&self) -> &[Hook] {
        &self.hooks
    }

    /// The next link of a resource's chain, if any.
    #[must_use]
    pub fn next_of(&self, resource: &Resource) -> Option<&Resource> {
        resource.next.and_then(|index| self.resources.get(index))
    }

    /// The vendor's name of one of the declared `objects`; `None` where that is not another one.
    #[must_use]
    pub fn vendor_name(&self, object: &str) -> Option<&str> {
        let objects = self.described.get("objects").and_then(Value::as_array)?;
        let name = |object: &Value| object.get("name").and_then(Value::as_str).map(str::to_owned);
        let found = objects.iter().find(|one| name(one).is_some_and(|name| name.eq_ignore_ascii_case(object)))?;
        found.get("vendorName").and_then(Value::as_str)
    }

    /// The link of a resource's chain whose list callers page through: the first one that asks for pages, else the
    /// resource itself. Links before it may look up what it needs.
    #[must_use]
    pub fn paged_of<'a>(&'a self, resource: &'a Resource) -> &'a Resource {
        let links = std::iter::successors(Some(resource), |link| self.next_of(link)).take(MAX_CHAIN);
        { links }.find(|link| link.is_list() && asks_for_pages(self, link)).unwrap_or(resource)
    }

    /// A descriptive member as defined: `objects`, `models`, `image`.
    #[must_use]
    pub fn described(&self, member: &str) -> Option<&Value> {
        self.described.get(member)
    }

    /// The declared flag `active`; true when not stated.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.flag("active", true)
    }

    /// The declared flag `useModelsForMetadata`: the definition tells what objects and fields there are, not the vendor.
    #[must_use]
    pub fn uses_models(&self) -> bool {
        self.flag("useModelsForMetadata", false)
    }

    pub(crate) fn flag(&self, member: &str, default: bool) -> bool {
        self.described.get(member).and_then(Value::as_bool).unwrap_or(default)
    }
}
