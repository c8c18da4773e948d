//! The WSDL and the schemas are XML and hang together.

use super::{wsdl, xsd};
use crate::servicecloud::schema::SCHEMA;
use crate::servicecloud::xml::parse;

#[test]
fn the_wsdl_names_operations_imports_and_address() {
    let text = wsdl("http://h:1/soap");
    let root = parse(text.as_bytes()).unwrap();
    assert!(root.is("http://schemas.xmlsoap.org/wsdl/", "definitions"));
    assert!(text.contains("<soap:address location=\"http://h:1/soap\"/>"));
    for name in &SCHEMA.operations {
        assert!(text.contains(&format!("soapAction=\"{name}\"")), "{name}");
    }
    for name in &SCHEMA.namespaces {
        assert!(text.contains(&format!("http://h:1/soap?xsd={name}_v1.2")), "{name}");
    }
}

#[test]
fn every_imported_schema_exists() {
    for name in &SCHEMA.namespaces {
        let text = xsd(&format!("{name}_v1.2"), "http://h:1/soap").unwrap();
        let root = parse(text.as_bytes()).unwrap();
        assert_eq!(root.attribute("targetNamespace"), Some(&*super::uri(name)));
    }
    assert!(xsd("objects", "x").is_some());
    assert!(xsd("unicorns", "x").is_none());
    assert!(xsd("", "x").is_none());
}

#[test]
fn addresses_are_escaped() {
    let text = wsdl("http://h/?a&<b>\"");
    assert!(parse(text.as_bytes()).is_ok());
}
