//! Requests to this API that are executed later: at the times of a schedule, or now in the background with a callback.
//! They are kept sealed, without credentials: those are the ones that their user has when they are executed.

mod asynchronous;
mod callback;
mod request;
mod scheduled;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use ligand_domain::{Error, Job};
use serde_json::Value;

pub(crate) use asynchronous::kind as asynchronous;
pub use request::{NewSchedule, Request};
pub(crate) use scheduled::kind as scheduled;
pub use scheduled::{Executions, History, JobView};

use crate::{App, failure::of_store};

/// What a request is answered with. It may hold customers' data, so it has no `Debug`.
pub struct Response {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON, or else as text.
    fn value(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into_owned().into())
    }

    /// What went wrong, in one line.
    fn trouble(&self) -> Option<String> {
        let value = (!self.is_success()).then(|| self.value())?;
        let message = value["message"].as_str().unwrap_or_default().to_owned();
        Some(format!("{} {message}", self.status).trim_end().to_owned())
    }
}

/// Executes a request as if it had just arrived.
pub type Front = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// What a job of this module keeps.
struct Kept {
    number: i64,
    request: Request,
    answer: Option<(i64, Value)>,
}

impl App {
    async fn kept(&self, job: &Job) -> Result<Option<Kept>, Error> {
        let Some(number) = job.payload["request"].as_i64() else { return Ok(None) };
        let Some(found) = self.store.find_kept_request(number).await.map_err(of_store)? else { return Ok(None) };
        let unreadable = |broken| Error::internal("request-unreadable", broken);
        let request = serde_json::from_str(&found.request).map_err(unreadable)?;
        let answer = match found.answer {
            Some((notification, text)) => Some((notification, serde_json::from_str(&text).map_err(unreadable)?)),
            None => None,
        };
        Ok(Some(Kept { number, request, answer }))
    }

    /// The request with the credentials of the job's user and the token of its instance; `None` when the user is gone.
    async fn authorized(&self, job: &Job, mut request: Request) -> Result<Option<Request>, Error> {
        let Some(user) = job.user_id else { return Ok(None) };
        let user = match self.store.get_user(user).await {
            Ok(user) => user,
            Err(ligand_store::Error::Missing { .. }) => return Ok(None),
            Err(failed) => return Err(of_store(failed)),
        };
        let organization = self.store.get_organization(user.organization_id).await.map_err(of_store)?;
        let mut credentials = format!("User {}, Organization {}", user.secret.expose(), organization.secret.expose());
        if let Some(id) = job.instance_id {
            let Some(instance) = self.store.find_instance(id).await.map_err(of_store)? else { return Ok(None) };
            credentials.push_str(", Element ");
            credentials.push_str(instance.token.expose());
        }
        request.headers.push(("authorization".to_owned(), credentials));
        Ok(Some(request))
    }
}
