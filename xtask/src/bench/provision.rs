//! Provisioning against the sandboxes, against the same client that makes the bare vendor call itself.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::client::{self, Connection, Load};
use super::machine::durable_writes_per_second;
use super::measure::{Measure, Side};
use super::placement::Placement;
use super::report::{Report, Row};
use super::say;
use super::server::{Binary, Ligand, Sandbox};

const CONNECTIONS: usize = 32;
const TARGET_PER_SECOND: f64 = 500.0;

/// The elements, and whether the target is theirs.
const ELEMENTS: [(&str, bool); 3] = [("oraclesalescloud", true), ("infobip", false), ("servicecloud", false)];

/// Provisions as fast as both sides can, and checks that every acknowledged instance is there, without gaps.
pub(super) async fn measure(
    measure: &Measure<'_>,
    binary: &Binary,
    ligand: &Ligand,
    report: &mut Report,
) -> anyhow::Result<()> {
    let sandbox = Sandbox::start(binary)?;
    let writes = durable_writes_per_second(ligand.directory())?;
    report.add(Row {
        name: "durable writes of the disk".to_owned(),
        figure: format!("{writes:.0}/s of 4 KiB, one by one"),
        ..Row::default()
    });
    let count_before = count(ligand).await?;
    let mut ids = Vec::new();
    for (element, has_target) in ELEMENTS {
        say(&format!("\nprovision: POST /instances of {element}, {CONNECTIONS} connections"));
        let (address, request) = vendor_call(element, &sandbox)?;
        let below = Load { address, request, connections: CONNECTIONS, reads_ids: false };
        let request = self::request(element, &sandbox)?;
        let ours = Load { address: ligand.address, request, connections: CONNECTIONS, reads_ids: true };
        let floor = Side { load: &below, process: &sandbox.process };
        let pair = measure.pair(&floor, &Side { load: &ours, process: &ligand.process }).await?;
        let rate = pair.ligand.rate();
        report.add(Row {
            name: format!("provision {element}"),
            target: if has_target { format!("≥ {TARGET_PER_SECOND:.0}/s") } else { String::new() },
            figure: format!("{rate:.0}/s"),
            floor: format!("{:.0} vendor calls/s", pair.floor.rate()),
            ratio: Some(pair.ratio()),
            noise: Some(pair.floor.spread()),
            passes: has_target.then_some(rate >= TARGET_PER_SECOND),
        });
        ids.extend(pair.ids);
    }
    let counted = count(ligand).await? - count_before;
    let gap = first_gap(&mut ids);
    let figure = match gap {
        None => format!("{counted} of {}, ids consecutive", ids.len()),
        Some((before, after)) => format!("{counted} of {}, ids NOT consecutive: {before}, {after}", ids.len()),
    };
    report.add(Row {
        name: "instances found again".to_owned(),
        target: "all, no gaps".to_owned(),
        figure,
        passes: Some(gap.is_none() && usize::try_from(counted) == Ok(ids.len())),
        ..Row::default()
    });
    Ok(())
}

/// Kills the server, starts it again and counts.
pub(super) async fn survive(ligand: &mut Ligand, placement: &Placement, report: &mut Report) -> anyhow::Result<()> {
    let before = count(ligand).await?;
    let took = ligand.kill_and_restart(placement).await?;
    let after = count(ligand).await?;
    report.add(Row {
        name: "instances after SIGKILL".to_owned(),
        target: "all".to_owned(),
        figure: format!("{after} of {before}, ready in {:.1} ms", took.as_secs_f64() * 1e3),
        passes: Some(before == after),
        ..Row::default()
    });
    Ok(())
}

/// The request that provisions an element.
pub(super) fn request(element: &str, sandbox: &Sandbox) -> anyhow::Result<Arc<[u8]>> {
    let body = json!({
        "element": { "key": element },
        "configuration": sandbox.configuration(element)?,
        "tags": ["benchmark"],
        "name": "Benchmark",
    });
    Ok(Ligand::request("POST", "/instances", None, &body.to_string()))
}

/// How many instances there are.
async fn count(ligand: &Ligand) -> anyhow::Result<i64> {
    let mut connection = Connection::open(ligand.address).await?;
    let request = Ligand::request("GET", "/instances?hydrate=false&pageSize=1", None, "");
    let answer = connection.exchange(&request).await?;
    if answer.status == 404 {
        return Ok(0);
    }
    answer.demand_ok()?;
    let count = answer.header("elements-total-count").context("the list has no Elements-Total-Count")?;
    count.parse().context("Elements-Total-Count is no number")
}

/// Sorts the ids and finds the first two that do not follow each other.
pub(super) fn first_gap(ids: &mut [i64]) -> Option<(i64, i64)> {
    ids.sort_unstable();
    ids.windows(2).map(|pair| (pair[0], pair[1])).find(|(before, after)| *after != before + 1)
}

/// The call that provisioning an element makes at the vendor, and where to.
fn vendor_call(element: &str, sandbox: &Sandbox) -> anyhow::Result<(SocketAddr, Arc<[u8]>)> {
    let configuration = sandbox.configuration(element)?;
    let setting = |key: &str| configuration[key].as_str().with_context(|| format!("the sandbox gives no {key}"));
    match element {
        "oraclesalescloud" => {
            let path = "/crmRestApi/resources/latest/accounts?limit=1&fields=PartyNumber&onlyData=true";
            let authorization = basic(setting("username")?, setting("password")?);
            let headers = [("Authorization", authorization.as_str())];
            Ok((address(setting("site.url")?)?.0, client::request("GET", path, &headers, "")))
        }
        "infobip" => {
            let user = setting("messaging.sms.infobip.username")?;
            let authorization = basic(user, setting("messaging.sms.infobip.password")?);
            let headers = [("Authorization", authorization.as_str())];
            Ok((address(setting("base.url")?)?.0, client::request("GET", "/account/1/balance", &headers, "")))
        }
        _ => {
            let (address, path) = address(setting("helpdesk.servicecloud.endpointurl")?)?;
            let headers =
                [("Content-Type", "text/xml; charset=utf-8"), ("SOAPAction", "\"GetMetaDataLastChangeTime\"")];
            Ok((address, client::request("POST", path, &headers, &envelope(configuration))))
        }
    }
}

fn basic(username: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))
}

/// Address and path of an `http` URL with an IP address and a port.
fn address(url: &str) -> anyhow::Result<(SocketAddr, &str)> {
    let rest = url.strip_prefix("http://").with_context(|| format!("{url} is not a local address"))?;
    let (address, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let address: SocketAddr = address.parse().with_context(|| format!("{url} has no address and port"))?;
    ensure!(address.ip().is_loopback(), "{url} is not on this machine");
    Ok((address, path))
}

/// The cheapest call of Oracle Service Cloud that needs an account.
fn envelope(configuration: &Value) -> String {
    let escaped = |key: &str| {
        let text = configuration[key].as_str().unwrap_or_default();
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    };
    let (username, password) = (escaped("helpdesk.servicecloud.username"), escaped("helpdesk.servicecloud.password"));
    let oasis = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss";
    format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="urn:messages.ws.rightnow.com/v1_2">
<e:Header><m:ClientInfoHeader><m:AppID>Benchmark</m:AppID></m:ClientInfoHeader>
<w:Security xmlns:w="{oasis}-wssecurity-secext-1.0.xsd"><w:UsernameToken><w:Username>{username}</w:Username>
<w:Password Type="{oasis}-username-token-profile-1.0#PasswordText">{password}</w:Password></w:UsernameToken></w:Security>
</e:Header><e:Body><m:GetMetaDataLastChangeTime/></e:Body></e:Envelope>"#
    )
}
