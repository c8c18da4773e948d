//! Evaluating queries over a site with seed.

use time::OffsetDateTime;

use super::{query_csv, query_objects};
use crate::servicecloud::schema::{MESSAGES, OBJECTS};
use crate::servicecloud::store::State;
use crate::servicecloud::xml::{Attribute, Element, XSI};

fn run(options: &[(&str, &str)]) -> Result<Element, super::Fault> {
    let state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let mut operation = Element::new(&MESSAGES, "QueryCSV");
    let fields = options.iter().map(|(name, text)| Element::with_text(&MESSAGES, name, *text));
    operation.children = fields.collect();
    Ok(query_csv(&state, &operation)?.remove(0))
}

/// Columns and rows of the first table.
fn rows(query: &str) -> Vec<String> {
    let set = run(&[("Query", query)]).unwrap_or_else(|fault| panic!("{query}: {fault:?}"));
    let table = &set.named("CSVTables").unwrap().children[0];
    let rows = &table.named("Rows").unwrap().children;
    let columns = table.named("Columns").unwrap();
    std::iter::once(columns).chain(rows).map(|line| line.text.clone()).collect()
}

#[test]
fn columns_conditions_and_order() {
    assert_eq!(rows("SELECT ID, Login FROM Account"), ["ID,Login", "1,agent.smith", "2,Admin1"]);
    assert_eq!(rows("SELECT Name.Last FROM Contact WHERE Login = 'admin1'"), ["Name.Last", "Olsen"]);
    assert_eq!(rows("select id from contact order by Name.First"), ["id", "2", "1"]);
    assert_eq!(rows("SELECT ID FROM Contact LIMIT 1 OFFSET 1"), ["ID", "2"]);
    assert_eq!(rows("SELECT ID FROM Contact WHERE Organization IS NULL"), ["ID", "2"]);
    assert_eq!(rows("SELECT ID FROM Contact c WHERE c.Organization = 1 AND Contact.ID IN (1,2)"), ["ID", "1"]);
    let category = "SELECT LookupName, Category FROM Incident WHERE Subject LIKE '%parcel%'";
    assert_eq!(rows(category), ["LookupName,Category", "700101-000001,1"]);
    let names = "SELECT Category.LookupName, PrimaryContact.Contact.Name, Category.ID FROM Incident WHERE ID = 2";
    assert_eq!(rows(names)[1], "Billing,Vera Vogel,3");
    let time = "SELECT ID FROM Incident WHERE CreatedTime < '1970-01-01T00:00:01Z'";
    assert_eq!(rows(time), ["ID", "1", "2", "3"]);
}

#[test]
fn conditions_are_joined_and_negated() {
    let ids = |condition: &str| rows(&format!("SELECT ID FROM Incident WHERE {condition}"))[1..].join(" ");
    assert_eq!(ids("ID = 1 OR ID = 3 AND Subject LIKE 'no%'"), "1");
    assert_eq!(ids("(ID = 1 OR ID = 3) AND NOT Subject LIKE '%parcel%'"), "3");
    assert_eq!(ids("StatusWithType.Status NOT IN (1, 2)"), "2");
    assert_eq!(ids("Severity != 3"), "", "what is missing is neither equal nor different");
    assert_eq!(ids("NOT Severity = 3 OR Severity IS NULL"), "1 3");
    assert_eq!(rows("SELECT ID FROM Account WHERE Attributes.AccountLocked = true OR Login = 'Admin1'"), ["ID", "2"]);
}

#[test]
fn lists_are_joined() {
    let texts = "SELECT ID, Threads.ThreadList.Text FROM Incident WHERE ID = 2 ORDER BY Threads.Text DESC";
    assert_eq!(rows(texts)[1..], ["2,We are looking into it.", "2,Please send one amount back."]);
    let of_staff = "SELECT Threads.Text FROM Incident WHERE Threads.EntryType = 2";
    assert_eq!(rows(of_staff)[1..], ["We are looking into it."]);
    let with_threads = "SELECT ID FROM Incident WHERE Threads.EntryType IN (2, 3)";
    assert_eq!(rows(with_threads)[1..], ["1", "2"], "an object once");
    assert_eq!(rows("SELECT ID, Threads.Text FROM Incident WHERE ID = 3")[1..], ["3,"]);
    assert_eq!(rows("SELECT ID FROM Incident WHERE Threads.Text IS NULL")[1..], ["3"]);
}

#[test]
fn rows_are_counted() {
    assert_eq!(rows("SELECT COUNT(ID) FROM Incident"), ["COUNT(ID)", "3"]);
    assert_eq!(rows("SELECT count(Severity) AS n, COUNT(*) FROM Incident"), ["n,COUNT()", "1,3"]);
    assert_eq!(rows("SELECT COUNT() FROM Incident WHERE ID > 1 LIMIT 1"), ["COUNT()", "2"]);
    assert!(run(&[("Query", "SELECT COUNT(ID), ID FROM Incident")]).is_err());
}

#[test]
fn custom_fields_are_columns() {
    assert_eq!(rows("SELECT CustomFields.c.vip FROM Contact WHERE CustomFields.C.VIP IS NULL").len(), 3);
    assert!(run(&[("Query", "SELECT CustomFields.c.planet FROM Contact")]).is_err());
    assert!(run(&[("Query", "SELECT CustomFields.vip FROM Contact")]).is_err());
}

fn objects(query: &str, page: &str, template: Option<Element>) -> Result<Vec<Element>, super::Fault> {
    let state = State::seeded(OffsetDateTime::UNIX_EPOCH);
    let mut operation = Element::new(&MESSAGES, "QueryObjects");
    operation.children.push(Element::with_text(&MESSAGES, "Query", query));
    operation.children.extend(template);
    operation.children.push(Element::with_text(&MESSAGES, "PageSize", page));
    query_objects(&state, &operation)
}

#[test]
fn objects_are_answered_with_what_their_template_has() {
    let query =
        "SELECT i FROM Incident i WHERE i.ID >= 2 ORDER BY ID DESC; SELECT Account FROM Account LIMIT 1 OFFSET 1";
    let results = objects(query, "1", None).unwrap();
    let found: Vec<&Element> = results.iter().map(|result| &result.children[0].children[0]).collect();
    assert_eq!(results[0].children[0].children.len(), 1);
    assert_eq!(found[0].named("ID").unwrap().attribute("id"), Some("3"));
    assert_eq!(found[1].named("Login").unwrap().text, "Admin1");
    assert!(found[0].named("StatusWithType").is_none());
    let paging = results[1].named("Paging").unwrap();
    assert_eq!((paging.children[0].text.as_str(), paging.children[1].text.as_str()), ("1", "1"));
    let mut template = Element::new(&MESSAGES, "ObjectTemplates");
    template.attributes.push(Attribute {
        namespace: XSI.into(),
        name: "type".to_owned(),
        value: "Incident".to_owned(),
        value_namespace: OBJECTS.clone(),
    });
    template.children.push(Element::new(&OBJECTS, "Threads"));
    let results = objects("SELECT Incident FROM Incident", "9", Some(template)).unwrap();
    assert!(results[0].children[0].children[0].named("Threads").is_some());
    for query in
        ["SELECT ID FROM Incident", "SELECT Incident, ID FROM Incident", "SELECT COUNT(Incident) FROM Incident", "x"]
    {
        assert!(objects(query, "1", None).is_err(), "{query}");
    }
}

#[test]
fn lists_are_passed_with_and_without_their_items_name() {
    for path in ["Emails.EmailList.Address", "Emails.Address", "Contact.Emails.Address"] {
        let query = format!("SELECT {path} FROM Contact WHERE {path} LIKE 'vera%'");
        assert_eq!(rows(&query)[1], "vera.vogel@example.com");
    }
}

#[test]
fn values_with_the_delimiter_are_quoted() {
    let set = run(&[("Query", "SELECT Subject, ID FROM Incident"), ("Delimiter", " ")]).unwrap();
    let table = &set.named("CSVTables").unwrap().children[0];
    assert_eq!(table.named("Columns").unwrap().text, "Subject ID");
    let row = &table.named("Rows").unwrap().children[0];
    assert_eq!(row.text, "\"The parcel did not arrive\" 1");
}

#[test]
fn raw_results_are_base64() {
    let data = run(&[("Query", "SELECT ID FROM Contact"), ("ReturnRawResult", "true")]).unwrap();
    assert_eq!((data.name.as_str(), data.text.as_str()), ("FileData", "SUQKMQoy"));
}

#[test]
fn unknown_tables_and_columns_are_refused() {
    for query in [
        "SELECT ID FROM Planet",
        "SELECT Planet FROM Contact",
        "SELECT Name FROM Contact",
        "SELECT Emails FROM Contact",
        "SELECT ID.x FROM Contact",
        "SELECT ID FROM Contact WHERE Planet = 1",
        "SELECT ID FROM Contact WHERE CreatedTime > 'yesterday'",
        "SELECT ID FROM Contact WHERE Notes.CreatedTime = ''",
        "SELECT ID FROM Contact ORDER BY Name",
        "SELECT Contact FROM Contact",
    ] {
        assert!(run(&[("Query", query)]).is_err(), "{query}");
    }
    assert!(run(&[("Query", &"SELECT ID FROM Contact;".repeat(101))]).is_err());
}
