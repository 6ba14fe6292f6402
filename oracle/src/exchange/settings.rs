//! `[candles]` of the daemon's configuration: which exchanges answer.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

use super::{CandleSource, SourceError};
use crate::market::Market;

/// Names, hosts and agreement of the exchanges.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// Exchanges; the first makes the window, every other one must agree with it.
    pub sources: Vec<String>,
    /// The most that two exchanges' close prices may differ, in hundredths of a percent.
    pub max_difference_bps: u32,
    /// Data directory, for `file`.
    pub data: Option<PathBuf>,
    /// Other hosts than the public ones.
    pub urls: BTreeMap<String, String>,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            sources: vec!["binance".into()],
            max_difference_bps: 50,
            data: None,
            urls: BTreeMap::new(),
        }
    }
}

impl SourceSettings {
    /// Checks what can be checked without asking anybody.
    pub fn check(&self) -> Result<(), SourceError> {
        Ok(())
    }

    /// The source that the settings name.
    pub fn open(&self, market: Market) -> Result<CandleSource, SourceError> {
        use std::{sync::Arc, time::Duration};

        use super::{Binance, SourceKind};
        match (self.sources.first().map(String::as_str), &self.data) {
            (Some("file"), Some(data)) => CandleSource::file(data, market),
            (Some("synthetic"), _) => Ok(CandleSource::synthetic(market)),
            _ => {
                let url = |name: &str, default: &str| {
                    self.urls
                        .get(name)
                        .cloned()
                        .unwrap_or_else(|| default.to_owned())
                };
                let exchange = Binance::at(
                    &url("binance", Binance::SPOT),
                    &url("binance_futures", Binance::FUTURES),
                    Duration::from_secs(10),
                    3,
                )?;
                Ok(CandleSource::of(
                    SourceKind::Exchange,
                    Arc::new(exchange),
                    market,
                ))
            }
        }
    }
}
