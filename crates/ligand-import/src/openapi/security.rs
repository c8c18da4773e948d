//! Security schemes as the element's authentication: the way in that most of the chosen operations accept.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use url::Url;

use super::{Api, Operation};
use crate::{
    definition::{Way, cleaned, entry, parameter},
    remarks::Remarks,
};

/// Most scopes that are asked for when operations do not say which they need.
const MAX_SCOPES: usize = 20;

/// How an element proves itself.
#[derive(Debug)]
pub(super) struct Security {
    /// `authentication.type`.
    pub(super) kind: &'static str,
    pub(super) entries: Vec<Value>,
    /// Parameters of every request.
    pub(super) parameters: Vec<Value>,
}

/// What a scheme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Basic,
    Bearer,
    Key,
    Code,
    ClientCredentials,
    Password,
    /// Only for browsers: no token without a person, and none that lasts.
    Implicit,
    Unknown,
}

/// Chooses among the ways in.
pub(super) fn choose(api: Api<'_>, chosen: &[Operation<'_>], base: Option<&str>, remarks: &mut Remarks) -> Security {
    let schemes = schemes(api);
    let none = Security { kind: "none", entries: Vec::new(), parameters: Vec::new() };
    if schemes.is_empty() {
        return none;
    }
    let Some(names) = best(api, chosen, &schemes) else {
        remarks.add("security", "none of the document's ways in can be used here: add authentication by hand");
        return none;
    };
    let others: Vec<&str> =
        schemes.keys().map(String::as_str).filter(|name| !names.contains(&(*name).to_owned())).collect();
    if !others.is_empty() {
        let message = format!("{} is used; other ways in are {}", names.join(" with "), others.join(", "));
        remarks.add("security", cleaned(&message, 400));
    }
    let mut security = Security { kind: "none", ..none };
    let keys = names.iter().filter(|name| schemes.get(*name).is_some_and(|json| way(json) == Scheme::Key)).count();
    for name in &names {
        let Some(json) = schemes.get(name) else { continue };
        match way(json) {
            Scheme::Basic => security.kind = "basic",
            Scheme::Key => security.key(name, json, keys > 1),
            Scheme::Bearer | Scheme::Implicit => {
                if way(json) == Scheme::Implicit {
                    remarks.add("security", "the vendor gives tokens to browsers only: the user has to bring one");
                }
                security.bearer(json);
            }
            Scheme::Code => security.oauth("oauth2", json, &["authorizationCode", "accessCode"], name, chosen, base),
            Scheme::ClientCredentials => {
                security.oauth(
                    "oauth2ClientCredentials",
                    json,
                    &["clientCredentials", "application"],
                    name,
                    chosen,
                    base,
                );
            }
            Scheme::Password => security.oauth("oauth2Password", json, &["password"], name, chosen, base),
            Scheme::Unknown => {}
        }
    }
    security
}

/// The schemes of a document by name.
fn schemes(api: Api<'_>) -> BTreeMap<String, Value> {
    let schemes = if api.is_v2 {
        api.root.get("securityDefinitions")
    } else {
        api.root.get("components").and_then(|components| components.get("securitySchemes"))
    };
    let all = schemes.and_then(Value::as_object).into_iter().flatten();
    all.filter_map(|(name, json)| Some((name.clone(), api.followed(json)?.clone()))).collect()
}

fn way(json: &Value) -> Scheme {
    let text = |member: &str| json.get(member).and_then(Value::as_str).unwrap_or_default();
    match text("type") {
        "basic" => Scheme::Basic,
        "http" => match text("scheme").to_ascii_lowercase().as_str() {
            "basic" => Scheme::Basic,
            "bearer" => Scheme::Bearer,
            _ => Scheme::Unknown,
        },
        "apiKey" if !text("name").is_empty() && matches!(text("in"), "header" | "query" | "cookie") => Scheme::Key,
        "oauth2" => {
            let has = |names: &[&str]| {
                names.contains(&text("flow"))
                    || names.iter().any(|name| json.get("flows").is_some_and(|flows| flows.get(*name).is_some()))
            };
            if has(&["authorizationCode", "accessCode"]) {
                Scheme::Code
            } else if has(&["clientCredentials", "application"]) {
                Scheme::ClientCredentials
            } else if has(&["password"]) {
                Scheme::Password
            } else {
                Scheme::Implicit
            }
        }
        "openIdConnect" => Scheme::Implicit,
        _ => Scheme::Unknown,
    }
}

/// The names of the schemes that most operations accept together.
fn best(api: Api<'_>, chosen: &[Operation<'_>], schemes: &BTreeMap<String, Value>) -> Option<Vec<String>> {
    let usable = |names: &[String]| {
        let ways: Vec<Scheme> = names.iter().map(|name| schemes.get(name).map_or(Scheme::Unknown, way)).collect();
        let main = ways.iter().filter(|way| **way != Scheme::Key).count();
        !names.is_empty() && main <= 1 && !ways.contains(&Scheme::Unknown)
    };
    let mut counts: Vec<(Vec<String>, usize)> = Vec::new();
    for operation in chosen {
        let stated = operation.json.get("security").or_else(|| api.root.get("security")).and_then(Value::as_array);
        for alternative in stated.into_iter().flatten().filter_map(Value::as_object) {
            let mut names: Vec<String> = alternative.keys().cloned().collect();
            names.sort();
            match counts.iter_mut().find(|(known, _)| *known == names) {
                Some((_, count)) => *count += 1,
                None if usable(&names) => counts.push((names, 1)),
                None => {}
            }
        }
    }
    let rank =
        |names: &[String]| names.iter().map(|name| schemes.get(name).map_or(9, |json| preference(way(json)))).max();
    if counts.is_empty() {
        let alone = schemes.keys().map(|name| (vec![name.clone()], 1)).filter(|(names, _)| usable(names));
        counts.extend(alone);
    }
    let most = counts.iter().map(|(_, count)| *count).max()?;
    // What is accepted nearly everywhere competes by how easily a user comes by it.
    let near = counts.into_iter().filter(|(_, count)| *count * 10 >= most * 9);
    near.min_by_key(|(names, _)| (rank(names), names.len())).map(|(names, _)| names)
}

fn preference(way: Scheme) -> u8 {
    match way {
        Scheme::Code => 0,
        Scheme::Key => 1,
        Scheme::Bearer => 2,
        Scheme::Basic => 3,
        Scheme::ClientCredentials => 4,
        Scheme::Password => 5,
        Scheme::Implicit => 6,
        Scheme::Unknown => 7,
    }
}

impl Security {
    fn key(&mut self, scheme: &str, json: &Value, is_one_of_several: bool) {
        let text = |member: &str| json.get(member).and_then(Value::as_str).unwrap_or_default();
        let plain: String = scheme.chars().filter(char::is_ascii_alphanumeric).take(60).collect();
        let key = if is_one_of_several { format!("api.key.{plain}") } else { "api.key".to_owned() };
        let name = if is_one_of_several { cleaned(scheme, 60) } else { "API Key".to_owned() };
        self.entries.push(secret(&key, &name, json));
        let vendor_name = text("name");
        let parameter = match text("in") {
            "cookie" => parameter(&format!("{vendor_name}=${{configuration.{key}}}"), "Cookie", Way("value", "header")),
            place => {
                parameter(&key, vendor_name, Way("configuration", if place == "query" { "query" } else { "header" }))
            }
        };
        self.parameters.push(Value::Object(parameter));
        if self.kind == "none" {
            self.kind = "apiKey";
        }
    }

    fn bearer(&mut self, json: &Value) {
        self.kind = "custom";
        self.entries.push(secret("access.token", "Access Token", json));
        let header = parameter("Bearer ${configuration.access.token}", "Authorization", Way("value", "header"));
        self.parameters.push(Value::Object(header));
    }

    fn oauth(
        &mut self,
        kind: &'static str,
        json: &Value,
        flows: &[&str],
        scheme: &str,
        chosen: &[Operation<'_>],
        base: Option<&str>,
    ) {
        self.kind = kind;
        let flow = flows.iter().find_map(|name| json.get("flows")?.get(*name)).unwrap_or(json);
        let address = |member: &str| flow.get(member).and_then(Value::as_str).and_then(|text| absolute(text, base));
        let scopes = scopes(flow, scheme, chosen);
        let known = [
            ("oauth.authorization.url", address("authorizationUrl").filter(|_| kind == "oauth2")),
            ("oauth.token.url", address("tokenUrl")),
            ("oauth.token.refresh_url", address("refreshUrl").or_else(|| address("tokenUrl"))),
            ("oauth.scope", Some(scopes).filter(|scopes| !scopes.is_empty())),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                self.entries.push(serde_json::json!({ "key": key, "defaultValue": value }));
            }
        }
        if kind != "oauth2" {
            self.entries.push(serde_json::json!({ "key": "oauth.api.key" }));
            self.entries.push(serde_json::json!({ "key": "oauth.api.secret" }));
        }
        if kind == "oauth2Password" {
            self.entries.push(serde_json::json!({ "key": "username" }));
            self.entries.push(serde_json::json!({ "key": "password" }));
        }
    }
}

/// An entry for something secret that the user brings.
fn secret(key: &str, name: &str, json: &Value) -> Value {
    let mut entry: Map<String, Value> = entry(key, name, "PASSWORD", true);
    crate::definition::describe(&mut entry, "description", json.get("description").and_then(Value::as_str), false);
    Value::Object(entry)
}

/// An address, which may be relative to the vendor's.
fn absolute(text: &str, base: Option<&str>) -> Option<String> {
    let text = text.trim();
    if text.contains(['{', '}']) {
        return Some(text.to_owned()).filter(|text| text.starts_with("https://"));
    }
    let url = match Url::parse(text) {
        Ok(url) => url,
        Err(_) => Url::parse(&format!("{}/", base?.trim_end_matches('/'))).ok()?.join(text).ok()?,
    };
    matches!(url.scheme(), "http" | "https").then(|| url.to_string())
}

/// The scopes that the chosen operations need, else those that there are, if they are few.
fn scopes(flow: &Value, scheme: &str, chosen: &[Operation<'_>]) -> String {
    let declared: Vec<&String> =
        flow.get("scopes").and_then(Value::as_object).into_iter().flat_map(Map::keys).collect();
    let needs = |operation: &Operation<'_>| -> Vec<String> {
        let stated = operation.json.get("security").and_then(Value::as_array).into_iter().flatten();
        let scopes = stated.filter_map(|alternative| alternative.get(scheme)?.as_array()).flatten();
        scopes.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let needed: BTreeSet<String> = chosen.iter().flat_map(needs).collect();
    let scopes: Vec<&str> = if needed.is_empty() {
        declared.iter().map(|scope| scope.as_str()).filter(|_| declared.len() <= MAX_SCOPES).collect()
    } else {
        needed.iter().map(String::as_str).collect()
    };
    let plain = scopes.into_iter().filter(|scope| !scope.is_empty() && !scope.contains(char::is_whitespace));
    plain.collect::<Vec<_>>().join(" ")
}
