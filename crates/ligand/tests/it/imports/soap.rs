//! SOAP services: converted out of their descriptions, posted unchanged, and called through the hub at once.

use std::net::SocketAddr;

use axum::{Router, body::to_bytes, extract::Request};
use serde_json::{Value, json};

use super::convert;
use crate::harness::{Client, Platform};

const WSDL: &str = include_str!("../../../../ligand-import/src/soap/samples/orders.wsdl");
const DATA: &str = include_str!("../../../../ligand-import/src/soap/samples/data.xsd");
const BASE: &str = include_str!("../../../../ligand-import/src/soap/samples/base.xsd");

/// A vendor that answers orders and counts, and tells the envelope it was sent when it does not know it.
async fn vendor() -> SocketAddr {
    let answer = async |request: Request| {
        let action = request.headers().get("soapaction").map(|value| value.to_str().expect("text").to_owned());
        let path = request.uri().path().to_owned();
        let body = to_bytes(request.into_body(), 1 << 20).await.expect("a body");
        let sent = String::from_utf8(body.to_vec()).expect("text");
        let body = match (path.as_str(), action.as_deref()) {
            ("/soap", Some("\"urn:orders#Find\"")) if sent.contains(":Label>") => {
                "<FindResponse xmlns='urn:orders'><FindResult xmlns:d='urn:orders:data'><d:Order><ID xmlns='urn:orders:base'>7</ID>\
                 <d:State>open</d:State><d:Lines><d:Line urgent='1'><d:Item>bolt</d:Item><d:Count>2</d:Count></d:Line></d:Lines>\
                 <d:Depots>1 2</d:Depots></d:Order></FindResult></FindResponse>"
                    .to_owned()
            }
            ("/soap", Some("\"\"")) => String::new(),
            ("/stock", Some("\"urn:stock#Count\"")) if sent.contains("<item>bolt</item><depots>1 2</depots></n0:Count>") => {
                "<x:AnyName xmlns:x='urn:stock'><count>5</count><as-of>2026-01-02T03:04:05Z</as-of></x:AnyName>".to_owned()
            }
            _ => {
                let sent = sent.replace('&', "&amp;").replace('<', "&lt;");
                format!("<e:Fault><faultcode>e:Client</faultcode><faultstring>{action:?} {sent}</faultstring></e:Fault>")
            }
        };
        let envelope = format!(
            "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>{body}</e:Body></e:Envelope>"
        );
        ([("content-type", "text/xml")], envelope)
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    address
}

/// Posts what was converted, and provisions it.
async fn provisioned(platform: &Platform, mut definition: Value, configuration: &Value) -> String {
    definition["key"] = json!("converted");
    platform.post("/elements", &definition).await.ok();
    let request = json!({ "element": { "key": "converted" }, "configuration": configuration, "name": "converted" });
    let made = platform.post("/instances", &request).await.ok();
    format!("User {}, Element {}", platform.user, made["token"].as_str().expect("a token"))
}

#[tokio::test]
async fn services_of_all_styles_work_at_once() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
    let vendor = vendor().await;
    let parts = [("orders.wsdl", WSDL), ("data.xsd", DATA), ("base.xsd", BASE)];
    let definition = convert(&platform, "?type=soap", &parts).await.ok();
    let configuration = json!({
        "base.url": format!("http://{vendor}/soap"), "StockService.url": format!("http://{vendor}/stock"),
        "Ticket.SessionId": "planted-ticket",
    });
    let token = provisioned(&platform, definition, &configuration).await;
    let call = async |path: &str, body: Value| platform.send_as(&token, "POST", path, Some(&body)).await;

    let found = call("/hubs/general/Find", json!({ "label": "a<b", "state": "open" })).await.ok();
    let order = json!({ "id": 7, "state": "open", "lines": [{ "urgent": true, "item": "bolt", "count": 2 }], "depots": [1, 2] });
    assert_eq!(found, json!({ "findResult": [order] }));
    let counted = call("/hubs/general/Count", json!({ "item": "bolt", "depots": [1, 2] })).await.ok();
    assert_eq!(counted, json!({ "count": 5, "as-of": "2026-01-02T03:04:05Z" }));
    platform.send_as(&token, "POST", "/Ping", None).await.ok();

    let refused = call("/Find", json!({ "state": "open" })).await.error(400);
    assert!(refused.contains("number or label is required"), "{refused}");
    let refused = call("/Find", json!({ "number": 1, "state": "lost" })).await.error(400);
    assert!(refused.contains("state"), "{refused}");
    let fault = call(
        "/Store",
        json!({
            "state": "done", "replaces": { "state": "open" }, "payment": { "@type": "Card", "number": "4" },
        }),
    )
    .await;
    let sent = fault.json()["providerMessage"].as_str().expect("the vendor's words").to_owned();
    assert!(sent.contains(":Card\"><n1:Number>4</n1:Number>") && sent.contains("Replaces"), "{sent}");
    assert!(sent.starts_with("Some(\"\\\"urn:orders#Store"), "{sent}");
    let fault = call("/Find", json!({ "number": 3 })).await;
    assert_eq!(fault.status, 400);
    assert!(!fault.json().to_string().contains("planted-ticket"), "the header is a secret");
}

#[tokio::test]
async fn a_service_with_its_whole_description_works_at_once() {
    let platform = Platform::start().await;
    let known = platform.configuration("servicecloud");
    let address = known["helpdesk.servicecloud.endpointurl"].as_str().expect("text").replace("?wsdl", "");
    let url = url::Url::parse(&address).expect("an address");
    let vendor = Client::new(url.socket_addrs(|| None).expect("an address")[0], String::new());
    let fetch = async |address: &str| {
        let path = address.split_once("://").and_then(|(_, rest)| rest.split_once('/')).expect("a path").1;
        let answer = vendor.raw("GET", &format!("/{path}"), &[], "".into()).await;
        answer.expect("an answer").text
    };
    let mut documents = vec![("service.wsdl".to_owned(), fetch(&format!("{address}?wsdl")).await)];
    let mut at = 0;
    while at < documents.len() {
        let text = documents[at].1.clone();
        for location in text.split("schemaLocation=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let location = location.replace("&amp;", "&");
            if !documents.iter().any(|(name, _)| *name == location) {
                let text = fetch(&location).await;
                documents.push((location, text));
            }
        }
        at += 1;
    }
    let parts: Vec<(&str, &str)> = documents.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut definition = convert(&platform, "?type=wsdl&operationId=Get&operationId=Create", &parts).await.ok();
    definition["authentication"] = json!({ "type": "wsSecurity" });
    let configuration = json!({
        "base.url": address, "ClientInfoHeader.AppID": "imported",
        "username": known["helpdesk.servicecloud.username"], "password": known["helpdesk.servicecloud.password"],
    });
    let token = provisioned(&platform, definition, &configuration).await;
    let made = platform
        .send_as(
            &token,
            "POST",
            "/Create",
            Some(&json!({
                "rnobjects": [{ "@type": "Contact", "name": { "first": "Ann", "last": "Lee" } }],
                "processingOptions": { "suppressExternalEvents": false, "suppressRules": false },
            })),
        )
        .await
        .ok();
    let id = made["rnobjectsResult"]["rnobjects"][0]["id"]["id"].clone();
    assert!(id.is_i64(), "{made}");
    let read = platform
        .send_as(
            &token,
            "POST",
            "/Get",
            Some(&json!({
                "rnobjects": [{ "@type": "Contact", "id": { "id": id }, "name": {} }],
                "processingOptions": { "fetchAllNames": false },
            })),
        )
        .await
        .ok();
    assert_eq!(read["rnobjectsResult"]["rnobjects"][0]["name"], json!({ "first": "Ann", "last": "Lee" }));
}
