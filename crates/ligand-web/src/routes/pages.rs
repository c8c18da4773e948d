//! The page on which a person sees what can be called, and calls it. Bundled: it needs nothing from elsewhere.

use axum::response::Response;
use http::{HeaderName, HeaderValue, header};

use axum::body::Body;

const PAGE: &str = include_str!("../pages/api_docs/page.html");
const STYLE: &str = include_str!("../pages/api_docs/page.css");
const SCRIPT: &str = include_str!("../pages/api_docs/page.js");

/// Nothing runs and nothing is fetched but what comes from here. Other pages may show this one in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

const HEADERS: [(HeaderName, &str); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-cache"),
];

/// `GET /elements/api-docs`.
pub(crate) async fn api_docs() -> Response {
    file(PAGE, "text/html;charset=UTF-8")
}

/// `GET /elements/api-docs/page.css`.
pub(crate) async fn style() -> Response {
    file(STYLE, "text/css;charset=UTF-8")
}

/// `GET /elements/api-docs/page.js`.
pub(crate) async fn script() -> Response {
    file(SCRIPT, "text/javascript;charset=UTF-8")
}

fn file(text: &'static str, kind: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::{PAGE, SCRIPT};

    #[test]
    fn nothing_of_vendors_becomes_markup_and_nothing_comes_from_elsewhere() {
        for way in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "Storage",
            "cookie",
        ] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
        for elsewhere in ["http://", "https://", "//cdn"] {
            assert!(!PAGE.contains(elsewhere) && !SCRIPT.contains(elsewhere), "{elsewhere}");
        }
        assert!(!PAGE.contains("<style") && !PAGE.contains("onclick") && PAGE.matches("<script").count() == 1);
    }
}
