//! Every route of the API on one page.

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get, post, put},
};
use ligand_app::App;

use crate::{
    error::Failure,
    routes::{accounts, authentication, conversion, elements, health, hubs, instances, organizations, users},
};
use ligand_domain::{Error, ErrorKind};

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let shared = Router::new()
        .route("/users/me", get(users::me))
        .route("/accounts/instances", get(accounts::own_instances))
        .route("/accounts/{account}/instances", get(accounts::instances))
        .route("/hubs/{hub}/elements", get(hubs::elements))
        .route_layer(middleware::from_fn_with_state(Arc::clone(&app), hubs::declared_first));
    let api = Router::new()
        .route("/authentication", post(authentication::log_in))
        .route("/authentication/secrets", get(authentication::secrets))
        .route("/organizations/me", get(organizations::me))
        .route("/hubs", get(hubs::list))
        .route("/hubs/keys", get(hubs::keys))
        .route("/hubs/{hub}", get(hubs::show))
        .route("/hubs/{hub}/{*rest}", any(hubs::call))
        .route("/elements", get(elements::list))
        .route("/elements/keys", get(elements::keys))
        .route("/elements/convert", post(conversion::convert))
        .route("/elements/{element}", get(elements::show))
        .route("/elements/{element}/configuration", get(elements::configuration))
        .route("/elements/{element}/trace/{trace}", get(elements::trace))
        .nest("/elements/{element}/instances", instances())
        .nest("/instances", instances())
        .merge(shared)
        .fallback(hubs::without_hub);
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .nest("/elements/api-v2", api)
        .fallback(async || Failure::from(Error::not_found("route-not-found", "No such resource")))
        .method_not_allowed_fallback(async || {
            let message = "This resource does not support the request's method";
            Failure::from(Error::new(ErrorKind::MethodNotAllowed, "method-not-allowed", message))
        })
        .with_state(app)
}

/// The instance routes: by id, and without one for the instance of the Element token.
fn instances() -> Router<Arc<App>> {
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
        .route("/enabled", put(instances::enable_own).delete(instances::disable_own))
        .route("/traceLogging", put(instances::trace_own).delete(instances::untrace_own))
        .route("/{id}", one)
        .route("/{id}/configuration", get(instances::entries))
        .route("/{id}/configuration/{entry}", entry)
        .route("/{id}/enabled", put(instances::enable).delete(instances::disable))
        .route("/{id}/traceLogging", put(instances::trace).delete(instances::untrace))
}
