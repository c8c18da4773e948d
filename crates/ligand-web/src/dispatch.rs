//! Whether a request is the platform's or a call to an element: what its path and its `Authorization` header say.

use http::{HeaderMap, header::AUTHORIZATION};

/// First segments that begin a platform route whatever the request's header carries; any other one may be a hub's
/// resource when the header carries an element token.
pub(crate) const ALWAYS_PLATFORM: &[&str] = &[
    "authentication",
    "bulkloader",
    "catalog-properties",
    "change-management",
    "common-resources",
    "customers",
    "element-products",
    "elements",
    "formulas",
    "hubs",
    "instances",
    "organizations",
    "transformations",
    "vdrs",
];

/// The scheme of element tokens.
const SCHEME: &[u8] = b"Element";

/// Whether the `Authorization` header shows an element token; it may still be a wrong one.
pub(crate) fn shows_element_token(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).any(|part| {
        let scheme = part.trim_ascii_start().split_at_checked(SCHEME.len());
        scheme.is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case(SCHEME) && rest.first().is_some_and(|next| matches!(next, b' ' | b'\t' | b':'))
        })
    })
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

    use super::shows_element_token;

    #[test]
    fn the_scheme_is_a_whole_word_in_any_case() {
        let shows = |text: &'static str| {
            shows_element_token(&HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]))
        };
        for text in ["Element t", "User u,element t", "User u, ELEMENT\tt", "Element: t"] {
            assert!(shows(text), "{text}");
        }
        for text in ["", "User Element", "Elementary t", "Element", "User u, Organization o"] {
            assert!(!shows(text), "{text}");
        }
    }
}
