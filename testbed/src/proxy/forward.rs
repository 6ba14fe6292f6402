//! One call to the service behind a proxy.

use anyhow::{Context, Result};
use bytes::Bytes;

use crate::front::{Call, Reply};

/// Passes a call on to `upstream` and brings the answer back as it is.
pub(super) async fn forward(client: &reqwest::Client, upstream: &str, call: Call) -> Result<Reply> {
    let verb = call.verb.parse().context("the verb of a call")?;
    let answer = client
        .request(verb, format!("{upstream}{}", call.target))
        .header("content-type", "application/json")
        .body(call.body)
        .send()
        .await?;
    let status = answer.status().as_u16();
    let body: Bytes = answer.bytes().await?;
    Ok(Reply::error(status, body))
}

/// A client without a limit of its own: patience is the caller's matter.
pub(super) fn client() -> Result<reqwest::Client> {
    reqwest::Client::builder()
        .no_proxy()
        .build()
        .context("building an HTTP client")
}
