//! Vendors' own descriptions: converted over HTTP, then used at once against a small vendor.

mod soap;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{Router, extract::Request};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::harness::{API, Answer, Platform};

const BOUNDARY: &str = "edge-of-parts";

const SHOP: &str = r##"
openapi: 3.0.3
info: { title: "My Shop: 2", version: "1" }
servers: [{ url: "http://shop.invalid" }]
security: [{ key: [] }]
paths:
  /api/v1/orders:
    get:
      operationId: listOrders
      parameters:
        - { name: offset, in: query, schema: { type: integer } }
        - { name: limit, in: query, schema: { type: integer, maximum: 2 } }
        - { name: status, in: query, schema: { type: string } }
        - { name: tag, in: query, schema: { type: array, items: { type: string } } }
      responses:
        200:
          content:
            application/json:
              schema: { properties: { total: { type: integer }, orders: { type: array, items: { $ref: "#/components/schemas/Order" } } } }
    post:
      requestBody: { required: true, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses: { 200: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } } }
  /api/v1/orders/{id}:cancel:
    post:
      tags: [rare]
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses: { 204: { description: done } }
components:
  securitySchemes: { key: { type: apiKey, in: header, name: X-Key } }
  schemas: { Order: { properties: { id: { type: integer }, status: { type: string }, parent: { $ref: "#/components/schemas/Order" } } } }
"##;

const METADATA: &str = r#"<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="A.B.Depot.Models" xmlns="http://docs.oasis-open.org/odata/ns/edm"><EntityType Name="Thing">
<Key><PropertyRef Name="Code"/></Key><Property Name="Code" Type="Edm.String"/><Property Name="Size" Type="Edm.Int32"/></EntityType>
<EntityContainer Name="C"><EntitySet Name="Things" EntityType="A.B.Depot.Models.Thing"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>"#;

async fn convert(platform: &Platform, query: &str, parts: &[(&str, &str)]) -> Answer {
    let part = |(name, text): &(&str, &str)| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body: String = parts.iter().map(part).chain([format!("--{BOUNDARY}--\r\n")]).collect();
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let authorization = platform.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", content_type.as_str())];
    platform.raw("POST", &format!("{API}/elements/convert{query}"), &headers, body).await
}

/// What a vendor was asked.
type Asked = Arc<Mutex<Vec<String>>>;

/// A vendor of three orders and one thing.
async fn vendor() -> (SocketAddr, Asked) {
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let answer = move |request: Request| {
        let line = format!("{} {} {:?}", request.method(), request.uri(), request.headers().get("x-key"));
        log.lock().expect("no panic").push(line);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let path = request.uri().path().to_owned();
        async move {
            let number = |name: &str| {
                let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
                pair.and_then(|text| text.parse::<usize>().ok()).unwrap_or(0)
            };
            let orders = (1..=3).map(|id| json!({ "id": id, "status": "open" }));
            let body = match path.as_str() {
                "/api/v1/orders" => {
                    let page: Vec<Value> = orders.skip(number("offset")).take(number("limit")).collect();
                    json!({ "total": 3, "orders": page })
                }
                "/Things" => json!({ "value": [{ "Code": "a'b", "Size": 1 }] }),
                _ => json!({ "done": true }),
            };
            ([("content-type", "application/json")], body.to_string())
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (address, asked)
}

#[tokio::test]
async fn documents_become_definitions() {
    let platform = Platform::start().await;
    let shop = convert(&platform, "?type=swagger", &[("shop.yaml", SHOP)]).await.ok();
    assert_eq!(shop["name"], "My Shop: 2");
    assert_eq!(shop["authentication"], json!({ "type": "apiKey" }));
    assert_eq!(shop["resources"].as_array().expect("a list").len(), 3);
    let chosen = convert(&platform, "?type=swagger&tag=rare&remarks=true", &[("shop.yaml", SHOP)]).await;
    let chosen = chosen.ok();
    assert_eq!(chosen["element"]["resources"][0]["path"], "/orders/{id}/cancel");
    assert!(chosen["remarks"].is_array());
    let depot = convert(&platform, "?type=odata", &[("metadata.xml", METADATA)]).await;
    assert!(depot.header("elements-error").contains("base.url has to be given"), "{:?}", depot.headers);
    let depot = depot.ok();
    assert_eq!((&depot["name"], &depot["resources"][0]["path"]), (&json!("Depot"), &json!("/Things")));
}

#[tokio::test]
async fn what_cannot_be_converted_is_refused() {
    let platform = Platform::start().await;
    let refused = [
        ("", SHOP, "The query parameter type is missing"),
        ("?type=raml", SHOP, "The type raml is not one of swagger, odata, soap"),
        ("?type=swagger", "{\"openapi\":", "file.x: not JSON at line 1 column 11"),
        ("?type=swagger", METADATA, "file.x: not valid YAML"),
        ("?type=odata", SHOP, "file.x is not OData metadata in XML"),
        ("?type=swagger&path=/none", SHOP, "The document has no operation that is chosen"),
    ];
    for (query, text, message) in refused {
        let answer = convert(&platform, query, &[("file.x", text)]).await.error(400);
        assert!(answer.starts_with(message) || message.contains("YAML"), "{query}: {answer}");
    }
    assert_eq!(convert(&platform, "?type=swagger", &[]).await.error(400), "The part file is missing");
    let plain = platform.post("/elements/convert?type=swagger", &json!({})).await;
    assert!(plain.error(415).contains("multipart/form-data"));
    let anonymous = platform.raw("POST", &format!("{API}/elements/convert?type=swagger"), &[], "").await;
    anonymous.error(401);
}

#[tokio::test]
async fn imported_elements_work_at_once() {
    let first = Platform::start().await;
    let catalog = TempDir::new().expect("a directory");
    for (key, kind, text) in [("shop", "swagger", SHOP), ("depot", "odata", METADATA)] {
        let definition = convert(&first, &format!("?type={kind}"), &[("document", text)]).await.ok();
        let folder = catalog.path().join(key);
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("element.yaml"), definition.to_string()).expect("a file");
    }
    let directories = catalog.path().display().to_string();
    let pairs = [("catalog__directories", directories.as_str()), ("egress__allow", "127.0.0.0/8")];
    let platform = Platform::with(&pairs).await;
    let (vendor, asked) = vendor().await;
    let asked_last = || asked.lock().expect("no panic").pop().expect("a request");
    let provision = async |key: &str, further: Value| {
        let mut configuration = json!({ "base.url": format!("http://{vendor}") });
        configuration.as_object_mut().expect("an object").extend(further.as_object().expect("an object").clone());
        let request = json!({ "element": { "key": key }, "configuration": configuration, "name": key });
        let made = platform.post("/instances", &request).await.ok();
        format!("User {}, Element {}", platform.user, made["token"].as_str().expect("a token"))
    };

    let shop = provision("shop", json!({ "api.key": "planted-key" })).await;
    let page = platform.send_as(&shop, "GET", "/hubs/general/orders?pageSize=2", None).await;
    let next = page.header("elements-next-page-token").to_owned();
    assert_eq!(page.ok().as_array().expect("a list").len(), 2);
    assert_eq!(asked_last(), "GET /api/v1/orders?offset=0&limit=2 Some(\"planted-key\")");
    let page = platform.send_as(&shop, "GET", &format!("/hubs/general/orders?pageSize=2&nextPage={next}"), None).await;
    assert_eq!(page.ok(), json!([{ "id": 3, "status": "open" }]));
    let open = platform.send_as(&shop, "GET", "/hubs/general/orders?where=status='open'", None).await;
    open.ok();
    assert_eq!(asked_last(), "GET /api/v1/orders?offset=0&limit=2&status=open Some(\"planted-key\")");
    let own = "/hubs/general/orders?where=status='open'%20AND%20id%3E2&tag=a&tag=b%20c";
    let rest = platform.send_as(&shop, "GET", own, None).await;
    assert_eq!(rest.ok(), json!([{ "id": 3, "status": "open" }]), "what has no parameter is evaluated here");
    let line = asked_last();
    assert!(line.ends_with("&tag=a&tag=b+c&status=open Some(\"planted-key\")"), "{line}");
    platform.send_as(&shop, "POST", "/hubs/general/orders/7%2F8/cancel", None).await.ok();
    assert_eq!(asked_last(), "POST /api/v1/orders/7%2F8:cancel Some(\"planted-key\")");
    let objects = platform.send_as(&shop, "GET", "/hubs/general/objects", None).await.ok();
    assert_eq!(objects, json!(["orders"]));
    let fields = platform.send_as(&shop, "GET", "/hubs/general/objects/orders/metadata", None).await.ok();
    assert!(fields["fields"].as_array().expect("fields").iter().any(|field| field["path"] == "status"), "{fields}");

    let depot = provision("depot", json!({})).await;
    let found = platform.send_as(&depot, "GET", "/hubs/general/Things?where=Size%3E0%20AND%20Other='x'", None).await;
    assert_eq!(found.ok(), json!([]), "what the service does not know is evaluated here");
    let line = asked_last();
    assert!(line.contains("%24filter=Size+gt+0") && !line.contains("Other"), "{line}");
    platform.send_as(&depot, "GET", "/hubs/general/Things/a'b", None).await.ok();
    assert!(asked_last().starts_with("GET /Things(%27a%27%27b%27)"));
}

#[tokio::test]
async fn what_was_converted_becomes_an_element_as_it_is() {
    let platform = Platform::start().await;
    for (kind, document) in [("swagger", SHOP), ("odata", METADATA)] {
        let mut definition = convert(&platform, &format!("?type={kind}"), &[("document", document)]).await.ok();
        definition["key"] = json!("converted");
        let made = platform.post("/elements", &definition).await.ok();
        for member in ["name", "description", "authentication", "configuration", "resources"] {
            assert!(!made[member].is_null(), "{member} of {kind}");
        }
        assert_eq!(made["resources"].as_array().map(Vec::len), definition["resources"].as_array().map(Vec::len));
        assert_eq!(platform.get("/elements/converted").await.ok(), made);
        platform.send("PUT", "/elements/converted", Some(&definition)).await.ok();
        platform.send("DELETE", "/elements/converted", None).await.ok();
    }
}
