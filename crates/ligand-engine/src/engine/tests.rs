//! Provisioning calls against small servers of this test, and every way in which they fail.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ligand_domain::Configuration;
use ligand_element::{Element, File, Folder, PlanError, load, provision::effective_configuration};
use serde_json::json;

use crate::{Egress, Engine, Failure, Options, session::standing_in};

pub(crate) mod calls;
mod soap;

fn built_in(key: &str) -> Element {
    let path = format!("{}/../../elements/{key}/element.yaml", env!("CARGO_MANIFEST_DIR"));
    element(key, &std::fs::read_to_string(path).unwrap())
}

/// An element out of one text, and the scripts of the built-in one with the key, if there is one.
pub(crate) fn element(key: &str, text: &str) -> Element {
    let mut files = vec![File { path: "element.yaml".to_owned(), text: text.to_owned() }];
    let hooks = format!("{}/../../elements/{key}/hooks", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(hooks).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = format!("hooks/{}", path.file_name().unwrap().to_str().unwrap());
        files.push(File { path: name, text: std::fs::read_to_string(&path).unwrap() });
    }
    load(&Folder { key: key.to_owned(), files }).unwrap()
}

pub(crate) fn options() -> Options {
    Options { egress: Egress::new(vec!["127.0.0.0/8".parse().unwrap()]), ..Options::default() }
}

fn engine() -> Engine {
    Engine::new(options())
}

/// Serves a router on a free port of this machine and gives its address.
pub(crate) async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}")
}

/// Serves one answer for everything.
async fn answering<R: IntoResponse + Clone + Send + Sync + 'static>(answer: R) -> String {
    serve(Router::new().fallback(any(async move || answer.clone()))).await
}

pub(crate) fn configured(element: &Element, sent: &serde_json::Value) -> Configuration {
    effective_configuration(element, sent.as_object(), None).unwrap()
}

fn infobip(base: &str) -> (Element, Configuration) {
    let element = built_in("infobip");
    let sent = json!({
        "messaging.sms.infobip.sender": "+1", "messaging.sms.infobip.username": "bob",
        "messaging.sms.infobip.password": "open sesame", "base.url": base,
    });
    let configuration = configured(&element, &sent);
    (element, configuration)
}

async fn infobip_against(base: &str) -> Result<(), Failure> {
    let (element, mut configuration) = infobip(base);
    engine().validate(&element, &mut configuration, &[], None).await
}

fn rejected(status: u16, message: Option<&str>) -> Failure {
    Failure::Rejected { status, provider_message: message.map(str::to_owned), retry_after_seconds: None }
}

#[tokio::test]
async fn basic_authentication_reaches_the_vendor() {
    let balance = async |headers: HeaderMap| {
        // bob:open sesame
        if headers[header::AUTHORIZATION] == "Basic Ym9iOm9wZW4gc2VzYW1l"
            && headers[header::ACCEPT] == "application/json"
        {
            (StatusCode::OK, r#"{"balance":1.5,"currency":"EUR"}"#)
        } else {
            (StatusCode::UNAUTHORIZED, "")
        }
    };
    let base = serve(Router::new().route("/account/1/balance", get(balance))).await;
    assert_eq!(infobip_against(&base).await, Ok(()));
    assert_eq!(infobip_against(&format!("{base}/")).await, Ok(()), "a slash at the seam");
}

#[tokio::test]
async fn refusals_keep_their_status_and_words() {
    let cases = [(401, 401), (403, 403), (404, 404), (409, 409), (402, 400), (422, 400), (451, 400)];
    for (vendor, status) in cases {
        let answer = (StatusCode::from_u16(vendor).unwrap(), r#"{"message":"no way"}"#);
        let base = answering(answer).await;
        assert_eq!(infobip_against(&base).await, Err(rejected(status, Some("no way"))));
    }
}

#[tokio::test]
async fn the_vendors_wait_is_passed_on() {
    let base = answering((StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "7")], "")).await;
    let provider_message = Some("HTTP 429 Too Many Requests".to_owned());
    let failure = Failure::Rejected { status: 429, provider_message, retry_after_seconds: Some(7) };
    assert_eq!(infobip_against(&base).await, Err(failure));
}

#[tokio::test]
async fn vendors_that_fail_are_told_apart_from_those_that_refuse() {
    let base = answering((StatusCode::INTERNAL_SERVER_ERROR, "<html>oops</html>")).await;
    let provider_message = Some("HTTP 500 Internal Server Error".to_owned());
    assert_eq!(infobip_against(&base).await, Err(Failure::VendorFault { provider_message }));
}

#[tokio::test]
async fn secrets_that_the_vendor_echoes_are_taken_out() {
    let echo = async |headers: HeaderMap| {
        let sent = headers[header::AUTHORIZATION].to_str().unwrap().to_owned();
        (StatusCode::BAD_REQUEST, format!("open sesame is wrong, so is {sent} and open+sesame"))
    };
    let base = serve(Router::new().fallback(any(echo))).await;
    let message = "******** is wrong, so is Basic ******** and ********";
    assert_eq!(infobip_against(&base).await, Err(rejected(400, Some(message))));
}

#[tokio::test]
async fn answers_that_are_not_what_was_declared_are_malformed() {
    let page = ([(header::CONTENT_TYPE, "text/html")], "{}");
    let bodies: Vec<Response> = vec![
        "<html></html>".into_response(),
        "{\"balance\":".into_response(),
        "".into_response(),
        page.into_response(),
        vec![b'"', 0xff, b'"'].into_response(),
    ];
    for body in bodies {
        let (parts, body) = body.into_parts();
        let bytes = axum::body::to_bytes(body, 1000).await.unwrap();
        let base = answering((parts.headers, bytes)).await;
        assert!(matches!(infobip_against(&base).await, Err(Failure::Malformed(_))));
    }
}

#[tokio::test]
async fn large_answers_are_not_read_to_their_end() {
    let endless = async || {
        let chunks =
            futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(bytes::Bytes::from_static(&[b' '; 4096])));
        Body::from_stream(chunks)
    };
    let base = serve(Router::new().fallback(any(endless))).await;
    let (element, mut configuration) = infobip(&base);
    let engine = Engine::new(Options { max_response_bytes: 100_000, ..options() });
    assert_eq!(engine.validate(&element, &mut configuration, &[], None).await, Err(Failure::TooLarge));

    let base = answering(vec![b' '; 100_001]).await;
    let (element, mut configuration) = infobip(&base);
    assert_eq!(engine.validate(&element, &mut configuration, &[], None).await, Err(Failure::TooLarge));
}

#[tokio::test]
async fn the_limit_counts_what_compression_hides() {
    /// 300,000 blanks.
    const SMALL: &str = "H4sIAAAAAAACA+3BAQ0AAADCoCrvn9IeDigAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPgx3yofVOCTBAA=";
    let packed = STANDARD.decode(SMALL).unwrap();
    let base = answering(([(header::CONTENT_ENCODING, "gzip")], packed)).await;
    let (element, mut configuration) = infobip(&base);
    let engine = Engine::new(Options { max_response_bytes: 100_000, ..options() });
    assert_eq!(engine.validate(&element, &mut configuration, &[], None).await, Err(Failure::TooLarge));
}

#[test]
fn calls_may_move_between_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (element, mut configuration) = infobip("http://h");
    let engine = engine();
    is_send(&engine.validate(&element, &mut configuration, &[], None));
    let (request, keeper) = (standing_in(), calls::Shelf::new(configuration.clone()));
    is_send(&engine.call(calls::hub_call(&element, 0, &request, &configuration, &keeper)));
}

#[tokio::test]
async fn silent_vendors_time_out() {
    let base = serve(Router::new().fallback(any(std::future::pending::<()>))).await;
    let (element, mut configuration) = infobip(&base);
    let engine = Engine::new(Options { total_timeout: Duration::from_millis(50), ..options() });
    assert_eq!(engine.validate(&element, &mut configuration, &[], None).await, Err(Failure::TimedOut));
}

#[tokio::test]
async fn hosts_without_a_server_are_unreachable() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(infobip_against(&base).await, Err(Failure::Unreachable));
    assert_eq!(infobip_against("http://nowhere.invalid").await, Err(Failure::Unreachable));
}

#[tokio::test]
async fn private_addresses_are_refused_unless_allowed() {
    for base in
        ["http://127.0.0.1:9", "http://localhost:9", "http://2130706433", "http://[::1]", "http://169.254.169.254"]
    {
        let (element, mut configuration) = infobip(base);
        let engine = Engine::new(Options::default());
        assert_eq!(
            engine.validate(&element, &mut configuration, &[], None).await,
            Err(Failure::EgressRefused),
            "{base}"
        );
    }
}

#[tokio::test]
async fn redirects_stay_on_their_host() {
    let there = serve(Router::new().fallback(any(async |headers: HeaderMap| {
        assert!(!headers.contains_key(header::AUTHORIZATION), "credentials went to another host");
        "{}"
    })))
    .await;
    let location = format!("{there}/x");
    let away = (StatusCode::FOUND, [(header::LOCATION, location)], "");
    let base = answering(away).await;
    assert!(matches!(infobip_against(&base).await, Err(Failure::Malformed(_))));

    let inside = (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]);
    let router = Router::new().route("/account/1/balance", get(async move || inside)).route(
        "/elsewhere",
        get(async |headers: HeaderMap| {
            assert!(headers.contains_key(header::AUTHORIZATION));
            "{}"
        }),
    );
    assert_eq!(infobip_against(&serve(router).await).await, Ok(()));

    let circle = answering((StatusCode::FOUND, [(header::LOCATION, "/again")])).await;
    assert!(matches!(infobip_against(&circle).await, Err(Failure::Malformed(_))));
}

#[tokio::test]
async fn what_cannot_be_planned_is_not_sent() {
    assert_eq!(infobip_against("ftp://h").await, Err(Failure::Plan(PlanError::BadUrl("base.url".to_owned()))));
}

const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJ1biI6ImJvYiJ9.c2lnbmF0dXJl";

fn act(address: &str) -> (Element, Configuration) {
    let element = built_in("actpremium");
    let sent = json!({"username": "bob", "password": "open sesame", "act": address, "database": "Sales"});
    let configuration = configured(&element, &sent);
    (element, configuration)
}

#[tokio::test]
async fn act_trades_credentials_for_a_token() {
    let authorize = async |headers: HeaderMap| {
        assert_eq!(headers[header::AUTHORIZATION], "Basic Ym9iOm9wZW4gc2VzYW1l");
        assert_eq!(headers["act-database-name"], "Sales");
        ([(header::CONTENT_TYPE, "text/html")], format!("\"{TOKEN}\"\n"))
    };
    let base = serve(Router::new().route("/act.web.api/authorize", get(authorize))).await;
    for address in [base.clone(), format!("{base}/"), format!("{base}/act.web.api"), format!("{base}/act.web.api/")] {
        let (element, mut configuration) = act(&address);
        assert_eq!(engine().validate(&element, &mut configuration, &[], None).await, Ok(()), "{address}");
        assert_eq!(configuration.get("act.token"), Some(TOKEN));
    }
}

#[tokio::test]
async fn act_refuses_what_is_no_token_and_keeps_nothing_of_it() {
    for body in ["", "<html>sign in</html>", "{}", "a.b.c", "Bearer x"] {
        let (element, mut configuration) = act(&answering(body).await);
        let before = configuration.clone();
        assert!(
            matches!(engine().validate(&element, &mut configuration, &[], None).await, Err(Failure::Malformed(_))),
            "{body}"
        );
        assert!(configuration == before);
    }
}

#[tokio::test]
async fn act_never_calls_its_base_url() {
    let (element, mut configuration) = act("act.example.com/act.web.api");
    let failure = engine().validate(&element, &mut configuration, &[], None).await;
    assert_eq!(failure, Err(Failure::Plan(PlanError::BadUrl("act".to_owned()))));
}

fn service_cloud(address: &str, password: &str) -> (Element, Configuration) {
    let element = built_in("servicecloud");
    let sent = json!({
        "helpdesk.servicecloud.username": "a<b", "helpdesk.servicecloud.password": password,
        "helpdesk.servicecloud.endpointurl": format!("{address}/cgi-bin/site.cfg/services/soap?wsdl"),
    });
    let configuration = configured(&element, &sent);
    (element, configuration)
}

const CHANGED: &str = r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><n0:GetMetaDataLastChangeTimeResponse xmlns:n0="urn:messages.ws.rightnow.com/v1_2"><n0:LastChangeDateTime>2014-03-18T13:39:05Z</n0:LastChangeDateTime></n0:GetMetaDataLastChangeTimeResponse></soapenv:Body></soapenv:Envelope>"#;

/// The description that the element's own tests use.
const DESCRIPTION: &str = include_str!("../../../../elements/servicecloud/tests/service.wsdl");

/// A site that describes itself, and answers every call so.
async fn described(answer: impl IntoResponse + Clone + Send + Sync + 'static) -> String {
    serve(Router::new().fallback(get(async || DESCRIPTION).post(async move || answer.clone()))).await
}

fn fault(code: &str, text: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>\
         <faultcode>s:Server</faultcode><faultstring>{text}</faultstring>\
         <detail><f:RequestErrorFault xmlns:f='urn:faults.ws.rightnow.com/v1_2'>\
         <f:exceptionCode>{code}</f:exceptionCode><f:exceptionMessage>{text}</f:exceptionMessage>\
         </f:RequestErrorFault></detail></s:Fault></s:Body></s:Envelope>"
    )
}

#[tokio::test]
async fn soap_carries_a_username_token() {
    let handler = async |request: Request| {
        assert!(request.uri().query().is_none(), "?wsdl is not part of the calls' address");
        assert_eq!(request.headers()["soapaction"], "\"GetMetaDataLastChangeTime\"");
        assert_eq!(request.headers()[header::CONTENT_TYPE], "text/xml; charset=utf-8");
        let body = axum::body::to_bytes(request.into_body(), 10_000).await.unwrap();
        let tag = crate::xml::parse(std::str::from_utf8(&body).unwrap()).unwrap();
        let find = |name: &str| tag.find(&|tag| tag.local() == name).unwrap().clone();
        assert_eq!(find("Username").text, "a<b");
        assert_eq!(find("Password").text, "p&\"<\u{e9}>");
        assert_eq!(find("AppID").text, "Ligand");
        assert_eq!(tag.child("Header").unwrap().children.len(), 2);
        assert_eq!(
            tag.child("Body").unwrap().children[0].namespace.as_deref(),
            Some("urn:messages.ws.rightnow.com/v1_2")
        );
        ([(header::CONTENT_TYPE, "text/xml")], CHANGED)
    };
    let site = get(async || DESCRIPTION).post(handler);
    let base = serve(Router::new().route("/cgi-bin/site.cfg/services/soap", site)).await;
    let (element, mut configuration) = service_cloud(&base, "p&\"<\u{e9}>");
    assert_eq!(engine().validate(&element, &mut configuration, &[], None).await, Ok(()));
}

#[tokio::test]
async fn faults_mean_what_their_codes_say() {
    let cases = [
        (500, fault("ACCESS_DENIED", "Access Denied"), rejected(401, Some("ACCESS_DENIED - Access Denied"))),
        (200, fault("INVALID_LOGIN", "nope"), rejected(401, Some("INVALID_LOGIN - nope"))),
        (500, fault("INVALID_FIELD", "bad Login"), rejected(400, Some("INVALID_FIELD - bad Login"))),
        (
            500,
            fault("UNKNOWN_EXCEPTION", "ouch"),
            Failure::VendorFault { provider_message: Some("UNKNOWN_EXCEPTION - ouch".to_owned()) },
        ),
        (500, fault("INVALID_FIELD", "got open sesame"), rejected(400, Some("INVALID_FIELD - got ********"))),
    ];
    for (status, body, failure) in cases {
        let base = described((StatusCode::from_u16(status).unwrap(), body)).await;
        let (element, mut configuration) = service_cloud(&base, "open sesame");
        assert_eq!(engine().validate(&element, &mut configuration, &[], None).await, Err(failure));
    }
}

#[tokio::test]
async fn soap_answers_must_be_envelopes() {
    let odd = [
        "<html><body>Welcome</body></html>",
        "",
        "{}",
        "<a><b></a>",
        "<Envelope><Body/></Envelope>",
        "<!DOCTYPE x [<!ENTITY e 'y'>]><s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body/></s:Envelope>",
    ];
    for body in odd {
        let (element, mut configuration) = service_cloud(&described(body).await, "open sesame");
        assert!(
            matches!(engine().validate(&element, &mut configuration, &[], None).await, Err(Failure::Malformed(_))),
            "{body}"
        );
    }
    let base = described((StatusCode::UNAUTHORIZED, "<html></html>")).await;
    let (element, mut configuration) = service_cloud(&base, "open sesame");
    assert_eq!(
        engine().validate(&element, &mut configuration, &[], None).await,
        Err(rejected(401, Some("HTTP 401 Unauthorized")))
    );
}

const CHAINED: &str = r#"
name: Chained
authentication: { type: none }
configuration:
  - { key: base.url, defaultValue: "http://h" }
  - { key: seen, name: Seen }
  - { key: space, name: Space }
resources:
  - { type: provisionAuthValidation, method: GET, path: /one, nextResource: "GET:/two" }
  - type: apiNoDocumentation
    method: GET
    path: /two
    vendorPath: /two/{id}
    parameters:
      - { type: prevBodyField, name: id, vendorType: path, vendorName: id }
      - { type: configuration, name: seen, vendorType: bodyField, vendorName: seen, source: response }
  - type: onProvision
    method: GET
    path: /three
    parameters:
      - { type: configuration, name: seen, vendorType: query, vendorName: seen, required: true }
      - { type: configuration, name: space, vendorType: header, vendorName: X-Space, source: response }
  - { method: GET, path: /c1, nextResource: "GET:/c2" }
  - { method: GET, path: /c2, nextResource: "GET:/c3" }
  - { method: GET, path: /c3, nextResource: "GET:/c4" }
  - { method: GET, path: /c4, nextResource: "GET:/c5" }
  - { method: GET, path: /c5, nextResource: "GET:/c6" }
  - { method: GET, path: /c6 }
"#;

#[tokio::test]
async fn chains_and_on_provision_see_what_came_before() {
    let router = Router::new()
        .route("/one", get(async || r#"{"id":"a/b"}"#))
        .route("/two/a%2Fb", get(async || r#"{"seen":"yes"}"#))
        .route(
            "/three",
            get(async |request: Request| {
                assert_eq!(request.uri().query(), Some("seen=yes"));
                ([("x-space", "outer")], "{}")
            }),
        )
        .fallback(any(async || "{}"));
    let base = serve(router).await;
    let element = element("chained", CHAINED);
    let mut configuration = configured(&element, &json!({ "base.url": base }));
    assert_eq!(engine().validate(&element, &mut configuration, &[], None).await, Ok(()));
    assert_eq!(configuration.get("seen"), Some("yes"));
    assert_eq!(configuration.get("space"), Some("outer"));

    let run = async |path: &str| {
        let index = element.resources().iter().position(|resource| resource.path.ends_with(path)).unwrap();
        let (request, keeper) = (standing_in(), calls::Shelf::new(configuration.clone()));
        engine().call(calls::hub_call(&element, index, &request, &configuration, &keeper)).await
    };
    assert!(run("/c2").await.is_ok());
    assert!(matches!(run("/c1").await, Err(Failure::Plan(PlanError::Unsupported(_)))));
}
