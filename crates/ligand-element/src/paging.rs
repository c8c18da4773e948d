//! Pages of lists: what a caller asks for, how the vendor pages, and the opaque tokens between calls. The walk over
//! the vendor's pages is in [`crate::walk`].

mod next_key;
#[cfg(test)]
mod tests;
mod token;

use ligand_domain::Configuration;
use serde_json::Value;

use crate::{
    AnswerState, Element, HookType, Inputs, PlanError, Resource, hooks::hooks_of, plan::effective_parameters,
    resource::PaginationType, route,
};
use next_key::NextKey;
use token::{At, Token};

/// Records of a page when neither caller nor element say.
const DEFAULT_SIZE: u64 = 200;

/// The largest page of an element that states no maximum.
const LARGEST: u64 = 5000;

/// Records that a vendor is asked for at once while a list is filtered or sorted here.
const WALK_SIZE: u64 = 200;

/// No list goes on behind so many records.
const FARTHEST: u64 = 1 << 40;

/// What parameters call the variables of a page.
const PAGE_VARIABLES: &[&str] = &["page", "pageSize", "limit", "offset", "nextPage"];

/// How the vendor pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// By page number.
    Page,
    /// By the offset of the first record.
    Offset,
    /// By a token of its answers.
    Cursor,
    /// Not at all: it sends the whole list, which is cut here.
    Whole,
    /// Not at all, and nothing is cut.
    Unpaged,
}

/// Where in the vendor's list a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Position {
    /// Index of the vendor's page, from 0 ([`Style::Page`]).
    pub(crate) page: u64,
    /// Offset of the first record, from 0 ([`Style::Offset`]).
    pub(crate) offset: u64,
    /// The vendor's token; none for its first page ([`Style::Cursor`]).
    pub(crate) cursor: Option<String>,
    /// Records of that page that earlier calls had.
    pub(crate) skip: u64,
}

/// The pages that a call asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Paging {
    pub(crate) style: Style,
    /// Number of the vendor's first page, or offset of its first record.
    pub(crate) start: u64,
    /// Records that the caller wants at most.
    pub(crate) size: u64,
    /// Records that the vendor is asked for at once.
    pub(crate) vendor_size: u64,
    pub(crate) position: Position,
    /// Records (of those that satisfy the filter) to leave out first.
    pub(crate) discard: u64,
    pub(crate) work: Work,
    /// What the caller must be told about the size, for `Elements-Error`.
    pub(crate) warning: Option<String>,
}

/// A page of the vendor: the variables that parameters ask for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendorPage {
    /// Number of the page as the vendor counts.
    pub page: u64,
    /// Number of the page, from 1.
    pub number: u64,
    /// Offset as the vendor counts.
    pub offset: u64,
    /// Records of a page.
    pub size: u64,
    /// The vendor's token; none for its first page.
    pub cursor: Option<String>,
}

impl VendorPage {
    /// The value of `page`, `pageSize`, `limit`, `offset` or `nextPage`; `None` for other names and for a token that
    /// there is not.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "page" => Some(self.page.to_string()),
            "pageSize" | "limit" => Some(self.size.to_string()),
            "offset" => Some(self.offset.to_string()),
            "nextPage" => self.cursor.clone(),
            _ => None,
        }
    }

    /// Whether the name is one of the variables, be there a value or not.
    pub(crate) fn has(name: &str) -> bool {
        PAGE_VARIABLES.contains(&name)
    }
}

/// What an answer says about the page behind it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct After {
    /// The vendor's token for it.
    pub cursor: Option<String>,
    /// Whether there is one, when the vendor says.
    pub more: Option<bool>,
}

impl After {
    /// Reads an answer by the resource's `nextPageKey`.
    #[must_use]
    pub fn of(resource: &Resource, answer: &AnswerState) -> Self {
        NextKey::of(resource).map(|key| key.read(answer)).unwrap_or_default()
    }
}

/// What is done with a list here, besides cutting it into pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Work {
    pub(crate) filters: bool,
    pub(crate) sorts: bool,
}

impl Paging {
    /// Reads `page`, `pageSize` and `nextPage` of a call.
    ///
    /// # Errors
    /// Numbers that are not positive integers, and tokens that no answer gave.
    pub(crate) fn read(
        element: &Element,
        resource: &Resource,
        inputs: &Inputs,
        configuration: &Configuration,
        work: Work,
    ) -> Result<Self, PlanError> {
        let kind = configuration.get("pagination.type").unwrap_or("page").trim().to_ascii_lowercase();
        let style = style(element, resource, &kind);
        let stated = configuration.get("pagination.page.startindex").and_then(|text| text.trim().parse().ok());
        let start = match (style, kind == "offset") {
            (Style::Offset, true) => stated.unwrap_or(0),
            (Style::Page, false) => stated.unwrap_or(1),
            (Style::Page, true) => 1,
            _ => 0,
        };
        let limits = Limits::of(resource, inputs, configuration);
        let mut paging = Self {
            style,
            start,
            size: limits.default,
            vendor_size: limits.default,
            position: Position::default(),
            discard: 0,
            work,
            warning: None,
        };
        if style == Style::Unpaged {
            paging.vendor_size = limits.maximum;
        } else {
            paging.begin(inputs, limits)?;
        }
        Ok(paging)
    }

    fn begin(&mut self, inputs: &Inputs, limits: Limits) -> Result<(), PlanError> {
        let asked = |name: &str| inputs.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        let asked = |name: &str| asked(name).filter(|value| !value.is_empty());
        let size = asked("pageSize").map(|text| number("pageSize", text)).transpose()?;
        if let Some(size) = size {
            self.size = size.min(limits.maximum);
        }
        if let Some(size) = size.filter(|size| *size > limits.maximum) {
            self.warning = Some(format!("pageSize {size} is above the maximum and was capped at {}", limits.maximum));
        }
        if let Some(text) = asked("nextPage").filter(|token| *token != "null") {
            let token = Token::read(text).filter(|token| token.size <= limits.maximum).ok_or_else(bad_token)?;
            if size.is_none() {
                self.size = token.size;
            }
            return self.resume(token, limits).ok_or_else(bad_token);
        }
        let page = asked("page").map_or(Ok(1), |text| number("page", text))? - 1;
        let before = page.checked_mul(self.size).filter(|before| *before <= FARTHEST);
        self.start_over(page, before.ok_or_else(|| PlanError::Invalid("page is too large".to_owned()))?, limits);
        Ok(())
    }

    /// Whether pages are counted in what is left when the list has been filtered and sorted here.
    pub(crate) fn counts_results(&self) -> bool {
        self.work.sorts || self.style == Style::Whole
    }

    /// Begins at a page of the caller's.
    fn start_over(&mut self, page: u64, before: u64, limits: Limits) {
        if self.counts_results() || self.work.filters {
            self.vendor_size = self.walk_size(limits);
            self.discard = before;
            return;
        }
        self.vendor_size = self.size;
        match self.style {
            Style::Page => self.position.page = page,
            Style::Offset => self.position.offset = before,
            _ => self.discard = before,
        }
    }

    /// Goes on where a token says; `None` when it does not fit this list.
    fn resume(&mut self, token: Token, limits: Limits) -> Option<()> {
        let largest = limits.maximum.max(WALK_SIZE);
        let fits = token.vendor_size <= largest;
        self.vendor_size = if self.counts_results() || self.work.filters { self.walk_size(limits) } else { self.size };
        match token.at {
            At::Number { page, skip } => {
                let before = (page - 1).checked_mul(token.vendor_size)?.checked_add(skip)?;
                if before > FARTHEST {
                    return None;
                }
                match self.style {
                    _ if self.counts_results() => self.discard = before,
                    Style::Offset => self.position.offset = before,
                    // Another size asked for: pages of that size begin here too.
                    Style::Page
                        if !self.work.filters
                            && token.vendor_size != self.size
                            && skip < token.vendor_size
                            && before % self.size == 0 =>
                    {
                        self.position.page = before / self.size;
                    }
                    Style::Page if fits => {
                        self.vendor_size = token.vendor_size;
                        self.position.page = page - 1;
                        self.position.skip = skip;
                    }
                    _ => return None,
                }
            }
            At::Cursor { .. } if self.counts_results() || self.style != Style::Cursor || !fits => return None,
            At::Cursor { cursor, skip } => {
                if skip > 0 {
                    self.vendor_size = token.vendor_size;
                }
                self.position.cursor = cursor;
                self.position.skip = skip;
            }
        }
        Some(())
    }

    fn walk_size(&self, limits: Limits) -> u64 {
        if self.style == Style::Whole { limits.maximum } else { limits.maximum.min(WALK_SIZE).max(self.size) }
    }

    /// The vendor's page at the position.
    pub(crate) fn page(&self) -> VendorPage {
        let Position { page, offset, cursor, .. } = &self.position;
        let (index, records) = match self.style {
            Style::Offset => (offset / self.vendor_size, *offset),
            _ => (*page, page.saturating_mul(self.vendor_size)),
        };
        let start = |style| if self.style == style { self.start } else { 0 };
        VendorPage {
            page: index.saturating_add(if self.style == Style::Page { self.start } else { 1 }),
            number: index.saturating_add(1),
            offset: records.saturating_add(start(Style::Offset)),
            size: self.vendor_size,
            cursor: cursor.clone(),
        }
    }

    /// The token for what follows, when `given` records were returned.
    pub(crate) fn token(&self, given: u64) -> String {
        let number = |before: u64, size: u64| At::Number { page: before / size + 1, skip: before % size };
        let Position { page, offset, cursor, skip } = &self.position;
        let (vendor_size, at) = match self.style {
            _ if self.counts_results() => (self.size, number(self.discard.saturating_add(given), self.size)),
            Style::Offset => (self.size, number(*offset, self.size)),
            Style::Cursor => (self.vendor_size, At::Cursor { cursor: cursor.clone(), skip: *skip }),
            _ => (self.vendor_size, At::Number { page: page + 1, skip: *skip }),
        };
        Token { size: self.size, vendor_size, at }.write()
    }
}

fn bad_token() -> PlanError {
    PlanError::Invalid("nextPage is not a token of an earlier answer".to_owned())
}

fn number(name: &str, text: &str) -> Result<u64, PlanError> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<u64>().ok().filter(|number| is_number && *number > 0);
    number.ok_or_else(|| PlanError::Invalid(format!("{name} must be a positive integer")))
}

/// How the vendor pages this resource. One that declares no parameter for where a page is, and has no script that
/// could say it otherwise, is sent whole, whatever the configuration states.
fn style(element: &Element, resource: &Resource, kind: &str) -> Style {
    match resource.pagination_type {
        Some(PaginationType::VendorNotSupported) => return Style::Whole,
        Some(PaginationType::NoPagination) => return Style::Unpaged,
        Some(PaginationType::VendorSupported) | None => {}
    }
    let parameters = effective_parameters(element, resource);
    let asks =
        |name: &str| resource.message_asks(name) || parameters.clone().any(|parameter| parameter.asks_query(name));
    let scripted = !hooks_of(element, resource, HookType::PreRequest).is_empty();
    let key = NextKey::of(resource);
    let gives_cursor = key.as_ref().is_some_and(NextKey::gives_cursor);
    if key.is_some() && (kind == "cursor" || asks("nextPage") || gives_cursor) {
        return if asks("nextPage") || scripted { Style::Cursor } else { Style::Whole };
    }
    match (asks("page"), asks("offset")) {
        (true, false) => Style::Page,
        (false, true) => Style::Offset,
        (true, true) | (false, false) if kind == "offset" => Style::Offset,
        (true, true) => Style::Page,
        (false, false) => {
            if scripted {
                Style::Page
            } else {
                Style::Whole
            }
        }
    }
}

/// Whether an answer tells of the next page without that anybody looks at the items of its list.
pub(crate) fn may_follow_items(resource: &Resource) -> bool {
    NextKey::of(resource).is_none_or(|key| !key.looks_at_items())
}

/// Whether a resource has the vendor send a page.
pub(crate) fn asks_for_pages(element: &Element, resource: &Resource) -> bool {
    let parameters = effective_parameters(element, resource);
    PAGE_VARIABLES.iter().any(|name| parameters.clone().any(|parameter| parameter.asks_query(name)))
}

/// Sizes of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Limits {
    default: u64,
    maximum: u64,
}

impl Limits {
    /// `pagination.max`: a number, or JSON with one per object.
    fn of(resource: &Resource, inputs: &Inputs, configuration: &Configuration) -> Self {
        let stated = configuration.get("pagination.max").and_then(|text| {
            let value: Value = serde_json::from_str(text.trim()).ok()?;
            let number = |value: &Value| {
                value.as_u64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number| *number > 0)
            };
            match &value {
                Value::Object(sizes) => {
                    let own = sizes.get(&object_key(resource, inputs)).and_then(number);
                    own.or_else(|| sizes.get("default").and_then(number))
                }
                other => number(other),
            }
        });
        let stated = stated.map(|size| size.min(FARTHEST));
        Self { default: stated.unwrap_or(DEFAULT_SIZE), maximum: stated.unwrap_or(LARGEST) }
    }
}

/// The name of a resource's object among sizes: `users`, `usersComments` of `/users/{id}/comments`. Only the first
/// variable of a generic path is a name, every second segment behind it.
fn object_key(resource: &Resource, inputs: &Inputs) -> String {
    let mut key = String::new();
    let generic = route::segments_of(resource).next().and_then(route::variable_name).is_some();
    for (index, segment) in route::segments_of(resource).enumerate() {
        let name = match route::variable_name(segment) {
            Some(name) if generic && index % 2 == 0 => inputs.path.get(name).map_or("", String::as_str),
            Some(_) => continue,
            None => segment,
        };
        let mut characters = name.chars();
        match characters.next() {
            Some(first) if !key.is_empty() => key.extend(first.to_uppercase()),
            Some(first) => key.push(first),
            None => {}
        }
        key.push_str(characters.as_str());
    }
    key
}
