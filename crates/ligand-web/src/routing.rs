//! axum's router that remembers what it routes, so that every route can be held against its description.

use axum::{handler::Handler, routing};

use crate::call::Platform;

/// Verbs that a route for any verb is described with.
const ANY: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// Routes by path.
pub(crate) struct Router {
    inner: axum::Router<Platform>,
    known: Vec<Route>,
}

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: String,
}

/// The handlers of one path by verb.
pub(crate) struct MethodRouter {
    inner: routing::MethodRouter<Platform>,
    verbs: Vec<&'static str>,
}

impl Router {
    pub(crate) fn new() -> Self {
        Self { inner: axum::Router::new(), known: Vec::new() }
    }

    pub(crate) fn route(mut self, path: &str, verbs: MethodRouter) -> Self {
        self.known.extend(verbs.verbs.iter().map(|method| Route { method, path: path.to_owned() }));
        Self { inner: self.inner.route(path, verbs.inner), ..self }
    }

    pub(crate) fn nest(mut self, prefix: &str, other: Self) -> Self {
        let nested = |route: Route| {
            let path = if route.path == "/" { "" } else { &route.path };
            Route { path: format!("{prefix}{path}"), ..route }
        };
        self.known.extend(other.known.into_iter().map(nested));
        Self { inner: self.inner.nest(prefix, other.inner), ..self }
    }

    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.known.extend(other.known);
        Self { inner: self.inner.merge(other.inner), ..self }
    }

    /// Changes how requests are routed, not what can be asked for.
    pub(crate) fn layered(self, layer: impl FnOnce(axum::Router<Platform>) -> axum::Router<Platform>) -> Self {
        Self { inner: layer(self.inner), ..self }
    }

    pub(crate) fn known(&self) -> &[Route] {
        &self.known
    }

    pub(crate) fn into_inner(self) -> axum::Router<Platform> {
        self.inner
    }
}

/// A route for one verb more.
macro_rules! verbs {
    ($($name:ident = $verb:literal,)*) => {
        $(
            #[doc = concat!("Handles `", $verb, "`.")]
            #[allow(dead_code, reason = "not every verb begins a route")]
            pub(crate) fn $name<H: Handler<T, Platform>, T: 'static>(handler: H) -> MethodRouter {
                MethodRouter { inner: routing::$name(handler), verbs: vec![$verb] }
            }
        )*

        impl MethodRouter {
            $(
                #[allow(dead_code, reason = "not every verb follows another one")]
                pub(crate) fn $name<H: Handler<T, Platform>, T: 'static>(mut self, handler: H) -> Self {
                    self.verbs.push($verb);
                    Self { inner: self.inner.$name(handler), ..self }
                }
            )*
        }
    };
}

verbs! {
    get = "GET",
    post = "POST",
    put = "PUT",
    patch = "PATCH",
    delete = "DELETE",
}

/// Handles every verb.
pub(crate) fn any<H: Handler<T, Platform>, T: 'static>(handler: H) -> MethodRouter {
    MethodRouter { inner: routing::any(handler), verbs: ANY.to_vec() }
}
