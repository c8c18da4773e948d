//! Values are written as their type demands and read as JSON that is written the same again.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{BUILT_IN, Simple};

fn kind(name: &str) -> Simple {
    BUILT_IN.iter().find(|(built_in, _)| *built_in == name).unwrap().1.clone()
}

#[test]
fn what_fits_is_written() {
    let cases = [
        ("string", json!(" a "), " a "),
        ("string", json!(12), "12"),
        ("string", json!(true), "true"),
        ("boolean", json!(false), "false"),
        ("boolean", json!("1"), "1"),
        ("int", json!(-5), "-5"),
        ("int", json!("7"), "7"),
        ("long", json!(4.0), "4"),
        ("unsignedLong", json!(u64::MAX), "18446744073709551615"),
        (
            "integer",
            json!("99999999999999999999999999999999999999999999"),
            "99999999999999999999999999999999999999999999",
        ),
        ("decimal", json!(1e21), "1000000000000000000000.0"),
        ("double", json!("INF"), "INF"),
        ("dateTime", json!("2014-03-18T13:39:05Z"), "2014-03-18T13:39:05Z"),
        ("dateTime", json!("2014-03-18T13:39:05.5+0000"), "2014-03-18T13:39:05.5+00:00"),
        ("dateTime", json!("2016-02-29T24:00:00"), "2016-02-29T24:00:00"),
        ("date", json!("2014-03-18+01:00"), "2014-03-18+01:00"),
        ("time", json!("13:39:05"), "13:39:05"),
        ("base64Binary", json!("QUI="), "QUI="),
        ("NMTOKENS", json!(["a", "b"]), "a b"),
    ];
    for (name, value, text) in cases {
        assert_eq!(kind(name).write(&value).as_deref(), Some(text), "{name} {value}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let cases = [
        ("string", json!({})),
        ("string", json!(["a"])),
        ("boolean", json!(1)),
        ("boolean", json!("yes")),
        ("int", json!(2_147_483_648_i64)),
        ("int", json!(1.5)),
        ("int", json!("")),
        ("int", json!("+")),
        ("int", json!(true)),
        ("unsignedByte", json!(-1)),
        ("decimal", json!("1e5")),
        ("decimal", json!(".")),
        ("double", json!("inf")),
        ("double", json!("1e")),
        ("dateTime", json!("2014-03-18")),
        ("dateTime", json!("2014-02-29T00:00:00Z")),
        ("dateTime", json!("2014-13-01T00:00:00Z")),
        ("dateTime", json!("2014-03-18T25:00:00Z")),
        ("dateTime", json!("2014-03-18T13:39:05+99:00")),
        ("dateTime", json!("2014-03-18T13:39:05.Z")),
        ("dateTime", json!("")),
        ("dateTime", json!("é014-03-18T13:39:05Z")),
        ("dateTime", json!(1_395_149_945)),
        ("date", json!("18.03.2014")),
        ("time", json!("1:2:3")),
        ("base64Binary", json!("a")),
        ("NMTOKENS", json!(["a b"])),
    ];
    for (name, value) in cases {
        assert_eq!(kind(name).write(&value), None, "{name} {value}");
    }
    let color = Simple { values: vec!["red".into()], ..kind("string") };
    assert_eq!(color.write(&json!("red")).as_deref(), Some("red"));
    assert_eq!(color.write(&json!("blue")), None);
}

#[test]
fn text_of_another_type_stays_text() {
    for name in ["int", "boolean", "double", "decimal"] {
        assert_eq!(kind(name).read(" none "), json!("none"), "{name}");
    }
    assert_eq!(kind("decimal").read("0.12345678901234567890"), json!("0.12345678901234567890"));
    assert_eq!(kind("decimal").read("+01.50"), json!(1.5));
}

proptest! {
    #[test]
    fn numbers_come_back(integer in any::<i64>(), float in any::<f64>().prop_filter("finite", |float| float.is_finite())) {
        prop_assert_eq!(kind("long").read(&kind("long").write(&json!(integer)).unwrap()), json!(integer));
        for name in ["decimal", "double"] {
            let kind = kind(name);
            prop_assert_eq!(kind.read(&kind.write(&json!(float)).unwrap()), json!(float));
            prop_assert_eq!(kind.read(&kind.write(&json!(integer)).unwrap()), json!(integer));
        }
    }

    #[test]
    fn whatever_is_written_can_be_written_again(text in "[-+0-9TZ:.eE]{0,30}") {
        for (name, simple) in &BUILT_IN {
            if let Some(written) = simple.write(&Value::from(text.as_str())) {
                let read = simple.read(&written);
                prop_assert!(simple.write(&read).is_some(), "{} {}", name, read);
            }
        }
    }
}
