//! What callers ask of lists: what goes to the vendor, what is done here.

use ligand_domain::Configuration;
use serde_json::json;

use super::*;
use crate::{Record, VendorBody, VendorRequest, folder::tests::element, plan, plan_call};

fn definition(parameters: &str, rest: &str) -> Element {
    element(
        "x",
        &format!(
            "name: N\nauthentication: {{ type: none }}\nconfiguration:\n\
             \x20 - {{ key: base.url, defaultValue: 'https://h' }}\n\
             resources:\n  - {{ method: GET, path: /things, {rest} parameters: [{parameters}] }}\n\
             \x20 - {{ method: GET, path: '/things/{{id}}', parameters: [{parameters}] }}\n\
             \x20 - {{ method: POST, path: /things, parameters: [{parameters}] }}\n"
        ),
    )
}

fn configuration() -> Configuration {
    let mut configuration = Configuration::default();
    configuration.set("base.url", Some("https://h".to_owned()));
    configuration
}

fn inputs(query: &[(&str, &str)]) -> Inputs {
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Inputs { query, ..Inputs::default() }
}

fn prepared(element: &Element, query: &[(&str, &str)]) -> Result<Prepared, PlanError> {
    prepare(element, &element.resources()[0], &inputs(query), &configuration())
}

fn request(element: &Element, query: &[(&str, &str)]) -> Result<VendorRequest, PlanError> {
    plan(element, &element.resources()[0], &inputs(query), &configuration())
}

fn query(element: &Element, asked: &[(&str, &str)]) -> Vec<(String, String)> {
    request(element, asked).unwrap().url.query_pairs().into_owned().collect()
}

fn shown(condition: Option<&Condition>) -> String {
    condition.map(ToString::to_string).unwrap_or_default()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

const WHERE: &str = "{ name: where, type: query, vendorType: query, vendorName: ";

#[test]
fn conditions_are_divided_between_vendor_and_platform() {
    let cases = [
        ("'converter:toODataFilter' }", "a=1 and b[*]=2", "a = 1", "b[*] = 2"),
        ("'converter:toODataFilter' }", "a=1 or b[*]=2", "", "a = 1 OR b[*] = 2"),
        ("q, converter: toAdf }", "a=1 and (b=1 or c=2)", "a = 1", "b = 1 OR c = 2"),
        ("q, converter: toAdfV2 }", "a=1 and (b=1 or c=2)", "a = 1 AND (b = 1 OR c = 2)", ""),
        ("filter }", "a=1 or b=2", "a = 1 OR b = 2", ""),
        ("'converter:toQueryParameters' }", "a=1 and b=2", "a = 1 AND b = 2", ""),
    ];
    for (parameter, text, vendor, local) in cases {
        let element = definition(&format!("{WHERE}{parameter}"), "");
        let prepared = prepared(&element, &[("where", text)]).unwrap();
        let got = (shown(prepared.vendor_filter.as_ref()), shown(prepared.local_filter.as_ref()));
        assert_eq!(got, (vendor.to_owned(), local.to_owned()), "{parameter} {text}");
    }
}

#[test]
fn parameters_that_are_named_take_their_conditions_and_no_others() {
    let named = "object: { name: things, searchConfiguration: { fields: [status, owner, made_after] } }, \
                 model: { name: all, swagger: { all: { type: array, items: { $ref: '#/definitions/one' } }, \
                 one: { properties: { status: { type: string } } } } },";
    let element = definition(&format!("{WHERE}'converter:toQueryParameters' }}"), named);
    for (text, vendor, local) in [
        ("status='a' and size>2", "status = 'a'", "size > 2"),
        ("status='a' and owner='b'", "status = 'a' AND owner = 'b'", ""),
        ("status='a' or owner='b'", "", "status = 'a' OR owner = 'b'"),
        ("status>'a'", "", "status > 'a'"),
        ("other='a'", "", "other = 'a'"),
        ("status in ('a','b')", "status IN ('a', 'b')", ""),
        ("made_after>'2017'", "made_after > '2017'", ""),
    ] {
        let prepared = prepared(&element, &[("where", text)]).unwrap();
        let got = (shown(prepared.vendor_filter.as_ref()), shown(prepared.local_filter.as_ref()));
        assert_eq!(got, (vendor.to_owned(), local.to_owned()), "{text}");
    }
    assert_eq!(query(&element, &[("where", "status='a' and size>2")]), [pair("status", "a")]);
}

#[test]
fn what_no_parameter_takes_is_filtered_here() {
    let no_op = "{ name: where, type: query, vendorType: no-op }";
    let hook = "hooks: [{ type: preRequest, body: '' }],";
    for (parameters, rest, local) in [("", "", "a = 1"), (no_op, "", "a = 1"), ("", hook, "a = 1"), (no_op, hook, "")] {
        let element = definition(parameters, rest);
        let prepared = prepared(&element, &[("where", "a=1")]).unwrap();
        assert_eq!(shown(prepared.local_filter.as_ref()), local, "{parameters} {rest}");
        assert_eq!(shown(prepared.expression.as_ref()), "a = 1");
    }
    let element = definition("", "");
    for resource in &element.resources()[1..] {
        let prepared = prepare(&element, resource, &inputs(&[("where", "a=1")]), &configuration()).unwrap();
        assert!(prepared.local_filter.is_none() && prepared.walk().is_none());
    }
}

#[test]
fn converters_write_where_the_definition_says() {
    let where_to =
        |parameter: &str, text: &str| query(&definition(&format!("{WHERE}{parameter}"), ""), &[("where", text)]);
    assert_eq!(where_to("'converter:toODataFilter' }", "a='x'"), [pair("$filter", "a eq 'x'")]);
    assert_eq!(where_to("'converter:toCEQL:query' }", "a ='x'"), [pair("query", "a = 'x'")]);
    assert_eq!(where_to("q, converter: toAdf }", "A='x' and B>1"), [pair("q", "A='x';B>1")]);
    assert_eq!(where_to("q, converter: toAdf }", "A='x' or B>1"), []);
    assert_eq!(where_to("'converter:toQueryParameters' }", "a=1 and b='x y'"), [pair("a", "1"), pair("b", "x y")]);
    assert_eq!(where_to("raw }", "a='x'"), [pair("raw", "a='x'")]);
    assert_eq!(where_to("raw }", " "), [pair("raw", " ")]);
}

#[test]
fn clauses_of_a_template_are_there_or_not() {
    let parameters = "{ name: text/plain, type: value, vendorName: Content-Type, vendorType: header }, \
        { name: where, type: query, vendorName: where, vendorType: bodyToken, converter: 'toRoql: WHERE ' }, \
        { name: orderBy, type: query, vendorName: order, vendorType: bodyToken, converter: 'toRoqlOrderBy: ORDER BY ' }, \
        { name: 'SELECT C FROM C{where}{order} LIMIT {limit} OFFSET {offset}', type: value, vendorType: body }";
    let element = definition(parameters, "");
    let text = |asked: &[(&str, &str)]| match request(&element, asked).unwrap().body {
        VendorBody::Text(text) => text,
        _ => panic!("it has a body"),
    };
    assert_eq!(text(&[("pageSize", "5")]), "SELECT C FROM C LIMIT 5 OFFSET 0");
    assert_eq!(
        text(&[("where", "name.first='O''B'"), ("orderBy", "id desc"), ("pageSize", "5"), ("page", "3")]),
        "SELECT C FROM C WHERE Name.First = 'O''B' ORDER BY ID DESC LIMIT 5 OFFSET 10"
    );
}

#[test]
fn bad_conditions_and_converters_are_refused_by_name() {
    let odata = definition(&format!("{WHERE}'converter:toODataFilter' }}"), "");
    let refused = |element: &Element, text: &str| prepared(element, &[("where", text)]).unwrap_err().to_string();
    assert!(refused(&odata, "a=").starts_with("Error parsing query"));
    assert!(refused(&definition("", ""), "(((").starts_with("Error parsing query"));
    let mars = definition(&format!("{WHERE}'converter:toSFDCReportFilter' }}"), "");
    assert_eq!(refused(&mars, "a=1"), "the converter toSFDCReportFilter is not supported");
    assert!(prepared(&mars, &[]).is_ok(), "nothing is converted when nothing is asked");
    let plain = definition(&format!("{WHERE}'converter:toQueryParameters' }}"), "");
    let error = request(&plain, &[("where", "a=1 or b=2")]).unwrap_err().to_string();
    assert_eq!(error, "where: a = 1 OR b = 2 cannot be expressed in query parameters");
    assert!(prepared(&odata, &[("page", "x")]).is_err());
}

#[test]
fn fields_go_to_the_vendor_only_when_records_may_be_cut() {
    let fields = "{ name: fields, type: query, vendorName: f, vendorType: query }";
    let element = definition(fields, "");
    assert_eq!(query(&element, &[("fields", " id , a.b ")]), [pair("f", "id,a.b")]);
    assert_eq!(query(&element, &[("fields", "id"), ("where", "a=1")]), [], "a is needed to filter here");
    let got = prepared(&element, &[("fields", "id")]).unwrap();
    assert_eq!(got.finish(json!([{"id": 1, "a": 2, "n": null}])), json!([{"id": 1}]));
    let mut without = configuration();
    without.set("allow.select.fields", Some("false".to_owned()));
    without.set("filter.response.nulls", Some("false".to_owned()));
    let got = prepare(&element, &element.resources()[0], &inputs(&[("fields", "id")]), &without).unwrap();
    assert_eq!(got.finish(json!([{"id": 1, "n": null}])), json!([{"id": 1, "n": null}]));
    let one = prepare(&element, &element.resources()[1], &inputs(&[("fields", "id")]), &configuration()).unwrap();
    assert_eq!(one.finish(json!({"id": 1, "a": 2})), json!({"id": 1}));
    let created = prepare(&element, &element.resources()[2], &inputs(&[("fields", "id")]), &configuration()).unwrap();
    assert_eq!(created.finish(json!({"id": 1, "a": 2, "n": null})), json!({"id": 1, "a": 2}));
}

#[test]
fn orders_go_to_the_vendor_or_are_made_here_or_warn() {
    let asked = [("orderBy", "a desc, b")];
    let vendor = definition(
        "{ name: orderBy, type: query, vendorName: orderBy, vendorType: query, converter: toAdfOrderBy }",
        "",
    );
    assert_eq!(query(&vendor, &asked), [pair("orderBy", "a:desc,b:asc")]);
    let here = prepared(&definition("{ name: orderBy, type: query, vendorType: no-op }", ""), &asked).unwrap();
    let mut walk = here.walk().unwrap();
    walk.feed(vec![Record::Value(json!({"a": 1})), Record::Value(json!({"a": 2}))], crate::After::default()).unwrap();
    assert_eq!(walk.finish().records, [Record::Value(json!({"a": 2})), Record::Value(json!({"a": 1}))]);
    let ignored = prepared(&definition("", ""), &asked).unwrap();
    assert!(ignored.local_order.is_empty() && ignored.warnings[0].contains("ignored"));
    assert!(prepared(&definition("", ""), &[("pageSize", "9999")]).unwrap().warnings[0].contains("capped"));
}

#[test]
fn a_walk_plans_a_request_for_each_page() {
    let parameters = "{ name: page, type: query, vendorName: p, vendorType: query }, \
        { name: pageSize, type: query, vendorName: s, vendorType: query }";
    let element = definition(parameters, "");
    let resource = &element.resources()[0];
    let asked = inputs(&[("where", "even=true"), ("pageSize", "2"), ("unknown", "u")]);
    let mut configuration = configuration();
    configuration.set("pagination.max", Some("3".to_owned()));
    let prepared = prepare(&element, resource, &asked, &configuration).unwrap();
    let mut walk = prepared.walk().unwrap();
    let mut queries = Vec::new();
    let mut id = 0;
    while let Some(page) = walk.next_page() {
        let planned = plan_call(&element, resource, &asked, &configuration, &prepared, Some(&page)).unwrap();
        queries.push(planned.request().unwrap().url.query().unwrap().to_owned());
        let records = (id..id + 3).map(|id| Record::Value(json!({"id": id, "even": id == 1 || id == 5}))).collect();
        id += 3;
        walk.feed(records, crate::After::default()).unwrap();
    }
    assert_eq!(queries, ["p=1&s=3", "p=2&s=3"]);
    assert_eq!(walk.finish().records.len(), 2);
}

#[test]
fn fields_have_further_names_and_only_known_ones_reach_the_vendor() {
    let object = "object: { name: things, searchConfiguration: { fields: [a, 'c.*'], aliases: { old: a } } },";
    let parameters = "{ name: where, type: query, vendorType: query, vendorName: q, converter: toRoql }, \
         { name: orderBy, type: query, vendorType: query, vendorName: o, converter: 'toRoqlOrderBy:by {}, x' }";
    let element = definition(parameters, object);
    let asked = [("where", "old = 1 AND c.d.e = 2 AND b = 3 AND cx = 4"), ("orderBy", "old desc, c.d")];
    let prepared = prepared(&element, &asked).unwrap();
    assert_eq!(shown(prepared.vendor_filter.as_ref()), "a = 1 AND c.d.e = 2");
    assert_eq!(shown(prepared.local_filter.as_ref()), "b = 3 AND cx = 4");
    let sent = [pair("q", "A = 1 AND C.D.E = 2"), pair("o", "by A DESC, C.D ASC, x")];
    assert_eq!(query(&element, &asked), sent);
    // Whether there is such a field to order by, the vendor says.
    assert_eq!(query(&element, &[("orderBy", "a, b")]), [pair("o", "by A ASC, B ASC, x")]);
}
