//! Requests against the schema.

use super::operation;
use crate::servicecloud::schema::uri;
use crate::servicecloud::xml::{XSI, parse};

fn check(content: &str) -> Result<(), String> {
    let (name, rest) = content.split_once('>').unwrap();
    let document = format!(
        "{name} xmlns='{}' xmlns:o='{}' xmlns:b='{}' xmlns:g='{}' xmlns:xsi='{XSI}'>{rest}",
        uri("messages"),
        uri("objects"),
        uri("base"),
        uri("generic"),
    );
    operation(&parse(document.as_bytes()).unwrap()).map_err(|fault| format!("{fault:?}"))
}

fn create(fields: &str) -> Result<(), String> {
    check(&format!("<Create><RNObjects xsi:type='o:Incident'>{fields}</RNObjects></Create>"))
}

#[test]
fn good_requests_pass() {
    for fields in [
        "",
        "<b:ID id='1'/><o:Subject>x</o:Subject>",
        "<o:ClosedTime xsi:nil='true'/><o:Subject/>",
        "<o:StatusWithType><o:Status><b:ID id='2'/></o:Status></o:StatusWithType>",
        "<o:Threads><o:ThreadList action='add'><o:Text>a</o:Text></o:ThreadList>\
         <o:ThreadList><o:Text>b</o:Text></o:ThreadList></o:Threads>",
        "<o:CustomFields><g:GenericFields name='c' dataType='OBJECT'><g:DataValue>\
         <g:ObjectValue><g:GenericFields name='x' dataType='STRING'><g:DataValue>\
         <g:StringValue>v</g:StringValue></g:DataValue></g:GenericFields></g:ObjectValue>\
         </g:DataValue></g:GenericFields></o:CustomFields>",
        "<o:ValidNullFields Subject='true'/>",
    ] {
        create(fields).unwrap_or_else(|fault| panic!("{fields}: {fault}"));
    }
    check("<GetMetaDataLastChangeTime></GetMetaDataLastChangeTime>").unwrap();
    check("<QueryCSV><Query>x</Query><PageSize>10</PageSize></QueryCSV>").unwrap();
}

#[test]
fn bad_fields_are_refused() {
    for fields in [
        "text",
        "<o:Planet/>",
        "<Subject>x</Subject>",
        "<b:Subject>x</b:Subject>",
        "<o:Subject>x</o:Subject><o:Subject>y</o:Subject>",
        "<o:Threads/><o:Subject>wrong order</o:Subject>",
        "<o:Subject>x</o:Subject><b:ID id='1'/>",
        "<o:Subject><b:ID id='1'/></o:Subject>",
        "<b:ID id='one'/>",
        "<b:ID id='1' key='2'/>",
        "<b:ID id='99999999999999999999'/>",
        "<o:ClosedTime>yesterday</o:ClosedTime>",
        "<o:ClosedTime>2014-03-18T13:39:05+0000</o:ClosedTime>",
        "<o:ClosedTime>20140318T133905Z</o:ClosedTime>",
        "<o:ResponseInterval>1.5</o:ResponseInterval>",
        "<o:PrimaryContact xsi:nil='true'/>",
        "<o:Subject xsi:nil='true'>x</o:Subject>",
        "<o:Subject xsi:type='o:Account'/>",
        "<o:Threads><o:ThreadList action='explode'/></o:Threads>",
        "<o:CustomFields><g:GenericFields><g:DataValue/></g:GenericFields></o:CustomFields>",
        "<o:CustomFields><g:GenericFields name='c'/></o:CustomFields>",
        "<o:CustomFields><g:GenericFields name='c'><g:DataValue><g:BooleanValue>1</g:BooleanValue>\
         <g:StringValue>v</g:StringValue></g:DataValue></g:GenericFields></o:CustomFields>",
        "<o:ValidNullFields PrimaryContact='true'/>",
    ] {
        assert!(create(fields).is_err(), "{fields}");
    }
}

#[test]
fn bad_operations_are_refused() {
    for content in [
        "<Explode></Explode>",
        "<CreateResponse><RNObjectsResult/></CreateResponse>",
        "<Create></Create>",
        "<Create><RNObjects/></Create>",
        "<Create><RNObjects xsi:type='o:Planet'/></Create>",
        "<Create><RNObjects xsi:type='b:Incident'/></Create>",
        "<Create><RNObjects xsi:type='o:ThreadList'/></Create>",
        "<Create><RNObjects xsi:type='o:Incident'/><ProcessingOptions/></Create>",
        "<Create><RNObjects xsi:type='o:Incident'/><ProcessingOptions><SuppressRules>true</SuppressRules></ProcessingOptions></Create>",
        "<QueryCSV></QueryCSV>",
        "<QueryCSV><PageSize>1</PageSize><Query>x</Query></QueryCSV>",
        "<QueryCSV><Query>x</Query><ReturnRawResult>maybe</ReturnRawResult></QueryCSV>",
    ] {
        assert!(check(content).is_err(), "{content}");
    }
    assert!(operation(&parse(b"<Create xmlns='urn:else'/>").unwrap()).is_err());
}
