//! How a vendor pages a list, as the names of its parameters and the shape of its answer tell.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::parameters::Declared;

const PAGES: &[&str] = &[
    "page",
    "pagenumber",
    "pagenum",
    "pageno",
    "pageindex",
    "currentpage",
    "page[number]",
    "pagenumber[]",
    "paged",
    "p",
];
const SIZES: &[&str] = &[
    "pagesize",
    "perpage",
    "limit",
    "size",
    "count",
    "maxresults",
    "max",
    "pagelen",
    "page[size]",
    "page[limit]",
    "top",
    "$top",
    "rows",
    "take",
    "pagelimit",
    "maxperpage",
    "itemsperpage",
    "resultsperpage",
    "numresults",
    "maxitems",
    "length",
    "maxrecords",
    "pagecount",
    "recordsperpage",
];
const OFFSETS: &[&str] = &[
    "offset",
    "skip",
    "$skip",
    "start",
    "startat",
    "startindex",
    "page[offset]",
    "startfrom",
    "firstresult",
    "fromindex",
    "startrow",
    "recordoffset",
];
const CURSORS: &[&str] = &[
    "cursor",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "continuation",
    "continue",
    "after",
    "marker",
    "bookmark",
    "scrollid",
    "nextcursor",
    "page[after]",
    "page[cursor]",
    "pagecursor",
    "startcursor",
    "afterid",
    "token",
    "$skiptoken",
    "nextpage",
    "offsettoken",
    "startkey",
];
/// Members of answers that hold the token of the next page.
const TOKENS: &[&str] = &[
    "nextcursor",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "nextpage",
    "next",
    "cursor",
    "continue",
    "after",
    "nextmarker",
    "bookmark",
    "scrollid",
    "endcursor",
    "nextpagecursor",
    "nexturl",
    "nextlink",
    "nextpageurl",
    "nextkey",
];
/// Members that hold one of those.
const AROUND: &[&str] =
    &["meta", "metadata", "paging", "pagination", "pageinfo", "responsemetadata", "links", "cursors", "page", "next"];
/// Members that only say whether there is more.
const FLAGS: &[&str] = &["hasmore", "hasnext", "hasnextpage", "more", "hasmoreitems", "morerecords", "ismore"];

/// What a parameter does for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Page,
    Size,
    Offset,
    Cursor,
    /// It belongs to another way of paging.
    Unused,
}

/// How a list is paged.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Paging {
    roles: Vec<(String, Role)>,
    /// Where an answer says what comes next.
    pub(super) next: Option<String>,
    /// The largest page, when stated.
    pub(super) largest: Option<u64>,
    /// Whether pages are counted from zero.
    is_from_zero: bool,
}

impl Paging {
    /// Reads the parameters of a list; `members` gives the members of an object at a path in its answer, each with its
    /// schema's format. None when nothing speaks of pages.
    pub(super) fn read(declared: &Declared<'_>, answer: &[Hint]) -> Option<Self> {
        let find = |names: &[&str]| {
            let queries: Vec<_> = declared.at("query").collect();
            let index = |name: &str| names.iter().position(|known| *known == squeezed(name));
            let fitting = queries.into_iter().filter(|plain| is_scalar(plain.schema));
            fitting.filter_map(|plain| Some((index(&plain.name)?, plain))).min_by_key(|(index, _)| *index)
        };
        let (page, size, offset, cursor) = (find(PAGES), find(SIZES), find(OFFSETS), find(CURSORS));
        let [page, size, offset, cursor] = [page, size, offset, cursor].map(|found| found.map(|(_, plain)| plain));
        if page.is_none() && size.is_none() && offset.is_none() && cursor.is_none() {
            return None;
        }
        let token = cursor.and_then(|plain| Some((plain, token_of(answer, &plain.name)?)));
        let mut paging = Self::default();
        let used = match (token, page, offset) {
            (Some((plain, token)), ..) => {
                paging.next = Some(token);
                Some((plain, Role::Cursor))
            }
            (None, Some(plain), _) if is_number(plain.schema, &plain.name) => Some((plain, Role::Page)),
            (None, _, Some(plain)) if is_number(plain.schema, &plain.name) => Some((plain, Role::Offset)),
            _ => None,
        };
        if let Some((plain, role)) = used {
            paging.roles.push((plain.name.clone(), role));
            let least = plain.keyword("default").or_else(|| plain.keyword("minimum")).and_then(Value::as_u64);
            paging.is_from_zero = role == Role::Page && least == Some(0) || role == Role::Offset && least != Some(1);
            if role != Role::Cursor {
                paging.next = flag_of(answer);
            }
        }
        for plain in [page, offset].into_iter().flatten() {
            if used.is_some_and(|(used, _)| used.name != plain.name) {
                paging.roles.push((plain.name.clone(), Role::Unused));
            }
        }
        if let Some(plain) = size {
            paging.roles.push((plain.name.clone(), Role::Size));
            paging.largest = plain.keyword("maximum").and_then(Value::as_u64).filter(|most| (1..=5000).contains(most));
        }
        Some(paging)
    }

    /// What a parameter does.
    pub(super) fn role(&self, name: &str) -> Option<Role> {
        self.roles.iter().find(|(known, _)| known == name).map(|(_, role)| *role)
    }

    fn has(&self, wanted: Role) -> bool {
        self.roles.iter().any(|(_, role)| *role == wanted)
    }
}

/// A member of an answer that may tell about pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hint {
    /// Dotted path in the vendor's body.
    pub(super) path: String,
    pub(super) kind: String,
    /// Whether it is an address.
    pub(super) is_address: bool,
}

/// Whether the members of this member may tell about pages.
pub(super) fn is_around(name: &str) -> bool {
    AROUND.contains(&squeezed(name).as_str())
}

fn token_of(answer: &[Hint], parameter: &str) -> Option<String> {
    let last = |hint: &Hint| squeezed(hint.path.rsplit('.').next().unwrap_or_default());
    let own = squeezed(parameter);
    let rank = |hint: &Hint| {
        let name = last(hint);
        let is_scalar = matches!(hint.kind.as_str(), "string" | "integer" | "unknown");
        let known = TOKENS.iter().position(|token| *token == name);
        let known = known.or_else(|| (name == own).then_some(TOKENS.len()));
        known.filter(|_| is_scalar)
    };
    let (_, best) = answer.iter().filter_map(|hint| Some((rank(hint)?, hint))).min_by_key(|(rank, _)| *rank)?;
    let names_address = ["nexturl", "nextlink", "nextpageurl"].contains(&last(best).as_str());
    Some(if best.is_address || names_address { format!("{}?{parameter}", best.path) } else { best.path.clone() })
}

fn flag_of(answer: &[Hint]) -> Option<String> {
    let name = |hint: &Hint| squeezed(hint.path.rsplit('.').next().unwrap_or_default());
    let flag = answer.iter().find(|hint| hint.kind == "boolean" && FLAGS.contains(&name(hint).as_str()));
    flag.map(|hint| hint.path.clone())
}

/// A name in lower case without what joins words.
fn squeezed(name: &str) -> String {
    name.chars().filter(|each| !matches!(each, '_' | '-' | '.' | ' ')).collect::<String>().to_ascii_lowercase()
}

fn kinds(schema: Option<&Value>) -> Vec<&str> {
    match schema.and_then(|schema| schema.get("type")) {
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        other => other.and_then(Value::as_str).into_iter().collect(),
    }
}

/// Whether a value may say which page, or how large: flags and lists do not.
fn is_scalar(schema: Option<&Value>) -> bool {
    !kinds(schema).iter().any(|kind| matches!(*kind, "boolean" | "array" | "object"))
}

/// Whether a value counts. Carelessly described ones are texts, but then without a format, as dates have one.
fn is_number(schema: Option<&Value>, name: &str) -> bool {
    let kinds = kinds(schema);
    let says_number = kinds.is_empty() || kinds.iter().any(|kind| matches!(*kind, "integer" | "number"));
    let is_plain = schema.and_then(|schema| schema.get("format")).is_none() && !squeezed(name).starts_with("start");
    says_number || is_plain
}

/// How the lists of a document are paged, counted.
#[derive(Debug, Default)]
pub(super) struct Styles {
    pages: usize,
    pages_from_zero: usize,
    offsets: usize,
    offsets_from_one: usize,
}

impl Styles {
    pub(super) fn count(&mut self, paging: &Paging) {
        let zero = usize::from(paging.is_from_zero);
        if paging.has(Role::Page) {
            self.pages += 1;
            self.pages_from_zero += zero;
        } else if paging.has(Role::Offset) {
            self.offsets += 1;
            self.offsets_from_one += 1 - zero;
        }
    }

    /// The entries that say how most lists are paged. `sizes` has the largest page of objects that have one.
    pub(super) fn entries(&self, sizes: &BTreeMap<String, u64>) -> Vec<Value> {
        let is_offset = self.offsets > self.pages;
        let mut entries = vec![entry("pagination.type", if is_offset { "offset" } else { "page" })];
        let start = match is_offset {
            true if self.offsets_from_one * 2 > self.offsets => Some("1"),
            true => Some("0"),
            false if self.pages_from_zero * 2 > self.pages => Some("0"),
            false => None,
        };
        entries.extend(start.map(|start| entry("pagination.page.startindex", start)));
        let mut largest: Map<String, Value> = sizes
            .iter()
            .filter(|(_, most)| **most != 100)
            .map(|(name, most)| (name.clone(), Value::from(*most)))
            .collect();
        if !largest.is_empty() {
            largest.insert("default".to_owned(), Value::from(100));
            entries.push(entry("pagination.max", &Value::Object(largest).to_string()));
        }
        entries
    }
}

fn entry(key: &str, value: &str) -> Value {
    serde_json::json!({ "key": key, "defaultValue": value })
}
