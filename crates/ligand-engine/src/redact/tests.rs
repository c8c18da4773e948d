//! Secrets leave no trace in texts.

use ligand_domain::Configuration;
use ligand_element::{Element, File, Folder, load};
use proptest::prelude::*;

use super::Secrets;

fn element() -> Element {
    let text = "name: N\nauthentication: {type: basic}\nconfiguration:\n  - {key: token, name: T, type: PASSWORD}\n";
    let files = vec![File { path: "element.yaml".to_owned(), text: text.to_owned() }];
    load(&Folder { key: "x".to_owned(), files }).unwrap()
}

fn redacted(text: &str, password: &str, token: &str) -> String {
    let values = [("username", "bob"), ("password", password), ("token", token), ("oauth.api.secret", "")];
    let configuration: Configuration =
        values.into_iter().map(|(key, value)| (key.to_owned(), Some(value.to_owned()))).collect();
    Secrets::of(&element(), &configuration).redact(text.to_owned())
}

#[test]
fn secrets_are_replaced_however_they_are_written() {
    let cases = [
        ("got open sesame!", "got ********!"),
        ("got open+sesame!", "got ********!"),
        ("tok is T0K&N", "tok is ********"),
        ("tok is T0K&amp;N or T0K%26N", "tok is ******** or ********"),
        ("Basic Ym9iOm9wZW4gc2VzYW1l", "Basic ********"),
        ("bob may not", "bob may not"),
    ];
    for (text, expected) in cases {
        assert_eq!(redacted(text, "open sesame", "T0K&N"), expected);
    }
}

#[test]
fn api_keys_are_secret_whatever_their_entries_say() {
    let with = |kind: &str| {
        let text = format!(
            "name: N\nauthentication: {{type: {kind}}}\nconfiguration: [{{key: key, name: K}}, {{key: other, name: O}},
               {{key: site, name: S}}]\nparameters:
  - {{name: 'Token ${{configuration.key}}', type: value, vendorName: Authorization, vendorType: header}}
  - {{name: other, type: configuration, vendorName: apikey, vendorType: query}}
  - {{name: site, type: configuration, vendorName: site, vendorType: path}}\n"
        );
        let files = vec![File { path: "element.yaml".to_owned(), text }];
        let element = load(&Folder { key: "x".to_owned(), files }).unwrap();
        let values = [("key", "k-planted"), ("other", "o-planted"), ("site", "acme")];
        let configuration: Configuration =
            values.into_iter().map(|(key, value)| (key.to_owned(), Some(value.to_owned()))).collect();
        Secrets::of(&element, &configuration).redact("k-planted o-planted acme".to_owned())
    };
    for kind in ["apiKey", "customApiKey", "personalAccessToken"] {
        assert_eq!(with(kind), "******** ******** acme", "{kind}");
    }
    assert_eq!(with("custom"), "k-planted o-planted acme");
}

#[test]
fn short_secrets_are_replaced_as_words_only() {
    assert_eq!(redacted("p is a wrong password, p", "p", "none of it"), "******** is a wrong password, ********");
    assert_eq!(redacted("papa", "pa", "none of it"), "papa");
}

#[test]
fn longer_secrets_win_over_those_inside_them() {
    assert_eq!(redacted("secret-and-more", "secret", "secret-and-more"), "********");
}

proptest! {
    #[test]
    fn no_secret_survives(secret in "[a-zA-Z0-9&<>\"'/+ _-]{4,30}", before in "[xyz ]{0,10}", after in "[xyz ]{0,10}") {
        prop_assume!(!secret.trim().is_empty());
        let text = redacted(&format!("{before}{secret}{after}"), &secret, "none of it");
        prop_assert!(!text.contains(&secret));
    }
}
