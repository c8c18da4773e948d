//! Listens, hands each request to the vendor its path belongs to, and stops.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::call::{Call, text};
use crate::faults;
use crate::limits;
use crate::options::Options;
use crate::vendor::Vendor;
use crate::world::World;
use crate::{actpremium, control, fernhill, infobip, oraclesalescloud, servicecloud, stonecrop};

#[cfg(test)]
mod tests;

/// How long `stop` waits for answers under way before it drops them.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// Why a sandbox could not be started or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("the sandbox cannot listen on {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
    /// The listener failed while serving.
    #[error("the sandbox stopped serving")]
    Serve(#[source] io::Error),
}

/// A running sandbox. Dropping it without `stop` ends it at once.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    configurations: Vec<(&'static str, Value)>,
    granted: Vec<(&'static str, Value)>,
    /// Asks the server to finish; taken once.
    finish: Option<oneshot::Sender<()>>,
    server: JoinHandle<io::Result<()>>,
}

/// Starts all vendors behind one listener.
///
/// # Errors
/// [`Error::Listen`] if the address is taken or not allowed.
pub async fn start(options: Options) -> Result<Sandbox, Error> {
    let failed = |source| Error::Listen { address: options.listen, source };
    let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let configurations = configurations(&options, address);
    let granted = granted(address);
    let router = router(Arc::new(World::new(&options)));
    let (finish, finished) = oneshot::channel::<()>();
    let server = tokio::spawn(async move {
        let stopping = async { _ = finished.await };
        axum::serve(listener, router).with_graceful_shutdown(stopping).await
    });
    Ok(Sandbox { address, configurations, granted, finish: Some(finish), server })
}

impl Sandbox {
    /// The address it listens on, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// For each element key the configuration to put into `POST /instances`, an object of strings.
    pub fn configurations(&self) -> Vec<(&'static str, Value)> {
        self.configurations.clone()
    }

    /// The same for elements whose users grant access in a browser first: with the code of that grant each makes an
    /// instance.
    pub fn granted_configurations(&self) -> Vec<(&'static str, Value)> {
        self.granted.clone()
    }

    /// Everything that opens the doors of Stonecrop, by the keys that elements of one's own usually have for it.
    pub fn proven_configuration(&self) -> Value {
        proven(self.address)
    }

    /// Serves until the listener fails, which normally is never.
    ///
    /// # Errors
    /// [`Error::Serve`] if the listener failed.
    pub async fn wait(&mut self) -> Result<(), Error> {
        (&mut self.server).await.map_err(io::Error::other).flatten().map_err(Error::Serve)
    }

    /// Takes no further requests, lets those under way finish for two seconds and ends.
    pub async fn stop(mut self) {
        if let Some(finish) = self.finish.take() {
            // The server may have ended by itself; then nobody listens and nothing is to do.
            _ = finish.send(());
        }
        if !self.server.is_finished() {
            _ = tokio::time::timeout(STOP_GRACE, &mut self.server).await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The whole sandbox as one service.
pub(crate) fn router(world: Arc<World>) -> Router {
    Router::new().fallback(dispatch).with_state(world)
}

async fn dispatch(State(world): State<Arc<World>>, request: Request) -> Response {
    let call = match Call::read(request).await {
        Ok(call) => call,
        Err(refusal) => return refusal,
    };
    let first = call.segments.first().map(String::as_str).unwrap_or_default();
    if first == "_sandbox" {
        return control::answer(&world, &call);
    }
    let Some(vendor) = Vendor::from_first_segment(first) else {
        return text(StatusCode::NOT_FOUND, "No vendor has this path; see /_sandbox.");
    };
    let Some(standing) = world.limits.count(vendor, world.now()) else {
        return serve(&world, vendor, &call).await;
    };
    let answer = match standing.exceeded {
        true => faults::refusal(vendor, StatusCode::TOO_MANY_REQUESTS),
        false => serve(&world, vendor, &call).await,
    };
    limits::label(answer, vendor, standing)
}

/// The answer of the vendor, or of the fault that is on.
async fn serve(world: &World, vendor: Vendor, call: &Call) -> Response {
    if let Some(answer) = faults::provoke(&world.faults, vendor, call).await {
        return answer;
    }
    match vendor {
        Vendor::ServiceCloud => servicecloud::answer(world, call),
        Vendor::OracleSalesCloud => oraclesalescloud::answer(world, call),
        Vendor::Infobip => infobip::answer(world, call),
        Vendor::ActPremium => actpremium::answer(world, call),
        Vendor::Fernhill => fernhill::answer(world, call),
        Vendor::Stonecrop => stonecrop::answer(world, call),
    }
}

fn configurations(options: &Options, address: SocketAddr) -> Vec<(&'static str, Value)> {
    let known = &options.credentials;
    let site = format!("http://{}", reachable(address));
    let configuration = |vendor| match vendor {
        Vendor::ServiceCloud => json!({
            "helpdesk.servicecloud.username": known.servicecloud.username,
            "helpdesk.servicecloud.password": known.servicecloud.password,
            "helpdesk.servicecloud.endpointurl": format!("{site}{}?wsdl", servicecloud::PATH),
        }),
        Vendor::OracleSalesCloud => json!({
            "username": known.oraclesalescloud.username,
            "password": known.oraclesalescloud.password,
            "site.url": site,
        }),
        Vendor::Infobip => json!({
            "messaging.sms.infobip.sender": "+17777777777",
            "messaging.sms.infobip.username": known.infobip.username,
            "messaging.sms.infobip.password": known.infobip.password,
            "base.url": site,
        }),
        Vendor::ActPremium => json!({
            "username": known.actpremium.username,
            "password": known.actpremium.password,
            "act": format!("{site}/act.web.api"),
            "database": known.act_database,
        }),
        Vendor::Fernhill | Vendor::Stonecrop => Value::Null,
    };
    let all = Vendor::ALL.into_iter().map(|vendor| (vendor.key(), configuration(vendor)));
    all.filter(|(_, configuration)| configuration.is_object()).collect()
}

fn granted(address: SocketAddr) -> Vec<(&'static str, Value)> {
    let configuration = json!({
        "site.url": format!("http://{}", reachable(address)),
        "oauth.api.key": fernhill::CLIENT_ID,
        "oauth.api.secret": fernhill::CLIENT_SECRET,
    });
    vec![("fernhill", configuration.clone()), ("fernhill1", configuration)]
}

fn proven(address: SocketAddr) -> Value {
    json!({
        "base.url": format!("http://{}/stonecrop", reachable(address)),
        "aws.api.key": stonecrop::ACCESS_KEY,
        "aws.api.secret": stonecrop::SECRET_KEY,
        "aws.region": stonecrop::REGION,
        "stonecrop.key": stonecrop::API_KEY,
        "stonecrop.account": stonecrop::ACCOUNT,
        "oauth.api.key": stonecrop::CLIENT,
        "oauth.jwt.key": stonecrop::CLIENT_SECRET,
    })
}

/// An address that listens on every interface is reached on the loopback one.
fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let loopback: std::net::IpAddr = match address {
        SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(loopback, address.port())
}
