//! A small HTTP client for the server's own address: what `ligand demo` sends its requests with.

use std::net::SocketAddr;

use anyhow::Context;
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;

/// Sends requests to one address.
pub(crate) struct HttpClient {
    client: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
}

impl HttpClient {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { client: Client::builder(TokioExecutor::new()).build_http(), address }
    }

    /// Sends JSON and reads JSON.
    ///
    /// # Errors
    /// When the exchange fails or the answer is not JSON.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        authorization: &str,
        body: &Value,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{}{path}", self.address))
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body.to_string())))?;
        let response =
            self.client.request(request).await.with_context(|| format!("no answer from {}", self.address))?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&bytes).context("the answer is not JSON")?))
    }
}
