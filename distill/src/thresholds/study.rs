//! Counting labels by threshold.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use veriregime_features::manifest::SourceFile;
use veriregime_features::places::Place;

use crate::config::DataConfig;
use crate::data::{History, Split};
use crate::exhibit::Exhibit;
use crate::{Error, plot};
use veriregime_features::labels::CLASSES;

use super::{page, picture};

/// The thresholds, as ratios.
pub const THETAS: [f64; 12] = [
    0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02,
];

/// Shares of SELL, HOLD and BUY that the project's reports give, in percent: part, theta, shares.
const REPORTED: [(&str, f64, [f64; CLASSES]); 2] = [
    ("training", 0.002, [21.5, 54.9, 23.6]),
    ("test", 0.002, [26.9, 45.3, 27.8]),
];

/// Labels of every part under every threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Minutes between two windows.
    pub stride_minutes: u32,
    /// Minutes ahead the label looks.
    pub horizon_minutes: u32,
    /// Windows of the whole span, those in the gaps between parts included.
    pub windows: u64,
    /// Windows left out because they cross a gap in the candles.
    pub skipped_windows: u64,
    /// The files the candles came from.
    pub sources: Vec<SourceFile>,
    /// Training, validation and test.
    pub parts: Vec<Part>,
    /// The reported shares beside the measured ones.
    pub comparison: Vec<Comparison>,
}

/// A part of the split.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// First close time, UNIX seconds.
    pub from: u64,
    /// Last close time, UNIX seconds.
    pub to: u64,
    /// Number of windows.
    pub windows: u64,
    /// Labels by threshold, ascending.
    pub shares: Vec<Shares>,
}

/// Labels under one threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// The threshold, as a ratio.
    pub theta: f64,
    /// Windows labelled SELL, HOLD and BUY.
    pub counts: [u64; CLASSES],
    /// The same as shares of the part's windows.
    pub shares: [f64; CLASSES],
}

/// A reported row beside the measured one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The part.
    pub part: String,
    /// The threshold, as a ratio.
    pub theta: f64,
    /// Reported shares of SELL, HOLD and BUY, in percent.
    pub reported_percent: [f64; CLASSES],
    /// Measured shares, in percent.
    pub measured_percent: [f64; CLASSES],
    /// Largest difference, in percentage points.
    pub largest_difference: f64,
}

impl Study {
    /// Counts the labels of a history.
    ///
    /// # Errors
    /// [`Error::TooFewWindows`] when the history is too short to be split.
    pub fn of(history: &History, data: &DataConfig) -> Result<Self, Error> {
        let (all, skipped_windows) = places(history, data, data.theta);
        let close_times: Vec<u64> = all.iter().map(|place| place.close_time).collect();
        let split = Split::in_time(&close_times, data.horizon_minutes)?;
        let mut parts: Vec<Part> = [
            ("training", &split.train),
            ("validation", &split.validation),
            ("test", &split.test),
        ]
        .map(|(name, range)| Part {
            name: name.to_owned(),
            from: close_times.get(range.start).copied().unwrap_or(0),
            to: close_times[range.clone()].last().copied().unwrap_or(0),
            windows: range.len() as u64,
            shares: Vec::new(),
        })
        .into();
        for theta in THETAS {
            let (labelled, _) = places(history, data, theta);
            for (part, range) in
                parts
                    .iter_mut()
                    .zip([&split.train, &split.validation, &split.test])
            {
                part.shares.push(count(theta, &labelled, range));
            }
        }
        Ok(Self {
            stride_minutes: data.stride_minutes,
            horizon_minutes: data.horizon_minutes,
            windows: all.len() as u64,
            skipped_windows,
            sources: history.sources.clone(),
            comparison: compare(&parts),
            parts,
        })
    }

    /// The study as files named `labels`.
    ///
    /// # Errors
    /// [`Error::Plot`] when a part holds no window.
    pub fn exhibit(&self) -> Result<Exhibit, Error> {
        let svg = plot::bars(&picture::of(self))?;
        Exhibit::new("labels", self, page::of(self), svg)
    }
}

/// Windows with their labels under a threshold. Which windows there are does not depend on it.
fn places(history: &History, data: &DataConfig, theta: f64) -> (Vec<Place>, u64) {
    let data = DataConfig {
        theta,
        ..data.clone()
    };
    data.sampling().places(&history.candles, 0..=u64::MAX)
}

fn count(theta: f64, places: &[Place], range: &Range<usize>) -> Shares {
    let part = &places[range.clone()];
    let counts = std::array::from_fn(|class| {
        let of_class = part
            .iter()
            .filter(|place| usize::from(place.label) == class);
        of_class.count() as u64
    });
    Shares {
        theta,
        counts,
        shares: counts.map(|count| count as f64 / part.len().max(1) as f64),
    }
}

fn compare(parts: &[Part]) -> Vec<Comparison> {
    let rows = REPORTED
        .iter()
        .filter_map(|&(name, theta, reported_percent)| {
            let part = parts.iter().find(|part| part.name == name)?;
            let measured = part.shares.iter().find(|shares| shares.theta == theta)?;
            let measured_percent = measured.shares.map(|share| share * 100.0);
            let differences = reported_percent.iter().zip(&measured_percent);
            Some(Comparison {
                part: name.to_owned(),
                theta,
                reported_percent,
                measured_percent,
                largest_difference: differences.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max),
            })
        });
    rows.collect()
}
