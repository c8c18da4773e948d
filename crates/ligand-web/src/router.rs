//! Every route of the API on one page.

use std::sync::Arc;

use axum::{middleware, routing::get as plain_get};
use ligand_app::{App, elements::List};

use crate::{
    BASE_PATH,
    call::Platform,
    error::Failure,
    routes::{
        accounts, authentication, catalog_properties, conversion, docs, elements, events, health, hubs, instances,
        jobs, notifications, oauth, organizations, pages, samples, usage, users,
    },
    routing::{MethodRouter, Route, Router, any, delete, get, patch, post, put},
};
use elements::parts::Way;
use ligand_domain::{Error, ErrorKind};

/// All routes: those of the API, and what lies beside its base path.
pub(crate) fn router(app: Arc<App>) -> axum::Router {
    let declared_first = middleware::from_fn_with_state(Arc::clone(&app), hubs::declared_first);
    let api = api().merge(shared().layered(|routes| routes.route_layer(declared_first)));
    // Vendors were given addresses of both forms.
    let api = api.layered(|routes| {
        let slashed = || axum::routing::get(events::receive).post(events::receive).put(events::receive);
        routes.route("/events/{element}/", slashed()).route("/events/{element}/{token}/", slashed())
    });
    axum::Router::new()
        .route("/healthz", plain_get(health::alive))
        .route("/readyz", plain_get(health::ready))
        .route("/elements/api-docs", plain_get(pages::api_docs))
        .route("/elements/api-docs/page.css", plain_get(pages::style))
        .route("/elements/api-docs/page.js", plain_get(pages::script))
        .route("/elements/api-docs/openapi.json", plain_get(docs::openapi))
        .nest(BASE_PATH, api.into_inner().merge(for_browsers()).fallback(hubs::without_hub))
        .fallback(async || Failure::from(Error::not_found("route-not-found", "No such resource")))
        .method_not_allowed_fallback(async || {
            let message = "This resource does not support the request's method";
            Failure::from(Error::new(ErrorKind::MethodNotAllowed, "method-not-allowed", message))
        })
        .with_state(app)
}

/// Every route of the API by verb and path; each has its line in `description/operations.rs`.
pub(crate) fn known() -> Vec<Route> {
    api().merge(shared()).known().to_vec()
}

/// Routes that an element's own resources of the same path come before.
fn shared() -> Router {
    Router::new()
        .route("/docs/all_platform", get(docs::platform))
        .route("/docs/{hub}", get(docs::of_hub))
        .route("/users/me", get(users::me))
        .route("/accounts/instances", get(accounts::own_instances))
        .route("/accounts/{account}/instances", get(accounts::instances))
        .route("/hubs/{hub}/elements", get(hubs::elements))
        .nest("/jobs", jobs())
        .nest("/usage", usage())
        .route("/models/{name}/schema", post(samples::schema))
        .route("/models/{name}/csv", post(samples::csv))
        .route("/models/{name}/schema/csv", post(samples::from_csv))
}

/// All others.
fn api() -> Router {
    Router::new()
        .route("/authentication", post(authentication::log_in))
        .route("/authentication/secrets", get(authentication::secrets))
        .route("/organizations/me", get(organizations::me))
        .route("/hubs", get(hubs::list).post(hubs::create))
        .route("/hubs/keys", get(hubs::keys))
        .route("/hubs/{hub}", get(hubs::show).delete(hubs::delete))
        .route("/hubs/{hub}/{*rest}", any(hubs::call))
        .nest("/elements", elements().merge(grants()))
        .nest("/elements/{element}/instances", instances())
        .route("/catalog-properties", get(catalog_properties::show).put(catalog_properties::replace))
        .nest("/instances", instances())
        .merge(events())
        .nest("/notifications", notifications())
        .route("/accounts/settings", get(accounts::settings).patch(accounts::change_settings))
        .route(
            "/accounts/{account}/settings",
            get(accounts::settings).patch(accounts::change_settings).post(accounts::change_settings),
        )
}

/// What comes from vendors, and what became of it.
fn events() -> Router {
    let webhook = || get(events::receive).post(events::receive).put(events::receive);
    Router::new()
        .route("/events/{element}", webhook())
        .route("/events/{element}/{token}", webhook())
        .route("/instances/events", get(events::list))
        .route("/instances/events/{event}", get(events::show))
        .route("/instances/events/dispositions", get(events::dispositions))
        .route("/instances/events/analytics", get(events::analytics))
        .route("/instances/events/analytics/accounts", get(events::analytics_by_account))
        .route("/instances/events/analytics/instances", get(events::analytics_by_instance))
        .route("/instances/event-poller-records", get(events::poller_records))
        .route("/instances/polling-disabled", get(events::instances_without_polling))
        .route("/jobs/polling-disabled", get(events::jobs_without_polling))
        .route("/instances/{id}/event-poller-records", get(events::poller_records_of_instance).post(events::poll_now))
        .route("/instances/{id}/events", get(events::list_of_instance))
        .route("/instances/{id}/events/{event}", get(events::show_of_instance))
}

/// Notifications, subscriptions to them, and their deliveries.
fn notifications() -> Router {
    Router::new()
        .route("/", get(notifications::list).post(notifications::publish))
        .route("/emails", post(notifications::send_email))
        .route("/subscriptions", get(notifications::subscriptions).post(notifications::subscribe))
        .route("/subscriptions/deliveries", get(notifications::deliveries).put(notifications::release))
        .route("/subscriptions/{subscription}", get(notifications::subscription).delete(notifications::unsubscribe))
        .route("/{notification}", get(notifications::show).delete(notifications::delete))
        .route("/{notification}/acknowledge", put(notifications::acknowledge))
        .route("/{notification}/subscriptions/deliveries", get(notifications::deliveries_of))
        .route("/{notification}/subscriptions/{subscription}/deliveries", get(notifications::delivery))
}

/// Where browsers arrive that a vendor sends; no program calls these.
fn for_browsers() -> axum::Router<Platform> {
    axum::Router::new()
        .route("/oauth/callback", plain_get(oauth::callback))
        .route("/elements/oauthProxies/{proxy}/callback", plain_get(oauth::pass_on))
}

/// How users grant an element access.
fn grants() -> Router {
    Router::new()
        .route("/oauthProxies", get(oauth::proxies).post(oauth::add_proxy))
        .route("/oauthProxies/{proxy}", delete(oauth::delete_proxy))
        .route("/oauthProxies/{proxy}/applicationUrl", post(oauth::allow_url).delete(oauth::forbid_url))
        .route("/{element}/oauth/url", get(oauth::url).post(oauth::url_of_body))
        .route("/{element}/oauth/url/default", get(oauth::default_url))
        .route("/{element}/oauth/token", get(oauth::token))
}

/// The catalog and the parts of its elements.
fn elements() -> Router {
    use elements::{accounts, builder, history, models};
    let one = get(elements::show).put(builder::replace).patch(builder::patch).delete(builder::delete);
    let resource_model = get(models::of_resource).post(models::set).put(models::set).delete(models::unset);
    Router::new()
        .route("/", get(elements::list).post(builder::create))
        .route("/keys", get(elements::keys))
        .route("/metadata", get(elements::all_metadata))
        .route("/convert", post(conversion::convert))
        .route("/{element}", one)
        .route("/{element}/active", put(builder::activate).delete(builder::deactivate))
        .route("/{element}/clone", post(builder::copy))
        .route("/{element}/export", get(builder::export))
        .route("/{element}/metadata", get(elements::metadata))
        .route("/{element}/trace/{trace}", get(elements::trace))
        .route("/{element}/docs", get(docs::of_element))
        .route("/{element}/docs/{operation}", get(docs::of_operation))
        .route("/{element}/docs/{operation}/definitions", get(docs::of_operation_schemas))
        .route("/{element}/operations", get(docs::operations))
        .route("/{element}/operations/{operation}/docs", get(docs::of_operation))
        .route("/{element}/objects/{objectName}/docs", get(docs::of_object))
        .route("/{element}/versions", get(docs::versions))
        .route("/{element}/accounts", get(accounts::list))
        .route("/{element}/accounts/{account}", put(accounts::grant).delete(accounts::revoke))
        .route("/{element}/history", get(history::list))
        .route("/{element}/history/{revision}", get(history::show).put(history::restore))
        .route("/{element}/configuration", parts(CONFIGURATION))
        .route("/{element}/configuration/{part}", part(CONFIGURATION))
        .route("/{element}/parameters", parts(PARAMETERS))
        .route("/{element}/parameters/{part}", part(PARAMETERS))
        .route("/{element}/hooks", parts(HOOKS))
        .route("/{element}/hooks/{part}", part(HOOKS))
        .route("/{element}/resources", parts(RESOURCES))
        .route("/{element}/resources/{part}", part(RESOURCES))
        .route("/{element}/resources/{resource}/parameters", parts(RESOURCE_PARAMETERS))
        .route("/{element}/resources/{resource}/parameters/{part}", part(RESOURCE_PARAMETERS))
        .route("/{element}/resources/{resource}/hooks", parts(RESOURCE_HOOKS))
        .route("/{element}/resources/{resource}/hooks/{part}", part(RESOURCE_HOOKS))
        .route("/{element}/resources/{resource}/models", resource_model)
        .route("/{element}/objects", parts(OBJECTS))
        .route("/{element}/objects/{part}", part(OBJECTS))
        .route("/{element}/objects/{object}/fields", parts(FIELDS))
        .route("/{element}/objects/{object}/fields/{part}", part(FIELDS))
        .route("/{element}/models", parts(MODELS).put(models::put))
        .route("/{element}/models/{part}", part(MODELS))
        .route("/{element}/models/{part}/fields", put(models::fields))
}

const CONFIGURATION: Way = &[(List::Configuration, "part")];
const PARAMETERS: Way = &[(List::Parameters, "part")];
const HOOKS: Way = &[(List::Hooks, "part")];
const RESOURCES: Way = &[(List::Resources, "part")];
const RESOURCE_PARAMETERS: Way = &[(List::Resources, "resource"), (List::Parameters, "part")];
const RESOURCE_HOOKS: Way = &[(List::Resources, "resource"), (List::Hooks, "part")];
const OBJECTS: Way = &[(List::Objects, "part")];
const FIELDS: Way = &[(List::Objects, "object"), (List::Fields, "part")];
const MODELS: Way = &[(List::Models, "part")];

/// A list of parts of an element.
fn parts(way: Way) -> MethodRouter {
    use elements::parts::{add, list};
    get(move |segments, call| list(segments, call, way)).post(move |segments, call| add(segments, call, way))
}

/// One part of an element.
fn part(way: Way) -> MethodRouter {
    use elements::parts::{remove, replace, show};
    get(move |segments, call| show(segments, call, way))
        .put(move |segments, call| replace(segments, call, way))
        .delete(move |segments, call| remove(segments, call, way))
}

/// Scheduled requests and other jobs.
fn jobs() -> Router {
    use jobs::{create, delete, disable, enable, execution, executions, history, list, reschedule, show};
    Router::new()
        .route("/", get(list).post(create))
        .route("/executions", get(executions))
        .route("/{job}", get(show).delete(delete))
        .route("/{job}/enable", put(enable))
        .route("/{job}/disable", put(disable))
        .route("/{job}/reschedule", patch(reschedule))
        .route("/{job}/history", get(history))
        .route("/{job}/history/{run}", get(execution))
}

/// The record of calls of elements.
fn usage() -> Router {
    use usage::{activity, by_element, by_instance, instances_created, list, show, statuses, times};
    Router::new()
        .route("/", get(list))
        .route("/{usage}", get(show))
        .route("/analytics/activity", get(activity))
        .route("/analytics/activity/elements", get(by_element))
        .route("/analytics/activity/element-instances", get(by_instance))
        .route("/analytics/activity/element-instances/created-count", get(instances_created))
        .route("/analytics/times", get(times))
        .route("/analytics/statuses", get(statuses))
}

/// The instance routes: by id, and without one for the instance of the Element token.
fn instances() -> Router {
    let own = get(instances::list).post(instances::create);
    let own = own.put(instances::change_own).patch(instances::change_own).delete(instances::delete_own);
    let one = get(instances::show).put(instances::change).patch(instances::change).delete(instances::delete);
    let entry = get(instances::entry).patch(instances::change_entry).put(instances::change_entry);
    let own_entry = get(instances::own_entry).patch(instances::change_own_entry).put(instances::change_own_entry);
    Router::new()
        .route("/", own)
        .route("/count", get(instances::count))
        .route("/configuration", get(instances::own_entries))
        .route("/configuration/{entry}", own_entry)
        .route("/docs", get(docs::of_own_instance))
        .route("/docs/{operation}", get(docs::of_own_operation))
        .route("/docs/{operation}/definitions", get(docs::of_own_schemas))
        .route("/enabled", put(instances::enable_own).delete(instances::disable_own))
        .route("/traceLogging", put(instances::trace_own).delete(instances::untrace_own))
        .route("/{id}", one)
        .route("/{id}/configuration", get(instances::entries))
        .route("/{id}/configuration/{entry}", entry)
        .route("/{id}/docs", get(docs::of_instance))
        .route("/{id}/docs/{operation}", get(docs::of_instance_operation))
        .route("/{id}/docs/{operation}/definitions", get(docs::of_instance_schemas))
        .route("/{id}/enabled", put(instances::enable).delete(instances::disable))
        .route("/{id}/traceLogging", put(instances::trace).delete(instances::untrace))
}
