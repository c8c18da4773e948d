//! Names of operations: the camel-case ones of generated documents, and those made of verb and path.

use std::collections::HashSet;

/// A name for each verb and path, every one another: where two would be the same, the later one names the variables of
/// its path, or has a number.
#[must_use]
pub fn operation_ids<'a>(operations: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut taken = HashSet::new();
    operations.map(|(method, path)| distinct(&camel_case(method, path), path, &mut taken)).collect()
}

/// The name, or one like it that is not taken yet; it is then.
pub(crate) fn distinct(id: &str, path: &str, taken: &mut HashSet<String>) -> String {
    let named = || {
        let mut id = id.to_owned();
        for name in path.split('/').filter_map(variable) {
            id.push_str("By");
            push_word(&mut id, name);
        }
        id
    };
    let numbered = (2..).map(|number: usize| format!("{id}{number}"));
    let mut candidates = [id.to_owned(), named()].into_iter().chain(numbered);
    let free = candidates.find(|candidate| !taken.contains(candidate)).expect("there are numbers enough");
    taken.insert(free.clone());
    free
}

/// `GET /contacts/{id}` → `getContactById`; `POST /contacts` → `createContact`; `PUT /bulk/{id}/cancel` →
/// `replaceBulkCancel`.
pub(crate) fn camel_case(method: &str, path: &str) -> String {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let variables: Vec<&str> = segments.iter().filter_map(|segment| variable(segment)).collect();
    let ends_in_variable = segments.last().is_some_and(|last| variable(last).is_some());
    let verb = match method {
        "POST" => "create",
        "PATCH" => "update",
        "PUT" => "replace",
        "DELETE" => "delete",
        _ => "get",
    };
    let literals: Vec<&str> = segments.iter().copied().filter(|segment| variable(segment).is_none()).collect();
    let mut id = verb.to_owned();
    for (index, literal) in literals.iter().enumerate() {
        let is_last = index + 1 == literals.len();
        // One of a list is meant where it is made, and where the path goes on to a single one.
        let singular = is_last && (ends_in_variable || method == "POST");
        push_word(&mut id, &if singular { singular_of(literal) } else { (*literal).to_owned() });
    }
    // What is common to all children of one parent is not said again, as long as the parent is in the path.
    let shown: &[&str] = match (ends_in_variable, literals.is_empty()) {
        (true, false) => &variables[variables.len() - 1..],
        (_, true) => {
            let (last, before) = variables.split_last().unwrap_or((&"", &[]));
            if ends_in_variable && !before.is_empty() {
                // `/{objectName}/{objectId}` → getObjectNameByObjectId
                for name in before {
                    push_word(&mut id, name);
                }
            }
            if last.is_empty() { &[] } else { &variables[variables.len() - 1..] }
        }
        (false, false) => &[],
    };
    for name in shown {
        id.push_str("By");
        push_word(&mut id, name);
    }
    id
}

/// `GET /contacts/{id}` → `GET-contacts-id`.
#[must_use]
pub fn dashed(method: &str, path: &str) -> String {
    let path = path.trim_matches('/').replace('/', "-");
    format!("{method}-{}", path.replace(['{', '}'], ""))
}

fn variable(segment: &str) -> Option<&str> {
    segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'))
}

/// Appends a word with a capital letter; what is neither letter nor digit ends a word.
fn push_word(id: &mut String, word: &str) {
    let mut begins = true;
    for each in word.chars() {
        if !each.is_ascii_alphanumeric() {
            begins = true;
        } else if begins {
            id.push(each.to_ascii_uppercase());
            begins = false;
        } else {
            id.push(each);
        }
    }
}

/// One of what an English plural names.
fn singular_of(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "shes", "ches", "xes", "zes"] {
        if word.ends_with(ending) {
            return word[..word.len() - 2].to_owned();
        }
    }
    let is_plural = word.len() > 2 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|it| word.ends_with(it));
    if is_plural { word[..word.len() - 1].to_owned() } else { word.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{camel_case, dashed, operation_ids};

    #[test]
    fn names_are_those_of_the_original() {
        for (method, path, camel, with_dashes) in [
            ("GET", "/users", "getUsers", "GET-users"),
            ("POST", "/users", "createUser", "POST-users"),
            ("GET", "/users/{id}", "getUserById", "GET-users-id"),
            ("PATCH", "/companies/{id}", "updateCompanyById", "PATCH-companies-id"),
            ("GET", "/{objectName}", "getByObjectName", "GET-objectName"),
            ("GET", "/{objectName}/{objectId}", "getObjectNameByObjectId", "GET-objectName-objectId"),
            ("PUT", "/bulk/{id}/cancel", "replaceBulkCancel", "PUT-bulk-id-cancel"),
            (
                "GET",
                "/accounts/{id}/custom-fields/{fieldId}",
                "getAccountsCustomFieldByFieldId",
                "GET-accounts-id-custom-fields-fieldId",
            ),
            ("GET", "/", "get", "GET-"),
            ("GET", "/ping", "getPing", "GET-ping"),
        ] {
            assert_eq!((camel_case(method, path).as_str(), dashed(method, path).as_str()), (camel, with_dashes));
        }
    }

    #[test]
    fn no_two_operations_have_the_same_name() {
        let ids =
            operation_ids([("GET", "/a/b"), ("GET", "/a/{x}/b"), ("GET", "/a/{y}/b"), ("GET", "/{x}/a/b")].into_iter());
        assert_eq!(ids, ["getAB", "getABByX", "getABByY", "getAB2"]);
    }
}
