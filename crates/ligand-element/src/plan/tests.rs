//! Vendor requests of parameters of every kind, and calls that cannot be planned.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Inputs, Part, PlanError, VendorBody, VendorRequest, plan};
use crate::{CallerPart, Element, PartContent, folder::tests::element, provision::effective_configuration};

const DEFINITION: &str = r#"
name: N
authentication: { type: none }
configuration:
  - { key: base.url, defaultValue: "https://h/api" }
  - { key: region, name: R }
  - { key: secret, name: S }
parameters:
  - { name: general, type: value, vendorName: X-One, vendorType: header }
  - { name: "v${configuration.region}", type: value, vendorName: X-Region, vendorType: header }
resources:
  - method: GET
    path: /things/{id}
    vendorPath: /t/{key}
    vendorMethod: POST
    parameters:
      - { name: id, type: path, vendorName: key, vendorType: path }
      - { name: q, type: query, vendorName: search, vendorType: query, required: true }
      - { name: special, type: value, vendorName: x-one, vendorType: header }
      - { name: X-In, type: header, vendorName: X-Out, vendorType: header }
      - { name: id, type: path, vendorName: alsoId, vendorType: query }
      - { name: hidden, type: query, vendorType: no-op }
  - method: POST
    path: /things
    rootKey: "thing.inner|"
    parameters:
      - { name: body, type: body, vendorType: body }
      - { name: region, type: configuration, vendorName: meta.region, vendorType: bodyField }
      - { name: a.b, type: bodyField, vendorName: copied, vendorType: bodyField }
      - { name: prev.id, type: prevBodyField, vendorName: prev, vendorType: bodyField }
  - method: POST
    path: /template
    parameters:
      - { name: application/xml, type: value, vendorName: Content-Type, vendorType: header }
      - { name: name, type: bodyField, vendorName: who, vendorType: bodyToken }
      - { name: "<a>{who}${configuration.region}</a>", type: value, vendorType: body }
  - method: POST
    path: /form
    parameters:
      - { name: name, type: bodyField, vendorName: n, vendorType: form }
      - { name: region, type: configuration, vendorName: r, vendorType: form }
      - { name: remember, type: query, vendorName: secret, vendorType: configuration }
  - method: POST
    path: /upload
    parameters:
      - { name: file, type: multipart, vendorName: file, vendorType: multipart }
  - method: GET
    path: /odd
    parameters:
      - { name: q, type: query, vendorName: q, vendorType: query, converter: toMars }
  - { method: GET, path: "/{objectName}" }
"#;

fn definition() -> Element {
    element("x", DEFINITION)
}

fn planned(path: &str, inputs: &Inputs, sent: &Value) -> Result<VendorRequest, PlanError> {
    let element = definition();
    let configuration = effective_configuration(&element, sent.as_object(), None).unwrap();
    let resource = element.resources().iter().find(|resource| resource.path.ends_with(path)).unwrap();
    plan(&element, resource, inputs, &configuration)
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn text(request: &VendorRequest) -> &str {
    match &request.body {
        VendorBody::Text(text) => text,
        VendorBody::Empty => "",
        other => panic!("it is text, not {}", matches!(other, VendorBody::File(_))),
    }
}

#[test]
fn values_go_where_they_belong() {
    let inputs = Inputs {
        path: pairs(&[("id", "a/b ?")]).into_iter().collect(),
        query: pairs(&[("q", "x&y=z"), ("hidden", "h"), ("undeclared", "u")]),
        headers: pairs(&[("x-in", "in")]),
        ..Inputs::default()
    };
    let request = planned("/things/{id}", &inputs, &json!({"region": "eu"})).unwrap();
    assert_eq!(request.method.key(), "POST");
    assert_eq!(request.url.as_str(), "https://h/api/t/a%2Fb%20%3F?search=x%26y%3Dz&alsoId=a%2Fb+%3F");
    let headers = [
        ("X-One", "special"),
        ("X-Region", "veu"),
        ("X-Out", "in"),
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
    ];
    for (name, value) in headers {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert_eq!(request.headers.len(), headers.len());
    assert!(request.body == VendorBody::Empty);
}

#[test]
fn templates_of_what_is_not_configured_are_left_out() {
    let inputs =
        Inputs { path: pairs(&[("id", "1")]).into_iter().collect(), query: pairs(&[("q", "")]), ..Inputs::default() };
    let request = planned("/things/{id}", &inputs, &json!({})).unwrap();
    assert_eq!(request.header("X-Region"), None);
    assert_eq!(request.url.query(), Some("search=&alsoId=1"));
}

#[test]
fn bodies_are_put_together_under_their_root() {
    let inputs = Inputs {
        body: Some(json!({"a": {"b": [1]}, "keep": null})),
        previous: Some(json!({"prev": {"id": 9}})),
        ..Inputs::default()
    };
    let request = planned("/things", &inputs, &json!({"region": "eu"})).unwrap();
    let body: Value = serde_json::from_str(text(&request)).unwrap();
    let inner = json!({"a": {"b": [1]}, "keep": null, "meta": {"region": "eu"}, "copied": [1], "prev": 9});
    assert_eq!(body, json!({"thing": {"inner": inner}}));
}

#[test]
fn template_bodies_escape_by_content_type() {
    let inputs = Inputs { body: Some(json!({"name": "<b>&"})), ..Inputs::default() };
    let request = planned("/template", &inputs, &json!({"region": "</a>"})).unwrap();
    assert_eq!(text(&request), "<a>&lt;b&gt;&amp;&lt;/a&gt;</a>");
    assert_eq!(request.header("content-type"), Some("application/xml"));
}

#[test]
fn forms_are_urlencoded_and_configuration_is_remembered() {
    let inputs =
        Inputs { body: Some(json!({"name": "a&b"})), query: pairs(&[("remember", "yes")]), ..Inputs::default() };
    let request = planned("/form", &inputs, &json!({"region": "eu"})).unwrap();
    assert_eq!(text(&request), "n=a%26b&r=eu");
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.stores, pairs(&[("secret", "yes")]));
}

#[test]
fn undeclared_variables_of_the_path_fill_its_default() {
    let inputs = Inputs { path: pairs(&[("objectName", "http://evil")]).into_iter().collect(), ..Inputs::default() };
    let request = planned("/{objectName}", &inputs, &json!({})).unwrap();
    assert_eq!(request.url.as_str(), "https://h/api/http%3A%2F%2Fevil");
}

#[test]
fn what_keeps_a_request_from_being_made_is_named() {
    let none = Inputs::default();
    let id = Inputs { path: pairs(&[("id", "1")]).into_iter().collect(), ..Inputs::default() };
    assert_eq!(planned("/things/{id}", &id, &json!({})), Err(PlanError::MissingParameter("q".to_owned())));
    let q = Inputs { query: pairs(&[("q", "1")]), ..Inputs::default() };
    assert_eq!(planned("/things/{id}", &q, &json!({})), Err(PlanError::Unresolved("key".to_owned())));
    let smuggled = Inputs { headers: pairs(&[("X-In", "a\r\nX-Evil: 1")]), ..q.clone() };
    assert_eq!(planned("/things/{id}", &smuggled, &json!({})), Err(PlanError::BadValue("X-In".to_owned())));
    assert!(matches!(planned("/odd", &q, &json!({})), Err(PlanError::Unsupported(_))));
    assert_eq!(
        planned("/things", &none, &json!({"base.url": "nonsense"})),
        Err(PlanError::BadUrl("base.url".to_owned()))
    );
}

#[test]
fn debug_shows_no_values() {
    let inputs = Inputs {
        body: Some(json!({"name": "hunter2"})),
        query: pairs(&[("remember", "hunter2")]),
        ..Inputs::default()
    };
    let request = planned("/form", &inputs, &json!({"region": "hunter2"})).unwrap();
    assert!(!format!("{request:?}").contains("hunter2"));
    assert!(
        !format!("{:?}", effective_configuration(&definition(), json!({"secret": "hunter2"}).as_object(), None))
            .contains("hunter2")
    );
}

proptest! {
    #[test]
    fn headers_and_queries_hold_any_value_or_refuse_it(value in "\\PC{0,30}|[\\r\\n\\u{0}\\t:;, ]{0,8}") {
        let inputs = Inputs {
            path: pairs(&[("id", "1")]).into_iter().collect(),
            query: pairs(&[("q", &value)]),
            headers: pairs(&[("X-In", &value)]),
            ..Inputs::default()
        };
        let element = definition();
        let configuration = effective_configuration(&element, json!({}).as_object(), None).unwrap();
        match plan(&element, &element.resources()[0], &inputs, &configuration) {
            Err(error) => prop_assert_eq!(error, PlanError::BadValue("X-In".to_owned())),
            Ok(request) => {
                prop_assert!(request.headers.iter().all(|(_, value)| !value.contains(['\r', '\n', '\0'])));
                let sent = request.url.query_pairs().find(|(name, _)| name == "search").unwrap().1.into_owned();
                prop_assert_eq!(sent, value);
            }
        }
    }
}

const PRODUCT: &str = r#"
name: N
authentication: { type: none }
configuration:
  - { key: base.url, defaultValue: "https://h" }
  - { key: key, name: K }
resources:
  - method: POST
    path: /p/{var}
    vendorPath: /v/{target}
    parameters: [ { name: SOURCE, type: KIND, vendorName: target, vendorType: TARGET } EXTRA ]
"#;

/// The request of one parameter between a source and a target.
fn product(kind: &str, source: &str, target: &str) -> Result<VendorRequest, PlanError> {
    let extra = match target {
        "bodyToken" => r#", { name: "<{target}>", type: value, vendorType: body }"#,
        _ => "",
    };
    let path = if target == "path" { "/v/{target}" } else { "/v" };
    let text = PRODUCT.replace("/v/{target}", path).replace("EXTRA", extra);
    let text = text.replace("SOURCE", source).replace("KIND", kind).replace("TARGET", target);
    let text =
        text.replace("vendorName: target, vendorType: configuration", "vendorName: key, vendorType: configuration");
    let element = element("x", &text);
    let configuration = effective_configuration(&element, json!({"key": "v1"}).as_object(), None).unwrap();
    let inputs = Inputs {
        path: pairs(&[("var", "v1")]).into_iter().collect(),
        query: pairs(&[("q", "v1")]),
        headers: pairs(&[("x-h", "v1")]),
        body: Some(json!({"whole": "v1", "a": {"b": "v1"}})),
        form: pairs(&[("f", "v1")]),
        previous: Some(json!({"p": {"q": "v1"}, "whole": 2})),
        ..Inputs::default()
    };
    plan(&element, &element.resources()[0], &inputs, &configuration)
}

#[test]
fn every_source_reaches_every_target() {
    let sources = [
        ("query", "q"),
        ("path", "var"),
        ("header", "X-H"),
        ("body", "whole"),
        ("bodyField", "a.b"),
        ("form", "f"),
        ("multipart", "f"),
        ("configuration", "key"),
        ("value", "v1"),
        ("prevBodyField", "p.q"),
    ];
    for (kind, source) in sources {
        let to =
            |target: &str| product(kind, source, target).unwrap_or_else(|error| panic!("{kind} {target}: {error}"));
        assert_eq!(to("query").url.query(), Some("target=v1"), "{kind}");
        assert_eq!(to("path").url.as_str(), "https://h/v/v1", "{kind}");
        assert_eq!(to("header").header("target"), Some("v1"), "{kind}");
        assert_eq!(text(&to("bodyField")), r#"{"target":"v1"}"#, "{kind}");
        assert_eq!(text(&to("form")), "target=v1", "{kind}");
        assert_eq!(to("configuration").stores, pairs(&[("key", "v1")]), "{kind}");
        assert!(to("no-op").body == VendorBody::Empty && to("no-op").url.query().is_none(), "{kind}");
        assert!(to("value").body == VendorBody::Empty, "{kind}");
        if kind != "value" {
            assert!(text(&to("bodyToken")).contains("v1"), "{kind}");
        }
        let VendorBody::Multipart(parts) = to("multipart").body else { panic!("{kind}: it has parts") };
        let part = Part {
            name: "target".to_owned(),
            file_name: None,
            content_type: None,
            content: PartContent::Text("v1".to_owned()),
        };
        assert_eq!(parts, [part], "{kind}");
        let body = if kind == "body" {
            r#"{"whole":"v1","a":{"b":"v1"}}"#
        } else if kind == "value" {
            "v1"
        } else {
            r#""v1""#
        };
        assert_eq!(text(&to("body")), body, "{kind}");
    }
    assert_eq!(text(&product("prevBody", "any", "body").unwrap()), r#"{"p":{"q":"v1"},"whole":2}"#);
    assert_eq!(text(&product("prevBody", "any", "form").unwrap()), "p=%7B%22q%22%3A%22v1%22%7D&whole=2");
}

#[test]
fn files_travel_by_their_number() {
    let file = CallerPart {
        name: "upload".to_owned(),
        file_name: Some("a.jpg".to_owned()),
        content_type: Some("image/jpeg".to_owned()),
        content: PartContent::File(3),
    };
    let note = CallerPart {
        name: "note".to_owned(),
        file_name: None,
        content_type: None,
        content: PartContent::Text("n".to_owned()),
    };
    let inputs = Inputs { parts: vec![note, file], ..Inputs::default() };
    let with = |name: &str, target: &str, more: &str| {
        let text = format!(
            "name: N\nauthentication: {{ type: none }}\nconfiguration: [{{ key: base.url, defaultValue: 'https://h' }}]\n\
             resources:\n  - method: POST\n    path: /f\n    parameters:\n\
             \x20     - {{ name: {name}, type: multipart, vendorName: doc, vendorType: {target} }}\n\
             \x20     - {{ name: application/json, type: value, vendorName: content-type, vendorType: header }}\n{more}"
        );
        let element = element("x", &text);
        let configuration = effective_configuration(&element, None, None).unwrap();
        plan(&element, &element.resources()[0], &inputs, &configuration)
    };
    for (name, target) in [("file", "multipart"), ("upload", "form")] {
        let more = "      - { name: note, type: multipart, vendorName: remark, vendorType: form }\n";
        let request = with(name, target, more).unwrap();
        assert_eq!(request.header("Content-Type"), None, "who sends it chooses the boundary");
        let VendorBody::Multipart(parts) = request.body else { panic!("it has parts") };
        let shown: Vec<_> = parts.iter().map(|part| (part.name.as_str(), part.content.clone())).collect();
        assert_eq!(shown, [("doc", PartContent::File(3)), ("remark", PartContent::Text("n".to_owned()))]);
        assert_eq!(parts[0].file_name.as_deref(), Some("a.jpg"));
    }
    assert!(with("file", "body", "").unwrap().body == VendorBody::File(3));
    assert_eq!(with("file", "query", ""), Err(PlanError::Unsupported("a file as query".to_owned())));
    assert!(with("gone", "multipart", "").unwrap().body == VendorBody::Empty);
}

#[test]
fn values_take_the_vendors_kind() {
    let text = r#"
name: N
authentication: { type: none }
configuration: [{ key: base.url, defaultValue: "https://h" }]
resources:
  - method: POST
    path: /k
    parameters:
      - { name: n, type: query, vendorName: n, vendorType: bodyField, vendorDataType: integer }
      - { name: b, type: query, vendorName: b, vendorType: bodyField, vendorDataType: boolean }
      - { name: b, type: query, vendorName: b, vendorType: query, dataType: boolean }
      - { name: s, type: query, vendorName: s, vendorType: bodyField }
"#;
    let element = element("x", text);
    let configuration = effective_configuration(&element, None, None).unwrap();
    let body = |n: &str, b: &str| {
        let inputs = Inputs { query: pairs(&[("n", n), ("b", b), ("s", "5")]), ..Inputs::default() };
        let request = plan(&element, &element.resources()[0], &inputs, &configuration).unwrap();
        let body: Value = serde_json::from_str(super::tests::text(&request)).unwrap();
        (body, request.url.query().unwrap().to_owned())
    };
    assert_eq!(body("7", "TRUE"), (json!({"n": 7, "b": true, "s": "5"}), "b=true".to_owned()));
    assert_eq!(body("x", "maybe"), (json!({"n": "x", "b": "maybe", "s": "5"}), "b=maybe".to_owned()));
}

#[test]
fn a_parameter_may_have_several_values() {
    let element = element(
        "x",
        "name: N
authentication: { type: none }
configuration: [{ key: base.url, defaultValue: 'https://h' }]
resources:
  - method: GET
    path: /lists
    parameters:
      - { name: tag, type: query, vendorName: 'tag[]', vendorType: query, converter: toList }
      - { name: id, type: query, vendorName: ids, vendorType: query, converter: 'toList:,', required: true }
      - { name: pipe, type: query, vendorName: pipe, vendorType: query, converter: 'toList:|' }
      - { name: X-Id, type: header, vendorName: X-Id, vendorType: header, converter: 'toList' }
  - method: POST
    path: /lists
    parameters:
      - { name: ids, type: bodyField, vendorName: ids, vendorType: query, converter: toList }
      - { name: tag, type: query, vendorName: tags, vendorType: bodyField, converter: toList }
",
    );
    let configuration = effective_configuration(&element, None, None).unwrap();
    let call = |index: usize, inputs: Inputs| plan(&element, &element.resources()[index], &inputs, &configuration);
    let several = Inputs {
        query: pairs(&[("tag", "a b"), ("id", "1"), ("tag", "c,d"), ("id", "2")]),
        headers: pairs(&[("x-id", "1"), ("X-ID", "2")]),
        ..Inputs::default()
    };
    let request = call(0, several).unwrap();
    assert_eq!(request.url.query(), Some("tag%5B%5D=a+b&tag%5B%5D=c%2Cd&ids=1%2C2"));
    assert_eq!(request.header("X-Id"), Some("1,2"));
    assert_eq!(call(0, Inputs::default()).err().unwrap(), PlanError::MissingParameter("id".to_owned()));
    let body = Inputs {
        body: Some(json!({ "ids": [1, "x"] })),
        query: pairs(&[("tag", "a"), ("tag", "b")]),
        ..Inputs::default()
    };
    let request = call(1, body).unwrap();
    assert_eq!(request.url.query(), Some("ids=1&ids=x"));
    assert_eq!(text(&request), r#"{"tags":["a","b"]}"#);
}
