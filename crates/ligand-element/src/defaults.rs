//! Configuration entries that the platform itself knows: what completes an entry of a definition that states
//! little more than its key, and which entries every element has.

use crate::{
    Authentication, Entry, EntryType, Protocol,
    authentication::{ASSERTION_KEY, AuthenticationType},
    ids,
};

/// Which elements get an entry that their definition lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Always,
    Oauth1,
    Oauth2,
    Oauth,
    /// The types that act as a client which the vendor knows, and those whose client has a secret.
    Client,
    ClientSecret,
    /// The types that have an access token.
    Token,
    /// The types whose access tokens run out.
    Scoped,
    Assertion,
    Aws,
    AwsV4,
    Jdbc,
    Never,
}

/// A known entry.
#[derive(Clone, Copy)]
struct Known {
    key: &'static str,
    name: &'static str,
    kind: EntryType,
    default: Option<&'static str>,
    /// `r`equired, `h`idden, `i`nternal.
    flags: &'static str,
    order: i64,
    given: Given,
}

const fn known(
    key: &'static str,
    name: &'static str,
    kind: EntryType,
    default: Option<&'static str>,
    flags: &'static str,
    given: Given,
) -> Known {
    Known { key, name, kind, default, flags, order: 1, given }
}

const fn at(order: i64, entry: Known) -> Known {
    Known { order, ..entry }
}

const T32: EntryType = EntryType::TextField(32);
const T64: EntryType = EntryType::TextField(64);
const T128: EntryType = EntryType::TextField(128);
const T1000: EntryType = EntryType::TextField(1000);
const BOOLEAN: EntryType = EntryType::Boolean;
const AREA: EntryType = EntryType::TextArea;
const PASSWORD: EntryType = EntryType::Password;

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    known("base.url", "Base URL", T1000, None, "h", Given::Never),
    known("pagination.type", "Pagination Type", T32, Some("page"), "h", Given::Always),
    known("pagination.max", "Max Page Size (or limit)", T32, Some("100"), "h", Given::Always),
    known("pagination.page.startindex", "Pagination Start Index", T32, Some("1"), "h", Given::Never),
    known("username", "Username", T32, None, "r", Given::Never),
    known("password", "Password", PASSWORD, None, "r", Given::Never),
    known("oauth.api.key", "OAuth API Key", T128, None, "r", Given::Client),
    known("oauth.api.secret", "OAuth API Secret", T128, None, "r", Given::ClientSecret),
    known("oauth.callback.url", "OAuth Callback URL", T1000, None, "r", Given::Oauth),
    known("oauth.authorization.url", "OAuth Authorization URL", T1000, None, "rhi", Given::Oauth),
    known("oauth.token.url", "OAuth Token URL", T1000, None, "rhi", Given::Token),
    known("oauth.request.url", "OAuth Request URL", T128, None, "rh", Given::Oauth1),
    known("oauth.request.authorization.type", "OAuth Authorization Type", T32, Some("header"), "h", Given::Never),
    known("oauth.user.token.secret", "OAuth User Secret", T128, None, "rhi", Given::Oauth1),
    known("oauth.user.token", "OAuth Access Token", T32, None, "hi", Given::Token),
    known("oauth.user.refresh_token", "OAuth Refresh Token", T64, None, "hi", Given::Oauth2),
    known("oauth.user.refresh_time", "OAuth Refresh Time", T64, None, "hi", Given::Scoped),
    known("oauth.user.refresh_interval", "OAuth Refresh Interval (s)", T32, Some("3600"), "hi", Given::Scoped),
    known("oauth.token.refresh_url", "OAuth Token Refresh URL", T1000, None, "hi", Given::Oauth2),
    known("oauth.token.revoke_url", "OAuth Revoke Token URL", T1000, None, "hi", Given::Never),
    known("oauth.scope", "OAuth Scope", T64, None, "h", Given::Scoped),
    known("oauth.jwt.key", "OAuth Assertion Key", PASSWORD, None, "r", Given::Assertion),
    known("oauth.basic.header", "OAuth basic header", BOOLEAN, Some("false"), "h", Given::Never),
    known("oauth.token.parameters", "OAuth Token Request Parameters", T1000, None, "h", Given::Never),
    known("oauth.pkce", "OAuth Proof Key", T32, None, "h", Given::Never),
    known("oauth.signature.method", "OAuth Signature Method", T32, Some("HMAC-SHA1"), "h", Given::Never),
    known("aws.api.key", "AWS Access Key ID", T128, None, "r", Given::Aws),
    known("aws.api.secret", "AWS Secret Access Key", PASSWORD, None, "r", Given::Aws),
    known("aws.region", "AWS Region Name", T64, None, "r", Given::AwsV4),
    known("aws.session.token", "AWS Session Token", PASSWORD, None, "", Given::Never),
    known("aws.service", "AWS Service Name", T64, None, "h", Given::Never),
    known("tls.client.certificate", "Client Certificate", AREA, None, "", Given::Never),
    known("tls.client.key", "Client Certificate Key", PASSWORD, None, "", Given::Never),
    known("tls.ca.certificates", "Trusted Authorities", AREA, None, "", Given::Never),
    known("base64.encoded.jks", "Keystore", PASSWORD, None, "", Given::Never),
    known("jks.password", "Keystore Password", PASSWORD, None, "", Given::Never),
    known("db.host", "Database Host", T128, None, "r", Given::Jdbc),
    known("db.name", "Database Name", T128, None, "r", Given::Jdbc),
    known("jdbc.driver.classname", "JDBC driver", T128, None, "rh", Given::Jdbc),
    known("expires", "Expires", T32, None, "hi", Given::Never),
    known("expires_in", "Expires In", T32, None, "hi", Given::Never),
    at(100, known("authentication.time", "Time of Getting Token or Performing Authentication", T32, None, "hi", Given::Always)),
    at(100, known("event.vendor.type", "Event Type", T128, None, "hi", Given::Never)),
    at(101, known("event.poller.refresh_interval", "Event poller refresh interval", T128, Some("15"), "", Given::Never)),
    at(102, known("event.notification.enabled", "Enabled/Disable Event Notifications", BOOLEAN, Some("false"), "", Given::Always)),
    at(103, known("event.notification.callback.url", "Event Notification Callback URL", T1000, None, "", Given::Always)),
    at(104, known("event.poller.configuration", "Event Poller Resources Configuration", AREA, None, "", Given::Never)),
    at(105, known("event.poller.urls", "Event Poller Resources", AREA, None, "", Given::Never)),
    known("event.notification.type", "Event Notification Type", T128, None, "h", Given::Never),
    known("event.notification.signature.key", "Event Notification Signature Key", T128, None, "", Given::Never),
    known("event.notification.basic.username", "Event Notification User", T128, None, "", Given::Never),
    known("event.notification.basic.password", "Event Notification Password", PASSWORD, None, "", Given::Never),
    known("event.notification.callback.headers", "Event Notification Headers", T128, None, "", Given::Never),
    known("event.notification.subscription.id", "Event Subscription", T128, None, "h", Given::Never),
    known("event.notification.instance.finder", "Event Instance Finder", T128, None, "h", Given::Never),
    known("event.webhook.signature.header", "Event Signature Header", T128, None, "h", Given::Never),
    known("event.webhook.signature.key", "Event Signature Key", PASSWORD, None, "h", Given::Never),
    known("event.webhook.signature.algorithm", "Event Signature Algorithm", T32, Some("sha256"), "h", Given::Never),
    known("event.webhook.signature.encoding", "Event Signature Encoding", T32, Some("hex"), "h", Given::Never),
    known("event.webhook.signature.prefix", "Event Signature Prefix", T32, Some(""), "h", Given::Never),
    known("bulk.query.field_name", "Bulk Query Field", T128, Some(""), "h", Given::Never),
    known("bulk.query.operator", "Bulk Query Operator", T128, Some(">="), "h", Given::Never),
    known("bulk.query.date_mask", "Bulk Query Date Mask", T128, None, "h", Given::Never),
    known("bulk.query.download_format", "Bulk Download Format", T128, Some("JSON"), "h", Given::Never),
    known("bulk.attribute.created_time", "Bulk Created Field", T128, Some(""), "h", Given::Never),
    known("bulk.relations", "Bulk Relations", AREA, None, "h", Given::Never),
    known("bulk.add_metadata", "Bulk Metadata", T128, None, "h", Given::Never),
    known("filter.response.nulls", "Filter nulls", BOOLEAN, Some("true"), "h", Given::Always),
];

/// The entry that the platform knows under this key, as an element's own; `None` when it knows none.
pub(crate) fn entry(key: &str, element_key: &str, element_name: &str) -> Option<Entry> {
    let known = KNOWN.iter().find(|known| known.key == key)?;
    Some(Entry {
        id: ids::part_id(&[element_key, "configuration", key]),
        key: key.to_owned(),
        name: known.name.to_owned(),
        description: format!("{element_name} {}", known.name),
        kind: known.kind,
        default_value: known.default.map(str::to_owned),
        required: known.flags.contains('r'),
        hide_from_console: known.flags.contains('h'),
        internal: known.flags.contains('i'),
        active: true,
        company_config: false,
        reseller_config: false,
        group_control: false,
        display_order: known.order,
        extra: serde_json::Map::new(),
    })
}

/// The entries that an element of this authentication and protocol has even when its definition does not name them.
pub(crate) fn given(authentication: &Authentication, protocol: Protocol) -> impl Iterator<Item = &str> {
    let kind = authentication.kind;
    let credentials = match kind {
        AuthenticationType::Basic | AuthenticationType::WsSecurity | AuthenticationType::Oauth2Password => {
            let standard = |key: &'static str, named: &str| (named == key).then_some(key);
            [standard("username", &authentication.username_key), standard("password", &authentication.password_key)]
        }
        _ if protocol == Protocol::Jdbc => [Some("username"), Some("password")],
        _ => [None, None],
    };
    let oauth1 = kind == AuthenticationType::Oauth1;
    let oauth2 = matches!(kind, AuthenticationType::Oauth2 | AuthenticationType::Oauth2Pkce);
    let gets_tokens = kind.gets_tokens();
    let has_client = matches!(kind, AuthenticationType::Oauth2ClientCredentials | AuthenticationType::Oauth2Password);
    // One that signs assertions proves itself by them.
    let names_client = authentication.configuration_keys().iter().any(|(_, key)| *key == "oauth.api.key");
    let asserts = authentication.assertion_key() == Some(ASSERTION_KEY);
    let applies = move |given: Given| match given {
        Given::Always => true,
        Given::Client => oauth1 || oauth2 || has_client || names_client,
        Given::ClientSecret => oauth1 || oauth2 || (has_client && authentication.assertion_key().is_none()),
        Given::Token => oauth1 || oauth2 || gets_tokens,
        Given::Scoped => oauth2 || gets_tokens,
        Given::Assertion => asserts,
        Given::Aws => kind.is_aws(),
        Given::AwsV4 => kind == AuthenticationType::AwsV4,
        Given::Oauth1 => oauth1,
        Given::Oauth2 => oauth2,
        Given::Oauth => oauth1 || oauth2,
        Given::Jdbc => protocol == Protocol::Jdbc,
        Given::Never => false,
    };
    let rest = KNOWN.iter().filter(move |known| applies(known.given)).map(|known| known.key);
    credentials.into_iter().flatten().chain(rest)
}
