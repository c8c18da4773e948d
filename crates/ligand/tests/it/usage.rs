//! The record of calls: found by the id of a request, listed, counted, and nobody else's.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::Platform;

async fn called(platform: &Platform) -> (String, String) {
    let instance = platform.provision("oraclesalescloud", "used").await;
    let authorization = platform.with_token(instance["token"].as_str().expect("a token"));
    let good = platform.send_as(&authorization, "GET", "/hubs/crm/accounts?pageSize=1&where=PartyId='1'", None).await;
    assert_eq!(good.status, 200, "{}", good.text);
    let bad = platform.send_as(&authorization, "GET", "/accounts/nope", None).await;
    assert_eq!(bad.status, 404, "{}", bad.text);
    (good.header("elements-request-id").to_owned(), bad.header("elements-request-id").to_owned())
}

#[tokio::test]
async fn each_call_of_an_element_is_recorded() {
    let platform = Platform::start().await;
    let (good, bad) = called(&platform).await;
    let record = platform.get(&format!("/usage/{good}")).await.ok();
    for (member, expected) in [
        ("request_id", json!(good)),
        ("request_status", json!("SUCCESS")),
        ("request_uri", json!("/elements/api-v2/hubs/crm/accounts")),
        ("request_method", json!("GET")),
        ("request_ip", json!("127.0.0.1")),
        ("response_code", json!(200)),
        ("element_api", json!("GET /hubs/crm/accounts")),
        ("element_key", json!("oraclesalescloud")),
        ("element_name", json!("Oracle Sales Cloud")),
        ("instance_name", json!("used")),
        ("element_tags", json!(["INSERT_TAGS"])),
    ] {
        assert_eq!(record[member], expected, "{member}: {record}");
    }
    for number in ["user_id", "company_id", "account_id", "process_time", "instance_id"] {
        assert!(record[number].is_number(), "{number}: {record}");
    }
    for text in ["traffic_id", "traffic_date", "company_external_id", "company_external_name"] {
        assert!(record[text].as_str().is_some_and(|text| !text.is_empty()), "{text}: {record}");
    }
    let by_number = platform.get(&format!("/usage/{}", record["traffic_id"].as_str().expect("text"))).await.ok();
    assert_eq!(by_number, record);
    let failed = platform.get(&format!("/usage/{bad}")).await.ok();
    assert_eq!((&failed["request_status"], &failed["response_code"]), (&json!("FAILED"), &json!(404)));
    assert_eq!(failed["element_api"], "GET /hubs/crm/accounts/{id}");
    for unknown in ["nope", "0", "999999999", "-1", "99999999999999999999", "%00", "%27"] {
        platform.get(&format!("/usage/{unknown}")).await.error(404);
    }
    let platforms_own = platform.get("/instances").await;
    let id = platforms_own.header("elements-request-id").to_owned();
    platform.get(&format!("/usage/{id}")).await.error(404);
}

#[tokio::test]
async fn records_are_listed_and_searched() {
    let platform = Platform::start().await;
    let (good, bad) = called(&platform).await;
    let ids = async |query: &str| -> Vec<Value> {
        let items = platform.get(&format!("/usage{query}")).await.ok();
        items.as_array().expect("a list").iter().map(|item| item["request_id"].clone()).collect()
    };
    assert_eq!(ids("").await, [json!(bad), json!(good)], "the newest first");
    for (query, expected) in [
        ("?status=success", vec![&good]),
        ("?status=FAILED", vec![&bad]),
        ("?keys[]=oraclesalescloud&hub=CRM", vec![&bad, &good]),
        ("?keys[]=infobip", vec![]),
        ("?hub=helpdesk", vec![]),
        ("?tags[]=insert_tags&tags[]=other", vec![&bad, &good]),
        ("?tags[]=insert", vec![]),
        ("?searchText=ACCOUNTS/NOPE", vec![&bad]),
        ("?searchText=a%25b", vec![]),
        ("?to=2018-01-01&from=2017-01-01", vec![]),
        ("?pageSize=1", vec![&bad]),
        ("?pageSize=1&pageOffset=1", vec![&good]),
    ] {
        assert_eq!(ids(query).await, expected.iter().map(|id| json!(id)).collect::<Vec<_>>(), "{query}");
    }
    let first = platform.get("/usage?pageSize=1").await;
    let token = first.header("elements-next-page-token").to_owned();
    assert_eq!(ids(&format!("?nextPage={token}")).await, [json!(good)]);
    let last = platform.get(&format!("/usage?nextPage={token}")).await;
    assert_eq!(last.header("elements-next-page-token"), "");
    let first = platform.get("/usage?pageSize=1&searchText=accounts&status=success&to=2999-01-01").await;
    assert_eq!(first.header("elements-next-page-token"), "", "there is one");
    let first = platform.get("/usage?pageSize=1&searchText=accounts&keys[]=oraclesalescloud").await;
    let token = first.header("elements-next-page-token").to_owned();
    let more = platform.provision("oraclesalescloud", "more").await;
    let authorization = platform.with_token(more["token"].as_str().expect("a token"));
    platform.send_as(&authorization, "GET", "/hubs/crm/accounts?pageSize=1", None).await.ok();
    assert_eq!(ids(&format!("?nextPage={token}")).await, [json!(good)], "what came since moves nothing");
    let (foreign, _) = platform.person(true).await;
    let answer = platform.send_as(&foreign, "GET", &format!("/usage?nextPage={token}"), None).await;
    let (other, _) = platform.person(false).await;
    platform.send_as(&other, "GET", &format!("/usage?nextPage={token}"), None).await.error(403);
    assert!([200, 403].contains(&answer.status.as_u16()), "{}", answer.text);
    let many: String = (0..101).map(|tag| format!("&tags[]={tag}")).collect();
    let long = "x".repeat(1001);
    for wrong in [format!("?{many}"), format!("?searchText={long}"), format!("?keys[]={long}")] {
        platform.get(&format!("/usage{wrong}")).await.error(400);
    }
    let accounts: String = (1..102).map(|account| format!("&accountIds[]={account}")).collect();
    platform.get(&format!("/usage?{accounts}")).await.error(400);
    platform.get(&format!("/usage/analytics/times?{accounts}")).await.error(400);
    for wrong in [
        "?from=x",
        "?to=2018-13-01",
        "?from=2018-02-01&to=2018-01-01",
        "?status=x",
        "?pageSize=0",
        "?pageOffset=-1",
        "?nextPage=x",
        "?searchText=%00",
        "?hub=%00",
    ] {
        platform.get(&format!("/usage{wrong}")).await.error(400);
    }
    platform.get("/usage?from=2199-01-01").await.error(404);
    platform.anonymous("GET", "/usage", None).await.error(401);
    platform.anonymous("GET", &format!("/usage/{good}"), None).await.error(401);
    for own_organization in [true, false] {
        let (foreign, account) = platform.person(own_organization).await;
        platform.send_as(&foreign, "GET", &format!("/usage/{good}"), None).await.error(404);
        assert_eq!(platform.send_as(&foreign, "GET", "/usage", None).await.ok(), json!([]));
        let expected = if own_organization { 200 } else { 403 };
        assert_eq!(platform.get(&format!("/usage?accountIds[]={account}")).await.status, expected);
    }
    platform.get("/usage?accountIds[]=0").await.error(403);
}

#[tokio::test]
async fn calls_are_counted_over_time() {
    let platform = Platform::start().await;
    called(&platform).await;
    let sum = |items: &Value, member: &str| -> i64 {
        items.as_array().expect("a list").iter().filter_map(|item| item[member].as_i64()).sum()
    };
    let statuses = platform.get("/usage/analytics/statuses?interval=hour").await.ok();
    assert_eq!([sum(&statuses, "count"), sum(&statuses, "success"), sum(&statuses, "failed")], [2, 1, 1]);
    assert_eq!(statuses.as_array().map(Vec::len), Some(7 * 24 + 1), "without gaps");
    assert!(statuses[0]["timestamp"].as_str().expect("text").ends_with(":00:00.000Z"), "{}", statuses[0]);
    let times = platform.get("/usage/analytics/times?interval=day").await.ok();
    let used = times.as_array().expect("a list").iter().find(|item| item["count"] == 2).expect("today");
    assert!(used["min"].is_number() && used["max"].is_number() && used["avg"].is_number(), "{used}");
    assert_eq!(times[0].as_object().expect("an object").len(), 2, "{}", times[0]);
    let activity = platform.get("/usage/analytics/activity").await.ok();
    assert_eq!(sum(&activity, "count"), 2);
    let elements = platform.get("/usage/analytics/activity/elements?interval=week").await.ok();
    assert_eq!(sum(&elements, "oraclesalescloud"), 2);
    let by_instance = platform.get("/usage/analytics/activity/element-instances").await.ok();
    assert_eq!(by_instance["usage"][0]["count"], 2, "{by_instance}");
    let created = "/usage/analytics/activity/element-instances/created-count";
    assert_eq!(platform.get(created).await.ok(), json!({ "instancesCreatedCount": 1 }));
    for path in ["times", "statuses"] {
        platform.get(&format!("/usage/analytics/{path}?from=2199-01-01")).await.error(404);
        platform.get(&format!("/usage/analytics/{path}?interval=second")).await.error(400);
        platform.get(&format!("/usage/analytics/{path}?interval=fortnight")).await.error(400);
        platform.anonymous("GET", &format!("/usage/analytics/{path}"), None).await.error(401);
    }
    let future = "from=2199-01-01&to=2199-01-02";
    let path = format!("/usage/analytics/activity/element-instances?{future}");
    assert_eq!(platform.get(&path).await.ok(), json!({ "usage": [] }));
    assert_eq!(platform.get(&format!("{created}?{future}")).await.ok(), json!({ "instancesCreatedCount": 0 }));
    platform.get("/usage/analytics/times?accountIds[]=0").await.error(403);
}

#[tokio::test]
async fn old_records_are_forgotten() {
    let platform = Platform::start().await;
    let (good, _) = called(&platform).await;
    platform.get(&format!("/usage/{good}")).await.ok();
    platform.pass(Duration::from_secs(31 * 24 * 3600));
    while platform.get(&format!("/usage/{good}")).await.status == 200 {
        tokio::task::yield_now().await;
    }
}
