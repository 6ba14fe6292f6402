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

use tokio_util::sync::CancellationToken;

use super::{
    due::Outlook,
    metrics::{Metrics, OfAttestor, OfOracle, OfReason},
    verdict::{Verdict, judge},
};
use crate::{
    attestor::Disagreement,
    config,
    exchange::SourceError,
    model::class_name,
    publisher::{Event, PublishError, Published, Publisher},
    store::{Miss, Progress, Stage},
};
use veriregime_features::labels::Question;

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
    pub async fn run(&self, stop: &CancellationToken) -> Result<(), PublishError> {
        tokio::select! {
            () = stop.cancelled() => Ok(()),
            ended = self.serve() => ended,
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
            for close_time in &due.publish {
                self.round(*close_time, look).await?;
            }
            if due.publish.is_empty() {
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
            let watch = |event: Event<'_>| self.tell(close_time, event, began);
            let error = match self.publisher.publish(close_time, &watch).await {
                Ok(published) => {
                    self.published(&published);
                    return Ok(());
                }
                Err(PublishError::Already { tx: Some(_), .. }) => return Ok(()),
                Err(error) => error,
            };
            let verdict = judge(&error);
            let over = match verdict {
                Verdict::Over(_) => true,
                Verdict::Wait(_) => false,
                Verdict::Again(_) => match self.look().await {
                    Some(look) => look.exchange_ms >= until_ms,
                    None => began.now_ms() >= until_ms,
                },
            };
            if over {
                let miss = Miss {
                    code: verdict.code().into(),
                    reason: error.to_string(),
                };
                return self.miss(close_time, &miss);
            }
            let reason = verdict.code();
            tracing::warn!(code = "round.retry", oracle = %self.name, close_time, reason, %error, ?pause, "attempt failed, trying again");
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
        tracing::warn!(code = "exchange.clock", oracle = %self.name, %error, "cannot read the exchange's clock");
    }

    fn tell(&self, close_time: u64, event: Event<'_>, began: Look) {
        match event {
            Event::Stage(stage) => {
                tracing::info!(code = "round.stage", oracle = %self.name, close_time, %stage, "round");
                if stage == Stage::Sent {
                    let seconds = (began.now_ms() as f64 / 1e3 - close_time as f64).max(0.0);
                    let of = self.metrics.close_to_sent.get_or_create(&self.label());
                    of.observe(seconds);
                }
            }
            Event::Proven(proven) => {
                let of = self.metrics.prove.get_or_create(&self.label());
                of.observe(proven.prove_ms / 1e3);
            }
            Event::Disagreements(all) => all.iter().for_each(|one| self.disagreed(close_time, one)),
        }
    }

    fn disagreed(&self, close_time: u64, Disagreement { url, fault }: &Disagreement) {
        let kind = fault.code();
        tracing::warn!(code = "attestor.disagrees", oracle = %self.name, close_time, attestor = %url, fault = kind, detail = %fault, "attestor did not vouch");
        let label = OfAttestor {
            attestor: url.clone(),
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
            ..
        } = published;
        let signal = published
            .work
            .as_ref()
            .map(|work| class_name(self.question, work.proven.inference.class));
        tracing::info!(code = "round.published", oracle = %self.name, close_time, round = %round, signal, %tx, gas, "published");
        self.metrics.published.get_or_create(&self.label()).inc();
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
