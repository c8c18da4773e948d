//! Converters of parameters that need nothing but the value.

use crate::{Parameter, odata_key, route};

/// What a converter makes of a value; `Err` for a converter that nothing executes.
pub(crate) fn convert(converter: &str, value: &str) -> Result<String, ()> {
    match converter.split_once(':') {
        Some(("withSuffix", suffix)) => Ok(with_suffix(value, suffix)),
        None if converter == "lastSegment" => Ok(last_segment(value)),
        Some(("toODataKey", kind)) => Ok(odata_key::literal(kind, value, true)),
        Some(("toODataV3Key", kind)) => Ok(odata_key::literal(kind, value, false)),
        _ => Err(()),
    }
}

/// What stands between the values of a parameter that may be stated several times (`toList:,`); nothing where each is a
/// parameter of its own (`toList`).
pub(crate) fn list_separator(parameter: &Parameter) -> Option<&str> {
    match parameter.converter.as_deref()?.split_once(':') {
        Some(("toList", separator)) => Some(separator),
        None if parameter.converter.as_deref() == Some("toList") => Some(""),
        _ => None,
    }
}

/// The value with the suffix, unless it ends with it already (letter case and a last slash do not matter).
fn with_suffix(value: &str, suffix: &str) -> String {
    let value = value.trim().trim_end_matches('/');
    if value.to_ascii_lowercase().ends_with(&suffix.to_ascii_lowercase()) {
        return value.to_owned();
    }
    format!("{value}{suffix}")
}

/// The last segment of an address's path, decoded; nothing when there is none.
pub(crate) fn last_segment(address: &str) -> String {
    let segment = path_of(address).trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    route::decode(segment).unwrap_or_default()
}

/// The path of an address, as it is written.
pub(crate) fn path_of(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.split_once("://").map_or(path, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_segment_of_an_address() {
        for (address, segment) in [
            ("https://host:443/a/b/00020%2FF1?x=/y#/z", "00020/F1"),
            ("/a/b/", "b"),
            ("key", "key"),
            ("https://host", ""),
            ("https://host/", ""),
            ("", ""),
            ("/a/%FF", ""),
        ] {
            assert_eq!(convert("lastSegment", address).as_deref(), Ok(segment), "{address}");
        }
        assert_eq!(convert("lastSegment:x", "a"), Err(()));
        assert_eq!(convert("withSuffix:/api", "a/").as_deref(), Ok("a/api"));
    }
}
