//! The grammar of conditions: what is accepted, as what, and where others fail.

use proptest::prelude::*;

use super::*;
use crate::{Field, MAX_BYTES, Operator, Value, arbitrary, parse_select};

fn parse(text: &str) -> Condition {
    match parse_where(text) {
        Ok(condition) => condition.unwrap(),
        Err(error) => panic!("{text}: {error}"),
    }
}

fn compare(field: &str, operator: Operator, value: Value) -> Condition {
    Condition::Compare { field: Field::new(field).unwrap(), operator, value }
}

fn equal(field: &str, value: &str) -> Condition {
    compare(field, Operator::Equal, Value::quoted(value))
}

#[test]
fn blank_is_no_condition() {
    for text in ["", " ", "\t\n", "\u{a0}"] {
        assert_eq!(parse_where(text), Ok(None));
    }
}

#[test]
fn every_operator_is_read_with_and_without_blanks() {
    for (sign, operator) in [
        ("=", Operator::Equal),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<>", Operator::NotEqual),
        ("<", Operator::Less),
        ("<=", Operator::LessOrEqual),
        (">", Operator::Greater),
        (">=", Operator::GreaterOrEqual),
    ] {
        for text in [format!("a{sign}'x'"), format!(" a {sign} 'x' "), format!("a{sign}\n'x'")] {
            assert_eq!(parse(&text), compare("a", operator, Value::quoted("x")), "{text}");
        }
    }
}

#[test]
fn word_operators_are_read_in_any_case() {
    let field = || Field::new("a").unwrap();
    for (text, negated) in [("a LIKE 'x%'", false), ("a Like'x%'", false), ("a not like 'x%'", true)] {
        assert_eq!(parse(text), Condition::Like { field: field(), pattern: Value::quoted("x%"), negated }, "{text}");
    }
    for (text, negated) in [("a in (1,'b')", false), ("a IN( 1 , 'b' )", false), ("a NOT In(1,\"b\")", true)] {
        let values = vec![Value::bare("1"), Value::quoted("b")];
        assert_eq!(parse(text), Condition::In { field: field(), values, negated }, "{text}");
    }
    for (text, negated) in [("a is null", false), ("a IS  NULL", false), ("a Is Not Null", true)] {
        assert_eq!(parse(text), Condition::IsNull { field: field(), negated }, "{text}");
    }
}

#[test]
fn quotes_of_every_style_close_as_they_opened() {
    for (text, value) in [
        ("a='x'", "x"),
        ("a=\"x\"", "x"),
        ("a=`x`", "x"),
        ("a=‘x’", "x"),
        ("a=’Account Name’", "Account Name"),
        ("a=“x”", "x"),
        ("a=”x”", "x"),
        ("a=''", ""),
        ("a='Churro''s Test'", "Churro's Test"),
        ("a='Churro\\'s Test'", "Churro's Test"),
        ("a=\"say \"\"x\"\"\"", "say \"x\""),
        ("a=\"say \\\"x\\\"\"", "say \"x\""),
        ("a=`x``y`", "x`y"),
        ("a=‘x’’y’", "x’y"),
        ("a=‘x‘y’", "x‘y"),
        ("a=''''", "'"),
        ("a='''x'", "'x"),
        ("a='C:\\dir\\\\x'", "C:\\dir\\\\x"),
        ("a=`C:\\`", "C:\\"),
        ("a='\"'", "\""),
        ("a='x ’ “ ` y'", "x ’ “ ` y"),
        ("a='2014-04-02T18:28:30 0000'", "2014-04-02T18:28:30+0000"),
    ] {
        assert_eq!(parse(text), equal("a", value), "{text}");
    }
}

#[test]
fn other_text_in_quotes_is_verbatim() {
    for value in ["=", "$OA", "(properties[\"$city\"] == \"Dallas\")", "1,2,3", "subject:abc", "a and b", " x ", "%"] {
        assert_eq!(parse(&format!("a='{value}'")), equal("a", value));
    }
}

#[test]
fn documented_conditions_are_read() {
    let at_least = Operator::GreaterOrEqual;
    for (text, expected) in [
        ("entryId>2", compare("entryId", Operator::Greater, Value::bare("2"))),
        ("modifiedTime>1508943600000", compare("modifiedTime", Operator::Greater, Value::bare("1508943600000"))),
        ("x=true", compare("x", Operator::Equal, Value::bare("true"))),
        ("mdate>=2017-02-28T16:11:29-06:00", compare("mdate", at_least, Value::bare("2017-02-28T16:11:29-06:00"))),
        (
            "`metaData.lastUpdateTime` > 2015-01-06T09:31:38-07:00",
            compare("metaData.lastUpdateTime", Operator::Greater, Value::bare("2015-01-06T09:31:38-07:00")),
        ),
        ("lastModifiedDate = `2014-01-15T00:00:00.000Z`", equal("lastModifiedDate", "2014-01-15T00:00:00.000Z")),
        ("lastModifiedDate>=\"Jan 15, 2014\"", compare("lastModifiedDate", at_least, Value::quoted("Jan 15, 2014"))),
        ("Name ='test'", equal("Name", "test")),
        ("priority= 'high'", equal("priority", "high")),
        ("config.url='http://x/y?z=1'", equal("config.url", "http://x/y?z=1")),
        ("State=OR", compare("State", Operator::Equal, Value::bare("OR"))),
        ("a=O'Brien", compare("a", Operator::Equal, Value::bare("O'Brien"))),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn names_of_every_form_are_read() {
    let names = [
        "company.id",
        "Name.content",
        "workers.a.b",
        "a[0].b",
        "emails.emailList[*].address",
        "@odata.id",
        "$x",
        "a-b",
        "a:b",
        "_x",
        "1st",
        "größe",
        "字段",
        "communicationItems.value",
        "not.x",
        "AND-x",
        "value",
        "from",
        "order",
        "select",
        "where",
        "by",
        "limit",
        "like",
        "In",
        "IS",
        "null",
        "asc",
        "desc",
        "true",
        "INx",
    ];
    for name in names {
        for text in [format!("{name}='x'"), format!("{name} = 'x'"), format!("`{name}`='x'")] {
            assert_eq!(parse(&text), equal(name, "x"), "{text}");
        }
    }
    for name in ["and", "First Name", "a[b", "a'b", "x=1 or y"] {
        assert_eq!(parse(&format!("`{name}`='x'")), equal(name, "x"));
    }
    assert_eq!(parse("in in (1)").fields().next().unwrap().as_str(), "in");
    assert_eq!(parse("is is null").fields().next().unwrap().as_str(), "is");
    assert_eq!(parse("like like 'x'").fields().next().unwrap().as_str(), "like");
}

#[test]
fn not_binds_tighter_than_and_than_or() {
    let [a, b, c] = ["a", "b", "c"].map(|name| equal(name, "1"));
    let not = |part: &Condition| Condition::Not(Box::new(part.clone()));
    for (text, expected) in [
        ("a='1' or b='1' and c='1'", Condition::Or(vec![a.clone(), Condition::And(vec![b.clone(), c.clone()])])),
        ("(a='1' or b='1') and c='1'", Condition::And(vec![Condition::Or(vec![a.clone(), b.clone()]), c.clone()])),
        ("not a='1' and b='1'", Condition::And(vec![not(&a), b.clone()])),
        ("NOT(a='1' and b='1')", not(&Condition::And(vec![a.clone(), b.clone()]))),
        ("a='1'AND(b='1')and c='1'", Condition::And(vec![a.clone(), b.clone(), c.clone()])),
        ("a='1' and (b='1' and c='1')", Condition::And(vec![a.clone(), b.clone(), c.clone()])),
        ("((a='1'))", a.clone()),
    ] {
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn errors_say_where_and_what() {
    for (text, position, expected, found) in [
        ("a", 2, "an operator", "the end"),
        ("a ~ 1", 3, "an operator", "~"),
        ("= 1", 1, "a field name", "="),
        ("a =", 4, "a value", "the end"),
        ("a => 1", 4, "a value", ">"),
        ("a = ,", 5, "a value", ","),
        ("a = 'x", 5, "a quote that is closed", "'x"),
        ("a = 'x\\'", 5, "a quote that is closed", "'x\\'"),
        ("a = ‘x'", 5, "a quote that is closed", "‘x'"),
        ("`a = 1", 1, "a closing `", "`a"),
        ("`` = 1", 1, "a field name", "``"),
        ("ä = 'ü' x", 9, "AND, OR or the end", "x"),
        ("a = 1 2", 7, "AND, OR or the end", "2"),
        ("a='x'b='y'", 6, "AND, OR or the end", "b"),
        ("a = 1 and", 10, "a field name", "the end"),
        ("a = 1 and or b = 2", 11, "a field name", "or"),
        ("not not a = 1", 5, "a field name", "not"),
        ("and = 1", 1, "a field name", "and"),
        ("(a = 1", 7, "AND, OR or `)`", "the end"),
        ("a = 1)", 6, "AND, OR or the end", ")"),
        ("()", 2, "a field name", ")"),
        ("a in 1", 6, "`(`", "1"),
        ("a in ()", 7, "a value", ")"),
        ("a in (1", 8, "`,` or `)`", "the end"),
        ("a in (1 2)", 9, "`,` or `)`", "2"),
        ("a in (1,)", 9, "a value", ")"),
        ("a not = 1", 7, "LIKE or IN", "="),
        ("a not null", 7, "LIKE or IN", "null"),
        ("a is 1", 6, "NULL", "1"),
        ("a is not", 9, "NULL", "the end"),
        ("a like", 7, "a value", "the end"),
        ("a[b] = 1", 2, "an operator", "[b]"),
        ("a = 1; drop", 8, "AND, OR or the end", "drop"),
        ("a = 1 order by b", 7, "AND, OR or the end", "order"),
    ] {
        let error = parse_where(text).unwrap_err();
        assert_eq!((error.position, error.expected, error.found.as_str()), (position, expected, found), "{text}");
    }
    let error = parse_where("a ! 1").unwrap_err().to_string();
    assert_eq!(error, "Error parsing query at position 3: expected an operator, found !");
}

#[test]
fn what_was_found_is_cut() {
    assert_eq!(parse_where(&format!("a=1 {}", "x".repeat(1000))).unwrap_err().found, "x".repeat(32));
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}a=1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse_where(&nested(64)).is_ok());
    assert_eq!(parse_where(&nested(65)).unwrap_err().position, 66);
    assert_eq!(parse_where(&"(".repeat(60_000)).unwrap_err().position, 66);
    assert!(parse_where(&"not (".repeat(10_000)).is_err());
    let long = |bytes: usize| format!("a='{}'", "x".repeat(bytes - 4));
    assert!(parse_where(&long(MAX_BYTES)).is_ok());
    assert_eq!(parse_where(&long(MAX_BYTES + 1)).unwrap_err().found, "65537 bytes");
    assert!(parse_select(&" ".repeat(MAX_BYTES + 1)).is_err());
}

#[test]
fn long_texts_are_read_in_linear_time() {
    let many = format!("a=1{}", " and a=1".repeat(8_000));
    assert_eq!(parse(&many).conjuncts().len(), 8_001);
    let list = format!("a in (1{})", ",1".repeat(30_000));
    assert_eq!(parse(&list).conjuncts().len(), 1);
    assert!(parse_where(&"[1".repeat(30_000)).is_err());
    assert!(parse_where(&format!("a{} = 1", "[0]".repeat(20_000))).is_ok());
}

proptest! {
    #![proptest_config(arbitrary::config())]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        let _ = parse_where(&text);
        let _ = parse_select(&text);
    }

    #[test]
    fn no_mixture_makes_it_panic(text in arbitrary::hostile_text(), cut in any::<prop::sample::Index>()) {
        for text in [format!("a={text}"), format!("a='{text}'"), format!("a in ({text}) and b {text}")] {
            let ends: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
            let piece = &text[..ends[cut.index(ends.len())]];
            match parse_where(piece) {
                Ok(Some(condition)) => {
                    prop_assert_eq!(parse_where(&condition.to_string()).unwrap(), Some(condition));
                }
                Ok(None) => prop_assert!(piece.trim().is_empty()),
                Err(error) => prop_assert!(error.position <= piece.chars().count() + 1),
            }
        }
    }
}
