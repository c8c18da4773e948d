//! Every grant with its codes and tokens, and the contacts.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime};

use super::settings::Settings;
use crate::records::{MAX_RECORDS, guid};

/// Most open things of one sort; older ones are forgotten.
const MAX_OPEN: usize = 50_000;

/// Who logs in on the consent page.
pub(super) const USERS: [(&str, &str); 2] =
    [("robin", "Robin Fernhill (robin@fernhill.example)"), ("kim", "Kim Moor (kim@fernhill.example)")];

/// A user who was asked for consent and has not answered.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) client: &'static str,
    pub(super) redirect: String,
    pub(super) scope: String,
    pub(super) state: Option<String>,
    /// Challenge and its method.
    pub(super) challenge: Option<(String, String)>,
    pub(super) at: OffsetDateTime,
}

/// A code.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) asked: Asked,
    pub(super) user: &'static str,
    /// The grant that it was traded for.
    pub(super) used_for: Option<u64>,
}

/// What a user allowed an application.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) client: &'static str,
    /// `None` where the application acts for itself.
    pub(super) user: Option<&'static str>,
    pub(super) scope: String,
    pub(super) revoked: bool,
}

/// A token of OAuth 2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) grant: u64,
    /// When an access token ends.
    pub(super) ends: OffsetDateTime,
    /// When a refresh token was traded for another.
    pub(super) used: Option<OffsetDateTime>,
}

/// A request token of OAuth 1.0a.
#[derive(Clone, Debug)]
pub(super) struct Requested {
    pub(super) client: &'static str,
    pub(super) secret: String,
    pub(super) callback: String,
    pub(super) user: Option<&'static str>,
    pub(super) verifier: Option<String>,
    pub(super) at: OffsetDateTime,
}

/// An access token of OAuth 1.0a.
#[derive(Clone, Debug)]
pub(super) struct Signed {
    pub(super) client: &'static str,
    pub(super) secret: String,
    pub(super) user: &'static str,
}

/// All of it.
#[derive(Default)]
pub(crate) struct State {
    pub(super) settings: Settings,
    pub(super) asked: BTreeMap<String, Asked>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) grants: HashMap<u64, Grant>,
    pub(super) access: HashMap<String, Token>,
    pub(super) refresh: HashMap<String, Token>,
    pub(super) requested: HashMap<String, Requested>,
    pub(super) signed: HashMap<String, Signed>,
    pub(super) nonces: HashSet<String>,
    /// How often what happened, by name.
    pub(super) counts: BTreeMap<&'static str, u64>,
    pub(crate) contacts: BTreeMap<u64, Map<String, Value>>,
    next: u64,
}

impl State {
    /// What a fresh vendor has.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self::default();
        let people = [
            ("Ada", "Whitfield", "ada@whitfield.example", "Whitfield Mills"),
            ("Bruno", "Keller", "bruno@keller.example", "Keller & Söhne"),
            ("Chiara", "Rossi", "chiara@rossi.example", "Rossi SpA"),
            ("Dmitri", "Orlov", "dmitri@orlov.example", "Orlov Logistics"),
            ("Esi", "Mensah", "esi@mensah.example", "Mensah Trading"),
        ];
        for (first, last, email, company) in people {
            let members = json!({ "first_name": first, "last_name": last, "email": email, "company": company });
            _ = state.add(members.as_object().cloned().unwrap_or_default(), now);
        }
        state
    }

    /// A name nobody can guess from others of the same process.
    pub(super) fn fresh(&mut self, prefix: &str, key: &[u8; 32]) -> String {
        self.next += 1;
        let seed = u64::from_le_bytes(key[..8].try_into().expect("eight bytes"));
        let other = u64::from_le_bytes(key[8..16].try_into().expect("eight bytes"));
        let low = guid(seed ^ self.next);
        let high = guid(other.wrapping_add(self.next.rotate_left(32)));
        format!("{prefix}{}{}", low.replace('-', ""), high.replace('-', ""))
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_insert(0) += 1;
    }

    /// Makes room before something is added.
    pub(super) fn prune(&mut self, now: OffsetDateTime) {
        let open = Duration::seconds(self.settings.code_seconds);
        if self.asked.len() >= MAX_OPEN {
            self.asked.retain(|_, asked| now - asked.at < open);
            while self.asked.len() >= MAX_OPEN {
                self.asked.pop_first();
            }
        }
        if self.codes.len() >= MAX_OPEN {
            self.codes.retain(|_, code| now - code.asked.at < open);
        }
        if self.requested.len() >= MAX_OPEN {
            self.requested.retain(|_, requested| now - requested.at < open);
        }
        if self.access.len() >= MAX_OPEN {
            self.access.retain(|_, token| now < token.ends);
        }
        if self.nonces.len() >= MAX_OPEN {
            self.nonces.clear();
        }
    }

    pub(super) fn grant(&mut self, grant: Grant) -> u64 {
        self.next += 1;
        self.grants.insert(self.next, grant);
        self.next
    }

    /// The grant of an access token that still holds.
    pub(super) fn granted(&self, token: &str, now: OffsetDateTime) -> Option<&Grant> {
        let token = self.access.get(token).filter(|token| now < token.ends)?;
        self.grants.get(&token.grant).filter(|grant| !grant.revoked)
    }

    pub(super) fn revoke(&mut self, grant: u64) {
        if let Some(grant) = self.grants.get_mut(&grant) {
            grant.revoked = true;
        }
    }

    /// Puts records into a collection, checked like a caller's; `None` if there is no such collection.
    pub(crate) fn seed(
        &mut self,
        collection: &str,
        records: &[Value],
        replace: bool,
        now: OffsetDateTime,
    ) -> Option<Result<usize, String>> {
        if collection != "contacts" {
            return None;
        }
        let checked: Result<Vec<_>, String> = records.iter().map(super::api::checked).collect();
        let kept = if replace { 0 } else { self.contacts.len() };
        Some(checked.and_then(|checked| {
            if kept + checked.len() > MAX_RECORDS {
                return Err(format!("There is room for {MAX_RECORDS} contacts."));
            }
            if replace {
                self.contacts.clear();
            }
            for members in checked {
                _ = self.add(members, now);
            }
            Ok(self.contacts.len())
        }))
    }

    /// Adds a contact; `None` when there are too many.
    pub(super) fn add(&mut self, mut members: Map<String, Value>, now: OffsetDateTime) -> Option<Map<String, Value>> {
        if self.contacts.len() >= MAX_RECORDS {
            return None;
        }
        self.next += 1;
        let number = self.next;
        members.insert("id".to_owned(), json!(number));
        members.insert("updated_at".to_owned(), json!(stamp(now)));
        self.contacts.insert(number, members.clone());
        Some(members)
    }
}

/// A date of the API.
pub(super) fn stamp(now: OffsetDateTime) -> String {
    let now = now.replace_nanosecond(0).unwrap_or(now);
    now.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
}
