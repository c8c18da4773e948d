//! What the events configuration of an instance means: whether it has events, how webhooks find it, and where its own
//! notifications go.

use ligand_domain::{Account, Configuration, Error, Id, Instance, Subscription, User, notification::Channel};
use ligand_element::Element;
use ligand_store::{Finder, NewSubscription, Watch};

use super::polling;
use crate::{
    App,
    failure::of_store,
    notifications::{callback_config, endpoint_of},
};

const ENABLED: &str = "event.notification.enabled";
const CALLBACK_URL: &str = "event.notification.callback.url";
const SUBSCRIPTION_ID: &str = "event.notification.subscription.id";
const FINDER: &str = "event.notification.instance.finder";

/// Values of a configuration by which an instance is found when nothing else is said.
const CUSTOMARY_FINDERS: &[(&str, &str)] =
    &[("oauth.user.id", "userId"), ("helpdesk.zendesk.webhook.target_id", "ticket.target")];

/// How an instance learns of what happens at its vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// It asks.
    Polling,
    /// It is told.
    Webhook,
}

/// Whether an instance has events.
pub(crate) fn has_events(configuration: &Configuration, disabled: bool) -> bool {
    !disabled && configuration.get(ENABLED).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// How an instance's configuration says that it learns of events.
pub(crate) fn way(configuration: &Configuration) -> Way {
    let stated = ["event.vendor.type", "vendor.event.type"].iter().find_map(|key| configuration.get(key));
    if stated.is_some_and(|word| word.trim().eq_ignore_ascii_case("polling")) { Way::Polling } else { Way::Webhook }
}

/// Where the notifications of an instance go.
#[must_use]
pub fn callback_url(configuration: &Configuration) -> Option<&str> {
    let url = configuration.get(CALLBACK_URL).map(str::trim).filter(|url| !url.is_empty());
    url.filter(|url| !url.eq_ignore_ascii_case("false") && !url.eq_ignore_ascii_case("null"))
}

/// Whose an instance is, while it may have no number yet.
pub(crate) struct Owned<'a> {
    pub(crate) account: Id<Account>,
    pub(crate) user: Id<User>,
    pub(crate) organization: Id<ligand_domain::Organization>,
    /// The instance as it was.
    pub(crate) before: Option<&'a Instance>,
    /// Whether the change takes back that polling was switched off.
    pub(crate) resets: bool,
}

impl App {
    /// What is to be for an instance with this configuration, into which the number of its subscription is written.
    pub(crate) async fn watch(
        &self,
        element: &Element,
        owned: &Owned<'_>,
        configuration: &mut Configuration,
        disabled: bool,
    ) -> Result<Watch, Error> {
        let active = has_events(configuration, disabled);
        let mut watch = Watch { active, ..Watch::none(element.key(), owned.account) };
        if active {
            watch.takes_hooks = way(configuration) == Way::Webhook;
            watch.finders = finders(configuration);
            watch.polling = polling::plan(configuration, disabled, self.clock.now(), owned.resets);
            if let Some(url) = callback_url(configuration) {
                let config = callback_config(url);
                let id = match subscription_before(owned.before, url) {
                    Some(id) => id,
                    None => self.store.next_subscription_id().await.map_err(of_store)?,
                };
                let new = NewSubscription {
                    organization_id: owned.organization,
                    account_id: owned.account,
                    user_id: owned.user,
                    instance_id: owned.before.map(|before| before.id),
                    channel: Channel::Webhook,
                    topics: Vec::new(),
                    endpoint: endpoint_of(Channel::Webhook, &config),
                    config,
                };
                watch.subscription = Some((id, new));
            }
        }
        let id = watch.subscription.as_ref().map(|(id, _)| id.to_string());
        if id.is_some() || configuration.contains(SUBSCRIPTION_ID) {
            configuration.set(SUBSCRIPTION_ID, id);
        }
        Ok(watch)
    }
}

/// The subscription that an instance has already, if it leads to this address.
fn subscription_before(before: Option<&Instance>, url: &str) -> Option<Id<Subscription>> {
    let before = before?;
    let configuration = &before.configuration;
    let same = has_events(configuration, before.disabled) && callback_url(configuration) == Some(url);
    configuration.get(SUBSCRIPTION_ID).filter(|_| same)?.parse().ok()
}

/// By what in a webhook the instance is found: its own rules first.
fn finders(configuration: &Configuration) -> Vec<Finder> {
    let value = |key: &str| configuration.get(key).map(str::trim).filter(|value| !value.is_empty());
    let mut finders = Vec::new();
    let rules = value(FINDER).filter(|rules| *rules != "null").unwrap_or_default();
    for rule in rules.split(';').map(str::trim).filter(|rule| !rule.is_empty()) {
        match rule.split_once('|') {
            Some((key, place)) => {
                if let Some(value) = value(key.trim()) {
                    finders.push(Finder { priority: 0, place: place.trim().to_owned(), value: value.to_owned() });
                }
            }
            None => finders.push(Finder { priority: 0, place: String::new(), value: rule.to_owned() }),
        }
    }
    for (key, place) in CUSTOMARY_FINDERS {
        if let Some(value) = value(key) {
            finders.push(Finder { priority: 1, place: (*place).to_owned(), value: value.to_owned() });
        }
    }
    finders
}
