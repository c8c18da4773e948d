//! The element as the API's JSON: whole, for lists, and inside of instances.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::{Element, Entry, Hook, Parameter, Protocol, Resource};

/// How much of an element is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Everything, as `GET /elements/{keyOrId}` and exports have it.
    Full,
    /// For lists: what describes it, with neither configuration nor resources.
    Abridged,
    /// The `element` member of an instance.
    Embedded,
}

/// Flags that are shown whether stated or not, with what they are when not stated.
const FLAGS_ALWAYS: &[(&str, bool)] =
    &[("active", true), ("deleted", false), ("typeOauth", false), ("trialAccount", false)];

/// Further flags that the whole element shows whether stated or not.
const FLAGS_FULL: &[(&str, bool)] = &[
    ("private", false),
    ("extended", false),
    ("extendable", false),
    ("cloneable", true),
    ("beta", false),
    ("transformationsEnabled", true),
    ("bulkDownloadEnabled", false),
    ("bulkUploadEnabled", false),
];

impl Element {
    /// The element as JSON. Members without a value are left out.
    #[must_use]
    pub fn to_json(&self, view: View) -> Value {
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(self.id));
        json.insert("name".to_owned(), json!(self.name));
        json.insert("key".to_owned(), json!(self.key));
        json.insert("description".to_owned(), json!(self.description));
        put(&mut json, "image", self.described.get("image").cloned());
        let more = if view == View::Embedded { &[] } else { FLAGS_FULL };
        for (flag, default) in FLAGS_ALWAYS.iter().chain(more) {
            json.insert((*flag).to_owned(), json!(self.flag(flag, *default)));
        }
        for (name, value) in &self.described {
            if value.is_array() && view != View::Full {
                continue;
            }
            json.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        json.insert("hub".to_owned(), json!(self.hub));
        if view != View::Embedded || self.protocol != Protocol::Http {
            json.insert("protocolType".to_owned(), json!(self.protocol.key()));
        }
        json.insert("authentication".to_owned(), self.authentication_json(view));
        match view {
            View::Full => self.put_parts(&mut json),
            View::Abridged => {}
            View::Embedded => {
                json.insert("parameters".to_owned(), json!([]));
                json.insert("resources".to_owned(), json!([]));
            }
        }
        Value::Object(json)
    }

    /// `{"configuration": […]}`: every entry with its id.
    #[must_use]
    pub fn configuration_json(&self) -> Value {
        json!({ "configuration": self.configuration.iter().map(Entry::to_json).collect::<Vec<_>>() })
    }

    fn authentication_json(&self, view: View) -> Value {
        let authentication = &self.authentication;
        let mut json = Map::new();
        json.insert("type".to_owned(), json!(authentication.kind.key()));
        if view == View::Full {
            let other = |key: &str, standard: &str| (key != standard).then(|| json!(key));
            put(&mut json, "username", other(&authentication.username_key, "username"));
            put(&mut json, "password", other(&authentication.password_key, "password"));
            json.extend(authentication.defined.clone());
        }
        Value::Object(json)
    }

    fn put_parts(&self, json: &mut Map<String, Value>) {
        if !self.aliases.is_empty() {
            let alias = |alias: &String| alias.parse::<i64>().map_or_else(|_| json!(alias), Value::from);
            json.insert("aliases".to_owned(), self.aliases.iter().map(alias).collect());
        }
        put(json, "soap", self.soap.as_ref().map(|soap| soap.defined.clone()));
        json.insert("configuration".to_owned(), self.configuration.iter().map(Entry::to_json).collect());
        json.insert("parameters".to_owned(), self.parameters.iter().map(Parameter::to_json).collect());
        json.insert("resources".to_owned(), self.resources.iter().map(Resource::to_json).collect());
        json.insert("hooks".to_owned(), self.hooks.iter().map(Hook::to_json).collect());
    }
}

fn put(json: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        json.insert(name.to_owned(), value);
    }
}

fn text(value: Option<&String>) -> Option<Value> {
    value.map(|text| json!(text))
}

impl Entry {
    /// The entry as the API's JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(self.id));
        json.insert("name".to_owned(), json!(self.name));
        json.insert("key".to_owned(), json!(self.key));
        json.insert("description".to_owned(), json!(self.description));
        put(&mut json, "defaultValue", text(self.default_value.as_ref()));
        json.insert("type".to_owned(), json!(self.kind.to_string()));
        let flags = [
            ("active", self.active),
            ("internal", self.internal),
            ("groupControl", self.group_control),
            ("hideFromConsole", self.hide_from_console),
            ("required", self.required),
            ("companyConfig", self.company_config),
            ("resellerConfig", self.reseller_config),
        ];
        json.extend(flags.map(|(name, flag)| (name.to_owned(), json!(flag))));
        json.insert("displayOrder".to_owned(), json!(self.display_order));
        for (name, value) in &self.extra {
            json.insert(name.clone(), value.clone());
        }
        Value::Object(json)
    }
}

impl Parameter {
    /// The parameter as the API's JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(self.id));
        json.insert("name".to_owned(), json!(self.name));
        put(&mut json, "vendorName", Some(&self.vendor_name).filter(|name| !name.is_empty()).map(|name| json!(name)));
        json.insert("type".to_owned(), json!(self.kind.key()));
        json.insert("vendorType".to_owned(), json!(self.vendor_kind.key()));
        json.insert("source".to_owned(), json!(self.source.key()));
        put(&mut json, "dataType", text(self.data_type.as_ref()));
        put(&mut json, "vendorDataType", text(self.vendor_data_type.as_ref()));
        json.insert("required".to_owned(), json!(self.required));
        put(&mut json, "description", text(self.description.as_ref()));
        put(&mut json, "sampleData", text(self.sample_data.as_ref()));
        put(&mut json, "converter", text(self.converter.as_ref()));
        Value::Object(json)
    }
}

impl Hook {
    /// The hook as the API's JSON, its script in it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(self.id));
        json.insert("type".to_owned(), json!(self.kind.key()));
        json.insert("mimeType".to_owned(), json!(self.mime_type));
        json.insert("body".to_owned(), json!(self.body));
        json.insert("isLegacy".to_owned(), json!(self.is_legacy));
        put(&mut json, "description", text(self.description.as_ref()));
        Value::Object(json)
    }
}

impl Resource {
    /// The resource as the API's JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("id".to_owned(), json!(self.id));
        json.insert("path".to_owned(), json!(self.path));
        json.insert("method".to_owned(), json!(self.method.key()));
        json.insert("vendorPath".to_owned(), json!(self.vendor_path));
        json.insert("vendorMethod".to_owned(), json!(self.vendor_method.key()));
        put(&mut json, "description", text(self.description.as_ref()));
        json.insert("type".to_owned(), json!(self.kind.key()));
        json.insert("parameters".to_owned(), self.parameters.iter().map(Parameter::to_json).collect());
        json.insert("hooks".to_owned(), self.hooks.iter().map(Hook::to_json).collect());
        put(&mut json, "model", self.model.clone());
        put(&mut json, "object", self.object.clone());
        put(&mut json, "rootKey", text(self.root_key.as_ref()));
        put(&mut json, "nextPageKey", text(self.next_page_key.as_ref()));
        put(&mut json, "nextResource", text(self.next_resource.as_ref()));
        put(&mut json, "paginationType", self.pagination_type.map(|kind| json!(kind.key())));
        let mut response = Map::new();
        response.insert("contentType".to_owned(), json!(self.content_type.as_deref().unwrap_or("application/json")));
        put(&mut response, "sampleData", text(self.sample_data.as_ref()));
        json.insert("response".to_owned(), Value::Object(response));
        put(&mut json, "operationId", text(self.operation_id.as_ref()));
        json.insert("kind".to_owned(), json!(self.executor.map_or("eb", |kind| kind.key())));
        put(&mut json, "formulaId", self.formula_id.map(|id| json!(id)));
        put(&mut json, "operation", text(self.operation.as_ref()));
        put(&mut json, "describes", text(self.describes.as_ref()));
        put(&mut json, "message", self.defined_message.clone());
        Value::Object(json)
    }
}
