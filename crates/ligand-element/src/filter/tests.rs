//! What converters make of a caller's text.

use super::*;

fn made(converter: &str, text: &str) -> Result<Option<Converted>, String> {
    Converter::of(converter).unwrap().text(text).map_err(|error| error.to_string())
}

fn text(text: &str) -> Result<Option<Converted>, String> {
    Ok(Some(Converted::Text(text.to_owned())))
}

#[test]
fn conditions_are_translated() {
    let cases = [
        ("toODataFilter", "a='O''B' and b>1", "a eq 'O''B' and b gt 1"),
        ("toODataV3Filter", "a like '%x%'", "substringof('x',a)"),
        ("toCEQL", "a ='x' AND b is  null", "a = 'x' AND b IS NULL"),
        ("toRoql", "login='x'", "Login = 'x'"),
        ("toAdf", "A='x' and B>=1", "A='x';B>=1"),
        ("toAdfV2", "A='x' or B=1", "A = 'x' or B = 1"),
    ];
    for (converter, condition, expected) in cases {
        assert_eq!(made(converter, condition), text(expected), "{converter}");
    }
    let pairs = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "x y".to_owned())];
    assert_eq!(made("toQueryParameters", "a=1 and b='x y'"), Ok(Some(Converted::Pairs(pairs))));
}

#[test]
fn orders_and_fields_are_translated_and_what_is_odd_is_left_out() {
    let cases = [
        ("toODataOrderBy", "a.b desc, c", "a/b desc,c asc"),
        ("toAdfOrderBy", "Name, CreationDate DESC'", "Name:asc,CreationDate:desc"),
        ("toAdfOrderBy", "`x:desc`,Name", "Name:asc"),
        ("toRoqlOrderBy", "lookupName desc, id.id", "LookupName DESC, ID ASC"),
        ("toODataSelect", "id , address.city", "id,address/city"),
    ];
    for (converter, order, expected) in cases {
        assert_eq!(made(converter, order), text(expected), "{converter}");
    }
    assert_eq!(made("toODataOrderBy", "`a eq 1`"), Ok(None));
    assert_eq!(made("toODataSelect", "*"), Ok(None));
}

#[test]
fn what_has_no_form_is_refused() {
    assert_eq!(made("toODataFilter", "  "), Ok(None));
    assert!(made("toODataFilter", "a=").unwrap_err().starts_with("Error parsing query"));
    assert_eq!(
        made("toQueryParameters", "a=1 or b=2").unwrap_err(),
        "where: a = 1 OR b = 2 cannot be expressed in query parameters"
    );
    assert_eq!(Converter::of("toMars"), None);
    assert_eq!(Converter::of("toRoql: WHERE ").unwrap().argument, Some(" WHERE "));
}
