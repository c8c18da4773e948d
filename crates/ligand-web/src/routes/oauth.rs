//! Granting access: addresses and request tokens, proxies, and the callbacks to which browsers come back.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use ligand_app::oauth::{Application, Landing};
use ligand_domain::Privilege;
use serde_json::{Map, Value};

use super::{Answer, Segments};
use crate::{
    call::{Anonymous, Call},
    error, json, page,
};

const PROVISION: Option<Privilege> = Some(Privilege::CreateElementInstances);

/// `GET /elements/{element}/oauth/url`.
pub(crate) async fn url(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let members = members(&request);
    let app = &request.app;
    let made = app.oauth_url(caller.as_ref(), segments.get("element"), members, Application::Callers).await?;
    Ok(json::answer(&made))
}

/// `POST /elements/{element}/oauth/url`.
pub(crate) async fn url_of_body(segments: Segments, mut request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    json::is_json(&request.headers)?;
    let mut given = members(&request);
    given.extend(request.small_object().await?);
    let app = &request.app;
    let made = app.oauth_url(caller.as_ref(), segments.get("element"), given, Application::Callers).await?;
    Ok(json::answer(&made))
}

/// `GET /elements/{element}/oauth/url/default`.
pub(crate) async fn default_url(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let members = members(&request);
    let app = &request.app;
    let made = app.oauth_url(caller.as_ref(), segments.get("element"), members, Application::Elements).await?;
    Ok(json::answer(&made))
}

/// `GET /elements/{element}/oauth/token`.
pub(crate) async fn token(segments: Segments, request: Anonymous) -> Answer {
    let caller = request.proceed(None).await?;
    let members = members(&request);
    let given = request.app.oauth_token(caller.as_ref(), segments.get("element"), members).await?;
    Ok(json::answer(&given))
}

/// `POST /elements/oauthProxies`.
pub(crate) async fn add_proxy(mut call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    call.expect_json()?;
    let body = call.request.small_object().await?;
    Ok(json::answer(&call.app().add_oauth_proxy(&caller, &body).await?))
}

/// `GET /elements/oauthProxies`.
pub(crate) async fn proxies(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    Ok(json::list(call.app().list_oauth_proxies(&caller).await?))
}

/// `DELETE /elements/oauthProxies/{proxy}`.
pub(crate) async fn delete_proxy(segments: Segments, call: Call) -> Answer {
    let caller = call.proceed(PROVISION)?;
    call.app().delete_oauth_proxy(&caller, segments.get("proxy")).await?;
    Ok(json::empty())
}

/// `POST /elements/oauthProxies/{proxy}/applicationUrl`.
pub(crate) async fn allow_url(segments: Segments, call: Call) -> Answer {
    set_url(&segments, &call, true).await
}

/// `DELETE /elements/oauthProxies/{proxy}/applicationUrl`.
pub(crate) async fn forbid_url(segments: Segments, call: Call) -> Answer {
    set_url(&segments, &call, false).await
}

async fn set_url(segments: &Segments, call: &Call, allowed: bool) -> Answer {
    let caller = call.proceed(PROVISION)?;
    let url = call.query().get("applicationUrl");
    let shown = call.app().set_oauth_proxy_url(&caller, segments.get("proxy"), url, allowed).await?;
    Ok(json::answer(&shown))
}

/// `GET /elements/oauthProxies/{proxy}/callback`: a browser on its way to an application.
pub(crate) async fn pass_on(segments: Segments, request: Anonymous) -> Response {
    match request.app.pass_on(segments.get("proxy"), request.query.pairs()).await {
        Ok(address) => redirect(&address),
        Err(refused) => failed(&refused),
    }
}

/// `GET /oauth/callback`: a browser that comes back from a vendor.
pub(crate) async fn callback(request: Anonymous) -> Response {
    match request.app.land(request.query.pairs().to_vec()).await {
        Landing::Connected { name, element, id } => {
            let text = format!("{name} is connected to {element} (element instance {id}). You may close this page.");
            page::notice(StatusCode::OK, "Connected", &text, &[])
        }
        Landing::Handed { values } => {
            let text = "Hand these values to the application that asked for access: they are its providerData.";
            page::notice(StatusCode::OK, "Access granted", text, &values)
        }
        Landing::Failed(refused) => failed(&refused),
    }
}

fn failed(refused: &ligand_domain::Error) -> Response {
    let said = refused.provider_message.iter().map(|said| ("The vendor says".to_owned(), said.to_string()));
    let said: Vec<(String, String)> = said.collect();
    page::notice(error::status_of(refused.kind), "Not connected", &refused.message, &said)
}

fn redirect(address: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    match HeaderValue::from_str(address) {
        Ok(location) => {
            headers.insert(header::LOCATION, location);
        }
        Err(_) => *response.status_mut() = StatusCode::BAD_REQUEST,
    }
    response
}

/// The query as the members of a body; of a name that comes twice the first counts.
fn members(request: &Anonymous) -> Map<String, Value> {
    let mut members = Map::new();
    for (name, value) in request.query.pairs() {
        members.entry(name.as_str()).or_insert_with(|| Value::from(value.as_str()));
    }
    members.remove("instance");
    members
}
