//! ccxt's error tree, as far as public market data can reach it.

use std::time::Duration;

/// What an exchange call failed with. The names are ccxt's; the branch decides whether a retry makes sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeError {
    // ---- ExchangeError: the request is at fault, repeating it cannot help ----
    /// The exchange does not know the symbol.
    #[error("{exchange}: unknown symbol {symbol}: use a unified symbol that the exchange lists")]
    BadSymbol {
        /// Exchange id.
        exchange: &'static str,
        /// The symbol asked for.
        symbol: String,
    },
    /// The exchange lists the symbol, but trades it no more, or not now.
    #[error(
        "{exchange}: {symbol} is not traded (status {status}): name another exchange or another market"
    )]
    MarketClosed {
        /// Exchange id.
        exchange: &'static str,
        /// The symbol asked for.
        symbol: String,
        /// The exchange's word for the market's state.
        status: String,
    },
    /// The request is malformed or asks for something out of range.
    #[error("{exchange}: bad request: {reason}")]
    BadRequest {
        /// Exchange id.
        exchange: &'static str,
        /// What the exchange or this client objected to.
        reason: String,
    },
    /// The exchange refuses to serve this location.
    #[error(
        "{exchange}: this location is refused (HTTP 451): run the node elsewhere or give candles with --data"
    )]
    RestrictedLocation {
        /// Exchange id.
        exchange: &'static str,
    },
    /// Refused for want of permission.
    #[error("{exchange}: permission denied: {reason}")]
    PermissionDenied {
        /// Exchange id.
        exchange: &'static str,
        /// The exchange's words.
        reason: String,
    },
    /// The source has no such data.
    #[error("{exchange}: not supported: {reason}")]
    NotSupported {
        /// Exchange id.
        exchange: &'static str,
        /// What is missing.
        reason: String,
    },

    // ---- OperationFailed: the same request may succeed later ----
    /// Connection refused, reset, name not resolved, TLS failed.
    #[error("{exchange}: network error: {reason}")]
    NetworkError {
        /// Exchange id.
        exchange: &'static str,
        /// The transport's words.
        reason: String,
    },
    /// No complete answer in time.
    #[error("{exchange}: no complete answer {}", within(.seconds))]
    RequestTimeout {
        /// Exchange id.
        exchange: &'static str,
        /// The limit that passed; 0 if it was the exchange that gave up.
        seconds: u64,
    },
    /// Too many requests (HTTP 429).
    #[error("{exchange}: rate limit exceeded{}", wait(.retry_after))]
    RateLimitExceeded {
        /// Exchange id.
        exchange: &'static str,
        /// From the Retry-After header.
        retry_after: Option<Duration>,
    },
    /// Banned or filtered by the exchange's front (HTTP 418, 403).
    #[error("{exchange}: refused by its flood protection{}", wait(.retry_after))]
    DDoSProtection {
        /// Exchange id.
        exchange: &'static str,
        /// From the Retry-After header.
        retry_after: Option<Duration>,
    },
    /// The exchange is down.
    #[error("{exchange}: not available (HTTP {status}){}", wait(.retry_after))]
    ExchangeNotAvailable {
        /// Exchange id.
        exchange: &'static str,
        /// HTTP status.
        status: u16,
        /// From the Retry-After header.
        retry_after: Option<Duration>,
    },
    /// Announced maintenance.
    #[error("{exchange}: on maintenance")]
    OnMaintenance {
        /// Exchange id.
        exchange: &'static str,
    },
    /// An answer that is not what the interface promises: wrong shape, wrong order, impossible prices, too large.
    #[error("{exchange}: bad response: {reason}")]
    BadResponse {
        /// Exchange id.
        exchange: &'static str,
        /// The first thing that was wrong.
        reason: String,
    },
}

impl ExchangeError {
    /// Whether the error lies in ccxt's `OperationFailed` branch, where repeating the call may help.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            Self::NetworkError { .. }
                | Self::RequestTimeout { .. }
                | Self::RateLimitExceeded { .. }
                | Self::DDoSProtection { .. }
                | Self::ExchangeNotAvailable { .. }
                | Self::OnMaintenance { .. }
                | Self::BadResponse { .. }
        )
    }

    /// Whether the exchange got more calls than it likes.
    pub fn is_overload(&self) -> bool {
        matches!(
            self,
            Self::RateLimitExceeded { .. } | Self::DDoSProtection { .. }
        )
    }

    /// ccxt's name of the error's class, for logs and metrics.
    pub fn class(&self) -> &'static str {
        match self {
            Self::BadSymbol { .. } => "BadSymbol",
            Self::MarketClosed { .. } => "MarketClosed",
            Self::BadRequest { .. } => "BadRequest",
            Self::RestrictedLocation { .. } => "RestrictedLocation",
            Self::PermissionDenied { .. } => "PermissionDenied",
            Self::NotSupported { .. } => "NotSupported",
            Self::NetworkError { .. } => "NetworkError",
            Self::RequestTimeout { .. } => "RequestTimeout",
            Self::RateLimitExceeded { .. } => "RateLimitExceeded",
            Self::DDoSProtection { .. } => "DDoSProtection",
            Self::ExchangeNotAvailable { .. } => "ExchangeNotAvailable",
            Self::OnMaintenance { .. } => "OnMaintenance",
            Self::BadResponse { .. } => "BadResponse",
        }
    }

    /// How long the exchange asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimitExceeded { retry_after, .. }
            | Self::DDoSProtection { retry_after, .. }
            | Self::ExchangeNotAvailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

fn within(seconds: &u64) -> String {
    match seconds {
        0 => "within the exchange's own limit".into(),
        seconds => format!("within {seconds} s"),
    }
}

fn wait(after: &Option<Duration>) -> String {
    after.map_or_else(String::new, |after| {
        format!(", retry after {} s", after.as_secs())
    })
}
