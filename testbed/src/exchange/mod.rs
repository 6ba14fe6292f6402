//! An exchange that replays a market by a clock of its own.
//!
//! ```text
//! Market (recorded or invented) ── Clock ──> Replay: Binance's, Kraken's and Coinbase's public endpoints
//! ```
//! Served as exchanges do it: the candle that is still open comes along, half made, and nothing of the future.

mod binance;
mod coinbase;
mod kraken;
mod market;

use std::sync::Mutex;

use anyhow::Result;
pub use market::Market;
use veriregime_features::Candle;

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
    /// Kraken's clock.
    pub const KRAKEN_TIME: &str = "/0/public/Time";
    /// Kraken's candles.
    pub const KRAKEN_CANDLES: &str = "/0/public/OHLC";
    /// Coinbase's clock.
    pub const COINBASE_TIME: &str = "/time";
    /// Coinbase's candles.
    pub const COINBASE_CANDLES: &str = "/products/BTC-USDT/candles";
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
        let now_ms = self.clock.now_ms();
        let other = kraken::answer(&market, now_ms, &call)
            .or_else(|| coinbase::answer(&market, now_ms, &call));
        Ok(other.unwrap_or_else(|| binance::answer(&market, now_ms, &call)))
    }
}

/// What is known of a candle before it closes: a node that took it for closed would not find it again.
fn half_made(candle: &Candle) -> Candle {
    Candle {
        high: candle.open,
        low: candle.open,
        close: candle.open,
        volume: candle.volume / 3,
        ..*candle
    }
}
