//! What an element can do, told from its definition: events, discovery, bulk, its objects and what is done with them;
//! and how much the caller's organization uses it. What follows from the definition alone is remembered.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ligand_domain::{Caller, Error};
use ligand_element::{Element, Entry, Method, Protocol, Resource, ResourceType, View, route_path};
use serde_json::{Map, Value, json};

use super::access::Found;
use crate::{App, failure::of_store, hubs::object_names};

/// How far back calls are counted.
const TRAFFIC: Duration = Duration::from_secs(30 * 24 * 3600);

/// What happens to a record unless the definition says otherwise.
const EVENT_TYPES: [&str; 2] = ["CREATED", "UPDATED"];

impl App {
    /// The metadata of one element.
    ///
    /// # Errors
    /// Not found.
    pub async fn element_metadata(&self, caller: &Caller, key_or_id: &str, expand: bool) -> Result<Value, Error> {
        let found = self.find(Some(caller), key_or_id).await?;
        let usage = if expand { Some(self.used(caller).await?) } else { None };
        let told = self.described(&found, caller, expand).await?;
        Ok(with_usage(&told, &found, usage.as_ref()))
    }

    /// The metadata of every element that a caller sees in lists.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn elements_metadata(&self, caller: &Caller, expand: bool) -> Result<Vec<Value>, Error> {
        let usage = if expand { Some(self.used(caller).await?) } else { None };
        let mut all = Vec::new();
        for item in self.listed_elements(Some(caller)).await? {
            let told = self.described(item.found(), caller, expand).await?;
            all.push(with_usage(&told, item.found(), usage.as_ref()));
        }
        Ok(all)
    }

    /// What is told of an element, remembered until it changes.
    async fn described(&self, found: &Found, caller: &Caller, expand: bool) -> Result<Arc<Value>, Error> {
        let form = self.registry.form(&self.catalog, found.id(), Some(caller.account_id)).await?;
        if let Some(told) = self.registry.told.get(&(form, expand)) {
            return Ok(told);
        }
        let element = self.compiled(found, Some(caller)).await?;
        let told = Arc::new(described(found, &element, expand));
        self.registry.told.insert((form, expand), Arc::clone(&told));
        Ok(told)
    }

    /// How much the organization of a caller uses elements.
    async fn used(&self, caller: &Caller) -> Result<Used, Error> {
        let since = self.clock.now().minus(TRAFFIC);
        let found = self.store.elements_used(caller.organization_id, since).await.map_err(of_store)?;
        let instances = found.instances.into_iter().map(|(id, instances, accounts)| (id.get(), (instances, accounts)));
        Ok(Used { instances: instances.collect(), calls: found.calls.into_iter().collect() })
    }
}

/// Instances and accounts by element, calls by key.
struct Used {
    instances: HashMap<i64, (i64, i64)>,
    calls: HashMap<String, i64>,
}

fn with_usage(told: &Value, found: &Found, used: Option<&Used>) -> Value {
    let mut told = told.clone();
    if let Some(used) = used {
        let (instances, customers) = used.instances.get(&found.id().get()).copied().unwrap_or_default();
        let traffic = used.calls.get(found.key()).copied().unwrap_or_default();
        told["usage"] = json!({ "instanceCount": instances, "customerCount": customers, "traffic": traffic });
    }
    told
}

fn described(found: &Found, element: &Element, expand: bool) -> Value {
    let short = element.to_json(View::Abridged);
    let flag = |name: &str| json!(short[name].as_bool().unwrap_or(false));
    let events = Events::of(element);
    let mut told = json!({
        "id": found.id(),
        "key": found.key(),
        "name": element.name(),
        "description": element.description(),
        "displayOrder": short["displayOrder"].as_i64().unwrap_or(1),
        "active": element.is_active(),
        "beta": flag("beta"),
        "extended": flag("extended"),
        "defaultAuthentication": element.authentication().kind.key(),
        "events": events.to_json(),
    });
    if expand {
        let objects = objects(&element.to_json(View::Full));
        let more = json!({
            "image": short["image"].as_str().unwrap_or_default(),
            "transformations": flag("transformationsEnabled"),
            "elementType": if matches!(found, Found::Stored(_)) { "private" } else { "system" },
            "churros": false,
            "normalizedPaging": element.resources().iter().any(Resource::is_list),
            "swaggerValidated": false,
            "cloneable": flag("cloneable"),
            "authenticationType": element.authentication().kind.key(),
            "events": { "supported": events.is_supported(), "methods": events.methods() },
            "discovery": discovery(element, &objects),
            "bulk": { "upload": flag("bulkUploadEnabled"), "download": flag("bulkDownloadEnabled") },
            "api": api(element),
            "hub": element.hub(),
            "resources": resources(element, &events, &short, &objects),
        });
        if let (Value::Object(told), Value::Object(more)) = (&mut told, more) {
            told.extend(more);
        }
    }
    told
}

/// How an element tells of events: resource by resource, for each way.
struct Events {
    polling: Map<String, Value>,
    webhook: Map<String, Value>,
    /// What the definition names as the element's ways, though it says nothing of resources.
    ways: Vec<&'static str>,
}

impl Events {
    fn of(element: &Element) -> Self {
        let default = |key: &str| element.entry(key).and_then(|entry: &Entry| entry.default_value.as_deref());
        let parsed = |key: &str| match default(key).and_then(|text| serde_json::from_str(text).ok()) {
            Some(Value::Object(members)) => members,
            _ => Map::new(),
        };
        let mut stated = parsed("event.metadata");
        let mut of_way = |way: &str| match stated.shift_remove(way) {
            Some(Value::Object(resources)) => resources.into_iter().map(|(name, it)| (name, event(&it))).collect(),
            _ => Map::new(),
        };
        let (mut polling, webhook): (Map<_, _>, Map<_, _>) = (of_way("polling"), of_way("webhook"));
        let kind = default("event.vendor.type").unwrap_or_default().to_ascii_lowercase();
        let mut ways = Vec::new();
        if kind.contains("polling") || !polling.is_empty() {
            ways.push("polling");
            if polling.is_empty() {
                polling =
                    parsed("event.poller.configuration").into_iter().map(|(name, it)| (name, event(&it))).collect();
            }
        }
        if kind.contains("webhook") || !webhook.is_empty() {
            ways.push("webhook");
        }
        Self { polling, webhook, ways }
    }

    fn is_supported(&self) -> bool {
        !self.ways.is_empty()
    }

    fn methods(&self) -> Value {
        json!(self.ways)
    }

    fn to_json(&self) -> Value {
        let mut told = json!({ "supported": self.is_supported(), "methods": self.methods() });
        for (way, resources) in [("polling", &self.polling), ("webhook", &self.webhook)] {
            if !resources.is_empty() {
                told[way] = Value::Object(resources.clone());
            }
        }
        told
    }

    /// The same of one resource; what is said of `{objectName}` holds for every one.
    fn of_resource(&self, name: &str) -> Value {
        let (mut methods, mut kinds): (Vec<&str>, Vec<&Value>) = (Vec::new(), Vec::new());
        for (way, resources) in [("polling", &self.polling), ("webhook", &self.webhook)] {
            let Some(found) = resources.get(name).or_else(|| resources.get("{objectName}")) else { continue };
            methods.push(way);
            for kind in found["eventTypes"].as_array().into_iter().flatten() {
                if !kinds.contains(&kind) {
                    kinds.push(kind);
                }
            }
        }
        json!({ "supported": !methods.is_empty(), "methods": methods, "eventTypes": kinds })
    }
}

/// What is told of the events of a resource.
fn event(stated: &Value) -> Value {
    let mut told = match stated {
        Value::Object(members) if members.contains_key("eventTypes") => members.clone(),
        Value::Object(members) => {
            let url = members.get("url").or_else(|| members.get("pollUrl")).cloned();
            url.map(|url| ("pollUrl".to_owned(), url)).into_iter().collect()
        }
        _ => Map::new(),
    };
    told.entry("eventTypes").or_insert_with(|| json!(EVENT_TYPES));
    Value::Object(told)
}

fn api(element: &Element) -> Value {
    match element.protocol() {
        Protocol::Soap => json!({ "type": "soap", "contentType": "xml" }),
        Protocol::Http | Protocol::Odata => json!({ "type": "rest", "contentType": "json" }),
        other => json!({ "type": other.key(), "contentType": "json" }),
    }
}

fn discovery(element: &Element, objects: &[Value]) -> Value {
    let own = |path: &str| {
        let named = |resource: &&Resource| resource.method == Method::Get && generalised(resource) == path;
        element.resources_of(ResourceType::Api).find(named).is_some()
    };
    let generic = element.resources_of(ResourceType::Api).any(|resource| route_path(resource).starts_with("/{"));
    let custom_fields = objects.iter().any(|object| object["customFields"] == true);
    json!({
        "customFields": custom_fields,
        "customObjects": generic,
        "endpointCustomFields": own("/objects/{}/metadata"),
        "endpointCustomObjects": own("/objects"),
    })
}

/// The path of a resource without hub, the names of its variables left out.
fn generalised(resource: &Resource) -> String {
    let segments = route_path(resource).split('/');
    let segments = segments.map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn objects(whole: &Value) -> Vec<Value> {
    whole["objects"].as_array().cloned().unwrap_or_default()
}

fn resources(element: &Element, events: &Events, short: &Value, objects: &[Value]) -> Vec<Value> {
    let all = operations(element);
    let told = object_names(element).into_iter().map(|name| {
        let object = objects.iter().find(|object| object["name"] == *name);
        let flag = |member: &str| object.and_then(|object| object[member].as_bool());
        let bulk = |member: &str| flag(member).or_else(|| short[member].as_bool()).unwrap_or(false);
        let operations = all.get(&name).cloned().unwrap_or_default();
        let custom = flag("customFields").unwrap_or(false);
        let with_custom = |operation: &str| custom && operations.contains(&operation);
        json!({
            "canonicalName": name,
            "operations": operations,
            "events": events.of_resource(&name),
            "bulk": {
                "upload": { "supported": bulk("bulkUploadEnabled"), "native": false },
                "download": { "supported": bulk("bulkDownloadEnabled"), "native": false },
            },
            "customField": {
                "get": with_custom("SEARCH") || with_custom("RETRIEVE"),
                "create": with_custom("CREATE"),
                "update": with_custom("UPDATE"),
                "delete": with_custom("DELETE"),
            },
        })
    });
    told.collect()
}

/// What can be done with each object, by the resources of its name.
fn operations(element: &Element) -> HashMap<String, Vec<&'static str>> {
    let mut found: HashMap<String, Vec<&'static str>> = HashMap::new();
    for resource in element.resources_of(ResourceType::Api) {
        let path = generalised(resource);
        let mut segments = path.trim_start_matches('/').split('/');
        let (Some(name), rest, None) = (segments.next(), segments.next(), segments.next()) else { continue };
        let operation = match (resource.method, rest) {
            (Method::Get, None) => "SEARCH",
            (Method::Get, Some("{}")) => "RETRIEVE",
            (Method::Post, None) => "CREATE",
            (Method::Put | Method::Patch, Some("{}")) => "UPDATE",
            (Method::Delete, Some("{}")) => "DELETE",
            _ => continue,
        };
        let known = found.entry(name.to_owned()).or_default();
        if !known.contains(&operation) {
            known.push(operation);
        }
    }
    found
}
