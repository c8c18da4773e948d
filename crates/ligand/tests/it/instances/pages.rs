//! The documentation pages: each request as it is printed, its placeholders filled from the sandbox, and the answer shown.

use serde_json::{Value, json};

use crate::harness::Platform;

/// A documentation page.
pub(crate) struct Page {
    pub(crate) key: &'static str,
    /// The id in the answer, and the id of the page.
    pub(crate) ids: [i64; 2],
    /// The name and the tag that the request is filled with.
    pub(crate) name: &'static str,
    request: &'static str,
    placeholders: &'static [(&'static str, &'static str)],
    pub(crate) required: &'static [&'static str],
    pub(crate) password: &'static str,
}

pub(crate) const SERVICECLOUD: Page = Page {
    key: "servicecloud",
    ids: [58, 88],
    name: "TestWP",
    request: r#"{
  "element": {
    "key": "servicecloud"
  },
  "configuration": {
  	"helpdesk.servicecloud.username":  "<INSERT_SERVICECLOUD_USERNAME>",
  	"helpdesk.servicecloud.password":  "<INSERT_SERVICECLOUD_PASSWORD>",
  	"helpdesk.servicecloud.endpointurl":  "https://<host_name>/cgi-bin/<interface>.cfg/services/soap?wsdl"
  },
  "tags": [
    "<INSERT_TAGS>"
  ],
  "name": "<INSERT_INSTANCE_NAME>"
}"#,
    placeholders: &[
        ("<INSERT_SERVICECLOUD_USERNAME>", "helpdesk.servicecloud.username"),
        ("<INSERT_SERVICECLOUD_PASSWORD>", "helpdesk.servicecloud.password"),
        ("https://<host_name>/cgi-bin/<interface>.cfg/services/soap?wsdl", "helpdesk.servicecloud.endpointurl"),
    ],
    required: &[
        "helpdesk.servicecloud.username",
        "helpdesk.servicecloud.password",
        "helpdesk.servicecloud.endpointurl",
    ],
    password: "helpdesk.servicecloud.password",
};

pub(crate) const ORACLESALESCLOUD: Page = Page {
    key: "oraclesalescloud",
    ids: [1948, 1948],
    name: "Test",
    request: r#"{
  "element": {
    "key": "oraclesalescloud"
  },
  "configuration": {
    "username": "<INSERT_ORACLE_SALES_CLOUD_USERNAME>",
    "password": "<INSERT_ORACLE_SALES_CLOUD_PASSWORD>",
    "site.url": "<INSERT_ORACLE_SALES_CLOUD_SERVER_URL>"
  },
  "tags": [
    "<INSERT_TAGS>"
  ],
  "name": "<INSERT_INSTANCE_NAME>"
}"#,
    placeholders: &[
        ("<INSERT_ORACLE_SALES_CLOUD_USERNAME>", "username"),
        ("<INSERT_ORACLE_SALES_CLOUD_PASSWORD>", "password"),
        ("<INSERT_ORACLE_SALES_CLOUD_SERVER_URL>", "site.url"),
    ],
    required: &["username", "password", "site.url"],
    password: "password",
};

/// The page has no `base.url`; the sandbox is reached by the one that is put before its first entry.
pub(crate) const INFOBIP: Page = Page {
    key: "infobip",
    ids: [37, 37],
    name: "Test",
    request: r#"{
  "element": {
    "key": "infobip"
  },
  "configuration": {
    "messaging.sms.infobip.sender": "+17777777777",
    "messaging.sms.infobip.username": "<INSERT_INFOBIP_USERNAME>",
    "messaging.sms.infobip.password": "<INSERT_INFOBIP_PASSWORD>",
    "messaging.sms.infobip.callback.url": "https://www.maycoolapp.com/auth", "base.url": "<SANDBOX>"
  },
  "tags": [
    "<INSERT_TAGS>"
  ],
  "name": "<INSERT_INSTANCE_NAME>"
}"#,
    placeholders: &[
        ("<INSERT_INFOBIP_USERNAME>", "messaging.sms.infobip.username"),
        ("<INSERT_INFOBIP_PASSWORD>", "messaging.sms.infobip.password"),
        ("<SANDBOX>", "base.url"),
    ],
    required: &["messaging.sms.infobip.sender", "messaging.sms.infobip.username", "messaging.sms.infobip.password"],
    password: "messaging.sms.infobip.password",
};

pub(crate) const ACTPREMIUM: Page = Page {
    key: "actpremium",
    ids: [750, 816],
    name: "Test",
    request: r#"{
  "element" : {
      "key" : "actpremium"
    },
    "configuration" : {
      "username": "<INSERT_ACT_PREMIUM_USERNAME>",
      "password": "<INSERT_ACT_PREMIUM_PASSWORD>",
      "act": "<INSERT_ACT_PREMIUM_BASE_URL>",
      "database": "<INSERT_ACT_PREMIUM_LOCAL_DATABASE_NAME>"
  },
  "tags": [
    "<INSERT_TAGS>"
  ],
  "name": "<INSERT_INSTANCE_NAME>"
}"#,
    placeholders: &[
        ("<INSERT_ACT_PREMIUM_USERNAME>", "username"),
        ("<INSERT_ACT_PREMIUM_PASSWORD>", "password"),
        ("<INSERT_ACT_PREMIUM_BASE_URL>", "act"),
        ("<INSERT_ACT_PREMIUM_LOCAL_DATABASE_NAME>", "database"),
    ],
    required: &["username", "password", "act", "database"],
    password: "password",
};

pub(crate) const ALL: [Page; 4] = [SERVICECLOUD, ORACLESALESCLOUD, INFOBIP, ACTPREMIUM];

impl Page {
    /// The request's text, filled.
    pub(crate) fn request(&self, platform: &Platform) -> String {
        let configuration = platform.configuration(self.key);
        let mut text = self.request.replace("<INSERT_TAGS>", "the tag").replace("<INSERT_INSTANCE_NAME>", self.name);
        for (placeholder, key) in self.placeholders {
            let quoted = configuration[*key].to_string();
            assert!(text.contains(placeholder), "{placeholder}");
            text = text.replace(placeholder, &quoted[1..quoted.len() - 1]);
        }
        text
    }

    /// The answer of the page, without `id` and `token`, which are each server's own.
    pub(crate) fn answer(&self, platform: &Platform) -> Value {
        let given = platform.configuration(self.key);
        let mut answer = json!({
            "name": self.name,
            "provisionInteractions": [],
            "valid": true,
            "disabled": false,
            "maxCacheSize": 0,
            "cacheTimeToLive": 0,
            "cachingEnabled": false,
        });
        let rest = match self.key {
            "servicecloud" => json!({ "element": servicecloud() }),
            "infobip" => json!({ "element": infobip() }),
            "oraclesalescloud" => json!({
                "element": oraclesalescloud(),
                "configuration": {
                    "bulk.add_metadata": null,
                    "base.url": "https://{site.url}",
                    "bulk.query.field_name": "",
                    "site.url": given["site.url"],
                    "pagination.max": "100",
                    "event.vendor.type": "polling",
                    "bulk.query.operator": ">=",
                    "bulk.query.date_mask": "yyyy-MM-dd'T'HH:mm:ss'Z'",
                    "bulk.attribute.created_time": "CreationDate",
                    "bulk.query.download_format": "JSON",
                    "password": "********",
                    "pagination.type": "page",
                    "bulk.relations": null,
                    "event.poller.refresh_interval": "15",
                    "event.notification.callback.url": null,
                    "pagination.page.startindex": "0",
                    "username": given["username"],
                    "event.notification.enabled": "false",
                },
                "eventsEnabled": false,
                "traceLoggingEnabled": false,
                "externalAuthentication": "none",
            }),
            _ => json!({
                "element": actpremium(),
                "configuration": {
                    "base.url": "http://cloud.ocrsdk.com",
                    "username": given["username"],
                    "event.notification.enabled": "false",
                },
                "eventsEnabled": false,
                "traceLoggingEnabled": false,
            }),
        };
        let members = answer.as_object_mut().expect("an object");
        members.extend(rest.as_object().expect("an object").clone());
        answer
    }
}

fn servicecloud() -> Value {
    json!({
        "id": 58,
        "name": "Oracle ServiceCloud",
        "key": "servicecloud",
        "description": "Oracle Service Cloud combines Web, Social and Contact Center experiences for a unified, \
            cross-channel service solution in the Cloud, enabling organizations to increase sales and adoption, build \
            trust and strengthen relationships, and reduce costs and effort. Integrate your applications with Oracle \
            Service Cloud using Cloud Elements",
        "image": "elements/provider_servicecloud.png",
        "active": true,
        "deleted": false,
        "typeOauth": false,
        "trialAccount": false,
        "configDescription":
            "If you do not have an Servicecloud account, you can create one at Service Cloud Register",
        "signupURL": "https://go.oracle.com/LP=674",
        "transformationsEnabled": true,
        "hub": "helpdesk",
    })
}

fn oraclesalescloud() -> Value {
    json!({
        "id": 1948,
        "name": "Oracle Sales Cloud",
        "key": "oraclesalescloud",
        "description": "Add an Oracle Sales Cloud Instance to connect your existing Oracle Sales Cloud account to the \
            CRM Hub, allowing you to manage your accounts, opportunities, contacts, leads, users, etc. across multiple \
            CRM Elements. You will need your Oracle Sales Cloud account information to add an instance.",
        "image": "elements/provider_salescloud.jpg",
        "active": true,
        "deleted": false,
        "typeOauth": false,
        "trialAccount": false,
        "resources": [],
        "private": false,
        "hub": "crm",
    })
}

fn infobip() -> Value {
    json!({
        "id": 37,
        "name": "Infobip",
        "key": "infobip",
        "description": "Mobilise your business by integrating into Infobip mobile services cloud. Infobip solutions \
            are designed specifically for companies handling huge amounts of user data and give access to the most \
            varied demographics for marketing, customer care, polling and loyalty programs. The API enables users to \
            communicate with your app or chat with one another; your code decides.",
        "image": "elements/provider_infobip.png",
        "active": true,
        "deleted": false,
        "typeOauth": false,
        "trialAccount": true,
        "configDescription": "If you do not have an Infobip account, you can create one at \
            <a href=\"http://www.infobip.com/sign_up/\" target=\"_blank\">Infobip Signup</a>",
        "signupURL": "http://www.infobip.com/sign_up/",
        "hub": "messaging",
    })
}

fn actpremium() -> Value {
    json!({
        "id": 750,
        "name": "Act! Premium",
        "key": "actpremium",
        "description":
            "Add Act! Premium instance.  You will need your Act! Premium account details to create an instance",
        "image": "http://www.paystreamadvisors.com/wp-content/uploads/2015/01/Act! Premium-Logo_340x170_01-new.gif",
        "active": false,
        "deleted": false,
        "typeOauth": false,
        "trialAccount": false,
        "resources": [],
        "hub": "crm",
    })
}
