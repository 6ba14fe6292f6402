//! Messages: jobs in envelopes, values that are too large for one, and what is no job.

use async_nats::jetstream::{self, AckKind};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{NatsQueue, server};
use crate::farm::{Dead, Digest, FarmError, Job, Queue};

/// A message of the work queue.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// UNIX time in milliseconds.
    pub(super) queued_ms: u64,
    /// What is to be done.
    pub(super) job: Spilled<Job>,
}

/// A value in a message, or the digest of the object that holds it as JSON.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Spilled<T> {
    /// The value.
    Here(T),
    /// Where it is.
    Object(Digest),
}

/// A message or file that is not what it should be.
pub(super) fn damaged(what: &'static str) -> impl Fn(serde_json::Error) -> FarmError {
    move |error| FarmError::Damaged {
        what: what.into(),
        problem: error.to_string(),
    }
}

impl NatsQueue {
    /// Puts a message of ours into words that the server takes.
    pub(super) async fn pack<T: Serialize>(&self, value: T) -> Result<Spilled<T>, FarmError> {
        let bytes = serde_json::to_vec(&value).map_err(damaged("a message"))?;
        if bytes.len() <= self.message_limit {
            return Ok(Spilled::Here(value));
        }
        let digest = self.keep(bytes.into()).await?;
        Ok(Spilled::Object(digest))
    }

    pub(super) async fn unpack<T: DeserializeOwned>(
        &self,
        packed: Spilled<T>,
    ) -> Result<T, FarmError> {
        match packed {
            Spilled::Here(value) => Ok(value),
            Spilled::Object(digest) => {
                let bytes = self.fetch(digest).await?;
                serde_json::from_slice(&bytes).map_err(damaged("a message"))
            }
        }
    }

    /// A message as a job, with the time of its queueing.
    pub(super) async fn read(&self, message: &jetstream::Message) -> Result<(Job, u64), FarmError> {
        let envelope: Envelope =
            serde_json::from_slice(&message.payload).map_err(damaged("a job"))?;
        let job = self.unpack(envelope.job).await?;
        Ok((job, envelope.queued_ms))
    }

    /// A message that no worker can ever read goes off the queue, with a dead letter if its subject names a job.
    pub(super) async fn discard(
        &self,
        message: &jetstream::Message,
        error: &FarmError,
    ) -> Result<(), FarmError> {
        tracing::error!(code = "farm.discarded", subject = %message.subject, %error, "a message that is no job");
        let token = message.subject.rsplit('.').next();
        if let Some(id) = token.and_then(|token| token.parse().ok()) {
            let dead = Dead {
                id,
                reason: error.to_string(),
                attempts: 0,
                worker: String::new(),
            };
            self.ledger.bury(&dead).await?;
        }
        let told = message.double_ack_with(AckKind::Term).await;
        told.map_err(server("discarding a message"))
    }
}
