//! What scripts see, and what their results change.

use ligand_domain::Configuration;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    AnswerState, CallerBody, CallerRequest, Element, Inputs, Method, PlanError, Planned, Prepared, VendorBody,
    VendorResponse, folder::tests::element, plan_call, prepare, provision::effective_configuration,
};

const DEFINITION: &str = r#"
name: N
key: vendor
authentication: { type: none }
configuration:
  - { key: base.url, defaultValue: "https://h/api" }
  - { key: site, name: S, defaultValue: s1 }
hooks:
  - { type: postRequest, body: general post }
  - { type: preRequest, body: general pre }
resources:
  - method: POST
    path: /things/{id}
    rootKey: "thing|data"
    hooks:
      - { type: postRequest, body: own post }
      - { type: preRequest, body: own pre }
      - { type: preRequest, body: second }
    parameters:
      - { name: body, type: body, vendorType: body }
      - { name: q, type: query, vendorName: search, vendorType: query }
  - method: GET
    path: /things
    object: { name: things }
    parameters:
      - { name: where, type: query, vendorType: no-op }
"#;

struct Call {
    element: Element,
    request: CallerRequest,
    inputs: Inputs,
    configuration: Configuration,
    prepared: Prepared,
    planned: Planned,
    resource: usize,
}

impl Call {
    fn new(resource: usize, query: &[(&str, &str)], body: CallerBody) -> Self {
        let element = element("x", DEFINITION);
        let configuration = effective_configuration(&element, None, None).unwrap();
        let request = CallerRequest {
            method: element.resources()[resource].method,
            path: "/hubs/crm/things/7".to_owned(),
            query: query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            headers: vec![("x-in".to_owned(), "1".to_owned())],
            body,
        };
        let inputs = request.inputs([("id".to_owned(), "7".to_owned())].into());
        let found = &element.resources()[resource];
        let prepared = prepare(&element, found, &inputs, &configuration).unwrap();
        let page = prepared.walk().and_then(|walk| walk.next_page());
        let planned = plan_call(&element, found, &inputs, &configuration, &prepared, page.as_ref()).unwrap();
        Self { element, request, inputs, configuration, prepared, planned, resource }
    }

    fn variables(&self, answer: Option<&AnswerState>) -> Map<String, Value> {
        let page = self.prepared.walk().and_then(|walk| walk.next_page());
        let state = HookState {
            element: &self.element,
            resource: &self.element.resources()[self.resource],
            call: &self.request,
            inputs: &self.inputs,
            prepared: &self.prepared,
            page: page.as_ref(),
            planned: &self.planned,
            answer,
            configuration: &self.configuration,
        };
        state.variables()
    }

    fn pre(&mut self, result: &Value) -> Result<(Effect, AnswerState), Refusal> {
        let mut answer = AnswerState::default();
        let resource = &self.element.resources()[self.resource];
        let result = result.as_object().unwrap().clone();
        let effect = apply_pre(resource, &mut self.planned, &mut self.inputs, &mut answer, result)?;
        Ok((effect, answer))
    }

    fn answer(&self, body: Value) -> AnswerState {
        let response = VendorResponse { status: 201, headers: vec![("Location".to_owned(), "l".to_owned())], body };
        AnswerState::of(&self.element, &self.element.resources()[self.resource], response, Some("raw".to_owned()))
    }

    fn post(&self, answer: &mut AnswerState, result: &Value) -> Result<Effect, Refusal> {
        let resource = &self.element.resources()[self.resource];
        apply_post(&self.element, resource, answer, result.as_object().unwrap().clone())
    }

    fn text(&self) -> &str {
        match &self.planned.body {
            VendorBody::Text(text) => text,
            _ => "",
        }
    }
}

fn posted() -> Call {
    Call::new(0, &[("q", "a b"), ("x", "1"), ("x", "2")], CallerBody::Json(json!({"n": 1})))
}

#[test]
fn scripts_run_from_outside_in_and_back() {
    let element = element("x", DEFINITION);
    let bodies = |kind| -> Vec<&str> {
        hooks_of(&element, &element.resources()[0], kind).iter().map(|hook| hook.body.as_str()).collect()
    };
    assert_eq!(bodies(HookType::PreRequest), ["general pre", "own pre", "second"]);
    assert_eq!(bodies(HookType::PostRequest), ["own post", "general post"]);
    assert!(bodies(HookType::Event).is_empty());
}

#[test]
fn everything_is_there_before_the_call() {
    let seen = posted().variables(None);
    let expected = [
        ("request_method", json!("POST")),
        ("request_path", json!("/hubs/crm/things/7")),
        ("request_path_variables", json!({"id": "7"})),
        ("request_parameters", json!({"q": "a b", "x": ["1", "2"]})),
        ("request_headers", json!({"x-in": "1"})),
        ("request_body", json!({"n": 1})),
        ("request_body_map", json!({"n": 1})),
        ("request_expression", Value::Null),
        ("request_vendor_method", json!("POST")),
        ("request_vendor_path", json!("/things/7")),
        ("request_vendor_url", json!("https://h/api/things/7?search=a+b")),
        ("request_vendor_parameters", json!({"search": "a b"})),
        ("request_vendor_headers", json!({"Accept": "application/json", "Content-Type": "application/json"})),
        ("request_vendor_body", json!(r#"{"thing":{"n":1}}"#)),
        ("request_vendor_body_map", json!({"thing": {"n": 1}})),
        ("request_root_key", json!("thing")),
        ("request_previous_response", Value::Null),
        ("request_previous_response_headers", Value::Null),
        ("response_body", Value::Null),
        ("response_body_raw", Value::Null),
        ("response_headers", Value::Null),
        ("response_status_code", Value::Null),
        ("response_iserror", Value::Null),
        ("response_root_key", Value::Null),
        ("events", Value::Null),
    ];
    for (name, value) in expected {
        assert_eq!(seen.get(name), Some(&value), "{name}");
    }
    assert_eq!(seen["configuration"]["site"], "s1");
    assert_eq!(seen["meta_data"]["elementKey"], "vendor");
}

#[test]
fn the_answer_is_there_behind_the_call() {
    let call = posted();
    let seen = call.variables(Some(&call.answer(json!({"data": {"id": 1}, "more": 2}))));
    assert_eq!(seen["response_body"], json!({"id": 1}));
    assert_eq!(seen["response_body_raw"], "raw");
    assert_eq!(seen["response_headers"], json!({"location": "l"}));
    assert_eq!((&seen["response_status_code"], &seen["response_iserror"]), (&json!(201), &json!(false)));
    assert_eq!(seen["response_root_key"], "data");
    let failed = AnswerState { status: 208, ..AnswerState::default() };
    assert_eq!(call.variables(Some(&failed))["response_iserror"], true);
}

#[test]
fn lists_show_their_page_and_their_expression() {
    let call =
        Call::new(1, &[("where", "a='x' and (b>2 or c is null)"), ("pageSize", "5"), ("page", "2")], CallerBody::None);
    let seen = call.variables(None);
    assert_eq!(seen["request_parameters"]["page"], "2");
    assert_eq!(seen["request_parameters"]["pageSize"], "5");
    assert_eq!(seen["request_parameters"]["where"], "a='x' and (b>2 or c is null)");
    let expected = json!([
        {"attribute": "a", "operator": "=", "value": "x"}, {"attribute": "b", "operator": ">", "value": "2"},
        {"attribute": "c", "operator": "IS NULL", "value": null},
    ]);
    assert_eq!(seen["request_expression"], expected);
    assert_eq!(seen["request_body"], Value::Null);
    assert_eq!(seen["meta_data"]["objectName"], "things");
}

#[test]
fn chains_show_what_was_answered_before() {
    let mut call = posted();
    call.inputs = call.inputs.clone().after(&call.answer(json!({"data": {"id": 1}})));
    let seen = call.variables(None);
    assert_eq!(seen["request_previous_response"], json!({"id": 1}));
    assert_eq!(seen["request_previous_response_headers"], json!({"location": "l"}));
    assert_eq!(seen["request_body"], json!({"n": 1}));
}

#[test]
fn results_change_the_request() {
    let mut call = posted();
    let (effect, _) = call
        .pre(&json!({
            "request_vendor_parameters": {"a": "1", "gone": null, "list": ["x", "y"], "n": 5},
            "request_vendor_headers": {"Accept": null, "X-New": "v", "content-type": "text/xml"},
            "request_vendor_path": "/other path/é",
            "request_vendor_method": "put",
            "request_vendor_body": {"k": 1},
            "request_parameters": {"later": "1"},
            "configuration": {"site": "s2"},
            "unknown": 1,
        }))
        .unwrap();
    assert_eq!(effect, Effect::default(), "configuration is not for scripts before the call");
    let request = call.planned.request().unwrap();
    assert_eq!(request.url.as_str(), "https://h/api/other%20path/%C3%A9?a=1&list=x&list=y&n=5");
    assert_eq!(request.method, Method::Put);
    assert_eq!(request.header("accept"), None);
    assert_eq!((request.header("x-new"), request.header("Content-Type")), (Some("v"), Some("text/xml")));
    assert_eq!(call.text(), r#"{"k":1}"#);
    assert_eq!(call.variables(None)["request_parameters"], json!({"later": "1"}));
    assert_eq!(call.variables(None)["request_vendor_path"], "/other path/é");
}

#[test]
fn an_absolute_path_is_the_whole_address() {
    let mut call = posted();
    call.pre(&json!({"request_vendor_path": "https://elsewhere/x?y=1"})).unwrap();
    assert_eq!(call.planned.request().unwrap().url.as_str(), "https://elsewhere/x?y=1&search=a+b");
    for bad in ["ftp://x", "https://u:p@h/", "/../x", "https://h/#f", "@evil/x"] {
        let mut call = posted();
        call.pre(&json!({"request_vendor_path": bad})).unwrap();
        let url = call.planned.request();
        assert!(
            url.as_ref().is_err() || url.as_ref().is_ok_and(|url| url.url.host_str() == Some("h")),
            "{bad} {url:?}"
        );
    }
}

#[test]
fn bodies_and_roots_are_replaced() {
    let body = |result: Value| {
        let mut call = posted();
        call.pre(&result).unwrap();
        call.text().to_owned()
    };
    assert_eq!(body(json!({})), r#"{"thing":{"n":1}}"#);
    assert_eq!(body(json!({"request_vendor_body": "<x/>"})), "<x/>");
    assert_eq!(body(json!({"request_vendor_body": [1]})), "[1]");
    assert_eq!(body(json!({"request_vendor_body": null})), "");
    assert_eq!(body(json!({"request_vendor_body_map": {"m": 1}})), r#"{"m":1}"#);
    assert_eq!(body(json!({"request_root_key": "a.b"})), r#"{"a":{"b":{"n":1}}}"#);
    assert_eq!(body(json!({"request_root_key": ""})), r#"{"n":1}"#);
}

#[test]
fn the_vendor_is_left_out() {
    let mut call = posted();
    let (effect, answer) = call.pre(&json!({"continue": false, "response_body": {"x": null}})).unwrap();
    assert!(effect.skips_vendor);
    assert_eq!((answer.status, answer.body), (200, json!({"x": null})));
    let (effect, answer) = call.pre(&json!({"continue": true, "response_body": 1})).unwrap();
    assert!(!effect.skips_vendor && answer.body.is_null());
}

#[test]
fn results_change_the_answer() {
    let call = posted();
    let mut answer = call.answer(json!({"data": {"id": 1}, "other": [2]}));
    let effect = call
        .post(
            &mut answer,
            &json!({"response_status_code": 202, "response_headers": {"X-A": 1, "bad": "a\nb", "n": null},
            "configuration": {"site": "s2", "n": 5, "gone": null}}),
        )
        .unwrap();
    assert_eq!((answer.status, &answer.body), (202, &json!({"id": 1})));
    assert_eq!(answer.headers, [("x-a".to_owned(), "1".to_owned())]);
    let stored = [("site", Some("s2")), ("n", Some("5")), ("gone", None)];
    let stored: Vec<_> = stored.iter().map(|(key, value)| ((*key).to_owned(), value.map(str::to_owned))).collect();
    assert_eq!(effect.configuration, stored);
    call.post(&mut answer, &json!({"response_root_key": "other"})).unwrap();
    assert_eq!(answer.body, json!([2]));
    call.post(&mut answer, &json!({"response_body_raw": "{\"r\": 1}"})).unwrap();
    assert_eq!((&answer.body, answer.raw.as_deref()), (&json!({"r": 1}), Some("{\"r\": 1}")));
    call.post(&mut answer, &json!({"response_body": null})).unwrap();
    assert_eq!(answer.body, Value::Null);
}

#[test]
fn results_refuse_calls() {
    let refused = |result: Value| {
        let before = posted().pre(&result).unwrap_err();
        let call = posted();
        assert_eq!(call.post(&mut call.answer(json!({})), &result).unwrap_err(), before);
        match before {
            Refusal::Script { status, message, .. } => (status, message),
            other => panic!("{other}"),
        }
    };
    assert_eq!(refused(json!({"response_error": "no"})), (400, "no".to_owned()));
    assert_eq!(refused(json!({"response_error": "no", "response_status_code": 409})), (409, "no".to_owned()));
    assert_eq!(refused(json!({"response_error": "no", "response_status_code": 200})), (400, "no".to_owned()));
    assert_eq!(refused(json!({"response_error": true, "response_error_message": "m"})), (400, "m".to_owned()));
    assert_eq!(refused(json!({"response_error_message": "m", "response_status_code": "503"})), (503, "m".to_owned()));
    for fine in [json!({"response_error": null}), json!({"response_error": ""}), json!({"response_error": false})] {
        assert!(posted().pre(&fine).is_ok());
    }
}

#[test]
fn requests_that_cannot_be_made_are_refused() {
    let refused = |result: Value| posted().pre(&result).unwrap_err();
    let bad = refused(json!({"request_vendor_headers": {"X": "a\r\nY: 1"}}));
    assert_eq!(bad, Refusal::Request(PlanError::BadValue("X".to_owned())));
    for name in ["", "a b", "a:b", "a\nb"] {
        assert!(matches!(refused(json!({"request_vendor_headers": {name: "v"}})), Refusal::Request(_)), "{name}");
    }
    assert!(matches!(refused(json!({"request_vendor_method": "TRACE"})), Refusal::Request(_)));
}
