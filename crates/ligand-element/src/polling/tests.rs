//! The forms of a poller's configuration, its requests, and what records mean.

use ligand_domain::{Configuration, Timestamp};
use serde_json::{Value, json};

use super::*;

/// 2018-07-31T19:39:46Z.
const LAST: i64 = 1_533_065_986_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(LAST + seconds * 1000)
}

fn configured(pairs: &[(&str, &str)]) -> Polling {
    let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned())));
    polling(&pairs.collect::<Configuration>())
}

fn one(members: &Value) -> Polled {
    let text = json!({ "contacts": members }).to_string();
    let mut found = configured(&[("event.poller.configuration", &text)]);
    assert_eq!(found.problems, []);
    found.resources.remove(0)
}

fn dated() -> Value {
    json!({
        "updatedDateField": "_info.lastUpdated", "updatedDateFormat": "yyyy-MM-dd'T'HH:mm:ss'Z'",
        "UpdatedDateTimezone": "", "createdDateField": "_info.created",
    })
}

fn record(id: &str, updated: &str, created: &str) -> Value {
    json!({ "id": id, "_info": { "lastUpdated": updated, "created": created } })
}

fn names(polling: &Polling) -> Vec<&str> {
    polling.resources.iter().map(|resource| resource.name.as_str()).collect()
}

#[test]
fn tokens_become_dates() {
    let cases = [
        ("/x?where=a>'${gmtDate:yyyy-MM-dd'T'HH:mm:ss'Z'}'", "/x?where=a%3E%272018-07-31T19:38:46Z%27"),
        ("/x?where=a>'${date:yyyy-MM-dd'T'HH:mm:ssXXX}'", "/x?where=a%3E%272018-07-31T19:38:46Z%27"),
        ("/x?a=${date}&b=${GMTDATE}", "/x?a=2018-07-31T19:38:46Z&b=2018-07-31T19:38:46Z"),
        ("/x?a=${DateTimeZone:PST:HH:mm}", "/x?a=12:38"),
        ("/x?a=${dateTimeZone:America/Denver:HH:mmXXX}", "/x?a=13:38-06:00"),
        ("/x?a=${dateTimeZone:-8:00:HH:mm}", "/x?a=11:38"),
        ("/x?a=${dateTimeZone:+0530:HH:mmXXX}", "/x?a=01:08%2B05:30"),
        ("/x?a=${dateTimeZone:+6:HH:mm}", "/x?a=01:38"),
        ("/x?a=${epoch}&b=${epoch:s}&c=${epoch:us}", "/x?a=1533065926000&b=1533065926&c=1533065926000000"),
        ("/x?a=${milliseconds}", "/x?a=1533065926000"),
        ("/x?a=${unknown}&b=${date:yyyy", "/x?a=$%7Bunknown%7D&b=$%7Bdate:yyyy"),
        ("/x?a=${date:'T}", "/x?a=$%7Bdate:%27T%7D"),
        ("/x?a=%20b c", "/x?a=%20b%20c"),
    ];
    for (url, expected) in cases {
        let polled = one(&json!({ "url": url, "idField": "id", "pollDelay": 60 }));
        assert_eq!(polled.request(at(0)), expected, "{url}");
    }
}

#[test]
fn page_size_and_parameters_are_added_once() {
    let polled = one(&json!({ "url": "/x", "idField": "id", "pageSize": "20", "parameters": { "a": "b&c", "n": 1 } }));
    assert_eq!(polled.request(at(0)), "/x?a=b%26c&n=1&pageSize=20");
    let polled = one(&json!({ "url": "/x?pageSize=5", "idField": "id", "pageSize": 20 }));
    assert_eq!(polled.request(at(0)), "/x?pageSize=5");
    assert!(!polled.is_dated());
}

#[test]
fn metadata_with_objects_comes_first() {
    let metadata = json!({ "polling": {
        "{objectName}": { "url": "/hubs/crm/{objectName}?where=x>${epoch}", "idField": "Id" },
        "Contact": { "url": "/hubs/crm/contacts", "idField": "ContactId", "objectName": "contacts" },
    } });
    let metadata = metadata.to_string();
    let found = configured(&[
        ("event.metadata", &metadata),
        ("event.objects", " Contact, Account ,"),
        ("event.poller.configuration", "{\"leads\":{\"url\":\"/leads\",\"idField\":\"id\"}}"),
    ]);
    assert_eq!(names(&found), ["contacts", "Account"]);
    assert_eq!(found.resources[1].url, "/hubs/crm/Account?where=x>${epoch}");
    assert!(configured(&[("event.metadata", &metadata)]).resources.is_empty());
}

#[test]
fn configurations_are_read_in_every_wrapping() {
    let plain = "{\n\t\"a\": {\"url\": \"/a\", \"idField\": \"id\"},\\n \"b\": {\"url\": \"/b\", \"idField\": \"\"}}";
    assert_eq!(names(&configured(&[("event.poller.configuration", plain)])), ["a", "b"]);
    let nested = Value::from("{\"a\":{\"url\":\"/a\",\"idField\":\"id\"}}").to_string();
    assert_eq!(names(&configured(&[("event.poller.configuration", &nested)])), ["a"]);
    let chosen = configured(&[("event.poller.configuration", plain), ("event.poller.urls", "b|c")]);
    assert_eq!(names(&chosen), ["b"]);
    let chosen = configured(&[("event.poller.configuration", plain), ("event.poller.urls", "a\nb")]);
    assert_eq!(names(&chosen), ["a", "b"]);
}

#[test]
fn the_old_form_is_read() {
    let urls = "contacts|/hubs/crm/contacts?where=m>'${date}'||modified|yyyy-MM-dd|PST|created||\n\naccounts|/accounts|data.items";
    let found = configured(&[("event.poller.urls", urls)]);
    assert_eq!(names(&found), ["contacts", "accounts"]);
    assert_eq!(found.resources[0].id_field, "id");
    assert_eq!(found.resources[0].request(at(0)), "/hubs/crm/contacts?where=m%3E%272018-07-31%27");
    assert_eq!(found.resources[1].records(json!({ "data": { "items": [1, 2] } })), [json!(1), json!(2)]);
}

#[test]
fn what_cannot_be_used_is_told_and_the_rest_polled() {
    let text = json!({
        "good": { "url": "/good", "idField": "id" }, "none": {}, "text": "x",
        "away": { "url": "https://elsewhere/x", "idField": "id" },
        "dates": { "url": "/d", "datesConfiguration": { "updatedDateField": "u", "updatedDateFormat": "bb" } },
    });
    let found = configured(&[("event.poller.configuration", &text.to_string())]);
    assert_eq!(names(&found), ["good"]);
    let told: Vec<&str> = found.problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(told, ["none", "text", "away", "dates"]);
    assert_eq!(configured(&[("event.poller.configuration", "[1]")]).problems.len(), 1);
    assert_eq!(configured(&[("event.poller.configuration", "{")]).problems.len(), 1);
    assert_eq!(configured(&[]), Polling::default());
}

#[test]
fn records_are_told_apart_by_their_dates() {
    let polled =
        one(&json!({ "url": "/x?a=${date}", "idField": "id", "datesConfiguration": dated(), "pollDelay": 60 }));
    let records = vec![
        record("older", "2018-07-31T19:38:46Z", "2018-07-31T19:38:46Z"),
        record("new", "2018-07-31T19:40:00Z", "2018-07-31T19:39:55Z"),
        record("changed", "2018-07-31T19:38:47Z", "2018-01-01T00:00:00Z"),
        record("undated", "soon", ""),
        json!({ "id": 7, "deleted": true, "_info": { "lastUpdated": "2018-07-31T19:41:00Z" } }),
    ];
    let batch = polled.changes(records, Window { last_poll: at(0), now: at(50) });
    let seen: Vec<_> = batch.changes.iter().map(|change| (change.id.as_deref(), change.kind)).collect();
    let expected = [
        (Some("new"), Some("CREATED")),
        (Some("changed"), Some("UPDATED")),
        (Some("undated"), Some("UPDATED")),
        (Some("7"), Some("DELETED")),
    ];
    assert_eq!(seen, expected);
    assert_eq!(batch.changes[2].date, at(50));
    assert!(!batch.is_old);
}

#[test]
fn what_changes_during_a_poll_is_left_to_the_next_when_asked_for() {
    let members = json!({ "url": "/x", "idField": "id", "filterByCurrentDate": true, "datesConfiguration": dated() });
    let later = vec![record("later", "2018-07-31T19:41:00Z", "2018-07-31T19:41:00Z")];
    let window = Window { last_poll: at(0), now: at(50) };
    assert!(one(&members).changes(later.clone(), window).changes.is_empty());
    let members = json!({ "url": "/x", "idField": "id", "datesConfiguration": dated() });
    assert_eq!(one(&members).changes(later, window).changes.len(), 1);
}

#[test]
fn records_may_be_filtered_by_creation_or_not_at_all() {
    let window = Window { last_poll: at(0), now: at(50) };
    let members =
        json!({ "url": "/x", "idField": "id", "filterByUpdatedDate": "false", "datesConfiguration": dated() });
    let changed = vec![record("changed", "2018-07-31T19:41:00Z", "2018-01-01T00:00:00Z")];
    let batch = one(&members).changes(changed.clone(), window);
    assert!(batch.changes.is_empty() && batch.is_old);
    let batch = one(&json!({ "url": "/x", "idField": "id" })).changes(changed, window);
    assert_eq!((batch.changes[0].kind, batch.changes[0].date), (None, at(50)));
}
