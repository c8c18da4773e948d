//! Addresses: `base.url` and a vendor path with `{name}` in them, joined and filled so that a value stays within
//! the part of the URL that the template gives it.

#[cfg(test)]
mod tests;

use url::Url;

use crate::PlanError;

/// Where the value of a `{name}` comes from.
pub(crate) enum Fill {
    /// From the element's or the instance's configuration: it may be the beginning of an address.
    Trusted(String),
    /// From a caller's request: always one segment or less.
    Caller(String),
}

/// Gives the value of a `{name}`.
pub(crate) type Resolve<'a> = dyn Fn(&str) -> Option<Fill> + 'a;

/// How deep configuration values that are templates themselves are followed: `base.url` → `{site.url}` → text.
const MAX_NESTING: usize = 4;

/// The names in braces of an address template.
pub(crate) fn names(template: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = template;
    while let Some((_, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        names.push(name);
        rest = after;
    }
    names
}

/// The name with which an address template begins, so that its value may say which host is called.
pub(crate) fn opening(template: &str) -> Option<&str> {
    let template = template.trim();
    let rest = scheme(template).map_or(template, |scheme| &template[scheme.len()..]);
    let (name, after) = rest.strip_prefix('{')?.split_once('}')?;
    may_open(after).then_some(name)
}

/// Whether a name that begins an address, with this behind it, may bring scheme and host along.
fn may_open(after: &str) -> bool {
    after.is_empty() || after.starts_with(['/', '?', '&', ':'])
}

/// The address of a vendor call: the vendor path alone when it is absolute, else behind the base.
///
/// # Errors
/// A name without value, a value that would leave its place, or text that is no http(s) address.
pub(crate) fn build(base: Option<&str>, vendor_path: &str, resolve: &Resolve<'_>) -> Result<Url, PlanError> {
    let path = expand(vendor_path, resolve)?;
    if is_absolute(&path) {
        return parse(&path, first_name(vendor_path));
    }
    if begins_with_trusted(vendor_path, resolve) {
        return Err(PlanError::BadUrl(first_name(vendor_path).to_owned()));
    }
    let base =
        base.filter(|base| !base.trim().is_empty()).ok_or_else(|| PlanError::Unresolved("base.url".to_owned()))?;
    let culprit = names(base).first().map_or("base.url", |name| *name).to_owned();
    let base = expand(base, resolve)?;
    if !is_absolute(&base) {
        return Err(PlanError::BadUrl(culprit));
    }
    parse(&join(&base, &path), &culprit)
}

/// The base and the path of an address by themselves, each filled as far as it can be, for scripts to look at.
pub(crate) fn parts(base: Option<&str>, vendor_path: &str, resolve: &Resolve<'_>) -> (Option<String>, String) {
    let filled = |text: &str| expand(text, resolve).ok();
    (base.and_then(filled), filled(vendor_path).unwrap_or_else(|| vendor_path.to_owned()))
}

/// The address of a path that a script chose: the path alone when it is absolute, else behind the base.
///
/// # Errors
/// A path that is relative to nothing, or text that is no http(s) address.
pub(crate) fn compose(base: Option<&str>, path: &str) -> Result<Url, PlanError> {
    const NAME: &str = "request_vendor_path";
    let path = path.trim().replace(' ', "%20");
    if is_absolute(&path) {
        return parse(&path, NAME);
    }
    let base = base.ok_or_else(|| PlanError::Unresolved("base.url".to_owned()))?;
    if !is_absolute(base) {
        return Err(PlanError::BadUrl("base.url".to_owned()));
    }
    let url = parse(&join(base, &path), NAME)?;
    let own = parse(base, "base.url")?;
    if url.origin() == own.origin() { Ok(url) } else { Err(PlanError::BadUrl(NAME.to_owned())) }
}

fn first_name(template: &str) -> &str {
    names(template).first().copied().unwrap_or("vendorPath")
}

fn begins_with_trusted(template: &str, resolve: &Resolve<'_>) -> bool {
    let first = template.strip_prefix('{').and_then(|inner| inner.split_once('}')).map(|(name, _)| name);
    first.is_some_and(|name| matches!(resolve(name), Some(Fill::Trusted(_))))
}

fn is_absolute(text: &str) -> bool {
    scheme(text).is_some()
}

/// `http://` or `https://` at the beginning, as written.
fn scheme(text: &str) -> Option<&str> {
    ["https://", "http://"].into_iter().find_map(|scheme| {
        let head = text.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then_some(head)
    })
}

/// Puts the path behind the base: one slash at the seam, one added where the base has no path at all, and what
/// begins with `?` or `&` continues the base's query.
fn join(base: &str, path: &str) -> String {
    if path.starts_with(['?', '&']) {
        let has_query = base.contains('?');
        let rest = &path[1..];
        return format!("{base}{}{rest}", if has_query { '&' } else { '?' });
    }
    if let Some(path) = path.strip_prefix('/') {
        return format!("{}/{path}", base.trim_end_matches('/'));
    }
    let after_scheme = scheme(base).map_or(base, |scheme| &base[scheme.len()..]);
    let separator = if path.is_empty() || after_scheme.contains('/') { "" } else { "/" };
    format!("{base}{separator}{path}")
}

fn parse(text: &str, culprit: &str) -> Result<Url, PlanError> {
    let bad = || PlanError::BadUrl(culprit.to_owned());
    let is_hostless = scheme(text).is_none_or(|scheme| text[scheme.len()..].starts_with(['/', '\\']));
    if is_hostless || text.chars().any(|each| each.is_control() || matches!(each, ' ' | '\\')) {
        return Err(bad());
    }
    if text
        .split(['/', '\\', '?'])
        .any(|segment| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
    {
        return Err(bad());
    }
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if is_web && is_plain { Ok(url) } else { Err(bad()) }
}

fn expand(template: &str, resolve: &Resolve<'_>) -> Result<String, PlanError> {
    expand_nested(template, resolve, 0)
}

fn expand_nested(template: &str, resolve: &Resolve<'_>, nesting: usize) -> Result<String, PlanError> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, inner)) = rest.split_once('{') {
        let Some((name, after)) = inner.split_once('}') else { break };
        text.push_str(before);
        let value = resolve(name).ok_or_else(|| PlanError::Unresolved(name.to_owned()))?;
        put(&mut text, name, value, after, resolve, nesting)?;
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// Appends a value: as it is where it fills the beginning of the address, percent-encoded elsewhere.
fn put(
    text: &mut String,
    name: &str,
    value: Fill,
    after: &str,
    resolve: &Resolve<'_>,
    nesting: usize,
) -> Result<(), PlanError> {
    let fills_start = text.is_empty() || scheme(text).is_some_and(|scheme| scheme.len() == text.len());
    match value {
        Fill::Trusted(value) if value.trim().is_empty() => return Err(PlanError::Unresolved(name.to_owned())),
        Fill::Trusted(value) if fills_start && may_open(after) => {
            let value = value.trim();
            let value = if nesting < MAX_NESTING && value.contains('{') {
                expand_nested(value, resolve, nesting + 1)?
            } else {
                value.to_owned()
            };
            if scheme(&value).is_some() {
                text.clear();
            } else if value.contains("://") {
                return Err(PlanError::BadUrl(name.to_owned()));
            }
            let value = if after.starts_with('/') { value.trim_end_matches('/') } else { &value };
            text.push_str(value);
        }
        Fill::Trusted(value) | Fill::Caller(value) => {
            if value.is_empty() {
                return Err(PlanError::Unresolved(name.to_owned()));
            }
            encode(text, &value);
        }
    }
    Ok(())
}

/// Percent-encodes everything but letters, digits and `-._~`.
pub(crate) fn encode(text: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
}
