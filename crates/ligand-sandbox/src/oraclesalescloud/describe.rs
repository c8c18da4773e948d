//! `describe`: what a resource has, in the form the service answers it.

use serde_json::{Map, Value, json};

use super::query::finders;
use super::resource::{Attribute, Resource, Type};

/// Description of some resources below a base address.
pub(super) fn describe(resources: &[&'static Resource], base: &str) -> Value {
    let one = |resource: &&'static Resource| {
        let href = format!("{base}/{}", resource.name());
        (resource.name().to_owned(), describe_one(resource, &href))
    };
    json!({ "Resources": Map::from_iter(resources.iter().map(one)) })
}

/// Description of a child below an item.
pub(super) fn describe_child(child: &'static Resource, href: &str) -> Value {
    json!({ "Resources": { child.name(): describe_one(child, href) } })
}

fn describe_one(resource: &'static Resource, href: &str) -> Value {
    let child = |child: &'static Resource| {
        let href = format!("{href}/{{id}}/child/{}", child.name());
        (child.name().to_owned(), describe_one(child, &href))
    };
    let finder = |(name, attribute): (String, &'static str)| {
        let kind = resource.attribute(attribute).map_or("string", |one| one.kind.name());
        json!({ "name": name, "attributes": [{ "name": attribute, "type": kind, "required": "true" }] })
    };
    let mut actions = vec![action("get", "GET"), action("update", "PATCH")];
    if resource.can_delete() {
        actions.push(action("delete", "DELETE"));
    }
    let mut links = vec![link("self", &format!("{href}/{{id}}"), resource.name(), "item")];
    for attribute in &resource.attributes {
        if let Some(list) = attribute.lov {
            links.push(link("lov", &format!("{href}/{{id}}/lov/{list}"), list, "collection"));
        }
    }
    json!({
        "discrColumnType": false,
        "title": resource.name(),
        "attributes": resource.attributes.iter().map(describe_attribute).collect::<Vec<_>>(),
        "collection": {
            "rangeSize": 25,
            "finders": finders(resource).into_iter().map(finder).collect::<Vec<_>>(),
            "links": [link("self", href, resource.name(), "collection")],
            "actions": [action("get", "GET"), action("create", "POST")],
        },
        "item": { "links": links, "actions": actions },
        "children": resource.children().map(child).collect::<Map<_, _>>(),
        "links": [link("canonical", &format!("{href}/describe"), resource.name(), "describe")],
    })
}

fn describe_attribute(attribute: &Attribute) -> Value {
    let title = attribute.name.strip_suffix("_c").unwrap_or(attribute.name);
    let mut described = json!({
        "name": attribute.name,
        "type": attribute.kind.name(),
        "updatable": !attribute.read_only,
        "mandatory": attribute.mandatory,
        "queryable": attribute.queryable,
        "title": title,
    });
    match attribute.kind {
        Type::String => described["maxLength"] = json!(attribute.max_length.to_string()),
        Type::Integer => described["precision"] = json!(18),
        Type::Number | Type::Boolean | Type::Date | Type::Datetime => {}
    }
    if let Some(list) = attribute.lov {
        described["lov"] = json!({ "childRef": list, "attributeMap": [
            { "source": "LookupCode", "target": attribute.name },
        ]});
    }
    if attribute.custom() {
        described["annotations"] = json!({ "description": "An attribute this site has added." });
    }
    described
}

fn action(name: &str, method: &str) -> Value {
    json!({
        "name": name,
        "method": method,
        "responseType": ["application/vnd.oracle.adf.resourceitem+json", "application/json"],
    })
}

fn link(rel: &str, href: &str, name: &str, kind: &str) -> Value {
    json!({ "rel": rel, "href": href, "name": name, "kind": kind })
}
