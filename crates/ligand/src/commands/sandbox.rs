//! `ligand sandbox`: the vendor sandboxes alone.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use ligand_domain::{Clock, SystemClock};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::commands::{StopSignal, say};

/// Runs the sandboxes until the process is asked to stop.
///
/// # Errors
/// When the address cannot be bound.
pub async fn run(listen: SocketAddr, as_json: bool) -> anyhow::Result<()> {
    let stop = StopSignal::listen()?;
    let sandbox = start(listen).await?;
    if as_json {
        say(&configurations(&sandbox).to_string());
    } else {
        introduce(&sandbox);
    }
    stop.heard().await;
    sandbox.stop().await;
    Ok(())
}

/// Starts the sandboxes on the machine's clock.
pub(crate) async fn start(listen: SocketAddr) -> anyhow::Result<ligand_sandbox::Sandbox> {
    let clock: ligand_sandbox::Clock = Arc::new(|| {
        let nanoseconds = i128::from(SystemClock.now().as_millis()) * 1_000_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    });
    let options = ligand_sandbox::Options { listen, ..ligand_sandbox::Options::new(clock) };
    ligand_sandbox::start(options).await.with_context(|| format!("cannot start the sandboxes on {listen}"))
}

fn configurations(sandbox: &ligand_sandbox::Sandbox) -> Value {
    let each = sandbox.configurations().into_iter();
    let each = each.map(|(key, configuration)| (key.to_owned(), json!({ "configuration": configuration })));
    let granted = sandbox.granted_configurations().into_iter();
    let granted = granted
        .map(|(key, configuration)| (key.to_owned(), json!({ "configuration": configuration, "needsGrant": true })));
    Value::Object(each.chain(granted).collect::<Map<_, _>>())
}

fn introduce(sandbox: &ligand_sandbox::Sandbox) {
    say(&format!("Vendor sandboxes on http://{} (Ctrl-C stops them)\n", sandbox.address()));
    let granted = sandbox.granted_configurations();
    let all = sandbox.configurations().into_iter().map(|(key, configuration)| (key.to_owned(), configuration));
    let granted = granted.into_iter().map(|(key, it)| (format!("{key}, whose users grant access in a browser"), it));
    for (title, configuration) in all.chain(granted) {
        say(&title);
        for (name, value) in configuration.as_object().into_iter().flatten() {
            say(&format!("  {name:<36} {}", value.as_str().unwrap_or_default()));
        }
    }
    say(&format!(
        "\nFaults on demand, for example a vendor that is down:\n  curl -X PUT http://{0}/_sandbox/faults/infobip \
         -H 'Content-Type: application/json' -d '{{\"fault\": \"http500\"}}'\nAll switches: curl http://{0}/_sandbox",
        sandbox.address()
    ));
}
