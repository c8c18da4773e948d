//! The pages that a person sees.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use super::state::USERS;
use super::uncached;
use crate::call::reply;

/// The page that asks for consent.
pub(super) fn consent(action: &str, request: &str, client: &str, wants: &[&str]) -> Response {
    let users: String = USERS
        .iter()
        .enumerate()
        .map(|(index, (id, name))| {
            let checked = if index == 0 { " checked" } else { "" };
            format!("<label><input type=\"radio\" name=\"user\" value=\"{id}\"{checked}> {}</label>", escaped(name))
        })
        .collect();
    let wants: String = wants.iter().map(|want| format!("<li>{}</li>", escaped(want))).collect();
    let body = format!(
        "<h1>{client} wants to use your Fernhill account</h1><p>It will be able to:</p><ul>{wants}</ul>\
         <form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"request\" value=\"{request}\">\
         <fieldset><legend>Account</legend>{users}</fieldset>\
         <button name=\"decision\" value=\"approve\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        client = escaped(client),
        action = escaped(action),
        request = escaped(request),
    );
    page(StatusCode::OK, "Allow access?", &body)
}

/// A page that says something.
pub(super) fn notice(status: StatusCode, title: &str, text: &str) -> Response {
    page(status, title, &format!("<h1>{}</h1><p>{}</p>", escaped(title), escaped(text)))
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{} - Fernhill CRM sandbox</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>body{{font:16px/1.5 sans-serif;max-width:34rem;\
         margin:4rem auto;padding:0 1rem}}label{{display:block}}button{{font:inherit;padding:.4rem 1.2rem;\
         margin:1rem .5rem 0 0}}</style></head><body>{body}</body></html>",
        escaped(title)
    );
    let mut answer = uncached(reply(status, "text/html; charset=utf-8", html));
    let headers = answer.headers_mut();
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    answer
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
