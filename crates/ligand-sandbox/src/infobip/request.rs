//! Reading what is sent: the three request forms become one, and everything that is wrong is
//! collected by its place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Refusal;
use super::text::TRANSLITERATIONS;
use crate::call::Call;

#[cfg(test)]
mod tests;

/// Longest text, in characters.
const MAX_TEXT: usize = 10_000;
/// Longest callback data, in characters.
const MAX_CALLBACK_DATA: usize = 4_000;
/// Longest identifiers the caller may choose, in characters.
const MAX_BULK_ID: usize = 100;
const MAX_MESSAGE_ID: usize = 200;
/// Most places that are named as wrong.
const MAX_PROBLEMS: usize = 100;
/// The languages whose characters may be kept.
pub(super) const LANGUAGES: [&str; 5] = ["TR", "ES", "PT", "AUTODETECT", "NONE"];

type Sent = Map<String, Value>;

/// A request in any form.
#[derive(Debug, PartialEq)]
pub(super) struct Bulk {
    pub(super) id: Option<String>,
    pub(super) drafts: Vec<Draft>,
}

/// A text to some destinations.
#[derive(Debug, PartialEq)]
pub(super) struct Draft {
    pub(super) from: String,
    pub(super) text: String,
    pub(super) transliteration: Option<String>,
    pub(super) flash: bool,
    pub(super) notify_url: Option<String>,
    pub(super) notify_content_type: Option<String>,
    pub(super) send_at: Option<OffsetDateTime>,
    pub(super) callback_data: Option<String>,
    /// Number and own message id.
    pub(super) destinations: Vec<(String, Option<String>)>,
}

/// What is wrong, by place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Problems(BTreeMap<String, Vec<String>>);

impl Problems {
    /// Notes a problem at a place such as `messages[0].to`.
    pub(super) fn add(&mut self, place: impl Into<String>, problem: &str) {
        if self.0.len() < MAX_PROBLEMS {
            self.0.entry(place.into()).or_default().push(problem.to_owned());
        }
    }

    /// Refuses the request if anything was wrong.
    pub(super) fn check(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::BadRequest(self.0)) }
    }

    /// A text; a number is taken as one.
    pub(super) fn text(&mut self, sent: &Sent, prefix: &str, name: &str) -> Option<String> {
        match sent.get(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => {
                self.add(format!("{prefix}{name}"), "must be a string");
                None
            }
        }
    }

    /// A text of some length at most.
    fn short(&mut self, sent: &Sent, prefix: &str, name: &str, most: usize) -> Option<String> {
        let text = self.text(sent, prefix, name)?;
        if text.chars().count() > most {
            self.add(format!("{prefix}{name}"), &format!("size must be between 0 and {most}"));
        }
        Some(text)
    }

    /// One of some names.
    pub(super) fn one_of(&mut self, sent: &Sent, prefix: &str, name: &str, known: &[&str]) -> Option<String> {
        let text = self.text(sent, prefix, name)?;
        if !known.contains(&text.as_str()) {
            self.add(format!("{prefix}{name}"), &format!("must be one of {}", known.join(", ")));
        }
        Some(text)
    }

    fn flag(&mut self, sent: &Sent, prefix: &str, name: &str) -> bool {
        match sent.get(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.add(format!("{prefix}{name}"), "must be true or false");
                false
            }
        }
    }

    /// A time.
    pub(super) fn time(&mut self, sent: &Sent, prefix: &str, name: &str) -> Option<OffsetDateTime> {
        let text = self.text(sent, prefix, name)?;
        let time = parse_time(&text);
        if time.is_none() {
            self.add(format!("{prefix}{name}"), "must be yyyy-MM-dd'T'HH:mm:ss.SSSZ");
        }
        time
    }

    fn object<'a>(&mut self, value: &'a Value, place: &str) -> Option<&'a Sent> {
        if !value.is_object() {
            self.add(place, "must be an object");
        }
        value.as_object()
    }
}

/// Reads the body of `text/single`: one text, one or several destinations.
pub(super) fn single(body: &[u8]) -> Result<Bulk, Refusal> {
    let sent = object(body)?;
    let mut problems = Problems::default();
    let id = problems.short(&sent, "", "bulkId", MAX_BULK_ID);
    let destinations = to(&mut problems, &sent, "");
    let draft = draft(&mut problems, &sent, "", destinations);
    problems.check()?;
    Ok(Bulk { id, drafts: vec![draft] })
}

/// Reads the body of `text/multi`: messages as in `text/single`.
pub(super) fn multi(body: &[u8]) -> Result<Bulk, Refusal> {
    messages(body, to)
}

/// Reads the body of `text/advanced`: messages with a list of destinations.
pub(super) fn advanced(body: &[u8]) -> Result<Bulk, Refusal> {
    messages(body, destinations)
}

/// Reads the query string of `text/query`; login stands there too, so that a link can send.
pub(super) fn query(call: &Call) -> Result<Bulk, Refusal> {
    let mut sent = Sent::new();
    for (name, value) in &call.query {
        let value = match (name.as_str(), value.as_str()) {
            ("to", list) => Value::Array(list.split(',').map(|to| Value::from(to.trim())).collect()),
            ("flash", "true" | "false") => Value::Bool(value == "true"),
            ("sendAt", time) => Value::from(time.replace(' ', "+")),
            (_, text) => Value::from(text),
        };
        sent.entry(name.clone()).or_insert(value);
    }
    let mut problems = Problems::default();
    let id = problems.short(&sent, "", "bulkId", MAX_BULK_ID);
    let destinations = to(&mut problems, &sent, "");
    let draft = draft(&mut problems, &sent, "", destinations);
    problems.check()?;
    Ok(Bulk { id, drafts: vec![draft] })
}

/// The destinations of a message and their own identifiers.
type Destinations = Vec<(String, Option<String>)>;

fn messages(body: &[u8], read: fn(&mut Problems, &Sent, &str) -> Destinations) -> Result<Bulk, Refusal> {
    let sent = object(body)?;
    let mut problems = Problems::default();
    let id = problems.short(&sent, "", "bulkId", MAX_BULK_ID);
    let messages = sent.get("messages").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        problems.add("messages", "must not be empty");
    }
    let mut drafts = Vec::with_capacity(messages.len());
    for (place, message) in messages.iter().enumerate() {
        let place = format!("messages[{place}]");
        let Some(message) = problems.object(message, &place) else { continue };
        let prefix = format!("{place}.");
        let destinations = read(&mut problems, message, &prefix);
        drafts.push(draft(&mut problems, message, &prefix, destinations));
    }
    problems.check()?;
    Ok(Bulk { id, drafts })
}

/// `to`: a number or a list of them.
fn to(problems: &mut Problems, sent: &Sent, prefix: &str) -> Destinations {
    let place = format!("{prefix}to");
    match sent.get("to") {
        Some(Value::Array(list)) if !list.is_empty() => {
            let texts: Option<Vec<String>> = list.iter().map(|to| to.as_str().map(str::to_owned)).collect();
            if texts.is_none() {
                problems.add(place, "must hold strings");
            }
            texts.unwrap_or_default().into_iter().map(|to| (to, None)).collect()
        }
        None | Some(Value::Null | Value::Array(_)) => {
            problems.add(place, "must not be empty");
            Vec::new()
        }
        Some(_) => problems.text(sent, prefix, "to").map(|to| (to, None)).into_iter().collect(),
    }
}

/// `destinations`: objects of number and own identifier.
fn destinations(problems: &mut Problems, sent: &Sent, prefix: &str) -> Destinations {
    let place = format!("{prefix}destinations");
    let list = sent.get("destinations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        problems.add(&place, "must not be empty");
    }
    let mut destinations = Vec::with_capacity(list.len());
    for (index, destination) in list.iter().enumerate() {
        let place = format!("{place}[{index}]");
        let Some(destination) = problems.object(destination, &place) else { continue };
        let prefix = format!("{place}.");
        let to = problems.text(destination, &prefix, "to");
        if to.is_none() {
            problems.add(format!("{prefix}to"), "must not be null");
        }
        let id = problems.short(destination, &prefix, "messageId", MAX_MESSAGE_ID);
        destinations.push((to.unwrap_or_default(), id));
    }
    destinations
}

fn draft(problems: &mut Problems, sent: &Sent, prefix: &str, destinations: Destinations) -> Draft {
    let notify_url = problems.text(sent, prefix, "notifyUrl");
    let reachable = |url: &String| url::Url::parse(url).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if notify_url.as_ref().is_some_and(|url| !reachable(url)) {
        problems.add(format!("{prefix}notifyUrl"), "must be an http or https address");
    }
    if let Some(language) = sent.get("language").filter(|language| !language.is_null()) {
        let place = format!("{prefix}language");
        if let Some(language) = problems.object(language, &place) {
            problems.one_of(language, &format!("{place}."), "languageCode", &LANGUAGES);
        }
    }
    if sent.get("validityPeriod").is_some_and(|period| !period.is_null() && period.as_u64().is_none()) {
        problems.add(format!("{prefix}validityPeriod"), "must be a whole number");
    }
    problems.flag(sent, prefix, "intermediateReport");
    Draft {
        from: problems.text(sent, prefix, "from").unwrap_or_else(|| "InfoSMS".to_owned()),
        text: problems.short(sent, prefix, "text", MAX_TEXT).unwrap_or_default(),
        transliteration: problems.one_of(sent, prefix, "transliteration", &TRANSLITERATIONS),
        flash: problems.flag(sent, prefix, "flash"),
        notify_url,
        notify_content_type: problems.one_of(
            sent,
            prefix,
            "notifyContentType",
            &["application/json", "application/xml"],
        ),
        send_at: problems.time(sent, prefix, "sendAt"),
        callback_data: problems.short(sent, prefix, "callbackData", MAX_CALLBACK_DATA),
        destinations,
    }
}

/// A body that is a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Sent, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::BadRequest(BTreeMap::new()))
}

/// Reads a time with an offset of the form `+0000`, `+00:00` or `Z`.
pub(super) fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let compact = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
    );
    let standard = time::format_description::well_known::Rfc3339;
    OffsetDateTime::parse(text, &standard).or_else(|_| OffsetDateTime::parse(text, &compact)).ok()
}
