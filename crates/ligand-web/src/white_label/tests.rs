//! The documented call under its noun, word for word; what changes, what must not, and hostile input.

use http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Noun, NounError, Route};

mod properties;

fn noun() -> Noun {
    Noun::new("your_mom", None, None, None).unwrap()
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    map
}

fn route(path: &str) -> Route {
    Route::of(&format!("/elements/api-v2{path}"), &HeaderMap::new())
}

fn to_standard(path: &str, body: &str) -> String {
    let new = noun().standard_body(route(path), body.as_bytes());
    new.map_or_else(|| body.to_owned(), |new| String::from_utf8(new).unwrap())
}

fn to_variant(path: &str, body: &str) -> String {
    let new = noun().variant_body(route(path), body.as_bytes());
    new.map_or_else(|| body.to_owned(), |new| String::from_utf8(new).unwrap())
}

fn variant_json(path: &str, body: &Value) -> Value {
    serde_json::from_str(&to_variant(path, &body.to_string())).unwrap()
}

const PAGE_REQUEST: &str = r#"{
  "your_mom": {
    "key": "servicecloud"
  },
  "configuration": {
  	"helpdesk.servicecloud.username":  "<INSERT_SERVICECLOUD_USERNAME>",
  	"helpdesk.servicecloud.password":  "<INSERT_SERVICECLOUD_PASSWORD>",
  	"helpdesk.servicecloud.endpointurl":  "https://<host_name>/cgi-bin/<interface>.cfg/services/soap?wsdl"
  },
  "tags": [
    "<INSERT_TAGS>"
  ],
  "name": "<INSERT_INSTANCE_NAME>"
}
"#;

const STANDARD_ANSWER: &str = r#"{
  "id": 12,
  "name": "TestWP",
  "token": "nbL4QohEoI3L3CGbqFFhNBkRISldtNQ=",
  "element": {
    "id": 58,
    "name": "Oracle ServiceCloud",
    "key": "servicecloud",
    "description": "Integrate your applications with Oracle Service Cloud using Cloud Elements",
    "image": "elements/provider_servicecloud.png",
    "active": true,
    "deleted": false,
    "typeOauth": false,
    "trialAccount": false,
    "configDescription": "If you do not have an Servicecloud account, you can create one at Service Cloud Register",
    "signupURL": "https://go.oracle.com/LP=674",
    "transformationsEnabled": true,
    "hub": "helpdesk"
  },
  "provisionInteractions": [],
  "valid": true,
  "disabled": false,
  "maxCacheSize": 0,
  "cacheTimeToLive": 0,
  "cachingEnabled": false
}"#;

#[test]
fn the_documented_call_is_the_standard_one_both_ways() {
    let path = noun().standard_path("/your_moms/api-v2/instances").unwrap();
    assert_eq!(path, "/elements/api-v2/instances");
    let route = Route::of(&path, &HeaderMap::new());
    let request = noun().standard_body(route, PAGE_REQUEST.as_bytes()).unwrap();
    let expected = PAGE_REQUEST.replace("\"your_mom\"", "\"element\"");
    assert_eq!(String::from_utf8(request).unwrap(), expected);

    let answer = noun().variant_body(route.answered(&HeaderMap::new()), STANDARD_ANSWER.as_bytes()).unwrap();
    let expected = STANDARD_ANSWER
        .replace("\"element\"", "\"your_mom\"")
        .replace("Cloud Elements", "Cloud Your_moms")
        .replace("elements/provider", "your_moms/provider");
    assert_eq!(String::from_utf8(answer).unwrap(), expected);
}

#[test]
fn nouns_are_checked() {
    for bad in ["", "1mom", "your-mom", "your mom", "mömchen", "_x", &"x".repeat(65), "a/b"] {
        assert_eq!(Noun::new(bad, None, None, None), Err(NounError::Malformed(bad.to_owned())), "{bad:?}");
    }
    for reserved in ["element", "Elements", "instance", "hub", "HUBS", "user", "content", "type", "x"] {
        assert_eq!(Noun::new(reserved, None, None, None), Err(NounError::Reserved(reserved.to_owned())));
    }
    assert!(matches!(Noun::new("widget", Some("hubs"), None, None), Err(NounError::Reserved(_))));
    for plural in ["widget", "Widget", "widgetSet"] {
        assert!(matches!(Noun::new("widget", Some(plural), None, None), Err(NounError::Ambiguous(..))), "{plural}");
    }
    assert!(matches!(Noun::new("widgetSet", Some("widget"), None, None), Err(NounError::Ambiguous(..))));
    for display in ["", "<b>", "a\"b", "1st", " x"] {
        assert!(matches!(Noun::new("gadget", None, Some(display), None), Err(NounError::MalformedDisplay(_))));
    }
    let noun = Noun::new("box", Some("boxes"), Some("Big Box"), Some("Big Boxes")).unwrap();
    assert_eq!((noun.singular(), noun.plural()), ("box", "boxes"));
}

#[test]
fn only_vocabulary_segments_of_a_path_change() {
    let cases = [
        ("/your_moms", "/elements"),
        ("/your_moms/api-docs", "/elements/api-docs"),
        ("/your_moms/jsp/login.jsp?a=your_moms", "/elements/jsp/login.jsp?a=your_moms"),
        ("/your_moms/api-v2", "/elements/api-v2"),
        ("/your_moms/api-v2/your_moms/servicecloud?x=y", "/elements/api-v2/elements/servicecloud?x=y"),
        ("/your_moms/api-v2/your_moms", "/elements/api-v2/elements"),
        ("/your_moms/api-v2/your_moms/", "/elements/api-v2/elements/"),
        ("/your_moms/api-v2/your_moms/keys", "/elements/api-v2/elements/keys"),
        ("/your_moms/api-v2/your_moms/your_moms/oauth/url", "/elements/api-v2/elements/your_moms/oauth/url"),
        ("/your_moms/api-v2/elements/keys", "/elements/api-v2/elements/keys"),
        ("/your_moms/api-v2/your_mom-products/3", "/elements/api-v2/element-products/3"),
        ("/your_moms/api-v2/instances/7/your_moms", "/elements/api-v2/instances/7/your_moms"),
        ("/your_moms/api-v2/hubs/crm/your_moms", "/elements/api-v2/hubs/crm/your_moms"),
        ("/your_moms/api-v2/hubs/crm/x?your_momId=1", "/elements/api-v2/hubs/crm/x?your_momId=1"),
        (
            "/your_moms/api-v2/organizations/your_moms/k/transformations/your_moms",
            "/elements/api-v2/organizations/elements/k/transformations/your_moms",
        ),
        ("/your_moms/api-v2/organizations/objects/your_moms", "/elements/api-v2/organizations/objects/your_moms"),
        (
            "/your_moms/api-v2/accounts/5/your_moms/k/transformations",
            "/elements/api-v2/accounts/5/elements/k/transformations",
        ),
        (
            "/your_moms/api-v2/accounts/your_moms/k/transformations/o",
            "/elements/api-v2/accounts/elements/k/transformations/o",
        ),
        ("/your_moms/api-v2/accounts/5/your_moms", "/elements/api-v2/accounts/5/your_moms"),
        ("/your_moms/api-v2/usage/analytics/activity/your_moms", "/elements/api-v2/usage/analytics/activity/elements"),
        (
            "/your_moms/api-v2/usage/analytics/activity/your_mom-instances/created-count",
            "/elements/api-v2/usage/analytics/activity/element-instances/created-count",
        ),
        ("/your_moms/api-v2/audit-logs/your_moms/9", "/elements/api-v2/audit-logs/elements/9"),
        ("/your_moms/api-v2/audit-logs/your_mom-instances", "/elements/api-v2/audit-logs/element-instances"),
        ("/your_moms/api-v2/metrics/your_moms-created", "/elements/api-v2/metrics/elements-created"),
        ("/your_moms/api-v2/metrics/your_mom-instances-created", "/elements/api-v2/metrics/element-instances-created"),
        (
            "/your_moms/api-v2/jobs/executions?your_momKeys[]=a,b&your_momId=3&elementId=4&q=your_momId",
            "/elements/api-v2/jobs/executions?elementKeys[]=a,b&elementId=3&elementId=4&q=your_momId",
        ),
    ];
    for (variant, standard) in cases {
        assert_eq!(noun().standard_path(variant).as_deref(), Some(standard));
    }
    for foreign in
        ["/elements/api-v2/your_moms", "/", "", "/your_momsx", "/your_mom/api-v2", "/YOUR_MOMS", "*", "x/your_moms"]
    {
        assert_eq!(noun().standard_path(foreign), None, "{foreign}");
    }
}

#[test]
fn request_headers_become_standard() {
    let mut map = headers(&[
        ("authorization", "YOUR_MOM: a/b=, User your_mom , Organization x"),
        ("authorization", "Your_mom\tt"),
        ("your_moms-version", "Helium"),
        ("elements-version", "Hydrogen"),
        ("your_moms-formula-step", "your_moms-formula-step"),
        ("access-control-request-headers", "content-type, your_moms-version"),
        ("your_momsx", "kept"),
        ("your_moms-", "kept"),
    ]);
    noun().standard_request_headers(&mut map);
    let schemes: Vec<_> = map.get_all("authorization").iter().collect();
    assert_eq!(schemes, ["Element: a/b=, User your_mom , Organization x", "Element\tt"]);
    assert_eq!(map.get_all("elements-version").iter().collect::<Vec<_>>(), ["Helium"]);
    assert_eq!(map["elements-formula-step"], "your_moms-formula-step");
    assert_eq!(map["access-control-request-headers"], "content-type, elements-version");
    assert!(map.contains_key("your_momsx") && map.contains_key("your_moms-"));
    assert!(!map.contains_key("your_moms-version"));
}

#[test]
fn a_secret_header_stays_marked_as_secret() {
    let mut map = HeaderMap::new();
    let mut value = HeaderValue::from_static("Your_mom t");
    value.set_sensitive(true);
    map.insert("authorization", value);
    noun().standard_request_headers(&mut map);
    assert!(map["authorization"].is_sensitive());
    let mut odd = HeaderMap::new();
    odd.insert("authorization", HeaderValue::from_bytes(b"Your_mom \xff\xfe, Your_momx y, Your_mom").unwrap());
    noun().standard_request_headers(&mut odd);
    assert_eq!(odd["authorization"].as_bytes(), b"Element \xff\xfe, Your_momx y, Element");
}

#[test]
fn answer_headers_speak_the_noun() {
    let mut map = headers(&[
        ("elements-request-id", "5f"),
        ("elements-error", "one"),
        ("elements-error", "two"),
        ("access-control-expose-headers", "Elements-Total-Count, Content-Disposition,elements-error"),
        ("set-cookie", "elements=/elements; Path=/elements/; Secure"),
        ("set-cookie", "b=1; path=/"),
        ("location", "/elements/api-v2/elements/elements?x=1"),
        ("content-type", "application/json"),
    ]);
    noun().variant_response_headers(&mut map);
    assert_eq!(map["your_moms-request-id"], "5f");
    assert_eq!(map.get_all("your_moms-error").iter().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(map["access-control-expose-headers"], "Your_moms-Total-Count, Content-Disposition,Your_moms-error");
    let cookies: Vec<_> = map.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["elements=/elements; Path=/your_moms/; Secure", "b=1; path=/"]);
    assert_eq!(map["location"], "/your_moms/api-v2/your_moms/elements?x=1");
    assert!(!map.contains_key("elements-request-id"));
    let mut away = headers(&[("location", "https://vendor.example/elements/api-v2")]);
    noun().variant_response_headers(&mut away);
    assert_eq!(away["location"], "https://vendor.example/elements/api-v2");
}

#[test]
fn standard_words_are_synonyms_and_the_noun_wins() {
    let cases = [
        (r#"{"element":{"key":"a"}}"#, r#"{"element":{"key":"a"}}"#),
        (r#"{"element":{"key":"a"},"your_mom":{"key":"b"}}"#, r#"{"element":{"key":"b"}}"#),
        (r#"{"your_mom":{"key":"b"} , "element":{"key":"a"} }"#, r#"{"element":{"key":"b"}  }"#),
        (r#"{"x":1,"element":{"your_mom":2},"your_mom":3,"y":4}"#, r#"{"x":1,"element":3,"y":4}"#),
        (
            r#"{"element":1,"elementId":2,"a":0,"elementKey":3,"your_momKey":4,"your_momId":5,"your_mom":6}"#,
            r#"{"a":0,"elementKey":4,"elementId":5,"element":6}"#,
        ),
        (r#"{"elementId":1,"your_mom":2}"#, r#"{"elementId":1,"element":2}"#),
        (r#"[{"your_moms":[{"your_momId":1}]}]"#, r#"[{"elements":[{"elementId":1}]}]"#),
        (r#"{"your\u005fmom":1}"#, r#"{"element":1}"#),
        (r#"{"your_mom":1,"your_mom":2}"#, r#"{"element":1,"element":2}"#),
        (r#"{"your_momx":1,"your_mom_id":2,"my_your_mom":3,"Your_mom":4}"#, ""),
    ];
    for (variant, standard) in cases {
        let expected = if standard.is_empty() { variant } else { standard };
        assert_eq!(to_standard("/instances", variant), expected);
    }
}

#[test]
fn user_and_vendor_data_is_never_entered() {
    for body in [
        r#"{"name":"your_mom","tags":["your_mom",{"your_mom":1}]}"#,
        r#"{"configuration":{"your_mom":"your_mom","your_momId":{"your_momId":1}}}"#,
        r#"{"providerData":{"code":{"your_mom":1}}}"#,
        r#"{"user":{"your_mom":1},"providerMessage":{"your_mom":1}}"#,
    ] {
        assert_eq!(to_standard("/instances", body), body);
        let answer = body.replace("your_mom", "element");
        assert_eq!(to_variant("/instances", &answer), answer);
    }
    let entries = json!({"configuration": [{"elementId": 1, "description": "An Element", "name": "Element",
        "defaultValue": "elements/x", "typeOauth": true}]});
    assert_eq!(
        variant_json("/elements/k", &entries),
        json!({"configuration": [{"your_momId": 1, "description": "An Element", "name": "Element",
            "defaultValue": "elements/x", "typeOauth": true}]})
    );
}

#[test]
fn numbers_order_and_white_space_stay() {
    let body = "{ \"b\" : 12345678901234567890123.4500e+2,\t\"your_momId\" : 1.0 ,\"a\":[ ],\"b\":-0 }\n";
    let expected = body.replace("your_momId", "elementId");
    assert_eq!(to_standard("/instances", body), expected);
    assert_eq!(to_variant("/instances", &expected), body);
}

#[test]
fn catalog_texts_change_in_element_objects_only() {
    let text = "Elements: an Element's <b>Elements</b> and \"Element\" elements. See https://x.io/elements element.key";
    let element = json!({"description": text, "image": "elements/a.png", "typeOauth": true, "name": "Element",
        "configDescription": "Element", "signupURL": "elements/x", "key": "element"});
    assert_eq!(
        variant_json("/elements", &json!([element])),
        json!([{
            "description": "Your_moms: an Your_mom's <b>Your_moms</b> and \"Element\" your_moms. See https://x.io/elements element.key",
            "image": "your_moms/a.png", "typeOauth": true, "name": "Element",
            "configDescription": "Element", "signupURL": "elements/x", "key": "element"
        }])
    );
    let other = json!({"description": text, "image": "elements/a.png", "typeOauth": "yes"});
    assert_eq!(variant_json("/jobs", &other), other);
    let absolute = json!({"image": "https://x/elements/a.png", "typeOauth": false});
    assert_eq!(variant_json("/elements/k", &absolute), absolute);
    let escaped = r#"{"description":"One\nElements\u0020two","typeOauth":false}"#;
    assert_eq!(to_variant("/elements/k", escaped), r#"{"description":"One\nYour_moms two","typeOauth":false}"#);
}

#[test]
fn error_messages_speak_the_noun() {
    let error = json!({"requestId": "5f", "message": "No element found with key my-element: Element \"an element\"",
        "providerMessage": "element"});
    assert_eq!(
        variant_json("/elements/my-element", &error),
        json!({"requestId": "5f", "message": "No your_mom found with key my-element: Your_mom \"an element\"",
            "providerMessage": "element"})
    );
    let other = json!({"message": "an element", "item": {"requestId": "5f", "message": "an element"}});
    assert_eq!(variant_json("/elements", &other), other);
    let noun = Noun::new("box", Some("boxes"), Some("Big Box"), Some("Big Boxes")).unwrap();
    let body = br#"{"requestId":"5f","message":"Elements and an element"}"#;
    let answer = noun.variant_body(route("/instances"), body).unwrap();
    assert_eq!(answer, br#"{"requestId":"5f","message":"Big Boxes and an big box"}"#);
}

#[test]
fn formulas_have_the_noun_in_enumerated_values() {
    let formula = json!({"name": "elementRequest", "triggers": [{"type": "elementRequest", "properties":
        {"elementInstanceId": "${element}"}}], "steps": [{"type": "elementRequestStream"}, {"type": "script"}],
        "configuration": [{"key": "element", "type": "elementInstance"}]});
    let expected = json!({"name": "elementRequest", "triggers": [{"type": "your_momRequest", "properties":
        {"your_momInstanceId": "${element}"}}], "steps": [{"type": "your_momRequestStream"}, {"type": "script"}],
        "configuration": [{"key": "element", "type": "your_momInstance"}]});
    assert_eq!(variant_json("/formulas", &formula), expected);
    assert_eq!(to_standard("/formulas", &expected.to_string()), formula.to_string());
    let elsewhere = json!({"type": "elementRequest"});
    assert_eq!(variant_json("/elements/k", &elsewhere), elsewhere);
    let payload = r#"{"your_mom":1}"#;
    assert_eq!(to_standard("/formulas/1/instances/2/executions", payload), payload);
}

#[test]
fn the_catalogue_of_a_hub_is_platform_unless_an_element_token_makes_it_a_call() {
    let noun = noun();
    let path = "/elements/api-v2/hubs/crm/your_moms?pageSize=1";
    let with = |authorization: &'static str| {
        HeaderMap::from_iter([(http::header::AUTHORIZATION, http::HeaderValue::from_static(authorization))])
    };
    let expected = Some("/elements/api-v2/hubs/crm/elements?pageSize=1".to_owned());
    assert_eq!(noun.standard_hub_catalogue(path, &HeaderMap::new()), expected);
    assert_eq!(noun.standard_hub_catalogue(path, &with("User a, Organization b")), expected);
    assert_eq!(noun.standard_hub_catalogue(path, &with("User a, Element t")), None);
    for other in ["/elements/api-v2/hubs/crm/contacts", "/elements/api-v2/hubs/your_moms", "/hubs/crm/your_moms"] {
        assert_eq!(noun.standard_hub_catalogue(other, &HeaderMap::new()), None, "{other}");
    }
    let body = json!([{"elementId": 1}]);
    assert_eq!(variant_json("/hubs/crm/elements", &body), json!([{"your_momId": 1}]));
}

#[test]
fn hub_calls_documents_and_dictionaries_keep_their_names() {
    let body = json!({"element": {"elementId": 1}});
    for path in [
        "/hubs/crm/x",
        "/hubs/crm/x/1",
        "/docs/crm",
        "/instances/1/docs/op",
        "/elements/k/trace/1",
        "/usage/analytics/activity/elements",
    ] {
        assert_eq!(variant_json(path, &body), body, "{path}");
    }
    assert_eq!(variant_json("/instances/1/transformations", &body), json!({"element": {"your_momId": 1}}));
    assert_eq!(variant_json("/organizations/objects/definitions", &body), json!({"element": {"your_momId": 1}}));
    let counts = json!({"totalInstances": 1, "elementInstances": {"element": 1}});
    assert_eq!(
        variant_json("/instances/count", &counts),
        json!({"totalInstances": 1, "your_momInstances": {"element": 1}})
    );
    assert_eq!(variant_json("/hubs/crm", &body), json!({"your_mom": {"your_momId": 1}}));
    assert_eq!(Route::of("/elements/api-docs", &HeaderMap::new()), Route::of("/nowhere", &HeaderMap::new()));
}

#[test]
fn a_call_through_an_instance_carries_foreign_bodies() {
    let with_token = headers(&[("authorization", "User u, element: t")]);
    let body = br#"{"your_mom":1}"#;
    let hubless = Route::of("/elements/api-v2/contacts", &with_token);
    assert_eq!(noun().standard_body(hubless, body), None);
    let platform = Route::of("/elements/api-v2/instances", &with_token);
    assert!(noun().standard_body(platform, body).is_some());
    let answer = br#"{"element":1}"#;
    assert!(noun().variant_body(hubless.answered(&HeaderMap::new()), answer).is_some());
    let through = headers(&[("elements-element-instance-id", "4")]);
    assert_eq!(noun().variant_body(hubless.answered(&through), answer), None);
}

#[test]
fn an_answer_with_both_words_keeps_both() {
    let body = r#"{"element":1,"your_mom":2,"elementId":3}"#;
    assert_eq!(to_variant("/instances", body), r#"{"element":1,"your_mom":2,"your_momId":3}"#);
}

#[test]
fn what_is_no_readable_json_passes() {
    let deep = |depth: usize| format!("{}{{\"your_mom\":1}}{}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let open = format!("{}\"your_mom\"", "{\"your_mom\":".repeat(200_000));
    let cases = [
        "",
        "{",
        "{\"your_mom\":1}x",
        "{\"your_mom\"",
        "{\"your_mom\":1,}",
        "nul",
        "\"",
        "{your_mom:1}",
        &deep(128),
        &deep(100_000),
        &open,
    ];
    for body in cases {
        assert_eq!(noun().standard_body(route("/instances"), body.as_bytes()), None);
    }
    assert_eq!(noun().standard_body(route("/instances"), b"{\"your_mom\":\"\xff\"}"), None);
    assert!(noun().standard_body(route("/instances"), deep(127).as_bytes()).is_some());
    assert!(serde_json::from_str::<Value>(&deep(127)).is_ok() && serde_json::from_str::<Value>(&deep(128)).is_err());
    let odd = r#"{"\ud800":1,"your_mom":"\ud800"}"#;
    assert_eq!(to_standard("/instances", odd), r#"{"\ud800":1,"element":"\ud800"}"#);
}

#[test]
fn large_bodies_are_rewritten_in_one_pass() {
    let many = (0..200_000).map(|n| format!("\"elementA{n}\":1,\"your_momA{n}\":2")).collect::<Vec<_>>().join(",");
    let standard = noun().standard_body(route("/instances"), format!("{{{many}}}").as_bytes()).unwrap();
    assert!(standard.starts_with(b"{\"elementA0\":2,\"elementA1\":2"));
    let text = "element,".repeat(500_000);
    let error = json!({"requestId": "1", "message": text}).to_string();
    assert_eq!(
        to_variant("/instances", &error),
        json!({"requestId": "1", "message": "your_mom,".repeat(500_000)}).to_string()
    );
}

proptest! {
    #[test]
    fn texts_never_panic(text in "[ Eelmnts.,\"'’/é_\\-]{0,60}") {
        let error = json!({"requestId": "1", "message": text});
        let answer = variant_json("/instances", &error);
        prop_assert!(answer["message"].is_string());
    }
}
