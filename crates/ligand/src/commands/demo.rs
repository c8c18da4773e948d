//! `ligand demo`: everything at work on one machine, and what to try next.

mod hub;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::Context;
use http::Method;
use ligand_engine::Egress;
use ligand_web::{Edge, Server};
use serde_json::{Value, json};

use crate::{
    commands::{StopSignal, sandbox, say},
    http_client::HttpClient,
    platform::{self, Background},
    settings::Settings,
};

const INSTANCES: &str = "/elements/api-v2/instances";

/// Starts sandboxes and server, provisions the four elements, and serves until the process is asked to stop.
///
/// # Errors
/// When something cannot start, or an element cannot be provisioned.
pub async fn run(mut settings: Settings, listen: SocketAddr, data: Option<PathBuf>) -> anyhow::Result<()> {
    let stop = StopSignal::listen()?;
    let temporary = match data {
        Some(data) => {
            settings.server.data = data;
            None
        }
        None => Some(tempfile::Builder::new().prefix("ligand-demo-").tempdir()?),
    };
    if let Some(temporary) = &temporary {
        temporary.path().clone_into(&mut settings.server.data);
    }
    settings.server.listen = listen;
    let vendors = sandbox::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let server = Server::bind(listen, settings.server_options()).await;
    let server = server.with_context(|| format!("cannot listen on {listen}; choose another address with --listen"))?;
    let address = server.address()?;
    let egress = Egress::new(settings.egress.allow.clone()).with_socket(vendors.address());
    let _claim = platform::claim(&settings)?;
    let (app, first) = platform::open(&settings, egress).await?;
    let password = first.and_then(|first| first.generated_password.or_else(|| settings.bootstrap.password.get()));
    let login = password.map(|password| json!({ "username": settings.bootstrap.email, "password": password.expose() }));
    let edge = Edge::new(app.clone(), settings.noun()?);
    let background = Background::start(&app, &settings);
    let serving = tokio::spawn(server.run(edge, stop.heard()));
    let secrets = app.administrator_secrets().await?;
    let authorization = format!("User {}, Organization {}", secrets.user.expose(), secrets.organization.expose());
    say(&format!("Ligand serves on http://{address}, the vendor sandboxes on http://{}.\n", vendors.address()));
    let tour = tour(address, &authorization, login.as_ref(), &vendors).await;
    if let Err(failed) = tour {
        vendors.stop().await;
        return Err(failed);
    }
    serving.await.context("the server stopped")?;
    if let Some(background) = background {
        background.stop().await;
    }
    vendors.stop().await;
    app.close().await;
    Ok(())
}

/// Provisions each element over HTTP and shows the answers.
async fn tour(
    address: SocketAddr,
    authorization: &str,
    login: Option<&Value>,
    vendors: &ligand_sandbox::Sandbox,
) -> anyhow::Result<()> {
    let client = HttpClient::new(address);
    let mut made = Vec::new();
    for (key, configuration) in vendors.configurations() {
        let body = json!({
            "element": { "key": key },
            "configuration": configuration,
            "tags": ["demo"],
            "name": format!("Demo {key}"),
        });
        say(&format!("POST {INSTANCES}   (element {key})"));
        let answer = client.send(Method::POST, INSTANCES, authorization, &body).await?;
        say(&format!("{}\n{}\n", answer.status, serde_json::to_string_pretty(&answer.body)?));
        anyhow::ensure!(answer.status.is_success(), "{key} could not be provisioned");
        made.push((key, body, answer.body));
    }
    hub::show(&client, authorization, &made).await?;
    say(&what_to_try(address, authorization, login, &made));
    Ok(())
}

/// Command lines with the real secrets, ready to paste.
struct Lines {
    base: String,
    authorization: String,
    text: String,
}

impl Lines {
    /// Adds one command: what it shows, and what of curl it needs before the path below the API's base.
    fn add(&mut self, what: &str, options: &str, path: &str) {
        let url = quoted(&format!("{}{path}", self.base));
        let header = quoted(&format!("Authorization: {}", self.authorization));
        self.text.push_str(&format!("\n# {what}\ncurl {options}-H {header} {url}\n"));
    }

    /// Adds one command that sends JSON.
    fn add_json(&mut self, what: &str, method: &str, path: &str, body: &Value) {
        let options = format!("-X {method} -H 'Content-Type: application/json' -d {} ", quoted(&body.to_string()));
        self.add(what, &options, path);
    }
}

fn what_to_try(
    address: SocketAddr,
    authorization: &str,
    login: Option<&Value>,
    made: &[(&str, Value, Value)],
) -> String {
    let mut lines = Lines {
        base: format!("http://{address}/elements/api-v2"),
        authorization: authorization.to_owned(),
        text: "Try it (paste into a shell):\n".to_owned(),
    };
    if let Some(login) = login {
        lines.add_json("log in with e-mail and password, for a bearer token", "POST", "/authentication", login);
    }
    lines.add("who you are, and your organization", "", "/users/me");
    lines.add("your organization", "", "/organizations/me");
    lines.add("the hubs", "", "/hubs");
    lines.add("the catalog", "", "/elements?abridged=true");
    lines.add("the elements of one hub", "", "/hubs/crm/elements");
    lines.add("the instances of this demo", "-g ", "/instances?tags[]=demo&hydrate=false");
    lines.add("how many there are", "", "/instances/count");
    for (key, body, _) in made {
        lines.add(&format!("what an instance of {key} needs"), "", &format!("/elements/{key}/configuration"));
        lines.add_json(&format!("provision {key} once more"), "POST", "/instances", body);
        lines.add_json("what a wrong password gets", "POST", "/instances", &with_wrong_password(body));
    }
    for (key, _, answer) in made {
        let call = match *key {
            "oraclesalescloud" => "/hubs/crm/accounts?where=OrganizationName%20LIKE%20'%25a%25'&pageSize=2",
            "actpremium" => "/hubs/crm/contacts?orderBy=lastName&pageSize=2",
            "infobip" => "/hubs/messaging/balance",
            _ => "/hubs/helpdesk/ping",
        };
        lines.authorization = format!("{authorization}, Element {}", answer["token"].as_str().unwrap_or_default());
        lines.add(&format!("a call to {key} through its hub"), "", call);
    }
    lines.authorization = authorization.to_owned();
    if let Some((_, _, answer)) = made.first() {
        let (id, token) = (&answer["id"], answer["token"].as_str().unwrap_or_default());
        lines.add("one instance", "", &format!("/instances/{id}"));
        lines.add_json("rename it", "PATCH", &format!("/instances/{id}"), &json!({ "name": "Renamed" }));
        lines.add("switch it off", "-X DELETE ", &format!("/instances/{id}/enabled"));
        lines.add("switch it on", "-X PUT ", &format!("/instances/{id}/enabled"));
        lines.authorization = format!("{authorization}, Element {token}");
        lines.add("its configuration, found by its token", "", "/instances/configuration");
        lines.add("delete it", "-X DELETE ", "/instances");
    }
    lines.text + "\nCtrl-C stops the demo."
}

fn with_wrong_password(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(configuration) = body["configuration"].as_object_mut() {
        for (_, value) in configuration.iter_mut().filter(|(key, _)| key.ends_with("password")) {
            *value = json!("wrong");
        }
    }
    body
}

/// A text as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
