//! What a caller asks of an instance: the JSON body, checked member by member, all problems at once.

use ligand_domain::{
    Error,
    configuration::MASK,
    instance::{ExternalAuthentication, Settings},
    text::strip_markup,
};
use serde_json::{Map, Value};

/// The longest name or tag, in characters, before markup is taken out.
const NAME_MAX_CHARS: usize = 1000;
/// The most tags of one instance.
const TAGS_MAX: usize = 200;
/// The most configuration entries that one request may carry.
const ENTRIES_MAX: usize = 2000;

/// How an element is named in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// By number; wins over a key.
    Id(String),
    /// By key.
    Key(String),
}

/// Whether the body makes an instance or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// `name` is required.
    Create,
    /// Every member is optional.
    Change,
}

/// A checked body of `POST`, `PUT` and `PATCH`.
#[derive(Debug, Default)]
pub struct Request {
    pub(crate) element: Option<Reference>,
    pub(crate) name: Option<String>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) configuration: Option<Map<String, Value>>,
    pub(crate) provider_data: Option<Map<String, Value>>,
    /// The OAuth proxy whose application is used.
    pub(crate) oauth_proxy: Option<Map<String, Value>>,
    pub(crate) external_authentication: Option<ExternalAuthentication>,
    pub(crate) caching_enabled: Option<bool>,
    pub(crate) max_cache_size: Option<i64>,
    pub(crate) cache_time_to_live_seconds: Option<i64>,
    pub(crate) trace_logging_enabled: Option<bool>,
    pub(crate) retrieve_objects: bool,
    /// What is wrong with `name`, kept apart so that a creation can report it beside missing configuration.
    pub(crate) name_problem: Option<String>,
}

impl Request {
    /// Checks a body.
    ///
    /// # Errors
    /// Invalid, one message naming every member that is wrong.
    pub fn read(mut body: Map<String, Value>, mode: Mode) -> Result<Self, Error> {
        let mut problems = Vec::new();
        let mut request = Self {
            element: element(body.get("element"), &mut problems),
            tags: tags(body.get("tags"), &mut problems),
            configuration: object(body.remove("configuration"), "configuration", &mut problems),
            provider_data: match body.remove("providerData") {
                Some(Value::Object(data)) => Some(data),
                _ => None,
            },
            oauth_proxy: object(body.remove("oauthProxy"), "oauthProxy", &mut problems),
            caching_enabled: boolean(body.get("cachingEnabled"), "cachingEnabled", &mut problems),
            max_cache_size: count(body.get("maxCacheSize"), "maxCacheSize", &mut problems),
            cache_time_to_live_seconds: count(body.get("cacheTimeToLive"), "cacheTimeToLive", &mut problems),
            trace_logging_enabled: boolean(body.get("traceLoggingEnabled"), "traceLoggingEnabled", &mut problems),
            external_authentication: external(body.get("externalAuthentication"), &mut problems),
            ..Self::default()
        };
        if mode == Mode::Change && body.contains_key("createdDate") {
            request.forget_tokens();
        }
        request.retrieve_objects =
            boolean(body.get("retrieveObjectsAfterInstantiation"), "retrieveObjectsAfterInstantiation", &mut problems)
                .unwrap_or(false);
        match name(body.get("name"), mode) {
            Ok(name) => request.name = name,
            Err(problem) => request.name_problem = Some(problem),
        }
        if request.configuration.as_ref().is_some_and(|entries| entries.len() > ENTRIES_MAX) {
            problems.push(format!("configuration must have at most {ENTRIES_MAX} entries"));
        }
        if mode == Mode::Change {
            problems.extend(request.name_problem.take());
        }
        if problems.is_empty() { Ok(request) } else { Err(invalid(&problems)) }
    }

    /// Leaves tokens out of what is an instance object that the caller got earlier: they may have been renewed since, and
    /// the old ones would put an end to the grant.
    fn forget_tokens(&mut self) {
        if self.external_authentication == Some(ExternalAuthentication::Full) {
            return;
        }
        if let Some(entries) = &mut self.configuration {
            entries.retain(|key, _| !(key.starts_with("oauth.user.") || key == "expires_in"));
        }
    }

    /// The element that the body names.
    #[must_use]
    pub fn element(&self) -> Option<&Reference> {
        self.element.as_ref()
    }

    /// Whether the provider data has a text of this name.
    pub(crate) fn brings(&self, member: &str) -> bool {
        let value = self.provider_data.as_ref().and_then(|data| data.get(member)).and_then(Value::as_str);
        value.is_some_and(|text| !text.trim().is_empty())
    }

    /// Whether the configuration sets this key to a text of its own.
    pub(crate) fn sets(&self, key: &str) -> bool {
        let value = self.configuration.as_ref().and_then(|entries| entries.get(key)).and_then(Value::as_str);
        value.is_some_and(|text| !text.trim().is_empty() && text != MASK)
    }

    /// Refuses a creation whose name is missing or wrong.
    pub(crate) fn demand_name(&self) -> Result<(), Error> {
        match &self.name_problem {
            Some(problem) => Err(Error::invalid("body-invalid", problem.clone())),
            None => Ok(()),
        }
    }

    /// Whether the conversation with the vendor is to be recorded.
    #[must_use]
    pub fn debug(&self) -> bool {
        let on = |entries: &Option<Map<String, Value>>| {
            entries.as_ref().and_then(|entries| entries.get("debug")).is_some_and(|value| match value {
                Value::Bool(on) => *on,
                Value::String(text) => text.eq_ignore_ascii_case("true"),
                _ => false,
            })
        };
        on(&self.configuration) || on(&self.provider_data)
    }

    pub(crate) fn apply_settings(&self, settings: &mut Settings) {
        settings.caching_enabled = self.caching_enabled.unwrap_or(settings.caching_enabled);
        settings.max_cache_size = self.max_cache_size.unwrap_or(settings.max_cache_size);
        settings.cache_time_to_live_seconds =
            self.cache_time_to_live_seconds.unwrap_or(settings.cache_time_to_live_seconds);
        settings.trace_logging_enabled = self.trace_logging_enabled.unwrap_or(settings.trace_logging_enabled);
        settings.external_authentication = self.external_authentication.unwrap_or(settings.external_authentication);
    }
}

pub(crate) fn invalid(problems: &[String]) -> Error {
    Error::invalid("body-invalid", problems.join("; "))
}

fn name(value: Option<&Value>, mode: Mode) -> Result<Option<String>, String> {
    let text = match value {
        None | Some(Value::Null) if mode == Mode::Change => return Ok(None),
        None | Some(Value::Null) => return Err("name is required".to_owned()),
        Some(Value::String(text)) => text,
        Some(_) => return Err("name must be a string".to_owned()),
    };
    let clean = clean(text, "name")?;
    if clean.is_empty() { Err("name must not be blank".to_owned()) } else { Ok(Some(clean)) }
}

fn clean(text: &str, member: &str) -> Result<String, String> {
    if text.chars().count() > NAME_MAX_CHARS {
        return Err(format!("{member} must have at most {NAME_MAX_CHARS} characters"));
    }
    if text.contains('\0') {
        return Err(format!("{member} must not contain a NUL character"));
    }
    Ok(strip_markup(text))
}

fn element(value: Option<&Value>, problems: &mut Vec<String>) -> Option<Reference> {
    let value = value?;
    let Value::Object(element) = value else {
        if !value.is_null() {
            problems.push("element must be an object with a key or an id".to_owned());
        }
        return None;
    };
    match element.get("id") {
        None | Some(Value::Null) => {}
        Some(Value::Number(id)) => return Some(Reference::Id(id.to_string())),
        Some(Value::String(id)) => return Some(Reference::Id(id.trim().to_owned())),
        Some(_) => problems.push("element.id must be a number".to_owned()),
    }
    match element.get("key") {
        Some(Value::String(key)) if !key.trim().is_empty() => Some(Reference::Key(key.trim().to_owned())),
        None | Some(Value::Null | Value::String(_)) => None,
        Some(_) => {
            problems.push("element.key must be a string".to_owned());
            None
        }
    }
}

fn tags(value: Option<&Value>, problems: &mut Vec<String>) -> Option<Vec<String>> {
    let items = match value? {
        Value::Null => return None,
        Value::Array(items) => items,
        _ => {
            problems.push("tags must be an array of strings".to_owned());
            return None;
        }
    };
    if items.len() > TAGS_MAX {
        problems.push(format!("tags must have at most {TAGS_MAX} items"));
        return None;
    }
    let mut tags: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let Value::String(text) = item else {
            problems.push("tags must be an array of strings".to_owned());
            return None;
        };
        match clean(text, "tags") {
            Ok(tag) if tag.is_empty() || tags.contains(&tag) => {}
            Ok(tag) => tags.push(tag),
            Err(problem) => problems.push(problem),
        }
    }
    Some(tags)
}

fn object(value: Option<Value>, member: &str, problems: &mut Vec<String>) -> Option<Map<String, Value>> {
    match value? {
        Value::Null => None,
        Value::Object(entries) => Some(entries),
        _ => {
            problems.push(format!("{member} must be an object"));
            None
        }
    }
}

fn boolean(value: Option<&Value>, member: &str, problems: &mut Vec<String>) -> Option<bool> {
    match value? {
        Value::Null => None,
        Value::Bool(value) => Some(*value),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => {
            problems.push(format!("{member} must be true or false"));
            None
        }
    }
}

fn count(value: Option<&Value>, member: &str, problems: &mut Vec<String>) -> Option<i64> {
    let value = value?;
    if value.is_null() {
        return None;
    }
    let number = value.as_i64().filter(|number| (0..=i64::from(i32::MAX)).contains(number));
    if number.is_none() {
        problems.push(format!("{member} must be a whole number from 0 to {}", i32::MAX));
    }
    number
}

fn external(value: Option<&Value>, problems: &mut Vec<String>) -> Option<ExternalAuthentication> {
    let value = value?;
    if value.is_null() {
        return None;
    }
    let kind = value.as_str().and_then(ExternalAuthentication::from_key);
    if kind.is_none() {
        problems.push("externalAuthentication must be one of none, initial, full".to_owned());
    }
    kind
}
