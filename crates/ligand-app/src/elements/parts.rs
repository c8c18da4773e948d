//! The parts of a definition by themselves: listed, shown, added, replaced, removed. One way for all of them; what is
//! particular to a kind stands in `rules`.

use ligand_domain::{Caller, Error};
use ligand_element::document::{Document, shown};
use serde_json::{Value, json};

use super::{
    access::{Found, foreign},
    builder::Saved,
    draft::Target,
    rules,
};
use crate::App;

/// The lists that definitions consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// What a user is asked for.
    Configuration,
    /// Of the element or of a resource.
    Parameters,
    /// Scripts of the element or of a resource.
    Hooks,
    /// What callers reach.
    Resources,
    /// Objects of the older form.
    Objects,
    /// Fields of such an object.
    Fields,
    /// Objects of the newer form.
    Models,
}

impl List {
    /// The member of the definition.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Parameters => "parameters",
            Self::Hooks => "hooks",
            Self::Resources => "resources",
            Self::Objects => "objects",
            Self::Fields => "fields",
            Self::Models => "models",
        }
    }

    /// One item in words.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Parameters => "parameter",
            Self::Hooks => "hook",
            Self::Resources => "resource",
            Self::Objects => "object",
            Self::Fields => "field",
            Self::Models => "model",
        }
    }

    /// Whether an account may add such items to elements of the platform.
    fn extends(self) -> bool {
        matches!(self, Self::Resources | Self::Objects | Self::Models)
    }

    fn is(self, item: &Value, name: &str) -> bool {
        match self {
            Self::Configuration => item["key"] == name,
            _ => item["id"].as_i64().is_some_and(|id| id.to_string() == name),
        }
    }

    /// The member by which an item names what it is in.
    fn owner_member(self, is_inner: bool) -> Option<&'static str> {
        match (self, is_inner) {
            (Self::Parameters | Self::Hooks, true) => Some("resourceId"),
            (Self::Fields, _) => Some("objectId"),
            (Self::Parameters | Self::Hooks | Self::Models, false) => Some("elementId"),
            _ => None,
        }
    }
}

/// One step into a definition: a list, and which of its items, by key or number.
#[derive(Debug, Clone)]
pub struct Step {
    /// The list.
    pub list: List,
    /// The item; `None` for the list itself.
    pub item: Option<String>,
}

/// Where something is in a document: lists and places in them.
pub(super) type Place = Vec<(&'static str, usize)>;

/// What to show of a list.
#[derive(Debug, Default)]
pub struct PartQuery {
    /// Only what the caller's account added.
    pub account_only: bool,
    /// `where` as it was sent.
    pub condition: Option<String>,
}

impl App {
    /// The items of a list.
    ///
    /// # Errors
    /// Not found for an unknown element or item on the way; invalid for a condition that does not parse.
    pub async fn list_parts(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
        query: &PartQuery,
    ) -> Result<Vec<Value>, Error> {
        let found = self.find(Some(caller), element).await?;
        let whole = self.document(&found, Some(caller)).await?;
        let Some((last, before)) = steps.split_last() else { return Ok(Vec::new()) };
        let place = place_of(&whole, before)?;
        let condition = ligand_ceql::parse_where(query.condition.as_deref().unwrap_or_default())
            .map_err(|broken| Error::invalid("where-invalid", broken.to_string()))?;
        let inner = owner_of(&whole, &place);
        let items = inner.get(last.list.member()).and_then(Value::as_array).into_iter().flatten();
        let account = json!(caller.account_id);
        let own =
            |item: &&Value| !query.account_only || found.is_own(Some(caller)) || item["ownerAccountId"] == account;
        let fits = |item: &&Value| condition.as_ref().is_none_or(|condition| condition.matches(item));
        let items: Vec<&Value> = items.filter(own).filter(fits).collect();
        Ok(items.into_iter().map(|item| dressed(&whole, &found, steps, &place, item)).collect())
    }

    /// One item.
    ///
    /// # Errors
    /// Not found.
    pub async fn part(&self, caller: &Caller, element: &str, steps: &[Step]) -> Result<Value, Error> {
        let found = self.find(Some(caller), element).await?;
        let whole = self.document(&found, Some(caller)).await?;
        let place = place_of(&whole, steps)?;
        Ok(shown_at(&whole, &found, steps, &place))
    }

    /// Checks that a caller may change what the steps lead to, and that it is there.
    ///
    /// # Errors
    /// Not found, also for what belongs to the platform; forbidden for an element of another account.
    pub async fn demand_part(&self, caller: &Caller, element: &str, steps: &[Step]) -> Result<(), Error> {
        let (_, target) = self.target(caller, element, steps).await?;
        let (_, document) = self.draft(caller, &target).await?;
        place_of(&document, steps).map(drop)
    }

    /// Adds an item to the list that the steps end in.
    ///
    /// # Errors
    /// As [`App::demand_part`]; invalid with every problem; conflict for what is there already.
    pub async fn add_part(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
        body: &Document,
    ) -> Result<Saved, Error> {
        let (found, target) = self.target(caller, element, steps).await?;
        let Some((last, before)) = steps.split_last() else { return Err(Error::invalid("no-list", "No list")) };
        let list = last.list;
        let action = format!("{} added", list.noun());
        let change = |document: &mut Document| {
            let mut place = place_of(document, before)?;
            let inner = owner_of_mut(document, &place);
            let items = inner.entry(list.member()).or_insert_with(|| json!([]));
            let Value::Array(items) = items else { return Err(unknown(list, "")) };
            let mut item = body.clone();
            forget_numbers(&mut item);
            rules::check_new(list, &item, items)?;
            items.push(Value::Object(item));
            place.push((list.member(), items.len() - 1));
            Ok(place)
        };
        let (place, settled) = self.edit(caller, &target, &action, change).await?;
        Ok(Saved { body: shown_at(&settled.document, &found, steps, &place), remarks: settled.remarks })
    }

    /// Replaces the item that the steps lead to; its number stays.
    ///
    /// # Errors
    /// As [`App::add_part`].
    pub async fn replace_part(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
        body: &Document,
    ) -> Result<Saved, Error> {
        let (found, target) = self.target(caller, element, steps).await?;
        let list = steps.last().map_or(List::Resources, |step| step.list);
        let action = format!("{} changed", list.noun());
        let change = |document: &mut Document| {
            let place = place_of(document, steps)?;
            let Some(((member, index), before)) = place.split_last() else { return Err(unknown(list, "")) };
            let inner = owner_of_mut(document, before);
            let Some(Value::Array(items)) = inner.get_mut(*member) else { return Err(unknown(list, "")) };
            let mut item = body.clone();
            rules::check_change(list, &mut item, items, *index)?;
            item.insert("id".to_owned(), items[*index]["id"].clone());
            items[*index] = Value::Object(item);
            Ok(place)
        };
        let (place, settled) = self.edit(caller, &target, &action, change).await?;
        Ok(Saved { body: shown_at(&settled.document, &found, steps, &place), remarks: settled.remarks })
    }

    /// Removes the item that the steps lead to.
    ///
    /// # Errors
    /// As [`App::demand_part`].
    pub async fn remove_part(&self, caller: &Caller, element: &str, steps: &[Step]) -> Result<(), Error> {
        let (_, target) = self.target(caller, element, steps).await?;
        let list = steps.last().map_or(List::Resources, |step| step.list);
        let action = format!("{} removed", list.noun());
        let change = |document: &mut Document| {
            let place = place_of(document, steps)?;
            let Some(((member, index), before)) = place.split_last() else { return Err(unknown(list, "")) };
            if let Some(Value::Array(items)) = owner_of_mut(document, before).get_mut(*member) {
                items.remove(*index);
            }
            Ok(())
        };
        self.edit(caller, &target, &action, change).await.map(drop)
    }

    /// The element, and the document of it that the caller may change.
    pub(super) async fn target(
        &self,
        caller: &Caller,
        element: &str,
        steps: &[Step],
    ) -> Result<(Found, Target), Error> {
        let found = self.find(Some(caller), element).await?;
        if let Found::Stored(_) = found
            && !found.is_own(Some(caller))
        {
            return Err(foreign("The element belongs to another account"));
        }
        if let (Found::Platform(_), Some(first)) = (&found, steps.first())
            && !first.list.extends()
        {
            let message = format!("No {} found that may be changed: the element is the platform's", first.list.noun());
            return Err(Error::not_found("part-not-found", message));
        }
        Ok((found.clone(), Target::of(found)))
    }
}

/// Where the steps lead. A last step without an item leads to what its list is in.
pub(super) fn place_of(document: &Document, steps: &[Step]) -> Result<Place, Error> {
    let mut place = Place::new();
    for step in steps {
        let Some(name) = &step.item else { break };
        let inner = owner_of(document, &place);
        let items = inner.get(step.list.member()).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let index = items.iter().position(|item| step.list.is(item, name)).ok_or_else(|| unknown(step.list, name))?;
        place.push((step.list.member(), index));
    }
    Ok(place)
}

pub(super) fn unknown(list: List, name: &str) -> Error {
    let name: String = name.chars().take(200).collect();
    let by = if list == List::Configuration { "key" } else { "ID" };
    Error::not_found("part-not-found", format!("No {} found with {by} {name}", list.noun()))
}

/// The members of what a place leads to.
pub(super) fn owner_of<'a>(document: &'a Document, place: &[(&'static str, usize)]) -> &'a Document {
    let mut at = document;
    for (member, index) in place {
        let inner = at.get(*member).and_then(|list| list.get(*index)).and_then(Value::as_object);
        let Some(inner) = inner else { break };
        at = inner;
    }
    at
}

pub(super) fn owner_of_mut<'a>(document: &'a mut Document, place: &[(&'static str, usize)]) -> &'a mut Document {
    let Some(((member, index), rest)) = place.split_first() else { return document };
    let is_there = document.get(*member).and_then(|list| list.get(*index)).is_some_and(Value::is_object);
    if !is_there {
        return document;
    }
    match document.get_mut(*member).and_then(|list| list.get_mut(*index)).and_then(Value::as_object_mut) {
        Some(inner) => owner_of_mut(inner, rest),
        None => unreachable!("it was there just now"),
    }
}

/// Numbers in what is added are another part's, or another installation's.
fn forget_numbers(item: &mut Document) {
    item.shift_remove("id");
    for list in ["parameters", "hooks", "fields", "modelFields"] {
        for inner in item.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Object(members) = inner {
                members.shift_remove("id");
            }
        }
    }
}

pub(super) fn shown_at(whole: &Document, found: &Found, steps: &[Step], place: &Place) -> Value {
    let outer = &place[..place.len().saturating_sub(1)].to_vec();
    dressed(whole, found, steps, outer, &Value::Object(owner_of(whole, place).clone()))
}

/// An item with the number of what it is in.
fn dressed(whole: &Document, found: &Found, steps: &[Step], outer: &Place, item: &Value) -> Value {
    let Value::Object(members) = item else { return item.clone() };
    let mut members = shown(members.clone());
    let list = steps.last().map_or(List::Resources, |step| step.list);
    if let Some(member) = list.owner_member(!outer.is_empty()) {
        let id = if outer.is_empty() { json!(found.id()) } else { owner_of(whole, outer)["id"].clone() };
        members.insert(member.to_owned(), id);
    }
    if list == List::Models {
        rules::relate_models(whole, &mut members);
    }
    Value::Object(members)
}
