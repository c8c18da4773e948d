//! Executes requests that were kept as if they had just arrived.

use std::sync::Arc;

use axum::body::Body;
use http::{HeaderName, HeaderValue, Method};
use ligand_app::requests::{Front, Request, Response};

use crate::Edge;

impl Edge {
    /// The way of kept requests into this API.
    #[must_use]
    pub fn front(&self) -> Front {
        let edge = self.clone();
        Arc::new(move |request| {
            let edge = edge.clone();
            Box::pin(async move { edge.execute(request).await })
        })
    }

    async fn execute(&self, kept: Request) -> Response {
        let Some(request) = arriving(kept) else {
            return refusal(400, "The request is none that could be sent");
        };
        let answer = self.answer(request).await;
        let (status, limit) = (answer.status().as_u16(), self.largest_body());
        match axum::body::to_bytes(answer.into_body(), limit).await {
            Ok(body) => Response { status, body: body.to_vec() },
            Err(_) => refusal(413, &format!("The answer could not be read, or is larger than {limit} bytes")),
        }
    }
}

fn arriving(kept: Request) -> Option<axum::extract::Request> {
    let mut request = axum::extract::Request::new(Body::from(kept.body));
    *request.method_mut() = Method::from_bytes(kept.method.as_bytes()).ok()?;
    *request.uri_mut() = kept.uri.parse().ok()?;
    for (name, value) in &kept.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        request.headers_mut().append(name, HeaderValue::from_str(value).ok()?);
    }
    Some(request)
}

fn refusal(status: u16, message: &str) -> Response {
    Response { status, body: serde_json::json!({ "message": message }).to_string().into_bytes() }
}
