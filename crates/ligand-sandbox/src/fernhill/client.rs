//! The registered applications, and how they prove themselves.

use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use url::Url;

use super::settings::Settings;
use super::{CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID, oauth_error};
use crate::basic;
use crate::call::Call;

/// A registered application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) secret: Option<&'static str>,
}

const CLIENTS: [Client; 2] = [
    Client { id: CLIENT_ID, name: "Ligand (sandbox application)", secret: Some(CLIENT_SECRET) },
    Client { id: PUBLIC_CLIENT_ID, name: "Ligand mobile (sandbox application without a secret)", secret: None },
];

impl Client {
    pub(super) fn find(id: &str) -> Option<Self> {
        CLIENTS.into_iter().find(|client| client.id == id)
    }

    /// Whether users may be sent there: any address of this machine, on any port, without a fragment.
    pub(super) fn may_return_to(address: &str) -> bool {
        let Ok(url) = Url::parse(address) else { return false };
        let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        is_local && matches!(url.scheme(), "http" | "https") && !address.contains('#')
    }
}

/// The application that a request to the token endpoint comes from (RFC 6749, section 2.3).
pub(super) fn authenticate(
    call: &Call,
    form: &super::token::Form,
    settings: Settings,
) -> Result<Client, Box<Response>> {
    let has_header = call.headers.contains_key(header::AUTHORIZATION);
    let denied = || {
        let mut answer = oauth_error(StatusCode::UNAUTHORIZED, "invalid_client", "The client could not be proven.");
        let scheme = HeaderValue::from_static("Basic realm=\"fernhill\"");
        answer.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        Box::new(answer)
    };
    if has_header {
        if form.get("client_secret").is_some() {
            let message = "The client proves itself in more than one way.";
            return Err(Box::new(oauth_error(StatusCode::BAD_REQUEST, "invalid_request", message)));
        }
        let (id, secret) = basic::credentials(call).ok_or_else(denied)?;
        // Both are form-encoded before they are joined.
        let (id, secret) = (decoded(&id), decoded(&secret));
        let client = Client::find(&id).filter(|client| client.secret == Some(secret.as_str()));
        return client.ok_or_else(denied);
    }
    let id = form.get("client_id").ok_or_else(denied)?;
    let client = Client::find(id).ok_or_else(denied)?;
    if settings.require_basic && client.secret.is_some() {
        return Err(denied());
    }
    if form.get("client_secret") == client.secret { Ok(client) } else { Err(denied()) }
}

fn decoded(text: &str) -> String {
    let pair = format!("x={text}");
    let value = url::form_urlencoded::parse(pair.as_bytes()).next();
    value.map(|(_, value)| value.into_owned()).unwrap_or_default()
}
