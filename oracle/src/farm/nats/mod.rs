//! The queue in NATS JetStream: durable, for any number of machines.
//!
//! ```text
//! stream NAME-jobs     work queue, NAME.jobs.ID        pull consumer `workers`, explicit acknowledgement
//! bucket NAME-results  key-value, one result per ID    the first put stays, a second one is refused
//! bucket NAME-files    objects by digest               networks, and messages too large for one
//! stream NAME-ledger   NAME.ledger.ID.dead             dead letters with their reasons
//!                      NAME.ledger.ID.duplicate        results that came again
//!                      NAME.ledger.ID.refused          results that did not hold
//! ```
//! Messages are de-duplicated by `Nats-Msg-Id`: the job's id, and the place in the ledger of its last dead letter
//! or refusal, so that a job given up can be queued again at once.

mod connect;
mod ledger;
mod message;
mod news;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_nats::jetstream::{
    self, AckKind,
    consumer::{Consumer, pull},
    kv,
    message::PublishMessage,
    object_store::ObjectStore,
};
use futures_util::StreamExt;
use tokio::io::AsyncReadExt;

pub use connect::NatsSettings;

use self::{
    ledger::Ledger,
    message::{Envelope, Spilled, damaged},
    news::News,
};
use super::{
    Dead, Digest, FarmError, Finished, Handed, Job, JobId, Lease, Outcome, Queue, Submitted,
    clock::now_ms,
};

/// The queue in NATS JetStream.
#[derive(Debug)]
pub struct NatsQueue {
    name: String,
    context: jetstream::Context,
    consumer: Consumer<pull::Config>,
    results: kv::Store,
    files: Objects,
    ledger: Ledger,
    news: News,
    /// Larger messages go into the object store.
    message_limit: usize,
}

/// The object store, which has no `Debug` of its own.
struct Objects(ObjectStore);

impl std::fmt::Debug for Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Objects")
    }
}

/// An error of the server or of the way to it.
fn server<E: std::fmt::Display>(action: &'static str) -> impl Fn(E) -> FarmError {
    move |error| FarmError::Server {
        action,
        problem: error.to_string(),
    }
}

impl NatsQueue {
    async fn outcome(&self, id: JobId) -> Result<Option<Outcome>, FarmError> {
        if let Some(finished) = self.result(id).await? {
            return Ok(Some(Outcome::Finished(Box::new(finished))));
        }
        Ok(self.ledger.dead(id).await?.map(Outcome::Dead))
    }
}

impl Queue for NatsQueue {
    type Ticket = jetstream::Message;

    fn patience(&self) -> Duration {
        self.consumer.cached_info().config.ack_wait
    }

    async fn keep(&self, file: Arc<[u8]>) -> Result<Digest, FarmError> {
        let digest = Digest::of(&file);
        let name = digest.to_string();
        let known = self.files.0.info(&name).await;
        if !known.is_ok_and(|info| !info.deleted && info.size == file.len()) {
            let mut bytes = &file[..];
            let put = self.files.0.put(name.as_str(), &mut bytes).await;
            put.map_err(server("storing a file"))?;
        }
        Ok(digest)
    }

    async fn fetch(&self, digest: Digest) -> Result<Arc<[u8]>, FarmError> {
        let name = digest.to_string();
        let mut object = self.files.0.get(&name).await.map_err(|error| {
            use jetstream::object_store::GetErrorKind::NotFound;
            match error.kind() {
                NotFound => FarmError::NoFile(digest),
                _ => server("fetching a file")(error),
            }
        })?;
        let mut bytes = vec![];
        let read = object.read_to_end(&mut bytes).await;
        read.map_err(server("fetching a file"))?;
        if Digest::of(&bytes) == digest {
            return Ok(bytes.into());
        }
        Err(FarmError::Damaged {
            what: format!("file {digest}"),
            problem: "its digest is another".into(),
        })
    }

    async fn submit(&self, job: &Job) -> Result<Submitted, FarmError> {
        let id = super::id_of(job)?;
        if self.result(id).await?.is_some() {
            return Ok(Submitted::Finished);
        }
        let generation = self.ledger.generation(id).await?;
        let envelope = Envelope {
            queued_ms: now_ms(),
            job: self.pack(job.clone()).await?,
        };
        let payload = serde_json::to_vec(&envelope).map_err(damaged("a job"))?;
        let message = PublishMessage::build()
            .payload(payload.into())
            .message_id(format!("{id}.{generation}"));
        let subject = format!("{}.jobs.{id}", self.name);
        let sent = self.context.send_publish(subject, message).await;
        let stored = sent.map_err(server("queueing a job"))?.await;
        Ok(if stored.map_err(server("queueing a job"))?.duplicate {
            Submitted::Waiting
        } else {
            Submitted::New
        })
    }

    async fn take(&self, wait: Duration) -> Result<Option<Lease<Self::Ticket>>, FarmError> {
        let batch = self.consumer.batch().max_messages(1).expires(wait);
        let mut messages = batch.messages().await.map_err(server("asking for a job"))?;
        let Some(message) = messages.next().await else {
            return Ok(None);
        };
        let message = message.map_err(server("taking a job"))?;
        let delivered = {
            let info = message.info().map_err(server("a message's number"))?;
            info.delivered
        };
        match self.read(&message).await {
            Ok((job, queued_ms)) => Ok(Some(Lease {
                id: super::id_of(&job)?,
                job,
                attempt: delivered.try_into().unwrap_or(u32::MAX),
                queued_ms,
                ticket: message,
            })),
            Err(error @ (FarmError::Damaged { .. } | FarmError::NoFile(_))) => {
                self.discard(&message, &error).await?;
                Ok(None)
            }
            // It comes again, to this worker or another.
            Err(error) => Err(error),
        }
    }

    async fn extend(&self, lease: &Lease<Self::Ticket>) -> Result<(), FarmError> {
        let told = lease.ticket.ack_with(AckKind::Progress).await;
        told.map_err(server("extending a lease"))
    }

    async fn finish(
        &self,
        lease: &Lease<Self::Ticket>,
        finished: &Finished,
    ) -> Result<Handed, FarmError> {
        let packed = self.pack(finished.clone()).await?;
        let bytes = serde_json::to_vec(&packed).map_err(damaged("a result"))?;
        let created = self.results.create(lease.id.to_string(), bytes.into());
        let handed = match created.await {
            Ok(_) => Handed::First,
            Err(error) if error.kind() == kv::CreateErrorKind::AlreadyExists => {
                // Perhaps it is this very one, whose receipt was lost.
                if self.result(lease.id).await?.as_ref() == Some(finished) {
                    Handed::First
                } else {
                    self.ledger.duplicate(lease.id).await?;
                    Handed::Duplicate
                }
            }
            Err(error) => return Err(server("storing a result")(error)),
        };
        self.settle(lease).await?;
        Ok(handed)
    }

    async fn settle(&self, lease: &Lease<Self::Ticket>) -> Result<(), FarmError> {
        let told = lease.ticket.double_ack().await;
        told.map_err(server("acknowledging a job"))
    }

    async fn release(&self, lease: &Lease<Self::Ticket>, pause: Duration) -> Result<(), FarmError> {
        let told = lease.ticket.ack_with(AckKind::Nak(Some(pause))).await;
        told.map_err(server("giving a job back"))
    }

    async fn bury(&self, lease: &Lease<Self::Ticket>, dead: &Dead) -> Result<(), FarmError> {
        if self.result(lease.id).await?.is_none() {
            self.ledger.bury(dead).await?;
        }
        let told = lease.ticket.double_ack_with(AckKind::Term).await;
        told.map_err(server("giving a job up"))
    }

    async fn result(&self, id: JobId) -> Result<Option<Finished>, FarmError> {
        let stored = self.results.get(id.to_string()).await;
        let Some(bytes) = stored.map_err(server("reading a result"))? else {
            return Ok(None);
        };
        let packed: Spilled<Finished> =
            serde_json::from_slice(&bytes).map_err(damaged("a result"))?;
        self.unpack(packed).await.map(Some)
    }

    async fn outcomes(
        &self,
        ids: &BTreeSet<JobId>,
        wait: Duration,
    ) -> Result<Vec<(JobId, Outcome)>, FarmError> {
        let end = tokio::time::Instant::now() + wait;
        loop {
            let told = self.news.of(ids, end).await;
            // Without news every job is looked at: a notice may have been missed while the server was away.
            let (look, last) = match &told {
                Some(told) => (told, false),
                None => (ids, true),
            };
            let mut found = vec![];
            for id in look {
                if let Some(outcome) = self.outcome(*id).await? {
                    found.push((*id, outcome));
                }
            }
            if last || !found.is_empty() {
                return Ok(found);
            }
        }
    }

    async fn refuse(&self, id: JobId) -> Result<(), FarmError> {
        let purged = self.results.purge(id.to_string()).await;
        purged.map_err(server("removing a result"))?;
        self.ledger.refused(id).await
    }

    async fn duplicates(&self, ids: &BTreeSet<JobId>) -> Result<u64, FarmError> {
        self.ledger.duplicates(ids).await
    }
}
