//! Listing and counting the caller's instances.

use ligand_domain::{Account, Caller, Error, ErrorKind, Id, Instance};
use ligand_store::{InstanceFilter, InstanceOwner};
use std::collections::HashMap;

use super::{Loaded, Owner, Written};
use crate::{App, elements::access::nearness, failure::of_store, paging::Position};

/// Whose instances are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The caller's own.
    Own,
    /// Those of all users of an account of the caller's organization.
    Account(Id<Account>),
}

/// What to list.
#[derive(Debug, Default)]
pub struct Filter {
    /// Keeps instances of this element, as it stands in the path.
    pub element: Option<String>,
    /// Keeps instances with any of these tags.
    pub tags: Vec<String>,
    /// Keeps instances whose name or element key contains this.
    pub search_text: Option<String>,
    /// `pageSize` as it was sent.
    pub page_size: Option<String>,
    /// `nextPage` as it was sent.
    pub next_page: Option<String>,
}

/// A page of instances.
pub struct Page {
    /// The instances, by id.
    pub items: Vec<Loaded>,
    /// How many match in all.
    pub total: i64,
    /// The token of the next page, absent on the last.
    pub next_page: Option<String>,
}

impl App {
    /// A page of instances.
    ///
    /// # Errors
    /// Not found when nothing matches or the element is unknown; invalid for a bad page size or token.
    pub async fn list_instances(&self, caller: &Caller, scope: Scope, filter: &Filter) -> Result<Page, Error> {
        let element = match filter.element.as_deref() {
            Some(element) => Some(self.find(Some(caller), element).await?),
            None => None,
        };
        let position = Position::read(filter.page_size.as_deref(), filter.next_page.as_deref())?;
        let owner = match scope {
            Scope::Own => InstanceOwner::User(caller.user_id),
            Scope::Account(account) => InstanceOwner::Account(self.own_account(caller, account).await?),
        };
        let search = filter.search_text.as_deref().filter(|text| !text.is_empty());
        let wanted = InstanceFilter {
            owner,
            element_id: element.map(|element| element.id()),
            tags_any: filter.tags.clone(),
            search_element_ids: match search {
                Some(text) => self.elements_with_key_like(caller, text).await?,
                None => Vec::new(),
            },
            search_text: search.map(str::to_owned),
            after: Id::new(position.after),
            limit: position.limit,
        };
        let found = self.store.list_instances(&wanted).await.map_err(of_store)?;
        if found.total == 0 {
            return Err(none_found());
        }
        let next_page = found.items.last().filter(|_| found.more).map(|last| position.next(last.id.get()));
        let items = self.dress_all(found.items).await?;
        if items.is_empty() && next_page.is_none() {
            return Err(none_found());
        }
        Ok(Page { items, total: found.total, next_page })
    }

    /// How many instances the caller has, by element key; of one element only when the path names it.
    ///
    /// # Errors
    /// Not found for an unknown element.
    pub async fn count_instances(&self, caller: &Caller, element: Option<&str>) -> Result<Vec<(String, i64)>, Error> {
        let only = match element {
            Some(element) => Some(self.find(Some(caller), element).await?.id()),
            None => None,
        };
        let mut counts: Vec<(String, i64)> = Vec::new();
        for (id, count) in self.store.count_instances(caller.user_id).await.map_err(of_store)? {
            if only.is_some_and(|only| only != id) {
                continue;
            }
            let element = self.element_of_instance(id, caller.account_id).await?;
            let key = element.map_or_else(|| id.to_string(), |element| element.key().to_owned());
            // An element and a clone of it go by one key.
            match counts.iter_mut().find(|(known, _)| *known == key) {
                Some((_, sum)) => *sum += count,
                None => counts.push((key, count)),
            }
        }
        Ok(counts)
    }

    pub(crate) async fn own_account(&self, caller: &Caller, account: Id<Account>) -> Result<Id<Account>, Error> {
        if account == caller.account_id {
            return Ok(account);
        }
        match self.store.get_account(account).await {
            Err(ligand_store::Error::Missing { .. }) => {
                Err(Error::not_found("account-not-found", format!("No account found with ID {account}")))
            }
            Err(failed) => Err(of_store(failed)),
            Ok(found) if found.organization_id == caller.organization_id => Ok(account),
            Ok(_) => {
                let message = "The account belongs to another organization";
                Err(Error::new(ErrorKind::Forbidden, "account-foreign", message))
            }
        }
    }

    async fn elements_with_key_like(
        &self,
        caller: &Caller,
        text: &str,
    ) -> Result<Vec<Id<ligand_domain::Element>>, Error> {
        let text = text.to_lowercase();
        let platform = self.catalog.elements().iter().filter(|element| element.key().to_lowercase().contains(&text));
        let mut ids: Vec<_> = platform.map(|element| element.id()).collect();
        let stored = self.registry.index().await?;
        let seen = stored.all().filter(|stored| nearness(&stored.row, Some(caller)).is_some());
        ids.extend(seen.filter(|stored| stored.row.key.contains(&text)).map(|stored| stored.row.id));
        Ok(ids)
    }

    async fn dress_all(&self, instances: Vec<Instance>) -> Result<Vec<Loaded>, Error> {
        let mut owners: HashMap<_, Owner> = HashMap::new();
        let mut dressed = Vec::with_capacity(instances.len());
        for instance in instances {
            let owner = match owners.get(&instance.user_id) {
                Some(owner) => owner.clone(),
                None => {
                    let owner = self.owner(instance.user_id).await?;
                    owners.insert(instance.user_id, owner.clone());
                    owner
                }
            };
            let found = self.element_of_instance(instance.element_id, owner.account_id).await?;
            let Some(element) = found else {
                tracing::warn!(instance = %instance.id, element = %instance.element_id, "no catalog has the element");
                continue;
            };
            dressed.push(Loaded { instance, element, owner, written: Written::default() });
        }
        Ok(dressed)
    }
}

fn none_found() -> Error {
    Error::not_found("instances-not-found", "No element instances found")
}
