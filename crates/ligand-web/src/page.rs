//! Pages for people whose browser a vendor sent here. They hold no scripts and load nothing.

use axum::{body::Body, response::Response};
use http::{HeaderName, HeaderValue, StatusCode, header};

const POLICY: HeaderName = HeaderName::from_static("content-security-policy");
const RULES: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/// A page that says something, and shows values by name.
pub(crate) fn notice(status: StatusCode, title: &str, text: &str, values: &[(String, String)]) -> Response {
    let rows: String = values
        .iter()
        .map(|(name, value)| format!("<dt>{}</dt><dd><code>{}</code></dd>", escaped(name), escaped(value)))
        .collect();
    let list = if rows.is_empty() { rows } else { format!("<dl>{rows}</dl>") };
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:16px/1.5 sans-serif;\
         max-width:36rem;margin:4rem auto;padding:0 1rem}}code{{word-break:break-all}}dt{{margin-top:.5rem}}\
         dd{{margin:0}}</style></head><body><h1>{title}</h1><p>{text}</p>{list}</body></html>",
        title = escaped(title),
        text = escaped(text),
    );
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (POLICY, RULES),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

fn escaped(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#39;"),
            each => made.push(each),
        }
    }
    made
}
