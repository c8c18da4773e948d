//! Bodies that are no JSON object, too long, too deep, or of the wrong type.

use bytes::Bytes;

use super::{ROUTES, Victim, documented, reads_body};

/// Texts that are no JSON object at all.
fn no_objects() -> Vec<Vec<u8>> {
    let texts = [
        "",
        " ",
        "\n\t",
        "nope",
        "null",
        "true",
        "5",
        "-0",
        "\"x\"",
        "[]",
        "[1]",
        "[{}]",
        "{",
        "}",
        "{\"a\":",
        "{\"a\"}",
        "{\"a\":1",
        "{\"a\":1}}",
        "{\"a\":1}{}",
        "{\"a\":1,}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":NaN}",
        "{\"a\":01}",
        "{\"a\":+1}",
        "{\"a\":.5}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"\\ud83d\":1}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"b\nc\"}",
        "{\"a\":\"b\u{0}c\"}",
        "{\u{0}}",
        "{} x",
        "// {}",
        "{/**/}",
        "<element/>",
        "a=b&c=d",
        "“element”",
        "{“element”:{}}",
    ];
    let mut bodies: Vec<Vec<u8>> = texts.iter().map(|text| text.as_bytes().to_vec()).collect();
    bodies.extend([
        b"{\"name\":\"\xff\"}".to_vec(),
        b"{\"name\":\"\xc3\x28\"}".to_vec(),
        b"{\"name\":\"\xed\xa0\x80\"}".to_vec(),
        b"{\"\xf0\x9f\":1}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(),
        vec![0; 1000],
        b"[".repeat(200),
        b"[".repeat(100_000),
        b"{\"a\":".repeat(100_000),
        b"[{\"a\":".repeat(100_000),
        b"\"".repeat(100_001),
        b"9".repeat(100_000),
    ]);
    bodies
}

#[tokio::test]
async fn what_is_no_json_object_is_400() {
    let victim = Victim::start().await;
    for (method, route) in ROUTES {
        for body in no_objects() {
            let what = format!("{method} {route} {}", String::from_utf8_lossy(&body));
            let answer = victim.send(method, route, body).await;
            documented(&answer, &what);
            if reads_body(method, route) {
                assert_eq!(answer.status, 400, "{}", what.chars().take(200).collect::<String>());
                assert!(answer.error(400).contains("JSON"), "{}", what.chars().take(200).collect::<String>());
            }
        }
    }
    let calls =
        victim.platform.send("DELETE", &format!("/instances/{}/traceLogging", victim.instance["id"]), None).await;
    calls.ok();
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn whole_bodies_that_are_deep_are_refused_or_read() {
    let victim = Victim::start().await;
    for (method, route) in ROUTES.into_iter().filter(|(method, route)| reads_body(method, route)) {
        for depth in [100, 126, 127, 128, 129, 200, 100_000] {
            for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
                let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                for member in ["configuration", "tags", "name", "element", "providerData", "other", "propertyValue"] {
                    let body = format!("{{\"{member}\":{deep}}}");
                    let answer = victim.send(method, route, body).await;
                    documented(&answer, &format!("{method} {route} {member} {depth} deep"));
                    if depth == 100_000 {
                        answer.error(400);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413() {
    let victim = Victim::start().await;
    let limit = 8 * 1024 * 1024;
    let body = |length: usize| {
        let mut text = b"{\"other\":\"".to_vec();
        text.resize(length - 2, b'x');
        text.extend(b"\"}");
        Bytes::from(text)
    };
    let (fits, beyond) = (body(limit), body(limit + 1));
    for (method, route) in ROUTES.into_iter().filter(|(method, route)| reads_body(method, route)) {
        let answer = victim.send(method, route, beyond.clone()).await;
        documented(&answer, &format!("{method} {route}"));
        answer.error(413);
    }
    let answer = victim.send("PATCH", "/instances/{id}", fits).await;
    documented(&answer, "a body of the limit");
    answer.ok();
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn routes_that_read_no_body_take_any() {
    let victim = Victim::start().await;
    for (method, route) in ROUTES.into_iter().filter(|(method, route)| !reads_body(method, route)) {
        let plain = victim.send(method, route, "").await.status;
        for body in no_objects() {
            let answer = victim.send(method, route, body).await;
            documented(&answer, &format!("{method} {route}"));
            assert_eq!(answer.status, plain, "{method} {route}");
        }
    }
}

#[tokio::test]
async fn repeated_members_are_refused_or_read_once() {
    let victim = Victim::start().await;
    let configuration = victim.platform.configuration("infobip");
    for body in [
        format!(r#"{{"name":"a","name":"b","element":{{"key":"infobip"}},"configuration":{configuration}}}"#),
        format!(r#"{{"name":"a","element":{{"key":"infobip","key":"servicecloud"}},"configuration":{configuration}}}"#),
        format!(
            r#"{{"name":"a","element":{{"key":"nope"}},"element":{{"key":"infobip"}},"configuration":{configuration}}}"#
        ),
        format!(r#"{{"name":"a","element":{{"key":"infobip"}},"configuration":{{}},"configuration":{configuration}}}"#),
        r#"{"propertyValue":"a","propertyValue":"b"}"#.to_owned(),
        r#"{"username":"a","username":"b","password":"c"}"#.to_owned(),
    ] {
        for (method, route) in ROUTES.into_iter().filter(|(method, route)| reads_body(method, route)) {
            documented(&victim.send(method, route, body.clone()).await, &format!("{method} {route} {body}"));
        }
    }
}
