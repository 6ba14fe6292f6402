//! What the HTTP side may read: services, deployments, metrics.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use alloy::{
    primitives::{Address, FixedBytes},
    providers::Provider,
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{
    metrics::Metrics,
    readiness::{self, Check},
    service::Service,
    status::{ChainStatus, Feed, OracleStatus, RoundStatus, Status},
};
use crate::{
    chain::Deployment,
    confidence::Calibration,
    config::Config,
    exchange::SourceKind,
    model::class_name,
    store::{Progress, StoreError},
};

/// Checks are not repeated more often than this, however often they are asked for.
const FRESH: Duration = Duration::from_secs(2);
/// Rounds in an answer.
const ROUNDS: u32 = 100;

/// Shared with every request.
pub(super) struct Board {
    pub(super) address: Address,
    pub(super) metrics: Arc<Metrics>,
    pub(super) services: Vec<Arc<Service>>,
    seats: Vec<Seat>,
    exchanges: Vec<String>,
    dashboard_rpc: Option<String>,
    started_at: u64,
    checked: Mutex<Option<(Instant, Vec<Check>)>>,
}

/// What is fixed about an oracle.
pub(super) struct Seat {
    pub(super) deployment: Deployment,
    pub(super) calibration: Calibration,
    pub(super) model: String,
    pub(super) model_id: FixedBytes<4>,
    pub(super) attestors: usize,
    pub(super) threshold: usize,
}

impl Board {
    pub(super) fn new(
        config: &Config,
        address: Address,
        metrics: Arc<Metrics>,
        services: Vec<Arc<Service>>,
        seats: Vec<Seat>,
    ) -> Self {
        Self {
            address,
            metrics,
            services,
            seats,
            exchanges: config
                .candles
                .sources
                .iter()
                .map(ToString::to_string)
                .collect(),
            dashboard_rpc: config.dashboard_rpc(),
            started_at: now(),
            checked: Mutex::new(None),
        }
    }

    /// The checks, at most [`FRESH`] old.
    pub(super) async fn checks(&self) -> Vec<Check> {
        // The lock is held while looking: many askers cause one look.
        let mut checked = self.checked.lock().await;
        if let Some((at, checks)) = checked.as_ref()
            && at.elapsed() < FRESH
        {
            return checks.clone();
        }
        let checks = readiness::checks(self).await;
        *checked = Some((Instant::now(), checks.clone()));
        checks
    }

    /// `GET /status`.
    pub(super) async fn status(&self) -> Result<Status, StoreError> {
        let checks = self.checks().await;
        let mut oracles = Vec::new();
        let mut newest = None;
        for (service, seat) in self.services.iter().zip(&self.seats) {
            let rounds = service.publisher.store().recent(ROUNDS)?;
            let last = rounds.first().map(|round| round.close_time);
            newest = newest.max(last);
            let step = u64::from(service.publisher.source().market().timeframe);
            oracles.push(OracleStatus {
                name: service.name.clone(),
                address: seat.deployment.contracts.oracle.address,
                attestors: seat.attestors,
                threshold: seat.threshold,
                next_close: last.map(|last| last + step),
                rounds: rounds
                    .into_iter()
                    .map(|round| round_status(service, seat, round))
                    .collect(),
            });
        }
        let lag = self.metrics.candle_lag.get();
        Ok(Status {
            version: env!("CARGO_PKG_VERSION"),
            started_at: self.started_at,
            now: now(),
            ready: checks.iter().all(|check| check.ok),
            checks,
            candles: Feed {
                source: self
                    .services
                    .first()
                    .map_or(SourceKind::Exchange, |service| {
                        service.publisher.source().kind()
                    }),
                lag_s: newest.map(|_| lag.max(0.0) as u64),
                exchanges: self.exchanges.clone(),
            },
            chain: self.chain().await,
            oracles,
        })
    }

    async fn chain(&self) -> ChainStatus {
        let mut status = ChainStatus {
            chain_id: self
                .seats
                .first()
                .map_or(0, |seat| seat.deployment.chain_id),
            block: None,
            address: self.address,
            balance_wei: None,
        };
        if let Some(service) = self.services.first() {
            let provider = service.publisher.chain().provider();
            let both = async {
                tokio::join!(
                    provider.get_block_number(),
                    provider.get_balance(self.address)
                )
            };
            if let Ok((block, balance)) = tokio::time::timeout(FRESH, both).await {
                status.block = block.ok();
                status.balance_wei = balance.ok().map(|balance| balance.to_string());
            }
        }
        status
    }

    /// `GET /dashboard.json`: where the page finds chain and contracts.
    pub(super) fn dashboard(&self) -> Value {
        let oracles: Vec<Value> = self
            .services
            .iter()
            .zip(&self.seats)
            .map(|(service, seat)| {
                let market = service.publisher.source().market();
                json!({
                    "name": service.name,
                    "address": seat.deployment.contracts.oracle.address,
                    "gateway": seat.deployment.contracts.gateway.map(|one| one.address),
                    "module": seat.deployment.contracts.module.map(|one| one.address),
                    "symbol": market.symbol,
                    "timeframe": market.timeframe,
                    "classes": service.question.classes(),
                    "model": { "name": seat.model, "id": seat.model_id },
                })
            })
            .collect();
        json!({
            "rpc": self.dashboard_rpc,
            "chainId": self.seats.first().map(|seat| seat.deployment.chain_id),
            "status": "/status",
            "candles": "/candles",
            "oracles": oracles,
        })
    }
}

fn round_status(service: &Service, seat: &Seat, round: Progress) -> RoundStatus {
    let class = round.commitment.map(|commitment| commitment.class);
    RoundStatus {
        close_time: round.close_time,
        stage: match &round.miss {
            Some(_) => "missed",
            None => round.stage.name(),
        },
        class,
        signal: class.map(|class| class_name(service.question, class.into())),
        confidence: seat.calibration.confidence(&round.logits),
        logits: round.logits,
        round: round.round,
        tx: round.transaction,
        gas: round.gas,
        prove_ms: round.prove_ms,
        reason: round
            .miss
            .map(|miss| format!("{}: {}", miss.code, miss.reason)),
    }
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
