//! Requests that touch no vendor, against bare axum that answers the same bytes.

use anyhow::Context as _;

use super::client::{Connection, Load};
use super::measure::{Measure, Side};
use super::report::{Report, Row};
use super::say;
use super::server::{Binary, Floor, Ligand, Sandbox};

const CONNECTIONS: usize = 32;
const TARGET: f64 = 0.6;

/// Provisions an instance and reads it, and its configuration, as fast as both sides can.
pub(super) async fn measure(
    measure: &Measure<'_>,
    binary: &Binary,
    ligand: &Ligand,
    report: &mut Report,
) -> anyhow::Result<()> {
    let (id, token) = provision(binary, ligand).await?;
    let configuration = ("GET /instances/configuration", "/instances/configuration".to_owned(), Some(token.as_str()));
    let instance = ("GET /instances/{id}", format!("/instances/{id}"), None);
    for (name, path, token) in [configuration, instance] {
        let request = Ligand::request("GET", &path, token, "");
        let mut connection = Connection::open(ligand.address).await?;
        let answer = connection.exchange(&request).await?;
        answer.demand_ok()?;
        let content_type = answer.header("content-type").context("the answer has no content type")?;
        say(&format!("\nread: {name}, {} bytes of {content_type}, {CONNECTIONS} connections", answer.body.len()));
        let floor = Floor::start(binary, measure.placement, &Ligand::path(&path), &content_type, answer.body)?;
        let ours = Load { address: ligand.address, request, connections: CONNECTIONS, reads_ids: false };
        let below = Load { address: floor.address, ..ours.clone() };
        let floor_side = Side { load: &below, process: &floor.process };
        let pair = measure.pair(&floor_side, &Side { load: &ours, process: &ligand.process }).await?;
        let ratio = pair.ratio();
        report.note_busy(pair.floor.busy().min(pair.ligand.busy()));
        report.add(Row {
            name: name.to_owned(),
            target: format!("≥ {:.0} % of bare axum", TARGET * 100.0),
            figure: format!("{:.0}/s", pair.ligand.rate()),
            floor: format!("{:.0}/s", pair.floor.rate()),
            ratio: Some(ratio),
            noise: Some(pair.floor.spread()),
            passes: Some(ratio >= TARGET),
        });
        report.add_processor_time(&pair);
    }
    Ok(())
}

/// Id and token of a new instance.
async fn provision(binary: &Binary, ligand: &Ligand) -> anyhow::Result<(i64, String)> {
    let sandbox = Sandbox::start(binary)?;
    let request = super::provision::request("oraclesalescloud", &sandbox)?;
    let mut connection = Connection::open(ligand.address).await?;
    let answer = connection.exchange(&request).await?;
    answer.demand_ok()?;
    let instance = answer.json()?;
    let id = instance["id"].as_i64().context("the instance has no id")?;
    Ok((id, instance["token"].as_str().context("the instance has no token")?.to_owned()))
}
