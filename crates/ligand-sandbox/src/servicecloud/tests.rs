//! The Oracle Service Cloud stand-in over HTTP.

use http::{Method, StatusCode};

use super::{PATH, xml};
use crate::harness::{Answer, Harness, wrong};
use crate::options::Account;

const PING: &str = "<m:GetMetaDataLastChangeTime xmlns:m='urn:messages.ws.rightnow.com/v1_2'/>";

fn envelope(account: &Account, body: &str) -> String {
    let escape = |text: &str| quick_xml::escape::escape(text).into_owned();
    format!(
        "<?xml version='1.0' encoding='utf-8'?><e:Envelope xmlns:e='{}'><e:Header>\
         <m:ClientInfoHeader xmlns:m='urn:messages.ws.rightnow.com/v1_2'><m:AppID>test</m:AppID></m:ClientInfoHeader>\
         <w:Security xmlns:w='{}'><w:UsernameToken><w:Username>{}</w:Username><w:Password>{}</w:Password>\
         </w:UsernameToken></w:Security></e:Header><e:Body>{body}</e:Body></e:Envelope>",
        super::SOAP,
        super::envelope::WSSE,
        escape(&account.username),
        escape(&account.password),
    )
}

async fn post(sandbox: &Harness, action: &str, document: &str) -> Answer {
    let headers = [("content-type", "text/xml; charset=utf-8"), ("soapaction", action)];
    sandbox.send(Method::POST, PATH, &headers, document.to_owned()).await
}

#[tokio::test]
async fn a_good_login_is_answered() {
    let sandbox = Harness::new();
    let document = envelope(&sandbox.options.credentials.servicecloud, PING);
    for action in ["\"GetMetaDataLastChangeTime\"", "GetMetaDataLastChangeTime"] {
        let answer = post(&sandbox, action, &document).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert!(answer.header("content-type").starts_with("text/xml"));
        assert!(answer.body.contains("<n0:LastChangeDateTime>2030-01-02T03:04:05Z</n0:LastChangeDateTime>"));
        assert!(xml::parse(answer.body.as_bytes()).is_ok());
    }
}

#[tokio::test]
async fn a_wrong_password_is_a_fault() {
    let sandbox = Harness::new();
    let document = envelope(&wrong(&sandbox.options.credentials.servicecloud), PING);
    let answer = post(&sandbox, "GetMetaDataLastChangeTime", &document).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let envelope = xml::parse(answer.body.as_bytes()).unwrap();
    let fault = envelope.named("Body").unwrap().named("Fault").unwrap();
    let detail = fault.named("detail").unwrap().named("UnexpectedErrorFault").unwrap();
    assert_eq!(&*detail.namespace, "urn:faults.ws.rightnow.com/v1_2");
    assert_eq!(detail.named("exceptionCode").unwrap().text, "INVALID_LOGIN");
    assert_eq!(detail.named("exceptionMessage").unwrap().text, "Access Denied");
}

#[tokio::test]
async fn what_http_says_is_checked() {
    let sandbox = Harness::new();
    let document = envelope(&sandbox.options.credentials.servicecloud, PING);
    let headers = [("content-type", "application/json"), ("soapaction", "x")];
    let answer = sandbox.send(Method::POST, PATH, &headers, document.clone()).await;
    assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    for action in ["", "\"Create\""] {
        let answer = post(&sandbox, action, &document).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.body.contains("SOAPAction"), "{}", answer.body);
    }
    let answer = sandbox.send(Method::PUT, PATH, &[], "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    let other = "/cgi-bin/other.cfg/services/soap";
    assert_eq!(sandbox.send(Method::POST, other, &[], "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn broken_documents_are_faults() {
    let sandbox = Harness::new();
    for document in ["", "{}", "<a", "<!DOCTYPE a><a/>", &"<a>".repeat(1000), "\u{0}"] {
        let answer = post(&sandbox, "Create", document).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{document}");
        assert!(answer.body.contains("<faultcode>soapenv:Client</faultcode>"), "{}", answer.body);
        assert!(xml::parse(answer.body.as_bytes()).is_ok());
    }
}

#[tokio::test]
async fn the_description_has_the_callers_address() {
    let sandbox = Harness::new();
    for query in ["wsdl", "wsdl=typed", "wsdl=typed_v1.2", "wsdl=typed_v1.3"] {
        let answer = sandbox.send(Method::GET, &format!("{PATH}?{query}"), &[], "").await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        assert!(answer.body.contains(&format!("http://vendor.test:8443{PATH}")));
    }
    let newer = sandbox.send(Method::GET, &format!("{PATH}?wsdl=typed_v1.3"), &[], "").await.body;
    assert!(newer.contains("urn:messages.ws.rightnow.com/v1_3") && newer.contains("?xsd=objects_v1.3"));
    assert!(!newer.contains("v1_2") && !newer.contains("v1.2"), "{newer}");
    let schema = sandbox.send(Method::GET, &format!("{PATH}?xsd=objects_v1.3"), &[], "").await;
    assert!(schema.body.contains("targetNamespace=\"urn:objects.ws.rightnow.com/v1_3\""));
    let schema = sandbox.send(Method::GET, &format!("{PATH}?xsd=objects_v1.2"), &[], "").await;
    assert_eq!(schema.status, StatusCode::OK);
    for query in ["", "?wsdl=strange", "?xsd=strange", "?other"] {
        let answer = sandbox.send(Method::GET, &format!("{PATH}{query}"), &[], "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{query}");
    }
}

#[tokio::test]
async fn an_object_can_be_created_and_queried() {
    let sandbox = Harness::new();
    let account = sandbox.options.credentials.servicecloud.clone();
    let body = "<m:Create xmlns:m='urn:messages.ws.rightnow.com/v1_2' xmlns:o='urn:objects.ws.rightnow.com/v1_2' \
                xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><m:RNObjects xsi:type='o:Organization'>\
                <o:Name>A &amp; B, Ltd</o:Name></m:RNObjects></m:Create>";
    let created = post(&sandbox, "Create", &envelope(&account, body)).await;
    assert_eq!(created.status, StatusCode::OK, "{}", created.body);
    assert!(
        created.body.contains("<n0:RNObjects xsi:type=\"n2:Organization\"><n1:ID id=\"2\"/></n0:RNObjects>"),
        "{}",
        created.body
    );
    let body = "<m:QueryCSV xmlns:m='urn:messages.ws.rightnow.com/v1_2'>\
                <m:Query>SELECT ID, Name FROM Organization WHERE ID = 2</m:Query></m:QueryCSV>";
    let found = post(&sandbox, "QueryCSV", &envelope(&account, body)).await;
    assert!(found.body.contains("<n0:Row>2,&quot;A &amp; B, Ltd&quot;</n0:Row>"), "{}", found.body);
}

#[tokio::test]
async fn a_request_is_answered_in_its_version() {
    let sandbox = Harness::new();
    let account = sandbox.options.credentials.servicecloud.clone();
    let newer = |body: &str| envelope(&account, body).replace("v1_2", "v1_3");
    let body = "<m:Get xmlns:m='urn:messages.ws.rightnow.com/v1_2' xmlns:o='urn:objects.ws.rightnow.com/v1_2' \
                xmlns:b='urn:base.ws.rightnow.com/v1_2' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\
                <m:RNObjects xsi:type='o:Contact'><b:ID id='1'/></m:RNObjects></m:Get>";
    let found = post(&sandbox, "Get", &newer(body)).await;
    assert_eq!(found.status, StatusCode::OK, "{}", found.body);
    assert!(found.body.contains("urn:objects.ws.rightnow.com/v1_3\"") && !found.body.contains("v1_2"));
    let missing = post(&sandbox, "Get", &newer(&body.replace("id='1'", "id='99'"))).await;
    assert!(missing.body.contains("urn:faults.ws.rightnow.com/v1_3\"") && !missing.body.contains("v1_2"));
    let unknown = post(&sandbox, "Get", &envelope(&account, body).replace("v1_2", "v1_9")).await;
    assert_eq!(unknown.status, StatusCode::INTERNAL_SERVER_ERROR);
}
