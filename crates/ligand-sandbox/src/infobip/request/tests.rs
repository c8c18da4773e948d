//! Times, and requests in which everything is wrong.

use super::{Refusal, advanced, multi, parse_time, single};

#[test]
fn times_have_an_offset_with_or_without_colon() {
    let expected = parse_time("2030-01-02T03:04:05Z").unwrap();
    for text in ["2030-01-02T03:04:05.000+0000", "2030-01-02T04:04:05+01:00", "2030-01-02T05:04:05.0+0200"] {
        assert_eq!(parse_time(text), Some(expected), "{text}");
    }
    for text in ["", "2030-01-02", "2030-13-02T03:04:05Z", "tomorrow", "2030-01-02T03:04:05"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
}

#[test]
fn every_problem_is_named() {
    let body = r#"{"messages": [
        {"from": [], "flash": 1, "notifyUrl": "ftp://x", "notifyContentType": "text/plain", "sendAt": "soon",
         "transliteration": "KLINGON", "language": {"languageCode": "XX"}, "validityPeriod": "long",
         "intermediateReport": "no", "destinations": [{"to": {}}, 7, {"to": "1", "messageId": []}]},
        7
    ]}"#;
    let Err(Refusal::BadRequest(problems)) = advanced(body.as_bytes()) else { panic!("accepted") };
    let places: Vec<&str> = problems.keys().map(String::as_str).collect();
    assert_eq!(
        places,
        [
            "messages[0].destinations[0].to",
            "messages[0].destinations[1]",
            "messages[0].destinations[2].messageId",
            "messages[0].flash",
            "messages[0].from",
            "messages[0].intermediateReport",
            "messages[0].language.languageCode",
            "messages[0].notifyContentType",
            "messages[0].notifyUrl",
            "messages[0].sendAt",
            "messages[0].transliteration",
            "messages[0].validityPeriod",
            "messages[1]",
        ]
    );
    let many = format!(r#"{{"messages": [{}]}}"#, vec!["7"; 5_000].join(","));
    let Err(Refusal::BadRequest(problems)) = advanced(many.as_bytes()) else { panic!("accepted") };
    assert_eq!(problems.len(), 100);
}

#[test]
fn the_forms_differ_in_where_the_destinations_are() {
    let plain = br#"{"messages": [{"to": ["1", "2"], "text": "x"}]}"#;
    assert_eq!(multi(plain).unwrap().drafts[0].destinations.len(), 2);
    assert!(advanced(plain).is_err());
    let listed = br#"{"messages": [{"destinations": [{"to": "1"}], "text": "x"}]}"#;
    assert_eq!(advanced(listed).unwrap().drafts.len(), 1);
    assert!(multi(listed).is_err());
    assert!(single(listed).is_err());
    assert_eq!(single(br#"{"to": 41793026727, "text": "x"}"#).unwrap().drafts[0].destinations[0].0, "41793026727");
}
