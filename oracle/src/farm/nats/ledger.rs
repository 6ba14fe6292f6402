//! What is noted of jobs beside their results: dead letters, duplicates, refusals.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use async_nats::jetstream::{
    Context,
    message::StreamMessage,
    stream::{LastRawMessageErrorKind, Stream},
};
use futures_util::TryStreamExt;

use super::{message::damaged, server};
use crate::farm::{Dead, FarmError, JobId};

/// The ledger of a queue.
#[derive(Debug)]
pub(super) struct Ledger {
    /// Subjects begin with this.
    pub(super) prefix: String,
    pub(super) context: Context,
    pub(super) stream: Stream,
    /// What was the last note on a job when this process submitted it: older dead letters do not count.
    pub(super) settled: Mutex<BTreeMap<JobId, u64>>,
}

impl Ledger {
    async fn note(&self, id: JobId, what: &str, text: Vec<u8>) -> Result<(), FarmError> {
        let subject = format!("{}.{id}.{what}", self.prefix);
        let sent = self.context.publish(subject, text.into()).await;
        let stored = sent.map_err(server("writing to the ledger"))?.await;
        stored.map_err(server("writing to the ledger"))?;
        Ok(())
    }

    async fn last(&self, id: JobId, what: &str) -> Result<Option<StreamMessage>, FarmError> {
        let subject = format!("{}.{id}.{what}", self.prefix);
        match self.stream.get_last_raw_message_by_subject(&subject).await {
            Ok(message) => Ok(Some(message)),
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(server("reading the ledger")(error)),
        }
    }

    /// A number that is new after every dead letter and refusal; dead letters up to now count no more.
    pub(super) async fn generation(&self, id: JobId) -> Result<u64, FarmError> {
        let mut generation = 0;
        for what in ["dead", "refused"] {
            let last = self.last(id, what).await?;
            generation = generation.max(last.map_or(0, |message| message.sequence));
        }
        self.lock().insert(id, generation);
        Ok(generation)
    }

    pub(super) async fn bury(&self, dead: &Dead) -> Result<(), FarmError> {
        let text = serde_json::to_vec(dead).map_err(damaged("a dead letter"))?;
        self.note(dead.id, "dead", text).await
    }

    pub(super) async fn duplicate(&self, id: JobId) -> Result<(), FarmError> {
        self.note(id, "duplicate", vec![]).await
    }

    pub(super) async fn refused(&self, id: JobId) -> Result<(), FarmError> {
        self.note(id, "refused", vec![]).await
    }

    /// The dead letter of a job since its submission.
    pub(super) async fn dead(&self, id: JobId) -> Result<Option<Dead>, FarmError> {
        let settled = self.lock().get(&id).copied().unwrap_or(0);
        let last = self.last(id, "dead").await?;
        let Some(message) = last.filter(|message| message.sequence > settled) else {
            return Ok(None);
        };
        let dead = serde_json::from_slice(&message.payload);
        dead.map(Some).map_err(damaged("a dead letter"))
    }

    /// Notes of duplicates of these jobs.
    pub(super) async fn duplicates(&self, ids: &BTreeSet<JobId>) -> Result<u64, FarmError> {
        let subjects = format!("{}.*.duplicate", self.prefix);
        let counts = self.stream.info_with_subjects(subjects).await;
        let counts = counts.map_err(server("reading the ledger"))?;
        let mut counts = std::pin::pin!(counts);
        let mut total = 0;
        while let Some((subject, count)) = counts
            .try_next()
            .await
            .map_err(server("reading the ledger"))?
        {
            let mut tokens = subject.split('.').filter_map(|token| token.parse().ok());
            if tokens.any(|id: JobId| ids.contains(&id)) {
                total += count as u64;
            }
        }
        Ok(total)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<JobId, u64>> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
