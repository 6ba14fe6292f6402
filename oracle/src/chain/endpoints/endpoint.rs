//! One RPC endpoint: guarded requests, its chain id and its head.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use alloy::{
    primitives::U64,
    rpc::json_rpc::{
        ErrorPayload, Id, Request, RequestPacket, ResponsePacket, ResponsePayload, RpcSend,
    },
};
use reqwest::{Client, StatusCode, header::CONTENT_TYPE, redirect::Policy};
use serde::{Deserialize, de::DeserializeOwned};

use super::{EndpointPolicy, Fault, url::RpcUrl};

/// One endpoint and what is known of it.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) url: RpcUrl,
    client: Client,
    policy: EndpointPolicy,
    known: Mutex<Known>,
}

/// What an endpoint was seen to be.
#[derive(Debug, Default)]
struct Known {
    /// It serves the right chain.
    right_chain: bool,
    /// Its newest block's time, UNIX seconds, and when it was read.
    head: Option<(u64, Instant)>,
    /// When the head last moved, or all endpoints were last compared.
    moved: Option<Instant>,
}

/// The part of a block that tells its age.
#[derive(Deserialize)]
struct Head {
    timestamp: U64,
}

impl Endpoint {
    pub(super) fn new(url: RpcUrl, policy: EndpointPolicy) -> Result<Self, String> {
        let client = Client::builder()
            .timeout(policy.timeout)
            .connect_timeout(policy.timeout)
            .redirect(Policy::none())
            .referer(false)
            .user_agent(concat!("veriregime/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| error.without_url().to_string())?;
        Ok(Self {
            url,
            client,
            policy,
            known: Mutex::default(),
        })
    }

    /// Reads the chain id unless it is known to be right.
    pub(super) async fn require_chain(&self, want: u64) -> Result<(), Fault> {
        if self.known().right_chain {
            return Ok(());
        }
        let got: U64 = self.call("eth_chainId", [(); 0]).await?;
        let got = got.to::<u64>();
        if got != want {
            return Err(Fault::WrongChain { got, want });
        }
        self.known().right_chain = true;
        Ok(())
    }

    /// The time of its newest block, not read more often than `look_every`.
    pub(super) async fn head(&self) -> Result<u64, Fault> {
        if let Some((timestamp, read)) = self.known().head
            && read.elapsed() < self.policy.look_every
        {
            return Ok(timestamp);
        }
        let head: Option<Head> = self.call("eth_getBlockByNumber", ("latest", false)).await?;
        let timestamp = head.ok_or(Fault::NotJsonRpc)?.timestamp.to::<u64>();
        let (now, mut known) = (Instant::now(), self.known());
        if known.head.is_none_or(|(before, _)| timestamp > before) {
            known.moved = Some(now);
        }
        known.head = Some((timestamp, now));
        Ok(timestamp)
    }

    /// Whether the head has stood still for longer than a live chain's would; says so once per that time.
    pub(super) fn stands_still(&self) -> bool {
        let mut known = self.known();
        let still = known
            .moved
            .is_some_and(|moved| moved.elapsed() > self.policy.stale_after);
        if still {
            known.moved = Some(Instant::now());
        }
        still
    }

    /// After a failure everything is checked again.
    pub(super) fn forget(&self) {
        let mut known = self.known();
        known.right_chain = false;
        known.head = None;
    }

    /// Sends a request and returns what answers it: results, or the errors of a working node.
    pub(super) async fn post(
        &self,
        packet: &RequestPacket,
        body: Vec<u8>,
    ) -> Result<ResponsePacket, Fault> {
        let mut response = self
            .client
            .post(self.url.whole().clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .send()
            .await
            .map_err(|error| self.transport(error))?;
        let status = response.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Fault::Busy);
        }
        let refused = Fault::Status(status.as_u16());
        // Some nodes put a request's own error under a 4xx; a 401 or 403 speaks of the key.
        let may_carry_errors = status.is_client_error()
            && !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if !status.is_success() && !may_carry_errors {
            return Err(refused);
        }
        let (mut text, limit) = (Vec::new(), self.policy.largest_answer);
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.transport(error))?
        {
            if text.len() + chunk.len() > limit {
                return Err(Fault::TooLarge(limit));
            }
            text.extend_from_slice(&chunk);
        }
        let not_json = if status.is_success() {
            Fault::NotJsonRpc
        } else {
            refused
        };
        let text = String::from_utf8(text).map_err(|_| not_json.clone())?;
        let mut answer: ResponsePacket =
            serde_json::from_str(&text).map_err(|_| not_json.clone())?;
        if answer.is_error() {
            answer = serde_json::from_str(&self.url.redact(&text)).map_err(|_| not_json.clone())?;
        }
        if !answers(packet, &answer) || (!status.is_success() && answer.is_success()) {
            return Err(not_json);
        }
        if answer.iter_errors().any(busy) {
            return Err(Fault::Busy);
        }
        Ok(answer)
    }

    /// A request of this module's own.
    async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        parameters: impl RpcSend,
    ) -> Result<T, Fault> {
        let request = Request::new(method, Id::Number(0), parameters)
            .serialize()
            .map_err(|_| Fault::NotJsonRpc)?;
        let body = request.serialized().get().as_bytes().to_vec();
        let answer = self.post(&RequestPacket::Single(request), body).await?;
        match answer.single_payload() {
            Some(ResponsePayload::Success(value)) => {
                serde_json::from_str(value.get()).map_err(|_| Fault::NotJsonRpc)
            }
            _ => Err(Fault::NotJsonRpc),
        }
    }

    fn transport(&self, error: reqwest::Error) -> Fault {
        if error.is_timeout() {
            return Fault::TimedOut(self.policy.timeout);
        }
        let error = error.without_url();
        let mut words = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            words = format!("{words}: {cause}");
            source = cause.source();
        }
        Fault::Connection(self.url.redact(&words))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing panics while the lock is held; a poisoned one holds what it held.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an answer is to exactly the requests that were sent.
fn answers(packet: &RequestPacket, answer: &ResponsePacket) -> bool {
    match (packet, answer) {
        (RequestPacket::Single(request), ResponsePacket::Single(response)) => {
            *request.id() == response.id
        }
        (RequestPacket::Batch(requests), ResponsePacket::Batch(responses)) => {
            requests.len() == responses.len()
                && requests
                    .iter()
                    .all(|request| responses.iter().any(|one| one.id == *request.id()))
        }
        _ => false,
    }
}

/// Whether an error asks for another time or another node instead of speaking of the request.
fn busy(error: &ErrorPayload) -> bool {
    let words = error.message.to_lowercase();
    if error.code == 3 || words.contains("revert") {
        return false;
    }
    error.code == 429
        || [
            "rate limit",
            "rate exceeded",
            "too many requests",
            "request limit",
            "limit exceeded",
            "credits limited",
            "daily request count",
            "concurrent requests",
            "header not found",
        ]
        .iter()
        .any(|said| words.contains(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i64, message: &str) -> ErrorPayload {
        serde_json::from_value(serde_json::json!({ "code": code, "message": message })).unwrap()
    }

    #[test]
    fn busy_is_not_said_of_reverts() {
        assert!(busy(&error(-32005, "daily request count exceeded")));
        assert!(busy(&error(429, "")));
        assert!(!busy(&error(3, "execution reverted: rate limit")));
        assert!(!busy(&error(
            -32000,
            "execution reverted: too many requests"
        )));
        assert!(!busy(&error(-32000, "nonce too low")));
        assert!(!busy(&error(-32003, "replacement transaction underpriced")));
    }
}
