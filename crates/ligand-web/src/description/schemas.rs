//! The schemas of bodies, in the notation of `ligand_docs`. Objects may have members beyond those listed.

use ligand_docs::{Notation, object};
use serde_json::{Map, Value, json};

/// Name, meaning, members.
const SCHEMAS: &[(&str, &str, Notation)] = &[
    ("Error", "Why a request was refused.", "requestId: string, message: string, providerMessage?: string"),
    ("Login", "Who logs in.", "username: string, password: password"),
    (
        "AuthenticatedUser",
        "A person who is logged in; `token` is a bearer token.",
        "id: integer, username: string, firstName: string, lastName: string, token: string, createdDate: date, \
         lastLoginDate: date, organizationId: integer, organizationName: string, accountId: integer, \
         accountName: string, organizationAdmin: boolean, accountAdmin: boolean, sysAdmin: boolean, \
         inIntelligenceRole: boolean, twoFactor: boolean, registeredForTwoFactor: boolean, roles: [Role]",
    ),
    (
        "Role",
        "A set of privileges.",
        "id: integer, key: string, name: string, description: string, active: boolean, features: [any], \
         privileges: [Privilege]",
    ),
    ("Privilege", "A right.", "id: integer, key: string, name: string, active: boolean"),
    ("Secrets", "What the Authorization header is made of.", "userSecret: string, organizationSecret: string"),
    (
        "User",
        "A user.",
        "id: integer, firstName: string, lastName: string, fullName?: string, email: string, username?: string, \
         active: boolean, createdDate: date, lastLoginDate: date, enabled?: boolean",
    ),
    (
        "Organization",
        "An organization, as its members see it.",
        "id: integer, name: string, secret: string, active: boolean, createdDate: date",
    ),
    (
        "Hub",
        "A named group of elements.",
        "id: integer, name: string, key: string, description?: string, active?: boolean, videoLink?: string|null, \
         resources?: [string]",
    ),
    (
        "NewHub",
        "A hub to make.",
        "key: string, name?: string, description?: string, videoLink?: string, active?: boolean",
    ),
    (
        "NewJob",
        "A request to this API that is to be executed later.",
        "name: string, description?: string, method: GET|POST|PUT|PATCH|DELETE, uri: string, trigger?: Trigger, \
         body?: any, query?: object, headers?: object, instanceId?: any",
    ),
    ("NewTrigger", "Another schedule.", "trigger: Trigger"),
    ("Trigger", "When something is executed: a Quartz cron expression, in GMT.", "cron: string"),
    (
        "Job",
        "A job.",
        "id: string, name: string, description: string, schedule: string|null, disallowConcurrent: boolean, \
         data: object, trigger: object",
    ),
    (
        "JobHistory",
        "A finished execution of a job. Times are milliseconds since 1970.",
        "job_history_id: integer, job_id: string, job_name: string, job_state: string, \
         job_error_message: string|null, description: string, start_time: integer, end_time: integer, \
         instance_id: integer|null, element_key: string|null, job_group?: string, job_class_name?: string, \
         job_data?: string, created_dt?: integer, updated_dt?: integer, company_id?: integer, account_id?: integer, \
         user_id?: integer, external_id?: string",
    ),
    (
        "UsageRecord",
        "A recorded call of an element.",
        "traffic_id: string, request_id: string, traffic_date: string, request_status: SUCCESS|FAILED, \
         response_code: integer, request_method: string, request_uri: string, request_ip: string, \
         element_api: string, process_time: integer, user_id: integer, account_id: integer, company_id: integer, \
         company_external_id: string, company_external_name: string, element_key: string, element_name: string, \
         instance_id: integer, instance_name: string, element_tags: [string]",
    ),
    (
        "UsageCount",
        "What happened in a stretch of time, which begins at the timestamp.",
        "timestamp: string, count: integer, success?: integer, failed?: integer, min?: integer, max?: integer, \
         avg?: integer",
    ),
    ("UsageByInstance", "How often each instance was called.", "usage: [object]"),
    ("InstancesCreated", "How many instances were made.", "instancesCreatedCount: integer"),
    (
        "Authentication",
        "How an element proves itself to its vendor.",
        "type: string, username?: string, password?: string",
    ),
    ("ElementSummary", "What describes an element.", ELEMENT),
    (
        "Definition",
        "The definition of an element; exports of the original platform are such, whatever else they have.",
        "name: string, key?: string, description?: string, hub?: string, authentication: Authentication, \
         protocolType?: string, image?: string, logo?: string, configuration?: [Entry], parameters?: [Parameter], \
         resources?: [Resource], hooks?: [Hook], objects?: [Object], models?: [Model]",
    ),
    (
        "Entry",
        "A configuration entry of an element.",
        "key: string, id?: integer, name?: string, description?: string, type?: string, defaultValue?: string|null, \
         required?: boolean, hideFromConsole?: boolean, internal?: boolean, active?: boolean, \
         companyConfig?: boolean, resellerConfig?: boolean, groupControl?: boolean, displayOrder?: integer",
    ),
    ("Entries", "The configuration of an element.", "configuration: [Entry]"),
    (
        "Parameter",
        "Where a value of a vendor request comes from, and where it goes.",
        "name: string, id?: integer, vendorName?: string|null, type: string, vendorType: string, source?: string, \
         dataType?: string|null, vendorDataType?: string|null, required?: boolean, description?: string|null, \
         sampleData?: any, converter?: string|null, createdDate?: string, updatedDate?: string, elementId?: integer, \
         resourceId?: integer",
    ),
    (
        "Hook",
        "A script that runs with calls.",
        "type: string, body: string|null, id?: integer, isLegacy?: boolean, mimeType?: string, description?: string|null",
    ),
    (
        "Resource",
        "A verb and a path of an element, and the vendor's call behind it.",
        "path: string, method: string, id?: integer, vendorPath?: string, vendorMethod?: string, \
         description?: string|null, type?: string, parameters?: [Parameter], hooks?: [Hook], model?: any, \
         object?: any, rootKey?: string|null, nextPageKey?: string|null, nextResource?: string|null, \
         paginationType?: string|null, response?: any, operationId?: string|null, kind?: string, formulaId?: integer",
    ),
    (
        "ResourceModel",
        "The schemas of a resource's answer and request, by name.",
        "name?: string, swagger?: object, requestName?: string, requestSwagger?: object, rawSwagger?: object, \
         transform?: boolean",
    ),
    (
        "Object",
        "An object that an element has.",
        "name: string, id?: integer, vendorName?: string|null, primaryKeyName?: string|null, \
         createdDateName?: string|null, createdDateFormat?: string|null, updatedDateName?: string|null, \
         updatedDateFormat?: string|null, queryDateName?: string|null, queryDateFormat?: string|null, \
         queryDateOperator?: string|null, customFields?: boolean, bulkDownloadEnabled?: boolean, \
         bulkUploadEnabled?: boolean, eventsEnabled?: boolean, searchable?: boolean, fields?: [Field]",
    ),
    (
        "Field",
        "A field of an object.",
        "name: string, id?: integer, objectId?: integer, displayName?: string|null, type?: string|null, \
         format?: string|null, mask?: string|null, description?: string|null, sampleValue?: any, \
         primaryKey?: boolean, hidden?: boolean, readOnly?: boolean",
    ),
    (
        "Model",
        "A model of an element.",
        "name: string, id?: integer, vendorName?: string|null, displayName?: string|null, type?: string|null, \
         modelType?: string|null, description?: string|null, resources?: [any], modelFields?: [any]",
    ),
    (
        "ElementMetadata",
        "What an element can do; `expand` tells more.",
        "id: integer, key: string, name: string, description: string, displayOrder: integer, active: boolean, \
         beta: boolean, extended: boolean, defaultAuthentication: string, events: Events, image?: string, \
         transformations?: boolean, elementType?: string, hub?: string, authenticationType?: string, \
         discovery?: object, bulk?: object, api?: object, resources?: [object]",
    ),
    (
        "Events",
        "How an element tells of events.",
        "supported: boolean, methods: [string], polling?: object, webhook?: object",
    ),
    (
        "ElementForm",
        "An earlier form of an element.",
        "revision: integer, action: string, userId: integer, createdDate: date-time, definition?: object",
    ),
    (
        "Operation",
        "An operation of an element.",
        "operationId: string, method: string, path: string, objectName?: string",
    ),
    ("ElementVersion", "A version of an element.", "version: integer, latest: boolean, createdDate?: date-time"),
    (
        "CatalogProperty",
        "Where an element stands in the catalog.",
        "elementId: integer, hidden?: boolean, position?: integer|null, featured?: boolean",
    ),
    ("InstanceElement", "The element of an instance.", "id: integer, name: string, key: string, image?: string"),
    ("Instance", "An authenticated connection to a vendor.", INSTANCE),
    (
        "InstanceSummary",
        "An instance in a list.",
        "id: integer, name: string, createdDate: date-time, token: string, element: InstanceElement, \
         elementId: integer, tags: [string], valid: boolean, disabled: boolean",
    ),
    ("ElementReference", "An element by its number or its key.", "id?: integer, key?: string"),
    ("InstanceRequest", "An instance to make.", INSTANCE_REQUEST),
    ("InstanceChange", "What to change of an instance.", INSTANCE_CHANGE),
    (
        "InstanceCounts",
        "Numbers of instances, also by the keys of their elements.",
        "totalInstances: integer, elementInstances: {integer}",
    ),
    (
        "ConfigurationEntry",
        "A configuration entry of an instance; secret values are masked.",
        "id: integer, key: string, name: string, propertyValue: string|null, description?: string, type?: string, \
         required?: boolean, hideFromConsole?: boolean",
    ),
    ("OauthUrl", "Where a user grants access.", "element: string, oauthUrl: string, configuration?: {any}"),
    ("OauthToken", "A request token and its secret.", "token: string, secret: string"),
    (
        "OauthAsk",
        "What the address is made of.",
        "apiKey?: string, apiSecret?: string, callbackUrl?: string, scope?: string, state?: string, \
         requestToken?: string, isOAuthProxy?: boolean, oauthProxyName?: string, instance?: InstanceRequest",
    ),
    (
        "NewOauthProxy",
        "An OAuth proxy to make.",
        "name: string, apiKey?: string, apiSecret?: string, configuration?: {any}",
    ),
    (
        "OauthProxy",
        "A callback address that passes browsers on to applications.",
        "id: integer, name: string, createdDate: date-time, applicationUrls: [string], url?: string, apiKey?: string",
    ),
    (
        "Event",
        "Changes at a vendor that were seen together.",
        "id: string, eventDate: date-time, status: NEW|RECEIVED|DISPATCHED|CONSUMED|NOTIFIED, providerData: string, \
         notifiedData?: [any], eventElementInstances?: [object]",
    ),
    (
        "Disposition",
        "What became of an event.",
        "eventId: string, elementInstanceId: integer, notificationId?: integer, status: string, \
         notificationData: [object], createdDate: date-time, updatedDate: date-time",
    ),
    (
        "PollerRecord",
        "How far the polling of a resource has come.",
        "id: integer, elementInstanceId: integer, objectName: string, pollUrl: string, lastPollDate: date-time, \
         nextPollDate?: date-time|null, errorCount: integer, lastError?: string|null, disabled: boolean, \
         createdDate: date-time, updatedDate: date-time",
    ),
    ("EventCount", "How many events there were from a time on.", "count: integer, timestamp: date-time"),
    (
        "EventCounts",
        "The same, of each account or element instance.",
        "count: integer, total: integer, timestamp: date-time, records: [object]",
    ),
    (
        "NewNotification",
        "A notification to publish.",
        "topic: string, message: any, severity?: low|medium|high, from?: string",
    ),
    (
        "Notification",
        "What is told to those who subscribed to its topic.",
        "id: integer, from: string, topic: string, severity: low|medium|high, createdDate: date-time, \
         active: boolean, acknowledged: boolean, message: any",
    ),
    ("Email", "An e-mail.", "to: any, from?: string, subject?: string, message?: any"),
    (
        "NewSubscription",
        "A subscription to make; what `config` holds depends on the channel.",
        "channel: webhook|email|sms|push, topics: [string], config?: object",
    ),
    (
        "Subscription",
        "Who is told of topics.",
        "id: integer, channel: webhook|email|sms|push, topics: [string], config: object, active: boolean, \
         createdDate: date-time",
    ),
    (
        "Delivery",
        "A notification on its way to a subscription.",
        "notificationId: integer, subscriptionId: integer, status: created|delivered|notified|retry|queued, \
         createdDate: date-time, updatedDate: date-time, error?: string, notification?: Notification, \
         subscription?: Subscription, attempts?: [object]",
    ),
    ("AccountSettings", "How an account wants things done.", "notification.webhook.failure.policy?: retry|queue"),
    ("PropertyValue", "The new value of a configuration entry.", "propertyValue: any"),
];

const ELEMENT: Notation = "\
    id: integer, name: string, key: string, description?: string, hub: string, image?: string, active: boolean, \
    deleted: boolean, private?: boolean, extended?: boolean, extendable?: boolean, cloneable?: boolean, \
    beta?: boolean, typeOauth: boolean, trialAccount: boolean, transformationsEnabled?: boolean, \
    bulkDownloadEnabled?: boolean, bulkUploadEnabled?: boolean, protocolType?: string, authentication: Authentication";

const INSTANCE: Notation = "\
    id: integer, name: string, createdDate: date-time, token: string, element: InstanceElement, elementId: integer, \
    tags: [string], provisionInteractions: [any], valid: boolean, disabled: boolean, maxCacheSize: integer, \
    cacheTimeToLive: integer, configuration?: object, eventsEnabled: boolean, \
    eventsNotificationCallbackUrl?: string, subscriptionId?: integer, traceLoggingEnabled: boolean, cachingEnabled: boolean, \
    externalAuthentication: string, user: object, objects?: [any]";

const INSTANCE_REQUEST: Notation = "\
    name: string, element?: ElementReference, tags?: [string], configuration?: {any}, providerData?: {any}, \
    externalAuthentication?: none|initial|full, oauthProxy?: {any}, cachingEnabled?: boolean, \
    maxCacheSize?: integer, cacheTimeToLive?: integer, traceLoggingEnabled?: boolean, \
    retrieveObjectsAfterInstantiation?: boolean";

const INSTANCE_CHANGE: Notation = "\
    name?: string, element?: ElementReference, tags?: [string], configuration?: {any}, providerData?: {any}, \
    externalAuthentication?: none|initial|full, oauthProxy?: {any}, cachingEnabled?: boolean, \
    maxCacheSize?: integer, cacheTimeToLive?: integer, traceLoggingEnabled?: boolean";

/// All schemas by name.
pub(super) fn all() -> Map<String, Value> {
    let mut all: Map<String, Value> =
        SCHEMAS.iter().map(|(name, about, members)| named(name, about, members)).collect();
    let parts = object(
        "parameters: [Parameter], hooks: [Hook], resources: [Resource], configuration: [Entry], objects?: [Object], \
         models?: [Model]",
    );
    let whole = json!({
        "description": "An element, whole.",
        "allOf": [{ "$ref": "#/definitions/ElementSummary" }, parts],
    });
    all.insert("Element".to_owned(), whole);
    all
}

fn named(name: &str, about: &str, members: Notation) -> (String, Value) {
    let mut schema = object(members);
    schema["description"] = json!(about);
    (name.to_owned(), schema)
}
