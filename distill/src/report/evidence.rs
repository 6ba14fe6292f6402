//! What a model's answers are worth, from its shipped files: hit rates by margin and a walk of the treasury's rule.
//!
//! ```text
//! Shipped + history --windows of the parts--> integer inference --margins--> calibration.{json,md,svg}
//!                                                              --signals (and another model's regimes)--> backtest.{json,md,svg}
//! ```
//!
//! Margins are fitted on the validation part and measured on the test part; the backtest walks the test part.

use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use veriregime_circuits::model::IntegerModel;
use veriregime_features::labels::Question;

use crate::backtest::{self, Market, Settings, Signals};
use crate::calibration::{Answer, Transfer, margin_of_integers};
use crate::data::{History, Samples};
use crate::exhibit::Exhibit;
use crate::pipeline::{classify, window};
use crate::{Error, Shipped};

/// Units of a candle's close per unit of the quote token.
const CLOSE_UNIT: f64 = 1e8;

/// Both reports of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Hit rates by margin, fitted on the validation part, measured on the test part.
    pub calibration: Transfer,
    /// The treasury's rule on the test part, of a model that answers signals.
    pub backtest: Option<Walk>,
}

/// A backtest and whose answers it walks with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Walk {
    /// The model that gave the signals.
    pub signals: Origin,
    /// The model that gave the regimes, if one did.
    pub regimes: Option<Origin>,
    /// What was found.
    pub report: backtest::Report,
}

/// A model, by name and digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// Its name.
    pub model: String,
    /// Digest of its integers, hexadecimal.
    pub digest: String,
}

impl Origin {
    fn of(shipped: &Shipped) -> Self {
        Self {
            model: shipped.manifest.name.clone(),
            digest: hex::encode(shipped.model.digest()),
        }
    }
}

impl Evidence {
    /// Computes both reports; `regime` is a second model that tells a signal model's rule when to keep below its cap.
    ///
    /// # Errors
    /// [`Error::Question`] for models of the wrong kind, [`Error::Seen`] for a second model that knows the test part, whatever
    /// else is wrong with the history.
    pub fn of(
        shipped: &Shipped,
        history: &History,
        regime: Option<&Shipped>,
    ) -> Result<Self, Error> {
        let splits = &shipped.manifest.training.splits;
        let validation = shipped.part(history, &splits.validation)?;
        let test = shipped.part(history, &splits.test)?;
        let calibration = Transfer::new(
            &shipped.manifest.name,
            ("validation part", &answers(&shipped.model, &validation)?),
            ("test part", &answers(&shipped.model, &test)?),
            shipped.question().classes(),
        )?;
        let backtest = match (shipped.question(), regime) {
            (Question::Signal, _) => Some(walk(shipped, &test, history, regime)?),
            (Question::Regime, None) => None,
            (found @ Question::Regime, Some(_)) => {
                return Err(Error::Question {
                    model: shipped.manifest.name.clone(),
                    found,
                    wanted: Question::Signal,
                });
            }
        };
        Ok(Self {
            calibration,
            backtest,
        })
    }

    /// Writes the reports into a folder: `calibration.*`, and `backtest.*` if there is one.
    ///
    /// # Errors
    /// [`Error::Io`] naming the file, [`Error::Plot`] when there is nothing to draw.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        self.calibration.exhibit("calibration")?.write(folder)?;
        match &self.backtest {
            Some(walk) => walk.exhibit("backtest")?.write(folder),
            None => Ok(()),
        }
    }
}

impl Walk {
    /// The backtest as files of a name.
    ///
    /// # Errors
    /// [`Error::Plot`] when a value is not finite.
    pub fn exhibit(&self, name: &str) -> Result<Exhibit, Error> {
        let of = |what: &str, origin: &Origin| {
            format!("{what} of `{}` (digest `{}`)", origin.model, origin.digest)
        };
        let mut page = self.report.markdown();
        page += &format!("\n{}", of("Signals", &self.signals));
        if let Some(regimes) = &self.regimes {
            page += &format!(", {}", of("regimes", regimes));
        }
        page += &format!(", on the test part.\n\n![Equity curves]({name}.svg)\n");
        Exhibit::new(name, self, page, self.report.svg()?)
    }
}

/// The integer model's answers to labelled windows.
///
/// # Errors
/// [`Error::Model`] when an input does not fit the model.
pub fn answers(model: &IntegerModel, samples: &Samples) -> Result<Vec<Answer>, Error> {
    (0..samples.len())
        .into_par_iter()
        .map(|index| {
            let inference = model.infer(&window(samples, index))?;
            let logits: Vec<i128> = inference.logits.iter().copied().map(i128::from).collect();
            Ok(Answer {
                // Every model has two classes at least.
                margin: margin_of_integers(&logits).unwrap_or(0.0),
                class: inference.class as u8,
                label: samples.labels[index],
            })
        })
        .collect()
}

/// The treasury's rule at every close of the test part, until the last signal can be executed.
fn walk(
    shipped: &Shipped,
    test: &Samples,
    history: &History,
    regime: Option<&Shipped>,
) -> Result<Walk, Error> {
    let settings = Settings::default();
    let dates = &shipped.manifest.training.splits.test;
    let span = dates.from..=dates.to + settings.delay;
    let candles = history.candles.iter();
    let (times, closes): (Vec<u64>, Vec<f64>) = candles
        .filter(|candle| span.contains(&candle.close_time()))
        .map(|candle| (candle.close_time(), candle.close as f64 / CLOSE_UNIT))
        .unzip();
    let market = Market {
        times: &times,
        closes: &closes,
    };
    let classes = classify(&shipped.model, test, 0..test.len())?;
    let regimes = regime
        .map(|regime| regimes(regime, shipped, history))
        .transpose()?;
    let signals = Signals {
        times: &test.close_times,
        classes: &classes,
        regimes: regimes.as_deref(),
    };
    Ok(Walk {
        signals: Origin::of(shipped),
        regimes: regime.map(Origin::of),
        report: backtest::run(&market, &signals, &settings)?,
    })
}

/// A second model's answers at the times of the first one's test part, from windows in its own scale.
fn regimes(regime: &Shipped, shipped: &Shipped, history: &History) -> Result<Vec<u8>, Error> {
    if regime.question() != Question::Regime {
        return Err(Error::Question {
            model: regime.manifest.name.clone(),
            found: regime.question(),
            wanted: Question::Regime,
        });
    }
    let training = &regime.manifest.training;
    let until = training.splits.validation.to + u64::from(training.horizon_minutes) * 60;
    let dates = &shipped.manifest.training.splits.test;
    if until > dates.from {
        return Err(Error::Seen {
            model: regime.manifest.name.clone(),
            until,
            from: dates.from,
        });
    }
    let sampling = shipped.data().sampling();
    let (places, _) = sampling.places(&history.candles, dates.from..=dates.to);
    // The labels are those of the first model's question, and nobody reads them.
    let samples = Samples::compute(regime.question(), history, &places, &regime.manifest.scale)?;
    classify(&regime.model, &samples, 0..samples.len())
}
