//! Authorization and records of the Act! stand-in over HTTP.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, basic, wrong};

const AUTHORIZE: &str = "/act.web.api/authorize";
const CONTACTS: &str = "/act.web.api/api/contacts";

mod links;
mod lookups;
mod records;

async fn authorize(sandbox: &Harness, database: &str) -> Answer {
    let user = basic(&sandbox.options.credentials.actpremium);
    let headers = [("authorization", user.as_str()), ("act-database-name", database)];
    sandbox.send(Method::GET, AUTHORIZE, &headers, "").await
}

async fn token(sandbox: &Harness) -> String {
    let database = sandbox.options.credentials.act_database.clone();
    authorize(sandbox, &database).await.body
}

async fn call(sandbox: &Harness, method: Method, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {}", token(sandbox).await);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    sandbox.send(method, path, &headers, body.to_owned()).await
}

#[tokio::test]
async fn a_good_login_gets_a_bare_token() {
    let sandbox = Harness::new();
    let answer = authorize(&sandbox, "sandboxdemo").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert_eq!(answer.body.split('.').count(), 3, "{}", answer.body);
    assert!(!answer.body.contains('"'));
}

#[tokio::test]
async fn bad_logins_are_refused() {
    let sandbox = Harness::new();
    let known = sandbox.options.credentials.clone();
    assert_eq!(authorize(&sandbox, "Other").await.status, StatusCode::UNAUTHORIZED);
    let (right, bad) = (basic(&known.actpremium), basic(&wrong(&known.actpremium)));
    let database = known.act_database.as_str();
    for (headers, expected) in [
        (vec![("authorization", bad.as_str()), ("act-database-name", database)], 401),
        (vec![("act-database-name", database)], 401),
        (vec![("authorization", "Basic ***"), ("act-database-name", database)], 401),
        (vec![("authorization", "Basic bm9jb2xvbg=="), ("act-database-name", database)], 401),
        (vec![("authorization", right.as_str())], 400),
        (vec![("authorization", "Bearer a.b.c"), ("act-database-name", database)], 401),
    ] {
        let answer = sandbox.send(Method::GET, AUTHORIZE, &headers, "").await;
        assert_eq!(answer.status.as_u16(), expected, "{headers:?}");
        assert!(answer.json()["message"].is_string());
    }
    let answer = sandbox.send(Method::POST, AUTHORIZE, &[], "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn system_is_anonymous_and_records_are_not() {
    let sandbox = Harness::new();
    let system = sandbox.send(Method::GET, "/ACT.WEB.API/Api/System", &[], "").await;
    assert_eq!(system.status, StatusCode::OK);
    let stumbled = sandbox.send(Method::GET, CONTACTS, &[], "").await;
    assert_eq!(stumbled.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(stumbled.json()["exceptionType"], "System.NullReferenceException");
}

#[tokio::test]
async fn forged_and_expired_tokens_are_refused() {
    let sandbox = Harness::new();
    let good = token(&sandbox).await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    for forged in [
        format!("{head}.{claims}.{}", signature.chars().rev().collect::<String>()),
        format!("{head}.{head}.{signature}"),
        format!("{signed}."),
        "...".to_owned(),
        "x".to_owned(),
        "é".to_owned(),
    ] {
        let bearer = format!("Bearer {forged}");
        let answer = sandbox.send(Method::GET, CONTACTS, &[("authorization", &bearer)], "").await;
        assert!(answer.status.is_client_error() || answer.status.is_server_error(), "{forged}");
    }
    let bearer = format!("Bearer {good}");
    let headers = [("authorization", bearer.as_str())];
    let get = async |path| sandbox.send(Method::GET, path, &headers, "").await.status;
    assert_eq!(get(CONTACTS).await, StatusCode::OK);
    sandbox.pass(59 * 60);
    assert_eq!(get(CONTACTS).await, StatusCode::OK);
    assert_eq!(get(AUTHORIZE).await, StatusCode::OK);
    sandbox.pass(60);
    assert_eq!(get(CONTACTS).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(AUTHORIZE).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn all_tokens_can_be_revoked_at_once() {
    let sandbox = Harness::new();
    let bearer = format!("Bearer {}", token(&sandbox).await);
    let headers = [("authorization", bearer.as_str())];
    for element in ["actpremium", "actpremiumcrm"] {
        let revoked = sandbox.send(Method::DELETE, &format!("/_sandbox/{element}/tokens"), &[], "").await;
        assert_eq!(revoked.status, StatusCode::NO_CONTENT);
    }
    for path in [CONTACTS, AUTHORIZE] {
        assert_eq!(sandbox.send(Method::GET, path, &headers, "").await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert_eq!(call(&sandbox, Method::GET, CONTACTS, "").await.status, StatusCode::OK);
    let asked = sandbox.send(Method::GET, "/_sandbox/actpremium/tokens", &[], "").await;
    assert_eq!(asked.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn another_process_does_not_accept_the_token() {
    let bearer = format!("Bearer {}", token(&Harness::new()).await);
    let headers = [("authorization", bearer.as_str())];
    let answer = Harness::new().send(Method::GET, CONTACTS, &headers, "").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_contact_lives_from_post_to_delete() {
    let sandbox = Harness::new();
    let sent = json!({
        "firstName": "Zoë", "lastName": "O'Neil", "EMAILADDRESS": "z@example.com", "isUser": true,
        "unheardOf": 1, "customFields": {"Shoe_Size": 42},
        "businessAddress": {"City": "Cork", "planet": "Earth"},
    });
    let created = call(&sandbox, Method::POST, CONTACTS, &sent.to_string()).await;
    assert_eq!(created.status, StatusCode::CREATED);
    let record = created.json();
    assert_eq!(record["fullName"], "Zoë O'Neil");
    assert_eq!(record["emailAddress"], "z@example.com");
    assert_eq!(record["isUser"], false);
    let custom = json!({"shoe_size": 42, "favorite_color": null, "member_since": null});
    assert_eq!(record["customFields"], custom);
    assert_eq!(record["businessAddress"]["city"], "Cork");
    assert_eq!(record["created"], "2030-01-02T03:04:05Z");
    assert!(record.get("unheardOf").is_none());
    let path = format!("{CONTACTS}/{}", record["id"].as_str().unwrap().to_uppercase());
    sandbox.pass(10);
    let patched = call(&sandbox, Method::PATCH, &path, r#"{"jobTitle": "Boss"}"#).await.json();
    assert_eq!((&patched["jobTitle"], &patched["lastName"]), (&json!("Boss"), &json!("O'Neil")));
    assert_eq!(patched["edited"], "2030-01-02T03:04:15Z");
    let put = call(&sandbox, Method::PUT, &path, r#"{"lastName": "Only"}"#).await.json();
    assert_eq!((&put["jobTitle"], &put["fullName"]), (&Value::Null, &json!("Only")));
    assert_eq!(call(&sandbox, Method::GET, &path, "").await.json(), put);
    assert_eq!(call(&sandbox, Method::DELETE, &path, "").await.status, StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let answer = call(&sandbox, method, &path, "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let sandbox = Harness::new();
    for body in ["", "[]", "{", "nul", r#"{"firstName": []}"#, r#"{"companyID": "x"}"#, r#"{"homeAddress": "x"}"#] {
        let answer = call(&sandbox, Method::POST, CONTACTS, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let bearer = format!("Bearer {}", token(&sandbox).await);
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/xml")];
    let answer = sandbox.send(Method::POST, CONTACTS, &headers, "{}").await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let answer = call(&sandbox, Method::DELETE, CONTACTS, "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let answer = call(&sandbox, Method::GET, "/act.web.api/api/unicorns", "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn collections_are_bare_arrays_with_odata_options() {
    let sandbox = Harness::new();
    let list = async |query: &str| call(&sandbox, Method::GET, &format!("{CONTACTS}?{query}"), "").await.json();
    assert_eq!(list("").await.as_array().unwrap().len(), 3);
    let names = list("$orderby=lastName%20desc&$top=2&$select=lastName").await;
    assert_eq!(names, json!([{"lastName": "Vogel"}, {"lastName": "Olsen"}]));
    let names = list("$orderby=lastName&$skip=2&$select=lastName").await;
    assert_eq!(names, json!([{"lastName": "Vogel"}]));
    let names = list("$filter=contains(company,'ship')%20or%20lastName%20eq%20'moreau'&$select=lastName").await;
    assert_eq!(names, json!([{"lastName": "Olsen"}, {"lastName": "Moreau"}]));
    for query in [
        "$top=x",
        "$skip=-1",
        "$count=true",
        "$filter=",
        "$filter=planet%20eq%201",
        "$orderby=a%20b%20c",
        "$orderby=planet",
        "$orderby=businessAddress",
        "$select=planet",
        "$select=businessAddress/city",
        "$expand=planet",
        "$expand=lastName",
        "$inlinecount=allpages",
        "$filter=edited%20gt%20'2030-01-01T00:00:00Z'",
    ] {
        let answer = call(&sandbox, Method::GET, &format!("{CONTACTS}?{query}"), "").await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
}
