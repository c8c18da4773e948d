//! Paths of a white-label call, and what the path says about the bodies of the call.

use http::HeaderMap;

use super::{Noun, STANDARD, Words};
use crate::dispatch::{ALWAYS_PLATFORM, shows_element_token};

/// Segments below which a body is a generated or recorded document, which belongs to the vendor or the user.
const DOCUMENTS: &[&str] = &["docs", "lbdocs", "trace"];

/// The answer header that a call through an instance carries.
const INSTANCE_HEADER: &str = "elements-element-instance-id";

/// What the bodies of a call hold, and so how far the white-label layer may change them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    pub(super) request: Contents,
    pub(super) answer: Contents,
}

/// What a body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// Vendor or user data: never changed.
    Foreign,
    /// Platform entities.
    Platform,
    /// Platform entities whose outermost member names are names of the user's objects.
    Dictionary,
    /// Formulas: platform entities with enumerated values that hold the noun.
    Formulas,
    /// A description of an API, the platform's own one or another.
    Document {
        /// Whether it is the platform's own.
        is_own: bool,
    },
}

impl Route {
    /// Reads the route off the *standard* path (with or without its query) and the *standard* request headers.
    #[must_use]
    pub fn of(standard_path: &str, standard_headers: &HeaderMap) -> Self {
        let segments = segments_of(standard_path);
        let ["elements", "api-v2", route @ ..] = segments.as_slice() else {
            let is_own = matches!(segments.as_slice(), ["elements", "api-docs", "openapi.json"]);
            let answer = if is_own { Contents::Document { is_own } } else { Contents::Foreign };
            return Self { request: Contents::Foreign, answer };
        };
        let answer = answer_contents(route);
        let first = route.first().copied().unwrap_or_default();
        let may_be_hub_call = !ALWAYS_PLATFORM.contains(&first) && shows_element_token(standard_headers);
        let free_payload = first == "events" || matches!(route, ["formulas", .., "executions"]);
        let is_document = matches!(answer, Contents::Document { .. });
        let request = if may_be_hub_call || free_payload || is_document { Contents::Foreign } else { answer };
        Self { request, answer }
    }

    /// The same route once the *standard* headers of its answer are known: a call that went through an instance
    /// answers with the vendor's data.
    #[must_use]
    pub fn answered(self, standard_headers: &HeaderMap) -> Self {
        let is_document = matches!(self.answer, Contents::Document { .. });
        let through_instance = standard_headers.contains_key(INSTANCE_HEADER) && !is_document;
        Self { answer: if through_instance { Contents::Foreign } else { self.answer }, ..self }
    }
}

fn answer_contents(route: &[&str]) -> Contents {
    match route {
        ["docs", "all_platform"] => Contents::Document { is_own: true },
        ["docs", _]
        | ["hubs", _, "objects", _, "docs"]
        | ["objects", _, "docs"]
        | ["elements" | "instances", .., "docs"]
        | ["elements" | "instances", .., "docs", _] => Contents::Document { is_own: false },
        ["hubs", _, "elements"] => Contents::Platform,
        ["hubs", _, _, ..] | ["usage", "analytics", "activity", "elements", ..] => Contents::Foreign,
        [_, ..] if route.iter().any(|segment| DOCUMENTS.contains(segment)) => Contents::Foreign,
        ["formulas", ..] => Contents::Formulas,
        [.., "transformations"] | [.., "objects", "definitions"] => Contents::Dictionary,
        _ => Contents::Platform,
    }
}

impl Noun {
    /// The standard path of one under this noun's base path, with its query:
    /// `/your_moms/api-v2/your_moms/keys?x=y` → `/elements/api-v2/elements/keys?x=y`. `None` for any other path.
    ///
    /// Only segments that are platform vocabulary change, and the names of query parameters of platform routes;
    /// resources of hub calls, element keys and object names stay.
    #[must_use]
    pub fn standard_path(&self, path_and_query: &str) -> Option<String> {
        exchanged(path_and_query, self.words(), STANDARD)
    }

    /// The catalogue of one hub, `/elements/api-v2/hubs/crm/your_moms` → `…/hubs/crm/elements`. Without an element
    /// token only: with one it is a call to the hub, whose resources are not platform vocabulary.
    #[must_use]
    pub fn standard_hub_catalogue(&self, standard_path: &str, standard_headers: &HeaderMap) -> Option<String> {
        let (path, query) =
            standard_path.split_once('?').map_or((standard_path, None), |(path, query)| (path, Some(query)));
        let ["elements", "api-v2", "hubs", hub, last] = segments_of(path)[..] else { return None };
        if last != self.plural || shows_element_token(standard_headers) {
            return None;
        }
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("/{0}/api-v2/hubs/{hub}/{0}{query}", STANDARD.plural))
    }
}

/// Exchanges the vocabulary of a path with an optional query, when it lies under the base path of `from`.
pub(super) fn exchanged(path_and_query: &str, from: Words<'_>, to: Words<'_>) -> Option<String> {
    let (path, query) = match path_and_query.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (path_and_query, None),
    };
    let mut segments: Vec<String> = path.strip_prefix('/')?.split('/').map(str::to_owned).collect();
    if segments.first().is_none_or(|base| base != from.plural) {
        return None;
    }
    to.plural.clone_into(&mut segments[0]);
    let in_api = segments.get(1).is_some_and(|version| version == "api-v2");
    let platform = in_api && segments.get(2).is_none_or(|first| first != "hubs");
    if platform {
        exchange_vocabulary(&mut segments[2..], from, to);
    }
    let mut result = format!("/{}", segments.join("/"));
    if let Some(query) = query {
        result.push('?');
        result.push_str(&if platform { exchanged_query(query, from, to) } else { query.to_owned() });
    }
    Some(result)
}

/// Exchanges the one segment behind `api-v2` that is vocabulary, if the route has one.
fn exchange_vocabulary(route: &mut [String], from: Words<'_>, to: Words<'_>) {
    let names: Vec<&str> = route.iter().map(String::as_str).collect();
    let place = match names.as_slice() {
        ["organizations", _, ..] | ["audit-logs", _, ..] | ["metrics", _, ..] => 1,
        ["accounts", _, _, "transformations", ..] => 1,
        ["accounts", _, _, _, "transformations", ..] => 2,
        ["usage", "analytics", "activity", _, ..] => 3,
        [_, ..] => 0,
        [] => return,
    };
    let compounds: &[&str] = match names[0] {
        "audit-logs" | "usage" => &["-instances"],
        "metrics" => &["-instances-created"],
        _ if place == 0 => &["-products"],
        _ => &[],
    };
    let plural_suffix = if names[0] == "metrics" { "-created" } else { "" };
    let exchanged = exchanged_segment(names[place], plural_suffix, compounds, from, to);
    if let Some(segment) = exchanged {
        route[place] = segment;
    }
}

/// `your_moms` + suffix or `your_mom` + one of `compounds`, exchanged.
fn exchanged_segment(
    segment: &str,
    plural_suffix: &str,
    compounds: &[&str],
    from: Words<'_>,
    to: Words<'_>,
) -> Option<String> {
    if segment.strip_prefix(from.plural) == Some(plural_suffix) {
        return Some(format!("{}{plural_suffix}", to.plural));
    }
    let rest = segment.strip_prefix(from.singular)?;
    compounds.contains(&rest).then(|| format!("{}{rest}", to.singular))
}

/// The query with the names of its parameters exchanged (`your_momKeys[]=a` → `elementKeys[]=a`).
fn exchanged_query(query: &str, from: Words<'_>, to: Words<'_>) -> String {
    let parameters: Vec<String> = query
        .split('&')
        .map(|parameter| {
            let end = parameter.find(['=', '[', '%']).unwrap_or(parameter.len());
            let (name, rest) = parameter.split_at(end);
            from.renamed(name, to).map_or_else(|| parameter.to_owned(), |name| format!("{name}{rest}"))
        })
        .collect();
    parameters.join("&")
}

fn segments_of(path_and_query: &str) -> Vec<&str> {
    let path = path_and_query.split('?').next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}
