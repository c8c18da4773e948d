//! Calls through hubs: a small catalog of the tests' own, over the sandboxes.

mod caching;
mod calls;
mod failures;
mod files;
mod limits;
mod lists;
mod paths;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{Answer, Platform};

/// Accounts of the Sales Cloud sandbox.
const CRM: &str = r#"
name: Test CRM
hub: crm
authentication: { type: basic }
configuration:
  - { key: base.url, defaultValue: "{site.url}" }
  - { key: site.url, name: Site, type: TEXTFIELD_1000, required: true }
  - { key: username }
  - { key: password }
  - { key: pagination.max, defaultValue: "50" }
  - { key: pagination.type, defaultValue: offset }
  - { key: pagination.page.startindex, defaultValue: "0" }
resources:
  - type: provisionAuthValidation
    method: GET
    path: /validate-credentials
    vendorPath: /crmRestApi/resources/latest/accounts
    parameters: [{ name: "1", type: value, vendorName: limit, vendorType: query }]
  - method: GET
    path: /hubs/crm/accounts
    vendorPath: /crmRestApi/resources/latest/accounts
    rootKey: "|items"
    nextPageKey: hasMore
    parameters: &list
      - { name: where, type: query, vendorName: q, vendorType: query, converter: toAdf }
      - { name: orderBy, type: query, vendorName: orderBy, vendorType: query, converter: toAdfOrderBy }
      - { name: pageSize, type: query, vendorName: limit, vendorType: query }
      - { name: offset, type: query, vendorName: offset, vendorType: query }
  - method: POST
    path: /hubs/crm/accounts
    vendorPath: /crmRestApi/resources/latest/accounts
    parameters: [{ name: body, type: body, vendorType: body, required: true }]
  - { method: GET, path: "/hubs/crm/accounts/{id}", vendorPath: "/crmRestApi/resources/latest/accounts/{id}" }
  - method: PATCH
    path: /hubs/crm/accounts/{id}
    vendorPath: /crmRestApi/resources/latest/accounts/{id}
    parameters: [{ name: body, type: body, vendorType: body, required: true }]
  - { method: DELETE, path: "/hubs/crm/accounts/{id}", vendorPath: "/crmRestApi/resources/latest/accounts/{id}" }
  - { method: GET, path: /hubs/crm/old, vendorPath: /x, kind: java }
  - method: GET
    path: /hubs/crm/every
    vendorPath: /crmRestApi/resources/latest/accounts
    rootKey: "|items"
    paginationType: VENDOR_NOT_SUPPORTED
    parameters: [{ name: "500", type: value, vendorName: limit, vendorType: query }]
  - { method: GET, path: "/hubs/crm/{objectName}", vendorPath: "/crmRestApi/resources/latest/{objectName}", rootKey: "|items" }
"#;

/// Contacts of the Act! sandbox, which takes tokens.
const ACT: &str = r#"
name: Test Act
hub: crm
authentication: { type: custom }
configuration:
  - { key: username }
  - { key: password }
  - { key: act, name: Act, type: TEXTFIELD_1000, required: true }
  - { key: database, name: Database, required: true }
  - { key: act.token, name: Token, type: PASSWORD, internal: true }
parameters:
  - { name: act, type: configuration, vendorName: act, vendorType: path, required: true }
  - { name: "Bearer ${configuration.act.token}", type: value, vendorName: Authorization, vendorType: header }
resources:
  - type: provisionAuthValidation
    method: GET
    path: /authorize
    vendorPath: "{act}/authorize"
    response: { contentType: application/jwt }
    parameters:
      - { name: "Basic CE.b64(${configuration.username}:${configuration.password})", type: value, vendorName: Authorization, vendorType: header }
      - { name: database, type: configuration, vendorName: Act-Database-Name, vendorType: header }
      - { name: act.token, type: configuration, vendorType: body, source: response }
  - { method: GET, path: /hubs/crm/contacts, vendorPath: "{act}/api/contacts", paginationType: VENDOR_NOT_SUPPORTED }
  - method: POST
    path: /hubs/crm/contacts
    vendorPath: "{act}/api/contacts"
    parameters: [{ name: body, type: body, vendorType: body, required: true }]
"#;

/// The balance of the Infobip sandbox.
const SMS: &str = r#"
name: Test SMS
hub: messaging
authentication: { type: basic }
configuration:
  - { key: base.url }
  - { key: username }
  - { key: password }
resources:
  - { method: GET, path: /hubs/messaging/ping, vendorPath: /account/1/balance }
  - method: POST
    path: /hubs/messaging/messages
    vendorPath: /sms/1/text/single
    rootKey: "|messages"
    parameters:
      - { name: from, type: bodyField, vendorName: from, vendorType: bodyField }
      - { name: to, type: bodyField, vendorName: to, vendorType: bodyField, required: true }
      - { name: message, type: bodyField, vendorName: text, vendorType: bodyField }
"#;

/// Files, and a script, at a vendor of the tests' own.
const FILES: &str = r#"
name: Test Files
hub: documents
authentication: { type: none }
configuration: [{ key: base.url }]
resources:
  - { method: GET, path: /hubs/documents/lists, paginationType: NO_PAGINATION }
  - { method: POST, path: /hubs/documents/lists, parameters: [{ name: body, type: body, vendorType: body }] }
  - { method: GET, path: "/hubs/documents/no/{id}" }
  - { method: POST, path: /hubs/documents/silent, parameters: [{ name: body, type: body, vendorType: body }] }
  - method: POST
    path: /hubs/documents/never
    parameters: [{ name: file, type: multipart, vendorName: upload, vendorType: multipart, required: true }]
  - { method: GET, path: /hubs/documents/large, paginationType: NO_PAGINATION }
  - method: POST
    path: /hubs/documents/hooked
    parameters: [{ name: body, type: body, vendorType: body }]
    hooks: [{ type: preRequest, body: "done({ continue: false, response_body: { length: request_body.text.length } });" }]
  - method: GET
    path: /hubs/documents/large-hooked
    vendorPath: /large
    paginationType: NO_PAGINATION
    hooks: [{ type: postRequest, body: "done({ response_body: { length: response_body_raw.length } });" }]
  - { method: GET, path: /hubs/documents/file, response: { contentType: application/pdf } }
  - { method: GET, path: /hubs/documents/silent, paginationType: NO_PAGINATION }
  - method: POST
    path: /hubs/documents/files
    parameters:
      - { name: file, type: multipart, vendorName: upload, vendorType: multipart, required: true }
      - { name: note, type: multipart, vendorName: note, vendorType: multipart }
  - method: GET
    path: /hubs/documents/scripted/{id}
    hooks:
      - type: preRequest
        body: |
          if (request_path_variables.id === 'none') {
            done({ response_error: 'there is none', response_status_code: 409 });
          } else {
            done({ continue: false, response_body: { id: request_path_variables.id, a: request_parameters.a } });
          }
      - type: postRequest
        body: "done({ response_body: Object.assign({}, response_body, { method: request_method }) });"
"#;

/// A server whose catalog has the tests' elements too.
pub(super) struct Hubs {
    pub(super) platform: Platform,
    _catalog: TempDir,
}

/// An instance, called with its token.
pub(super) struct Instance<'a> {
    platform: &'a Platform,
    pub(super) id: i64,
    pub(super) authorization: String,
}

impl Hubs {
    pub(super) async fn start() -> Self {
        Self::with(&[]).await
    }

    /// The same with further settings.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let catalog = TempDir::new().expect("a directory");
        for (key, text) in [("testcrm", CRM), ("testact", ACT), ("testsms", SMS), ("testfiles", FILES)] {
            let folder = catalog.path().join(key);
            std::fs::create_dir(&folder).expect("a folder");
            std::fs::write(folder.join("element.yaml"), text.replace("&list\n", "\n")).expect("a file");
        }
        let directories = catalog.path().display().to_string();
        let mut pairs = vec![("catalog__directories", directories.as_str()), ("egress__allow", "127.0.0.0/8")];
        pairs.extend(settings);
        let platform = Platform::with(&pairs).await;
        Self { platform, _catalog: catalog }
    }

    pub(super) async fn crm(&self) -> Instance<'_> {
        self.provision("testcrm", self.platform.configuration("oraclesalescloud")).await
    }

    pub(super) async fn act(&self) -> Instance<'_> {
        self.provision("testact", self.platform.configuration("actpremium")).await
    }

    pub(super) async fn sms(&self) -> Instance<'_> {
        let infobip = self.platform.configuration("infobip");
        let configuration = json!({
            "username": infobip["messaging.sms.infobip.username"],
            "password": infobip["messaging.sms.infobip.password"],
            "base.url": infobip["base.url"],
        });
        self.provision("testsms", configuration).await
    }

    pub(super) async fn files(&self, vendor: std::net::SocketAddr) -> Instance<'_> {
        self.provision("testfiles", json!({ "base.url": format!("http://{vendor}") })).await
    }

    async fn provision(&self, element: &str, configuration: Value) -> Instance<'_> {
        let request = json!({ "element": { "key": element }, "configuration": configuration, "name": element });
        let made = self.platform.post("/instances", &request).await.ok();
        let token = made["token"].as_str().expect("a token");
        let authorization = format!("User {}, Element {token}", self.platform.user);
        Instance { platform: &self.platform, id: made["id"].as_i64().expect("an id"), authorization }
    }
}

impl Instance<'_> {
    /// Any answer to a hub call names the instance.
    pub(super) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let answer = self.platform.send_as(&self.authorization, method, path, body).await;
        assert_eq!(
            answer.header("elements-element-instance-id"),
            self.id.to_string(),
            "{method} {path}: {}",
            answer.text
        );
        answer
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    /// An account, and its key.
    pub(super) async fn account(&self, name: &str) -> String {
        let made = self.post("/hubs/crm/accounts", &json!({ "OrganizationName": name })).await.ok();
        made["PartyNumber"].as_str().expect("a key").to_owned()
    }
}

/// One member of each record.
pub(super) fn each(records: &Value, member: &str) -> Vec<String> {
    let records = records.as_array().expect("a list").iter();
    records.map(|record| record[member].as_str().unwrap_or_default().to_owned()).collect()
}
