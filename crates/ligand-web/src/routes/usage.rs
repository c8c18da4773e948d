//! The record of calls of elements.

use ligand_app::usage::{Bucket, Query, Window};
use ligand_domain::{Caller, Timestamp};
use serde_json::{Map, Value, json};

use super::{Answer, Segments};
use crate::{call::Call, json};

/// `GET /usage`.
pub(crate) async fn list(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let text = |name| call.query().get(name).map(str::to_owned);
    let query = Query {
        window: window(&call),
        hub: text("hub"),
        keys: call.query().values("keys"),
        tags: call.query().values("tags"),
        status: text("status"),
        search_text: text("searchText"),
        page_offset: text("pageOffset"),
        page_size: text("pageSize"),
        next_page: text("nextPage"),
    };
    let (items, next) = call.app().usages(&caller, &query).await?;
    Ok(json::part(items, next.as_deref()))
}

/// `GET /usage/{usage}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&call.app().usage(&caller, segments.get("usage")).await?))
}

/// `GET /usage/analytics/activity`.
pub(crate) async fn activity(call: Call) -> Answer {
    counted(&call, |bucket| json!({ "timestamp": begins(bucket), "count": bucket.count })).await
}

/// `GET /usage/analytics/activity/elements`.
pub(crate) async fn by_element(call: Call) -> Answer {
    counted(&call, |bucket| {
        let mut item = Map::new();
        item.insert("timestamp".to_owned(), Value::from(begins(bucket)));
        item.insert("count".to_owned(), Value::from(bucket.count));
        item.extend(bucket.elements.iter().map(|(key, count)| (key.clone(), Value::from(*count))));
        Value::Object(item)
    })
    .await
}

/// `GET /usage/analytics/times`.
pub(crate) async fn times(call: Call) -> Answer {
    counted(&call, |bucket| match bucket.count {
        0 => json!({ "timestamp": begins(bucket), "count": 0 }),
        count => json!({
            "timestamp": begins(bucket), "count": count, "min": bucket.min, "max": bucket.max,
            "avg": bucket.sum / count,
        }),
    })
    .await
}

/// `GET /usage/analytics/statuses`.
pub(crate) async fn statuses(call: Call) -> Answer {
    counted(&call, |bucket| {
        json!({
            "timestamp": begins(bucket), "count": bucket.count, "success": bucket.count - bucket.failed,
            "failed": bucket.failed,
        })
    })
    .await
}

/// `GET /usage/analytics/activity/element-instances`.
pub(crate) async fn by_instance(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let usage = call.app().usage_by_instance(&caller, &window(&call)).await?;
    Ok(json::answer(&json!({ "usage": usage })))
}

/// `GET /usage/analytics/activity/element-instances/created-count`.
pub(crate) async fn instances_created(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let count = call.app().instances_created(&caller, &window(&call)).await?;
    Ok(json::answer(&json!({ "instancesCreatedCount": count })))
}

async fn counted(call: &Call, item: impl Fn(&Bucket) -> Value) -> Answer {
    let caller: Caller = call.proceed(None)?;
    let buckets = call.app().usage_over_time(&caller, &window(call), call.query().get("interval")).await?;
    Ok(json::list(buckets.iter().map(item).collect()))
}

fn begins(bucket: &Bucket) -> String {
    Timestamp::from_millis(bucket.begins).to_iso_millis()
}

fn window(call: &Call) -> Window {
    let text = |name| call.query().get(name).map(str::to_owned);
    Window { from: text("from"), to: text("to"), accounts: call.query().values("accountIds") }
}
