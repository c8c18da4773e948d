//! Instances and their configuration entries on the wire.

use axum::response::Response;
use bytes::Bytes;
use http::HeaderValue;
use ligand_app::{
    catalog::View,
    events::callback_url,
    instances::{Entry, Loaded, Owner},
};
use serde_json::{Map, Value, json};

use crate::json;

const EVENTS_ENABLED: &str = "event.notification.enabled";
const SUBSCRIPTION_ID: &str = "event.notification.subscription.id";
/// Members of the element in the short form of a list, beside its flags.
const LIGHT_ELEMENT: [&str; 4] = ["id", "name", "key", "image"];

/// The instance object.
pub(crate) fn full(loaded: &Loaded) -> Value {
    let (instance, settings) = (&loaded.instance, &loaded.instance.settings);
    let mut wire = Map::new();
    let mut put = |name: &str, value: Value| wire.insert(name.to_owned(), value);
    put("id", json!(instance.id));
    put("name", json!(instance.name));
    put("createdDate", json!(instance.created_at.to_iso_seconds()));
    put("token", json!(instance.token.expose()));
    put("element", loaded.element.to_json(View::Embedded));
    put("elementId", json!(loaded.element.id()));
    put("tags", json!(instance.tags));
    put("provisionInteractions", json!([]));
    put("valid", json!(instance.valid));
    put("disabled", json!(instance.disabled));
    put("maxCacheSize", json!(settings.max_cache_size));
    put("cacheTimeToLive", json!(settings.cache_time_to_live_seconds));
    put("configuration", Value::Object(loaded.masked_configuration()));
    put("eventsEnabled", json!(instance.configuration.get(EVENTS_ENABLED) == Some("true")));
    if let Some(url) = callback_url(&instance.configuration) {
        put("eventsNotificationCallbackUrl", json!(url));
    }
    let subscription = instance.configuration.get(SUBSCRIPTION_ID).and_then(|id| id.parse::<i64>().ok());
    if let Some(id) = subscription.filter(|_| instance.configuration.get(EVENTS_ENABLED) == Some("true")) {
        put("subscriptionId", json!(id));
    }
    put("traceLoggingEnabled", json!(settings.trace_logging_enabled));
    put("cachingEnabled", json!(settings.caching_enabled));
    put("externalAuthentication", json!(settings.external_authentication.key()));
    put("user", owner(&loaded.owner));
    Value::Object(wire)
}

/// The short form of a list: no configuration, and of the element what a list shows.
pub(crate) fn light(loaded: &Loaded) -> Value {
    let mut wire = full(loaded);
    if let Value::Object(members) = &mut wire {
        members.shift_remove("configuration");
    }
    if let Value::Object(element) = &mut wire["element"] {
        element.retain(|name, value| LIGHT_ELEMENT.contains(&name.as_str()) || value.is_boolean());
    }
    wire
}

/// The instance object, written out once per revision.
pub(crate) fn written(loaded: &Loaded) -> Bytes {
    loaded.written.whole.get_or_init(|| Bytes::from(full(loaded).to_string())).clone()
}

/// The list of configuration entries, written out once per revision.
pub(crate) fn entries(loaded: &Loaded) -> Response {
    let body = loaded.written.configuration.get_or_init(|| {
        let entries: Vec<Value> = loaded.entries().iter().map(|entry| self::entry(loaded, entry)).collect();
        Bytes::from(Value::Array(entries).to_string())
    });
    let mut response = json::written(body.clone());
    response.headers_mut().insert(json::RETURNED_COUNT, HeaderValue::from(loaded.instance.configuration.len()));
    response
}

/// One configuration entry. A null value is written: clients tell it from an empty one.
pub(crate) fn entry(loaded: &Loaded, entry: &Entry) -> Value {
    let mut wire = json!({ "id": entry.id, "key": entry.key });
    if let Some(defined) = loaded.element.entry(&entry.key) {
        wire["name"] = json!(defined.name);
        wire["description"] = json!(defined.description);
        wire["type"] = json!(defined.kind.to_string());
        wire["required"] = json!(defined.required);
        wire["hideFromConsole"] = json!(defined.hide_from_console);
    } else {
        wire["name"] = json!(entry.key);
    }
    wire["propertyValue"] = entry.value.clone();
    wire
}

fn owner(owner: &Owner) -> Value {
    json!({
        "id": owner.id,
        "emailAddress": owner.email,
        "firstName": owner.first_name,
        "lastName": owner.last_name,
    })
}
