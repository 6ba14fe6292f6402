//! Why there is no window.

use veriregime_features::{FeatureError, dataset};

use super::{
    ClockSkew, Disagreement, ExchangeError, SettingsError, Silence, Silent, SourceKind,
    agreement::newest_words,
};

/// No window could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The data directory cannot be read.
    #[error(transparent)]
    Dataset(#[from] dataset::DatasetError),
    /// The settings do not make a source.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The exchange failed.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The candles do not make a window.
    #[error("window closing at {close_time}: {error}")]
    Feature {
        /// Close time asked for, UNIX seconds.
        close_time: u64,
        /// What the feature layer objected to.
        error: FeatureError,
    },
    /// The close time is not the end of a candle.
    #[error("close time {close_time} is not on the grid of {step} s: the last whole candle before it closes at {}", close_time - close_time % step)]
    OffGrid {
        /// Close time asked for.
        close_time: u64,
        /// Candle length in seconds.
        step: u64,
    },
    /// The window's last candle is still open by the source's clock.
    #[error(
        "close time {close_time} lies after the source's clock ({now}): wait for the candle to close"
    )]
    NotClosed {
        /// Close time asked for.
        close_time: u64,
        /// The source's clock, UNIX seconds.
        now: u64,
    },
    /// The exchange's clock says that the last candle is closed, but the exchange has not published it yet.
    #[error(
        "{exchange} has not published the candle that closes at {close_time} yet{}: ask again shortly",
        newest_words(.newest)
    )]
    Late {
        /// Exchange id.
        exchange: &'static str,
        /// Close time asked for, UNIX seconds.
        close_time: u64,
        /// Close of the newest candle that it has of the window, UNIX seconds.
        newest: Option<u64>,
    },
    /// The source lacks candles of the window.
    #[error(
        "{kind} source has {got} of the {want} candles that the window closing at {close_time} needs: choose a later close time or a source with more history"
    )]
    Missing {
        /// The source.
        kind: SourceKind,
        /// Close time asked for.
        close_time: u64,
        /// Candles found.
        got: usize,
        /// Candles needed.
        want: usize,
    },
    /// Another exchange tells another price: nothing may be published.
    #[error(transparent)]
    Disagreement(Box<Disagreement>),
    /// No other exchange confirmed the window.
    #[error(
        "nobody confirms the window closing at {close_time}, so nothing is published: {}",
        listed(.silent)
    )]
    Unchecked {
        /// Close time asked for, UNIX seconds.
        close_time: u64,
        /// Every exchange that was asked, and why it did not confirm.
        silent: Vec<Silent>,
    },
    /// The only exchange's clock is ahead of this machine's: its open candle would count as closed.
    #[error(transparent)]
    ClockSkew(#[from] ClockSkew),
}

fn listed(silent: &[Silent]) -> String {
    let words: Vec<_> = silent.iter().map(ToString::to_string).collect();
    words.join("; ")
}

impl SourceError {
    /// Whether asking again shortly may help: the candle is not closed or not published yet, or a host failed.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Exchange(error) => error.is_retryable(),
            Self::NotClosed { .. } | Self::Late { .. } => true,
            Self::Unchecked { silent, .. } => silent.iter().any(|one| match &one.silence {
                Silence::Exchange(error) => error.is_retryable(),
                Silence::Slow | Silence::NotClosed { .. } => true,
                Silence::LastCandle { newest, .. } => newest.is_some(),
                Silence::Clock(_) => false,
            }),
            _ => false,
        }
    }

    /// A stable name of the error's class, for logs and metrics.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Exchange(error) => error.class(),
            Self::Dataset(_) => "Dataset",
            Self::Settings(_) => "Settings",
            Self::Feature { .. } => "Feature",
            Self::OffGrid { .. } => "OffGrid",
            Self::NotClosed { .. } => "NotClosed",
            Self::Late { .. } => "Late",
            Self::Missing { .. } => "Missing",
            Self::Disagreement(_) => "Disagreement",
            Self::Unchecked { .. } => "Unchecked",
            Self::ClockSkew(_) => "ClockSkew",
        }
    }
}
