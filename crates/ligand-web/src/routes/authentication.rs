//! Login and the secrets behind it.

use ligand_domain::{Error, Secret};
use serde_json::{Map, Value, json};

use super::Answer;
use crate::{
    call::{Anonymous, Call},
    json, wire,
};

/// `POST /authentication`.
pub(crate) async fn log_in(mut request: Anonymous) -> Answer {
    json::accepts_json(&request.headers)?;
    json::is_json(&request.headers)?;
    let mut body = request.small_object().await?;
    let (username, password) = (text(&mut body, "username"), text(&mut body, "password"));
    let missing: Vec<&str> = [("username", &username), ("password", &password)]
        .into_iter()
        .filter_map(|(name, value)| value.is_none().then_some(name))
        .collect();
    let (Some(username), Some(password)) = (username, password) else {
        let message = format!("The following fields are required: {}", missing.join(", "));
        return Err(Error::invalid("login-incomplete", message).into());
    };
    let (token, profile) = request.app.login(&username, Secret::new(password), request.peer).await?;
    Ok(json::answer(&wire::user::authenticated(&token, &profile)))
}

/// `GET /authentication/secrets`.
pub(crate) async fn secrets(call: Call) -> Answer {
    let caller = call.proceed(None)?;
    let secrets = call.app().secrets(&caller).await?;
    Ok(json::answer(&json!({
        "userSecret": secrets.user.expose(),
        "organizationSecret": secrets.organization.expose(),
    })))
}

fn text(body: &mut Map<String, Value>, member: &str) -> Option<String> {
    match body.remove(member) {
        Some(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}
