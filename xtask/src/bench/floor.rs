//! `bench-floor`: the least that a server in axum can do for a request. It is a process of its own, started by
//! `bench` with the bytes that Ligand answered, so that both are measured alike.

use std::io::Write as _;
use std::process::ExitCode;

use anyhow::bail;
use axum::Router;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;

/// Serves the contents of a file at a path until it is killed; prints its address first.
///
/// # Errors
/// For wrong arguments, and when it cannot read or listen.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    let [path, content_type, file] = *arguments else {
        bail!("bench-floor takes a path, a content type and a file");
    };
    let body = Bytes::from(std::fs::read(file)?);
    let content_type = content_type.parse::<http::HeaderValue>()?;
    let answer = move || std::future::ready(([(CONTENT_TYPE, content_type.clone())], body.clone()));
    let router = Router::new().route(path, get(answer));
    // The same flavour of runtime as Ligand's: as many workers as cores that the process may use.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        axum::serve(listener, router).await?;
        Ok(ExitCode::SUCCESS)
    })
}
