//! Notifications, subscriptions to them, and their deliveries.

use ligand_app::notifications::{DeliveryQuery, Page, Query};
use ligand_domain::Notification;
use serde_json::Value;

use super::{Answer, Segments};
use crate::{call::Call, json};

/// `POST /notifications`.
pub(crate) async fn publish(mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    Ok(json::answer(&call.app().publish(&caller, &body).await?.to_json()))
}

/// `GET /notifications`.
pub(crate) async fn list(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let text = |name| call.query().get(name).map(str::to_owned);
    let query = Query {
        topics: call.query().values("topics"),
        severity: text("severity"),
        acknowledged: text("acknowledged"),
        from: text("from"),
        to: text("to"),
        page_size: text("pageSize"),
        next_page: text("nextPage"),
    };
    let Page { items, next_page } = call.app().list_notifications(&caller, &query).await?;
    Ok(json::part(items.iter().map(Notification::to_json).collect(), next_page.as_deref()))
}

/// `GET /notifications/{notification}`.
pub(crate) async fn show(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&call.app().notification(&caller, segments.get("notification")).await?.to_json()))
}

/// `PUT /notifications/{notification}/acknowledge`.
pub(crate) async fn acknowledge(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&call.app().acknowledge(&caller, segments.get("notification")).await?.to_json()))
}

/// `DELETE /notifications/{notification}`.
pub(crate) async fn delete(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.app().delete_notification(&caller, segments.get("notification")).await?;
    Ok(json::empty())
}

/// `POST /notifications/emails`.
pub(crate) async fn send_email(mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    call.app().send_email(&caller, &body).await?;
    Ok(json::empty())
}

/// `POST /notifications/subscriptions`.
pub(crate) async fn subscribe(mut call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    Ok(json::answer(&call.app().subscribe(&caller, &body).await?))
}

/// `GET /notifications/subscriptions`.
pub(crate) async fn subscriptions(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let query = call.query();
    let (size, next) = (query.get("pageSize"), query.get("nextPage"));
    let Page { items, next_page } = call.app().list_subscriptions(&caller, query.get("where"), size, next).await?;
    Ok(json::part(items, next_page.as_deref()))
}

/// `GET /notifications/subscriptions/{subscription}`.
pub(crate) async fn subscription(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::answer(&call.app().subscription(&caller, segments.get("subscription")).await?))
}

/// `DELETE /notifications/subscriptions/{subscription}`.
pub(crate) async fn unsubscribe(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    call.app().unsubscribe(&caller, segments.get("subscription")).await?;
    Ok(json::empty())
}

/// `GET /notifications/{notification}/subscriptions/{subscription}/deliveries`.
pub(crate) async fn delivery(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let (notification, subscription) = (segments.get("notification"), segments.get("subscription"));
    let found = call.app().delivery(&caller, notification, subscription, hydrate(&call)).await?;
    Ok(json::answer(&found))
}

/// `GET /notifications/{notification}/subscriptions/deliveries`.
pub(crate) async fn deliveries_of(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let found: Vec<Value> = call.app().deliveries_of(&caller, segments.get("notification"), hydrate(&call)).await?;
    Ok(json::list(found))
}

/// `GET /notifications/subscriptions/deliveries`.
pub(crate) async fn deliveries(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let Page { items, next_page } = call.app().list_deliveries(&caller, &delivery_query(&call)).await?;
    Ok(json::part(items, next_page.as_deref()))
}

/// `PUT /notifications/subscriptions/deliveries`.
pub(crate) async fn release(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::list(call.app().release_deliveries(&caller, &delivery_query(&call)).await?))
}

fn delivery_query(call: &Call) -> DeliveryQuery {
    let text = |name| call.query().get(name).map(str::to_owned);
    DeliveryQuery {
        condition: text("where"),
        hydrate: hydrate(call),
        page_size: text("pageSize"),
        next_page: text("nextPage"),
    }
}

fn hydrate(call: &Call) -> bool {
    call.query().flag("hydrate").unwrap_or(false)
}
