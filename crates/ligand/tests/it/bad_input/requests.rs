//! Hostile paths, queries, headers and methods; and bytes that are hardly HTTP.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{ROUTES, Victim, documented};
use crate::harness::{API, Platform};

/// Segments that name nothing.
fn segments() -> Vec<String> {
    let mut segments: Vec<String> = [
        "0",
        "-1",
        "-0",
        "4242",
        "999999999999",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775809",
        "99999999999999999999999999",
        "1.5",
        "1e3",
        "0x10",
        "%00",
        "%20",
        "%0a",
        "%ff",
        "%c3%28",
        "%",
        "%zz",
        "%2",
        "..%2f..",
        "%2e%2e",
        "%252e",
        "a%2Fb",
        "undefined",
        "null",
        "NaN",
        "[]",
        "()",
        "a;b=c",
        "*",
        "~",
        "'",
        "%22",
        "%3Cscript%3E",
        "%F0%9F%8E%89",
        "%27%20OR%201=1",
        "true",
        "{id}",
        "%7Bid%7D",
        "a:b",
        "@",
        "$1",
        "+",
        "\\",
    ]
    .map(str::to_owned)
    .to_vec();
    segments.push("x".repeat(10_000));
    segments.push("%41".repeat(10_000));
    segments.push("9".repeat(10_000));
    segments.push("-".repeat(10_000));
    segments
}

#[tokio::test]
async fn unknown_segments_are_404_everywhere() {
    let victim = Victim::start().await;
    let authorization = victim.authorization();
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    for segment in segments() {
        // An address cannot hold some characters; then nothing can be sent.
        if format!("{API}/x/{segment}").parse::<http::Uri>().is_err() {
            continue;
        }
        for (method, path) in [
            ("GET", format!("/instances/{segment}")),
            ("PATCH", format!("/instances/{segment}")),
            ("PUT", format!("/instances/{segment}")),
            ("DELETE", format!("/instances/{segment}")),
            ("GET", format!("/instances/{segment}/configuration")),
            ("GET", format!("/instances/{}/configuration/{segment}", victim.instance["id"])),
            ("PATCH", format!("/instances/{}/configuration/{segment}", victim.instance["id"])),
            ("GET", format!("/instances/configuration/{segment}")),
            ("PUT", format!("/instances/{segment}/enabled")),
            ("DELETE", format!("/instances/{segment}/enabled")),
            ("PUT", format!("/instances/{segment}/traceLogging")),
            ("GET", format!("/elements/{segment}")),
            ("GET", format!("/elements/{segment}/configuration")),
            ("GET", format!("/elements/{segment}/instances")),
            ("POST", format!("/elements/{segment}/instances")),
            ("GET", format!("/elements/{segment}/instances/{}", victim.instance["id"])),
            ("GET", format!("/elements/infobip/instances/{segment}")),
            ("DELETE", format!("/elements/infobip/instances/{segment}")),
            ("GET", format!("/elements/{segment}/trace/{segment}")),
            ("GET", format!("/elements/infobip/trace/{segment}")),
            ("GET", format!("/hubs/{segment}")),
            ("GET", format!("/hubs/{segment}/elements")),
            ("GET", format!("/accounts/{segment}/instances")),
            ("GET", format!("/nowhere/{segment}")),
            ("GET", format!("/{segment}")),
        ] {
            let body =
                if ["PATCH", "PUT", "POST"].contains(&method) { r#"{"name":"x","propertyValue":"x"}"# } else { "" };
            let answer = victim.platform.raw(method, &format!("{API}{path}"), &headers, body).await;
            let what = format!("{method} {path}");
            documented(&answer, &what);
            assert_eq!(answer.status, 404, "{}", what.chars().take(200).collect::<String>());
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_query_is_answered() {
    let victim = Victim::start().await;
    let mut queries: Vec<String> = [
        "",
        "&",
        "&&&",
        "=",
        "=&=",
        "%",
        "%zz",
        "%00",
        "%00=%00",
        "%ff=%ff",
        "a",
        "a=b=c",
        "tags[]",
        "tags[]=",
        "tags[]=%00",
        "tags[]=%ff",
        "tags%5B%5D=%C3%28",
        "tags[x]=y",
        "tags=x",
        "searchText=",
        "searchText=%00",
        "searchText=%25",
        "searchText=%ff",
        "searchText=%5C",
        "hydrate=",
        "hydrate=maybe",
        "hydrate=TRUE",
        "hydrate=false&hydrate=true",
        "pageSize=",
        "pageSize=0",
        "pageSize=-1",
        "pageSize=1e3",
        "pageSize=99999999999999999999",
        "pageSize=x",
        "pageSize=1&pageSize=x",
        "page=-1",
        "offset=-1",
        "nextPage=",
        "nextPage=null",
        "nextPage=%00",
        "nextPage=../..",
        "nextPage=eyJhIjoxfQ==",
        "nextPage=AAAA",
        "where=",
        "where='",
        "where=%00",
        "where=key%3D'",
        "where=key%20LIKE%20'%25'",
        "where=1%3D1",
        "where=key%3D'x'%3B--",
        "abridged=",
        "abridged=x",
        "User=x",
        "Authorization=x",
    ]
    .map(str::to_owned)
    .to_vec();
    queries.push("tags[]=x&".repeat(5_000));
    queries.push(format!("searchText={}", "x".repeat(50_000)));
    queries.push(format!("searchText={}", "%25".repeat(15_000)));
    queries.push(format!("nextPage={}", "A".repeat(50_000)));
    queries.push(format!("where={}", "(".repeat(50_000)));
    queries.push(format!("where=key='a'{}", "%20OR%20key='a'".repeat(3_000)));
    queries.push(format!("where={}", "NOT%20".repeat(9_000)));
    for (method, route) in ROUTES.into_iter().filter(|(method, _)| *method == "GET") {
        for query in &queries {
            let answer = victim.send(method, &format!("{route}?{query}"), "").await;
            documented(&answer, &format!("{route}?{query}"));
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_header_is_answered() {
    let victim = Victim::start().await;
    let authorization = victim.authorization();
    let long = "x".repeat(60_000);
    let commas = ",".repeat(30_000);
    let parts = format!("{}{authorization}", "Digest x, ".repeat(3_000));
    let many: Vec<String> = (0..80).map(|number| format!("x-header-{number}")).collect();
    for (method, route) in ROUTES {
        for (name, value) in [
            ("authorization", ""),
            ("authorization", " "),
            ("authorization", ","),
            ("authorization", ", , ,"),
            ("authorization", "User"),
            ("authorization", "User , Organization "),
            ("authorization", "User:::: a, Organization b"),
            ("authorization", "User é, Organization ü"),
            ("authorization", "User a\tb, Organization c"),
            ("authorization", "Bearer"),
            ("authorization", "Bearer é"),
            ("authorization", &long),
            ("authorization", &commas),
            ("accept", "é"),
            ("accept", &commas),
            ("accept", "application/json;q=é"),
            ("accept", "application/json;q=99999999999999999999"),
            ("content-type", "é"),
            ("content-type", ";;;"),
            ("content-type", "application/json;charset=é"),
            ("origin", "é"),
            ("origin", &long),
            ("x-forwarded-host", "é"),
            ("range", "bytes=0-1"),
            ("expect", "nothing"),
            ("content-encoding", "gzip"),
            ("if-none-match", "*"),
            ("upgrade", "h2c"),
        ] {
            let answer = victim.platform.raw(method, &victim.path(route), &[(name, value)], "{}").await;
            documented(&answer, &format!("{method} {route} {name}: {value}"));
        }
        let repeated = [("authorization", authorization.as_str()), ("authorization", "User a, Organization b")];
        documented(&victim.platform.raw(method, &victim.path(route), &repeated, "").await, "Authorization twice");
        let repeated =
            [("content-type", "application/json"), ("content-type", "text/plain"), ("authorization", &authorization)];
        documented(&victim.platform.raw(method, &victim.path(route), &repeated, "").await, "Content-Type twice");
        let mut headers: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
        headers.push(("authorization", "User a, Organization b"));
        documented(&victim.platform.raw(method, &victim.path(route), &headers, "").await, "80 headers");
        if method == "GET" {
            let answer = victim.platform.raw(method, &victim.path(route), &[("authorization", &parts)], "").await;
            documented(&answer, "a header of many parts");
        }
    }
    let accepted =
        victim.platform.raw("GET", &format!("{API}/organizations/me"), &[("authorization", &parts)], "").await;
    assert_eq!(accepted.status, 200, "unknown schemes are ignored, however many");
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn any_method_is_answered() {
    let victim = Victim::start().await;
    let authorization = victim.authorization();
    for (_, route) in ROUTES {
        for method in ["HEAD", "OPTIONS", "TRACE", "FOO", "get", "PROPFIND", "M-SEARCH", "X!#$%&'*+-.^_`|~"] {
            let headers = [("authorization", authorization.as_str())];
            let answer = victim.platform.raw(method, &victim.path(route), &headers, "").await;
            if method != "HEAD" || answer.status.as_u16() < 400 {
                documented(&answer, &format!("{method} {route}"));
            }
            if !["HEAD", "OPTIONS"].contains(&method) && !route.starts_with("/hubs/messaging") {
                answer.error(405);
            }
        }
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn media_types_other_than_json_are_415_on_every_body() {
    let victim = Victim::start().await;
    let authorization = victim.authorization();
    for (method, route) in ROUTES.into_iter().filter(|(method, route)| super::reads_body(method, route)) {
        for kind in [
            "text/plain",
            "application/xml",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "json",
        ] {
            let headers = [("authorization", authorization.as_str()), ("content-type", kind)];
            let answer = victim.platform.raw(method, &victim.path(route), &headers, "{}").await;
            documented(&answer, &format!("{method} {route} {kind}"));
            answer.error(415);
        }
    }
    victim.assert_unharmed().await;
}

/// Sends bytes as they are, ends the sending side, and reads what comes back.
async fn bytes(platform: &Platform, sent: &[u8]) -> String {
    let mut stream = TcpStream::connect(platform.address).await.expect("a connection");
    // The server may have answered and closed before everything is written.
    let _ = stream.write_all(sent).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.take(100_000).read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn bytes_that_are_hardly_http_do_no_harm() {
    let victim = Victim::start().await;
    let head = format!("POST {API}/instances HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n", victim.authorization());
    let mut requests: Vec<Vec<u8>> = [
        String::new(),
        "\r\n\r\n\r\n".to_owned(),
        "nonsense".to_owned(),
        "nonsense\r\n\r\n".to_owned(),
        "GET / HTTP/9.9\r\n\r\n".to_owned(),
        "GET  HTTP/1.1\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.0\r\n\r\n".to_owned(),
        "GET /elements/api-v2/a b HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(),
        "GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "CONNECT a:1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET http://other.example/elements/api-v2/elements HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.1\r\nHost: x\r\na\u{0}b: c\r\n\r\n".to_owned(),
        "GET /elements/api-v2/elements HTTP/1.1\r\nHost: x\r\na: b\u{0}c\r\n\r\n".to_owned(),
        format!("{head}Content-Length: -1\r\n\r\n{{}}"),
        format!("{head}Content-Length: 99999999999999999999\r\n\r\n{{}}"),
        format!("{head}Content-Length: 9999999999\r\n\r\n{{}}"),
        format!("{head}Content-Length: 100\r\n\r\n{{}}"),
        format!("{head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{{}}"),
        format!("{head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{{}}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{{}}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n5\r\n{{}}"),
        format!("{head}Transfer-Encoding: gzip\r\n\r\n{{}}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense that is no frame".to_owned(),
    ]
    .map(String::into_bytes)
    .to_vec();
    requests.push(format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "x".repeat(70_000)).into_bytes());
    requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "x".repeat(1_000_000)).into_bytes());
    requests.push(format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "x: y\r\n".repeat(5_000)).into_bytes());
    requests.push(b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n".to_vec());
    requests.push(b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: User \xff\xfe\r\nConnection: close\r\n\r\n".to_vec());
    requests.push(vec![0; 10_000]);
    requests.push(vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]);
    for request in requests {
        let answer = bytes(&victim.platform, &request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(200)]).into_owned();
        assert!(!answer.starts_with("HTTP/1.1 5") && !answer.starts_with("HTTP/1.0 5"), "{shown}: {answer}");
        assert!(!answer.contains("panicked"), "{shown}: {answer}");
    }
    victim.assert_unharmed().await;
}

#[tokio::test]
async fn credentials_of_others_open_nothing() {
    let (here, there) = (Victim::start().await, Victim::start().await);
    let (own, foreign) = (here.authorization(), there.authorization());
    let mixed = format!("User {}, Organization {}", here.platform.user, there.platform.organization);
    let token = format!("User {}, Element {}", here.platform.user, there.instance["token"].as_str().expect("a token"));
    let open = ["/authentication"];
    for (method, route) in ROUTES.into_iter().filter(|(_, route)| !open.contains(route)) {
        for authorization in [&foreign, &mixed, &token, &own.replace(&here.platform.user, "")] {
            let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
            here.platform.raw(method, &here.path(route), &headers, "{}").await.error(401);
        }
    }
    here.assert_unharmed().await;
}
