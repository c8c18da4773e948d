//! Lists of events, and counts over time.

use std::time::Duration;

use ligand_domain::Timestamp;
use serde_json::{Value, json};

use super::{hook_json, instance, platform};
use crate::harness::Platform;

fn at(platform: &Platform, ago: u64) -> String {
    platform.now().minus(Duration::from_secs(ago)).to_iso_millis()
}

#[tokio::test]
async fn events_are_listed_newest_first_and_page_by_page() {
    let platform = platform().await;
    let first = instance(&platform, "actpremium", None, &json!({})).await;
    let second = instance(&platform, "actpremium", None, &json!({})).await;
    for (number, of) in [(1, &first), (2, &second), (3, &first)] {
        hook_json(&platform, &format!("/events/actpremium/{}", of["id"]), &[], &json!({ "n": number })).await.ok();
    }
    let numbers = |list: &Value| -> Vec<i64> {
        let number =
            |it: &Value| serde_json::from_str::<Value>(it["providerData"].as_str().unwrap()).unwrap()["n"].as_i64();
        list.as_array().unwrap().iter().filter_map(number).collect()
    };
    let list = async |path: &str| numbers(&platform.get(path).await.ok());
    assert_eq!(list("/instances/events").await, [3, 2, 1]);
    assert_eq!(list(&format!("/instances/{}/events", first["id"])).await, [3, 1]);
    let token = platform.with_token(second["token"].as_str().unwrap());
    assert_eq!(numbers(&platform.send_as(&token, "GET", "/instances/events", None).await.ok()), [2]);
    let page = platform.get("/instances/events?pageSize=2").await;
    assert_eq!(page.header("elements-returned-count"), "2");
    let next = page.header("elements-next-page-token").to_owned();
    let page = platform.get(&format!("/instances/events?nextPage={next}")).await;
    assert_eq!(page.header("elements-next-page-token"), "");
    assert_eq!(numbers(&page.json()), [1]);
    let (later, earlier) = (at(&platform, 0), at(&platform, 3600));
    assert_eq!(
        list(&format!(
            "/instances/events?from={earlier}&to={}",
            platform.now().plus(Duration::from_secs(9)).to_iso_millis()
        ))
        .await
        .len(),
        3
    );
    assert_eq!(list(&format!("/instances/events?to={earlier}")).await.len(), 0);
    assert!(Timestamp::from_iso(&later).is_some());
    for bad in ["from=yesterday", "to=x", "pageSize=0", "nextPage=x"] {
        platform.get(&format!("/instances/events?{bad}")).await.error(400);
        platform.get(&format!("/instances/events/dispositions?{bad}")).await.error(400);
    }
    platform.get("/instances/events/dispositions?interval=minute").await.ok();
    for id in ["-1", "999999999999", "undefined"] {
        platform.get(&format!("/instances/events/{id}")).await.error(404);
        platform.get(&format!("/instances/{}/events/{id}", first["id"])).await.error(404);
        platform.get(&format!("/instances/{id}/events")).await.error(404);
    }
    let id = platform.get("/instances/events").await.ok()[0]["id"].as_str().unwrap().to_owned();
    platform.get(&format!("/instances/{}/events/{id}", second["id"])).await.error(404);
    let (other, _) = platform.person(true).await;
    assert_eq!(platform.send_as(&other, "GET", "/instances/events", None).await.ok(), json!([]));
    platform.send_as(&other, "GET", &format!("/instances/events/{id}"), None).await.error(404);
    platform.send_as(&other, "GET", &format!("/instances/{}/events", first["id"]), None).await.error(404);
}

#[tokio::test]
async fn an_hour_of_minutes_has_sixty_one_buckets() {
    let platform = platform().await;
    let watched = instance(&platform, "actpremium", None, &json!({})).await;
    for _ in 0..3 {
        hook_json(&platform, &format!("/events/actpremium/{}", watched["id"]), &[], &json!({})).await.ok();
    }
    let range = format!("from={}&to={}&interval=minute", at(&platform, 3600), at(&platform, 0));
    let buckets = async |path: &str| {
        let list = platform.get(&format!("/instances/events/analytics{path}?{range}")).await.ok();
        assert_eq!(list.as_array().unwrap().len(), 61, "{path}");
        list
    };
    let sum = |list: &Value| list.as_array().unwrap().iter().map(|it| it["count"].as_i64().unwrap()).sum::<i64>();
    let plain = buckets("").await;
    assert_eq!(sum(&plain), 3);
    assert!(plain[0]["timestamp"].as_str().unwrap().ends_with(":00.000Z"));
    assert_eq!(plain[0]["count"], 0);
    let (accounts, instances) = (buckets("/accounts").await, buckets("/instances").await);
    assert_eq!((sum(&accounts), sum(&instances)), (3, 3));
    assert_eq!(accounts[0], json!({ "count": 0, "total": 0, "timestamp": plain[0]["timestamp"], "records": [] }));
    let filled: Vec<&Value> =
        instances.as_array().unwrap().iter().flat_map(|it| it["records"].as_array().unwrap()).collect();
    assert!(filled.iter().all(|record| record["instanceId"] == watched["id"] && record["success"] == 0));
    let hours = platform.get("/instances/events/analytics").await.ok();
    assert_eq!(hours.as_array().unwrap().len(), 25, "the last day by hours, unless something else is said");
    for interval in ["year", "quarter", "month", "week", "day", "hour"] {
        let list = platform.get(&format!("/instances/events/analytics?interval={interval}")).await.ok();
        assert_eq!(sum(&list), 3, "{interval}");
    }
}

#[tokio::test]
async fn counts_that_cannot_be_are_refused() {
    let platform = platform().await;
    let asked = platform.now();
    let at = |ago| asked.minus(Duration::from_secs(ago)).to_iso_millis();
    let (now, hour, day) = (at(0), at(3600), at(86_400));
    for path in ["", "/accounts", "/instances"] {
        let path = format!("/instances/events/analytics{path}");
        for query in [
            format!("from={now}&to={hour}"),
            format!("from={day}&to={now}&interval=second"),
            "interval=fortnight".to_owned(),
            "from=x".to_owned(),
            "accountIds[]=x".to_owned(),
        ] {
            platform.get(&format!("{path}?{query}")).await.error(400);
        }
        platform.get(&format!("{path}?accountIds[]=0")).await.error(403);
        platform.get(&format!("{path}?accountIds%5B%5D=999999")).await.error(403);
        let three_hours = format!("from={}&to={now}&interval=second", at(3 * 3600));
        assert_eq!(platform.get(&format!("{path}?{three_hours}")).await.ok().as_array().unwrap().len(), 10_801);
    }
}
