//! How the catalog is arranged for a user, an account or an organization: which elements are hidden or come first.

use ligand_domain::{Caller, Error, Privilege};
use ligand_store::PropertiesOf;
use serde_json::{Map, Value, json};

use crate::{App, failure::of_store};

/// For whom the catalog is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertiesScope {
    /// The caller.
    User,
    /// The caller's account.
    Account,
    /// The caller's organization.
    Organization,
}

impl PropertiesScope {
    /// Reads `entityType`; the caller when it is absent.
    ///
    /// # Errors
    /// Invalid for another word.
    pub fn read(word: Option<&str>) -> Result<Self, Error> {
        match word.unwrap_or("user") {
            "user" => Ok(Self::User),
            "account" => Ok(Self::Account),
            "organization" => Ok(Self::Organization),
            _ => Err(Error::invalid("entity-type-unknown", "entityType must be one of user, account, organization")),
        }
    }

    fn of(self, caller: &Caller) -> PropertiesOf {
        match self {
            Self::User => PropertiesOf::User(caller.user_id),
            Self::Account => PropertiesOf::Account(caller.account_id),
            Self::Organization => PropertiesOf::Organization(caller.organization_id),
        }
    }
}

/// How many elements one arrangement may name.
const MAX_ITEMS: usize = 10_000;

impl App {
    /// The arrangement that was stored last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn catalog_properties(&self, caller: &Caller, scope: PropertiesScope) -> Result<Vec<Value>, Error> {
        let text = self.store.catalog_properties(scope.of(caller)).await.map_err(of_store)?;
        let items = text.map(|text| serde_json::from_str(&text)).transpose();
        items.map(Option::unwrap_or_default).map_err(|broken| Error::internal("properties-unreadable", broken))
    }

    /// Replaces an arrangement. Of several items for one element the last counts.
    ///
    /// # Errors
    /// Forbidden for an arrangement of others without the right to change elements; invalid naming every item that is
    /// wrong.
    pub async fn set_catalog_properties(
        &self,
        caller: &Caller,
        scope: PropertiesScope,
        items: &[Value],
    ) -> Result<Vec<Value>, Error> {
        if scope != PropertiesScope::User {
            caller.demand(Privilege::EditElements)?;
        }
        let items = read(items)?;
        let text = Value::from(items.clone()).to_string();
        self.store.set_catalog_properties(scope.of(caller), &text).await.map_err(of_store)?;
        Ok(items)
    }
}

fn read(items: &[Value]) -> Result<Vec<Value>, Error> {
    if items.len() > MAX_ITEMS {
        return Err(Error::invalid("properties-invalid", format!("at most {MAX_ITEMS} items are taken")));
    }
    let mut problems = Vec::new();
    let mut kept: Map<String, Value> = Map::new();
    for (index, item) in items.iter().enumerate() {
        let Some(id) = item["elementId"].as_i64().filter(|id| *id > 0) else {
            problems.push(format!("[{index}].elementId must be the id of an element"));
            continue;
        };
        let mut own = json!({ "elementId": id });
        for (member, fits) in [
            ("hidden", Value::is_boolean as fn(&Value) -> bool),
            ("featured", Value::is_boolean),
            ("position", Value::is_i64),
        ] {
            match item.get(member).filter(|value| !value.is_null()) {
                Some(value) if fits(value) => own[member] = value.clone(),
                Some(_) => problems.push(format!("[{index}].{member} has the wrong type")),
                None => {}
            }
        }
        kept.insert(id.to_string(), own);
    }
    if problems.is_empty() {
        return Ok(kept.into_iter().map(|(_, item)| item).collect());
    }
    problems.truncate(100);
    Err(Error::invalid("properties-invalid", problems.join("; ")))
}
