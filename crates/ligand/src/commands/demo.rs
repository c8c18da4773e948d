//! `ligand demo`: everything at work on one machine, and what to try next.

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
    commands::{sandbox, say, stop_signal},
    http_client::HttpClient,
    platform,
    settings::Settings,
};

const INSTANCES: &str = "/elements/api-v2/instances";

/// Starts sandboxes and server, provisions the four elements, and serves until the process is asked to stop.
///
/// # Errors
/// When something cannot start, or an element cannot be provisioned.
pub async fn run(mut settings: Settings, listen: SocketAddr, data: Option<PathBuf>) -> anyhow::Result<()> {
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
    let (app, _) = platform::open(&settings, egress).await?;
    let edge = Edge::new(app.clone(), settings.noun()?);
    let serving = tokio::spawn(server.run(edge, stop_signal()));
    let secrets = app.administrator_secrets().await?;
    let authorization = format!("User {}, Organization {}", secrets.user.expose(), secrets.organization.expose());
    say(&format!("Ligand serves on http://{address}, the vendor sandboxes on http://{}.\n", vendors.address()));
    let tour = tour(address, &authorization, &vendors).await;
    if let Err(failed) = tour {
        vendors.stop().await;
        return Err(failed);
    }
    serving.await.context("the server stopped")?;
    vendors.stop().await;
    app.close().await;
    Ok(())
}

/// Provisions each element over HTTP and shows the answers.
async fn tour(address: SocketAddr, authorization: &str, vendors: &ligand_sandbox::Sandbox) -> anyhow::Result<()> {
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
        let (status, answer) = client.send(Method::POST, INSTANCES, authorization, &body).await?;
        say(&format!("{status}\n{}\n", serde_json::to_string_pretty(&answer)?));
        anyhow::ensure!(status.is_success(), "{key} could not be provisioned");
        made.push((key, body, answer));
    }
    say(&what_to_try(address, authorization, &made));
    Ok(())
}

/// Command lines with the real secrets, ready to paste.
fn what_to_try(address: SocketAddr, authorization: &str, made: &[(&str, Value, Value)]) -> String {
    let base = format!("http://{address}/elements/api-v2");
    let header = format!("-H {}", quoted(&format!("Authorization: {authorization}")));
    let mut lines = vec!["Try it (paste into a shell):".to_owned()];
    let mut line = |what: &str, command: String| lines.push(format!("\n# {what}\n{command}"));
    line("the catalog", format!("curl {base}/elements?abridged=true"));
    line(
        "one element, and what its instances need",
        format!("curl {header} {base}/elements/servicecloud/configuration"),
    );
    if let Some((key, body, answer)) = made.first() {
        let (id, token) = (&answer["id"], answer["token"].as_str().unwrap_or_default());
        let json = "-H 'Content-Type: application/json'";
        line(
            &format!("provision {key} once more"),
            format!("curl -X POST {header} {json} -d {} {base}/instances", quoted(&body.to_string())),
        );
        line("all instances of this demo", format!("curl -g {header} '{base}/instances?tags[]=demo&hydrate=false'"));
        line("one instance", format!("curl {header} {base}/instances/{id}"));
        let with_token = format!("-H {}", quoted(&format!("Authorization: {authorization}, Element {token}")));
        line("its configuration, found by its token", format!("curl {with_token} {base}/instances/configuration"));
        line(
            "rename it",
            format!("curl -X PATCH {header} {json} -d '{{\"name\": \"Renamed\"}}' {base}/instances/{id}"),
        );
        line(
            "switch it off and on",
            format!(
                "curl -X DELETE {header} {base}/instances/{id}/enabled && curl -X PUT {header} {base}/instances/{id}/enabled"
            ),
        );
        line(
            "what a wrong password gets",
            format!(
                "curl -X POST {header} {json} -d {} {base}/instances",
                quoted(&with_wrong_password(body).to_string())
            ),
        );
        line("delete it", format!("curl -X DELETE {header} {base}/instances/{id}"));
    }
    lines.push("\nCtrl-C stops the demo.".to_owned());
    lines.join("\n")
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
