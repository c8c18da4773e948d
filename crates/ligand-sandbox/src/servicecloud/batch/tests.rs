//! Several operations in one request.

use time::OffsetDateTime;

use crate::servicecloud::fault::{Code, Fault};
use crate::servicecloud::operations::execute;
use crate::servicecloud::schema::uri;
use crate::servicecloud::store::State;
use crate::servicecloud::xml::{Element, XSI, parse};

fn batch(state: &mut State, items: &str) -> Result<Vec<Element>, Fault> {
    let document = format!(
        "<Batch xmlns='{}' xmlns:o='{}' xmlns:b='{}' xmlns:xsi='{XSI}'>{items}</Batch>",
        uri("messages"),
        uri("objects"),
        uri("base"),
    );
    let response = execute(state, &parse(document.as_bytes()).unwrap(), OffsetDateTime::UNIX_EPOCH)?;
    Ok(response.children.into_iter().map(|item| item.children.into_iter().next().unwrap()).collect())
}

fn item(message: &str, content: &str) -> String {
    format!("<BatchRequestItem><{message}>{content}</{message}><CommitAfter>true</CommitAfter></BatchRequestItem>")
}

fn object(class: &str, fields: &str) -> String {
    format!("<RNObjects xsi:type='o:{class}'>{fields}</RNObjects>")
}

#[test]
fn a_failed_item_is_answered_in_its_place() {
    let mut state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let items = [
        item("CreateMsg", &object("Organization", "<o:Name>A</o:Name>")),
        item("GetMsg", &object("Contact", "<b:ID id='99'/>")),
        item("QueryCSVMsg", "<Query>SELECT COUNT(ID) FROM Organization</Query>"),
        item("DestroyMsg", &object("Organization", "<b:ID id='2'/>")),
    ];
    let answers = batch(&mut state, &items.concat()).unwrap();
    let names: Vec<&str> = answers.iter().map(|answer| answer.name.as_str()).collect();
    assert_eq!(names, ["CreateResponseMsg", "RequestErrorFault", "QueryCSVResponseMsg", "DestroyResponseMsg"]);
    assert_eq!(answers[1].named("exceptionCode").unwrap().text, "BAD_ID");
    assert_eq!(state.list("Organization").count(), 1);
}

#[test]
fn items_refer_to_what_earlier_ones_created() {
    let mut state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let made = "<b:ID xsi:type='b:ChainDestinationID' variableName='v'/><o:Name><o:Last>New</o:Last></o:Name>";
    let source = |name: &str| format!("<b:ID xsi:type='b:ChainSourceID' variableName='{name}'/>");
    let contact = format!("<o:PrimaryContact><o:Contact>{}</o:Contact></o:PrimaryContact>", source("v"));
    let items = [
        item("CreateMsg", &object("Contact", made)),
        item("GetMsg", &object("Contact", &format!("{}<o:Name/>", source("v")))),
        item("CreateMsg", &object("Incident", &contact)),
        item("GetMsg", &object("Contact", &source("w"))),
    ];
    let answers = batch(&mut state, &items.concat()).unwrap();
    let got = &answers[1].children[0].children[0];
    assert_eq!(got.named("ID").unwrap().attribute("id"), Some("3"));
    assert_eq!(got.named("LookupName").unwrap().text, "New");
    assert_eq!(answers[2].name, "CreateResponseMsg");
    assert_eq!(answers[3].named("exceptionCode").unwrap().text, "BAD_ID");
}

#[test]
fn wrong_batches_are_refused_as_a_whole() {
    let mut state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let ping = item("GetMetaDataLastChangeTimeMsg", "");
    assert_eq!(batch(&mut state, &ping.repeat(100)).unwrap().len(), 100);
    for items in [
        String::new(),
        ping.repeat(101),
        "<BatchRequestItem/>".to_owned(),
        "<BatchRequestItem><CommitAfter>true</CommitAfter></BatchRequestItem>".to_owned(),
        ping.replace("<CommitAfter>", "<GetMetaDataMsg/><CommitAfter>"),
        ping.replace("GetMetaDataLastChangeTimeMsg", "PlanetMsg"),
        item("CreateMsg", ""),
        item("BatchMsg", &ping),
    ] {
        let fault = batch(&mut state, &items).expect_err(&items);
        assert!(matches!(fault.detail, Some((_, Code::InvalidRequest | Code::MissingArgument))), "{items}");
    }
    let many = item("GetMsg", &object("Contact", "<b:ID id='1'/>").repeat(1000));
    assert!(batch(&mut state, &many.repeat(11)).is_err());
}
