//! Creating, reading, changing and destroying objects.

use time::{Duration, OffsetDateTime};

use super::execute;
use crate::servicecloud::fault::{Code, Fault};
use crate::servicecloud::schema::uri;
use crate::servicecloud::store::State;
use crate::servicecloud::xml::{Element, XSI, parse};

const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

struct Site(State);

impl Site {
    fn new() -> Self {
        Self(State::seeded(NOW))
    }

    fn run(&mut self, operation: &str, content: &str) -> Result<Element, Fault> {
        let document = format!(
            "<{operation} xmlns='{}' xmlns:o='{}' xmlns:b='{}' xmlns:xsi='{XSI}'>{content}</{operation}>",
            uri("messages"),
            uri("objects"),
            uri("base"),
        );
        execute(&mut self.0, &parse(document.as_bytes()).unwrap(), NOW + Duration::hours(1))
    }

    fn objects(&mut self, operation: &str, class: &str, fields: &str) -> Result<Element, Fault> {
        self.run(operation, &format!("<RNObjects xsi:type='o:{class}'>{fields}</RNObjects>"))
    }

    fn get(&mut self, class: &str, fields: &str) -> Element {
        let response = self.objects("Get", class, fields).unwrap();
        response.children[0].children[0].clone()
    }
}

fn code(result: Result<Element, Fault>) -> Code {
    result.expect_err("a fault").detail.unwrap().1
}

fn text<'a>(element: &'a Element, path: &str) -> &'a str {
    let mut reached = element;
    for name in path.split('.') {
        reached = reached.named(name).unwrap_or_else(|| panic!("no {name} of {path}"));
    }
    if reached.text.is_empty() { reached.attribute("id").unwrap_or_default() } else { &reached.text }
}

#[test]
fn created_objects_answer_their_identifier() {
    let mut site = Site::new();
    let made = site.objects("Create", "Contact", "<o:Title>Dr</o:Title>").unwrap();
    let object = &made.children[0].children[0];
    assert_eq!(object.instance_type(), Some((&*uri("objects"), "Contact")));
    assert_eq!(text(object, "ID"), "3");
    assert_eq!(object.children.len(), 1);
}

#[test]
fn get_answers_values_and_only_the_structures_asked_for() {
    let mut site = Site::new();
    let bare = site.get("Incident", "<b:ID id='1'/>");
    assert_eq!(text(&bare, "LookupName"), "700101-000001");
    assert_eq!(text(&bare, "CreatedTime"), "1970-01-01T00:00:00Z");
    assert!(bare.named("Threads").is_none() && bare.named("StatusWithType").is_none());
    assert!(bare.named("Category").unwrap().named("Name").is_none());
    let whole = site.get("Incident", "<b:ID id='1'/><o:Category><b:Name/></o:Category><o:StatusWithType/><o:Threads/>");
    assert_eq!(text(&whole, "Category.Name"), "Delivery");
    assert_eq!(text(&whole, "StatusWithType.StatusType.ID"), "1");
    assert_eq!(text(&whole, "Threads.ThreadList.Text"), "I have been waiting for two weeks.");
}

#[test]
fn updates_merge_by_action() {
    let mut site = Site::new();
    let mut update = |fields: &str| {
        let fields = format!("<b:ID id='1'/>{fields}");
        site.objects("Update", "Incident", &fields).unwrap();
        site.get("Incident", "<b:ID id='1'/><o:StatusWithType/><o:Threads/>")
    };
    let solved = update("<o:StatusWithType><o:Status><b:Name>solved</b:Name></o:Status></o:StatusWithType>");
    assert_eq!(text(&solved, "StatusWithType.Status.ID"), "2");
    assert_eq!(text(&solved, "StatusWithType.StatusType.ID"), "2");
    assert_eq!(text(&solved, "UpdatedTime"), "1970-01-01T01:00:00Z");
    let threads = update("<o:Threads><o:ThreadList action='add'><o:Text>More</o:Text></o:ThreadList></o:Threads>");
    let list = &threads.named("Threads").unwrap().children;
    assert_eq!((list.len(), text(&list[1], "ID")), (2, "4"));
    assert!(update("<o:Subject xsi:nil='true'/>").named("Subject").is_none());
    assert_eq!(text(&update("<o:Subject>Back</o:Subject>"), "Subject"), "Back");
    assert!(update("<o:ValidNullFields Subject='true'/>").named("Subject").is_none());
}

#[test]
fn threads_can_only_be_added_to() {
    let mut site = Site::new();
    for item in
        ["action='remove'><o:ID id='1'/>", "action='update'><o:ID id='1'/><o:Text>x</o:Text>", "><o:ID id='1'/>"]
    {
        let fields = format!("<b:ID id='1'/><o:Threads><o:ThreadList {item}</o:ThreadList></o:Threads>");
        assert_eq!(code(site.objects("Update", "Incident", &fields)), Code::InvalidField, "{item}");
    }
    let whole = site.get("Incident", "<b:ID id='1'/><o:Threads/>");
    assert_eq!(text(&whole, "Threads.ThreadList.Text"), "I have been waiting for two weeks.");
}

#[test]
fn passwords_are_not_kept() {
    let mut site = Site::new();
    let fields = "<b:ID id='1'/><o:NewPassword>secret</o:NewPassword>";
    site.objects("Update", "Contact", fields).unwrap();
    let read = site.get("Contact", "<b:ID id='1'/><o:NewPassword/>");
    assert!(read.named("NewPassword").is_none());
}

#[test]
fn several_objects_succeed_or_fail_together() {
    let mut site = Site::new();
    let content = "<RNObjects xsi:type='o:Organization'><o:Name>A</o:Name></RNObjects>\
                   <RNObjects xsi:type='o:Organization'/>";
    assert_eq!(code(site.run("Create", content)), Code::MissingArgument);
    assert_eq!(site.0.list("Organization").count(), 1);
    let content = "<RNObjects xsi:type='o:Organization'><b:ID id='1'/></RNObjects>\
                   <RNObjects xsi:type='o:Organization'><b:ID id='1'/></RNObjects>";
    assert_eq!(code(site.run("Destroy", content)), Code::BadId);
    assert_eq!(site.0.list("Organization").count(), 1);
}

#[test]
fn wrong_references_and_identifiers_are_refused() {
    let mut site = Site::new();
    let contact = "<o:PrimaryContact><o:Contact><b:ID id='99'/></o:Contact></o:PrimaryContact>";
    assert_eq!(code(site.objects("Create", "Incident", contact)), Code::InvalidField);
    let status = "<b:ID id='1'/><o:StatusWithType><o:Status><b:Name>Lost</b:Name></o:Status></o:StatusWithType>";
    assert_eq!(code(site.objects("Update", "Incident", status)), Code::InvalidField);
    for operation in ["Get", "Update", "Destroy"] {
        assert_eq!(code(site.objects(operation, "Contact", "<b:ID id='99'/>")), Code::BadId);
        assert_eq!(code(site.objects(operation, "Contact", "")), Code::BadId);
    }
    assert_eq!(code(site.objects("Create", "Contact", "<b:ID id='9'/>")), Code::BadId);
    assert_eq!(code(site.objects("Create", "GenericObject", "")), Code::InvalidRequest);
    assert_eq!(code(site.objects("Create", "Incident", "")), Code::MissingArgument);
}

#[test]
fn too_many_objects_are_refused() {
    let object = "<RNObjects xsi:type='o:Contact'><b:ID id='1'/></RNObjects>";
    let result = Site::new().run("Get", &object.repeat(1001));
    assert_eq!(code(result), Code::InvalidRequest);
}
