//! Which sources a node uses: the `[candles]` table of its configuration.
//!
//! ```toml
//! [candles]
//! sources = ["binance", "kraken"]   # the first makes the window, every other must agree with it
//! max_difference_bps = 50           # of the close prices
//! data = "folder"                   # for "file"
//! [candles.urls]                    # other hosts
//! kraken = "http://127.0.0.1:9000"
//! ```

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
};

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{
    Binance, CandleSource, Coinbase, Exchange, FileExchange, Kraken, Okx, Patience, SourceError,
    SourceKind, SyntheticExchange,
};
use crate::market::Market;

/// A source by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceName {
    /// Binance spot and USD-M futures.
    Binance,
    /// Kraken spot.
    Kraken,
    /// Coinbase Exchange spot.
    Coinbase,
    /// OKX spot and USDT-settled perpetual contracts.
    Okx,
    /// Recorded candles.
    File,
    /// Invented candles.
    Synthetic,
}

impl SourceName {
    const ALL: [Self; 6] = [
        Self::Binance,
        Self::Kraken,
        Self::Coinbase,
        Self::Okx,
        Self::File,
        Self::Synthetic,
    ];

    /// The name in a configuration and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binance => "binance",
            Self::Kraken => "kraken",
            Self::Coinbase => "coinbase",
            Self::Okx => "okx",
            Self::File => "file",
            Self::Synthetic => "synthetic",
        }
    }

    fn kind(self) -> SourceKind {
        match self {
            Self::File => SourceKind::File,
            Self::Synthetic => SourceKind::Synthetic,
            _ => SourceKind::Exchange,
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SourceName {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, SettingsError> {
        let mut all = Self::ALL.into_iter();
        all.find(|one| one.as_str() == name)
            .ok_or_else(|| SettingsError::UnknownSource { name: name.into() })
    }
}

/// Hosts other than the public ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Urls {
    /// Binance's spot API.
    pub binance: Option<String>,
    /// Binance's futures API; default: the host of `binance` if that is given.
    pub binance_futures: Option<String>,
    /// Kraken.
    pub kraken: Option<String>,
    /// Coinbase Exchange.
    pub coinbase: Option<String>,
    /// OKX.
    pub okx: Option<String>,
}

impl Urls {
    const NAMES: &str = "binance, binance_futures, kraken, coinbase, okx";

    /// Sets one from `NAME=URL`.
    ///
    /// # Errors
    /// [`SettingsError`] for another form, an unknown name or a name that is set already.
    pub fn set(&mut self, assignment: &str) -> Result<(), SettingsError> {
        let refuse = |reason: &str| SettingsError::Url {
            name: assignment.into(),
            reason: reason.into(),
        };
        let (name, url) = assignment
            .split_once('=')
            .ok_or_else(|| refuse("write NAME=URL"))?;
        let place = match name {
            "binance" => &mut self.binance,
            "binance_futures" => &mut self.binance_futures,
            "kraken" => &mut self.kraken,
            "coinbase" => &mut self.coinbase,
            "okx" => &mut self.okx,
            _ => return Err(refuse(&format!("the names are {}", Self::NAMES))),
        };
        if place.is_some() {
            return Err(refuse("this name has a URL already"));
        }
        *place = Some(url.into());
        Ok(())
    }

    fn check(&self) -> Result<(), SettingsError> {
        for (name, url) in [
            ("binance", &self.binance),
            ("binance_futures", &self.binance_futures),
            ("kraken", &self.kraken),
            ("coinbase", &self.coinbase),
            ("okx", &self.okx),
        ] {
            let Some(url) = url else { continue };
            check_url(url).map_err(|reason| SettingsError::Url {
                name: format!("{name} = {url}"),
                reason,
            })?;
        }
        Ok(())
    }
}

/// A base URL of HTTP or HTTPS; the paths are the client's.
fn check_url(url: &str) -> Result<(), String> {
    let parsed = Url::parse(url).map_err(|error| error.to_string())?;
    if !["http", "https"].contains(&parsed.scheme()) || !parsed.has_host() {
        return Err("http:// or https:// and a host are needed".into());
    }
    if parsed.query().is_some() || parsed.fragment().is_some() {
        return Err("a base URL has no ? and no #".into());
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err("public market data needs no user and no password".into());
    }
    Ok(())
}

/// The `[candles]` table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourceSettings {
    /// The first makes the window, every other must agree with it.
    pub sources: Vec<SourceName>,
    /// Largest difference of two exchanges' close prices, in basis points of the lower one.
    pub max_difference_bps: u32,
    /// Folder of recorded candles, for `file`.
    pub data: Option<PathBuf>,
    /// Hosts other than the public ones.
    pub urls: Urls,
}

impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            sources: vec![SourceName::Binance],
            max_difference_bps: 50,
            data: None,
            urls: Urls::default(),
        }
    }
}

/// Settings that do not make a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A name that no source has.
    #[error(
        "`{name}` is no source of candles: choose among binance, kraken, coinbase, okx, file and synthetic"
    )]
    UnknownSource {
        /// The name.
        name: String,
    },
    /// An empty list.
    #[error("no source of candles is named: name at least one, for example binance")]
    NoSource,
    /// The same source twice: it cannot check itself.
    #[error("source {name} is named twice: another exchange must check the first")]
    Repeated {
        /// The name.
        name: SourceName,
    },
    /// Invented candles beside others.
    #[error("synthetic candles agree with no market: name them alone or not at all")]
    SyntheticAmongOthers,
    /// `file` without a folder.
    #[error("source file needs the folder of the candles: give --data or candles.data")]
    NoData,
    /// None of the sources has funding rates.
    #[error(
        "no funding rates: a window needs them, and {} has none; add binance, okx or file",
        .sources.join(" and ")
    )]
    NoFunding {
        /// Ids of the sources.
        sources: Vec<&'static str>,
    },
    /// A bound that is none.
    #[error(
        "max_difference_bps = {given}: choose 1 to 1000 (0.01 % to 10 %); exchanges are usually within 20"
    )]
    Difference {
        /// What was given.
        given: u32,
    },
    /// A bad URL.
    #[error("exchange URL `{name}`: {reason}")]
    Url {
        /// Which one.
        name: String,
        /// What is wrong.
        reason: String,
    },
}

impl SourceSettings {
    /// Makes the source; nothing is asked of an exchange yet ([`CandleSource::require_market`] does that).
    ///
    /// # Errors
    /// [`SourceError::Settings`] for settings that make no sense, [`SourceError::Dataset`] for a folder that cannot be read.
    pub fn open(&self, market: Market) -> Result<CandleSource, SourceError> {
        self.check()?;
        let mut exchanges = self
            .sources
            .iter()
            .map(|name| by_name(*name, &self.urls, self.data.as_deref()))
            .collect::<Result<Vec<_>, _>>()?
            .into_iter();
        let (Some(name), Some(first)) = (self.sources.first(), exchanges.next()) else {
            return Err(SettingsError::NoSource.into());
        };
        let source = CandleSource::of(name.kind(), first, market);
        Ok(source.checked_by(exchanges.collect(), self.max_difference_bps)?)
    }

    /// Checks what can be checked without opening anything.
    ///
    /// # Errors
    /// [`SettingsError`], naming what makes no sense.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.sources.is_empty() {
            return Err(SettingsError::NoSource);
        }
        for (index, name) in self.sources.iter().enumerate() {
            if self
                .sources
                .iter()
                .skip(index + 1)
                .any(|other| other == name)
            {
                return Err(SettingsError::Repeated { name: *name });
            }
        }
        if self.sources.len() > 1 && self.sources.contains(&SourceName::Synthetic) {
            return Err(SettingsError::SyntheticAmongOthers);
        }
        if self.sources.contains(&SourceName::File) && self.data.is_none() {
            return Err(SettingsError::NoData);
        }
        if !(1..=1_000).contains(&self.max_difference_bps) {
            let given = self.max_difference_bps;
            return Err(SettingsError::Difference { given });
        }
        self.urls.check()
    }
}

/// The client of one source.
///
/// # Errors
/// [`SourceError`] for a folder that is missing or cannot be read.
pub fn by_name(
    name: SourceName,
    urls: &Urls,
    data: Option<&Path>,
) -> Result<Arc<dyn Exchange>, SourceError> {
    let patience = Patience::default();
    let url = |given: &Option<String>, public: &str| given.clone().unwrap_or_else(|| public.into());
    Ok(match name {
        SourceName::Binance => {
            let futures = match (&urls.binance_futures, &urls.binance) {
                (Some(futures), _) => futures,
                (None, Some(spot)) => spot,
                (None, None) => Binance::FUTURES,
            };
            let spot = url(&urls.binance, Binance::SPOT);
            Arc::new(Binance::with(&spot, futures, patience)?)
        }
        SourceName::Kraken => Arc::new(Kraken::with(&url(&urls.kraken, Kraken::URL), patience)?),
        SourceName::Coinbase => Arc::new(Coinbase::with(
            &url(&urls.coinbase, Coinbase::URL),
            patience,
        )?),
        SourceName::Okx => Arc::new(Okx::with(&url(&urls.okx, Okx::URL), patience)?),
        SourceName::File => {
            let folder = data.ok_or(SettingsError::NoData)?;
            Arc::new(FileExchange::open(folder)?)
        }
        SourceName::Synthetic => Arc::new(SyntheticExchange::new(SyntheticExchange::SEED)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(sources: &[SourceName]) -> SourceSettings {
        SourceSettings {
            sources: sources.to_vec(),
            ..SourceSettings::default()
        }
    }

    fn refused(settings: &SourceSettings) -> SettingsError {
        match settings.open(Market::btc_usdt_minutes()) {
            Err(SourceError::Settings(error)) => error,
            Err(error) => panic!("{error}"),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn first_source_makes_the_window_and_any_may_have_the_funding() {
        use SourceName::{Binance, Coinbase, Kraken, Okx};
        for (sources, names) in [
            (vec![Binance], vec!["binance"]),
            (vec![Binance, Kraken], vec!["binance", "kraken"]),
            (vec![Kraken, Okx], vec!["kraken", "okx"]),
            (
                vec![Coinbase, Kraken, Binance],
                vec!["coinbase", "kraken", "binance"],
            ),
        ] {
            let source = settings(&sources).open(Market::btc_usdt_minutes()).unwrap();
            assert_eq!(source.exchanges(), names);
            assert_eq!(source.kind(), SourceKind::Exchange);
        }
        let synthetic = settings(&[SourceName::Synthetic]);
        let synthetic = synthetic.open(Market::btc_usdt_minutes()).unwrap();
        assert_eq!(synthetic.kind(), SourceKind::Synthetic);
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_by_name() {
        use SourceName::{Binance, Coinbase, File, Kraken, Synthetic};
        assert_eq!(refused(&settings(&[])), SettingsError::NoSource);
        assert_eq!(
            refused(&settings(&[Binance, Kraken, Binance])),
            SettingsError::Repeated { name: Binance }
        );
        assert_eq!(
            refused(&settings(&[Synthetic, Binance])),
            SettingsError::SyntheticAmongOthers
        );
        assert_eq!(refused(&settings(&[File])), SettingsError::NoData);
        assert_eq!(
            refused(&settings(&[Kraken, Coinbase])),
            SettingsError::NoFunding {
                sources: vec!["kraken", "coinbase"]
            }
        );
        for given in [0, 1_001] {
            let settings = SourceSettings {
                max_difference_bps: given,
                ..SourceSettings::default()
            };
            assert_eq!(refused(&settings), SettingsError::Difference { given });
        }
        for url in [
            "127.0.0.1:9000",
            "ftp://host",
            "file:///etc/passwd",
            "http://",
            "http://host?x=1",
            "https://user:secret@host",
        ] {
            let mut settings = SourceSettings::default();
            settings.urls.okx = Some(url.into());
            let error = refused(&settings);
            assert!(matches!(error, SettingsError::Url { .. }), "{url}: {error}");
        }
    }

    #[test]
    fn urls_are_set_once_and_by_known_names() {
        let mut urls = Urls::default();
        urls.set("kraken=http://127.0.0.1:1").unwrap();
        assert_eq!(urls.kraken.as_deref(), Some("http://127.0.0.1:1"));
        for wrong in [
            "kraken=http://127.0.0.1:2",
            "kraken",
            "bybit=http://127.0.0.1:1",
            "",
        ] {
            assert!(urls.set(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_keys_and_names_are_refused() {
        let read = serde_json::from_str::<SourceSettings>;
        assert_eq!(read("{}").unwrap(), SourceSettings::default());
        let given = read(
            r#"{"sources":["okx","kraken"],"max_difference_bps":20,"urls":{"okx":"http://127.0.0.1:1"}}"#,
        );
        assert_eq!(
            given.unwrap().sources,
            [SourceName::Okx, SourceName::Kraken]
        );
        for text in [
            r#"{"source":["okx"]}"#,
            r#"{"sources":["bybit"]}"#,
            r#"{"urls":{"bybit":"http://127.0.0.1:1"}}"#,
            r#"{"max_difference_bps":-1}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
