//! `describe`: what a resource has, in the form the service answers it.

use serde_json::{Map, Value, json};

use super::resource::{Attribute, Resource, Type};

/// Description of some resources below a base address.
pub(super) fn describe(resources: &[&Resource], base: &str) -> Value {
    let described = resources.iter().map(|resource| (resource.name.to_owned(), describe_one(resource, base)));
    json!({ "Resources": Map::from_iter(described) })
}

fn describe_one(resource: &Resource, base: &str) -> Value {
    let href = format!("{base}/{}", resource.name);
    let values = resource.attributes.iter().filter(|one| one.kind != Type::Child);
    let children = resource.attributes.iter().filter(|one| one.kind == Type::Child);
    let child = |child: &Attribute| {
        let link = json!({
            "rel": "child",
            "href": format!("{href}/{{id}}/child/{}", child.name),
            "name": child.name,
            "kind": "collection",
        });
        (child.name.to_owned(), link)
    };
    let mut actions = vec![action("get", "GET"), action("update", "PATCH")];
    if resource.can_delete() {
        actions.push(action("delete", "DELETE"));
    }
    json!({
        "discrColumnType": false,
        "title": resource.name,
        "attributes": values.map(attribute).collect::<Vec<_>>(),
        "collection": {
            "rangeSize": 25,
            "finders": [{
                "name": "PrimaryKey",
                "attributes": [{ "name": resource.id, "type": "integer", "required": "true" }],
            }],
            "links": [link("self", &href, "collection")],
            "actions": [action("get", "GET"), action("create", "POST")],
        },
        "item": {
            "links": [link("self", &format!("{href}/{{id}}"), "item")],
            "actions": actions,
        },
        "children": children.map(child).collect::<Map<_, _>>(),
        "links": [link("canonical", &format!("{href}/describe"), "describe")],
    })
}

fn attribute(attribute: &Attribute) -> Value {
    let mut described = json!({
        "name": attribute.name,
        "type": attribute.kind.name(),
        "updatable": !attribute.read_only,
        "mandatory": attribute.mandatory,
        "queryable": true,
        "title": attribute.name,
    });
    if attribute.kind == Type::Integer {
        described["precision"] = json!(18);
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

fn link(rel: &str, href: &str, kind: &str) -> Value {
    json!({ "rel": rel, "href": href, "name": "self", "kind": kind })
}
