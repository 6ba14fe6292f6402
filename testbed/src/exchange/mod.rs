//! An exchange that replays a market by a clock of its own.
//!
//! ```text
//! Market (recorded or invented) ── Clock ──> Replay: /api/v3/{time,klines,exchangeInfo}, /fapi/v1/fundingRate
//! ```
//! Served as exchanges do it: the candle that is still open comes along, half made, and nothing of the future.

mod binance;
mod market;

use std::sync::Mutex;

use anyhow::Result;
pub use market::Market;

use crate::{
    clock::Clock,
    front::{Call, Reply, Service},
    locked,
};

/// Names of the calls, for rules.
pub mod calls {
    /// The exchange's clock.
    pub const TIME: &str = "/api/v3/time";
    /// Candles.
    pub const CANDLES: &str = "/api/v3/klines";
    /// Funding rates.
    pub const FUNDING: &str = "/fapi/v1/fundingRate";
}

/// A replayed exchange; put it behind a [`crate::front::Front`].
#[derive(Debug)]
pub struct Replay {
    market: Mutex<Market>,
    clock: Clock,
}

impl Replay {
    /// Replays `market` by `clock`.
    #[must_use]
    pub fn new(market: Market, clock: Clock) -> Self {
        Self {
            market: Mutex::new(market),
            clock,
        }
    }

    /// What is replayed.
    #[must_use]
    pub fn market(&self) -> Market {
        locked(&self.market).clone()
    }

    /// Replays another market from now on.
    pub fn play(&self, market: Market) {
        *locked(&self.market) = market;
    }
}

impl Service for Replay {
    fn name(&self, call: &Call) -> String {
        call.path().to_owned()
    }

    async fn answer(&self, call: Call) -> Result<Reply> {
        let market = locked(&self.market).clone();
        Ok(binance::answer(&market, self.clock.now_ms(), &call))
    }
}
