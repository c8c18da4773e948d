//! Addresses the server must not be led to: private networks, loopback, other schemes. The sandboxes' own 127.0.0.1 is
//! allowed, no other address of that network.

use serde_json::json;

use crate::{
    harness::Platform,
    instances::{names, pages},
};

/// What the other side looks up itself may turn out to be private only when it is called.
const NAMED: [&str; 2] = ["http://localhost:1/", "http://LOCALHOST./"];

const PRIVATE: [&str; 15] = [
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1:8080/",
    "http://169.254.169.254/",
    "http://127.0.0.2:1/",
    "http://127.9.9.9/",
    "http://0.0.0.0/",
    "http://[::1]:1/",
    "http://[::ffff:10.0.0.1]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://2130706434/",
    "http://0x7f.2/",
    "http://user:pass@127.0.0.3:1/",
    "http://100.64.0.1/",
];

#[tokio::test]
async fn a_vendor_in_a_private_network_is_refused() {
    let platform = Platform::start().await;
    let mut wrong = Vec::new();
    for (element, key) in [
        ("oraclesalescloud", "site.url"),
        ("infobip", "base.url"),
        ("actpremium", "act"),
        ("servicecloud", "helpdesk.servicecloud.endpointurl"),
    ] {
        let password = pages::ALL.iter().find(|page| page.key == element).expect("a page").password;
        for (address, statuses) in PRIVATE
            .map(|address| (address, &[400][..]))
            .into_iter()
            .chain(NAMED.map(|address| (address, &[400, 502][..])))
        {
            let mut request = platform.request(element, "private");
            request["configuration"][key] = json!(address);
            request["configuration"][password] = json!("planted-password");
            let answer = platform.post("/instances", &request).await;
            assert!(!answer.text.contains("planted-password"), "{}", answer.text);
            if !statuses.contains(&answer.status.as_u16()) {
                wrong.push(format!("{element} at {address}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for host in ["10.0.0.1", "169.254.169.254", "[::1]", "127.0.0.2:1"] {
        let mut request = platform.request("oraclesalescloud", "without a scheme");
        request["configuration"]["site.url"] = json!(host);
        platform.post("/instances", &request).await.error(400);
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_vendor_address_must_be_http() {
    let platform = Platform::start().await;
    let mut wrong = Vec::new();
    for (element, key) in
        [("actpremium", "act"), ("servicecloud", "helpdesk.servicecloud.endpointurl"), ("infobip", "base.url")]
    {
        // Of `http://` and a path, the path's first segment becomes the host: a name that nobody has.
        let nothing = if element == "infobip" { "http:" } else { "http://" };
        for address in [
            nothing,
            "file:///etc/passwd",
            "ftp://example.com/",
            "gopher://example.com/",
            "javascript:alert(1)",
            "not a url",
            "http://exa mple.com/",
        ] {
            let mut request = platform.request(element, "scheme");
            request["configuration"][key] = json!(address);
            let answer = platform.post("/instances", &request).await;
            if answer.status != 400 {
                wrong.push(format!("{element} at {address}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_host_that_does_not_exist_is_502() {
    let platform = Platform::start().await;
    let mut request = platform.request("oraclesalescloud", "nowhere");
    request["configuration"]["site.url"] = json!("no-such-host.invalid");
    let message = platform.post("/instances", &request).await.error(502);
    assert!(message.contains("Oracle Sales Cloud"), "{message}");
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_callback_into_a_private_network_is_refused() {
    let platform = Platform::start().await;
    let key = "event.notification.callback.url";
    let mut wrong = Vec::new();
    let strange =
        ["ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "example.com", "not a url", "http://"];
    for address in PRIVATE.iter().chain(&strange) {
        for element in ["servicecloud", "oraclesalescloud"] {
            let mut request = platform.request(element, "callback");
            request["configuration"][key] = json!(address);
            let answer = platform.post("/instances", &request).await;
            if answer.status != 400 || !names(answer.json()["message"].as_str().expect("a message"), key) {
                wrong.push(format!("{element} calling {address}: {} {}", answer.status, answer.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(platform.instance_count().await, 0);
    let instance = platform.provision("servicecloud", "later").await;
    let change = json!({ "configuration": { key: "http://169.254.169.254/latest" } });
    platform.send("PATCH", &format!("/instances/{}", instance["id"]), Some(&change)).await.error(400);
    assert_eq!(platform.get(&format!("/instances/{}", instance["id"])).await.ok(), instance);
}

#[tokio::test]
async fn a_public_callback_is_taken_and_shown() {
    let platform = Platform::start().await;
    for address in ["https://93.184.216.34/hook", "https://www.example.com/hook?a=b&c=d"] {
        let mut request = platform.request("servicecloud", "callback");
        request["configuration"]["event.notification.callback.url"] = json!(address);
        let instance = platform.post("/instances", &request).await.ok();
        assert_eq!(instance["configuration"]["event.notification.callback.url"], address);
        assert_eq!(instance["eventsNotificationCallbackUrl"], address);
    }
}

#[tokio::test]
async fn an_allowed_network_may_be_called() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8, ::1/128")]).await;
    let mut request = platform.request("servicecloud", "allowed");
    request["configuration"]["event.notification.callback.url"] = json!("http://127.0.0.1:9/hook");
    platform.post("/instances", &request).await.ok();
    request["configuration"]["event.notification.callback.url"] = json!("http://10.0.0.1/hook");
    platform.post("/instances", &request).await.error(400);
}
