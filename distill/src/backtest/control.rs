//! What luck does: the signal rule on signals whose timing was destroyed.

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::measure::{Performance, moments};
use super::settings::Settings;
use super::simulate::walk;
use super::{Market, Rule, Signals};

/// The signal rule on many rearrangements of the signals. Returns are ratios.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// What was done to the signals.
    pub name: String,
    /// Seed of each simulation.
    pub seeds: Vec<u64>,
    /// Return of each simulation, after costs.
    pub returns: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation.
    pub deviation: f64,
    /// Mean return with the costs added back.
    pub mean_before_costs: f64,
    /// Mean number of trades.
    pub mean_trades: f64,
    /// How many did at least as well as the true signals, after costs.
    pub as_good: u64,
    /// How many did at least as well as the true signals, with the costs added back.
    pub as_good_before_costs: u64,
}

/// What is done to the signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rearrangement {
    /// Any order: the same frequencies, but other runs, and therefore other costs.
    Permuted,
    /// Begun somewhere else, the beginning appended: the same frequencies and runs at other times.
    Rotated,
}

impl Rearrangement {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Permuted => "permuted signals",
            Self::Rotated => "rotated signals",
        }
    }

    fn apply(self, classes: &[u8], seed: u64) -> Vec<u8> {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let mut classes = classes.to_vec();
        match self {
            Self::Permuted => classes.shuffle(&mut generator),
            Self::Rotated => {
                // At least a twentieth away from where the signals belong.
                let margin = classes.len() / 20;
                let range = margin..classes.len() - margin;
                if !range.is_empty() {
                    classes.rotate_left(generator.gen_range(range));
                }
            }
        }
        classes
    }
}

/// Simulates the controls; returns them with each simulation's performance.
pub(super) fn control(
    market: &Market<'_>,
    signals: &Signals<'_>,
    settings: &Settings,
    truth: &Performance,
    rearrangement: Rearrangement,
) -> (Control, Vec<Performance>) {
    let seeds: Vec<u64> = (0..settings.controls)
        .map(|index| settings.seed.wrapping_add(index))
        .collect();
    let results: Vec<Performance> = seeds
        .iter()
        .map(|&seed| {
            let classes = rearrangement.apply(signals.classes, seed);
            let signals = Signals {
                classes: &classes,
                ..*signals
            };
            let path = walk(market, &signals, settings, Rule::Signal);
            Performance::of(Rule::Signal, &path, market, settings)
        })
        .collect();
    let list = |of: fn(&Performance) -> f64| results.iter().map(of).collect::<Vec<f64>>();
    let returns = list(|result| result.total_return);
    let before_costs = list(|result| result.return_before_costs);
    let as_good =
        |values: &[f64], truth: f64| values.iter().filter(|value| **value >= truth).count() as u64;
    let (mean, deviation) = moments(&returns);
    let control = Control {
        name: rearrangement.name().to_owned(),
        seeds,
        mean,
        deviation: deviation.unwrap_or(0.0),
        mean_before_costs: moments(&before_costs).0,
        mean_trades: moments(&list(|result| result.trades as f64)).0,
        as_good: as_good(&returns, truth.total_return),
        as_good_before_costs: as_good(&before_costs, truth.return_before_costs),
        returns,
    };
    (control, results)
}
