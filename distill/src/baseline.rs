//! What a model must beat: doing nothing, and a regression on a handful of summary numbers.

use veriregime_features::{CONTEXT_START, FEATURES};

use crate::data::{CLASSES, Samples};
use std::ops::Range;

/// Summary numbers per window: a constant, log volatility, and the last minute's trend, strength, MACD, volume, funding.
const SUMMARY: usize = 8;
const STEPS: usize = 300;
const RATE: f64 = 0.5;

/// The class HOLD for every window.
#[must_use]
pub fn always_hold(range: Range<usize>) -> Vec<u8> {
    vec![1; range.len()]
}

/// A class-balanced multinomial logistic regression on [`summary`] numbers, above all recent volatility.
pub struct Logistic {
    mean: [f64; SUMMARY],
    deviation: [f64; SUMMARY],
    weights: [[f64; SUMMARY]; CLASSES],
}

impl Logistic {
    /// Fits by gradient descent on the given samples.
    #[must_use]
    pub fn fit(samples: &Samples, range: Range<usize>, class_weights: &[f32; CLASSES]) -> Self {
        let mut rows: Vec<[f64; SUMMARY]> = range
            .clone()
            .map(|index| summary(samples.window(index)))
            .collect();
        let count = rows.len().max(1) as f64;
        let (mut mean, mut deviation) = ([0.0; SUMMARY], [1.0; SUMMARY]);
        for number in 1..SUMMARY {
            mean[number] = rows.iter().map(|row| row[number]).sum::<f64>() / count;
            let variance = rows
                .iter()
                .map(|row| (row[number] - mean[number]).powi(2))
                .sum::<f64>()
                / count;
            deviation[number] = variance.sqrt().max(1e-9);
        }
        let mut fitted = Self {
            mean,
            deviation,
            weights: [[0.0; SUMMARY]; CLASSES],
        };
        rows.iter_mut()
            .for_each(|row| *row = fitted.standardise(*row));
        for _ in 0..STEPS {
            let mut gradient = [[0.0; SUMMARY]; CLASSES];
            for (row, index) in rows.iter().zip(range.clone()) {
                let label = usize::from(samples.labels[index]);
                let shares = softmax(&fitted.scores(row));
                for class in 0..CLASSES {
                    let miss = (shares[class] - f64::from(class == label))
                        * f64::from(class_weights[label]);
                    for (sum, number) in gradient[class].iter_mut().zip(row) {
                        *sum += miss * number;
                    }
                }
            }
            for (weights, gradient) in fitted.weights.iter_mut().zip(&gradient) {
                weights
                    .iter_mut()
                    .zip(gradient)
                    .for_each(|(weight, sum)| *weight -= RATE * sum / count);
            }
        }
        fitted
    }

    /// Logits of every window in a range.
    #[must_use]
    pub fn logits(&self, samples: &Samples, range: Range<usize>) -> Vec<[f64; CLASSES]> {
        range
            .map(|index| self.scores(&self.standardise(summary(samples.window(index)))))
            .collect()
    }

    fn standardise(&self, row: [f64; SUMMARY]) -> [f64; SUMMARY] {
        // The constant has mean 0 and deviation 1 here, so it stays a constant.
        std::array::from_fn(|number| (row[number] - self.mean[number]) / self.deviation[number])
    }

    fn scores(&self, row: &[f64; SUMMARY]) -> [f64; CLASSES] {
        std::array::from_fn(|class| {
            self.weights[class]
                .iter()
                .zip(row)
                .map(|(weight, number)| weight * number)
                .sum()
        })
    }
}

/// The summary numbers of a window.
#[must_use]
pub fn summary(window: &[i8]) -> [f64; SUMMARY] {
    let column = |feature: usize| {
        window
            .iter()
            .take(CONTEXT_START)
            .skip(feature)
            .step_by(FEATURES)
            .map(|&value| f64::from(value))
    };
    let volatility = (column(0).map(|value| value * value).sum::<f64>() / 60.0 + 1.0).ln();
    let last = |feature: usize| column(feature).next_back().unwrap_or(0.0);
    [
        1.0,
        volatility,
        last(2),
        last(3),
        last(4),
        column(6).sum::<f64>() / 60.0,
        last(6),
        last(7),
    ]
}

fn softmax(scores: &[f64; CLASSES]) -> [f64; CLASSES] {
    let top = scores.iter().copied().fold(f64::MIN, f64::max);
    let powers = scores.map(|score| (score - top).exp());
    let sum: f64 = powers.iter().sum();
    powers.map(|power| power / sum)
}
