//! Which addresses are read, and as what.

use serde_json::json;

use super::*;
use crate::folder::tests::element;

const RESOURCES: &str = "name: N
authentication: { type: none }
resources:
  - { method: POST, path: /things }
  - { method: GET, path: '/things/{id}', vendorPath: '/api/records/{key}.json', parameters: [
      { name: id, type: path, vendorName: key, vendorType: path }] }
  - { method: POST, path: /sets }
  - { method: GET, path: '/sets/{id}', vendorPath: '/Sets({id})' }
  - { method: POST, path: '/{objectName}' }
  - { method: GET, path: '/{objectName}/{id}', vendorPath: '/v1/{objectName}/{id}' }
  - { method: POST, path: /rooms }
  - { method: GET, path: '/rooms/{id}', vendorPath: '/{id}' }
  - { method: POST, path: /queues }
  - { method: GET, path: /queues/status }
";

fn answer(location: &str) -> AnswerState {
    AnswerState { status: 201, headers: vec![("location".to_owned(), location.to_owned())], ..AnswerState::default() }
}

fn told(path: &str, state: &AnswerState) -> Option<(String, Option<String>)> {
    let element = element("x", RESOURCES);
    let resource = element.resources().iter().find(|resource| resource.method == Method::Post).unwrap();
    let made = created(&element, resource, path, state)?;
    let read = made
        .read_by
        .as_ref()
        .map(|(index, _)| element.resources()[*index].path.trim_start_matches("/hubs/general").to_owned());
    assert!(made.inputs().path.get("id").is_none_or(|id| *id == made.id));
    Some((made.id, read))
}

#[test]
fn only_what_the_reading_resource_asks_for_is_read() {
    let read = |id: &str, path: &str| Some((id.to_owned(), Some(path.to_owned())));
    let named = |id: &str| Some((id.to_owned(), None));
    for location in ["/api/records/7.json", "https://v.example/gate/api/records/7?x=y", "records/7/"] {
        assert_eq!(told("/hubs/crm/things", &answer(location)), read("7", "/things/{id}"), "{location}");
    }
    for other in ["/api/jobs/7", "/records/7/notes/7", "7", "/7", "https://v.example/7", "/api/Records/7"] {
        assert_eq!(told("/hubs/crm/things", &answer(other)), named("7"), "{other}");
    }
    assert_eq!(told("/sets", &answer("/odata/Sets(7)")), read("7", "/sets/{id}"));
    assert_eq!(told("/sets", &answer("/odata/Jobs(7)")), named("Jobs(7)"));
    assert_eq!(told("/leads", &answer("/v1/leads/7")), read("7", "/{objectName}/{id}"));
    assert_eq!(told("/leads", &answer("/v1/jobs/7")), named("7"));
    assert_eq!(told("/rooms", &answer("/rooms/7")), named("7"), "nothing tells that it is one of these");
    assert_eq!(told("/queues", &answer("/queues/status")), named("status"), "a resource of its own");
    assert_eq!(told("/things", &answer("https://v.example/")), None);
}

#[test]
fn other_answers_are_what_they_are() {
    for status in [200, 202, 204, 299] {
        assert_eq!(told("/things", &AnswerState { status, ..answer("/api/records/7") }), None, "{status}");
    }
    let location = "/api/records/7";
    assert_eq!(told("/things", &AnswerState { is_scripted: true, ..answer(location) }), None);
    assert_eq!(told("/things", &AnswerState { vendor_body: json!({ "id": 8 }), ..answer(location) }), None);
    assert_eq!(told("/things", &AnswerState { body: json!([]), ..answer(location) }), None);
    assert!(told("/things", &AnswerState { body: json!({}), ..answer(location) }).is_some());
}
