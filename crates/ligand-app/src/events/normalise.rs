//! What a payload means: the changes that it tells of, in one form whatever the vendor.

use ligand_domain::{Configuration, Timestamp};
use ligand_element::{Polled, Window, polling, value_at};
use serde_json::{Map, Value, json};

use crate::instances::Loaded;

/// A change at a vendor.
pub(crate) type Object = Map<String, Value>;

/// What the changes of one payload have in common.
pub(super) struct Normaliser<'a> {
    pub(super) element: &'a str,
    pub(super) hub: &'a str,
    pub(super) configuration: &'a Configuration,
    pub(super) now: Timestamp,
}

impl<'a> Normaliser<'a> {
    pub(super) fn of(loaded: &'a Loaded, now: Timestamp) -> Self {
        Self {
            element: loaded.element.key(),
            hub: loaded.element.hub(),
            configuration: &loaded.instance.configuration,
            now,
        }
    }

    /// The changes that a payload tells of without the help of a script; one of which nothing is known, if it is none
    /// of the known forms.
    pub(super) fn changes(&self, payload: &Value) -> Vec<Object> {
        let stated =
            |item: &Value| ["objectType", "objectId", "eventType"].iter().any(|name| item.get(*name).is_some());
        if let Some(events) = payload["events"].as_array().filter(|events| events.iter().any(stated)) {
            return events.iter().filter_map(Value::as_object).map(|event| self.completed(event.clone())).collect();
        }
        if let Some((name, records)) =
            payload["objectType"].as_str().and_then(|name| Some((name, payload[name].as_array()?)))
        {
            return self.of_records(name, records, payload);
        }
        if let Some(objects) = payload["objects"].as_array().filter(|objects| !objects.is_empty()) {
            let kind = action(payload);
            let change = |object: &Value| {
                self.change(
                    &object["attributes"]["type"],
                    &object["Id"],
                    kind.map(Value::from),
                    object.get("LastModifiedDate"),
                )
            };
            return objects.iter().map(change).collect();
        }
        vec![self.change(&Value::Null, &Value::Null, None, None)]
    }

    /// Records of one type, as a poll brings them.
    fn of_records(&self, name: &str, records: &[Value], payload: &Value) -> Vec<Object> {
        let configured = polling(self.configuration).resources.into_iter().find(|polled| polled.name == name);
        let id_field = payload["idField"].as_str().or(configured.as_ref().map(|polled| polled.id_field.as_str()));
        let id_field = id_field.filter(|field| !field.is_empty()).unwrap_or("id");
        let stated = action(payload);
        let change = |record: &Value| {
            let (kind, date) = match configured.as_ref().map(|polled| self.judged(polled, record)) {
                Some((kind, date)) => (stated.or(kind).unwrap_or("UPDATED"), date),
                None => (stated.unwrap_or("UPDATED"), None),
            };
            let id = value_at(record, id_field).unwrap_or_default();
            self.change(&Value::from(name), &id, Some(Value::from(kind)), date.map(Value::from).as_ref())
        };
        records.iter().map(change).collect()
    }

    /// What the dates of a record say.
    fn judged(&self, polled: &Polled, record: &Value) -> (Option<&'static str>, Option<String>) {
        let window = Window { last_poll: Timestamp::from_millis(0), now: self.now };
        let found = polled.changes(vec![record.clone()], window).changes.into_iter().next();
        found.map_or((None, None), |change| (change.kind, Some(change.date.to_iso_seconds())))
    }

    /// The changes that a script's result names.
    pub(super) fn of_script(&self, events: &Value) -> Vec<Object> {
        let items = events.as_array().cloned().unwrap_or_else(|| vec![events.clone()]);
        let known = [
            ("event_object_type", "objectType"),
            ("event_object_id", "objectId"),
            ("event_type", "eventType"),
            ("event_date", "date"),
        ];
        let change = |item: &Value| {
            let mut object = Object::new();
            for (name, value) in item.as_object()? {
                let name = known.iter().find(|(theirs, _)| theirs == name).map_or(name.as_str(), |(_, ours)| ours);
                object.insert(name.to_owned(), value.clone());
            }
            if let Some(kind) = object.get("eventType").and_then(Value::as_str) {
                let kind = kind.to_uppercase();
                object.insert("eventType".to_owned(), kind.into());
            }
            Some(self.completed(object))
        };
        items.iter().filter_map(change).collect()
    }

    fn change(&self, kind_of: &Value, id: &Value, kind: Option<Value>, date: Option<&Value>) -> Object {
        let mut object = Object::new();
        object.insert("objectType".to_owned(), kind_of.clone());
        object.insert("objectId".to_owned(), text_or_null(id));
        object.insert("eventType".to_owned(), kind.unwrap_or_default());
        if let Some(date) = date {
            object.insert("date".to_owned(), date.clone());
        }
        self.completed(object)
    }

    /// Adds what is missing.
    fn completed(&self, mut object: Object) -> Object {
        for name in ["objectType", "objectId", "eventType"] {
            object.entry(name).or_insert(Value::Null);
        }
        if object.get("date").is_none_or(Value::is_null) {
            object.insert("date".to_owned(), self.now.to_iso_seconds().into());
        }
        object.entry("elementKey").or_insert_with(|| json!(self.element));
        object.entry("hubKey").or_insert_with(|| json!(self.hub));
        object
    }
}

fn text_or_null(id: &Value) -> Value {
    match id {
        Value::Number(number) => Value::from(number.to_string()),
        Value::String(_) => id.clone(),
        _ => Value::Null,
    }
}

/// What a payload's `action` means.
fn action(payload: &Value) -> Option<&'static str> {
    match payload["action"].as_str()?.to_ascii_lowercase().as_str() {
        "create" | "created" => Some("CREATED"),
        "update" | "updated" => Some("UPDATED"),
        "delete" | "deleted" => Some("DELETED"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ligand_domain::{Configuration, Timestamp};
    use serde_json::{Value, json};

    use super::Normaliser;

    fn changes(payload: &Value) -> Value {
        let polled = json!({ "accounts": {
            "url": "/accounts", "idField": "key",
            "datesConfiguration": { "updatedDateField": "u", "updatedDateFormat": "seconds", "createdDateField": "c" },
        } });
        let entries = [("event.poller.configuration".to_owned(), Some(polled.to_string()))];
        let configuration: Configuration = entries.into_iter().collect();
        let normaliser = Normaliser {
            element: "el",
            hub: "crm",
            configuration: &configuration,
            now: Timestamp::from_millis(1_500_000_000_000),
        };
        Value::from(normaliser.changes(payload).into_iter().map(Value::Object).collect::<Vec<_>>())
    }

    const NOW: &str = "2017-07-14T02:40:00Z";

    fn object(kind_of: &str, id: &str, kind: &str, date: &str) -> Value {
        let text = |text: &str| if text.is_empty() { Value::Null } else { Value::from(text) };
        json!({
            "objectType": text(kind_of), "objectId": text(id), "eventType": text(kind), "date": date, "elementKey": "el", "hubKey": "crm",
        })
    }

    #[test]
    fn what_is_normalised_already_stays_as_it_is() {
        let event = json!({
            "objectType": "a", "objectId": "1", "date": "d", "pollDate": "p", "eventType": "CREATED", "elementKey": "x",
            "hubKey": "y",
        });
        assert_eq!(changes(&json!({ "events": [event] })), json!([event]));
        assert_eq!(
            changes(&json!({ "events": [{ "objectId": "1" }] })),
            json!([{ "objectId": "1", "objectType": null, "eventType": null, "date": NOW, "elementKey": "el", "hubKey": "crm" }])
        );
    }

    #[test]
    fn records_below_their_type_are_one_change_each() {
        let payload = json!({ "objectType": "leads", "leads": [{ "id": 7 }, { "n": 1 }], "action": "deleted" });
        let expected = json!([object("leads", "7", "DELETED", NOW), object("leads", "", "DELETED", NOW),]);
        assert_eq!(changes(&payload), expected);
        let payload = json!({
            "objectType": "accounts",
            "accounts": [{ "key": "a", "u": 1_400_000_000, "c": 1_400_000_000 }, { "key": "b", "u": 1_400_000_000, "c": 1 }],
        });
        let date = "2014-05-13T16:53:20Z";
        let expected = json!([object("accounts", "a", "CREATED", date), object("accounts", "b", "UPDATED", date),]);
        assert_eq!(changes(&payload), expected);
    }

    #[test]
    fn objects_with_an_action_are_one_change_each() {
        let payload = json!({
            "objects": [{ "attributes": { "type": "Account" }, "Id": "001", "LastModifiedDate": "2018-07-31" }, { "Id": "002" }],
            "action": "update",
        });
        let expected = json!([object("Account", "001", "UPDATED", "2018-07-31"), object("", "002", "UPDATED", NOW),]);
        assert_eq!(changes(&payload), expected);
    }

    #[test]
    fn anything_else_is_one_change_of_which_nothing_is_known() {
        for payload in [json!({}), json!([]), json!([{ "a": 1 }]), json!({ "events": [1] }), json!({ "objects": [] })] {
            assert_eq!(changes(&payload), json!([object("", "", "", NOW)]), "{payload}");
        }
    }
}
