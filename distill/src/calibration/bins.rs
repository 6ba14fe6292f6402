//! Answers in tenths by margin.

use serde::{Deserialize, Serialize};

use super::isotonic::isotonic;
use super::margin::Answer;

/// Number of bins, if margins repeat fewer.
const BINS: usize = 10;

/// Answers of similar margins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// Smallest margin.
    pub from: f64,
    /// Largest margin.
    pub to: f64,
    /// Mean margin.
    pub mean_margin: f64,
    /// Number of answers.
    pub count: u64,
    /// Share of right ones.
    pub hit_rate: f64,
    /// The hit rate made non-decreasing over the bins ([`isotonic`]).
    pub smoothed: f64,
}

/// The bins of answers in ascending order of margins: as even as possible, equal margins together.
pub(super) fn bins(sorted: &[Answer]) -> Vec<Bin> {
    let count = sorted.len();
    let mut bins = Vec::new();
    let mut start = 0;
    for bin in 1..=BINS {
        let mut end = (count * bin / BINS).max(start);
        while end > start && end < count && sorted[end].margin == sorted[end - 1].margin {
            end += 1;
        }
        bins.extend(bin_of(&sorted[start..end]));
        start = end;
    }
    let rates: Vec<(f64, f64)> = bins
        .iter()
        .map(|bin| (bin.hit_rate, bin.count as f64))
        .collect();
    for (bin, smoothed) in bins.iter_mut().zip(isotonic(&rates)) {
        bin.smoothed = smoothed;
    }
    bins
}

fn bin_of(answers: &[Answer]) -> Option<Bin> {
    let (first, last) = (answers.first()?, answers.last()?);
    let hit_rate = hit_rate(answers);
    Some(Bin {
        from: first.margin,
        to: last.margin,
        mean_margin: answers.iter().map(|answer| answer.margin).sum::<f64>() / answers.len() as f64,
        count: answers.len() as u64,
        hit_rate,
        smoothed: hit_rate,
    })
}

/// Share of right answers; 0 of none.
pub(super) fn hit_rate(answers: &[Answer]) -> f64 {
    let hits = answers.iter().filter(|answer| answer.class == answer.label);
    hits.count() as f64 / answers.len().max(1) as f64
}
