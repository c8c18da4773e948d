//! Headers of a white-label call: the authorization scheme word, the names with the plural as prefix, and the values
//! that repeat such names or the base path.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, AUTHORIZATION, Entry,
    LOCATION, SET_COOKIE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::texts::capitalised;
use super::{Noun, STANDARD, Words, paths};

impl Noun {
    /// Turns the scheme word of `Authorization` and the `Your_moms-*` names of a request into the standard ones.
    /// When a header is there under both names, the noun's wins.
    pub fn standard_request_headers(&self, headers: &mut HeaderMap) {
        rename_prefixed(headers, self.words(), STANDARD);
        rewrite_values(headers, &AUTHORIZATION, |value| standard_authorization(value, &self.singular));
        rewrite_values(headers, &ACCESS_CONTROL_REQUEST_HEADERS, |value| {
            renamed_list(value, &self.plural, STANDARD.plural)
        });
    }

    /// Turns the `Elements-*` names of an answer, and the values that list them or name the base path, into the noun's.
    pub fn variant_response_headers(&self, headers: &mut HeaderMap) {
        rename_prefixed(headers, STANDARD, self.words());
        let shown = capitalised(&self.plural);
        for name in [ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_ALLOW_HEADERS] {
            rewrite_values(headers, &name, |value| renamed_list(value, STANDARD.plural, &shown));
        }
        rewrite_values(headers, &LOCATION, |value| {
            paths::exchanged(str_of(value)?, STANDARD, self.words()).map(String::into_bytes)
        });
        rewrite_values(headers, &SET_COOKIE, |value| variant_cookie(str_of(value)?, &self.plural));
    }
}

fn str_of(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

/// Renames every header `Elements-…` to `Your_moms-…` or back, in place of what stood there; a word `Element` that
/// follows the prefix too (`Elements-Element-Instance-Id`).
fn rename_prefixed(headers: &mut HeaderMap, from: Words<'_>, to: Words<'_>) {
    let renamed: Vec<(HeaderName, HeaderName)> = headers
        .keys()
        .filter_map(|name| {
            let rest = name_after_prefix(name.as_str().as_bytes(), from.plural)?;
            let target = match name_after_prefix(rest, from.singular) {
                Some(rest) => [to.plural.as_bytes(), b"-", to.singular.as_bytes(), b"-", rest].concat(),
                None => [to.plural.as_bytes(), b"-", rest].concat(),
            };
            Some((name.clone(), HeaderName::from_bytes(&target).ok()?))
        })
        .collect();
    for (name, target) in renamed {
        let values: Vec<HeaderValue> = headers.get_all(&name).iter().cloned().collect();
        headers.remove(&name);
        headers.remove(&target);
        for value in values {
            headers.append(target.clone(), value);
        }
    }
}

/// What follows `prefix` and a hyphen in a header name, letters compared in any case.
fn name_after_prefix<'a>(name: &'a [u8], prefix: &str) -> Option<&'a [u8]> {
    let (head, rest) = name.split_at_checked(prefix.len())?;
    let rest = rest.strip_prefix(b"-")?;
    (head.eq_ignore_ascii_case(prefix.as_bytes()) && !rest.is_empty()).then_some(rest)
}

/// Replaces each value of `name` for which `change` has another text.
fn rewrite_values(headers: &mut HeaderMap, name: &HeaderName, change: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let Entry::Occupied(mut values) = headers.entry(name) else { return };
    for value in values.iter_mut() {
        if let Some(mut new) = change(value.as_bytes()).and_then(|new| HeaderValue::from_bytes(&new).ok()) {
            new.set_sensitive(value.is_sensitive());
            *value = new;
        }
    }
}

/// `User u, Your_mom t` → `User u, Element t`. Only the scheme word changes: credentials are data.
fn standard_authorization(value: &[u8], singular: &str) -> Option<Vec<u8>> {
    replaced_items(value, |item| {
        let (scheme, rest) = item.split_at_checked(singular.len())?;
        let ends = rest.first().is_none_or(|next| matches!(next, b' ' | b'\t' | b':'));
        (ends && scheme.eq_ignore_ascii_case(singular.as_bytes())).then(|| [b"Element", rest].concat())
    })
}

/// A comma-separated list of header names with the prefix exchanged.
fn renamed_list(value: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    replaced_items(value, |item| {
        let rest = name_after_prefix(item, from)?;
        Some([to.as_bytes(), b"-", rest].concat())
    })
}

/// A comma-separated list with each item, without the white space before it, replaced where `change` says so.
fn replaced_items(value: &[u8], change: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    let mut result = Vec::with_capacity(value.len() + 16);
    let mut changed = false;
    for (index, part) in value.split(|byte| *byte == b',').enumerate() {
        if index > 0 {
            result.push(b',');
        }
        let item = part.trim_ascii_start();
        result.extend_from_slice(&part[..part.len() - item.len()]);
        let new = change(item);
        changed |= new.is_some();
        result.extend_from_slice(new.as_deref().unwrap_or(item));
    }
    changed.then_some(result)
}

/// `id=1; Path=/elements/; Secure` → `id=1; Path=/your_moms/; Secure`.
fn variant_cookie(cookie: &str, plural: &str) -> Option<Vec<u8>> {
    let mut changed = false;
    let attributes: Vec<String> = cookie
        .split(';')
        .enumerate()
        .map(|(index, attribute)| {
            let path = attribute.split_once('=').filter(|(name, _)| index > 0 && is_path(name));
            let new = path.and_then(|(name, path)| Some(format!("{name}={}", variant_cookie_path(path, plural)?)));
            changed |= new.is_some();
            new.unwrap_or_else(|| attribute.to_owned())
        })
        .collect();
    changed.then(|| attributes.join(";").into_bytes())
}

fn is_path(attribute: &str) -> bool {
    attribute.trim().eq_ignore_ascii_case("path")
}

fn variant_cookie_path(path: &str, plural: &str) -> Option<String> {
    let rest = path.strip_prefix('/')?.strip_prefix(STANDARD.plural)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("/{plural}{rest}"))
}
