//! Conditions in vendors' languages, and values that try to become syntax there.

use proptest::prelude::*;

use super::*;
use crate::{arbitrary, parse_where};

fn parse(text: &str) -> Condition {
    parse_where(text).unwrap().unwrap()
}

/// `None` expects a refusal.
fn check(translate: impl Fn(&Condition) -> Translation, cases: &[(&str, Option<&str>)]) {
    for (text, expected) in cases {
        let translated = translate(&parse(text));
        assert_eq!(translated.as_deref().ok(), *expected, "{text}: {translated:?}");
    }
}

#[test]
fn roql() {
    check(
        to_roql,
        &[
            ("login='Admin1'", Some("Login = 'Admin1'")),
            ("name.first='O''Brien' and id.id=5", Some("Name.First = 'O''Brien' AND ID = 5")),
            ("primaryContact.contact.id.id='5'", Some("PrimaryContact.Contact.ID = '5'")),
            ("emails.emailList[*].address like '%@x'", Some("Emails.EmailList.Address LIKE '%@x'")),
            ("createdTime>='2014-04-02T18:28:30 0000'", Some("CreatedTime >= '2014-04-02T18:28:30Z'")),
            ("createdTime>2014-04-02T18:28:30.250-01:00", Some("CreatedTime > '2014-04-02T19:28:30.25Z'")),
            ("createdTime>\"Jan 15, 2014\"", Some("CreatedTime > '2014-01-15'")),
            ("a=1 or b=2 and c!=3", Some("A = 1 OR (B = 2 AND C != 3)")),
            ("(a=1 or b=2) and not (c=3)", Some("(A = 1 OR B = 2) AND NOT (C = 3)")),
            ("a in (1,'x') and b not in (2)", Some("A IN (1, 'x') AND B NOT IN (2)")),
            ("a is null or b is not null or c not like 'x'", Some("A IS NULL OR B IS NOT NULL OR C NOT LIKE 'x'")),
            ("a=null and b!=null", Some("A IS NULL AND B IS NOT NULL")),
            ("a=true and b='true' and c=False", Some("A = 1 AND B = 'true' AND C = 0")),
            ("a='back\\slash'", Some("A = 'back\\slash'")),
            ("a=bare", Some("A = 'bare'")),
            ("a='x; DELETE'", Some("A = 'x; DELETE'")),
            ("a>null", None),
            ("a in (null)", None),
            ("a like 'x_y'", None),
            ("a[0]=1", None),
            ("`a b`=1", None),
            ("`x=1 or y`=1", None),
            ("where=1", None),
            ("a.1st=1", None),
            ("größe=1", None),
            ("a='\u{0}'", None),
            ("a='\u{7}'", None),
        ],
    );
}

#[test]
fn adf_by_example() {
    check(
        |condition| to_adf(condition, AdfVersion::V1),
        &[
            ("LastName='Smith'", Some("LastName='Smith'")),
            ("Rank='HOT' and DealSize>=100 and Active!=true", Some("Rank='HOT';DealSize>=100;Active!=true")),
            ("CreationDate>'2018-03-29T11:19:59+0200'", Some("CreationDate>'2018-03-29T09:19:59Z'")),
            ("BirthDate<2018-03-25", Some("BirthDate<'2018-03-25'")),
            ("Name='O''Brien'", Some("Name=\"O'Brien\"")),
            ("Name like 'Sm%'", Some("Name='Sm*'")),
            ("Type='ZCA_CUSTOMER'", Some("Type='ZCA_CUSTOMER'")),
            ("Name='x;y'", None),
            ("Name='x*'", None),
            ("Name='100%'", None),
            ("Name like 'a_%'", None),
            ("Name not like 'a%'", None),
            ("a=1 or b=2", None),
            ("a=1 and (b=1 or c=2)", None),
            ("not a=1", None),
            ("a in (1,2)", None),
            ("a is null", None),
            ("a=null", None),
            ("a='both '' and \"'", None),
            ("a='back\\slash'", None),
            ("`a;b`=1", None),
            ("a[*]=1", None),
        ],
    );
}

#[test]
fn adf_expressions() {
    check(
        |condition| to_adf(condition, AdfVersion::V2),
        &[
            ("LastName='Smith' and DealSize>100", Some("LastName = 'Smith' and DealSize > 100")),
            ("(a=1 or b='x') and not (c=2)", Some("(a = 1 or b = 'x') and not (c = 2)")),
            ("a like 'x%' and b not like '%y'", Some("a LIKE 'x%' and b NOT LIKE '%y'")),
            ("a in (1,'x') and b not in (2)", Some("a IN (1, 'x') and b NOT IN (2)")),
            ("a is null and b is not null", Some("a IS NULL and b IS NOT NULL")),
            ("a=null and b!=null", Some("a IS NULL and b IS NOT NULL")),
            ("a='x;y'", Some("a = 'x;y'")),
            ("a='\"'", Some("a = '\"'")),
            ("Address.City='O''X'", Some("Address.City = \"O'X\"")),
            ("a like 'x*'", None),
            ("a like 'x_'", None),
            ("a='both '' and \"'", None),
            ("a=`\\'`", None),
            ("a<null", None),
            ("like='x'", None),
            ("`a or b`=1", None),
        ],
    );
}

#[test]
fn odata_version_4() {
    check(
        |condition| to_odata(condition, ODataVersion::V4),
        &[
            ("lastName='Smith'", Some("lastName eq 'Smith'")),
            ("lastName='O''Brien'", Some("lastName eq 'O''Brien'")),
            ("a!=1 and b<2 and c<=3 and d>4 and e>=5.5", Some("a ne 1 and b lt 2 and c le 3 and d gt 4 and e ge 5.5")),
            ("zip='10'", Some("zip eq '10'")),
            ("isPrivate='true' or isPrivate=FALSE", Some("isPrivate eq true or isPrivate eq false")),
            ("businessAddress.state='CA'", Some("businessAddress/state eq 'CA'")),
            ("edited>'2023-08-01T08:00:00Z'", Some("edited gt 2023-08-01T08:00:00Z")),
            ("edited>2023-08-01T08:00:00.5+02:00", Some("edited gt 2023-08-01T06:00:00.5Z")),
            ("edited>'2023-08-01'", Some("edited gt 2023-08-01T00:00:00Z")),
            ("a like 'x%'", Some("startswith(a,'x')")),
            ("a like '%x'", Some("endswith(a,'x')")),
            ("a like '%x%'", Some("contains(a,'x')")),
            ("a like 'x'", Some("a eq 'x'")),
            ("a like '%'", Some("a ne null")),
            ("a like '%it''s%'", Some("contains(a,'it''s')")),
            ("a not like 'x%'", Some("not (startswith(a,'x'))")),
            ("a in (1,'x') and b=2", Some("(a eq 1 or a eq 'x') and b eq 2")),
            ("a in (1)", Some("a eq 1")),
            ("a not in (1,2)", Some("not (a eq 1 or a eq 2)")),
            ("a is null or b is not null", Some("a eq null or b ne null")),
            ("a=null", Some("a eq null")),
            ("not (a=1 or b=2) and c=3", Some("not (a eq 1 or b eq 2) and c eq 3")),
            ("a=1 or b=2 and c=3", Some("a eq 1 or (b eq 2 and c eq 3)")),
            ("id=0f8fad5b-d9cb-469f-a165-70867728950e", Some("id eq 0f8fad5b-d9cb-469f-a165-70867728950e")),
            ("id='0f8fad5b-d9cb-469f-a165-70867728950e'", Some("id eq '0f8fad5b-d9cb-469f-a165-70867728950e'")),
            ("id=0f8fad5b-d9cb-469f-a165-70867728950x", Some("id eq '0f8fad5b-d9cb-469f-a165-70867728950x'")),
            ("a like 'x%y'", None),
            ("a<null", None),
            ("a[*]=1", None),
            ("`a eq 1 or b`=1", None),
            ("a/b=1 ".trim_start_matches("a/"), Some("b eq 1")),
            ("`a/b`=1", None),
            ("eq=1", None),
            ("@odata.type='x'", None),
            ("a='\u{0}'", None),
            ("a>'9999-12-31T23:59:59-10:00'", None),
        ],
    );
}

#[test]
fn odata_version_3() {
    check(
        |condition| to_odata(condition, ODataVersion::V3),
        &[
            ("edited>'2023-08-01T10:00:00+02:00'", Some("edited gt datetime'2023-08-01T08:00:00'")),
            ("edited>'2023-08-01'", Some("edited gt datetime'2023-08-01T00:00:00'")),
            ("a like '%x''y%'", Some("substringof('x''y',a)")),
            ("a like 'x%'", Some("startswith(a,'x')")),
        ],
    );
}

#[test]
fn query_parameters() {
    let pairs = |text: &str| to_query_parameters(&parse(text)).map_err(|error| error.to_string());
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        pairs("FriendlyName='x & y' AND created_at_min>='2017' and a=1 and a=2"),
        Ok(vec![pair("FriendlyName", "x & y"), pair("created_at_min", "2017"), pair("a", "1"), pair("a", "2")])
    );
    assert_eq!(pairs("ids in (1,'b')"), Ok(vec![pair("ids", "1,b")]));
    assert_eq!(pairs("ids='1,2,3'"), Ok(vec![pair("ids", "1,2,3")]));
    assert_eq!(pairs("a like 'x%'"), Ok(vec![pair("a", "x%")]));
    assert_eq!(pairs("a.b[0]=true"), Ok(vec![pair("a.b[0]", "true")]));
    assert_eq!(pairs("updated_date__lte<'x'"), Ok(vec![pair("updated_date__lte", "x")]));
    let refused = [
        "a=1 or b=2",
        "not a=1",
        "a=1 and (b=1 or c=2)",
        "a is null",
        "a is not null",
        "a!=1",
        "a=null",
        "a not like 'x'",
        "a not in (1)",
        "a in ('1,2')",
        "a in (null)",
        "`a&b`=1",
        "`a b`=1",
    ];
    for text in refused {
        assert!(pairs(text).is_err(), "{text}");
    }
    assert_eq!(pairs("a=1 or b=2"), Err("a = 1 OR b = 2 cannot be expressed in query parameters".to_owned()));
}

/// The literals of a vendor's text: everything between quotes, where doubling stands for a quote
/// if the language has that. Panics if a quote stays open. The rest is returned with `?` in place.
fn literals(text: &str, quotes: &[char], doubling: bool) -> (String, Vec<String>) {
    let (mut rest, mut found) = (String::new(), Vec::new());
    let mut characters = text.chars().peekable();
    while let Some(open) = characters.next() {
        if !quotes.contains(&open) {
            rest.push(open);
            continue;
        }
        let mut literal = String::new();
        loop {
            match characters.next().expect("a literal ends") {
                quote if quote == open && doubling && characters.peek() == Some(&open) => {
                    literal.push(quote);
                    characters.next();
                }
                quote if quote == open => break,
                other => literal.push(other),
            }
        }
        found.push(literal);
        rest.push('?');
    }
    (rest, found)
}

/// What a value becomes for a vendor is one literal with exactly its text.
fn is_one_literal(
    text: &str,
    quotes: &[char],
    doubling: bool,
    frame: &str,
    value: &Value,
) -> Result<(), TestCaseError> {
    let (rest, found) = literals(text, quotes, doubling);
    prop_assert_eq!(rest, frame.to_owned(), "{}", text);
    prop_assert_eq!(found, vec![vendor_text(value)], "{}", text);
    Ok(())
}

fn equal(value: &Value) -> Condition {
    Condition::Compare { field: Field::new("A").unwrap(), operator: crate::Operator::Equal, value: value.clone() }
}

proptest! {
    #![proptest_config(arbitrary::config())]

    #[test]
    fn a_value_never_becomes_syntax(text in arbitrary::hostile_text()) {
        // A letter in front keeps it a text, not a number or a date.
        let value = Value::quoted(&format!("x{text}"));
        let condition = equal(&value);
        if let Ok(text) = to_roql(&condition) {
            is_one_literal(&text, &['\''], true, "A = ?", &value)?;
        }
        for version in [ODataVersion::V4, ODataVersion::V3] {
            if let Ok(text) = to_odata(&condition, version) {
                is_one_literal(&text, &['\''], true, "A eq ?", &value)?;
            }
        }
        if let Ok(text) = to_adf(&condition, AdfVersion::V1) {
            prop_assert!(!text.contains([';', '*', '\\']));
            is_one_literal(&text, &['\'', '"'], false, "A=?", &value)?;
        }
        if let Ok(text) = to_adf(&condition, AdfVersion::V2) {
            prop_assert!(!text.contains('\\'));
            is_one_literal(&text, &['\'', '"'], false, "A = ?", &value)?;
        }
        let pairs = to_query_parameters(&condition).unwrap();
        prop_assert_eq!(pairs, vec![("A".to_owned(), value.text().to_owned())]);
    }

    #[test]
    fn bare_values_and_patterns_stay_literals(text in arbitrary::hostile_text()) {
        let condition = equal(&Value::bare(&text));
        let pattern = Condition::Like { field: Field::new("A").unwrap(), pattern: Value::quoted(&text), negated: false };
        let plain = |c: char| c.is_ascii_alphanumeric() || " =?-+.:,()<>!;".contains(c);
        for condition in [condition, pattern] {
            let texts = [
                (to_roql(&condition), true),
                (to_odata(&condition, ODataVersion::V4), true),
                (to_odata(&condition, ODataVersion::V3), true),
                (to_adf(&condition, AdfVersion::V1), false),
                (to_adf(&condition, AdfVersion::V2), false),
            ];
            for (text, doubling) in texts {
                let Ok(text) = text else { continue };
                let quotes: &[char] = if doubling { &['\''] } else { &['\'', '"'] };
                let (rest, found) = literals(&text, quotes, doubling);
                prop_assert!(found.len() <= 1 && rest.chars().all(plain), "{}", text);
                prop_assert!(!rest.to_lowercase().contains(" or ") && !rest.contains("--"), "{}", text);
            }
        }
    }

    #[test]
    fn no_condition_makes_a_translator_panic(condition in arbitrary::condition()) {
        let _ = to_roql(&condition);
        let _ = to_odata(&condition, ODataVersion::V3);
        let _ = to_adf(&condition, AdfVersion::V1);
        let _ = to_adf(&condition, AdfVersion::V2);
        let _ = to_query_parameters(&condition);
        let (vendor, _) = condition.split(|part| to_odata(part, ODataVersion::V4).is_ok());
        prop_assert!(vendor.is_none_or(|vendor| to_odata(&vendor, ODataVersion::V4).is_ok()));
    }
}
