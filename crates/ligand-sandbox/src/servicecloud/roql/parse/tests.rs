//! Reading queries.

use super::{Condition, Operator, queries};

#[test]
fn a_whole_query_is_read() {
    let text = "select ID, c.Name.First from Contact c where c.ID >= 7 and Login = 'O''x\\'y' \
                AND Disabled is not null and ID in (1, '2') order by ID desc, Login limit 5 offset 2";
    let query = &queries(text).unwrap()[0];
    let columns: Vec<&str> = query.columns.iter().map(|column| column.path.as_str()).collect();
    assert_eq!(columns, ["ID", "c.Name.First"]);
    assert_eq!((query.class.as_str(), query.alias.as_deref()), ("Contact", Some("c")));
    let Some(Condition::All(conditions)) = &query.condition else { panic!("several conditions") };
    let tests = conditions.iter().map(|one| match one {
        Condition::Test(test) => test,
        other => panic!("{other:?}"),
    });
    let tests: Vec<_> = tests.collect();
    let operators: Vec<Operator> = tests.iter().map(|one| one.operator).collect();
    let expected = [Operator::GreaterOrEqual, Operator::Equal, Operator::IsNotNull, Operator::In];
    assert_eq!(operators, expected);
    assert_eq!(tests[1].values, ["O'x'y"]);
    assert_eq!(query.order, [("ID".to_owned(), true), ("Login".to_owned(), false)]);
    assert_eq!((query.limit, query.offset), (Some(5), 2));
}

#[test]
fn conditions_bind_as_in_sql() {
    let shape = |text: &str| {
        let query = queries(&format!("SELECT COUNT(*) FROM Contact WHERE {text}")).unwrap().remove(0);
        shape(&query.condition.unwrap())
    };
    assert_eq!(shape("a=1 OR b=2 AND NOT c=3"), "(a|(b&!c))");
    assert_eq!(shape("(a=1 OR b=2) AND c NOT IN (3)"), "((a|b)&!c)");
    assert_eq!(shape("NOT NOT a=true AND b NOT LIKE 'x'"), "(a&!b)");
    assert_eq!(shape("NOT (a IS NULL OR (b=1))"), "!(a|b)");
}

fn shape(condition: &Condition) -> String {
    let joined = |parts: &[Condition], sign: &str| {
        let parts: Vec<String> = parts.iter().map(shape).collect();
        format!("({})", parts.join(sign))
    };
    match condition {
        Condition::All(parts) => joined(parts, "&"),
        Condition::Any(parts) => joined(parts, "|"),
        Condition::Not(inner) => format!("!{}", shape(inner)),
        Condition::Test(test) => test.path.clone(),
    }
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
        "SELECT ID FROM Contact WHERE ID = 1 OR",
        "SELECT ID FROM Contact WHERE (ID = 1",
        "SELECT ID FROM Contact WHERE ID = 1)",
        "SELECT ID FROM Contact WHERE NOT",
        "SELECT ID FROM Contact WHERE ID NOT = 1",
        "SELECT COUNT(ID FROM Contact",
        "SELECT COUNT FROM Contact",
        "SELECT ID AS FROM Contact",
        "SELECT ID FROM Contact WHERE ID IN 1",
        "SELECT ID FROM Contact WHERE ID IN (1",
        "SELECT ID FROM Contact WHERE ID IS 1",
        "SELECT ID FROM Contact LIMIT -1",
        "SELECT ID FROM Contact LIMIT x",
        "SELECT ID FROM Contact OFFSET 1",
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
    let deep = format!("SELECT ID FROM Contact WHERE {}ID=1{}", "(".repeat(1000), ")".repeat(1000));
    assert!(queries(&deep).is_err());
}
