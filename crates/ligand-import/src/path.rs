//! Paths of vendors as paths of resources: whole segments, literal or variable, and no two that cannot be told apart.

use std::collections::HashSet;

/// First segments that the platform answers itself, with what vendors' ones are called instead.
const TAKEN: &[&str] = &["objects", "query", "bulk"];

/// Segments that begin the paths of whole vendors and say nothing.
const GENERAL: &[&str] =
    &["api", "apis", "rest", "restapi", "rest-api", "webapi", "services", "service", "public", "latest"];

/// A vendor's path, made a resource's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// The resource's, without hub.
    pub(crate) own: String,
    /// The vendor's template, its variables under names that are valid here.
    pub(crate) vendor: String,
    /// The variables: the name here, and the vendor's.
    pub(crate) variables: Vec<(String, String)>,
}

/// A piece of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Variable(String),
}

impl Path {
    /// Reads a vendor's path. `general` segments at its beginning are the vendor's only.
    pub(crate) fn read(template: &str, general: usize) -> Self {
        let (route, fragment) = template.split_once('#').unwrap_or((template, ""));
        let route = format!("/{}", route.trim_start_matches('/'));
        let mut variables: Vec<(String, String)> = Vec::new();
        let vendor = renamed(&route, &mut variables);
        let (path, query) = vendor.split_once('?').unwrap_or((&vendor, ""));
        let mut own: Vec<String> = Vec::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()).skip(general) {
            own.extend(segments(segment));
        }
        own.extend(query.split('&').chain([fragment]).flat_map(segments));
        match own.first() {
            None => own.push("root".to_owned()),
            Some(first) if first.starts_with('{') => {
                let name = first.trim_matches(['{', '}']).to_owned();
                own.insert(0, name);
            }
            Some(first) if TAKEN.contains(&first.as_str()) => own[0] = format!("vendor-{first}"),
            Some(_) => {}
        }
        Self { own: format!("/{}", own.join("/")), vendor, variables }
    }

    /// Chooses another path for the resource until no other of its verb has its shape. Tells whether it had to.
    pub(crate) fn set_apart(&mut self, method: &str, taken: &mut HashSet<(String, String)>) -> bool {
        let key = |own: &str| (method.to_owned(), shape(own));
        if taken.insert(key(&self.own)) {
            return false;
        }
        let mut candidates = Vec::new();
        if let Some((before, last)) = self.own.rsplit_once('/')
            && last.starts_with('{')
        {
            candidates.push(format!("{before}/{}/{last}", last.trim_matches(['{', '}'])));
        }
        let own = self.own.clone();
        let numbered = (2..).map(|number: usize| format!("{own}/{number}"));
        let free = candidates.into_iter().chain(numbered).find(|candidate| taken.insert(key(candidate)));
        self.own = free.unwrap_or(own);
        true
    }

    /// The segments of the resource's path.
    pub(crate) fn own_segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.own.split('/').filter(|segment| !segment.is_empty())
    }

    /// Whether it ends in a variable.
    pub(crate) fn ends_in_variable(&self) -> bool {
        self.own.ends_with('}')
    }

    /// What a list at this path is called: `users`, `usersComments` of `/users/{id}/comments`.
    pub(crate) fn object(&self) -> String {
        let mut name = String::new();
        for segment in self.own_segments().filter(|segment| !segment.starts_with('{')) {
            let mut letters = segment.chars();
            match letters.next().filter(|_| !name.is_empty()) {
                Some(first) => name.extend(first.to_uppercase().chain(letters)),
                None => name.push_str(segment),
            }
        }
        name
    }
}

/// How many segments at the beginning of every path say only where the vendor's interface is.
pub(crate) fn general_segments<'a>(mut paths: impl Iterator<Item = &'a str>) -> usize {
    let literal = |path: &'a str| -> Vec<&'a str> {
        let parts: Vec<&str> = path.split(['?', '#']).next().unwrap_or_default().split('/').collect();
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        // One literal segment has to be left.
        let end = parts.iter().position(|part| part.contains('{')).unwrap_or(parts.len());
        parts.into_iter().take(end.saturating_sub(1)).collect()
    };
    let Some(first) = paths.next() else { return 0 };
    let mut shared = literal(first);
    for path in paths {
        let other = literal(path);
        let same = shared.iter().zip(other).take_while(|(one, other)| **one == *other).count();
        shared.truncate(same);
    }
    shared.iter().take_while(|segment| is_general(segment)).count()
}

fn is_general(segment: &str) -> bool {
    let lower = segment.to_ascii_lowercase();
    let version = lower.strip_prefix('v').unwrap_or(&lower);
    let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_version || GENERAL.contains(&lower.as_str())
}

/// The template with the names of its variables made valid and different from each other.
fn renamed(route: &str, variables: &mut Vec<(String, String)>) -> String {
    let mut text = String::new();
    let mut rest = route;
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        let vendor_name = name.trim_matches(['+', '*', ' ']);
        let plain: String = vendor_name.chars().map(|each| if is_of_name(each) { each } else { '_' }).collect();
        let plain = if plain.is_empty() { "id".to_owned() } else { plain };
        let is_new = |name: &String| variables.iter().all(|(known, _)| known != name);
        let numbered = (2..).map(|number: usize| format!("{plain}{number}"));
        let own = std::iter::once(plain.clone()).chain(numbered).find(is_new).unwrap_or(plain);
        text.push_str(&without_braces(before));
        text.push_str(&format!("{{{own}}}"));
        variables.push((own, vendor_name.to_owned()));
        rest = after;
    }
    text.push_str(&without_braces(rest));
    text
}

fn without_braces(text: &str) -> String {
    text.replace(['{', '}', ' ', '\\'], "")
}

fn is_of_name(each: char) -> bool {
    each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.')
}

/// A vendor's segment as segments that are literal or variable as a whole.
fn segments(segment: &str) -> Vec<String> {
    let pieces = pieces(segment);
    let is_mixed = pieces.len() > 1;
    let mut own = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Variable(name) => own.push(format!("{{{name}}}")),
            Piece::Literal(text) => {
                let plain: String =
                    text.chars().map(|each| if is_of_name(each) || each == '~' { each } else { '-' }).collect();
                let plain =
                    if is_mixed || plain.starts_with('-') { plain.trim_matches(['-', '.', '_']) } else { &plain };
                let is_ending = index > 0 && matches!(plain, "json" | "xml");
                if !plain.is_empty() && !is_ending {
                    own.push(plain.trim_end_matches('-').to_owned());
                }
            }
        }
    }
    own.retain(|segment| !matches!(segment.as_str(), "" | "." | ".."));
    own
}

fn pieces(segment: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Literal(before.to_owned()));
        }
        pieces.push(Piece::Variable(name.to_owned()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    pieces
}

/// A path with its variables' names left out.
fn shape(path: &str) -> String {
    let shaped = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    shaped.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{Path, general_segments};

    #[test]
    fn vendors_paths_become_whole_segments() {
        let cases = [
            ("/users/{id}", "/users/{id}", "/users/{id}"),
            ("users", "/users", "/users"),
            ("/", "/root", "/"),
            ("/{owner}/repos", "/owner/{owner}/repos", "/{owner}/repos"),
            ("/files/{+path}", "/files/{path}", "/files/{path}"),
            ("/x/{a b}", "/x/{a_b}", "/x/{a_b}"),
            ("/calls/{Sid}.json", "/calls/{Sid}", "/calls/{Sid}.json"),
            ("/users.json", "/users.json", "/users.json"),
            ("/compare/{base}...{head}", "/compare/{base}/{head}", "/compare/{base}...{head}"),
            ("/users/{id}:activate", "/users/{id}/activate", "/users/{id}:activate"),
            ("/Users('{id}')/Photo", "/Users/{id}/Photo", "/Users('{id}')/Photo"),
            ("/a/{id}/b/{id}", "/a/{id}/b/{id2}", "/a/{id}/b/{id2}"),
            ("/do?action=list&v=1", "/do/action-list/v-1", "/do?action=list&v=1"),
            ("/#X-Target=One.Two", "/X-Target-One.Two", "/"),
            ("/objects/{id}", "/vendor-objects/{id}", "/objects/{id}"),
            ("/a/../b", "/a/b", "/a/../b"),
            ("/broken/{id", "/broken/id", "/broken/id"),
        ];
        for (template, own, vendor) in cases {
            let path = Path::read(template, 0);
            assert_eq!((path.own.as_str(), path.vendor.as_str()), (own, vendor), "{template}");
        }
    }

    #[test]
    fn what_every_path_begins_with_is_left_to_the_vendor() {
        let count = |paths: &[&str]| general_segments(paths.iter().copied());
        assert_eq!(count(&["/api/v1/users", "/api/v1/orders/{id}"]), 2);
        assert_eq!(count(&["/api/v1/users", "/api/v2/users"]), 1);
        assert_eq!(count(&["/store/order", "/store/inventory"]), 0);
        assert_eq!(count(&["/v1", "/v1/users"]), 0);
        assert_eq!(count(&["/v1/{id}", "/v1/users"]), 0);
        assert_eq!(count(&[]), 0);
        assert_eq!(Path::read("/api/v1/users/{id}", 2).own, "/users/{id}");
    }

    #[test]
    fn paths_of_one_shape_are_set_apart() {
        let mut taken = HashSet::new();
        let mut own = |template: &str| {
            let mut path = Path::read(template, 0);
            path.set_apart("GET", &mut taken);
            path.own
        };
        assert_eq!(own("/users/{id}"), "/users/{id}");
        assert_eq!(own("/users/{name}"), "/users/name/{name}");
        assert_eq!(own("/users/{name}"), "/users/{name}/2");
        assert_eq!(own("/users"), "/users");
        assert_eq!(own("/users/"), "/users/2");
    }

    #[test]
    fn lists_have_names() {
        assert_eq!(Path::read("/users/{id}/comments", 0).object(), "usersComments");
        assert_eq!(Path::read("/users", 0).object(), "users");
    }
}
