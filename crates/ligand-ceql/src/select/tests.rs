//! Select statements and orders.

use super::*;
use crate::parse_where;

fn names(fields: &[Field]) -> Vec<&str> {
    fields.iter().map(Field::as_str).collect()
}

#[test]
fn statements_are_read() {
    let select = parse_select("select * from agents").unwrap();
    assert_eq!((select.fields.len(), select.object.as_str(), select.limit), (0, "agents", None));

    let text = "SELECT Id, Parent.Name FROM Account WHERE a='x' or b=1 ORDER BY a DESC, b asc, c LIMIT 5";
    let select = parse_select(text).unwrap();
    assert_eq!(names(&select.fields), ["Id", "Parent.Name"]);
    assert_eq!(select.condition, parse_where("a='x' or b=1").unwrap());
    assert_eq!(select.order_by.iter().map(|order| order.descending).collect::<Vec<_>>(), [true, false, false]);
    assert_eq!(select.limit, Some(5));
}

#[test]
fn the_limit_stands_before_where_or_last() {
    let early = parse_select("select * from a limit 3 where b=1 order by c").unwrap();
    assert_eq!(early, parse_select("select * from a where b=1 order by c limit 3").unwrap());
    assert_eq!(parse_select("select * from a limit 0").unwrap().limit, Some(0));
}

#[test]
fn reserved_words_are_names() {
    assert_eq!(parse_select("select * from order").unwrap().object.as_str(), "order");
    let select =
        parse_select("select from, value, communicationItems.value from from order by order desc, desc").unwrap();
    assert_eq!(names(&select.fields), ["from", "value", "communicationItems.value"]);
    assert_eq!(select.object.as_str(), "from");
    assert_eq!(select.order_by[1], Order { field: Field::new("desc").unwrap(), descending: false });
    assert_eq!(parse_select("select * from where where where=1").unwrap().object.as_str(), "where");
    assert_eq!(parse_select("select `a b` from `my object`").unwrap().object.as_str(), "my object");
}

#[test]
fn errors_say_where_and_what() {
    for (text, position, expected) in [
        ("", 1, "SELECT"),
        ("selec * from a", 1, "SELECT"),
        ("select from", 12, "FROM"),
        ("select * contacts", 10, "FROM"),
        ("select a b from c", 10, "FROM"),
        ("select a, from c", 16, "FROM"),
        ("select *, a from c", 9, "FROM"),
        ("select ,a from c", 8, "`*` or a field name"),
        ("select * from", 14, "an object name"),
        ("select * from not", 15, "an object name"),
        ("select * from a b", 17, "WHERE, ORDER BY, LIMIT or the end"),
        ("select * from a, b", 16, "WHERE, ORDER BY, LIMIT or the end"),
        ("select * from a where", 22, "a field name"),
        ("select * from a where b", 24, "an operator"),
        ("select * from a where b=1 c", 27, "AND, OR, ORDER BY, LIMIT or the end"),
        ("select * from a order b", 23, "BY"),
        ("select * from a order by", 25, "a field name"),
        ("select * from a order by b c", 28, "`,`, LIMIT or the end"),
        ("select * from a limit", 22, "a number of records"),
        ("select * from a limit -1", 23, "a number of records"),
        ("select * from a limit x", 23, "a number of records"),
        ("select * from a limit 99999999999999999999999", 23, "a number of records"),
        ("select * from a limit 1 limit 2", 25, "WHERE, ORDER BY or the end"),
        ("select * from a limit 1 where b=1 limit 2", 35, "AND, OR, ORDER BY, LIMIT or the end"),
        ("select * from a;", 16, "WHERE, ORDER BY, LIMIT or the end"),
    ] {
        let error = parse_select(text).unwrap_err();
        assert_eq!((error.position, error.expected), (position, expected), "{text}");
        assert!(error.to_string().starts_with("Error parsing query"));
    }
}

#[test]
fn an_odd_order_is_forgiven() {
    let read = |text: &str| parse_order_by(text).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(read("a"), ["a"]);
    assert_eq!(read(" a ASC , b.c desc,d "), ["a", "b.c DESC", "d"]);
    assert_eq!(read("X desc'"), ["X DESC"]);
    assert_eq!(read("X; drop"), ["X"]);
    for text in ["", " ", ",", "'", "not"] {
        assert!(read(text).is_empty(), "{text}");
    }
    assert!(read(&"x".repeat(crate::MAX_BYTES + 1)).is_empty());
}
