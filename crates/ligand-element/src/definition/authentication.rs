//! Reads the `authentication` member: the type, where the credentials are, what is signed and how.

use serde_json::{Map, Value};

use super::listed;
use crate::{
    Authentication,
    authentication::{ASSERTION_KEY, Algorithm, AssertionRules, AuthenticationType},
    message::Message,
    node::Node,
    reader::Reader,
};

/// How long assertions are valid where a definition does not say, and the longest that one may say.
const LIFETIME_SECONDS: i64 = 300;
const LONGEST_LIFETIME_SECONDS: i64 = 24 * 3600;

pub(super) fn read(reader: &Reader<'_>) -> Authentication {
    let Some(inner) = reader.mapping("authentication") else {
        reader.problem_at(reader.place(), reader.path(), "authentication is missing");
        return Authentication::of(AuthenticationType::None);
    };
    if inner.node("type").is_none() {
        reader.problem_at(inner.place(), inner.path(), "type is missing");
    }
    let kind =
        inner.word("type", AuthenticationType::from_key, || listed(AuthenticationType::ALL, AuthenticationType::key));
    let kind = kind.unwrap_or(AuthenticationType::None);
    let mut authentication = Authentication::of(kind);
    if let Some(key) = inner.text("username") {
        key.clone_into(&mut authentication.username_key);
    }
    if let Some(key) = inner.text("password") {
        key.clone_into(&mut authentication.password_key);
    }
    if kind.is_aws() {
        authentication.service = inner.owned("service");
        keep(&mut authentication.defined, &inner, &["service"]);
    }
    if kind.gets_tokens() {
        authentication.assertion = match inner.mapping("assertion") {
            Some(inner) => Some(assertion(&inner)),
            None => (kind == AuthenticationType::JwtOauth).then(standard_assertion),
        };
        keep(&mut authentication.defined, &inner, &["assertion"]);
    }
    inner.unknown();
    authentication
}

/// Keeps members as they are, to be shown again.
fn keep(defined: &mut Map<String, Value>, reader: &Reader<'_>, names: &[&str]) {
    for name in names {
        if let Some(node) = reader.node(name) {
            defined.insert((*name).to_owned(), node.to_value());
        }
    }
}

fn assertion(reader: &Reader<'_>) -> AssertionRules {
    let algorithm = reader.word("algorithm", Algorithm::from_key, || listed(Algorithm::ALL, Algorithm::key));
    let lifetime = reader.integer("lifetime").unwrap_or(LIFETIME_SECONDS);
    if !(1..=LONGEST_LIFETIME_SECONDS).contains(&lifetime) {
        reader.problem("lifetime", format!("must be a number of seconds, at most {LONGEST_LIFETIME_SECONDS}"));
    }
    let assertion = AssertionRules {
        algorithm: algorithm.unwrap_or(Algorithm::Rs256),
        key: reader.owned("key").unwrap_or_else(|| ASSERTION_KEY.to_owned()),
        header: message(reader, "header").unwrap_or_else(|| compiled(&Value::Object(Map::new()))),
        claims: message(reader, "claims").unwrap_or_else(|| compiled(&standard_claims())),
        lifetime_seconds: lifetime,
    };
    reader.unknown();
    assertion
}

fn message(reader: &Reader<'_>, name: &'static str) -> Option<Message> {
    let value = reader.value(name)?;
    if !value.is_object() {
        reader.problem(name, "must be a mapping");
        return None;
    }
    let compiled = Message::compile(&value);
    let report = |problems: Vec<(String, String)>| {
        for (path, message) in problems {
            let place = reader.node(name).map_or(reader.place(), |node: &Node| node.place);
            reader.problem_at(place, format!("{}.{path}", reader.path_of(name)), message);
        }
    };
    compiled.map_err(report).ok()
}

/// The assertion of a definition that says nothing of one: the client speaks for itself, to the token endpoint.
fn standard_assertion() -> AssertionRules {
    AssertionRules {
        algorithm: Algorithm::Rs256,
        key: ASSERTION_KEY.to_owned(),
        header: compiled(&Value::Object(Map::new())),
        claims: compiled(&standard_claims()),
        lifetime_seconds: LIFETIME_SECONDS,
    }
}

fn standard_claims() -> Value {
    serde_json::json!({
        "iss": "${configuration.oauth.api.key}",
        "sub": "${configuration.oauth.api.key}",
        "aud": "${configuration.oauth.token.url}",
    })
}

fn compiled(value: &Value) -> Message {
    Message::compile(value).expect("it is valid as it stands in the program")
}
