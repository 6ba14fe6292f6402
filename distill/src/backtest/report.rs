//! All strategies and controls over one span.

use serde::{Deserialize, Serialize};

use crate::exhibit::Exhibit;
use crate::plot;

use super::control::{Rearrangement, control};
use super::measure::Performance;
use super::settings::Settings;
use super::simulate::walk;
use super::{Control, Error, Market, Rule, Signals, page, picture};

/// What a simulation found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The settings.
    pub settings: Settings,
    /// First close, UNIX seconds.
    pub from: u64,
    /// Last close, UNIX seconds.
    pub to: u64,
    /// Closes of the market.
    pub closes: u64,
    /// Signals: SELL, HOLD, BUY.
    pub classes: [u64; 3],
    /// How many signals came while volatility was HIGH, if regimes were given.
    pub high: Option<u64>,
    /// The signal rule first.
    pub strategies: Vec<Performance>,
    /// Permuted and rotated signals.
    pub controls: Vec<Control>,
    /// Least and most value of the rotated signals at the end of each day.
    pub rotated: Vec<Range>,
}

/// A range of values at a time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Close time, UNIX seconds.
    pub time: u64,
    /// Least value, USD.
    pub least: f64,
    /// Largest value, USD.
    pub most: f64,
}

/// Simulates every strategy and control.
///
/// # Errors
/// [`Error`] naming what is wrong with the market, the signals or the settings.
pub fn run(
    market: &Market<'_>,
    signals: &Signals<'_>,
    settings: &Settings,
) -> Result<Report, Error> {
    settings.check()?;
    market.check()?;
    signals.check(market)?;
    let measure = |rule: Rule| {
        let path = walk(market, signals, settings, rule);
        Performance::of(rule, &path, market, settings)
    };
    let truth = measure(Rule::Signal);
    let capped = signals.regimes.map(|_| Rule::CappedSignal);
    let others = capped
        .into_iter()
        .chain([Rule::BuyAndHold, Rule::ConstantMix, Rule::Cash]);
    let mut controls = Vec::new();
    let mut rotated = Vec::new();
    for rearrangement in [Rearrangement::Permuted, Rearrangement::Rotated] {
        let (summary, results) = control(market, signals, settings, &truth, rearrangement);
        controls.push(summary);
        rotated = ranges(&results);
    }
    let count = |class: u8| {
        signals
            .classes
            .iter()
            .filter(|&&found| found == class)
            .count() as u64
    };
    Ok(Report {
        settings: settings.clone(),
        from: market.times.first().copied().unwrap_or(0),
        to: market.times.last().copied().unwrap_or(0),
        closes: market.times.len() as u64,
        classes: [0, 1, 2].map(count),
        high: signals
            .regimes
            .map(|regimes| regimes.iter().filter(|&&regime| regime == 1).count() as u64),
        strategies: std::iter::once(truth.clone())
            .chain(others.map(measure))
            .collect(),
        controls,
        rotated,
    })
}

fn ranges(results: &[Performance]) -> Vec<Range> {
    let Some(first) = results.first() else {
        return Vec::new();
    };
    let days = first.days.iter().enumerate();
    days.map(|(index, day)| {
        let values = results.iter().filter_map(|result| result.days.get(index));
        let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), day| {
            (least.min(day.value), most.max(day.value))
        });
        Range {
            time: day.time,
            least,
            most,
        }
    })
    .collect()
}

impl Report {
    /// The performance of a rule, if it was simulated.
    #[must_use]
    pub fn strategy(&self, rule: Rule) -> Option<&Performance> {
        self.strategies.iter().find(|found| found.rule == rule)
    }

    /// The report as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        page::of(self)
    }

    /// The equity curves.
    ///
    /// # Errors
    /// [`plot::Error`] when a value is not finite.
    pub fn svg(&self) -> Result<String, plot::Error> {
        plot::lines(&picture::of(self))
    }

    /// The report as files of a name.
    ///
    /// # Errors
    /// [`crate::Error::Plot`] when a value is not finite.
    pub fn exhibit(&self, name: &str) -> Result<Exhibit, crate::Error> {
        let picture = format!("\n![Equity curves]({name}.svg)\n");
        Exhibit::new(name, self, self.markdown() + &picture, self.svg()?)
    }
}
