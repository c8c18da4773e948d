//! Services of all styles, whole and broken, become definitions that can be used as they are.

use std::fmt::Write as _;

use ligand_element::{File, Folder, load};
use ligand_soap::unpack;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Choice, Document, ImportError, Imported, Kind, convert};

const WSDL: &str = include_str!("samples/orders.wsdl");
const DATA: &str = include_str!("samples/data.xsd");
const BASE: &str = include_str!("samples/base.xsd");

fn document(name: &str, text: &str) -> Document {
    Document { name: name.to_owned(), text: text.to_owned() }
}

fn documents() -> Vec<Document> {
    vec![document("orders.wsdl", WSDL), document("data.xsd", DATA), document("base.xsd", BASE)]
}

fn import(documents: &[Document], choice: &Choice) -> Imported {
    let imported = convert(Kind::Soap, documents, choice).unwrap();
    let file = File { path: "element.yaml".to_owned(), text: imported.definition.to_string() };
    load(&Folder { key: "imported".to_owned(), files: vec![file] }).unwrap_or_else(|problems| panic!("{problems:#?}"));
    imported
}

fn orders() -> Imported {
    import(&documents(), &Choice::default())
}

fn resource<'a>(imported: &'a Imported, path: &str) -> &'a Value {
    let resources = imported.definition["resources"].as_array().unwrap();
    resources.iter().find(|each| each["path"] == path).unwrap_or_else(|| panic!("there is no {path}"))
}

fn remarks(imported: &Imported) -> Vec<String> {
    imported.remarks.iter().map(ToString::to_string).collect()
}

fn tags(tag: &str) -> Choice {
    Choice { tags: vec![tag.to_owned()], ..Choice::default() }
}

#[test]
fn operations_become_resources() {
    let orders = orders();
    let definition = &orders.definition;
    assert_eq!(
        (&definition["name"], &definition["description"], &definition["protocolType"]),
        (&json!("urn:orders"), &json!("Orders and what is in stock."), &json!("soap"))
    );
    let all: Vec<_> =
        definition["resources"].as_array().unwrap().iter().map(|each| (&each["path"], &each["operation"])).collect();
    let expected = json!([
        ["/Find", "Find"],
        ["/Ping", "Ping"],
        ["/Store", "Store"],
        ["/Count", "Count"],
        ["/StockService/Find", "StockPort/Find"],
    ]);
    assert_eq!(json!(all), expected);
    let find = resource(&orders, "/Find");
    assert_eq!(find["description"], "Finds orders by number or label.");
    assert_eq!(
        find["parameters"],
        json!([{ "name": "body", "type": "body", "vendorType": "body", "required": false }])
    );
    assert!(resource(&orders, "/Ping").get("parameters").is_none(), "it is sent nothing");
    assert_eq!(resource(&orders, "/Store")["parameters"][0]["required"], true);
}

#[test]
fn models_follow_the_schemas() {
    let orders = orders();
    let model = &resource(&orders, "/Store")["model"];
    assert_eq!(model["requestName"], "Order");
    let order = &model["requestSwagger"]["Order"];
    assert_eq!(order["properties"]["id"], json!({ "type": "integer" }), "inherited");
    assert_eq!(order["properties"]["replaces"], json!({ "$ref": "#/definitions/Order" }), "of itself");
    assert_eq!(
        order["properties"]["before"],
        json!({ "$ref": "#/definitions/Order" }),
        "around through another document"
    );
    let state = json!({ "type": "string", "enum": ["open", "done"], "required": true });
    assert_eq!(order["properties"]["state"], state);
    let lines = json!({ "type": "array", "items": { "$ref": "#/definitions/Line" } });
    assert_eq!(order["properties"]["lines"], lines, "an array without what is around it");
    assert_eq!(order["properties"]["paid"], json!({ "type": "string", "format": "date-time", "x-nullable": true }));
    assert_eq!(model["requestSwagger"]["Line"]["properties"]["urgent"], json!({ "type": "boolean" }));
    let payment = &model["requestSwagger"]["Payment"]["properties"]["@type"];
    assert_eq!(payment["enum"], json!(["Card"]), "abstract types say what stands for them");
    let answer = &resource(&orders, "/Find")["model"]["swagger"]["FindResponse"]["properties"]["findResult"];
    assert_eq!(*answer, json!({ "type": "array", "items": { "$ref": "#/definitions/Order" } }));
    let count = &resource(&orders, "/Count")["model"];
    assert_eq!(count["requestSwagger"]["Count"]["properties"]["item"], json!({ "type": "string", "required": true }));
    assert_eq!(
        count["swagger"]["CountResponse"]["properties"]["count"],
        json!({ "type": "integer", "required": true })
    );
}

#[test]
fn addresses_and_headers_are_configuration() {
    let orders = orders();
    let configuration = orders.definition["configuration"].as_array().unwrap();
    let entry = |key: &str| configuration.iter().find(|entry| entry["key"] == key).unwrap();
    assert_eq!(entry("base.url")["defaultValue"], "https://orders.example.com/soap");
    assert_eq!(entry("StockService.url")["defaultValue"], "https://stock.example.com/soap");
    assert_eq!(resource(&orders, "/Count")["vendorPath"], "{StockService.url}");
    assert!(resource(&orders, "/Find").get("vendorPath").is_none());
    assert_eq!(
        (&entry("Ticket.SessionId")["type"], &entry("Ticket.Region")["type"]),
        (&json!("PASSWORD"), &json!("TEXTFIELD_256"))
    );
    let ticket =
        json!({ "sessionId": "${configuration.Ticket.SessionId}", "region": "${configuration.Ticket.Region}" });
    assert_eq!(orders.definition["soap"]["headers"], json!({ "ticket": ticket }));
    assert_eq!(orders.definition["soap"]["lists"], json!(["ArrayOfLine", "ArrayOfOrder"]));
}

#[test]
fn what_is_left_out_is_said() {
    let said = remarks(&orders());
    for expected in [
        "OrderPort/Tell: left out: it is no answer to a request",
        "StockPort/Old: left out: its messages are encoded, not literal",
        "StockPort/Find: is /StockService/Find here, because another operation has the name",
        "OrderPort12: left out: the service has the same operations at another port (choose this one by its name as tag)",
    ] {
        assert!(said.iter().any(|remark| remark == expected), "{expected}: {said:#?}");
    }
    let partly = import(&documents()[..2], &Choice::default());
    let said = remarks(&partly);
    assert!(said.contains(&"schemas/base.xsd: was not given: what it declares is of any type".to_owned()), "{said:#?}");
    assert!(said.contains(&"type {urn:orders:base}Record: is not declared".to_owned()), "{said:#?}");
}

#[test]
fn operations_can_be_chosen() {
    let paths = |choice: Choice| -> Value {
        let chosen = import(&documents(), &choice);
        chosen.definition["resources"].as_array().unwrap().iter().map(|each| each["path"].clone()).collect()
    };
    assert_eq!(
        paths(Choice { operations: vec!["Store".to_owned(), "POST /Count".to_owned()], ..Choice::default() }),
        json!(["/Store", "/Count"])
    );
    assert_eq!(paths(tags("StockService")), json!(["/Count", "/Find"]));
    assert_eq!(paths(tags("OrderPort12")), json!(["/Find"]));
    assert_eq!(import(&documents(), &tags("OrderPort12")).definition["resources"][0]["operation"], "OrderPort12/Find");
    assert_eq!(
        import(&documents(), &tags("Stock")).definition["configuration"][0]["defaultValue"],
        "https://stock.example.com/soap"
    );
    let none = convert(Kind::Soap, &documents(), &tags("No"));
    assert_eq!(none, Err(ImportError::Empty("The document has no operation that is chosen; Tell: it is no answer to a request; Old: its messages are encoded, not literal".to_owned())));
}

#[test]
fn policies_say_how_callers_show_who_they_are() {
    let policy = |namespace: &str, inside: &str| {
        let policy = format!("<w:types><p:Policy xmlns:p='{namespace}'>{inside}</p:Policy></w:types>")
            .replace("w:types", "p:All");
        let policy = policy.replacen("<p:All>", &format!("<p:All xmlns:p='{namespace}'>"), 1);
        let text = WSDL.replacen("<w:types>", &format!("{policy}<w:types>"), 1);
        let mut documents = documents();
        documents[0].text = text;
        import(&documents, &Choice::default()).definition
    };
    let signed =
        policy("http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702", "<p:Token><p:UsernameToken/></p:Token>");
    assert_eq!(signed["authentication"], json!({ "type": "wsSecurity" }));
    let keys: Vec<&Value> = signed["configuration"].as_array().unwrap().iter().map(|entry| &entry["key"]).collect();
    assert!(keys.contains(&&json!("username")) && keys.contains(&&json!("password")));
    let basic = policy("http://schemas.microsoft.com/ws/06/2004/policy/http", "<p:BasicAuthentication/>");
    assert_eq!(basic["authentication"], json!({ "type": "basic" }));
    let other = policy("urn:other", "<p:UsernameToken/>");
    assert_eq!(other["authentication"], json!({ "type": "custom" }));
}

#[test]
fn addresses_that_only_the_author_reaches_have_to_be_given() {
    for address in
        ["", "http://localhost:8080/x", "REPLACE_WITH_ACTUAL_URL", "http://127.0.0.1/x", "ftp://a/b", "http://{host}/x"]
    {
        let mut documents = documents();
        documents[0].text = WSDL.replace("https://orders.example.com/soap\"", &format!("{address}\""));
        let imported = import(&documents, &Choice::default());
        assert_eq!(imported.definition["configuration"][0]["required"], true, "{address}");
        assert!(remarks(&imported).iter().any(|remark| remark.starts_with("base.url: has to be given")));
    }
}

#[test]
fn services_may_be_left_out() {
    let (start, end) = (WSDL.find("  <w:service").unwrap(), WSDL.find("</w:definitions>").unwrap());
    let mut documents = documents();
    documents[0].text = format!("{}{}", &WSDL[..start], &WSDL[end..]);
    let imported = import(&documents, &Choice::default());
    assert_eq!(imported.definition["configuration"][0]["required"], true);
    assert_eq!(resource(&imported, "/Store")["operation"], "Store");
}

#[test]
fn large_descriptions_are_packed() {
    let mut documents = documents();
    let filler: String = (0..4000).fold(String::new(), |mut text, each| {
        write!(text, "<xs:complexType name='T{each}'><xs:sequence><xs:element name='A' type='xs:string'/></xs:sequence></xs:complexType>").unwrap();
        text
    });
    documents[1].text = DATA.replace("</xs:schema>", &format!("{filler}</xs:schema>"));
    let imported = import(&documents, &Choice::default());
    let packed = imported.definition["soap"]["documents"][1]["gzip"].as_str().unwrap();
    assert!(packed.len() < 40_000);
    let text = unpack(packed, 1 << 20).unwrap();
    assert!(text.contains("name=\"Order\"") && text.contains("T3999") && !text.contains("What somebody wants"));
}

#[test]
fn what_is_no_description_is_refused() {
    let refused =
        |text: &str| convert(Kind::Soap, &[document("a.wsdl", text)], &Choice::default()).unwrap_err().to_string();
    for text in [
        "",
        "{}",
        "<a/>",
        "<w:definitions",
        "<!DOCTYPE w [<!ENTITY a 'b'>]><w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'>&a;</w:definitions>",
    ] {
        assert_eq!(refused(text), "a.wsdl is neither WSDL 1.1 nor a schema", "{text}");
    }
    let empty = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'/>";
    assert_eq!(refused(empty), "The document has no port for SOAP");
    let outside = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'><w:import location='file:///etc/passwd'/>\
                   <w:import location='http://169.254.169.254/latest'/></w:definitions>";
    let message = refused(outside);
    assert!(message.ends_with("not given: file:///etc/passwd, http://169.254.169.254/latest"), "{message}");
    let deep = format!("<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'>{}", "<a>".repeat(100_000));
    assert_eq!(refused(&deep), "a.wsdl is neither WSDL 1.1 nor a schema");
}

#[test]
fn descriptions_that_never_end_are_bounded() {
    let schema =
        |inside: &str| WSDL.replacen("<xs:element name=\"Store\"", &format!("{inside}<xs:element name=\"Store\""), 1);
    let convert_with = |inside: &str| {
        let mut documents = documents();
        documents[0].text = schema(inside);
        convert(Kind::Soap, &documents, &Choice::default())
    };
    let itself =
        "<xs:complexType name='A'><xs:complexContent><xs:extension base='t:A'/></xs:complexContent></xs:complexType>";
    assert!(convert_with(itself).unwrap_err().to_string().contains("is derived from itself"));
    let groups: String = (0..60).fold(String::new(), |mut text, each| {
        let next = each + 1;
        write!(text, "<xs:group name='g{each}'><xs:sequence><xs:group ref='t:g{next}'/><xs:group ref='t:g{next}'/></xs:sequence></xs:group>").unwrap();
        text
    });
    let doubled = format!("{groups}<xs:complexType name='A'><xs:group ref='t:g0'/></xs:complexType>");
    assert!(convert_with(&doubled).is_err());
    let arrays = "<xs:complexType name='ArrayOfA'><xs:sequence><xs:element name='a' type='t:ArrayOfB' maxOccurs='unbounded'/></xs:sequence></xs:complexType>\
                  <xs:complexType name='ArrayOfB'><xs:sequence><xs:element name='b' type='t:ArrayOfA' maxOccurs='unbounded'/></xs:sequence></xs:complexType>\
                  <xs:element name='Loop'><xs:complexType><xs:sequence><xs:element name='x' type='t:ArrayOfA'/></xs:sequence></xs:complexType></xs:element>";
    let mut documents = documents();
    documents[0].text = schema(arrays).replace(
        "name=\"FindOut\"><w:part name=\"parameters\" element=\"t:FindResponse\"",
        "name=\"FindOut\"><w:part name=\"parameters\" element=\"t:Loop\"",
    );
    import(&documents, &Choice::default());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_text_is_too_much(start in 0_usize..WSDL.len(), length in 0_usize..200, text in ".{0,20}") {
        let start = (0..=start).rev().find(|place| WSDL.is_char_boundary(*place)).unwrap();
        let end = (start + length).min(WSDL.len());
        let mut documents = documents();
        documents[0].text = format!("{}{text}{}", &WSDL[..start], &WSDL[end..]);
        _ = convert(Kind::Soap, &documents, &Choice::default());
    }
}
