//! Connecting, and making what is not there yet.

use std::{sync::Mutex, time::Duration};

use async_nats::{
    ConnectOptions,
    jetstream::{
        self, Context,
        consumer::{AckPolicy, Consumer, pull},
        kv, object_store,
        stream::{self, DiscardPolicy, RetentionPolicy, Stream},
    },
};

use super::{Ledger, NatsQueue, News, Objects, server};
use crate::farm::FarmError;

/// Results, files and notes are kept for so long.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// The same message within this time is one message.
const DUPLICATES: Duration = Duration::from_secs(3_600);
/// Jobs that workers may hold at a time, all together.
const HELD: i64 = 10_000;
/// A connection must stand within this time.
const CONNECT: Duration = Duration::from_secs(5);
/// The durable consumer that all workers share.
const WORKERS: &str = "workers";

/// Where the queue is.
#[derive(Debug, Clone)]
pub struct NatsSettings {
    /// `nats://host:4222`, `tls://` for an encrypted connection; user and password may be in it.
    pub url: String,
    /// Name of the queue: several may be on one server.
    pub name: String,
    /// How long a lease lasts, where this process is the first to come; else it is as it was made.
    pub patience: Duration,
}

impl NatsQueue {
    /// Connects and makes streams and buckets that are not there yet. A connection that is lost later is made
    /// anew by itself.
    ///
    /// # Errors
    /// [`FarmError::Name`], or [`FarmError::Server`] for a server that does not answer, refuses, or has no
    /// JetStream.
    pub async fn connect(settings: &NatsSettings) -> Result<Self, FarmError> {
        let name = settings.name.as_str();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&name.len()) || !name.bytes().all(plain) {
            return Err(FarmError::Name(name.into()));
        }
        let client = ConnectOptions::new()
            .name("veriregime")
            .connection_timeout(CONNECT)
            .connect(&settings.url)
            .await
            .map_err(server("connecting"))?;
        let context = jetstream::new(client.clone());
        let consumer = jobs(&context, name, settings.patience).await?;
        let stream = context
            .get_or_create_stream(stream::Config {
                name: format!("{name}-ledger"),
                subjects: vec![format!("{name}.ledger.*.*")],
                max_age: KEPT,
                ..Default::default()
            })
            .await
            .map_err(server("making the ledger"))?;
        let results = results(&context, name).await?;
        let files = files(&context, name).await?;
        let subjects = [
            format!("$KV.{name}-results.>"),
            format!("{name}.ledger.*.dead"),
        ];
        let news = News::listen(&client, subjects).await;
        Ok(Self {
            name: name.into(),
            ledger: Ledger {
                prefix: format!("{name}.ledger"),
                context: context.clone(),
                stream,
                settled: Mutex::default(),
            },
            news: news.map_err(server("listening"))?,
            message_limit: client.server_info().max_payload / 2,
            context,
            consumer,
            results,
            files: Objects(files),
        })
    }

    /// Jobs that are queued or in a worker's hands, as the workers' consumer has them: a server that was killed between
    /// an acknowledgement and the removal keeps a message in its stream that it never delivers again.
    ///
    /// # Errors
    /// [`FarmError::Server`].
    pub async fn open_jobs(&self) -> Result<u64, FarmError> {
        let stream: Stream = self
            .context
            .get_stream(format!("{}-jobs", self.name))
            .await
            .map_err(server("counting jobs"))?;
        let info = stream.consumer_info(WORKERS).await;
        let info = info.map_err(server("counting jobs"))?;
        Ok(info.num_pending + info.num_ack_pending as u64)
    }
}

async fn jobs(
    context: &Context,
    name: &str,
    patience: Duration,
) -> Result<Consumer<pull::Config>, FarmError> {
    let stream = context
        .get_or_create_stream(stream::Config {
            name: format!("{name}-jobs"),
            subjects: vec![format!("{name}.jobs.*")],
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: DUPLICATES,
            ..Default::default()
        })
        .await
        .map_err(server("making the queue"))?;
    // Deliveries are not limited here: a job whose workers vanish must reach one that writes its dead letter.
    stream
        .get_or_create_consumer(
            WORKERS,
            pull::Config {
                durable_name: Some(WORKERS.into()),
                ack_policy: AckPolicy::Explicit,
                ack_wait: patience,
                max_deliver: -1,
                max_ack_pending: HELD,
                ..Default::default()
            },
        )
        .await
        .map_err(server("making the consumer"))
}

/// The bucket as its stream: `create_key_value` asks for an account's limits in words that servers before 2.10 do not
/// know.
async fn results(context: &Context, name: &str) -> Result<kv::Store, FarmError> {
    let bucket = format!("{name}-results");
    context
        .get_or_create_stream(stream::Config {
            name: format!("KV_{bucket}"),
            subjects: vec![format!("$KV.{bucket}.>")],
            max_messages_per_subject: 1,
            max_age: KEPT,
            discard: DiscardPolicy::New,
            allow_rollup: true,
            deny_delete: true,
            allow_direct: true,
            ..Default::default()
        })
        .await
        .map_err(server("making the bucket of results"))?;
    let bucket = context.get_key_value(bucket).await;
    bucket.map_err(server("opening the bucket of results"))
}

async fn files(context: &Context, name: &str) -> Result<object_store::ObjectStore, FarmError> {
    let bucket = format!("{name}-files");
    if let Ok(store) = context.get_object_store(&bucket).await {
        return Ok(store);
    }
    let config = object_store::Config {
        bucket,
        max_age: KEPT,
        ..Default::default()
    };
    let made = context.create_object_store(config).await;
    made.map_err(server("making the bucket of files"))
}
