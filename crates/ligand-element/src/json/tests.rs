//! The four built-in elements look as the platform's own pages show them.

use serde_json::{Value, json};

use crate::{Element, View, folder::tests::built_in};

fn embedded(key: &str) -> Value {
    built_in(key).to_json(View::Embedded)
}

/// Every member of the sample is there with the same value; the answer may have more.
fn assert_shows(key: &str, sample: &Value) {
    let shown = embedded(key);
    for (member, value) in sample.as_object().unwrap() {
        assert_eq!(shown.get(member), Some(value), "{key}.{member}");
    }
}

#[test]
fn servicecloud_is_as_its_page_shows_it() {
    let sample = json!({
        "id": 58, "name": "Oracle ServiceCloud", "key": "servicecloud",
        "description": "Oracle Service Cloud combines Web, Social and Contact Center experiences for a unified, cross-channel service solution in the Cloud, enabling organizations to increase sales and adoption, build trust and strengthen relationships, and reduce costs and effort. Integrate your applications with Oracle Service Cloud using Cloud Elements",
        "image": "elements/provider_servicecloud.png",
        "active": true, "deleted": false, "typeOauth": false, "trialAccount": false,
        "configDescription": "If you do not have an Servicecloud account, you can create one at Service Cloud Register",
        "signupURL": "https://go.oracle.com/LP=674", "transformationsEnabled": true, "hub": "helpdesk",
    });
    assert_shows("servicecloud", &sample);
}

#[test]
fn oraclesalescloud_is_as_its_page_shows_it() {
    let sample = json!({
        "id": 1948, "name": "Oracle Sales Cloud", "key": "oraclesalescloud",
        "description": "Add an Oracle Sales Cloud Instance to connect your existing Oracle Sales Cloud account to the CRM Hub, allowing you to manage your accounts, opportunities, contacts, leads, users, etc. across multiple CRM Elements. You will need your Oracle Sales Cloud account information to add an instance.",
        "image": "elements/provider_salescloud.jpg",
        "active": true, "deleted": false, "typeOauth": false, "trialAccount": false, "resources": [], "private": false,
    });
    assert_shows("oraclesalescloud", &sample);
}

#[test]
fn infobip_is_as_its_page_shows_it() {
    let sample = json!({
        "id": 37, "name": "Infobip", "key": "infobip",
        "description": "Mobilise your business by integrating into Infobip mobile services cloud. Infobip solutions are designed specifically for companies handling huge amounts of user data and give access to the most varied demographics for marketing, customer care, polling and loyalty programs. The API enables users to communicate with your app or chat with one another; your code decides.",
        "image": "elements/provider_infobip.png",
        "active": true, "deleted": false, "typeOauth": false, "trialAccount": true,
        "configDescription": "If you do not have an Infobip account, you can create one at <a href=\"http://www.infobip.com/sign_up/\" target=\"_blank\">Infobip Signup</a>",
        "signupURL": "http://www.infobip.com/sign_up/",
    });
    assert_shows("infobip", &sample);
}

#[test]
fn actpremium_is_as_its_page_shows_it() {
    let sample = json!({
        "id": 750, "name": "Act! Premium", "key": "actpremium",
        "description": "Add Act! Premium instance.  You will need your Act! Premium account details to create an instance",
        "image": "http://www.paystreamadvisors.com/wp-content/uploads/2015/01/Act! Premium-Logo_340x170_01-new.gif",
        "active": false, "deleted": false, "typeOauth": false, "trialAccount": false, "resources": [],
    });
    assert_shows("actpremium", &sample);
}

#[test]
fn embedded_elements_are_whole() {
    let shown: Vec<Value> = ["actpremium", "infobip", "oraclesalescloud", "servicecloud"].map(embedded).into();
    insta::assert_json_snapshot!(shown);
}

#[test]
fn embedded_elements_never_show_configuration() {
    for key in ["actpremium", "infobip", "oraclesalescloud", "servicecloud"] {
        assert!(embedded(key).get("configuration").is_none());
        assert_eq!(embedded(key)["resources"], json!([]));
        assert_eq!(embedded(key)["parameters"], json!([]));
    }
}

#[test]
fn whole_elements_have_their_parts_with_ids() {
    let full = built_in("actpremium").to_json(View::Full);
    assert_eq!(full["aliases"], json!([816, "actpremiumcrm"]));
    assert_eq!(full["resources"][0]["path"], "/hubs/crm/authorize");
    assert_eq!(full["resources"][0]["response"]["contentType"], "application/jwt");
    let ids = [&full["configuration"][0]["id"], &full["parameters"][0]["id"], &full["resources"][0]["id"]];
    for id in ids {
        let id = id.as_i64().unwrap();
        assert!(id > 0 && id < 1 << 53);
    }
    assert_eq!(full["cloneable"], true);
    assert_eq!(full["private"], false);
}

#[test]
fn ids_are_the_same_each_time() {
    let one: Element = built_in("infobip");
    assert_eq!(one.configuration_json(), built_in("infobip").configuration_json());
    let mut ids: Vec<i64> = one.configuration().iter().map(|entry| entry.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), one.configuration().len());
}

#[test]
fn abridged_elements_have_neither_configuration_nor_resources() {
    let shown = built_in("infobip").to_json(View::Abridged);
    assert!(shown.get("resources").is_none() && shown.get("configuration").is_none());
    assert_eq!(shown["private"], false);
    assert_eq!(shown["extended"], false);
}
