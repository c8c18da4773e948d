//! Where the vendor is: the base of all addresses, and servers of single operations.

use serde_json::{Value, json};

use super::{Api, Operation};
use crate::{
    definition::{cleaned, entry},
    remarks::Remarks,
};

/// The base of addresses.
#[derive(Debug, Default)]
pub(super) struct Base {
    /// The template of `base.url`; none when the document does not say which host it is.
    pub(super) address: Option<String>,
    /// Entries for the template's names.
    pub(super) entries: Vec<Value>,
}

/// Reads the document's first server, the first with TLS if there are several.
pub(super) fn base(api: Api<'_>, remarks: &mut Remarks) -> Base {
    if api.is_v2 {
        return v2_base(api, remarks);
    }
    let servers = servers_of(api.root);
    if servers.len() > 1 {
        let others = servers.iter().filter_map(|server| server.get("url")?.as_str()).collect::<Vec<_>>().join(", ");
        remarks.add("servers", format!("base.url is one of several: {}", cleaned(&others, 400)));
    }
    let Some(server) = chosen(&servers).filter(|server| is_absolute(url_of(server))) else {
        remarks.add("servers", "the document does not say where the vendor is: base.url has to be given");
        return Base::default();
    };
    let mut entries = Vec::new();
    let address = filled(server, |name, default, values| {
        if default.contains('/') || name.is_empty() {
            return default.to_owned();
        }
        let plain: String = name.chars().map(|each| if each.is_ascii_alphanumeric() { each } else { '_' }).collect();
        let key = format!("server.{plain}");
        let mut entry = entry(&key, &plain, "TEXTFIELD_1000", default.is_empty());
        if !default.is_empty() {
            entry.insert("defaultValue".to_owned(), Value::from(default));
        }
        if !values.is_empty() {
            let option = |value: &&str| json!({ "value": value, "description": value });
            entry.insert("options".to_owned(), values.iter().take(100).map(option).collect());
        }
        if entries.iter().all(|known: &Value| known["key"] != key) {
            entries.push(Value::Object(entry));
        }
        format!("{{{key}}}")
    });
    Base { address: Some(address), entries }
}

fn v2_base(api: Api<'_>, remarks: &mut Remarks) -> Base {
    let text = |member: &str| api.root.get(member).and_then(Value::as_str);
    let schemes = api.root.get("schemes").and_then(Value::as_array);
    let schemes: Vec<&str> = schemes.into_iter().flatten().filter_map(Value::as_str).collect();
    let scheme = ["https", "http"].into_iter().find(|scheme| schemes.contains(scheme)).unwrap_or("https");
    let host = text("host").map(|host| host.trim().trim_matches('/')).filter(|host| !host.is_empty());
    match host.filter(|host| !host.contains(['{', '}', '/', ' ', '?', '#', '@'])) {
        Some(host) => {
            let path = text("basePath").unwrap_or_default().trim_matches('/');
            let address =
                if path.is_empty() { format!("{scheme}://{host}") } else { format!("{scheme}://{host}/{path}") };
            Base { address: Some(plain(&address)), entries: Vec::new() }
        }
        None => {
            remarks.add("host", "the document does not say where the vendor is: base.url has to be given");
            Base::default()
        }
    }
}

/// What stands before every path where the base has to be given by the user.
pub(super) fn relative_prefix(api: Api<'_>) -> String {
    let path = if api.is_v2 {
        let has_host = v2_base(api, &mut Remarks::default()).address.is_some();
        let path = api.root.get("basePath").and_then(Value::as_str);
        path.filter(|_| !has_host).unwrap_or_default().to_owned()
    } else {
        let servers = servers_of(api.root);
        let server = chosen(&servers).filter(|server| !is_absolute(url_of(server)));
        server.map(|server| filled(server, |_, default, _| default.to_owned())).unwrap_or_default()
    };
    let path = plain(&path);
    let path = path.trim_start_matches('.').trim_matches('/');
    if path.is_empty() || path.contains([':', '{', ' ']) || path.contains("..") {
        String::new()
    } else {
        format!("/{path}")
    }
}

/// The address of an operation's own server, else that of its path.
pub(super) fn of_operation(api: Api<'_>, operation: Operation<'_>) -> Option<String> {
    if api.is_v2 {
        return None;
    }
    [operation.json, operation.item].into_iter().find_map(|owner| {
        let servers = servers_of(owner);
        let server = chosen(&servers).filter(|server| is_absolute(url_of(server)))?;
        Some(filled(server, |_, default, _| default.to_owned()))
    })
}

fn servers_of(owner: &Value) -> Vec<&Value> {
    owner.get("servers").and_then(Value::as_array).into_iter().flatten().collect()
}

fn chosen<'a>(servers: &[&'a Value]) -> Option<&'a Value> {
    let safe = servers.iter().find(|server| url_of(server).starts_with("https://"));
    safe.or_else(|| servers.iter().find(|server| is_absolute(url_of(server)))).or_else(|| servers.first()).copied()
}

fn url_of(server: &Value) -> &str {
    server.get("url").and_then(Value::as_str).unwrap_or_default().trim()
}

fn is_absolute(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
}

/// A server's address, its variables filled: by name, default and possible values.
fn filled(server: &Value, mut fill: impl FnMut(&str, &str, &[&str]) -> String) -> String {
    let mut text = String::new();
    let url = plain(url_of(server));
    let mut rest = url.as_str();
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        let variable = server.get("variables").and_then(|variables| variables.get(name));
        let default = variable.and_then(|variable| variable.get("default")).and_then(Value::as_str).unwrap_or_default();
        let values = variable.and_then(|variable| variable.get("enum")).and_then(Value::as_array);
        let values: Vec<&str> = values.into_iter().flatten().filter_map(Value::as_str).collect();
        text.push_str(&before.replace('}', ""));
        text.push_str(&fill(name, default, &values));
        rest = after;
    }
    text.push_str(&rest.replace(['{', '}'], ""));
    text.trim_end_matches('/').to_owned()
}

/// An address without query, fragment, white space and what is before an `@`.
fn plain(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let address: String =
        address.chars().filter(|each| !each.is_whitespace() && !each.is_control() && *each != '\\').collect();
    match address.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.split_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://{rest}"),
        None => address,
    }
}
