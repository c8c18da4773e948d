//! Where the polled resources of an instance are written: `event.metadata` with `event.objects`, else
//! `event.poller.configuration`, else `event.poller.urls` in its old form.

use ligand_domain::{
    Configuration,
    dates::{DateFormat, Zone},
};
use serde_json::{Map, Value};

use super::{DateField, Dates, Polled};

/// The tolerance between the date of creation and that of change, in seconds, unless one is given.
const CREATED_TOLERANCE: i64 = 10;
/// The key of `event.metadata` that stands for any object.
const TEMPLATE: &str = "{objectName}";
/// How many resources of an instance are polled at most.
const MAX_RESOURCES: usize = 200;

/// What of a poller's configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The resource; empty for the configuration as a whole.
    pub name: String,
    /// What is wrong.
    pub message: String,
}

/// The polled resources of an instance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Polling {
    /// In the order of polling.
    pub resources: Vec<Polled>,
    /// What cannot be polled, and why.
    pub problems: Vec<Problem>,
}

/// Reads what an instance's effective configuration says about polling.
#[must_use]
pub fn polling(configuration: &Configuration) -> Polling {
    let given = |key: &str| configuration.get(key).map(str::trim).filter(|text| !text.is_empty() && *text != "null");
    let mut polling = Polling::default();
    if let Some(metadata) = given("event.metadata") {
        polling.read_metadata(metadata, given("event.objects").unwrap_or_default());
    } else if let Some(text) = given("event.poller.configuration") {
        let urls = given("event.poller.urls").filter(|urls| !is_legacy(urls));
        polling.read_configuration(text, &urls.map(names).unwrap_or_default());
    } else if let Some(urls) = given("event.poller.urls") {
        polling.read_legacy(urls);
    }
    if polling.resources.len() > MAX_RESOURCES {
        polling.resources.truncate(MAX_RESOURCES);
        polling.problem("", format!("no more than {MAX_RESOURCES} resources are polled"));
    }
    polling
}

impl Polling {
    fn problem(&mut self, name: &str, message: impl Into<String>) {
        self.problems.push(Problem { name: name.to_owned(), message: message.into() });
    }

    fn read_metadata(&mut self, metadata: &str, objects: &str) {
        let Some(metadata) = object(metadata) else {
            return self.problem("", "event.metadata is not a JSON object");
        };
        let none = Map::new();
        let resources = metadata.get("polling").and_then(Value::as_object).unwrap_or(&none);
        for name in objects.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let own = resources.get(name).cloned();
            let template = || resources.get(TEMPLATE).map(|template| filled(template, name));
            match own.or_else(template) {
                Some(Value::Object(members)) => self.read(name, &members),
                _ => self.problem(name, "event.metadata does not say how it is polled"),
            }
        }
    }

    /// `only`: the names of the resources that are polled; all when empty.
    fn read_configuration(&mut self, text: &str, only: &[&str]) {
        let Some(resources) = object(text) else {
            return self.problem("", "event.poller.configuration is not a JSON object");
        };
        let is_wanted = |name: &str| only.is_empty() || only.contains(&name);
        for (name, members) in resources.iter().filter(|(name, _)| is_wanted(name)) {
            match members {
                Value::Object(members) => self.read(name, members),
                _ => self.problem(name, "is not a JSON object"),
            }
        }
    }

    /// One resource a line: `resource|url|filter|updated field|format|zone|created field|format|zone`.
    fn read_legacy(&mut self, text: &str) {
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut parts = line.split('|').map(str::trim);
            let mut next = || parts.next().unwrap_or_default().to_owned();
            let [name, url, records_path] = [next(), next(), next()];
            let [updated, updated_format, updated_zone] = [next(), next(), next()];
            let [created, created_format, created_zone] = [next(), next(), next()];
            let mut members = Map::new();
            members.insert("url".to_owned(), url.into());
            members.insert("idField".to_owned(), "id".into());
            if !updated.is_empty() {
                let dates = [
                    ("updatedDateField", updated),
                    ("updatedDateFormat", updated_format),
                    ("updatedDateTimezone", updated_zone),
                    ("createdDateField", created),
                    ("createdDateFormat", created_format),
                    ("createdDateTimezone", created_zone),
                ];
                let dates = dates.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
                members.insert("datesConfiguration".to_owned(), Value::Object(dates.collect()));
            }
            let before = self.resources.len();
            self.read(&name, &members);
            if let Some(polled) = self.resources.get_mut(before) {
                polled.records_path = records_path;
            }
        }
    }

    fn read(&mut self, name: &str, members: &Map<String, Value>) {
        match resource(name, members) {
            Ok(polled) => self.resources.push(polled),
            Err(message) => self.problem(name, message),
        }
    }
}

fn resource(name: &str, members: &Map<String, Value>) -> Result<Polled, String> {
    let url = text(members, "url").or_else(|| text(members, "pollUrl")).ok_or("its url is missing")?;
    if name.is_empty() || !url.starts_with('/') {
        return Err("its url must be a path of this platform".to_owned());
    }
    let dates = match member(members, "datesConfiguration") {
        Some(Value::Object(dates)) => self::dates(dates)?,
        _ => None,
    };
    let seconds = |key: &str| number(members, key).map(|value| value.clamp(0, 366 * 24 * 3600));
    let by_update = flag(members, "filterByUpdatedDate").or_else(|| flag(members, "filterByUpdateDate"));
    let parameters = member(members, "parameters").and_then(Value::as_object);
    Ok(Polled {
        name: text(members, "objectName").unwrap_or_else(|| name.to_owned()),
        url,
        id_field: text(members, "idField").unwrap_or_default(),
        filters_by_update: by_update.unwrap_or(true),
        leaves_later: flag(members, "filterByCurrentDate").unwrap_or(false),
        dates,
        created_tolerance: seconds("createdCheckTolerance").unwrap_or(CREATED_TOLERANCE),
        page_size: number(members, "pageSize").and_then(|size| u32::try_from(size).ok()).filter(|size| *size > 0),
        delay: seconds("pollDelay").unwrap_or(0),
        parameters: parameters
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.clone(), plain(value)?)))
            .collect(),
        records_path: String::new(),
    })
}

fn dates(members: &Map<String, Value>) -> Result<Option<Dates>, String> {
    let field = |path: &str, format: &str, fallback: Option<&str>, zone: &str| -> Result<Option<DateField>, String> {
        let Some(path) = text(members, path) else { return Ok(None) };
        let form = text(members, format).or_else(|| fallback.and_then(|key| text(members, key)));
        let form = form.unwrap_or_else(|| "yyyy-MM-dd'T'HH:mm:ssXXX".to_owned());
        let format = DateFormat::read(&form).map_err(|problem| format!("{format}: {problem}"))?;
        let zone = text(members, zone).map_or_else(Zone::gmt, |zone| Zone::named(&zone));
        Ok(Some(DateField { path, format, zone }))
    };
    let updated = field("updatedDateField", "updatedDateFormat", None, "updatedDateTimezone")?;
    let created = field("createdDateField", "createdDateFormat", Some("updatedDateFormat"), "createdDateTimezone")?;
    Ok(match (updated, created) {
        (Some(updated), created) => Some(Dates { updated, created }),
        (None, Some(created)) => Some(Dates { updated: created.clone(), created: Some(created) }),
        (None, None) => None,
    })
}

/// A list of names rather than the old form: no segment holds a path.
fn is_legacy(urls: &str) -> bool {
    urls.lines().any(|line| line.split('|').nth(1).is_some_and(|second| second.trim_start().starts_with('/')))
}

fn names(urls: &str) -> Vec<&str> {
    urls.split(['|', '\n']).map(str::trim).filter(|name| !name.is_empty()).collect()
}

/// A JSON object, be it written with line breaks, with `\n` in letters, or as a JSON text within one.
fn object(text: &str) -> Option<Map<String, Value>> {
    let plain = text.replace(['\n', '\r', '\t'], " ");
    let tries = [plain.clone(), plain.replace("\\n", " ").replace("\\t", " ")];
    tries.iter().find_map(|text| match serde_json::from_str(text).ok()? {
        Value::Object(members) => Some(members),
        Value::String(inner) => match serde_json::from_str(&inner.replace(['\n', '\r', '\t'], " ")).ok()? {
            Value::Object(members) => Some(members),
            _ => None,
        },
        _ => None,
    })
}

/// A template with the object's name in all its texts.
fn filled(template: &Value, name: &str) -> Value {
    match template {
        Value::String(text) => text.replace(TEMPLATE, name).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, name)).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), filled(value, name))).collect(),
        other => other.clone(),
    }
}

/// A member by its name, whose first letter may be large.
fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let same =
        |key: &str| key.len() == name.len() && key[..1].eq_ignore_ascii_case(&name[..1]) && key[1..] == name[1..];
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.is_ascii() && same(key)).map(|(_, value)| value))
}

fn text(members: &Map<String, Value>, name: &str) -> Option<String> {
    member(members, name).and_then(Value::as_str).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn flag(members: &Map<String, Value>, name: &str) -> Option<bool> {
    match member(members, name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => Some(text.trim().eq_ignore_ascii_case("true")),
        _ => None,
    }
}

fn number(members: &Map<String, Value>, name: &str) -> Option<i64> {
    match member(members, name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
