//! Codes of exchanges, candles and what is made of them.

use super::Coded;
use crate::{
    download::DownloadError,
    evaluate::{EvaluateError, EvaluationError, HistoryError},
    exchange::{ExchangeError, SourceError},
    market::MarketError,
    replay::ReplayError,
};

impl Coded for ExchangeError {
    fn code(&self) -> &'static str {
        match self {
            Self::BadSymbol { .. } => "exchange.bad-symbol",
            Self::MarketClosed { .. } => "exchange.market-closed",
            Self::BadRequest { .. } => "exchange.bad-request",
            Self::RestrictedLocation { .. } => "exchange.restricted-location",
            Self::PermissionDenied { .. } => "exchange.permission-denied",
            Self::NotSupported { .. } => "exchange.not-supported",
            Self::NetworkError { .. } => "exchange.network",
            Self::RequestTimeout { .. } => "exchange.timeout",
            Self::RateLimitExceeded { .. } => "exchange.rate-limit",
            Self::DDoSProtection { .. } => "exchange.flood-protection",
            Self::ExchangeNotAvailable { .. } => "exchange.not-available",
            Self::OnMaintenance { .. } => "exchange.maintenance",
            Self::BadResponse { .. } => "exchange.bad-response",
        }
    }
}

impl Coded for SourceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Dataset(error) => error.code(),
            Self::Exchange(error) => error.code(),
            Self::Feature { .. } => "candles.no-window",
            Self::OffGrid { .. } => "candles.off-grid",
            Self::NotClosed { .. } => "candles.not-closed",
            Self::Settings(_) => "config.invalid",
            Self::Late { .. } => "candles.late",
            Self::Disagreement(_) => "candles.disagreement",
            Self::Unchecked { .. } => "candles.unchecked",
            Self::ClockSkew(_) => "exchange.clock-skew",
            Self::Missing { .. } => "candles.missing",
        }
    }
}

impl Coded for MarketError {
    fn code(&self) -> &'static str {
        match self {
            Self::Symbol(_) => "market.symbol",
            Self::Timeframe(_) => "market.timeframe",
        }
    }
}

impl Coded for DownloadError {
    fn code(&self) -> &'static str {
        match self {
            Self::Exchange { source } => source.code(),
            Self::Dataset(error) => error.code(),
            Self::Span { .. } => "download.span",
            Self::Folder { .. } => "file.failed",
            Self::Locked { .. } => "download.locked",
            Self::Foreign { .. } => "download.foreign",
            Self::BeginsLater { .. } => "download.begins-later",
            Self::Differs { .. } => "download.differs",
            Self::Empty { .. } => "download.empty",
        }
    }
}

impl Coded for HistoryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Folder { .. } => "candles.unreadable",
            Self::NoCandles { .. } | Self::Empty { .. } => "candles.none",
            Self::SeveralCandles { .. } => "candles.several",
            Self::NoSymbol { .. } => "candles.no-symbol",
            Self::WhoseFunding { .. } => "candles.whose-funding",
            Self::Dataset(error) => error.code(),
        }
    }
}

impl Coded for EvaluateError {
    fn code(&self) -> &'static str {
        match self {
            Self::Classes { .. } => "model.widths",
            Self::Evaluation(error) => error.code(),
            Self::Network(error) => error.code(),
        }
    }
}

impl Coded for EvaluationError {
    fn code(&self) -> &'static str {
        match self {
            Self::Order { .. } => "evaluate.order",
            Self::NoWindow { .. } => "evaluate.no-window",
            Self::Answers { .. } => "internal",
            Self::Feature { .. } => "candles.no-window",
        }
    }
}

impl Coded for ReplayError {
    fn code(&self) -> &'static str {
        match self {
            Self::Source(error) => error.code(),
            Self::File { .. } => "replay.file",
            Self::Short { .. } => "replay.short",
        }
    }
}
