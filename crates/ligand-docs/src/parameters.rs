//! What callers send to a resource beside its body, as its definition declares it and as the platform adds it.

use ligand_element::{Element, Method, Parameter as Declared, Resource, Source, SourceType, resource::PaginationType};
use serde_json::{Value, json};

use crate::{
    document::{Parameter, Place},
    paths::Path,
    schemas::primitive,
};

/// What every list takes, whatever its vendor can do.
const OF_LISTS: &[(&str, &str, &str)] = &[
    ("where", "string", "The condition of records: `name='Smith' AND city='Rome'`"),
    ("fields", "string", "The members of records that are wanted, by commas"),
    ("orderBy", "string", "The member to order by, and `asc` or `desc`"),
];

/// What every list takes that has pages.
const OF_PAGES: &[(&str, &str, &str)] = &[
    ("page", "integer", "The number of the page, from 1"),
    ("pageSize", "integer", "How many records a page has at most"),
    ("nextPage", "string", "The token of the page, from the header Elements-Next-Page-Token"),
];

/// What reading one record takes.
const OF_ITEMS: &[(&str, &str, &str)] = &[("fields", "string", "The members of the record that are wanted, by commas")];

/// Parameters of a resource, each once: those of its path, its own, those of the element, those of the platform.
pub(crate) fn of_resource(element: &Element, resource: &Resource, path: &Path) -> Vec<Parameter> {
    let declared: Vec<&Declared> = { resource.parameters.iter().chain(element.parameters()) }
        .filter(|parameter| parameter.source == Source::Request)
        .collect();
    let mut parameters: Vec<Parameter> = Vec::new();
    for (name, defined) in path.variables() {
        let known = declared.iter().find(|it| it.kind == SourceType::Path && it.name == defined);
        let schema = known.map_or_else(|| json!({ "type": "string" }), |known| simple(known));
        let mut parameter = Parameter::of(name, Place::Path, true, schema);
        parameter.description = known.and_then(|known| known.description.clone());
        parameters.push(parameter);
    }
    let mut add = |parameter: Parameter| {
        let same = |known: &Parameter| known.place == parameter.place && known.name == parameter.name;
        if !parameter.name.is_empty() && !parameters.iter().any(same) {
            parameters.push(parameter);
        }
    };
    let of_platform: Vec<_> = of_platform(resource).collect();
    for parameter in &declared {
        let known =
            of_platform.iter().find(|(name, ..)| parameter.kind == SourceType::Query && *name == parameter.name);
        let place = match parameter.kind {
            SourceType::Query => Place::Query,
            SourceType::Header if !parameter.name.eq_ignore_ascii_case("authorization") => Place::Header,
            SourceType::Form | SourceType::Multipart => Place::Form,
            _ => continue,
        };
        add(Parameter {
            name: parameter.name.clone(),
            place,
            required: parameter.required,
            description: parameter.description.clone().or_else(|| known.map(|(.., meaning)| (*meaning).to_owned())),
            schema: match known.filter(|_| parameter.data_type.is_none()) {
                Some((_, kind, _)) => json!({ "type": kind }),
                None if is_file(parameter) && place == Place::Form => json!({ "type": "file" }),
                None => simple(parameter),
            },
        });
    }
    for (name, kind, meaning) in of_platform {
        add(Parameter::of(*name, Place::Query, false, json!({ "type": kind })).described(*meaning));
    }
    parameters
}

fn of_platform(resource: &Resource) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let has_pages = resource.is_list() && resource.pagination_type != Some(PaginationType::NoPagination);
    let (lists, pages, items): (&[_], &[_], &[_]) = match resource.method {
        Method::Get if resource.is_list() => (OF_LISTS, if has_pages { OF_PAGES } else { &[] }, &[]),
        Method::Get => (&[], &[], OF_ITEMS),
        _ => (&[], &[], &[]),
    };
    lists.iter().chain(pages).chain(items)
}

fn is_file(parameter: &Declared) -> bool {
    let kinds = [parameter.data_type.as_deref(), parameter.vendor_data_type.as_deref()];
    let names_file = parameter.kind == SourceType::Multipart && parameter.name == "file";
    names_file || kinds.into_iter().flatten().any(|kind| matches!(kind, "file" | "binary"))
}

/// The schema of a value that is text in a path, a query, a header or a field.
fn simple(parameter: &Declared) -> Value {
    let stated = parameter.data_type.as_deref().unwrap_or("string");
    let (kind, format) = primitive(stated).unwrap_or(("string", None));
    let mut schema = match kind {
        "array" => json!({ "type": "array", "items": { "type": "string" } }),
        "object" => json!({ "type": "string" }),
        kind => json!({ "type": kind }),
    };
    if let Some(format) = format.filter(|_| stated != "integer") {
        schema["format"] = json!(format);
    }
    if let Some(sample) = parameter.sample_data.as_ref().filter(|sample| !sample.is_empty()) {
        schema["x-samplevalue"] = json!(sample);
    }
    schema
}
