//! What stands before an attestor: its address stays the same when the process behind it is started again.

use std::sync::Mutex;

use anyhow::{Context, Result};

use super::forward::{client, forward};
use crate::{
    front::{Call, Reply, Service},
    locked,
};

/// Passes calls on to an attestor, or closes the connection while there is none.
#[derive(Debug)]
pub struct AttestProxy {
    upstream: Mutex<Option<String>>,
    client: reqwest::Client,
}

impl AttestProxy {
    /// A proxy with nothing behind it yet.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub fn new() -> Result<Self> {
        Ok(Self {
            upstream: Mutex::new(None),
            client: client()?,
        })
    }

    /// Where the attestor answers now; `None` while it is down.
    pub fn lead_to(&self, upstream: Option<String>) {
        *locked(&self.upstream) = upstream;
    }
}

impl Service for AttestProxy {
    fn name(&self, call: &Call) -> String {
        call.path().to_owned()
    }

    async fn answer(&self, call: Call) -> Result<Reply> {
        let upstream = locked(&self.upstream).clone();
        let upstream = upstream.context("the attestor is down")?;
        forward(&self.client, &upstream, call).await
    }
}
