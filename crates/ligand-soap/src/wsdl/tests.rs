//! Descriptions are read with everything they import; what is missing, too much or wrong is said.

use std::cell::Cell;

use proptest::prelude::*;

use super::{Description, DescriptionError, SoapVersion};
use crate::samples::{BOOKS, PARTS, WSDL, fetch, library};

fn schema(inside: &str) -> String {
    format!(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='u:t' targetNamespace='u:t'>{inside}</xs:schema>"
    )
}

fn parse(text: &str) -> Result<Description, DescriptionError> {
    Description::parse(text, &|_| None)
}

#[test]
fn derived_types_are_told() {
    let types = "<xs:complexType name='Base'/><xs:complexType name='B'><xs:complexContent><xs:extension base='Base'/>\
                 </xs:complexContent></xs:complexType><xs:complexType name='A'><xs:complexContent>\
                 <xs:extension base='B'/></xs:complexContent></xs:complexType><xs:complexType name='C' abstract='true'>\
                 <xs:complexContent><xs:extension base='Base'/></xs:complexContent></xs:complexType>\
                 <xs:complexType name='Other'/>";
    let text = format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/'><w:types>{}</w:types></w:definitions>",
        schema(types)
    );
    let description = parse(&text).unwrap();
    assert_eq!(description.kinds("Base"), Some(vec!["A".to_owned(), "B".to_owned()]));
    assert_eq!(description.kinds("Other"), Some(Vec::new()));
    assert_eq!(description.kinds("None"), None);
}

#[test]
fn services_and_operations_are_found() {
    let library = library();
    let [port] = library.ports() else { panic!("one port") };
    assert_eq!((port.service.as_str(), port.name.as_str()), ("LibraryService", "LibraryPort"));
    assert_eq!((port.address.as_str(), port.version), ("http://library.test/soap", SoapVersion::V1_1));
    let names: Vec<&str> = port.operations().map(|operation| operation.name.as_str()).collect();
    assert_eq!(names, ["Store"], "only document/literal operations");
    let store = library.operation("Store").unwrap();
    assert_eq!(store.action, "do-store");
    assert_eq!(store.headers().collect::<Vec<_>>(), ["ClientHeader"]);
    assert!(library.operation("Burn").is_none());
}

#[test]
fn missing_documents_are_named_until_all_are_there() {
    let books = "http://library.test/soap?xsd=books";
    let parts = "http://library.test/parts.xsd";
    let missing = |text: &str| Err(DescriptionError::Missing(vec![text.to_owned()]));
    assert_eq!(Description::parse(WSDL, &|_| None).map(drop), missing(books));
    assert_eq!(Description::parse(WSDL, &|name| (name == books).then_some(BOOKS)).map(drop), missing(parts));
    assert!(Description::parse(WSDL, &fetch).is_ok());
}

#[test]
fn relative_locations_are_relative_to_the_main_document() {
    let main = schema("<xs:include schemaLocation='deep/a.xsd'/>");
    let inner = schema("<xs:include schemaLocation='../b.xsd'/><xs:include schemaLocation='c.xsd'/>");
    let found = Description::parse(&main, &|name| (name == "deep/a.xsd").then_some(inner.as_str()));
    assert_eq!(found.map(drop), Err(DescriptionError::Missing(vec!["b.xsd".to_owned(), "deep/c.xsd".to_owned()])));
}

#[test]
fn documents_may_import_each_other() {
    let one = schema(
        "<xs:include schemaLocation='two'/><xs:complexType name='A'><xs:sequence>\
                      <xs:element name='b' type='B'/></xs:sequence></xs:complexType>",
    );
    let two = schema(
        "<xs:include schemaLocation='one'/><xs:complexType name='B'><xs:sequence>\
                      <xs:element name='a' type='A' minOccurs='0'/></xs:sequence></xs:complexType>",
    );
    let found =
        Description::parse(&one, &|name| Some(if name == "one" { one.as_str() } else { two.as_str() })).unwrap();
    assert_eq!(found.members("B").unwrap()[0].type_name.as_deref(), Some("A"));
}

#[test]
fn what_is_not_a_description_is_refused() {
    for text in ["", "<a/>", "<html>", "<!DOCTYPE x><xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>", "{}"] {
        assert_eq!(parse(text).map(drop), Err(DescriptionError::Malformed { location: String::new() }), "{text}");
    }
    let main = schema("<xs:include schemaLocation='x'/>");
    let found = Description::parse(&main, &|_| Some("<html/>"));
    assert_eq!(found.map(drop), Err(DescriptionError::Malformed { location: "x".to_owned() }));
}

#[test]
fn what_refers_to_nothing_is_refused() {
    let cases = [
        ("<xs:element name='a' type='No'/>", "type", "{u:t}No"),
        ("<xs:element name='a' type='p:No'/>", "type", "p:No"),
        (
            "<xs:complexType name='A'><xs:complexContent><xs:extension base='B'/></xs:complexContent></xs:complexType>",
            "type",
            "{u:t}B",
        ),
        (
            "<xs:complexType name='A'><xs:sequence><xs:element ref='b'/></xs:sequence></xs:complexType>",
            "element",
            "{u:t}b",
        ),
        ("<xs:complexType name='A'><xs:group ref='b'/></xs:complexType>", "group", "{u:t}b"),
        ("<xs:complexType name='A'><xs:attribute ref='b'/></xs:complexType>", "attribute", "{u:t}b"),
        ("<xs:complexType name='A'><xs:attributeGroup/></xs:complexType>", "attributeGroup", ""),
        ("<xs:element name='a' substitutionGroup='b'/>", "element", "{u:t}b"),
    ];
    for (inside, what, name) in cases {
        let expected = DescriptionError::Unresolved { what, name: name.to_owned() };
        assert_eq!(parse(&schema(inside)).map(drop), Err(expected), "{inside}");
    }
    for part in ["t:StoreIn", "t:Library\"", "t:LibraryBinding"] {
        let broken = WSDL.replacen(part, &part.replace(":", ":No"), 1);
        assert!(Description::parse(&broken, &fetch).is_err(), "{part}");
    }
}

#[test]
fn what_never_ends_is_refused() {
    let extension = |name: &str, base: &str| {
        format!(
            "<xs:complexType name='{name}'><xs:complexContent><xs:extension base='{base}'/></xs:complexContent></xs:complexType>"
        )
    };
    let circle = schema(&format!("{}{}", extension("A", "B"), extension("B", "A")));
    assert!(matches!(parse(&circle), Err(DescriptionError::Circular { .. })));
    let chain: String = (0..500).map(|each| extension(&format!("A{each:03}"), &format!("A{:03}", each + 1))).collect();
    assert_eq!(parse(&schema(&chain)).map(drop), Err(DescriptionError::TooLarge));
    let group = schema(
        "<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group>\
                        <xs:complexType name='A'><xs:group ref='g'/></xs:complexType>",
    );
    assert_eq!(parse(&group).map(drop), Err(DescriptionError::TooLarge));
    let attributes = schema(
        "<xs:attributeGroup name='g'><xs:attributeGroup ref='g'/></xs:attributeGroup>\
                             <xs:complexType name='A'><xs:attributeGroup ref='g'/></xs:complexType>",
    );
    assert_eq!(parse(&attributes).map(drop), Err(DescriptionError::TooLarge));
    let simple = schema("<xs:simpleType name='A'><xs:restriction base='A'/></xs:simpleType>");
    assert!(matches!(parse(&simple), Err(DescriptionError::Circular { .. })));
}

#[test]
fn too_many_documents_are_refused() {
    let count = Cell::new(0);
    let texts: Vec<String> = (0..200).map(|each| schema(&format!("<xs:include schemaLocation='{each}'/>"))).collect();
    let found = Description::parse(&texts[0], &|_| {
        count.set(count.get() + 1);
        texts.get(count.get()).map(String::as_str)
    });
    assert_eq!(found.map(drop), Err(DescriptionError::TooLarge));
    assert!(count.get() < 150);
}

#[test]
fn groups_that_double_are_bounded() {
    let mut inside =
        "<xs:group name='g0'><xs:sequence><xs:element name='x' type='xs:string'/></xs:sequence></xs:group>".to_owned();
    for each in 1..28 {
        let twice = format!("<xs:group ref='g{}'/>", each - 1).repeat(2);
        inside.push_str(&format!("<xs:group name='g{each}'><xs:sequence>{twice}</xs:sequence></xs:group>"));
    }
    inside.push_str("<xs:complexType name='A'><xs:group ref='g27'/></xs:complexType>");
    assert_eq!(parse(&schema(&inside)).map(drop), Err(DescriptionError::TooLarge));
}

#[test]
fn members_are_named_as_beans_and_can_be_renamed() {
    let names = |description: &Description, kind: &str| -> Vec<String> {
        description.members(kind).unwrap().into_iter().map(|member| member.name).collect()
    };
    let library = library();
    let book =
        ["id", "lookupName", "createdTime", "title", "nameOfSLA", "pages", "price", "inPrint", "labels", "fields"];
    assert_eq!(names(&library, "Book")[..10], book);
    assert_eq!(names(&library, "DataValue"), ["idvalueList", "stringValue", "integerValue", "objectValue"]);
    assert_eq!(names(&library, "Field"), ["dataValue", "extra", "name", "Name"], "names that collide");
    let overrides = [("IDValueList", "ids"), ("Book.Title", "heading"), ("Title", "title2"), ("Pages", "id")];
    let overrides = overrides.map(|(from, to)| (from.to_owned(), to.to_owned())).into();
    let library = library.with_names(&overrides);
    assert_eq!(names(&library, "DataValue")[0], "ids");
    assert_eq!(names(&library, "Book")[3..6], ["heading", "nameOfSLA", "Pages"]);
    assert_eq!(names(&library, "Record")[3], "title2");
}

#[test]
fn members_and_types_are_described() {
    let library = library();
    let book = library.members("Book").unwrap();
    let found = |name: &str| book.iter().find(|member| member.name == name).unwrap();
    assert_eq!((found("pages").kind, found("pages").is_nillable), ("integer", true));
    assert_eq!(found("labels").type_name.as_deref(), Some("LabelList"));
    assert_eq!((found("fields").kind, found("fields").is_many), ("object", true));
    assert!(found("shelf").is_attribute);
    let field = library.members("Field").unwrap();
    let required: Vec<bool> = field.iter().map(|member| member.is_required).collect();
    assert_eq!(required, [true, false, true, false]);
    assert!(library.members("DataValue").unwrap().iter().all(|member| !member.is_required), "a choice");
    let label = library.members("Label").unwrap();
    assert_eq!(label[1].values, ["add", "remove"]);
    assert_eq!(library.types_of("Thing"), ["Book", "Record"]);
    assert_eq!(library.types_of("Planet"), [""; 0]);
    assert!(library.members("Planet").is_none());
}

proptest! {
    #[test]
    fn damaged_descriptions_do_no_harm(at in 0..BOOKS.len(), length in 0..40_usize, with in "[<>/\"a-z: ]{0,5}") {
        let mut damaged = BOOKS.to_owned();
        let end = (at + length).min(damaged.len());
        damaged.replace_range(at..end, &with);
        drop(Description::parse(&damaged, &|_| Some(PARTS)));
    }
}

/// A service of the style rpc at two ports, whose schemas lack something.
const STOCK: &str = "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
    xmlns:s12='http://schemas.xmlsoap.org/wsdl/soap12/' xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='u:stock' targetNamespace='u:stock'>\
    <w:message name='In'><w:part name='item' type='xs:string'/><w:part name='depot' type='t:Lost'/></w:message>\
    <w:message name='Out'><w:part name='count' type='xs:int'/></w:message><w:message name='None'/>\
    <w:portType name='Stock'><w:operation name='Count'><w:input message='t:In'/><w:output message='t:Out'/></w:operation>\
    <w:operation name='Ping'><w:input message='t:None'/><w:output message='t:Out'/></w:operation></w:portType>\
    <w:binding name='One' type='t:Stock'><s:binding style='rpc'/><w:operation name='Count'><w:input><s:body use='literal'/></w:input>\
    <w:output><s:body use='literal'/></w:output></w:operation><w:operation name='Ping'><w:input><s:body use='literal' namespace='u:n'/></w:input>\
    <w:output><s:body use='literal' namespace='u:n'/></w:output></w:operation></w:binding>\
    <w:binding name='Two' type='t:Stock'><s12:binding/><w:operation name='Ping'><w:input><s12:body use='literal'/></w:input>\
    </w:operation></w:binding>\
    <w:service name='S'><w:port name='A' binding='t:One'/><w:port name='B' binding='t:Two'/></w:service></w:definitions>";

#[test]
fn documents_that_are_all_there_is_may_lack_something() {
    assert!(matches!(parse(STOCK), Err(DescriptionError::Unresolved { what: "type", .. })));
    let stock = Description::parse_given(&[("stock.wsdl", STOCK)]).unwrap();
    let refused = vec![("Count".to_owned(), "there is no type t:Lost".to_owned())];
    assert_eq!(stock.ports()[0].refused, refused);
    assert!(stock.operation("Count").is_none() && stock.operation("Ping").is_some());
    let broken = schema(
        "<xs:import namespace='u:x' schemaLocation='x.xsd'/><xs:element name='a' type='No'/>\
                         <xs:complexType name='B'><xs:sequence><xs:element ref='c'/><xs:group ref='d'/></xs:sequence>\
                         <xs:attribute ref='e'/><xs:attributeGroup ref='f'/></xs:complexType>",
    );
    let lenient = Description::parse_given(&[("a", &broken)]).unwrap();
    let lost = ["attribute {u:t}e", "attributeGroup {u:t}f", "element {u:t}c", "group {u:t}d", "type {u:t}No"];
    assert_eq!(
        (lenient.about().unresolved.as_slice(), lenient.about().missing.as_slice()),
        (lost.map(str::to_owned).as_slice(), ["x.xsd".to_owned()].as_slice())
    );
}

#[test]
fn documents_are_found_by_name_or_because_they_are_there() {
    let main = schema(
        "<xs:include schemaLocation='deep/types.xsd?v=1'/><xs:import namespace='u:o' schemaLocation='http://a/b?xsd=2'/>\
                       <xs:complexType name='A'><xs:sequence><xs:element name='b' type='B'/><xs:element name='c' xmlns:o='u:o' type='o:C'/></xs:sequence></xs:complexType>",
    );
    let types = schema("<xs:complexType name='B'/>").replace(" targetNamespace='u:t'", "");
    let other = schema("<xs:complexType name='C'/>").replace("u:t", "u:o");
    let found =
        Description::parse_given(&[("main.xsd", &main), ("x/types.xsd?v=1", &types), ("other", &other)]).unwrap();
    assert!(found.about().unresolved.is_empty(), "{:?}", found.about().unresolved);
    assert_eq!(found.members("A").unwrap().len(), 2);
}

#[test]
fn operations_are_told_apart_by_their_ports() {
    let stock = Description::parse_given(&[("stock.wsdl", STOCK)]).unwrap();
    let [one, two] = stock.ports() else { panic!("two ports") };
    let spelled = [stock.spelled(one, "Ping"), stock.spelled(two, "Ping"), stock.spelled(two, "Pong")];
    assert_eq!(spelled, [Some("Ping".to_owned()), Some("B/Ping".to_owned()), None]);
    assert_eq!([stock.version_of("Ping"), stock.version_of("S/B/Ping")], [SoapVersion::V1_1, SoapVersion::V1_2]);
}

#[test]
fn messages_of_parts_have_an_element_around_them() {
    let text = STOCK.replace("t:Lost", "xs:int");
    let stock = Description::parse_given(&[("stock.wsdl", &text)]).unwrap();
    let options = crate::EncodeOptions::default();
    let value = serde_json::json!({ "item": "a&b", "depot": 4 });
    assert_eq!(stock.encode("Count", &value, &options).unwrap(), "<Count><item>a&amp;b</item><depot>4</depot></Count>");
    let lacking = stock.encode("Count", &serde_json::json!({ "item": "a" }), &options).unwrap_err();
    assert_eq!(lacking.to_string(), "depot is required");
    let empty = serde_json::json!({});
    assert_eq!(stock.encode("Ping", &empty, &options).unwrap(), "<n0:Ping xmlns:n0=\"u:n\"/>");
    assert_eq!(stock.encode("B/Ping", &empty, &options).unwrap(), "", "a document without parts is nothing");
    assert_eq!(stock.encode("B/Ping", &value, &options).unwrap_err().to_string(), "item is not known");
    let answer = "<any:Name xmlns:any='u:other'><count>5</count></any:Name>";
    let decoded = stock.decode_answer("Ping", answer, crate::TypeNames::Drop).unwrap();
    assert_eq!(decoded.value, serde_json::json!({ "count": 5 }));
    assert!(stock.decode_answer("B/Ping", answer, crate::TypeNames::Drop).is_err());
}

#[test]
fn documents_shrink_to_what_programs_read() {
    let text = WSDL.replace("<w:types>", "<w:documentation>Much <b>to</b> say</w:documentation><!-- x --><w:types>");
    let short = crate::compact(&text);
    assert!(short.len() < text.len() && !short.contains("say") && !short.contains("<!--"), "{short}");
    assert_eq!(crate::compact("<not XML"), "<not XML");
    let whole = Description::parse(&short, &fetch).unwrap();
    let names = |description: &Description| -> Vec<String> {
        description.ports()[0].operations().map(|operation| operation.name.clone()).collect()
    };
    assert_eq!(names(&whole), names(&library()));
}

#[test]
fn given_documents_are_read_once_however_many_refer_to_them() {
    let types: String = (0..5_000).map(|each| format!("<xs:complexType name='T{each}'/>")).collect();
    let big = schema(&types);
    let tiny: Vec<String> = (0..199)
        .map(|each| {
            let import = format!("<xs:import namespace='u:t' schemaLocation='{each}/big.xsd'/>");
            schema(&import).replace(" targetNamespace='u:t'", "")
        })
        .collect();
    let names: Vec<String> = (0..199).map(|each| format!("w{each}.xsd")).collect();
    let mut given: Vec<(&str, &str)> = names.iter().zip(&tiny).map(|(name, text)| (&**name, &**text)).collect();
    given.push(("big.xsd", &big));
    // Were it read for each, its elements would be too many.
    let found = Description::parse_given(&given).unwrap();
    assert!(found.members("T4999").is_some() && found.about().missing.is_empty());
}

#[test]
fn given_documents_are_bounded_together() {
    let tiny = schema("");
    let many: Vec<(&str, &str)> = vec![("a.xsd", &tiny); 257];
    assert_eq!(Description::parse_given(&many).map(drop), Err(DescriptionError::TooLarge));
    let nodes = schema(&"<a/>".repeat(450_000));
    let three = [nodes.clone(), nodes.clone(), nodes];
    let given: Vec<(&str, &str)> = three.iter().map(|text| ("", text.as_str())).collect();
    assert!(Description::parse_given(&given[..1]).is_ok());
    assert_eq!(Description::parse_given(&given).map(drop), Err(DescriptionError::TooLarge), "all of them");
    let one = schema(&"<a/>".repeat(700_000));
    assert_eq!(Description::parse_given(&[("", &one)]).map(drop), Err(DescriptionError::TooLarge), "one of them");
}

/// A service of the style rpc whose operations share one message.
fn shared(parts: usize, operations: usize, name: &dyn Fn(usize) -> String) -> String {
    let parts: String = (0..parts).map(|each| format!("<w:part name='p{each}' type='x:int'/>")).collect();
    let made = |inside: &str| -> String {
        (0..operations).map(|each| format!("<w:operation name='{}'>{inside}</w:operation>", name(each))).collect()
    };
    format!(
        "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:t='u:t' targetNamespace='u:t'><w:message name='M'>{parts}\
         </w:message><w:portType name='P'>{}</w:portType><w:binding name='B' type='t:P'><s:binding style='rpc'/>{}\
         </w:binding></w:definitions>",
        made("<w:input message='t:M'/>"),
        made("<w:input><s:body use='literal'/></w:input>")
    )
}

#[test]
fn parts_that_operations_share_are_counted() {
    let given = |text: &str| Description::parse_given(&[("a.wsdl", text)]);
    let distinct = |each: usize| format!("o{each}");
    assert_eq!(given(&shared(5_000, 1, &distinct)).map(drop), Err(DescriptionError::TooLarge), "one message");
    assert_eq!(given(&shared(4_000, 1_000, &distinct)).map(drop), Err(DescriptionError::TooLarge), "all operations");
    let few = given(&shared(2, 50, &distinct)).unwrap();
    let kinds: std::collections::HashSet<_> = few.ports()[0].operations().filter_map(|one| few.input(one)).collect();
    assert_eq!((few.ports()[0].operations().count(), kinds.len()), (50, 1), "one type for all");
    assert_eq!(given(&shared(0, 20_001, &|_| "o".to_owned())).map(drop), Err(DescriptionError::TooLarge), "repeated");
}

#[test]
fn steps_between_elements_that_stand_for_each_other_are_counted() {
    let chain: String = (1..3_000)
        .map(|each| {
            let head = each - 1;
            format!("<xs:element name='e{each}' abstract='true' type='xs:int' substitutionGroup='e{head}'/>")
        })
        .collect();
    let refs = "<xs:element ref='e0'/>".repeat(300);
    let text = schema(&format!(
        "<xs:element name='e0' type='xs:int' abstract='true'/>{chain}<xs:complexType name='A'><xs:sequence>{refs}\
         </xs:sequence></xs:complexType>"
    ));
    assert_eq!(parse(&text).map(drop), Err(DescriptionError::TooLarge));
}
