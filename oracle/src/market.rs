//! The market a signal speaks about: a unified symbol and a timeframe, and how both appear on chain.

use alloy::primitives::B256;
use serde::{Deserialize, Serialize};

/// A symbol in ccxt's unified spelling and a candle length.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// Unified symbol, for example `BTC/USDT`.
    pub symbol: String,
    /// Candle length in seconds.
    pub timeframe: u32,
}

/// A market that cannot be written on chain or that no source serves.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MarketError {
    /// The symbol does not fit a bytes32.
    #[error(
        "symbol `{0}` is empty, longer than 32 bytes or not ASCII: use a unified symbol such as BTC/USDT"
    )]
    Symbol(String),
    /// The timeframe is not one this node knows.
    #[error("timeframe of {0} s is not supported: this node serves one-minute candles (60)")]
    Timeframe(u32),
}

impl Market {
    /// Bitcoin against tether, one-minute candles: the market of the shipped models.
    pub fn btc_usdt_minutes() -> Self {
        Self {
            symbol: "BTC/USDT".into(),
            timeframe: 60,
        }
    }

    /// Checks both parts; everything else assumes a checked market.
    pub fn checked(symbol: &str, timeframe: u32) -> Result<Self, MarketError> {
        if symbol.is_empty() || symbol.len() > 32 || !symbol.is_ascii() {
            return Err(MarketError::Symbol(symbol.into()));
        }
        if timeframe != 60 {
            return Err(MarketError::Timeframe(timeframe));
        }
        Ok(Self {
            symbol: symbol.into(),
            timeframe,
        })
    }

    /// The symbol as the contracts hold it: ASCII, left-aligned, zero-padded.
    pub fn symbol_word(&self) -> B256 {
        let mut word = [0u8; 32];
        for (to, from) in word.iter_mut().zip(self.symbol.bytes()) {
            *to = from;
        }
        B256::from(word)
    }

    /// The perpetual contract on the same pair, settled in the quote currency: `BTC/USDT:USDT`.
    pub fn perpetual(&self) -> String {
        let quote = self.symbol.rsplit('/').next().unwrap_or_default();
        format!("{}:{quote}", self.symbol)
    }

    /// ccxt's name of the timeframe.
    pub fn timeframe_name(&self) -> &'static str {
        "1m"
    }

    /// Candle length in milliseconds.
    pub fn step_ms(&self) -> i64 {
        i64::from(self.timeframe) * 1_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbol_word_is_left_aligned_ascii() {
        let word = Market::btc_usdt_minutes().symbol_word();
        assert_eq!(&word[..8], b"BTC/USDT");
        assert!(word[8..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn perpetual_is_settled_in_the_quote_currency() {
        assert_eq!(Market::btc_usdt_minutes().perpetual(), "BTC/USDT:USDT");
    }

    #[test]
    fn checked_refuses_what_the_chain_cannot_hold() {
        assert!(matches!(
            Market::checked("", 60),
            Err(MarketError::Symbol(_))
        ));
        assert!(matches!(
            Market::checked(&"X".repeat(33), 60),
            Err(MarketError::Symbol(_))
        ));
        assert_eq!(
            Market::checked("BTC/USDT", 300),
            Err(MarketError::Timeframe(300))
        );
    }
}
