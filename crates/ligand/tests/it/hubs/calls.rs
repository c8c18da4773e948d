//! Single calls: create, read, change, delete, and what their answers look like.

use serde_json::{Value, json};

use super::Hubs;
use crate::harness::API;

#[tokio::test]
async fn a_record_is_made_read_changed_and_deleted() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let made = crm.post("/hubs/crm/accounts", &json!({ "OrganizationName": "Made & <read>" })).await;
    assert_eq!(made.header("content-type"), "application/json;charset=UTF-8");
    assert!(!made.headers.contains_key("elements-returned-count"));
    let made = made.ok();
    let path = format!("/hubs/crm/accounts/{}", made["PartyNumber"].as_str().expect("a key"));
    let read = crm.get(&path).await.ok();
    assert_eq!(read["OrganizationName"], "Made & <read>");
    let changed = crm.send("PATCH", &path, Some(&json!({ "OrganizationName": "Changed" }))).await.ok();
    assert_eq!(changed["OrganizationName"], "Changed");
    assert_eq!(crm.get(&path).await.ok()["OrganizationName"], "Changed");
    let deleted = crm.send("DELETE", &path, None).await;
    assert_eq!((deleted.status.as_u16(), deleted.text.as_str()), (200, ""));
    let gone = crm.get(&path).await;
    assert!(!gone.json()["providerMessage"].is_null());
    assert_eq!(gone.error(404), "Not found");
    crm.send("PATCH", &path, Some(&json!({ "OrganizationName": "x" }))).await.error(404);
    crm.send("DELETE", &path, None).await.error(404);
}

#[tokio::test]
async fn members_without_a_value_are_left_out_unless_wanted() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let path = format!("/hubs/crm/accounts/{}", crm.account("Nulls").await);
    let has_null = |value: &Value| value.as_object().expect("an object").values().any(Value::is_null);
    assert!(!has_null(&crm.get(&path).await.ok()));
    let change = json!({ "configuration": { "filter.response.nulls": "false" } });
    hubs.platform.send("PATCH", &format!("/instances/{}", crm.id), Some(&change)).await.ok();
    assert!(has_null(&crm.get(&path).await.ok()));
}

#[tokio::test]
async fn fields_are_the_members_of_an_answer() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let path = format!("/hubs/crm/accounts/{}?fields=PartyNumber%2C%20OrganizationName,nope", crm.account("F").await);
    let read = crm.get(&path).await.ok();
    assert_eq!(read.as_object().expect("an object").keys().collect::<Vec<_>>().len(), 2, "{read}");
}

#[tokio::test]
async fn pings_ask_the_vendor() {
    let hubs = Hubs::start().await;
    let (crm, sms) = (hubs.crm().await, hubs.sms().await);
    for (instance, key) in [(&crm, "testcrm"), (&sms, "testsms")] {
        for path in ["/ping", "/hubs/crm/ping", "/hubs/anything/ping"] {
            let ping = instance.get(path).await.ok();
            assert_eq!((&ping["endpoint"], &ping["valid"]), (&json!(key), &json!(true)));
            assert!(ping["dateTime"].as_str().is_some_and(|date| date.ends_with('Z')), "{ping}");
        }
    }
    hubs.platform.fault("infobip", &json!({ "fault": "forbidden", "times": 1 })).await;
    sms.get("/ping").await.error(403);
    hubs.platform.fault("oraclesalescloud", &json!({ "fault": "http500", "times": 1 })).await;
    crm.get("/ping").await.error(502);
}

#[tokio::test]
async fn objects_come_from_the_definition() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let hydrogen = crm.get("/hubs/crm/objects").await;
    assert_eq!(hydrogen.header("elements-returned-count"), "2");
    assert_eq!(hydrogen.ok(), json!(["accounts", "every"]));
    let headers = [("authorization", crm.authorization.as_str()), ("elements-version", "Helium ")];
    let helium = hubs.platform.raw("GET", &format!("{API}/objects"), &headers, "").await.ok();
    assert_eq!(helium[0], json!({ "name": "accounts", "vendorName": "accounts", "type": "vendor" }));
    assert_eq!(crm.get("/objects/accounts/metadata").await.ok(), json!({ "fields": [] }));
    crm.get("/objects/nope/metadata").await.error(404);
    crm.send("POST", "/objects", Some(&json!({}))).await.error(405);
}

#[tokio::test]
async fn a_switched_off_instance_still_tells_its_objects() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    hubs.platform.send("DELETE", &format!("/instances/{}/enabled", crm.id), None).await.ok();
    for path in
        ["/accounts", "/hubs/crm/accounts", "/ping", "/hubs/crm/nothing/at/all", "/query?q=select%20*%20from%20x"]
    {
        crm.get(path).await.error(403);
    }
    for path in ["/objects", "/hubs/crm/objects", "/hubs/crm/objects/accounts/metadata"] {
        crm.get(path).await.ok();
    }
}

#[tokio::test]
async fn parameters_that_are_required_are_named() {
    let hubs = Hubs::start().await;
    let (crm, sms) = (hubs.crm().await, hubs.sms().await);
    let message = sms.post("/messages", &json!({ "message": "x" })).await.error(400);
    assert!(message.contains("to"), "{message}");
    let message = crm.send("POST", "/hubs/crm/accounts", None).await.error(400);
    assert!(message.contains("body"), "{message}");
    let sent = sms.post("/messages", &json!({ "message": "x", "to": "41793026727", "from": "me" })).await.ok();
    assert_eq!(sent[0]["to"], "41793026727");
}

#[tokio::test]
async fn bodies_are_json_forms_or_parts() {
    let hubs = Hubs::start().await;
    let sms = hubs.sms().await;
    let send = async |kind: &str, body: &str| {
        let headers = [("authorization", sms.authorization.as_str()), ("content-type", kind)];
        hubs.platform.raw("POST", &format!("{API}/hubs/messaging/messages"), &headers, body.to_owned()).await
    };
    for kind in ["text/plain", "application/xml", "json", "image/png"] {
        let answer = send(kind, "{}").await;
        assert_eq!(answer.header("elements-element-instance-id"), sms.id.to_string());
        answer.error(415);
    }
    for body in ["{", "nul", "[1,", "{\"a\":}", "\u{0}"] {
        send("application/json", body).await.error(400);
    }
    for (kind, body) in [("multipart/form-data", "x"), ("multipart/form-data; boundary=x", "--x\r\nnonsense")] {
        send(kind, body).await.error(400);
    }
    let large = format!("\"{}\"", "x".repeat(9_000_000));
    send("application/json", &large).await.error(413);
    send("application/json;charset=utf-8", r#"{"to":"41793026727","message":"x"}"#).await.ok();
}

#[tokio::test]
async fn other_accepted_types_are_refused() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    let send = async |accept: &str| {
        let headers = [("authorization", crm.authorization.as_str()), ("accept", accept)];
        hubs.platform.raw("GET", &format!("{API}/hubs/crm/accounts?pageSize=1"), &headers, "").await
    };
    for accept in ["application/json", "*/*", "text/html, application/*;q=0.5"] {
        send(accept).await.ok();
    }
    for accept in ["application/pdf", "text/csv", "application/json;q=0"] {
        send(accept).await.error(406);
    }
}

#[tokio::test]
async fn calls_of_a_traced_instance_are_recorded() {
    let hubs = Hubs::start().await;
    let crm = hubs.crm().await;
    assert!(!crm.get("/hubs/crm/accounts").await.headers.contains_key("elements-trace-id"));
    hubs.platform.send("PUT", &format!("/instances/{}/traceLogging", crm.id), None).await.ok();
    let answer = crm.get("/hubs/crm/accounts?pageSize=1").await;
    let trace = answer.header("elements-trace-id").to_owned();
    let recorded = hubs.platform.get(&format!("/elements/testcrm/trace/{trace}")).await.ok();
    let exchange = &recorded["GET:/oraclesalescloud/crmRestApi/resources/latest/accounts"];
    let exchange = if exchange.is_null() {
        &recorded[recorded.as_object().expect("an object").keys().next().expect("one")]
    } else {
        exchange
    };
    assert_eq!(exchange["response"]["status"], 200, "{recorded}");
    assert!(exchange["response"]["message"]["body"].as_str().expect("a body").contains("PartyNumber"), "{recorded}");
    assert!(!recorded.to_string().contains("fake-"), "secrets are masked: {recorded}");
    let refused = crm.get("/hubs/crm/accounts/nope").await;
    let trace = refused.header("elements-trace-id").to_owned();
    refused.error(404);
    let recorded = hubs.platform.get(&format!("/elements/testcrm/trace/{trace}")).await.ok();
    assert_eq!(recorded.as_object().map(serde_json::Map::len), Some(1), "{recorded}");
    let (foreign, _) = hubs.platform.person(false).await;
    hubs.platform.send_as(&foreign, "GET", &format!("/elements/testcrm/trace/{trace}"), None).await.error(404);
    hubs.platform.send("DELETE", &format!("/instances/{}/traceLogging", crm.id), None).await.ok();
    assert!(!crm.get("/hubs/crm/accounts").await.headers.contains_key("elements-trace-id"));
}
