//! Reading queries.

use super::{Operator, queries};

#[test]
fn a_whole_query_is_read() {
    let text = "select ID, c.Name.First from Contact c where c.ID >= 7 and Login = 'O''x\\'y' \
                AND Disabled is not null and ID in (1, '2') order by ID desc, Login limit 5 offset 2";
    let query = &queries(text).unwrap()[0];
    assert_eq!(query.columns, ["ID", "c.Name.First"]);
    assert_eq!((query.class.as_str(), query.alias.as_deref()), ("Contact", Some("c")));
    let operators: Vec<Operator> = query.conditions.iter().map(|one| one.operator).collect();
    let expected = [Operator::GreaterOrEqual, Operator::Equal, Operator::IsNotNull, Operator::In];
    assert_eq!(operators, expected);
    assert_eq!(query.conditions[1].values, ["O'x'y"]);
    assert_eq!(query.order, [("ID".to_owned(), true), ("Login".to_owned(), false)]);
    assert_eq!((query.limit, query.offset), (Some(5), 2));
}

#[test]
fn several_queries_stand_between_semicolons() {
    assert_eq!(queries("SELECT ID FROM Contact; SELECT ID FROM Account;").unwrap().len(), 2);
    assert_eq!(queries("SELECT ID FROM Contact WHERE Login='a;b'").unwrap().len(), 1);
}

#[test]
fn what_is_not_understood_is_refused() {
    for text in [
        "",
        ";",
        "SELECT",
        "SELECT * FROM Contact",
        "SELECT ID",
        "SELECT ID FROM",
        "SELECT ID, FROM Contact",
        "SELECT ID FROM Contact WHERE",
        "SELECT ID FROM Contact WHERE ID",
        "SELECT ID FROM Contact WHERE ID = ",
        "SELECT ID FROM Contact WHERE ID = abc",
        "SELECT ID FROM Contact WHERE ID = 'x",
        "SELECT ID FROM Contact WHERE ID = 1 OR ID = 2",
        "SELECT ID FROM Contact WHERE ID IN 1",
        "SELECT ID FROM Contact WHERE ID IN (1",
        "SELECT ID FROM Contact WHERE ID IS 1",
        "SELECT ID FROM Contact LIMIT -1",
        "SELECT ID FROM Contact LIMIT x",
        "SELECT ID FROM Contact OFFSET 1",
        "SELECT COUNT(ID) FROM Contact",
        "DELETE FROM Contact",
        "SELECT ID FROM Contact -- x",
        "SELECT ID FROM Contact a b",
        "SELECT ID FROM Contact WHERE ID = nan",
        "SELECT ID FROM Contact WHERE ID = 1e999",
        "SELECT \u{e9} FROM Contact",
    ] {
        assert!(queries(text).is_err(), "{text}");
    }
    assert!(queries(&" ".repeat(70_000)).is_err());
}
