//! Keys of OData entities as addresses have them. A value is checked by its type, or quoted, so that it never becomes
//! syntax.

/// A value as the literal of a type (`Edm.String`, or the whole name of an enumeration), in the syntax of V4 or of the
/// versions before; nothing when it is none of that type.
pub(crate) fn literal(kind: &str, value: &str, is_v4: bool) -> String {
    let quoted = |prefix: &str, is_fine: bool| if is_fine { format!("{prefix}'{value}'") } else { String::new() };
    let plain = |suffix: &str, is_fine: bool| if is_fine { format!("{value}{suffix}") } else { String::new() };
    let has_only = |further: &[u8]| {
        !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || further.contains(&byte))
    };
    let digits = value.strip_prefix('-').unwrap_or(value);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = has_only(b"+-.") && value.parse::<f64>().is_ok();
    let is_guid = value.len() == 36
        && value.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    let is_time = has_only(b":+-.");
    let before = |text: &'static str| if is_v4 { "" } else { text };
    match kind.strip_prefix("Edm.") {
        Some("String") => format!("'{}'", value.replace('\'', "''")),
        Some("Boolean") => plain("", matches!(value, "true" | "false")),
        Some("Byte" | "SByte" | "Int16" | "Int32") => plain("", is_whole),
        Some("Int64") => plain(before("L"), is_whole),
        Some("Decimal") => plain(before("M"), is_number),
        Some("Double") => plain(before("D"), is_number),
        Some("Single") => plain(before("F"), is_number),
        Some("Guid") if is_v4 => plain("", is_guid),
        Some("Guid") => quoted("guid", is_guid),
        Some("DateTime") => quoted("datetime", is_time),
        Some("DateTimeOffset" | "Date" | "TimeOfDay") if is_v4 => plain("", is_time),
        Some("DateTimeOffset") => quoted("datetimeoffset", is_time),
        Some("Time") => quoted("time", is_time),
        Some("Duration") => quoted("duration", is_time),
        Some("Binary") => quoted("binary", has_only(b"-_=")),
        Some(_) => String::new(),
        None => quoted(kind, has_only(b"_,")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::literal;

    #[test]
    fn literals_are_those_of_the_type_and_version() {
        let guid = "0b5d2e6a-7a5e-4b8e-9f57-000000000000";
        let cases = [
            ("Edm.String", "O'Neil", "'O''Neil'", "'O''Neil'"),
            ("Edm.String", "", "''", "''"),
            ("Edm.Int32", "-5", "-5", "-5"),
            ("Edm.Int32", "5)", "", ""),
            ("Edm.Int64", "7", "7", "7L"),
            ("Edm.Decimal", "1.5", "1.5", "1.5M"),
            ("Edm.Decimal", "1.5.2", "", ""),
            ("Edm.Boolean", "true", "true", "true"),
            ("Edm.Guid", guid, guid, &format!("guid'{guid}'")),
            ("Edm.Guid", "x' or 1 eq 1", "", ""),
            ("Edm.DateTime", "2014-03-18T00:00:00", "datetime'2014-03-18T00:00:00'", "datetime'2014-03-18T00:00:00'"),
            ("Edm.Date", "2014-03-18", "2014-03-18", ""),
            ("Shop.Color", "Red", "Shop.Color'Red'", "Shop.Color'Red'"),
            ("Shop.Color", "Red'", "", ""),
            ("Edm.Geography", "x", "", ""),
        ];
        for (kind, value, v4, v3) in cases {
            assert_eq!(literal(kind, value, true), v4, "{kind} {value}");
            assert_eq!(literal(kind, value, false), v3, "{kind} {value}");
        }
    }

    proptest! {
        #[test]
        fn no_value_becomes_syntax(value in ".{0,20}", kind in 0..9usize, is_v4: bool) {
            let kinds = ["String", "Int32", "Int64", "Decimal", "Guid", "DateTime", "Boolean", "Binary", "Time"];
            let text = literal(&format!("Edm.{}", kinds[kind]), &value, is_v4);
            let mut is_quoted = false;
            for each in text.chars() {
                is_quoted ^= each == '\'';
                prop_assert!(is_quoted || !matches!(each, '(' | ')' | '/' | '?' | ',' | ' ' | '&'), "{}", text);
            }
            prop_assert!(!is_quoted, "{}", text);
        }
    }
}
