//! The modules that scripts can require: published packages, unmodified, and our own.

#[cfg(test)]
mod tests;

macro_rules! third_party {
    ($path:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../third_party/", $path))
    };
}

/// The source of a module. `inner` names are for modules that require their own parts.
pub(super) fn source(name: &str, inner: bool) -> Option<&'static str> {
    Some(match (name, inner) {
        ("lodash", _) => third_party!("lodash-4.18.1/lodash.min.js"),
        ("lodash/fp", _) => third_party!("lodash-4.18.1/fp.js"),
        ("./fp/_baseConvert", true) => third_party!("lodash-4.18.1/fp/_baseConvert.js"),
        ("./_mapping", true) => third_party!("lodash-4.18.1/fp/_mapping.js"),
        ("./placeholder", true) => third_party!("lodash-4.18.1/fp/placeholder.js"),
        ("moment", _) => third_party!("moment-2.31.0/min/moment.min.js"),
        ("buffer", _) => include_str!("js/buffer.js"),
        ("crypto", _) => include_str!("js/crypto.js"),
        ("querystring", _) => include_str!("js/querystring.js"),
        ("url", _) => include_str!("js/url.js"),
        ("util", _) => include_str!("js/util.js"),
        ("http", _) => include_str!("js/http.js"),
        ("https", _) => include_str!("js/https.js"),
        ("http.client", true) => include_str!("js/http_client.js"),
        _ => return None,
    })
}

/// Whether the module is our own and may use what the server offers to its own.
pub(super) fn is_own(name: &str) -> bool {
    matches!(name, "crypto" | "http.client")
}
