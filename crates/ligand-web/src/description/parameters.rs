//! What parameters mean, and groups of operations: said once, whatever routes have them.

use ligand_docs::Place;

/// Variables of paths.
const PATH: &[(&str, &str)] = &[
    ("account", "Number of an account"),
    ("element", "Key or number of an element"),
    ("event", "Number of an event"),
    ("entry", "Number of a configuration entry"),
    ("field", "Number of a field"),
    ("hub", "Key of a hub"),
    ("id", "Number of an element instance"),
    ("job", "Id of a job"),
    ("notification", "Number of a notification"),
    ("name", "Name of a model"),
    ("object", "Number of an object"),
    ("proxy", "Number of an OAuth proxy"),
    ("objectName", "Name of an object, the element's or the vendor's"),
    ("operation", "Id of an operation, or its verb and path: `GET-contacts-id`"),
    ("part", "Number of the part; of configuration, its key"),
    ("resource", "Number of a resource"),
    ("rest", "Path of a resource of the element, also of several segments: `contacts/1/notes`"),
    ("revision", "Number of an earlier form, as the history tells it"),
    ("run", "Number of an execution"),
    ("subscription", "Number of a subscription"),
    ("token", "Whose event it is: the number of the instance, plain or in base64, or what its finder looks for"),
    ("trace", "Id of a recorded conversation, as `Elements-Trace-Id` told it"),
    ("usage", "Id of the request, or of the record"),
];

/// Query parameters.
const QUERY: &[(&str, &str)] = &[
    ("abridged", "Whether what describes the elements is enough"),
    ("accountIds[]", "Accounts whose calls or events are meant; the caller's own when absent; can be repeated"),
    ("accountOnly", "Whether only what the caller's own account added is listed"),
    ("apiKey", "The application's id at the vendor"),
    ("apiSecret", "Its secret"),
    ("applicationUrl", "An address of an application, or a pattern of some with `*`"),
    ("callbackUrl", "Where the vendor sends the browser back to"),
    ("elementKeys[]", "Only those of instances of this element; can be repeated"),
    ("endTime", "Only executions that began before"),
    ("baseUrl", "Where the document says that the API is: `https://api.example.com`"),
    ("basic", "Whether extensions of Swagger are left out"),
    ("discovery", "Whether the vendor is asked for its objects and fields"),
    ("acknowledged", "Whether somebody has acknowledged them"),
    ("entityType", "Whose arrangement: the user's, the account's or the organization's"),
    ("expand", "Whether more is told of each element"),
    ("extendedOnly", "Whether only what the caller's account added is exported"),
    ("format", "How the document is written; Swagger 2.0 when absent"),
    ("from", "Not before: a date in ISO 8601"),
    ("hub", "Only calls of elements of this hub"),
    ("severity", "How grave they are"),
    ("topics[]", "Of this topic; can be repeated"),
    ("fromSchema", "Whether the body is models already, not a sample"),
    ("hydrate", "Whether items are shown whole"),
    ("isOauthProxy", "Whether the browser goes through an OAuth proxy; `state` is then the application's address"),
    ("interval", "How long each stretch of time is; chosen by the time asked for when absent"),
    ("keys[]", "Only calls of elements with this key; can be repeated"),
    ("nextPage", "The token of the page, from `Elements-Next-Page-Token`"),
    ("oauthProxyName", "The name of that proxy"),
    ("operationId", "Only operations with this id"),
    ("pageOffset", "How many items to leave out at the beginning"),
    ("pageSize", "How many items at most"),
    ("path", "Only operations whose path begins so; can be repeated"),
    ("provider", "`aws` for a document of the API behind a gateway of Amazon's"),
    ("remarks", "Whether what was left out is part of the answer"),
    ("requestToken", "The request token of OAuth 1.0a"),
    ("scope", "What access is asked for"),
    ("searchText", "A part of the name, or of a record"),
    ("startTime", "Only executions that began then or later"),
    ("state", "What comes back with the browser; the key of the element when absent"),
    ("status", "Only calls that ended so: `SUCCESS` or `FAILED`"),
    ("resolveReferences", "Whether references are replaced by what they refer to"),
    ("tag", "Only operations with this tag; can be repeated"),
    ("tags[]", "Only instances with this tag; can be repeated"),
    ("to", "Before: a date in ISO 8601; now when absent"),
    ("type", "What the document is; guessed when absent"),
    ("version", "The version of the element; `-1` for the latest"),
    ("where", "A condition without the word WHERE: `key = 'infobip'`"),
];

/// Headers.
const HEADERS: &[(&str, &str)] = &[
    (
        "Elements-Async-Callback-Url",
        "Where the answer of an asynchronous call is posted; the instance's own when absent",
    ),
    ("Elements-Async-Request", "Whether the call is answered at once and executed in the background"),
    ("Elements-Schedule-Request", "A Quartz cron expression: the call becomes a job that is executed then"),
    ("Elements-Version", "The form of `/objects`: names, or names with their kinds"),
];

/// First segments of paths.
const GROUPS: &[(&str, &str)] = &[
    ("accounts", "Accounts of the organization"),
    ("authentication", "Login, and the secrets behind it"),
    ("catalog-properties", "How the catalog is arranged"),
    ("docs", "Descriptions of APIs"),
    ("events", "Where vendors send events"),
    ("notifications", "Notifications, subscriptions to them, and their deliveries"),
    ("elements", "The catalog: elements and their parts"),
    ("hubs", "Hubs, and calls through instances"),
    ("instances", "Authenticated connections to vendors"),
    ("jobs", "Scheduled requests, and the platform's other jobs"),
    ("models", "Models out of samples"),
    ("organizations", "The caller's organization"),
    ("usage", "The record of calls of elements"),
    ("users", "Users"),
];

/// What a parameter means. A test sees to it that every one has a meaning.
pub(super) fn meaning(place: Place, name: &str) -> &'static str {
    let known = match place {
        Place::Path => PATH,
        Place::Query | Place::Form => QUERY,
        Place::Header => HEADERS,
    };
    found(known, name)
}

/// What a group of operations is about; likewise.
pub(super) fn group(name: &str) -> &'static str {
    found(GROUPS, name)
}

fn found(known: &'static [(&str, &str)], name: &str) -> &'static str {
    known.iter().find(|(known, _)| *known == name).map_or("", |(_, meaning)| meaning)
}
