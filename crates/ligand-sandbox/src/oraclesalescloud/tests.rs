//! The Oracle Sales Cloud stand-in over HTTP.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, basic, wrong};

mod children;
mod concurrency;
mod queries;

const ROOT: &str = "/crmRestApi/resources/latest";

async fn call(sandbox: &Harness, method: Method, path: &str, body: &str) -> Answer {
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let kind = "application/vnd.oracle.adf.resourceitem+json";
    let headers = [("authorization", user.as_str()), ("content-type", kind)];
    sandbox.send(method, path, &headers, body.to_owned()).await
}

async fn get(sandbox: &Harness, path: &str) -> Value {
    let answer = call(sandbox, Method::GET, &format!("{ROOT}/{path}"), "").await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.json()
}

#[tokio::test]
async fn every_root_serves_its_resources() {
    let sandbox = Harness::new();
    for (path, status) in [
        ("/crmRestApi/resources/latest/accounts", 200),
        ("/crmRestApi/resources/11.13.18.05/deals", 200),
        ("/crmCommonApi/resources/11.1.11/contacts", 200),
        ("/salesApi/resources/11.1.11/opportunities", 200),
        ("/salesApi/resources/11.1.11/leads", 200),
        ("/crmCommonApi/resources/11.1.11/leads", 404),
        ("/salesApi/resources/11.1.11/accounts", 404),
        ("/crmRestApi/resources/9/accounts", 404),
        ("/crmRestApi/resources/latest/unicorns", 404),
        ("/crmRestApi/resources/latest", 404),
        ("/crmRestApi", 404),
    ] {
        assert_eq!(call(&sandbox, Method::GET, path, "").await.status.as_u16(), status, "{path}");
    }
}

#[tokio::test]
async fn wrong_logins_get_401() {
    let sandbox = Harness::new();
    let bad = basic(&wrong(&sandbox.options.credentials.oraclesalescloud));
    for headers in [vec![], vec![("authorization", bad.as_str())], vec![("authorization", "Basic =")]] {
        let answer = sandbox.send(Method::GET, &format!("{ROOT}/accounts"), &headers, "").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").starts_with("Basic"));
    }
}

#[tokio::test]
async fn collections_have_the_services_shape() {
    let sandbox = Harness::new();
    let page = get(&sandbox, "accounts?limit=1&totalResults=true&orderBy=OrganizationName:desc").await;
    let members: Vec<&String> = page.as_object().unwrap().keys().collect();
    assert_eq!(members, ["items", "count", "hasMore", "limit", "offset", "totalResults", "links"]);
    assert_eq!((&page["count"], &page["hasMore"], &page["totalResults"]), (&json!(1), &json!(true), &json!(2)));
    let item = &page["items"][0];
    assert_eq!(item["OrganizationName"], "Vogel Instruments");
    assert_eq!(item["CEOName"], Value::Null);
    let href = format!("http://vendor.test:8443{ROOT}/accounts/{}", item["PartyNumber"].as_str().unwrap());
    assert_eq!(item["links"][0]["href"], href);
    assert!(item["links"][0]["properties"]["changeIndicator"].is_string());
    let page = get(&sandbox, "accounts?limit=9999&offset=1&onlyData=true&fields=PartyId,OrganizationName").await;
    assert_eq!((&page["limit"], &page["offset"], &page["hasMore"]), (&json!(500), &json!(1), &json!(false)));
    assert_eq!(page["items"][0].as_object().unwrap().len(), 2);
    assert_eq!(get(&sandbox, "accounts").await["limit"], 25);
}

#[tokio::test]
async fn queries_filter() {
    let sandbox = Harness::new();
    let found = get(&sandbox, "contacts?q=EmailAddress='ole.olsen@example.com';LastName=Olsen").await;
    assert_eq!(found["items"][0]["ContactName"], "Ole Olsen");
    assert_eq!(found["count"], 1);
    for query in [
        "q=Planet=1",
        "q=LastName='x",
        "limit=x",
        "offset=-1",
        "fields=Planet",
        "expand=Planet",
        "onlyData=maybe",
        "finder=PrimaryKey",
        "orderBy=Planet",
        "unheardOf=1",
    ] {
        let answer = call(&sandbox, Method::GET, &format!("{ROOT}/contacts?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(answer.body.starts_with("URL request parameter "), "{}", answer.body);
    }
}

#[tokio::test]
async fn an_account_lives_from_post_to_delete() {
    let sandbox = Harness::new();
    let body = json!({
        "OrganizationName": "Sample Inc", "YearEstablished": "1901", "Type": "ZCA_CUSTOMER",
        "PrimaryAddress": [{"City": "Dessert Town", "Country": "US"}], "links": [],
    });
    let created = call(&sandbox, Method::POST, &format!("{ROOT}/accounts"), &body.to_string()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let item = created.json();
    assert_eq!((&item["YearEstablished"], &item["CreatedBy"]), (&json!(1901), &json!("sandbox.sales")));
    assert_eq!(item["CreationDate"], "2030-01-02T03:04:05.000+00:00");
    assert_eq!(item["PrimaryAddress"][0]["City"], "Dessert Town");
    let key = item["PartyNumber"].as_str().unwrap();
    let path = format!("{ROOT}/accounts/{key}");
    assert!(created.header("location").ends_with(&path));
    sandbox.pass(60);
    let patched = call(&sandbox, Method::PATCH, &path, r#"{"CEOName": "Nom"}"#).await;
    assert_eq!(patched.json()["LastUpdateDate"], "2030-01-02T03:05:05.000+00:00");
    let item = get(&sandbox, &format!("accounts/{key}?expand=PrimaryAddress")).await;
    assert_eq!((&item["CEOName"], &item["PrimaryAddress"][0]["Country"]), (&json!("Nom"), &json!("US")));
    assert_eq!(get(&sandbox, &format!("accounts/{key}/child/PrimaryAddress")).await["count"], 1);
    let deleted = call(&sandbox, Method::DELETE, &path, "").await;
    assert_eq!((deleted.status, deleted.body.as_str()), (StatusCode::NO_CONTENT, ""));
    let gone = call(&sandbox, Method::GET, &path, "").await;
    assert_eq!((gone.status, gone.body.as_str()), (StatusCode::NOT_FOUND, "Not Found"));
}

#[tokio::test]
async fn leads_and_deals_have_opaque_keys() {
    let sandbox = Harness::new();
    for (name, id) in [("leads", "LeadId"), ("deals", "DealId")] {
        let item = get(&sandbox, name).await["items"][0].clone();
        let href = item["links"][0]["href"].as_str().unwrap();
        let path = href.strip_prefix("http://vendor.test:8443").unwrap();
        assert_eq!(call(&sandbox, Method::GET, path, "").await.json()[id], item[id]);
        let by_id = format!("{ROOT}/{name}/{}", item[id]);
        assert_eq!(call(&sandbox, Method::GET, &by_id, "").await.status, StatusCode::NOT_FOUND);
        let expected = if name == "deals" { 405 } else { 204 };
        assert_eq!(call(&sandbox, Method::DELETE, path, "").await.status.as_u16(), expected);
    }
}

#[tokio::test]
async fn missing_attributes_are_named_in_the_frameworks_words() {
    let sandbox = Harness::new();
    let answer = call(&sandbox, Method::POST, &format!("{ROOT}/accounts"), "{}").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.header("content-type").starts_with("text/plain"));
    assert!(answer.body.starts_with("JBO-27027: Missing mandatory attributes for a row with key oracle.jbo.Key["));
    assert!(answer.body.ends_with("JBO-27014: Attribute OrganizationName in OrganizationDEO is required"));
    let appointment = r#"{"Subject": "x", "ActivityFunctionCode": "APPOINTMENT"}"#;
    let answer = call(&sandbox, Method::POST, &format!("{ROOT}/activities"), appointment).await;
    assert!(answer.body.contains("ActivityStartDate") && answer.body.contains("ActivityEndDate"));
    let task = r#"{"Subject": "x", "ActivityFunctionCode": "TASK"}"#;
    let answer = call(&sandbox, Method::POST, &format!("{ROOT}/activities"), task).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let answer = call(&sandbox, Method::POST, &format!("{ROOT}/leads"), r#"{"Rank": "HOT"}"#).await;
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn structured_errors_are_given_when_asked_for() {
    let sandbox = Harness::new();
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let headers = [
        ("authorization", user.as_str()),
        ("content-type", "application/json"),
        ("accept", "application/json, application/vnd.oracle.adf.error+json"),
    ];
    let answer = sandbox.send(Method::POST, &format!("{ROOT}/accounts"), &headers, "{}").await;
    assert_eq!(answer.header("content-type"), "application/vnd.oracle.adf.error+json");
    let body = answer.json();
    assert_eq!((&body["title"], &body["status"]), (&json!("Bad Request"), &json!("400")));
    assert_eq!(body["o:errorDetails"][1]["o:errorCode"], "27014");
    assert_eq!(body["o:errorDetails"][1]["o:errorPath"], "/OrganizationName");
}

#[tokio::test]
async fn wrong_bodies_are_refused() {
    let sandbox = Harness::new();
    let path = format!("{ROOT}/accounts");
    for body in [
        "",
        "[]",
        "{",
        r#"{"OrganizationName": "x", "Planet": 1}"#,
        r#"{"OrganizationName": "x", "PartyId": 1}"#,
        r#"{"OrganizationName": {}}"#,
        r#"{"OrganizationName": "x", "YearEstablished": "old"}"#,
        r#"{"OrganizationName": " "}"#,
        r#"{"OrganizationName": "x", "LastEnrichmentDate": "2030-02-30"}"#,
        r#"{"OrganizationName": "x", "PrimaryAddress": {}}"#,
        r#"{"OrganizationName": null}"#,
        r#"{"OrganizationName": "x", "Type": "PLANET"}"#,
        r#"{"OrganizationName": "x", "Seats_c": "many"}"#,
        r#"{"OrganizationName": "x", "Planet_c": "many"}"#,
    ] {
        let answer = call(&sandbox, Method::POST, &path, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let long = json!({ "OrganizationName": "x".repeat(361) }).to_string();
    let answer = call(&sandbox, Method::POST, &path, &long).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.starts_with("JBO-27010: "), "{}", answer.body);
    let same = r#"{"OrganizationName": "x", "PartyNumber": "7297"}"#;
    assert_eq!(call(&sandbox, Method::POST, &path, same).await.status, StatusCode::BAD_REQUEST);
    let first = format!("{path}/7297");
    for body in [r#"{"OrganizationName": ""}"#, r#"{"PartyNumber": "1"}"#] {
        assert_eq!(call(&sandbox, Method::PATCH, &first, body).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(call(&sandbox, Method::PUT, &first, "{}").await.status, StatusCode::METHOD_NOT_ALLOWED);
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let headers = [("authorization", user.as_str()), ("content-type", "text/plain")];
    let answer = sandbox.send(Method::POST, &path, &headers, "{}").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn describe_lists_attributes() {
    let sandbox = Harness::new();
    let described = get(&sandbox, "accounts/describe").await;
    let attributes = described["Resources"]["accounts"]["attributes"].as_array().unwrap();
    let name = attributes.iter().find(|one| one["name"] == "OrganizationName").unwrap();
    assert_eq!((&name["mandatory"], &name["type"]), (&json!(true), &json!("string")));
    assert_eq!(
        (&name["maxLength"], &name["queryable"], &name["updatable"]),
        (&json!("360"), &json!(true), &json!(true))
    );
    let attribute = |wanted: &str| attributes.iter().find(|one| one["name"] == wanted).unwrap();
    assert_eq!(attribute("PartyNumberKey")["queryable"], false);
    assert_eq!(attribute("PartyId")["updatable"], false);
    assert_eq!(attribute("LoyaltyTier_c")["title"], "LoyaltyTier");
    assert_eq!(attribute("Type")["lov"]["childRef"], "AccountTypeLOV");
    let note = &described["Resources"]["accounts"]["children"]["Note"]["attributes"];
    assert!(note.as_array().unwrap().iter().any(|one| one["name"] == "NoteTxt" && one["mandatory"] == true));
    let child = get(&sandbox, "accounts/7297/child/Note/describe").await;
    assert_eq!(&child["Resources"]["Note"]["attributes"], note);
    let all = get(&sandbox, "describe").await;
    assert_eq!(all["Resources"].as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn plain_json_is_answered_to_those_who_accept_only_that() {
    let sandbox = Harness::new();
    let user = basic(&sandbox.options.credentials.oraclesalescloud);
    let path = format!("{ROOT}/accounts");
    let headers = [("authorization", user.as_str()), ("accept", "application/json")];
    let answer = sandbox.send(Method::GET, &path, &headers, "").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let answer = sandbox.send(Method::GET, &path, &headers[..1], "").await;
    assert_eq!(answer.header("content-type"), "application/vnd.oracle.adf.resourcecollection+json");
}
