//! Evaluating queries over a site with seed.

use time::OffsetDateTime;

use super::{like, query_csv};
use crate::servicecloud::schema::MESSAGES;
use crate::servicecloud::store::State;
use crate::servicecloud::xml::Element;

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
    let time = "SELECT ID FROM Incident WHERE CreatedTime < '1970-01-01T00:00:01Z'";
    assert_eq!(rows(time), ["ID", "1"]);
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
        "SELECT ID FROM Contact ORDER BY Name",
        "SELECT Contact FROM Contact",
    ] {
        assert!(run(&[("Query", query)]).is_err(), "{query}");
    }
    assert!(run(&[("Query", &"SELECT ID FROM Contact;".repeat(101))]).is_err());
}

#[test]
fn patterns() {
    for (text, pattern) in [("Abc", "a%"), ("abc", "%B%"), ("abc", "a_c"), ("", "%"), ("aab", "%ab")] {
        assert!(like(text, pattern), "{pattern}");
    }
    for (text, pattern) in [("abc", "b%"), ("abc", "_"), ("", "_"), ("ab", "a%c")] {
        assert!(!like(text, pattern), "{pattern}");
    }
    assert!(!like(&"a".repeat(1000), &"%a".repeat(500).replace("%a", "%a%b")));
}
