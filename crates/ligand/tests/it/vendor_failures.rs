//! Vendors that refuse, fail, dawdle or talk nonsense: the caller gets the right status, and no instance stays.

use serde_json::{Value, json};

use crate::{
    harness::{Answer, Platform},
    instances::pages::{self, Page},
};

/// The display name by which messages name the element.
fn display(page: &Page) -> &'static str {
    match page.key {
        "servicecloud" => "Oracle ServiceCloud",
        "oraclesalescloud" => "Oracle Sales Cloud",
        "infobip" => "Infobip",
        _ => "Act! Premium",
    }
}

/// An error without a secret in it: its message, and what the vendor said.
#[track_caller]
fn refused(answer: Answer, status: u16, secrets: &[&str]) -> (String, Value) {
    for secret in secrets {
        let quoted = Value::from(*secret).to_string();
        assert!(
            !answer.text.contains(secret) && !answer.text.contains(&quoted[1..quoted.len() - 1]),
            "{}",
            answer.text
        );
    }
    assert!(!answer.text.contains("127.0.0.1") || status < 500, "an inner address: {}", answer.text);
    let said = if answer.text.starts_with('{') { answer.json()["providerMessage"].clone() } else { Value::Null };
    (answer.error(status), said)
}

#[tokio::test]
async fn a_wrong_password_is_401_with_the_vendors_words() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        for password in ["planted-wrong-<&>\"'ü", "p", " planted spaces "] {
            let mut request = platform.request(page.key, "wrong");
            request["configuration"][page.password] = json!(password);
            for path in ["/instances".to_owned(), format!("/elements/{}/instances", page.key)] {
                let secrets: &[&str] = if password.len() > 1 { &[password] } else { &[] };
                let (message, said) = refused(platform.post(&path, &request).await, 401, secrets);
                assert!(message.contains("Failed to validate the credentials"), "{}: {message}", page.key);
                assert!(!said.is_null(), "{} said nothing", page.key);
                assert!(said.as_str().is_none_or(|said| !said.trim().is_empty()), "{said}");
            }
        }
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_wrong_name_is_401() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let username = page.required.iter().find(|key| key.ends_with("username")).expect("a name");
        for name in ["nobody", "nö:bödy", "a\"b'c<d>&"] {
            let mut request = platform.request(page.key, "wrong");
            request["configuration"][*username] = json!(name);
            let password = request["configuration"][page.password].as_str().expect("a password").to_owned();
            let (message, _) = refused(platform.post("/instances", &request).await, 401, &[&password]);
            assert!(message.contains("Failed to validate the credentials"), "{message}");
        }
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_database_that_act_does_not_have_is_refused() {
    let platform = Platform::start().await;
    for database in ["NoSuchDatabase", "x y", "Ünknown"] {
        let mut request = platform.request("actpremium", "wrong");
        request["configuration"]["database"] = json!(database);
        let answer = platform.post("/instances", &request).await;
        let status = answer.status.as_u16();
        assert!([400, 401].contains(&status), "{} {}", answer.status, answer.text);
        let (message, said) = refused(answer, status, &["fake-"]);
        assert!(message.contains("Failed to validate the credentials"), "{message}");
        assert!(!said.is_null());
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn values_cannot_break_out_of_the_vendors_request() {
    let platform = Platform::start().await;
    for (element, key, value) in [
        ("actpremium", "database", "SandboxDemo\r\nX-Injected: 1"),
        ("actpremium", "username", "sandbox.act\r\nX-Injected: 1"),
        ("servicecloud", "helpdesk.servicecloud.username", "</wsse:Username><wsse:Username>sandbox.agent"),
        ("servicecloud", "helpdesk.servicecloud.username", "&xxe;"),
        ("servicecloud", "helpdesk.servicecloud.username", "a\u{b}b"),
        ("servicecloud", "helpdesk.servicecloud.password", "]]>"),
        ("servicecloud", "helpdesk.servicecloud.password", "a\u{1}b"),
        ("actpremium", "password", "a\u{1}b"),
        ("oraclesalescloud", "username", "a:b"),
        ("oraclesalescloud", "username", "{password}"),
        ("oraclesalescloud", "username", "${configuration.password}"),
        ("infobip", "messaging.sms.infobip.username", "{base.url}"),
    ] {
        let mut request = platform.request(element, "inject");
        request["configuration"][key] = json!(value);
        let answer = platform.post("/instances", &request).await;
        let status = answer.status.as_u16();
        assert!([400, 401].contains(&status), "{element} {key} {value:?}: {status} {}", answer.text);
        refused(answer, status, &["fake-"]);
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_closed_port_is_502_and_names_the_element() {
    let platform = Platform::with(&[("egress__allow", "127.0.0.0/8")]).await;
    // A port that was free a moment ago, and is closed again.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let closed = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    for page in pages::ALL {
        let key = match page.key {
            "servicecloud" => "helpdesk.servicecloud.endpointurl",
            "oraclesalescloud" => "site.url",
            "infobip" => "base.url",
            _ => "act",
        };
        let mut request = platform.request(page.key, "closed");
        request["configuration"][key] = json!(closed);
        request["configuration"][page.password] = json!("planted-password");
        let (message, _) = refused(platform.post("/instances", &request).await, 502, &["planted-password"]);
        assert!(message.contains(display(&page)), "{message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn every_fault_of_a_vendor_has_its_status() {
    let platform = Platform::start().await;
    let outcomes = [
        ("http500", 502),
        ("http503", 502),
        ("malformed", 502),
        ("disconnect", 502),
        ("empty", 502),
        ("redirect", 502),
        ("huge", 502),
        ("forbidden", 401),
        ("throttle", 400),
    ];
    let mut wrong = Vec::new();
    for page in pages::ALL {
        let password = platform.configuration(page.key)[page.password].as_str().expect("a password").to_owned();
        for (fault, status) in outcomes {
            platform.fault(page.key, &json!({ "fault": fault })).await;
            let answer = platform.post("/instances", &platform.request(page.key, fault)).await;
            if answer.status != status {
                wrong.push(format!("{} {fault}: expected {status}, got {} {}", page.key, answer.status, answer.text));
                continue;
            }
            let (message, said) = refused(answer, status, &[&password, "fake-"]);
            if status == 502 {
                assert!(message.contains(display(&page)), "{} {fault}: {message}", page.key);
            } else {
                assert!(message.contains("Failed to validate the credentials"), "{} {fault}: {message}", page.key);
                assert!(!said.is_null(), "{} {fault} said nothing", page.key);
            }
        }
        // The fault after the last one: none. The vendor is good again, and so is provisioning.
        platform.fault(page.key, &json!({ "fault": "slow", "delayMillis": 1, "times": 1 })).await;
        platform.provision(page.key, "recovered").await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(platform.instance_count().await, 4);
}

#[tokio::test]
async fn a_slow_vendor_is_502_after_the_timeout() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        platform.fault(page.key, &json!({ "fault": "slow", "delayMillis": 60_000 })).await;
    }
    let requests = pages::ALL.map(|page| platform.request(page.key, "slow"));
    let answers = tokio::join!(
        platform.post("/instances", &requests[0]),
        platform.post("/instances", &requests[1]),
        platform.post("/instances", &requests[2]),
        platform.post("/instances", &requests[3]),
    );
    for (page, answer) in pages::ALL.iter().zip([answers.0, answers.1, answers.2, answers.3]) {
        let (message, _) = refused(answer, 502, &["fake-"]);
        assert!(message.contains(display(page)), "{message}");
    }
    assert_eq!(platform.instance_count().await, 0);
}

#[tokio::test]
async fn a_little_slowness_is_waited_for() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        platform.fault(page.key, &json!({ "fault": "slow", "delayMillis": 50 })).await;
        platform.provision(page.key, "late").await;
    }
}

#[tokio::test]
async fn a_failing_vendor_holds_nobody_else_up() {
    let platform = Platform::start().await;
    platform.fault("infobip", &json!({ "fault": "slow", "delayMillis": 60_000 })).await;
    let (slow, quick) = (platform.request("infobip", "slow"), platform.request("servicecloud", "quick"));
    let waiting = platform.post("/instances", &slow);
    let meanwhile = async {
        for _ in 0..3 {
            platform.post("/instances", &quick).await.ok();
        }
        platform.instance_count().await
    };
    let (failed, count) = tokio::join!(waiting, meanwhile);
    failed.error(502);
    assert_eq!(count, 3);
    assert_eq!(platform.instance_count().await, 3);
}

#[tokio::test]
async fn a_change_meets_the_same_failures_and_keeps_the_instance() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        let made = platform.provision(page.key, "kept").await;
        let path = format!("/instances/{}", made["id"]);
        let again = json!({ "name": "lost", "configuration": { page.password: "planted-other-password" } });
        for (fault, status) in
            [("http500", 502), ("malformed", 502), ("disconnect", 502), ("forbidden", 401), ("throttle", 400)]
        {
            platform.fault(page.key, &json!({ "fault": fault })).await;
            let answer = platform.send("PATCH", &path, Some(&again)).await;
            refused(answer, status, &["planted-other-password", "fake-"]);
            assert_eq!(platform.get(&path).await.ok(), made, "{} {fault}", page.key);
        }
        platform.send("DELETE", &path, None).await.ok();
    }
}

#[tokio::test]
async fn a_failure_with_debug_tells_no_secret_either() {
    let platform = Platform::start().await;
    for page in pages::ALL {
        for fault in ["http500", "forbidden", "malformed"] {
            platform.fault(page.key, &json!({ "fault": fault })).await;
            let mut request = platform.request(page.key, "debug");
            request["providerData"] = json!({ "debug": true });
            let answer = platform.post("/instances", &request).await;
            let (status, trace) = (answer.status.as_u16(), answer.header("elements-trace-id").to_owned());
            refused(answer, status, &["fake-"]);
            if !trace.is_empty() {
                let text = platform.get(&format!("/elements/{}/trace/{trace}", page.key)).await.text;
                assert!(!text.contains("fake-") && !text.contains("c2FuZGJv"), "{text}");
            }
        }
    }
    assert_eq!(platform.instance_count().await, 0);
}
