//! Signatures against the examples that Amazon publishes: its test suite for version 4, the storage guide, and the
//! examples of version 2. Beside them what no example shows.

#![allow(clippy::type_complexity, reason = "tables of facts")]

use ligand_domain::{Configuration, Timestamp};
use ligand_element::{File, Folder, Method, PlanError, VendorBody, VendorRequest, load};
use url::Url;

use super::{Place, pairs, sign, v2, v4};

const SUITE_SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const GUIDE_SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z, 2013-05-24T00:00:00Z and 2007-03-27T19:36:42Z.
const SUITE_TIME: i64 = 1_440_938_160_000;
const GUIDE_TIME: i64 = 1_369_353_600_000;
const STORAGE_2_TIME: i64 = 1_175_024_202_000;

fn authentication(text: &str) -> ligand_element::Authentication {
    let text = format!("name: A\nauthentication: {text}\n");
    let files = vec![File { path: "element.yaml".to_owned(), text }];
    let element = load(&Folder { key: "a".to_owned(), files }).map_err(|_| ()).expect("a definition");
    element.authentication().clone()
}

fn configuration(secret: &str, further: &[(&str, &str)]) -> Configuration {
    let key = if secret == SUITE_SECRET { "AKIDEXAMPLE" } else { "AKIAIOSFODNN7EXAMPLE" };
    let usual = [("aws.api.key", key), ("aws.api.secret", secret), ("aws.region", "us-east-1")];
    let mut made = Configuration::default();
    for (key, value) in usual.iter().chain(further) {
        made.set(key, (!value.is_empty()).then(|| (*value).to_owned()));
    }
    made
}

fn request(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> VendorRequest {
    VendorRequest {
        method,
        url: Url::parse(url).expect("an address"),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: if body.is_empty() { VendorBody::Empty } else { VendorBody::Text(body.to_owned()) },
        stores: Vec::new(),
    }
}

fn authorization(
    kind: &str,
    configuration: &Configuration,
    time: i64,
    mut request: VendorRequest,
) -> Result<String, PlanError> {
    sign(&authentication(kind), configuration, Timestamp::from_millis(time), false, &mut request)?;
    Ok(request.header("authorization").unwrap_or_default().to_owned())
}

#[test]
fn the_test_suite_of_version_4() {
    const FORM: &str = "application/x-www-form-urlencoded";
    let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRq\
                 TflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU\
                 9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSY\
                 vKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    let cases: &[(&str, Method, &str, &[(&str, &str)], &str, &str, &str)] = &[
        (
            "get-vanilla",
            Method::Get,
            "",
            &[],
            "",
            "host;x-amz-date",
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "post-vanilla",
            Method::Post,
            "",
            &[],
            "",
            "host;x-amz-date",
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "get-vanilla-query-order-key-case",
            Method::Get,
            "?Param2=value2&Param1=value1",
            &[],
            "",
            "host;x-amz-date",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "get-vanilla-empty-query-key",
            Method::Get,
            "?Param1=value1",
            &[],
            "",
            "host;x-amz-date",
            "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
        ),
        (
            "get-vanilla-utf8-query",
            Method::Get,
            "?ሴ=bar",
            &[],
            "",
            "host;x-amz-date",
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
        (
            "get-header-value-trim",
            Method::Get,
            "",
            &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            "",
            "host;my-header1;my-header2;x-amz-date",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "post-header-key-sort",
            Method::Post,
            "",
            &[("My-Header1", "value1")],
            "",
            "host;my-header1;x-amz-date",
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
        (
            "post-x-www-form-urlencoded",
            Method::Post,
            "",
            &[("Content-Type", FORM)],
            "Param1=value1",
            "content-type;host;x-amz-date",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ];
    let configuration = configuration(SUITE_SECRET, &[]);
    for (name, method, query, headers, body, signed, signature) in cases {
        let request = request(*method, &format!("https://example.amazonaws.com/{query}"), headers, body);
        let made = authorization("{ type: awsv4, service: service }", &configuration, SUITE_TIME, request);
        let credential = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request";
        let expected =
            format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed}, Signature={signature}");
        assert_eq!(made.as_deref(), Ok(expected.as_str()), "{name}");
    }
    // post-sts-header-before
    let mut with_session = configuration.clone();
    with_session.set("aws.session.token", Some(token.to_owned()));
    let request = request(Method::Post, "https://example.amazonaws.com/", &[], "");
    let made = authorization("{ type: awsv4, service: service }", &with_session, SUITE_TIME, request).expect("signed");
    assert!(made.contains("SignedHeaders=host;x-amz-date;x-amz-security-token, "), "{made}");
    assert!(made.ends_with("=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"), "{made}");
}

#[test]
fn paths_of_the_test_suite() {
    let service = v4::Scope { region: "us-east-1", service: "service" };
    for (path, canonical) in [
        ("/", "/"),
        ("/example/..", "/"),
        ("/example1/example2/../..", "/"),
        ("//", "/"),
        ("/./", "/"),
        ("/./example", "/example"),
        ("//example//", "/example/"),
        ("/example space/", "/example%20space/"),
        ("/ሴ", "/%E1%88%B4"),
        ("/-._~0123456789Az", "/-._~0123456789Az"),
        // What the address has encoded is encoded once more.
        ("/a%20b", "/a%2520b"),
    ] {
        assert_eq!(v4::canonical_path(path, service), canonical, "{path}");
    }
    let storage = v4::Scope { region: "us-east-1", service: "s3" };
    for (path, canonical) in [
        ("/", "/"),
        ("/a//b/", "/a//b/"),
        ("/test$file.text", "/test%24file.text"),
        ("/test%24file.text", "/test%24file.text"),
        ("/a%2Fb/%E1%88%B4", "/a%2Fb/%E1%88%B4"),
        ("/100%", "/100%25"),
    ] {
        assert_eq!(v4::canonical_path(path, storage), canonical, "{path}");
    }
}

#[test]
fn the_storage_guide_of_version_4() {
    let cases: &[(Method, &str, &[(&str, &str)], &str, &str)] = &[
        (
            Method::Get,
            "test.txt",
            &[("Range", "bytes=0-9")],
            "",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            Method::Put,
            "test$file.text",
            &[("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            "Welcome to Amazon S3.",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (Method::Get, "?lifecycle", &[], "", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        (
            Method::Get,
            "?max-keys=2&prefix=J",
            &[],
            "",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ];
    for (method, rest, headers, body, signature) in cases {
        let request = request(*method, &format!("https://examplebucket.s3.amazonaws.com/{rest}"), headers, body);
        let made = authorization("{ type: awsv4 }", &configuration(GUIDE_SECRET, &[]), GUIDE_TIME, request);
        let made = made.expect("signed");
        assert!(made.ends_with(&format!("Signature={signature}")), "{rest}: {made}");
    }
}

#[test]
fn the_examples_of_version_2() {
    let parameters = pairs(
        "SignatureMethod=HmacSHA256&Version=2009-03-31&Action=DescribeJobFlows&Timestamp=2011-10-03T15%3A19%3A30\
         &SignatureVersion=2&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE",
    );
    let host = "elasticmapreduce.amazonaws.com";
    let made = v2::signature(GUIDE_SECRET, "GET", host, "", &parameters);
    assert_eq!(made, "i91nKc4PWAt0JJIdXwz9HxZCJDdiy6cf/Mj6vPxyYIs=");

    let cases: &[(Method, &str, &[(&str, &str)], i64, &str)] = &[
        (Method::Get, "http://johnsmith.s3.amazonaws.com/photos/puppy.jpg", &[], 0, "bWq2s1WEIj+Ydj0vQ697zp+IXMU="),
        (
            Method::Put,
            "http://johnsmith.s3.amazonaws.com/photos/puppy.jpg",
            &[("Content-Type", "image/jpeg")],
            5943,
            "MyyxeRY7whkBe+bq8fHCL/2kKUg=",
        ),
        (
            Method::Get,
            "http://johnsmith.s3.amazonaws.com/?prefix=photos&max-keys=50&marker=puppy",
            &[],
            359,
            "htDYFYduRNen8P9ZfE/s9SuKy0U=",
        ),
        (Method::Get, "http://johnsmith.s3.amazonaws.com/?acl", &[], 484, "c2WLPFtWHVgbEmeEG93a4cG37dM="),
        (
            Method::Delete,
            "http://s3.amazonaws.com/johnsmith/photos/puppy.jpg",
            &[],
            6224,
            "lx3byBScXR6KzyMaifNkardMwNk=",
        ),
    ];
    for (method, url, headers, later, signature) in cases {
        let time = STORAGE_2_TIME + later * 1000;
        let request = request(*method, url, headers, "");
        let made = authorization("{ type: awsv2, service: s3 }", &configuration(GUIDE_SECRET, &[]), time, request);
        assert_eq!(made, Ok(format!("AWS AKIAIOSFODNN7EXAMPLE:{signature}")), "{url}");
    }
}

#[test]
fn version_2_signs_the_query_or_the_form_that_is_posted() {
    let configuration = configuration(GUIDE_SECRET, &[("aws.session.token", "a+b")]);
    let signed = |mut request: VendorRequest| {
        let now = Timestamp::from_millis(GUIDE_TIME);
        sign(&authentication("{ type: awsv2 }"), &configuration, now, false, &mut request).map(|()| request)
    };
    let got = signed(request(Method::Get, "https://mws.example.com/Orders?b=x y&a=1+2%2B3&Signature=old", &[], ""));
    let query = got.expect("signed").url.query().expect("a query").to_owned();
    assert!(query.starts_with("b=x%20y&a=1%202%2B3&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&"), "{query}");
    assert!(query.contains("&Timestamp=2013-05-24T00%3A00%3A00Z&SecurityToken=a%2Bb&Signature="), "{query}");
    assert_eq!(query.matches("Signature=").count(), 1, "{query}");

    let form = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")];
    let posted = signed(request(Method::Post, "https://mws.example.com/", &form, "Action=Do")).expect("signed");
    let VendorBody::Text(body) = posted.body else { panic!("a form") };
    assert!(body.starts_with("Action=Do&AWSAccessKeyId=") && body.contains("&Signature="), "{body}");
    assert_eq!(posted.url.query(), None);

    let both = signed(request(Method::Post, "https://mws.example.com/?a=1", &form, "Action=Do"));
    assert!(matches!(both, Err(PlanError::Unsupported(_))));
}

#[test]
fn the_query_goes_out_as_it_is_signed() {
    let mut request = request(Method::Get, "https://sqs.us-east-1.amazonaws.com/?q=a+b&r=c%2bd&e=%27*!&f", &[], "");
    let now = Timestamp::from_millis(SUITE_TIME);
    let configuration = configuration(SUITE_SECRET, &[]);
    sign(&authentication("{ type: awsv4 }"), &configuration, now, false, &mut request).expect("signed");
    assert_eq!(request.url.query(), Some("q=a%20b&r=c%2Bd&e=%27%2A%21&f="));
}

#[test]
fn bodies_that_stream_are_not_signed_where_that_is_allowed() {
    let now = Timestamp::from_millis(GUIDE_TIME);
    let configuration = configuration(GUIDE_SECRET, &[]);
    let mut stored = request(Method::Put, "https://b.s3.eu-west-1.amazonaws.com/k", &[], "");
    sign(&authentication("{ type: awsv4 }"), &configuration, now, true, &mut stored).expect("signed");
    assert_eq!(stored.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    let mut other = request(Method::Put, "https://glacier.eu-west-1.amazonaws.com/k", &[], "");
    let refused = sign(&authentication("{ type: awsv4 }"), &configuration, now, true, &mut other);
    assert!(matches!(refused, Err(PlanError::Unsupported(what)) if what.contains("glacier")));
    assert_eq!(other.header("authorization"), None);
    // A definition may state it for services that take it.
    let mut stated = request(Method::Put, "https://h.example/k", &[("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")], "x");
    sign(&authentication("{ type: awsv4, service: own }"), &configuration, now, true, &mut stored.clone()).ok();
    sign(&authentication("{ type: awsv4, service: own }"), &configuration, now, true, &mut stated).expect("signed");
    assert_eq!(stated.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
}

#[test]
fn an_old_signature_in_the_request_is_replaced() {
    let old = [("authorization", "AWS4 old"), ("X-AMZ-DATE", "19700101T000000Z"), ("User-Agent", "x")];
    let mut request = request(Method::Get, "https://example.amazonaws.com/", &old, "");
    let (now, configuration) = (Timestamp::from_millis(SUITE_TIME), configuration(SUITE_SECRET, &[]));
    let kind = authentication("{ type: awsv4, service: service }");
    sign(&kind, &configuration, now, false, &mut request).expect("signed");
    let made = request.header("authorization").expect("a header");
    assert!(made.ends_with("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"), "{made}");
    assert_eq!(request.headers.len(), 3);
}

#[test]
fn what_is_missing_or_cannot_travel_is_told_without_a_value() {
    let refused = |kind: &str, url: &str, further: &[(&str, &str)]| {
        let made = authorization(kind, &configuration(GUIDE_SECRET, further), 0, request(Method::Get, url, &[], ""));
        made.expect_err("nothing is sent").to_string()
    };
    let s3 = "https://b.s3.amazonaws.com/";
    assert_eq!(refused("{ type: awsv4 }", s3, &[("aws.api.key", "")]), "aws.api.key has no value");
    assert_eq!(refused("{ type: awsv2 }", s3, &[("aws.api.secret", "")]), "aws.api.secret has no value");
    let untold = refused("{ type: awsv4 }", "https://storage.example.com/", &[]);
    assert!(untold.contains("aws.service") && untold.contains("address"), "{untold}");
    for (key, evil) in [
        ("aws.api.key", "AK\r\nX-Evil: 1"),
        ("aws.session.token", "to\nken"),
        ("aws.region", "us-east-1/evil"),
        ("aws.service", "s3, x"),
    ] {
        let told = refused("{ type: awsv4 }", s3, &[(key, evil)]);
        assert!(told.contains(key) && !told.contains("vil"), "{told}");
    }
}

#[test]
fn a_host_name_tells_service_and_region() {
    for (host, service, region) in [
        ("sqs.eu-west-1.amazonaws.com", "sqs", "eu-west-1"),
        ("s3.amazonaws.com", "s3", ""),
        ("bucket.s3.amazonaws.com", "s3", ""),
        ("my.dotted.bucket.s3.eu-central-1.amazonaws.com", "s3", "eu-central-1"),
        ("b.s3.dualstack.us-west-2.amazonaws.com", "s3", "us-west-2"),
        ("s3-ap-southeast-2.amazonaws.com", "s3", "ap-southeast-2"),
        ("x1.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1"),
        ("search-d-1.us-east-2.es.amazonaws.com", "es", "us-east-2"),
        ("email.us-east-1.amazonaws.com", "ses", "us-east-1"),
        ("bedrock-runtime.us-gov-west-1.amazonaws.com", "bedrock", "us-gov-west-1"),
        ("sts.amazonaws.com", "sts", ""),
        ("dynamodb.cn-north-1.amazonaws.com.cn", "dynamodb", "cn-north-1"),
        ("abc.lambda-url.eu-west-1.on.aws", "lambda", "eu-west-1"),
        ("sellingpartnerapi-na.amazon.com", "", ""),
        ("evil-amazonaws.com", "", ""),
        ("127.0.0.1", "", ""),
    ] {
        let some = |text: &'static str| (!text.is_empty()).then_some(text);
        assert_eq!(Place::of(host), Place { service: some(service), region: some(region) }, "{host}");
    }
}
