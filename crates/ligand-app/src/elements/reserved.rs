//! Words that the API itself uses: keys of configuration that the platform owns, and path segments.

/// Keys that an element has by what it is; they are given with the element, not added to it.
const KEYS: &[&str] = &[
    "username",
    "password",
    "base.url",
    "pagination.type",
    "pagination.max",
    "pagination.page.startindex",
    "aws.api.key",
    "aws.api.secret",
    "aws.region",
    "expires",
    "expires_in",
    "oauth.api.key",
    "oauth.api.secret",
    "oauth.callback.url",
    "oauth.authorization.url",
    "oauth.token.url",
    "oauth.request.url",
    "oauth.request.authorization.type",
    "oauth.user.token.secret",
    "oauth.user.token",
    "oauth.user.refresh_token",
    "oauth.user.refresh_time",
    "oauth.user.refresh_interval",
    "oauth.token.refresh_url",
    "oauth.token.revoke_url",
    "oauth.scope",
    "oauth.basic.header",
];

/// Path segments behind `/elements/` that are no keys.
const ROUTES: &[&str] = &["keys", "metadata", "convert", "oauthproxies", "client-sdks"];

/// Whether the platform owns this key of configuration.
pub(super) fn is_key(key: &str) -> bool {
    KEYS.contains(&key) || key.starts_with("bulk.") || key.starts_with("event.")
}

/// Whether an element with this key could not be reached by it.
pub(super) fn is_route(key: &str) -> bool {
    ROUTES.contains(&key)
}
