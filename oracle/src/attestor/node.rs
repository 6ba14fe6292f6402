//! One attestor: candles of its own, a key, and the guard between them.

use std::time::Duration;

use alloy::signers::local::PrivateKeySigner;
use tokio::sync::Mutex;
use veriregime_features::FeatureScale;

use super::{
    guard::{AttestorGuard, GuardError},
    message::{Answer, Ask, Refusal, RefusalCode},
};
use crate::{
    attestation::{Attestation, signing_hash},
    exchange::{CandleSource, SourceError},
    statement::{OracleId, WindowId, inputs_digest},
};

/// How long a node waits for its exchange to publish a candle: the exchange that the submitter asked may be quicker.
const PATIENCE: Duration = Duration::from_secs(6);

/// A node that vouches for windows of one market towards one oracle.
pub struct Attestor {
    source: CandleSource,
    scale: FeatureScale,
    oracle: OracleId,
    key: PrivateKeySigner,
    guard: Mutex<AttestorGuard>,
}

impl Attestor {
    /// Joins the parts; nothing is fetched yet.
    pub fn new(
        source: CandleSource,
        scale: FeatureScale,
        oracle: OracleId,
        key: PrivateKeySigner,
        guard: AttestorGuard,
    ) -> Self {
        Self {
            source,
            scale,
            oracle,
            key,
            guard: Mutex::new(guard),
        }
    }

    /// The address the oracle must know.
    pub fn address(&self) -> alloy::primitives::Address {
        self.key.address()
    }

    /// Recomputes the window from the node's own candles, records its digest and signs it.
    ///
    /// # Errors
    /// A coded [`Refusal`]; nothing was signed then.
    pub async fn attest(&self, ask: &Ask) -> Result<Answer, Refusal> {
        let market = self.source.market();
        if (ask.symbol.as_str(), ask.timeframe) != (market.symbol.as_str(), market.timeframe) {
            let reason = format!(
                "this node vouches for {} at {} s",
                market.symbol, market.timeframe
            );
            return Err(Refusal {
                code: RefusalCode::WrongMarket,
                reason,
            });
        }
        let window = self
            .source
            .window_within(ask.close_time, &self.scale, PATIENCE)
            .await
            .map_err(no_window)?;
        let digest = inputs_digest(&window.values).map_err(internal)?;
        let id = WindowId {
            market: market.clone(),
            close_time: window.close_time,
            last_close: window.last_close,
        };
        self.guard
            .lock()
            .await
            .claim(&id, digest)
            .map_err(guarded)?;
        let signed = Attestation::sign(&self.key, signing_hash(&self.oracle, &id, digest))
            .map_err(internal)?;
        Ok(Answer {
            signer: signed.signer,
            signature: signed.signature.as_bytes().into(),
            inputs_digest: digest,
            last_close_e8: id.last_close,
        })
    }
}

fn no_window(error: SourceError) -> Refusal {
    let code = match error {
        SourceError::OffGrid { .. } => RefusalCode::OffGrid,
        SourceError::NotClosed { .. } => RefusalCode::NotClosed,
        SourceError::Disagreement(_) => RefusalCode::SourcesDisagree,
        _ => RefusalCode::NoWindow,
    };
    Refusal {
        code,
        reason: error.to_string(),
    }
}

fn guarded(error: GuardError) -> Refusal {
    let code = match error {
        GuardError::AlreadySigned { .. } => RefusalCode::AlreadySigned,
        GuardError::Time(_) | GuardError::Store { .. } => RefusalCode::Internal,
    };
    Refusal {
        code,
        reason: error.to_string(),
    }
}

fn internal(error: impl std::fmt::Display) -> Refusal {
    Refusal {
        code: RefusalCode::Internal,
        reason: error.to_string(),
    }
}
