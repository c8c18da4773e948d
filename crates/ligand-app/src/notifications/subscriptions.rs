//! Subscriptions: who wants to be told of which topics, and where to.

use ligand_domain::{Caller, Error, Id, Subscription, notification::Channel};
use ligand_store::NewSubscription;
use serde_json::{Map, Value, json};
use url::Url;

use super::{NAME_CHARS, Page, TOPICS, page};
use crate::{App, failure::of_store, paging::Position};

/// The largest configuration of a subscription, in bytes.
const CONFIG_BYTES: usize = 16 << 10;
/// How many subscriptions are read at a time.
const READ_AT_ONCE: u32 = 500;

/// What the API shows of a subscription.
pub(super) fn shown(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id,
        "channel": subscription.channel.key(),
        "topics": subscription.topics,
        "config": subscription.config,
        "active": subscription.active,
        "createdDate": subscription.created_at.to_iso_seconds(),
    })
}

impl App {
    /// Subscribes the caller's account to topics.
    ///
    /// # Errors
    /// Invalid for a body that lacks something, or names an address that must not be called.
    pub async fn subscribe(&self, caller: &Caller, body: &Map<String, Value>) -> Result<Value, Error> {
        let channel =
            body.get("channel").and_then(Value::as_str).and_then(|word| Channel::from_key(&word.to_ascii_lowercase()));
        let channel =
            channel.ok_or_else(|| Error::invalid("channel-invalid", "channel must be webhook, email, sms or push"))?;
        let topics = topics(body.get("topics"))?;
        let config = match body.get("config") {
            Some(Value::Object(config)) => config.clone(),
            None | Some(Value::Null) => Map::new(),
            Some(_) => return Err(Error::invalid("config-invalid", "config must be an object")),
        };
        if Value::Object(config.clone()).to_string().len() > CONFIG_BYTES {
            return Err(Error::invalid("config-too-large", format!("config must have at most {CONFIG_BYTES} bytes")));
        }
        self.check_config(channel, &config)?;
        let new = NewSubscription {
            organization_id: caller.organization_id,
            account_id: caller.account_id,
            user_id: caller.user_id,
            instance_id: None,
            channel,
            topics,
            endpoint: endpoint_of(channel, &config),
            config,
        };
        Ok(shown(&self.store.create_subscription(&new).await.map_err(of_store)?))
    }

    fn check_config(&self, channel: Channel, config: &Map<String, Value>) -> Result<(), Error> {
        let text = |name: &str| config.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
        match channel {
            Channel::Webhook => {
                let missing = || Error::invalid("url-missing", "config.url is required for the channel webhook");
                self.check_address("config.url", text("url").ok_or_else(missing)?)
            }
            Channel::Email => {
                let missing = || Error::invalid("address-missing", "config.to is required for the channel email");
                super::mail::recipients(&Value::from(text("to").or_else(|| text("email")).ok_or_else(missing)?))
                    .map(drop)
            }
            Channel::Sms | Channel::Push => Ok(()),
        }
    }

    /// A subscription of the caller's account.
    ///
    /// # Errors
    /// Not found.
    pub async fn subscription(&self, caller: &Caller, id: &str) -> Result<Value, Error> {
        let found = match id.parse() {
            Ok(id) => self.store.find_subscription(caller.account_id, id).await.map_err(of_store)?,
            Err(_) => None,
        };
        found.map(|found| shown(&found)).ok_or_else(|| unknown(id))
    }

    /// Subscriptions of the caller's account that a condition fits, by number.
    ///
    /// # Errors
    /// Invalid for a condition that does not parse or names an unknown field, and for bad paging.
    pub async fn list_subscriptions(
        &self,
        caller: &Caller,
        condition: Option<&str>,
        page_size: Option<&str>,
        next_page: Option<&str>,
    ) -> Result<Page<Value>, Error> {
        const FIELDS: &[&str] = &["id", "channel", "topics", "topic", "active", "createdDate"];
        let condition = super::deliveries::condition(condition, FIELDS)?;
        let position = Position::read(page_size, next_page)?;
        let (mut items, mut after) = (Vec::new(), position.after);
        loop {
            let some =
                self.store.list_subscriptions(caller.account_id, after, READ_AT_ONCE, false).await.map_err(of_store)?;
            let Some(last) = some.last() else { break };
            after = last.id.get();
            for subscription in &some {
                let mut wire = shown(subscription);
                wire["topic"] = json!(subscription.topics);
                if condition.as_ref().is_none_or(|condition| condition.matches(&wire)) {
                    items.push((subscription.id.get(), shown(subscription)));
                }
            }
            if items.len() > position.limit as usize || some.len() < READ_AT_ONCE as usize {
                break;
            }
        }
        let Page { items, next_page } = page(items, position, |(id, _)| *id);
        Ok(Page { items: items.into_iter().map(|(_, item)| item).collect(), next_page })
    }

    /// Ends a subscription of the caller's account.
    ///
    /// # Errors
    /// Not found.
    pub async fn unsubscribe(&self, caller: &Caller, id: &str) -> Result<(), Error> {
        let number: Id<Subscription> = id.parse().map_err(|_| unknown(id))?;
        let deleted = self.store.delete_subscription(caller.account_id, number).await.map_err(of_store)?;
        if deleted { Ok(()) } else { Err(unknown(id)) }
    }

    /// Every subscription of an account, also those that are gone.
    pub(super) async fn all_subscriptions(&self, caller: &Caller) -> Result<Vec<Subscription>, Error> {
        let (mut all, mut after) = (Vec::new(), 0);
        loop {
            let some =
                self.store.list_subscriptions(caller.account_id, after, READ_AT_ONCE, true).await.map_err(of_store)?;
            let Some(last) = some.last() else { return Ok(all) };
            after = last.id.get();
            all.extend(some);
        }
    }
}

/// What groups deliveries that lead to one server.
pub(crate) fn endpoint_of(channel: Channel, config: &Map<String, Value>) -> String {
    let url = config.get("url").and_then(Value::as_str).and_then(|text| Url::parse(text).ok());
    match url.filter(|_| channel == Channel::Webhook) {
        Some(url) => blake3::hash(url.origin().ascii_serialization().as_bytes()).to_hex()[..16].to_owned(),
        None => channel.key().to_owned(),
    }
}

/// The configuration of an instance's own subscription.
pub(crate) fn callback_config(url: &str) -> Map<String, Value> {
    Map::from_iter([("url".to_owned(), Value::from(url))])
}

fn topics(sent: Option<&Value>) -> Result<Vec<String>, Error> {
    let invalid = || Error::invalid("topics-invalid", "topics must be a list of at least one topic");
    let items = match sent {
        Some(Value::Array(items)) => items.clone(),
        Some(text @ Value::String(_)) => vec![text.clone()],
        _ => return Err(invalid()),
    };
    let topic = |item: &Value| {
        let text = item.as_str().filter(|text| !text.trim().is_empty() && text.chars().count() <= NAME_CHARS);
        text.map(str::to_owned).ok_or_else(invalid)
    };
    let mut topics = items.iter().map(topic).collect::<Result<Vec<_>, _>>()?;
    if topics.is_empty() || topics.len() > TOPICS {
        return Err(invalid());
    }
    let mut seen = std::collections::HashSet::new();
    topics.retain(|topic| seen.insert(topic.clone()));
    Ok(topics)
}

fn unknown(id: &str) -> Error {
    Error::not_found("subscription-not-found", format!("No subscription found with ID {id}"))
}
