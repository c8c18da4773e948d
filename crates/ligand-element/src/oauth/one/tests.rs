//! Against the example of the first specification, and what follows from RFC 5849.

use ligand_domain::Configuration;
use url::Url;

use super::*;

fn configuration(pairs: &[(&str, &str)]) -> Configuration {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), Some((*value).to_owned()))).collect()
}

fn photos() -> Configuration {
    configuration(&[
        ("oauth.api.key", "dpf43f3p2l4k3l03"),
        ("oauth.api.secret", "kd94hf93k423kf44"),
        ("oauth.user.token", "nnch734d00sl2jdk"),
        ("oauth.user.token.secret", "pfkkdhi9sl3r4s00"),
    ])
}

fn get(url: &str) -> VendorRequest {
    VendorRequest {
        method: Method::Get,
        url: Url::parse(url).expect("an address"),
        headers: Vec::new(),
        body: VendorBody::Empty,
        stores: Vec::new(),
    }
}

fn moment() -> Moment {
    Moment { seconds: 1_191_242_096, nonce: "kllo9940pd9333jh".to_owned() }
}

#[test]
fn signs_as_the_specification_s_example_does() {
    let mut request = get("http://photos.example.net/photos?file=vacation.jpg&size=original");
    sign(&photos(), &moment(), &mut request).expect("signed");
    let header = request.header("authorization").expect("a header");
    assert!(header.starts_with("OAuth oauth_consumer_key=\"dpf43f3p2l4k3l03\""), "{header}");
    assert!(header.contains("oauth_signature=\"tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D\""), "{header}");
    assert_eq!(request.url.query(), Some("file=vacation.jpg&size=original"));
}

#[test]
fn puts_everything_into_the_query_where_the_element_says_so() {
    let mut configuration = photos();
    configuration.set("oauth.request.authorization.type", Some("query".to_owned()));
    let mut request = get("http://photos.example.net/photos?file=vacation.jpg&size=original");
    sign(&configuration, &moment(), &mut request).expect("signed");
    assert_eq!(request.header("authorization"), None);
    let pairs: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    assert_eq!(pairs[0], ("file".to_owned(), "vacation.jpg".to_owned()));
    assert_eq!(pairs.last().map(|(_, value)| value.as_str()), Some("tR3+Ty81lMeYAr/Fid0kMTYa/WM="));
}

#[test]
fn form_fields_are_signed_and_other_bodies_are_not() {
    let signature = |body: &str, kind: &str| {
        let mut request = get("https://api.example.com/1/statuses");
        request.method = Method::Post;
        request.headers.push(("Content-Type".to_owned(), kind.to_owned()));
        request.body = VendorBody::Text(body.to_owned());
        sign(&photos(), &moment(), &mut request).expect("signed");
        request.header("authorization").expect("a header").to_owned()
    };
    let form = "application/x-www-form-urlencoded; charset=utf-8";
    assert_ne!(signature("a=1", form), signature("a=2", form));
    assert_eq!(signature("a=b c&z=%20", form), signature("z=+&a=b+c", form));
    assert_eq!(signature("{\"a\":1}", "application/json"), signature("{\"a\":2}", "application/json"));
}

#[test]
fn the_other_ways_of_signing() {
    let signed = |method: &str| {
        let mut configuration = photos();
        configuration.set("oauth.signature.method", Some(method.to_owned()));
        let mut request = get("https://photos.example.net/photos");
        sign(&configuration, &moment(), &mut request).map(|()| request.header("authorization").unwrap_or("").to_owned())
    };
    let plain = signed("PLAINTEXT").expect("signed");
    assert!(plain.contains("oauth_signature=\"kd94hf93k423kf44%26pfkkdhi9sl3r4s00\""), "{plain}");
    assert!(signed("hmac-sha256").expect("signed").contains("HMAC-SHA256"));
    assert!(matches!(signed("MD5"), Err(PlanError::Unsupported(what)) if what.contains("oauth.signature.method")));
}

#[test]
fn a_call_without_a_token_is_not_sent_unsigned() {
    let mut configuration = photos();
    configuration.set("oauth.user.token", None);
    let refused = sign(&configuration, &moment(), &mut get("https://photos.example.net/"));
    assert_eq!(refused, Err(PlanError::Unresolved("oauth.user.token".to_owned())));
}

#[test]
fn the_steps_of_a_grant() {
    let mut configuration = photos();
    configuration.set("oauth.request.url", Some("https://photos.example.net/initiate".to_owned()));
    configuration.set("oauth.token.url", Some("https://photos.example.net/token".to_owned()));
    let first = request_token(&configuration, &moment(), "http://app.example/cb?a=1&state=photos").expect("a request");
    let header = first.header("authorization").expect("a header");
    assert!(header.contains("oauth_callback=\"http%3A%2F%2Fapp.example%2Fcb%3Fa%3D1%26state%3Dphotos\""), "{header}");
    assert!(!header.contains("oauth_token=") && !header.contains("nnch"), "{header}");
    let second = access_token(&configuration, &moment(), "req", "req-secret", "v").expect("a request");
    let header = second.header("authorization").expect("a header");
    assert!(header.contains("oauth_token=\"req\"") && header.contains("oauth_verifier=\"v\""), "{header}");
    assert_eq!(second.url.as_str(), "https://photos.example.net/token");
}
