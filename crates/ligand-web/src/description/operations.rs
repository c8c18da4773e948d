//! One line for each route: what it takes, needs and answers, in the notation of `ligand_docs`.

use ligand_domain::Privilege::{CreateElementInstances, CreateElements, DeleteElements, EditElements, ViewElements};

use ligand_docs::Notation;

use super::{Line, on};

mod events;

pub(super) fn lines() -> Vec<Line> {
    let all = [
        documents(),
        people(),
        hubs(),
        catalog(),
        definitions(),
        parts(),
        grants(),
        instances(),
        instances_by_token(),
        jobs(),
        usage(),
    ];
    all.into_iter().flatten().collect()
}

/// What documents of elements are asked for with.
const OF_ELEMENTS: &str = "baseUrl?: uri, version?: string, format?: swagger2.0|openapi3.1, basic?: boolean, \
                           resolveReferences?: boolean, provider?: aws|";

/// What documents of instances are asked for with.
const OF_INSTANCES: &str = "baseUrl?: uri, discovery?: boolean, version?: string, format?: swagger2.0|openapi3.1, \
                            basic?: boolean, resolveReferences?: boolean, provider?: aws|";

const OF_WHOLE_ELEMENTS: &str = "baseUrl?: uri, operationId?: string, version?: string, \
                                 format?: swagger2.0|openapi3.1, basic?: boolean, resolveReferences?: boolean, \
                                 provider?: aws|";

const OF_WHOLE_INSTANCES: &str = "baseUrl?: uri, operationId?: string, discovery?: boolean, version?: string, \
                                  format?: swagger2.0|openapi3.1, basic?: boolean, resolveReferences?: boolean, \
                                  provider?: aws|";

const LARGE: &str = "There is too much to describe at once";

/// Those of events, which are not below an element as those of instances are.
pub(super) fn of_events() -> Vec<Line> {
    [events::events(), events::notifications()].into_iter().flatten().collect()
}

fn documents() -> Vec<Line> {
    let of_element = |route, summary, query| {
        on(route, summary).public().needs(ViewElements).query(query).answers("object").also(413, LARGE)
    };
    let of_instance = |route, summary, query| on(route, summary).query(query).answers("object").also(413, LARGE);
    vec![
        on("GET /docs/all_platform", "Describes this API").public().query("format?: swagger2.0|openapi3.1").answers("object"),
        on("GET /docs/{hub}", "Describes what the elements of a hub have in common").public()
            .query("baseUrl?: uri, provider?: aws|, format?: swagger2.0|openapi3.1, basic?: boolean, resolveReferences?: boolean")
            .answers("object").also(413, LARGE),
        of_element("GET /elements/{element}/docs", "Describes an element", OF_WHOLE_ELEMENTS),
        of_element("GET /elements/{element}/docs/{operation}", "Describes an operation of an element", OF_ELEMENTS),
        of_element(
            "GET /elements/{element}/docs/{operation}/definitions",
            "Shows the schemas of an operation of an element",
            OF_ELEMENTS,
        ),
        of_element("GET /elements/{element}/operations/{operation}/docs", "Describes an operation of an element", OF_ELEMENTS),
        of_element("GET /elements/{element}/objects/{objectName}/docs", "Describes the operations of an object", OF_ELEMENTS),
        on("GET /elements/{element}/operations", "Lists the operations of an element").public().needs(ViewElements)
            .query("version?: string").answers("[Operation]"),
        on("GET /elements/{element}/versions", "Lists the versions of an element").public().needs(ViewElements)
            .answers("[ElementVersion]"),
        of_instance("GET /instances/{id}/docs", "Describes an element instance", OF_WHOLE_INSTANCES),
        of_instance("GET /instances/{id}/docs/{operation}", "Describes an operation of an element instance", OF_INSTANCES),
        of_instance(
            "GET /instances/{id}/docs/{operation}/definitions",
            "Shows the schemas of an operation of an element instance",
            OF_INSTANCES,
        ),
        of_instance("GET /instances/docs", "Describes the element instance", OF_WHOLE_INSTANCES).by_token(),
        of_instance("GET /instances/docs/{operation}", "Describes an operation of the element instance", OF_INSTANCES)
            .by_token(),
        of_instance(
            "GET /instances/docs/{operation}/definitions",
            "Shows the schemas of an operation of the element instance",
            OF_INSTANCES,
        )
        .by_token(),
    ]
}

fn people() -> Vec<Line> {
    vec![
        on("POST /authentication", "Logs a person in").open().takes("Login").answers("AuthenticatedUser"),
        on("GET /authentication/secrets", "Shows the secrets of whoever is logged in").answers("Secrets"),
        on("GET /organizations/me", "Shows the caller's organization").answers("Organization"),
        on("GET /users/me", "Shows the caller's user").answers("User"),
        on("GET /accounts/instances", "Lists the element instances of the caller's account").counts("InstanceSummary"),
        on("GET /accounts/{account}/instances", "Lists the element instances of an account").counts("InstanceSummary"),
    ]
}

fn hubs() -> Vec<Line> {
    let call =
        |route, summary| on(route, summary).by_token().calls_vendor().about(ON_HUBS).headers(LATER).answers("any");
    vec![
        on("GET /hubs", "Lists the hubs").public().query("hydrate?: boolean").counts("Hub"),
        on("POST /hubs", "Makes a hub of the organization")
            .needs(CreateElements)
            .takes("NewHub")
            .answers("Hub")
            .also(409, "There is one already"),
        on("GET /hubs/keys", "Lists the keys of the hubs").public().counts("string"),
        on("GET /hubs/{hub}", "Shows a hub").public().answers("Hub"),
        on("DELETE /hubs/{hub}", "Deletes a hub of the organization")
            .needs(DeleteElements)
            .also(409, "Elements name the hub; it goes with them"),
        on("GET /hubs/{hub}/elements", "Lists the elements of a hub")
            .public()
            .needs(ViewElements)
            .answers("[ElementSummary]"),
        call("GET /hubs/{hub}/{rest}", "Reads through an instance").headers(VERSIONED),
        call("POST /hubs/{hub}/{rest}", "Creates through an instance"),
        call("PUT /hubs/{hub}/{rest}", "Replaces through an instance"),
        call("PATCH /hubs/{hub}/{rest}", "Changes through an instance"),
        call("DELETE /hubs/{hub}/{rest}", "Deletes through an instance"),
    ]
}

/// How a call is put off.
const LATER: Notation = "Elements-Async-Request?: boolean, Elements-Async-Callback-Url?: string, \
                         Elements-Schedule-Request?: string";
const VERSIONED: Notation = "Elements-Version?: Hydrogen|Helium, Elements-Async-Request?: boolean, \
                             Elements-Async-Callback-Url?: string, Elements-Schedule-Request?: string";

const ON_HUBS: &str = "The element of the instance says which paths there are, and what they take and answer; the \
                       hub in the path does not matter.";

fn catalog() -> Vec<Line> {
    vec![
        on("GET /elements", "Lists the catalog")
            .public()
            .needs(ViewElements)
            .query("where?: string, abridged?: boolean")
            .counts("ElementSummary"),
        on("GET /elements/keys", "Lists the keys of the catalog")
            .public()
            .needs(ViewElements)
            .query("where?: string")
            .counts("string"),
        on("GET /elements/{element}", "Shows an element whole").public().needs(ViewElements).answers("Element"),
        on("GET /elements/metadata", "Tells what each element can do")
            .needs(ViewElements)
            .query("expand?: boolean")
            .answers("[ElementMetadata]"),
        on("GET /elements/{element}/metadata", "Tells what an element can do")
            .needs(ViewElements)
            .query("expand?: boolean")
            .answers("ElementMetadata"),
        on("GET /elements/{element}/trace/{trace}", "Shows a recorded conversation with a vendor")
            .needs(ViewElements)
            .answers("{any}"),
        on("GET /catalog-properties", "Shows how the catalog is arranged")
            .query("entityType?: user|account|organization")
            .answers("[CatalogProperty]"),
        on("PUT /catalog-properties", "Arranges the catalog")
            .query("entityType?: user|account|organization")
            .takes("[CatalogProperty]")
            .answers("[CatalogProperty]"),
    ]
}

const TAKEN: &str = "The account has an element with this key";

fn definitions() -> Vec<Line> {
    vec![
        on("POST /elements", "Makes an element of a definition")
            .needs(CreateElements)
            .takes("Definition")
            .answers("Element")
            .also(409, TAKEN),
        on("POST /elements/convert", "Turns a vendor's own description into a definition")
            .needs(CreateElements)
            .about("Takes OpenAPI, Swagger, WSDL or OData documents, the main one first.")
            .query(
                "type?: swagger|soap|odata, operationId?: [string], tag?: [string], path?: [string], remarks?: boolean",
            )
            .takes_parts("file: file")
            .answers("any"),
        on("POST /models/{name}/schema", "Makes models of a sample")
            .needs(ViewElements)
            .about("The sample is an object or an array; each object in it becomes a definition.")
            .takes("any")
            .answers("object"),
        on("POST /models/{name}/csv", "Writes the models of a sample as CSV")
            .needs(ViewElements)
            .query("fromSchema?: boolean")
            .takes("any")
            .answers_csv(),
        on("POST /models/{name}/schema/csv", "Reads models from CSV")
            .needs(ViewElements)
            .takes_parts("file: file")
            .answers("object"),
        on("PUT /elements/{element}", "Replaces an element")
            .needs(EditElements)
            .takes("Definition")
            .answers("Element")
            .also(409, TAKEN),
        on("PATCH /elements/{element}", "Changes members of an element")
            .needs(EditElements)
            .takes("object")
            .answers("Element")
            .also(409, TAKEN),
        on("DELETE /elements/{element}", "Deletes an element; its instances go on").needs(DeleteElements),
        on("PUT /elements/{element}/active", "Offers an element to others").needs(EditElements).answers("Element"),
        on("DELETE /elements/{element}/active", "Offers an element no longer").needs(EditElements).answers("Element"),
        on("POST /elements/{element}/clone", "Copies an element into the caller's account")
            .needs(CreateElements)
            .answers("Element")
            .also(409, TAKEN),
        on("GET /elements/{element}/export", "Shows the definition of an element as a file")
            .needs(ViewElements)
            .query("extendedOnly?: boolean")
            .answers("Element"),
        on("GET /elements/{element}/accounts", "Lists the accounts that may use an element")
            .needs(ViewElements)
            .answers("[integer]"),
        on("PUT /elements/{element}/accounts/{account}", "Lets an account use an element").needs(EditElements),
        on("DELETE /elements/{element}/accounts/{account}", "Lets an account no longer use an element")
            .needs(EditElements),
        on("GET /elements/{element}/history", "Lists the earlier forms of an element")
            .needs(ViewElements)
            .answers("[ElementForm]"),
        on("GET /elements/{element}/history/{revision}", "Shows an earlier form of an element")
            .needs(ViewElements)
            .answers("ElementForm"),
        on("PUT /elements/{element}/history/{revision}", "Goes back to an earlier form of an element")
            .needs(EditElements)
            .answers("Element"),
    ]
}

/// The four routes of a list of parts whose items are of this type.
macro_rules! list_of {
    ($path:literal, $one:literal, $many:literal, $kind:literal) => {
        [
            on(concat!("GET ", $path), concat!("Lists the ", $many))
                .needs(ViewElements)
                .query("where?: string, accountOnly?: boolean")
                .answers(concat!("[", $kind, "]")),
            on(concat!("POST ", $path), concat!("Adds a ", $one))
                .needs(EditElements)
                .takes($kind)
                .answers($kind)
                .also(409, "There is one already"),
            on(concat!("GET ", $path, "/{part}"), concat!("Shows a ", $one)).needs(ViewElements).answers($kind),
            on(concat!("PUT ", $path, "/{part}"), concat!("Replaces a ", $one))
                .needs(EditElements)
                .takes($kind)
                .answers($kind)
                .also(409, "There is one already"),
            on(concat!("DELETE ", $path, "/{part}"), concat!("Removes a ", $one)).needs(EditElements),
        ]
    };
}

fn parts() -> Vec<Line> {
    let mut lines: Vec<Line> = [
        list_of!(
            "/elements/{element}/configuration",
            "configuration entry of an element",
            "configuration entries of an element",
            "Entry"
        ),
        list_of!("/elements/{element}/parameters", "parameter of an element", "parameters of an element", "Parameter"),
        list_of!("/elements/{element}/hooks", "hook of an element", "hooks of an element", "Hook"),
        list_of!("/elements/{element}/resources", "resource of an element", "resources of an element", "Resource"),
        list_of!(
            "/elements/{element}/resources/{resource}/parameters",
            "parameter of a resource",
            "parameters of a resource",
            "Parameter"
        ),
        list_of!("/elements/{element}/resources/{resource}/hooks", "hook of a resource", "hooks of a resource", "Hook"),
        list_of!("/elements/{element}/objects", "object of an element", "objects of an element", "Object"),
        list_of!("/elements/{element}/objects/{object}/fields", "field of an object", "fields of an object", "Field"),
        list_of!("/elements/{element}/models", "model of an element", "models of an element", "Model"),
    ]
    .into_iter()
    .flatten()
    .collect();
    for line in &mut lines {
        if line.method == "GET" && line.path.ends_with("/configuration") {
            *line = line.clone().answers("Entries");
        }
    }
    lines.extend([
        on("PUT /elements/{element}/models", "Adds a model of an element, or replaces the one with its id")
            .needs(EditElements)
            .takes("Model")
            .answers("Model"),
        on("PUT /elements/{element}/models/{part}/fields", "Replaces the fields of a model")
            .needs(EditElements)
            .takes("[any]")
            .answers("Model"),
        on("GET /elements/{element}/resources/{resource}/models", "Shows the model of a resource")
            .needs(ViewElements)
            .answers("ResourceModel"),
        on("POST /elements/{element}/resources/{resource}/models", "Gives a resource a model")
            .needs(EditElements)
            .takes("ResourceModel")
            .answers("ResourceModel"),
        on("PUT /elements/{element}/resources/{resource}/models", "Replaces the model of a resource")
            .needs(EditElements)
            .takes("ResourceModel")
            .answers("ResourceModel"),
        on("DELETE /elements/{element}/resources/{resource}/models", "Takes a resource its model").needs(EditElements),
    ]);
    lines
}

const ASK: &str = "\
    apiKey?: string, apiSecret?: string, callbackUrl?: string, scope?: string, state?: string, requestToken?: string, \
    isOauthProxy?: boolean, oauthProxyName?: string";

const ON_ASKS: &str = "Other members are configuration of the element that its address needs. The element's own \
                       application asks where no other one is named.";

fn grants() -> Vec<Line> {
    vec![
        on("GET /elements/{element}/oauth/url", "Makes the address where a user grants an element access")
            .public()
            .about(ON_ASKS)
            .query(ASK)
            .answers("OauthUrl"),
        on("POST /elements/{element}/oauth/url", "Makes the address where a user grants an element access")
            .public()
            .about(
                "With `instance`, which takes credentials, that instance is made when the browser comes back to this \
                 server. Other members are configuration of the element that its address needs.",
            )
            .takes("OauthAsk")
            .answers("OauthUrl"),
        on("GET /elements/{element}/oauth/url/default", "The same for the element's own application")
            .public()
            .about(ON_ASKS)
            .query(ASK)
            .answers("OauthUrl"),
        on("GET /elements/{element}/oauth/token", "Gets a request token of OAuth 1.0a")
            .public()
            .calls_vendor()
            .about(ON_ASKS)
            .query(ASK)
            .answers("OauthToken"),
        on("GET /elements/oauthProxies", "Lists the OAuth proxies of the organization").answers("[OauthProxy]"),
        on("POST /elements/oauthProxies", "Makes an OAuth proxy")
            .needs(CreateElementInstances)
            .takes("NewOauthProxy")
            .answers("OauthProxy")
            .also(409, "There is one of this name"),
        on("DELETE /elements/oauthProxies/{proxy}", "Deletes an OAuth proxy").needs(CreateElementInstances),
        on("POST /elements/oauthProxies/{proxy}/applicationUrl", "Lets a proxy pass browsers on to an address")
            .needs(CreateElementInstances)
            .query("applicationUrl: string")
            .answers("OauthProxy"),
        on("DELETE /elements/oauthProxies/{proxy}/applicationUrl", "Has a proxy pass no browser on to an address")
            .needs(CreateElementInstances)
            .query("applicationUrl: string")
            .answers("OauthProxy"),
    ]
}

const PROVISIONS: &str = "The vendor is asked whether it takes the credentials; nothing is kept when it does not.";

/// Also below an element.
fn instances() -> Vec<Line> {
    vec![
        on("GET /instances", "Lists the element instances")
            .query("tags[]?: [string], searchText?: string, hydrate?: boolean")
            .counts("Instance")
            .also(404, "No instance is found by tags or text"),
        on("POST /instances", "Makes an element instance")
            .needs(CreateElementInstances)
            .calls_vendor()
            .about(PROVISIONS)
            .takes("InstanceRequest")
            .answers("Instance")
            .also(404, "There is no such element"),
        on("GET /instances/count", "Counts the element instances").answers("InstanceCounts"),
        on("GET /instances/{id}", "Shows an element instance").answers("Instance"),
        on("PUT /instances/{id}", "Changes an element instance")
            .needs(CreateElementInstances)
            .calls_vendor()
            .about(PROVISIONS)
            .takes("InstanceChange")
            .answers("Instance"),
        on("PATCH /instances/{id}", "Changes members of an element instance")
            .needs(CreateElementInstances)
            .calls_vendor()
            .about(PROVISIONS)
            .takes("InstanceChange")
            .answers("Instance"),
        on("DELETE /instances/{id}", "Deletes an element instance"),
        on("GET /instances/{id}/configuration", "Lists the configuration of an element instance")
            .answers("[ConfigurationEntry]"),
        on("GET /instances/{id}/configuration/{entry}", "Shows a configuration entry of an element instance")
            .answers("ConfigurationEntry"),
        on("PATCH /instances/{id}/configuration/{entry}", "Changes a configuration entry of an element instance")
            .needs(CreateElementInstances)
            .takes("PropertyValue")
            .answers("ConfigurationEntry"),
        on("PUT /instances/{id}/configuration/{entry}", "Replaces a configuration entry of an element instance")
            .needs(CreateElementInstances)
            .takes("PropertyValue")
            .answers("ConfigurationEntry"),
        on("PUT /instances/{id}/enabled", "Switches an element instance on").needs(CreateElementInstances),
        on("DELETE /instances/{id}/enabled", "Switches an element instance off").needs(CreateElementInstances),
        on("PUT /instances/{id}/traceLogging", "Records the calls of an element instance")
            .needs(CreateElementInstances),
        on("DELETE /instances/{id}/traceLogging", "Records the calls of an element instance no longer")
            .needs(CreateElementInstances),
    ]
}

/// The same for the instance of the Element token, also below an element.
fn instances_by_token() -> Vec<Line> {
    vec![
        on("PUT /instances", "Changes the element instance")
            .by_token()
            .needs(CreateElementInstances)
            .calls_vendor()
            .about(PROVISIONS)
            .takes("InstanceChange")
            .answers("Instance"),
        on("PATCH /instances", "Changes members of the element instance")
            .by_token()
            .needs(CreateElementInstances)
            .calls_vendor()
            .about(PROVISIONS)
            .takes("InstanceChange")
            .answers("Instance"),
        on("DELETE /instances", "Deletes the element instance").by_token(),
        on("GET /instances/configuration", "Lists the configuration of the element instance")
            .by_token()
            .answers("[ConfigurationEntry]"),
        on("GET /instances/configuration/{entry}", "Shows a configuration entry of the element instance")
            .by_token()
            .answers("ConfigurationEntry"),
        on("PATCH /instances/configuration/{entry}", "Changes a configuration entry of the element instance")
            .by_token()
            .needs(CreateElementInstances)
            .takes("PropertyValue")
            .answers("ConfigurationEntry"),
        on("PUT /instances/configuration/{entry}", "Replaces a configuration entry of the element instance")
            .by_token()
            .needs(CreateElementInstances)
            .takes("PropertyValue")
            .answers("ConfigurationEntry"),
        on("PUT /instances/enabled", "Switches the element instance on").by_token().needs(CreateElementInstances),
        on("DELETE /instances/enabled", "Switches the element instance off").by_token().needs(CreateElementInstances),
        on("PUT /instances/traceLogging", "Records the calls of the element instance")
            .by_token()
            .needs(CreateElementInstances),
        on("DELETE /instances/traceLogging", "Records the calls of the element instance no longer")
            .by_token()
            .needs(CreateElementInstances),
    ]
}

/// What else is not there when a job is made.
const NO_INSTANCE_OF_JOB: &str = "The element instance is not there, or not the caller's to see";
/// Nothing is recorded of the future.
const NOT_YET: &str = "The time is still to come";

fn jobs() -> Vec<Line> {
    vec![
        on("GET /jobs", "Lists the caller's jobs").pages("Job"),
        on("POST /jobs", "Schedules a request to this API")
            .about(
                "Without a trigger it is executed once, as soon as possible. Any other request becomes a job by the \
                    header `Elements-Schedule-Request`.",
            )
            .takes("NewJob")
            .answers("Job")
            .also(404, NO_INSTANCE_OF_JOB),
        on("GET /jobs/{job}", "Shows a job").answers("Job"),
        on("DELETE /jobs/{job}", "Deletes a job"),
        on("PUT /jobs/{job}/enable", "Switches a job on").answers("Job"),
        on("PUT /jobs/{job}/disable", "Switches a job off").answers("Job"),
        on("PATCH /jobs/{job}/reschedule", "Gives a job another schedule").takes("NewTrigger").answers("Job"),
        on("GET /jobs/{job}/history", "Lists finished executions of a job").pages("JobHistory"),
        on("GET /jobs/{job}/history/{run}", "Shows a finished execution of a job").answers("JobHistory"),
        on("GET /jobs/executions", "Lists finished executions of the caller's jobs")
            .query("elementKeys[]?: [string], startTime?: string, endTime?: string")
            .pages("JobHistory"),
    ]
}

fn usage() -> Vec<Line> {
    let window = "from?: string, to?: string, accountIds[]?: [string]";
    let timed = "from?: string, to?: string, accountIds[]?: [string], interval?: \
                 year|quarter|month|week|day|hour|minute|second";
    vec![
        on("GET /usage", "Lists recorded calls of elements, newest first")
            .query(
                "from?: string, to?: string, accountIds[]?: [string], hub?: string, keys[]?: [string], \
                 tags[]?: [string], status?: string, searchText?: string, pageOffset?: integer",
            )
            .pages("UsageRecord")
            .also(404, NOT_YET),
        on("GET /usage/{usage}", "Shows a recorded call").answers("UsageRecord"),
        on("GET /usage/analytics/activity", "Counts calls over time")
            .query(timed)
            .answers("[UsageCount]")
            .also(404, NOT_YET),
        on("GET /usage/analytics/activity/elements", "Counts calls over time, by element")
            .query(timed)
            .answers("[UsageCount]")
            .also(404, NOT_YET),
        on("GET /usage/analytics/times", "Tells over time how long calls took")
            .query(timed)
            .answers("[UsageCount]")
            .also(404, NOT_YET),
        on("GET /usage/analytics/statuses", "Counts over time how calls ended")
            .query(timed)
            .answers("[UsageCount]")
            .also(404, NOT_YET),
        on("GET /usage/analytics/activity/element-instances", "Counts calls by element instance")
            .query(window)
            .answers("UsageByInstance"),
        on("GET /usage/analytics/activity/element-instances/created-count", "Counts the element instances made")
            .query(window)
            .answers("InstancesCreated"),
    ]
}
