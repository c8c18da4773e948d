//! Calls of described operations: a small service that describes itself, and descriptions that are hostile.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::join_all;
use ligand_element::{CallerBody, CallerRequest, Element, Method};
use serde_json::{Value, json};

use super::{
    calls::{Shelf, hub_call},
    configured, element, engine, options, serve,
};
use crate::{Content, Engine, Failure, Options, session::standing_in};

const WSDL: &str = include_str!("../../../../ligand-soap/src/samples/library.wsdl");
const BOOKS: &str = include_str!("../../../../ligand-soap/src/samples/books.xsd");
const PARTS: &str = include_str!("../../../../ligand-soap/src/samples/parts.xsd");

const DEFINITION: &str = r#"
name: Library
hub: general
protocolType: soap
authentication: { type: wsSecurity }
soap:
  wsdl: "{endpoint}?wsdl"
  headers: { clientHeader: { appID: Test }, otherHeader: {} }
configuration:
  - { key: endpoint, name: E }
  - { key: username }
  - { key: password }
resources:
  - method: POST
    path: /books
    operation: Store
    vendorPath: "{endpoint}"
    message:
      rnthings: [{ "@body": true, "@type": Book }]
    rootKey: "|rnthings[0]"
    parameters: [{ name: body, type: body, vendorType: no-op, required: true }]
  - method: GET
    path: /books
    operation: Store
    vendorPath: "{endpoint}"
    message: { rnthings: [{ "@type": Book }] }
    rootKey: "|rnthings"
"#;

const STORED: &str = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body>\
    <m:StoreResponse xmlns:m='urn:library:messages' xmlns:b='urn:library:books' \
    xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><m:RNThings i:type='b:Book'><b:Title>T</b:Title>\
    </m:RNThings></m:StoreResponse></e:Body></e:Envelope>";
const REFUSED: &str = "<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'><e:Body><e:Fault>\
    <faultcode>e:Client</faultcode><faultstring>not that version</faultstring></e:Fault></e:Body></e:Envelope>";

/// The service: what it describes, what it was asked, and what it was sent.
#[derive(Default)]
struct Library {
    /// Replaces text in the description.
    edit: Mutex<Option<(&'static str, &'static str)>>,
    /// How many documents are edited; all, when it says nothing.
    edits: Option<u32>,
    descriptions: AtomicU32,
    unchanged: AtomicU32,
    sent: Mutex<Vec<(HeaderMap, String)>>,
    refuses: Mutex<Option<&'static str>>,
    slow: bool,
}

impl Library {
    fn document(&self, query: &str, host: &str) -> Option<String> {
        let text = match query {
            "wsdl" => WSDL,
            "xsd=books" => BOOKS,
            "" => PARTS,
            _ => return None,
        };
        let text = text.replace("http://library.test", &format!("http://{host}"));
        let edits = self.edits.is_none_or(|edits| self.descriptions.load(Ordering::SeqCst) <= edits);
        Some(match *self.edit.lock().unwrap() {
            Some((old, new)) if edits => text.replace(old, new),
            _ => text,
        })
    }
}

async fn describe(State(library): State<Arc<Library>>, request: Request) -> Response {
    library.descriptions.fetch_add(1, Ordering::SeqCst);
    if library.slow {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let host = request.headers()[header::HOST].to_str().unwrap();
    let Some(text) = library.document(request.uri().query().unwrap_or_default(), host) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{}-{}\"", text.len(), text.contains("do-store"));
    if request.headers().get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str()) {
        library.unchanged.fetch_add(1, Ordering::SeqCst);
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([(header::ETAG, tag), (header::CONTENT_TYPE, "text/xml".to_owned())], text).into_response()
}

async fn store(State(library): State<Arc<Library>>, request: Request) -> Response {
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let refuses = library.refuses.lock().unwrap().is_some_and(|word| body.contains(word));
    library.sent.lock().unwrap().push((headers, body));
    let (status, text) = if refuses { (500, REFUSED) } else { (200, STORED) };
    (StatusCode::from_u16(status).unwrap(), [(header::CONTENT_TYPE, "text/xml")], text).into_response()
}

async fn start(library: Library) -> (Arc<Library>, String) {
    let library = Arc::new(library);
    let router = Router::new().route("/parts.xsd", get(describe)).route("/soap", get(describe).post(store));
    let router = router.with_state(Arc::clone(&library));
    (library, format!("{}/soap", serve(router).await))
}

fn book(body: Value) -> CallerRequest {
    CallerRequest { method: Method::Post, body: CallerBody::Json(body), ..standing_in() }
}

async fn call(engine: &Engine, endpoint: &str, resource: usize, request: &CallerRequest) -> Result<Value, Failure> {
    let definition: Element = element("library", DEFINITION);
    let sent = json!({ "endpoint": endpoint, "username": "bob", "password": "a<b" });
    let configuration = configured(&definition, &sent);
    let shelf = Shelf::new(configuration.clone());
    let reply = engine.call(hub_call(&definition, resource, request, &configuration, &shelf)).await?;
    match reply.content {
        Content::Json(body) => Ok(body),
        Content::List(_) | Content::File(_) => panic!("values are expected"),
    }
}

#[tokio::test]
async fn a_message_travels_as_the_service_describes_it() {
    let (library, endpoint) = start(Library::default()).await;
    let engine = engine();
    let made = call(&engine, &endpoint, 0, &book(json!({ "title": "A & B", "pages": 7 }))).await.unwrap();
    assert_eq!(made, json!({ "title": "T" }));
    assert_eq!(call(&engine, &endpoint, 1, &standing_in()).await.unwrap(), json!([{ "title": "T" }]));
    assert_eq!(library.descriptions.load(Ordering::SeqCst), 3, "each document once");
    let (headers, body) = library.sent.lock().unwrap()[0].clone();
    assert_eq!(
        (&headers["soapaction"], &headers["content-type"]),
        (&"\"do-store\"".parse().unwrap(), &"text/xml; charset=utf-8".parse().unwrap())
    );
    for part in ["Book\"", ">A &amp; B<", "AppID>Test<", "Username>bob<", "a&lt;b", "ClientHeader"] {
        assert!(body.contains(part), "{part}: {body}");
    }
    assert!(!body.contains("otherHeader"), "{body}");
}

#[tokio::test]
async fn what_the_description_does_not_know_is_refused() {
    let (library, endpoint) = start(Library::default()).await;
    let engine = engine();
    for (body, told) in [
        (json!({ "sheep": 1 }), "The body does not fit: sheep is not known"),
        (json!({ "pages": "many" }), "The body does not fit: pages is not of the type integer"),
        (json!({ "@example": 9 }), "@example is not of the type a small whole number"),
        (json!([]), "The body must be a JSON object"),
    ] {
        let failure = call(&engine, &endpoint, 0, &book(body)).await.unwrap_err();
        assert_eq!(failure.to_string(), told);
    }
    assert!(library.sent.lock().unwrap().is_empty());
}

#[tokio::test]
async fn one_caller_fetches_for_all() {
    let (library, endpoint) = start(Library { slow: true, ..Library::default() }).await;
    let engine = engine();
    let request = standing_in();
    let calls = (0..20).map(|_| call(&engine, &endpoint, 1, &request));
    assert!(join_all(calls).await.into_iter().all(|outcome| outcome.is_ok()));
    assert_eq!(library.descriptions.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_vendor_that_has_changed_is_asked_again() {
    let (library, endpoint) = start(Library::default()).await;
    let engine = engine();
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap();
    // A new member, which the old description does not know.
    *library.edit.lock().unwrap() = Some(("name=\"Pages\"", "name=\"Leaves\""));
    call(&engine, &endpoint, 0, &book(json!({ "leaves": 3 }))).await.unwrap();
    assert!(library.sent.lock().unwrap().last().unwrap().1.contains("Leaves>3<"));
    call(&engine, &endpoint, 0, &book(json!({ "pages": 3 }))).await.unwrap_err();
}

#[tokio::test]
async fn a_refused_form_is_sent_again_only_when_the_description_has_changed() {
    let (library, endpoint) = start(Library::default()).await;
    let engine = engine();
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap();
    *library.refuses.lock().unwrap() = Some("urn:library:books\"");
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap_err();
    assert_eq!((library.sent.lock().unwrap().len(), library.unchanged.load(Ordering::SeqCst)), (2, 3));
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap_err();
    assert_eq!(library.unchanged.load(Ordering::SeqCst), 3, "doubts are heard once in a while only");

    let other = Engine::new(options());
    *library.refuses.lock().unwrap() = None;
    call(&other, &endpoint, 1, &standing_in()).await.unwrap();
    *library.refuses.lock().unwrap() = Some("urn:library:messages\"");
    *library.edit.lock().unwrap() = Some(("urn:library:messages", "urn:library:messages:v2"));
    let before = library.sent.lock().unwrap().len();
    // The old messages are refused, the new ones taken; the stub goes on to answer in the old namespace.
    let failure = call(&other, &endpoint, 1, &standing_in()).await.unwrap_err();
    assert!(matches!(failure, Failure::Malformed(_)), "{failure:?}");
    assert_eq!(library.sent.lock().unwrap().len(), before + 2);
    assert!(library.sent.lock().unwrap().last().unwrap().1.contains("urn:library:messages:v2"));
}

#[tokio::test]
async fn what_was_done_is_not_done_again() {
    // The service answers otherwise than it described itself at first.
    let edit = Mutex::new(Some(("urn:library:messages", "urn:library:messages:v2")));
    let (library, endpoint) = start(Library { edit, edits: Some(3), ..Library::default() }).await;
    let made = call(&engine(), &endpoint, 0, &book(json!({ "title": "T" }))).await.unwrap();
    assert_eq!((made, library.sent.lock().unwrap().len()), (json!({ "title": "T" }), 1));
}

#[tokio::test(start_paused = true)]
async fn a_description_is_revalidated_after_a_while() {
    // Time moves by itself while nothing else is to be done, so this one waits for nothing that takes time.
    let (library, endpoint) = start(Library::default()).await;
    let engine = engine();
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap();
    tokio::time::advance(Duration::from_secs(16 * 60)).await;
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap();
    assert_eq!((library.descriptions.load(Ordering::SeqCst), library.unchanged.load(Ordering::SeqCst)), (6, 3));
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap();
    assert_eq!(library.descriptions.load(Ordering::SeqCst), 6);
}

/// What comes of a call when the description is this.
async fn described_by(document: impl IntoResponse + Clone + Send + Sync + 'static) -> Failure {
    let router = Router::new().fallback(async move || document.clone());
    let endpoint = format!("{}/soap", serve(router).await);
    let engine = Engine::new(Options { total_timeout: Duration::from_secs(5), ..options() });
    call(&engine, &endpoint, 1, &standing_in()).await.unwrap_err()
}

fn definitions(inside: &str) -> String {
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:x='http://www.w3.org/2001/XMLSchema' \
         xmlns:t='urn:t'><w:types><x:schema targetNamespace='urn:t'>{inside}</x:schema></w:types></w:definitions>"
    )
}

#[tokio::test]
async fn hostile_descriptions_fail_their_call_alone() {
    let circular = definitions(
        "<x:complexType name='A'><x:complexContent><x:extension base='t:B'/></x:complexContent></x:complexType>\
         <x:complexType name='B'><x:complexContent><x:extension base='t:A'/></x:complexContent></x:complexType>",
    );
    let expanding = "<!DOCTYPE d [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>".to_owned() + &definitions("&b;");
    let external = "<!DOCTYPE d SYSTEM 'file:///etc/passwd'>".to_owned() + &definitions("");
    let everywhere: String =
        (0..80).map(|number| format!("<x:import namespace='urn:{number}' schemaLocation='?xsd={number}'/>")).collect();
    let inward = definitions("<x:import namespace='urn:o' schemaLocation='http://10.0.0.1/secret.xsd'/>");
    let file = definitions("<x:import namespace='urn:o' schemaLocation='file:///etc/passwd'/>");
    let deep = "<a>".repeat(100_000);
    let malformed = [
        "<html><body>Welcome</body></html>".to_owned(),
        "not XML at all".to_owned(),
        String::new(),
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'>".to_owned(),
        circular,
        expanding,
        external,
        definitions(&everywhere),
        file,
        deep,
        definitions("<x:element name='e' type='t:Missing'/>"),
    ];
    for document in malformed {
        let shown: String = document.chars().take(200).collect();
        let failure = described_by(document).await;
        assert!(matches!(failure, Failure::Malformed(_)), "{failure:?}: {shown}");
    }
    assert_eq!(described_by(inward).await, Failure::EgressRefused);
    assert_eq!(described_by(" ".repeat(9 << 20)).await, Failure::TooLarge);
    // It has no operation of the name that is asked for.
    assert!(matches!(described_by(definitions("")).await, Failure::Plan(_)));
}

#[tokio::test]
async fn what_is_no_description_is_not_asked_for_again_at_once() {
    for document in ["<html><body>Welcome</body></html>".to_owned(), " ".repeat(9 << 20)] {
        let asked = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&asked);
        let router = Router::new().fallback(async move || {
            counted.fetch_add(1, Ordering::SeqCst);
            document.clone()
        });
        let endpoint = format!("{}/soap", serve(router).await);
        let engine = engine();
        let first = call(&engine, &endpoint, 1, &standing_in()).await.unwrap_err();
        assert_eq!(call(&engine, &endpoint, 1, &standing_in()).await, Err(first));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn descriptions_are_only_taken_from_where_they_should_be() {
    let refused = described_by((StatusCode::NOT_FOUND, "gone")).await;
    assert!(matches!(refused, Failure::Malformed(_)), "{refused:?}");
    let failed = described_by((StatusCode::INTERNAL_SERVER_ERROR, "oops")).await;
    assert!(matches!(failed, Failure::VendorFault { .. }), "{failed:?}");
    let elsewhere = (StatusCode::FOUND, [(header::LOCATION, "http://elsewhere.invalid/soap?wsdl")], "");
    let redirected = described_by(elsewhere).await;
    assert!(matches!(redirected, Failure::Malformed(_)), "{redirected:?}");
}

#[tokio::test]
async fn a_slow_description_ends_with_the_call() {
    let router = Router::new().fallback(async || {
        std::future::pending::<()>().await;
        ""
    });
    let endpoint = format!("{}/soap", serve(router).await);
    let engine = Engine::new(Options { total_timeout: Duration::from_millis(50), ..options() });
    assert_eq!(call(&engine, &endpoint, 1, &standing_in()).await, Err(Failure::TimedOut));
}
