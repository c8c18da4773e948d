//! What a site holds when it is set up: two agents, a customer and its people, some categories and incidents, all
//! invented.

use time::OffsetDateTime;

use super::schema::uri;
use super::store::State;
use super::xml;

/// The objects, as the fields of their class; `o` and `b` are the namespaces of objects and base.
const OBJECTS: [(&str, &str); 11] = [
    (
        "Account",
        "<o:Login>agent.smith</o:Login><o:Name><o:First>Ada</o:First><o:Last>Smith</o:Last></o:Name>\
         <o:Profile><b:ID id='2'/></o:Profile><o:StaffGroup><b:ID id='100002'/></o:StaffGroup>",
    ),
    (
        "Account",
        "<o:Login>Admin1</o:Login><o:Name><o:First>Alan</o:First><o:Last>Admin</o:Last></o:Name>\
         <o:Profile><b:ID id='1'/></o:Profile><o:StaffGroup><b:ID id='100001'/></o:StaffGroup>",
    ),
    ("Organization", "<o:Name>Vogel Instruments</o:Name>"),
    (
        "Contact",
        "<o:Emails><o:EmailList action='add'><o:Address>vera.vogel@example.com</o:Address>\
         <o:AddressType><b:ID id='0'/></o:AddressType></o:EmailList></o:Emails>\
         <o:Login>vera.vogel</o:Login>\
         <o:Name><o:First>Vera</o:First><o:Last>Vogel</o:Last></o:Name>\
         <o:Organization><b:ID id='1'/></o:Organization>",
    ),
    ("Contact", "<o:Login>Admin1</o:Login><o:Name><o:First>Ole</o:First><o:Last>Olsen</o:Last></o:Name>"),
    (
        "ServiceCategory",
        "<o:DisplayOrder>1</o:DisplayOrder><o:Names><o:LabelList action='add'>\
         <o:LabelText>Delivery</o:LabelText><o:Language><b:ID id='1'/></o:Language>\
         </o:LabelList></o:Names>",
    ),
    (
        "ServiceCategory",
        "<o:DisplayOrder>2</o:DisplayOrder><o:Names><o:LabelList action='add'>\
         <o:LabelText>Lost parcel</o:LabelText><o:Language><b:ID id='1'/></o:Language>\
         </o:LabelList></o:Names><o:Parent><b:ID id='1'/></o:Parent>",
    ),
    (
        "ServiceCategory",
        "<o:DisplayOrder>3</o:DisplayOrder><o:Names><o:LabelList action='add'>\
         <o:LabelText>Billing</o:LabelText><o:Language><b:ID id='1'/></o:Language>\
         </o:LabelList></o:Names>",
    ),
    (
        "Incident",
        "<o:Category><b:ID id='1'/></o:Category>\
         <o:PrimaryContact><o:Contact><b:ID id='1'/></o:Contact></o:PrimaryContact>\
         <o:Subject>The parcel did not arrive</o:Subject>\
         <o:Threads><o:ThreadList action='add'><o:EntryType><b:ID id='3'/></o:EntryType>\
         <o:Text>I have been waiting for two weeks.</o:Text></o:ThreadList></o:Threads>",
    ),
    (
        "Incident",
        "<o:AssignedTo><o:Account><b:ID id='1'/></o:Account></o:AssignedTo>\
         <o:Category><b:ID id='3'/></o:Category>\
         <o:Organization><b:ID id='1'/></o:Organization>\
         <o:PrimaryContact><o:Contact><b:ID id='1'/></o:Contact></o:PrimaryContact>\
         <o:Severity><b:ID id='3'/></o:Severity>\
         <o:StatusWithType><o:Status><b:ID id='3'/></o:Status></o:StatusWithType>\
         <o:Subject>The invoice was paid twice</o:Subject>\
         <o:Threads><o:ThreadList action='add'><o:EntryType><b:ID id='3'/></o:EntryType>\
         <o:Text>Please send one amount back.</o:Text></o:ThreadList>\
         <o:ThreadList action='add'><o:EntryType><b:ID id='2'/></o:EntryType>\
         <o:Text>We are looking into it.</o:Text></o:ThreadList></o:Threads>",
    ),
    (
        "Incident",
        "<o:PrimaryContact><o:Contact><b:ID id='2'/></o:Contact></o:PrimaryContact>\
         <o:StatusWithType><o:Status><b:ID id='2'/></o:Status></o:StatusWithType>\
         <o:Subject>Opening hours</o:Subject>",
    ),
];

impl State {
    /// A site with a few objects.
    pub(crate) fn seeded(now: OffsetDateTime) -> Self {
        let mut state = Self::empty(now);
        let (objects, base, messages) = (uri("objects"), uri("base"), uri("messages"));
        for (class, fields) in OBJECTS {
            let document = format!(
                "<RNObjects xmlns='{messages}' xmlns:o='{objects}' xmlns:b='{base}' \
                 xmlns:xsi='{}' xsi:type='o:{class}'>{fields}</RNObjects>",
                xml::XSI,
            );
            let element = xml::parse(document.as_bytes()).expect("the seed is XML");
            state.create(&element, now).expect("the seed is valid");
        }
        state
    }
}
