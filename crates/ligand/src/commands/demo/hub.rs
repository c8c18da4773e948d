//! The hub part of the demo: through the same API a record is made at each vendor, found, paged to, and deleted.

use std::time::Duration;

use anyhow::Context;
use http::Method;
use ligand_domain::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::{commands::say, http_client::HttpClient};

/// The bulk of messages that the demo schedules and cancels.
const BULK: &str = "ligand-demo";

/// What is shown of one element.
struct Show {
    element: &'static str,
    /// The resource, below the API's base path.
    resource: &'static str,
    /// The record to make.
    record: fn() -> Value,
    /// Where the new record's id is, as a JSON pointer; none when records cannot be deleted.
    id: Option<&'static str>,
    /// The search that finds the record.
    query: &'static str,
}

const SHOWS: [Show; 4] = [
    Show {
        element: "servicecloud",
        resource: "/hubs/helpdesk/incidents",
        record: || json!({ "subject": "Ligand Demo", "primaryContact": { "contact": { "id": { "id": 1 } } } }),
        id: Some("/id/id"),
        query: "where=subject%3D'Ligand%20Demo'&fields=id.id,subject,createdTime,statusWithType.status.name",
    },
    Show {
        element: "oraclesalescloud",
        resource: "/hubs/crm/accounts",
        record: || json!({ "OrganizationName": "Ligand Demo" }),
        id: Some("/PartyNumber"),
        query: "where=OrganizationName%3D'Ligand%20Demo'&fields=PartyNumber,OrganizationName,CreationDate",
    },
    Show {
        element: "actpremium",
        resource: "/hubs/crm/contacts",
        record: || json!({ "firstName": "Ligand", "lastName": "Demo", "emailAddress": "demo@example.com" }),
        id: Some("/id"),
        query: "where=lastName%3D'Demo'&fields=id,firstName,lastName,emailAddress",
    },
    Show {
        element: "infobip",
        resource: "/hubs/messaging/messages",
        record: || json!({ "to": "41793026727", "message": "Hello from the Ligand demo" }),
        id: None,
        query: "where=to%3D'41793026727'&fields=id,to,message,status,sentTime",
    },
];

/// Shows what the hub of each provisioned element does, live.
///
/// # Errors
/// When a step does not succeed.
pub(super) async fn show(client: &HttpClient, user: &str, made: &[(&str, Value, Value)]) -> anyhow::Result<()> {
    for show in &SHOWS {
        let found = made.iter().find(|(key, _, _)| *key == show.element);
        let token = found.and_then(|(_, _, answer)| answer["token"].as_str()).context("no token")?;
        let tour = Tour { client, authorization: format!("{user}, Element {token}") };
        say(&format!("--- {} through its hub\n", show.element));
        tour.walk(show).await?;
    }
    Ok(())
}

struct Tour<'a> {
    client: &'a HttpClient,
    authorization: String,
}

impl Tour<'_> {
    async fn walk(&self, show: &Show) -> anyhow::Result<()> {
        let record = self.step(Method::POST, show.resource, &(show.record)()).await?.0;
        self.step(Method::GET, &format!("{}?{}", show.resource, show.query), &Value::Null).await?;
        let mut path = format!("{}?pageSize=1", show.resource);
        for _ in 0..2 {
            let Some(token) = self.step(Method::GET, &path, &Value::Null).await?.1 else { break };
            path = format!("{}?nextPage={token}", show.resource);
        }
        if show.id.is_none() {
            return self.cancel(show).await;
        }
        let id = show.id.and_then(|pointer| record.pointer(pointer));
        if let Some(id) = id.and_then(|id| id.as_str().map(str::to_owned).or_else(|| Some(id.as_i64()?.to_string()))) {
            self.step(Method::DELETE, &format!("{}/{id}", show.resource), &Value::Null).await?;
        }
        Ok(())
    }

    /// What was sent cannot be deleted; what is still to be sent can.
    async fn cancel(&self, show: &Show) -> anyhow::Result<()> {
        let mut record = (show.record)();
        let in_an_hour = SystemClock.now().plus(Duration::from_secs(3600)).to_iso_millis();
        record["bulkId"] = json!(BULK);
        record["sendAt"] = json!(in_an_hour.replace('Z', "+0000"));
        self.step(Method::POST, show.resource, &record).await?;
        self.step(Method::DELETE, &format!("/hubs/messaging/bulks/{BULK}"), &Value::Null).await?;
        Ok(())
    }

    /// Sends one request and shows it; the body, and the token of the next page.
    async fn step(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<(Value, Option<String>)> {
        let path = format!("/elements/api-v2{path}");
        say(&format!("{method} {path}{}", if body.is_null() { String::new() } else { format!("   {body}") }));
        let answer = self.client.send(method, &path, &self.authorization, body).await?;
        let next = answer.headers.get("elements-next-page-token").and_then(|token| token.to_str().ok());
        say(&format!("{}   {}\n", answer.status, shortened(&answer.body)));
        anyhow::ensure!(answer.status.is_success(), "{path} did not succeed");
        Ok((answer.body, next.map(encoded)))
    }
}

/// A token as part of a query.
fn encoded(token: &str) -> String {
    url::form_urlencoded::byte_serialize(token.as_bytes()).collect()
}

/// The beginning of a body; vendors' records are long.
fn shortened(body: &Value) -> String {
    const SHOWN: usize = 400;
    let text = if body.is_null() { String::new() } else { body.to_string() };
    if text.chars().count() <= SHOWN { text } else { format!("{}…", text.chars().take(SHOWN).collect::<String>()) }
}
