//! The element that the benchmark measures with: written into a folder of its own, loaded with `--catalog`.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use super::super::client::{self, Connection};
use super::super::server::Ligand;

const KEY: &str = "benchmark";

const DEFINITION: &str = r#"key: benchmark
name: Benchmark
description: The vendor of the benchmark
hub: general
authentication:
  type: basic
configuration:
  - key: base.url
    defaultValue: "{site.url}"
  - { key: site.url, name: Site, description: The address of the vendor, type: TEXTFIELD_128, required: true }
  - { key: username, description: The name of a user, type: TEXTFIELD_128 }
  - { key: password, description: The password of that user }
  - { key: tenant, name: Tenant, description: The tenant at the vendor, type: TEXTFIELD_128, required: true }
  - { key: pagination.max, defaultValue: "100" }
parameters:
  - { name: tenant, type: configuration, vendorName: X-Tenant, vendorType: header }
resources:
"#;

/// One list; the names of what differs are filled in.
const RESOURCE: &str = r#"  - method: GET
    path: /hubs/general/NAME
    vendorPath: VENDOR
    rootKey: "|items"
    nextPageKey: hasMore
    description: Lists records
    parameters:
      - { name: pageSize, type: query, vendorName: limit, vendorType: query }
      - { name: page, type: query, vendorName: page, vendorType: query }
      - { name: region, type: query, vendorName: area, vendorType: query }
      - { name: where, type: query, vendorName: filter, vendorType: query, converter: toODataFilter }
      - { name: json, type: value, vendorName: format, vendorType: query }
"#;

/// A hook that changes the vendor request.
const BEFORE: &str = r"    hooks:
      - type: preRequest
        body: |
          const parameters = request_vendor_parameters;
          parameters.channel = configuration.tenant + '-' + request_parameters.region;
          done({ request_vendor_parameters: parameters });
";

/// A hook that changes the answer.
const AFTER: &str = r"    hooks:
      - type: postRequest
        body: |
          const records = response_body.map(record => Object.assign({}, record, { label: record.name + ' ' + record.city }));
          done({ response_body: records });
";

/// The resources: name, path at the vendor, hook.
const RESOURCES: [(&str, &str, &str); 4] =
    [("records", "/records", ""), ("before", "/records", BEFORE), ("after", "/records", AFTER), ("slow", "/slow", "")];

/// The members that callers ask for: the mapping of the benchmark, while there are no transformations.
pub(super) const FIELDS: [&str; 8] = ["id", "name", "email", "city", "status", "amount", "updated", "owner"];

/// Writes the folder.
pub(super) fn write(catalog: &Path) -> anyhow::Result<()> {
    let folder = catalog.join(KEY);
    fs::create_dir(&folder)?;
    let resources = RESOURCES.map(|(name, vendor, hook)| {
        let resource = RESOURCE.replace("NAME", name).replace("VENDOR", vendor);
        format!("{resource}{hook}")
    });
    Ok(fs::write(folder.join("element.yaml"), format!("{DEFINITION}{}", resources.concat()))?)
}

/// Makes an instance at the vendor and gives its token.
pub(super) async fn provision(ligand: &Ligand, vendor: SocketAddr) -> anyhow::Result<String> {
    let configuration = json!({
        "site.url": format!("http://{vendor}"),
        "username": "benchmark",
        "password": "benchmark-password",
        "tenant": "acme",
    });
    let body = json!({ "element": { "key": KEY }, "configuration": configuration, "name": "Benchmark" });
    let mut connection = Connection::open(ligand.address).await?;
    let answer = connection.exchange(&Ligand::request("POST", "/instances", None, &body.to_string())).await?;
    answer.demand_ok()?;
    Ok(answer.json()?["token"].as_str().context("the instance has no token")?.to_owned())
}

/// Path and query of a call of one of the resources.
pub(super) fn path(resource: &str) -> String {
    format!("/hubs/general/{resource}?pageSize=10&region=eu&fields={}", FIELDS.join(","))
}

/// What a proxy is sent in its place: the call as the vendor gets it.
pub(super) fn vendor_request(path: &str) -> Arc<[u8]> {
    let headers = [
        ("Authorization", "Basic YmVuY2htYXJrOmJlbmNobWFyay1wYXNzd29yZA=="),
        ("Content-Type", "application/json"),
        ("X-Tenant", "acme"),
    ];
    client::request("GET", &format!("{path}?limit=10&page=1&area=eu&format=json"), &headers, "")
}
