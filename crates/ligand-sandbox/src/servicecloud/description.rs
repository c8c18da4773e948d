//! Writes the WSDL and the schemas it imports, from the table in `schema`.

use std::fmt::Write as _;

use quick_xml::escape::escape;

use super::schema::{Field, SCHEMA, Type, uri};

#[cfg(test)]
mod tests;

const XS: &str = "http://www.w3.org/2001/XMLSchema";
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const WSDL_SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const FAULTS: [&str; 3] = ["RequestErrorFault", "ServerErrorFault", "UnexpectedErrorFault"];

/// The WSDL of the service at an address.
pub(super) fn wsdl(address: &str) -> String {
    let address = escape(address);
    let mut page = Page::new();
    let declared: Vec<String> =
        SCHEMA.namespaces.iter().map(|name| format!(" xmlns:{name}=\"{}\"", uri(name))).collect();
    page.line(&format!(
        "<wsdl:definitions xmlns:wsdl=\"{WSDL}\" xmlns:soap=\"{WSDL_SOAP}\" xmlns:xs=\"{XS}\"\
         {} xmlns:tns=\"{tns}\" name=\"RightNow\" targetNamespace=\"{tns}\">",
        declared.concat(),
        tns = uri("wsdl"),
    ));
    page.line("<wsdl:documentation>Stand-in of the Connect Web Services for SOAP, version 1.2.</wsdl:documentation>");
    page.line("<wsdl:types><xs:schema>");
    for name in &SCHEMA.namespaces {
        page.line(&import(name, &address));
    }
    page.line("</xs:schema></wsdl:types>");
    messages(&mut page);
    port_type(&mut page);
    binding(&mut page);
    page.line("<wsdl:service name=\"RightNowSyncService\">");
    page.line("<wsdl:port name=\"RightNowSyncPort\" binding=\"tns:RightNowSyncBinding\">");
    page.line(&format!("<soap:address location=\"{address}\"/>"));
    page.line("</wsdl:port></wsdl:service></wsdl:definitions>");
    page.0
}

/// The schema of a namespace, by its short name with or without the version behind it; `None` if
/// there is no such schema.
pub(super) fn xsd(name: &str, address: &str) -> Option<String> {
    let name = name.strip_suffix("_v1.2").or_else(|| name.strip_suffix("_v1.3")).unwrap_or(name);
    let name = if name == "messagestyped" { "messages" } else { name };
    let name = SCHEMA.namespaces.iter().find(|known| **known == name)?;
    let address = escape(address);
    let mut page = Page::new();
    let declared: Vec<String> =
        SCHEMA.namespaces.iter().map(|name| format!(" xmlns:{name}=\"{}\"", uri(name))).collect();
    page.line(&format!(
        "<xs:schema xmlns:xs=\"{XS}\"{} targetNamespace=\"{}\" elementFormDefault=\"qualified\" \
         attributeFormDefault=\"unqualified\">",
        declared.concat(),
        uri(name),
    ));
    for other in SCHEMA.namespaces.iter().filter(|other| *other != name) {
        page.line(&import(other, &address));
    }
    for one in SCHEMA.enumerations.iter().filter(|one| one.namespace == *name) {
        page.line(&format!("<xs:simpleType name=\"{}\"><xs:restriction base=\"xs:string\">", one.name));
        for value in &one.values {
            page.line(&format!("<xs:enumeration value=\"{value}\"/>"));
        }
        page.line("</xs:restriction></xs:simpleType>");
    }
    for described in SCHEMA.types.iter().filter(|one| one.namespace == *name) {
        complex_type(&mut page, described);
    }
    for one in SCHEMA.globals.iter().filter(|one| one.namespace == *name) {
        page.line(&format!("<xs:element name=\"{}\" type=\"{}\"/>", one.name, reference(one.kind)));
    }
    page.line("</xs:schema>");
    Some(page.0)
}

struct Page(String);

impl Page {
    fn new() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned())
    }

    fn line(&mut self, text: &str) {
        writeln!(self.0, "{text}").expect("writing to a string does not fail");
    }
}

fn import(name: &str, address: &str) -> String {
    format!("<xs:import namespace=\"{}\" schemaLocation=\"{address}?xsd={name}_v1.2\"/>", uri(name))
}

fn reference(kind: &str) -> String {
    format!("{}:{kind}", SCHEMA.namespace_of(kind))
}

fn complex_type(page: &mut Page, described: &Type) {
    page.line(&format!("<xs:complexType name=\"{}\">", described.name));
    if let Some(base) = described.base {
        let base = reference(base);
        page.line(&format!("<xs:complexContent><xs:extension base=\"{base}\">"));
    }
    if !described.fields.is_empty() {
        let group = if described.choice { "choice" } else { "sequence" };
        page.line(&format!("<xs:{group}>"));
        let (either, rest): (Vec<&Field>, Vec<&Field>) = described.fields.iter().partition(|field| field.either);
        if !either.is_empty() {
            page.line("<xs:choice>");
            either.into_iter().for_each(|field| page.line(&element(field, true)));
            page.line("</xs:choice>");
        }
        for field in rest {
            page.line(&element(field, described.choice));
        }
        page.line(&format!("</xs:{group}>"));
    }
    for attribute in &described.attributes {
        let needed = if attribute.required { "required" } else { "optional" };
        page.line(&format!(
            "<xs:attribute name=\"{}\" type=\"{}\" use=\"{needed}\"/>",
            attribute.name,
            reference(attribute.kind),
        ));
    }
    if described.base.is_some() {
        page.line("</xs:extension></xs:complexContent>");
    }
    page.line("</xs:complexType>");
}

fn element(field: &Field, in_choice: bool) -> String {
    let needed = field.occurs.is_needed() || (in_choice && !field.occurs.is_many());
    format!(
        "<xs:element name=\"{}\" type=\"{}\" minOccurs=\"{}\" maxOccurs=\"{}\"{}/>",
        field.name,
        reference(field.kind),
        u8::from(needed),
        if field.occurs.is_many() { "unbounded" } else { "1" },
        if field.nillable { " nillable=\"true\"" } else { "" },
    )
}

fn messages(page: &mut Page) {
    let mut message = |name: &str, part: &str, element: &str| {
        page.line(&format!(
            "<wsdl:message name=\"{name}\"><wsdl:part name=\"{part}\" element=\"{element}\"/></wsdl:message>"
        ));
    };
    for fault in FAULTS {
        message(fault, "fault", &format!("faults:{fault}"));
    }
    message("ClientInfoHeader", "request_header", "messages:ClientInfoHeader");
    for name in &SCHEMA.operations {
        message(&format!("{name}Request"), "parameters", &format!("messages:{name}"));
        message(&format!("{name}Response"), "parameters", &format!("messages:{name}Response"));
    }
}

fn port_type(page: &mut Page) {
    page.line("<wsdl:portType name=\"RightNowSyncPortType\">");
    for name in &SCHEMA.operations {
        page.line(&format!(
            "<wsdl:operation name=\"{name}\"><wsdl:input message=\"tns:{name}Request\"/>\
             <wsdl:output message=\"tns:{name}Response\"/>"
        ));
        for fault in FAULTS {
            page.line(&format!("<wsdl:fault name=\"{fault}\" message=\"tns:{fault}\"/>"));
        }
        page.line("</wsdl:operation>");
    }
    page.line("</wsdl:portType>");
}

fn binding(page: &mut Page) {
    page.line("<wsdl:binding name=\"RightNowSyncBinding\" type=\"tns:RightNowSyncPortType\">");
    page.line("<soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>");
    for name in &SCHEMA.operations {
        page.line(&format!(
            "<wsdl:operation name=\"{name}\"><soap:operation soapAction=\"{name}\" style=\"document\"/>\
             <wsdl:input><soap:body use=\"literal\" parts=\"parameters\"/>\
             <soap:header message=\"tns:ClientInfoHeader\" part=\"request_header\" use=\"literal\"/>\
             </wsdl:input><wsdl:output><soap:body use=\"literal\"/></wsdl:output>"
        ));
        for fault in FAULTS {
            page.line(&format!(
                "<wsdl:fault name=\"{fault}\"><soap:fault name=\"{fault}\" use=\"literal\"/></wsdl:fault>"
            ));
        }
        page.line("</wsdl:operation>");
    }
    page.line("</wsdl:binding>");
}
