//! Effective configuration, rule by rule.

use ligand_domain::Configuration;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{credentials_changed, effective_configuration, is_secret, masked, missing_required};
use crate::{
    Element,
    folder::tests::{built_in, element},
};

fn effective(element: &Element, sent: &Value, stored: Option<&Configuration>) -> Configuration {
    effective_configuration(element, sent.as_object(), stored).unwrap()
}

fn refused(element: &Element, sent: &Value) -> Vec<String> {
    let errors = effective_configuration(element, sent.as_object(), None).unwrap_err();
    errors.into_iter().map(|error| error.key).collect()
}

#[test]
fn the_sales_cloud_sample_comes_out() {
    let element = built_in("oraclesalescloud");
    let sent = json!({"username": "USERNAME", "password": "secret", "site.url": "MySite.oracle.com"});
    let shown = masked(&element, &effective(&element, &sent, None));
    let sample = json!({
        "bulk.add_metadata": null, "base.url": "https://{site.url}", "bulk.query.field_name": "",
        "site.url": "MySite.oracle.com", "pagination.max": "100", "event.vendor.type": "polling",
        "bulk.query.operator": ">=", "bulk.query.date_mask": "yyyy-MM-dd'T'HH:mm:ss'Z'",
        "bulk.attribute.created_time": "CreationDate", "bulk.query.download_format": "JSON", "password": "********",
        "pagination.type": "page", "bulk.relations": null, "event.poller.refresh_interval": "15",
        "event.notification.callback.url": null, "pagination.page.startindex": "0", "username": "USERNAME",
        "event.notification.enabled": "false",
    });
    for (key, value) in sample.as_object().unwrap() {
        assert_eq!(shown.get(key), Some(value), "{key}");
    }
    let poller: Value = serde_json::from_str(shown["event.poller.configuration"].as_str().unwrap()).unwrap();
    assert_eq!(poller["leads"]["datesConfiguration"]["createdDateTimezone"], "PST");
    assert_eq!(poller.as_object().unwrap().len(), 6);
}

#[test]
fn the_act_sample_comes_out() {
    let element = built_in("actpremium");
    let sent = json!({"username": "USERNAME", "password": "p", "act": "http://h", "database": "d"});
    let shown = masked(&element, &effective(&element, &sent, None));
    for (key, value) in [
        ("base.url", "http://cloud.ocrsdk.com"),
        ("username", "USERNAME"),
        ("event.notification.enabled", "false"),
        ("password", "********"),
    ] {
        assert_eq!(shown[key], value);
    }
    assert_eq!(shown["act.token"], Value::Null, "null is not masked");
}

#[test]
fn every_element_filters_nulls_by_default() {
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        assert_eq!(effective(&built_in(key), &json!({}), None).get("filter.response.nulls"), Some("true"));
    }
}

#[test]
fn values_become_text() {
    let element = built_in("servicecloud");
    let sent = json!({
        "event.notification.enabled": true, "filter.response.nulls": "NO", "event.poller.urls": {"a": [1, null]},
        "n": 1.0, "m": 1.5, "big": 12_345_678_901_234_u64, "list": ["x"], "none": null, "text": "x",
    });
    let effective = effective(&element, &sent, None);
    let expected = [
        ("event.notification.enabled", Some("true")),
        ("filter.response.nulls", Some("false")),
        ("event.poller.urls", Some("{\"a\":[1,null]}")),
        ("n", Some("1")),
        ("m", Some("1.5")),
        ("big", Some("12345678901234")),
        ("list", Some("[\"x\"]")),
        ("none", None),
        ("text", Some("x")),
    ];
    for (key, value) in expected {
        assert!(effective.contains(key));
        assert_eq!(effective.get(key), value, "{key}");
    }
}

#[test]
fn definition_order_comes_first_then_that_of_the_caller() {
    let element = built_in("servicecloud");
    let effective = effective(&element, &json!({"z": "1", "helpdesk.servicecloud.username": "u", "a": "2"}), None);
    let keys: Vec<&str> = effective.iter().map(|(key, _)| key).collect();
    assert_eq!(keys[0], "helpdesk.servicecloud.username");
    assert_eq!(keys[keys.len() - 2..], ["z", "a"]);
}

#[test]
fn bad_values_are_all_named() {
    let element = built_in("servicecloud");
    let long = "x".repeat(129);
    let sent = json!({
        "helpdesk.servicecloud.username": long, "event.notification.enabled": "maybe", "nul": "a\0b", "": "x",
        "ctl\n": "x", "helpdesk.servicecloud.password": "p".repeat(5000),
    });
    assert_eq!(
        refused(&element, &sent),
        ["helpdesk.servicecloud.username", "event.notification.enabled", "nul", "", "ctl"]
    );
    let fits = json!({"helpdesk.servicecloud.username": "\u{e4}".repeat(128)});
    assert_eq!(effective(&element, &fits, None).get("helpdesk.servicecloud.username").unwrap().chars().count(), 128);
}

#[test]
fn messages_never_show_values() {
    let element = built_in("servicecloud");
    let sent = json!({"event.notification.enabled": "hunter2", "filter.response.nulls": "hunter2"});
    let errors = effective_configuration(&element, sent.as_object(), None).unwrap_err();
    assert!(
        errors.iter().all(|error| !error.to_string().contains("hunter2") && error.to_string().contains(&error.key))
    );
}

#[test]
fn tokens_may_be_longer_than_their_fields() {
    let element = element("x", "name: N\nauthentication: {type: oauth2}");
    let token = "t".repeat(3000);
    assert_eq!(
        effective(&element, &json!({"oauth.user.token": token}), None).get("oauth.user.token"),
        Some(token.as_str())
    );
    assert_eq!(refused(&element, &json!({"oauth.api.key": "k".repeat(200)})), ["oauth.api.key"]);
}

#[test]
fn floods_of_unknown_keys_are_refused() {
    let sent: Map<String, Value> = (0..100_000).map(|number| (format!("k{number}"), json!("v"))).collect();
    assert_eq!(effective_configuration(&built_in("infobip"), Some(&sent), None).unwrap_err().len(), 1);
}

#[test]
fn all_missing_entries_are_named_in_order() {
    let element = built_in("servicecloud");
    let missing = |sent: Value| missing_required(&element, &effective(&element, &sent, None));
    let user = "helpdesk.servicecloud.username";
    let (password, url) = ("helpdesk.servicecloud.password", "helpdesk.servicecloud.endpointurl");
    assert_eq!(missing(json!({})), [user, password, url]);
    assert_eq!(missing(json!({user: "u"})), [password, url]);
    assert_eq!(missing(json!({user: "u", password: " ", url: null})), [password, url]);
    assert!(missing(json!({user: "u", password: "p", url: "h"})).is_empty());
    let sales = built_in("oraclesalescloud");
    assert_eq!(missing_required(&sales, &effective(&sales, &json!({}), None)), ["site.url", "username", "password"]);
}

#[test]
fn display_order_wins_over_definition_order() {
    let text = "name: N\nauthentication: {type: none}\nconfiguration:\n  - {key: a, name: A, required: true, displayOrder: 9}\n  \
                - {key: b, name: B, required: true}\n  - {key: c, name: C, required: true, internal: true}\n  \
                - {key: d, name: D, required: true, defaultValue: x}\n";
    let element = element("x", text);
    assert_eq!(missing_required(&element, &effective(&element, &json!({}), None)), ["b", "a"]);
}

#[test]
fn oauth_tokens_are_not_demanded() {
    let element = element("x", "name: N\nauthentication: {type: oauth1}");
    let missing = missing_required(&element, &Configuration::default());
    assert_eq!(missing, ["oauth.api.key", "oauth.api.secret", "oauth.callback.url", "oauth.request.url"]);
}

#[test]
fn updates_merge_and_masks_keep() {
    let element = built_in("infobip");
    let first = json!({"messaging.sms.infobip.username": "u", "messaging.sms.infobip.password": "p", "extra": "x", "x.secret": "s"});
    let stored = effective(&element, &first, None);
    let echo = Value::Object(masked(&element, &stored));
    assert_eq!(echo["x.secret"], "********");
    assert!(effective(&element, &echo, Some(&stored)) == stored, "an echoed configuration changes nothing");
    let changed = effective(&element, &json!({"messaging.sms.infobip.username": "v"}), Some(&stored));
    assert_eq!(changed.get("messaging.sms.infobip.username"), Some("v"));
    assert_eq!(changed.get("messaging.sms.infobip.password"), Some("p"));
    assert_eq!(changed.get("extra"), Some("x"));
    let cleared =
        effective(&element, &json!({"extra": null, "messaging.sms.infobip.username": "********"}), Some(&stored));
    assert_eq!(cleared.get("extra"), None);
    assert_eq!(cleared.get("messaging.sms.infobip.username"), Some("********"), "only secrets can be kept so");
}

#[test]
fn secrets_are_told_by_type_and_by_name() {
    let element = built_in("servicecloud");
    for key in [
        "helpdesk.servicecloud.password",
        "oauth.api.key",
        "oauth.api.secret",
        "any.password",
        "x.secret",
        "y.token.secret",
        "password",
    ] {
        assert!(is_secret(&element, key), "{key}");
    }
    for key in ["helpdesk.servicecloud.username", "site.url", "passwords", "oauth.user.token"] {
        assert!(!is_secret(&element, key), "{key}");
    }
}

#[test]
fn only_what_the_vendor_sees_is_checked_again() {
    let element = built_in("actpremium");
    let stored = effective(&element, &json!({"username": "u", "act": "http://h"}), None);
    let changed = |sent: Value| credentials_changed(&element, &stored, &effective(&element, &sent, Some(&stored)));
    assert!(!changed(json!({})));
    assert!(!changed(json!({"event.notification.callback.url": "http://x", "filter.response.nulls": false})));
    assert!(changed(json!({"password": "new"})));
    assert!(changed(json!({"act": "http://other"})));
    assert!(changed(json!({"unknown": "x"})));
    let mut with_token = stored.clone();
    with_token.set("act.token", Some("t".to_owned()));
    assert!(!credentials_changed(&element, &stored, &with_token));
}

proptest! {
    #[test]
    fn no_secret_shows(value in "\\PC{1,40}", key in "[a-z.]{1,20}\\.(password|secret)") {
        let element = built_in("infobip");
        let sent = Map::from_iter([(key.clone(), json!(value))]);
        let shown = masked(&element, &effective_configuration(&element, Some(&sent), None).unwrap());
        prop_assert_eq!(&shown[&key], "********");
    }
}
