//! Accepting messages: reads both request forms into one, decides for each destination whether it
//! is accepted, and keeps what was sent for reports and logs.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

use super::Refusal;
use crate::records::{MAX_RECORDS, guid};

#[cfg(test)]
mod tests;

/// Most destinations of one request.
const MAX_DESTINATIONS: usize = 10_000;
/// Longest text, in characters.
const MAX_TEXT: usize = 10_000;
/// Price of one part of a message, in thousandths of a euro.
const PRICE_MILLIS: i64 = 10;

/// A delivery status: group, group name, id, name, description.
pub(super) type Status = (u8, &'static str, u16, &'static str, &'static str);

const ACCEPTED: Status = (1, "PENDING", 26, "PENDING_ACCEPTED", "Message sent to next instance");
const MISSING_TO: Status = (5, "REJECTED", 51, "MISSING_TO", "Destination address missing");
const BAD_DESTINATION: Status = (5, "REJECTED", 52, "REJECTED_DESTINATION", "Invalid destination address");
const DUPLICATE: Status = (5, "REJECTED", 23, "REJECTED_DUPLICATE_MESSAGE_ID", "Message id was used before");
const NO_CREDIT: Status = (5, "REJECTED", 12, "REJECTED_NOT_ENOUGH_CREDITS", "Not enough credits");
const DELIVERED: Status = (3, "DELIVERED", 5, "DELIVERED_TO_HANDSET", "Message delivered to handset");

/// A status as it stands in answers.
pub(super) fn status_json((group, group_name, id, name, description): Status) -> Value {
    json!({
        "groupId": group, "groupName": group_name,
        "id": id, "name": name, "description": description,
    })
}

/// A message to one destination.
pub(super) struct Message {
    pub(super) bulk: String,
    pub(super) id: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) parts: usize,
    pub(super) sent: OffsetDateTime,
    pub(super) callback_data: Option<String>,
    /// What became of it in the end.
    pub(super) outcome: Status,
    /// Whether a report about it was fetched.
    pub(super) reported: bool,
}

/// Account and messages, oldest first.
pub(crate) struct State {
    pub(super) messages: Vec<Message>,
    /// Identifiers of all messages.
    ids: HashSet<String>,
    balance_millis: i64,
    next: u64,
}

/// A request in either form.
#[derive(Debug, PartialEq)]
pub(super) struct Bulk {
    id: Option<String>,
    drafts: Vec<Draft>,
}

#[derive(Debug, PartialEq)]
struct Draft {
    from: String,
    text: String,
    send_at: Option<OffsetDateTime>,
    callback_data: Option<String>,
    /// Number and own message id.
    destinations: Vec<(String, Option<String>)>,
}

impl State {
    /// An account with some credit and nothing sent.
    pub(crate) fn seeded(_now: OffsetDateTime) -> Self {
        Self { messages: Vec::new(), ids: HashSet::new(), balance_millis: 47_790, next: 1 }
    }

    /// The credit left.
    pub(super) fn balance(&self) -> Value {
        json!({ "balance": self.balance_millis as f64 / 1000.0, "currency": "EUR" })
    }

    /// Sends what can be sent and answers the status of each message.
    pub(super) fn send(&mut self, bulk: &Bulk, now: OffsetDateTime) -> Result<Value, Refusal> {
        let count: usize = bulk.drafts.iter().map(|draft| draft.destinations.len()).sum();
        if count > MAX_DESTINATIONS || self.messages.len() + count > MAX_RECORDS {
            return Err(Refusal::Full);
        }
        let id = bulk.id.clone().unwrap_or_else(|| self.fresh_id());
        let mut results = Vec::with_capacity(count);
        for draft in &bulk.drafts {
            for (to, own_id) in &draft.destinations {
                results.push(self.send_one(&id, draft, to, own_id.as_deref(), now));
            }
        }
        let mut answer = Map::new();
        if count > 1 || bulk.id.is_some() {
            answer.insert("bulkId".to_owned(), json!(id));
        }
        answer.insert("messages".to_owned(), Value::Array(results));
        Ok(Value::Object(answer))
    }

    fn send_one(&mut self, bulk: &str, draft: &Draft, to: &str, own_id: Option<&str>, now: OffsetDateTime) -> Value {
        let id = own_id.map_or_else(|| self.fresh_id(), str::to_owned);
        let number = to.strip_prefix('+').unwrap_or(to);
        let parts = parts(&draft.text);
        let price = PRICE_MILLIS * parts as i64;
        let status = if number.is_empty() {
            MISSING_TO
        } else if !is_number(number) {
            BAD_DESTINATION
        } else if self.ids.contains(&id) {
            DUPLICATE
        } else if self.balance_millis < price {
            NO_CREDIT
        } else {
            ACCEPTED
        };
        let accepted = status == ACCEPTED;
        if status != DUPLICATE {
            self.ids.insert(id.clone());
            self.messages.push(Message {
                bulk: bulk.to_owned(),
                id: id.clone(),
                from: draft.from.clone(),
                to: number.to_owned(),
                text: draft.text.clone(),
                parts,
                sent: draft.send_at.unwrap_or(now).max(now),
                callback_data: draft.callback_data.clone(),
                outcome: if accepted { DELIVERED } else { status },
                reported: false,
            });
        }
        if accepted {
            self.balance_millis -= price;
        }
        json!({ "to": number, "status": status_json(status), "smsCount": parts, "messageId": id })
    }

    fn fresh_id(&mut self) -> String {
        self.next += 1;
        guid(self.next)
    }
}

/// Reads the body of `text/single`: one text, one or several destinations.
pub(super) fn single(body: &[u8]) -> Result<Bulk, Refusal> {
    let sent = object(body)?;
    let destinations = match sent.get("to") {
        Some(Value::String(to)) => vec![(to.clone(), None)],
        Some(Value::Array(list)) if !list.is_empty() => {
            let number = |to: &Value| to.as_str().map(|to| (to.to_owned(), None));
            let list: Option<Vec<_>> = list.iter().map(number).collect();
            list.ok_or_else(|| Refusal::at("to", "must be a string"))?
        }
        _ => return Err(Refusal::at("to", "must not be empty")),
    };
    let draft = draft(&sent, "", destinations)?;
    Ok(Bulk { id: None, drafts: vec![draft] })
}

/// Reads the body of `text/advanced`, and of `text/multi`, whose messages carry `to` directly.
pub(super) fn advanced(body: &[u8]) -> Result<Bulk, Refusal> {
    let sent = object(body)?;
    let messages = sent.get("messages").and_then(Value::as_array);
    let messages = messages.filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| Refusal::at("messages", "must not be empty"))?;
    let id = text_member(&sent, "", "bulkId")?.map(|id| id.chars().take(100).collect());
    let mut drafts = Vec::with_capacity(messages.len());
    for (place, message) in messages.iter().enumerate() {
        let place = format!("messages[{place}]");
        let message = message.as_object();
        let message = message.ok_or_else(|| Refusal::at(&*place, "must be an object"))?;
        let prefix = format!("{place}.");
        drafts.push(draft(message, &prefix, destinations(message, &prefix)?)?);
    }
    Ok(Bulk { id, drafts })
}

fn destinations(message: &Map<String, Value>, prefix: &str) -> Result<Vec<(String, Option<String>)>, Refusal> {
    if let Some(to) = text_member(message, prefix, "to")? {
        return Ok(vec![(to, text_member(message, prefix, "messageId")?)]);
    }
    let place = format!("{prefix}destinations");
    let list = message.get("destinations").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| Refusal::at(&*place, "must not be empty"))?;
    let mut destinations = Vec::with_capacity(list.len());
    for (index, destination) in list.iter().enumerate() {
        let prefix = format!("{place}[{index}].");
        let destination = destination.as_object();
        let destination = destination.ok_or_else(|| Refusal::at(&*place, "must be an object"))?;
        let to = text_member(destination, &prefix, "to")?;
        let to = to.ok_or_else(|| Refusal::at(format!("{prefix}to"), "must not be null"))?;
        let id = text_member(destination, &prefix, "messageId")?;
        destinations.push((to, id.map(|id| id.chars().take(200).collect())));
    }
    Ok(destinations)
}

fn draft(
    sent: &Map<String, Value>,
    prefix: &str,
    destinations: Vec<(String, Option<String>)>,
) -> Result<Draft, Refusal> {
    let text = text_member(sent, prefix, "text")?.unwrap_or_default();
    if text.chars().count() > MAX_TEXT {
        return Err(Refusal::at(format!("{prefix}text"), "is too long"));
    }
    let callback_data = text_member(sent, prefix, "callbackData")?;
    if callback_data.as_ref().is_some_and(|data| data.chars().count() > 4000) {
        let place = format!("{prefix}callbackData");
        return Err(Refusal::at(place, "size must be between 0 and 4000"));
    }
    let send_at = match text_member(sent, prefix, "sendAt")? {
        None => None,
        Some(time) => Some(
            parse_time(&time)
                .ok_or_else(|| Refusal::at(format!("{prefix}sendAt"), "must be yyyy-MM-dd'T'HH:mm:ss.SSSZ"))?,
        ),
    };
    let from = text_member(sent, prefix, "from")?.unwrap_or_else(|| "InfoSMS".to_owned());
    Ok(Draft { from, text, send_at, callback_data, destinations })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    serde_json::from_slice(body).map_err(|_| Refusal::BadRequest(None))
}

fn text_member(sent: &Map<String, Value>, prefix: &str, name: &str) -> Result<Option<String>, Refusal> {
    match sent.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(Refusal::at(format!("{prefix}{name}"), "must be a string")),
    }
}

/// Reads a time with an offset of the form `+0000`, `+00:00` or `Z`.
pub(super) fn parse_time(text: &str) -> Option<OffsetDateTime> {
    let compact = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]][offset_hour sign:mandatory][offset_minute]"
    );
    let standard = time::format_description::well_known::Rfc3339;
    OffsetDateTime::parse(text, &standard).or_else(|_| OffsetDateTime::parse(text, &compact)).ok()
}

fn is_number(number: &str) -> bool {
    (5..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// How many parts a text is sent in: 160 characters of the basic alphabet fit into one, 153 into
/// each of several; any other character makes it 70 and 67.
pub(super) fn parts(text: &str) -> usize {
    const BASIC: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r";
    const EXTENDED: &str = "^{}\\[~]|€";
    let mut basic_units = 0;
    let mut wide = false;
    for character in text.chars() {
        let plain = matches!(character, ' '..='~') && character != '`';
        basic_units += if EXTENDED.contains(character) { 2 } else { 1 };
        wide |= !plain && !BASIC.contains(character) && !EXTENDED.contains(character);
    }
    let (units, alone, together) = if wide { (text.encode_utf16().count(), 70, 67) } else { (basic_units, 160, 153) };
    if units <= alone { 1 } else { units.div_ceil(together) }
}

/// Price of one message in euros.
pub(super) fn price(parts: usize) -> Value {
    let amount = (PRICE_MILLIS * parts as i64) as f64 / 1000.0;
    json!({ "pricePerMessage": amount, "currency": "EUR" })
}
