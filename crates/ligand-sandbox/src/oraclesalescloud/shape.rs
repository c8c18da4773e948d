//! Items and collections as the service answers them: the attributes asked for, children, links.

use serde_json::{Map, Value, json};

use super::query::{DEFAULT_LIMIT, Query};
use super::resource::Resource;
use super::store::{Item, Owner, State, Stored};

/// A resource at the address by which it was called.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) resource: &'static Resource,
    /// Whose items these are, if it is a child.
    pub(super) owner: Owner,
    /// Address of the collection.
    pub(super) href: String,
}

impl Target {
    /// The children of an item of this one.
    pub(super) fn below(&self, stored: &Stored, child: &'static Resource) -> Self {
        let href = format!("{}/child/{}", self.item_href(stored), child.name());
        Self { resource: child, owner: Some((self.resource, stored.id)), href }
    }

    /// Address of an item.
    pub(super) fn item_href(&self, stored: &Stored) -> String {
        let key: String = url::form_urlencoded::byte_serialize(stored.key.as_bytes()).collect();
        format!("{}/{}", self.href, key.replace('+', "%20"))
    }

    /// The page of the collection that was asked for.
    pub(super) fn page(&self, state: &State, query: &Query) -> Value {
        let items = state.list(self.resource, self.owner);
        let mut found: Vec<&Stored> = items.filter(|stored| query.matches(&stored.item)).collect();
        found.sort_by(|left, right| query.compare(&left.item, &right.item));
        let total = found.len();
        let shown = found.into_iter().skip(query.offset).take(query.limit);
        let items: Vec<Value> = shown.map(|stored| self.item(state, stored, query)).collect();
        let has_more = query.offset.saturating_add(items.len()) < total;
        let mut page = Map::new();
        page.insert("count".to_owned(), json!(items.len()));
        page.insert("hasMore".to_owned(), json!(has_more));
        page.insert("limit".to_owned(), json!(query.limit));
        page.insert("offset".to_owned(), json!(query.offset));
        if query.total_results {
            page.insert("totalResults".to_owned(), json!(total));
        }
        page.insert("links".to_owned(), json!([link("self", &self.href, self.resource.name(), "collection")]));
        page.shift_insert(0, "items".to_owned(), Value::Array(items));
        Value::Object(page)
    }

    /// An item with every attribute asked for, null where it has no value.
    pub(super) fn item(&self, state: &State, stored: &Stored, query: &Query) -> Value {
        let mut item = pick(self.resource, &stored.item, query.fields.as_deref());
        for (child, fields) in &query.expand {
            let below = self.below(stored, child);
            let fields = Some(fields.as_slice()).filter(|fields| !fields.is_empty());
            let rows = state.list(child, below.owner).map(|row| below.row(row, fields, query));
            item.insert(child.name().to_owned(), Value::Array(rows.collect()));
        }
        if !query.only_data {
            item.insert("links".to_owned(), self.links(stored, query));
        }
        Value::Object(item)
    }

    /// An item that was just created: with the rows of children it was created with.
    pub(super) fn created(&self, state: &State, stored: &Stored, query: &Query) -> Value {
        let mut item = self.item(state, stored, query);
        for child in self.resource.children() {
            let below = self.below(stored, child);
            let rows: Vec<Value> = state.list(child, below.owner).map(|row| below.row(row, None, query)).collect();
            if !rows.is_empty() {
                item[child.name()] = Value::Array(rows);
            }
        }
        item
    }

    fn row(&self, stored: &Stored, fields: Option<&[String]>, query: &Query) -> Value {
        let mut row = pick(self.resource, &stored.item, fields);
        if !query.only_data {
            row.insert("links".to_owned(), self.links(stored, query));
        }
        Value::Object(row)
    }

    fn links(&self, stored: &Stored, query: &Query) -> Value {
        let (href, name) = (self.item_href(stored), self.resource.name());
        let mut own = link("self", &href, name, "item");
        own["properties"] = json!({ "changeIndicator": stored.change_indicator() });
        let mut links = vec![own, link("canonical", &href, name, "item")];
        for child in self.resource.children() {
            let href = format!("{href}/child/{}", child.name());
            links.push(link("child", &href, child.name(), "collection"));
        }
        for list in self.resource.attributes.iter().filter_map(|attribute| attribute.lov) {
            links.push(link("lov", &format!("{href}/lov/{list}"), list, "collection"));
        }
        links.retain(|link| query.wants_link(link["rel"].as_str().unwrap_or_default()));
        Value::Array(links)
    }
}

/// A collection that is answered whole.
pub(super) fn whole(items: &[Value], href: &str, name: &str) -> Value {
    let count = items.len();
    json!({
        "items": items, "count": count, "hasMore": false, "limit": DEFAULT_LIMIT, "offset": 0,
        "links": [link("self", href, name, "collection")],
    })
}

fn pick(resource: &Resource, stored: &Item, fields: Option<&[String]>) -> Item {
    let wanted = |name: &str| fields.is_none_or(|fields| fields.iter().any(|one| one == name));
    let attributes = resource.attributes.iter().filter(|attribute| wanted(attribute.name));
    let value = |name: &str| stored.get(name).cloned().unwrap_or_default();
    attributes.map(|attribute| (attribute.name.to_owned(), value(attribute.name))).collect()
}

fn link(rel: &str, href: &str, name: &str, kind: &str) -> Value {
    json!({ "rel": rel, "href": href, "name": name, "kind": kind })
}
