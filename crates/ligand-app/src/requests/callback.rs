//! Whom to tell of an answer, and how: the address of a callback, and what an instance's configuration says about it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::{Configuration, Error};
use ligand_engine::signature;
use serde_json::Value;
use url::Url;

const URL: &str = "event.notification.callback.url";
const SIGNATURE_KEY: &str = "event.notification.signature.key";
const HEADERS: &str = "event.notification.callback.headers";
const USERNAME: &str = "event.notification.basic.username";
const PASSWORD: &str = "event.notification.basic.password";

/// The address that a request names, or else the instance's configuration.
///
/// # Errors
/// Invalid when there is none, or it is no address.
pub(super) fn address(named: Option<&str>, configuration: &Configuration) -> Result<Url, Error> {
    let is_set = |text: &&str| !matches!(text.trim(), "" | "null" | "false");
    let text = named.filter(is_set).or_else(|| configuration.get(URL).filter(is_set)).map(str::trim);
    let text = text.ok_or_else(|| {
        let message = "An asynchronous request needs a callback URL: the header Elements-Async-Callback-Url, or the \
                       configuration event.notification.callback.url of the element instance";
        Error::invalid("callback-missing", message)
    })?;
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&whole).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.ok_or_else(|| Error::invalid("callback-invalid", "The callback URL is no http or https address"))
}

/// The headers of a callback with this body.
pub(super) fn headers(configuration: &Configuration, body: &[u8]) -> Vec<(String, String)> {
    let set = |key: &str| configuration.get(key).filter(|value| !value.is_empty());
    let mut headers = set(HEADERS).map(own_headers).unwrap_or_default();
    let has_own = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let Some(username) = set(USERNAME).filter(|_| !has_own) {
        let pair = format!("{username}:{}", configuration.get(PASSWORD).unwrap_or_default());
        headers.push(("Authorization".to_owned(), format!("Basic {}", STANDARD.encode(pair))));
    }
    if let Some(key) = set(SIGNATURE_KEY) {
        headers.push(("Elements-Webhook-Signature".to_owned(), signature(key, body)));
    }
    headers
}

/// A JSON object, or `Name:Value` pairs separated by commas or line ends.
fn own_headers(text: &str) -> Vec<(String, String)> {
    if let Ok(Value::Object(members)) = serde_json::from_str(text) {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return members.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    }
    let pairs = text.split([',', '\n']).filter_map(|pair| pair.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use ligand_domain::Configuration;

    use super::{address, headers};

    fn configuration(entries: &[(&str, &str)]) -> Configuration {
        entries.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
    }

    #[test]
    fn the_request_names_the_address_or_the_instance() {
        let own = configuration(&[("event.notification.callback.url", "http://instance.example/a")]);
        let read = |named, configuration: &Configuration| address(named, configuration).map(|url| url.to_string());
        assert_eq!(read(Some("https://x.example/b?c=d"), &own).unwrap(), "https://x.example/b?c=d");
        assert_eq!(read(Some("host.example/path"), &own).unwrap(), "https://host.example/path");
        assert_eq!(read(Some("  "), &own).unwrap(), "http://instance.example/a");
        for unset in ["", "false", "null"] {
            assert!(read(None, &configuration(&[("event.notification.callback.url", unset)])).is_err(), "{unset}");
        }
        for wrong in ["ftp://x", "https://", "://", "http://[", "file:///etc/passwd"] {
            assert!(read(Some(wrong), &own).is_err(), "{wrong}");
        }
    }

    #[test]
    fn headers_are_what_the_configuration_says() {
        assert!(headers(&configuration(&[("event.notification.signature.key", "")]), b"x").is_empty());
        let all = configuration(&[
            ("event.notification.callback.headers", r#"{"X-A": "1", "X-B": 2}"#),
            ("event.notification.basic.username", "u"),
            ("event.notification.basic.password", "p"),
            ("event.notification.signature.key", "MySecretEventSignatureKey"),
        ]);
        let text = |entries: Vec<(String, String)>| {
            entries.into_iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>()
        };
        assert_eq!(
            text(headers(&all, b"<INSERT_EVENT_NOTIFICATION_RESPONSE_BODY>")),
            [
                "X-A: 1",
                "X-B: 2",
                "Authorization: Basic dTpw",
                "Elements-Webhook-Signature: sha256=jHdbRx5EZAsOfTwAPJOGkNUzQMVVdu5VJlxcsk+G6jQ=",
            ]
        );
        let own = configuration(&[
            ("event.notification.callback.headers", "AUTHORIZATION: Bearer t"),
            ("event.notification.basic.username", "u"),
        ]);
        assert_eq!(text(headers(&own, b"")), ["AUTHORIZATION: Bearer t"], "one says who calls");
        let pairs = configuration(&[("event.notification.callback.headers", "X-A: 1, X-B:2\nX-C:3:4,broken")]);
        assert_eq!(text(headers(&pairs, b"")), ["X-A: 1", "X-B: 2", "X-C: 3:4"]);
    }
}
