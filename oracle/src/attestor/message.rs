//! What goes over the wire between a submitter and an attestor: JSON, snake case.

use alloy::primitives::{Address, B256, Bytes};
use serde::{Deserialize, Serialize};

/// `POST /attest`: which window to vouch for. The inputs are not sent: the attestor makes its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Unified symbol, for example `BTC/USDT`.
    pub symbol: String,
    /// Candle length in seconds.
    pub timeframe: u32,
    /// Close of the window's last candle, UNIX seconds.
    pub close_time: u64,
}

/// The attestor's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The attestor's address.
    pub signer: Address,
    /// EIP-712 signature, 65 bytes.
    pub signature: Bytes,
    /// Keccak-256 of the packed inputs it computed.
    pub inputs_digest: B256,
    /// Last close price it saw, eight decimals.
    pub last_close_e8: i64,
}

/// Why an attestor does not sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {reason}")]
pub struct Refusal {
    /// Stable code.
    pub code: RefusalCode,
    /// For a person.
    pub reason: String,
}

/// Stable codes of refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RefusalCode {
    /// The attestor serves another market.
    WrongMarket,
    /// The close time is not the end of a candle.
    OffGrid,
    /// The last candle is still open.
    NotClosed,
    /// The attestor's own source has no such window.
    NoWindow,
    /// The attestor's exchanges tell different prices: it vouches for neither.
    SourcesDisagree,
    /// It signed a different digest for this close time before.
    AlreadySigned,
    /// Its store or key failed.
    Internal,
}

impl std::fmt::Display for RefusalCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::WrongMarket => "wrong_market",
            Self::OffGrid => "off_grid",
            Self::NotClosed => "not_closed",
            Self::NoWindow => "no_window",
            Self::SourcesDisagree => "sources_disagree",
            Self::AlreadySigned => "already_signed",
            Self::Internal => "internal",
        })
    }
}
