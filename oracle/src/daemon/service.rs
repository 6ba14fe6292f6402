//! One oracle's loop: wait for a close, publish what is due, record why anything was not.
//!
//! ```text
//! exchange's clock ─> due windows ─┬─ publish, again on failure until the next close ─> included ─> final
//!     left-overs of the last run ──┘                     └─> missed, with a code
//! ```

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alloy::primitives::utils::format_ether;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{
    due::Outlook,
    metrics::{Metrics, OfAttestor, OfOracle, OfReason},
    verdict::{Verdict, judge},
};
use crate::{
    attestor::Disagreement,
    code::Coded,
    config,
    exchange::SourceError,
    model::class_name,
    publisher::{Event, PublishError, Published, Publisher},
    redact,
    store::{Miss, Progress, Stage},
    transactions,
};
use veriregime_features::labels::Question;

/// A day of minutes: time enough to deploy another verifier.
const FEW_PROOFS: u32 = 1_440;
/// The pause between two attempts doubles up to this many times the first one.
const LONGEST_PAUSE: u32 = 10;

/// Publishes for one oracle until it is told to stop.
pub struct Service {
    /// The name in logs, metrics and on the dashboard.
    pub name: String,
    /// What its model answers.
    pub question: Question,
    /// The way from candles to chain.
    pub publisher: Publisher,
    /// Older closes are refused by the oracle, seconds.
    pub max_age: u64,
    /// Pauses and policies.
    pub settings: config::Node,
    /// Where everything is counted.
    pub metrics: Arc<Metrics>,
    /// Close times of rounds that are in a block and not yet deep enough.
    pub included: UnboundedSender<u64>,
}

/// A look at the exchange's clock.
#[derive(Debug, Clone, Copy)]
struct Look {
    exchange_ms: u64,
    at: Instant,
}

impl Look {
    /// The exchange's clock now, if time passes there as it does here.
    fn now_ms(self) -> u64 {
        let passed = u64::try_from(self.at.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.exchange_ms.saturating_add(passed)
    }
}

impl Service {
    /// Runs until `stop`; what is in progress then is taken up by the next run.
    ///
    /// # Errors
    /// Only when the store fails: nothing may be done without it.
    pub async fn run(
        self: &Arc<Self>,
        included: UnboundedReceiver<u64>,
        stop: &CancellationToken,
    ) -> Result<(), PublishError> {
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = self.serve() => ended,
            () = self.settle(included) => Ok(()),
        }
    }

    /// Follows included rounds until they are deep enough; the next round does not wait for that.
    async fn settle(self: &Arc<Self>, mut included: UnboundedReceiver<u64>) {
        // Dropped with this future, and the followers with it.
        let mut followers = JoinSet::new();
        while let Some(close_time) = included.recv().await {
            while followers.try_join_next().is_some() {}
            let service = self.clone();
            followers.spawn(async move { service.follow(close_time).await });
        }
    }

    async fn follow(&self, close_time: u64) {
        loop {
            let watch = |event: Event<'_>| self.tell(close_time, event, None);
            let Err(error) = self.publisher.finalise(close_time, &watch).await else {
                return;
            };
            if let Verdict::Over(code) = judge(&error) {
                let miss = Miss {
                    code: code.into(),
                    reason: format!("a reorganised block took the round away: {error}"),
                };
                if let Err(error) = self.miss(close_time, &miss) {
                    tracing::error!(code = "store.failed", oracle = %self.name, close_time, %error, "a lost round is not noted");
                }
                return;
            }
            tracing::warn!(code = "round.unsettled", oracle = %self.name, close_time, error_code = error.code(), %error, "cannot see whether the round is final, looking again");
            tokio::time::sleep(self.retry() * LONGEST_PAUSE).await;
        }
    }

    fn follow_later(&self, close_time: u64) {
        if self.included.send(close_time).is_err() {
            tracing::debug!(close_time, "stopping: followed by the next run");
        }
    }

    async fn serve(&self) -> Result<(), PublishError> {
        self.left_over().await?;
        loop {
            let Some(look) = self.look().await else {
                tokio::time::sleep(self.retry()).await;
                continue;
            };
            let step = self.step_ms();
            let settled = look.exchange_ms.saturating_sub(self.settings.settle_ms);
            let outlook = Outlook {
                last: self.publisher.store().latest()?,
                newest: settled / step * step / 1_000,
                step: step / 1_000,
                max_age: self.max_age,
                catch_up: self.settings.catch_up,
            };
            if let Some(last) = outlook.last {
                let lag = look.exchange_ms as f64 / 1e3 - last as f64;
                self.metrics.candle_lag.set(lag);
            }
            let due = outlook.due();
            for (close_time, miss) in &due.missed {
                self.miss(*close_time, miss)?;
            }
            // One at a time: what is due behind it may be too old when it is done.
            if let Some(close_time) = due.publish.first() {
                self.round(*close_time, look).await?;
            } else {
                let next = (settled / step + 1) * step + self.settings.settle_ms;
                let wait = next
                    .saturating_sub(look.now_ms())
                    .min(self.settings.poll_ms);
                tokio::time::sleep(Duration::from_millis(wait.max(1))).await;
            }
        }
    }

    /// Takes up what the last run did not finish, oldest first.
    async fn left_over(&self) -> Result<(), PublishError> {
        let open = self.publisher.store().open_rounds()?;
        for Progress {
            close_time, stage, ..
        } in open
        {
            tracing::info!(code = "round.taken-up", oracle = %self.name, close_time, %stage, "left over from the last run");
            if stage >= Stage::Included {
                self.follow_later(close_time);
                continue;
            }
            let look = loop {
                match self.look().await {
                    Some(look) => break look,
                    None => tokio::time::sleep(self.retry()).await,
                }
            };
            self.round(close_time, look).await?;
        }
        Ok(())
    }

    /// One round, tried again until its time is over.
    async fn round(&self, close_time: u64, began: Look) -> Result<(), PublishError> {
        let mut pause = self.retry();
        // A fresh window is tried until the next one closes, an old one for as long.
        let until_ms = began.exchange_ms.max(close_time * 1_000) + self.step_ms();
        loop {
            let watch = |event: Event<'_>| self.tell(close_time, event, Some(began));
            let error = match self.publisher.publish(close_time, &watch).await {
                Ok(published) => {
                    self.published(&published);
                    return Ok(());
                }
                Err(PublishError::Already { tx: Some(_), .. }) => {
                    self.follow_later(close_time);
                    return Ok(());
                }
                Err(error) => error,
            };
            let verdict = judge(&error);
            let over = match verdict {
                Verdict::Over(_) => true,
                Verdict::Wait(_) => false,
                Verdict::Again(_) if self.publisher.is_signed(close_time)? => false,
                Verdict::Again(_) => match self.look().await {
                    Some(look) => look.exchange_ms >= until_ms,
                    None => began.now_ms() >= until_ms,
                },
            };
            if over {
                let miss = Miss {
                    code: verdict.code().into(),
                    reason: redact::urls(&error.to_string()).into_owned(),
                };
                return self.miss(close_time, &miss);
            }
            let reason = verdict.code();
            tracing::warn!(code = "round.retry", oracle = %self.name, close_time, reason, error_code = error.code(), %error, ?pause, "attempt failed, trying again");
            self.metrics.retried.get_or_create(&self.with(reason)).inc();
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(self.retry() * LONGEST_PAUSE);
        }
    }

    /// The exchange's clock, or nothing: the failure is counted and said.
    async fn look(&self) -> Option<Look> {
        let at = Instant::now();
        match self.publisher.source().now_ms().await {
            Ok(exchange_ms) => Some(Look { exchange_ms, at }),
            Err(error) => {
                self.clock_failed(&error);
                None
            }
        }
    }

    fn clock_failed(&self, error: &SourceError) {
        self.metrics.clock_errors.inc();
        tracing::warn!(code = "exchange.clock", oracle = %self.name, error_code = error.code(), %error, "cannot read the exchange's clock");
    }

    fn tell(&self, close_time: u64, event: Event<'_>, began: Option<Look>) {
        match event {
            Event::Stage(stage) => {
                tracing::info!(code = "round.stage", oracle = %self.name, close_time, %stage, "round");
            }
            Event::Transaction(event) => {
                if let (transactions::Event::Broadcast { .. }, Some(began)) = (event, began) {
                    let seconds = (began.now_ms() as f64 / 1e3 - close_time as f64).max(0.0);
                    let of = self.metrics.close_to_sent.get_or_create(&self.label());
                    of.observe(seconds);
                    tracing::info!(code = "round.handed-over", oracle = %self.name, close_time, seconds, "transaction handed over");
                }
                self.transaction(close_time, event);
            }
            Event::Proven(proven) => {
                let of = self.metrics.prove.get_or_create(&self.label());
                of.observe(proven.prove_ms / 1e3);
                if let Some(left) = proven.proofs_left {
                    let of = self.metrics.proofs_left.get_or_create(&self.label());
                    of.set(left.into());
                    if left < FEW_PROOFS {
                        tracing::warn!(code = "filler.low", oracle = %self.name, left, "the private model's filler is nearly spent: make a new one and deploy its verifier");
                    }
                }
            }
            Event::Disagreements(all) => all.iter().for_each(|one| self.disagreed(close_time, one)),
        }
    }

    fn transaction(&self, close_time: u64, event: &transactions::Event) {
        use transactions::Event;
        let oracle = self.name.as_str();
        match event {
            Event::Signed { hash, nonce } => {
                tracing::info!(code = "tx.signed", oracle, close_time, %hash, nonce, "on disk, not yet handed over");
            }
            Event::Broadcast { hash } => {
                tracing::info!(code = "tx.broadcast", oracle, close_time, %hash, "a node took it");
            }
            Event::Replaced { old, new } => {
                self.metrics.replaced.inc();
                tracing::warn!(code = "tx.replaced", oracle, close_time, %old, %new, "replaced by a dearer one");
            }
            Event::Rebroadcast { hash } => {
                tracing::warn!(code = "tx.rebroadcast", oracle, close_time, %hash, "lost by the node, handed over again");
            }
            Event::FeeAboveCap { base_fee, limit } => {
                self.metrics.fee_waits.inc();
                tracing::warn!(
                    code = "tx.fee-above-cap",
                    oracle,
                    close_time,
                    base_fee,
                    limit,
                    "waiting for lower fees"
                );
            }
            Event::CannotRaise { balance, need } => {
                tracing::warn!(code = "tx.cannot-raise", oracle, close_time, %balance, %need, "not enough funds for a dearer one");
            }
            Event::Unreachable { reason } => {
                tracing::warn!(code = "tx.unreachable", oracle, close_time, %reason, "no RPC answers, waiting");
            }
            Event::Included { hash, block } => {
                tracing::info!(code = "tx.included", oracle, close_time, %hash, block, "in a block");
            }
            Event::Reorged { hash, block } => {
                self.metrics.reorgs.inc();
                tracing::warn!(code = "tx.reorged", oracle, close_time, %hash, block, "its block is gone, following");
            }
            Event::Cancelled { hash, block } => {
                tracing::warn!(code = "tx.cancelled", oracle, close_time, %hash, block, "too late: its nonce is used up by a transfer of nothing");
            }
        }
    }

    fn disagreed(&self, close_time: u64, Disagreement { url, fault }: &Disagreement) {
        let kind = fault.code();
        tracing::warn!(code = "attestor.disagrees", oracle = %self.name, close_time, attestor = %url, fault = kind, detail = %fault, "attestor did not vouch");
        let label = OfAttestor {
            attestor: redact::urls(url).into_owned(),
            fault: kind.into(),
        };
        self.metrics.disagreements.get_or_create(&label).inc();
    }

    fn published(&self, published: &Published) {
        let Published {
            close_time,
            round,
            tx,
            gas,
            fee_wei,
            ..
        } = published;
        let signal = published
            .work
            .as_ref()
            .map(|work| class_name(self.question, work.proven.inference.class));
        tracing::info!(code = "round.published", oracle = %self.name, close_time, round = %round, signal, %tx, gas, %fee_wei, "published");
        self.metrics.published.get_or_create(&self.label()).inc();
        let ether = format_ether(*fee_wei).parse().unwrap_or(0.0);
        self.metrics.fees.inc_by(ether);
        self.follow_later(*close_time);
        let level = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let of = self.label();
        self.metrics.gas.get_or_create(&of).set(level(*gas));
        self.metrics
            .last_close
            .get_or_create(&of)
            .set(level(*close_time));
    }

    fn miss(&self, close_time: u64, miss: &Miss) -> Result<(), PublishError> {
        self.publisher.miss(close_time, miss)?;
        let Miss { code, reason } = miss;
        tracing::warn!(code = "round.missed", oracle = %self.name, close_time, miss = %code, %reason, "missed");
        self.metrics.missed.get_or_create(&self.with(code)).inc();
        Ok(())
    }

    fn step_ms(&self) -> u64 {
        u64::from(self.publisher.source().market().timeframe) * 1_000
    }

    fn retry(&self) -> Duration {
        Duration::from_millis(self.settings.retry_ms)
    }

    fn label(&self) -> OfOracle {
        OfOracle {
            oracle: self.name.clone(),
        }
    }

    fn with(&self, reason: &str) -> OfReason {
        OfReason {
            oracle: self.name.clone(),
            reason: reason.into(),
        }
    }
}
