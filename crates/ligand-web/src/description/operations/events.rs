//! Events and notifications.

use ligand_domain::Privilege::CreateElementInstances;

use crate::description::{Line, on};

const WHERE: &str = "where?: string, hydrate?: boolean";
const TIMES: &str = "from?: string, to?: string";
const COUNTS: &str = "from?: string, to?: string, interval?: year|quarter|month|week|day|hour|minute|second, \
                      accountIds[]?: [string]";

pub(super) fn events() -> Vec<Line> {
    let webhook = |route, summary| on(route, summary).open().about(WEBHOOK);
    let list = |route, summary| on(route, summary).query(TIMES).pages("Event");
    vec![
        webhook("GET /events/{element}", "Takes an event of a vendor that sends it in the query"),
        webhook("POST /events/{element}", "Takes an event of a vendor").also(413, "The body is too large"),
        webhook("PUT /events/{element}", "Takes an event of a vendor").also(413, "The body is too large"),
        webhook("GET /events/{element}/{token}", "Takes an event of an instance in the query"),
        webhook("POST /events/{element}/{token}", "Takes an event of an instance").also(413, "The body is too large"),
        webhook("PUT /events/{element}/{token}", "Takes an event of an instance").also(413, "The body is too large"),
        list("GET /instances/events", "Lists the events of the account, or of the instance of the Element token"),
        on("GET /instances/events/{event}", "Shows an event").answers("Event"),
        on("GET /instances/events/dispositions", "Tells what became of events").query(TIMES).pages("Disposition"),
        on("GET /instances/events/analytics", "Counts events over time").query(COUNTS).answers("[EventCount]"),
        on("GET /instances/events/analytics/accounts", "Counts events over time by account")
            .query(COUNTS)
            .answers("[EventCounts]"),
        on("GET /instances/events/analytics/instances", "Counts events over time by element instance")
            .query(COUNTS)
            .answers("[EventCounts]"),
        on("GET /instances/event-poller-records", "Lists what is polled for the element instance")
            .by_token()
            .answers("[PollerRecord]"),
        on("GET /instances/{id}/event-poller-records", "Lists what is polled for an element instance")
            .answers("[PollerRecord]"),
        on("POST /instances/{id}/event-poller-records", "Polls for an element instance now")
            .needs(CreateElementInstances)
            .also(409, "The element instance is not polled"),
        on("GET /instances/polling-disabled", "Lists the element instances whose polling failed too often")
            .answers("[InstanceSummary]"),
        on("GET /jobs/polling-disabled", "Lists the jobs of those element instances").answers("[Job]"),
        list("GET /instances/{id}/events", "Lists the events of an element instance"),
        on("GET /instances/{id}/events/{event}", "Shows an event of an element instance").answers("Event"),
    ]
}

const WEBHOOK: &str = "It is stored before it is answered. Vendors' challenges are answered with what they ask for.";

pub(super) fn notifications() -> Vec<Line> {
    vec![
        on("POST /notifications", "Publishes a notification").takes("NewNotification").answers("Notification"),
        on("GET /notifications", "Lists notifications; a topic or another criterion is required")
            .query(
                "topics[]?: [string], severity?: low|medium|high, acknowledged?: boolean, from?: string, to?: string",
            )
            .pages("Notification"),
        on("GET /notifications/{notification}", "Shows a notification").answers("Notification"),
        on("DELETE /notifications/{notification}", "Deletes a notification with its deliveries"),
        on("PUT /notifications/{notification}/acknowledge", "Acknowledges a notification").answers("Notification"),
        on("POST /notifications/emails", "Sends an e-mail").takes("Email"),
        on("POST /notifications/subscriptions", "Subscribes to topics")
            .takes("NewSubscription")
            .answers("Subscription"),
        on("GET /notifications/subscriptions", "Lists subscriptions").query("where?: string").pages("Subscription"),
        on("GET /notifications/subscriptions/{subscription}", "Shows a subscription").answers("Subscription"),
        on("DELETE /notifications/subscriptions/{subscription}", "Ends a subscription"),
        on("GET /notifications/subscriptions/deliveries", "Lists deliveries").query(WHERE).pages("Delivery"),
        on("PUT /notifications/subscriptions/deliveries", "Releases the deliveries that wait")
            .query(WHERE)
            .answers("[Delivery]"),
        on("GET /notifications/{notification}/subscriptions/deliveries", "Lists the deliveries of a notification")
            .query("hydrate?: boolean")
            .answers("[Delivery]"),
        on(
            "GET /notifications/{notification}/subscriptions/{subscription}/deliveries",
            "Shows the delivery of a notification to a subscription",
        )
        .query("hydrate?: boolean")
        .answers("Delivery"),
        on("GET /accounts/settings", "Shows the settings of the caller's account").answers("AccountSettings"),
        on("PATCH /accounts/settings", "Changes settings of the caller's account")
            .takes("AccountSettings")
            .answers("AccountSettings"),
        on("GET /accounts/{account}/settings", "Shows the settings of an account").answers("AccountSettings"),
        on("PATCH /accounts/{account}/settings", "Changes settings of an account")
            .takes("AccountSettings")
            .answers("AccountSettings"),
        on("POST /accounts/{account}/settings", "Sets settings of an account")
            .takes("AccountSettings")
            .answers("AccountSettings"),
    ]
}
