//! Custom fields keep their values until they are sent again, and only those that exist are taken.

use super::{empty, find, merge, value};
use crate::servicecloud::schema::uri;
use crate::servicecloud::xml::{Element, XSI, parse};

fn sent(inside: &str) -> Element {
    let text = format!(
        "<o:CustomFields xmlns:o='{}' xmlns='{}' xmlns:xsi='{XSI}'>\
         <GenericFields name='c' dataType='OBJECT'><DataValue><ObjectValue>{inside}</ObjectValue></DataValue>\
         </GenericFields></o:CustomFields>",
        uri("objects"),
        uri("generic"),
    );
    parse(text.as_bytes()).unwrap()
}

fn field(name: &str, value: &str) -> String {
    format!("<GenericFields name='{name}'><DataValue>{value}</DataValue></GenericFields>")
}

fn shown(custom: Element, name: &str) -> Option<String> {
    let mut object = Element::default();
    object.children.push(custom);
    value(&object, "c", name).map(|value| value.text.clone())
}

#[test]
fn values_are_kept_replaced_and_removed() {
    let start = empty("Contact").unwrap();
    assert_eq!(shown(start.clone(), "vip"), None);
    let first = sent(&format!(
        "{}{}",
        field("vip", "<BooleanValue>1</BooleanValue>"),
        field("customer_number", "<StringValue>A</StringValue>")
    ));
    let first = merge("Contact", Some(&start), &first).unwrap();
    let second =
        merge("Contact", Some(&first), &sent(&field("customer_number", "<StringValue>B</StringValue>"))).unwrap();
    assert_eq!(shown(second.clone(), "vip").as_deref(), Some("1"));
    assert_eq!(shown(second.clone(), "customer_number").as_deref(), Some("B"));
    let nil = "<GenericFields name='vip'><DataValue xsi:nil='true'/></GenericFields>";
    let third = merge("Contact", Some(&second), &sent(nil)).unwrap();
    assert_eq!((shown(third.clone(), "vip"), shown(third, "customer_number").as_deref()), (None, Some("B")));
}

#[test]
fn what_does_not_exist_is_refused() {
    for inside in [
        field("planet", "<StringValue>x</StringValue>"),
        field("vip", "<StringValue>x</StringValue>"),
        "<GenericFields name='vip' dataType='STRING'><DataValue/></GenericFields>".to_owned(),
    ] {
        assert!(merge("Contact", None, &sent(&inside)).is_err(), "{inside}");
    }
    let mut elsewhere = sent("");
    elsewhere.children[0].set_attribute("name", "CO");
    assert!(merge("Contact", None, &elsewhere).is_err());
    assert!(empty("ServiceCategory").is_none());
    assert_eq!((find("Contact", "C", "VIP"), find("Contact", "co", "vip")), (Some("vip"), None));
}
