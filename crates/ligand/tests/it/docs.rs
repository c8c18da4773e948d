//! Generated documents: of elements, of hubs, and of instances with what their vendors tell.

use ligand_docs::problems;
use serde_json::{Value, json};

use crate::{elements::answering, harness::Platform};

/// An element whose vendor tells of objects and fields of its own.
fn telling() -> Value {
    let metadata = "{ fields: [
        { vendorPath: 'id', type: 'number' },
        { vendorPath: 'size__c', type: 'number', custom: true },
        { vendorPath: 'origin__c.city', type: 'string', custom: true },
    ] }";
    json!({
        "name": "Telling", "hub": "general", "authentication": { "type": "basic" },
        "configuration": [{ "key": "base.url", "name": "Base URL", "defaultValue": "https://vendor.invalid" }],
        "resources": [
            answering("/things", "[{ id: 1 }]"),
            answering("/things/{id}", "{ id: 1 }"),
            answering("/objects", "['things', 'Machine__c']"),
            answering("/objects/{objectName}/metadata", metadata),
            answering("/{objectName}", "[]"),
            answering("/{objectName}/{objectId}", "{}"),
        ],
        "objects": [{ "name": "things", "vendorName": "Thing", "fields": [{ "name": "id", "type": "integer" }] }],
    })
}

#[track_caller]
fn sound(document: &Value) {
    assert_eq!(problems(document), Vec::<String>::new());
}

#[tokio::test]
async fn every_element_is_described_in_both_formats_to_everybody() {
    let platform = Platform::start().await;
    for key in ["servicecloud", "oraclesalescloud", "infobip", "actpremium"] {
        let swagger = platform.anonymous("GET", &format!("/elements/{key}/docs"), None).await.ok();
        assert_eq!((swagger["swagger"].as_str(), swagger["info"]["title"].as_str()), (Some("2.0"), Some(key)));
        assert_eq!(swagger["host"], platform.address.to_string());
        sound(&swagger);
        let openapi = platform.anonymous("GET", &format!("/elements/{key}/docs?format=openapi3.1"), None).await.ok();
        assert_eq!(openapi["openapi"], "3.1.0");
        sound(&openapi);
        let resolved = platform.anonymous("GET", &format!("/elements/{key}/docs?resolveReferences=true"), None).await;
        sound(&resolved.ok());
        let operations = platform.anonymous("GET", &format!("/elements/{key}/operations"), None).await.ok();
        let described = swagger["paths"].as_object().expect("paths").values();
        let described: usize = described.map(|item| item.as_object().expect("operations").len()).sum();
        assert_eq!(operations.as_array().expect("a list").len(), described);
    }
    let hub = platform.anonymous("GET", "/docs/crm?provider=aws", None).await.ok();
    sound(&hub);
    assert_eq!((hub["host"].as_str(), hub["basePath"].as_str()), (Some("aws-api.cloud-elements.com"), Some("/")));
    assert_eq!(hub["paths"]["/accounts"]["get"]["parameters"][1]["name"], "x-api-key");
    let stated = platform.anonymous("GET", "/docs/crm?baseUrl=https://foo.bar", None).await.ok();
    assert_eq!((stated["host"].as_str(), &stated["schemes"]), (Some("foo.bar"), &json!(["https"])));
    let one = platform.anonymous("GET", "/elements/infobip/docs?operationId=GET-messages", None).await.ok();
    assert_eq!(one["paths"].as_object().expect("paths").keys().collect::<Vec<_>>(), ["/messages"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_described() {
    let platform = Platform::start().await;
    for path in [
        "/elements/999999999999/docs",
        "/elements/nothing/operations",
        "/elements/infobip/docs/GET-nothing",
        "/elements/infobip/docs/GET-nothing/definitions",
        "/elements/infobip/operations/%3Cscript%3E/docs",
        "/elements/infobip/objects/nothing/docs",
        "/elements/infobip/docs?version=2",
        "/elements/infobip/docs?version=x",
        "/docs/nothing",
    ] {
        platform.anonymous("GET", path, None).await.error(404);
    }
    for query in ["format=raml", "baseUrl=foo", "baseUrl=javascript:x", "provider=azure"] {
        platform.anonymous("GET", &format!("/elements/infobip/docs?{query}"), None).await.error(400);
    }
    platform.get("/instances/999999999999/docs").await.error(404);
}

#[tokio::test]
async fn an_instance_is_described_with_what_its_vendor_tells() {
    let platform = Platform::start().await;
    platform.make(&telling()).await;
    let (authorization, instance) = platform.connected("telling").await;
    let docs = format!("/instances/{}/docs", instance["id"]);
    let plain = platform.get(&docs).await.ok();
    sound(&plain);
    assert!(plain["paths"].get("/Machine__c").is_none());
    let told = platform.get(&format!("{docs}?discovery=true")).await;
    assert_eq!(told.header("elements-error"), "");
    let told = told.ok();
    sound(&told);
    let things = &told["definitions"]["things"]["properties"];
    assert_eq!(things["size__c"]["type"], "number");
    let origin = things["origin__c"]["$ref"].as_str().and_then(|reference| told.pointer(&reference[1..]));
    assert_eq!(origin.expect("a schema of its own")["properties"]["city"]["type"], "string");
    assert!(told["paths"]["/Machine__c"]["get"].is_object() && told["paths"]["/Machine__c/{objectId}"].is_object());
    assert!(told["definitions"]["Machine__c"]["properties"]["size__c"].is_object());

    let by_token = async |path: &str| platform.send_as(&authorization, "GET", path, None).await;
    assert_eq!(by_token("/instances/docs?discovery=true").await.ok(), told);
    let one = by_token("/instances/docs/GET-things?baseUrl=https://foo.bar").await.ok();
    assert_eq!((one["host"].as_str(), one["paths"].as_object().map(serde_json::Map::len)), (Some("foo.bar"), Some(1)));
    let schemas = by_token("/instances/docs/GET-things-id/definitions?discovery=true").await.ok();
    assert_eq!(schemas.as_object().expect("schemas").keys().collect::<Vec<_>>(), ["things", "origin__c"]);
    let resolved =
        by_token("/instances/docs/GET-things-id/definitions?discovery=true&resolveReferences=true").await.ok();
    assert_eq!(resolved["things"]["properties"]["origin__c"]["properties"]["city"]["type"], "string");

    for path in ["/hubs/general/objects/things/docs", "/objects/things/docs", "/objects/Thing/docs"] {
        let answer = by_token(path).await;
        assert_eq!(answer.header("elements-element-instance-id"), instance["id"].to_string());
        let object = answer.ok();
        sound(&object);
        assert_eq!(object["paths"].as_object().expect("paths").keys().collect::<Vec<_>>(), ["/things", "/things/{id}"]);
    }
    by_token("/objects/Machine__c/docs").await.error(404);
    let machine = by_token("/objects/Machine__c/docs?discovery=true&format=openapi3.1").await.ok();
    sound(&machine);
    assert_eq!(machine["paths"].as_object().map(serde_json::Map::len), Some(2));

    platform.send("DELETE", &format!("/instances/{}/enabled", instance["id"]), None).await.ok();
    by_token("/hubs/general/objects/things/docs").await.ok();
    let disabled = platform.get(&format!("{docs}?discovery=true")).await;
    assert!(disabled.header("elements-error").contains("disabled"));
    assert_eq!(disabled.ok(), plain);
}

#[tokio::test]
async fn a_vendor_that_tells_nothing_is_no_reason_to_describe_nothing() {
    let platform = Platform::start().await;
    let instance = platform.provision("actpremium", "n").await;
    platform.fault("actpremium", &json!({ "fault": "http500" })).await;
    let answer = platform.get(&format!("/instances/{}/docs?discovery=true", instance["id"])).await;
    assert!(answer.header("elements-error").contains("did not tell the fields of contacts"), "{:?}", answer.headers);
    sound(&answer.ok());
}

#[tokio::test]
async fn earlier_versions_of_an_element_are_described_to_its_owner() {
    let platform = Platform::start().await;
    let (owner, _) = platform.person(true).await;
    let (friend, account) = platform.person(true).await;
    let made = platform.send_as(&owner, "POST", "/elements", Some(&telling())).await.ok();
    let path = format!("/elements/{}", made["id"]);
    platform.send_as(&owner, "POST", &format!("{path}/resources"), Some(&answering("/late", "1"))).await.ok();
    platform.send_as(&owner, "PUT", &format!("{path}/accounts/{account}"), None).await.ok();
    let versions = platform.send_as(&owner, "GET", &format!("{path}/versions"), None).await.ok();
    let numbers: Vec<_> =
        versions.as_array().expect("a list").iter().map(|it| (&it["version"], &it["latest"])).collect();
    let (first, latest) = (numbers.last().expect("a version").0.clone(), numbers[0].0.clone());
    assert_eq!((numbers[0].1, numbers.len()), (&json!(true), 2));
    let has_late = async |who: &str, version: &Value| {
        let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
        let answer = platform.send_as(who, "GET", &format!("{path}/docs?version={version}"), None).await;
        (answer.status.as_u16(), answer.text.contains("/late"))
    };
    assert_eq!(has_late(&owner, &first).await, (200, false));
    assert_eq!(has_late(&owner, &latest).await, (200, true));
    assert_eq!(has_late(&owner, &json!("-1")).await, (200, true));
    assert_eq!(has_late(&friend, &latest).await, (200, true));
    assert_eq!(has_late(&friend, &first).await.0, 404, "the history is the owner's");
    let seen = platform.send_as(&friend, "GET", &format!("{path}/versions"), None).await.ok();
    assert_eq!(seen.as_array().map(Vec::len), Some(1));
    platform.anonymous("GET", &format!("{path}/docs"), None).await.error(404);
}

#[tokio::test]
async fn what_an_account_adds_is_described_to_it_alone() {
    let platform = Platform::start().await;
    let (owner, _) = platform.person(true).await;
    let (other, _) = platform.person(true).await;
    let formula = json!({ "method": "POST", "path": "/formula", "type": "formulaAsResource", "formulaId": 7 });
    platform.send_as(&owner, "POST", "/elements/infobip/resources", Some(&answering("/extra", "1"))).await.ok();
    platform.send_as(&owner, "POST", "/elements/infobip/resources", Some(&formula)).await.ok();
    let own = platform.send_as(&owner, "GET", "/elements/infobip/docs", None).await.ok();
    assert!(own["paths"]["/extra"]["get"].is_object() && own["paths"]["/formula"]["post"].is_object());
    for others in [
        platform.send_as(&other, "GET", "/elements/infobip/docs", None).await,
        platform.anonymous("GET", "/elements/infobip/docs", None).await,
        platform.anonymous("GET", "/docs/messaging", None).await,
    ] {
        let others = others.ok();
        assert!(others["paths"].get("/extra").is_none() && others["paths"].get("/messages").is_some());
    }
}

#[tokio::test]
async fn the_page_is_bundled_and_runs_nothing_else() {
    let platform = Platform::start().await;
    for (path, kind) in [
        ("/elements/api-docs", "text/html;charset=UTF-8"),
        ("/elements/api-docs/", "text/html;charset=UTF-8"),
        ("/elements/api-docs/page.css", "text/css;charset=UTF-8"),
        ("/elements/api-docs/page.js", "text/javascript;charset=UTF-8"),
    ] {
        let answer = platform.raw("GET", path, &[], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, kind), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"));
        assert_eq!((answer.header("x-frame-options"), answer.header("x-content-type-options")), ("", "nosniff"));
    }
    platform.raw("POST", "/elements/api-docs", &[], "").await.error(405);
    platform.raw("GET", "/elements/api-docs/other", &[], "").await.error(404);
}

#[tokio::test]
async fn documents_speak_the_other_noun() {
    let platform = Platform::with(&[("white_label__noun", "your_mom"), ("white_label__plural", "your_moms")]).await;
    let get = async |path: &str| platform.raw("GET", &format!("/your_moms{path}"), &[], "").await.ok();
    let element = get("/api-v2/your_moms/actpremium/docs").await;
    sound(&element);
    assert_eq!(
        (element["basePath"].as_str(), element["info"]["title"].as_str()),
        (Some("/your_moms/api-v2"), Some("actpremium"))
    );
    let contacts = &element["paths"]["/contacts"]["get"];
    let credentials = contacts["parameters"][0]["description"].as_str().expect("a text");
    assert!(credentials.contains("'Your_mom <token>"), "{credentials}");
    assert!(contacts["responses"]["200"]["headers"]["Your_moms-Returned-Count"].is_object());
    for path in ["/api-docs/openapi.json", "/api-v2/docs/all_platform?format=openapi3.1"] {
        let own = get(path).await;
        sound(&own);
        assert_eq!(own["servers"][0]["url"], "/your_moms/api-v2");
        assert!(own["paths"]["/your_moms/{element}/resources"].is_object() || own["paths"]["/your_moms"].is_object());
        let instance = &own["components"]["schemas"]["Instance"];
        assert!(instance["properties"]["your_momId"].is_object() && instance["properties"].get("elementId").is_none());
        assert!(instance["required"].as_array().expect("names").contains(&json!("your_momId")));
    }
    let standard = platform.raw("GET", "/elements/api-docs/openapi.json", &[], "").await.ok();
    assert_eq!(standard, *ligand_web::describe(ligand_docs::Format::Openapi));
    platform.raw("GET", "/your_moms/api-docs", &[], "").await;
}
